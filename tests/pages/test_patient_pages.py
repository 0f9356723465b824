from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Location, Staff
from patients.models import Assessment, Patient
from patients.operations.consents import withdraw_consent
from plans.models import Plan
from plans.operations.visits import mark_no_show
from tests.pages import cast, walk

pytestmark = pytest.mark.django_db
NOW = cast.NOW
TODAY = cast.TODAY
AREA = {"vertex-thinning": "mild", "vertex-viability": "active", "vertex-method": "trichoscope"}
Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Clock:
    settings.DEBUG, settings.CLOCK_FILE = True, str(tmp_path / "clock")

    def stand_at(now: datetime) -> None:
        (tmp_path / "clock").write_text(now.isoformat())

    stand_at(NOW)
    return stand_at


@pytest.fixture
def here() -> Location:
    return cast.location("Riverside")


@pytest.fixture
def clinician(here: Location) -> Staff:
    return cast.member("noor", here, is_clinician=True, first_name="Noor")


@pytest.fixture
def desk(here: Location) -> Staff:
    return cast.member("dana", here, is_front_desk=True, first_name="Dana")


@pytest.fixture
def outsider() -> Staff:
    return cast.member("odd", cast.location("Elsewhere"), is_clinician=True, is_front_desk=True)


@pytest.fixture
def alma(here: Location, clinician: Staff) -> Patient:
    return walk.registered(here, clinician, NOW, phone="+6591234567", alert="Faints at needles")


def seen(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


# -- finding ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["erd", "ALM ver", "alma@exam", "1234", "álma", "+65 912", "al", "9123 45"])
def test_part_of_a_name_an_address_or_a_number_finds_a_patient(
    words: str, here: Location, desk: Staff, alma: Patient
) -> None:
    walk.registered(here, desk, NOW, first_name="Bruno", last_name="Gelb", email="b@example.test")
    page = seen(cast.logged_in(desk), reverse("patients:list") + f"?q={words}")
    assert "Alma Verde" in page
    assert "Bruno" not in page


def test_the_list_shows_alert_and_next_appointment_in_the_clinics_own_time(
    desk: Staff, clinician: Staff, alma: Patient
) -> None:
    walk.library()
    walk.assessed(alma, clinician, NOW)
    plan = walk.active(alma, clinician, NOW)
    walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=1), 15, desk, NOW)
    page = seen(cast.logged_in(desk), reverse("patients:list"))
    assert "Tue 24 Nov 2026, 15:00" in page
    assert "Faints at needles" in page


