"""Asking, signing, reading and taking back on the pages; and what arrives when somebody means harm."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from patients.models import Consent, ConsentForm, Patient
from patients.operations.consent_forms import load_consent_library, make_next_version, publish_consent_form
from patients.rules.consent import ConsentTopic
from patients.rules.consent_library import read_consent_library
from plans.darkroom.painter import paint_scalp
from tests.cast import INK, SINGLE, Cast, open_clinic

pytestmark = pytest.mark.django_db
NEEDED = (ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL)


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    made = open_clinic()
    for person in (made.desk, made.doctor, made.manager, made.outsider):
        person.is_staff = True
        person.save()
    monkeypatch.setattr("clinic.clock.now", lambda: made.now)
    return made


@pytest.fixture
def forms(cast: Cast) -> None:
    load_consent_library(read_consent_library(), now=cast.now)


@pytest.fixture
def noor(cast: Cast) -> Patient:
    return cast.patient()


@pytest.fixture
def desk(cast: Cast) -> Client:
    return browser(cast.desk)


def browser(person: Staff) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sheet(cast: Cast, **said: Any) -> dict[str, Any]:
    """What the page sends when everything needed is answered with yes and signed by hand."""
    forms = {f"form-{form.topic}": str(form.pk) for form in ConsentForm.objects.published().filter(jurisdiction="")}
    yes = {f"answer-{topic.value}": "yes" for topic in NEEDED}
    signed = {"method": "drawn", "strokes": json.dumps(INK), "told_on": cast.today.isoformat(), "signed_name": ""}
    return {**forms, **yes, **signed, **said}


def ask(client: Client, patient: Patient, said: dict[str, Any], **more: Any) -> str:
    url = reverse("patients:consent-ask", args=[patient.pk])
    return client.post(url, said, follow=True, **more).content.decode()


def next_published(cast: Cast, topic: ConsentTopic = ConsentTopic.TREATMENT) -> ConsentForm:
    old = ConsentForm.objects.published().get(topic=topic, jurisdiction="")
    draft = make_next_version(form_id=old.pk, by=cast.manager, now=cast.now)
    return publish_consent_form(form_id=draft.pk, by=cast.manager, now=cast.now)


# -- asking and signing ----------------------------------------------------------------------------------------------
def test_the_page_shows_the_very_text_that_is_signed(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    page = desk.get(reverse("patients:consent-ask", args=[noor.pk])).content.decode()
    form = ConsentForm.objects.published().get(topic=ConsentTopic.TREATMENT)
    assert all(sentence in page for sentence in form.sentences)
    assert f'name="form-treatment" value="{form.pk}"' in page
    assert " checked" not in page.partition("How it is signed")[0]  # a yes that was ticked beforehand is none


def test_one_signature_for_several_topics(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    page = ask(desk, noor, sheet(cast, **{"answer-photo_teaching": "no"}))
    assert "Consent is recorded: treatment, off-label use, experimental treatment." in page
    assert "Said no: photos for teaching." in page
    assert set(noor.consents.in_force().values_list("topic", flat=True)) == set(NEEDED)
    assert noor.consents.values_list("signing", flat=True).distinct().count() == 1


def test_the_three_uses_of_photos_are_three_answers(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    photos = {"answer-photo_record": "yes", "answer-photo_teaching": "no"}
    ask(desk, noor, sheet(cast, **photos))
    given = noor.consents.in_force().filter(topic__startswith="photo")
    assert list(given.values_list("topic", flat=True)) == ["photo_record"]
    assert noor.consents.filter(said_no=True).get().topic == "photo_teaching"
    assert not noor.consents.filter(topic="photo_marketing").exists()


def test_the_name_can_be_typed_and_paper_be_kept(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    page = ask(desk, noor, sheet(cast, method="typed", strokes=""))
    assert "Type the name: it stands for the signature." in page
    assert not Consent.objects.exists()
    ask(desk, noor, sheet(cast, method="typed", strokes="", signed_name="Noor’s mother"))
    assert noor.consents.first().signed_name == "Noor’s mother"
    ask(desk, noor, sheet(cast, method="on_paper", strokes=""))
    assert set(noor.consents.in_force().values_list("method", flat=True)) == {"on_paper"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"strokes": ""}, "Sign in the box"),
        ({"strokes": "[[[NaN, 1], [500, 1]]]"}, "did not arrive whole"),
        ({"strokes": '[[["<svg onload=alert(1)>", 1], [2, 2]]]'}, "did not arrive whole"),
        ({"strokes": '{"points": 3}'}, "did not arrive whole"),
        ({"strokes": json.dumps([[[1, 1]] * 9_000])}, "more than a signature"),
        ({"strokes": "[" * 300_000}, "more than a signature"),
        ({"method": "by magic"}, "Select a valid choice"),
        ({"method": ""}, "Choose how it is signed."),
        ({"method": "uploaded"}, "Choose the photo or scan of the signed form."),
        ({"told_on": "2199-01-01"}, "cannot lie in the future"),
        ({"told_on": "yesterday"}, "Enter a valid date."),
        ({"answer-treatment": "perhaps"}, "Select a valid choice"),
        ({"form-treatment": "not-an-id"}, "Enter a valid UUID."),
        ({f"answer-{topic.value}": "" for topic in NEEDED}, "Choose yes or no for at least one topic."),
        ({"signed_name": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_sheet_that_is_not_right_records_nothing_and_says_why(
    cast: Cast, forms: None, desk: Client, noor: Patient, change: dict[str, str], sentence: str
) -> None:
    page = ask(desk, noor, sheet(cast, **change))
    assert sentence in page
    assert not Consent.objects.exists()
    ask(desk, noor, sheet(cast))
    assert noor.consents.in_force().count() == 3


def test_a_refused_sheet_keeps_the_answers_and_the_ink(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    page = ask(desk, noor, sheet(cast, told_on=(cast.today + timedelta(days=1)).isoformat()))
    assert 'id="treatment-yes" checked' in page
    assert "[[[100, 200], [300, 60]".replace(" ", "") in page.replace(" ", "")


def test_a_text_that_was_replaced_meanwhile_is_read_again(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    said = sheet(cast)
    newer = next_published(cast)
    page = ask(desk, noor, said)
    assert "another version is in force by now" in page
    assert f'name="form-treatment" value="{newer.pk}"' in page
    assert not Consent.objects.exists()


def test_where_nothing_is_published_the_papers_version_is_written(cast: Cast, desk: Client, noor: Patient) -> None:
    page = ask(desk, noor, sheet(cast))
    assert "Write which version of the form the patient read." in page
    url = reverse("patients:consent-ask", args=[noor.pk])
    assert desk.post(url + "?back=/plans/x/", sheet(cast, form_version="7"))["Location"] == "/plans/x/"
    assert set(noor.consents.in_force().values_list("topic", "form_version")) == {(t.value, "7") for t in NEEDED}


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "/\\evil.test"])
def test_back_never_leads_out_of_the_house(cast: Cast, forms: None, desk: Client, noor: Patient, back: str) -> None:
    answer = desk.post(f"{reverse('patients:consent-ask', args=[noor.pk])}?back={back}", sheet(cast))
    assert answer["Location"] == reverse("patients:consent", args=[noor.pk])


# -- uploads ---------------------------------------------------------------------------------------------------------
def upload(name: str, content: bytes, kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def test_a_scan_is_kept_as_a_picture_of_our_own_making(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    sent = paint_scalp("vertex", density=0.5, seed=3, size=(640, 480))
    page = ask(desk, noor, sheet(cast, method="uploaded", strokes="", scan=upload("Noor Sample0.png", sent)))
    assert "Consent is recorded" in page
    name = noor.consents.first().signature.name
    stored = default_storage.open(name).read()
    assert name.endswith(".jpg") and "Noor" not in name
    assert stored.startswith(b"\xff\xd8\xff") and stored != sent


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("sign.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a photo we keep"),
        ("sign.jpg", b"<svg onload=alert(1)>", "send a JPEG, PNG"),
        ("sign.jpg", b"\xff\xd8\xff" + bytes(200), "damaged"),
        ("sign.pdf", b"%PDF-1.7", "not a photo we keep"),
        ("sign.jpg", b"", "empty"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(
    cast: Cast, forms: None, desk: Client, noor: Patient, name: str, content: bytes, sentence: str
) -> None:
    page = ask(desk, noor, sheet(cast, method="uploaded", strokes="", scan=upload(name, content)))
    assert sentence in page
    assert not Consent.objects.exists()


def test_a_file_that_is_too_large_is_not_read_to_its_end(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    page = ask(desk, noor, sheet(cast, method="uploaded", strokes="", scan=upload("s.jpg", bytes(41 * 1024 * 1024))))
    assert "over 40 MB" in page
    assert not Consent.objects.exists()


# -- the signature ---------------------------------------------------------------------------------------------------
def test_a_signature_is_shown_to_those_who_take_one_and_to_nobody_else(cast: Cast, forms: None, noor: Patient) -> None:
    consent = cast.sign(noor)[0]
    for name in ("patients:consent-signature", "patients:consent-signed"):
        url = reverse(name, args=[consent.pk])
        statuses = {
            who: browser(getattr(cast, who)).get(url).status_code for who in ("desk", "doctor", "manager", "outsider")
        }
        assert statuses == {"desk": 200, "doctor": 200, "manager": 403, "outsider": 404}
        assert Client().get(url).status_code == 302


def test_a_signature_runs_nothing_and_is_kept_nowhere(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    consent = cast.sign(noor)[0]
    answer = desk.get(reverse("patients:consent-signature", args=[consent.pk]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert (
        answer["Content-Security-Policy"].startswith("default-src 'none'")
        and "sandbox" in answer["Content-Security-Policy"]
    )
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    assert "Noor" not in answer["Content-Disposition"]


def test_a_signature_that_is_not_there_is_not_found(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    cast.consent(noor, ConsentTopic.TREATMENT)
    consent = noor.consents.get()
    assert desk.get(reverse("patients:consent-signature", args=[consent.pk])).status_code == 404
    Consent.objects.filter(pk=consent.pk).update(signature="signatures/00/gone.svg")
    assert desk.get(reverse("patients:consent-signature", args=[consent.pk])).status_code == 404
    Consent.objects.filter(pk=consent.pk).update(signature="../../etc/passwd")
    assert desk.get(reverse("patients:consent-signature", args=[consent.pk])).status_code == 404


# -- reading and taking back -----------------------------------------------------------------------------------------
def test_the_list_says_what_is_agreed_on_which_version_and_what_is_outdated(
    cast: Cast, forms: None, desk: Client, noor: Patient
) -> None:
    cast.sign(noor, *NEEDED)
    url = reverse("patients:consent", args=[noor.pk])
    page = desk.get(url).content.decode()
    assert "Outdated" not in page and "Version 2026-1, told" in page
    next_published(cast)
    page = desk.get(url).content.decode()
    assert page.count(">Outdated<") == 1
    assert "In force is version 2026-2." in page
    assert "A newer version is in force: treatment." in page


def test_what_is_withdrawn_is_missing_and_stands_in_the_history(
    cast: Cast, forms: None, desk: Client, noor: Patient
) -> None:
    consent = cast.sign(noor, *NEEDED)[0]
    said = {"consent": str(consent.pk), "withdrawn_on": cast.today.isoformat(), "reason": "Second thoughts"}
    page = desk.post(reverse("patients:consent", args=[noor.pk]), said, follow=True).content.decode()
    assert "Missing: treatment (needed before every treatment)" in page
    assert "Second thoughts" in page.partition("Earlier")[2]


@pytest.mark.parametrize("day", ["2199-01-01", "1900-01-01", "soon", ""])
def test_a_withdrawal_on_an_impossible_day_is_refused(
    cast: Cast, forms: None, desk: Client, noor: Patient, day: str
) -> None:
    consent = cast.sign(noor)[0]
    url = reverse("patients:consent", args=[noor.pk])
    page = desk.post(url, {"consent": str(consent.pk), "withdrawn_on": day}).content.decode()
    consent.refresh_from_db()
    assert consent.withdrawn_on is None
    assert 'role="alert"' in page or "cannot" in page


def test_another_patients_consent_cannot_be_withdrawn_here(
    cast: Cast, forms: None, desk: Client, noor: Patient
) -> None:
    theirs = cast.sign(cast.patient("Bruno"))[0]
    said = {"consent": str(theirs.pk), "withdrawn_on": cast.today.isoformat()}
    assert desk.post(reverse("patients:consent", args=[noor.pk]), said).status_code == 404
    theirs.refresh_from_db()
    assert theirs.withdrawn_on is None


def test_a_signed_sheet_reads_as_it_was_signed(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    consent = cast.sign(noor, *NEEDED)[0]
    old = consent.form
    next_published(cast)
    page = desk.get(reverse("patients:consent-signed", args=[consent.pk])).content.decode()
    assert all(sentence in page for sentence in old.sentences)
    assert "Version 2026-1" in page and page.count('class="c-words"') == 3
    assert reverse("patients:consent-signature", args=[consent.pk]) in page


def test_the_blank_form_has_every_text_and_room_to_sign(cast: Cast, forms: None, desk: Client, noor: Patient) -> None:
    page = desk.get(reverse("patients:consent-blank", args=[noor.pk])).content.decode()
    assert page.count("Yes, I agree") == len(ConsentTopic)
    assert "Signature" in page and "version 2026-1" in page


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    cast: Cast, forms: None, desk: Client, noor: Patient, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        cast.sign(noor, *ConsentTopic)
    for name in ("patients:consent", "patients:consent-ask", "patients:consent-blank"):
        desk.get(reverse(name, args=[noor.pk]))
        with django_assert_max_num_queries(5):  # session, user, patient, consents, forms
            desk.get(reverse(name, args=[noor.pk]))


# -- the forms, for managers -----------------------------------------------------------------------------------------
def test_a_manager_makes_changes_compares_and_publishes_the_next_version(
    cast: Cast, forms: None, noor: Patient
) -> None:
    manager = browser(cast.manager)
    cast.sign(noor, *NEEDED)
    cast.draft(noor, cast.assess(noor), SINGLE)
    old = ConsentForm.objects.published().get(topic=ConsentTopic.TREATMENT)
    answer = manager.post(reverse("patients:consent-form-next", args=[old.pk]))
    draft = ConsentForm.objects.get(topic=ConsentTopic.TREATMENT, state="draft")
    change = reverse("admin:patients_consentform_change", args=[draft.pk])
    assert answer["Location"] == change
    said = {"title": draft.title, "text": draft.text.replace("I agree", "One thing more.\nI agree"), "source": ""}
    assert manager.post(change, said).status_code == 302
    page = manager.get(reverse("patients:consent-form", args=[draft.pk])).content.decode()
    assert '<span class="c-unseen">New: </span>One thing more.' in page
    confirm = reverse("patients:consent-form-publish", args=[draft.pk])
    assert "<b>1 patient</b>" in manager.get(confirm).content.decode()
    assert "Version 2026-2 is in force" in manager.post(confirm, follow=True).content.decode()
    assert "Outdated" in browser(cast.desk).get(reverse("patients:consent", args=[noor.pk])).content.decode()


def test_a_published_form_cannot_be_changed_in_the_admin(cast: Cast, forms: None) -> None:
    manager = browser(cast.manager)
    form = ConsentForm.objects.published().first()
    url = reverse("admin:patients_consentform_change", args=[form.pk])
    assert manager.get(url).status_code == 200
    assert manager.post(url, {"title": "Other", "text": "Other."}).status_code == 403
    form.refresh_from_db()
    assert form.title != "Other"


def test_a_manager_writes_a_form_for_one_place(cast: Cast, forms: None) -> None:
    manager, url = browser(cast.manager), reverse("admin:patients_consentform_add")
    said = {
        "topic": "treatment",
        "location": str(cast.here.pk),
        "jurisdiction": "uk",
        "title": "Ours",
        "text": "I agree.",
    }
    assert "leave this empty" in manager.post(url, said).content.decode()
    said["jurisdiction"] = ""
    assert "Write at least one sentence" in manager.post(url, {**said, "text": " \n"}).content.decode()
    assert manager.post(url, said).status_code == 302
    assert ConsentForm.objects.get(location=cast.here).state == "draft"
    assert "being written already" in manager.post(url, said).content.decode()


def test_the_list_of_forms_opens_with_few_queries(cast: Cast, forms: None, django_assert_max_num_queries: Any) -> None:
    manager, url = browser(cast.manager), reverse("admin:patients_consentform_changelist")
    manager.get(url)
    with django_assert_max_num_queries(5):  # session, user, places to filter by, count, rows
        page = manager.get(url).content.decode()
    assert "United Kingdom" in page and "Every location" in page


def test_a_place_says_whose_law_it_works_under(cast: Cast) -> None:
    page = browser(cast.manager).get(reverse("admin:clinic_location_change", args=[cast.here.pk])).content.decode()
    assert 'name="jurisdiction"' in page
    listed = browser(cast.manager).get(reverse("admin:clinic_location_changelist")).content.decode()
    assert "Elsewhere" in listed
