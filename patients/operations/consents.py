"""What a patient was told, agreed to, declined and took back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from clinic.models import Staff
from clinic.models.ids import new_id
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.rules.wording import day_words
from patients.models import Consent, ConsentForm, Patient
from patients.models.consent_facts import forms_for
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import SigningMethod
from patients.rules.consent_signature import EMPTY, Strokes, draw
from patients.rules.happened import Happened

SAID_NO = "Said no when asked."


@dataclass(frozen=True, slots=True)
class Answer:
    """One topic, answered. `form_id`: the form that was read; without one, `form_version` as written on the paper."""

    topic: ConsentTopic
    agrees: bool
    form_id: UUID | None = None
    form_version: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature for all that was answered together. `scan`: a JPEG that has been through the darkroom."""

    method: SigningMethod
    name: str = ""
    strokes: Strokes = ()
    scan: bytes = b""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A signature as the rows keep it."""

    method: str = ""
    name: str = ""
    file: str = ""
    signing: UUID | None = None


def sign_consents(
    *, patient_id: UUID, answers: Sequence[Answer], signature: Signature, told_on: date, by: Staff, now: datetime
) -> list[Consent]:
    """Record everything that was answered on one sheet, or nothing of it.

    Refusals: no_answer, signature, told_on, form_version, form_changed. The file is written before the rows, which
    never lack it, and goes again when they are refused.
    """
    allow(by, Deed.RECORD_CONSENT)
    if not answers:
        raise Refusal("no_answer", "Choose yes or no for at least one topic.")
    if refusal := _why_not_signed(signature):
        raise refusal
    file = _store(signature)
    kept = _Kept(signature.method.value, signature.name.strip(), file, new_id())
    try:
        with transaction.atomic():
            patient = _locked_patient(patient_id, by)
            return [_answered(patient, answer, kept, told_on, by, now) for answer in answers]
    except BaseException:
        if file:
            default_storage.delete(file)
        raise


@transaction.atomic
def record_consent(
    *,
    patient_id: UUID,
    topic: ConsentTopic,
    form_version: str = "",
    told_on: date,
    form_id: UUID | None = None,
    method: SigningMethod | None = None,
    signed_name: str = "",
    by: Staff,
    now: datetime,
) -> Consent:
    """The patient was told and agreed. A newer form replaces the one in force on the same topic."""
    allow(by, Deed.RECORD_CONSENT)
    patient = _locked_patient(patient_id, by)
    kept = _Kept(method.value if method else "", signed_name.strip())
    return _answered(patient, Answer(topic, True, form_id, form_version), kept, told_on, by, now)


@transaction.atomic
def withdraw_consent(*, consent_id: UUID, withdrawn_on: date, reason: str = "", by: Staff, now: datetime) -> Consent:
    """The patient takes a yes back. They owe nobody a reason; one that is given is kept."""
    allow(by, Deed.RECORD_CONSENT)
    rows = Consent.objects.visible_to(by).select_related("patient__home_location")
    consent = rows.select_for_update(of=("self",)).get(pk=consent_id)
    if consent.withdrawn_on:
        raise Refusal("withdrawn", f"This consent was withdrawn on {day_words(consent.withdrawn_on)} already.")
    if withdrawn_on < consent.told_on:
        raise Refusal("withdrawn_on", "Consent cannot be withdrawn before it was given.")
    if withdrawn_on > _today(consent.patient, now):
        raise Refusal("withdrawn_on", "The day of the withdrawal cannot lie in the future.")
    consent.withdrawn_on, consent.withdrawn_reason = withdrawn_on, reason.strip()[:300]
    consent.save()
    record(
        Happened.CONSENT_WITHDRAWN,
        about=consent,
        by=by,
        now=now,
        patient_id=consent.patient_id,
        reason=consent.withdrawn_reason,
        details={"topic": consent.topic},
    )
    return consent


def _answered(patient: Patient, answer: Answer, kept: _Kept, told_on: date, by: Staff, now: datetime) -> Consent:
    form, words = _form_read(patient, answer)
    if told_on > _today(patient, now):
        raise Refusal("told_on", "The day the patient was told cannot lie in the future.")
    if not words:
        raise Refusal("form_version", "Write which version of the form the patient read.")
    current = patient.consents.in_force().filter(topic=answer.topic).first()
    if current is not None:
        if answer.agrees and not kept.signing and (current.form_version, current.form) == (words, form):
            return current
        _replace(current, f"Replaced by version {words}." if answer.agrees else SAID_NO, told_on)
    consent = Consent(
        patient=patient,
        topic=answer.topic,
        form=form,
        form_version=words,
        told_on=told_on,
        method=kept.method,
        signed_name=kept.name or (patient.name if kept.method else ""),
        signature=kept.file,
        signing=kept.signing,
        recorded_by=by,
    )
    if not answer.agrees:
        # What was asked and declined is kept beside what was agreed, and is never in force.
        consent.said_no, consent.withdrawn_on, consent.withdrawn_reason = True, told_on, SAID_NO
    consent.save()
    record(
        Happened.CONSENT_GIVEN if answer.agrees else Happened.CONSENT_DECLINED,
        about=consent,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=patient.home_location,
        details={"topic": answer.topic.value, "form": consent.form_version, "signed": kept.method},
    )
    return consent


def _form_read(patient: Patient, answer: Answer) -> tuple[ConsentForm | None, str]:
    """The form this answer is about and its version in words. Only the text in force can be agreed to."""
    applies = forms_for(patient).get(answer.topic)
    if answer.form_id is None:
        words = answer.form_version.strip()
        return (applies if applies and applies.label == words else None), words
    if applies is None or applies.pk != answer.form_id:
        raise Refusal(
            "form_changed", f"{answer.topic.label}: another version is in force by now. Read it on this page again."
        )
    return applies, applies.label


def _replace(current: Consent, reason: str, told_on: date) -> None:
    current.withdrawn_on, current.withdrawn_reason = max(told_on, current.told_on), reason
    current.save()


def _why_not_signed(signature: Signature) -> Refusal | None:
    if signature.method is SigningMethod.DRAWN and not signature.strokes:
        return Refusal("signature", EMPTY)
    if signature.method is SigningMethod.UPLOADED and not signature.scan:
        return Refusal("signature", "Choose the photo or scan of the signed form.")
    if signature.method is SigningMethod.TYPED and not signature.name.strip():
        return Refusal("signature", "Type the name of whoever signs.")
    return None


def _store(signature: Signature) -> str:
    """Write the picture under a name that says nothing of the person; "" where there is none."""
    if signature.method is SigningMethod.DRAWN:
        content, kind = draw(signature.strokes).encode(), "svg"
    elif signature.method is SigningMethod.UPLOADED:
        content, kind = signature.scan, "jpg"
    else:
        return ""
    stem = new_id().hex
    return default_storage.save(f"signatures/{stem[-2:]}/{stem}.{kind}", ContentFile(content))


def _locked_patient(patient_id: UUID, by: Staff) -> Patient:
    rows = Patient.objects.visible_to(by).select_related("home_location")
    return rows.select_for_update(of=("self",)).get(pk=patient_id)


def _today(patient: Patient, now: datetime) -> date:
    return now.astimezone(patient.home_location.zone).date()
