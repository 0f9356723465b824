"""A form's life: drafted, published, retired by its next version. What a patient has read never changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Location, Staff
from clinic.operations.audit import allow, record
from clinic.rules.jurisdictions import Jurisdiction
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Consent, ConsentForm
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import FormState, label_of_version
from patients.rules.consent_library import LibraryForm
from patients.rules.consent_text import tidy, why_not_text
from patients.rules.happened import Happened


@dataclass(frozen=True, slots=True)
class FormWords:
    """What a manager writes."""

    title: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class FormsLoaded:
    """How many forms of the library were new and published, wait as drafts, or stood already."""

    published: int
    drafted: int
    same: int


@transaction.atomic
def draft_consent_form(
    *, topic: ConsentTopic, location_id: UUID | None, jurisdiction: str, words: FormWords, by: Staff, now: datetime
) -> ConsentForm:
    """Begin a form, or the next version of one that is there. Refusals: jurisdiction, draft_exists, title, text."""
    allow(by, Deed.CHANGE_CLINIC)
    if location_id and jurisdiction:
        raise Refusal("jurisdiction", "A form for one location follows that location: leave the jurisdiction empty.")
    if jurisdiction and jurisdiction not in set(Jurisdiction):
        raise Refusal("jurisdiction", "That is no jurisdiction this program knows.")
    place = Location.objects.visible_to(by).get(pk=location_id) if location_id else None
    return _draft(ConsentForm(topic=topic, location=place, jurisdiction=jurisdiction), words, by, now)


@transaction.atomic
def make_next_version(*, form_id: UUID, by: Staff, now: datetime) -> ConsentForm:
    """Copy a form's words into a draft, to be changed and published in its place."""
    allow(by, Deed.CHANGE_CLINIC)
    old = ConsentForm.objects.visible_to(by).select_related("location").get(pk=form_id)
    draft = ConsentForm(topic=old.topic, location=old.location, jurisdiction=old.jurisdiction)
    return _draft(draft, FormWords(old.title, old.text, old.source), by, now)


@transaction.atomic
def change_consent_form(*, form_id: UUID, words: FormWords, by: Staff, now: datetime) -> ConsentForm:
    """Change a draft's words. Refusals: published, title, text."""
    allow(by, Deed.CHANGE_CLINIC)
    form = _locked_draft(form_id, by, "Patients have read this version: make the next one and change that.")
    _write(form, words)
    record(Happened.CONSENT_FORM_CHANGED, about=form, by=by, now=now, location=form.location)
    return form


@transaction.atomic
def publish_consent_form(*, form_id: UUID, by: Staff, now: datetime) -> ConsentForm:
    """Put a draft in force and retire the version before it. Refusals: published."""
    allow(by, Deed.CHANGE_CLINIC)
    form = _locked_draft(form_id, by, "This version has been published already.")
    return _publish(form, by, now)


@transaction.atomic
def load_consent_library(forms: Iterable[LibraryForm], *, now: datetime) -> FormsLoaded:
    """Bring in the forms the program ships. Idempotent.

    A new clinic begins with them published. Where consents are on record they wait as drafts: publishing asks
    patients to sign again, which a manager decides. A draft a manager is writing is left alone.
    """
    is_new_clinic = not Consent.objects.exists()
    published = drafted = same = 0
    for words in forms:
        form = ConsentForm(topic=words.topic, jurisdiction=words.jurisdiction, fingerprint=words.fingerprint)
        family = ConsentForm.objects.family_of(form)
        if family.filter(fingerprint=words.fingerprint).exists() or family.filter(state=FormState.DRAFT).exists():
            same += 1
            continue
        is_first = not family.exists()
        _draft(form, FormWords(words.title, words.text, words.source), None, now)
        if is_new_clinic and is_first:
            _publish(form, None, now)
            published += 1
        else:
            drafted += 1
    return FormsLoaded(published, drafted, same)


def _draft(form: ConsentForm, words: FormWords, by: Staff | None, now: datetime) -> ConsentForm:
    family = ConsentForm.objects.family_of(form)
    if family.filter(state=FormState.DRAFT).exists():
        raise Refusal("draft_exists", "The next version of this form is being written already: go on with that one.")
    newest = family.order_by("-version").first()
    form.version = newest.version + 1 if newest else 1
    _write(form, words)
    record(Happened.CONSENT_FORM_DRAFTED, about=form, by=by, now=now, location=form.location)
    return form


def _write(form: ConsentForm, words: FormWords) -> None:
    if wrong := why_not_text(words.title, words.text):
        raise Refusal(*wrong)
    form.title, form.text, form.source = words.title.strip(), tidy(words.text), words.source.strip()
    form.save()


def _publish(form: ConsentForm, by: Staff | None, now: datetime) -> ConsentForm:
    family = ConsentForm.objects.family_of(form)
    for old in family.select_for_update(of=("self",)).filter(state=FormState.PUBLISHED):
        old.state = FormState.RETIRED
        old.save(update_fields=["state"])
    form.label = label_of_version(now.year, set(family.values_list("label", flat=True)))
    form.state, form.published_at = FormState.PUBLISHED, now
    form.save()
    details = {"topic": form.topic, "for": form.whom_for, "version": form.label}
    record(Happened.CONSENT_FORM_PUBLISHED, about=form, by=by, now=now, location=form.location, details=details)
    return form


def _locked_draft(form_id: UUID, by: Staff, otherwise: str) -> ConsentForm:
    rows = ConsentForm.objects.visible_to(by).select_related("location").select_for_update(of=("self",))
    form = rows.get(pk=form_id)
    if form.state != FormState.DRAFT:
        raise Refusal("published", otherwise)
    return form