def test_a_long_list_goes_on_page_by_page_and_loses_nobody(
    here: Location, desk: Staff, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        walk.registered(here, desk, NOW, first_name="Same", last_name="Name", birth_date=date(1940 + number, 1, 1))
    client, url, found = walk.at_work(desk), reverse("patients:list"), []
    while url:
        with django_assert_max_num_queries(5):  # session, user, where the last page ended, the page, next appointments
            answer = client.get(url)
        page = answer.context["page"]
        found += [line.patient.pk for line in page.lines]
        url = f"{reverse('patients:list')}?after={page.after}" if page.after else ""
    assert len(found) == len(set(found)) == 60


def test_an_empty_list_says_how_to_begin_and_a_search_in_vain_what_to_try(desk: Staff) -> None:
    client = cast.logged_in(desk)
    assert "No patients yet" in seen(client, reverse("patients:list"))
    assert "Nobody found" in seen(client, reverse("patients:list") + "?q=zzz")


def test_while_one_types_only_what_was_found_is_sent(desk: Staff, alma: Patient) -> None:
    client, url = cast.logged_in(desk), reverse("patients:list") + "?q=alm"
    part = client.get(url, headers={"HX-Request": "true", "HX-Target": "found"}).content.decode()
    assert "Alma Verde" in part
    assert "1 found" in part
    assert "<html" not in part
    assert "<form" not in part
    back = client.get(url, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).content.decode()
    assert "<html" in back


def test_what_was_typed_reaches_the_page_as_text(desk: Staff) -> None:
    page = seen(cast.logged_in(desk), reverse("patients:list") + "?q=%22%3E%3Cscript%3Ealert(1)")
    assert "<script>alert" not in page


def test_a_search_costs_few_queries(desk: Staff, alma: Patient, django_assert_max_num_queries: Any) -> None:
    client = walk.at_work(desk)
    with django_assert_max_num_queries(5):  # session, user, how common the words are, the page, next appointments
        client.get(reverse("patients:list") + "?q=alma 1234")


def test_nobody_finds_patients_of_another_place(outsider: Staff, alma: Patient) -> None:
    assert "Alma" not in seen(cast.logged_in(outsider), reverse("patients:list"))


# -- registering -----------------------------------------------------------------------------------------------------
def person(here: Location, **more: str) -> dict[str, str]:
    said = {"first_name": "Alma", "last_name": "Verde", "birth_date": "1984-03-03", "language": "en"}
    return {**said, "location": str(here.pk), "wants_care_mail": "on", **more}


def test_a_patient_is_registered_with_what_was_chosen(here: Location, desk: Staff) -> None:
    answer = cast.logged_in(desk).post(reverse("patients:new"), person(here, phone="+65 9123 4567"))
    patient = Patient.objects.get()
    assert answer["Location"] == reverse("plans:patient", args=[patient.pk])
    assert (patient.phone, patient.wants_care_mail, patient.wants_review_mail) == ("+6591234567", True, False)


def test_the_same_person_is_not_registered_twice_unless_one_insists(here: Location, desk: Staff, alma: Patient) -> None:
    client = cast.logged_in(desk)
    page = client.post(reverse("patients:new"), person(here)).content.decode()
    assert Patient.objects.count() == 1
    assert reverse("plans:patient", args=[alma.pk]) in page
    assert "register anyway" in page
    client.post(reverse("patients:new"), person(here, knowingly="on"))
    assert Patient.objects.count() == 2


def test_what_was_typed_is_kept_when_it_is_refused(here: Location, desk: Staff) -> None:
    page = cast.logged_in(desk).post(reverse("patients:new"), person(here, email="not an address")).content.decode()
    assert 'value="not an address"' in page
    assert 'value="1984-03-03"' in page
    assert not Patient.objects.exists()


def test_nobody_registers_at_somebody_elses_place(here: Location, outsider: Staff) -> None:
    cast.logged_in(outsider).post(reverse("patients:new"), person(here))
    assert not Patient.objects.exists()


def test_contact_is_changed(desk: Staff, alma: Patient) -> None:
    said = {"first_name": "Alma", "last_name": "Rossa", "birth_date": "1984-03-03", "language": "ar"}
    cast.logged_in(desk).post(reverse("patients:edit", args=[alma.pk]), said)
    alma.refresh_from_db()
    assert (alma.last_name, alma.language) == ("Rossa", "ar")


# -- assessing -------------------------------------------------------------------------------------------------------
def assess(client: Client, patient: Patient, **said: object) -> Any:
    return client.post(
        reverse("patients:assess", args=[patient.pk]),
        {"hair_loss_type": "androgenetic", "grading": "ludwig:I", **AREA, **said},
        follow=True,
    )


def test_an_assessment_ends_in_a_verdict_with_reasons_and_protocols(clinician: Staff, alma: Patient) -> None:
    walk.library()
    answer = assess(cast.logged_in(clinician), alma)
    page, made = answer.content.decode(), Assessment.objects.get()
    assert (made.scale, made.grade, made.verdict) == ("ludwig", "I", "suitable")
    assert [finding.area for finding in made.findings.all()] == ["vertex"]
    assert "Thinning is early" in page
    assert "Speaks for" in page
    assert reverse("plans:plan-new", args=[alma.pk]) + "?protocol=prp" in page


def test_a_contraindication_speaks_against_and_suggests_nothing(clinician: Staff, alma: Patient) -> None:
    walk.library()
    page = assess(cast.logged_in(clinician), alma, contraindications=["pregnancy"]).content.decode()
    assert Assessment.objects.get().verdict == "not_suitable"
    assert "Not during pregnancy or breastfeeding." in page
    assert "Protocols worth a look" not in page


def test_an_assessment_needs_an_area_and_keeps_what_was_ticked(clinician: Staff, alma: Patient) -> None:
    said = {"vertex-thinning": "", "vertex-bald": "on", "contraindications": ["tobacco"]}
    page = assess(cast.logged_in(clinician), alma, **said).content.decode()
    assert "Say how thin it is: hair is missing here." in page
    assert 'id="contra-tobacco" checked' in page
    assert not Assessment.objects.exists()


def test_an_assessment_without_any_area_is_refused_in_words(clinician: Staff, alma: Patient) -> None:
    empty = dict.fromkeys(AREA, "")
    assert "Describe at least one area" in assess(cast.logged_in(clinician), alma, **empty).content.decode()


def test_assessments_are_not_for_the_front_desk(desk: Staff, clinician: Staff, alma: Patient) -> None:
    made = walk.assessed(alma, clinician, NOW)
    page = seen(cast.logged_in(desk), reverse("patients:assess", args=[alma.pk]) + f"?shown={made.pk}", 403)
    assert "Alma" not in page
    assert "Secret note" not in page


def test_somebody_elses_assessment_is_not_there(here: Location, clinician: Staff, alma: Patient) -> None:
    bruno = walk.registered(here, clinician, NOW, first_name="Bruno")
    made = walk.assessed(bruno, clinician, NOW)
    seen(cast.logged_in(clinician), reverse("patients:assess", args=[alma.pk]) + f"?shown={made.pk}", 404)


# -- the patient's page ----------------------------------------------------------------------------------------------
@pytest.fixture
def story(alma: Patient, clinician: Staff, desk: Staff) -> Plan:
    """Missed once, then treated; the second session is booked."""
    walk.library()
    walk.assessed(alma, clinician, NOW, "anticoagulants")
    plan = walk.active(alma, clinician, NOW, reason="Secret override")
    first = plan.sessions.get(number=1)
    missed = walk.booked(first, TODAY + timedelta(days=1), 15, desk, NOW)
    mark_no_show(appointment_id=missed.pk, by=desk, now=missed.ends)
    held = walk.booked(first, TODAY + timedelta(days=2), 15, desk, missed.ends)
    walk.completed(first, held, clinician)
    second = plan.sessions.get(number=2)
    walk.booked(second, second.target, 10, desk, held.ends)
    return plan


def test_the_patients_page_tells_the_next_step_and_what_is_forbidden_until_when(
    alma: Patient, story: Plan, desk: Staff, clock: Clock, django_assert_max_num_queries: Any
) -> None:
    clock(NOW + timedelta(days=3))
    client = walk.at_work(desk)
    with django_assert_max_num_queries(12):  # session, user, patient, 4 of the chart, consents, assessments
        page = seen(client, reverse("plans:patient", args=[alma.pk]))
    assert "Session 2 is booked" in page
    assert "No dyeing" in page
    assert "1 missed" in page
    assert "1 of 4 sessions done" in page
    assert "Faints at needles" in page


def test_the_clinicians_patient_page_stays_within_its_queries(
    alma: Patient, story: Plan, clinician: Staff, clock: Clock, django_assert_max_num_queries: Any
) -> None:
    clock(NOW + timedelta(days=3))
    client = walk.at_work(clinician)
    with django_assert_max_num_queries(13):
        page = seen(client, reverse("plans:patient", args=[alma.pk]))
    assert "Assessments" in page


@pytest.mark.parametrize("role", ["is_front_desk", "is_manager"])
def test_nothing_clinical_stands_on_the_page_of_who_is_no_clinician(
    role: str, here: Location, alma: Patient, story: Plan
) -> None:
    person = cast.member("somebody", here, **{role: True})
    page = seen(cast.logged_in(person), reverse("plans:patient", args=[alma.pk]))
    for word in ("Secret", "LOT-77", "Androgenetic", "Possibly", "Assessments"):
        assert word not in page


def test_a_newcomers_page_says_how_to_begin(alma: Patient, clinician: Staff, desk: Staff) -> None:
    page = seen(cast.logged_in(clinician), reverse("plans:patient", args=[alma.pk]))
    assert "Assess the patient" in page
    assert "No plan yet" in page
    assert reverse("patients:assess", args=[alma.pk]) not in seen(
        cast.logged_in(desk), reverse("plans:patient", args=[alma.pk])
    )


def test_withdrawn_consent_is_not_shown_as_in_force(alma: Patient, clinician: Staff) -> None:
    walk.consented(alma, clinician, NOW)
    for consent in alma.consents.all():
        withdraw_consent(consent_id=consent.pk, withdrawn_on=TODAY, by=clinician, now=NOW)
    assert "Nothing recorded" in seen(cast.logged_in(clinician), reverse("plans:patient", args=[alma.pk]))


@pytest.mark.parametrize(
    "name", ["plans:patient", "patients:edit", "patients:assess", "patients:consent", "plans:plan-new"]
)
def test_a_patient_of_another_place_is_not_there(name: str, outsider: Staff, alma: Patient) -> None:
    page = seen(cast.logged_in(outsider), reverse(name, args=[alma.pk]), 404)
    assert "Alma" not in page
