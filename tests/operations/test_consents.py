"""Signing, declining, taking back; forms from draft to retirement; and what both mean for the first session."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from clinic.models import AuditLine, Location
from clinic.rules.refusal import Forbidden
from patients.models import Consent, ConsentForm, Patient
from patients.models.consent_facts import ConsentBook, consent_faults, forms_for
from patients.models.facts import why_no_consent
from patients.operations.consent_forms import (
    FormWords,
    change_consent_form,
    draft_consent_form,
    load_consent_library,
    make_next_version,
    publish_consent_form,
)
from patients.operations.consents import Answer, Signature, record_consent, sign_consents, withdraw_consent
from patients.queries.consent_forms import patients_to_ask_again
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import FormState, SigningMethod
from patients.rules.consent_library import read_consent_library
from plans.operations.plans import activate_plan
from tests.cast import INK, SINGLE, Cast, open_clinic, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]
TREATMENT, TEACHING = ConsentTopic.TREATMENT, ConsentTopic.PHOTO_TEACHING
EXOSOMES = ("exosome",)


@pytest.fixture
def own_media(tmp_path: Path, settings: Any) -> None:
    """A folder of this test alone: others sign at the same moment."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def noor(cast: Cast) -> Patient:
    return cast.patient()


@pytest.fixture
def form(cast: Cast) -> ConsentForm:
    return published(cast)


def published(cast: Cast, topic: ConsentTopic = TREATMENT, *, here: bool = False, law: str = "") -> ConsentForm:
    place = cast.here.pk if here else None
    words = FormWords("Treatment", f"We explain, {len(ConsentForm.objects.all())}.\nI agree.")
    by = {"by": cast.manager, "now": cast.now}
    draft = draft_consent_form(topic=topic, location_id=place, jurisdiction=law, words=words, **by)
    return publish_consent_form(form_id=draft.pk, **by)


def next_version(cast: Cast, form: ConsentForm) -> ConsentForm:
    draft = make_next_version(form_id=form.pk, by=cast.manager, now=cast.now)
    words = FormWords(draft.title, f"{draft.text}\nAnd more.")
    change_consent_form(form_id=draft.pk, words=words, by=cast.manager, now=cast.now)
    return publish_consent_form(form_id=draft.pk, by=cast.manager, now=cast.now)


def signed(cast: Cast, patient: Patient, *answers: Answer, **more: Any) -> list[Consent]:
    wish = {"signature": Signature(SigningMethod.DRAWN, "", INK), "told_on": cast.today, "by": cast.desk, **more}
    return sign_consents(patient_id=patient.pk, answers=answers, now=cast.now, **wish)


def files() -> set[Path]:
    return {path for path in Path(default_storage.location, "signatures").rglob("*") if path.is_file()}  # type: ignore[attr-defined]


