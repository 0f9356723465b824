from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.rules.wording import day_words
from patients.models import Consent, Patient
from patients.rules.consent import ConsentTopic
from patients.rules.happened import Happened


@transaction.atomic
def record_consent(
    *, patient_id: UUID, topic: ConsentTopic, form_version: str, told_on: date, by: Staff, now: datetime
) -> Consent:
    """The patient was told and agreed. A newer form replaces the one in force on the same topic."""
    allow(by, Deed.RECORD_CONSENT)
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=patient_id)
    today = now.astimezone(patient.home_location.zone).date()
    if told_on > today:
        raise Refusal("told_on", "The day the patient was told cannot lie in the future.")
    if not form_version.strip():
        raise Refusal("form_version", "Write which version of the form the patient read.")
    current = patient.consents.in_force().filter(topic=topic).first()
    if current is not None:
        if current.form_version == form_version.strip():
            return current
        current.withdrawn_on = max(told_on, current.told_on)
        current.save()
    consent = Consent.objects.create(
        patient=patient, topic=topic, form_version=form_version.strip(), told_on=told_on, recorded_by=by
    )
    record(
        Happened.CONSENT_GIVEN,
        about=consent,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=patient.home_location,
        details={"topic": topic.value, "form": consent.form_version},
    )
    return consent


@transaction.atomic
def withdraw_consent(*, consent_id: UUID, withdrawn_on: date, by: Staff, now: datetime) -> Consent:
    allow(by, Deed.RECORD_CONSENT)
    consent = Consent.objects.visible_to(by).select_for_update(of=("self",)).get(pk=consent_id)
    if consent.withdrawn_on:
        raise Refusal("withdrawn", f"This consent was withdrawn on {day_words(consent.withdrawn_on)} already.")
    if withdrawn_on < consent.told_on:
        raise Refusal("withdrawn_on", "Consent cannot be withdrawn before it was given.")
    consent.withdrawn_on = withdrawn_on
    consent.save()
    record(Happened.CONSENT_WITHDRAWN, about=consent, by=by, now=now, patient_id=consent.patient_id)
    return consent