# -- signing ---------------------------------------------------------------------------------------------------------
def test_one_signature_stands_under_everything_answered_together(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    yes, no = signed(cast, noor, Answer(TREATMENT, True, form.pk), Answer(TEACHING, False, form_version="paper 3"))
    assert yes.signing == no.signing is not None
    assert yes.signature.name == no.signature.name
    assert yes.signature.name.startswith("signatures/") and yes.signature.name.endswith(".svg")
    assert (yes.form, yes.form_version, yes.signed_name, yes.method) == (form, "2026-1", noor.name, "drawn")
    assert default_storage.open(yes.signature.name).read().startswith(b"<svg ")
    assert set(AuditLine.objects.filter(patient_id=noor.pk).values_list("happened", flat=True)) >= {
        "consent.given",
        "consent.declined",
    }


def test_a_no_is_kept_and_never_in_force(cast: Cast, noor: Patient) -> None:
    signed(cast, noor, Answer(TEACHING, True, form_version="1"))
    signed(cast, noor, Answer(TEACHING, False, form_version="1"))
    assert not noor.consents.in_force().exists()
    assert noor.consents.filter(said_no=True, withdrawn_reason="Said no when asked.").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        noor.consents.filter(said_no=True).update(withdrawn_on=None)


@pytest.mark.parametrize(
    ("signature", "sentence"),
    [
        (Signature(SigningMethod.DRAWN), "Sign in the box"),
        (Signature(SigningMethod.UPLOADED), "Choose the photo"),
        (Signature(SigningMethod.TYPED, "  "), "Type the name"),
    ],
)
def test_nothing_is_agreed_without_a_signature(
    cast: Cast, noor: Patient, form: ConsentForm, signature: Signature, sentence: str
) -> None:
    with refused("signature"):
        signed(cast, noor, Answer(TREATMENT, True, form.pk), signature=signature)
    signed(cast, noor, Answer(TREATMENT, True, form.pk))
    assert noor.consents.in_force().count() == 1


def test_a_refused_sheet_leaves_no_row_and_no_file(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    before = files()
    answers = Answer(TREATMENT, True, form.pk), Answer(TEACHING, True, form_version=" ")
    with refused("form_version"):
        signed(cast, noor, *answers)
    assert not Consent.objects.exists()
    assert files() == before
    signed(cast, noor, answers[0])
    assert len(files() - before) == 1


def test_only_the_text_in_force_can_be_signed(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    newer = next_version(cast, form)
    with refused("form_changed"):
        signed(cast, noor, Answer(TREATMENT, True, form.pk))
    signed(cast, noor, Answer(TREATMENT, True, newer.pk))
    assert noor.consents.in_force().get().form == newer


def test_a_version_written_by_hand_finds_its_form(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    common = {"patient_id": noor.pk, "topic": TREATMENT, "told_on": cast.today, "by": cast.desk, "now": cast.now}
    assert record_consent(form_version="2025-7", **common).form is None
    assert record_consent(form_version=" 2026-1 ", **common).form == form


def test_signing_again_replaces_and_says_so(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    [first] = signed(cast, noor, Answer(TREATMENT, True, form.pk))
    [second] = signed(cast, noor, Answer(TREATMENT, True, form.pk))
    first.refresh_from_db()
    assert (first.withdrawn_on, first.withdrawn_reason) == (cast.today, "Replaced by version 2026-1.")
    assert noor.consents.in_force().get() == second


def test_what_is_taken_back_keeps_its_reason(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    [consent] = signed(cast, noor, Answer(TREATMENT, True, form.pk))
    common = {"consent_id": consent.pk, "by": cast.desk, "now": cast.now}
    with refused("withdrawn_on"):
        withdraw_consent(withdrawn_on=cast.today + timedelta(days=1), **common)
    withdraw_consent(withdrawn_on=cast.today, reason=" Changed her mind ", **common)
    consent.refresh_from_db()
    assert (consent.withdrawn_on, consent.withdrawn_reason) == (cast.today, "Changed her mind")


@pytest.mark.parametrize("who", ["manager", "outsider"])
def test_neither_a_manager_nor_a_stranger_takes_a_signature(
    cast: Cast, noor: Patient, form: ConsentForm, who: str
) -> None:
    before = files()
    with pytest.raises((Forbidden, Patient.DoesNotExist)):
        signed(cast, noor, Answer(TREATMENT, True, form.pk), by=getattr(cast, who))
    assert not Consent.objects.exists()
    assert files() == before


# -- forms -----------------------------------------------------------------------------------------------------------
def test_a_published_text_never_changes(cast: Cast, form: ConsentForm) -> None:
    words = FormWords("Other", "Other words.")
    with refused("published"):
        change_consent_form(form_id=form.pk, words=words, by=cast.manager, now=cast.now)
    with refused("published"):
        publish_consent_form(form_id=form.pk, by=cast.manager, now=cast.now)
    draft = make_next_version(form_id=form.pk, by=cast.manager, now=cast.now)
    change_consent_form(form_id=draft.pk, words=words, by=cast.manager, now=cast.now)
    form.refresh_from_db()
    assert form.title == "Treatment"


def test_publishing_retires_the_version_before(cast: Cast, form: ConsentForm) -> None:
    newer = next_version(cast, form)
    form.refresh_from_db()
    assert (form.state, newer.state) == (FormState.RETIRED, FormState.PUBLISHED)
    assert (newer.version, newer.label) == (2, "2026-2")


def test_one_next_version_is_written_at_a_time(cast: Cast, form: ConsentForm) -> None:
    make_next_version(form_id=form.pk, by=cast.manager, now=cast.now)
    with refused("draft_exists"):
        make_next_version(form_id=form.pk, by=cast.manager, now=cast.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentForm.objects.create(topic=TREATMENT, version=9, title="x", text="y")


@pytest.mark.parametrize(("title", "text", "code"), [("", "I agree.", "title"), ("T", " \n", "text")])
def test_a_form_needs_words(cast: Cast, title: str, text: str, code: str) -> None:
    wish = {"topic": TREATMENT, "location_id": None, "jurisdiction": "", "by": cast.manager, "now": cast.now}
    with refused(code):
        draft_consent_form(words=FormWords(title, text), **wish)
    assert draft_consent_form(words=FormWords("T", "I agree."), **wish).version == 1


def test_forms_are_a_managers_and_a_places_own_are_its_own_managers(cast: Cast, form: ConsentForm) -> None:
    with pytest.raises(Forbidden):
        make_next_version(form_id=form.pk, by=cast.desk, now=cast.now)
    words = FormWords("T", "I agree.")
    wish = {"topic": TREATMENT, "jurisdiction": "", "words": words, "by": cast.manager, "now": cast.now}
    unseen = Location.objects.create(name="Elsewhere", time_zone="UTC", phone="1", email="a@example.org")
    with pytest.raises(Location.DoesNotExist):
        draft_consent_form(location_id=unseen.pk, **wish)
    with refused("jurisdiction"):
        draft_consent_form(location_id=cast.here.pk, **{**wish, "jurisdiction": "uk"})
    assert draft_consent_form(location_id=cast.here.pk, **wish).whom_for == cast.here.name


def test_a_new_clinic_begins_with_the_shipped_forms_and_another_gets_drafts(cast: Cast, noor: Patient) -> None:
    library = read_consent_library()
    cast.consent(noor, TREATMENT)
    done = load_consent_library(library, now=cast.now)
    assert (done.published, done.drafted) == (0, len(library))
    assert not consent_faults(noor, ("prp",))
    ConsentForm.objects.all().delete()
    Consent.objects.all().delete()
    assert load_consent_library(library, now=cast.now).published == len(library)
    assert load_consent_library(library, now=cast.now).same == len(library)
    assert set(forms_for(noor)) == set(ConsentTopic)


def test_a_changed_library_waits_as_a_draft(cast: Cast) -> None:
    library = read_consent_library()
    load_consent_library(library, now=cast.now)
    first = ConsentForm.objects.published().get(topic=TREATMENT)
    ConsentForm.objects.filter(pk=first.pk).update(fingerprint="as it was before")
    assert load_consent_library(library, now=cast.now).drafted == 1
    first.refresh_from_db()
    assert first.state == FormState.PUBLISHED


# -- the first session -----------------------------------------------------------------------------------------------
def test_an_outdated_consent_refuses_the_first_session_and_no_later_one(
    cast: Cast, noor: Patient, form: ConsentForm
) -> None:
    signed(cast, noor, Answer(TREATMENT, True, form.pk))
    assert why_no_consent(noor, ("prp",)) is None
    next_version(cast, form)
    no = why_no_consent(noor, ("prp",))
    assert no is not None and no.code == "consent_outdated"
    assert "Treatment: agreed to version 2026-1, in force is version 2026-2." in no.sentence
    assert why_no_consent(noor, ("prp",), first_session=False) is None


def test_a_missing_consent_refuses_every_session(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    for first in (True, False):
        no = why_no_consent(noor, EXOSOMES, first_session=first)
        assert no is not None and no.code == "no_consent"
        assert "treatment, off-label use, experimental treatment" in no.sentence


def test_without_a_published_form_nothing_is_outdated(cast: Cast, noor: Patient) -> None:
    cast.consent(noor)
    assert why_no_consent(noor, EXOSOMES) is None


def test_no_plan_is_activated_on_an_outdated_consent_whatever_the_reason(cast: Cast, noor: Patient) -> None:
    cast.consent(noor, TREATMENT)
    draft = cast.draft(noor, cast.assess(noor), SINGLE)
    form = published(cast)
    for reason in ("", "She is in a hurry"):
        with refused("consent_outdated"):
            activate_plan(plan_id=draft.pk, override_reason=reason, by=cast.doctor, now=cast.now)
    signed(cast, noor, Answer(TREATMENT, True, form.pk))
    activate_plan(plan_id=draft.pk, by=cast.doctor, now=cast.now)


def test_the_jurisdictions_form_is_asked_where_it_holds(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    british = published(cast, law="uk")
    assert forms_for(noor)[TREATMENT] == form
    cast.here.jurisdiction = "uk"
    cast.here.save()
    noor.refresh_from_db()
    assert forms_for(noor)[TREATMENT] == british
    own = published(cast, here=True)
    assert forms_for(noor)[TREATMENT] == own


def test_publishing_counts_whom_it_will_ask_again(cast: Cast, noor: Patient, form: ConsentForm) -> None:
    def waiting() -> list[Patient]:
        draft = make_next_version(form_id=form.pk, by=cast.manager, now=cast.now)
        found = list(patients_to_ask_again(draft))
        draft.delete()
        return found

    signed(cast, noor, Answer(TREATMENT, True, form.pk))
    assert waiting() == []
    plan = cast.draft(noor, cast.assess(noor), SINGLE)
    assert waiting() == [noor]
    published(cast, here=True)  # her own place has its own text now: this one is not hers any more
    assert waiting() == []
    ConsentForm.objects.filter(location=cast.here).delete()
    plan.sessions.filter(number=1).update(state="done", started_at=cast.now, ended_at=cast.now)
    assert waiting() == []


def test_many_patients_are_judged_in_two_queries(cast: Cast, form: ConsentForm, django_assert_num_queries: Any) -> None:
    patients = [cast.patient(f"Noor{n}") for n in range(5)]
    for patient in patients[:3]:
        signed(cast, patient, Answer(TREATMENT, True, form.pk))
    people = list(Patient.objects.select_related("home_location"))
    with django_assert_num_queries(2):  # consents with their forms, forms in force
        book = ConsentBook.read(person.pk for person in people)
        faults = {person: book.faults(person, ("prp",), first_session=True) for person in people}
    assert {person for person, found in faults.items() if not found} == set(patients[:3])
