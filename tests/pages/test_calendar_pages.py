from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Closure, Practitioner, WeeklyHours
from patients.models import Patient
from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import Appointment, ChecklistItem, Session
from plans.operations.booking import cancel_appointment
from plans.operations.visits import check_in, mark_no_show
from plans.queries.calendar import calendar
from plans.queries.desk import desk_day
from plans.rules.calendar_look import DAY as DAY_VIEW
from plans.rules.calendar_look import LIST, ROOM, WEEK, Look
from plans.rules.states import AppointmentPurpose, AppointmentState
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of, seen, sent

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


def booked(clinic: Clinic, first: str = "Noor", hour: int = 11, **more: Any) -> Appointment:
    return clinic.booked(first_of(clinic.plan(first)), hour, **more)


def day(client: Client, ask: str = "") -> str:
    return seen(client, "desk", ask=f"?view=day{ask}")


def events(page: str) -> list[str]:
    """What stands in each appointment of a grid, as one reads it."""
    found = re.findall(r'<(?:a|div) class="k-event.*?</(?:a|div)>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


def column(page: str, name: str) -> str:
    return next(part for part in page.split('<section class="k-col')[1:] if f">{name}<" in part.split("</header>")[0])


# -- the day -----------------------------------------------------------------------------------------------------------
def test_everybody_who_works_here_has_a_column(clinic: Clinic) -> None:
    booked(clinic)
    page = day(clinic.desk)
    one, two = column(page, "Dr One"), column(page, "Dr Two")
    assert "Noor" in one
    assert "Noor" not in two
    rooms = day(clinic.desk, "&by=room")
    assert "Noor" in column(rooms, "Room 1")
    assert "Noor" not in column(rooms, "Room 2")


def test_an_appointment_says_when_who_how_it_stands_and_which_session_of_how_many(clinic: Clinic) -> None:
    booked(clinic)
    (said,) = events(day(clinic.desk))
    assert said.startswith("11:00 Noor Sample0 Booked")
    assert "Session 1 of 4 · exosome and PRP · Room 1" in said


def test_what_is_held_in_no_room_stands_in_a_column_of_its_own(clinic: Clinic) -> None:
    booked(clinic, room_id=None)
    assert "Noor" in column(day(clinic.desk, "&by=room"), "No room")


def test_somebody_cancelled_is_not_expected(clinic: Clinic) -> None:
    row = booked(clinic)
    cancel_appointment(appointment_id=row.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    page = day(clinic.desk)
    assert events(page) == []
    assert "Nobody is booked on this day" in page


def test_whoever_did_not_come_stands_beside_whoever_came_instead(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.stand_at(row.starts + HOUR)
    mark_no_show(appointment_id=row.pk, by=clinic.cast.desk, now=clinic.cast.now)
    instead = bare(clinic, clinic.cast.patient("Late"), 11)
    Appointment.objects.create(**instead)
    page = day(clinic.desk)
    assert re.search(r"is-no_show k-r\d+ k-s\d+ k-c10-3", page)
    assert re.search(r"is-booked k-r\d+ k-s\d+ k-c1-9", page)


def test_the_filter_shows_one_and_says_so(clinic: Clinic) -> None:
    booked(clinic)
    other = clinic.cast.practitioners[1]
    page = day(clinic.desk, f"&who={other.pk}")
    assert "Noor" not in " ".join(events(page))
    assert "1 of 2 practitioners" in page
    listed = seen(clinic.desk, "desk", ask=f"?view=list&who={other.pk}")
    assert "Nobody is booked on this day" in listed


def test_leave_a_break_and_a_day_off_have_their_names(clinic: Clinic) -> None:
    cast = clinic.cast
    one, two = cast.practitioners
    for opens, closes in ((9, 13), (14, 18)):
        WeeklyHours.objects.create(
            location=cast.here, practitioner=one, weekday=cast.today.weekday(), opens=time(opens), closes=time(closes)
        )
    Closure.objects.create(
        location=cast.here, practitioner=two, kind="leave", made_at=cast.now, note="back on Monday",
        starts=cast.at(cast.today), ends=cast.at(cast.today + DAY),
    )  # fmt: skip
    away = Practitioner.objects.create(location=cast.here, name="Dr Three")
    WeeklyHours.objects.create(
        location=cast.here, practitioner=away, weekday=(cast.today.weekday() + 1) % 7, opens=time(9), closes=time(10)
    )
    page = day(clinic.desk)
    assert '<div class="k-shut k-r49 k-s12 k-c1-12"><span>Break</span></div>' in column(page, "Dr One")
    assert "<span>Leave: back on Monday</span>" in column(page, "Dr Two")
    assert "<span>Not in</span>" in column(page, "Dr Three")


def test_the_minutes_kept_free_afterwards_are_drawn(clinic: Clinic) -> None:
    assert "k-tail" not in day(clinic.desk)
    Practitioner.objects.update(buffer_minutes=10)
    booked(clinic)
    assert re.search(r'<i class="k-tail k-r\d+ k-s2 k-c1-12">', day(clinic.desk))


def test_somebody_of_another_place_holds_the_time_and_stays_a_stranger(clinic: Clinic) -> None:
    row = booked(clinic, "Zoe")
    Patient.objects.update(home_location=clinic.cast.there)
    page = day(clinic.desk)
    assert events(page) == ["11:00 Taken: a patient of another clinic"]
    assert "Zoe" not in page
    assert str(row.pk) not in page


def test_another_places_day_is_nobodys_here(clinic: Clinic) -> None:
    booked(clinic)
    assert events(day(clinic.outsider)) == []
    seen(clinic.desk, "desk", ask=f"?view=day&location={clinic.cast.there.pk}", status=404)


def test_without_anybody_to_treat_one_learns_how_to_begin(clinic: Clinic) -> None:
    Practitioner.objects.all().delete()
    assert "Enter a practitioner" in day(clinic.manager)
    assert "A manager enters them" in day(clinic.desk)


def test_the_week_of_all_and_the_week_of_one(clinic: Clinic) -> None:
    booked(clinic)
    page = seen(clinic.desk, "desk", ask="?view=week")
    assert "1/4 · Booked" in page
    one = seen(clinic.desk, "desk", ask=f"?view=week&who={clinic.cast.practitioners[0].pk}")
    assert one.count('<section class="k-col') == 7
    assert len(events(one)) == 1


# -- what somebody has to know -----------------------------------------------------------------------------------------
def cases(clinic: Clinic) -> None:
    """Somebody for every reason there is: one is ready, the others are not, each in another way."""
    cast = clinic.cast
    ready = booked(clinic, "Ready", 9)
    cast.photograph(ready.session.plan.reviews.get(months=0), views=1)
    clinic.tick_all(ready.session)
    booked(clinic, "Bare", 10)
    unasked = booked(clinic, "Unasked", 11)
    consent = unasked.patient.consents.get(topic=ConsentTopic.OFF_LABEL)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=cast.today, by=cast.desk, now=cast.now)
    unlisted = booked(clinic, "Unlisted", 12)
    cast.photograph(unlisted.session.plan.reviews.get(months=0), views=1)
    expecting = booked(clinic, "Expecting", 13)
    cast.assess(expecting.patient, contraindications=["pregnancy"])
    smoking = booked(clinic, "Smoking", 14)
    cast.photograph(smoking.session.plan.reviews.get(months=0), views=1)
    cast.assess(smoking.patient, contraindications=["tobacco"])
    early = booked(clinic, "Early", 15)
    cast.photograph(early.session.plan.reviews.get(months=0), views=1)
    clinic.tick_all(early.session)
    Session.objects.filter(pk=early.session_id).update(earliest=cast.today + DAY, target=cast.today + DAY)
    paused = booked(clinic, "Paused", 16)
    paused.session.plan.state = "paused"
    paused.session.plan.save()


def test_the_grid_and_the_list_say_the_same_of_everybody(clinic: Clinic) -> None:
    cases(clinic)
    # Whether the cream is due is a question of the hour, which only the list asks.
    ChecklistItem.objects.filter(rule_key__contains="numb").delete()
    cast = clinic.cast
    for by in (cast.desk, cast.doctor):
        grid = calendar(by, Look(DAY_VIEW), now=cast.now)
        table = desk_day(by, Look(LIST), now=cast.now)
        assert (grid.not_ready, grid.to_check, grid.to_come) == (table.not_ready, table.to_check, table.to_come)
        assert grid.not_ready == 4
        assert grid.coming and table.upcoming and table.upcoming.readiness
        assert grid.coming.standing == table.upcoming.readiness.standing


def test_each_reason_is_said_in_a_word(clinic: Clinic) -> None:
    cases(clinic)
    said = {one.split()[1]: one for one in events(day(clinic.desk))}
    for name, words in {
        "Bare": "Baseline photos missing",
        "Unasked": "Consent missing",
        "Unlisted": "Checklist open",
        "Expecting": "Clinician to look first",
        "Smoking": "Clinician to look first",
        "Early": "Too early: before its window",
        "Paused": "Plan paused",
    }.items():
        assert words in said[name]
    assert not re.search("missing|open|first|window|paused", said["Ready"])


def test_an_alert_and_a_missing_address_stand_with_the_name(clinic: Clinic) -> None:
    row = booked(clinic)
    Patient.objects.filter(pk=row.patient_id).update(alert="Faints at needles", email="")
    (said,) = events(day(clinic.desk))
    assert "Faints at needles" in said
    assert "No e-mail" in said


def test_a_review_asks_for_its_photos(clinic: Clinic) -> None:
    review = clinic.plan().reviews.get(months=3)
    clinic.cast.book_review(review, clinic.cast.at(clinic.cast.today, 15))
    (said,) = events(day(clinic.desk))
    assert "Photos due" in said
    clinic.cast.photograph(review, views=1)
    assert "Photos due" not in day(clinic.desk)


def test_the_desk_learns_that_something_speaks_against_it_and_not_what(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.cast.assess(row.patient, contraindications=["pregnancy"])
    assert "regnan" not in day(clinic.desk)


# -- cost --------------------------------------------------------------------------------------------------------------
def bare(clinic: Clinic, patient: Patient, hour: int = 9) -> dict[str, Any]:
    cast, starts = clinic.cast, clinic.cast.at(clinic.cast.today, hour)
    ends = starts + timedelta(minutes=10)
    return {
        "patient": patient, "location": cast.here, "purpose": "consultation", "practitioner": cast.practitioners[0],
        "starts": starts, "ends": ends, "practitioner_free_at": ends, "room_free_at": ends,
        "booked_at": cast.now, "changed_at": cast.now,
    }  # fmt: skip


def fill(clinic: Clinic, count: int) -> None:
    """Many people at once, each with somebody of their own."""
    patient, place = clinic.cast.patient("Many"), clinic.cast.here
    people = [Practitioner(location=place, name=f"P{uuid4()}") for _ in range(-(-count // 40))]
    Practitioner.objects.bulk_create(people)
    patients = [
        Patient(home_location=place, first_name=f"Person{n}", folded_name=f"person{n}", registered_at=clinic.cast.now)
        for n in range(count)
    ]
    Patient.objects.bulk_create(patients)
    rows = []
    for number, one in enumerate(patients):
        slot = bare(clinic, one)
        shift = timedelta(minutes=10 * (number % 40))
        slot |= {name: slot[name] + shift for name in ("starts", "ends", "practitioner_free_at", "room_free_at")}
        rows.append(Appointment(**{**slot, "practitioner": people[number // 40]}))
    Appointment.objects.bulk_create(rows)
    assert patient.pk


@pytest.mark.parametrize("ask", ["", "&by=room", "&view=week"])
def test_a_day_costs_the_same_with_ten_and_with_three_hundred(clinic: Clinic, ask: str) -> None:
    cases(clinic)
    client = clinic.doctor
    day(client, ask)  # how she looks is kept, once
    costs = []
    for more in (2, 290):
        fill(clinic, more)
        with CaptureQueriesContext(connection) as asked:
            page = day(client, ask)
        costs.append(len(asked))
        assert page.count("Person") >= more
    # session, user, premises, hours, appointments, plans, consents, forms, doubtful assessments and their findings
    assert costs == [10, 10]


def test_nothing_new_is_an_empty_answer_and_costs_four_queries(clinic: Clinic) -> None:
    row = booked(clinic)
    client = clinic.desk
    page = day(client)
    token = re.search(r'data-token="([^"]+)"', page)[1]
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(reverse("plans:desk") + f"?view=day&part=live&token={token}", **HTMX)
    assert (answer.status_code, answer.content, len(asked)) == (204, b"", 4)
    check_in(appointment_id=row.pk, by=clinic.cast.desk, now=clinic.cast.now)
    fresh = client.get(reverse("plans:desk") + f"?view=day&part=live&token={token}", **HTMX).content.decode()
    assert "Arrived" in events(fresh)[0]
    assert 'id="k-lead" hx-swap-oob="true"' in fresh
    assert "<html" not in fresh


def test_after_some_minutes_it_is_looked_at_again(clinic: Clinic) -> None:
    client = clinic.desk
    token = re.search(r'data-token="([^"]+)"', day(client))[1]
    clinic.stand_at(clinic.cast.now + timedelta(minutes=6))
    assert client.get(reverse("plans:desk") + f"?part=live&token={token}", **HTMX).status_code == 200


# -- how one looks is kept ---------------------------------------------------------------------------------------------
def test_how_one_looked_is_kept_for_the_next_time(clinic: Clinic) -> None:
    client = clinic.desk
    seen(client, "desk", ask="?view=week&by=room")
    clinic.cast.desk.refresh_from_db()
    assert Look.from_json(clinic.cast.desk.calendar_view) == Look(WEEK, by=ROOM)
    assert "The week" in seen(client, "desk")
    assert "The week" not in seen(clinic.doctor, "desk")


def test_a_telephone_shows_the_list_and_does_not_change_what_the_screen_shows(clinic: Clinic) -> None:
    booked(clinic)
    client = clinic.desk
    day(client)
    phone = {"HTTP_USER_AGENT": "Mozilla/5.0 (iPhone) Mobile/15E148"}
    first = client.get(reverse("plans:desk"), **phone).content.decode()
    assert "Appointments of the day, by time" in first
    client.get(reverse("plans:desk") + "?view=list", **phone)
    assert len(events(seen(client, "desk"))) == 1


def test_the_lists_part_for_a_narrow_window_is_the_list_alone(clinic: Clinic) -> None:
    booked(clinic)
    page = seen(clinic.desk, "desk", ask="?view=day&part=list")
    assert "Appointments of the day, by time" in page
    assert "<html" not in page


# -- the dialog of one appointment -------------------------------------------------------------------------------------
def test_the_details_say_who_what_and_what_can_be_done(clinic: Clinic) -> None:
    row = booked(clinic)
    page = seen(clinic.desk, "calendar-details", row.pk)
    for words in ("Noor", "Session 1 of 4", "Dr One", "Room 1", "Check in", "Move…", "Cancel", "Open the patient"):
        assert words in page
    assert reverse("plans:appointment-move", args=[row.pk]) in page
    assert "<html" not in page


def test_a_step_leads_back_to_the_day_one_came_from(clinic: Clinic) -> None:
    row = booked(clinic)
    back = reverse("plans:desk") + "?view=day"
    answer = clinic.desk.post(reverse("plans:calendar-step", args=[row.pk, "arrive"]), {"back": back})
    assert answer.headers["Location"] == back
    row.refresh_from_db()
    assert row.state == AppointmentState.ARRIVED
    assert "In treatment" in seen(clinic.desk, "calendar-details", row.pk)


@pytest.mark.parametrize("way", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_out_of_the_house(clinic: Clinic, way: str) -> None:
    row = booked(clinic)
    answer = clinic.desk.post(reverse("plans:calendar-step", args=[row.pk, "arrive"]), {"back": way})
    assert answer.headers["Location"] == reverse("plans:appointment", args=[row.pk])
    made = book(clinic, clinic.desk, newcomer="yes", first_name="Ana", back=way)
    assert made.headers["HX-Redirect"] == reverse("plans:desk")


# -- the quick booking -------------------------------------------------------------------------------------------------
def slot(clinic: Clinic, **said: Any) -> dict[str, Any]:
    cast = clinic.cast
    usual = {"day": cast.today, "time": "15:00", "practitioner": cast.practitioners[0].pk, "room": cast.rooms[0].pk}
    return {**usual, "token": str(uuid4()), **said}


def book(clinic: Clinic, client: Client, **said: Any) -> Any:
    return client.post(reverse("plans:calendar-new"), slot(clinic, **said), **HTMX)


def test_a_time_somebody_pointed_at_stands_in_the_dialog(clinic: Clinic) -> None:
    two, room = clinic.cast.practitioners[1], clinic.cast.rooms[1]
    page = seen(clinic.desk, "calendar-new", ask=f"?day=2026-11-24&time=14:15&practitioner={two.pk}&room={room.pk}")
    assert 'value="2026-11-24"' in page
    assert 'value="14:15"' in page
    assert re.search(rf'<option value="{two.pk}"\s+selected', page)
    assert re.search(rf'<option value="{room.pk}"\s+selected', page)


def test_without_a_room_the_first_that_is_free_is_suggested(clinic: Clinic) -> None:
    booked(clinic, hour=11)
    one, other = clinic.cast.rooms
    for hour, room in (("11:00", other), ("15:00", one)):
        page = seen(clinic.desk, "calendar-new", ask=f"?day={clinic.cast.today}&time={hour}")
        assert re.search(rf'<option value="{room.pk}"\s+selected', page)


def test_people_are_found_by_part_of_a_name(clinic: Clinic) -> None:
    clinic.cast.patient("Wilhelmina")
    assert "Wilhelmina" in seen(clinic.desk, "calendar-find", ask="?q=helm")
    assert "Wilhelmina" not in seen(clinic.outsider, "calendar-find", ask="?q=helm")
    assert "Nobody found" in seen(clinic.desk, "calendar-find", ask="?q=xyz")
    assert "One more letter" in seen(clinic.desk, "calendar-find", ask="?q=x")


def test_the_next_session_is_offered_with_its_window_and_whether_the_time_is_inside(clinic: Clinic) -> None:
    plan = clinic.plan()
    session = first_of(plan)
    page = seen(clinic.desk, "calendar-new", ask=f"?patient={plan.patient_id}&day={session.target}&time=11:00")
    assert "Session 1, exosome and PRP" in page
    assert "Inside its time" in page
    early = seen(clinic.desk, "calendar-new", ask=f"?patient={plan.patient_id}&day={session.earliest - DAY}&time=11:00")
    assert "Outside its time" in early
    assert "may not be before" in early
    assert "Session 2" not in page


def test_the_session_is_booked_where_one_pointed(clinic: Clinic) -> None:
    session = first_of(clinic.plan())
    client = clinic.desk
    answer = book(clinic, client, patient=session.plan.patient_id, what=f"session:{session.pk}")
    assert answer.headers["HX-Redirect"] == reverse("plans:desk")
    assert "is booked for" in day(client)
    row = session.appointments.get()
    assert row.starts == clinic.cast.at(clinic.cast.today, 15)
    assert row.ends - row.starts == HOUR * 0.75


def test_what_is_booked_already_is_not_offered_again(clinic: Clinic) -> None:
    row = booked(clinic)
    page = seen(clinic.desk, "calendar-new", ask=f"?patient={row.patient_id}")
    assert "Session 1," not in page
    assert "Booked already:" in page
    answer = book(clinic, clinic.desk, patient=row.patient_id, what=f"session:{row.session_id}")
    assert "may have been booked meanwhile" in answer.content.decode()


def test_somebody_new_is_registered_and_booked_in_one_go(clinic: Clinic) -> None:
    said = {"newcomer": "yes", "first_name": "Ana", "last_name": "Example", "phone": "+65 5550 1234"}
    assert book(clinic, clinic.desk, **said).status_code == 200
    row = Appointment.objects.get()
    assert row.patient.name == "Ana Example"
    assert row.patient.home_location == clinic.cast.here
    assert row.purpose == AppointmentPurpose.CONSULTATION


def test_a_refused_time_registers_nobody_and_loses_nothing_typed(clinic: Clinic) -> None:
    booked(clinic, hour=15)
    count = Patient.objects.count()
    answer = book(clinic, clinic.desk, newcomer="yes", first_name="Ana", phone="+65 5550 1234")
    page = answer.content.decode()
    assert "is busy" in page
    assert 'value="Ana"' in page
    assert 'value="+65 5550 1234"' in page
    assert Patient.objects.count() == count


def test_a_double_click_registers_and_books_once(clinic: Clinic) -> None:
    client, said = clinic.desk, slot(clinic, newcomer="yes", first_name="Ana")
    count = Patient.objects.count()
    for _ in range(2):
        answer = client.post(reverse("plans:calendar-new"), said, **HTMX)
        assert "HX-Redirect" in answer.headers
    assert (Patient.objects.count(), Appointment.objects.count()) == (count + 1, 1)


def test_a_token_that_was_used_books_nothing_else(clinic: Clinic) -> None:
    client, said = clinic.desk, slot(clinic, newcomer="yes", first_name="Ana")
    client.post(reverse("plans:calendar-new"), said, **HTMX)
    page = client.post(reverse("plans:calendar-new"), {**said, "time": "17:00"}, **HTMX).content.decode()
    assert "This form was sent before" in page
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"time": "20:00"}, "outside the hours"),
        ({"time": "08:00", "day": "2020-01-01"}, "Choose a day from today on"),
        ({"time": "", "day": "soon"}, "Enter a valid"),
        ({"minutes": "900"}, "less than or equal to 480"),
        ({"practitioner": str(UUID(int=7))}, "does not work here any more"),
        ({"first_name": "", "last_name": " "}, "Write at least one name"),
        ({"email": "no address"}, "e-mail"),
    ],
)
def test_what_makes_no_sense_is_said_and_books_nothing(clinic: Clinic, said: dict[str, str], sentence: str) -> None:
    answer = book(clinic, clinic.desk, **{"newcomer": "yes", "first_name": "Ana", **said})
    assert sentence in answer.content.decode()
    assert not Appointment.objects.exists()


def test_a_closed_practitioner_refuses_with_a_sentence(clinic: Clinic) -> None:
    Practitioner.objects.filter(pk=clinic.cast.practitioners[0].pk).update(is_active=False)
    page = book(clinic, clinic.desk, newcomer="yes", first_name="Ana").content.decode()
    assert "does not work here any more" in page


def test_a_late_session_asks_for_a_reason_and_an_early_one_for_a_clinician(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    said = {"patient": session.plan.patient_id, "what": f"session:{session.pk}"}
    first_of(session.plan).appointments.all().delete()
    Session.objects.filter(plan=session.plan, number=1).update(state="skipped")
    early = book(clinic, clinic.desk, day=session.earliest - DAY, **said).content.decode()
    assert "A clinician can book it with a written reason." in early
    assert 'name="override_reason"' not in early
    late = {**said, "day": session.latest + DAY}
    assert 'name="override_reason"' in book(clinic, clinic.desk, **late).content.decode()
    book(clinic, clinic.desk, override_reason="She was abroad", **late)
    assert session.appointments.count() == 1


def test_somebody_elses_patient_cannot_be_booked(clinic: Clinic) -> None:
    patient = clinic.plan().patient
    assert clinic.outsider.get(reverse("plans:calendar-new") + f"?patient={patient.pk}").status_code == 404
    assert book(clinic, clinic.outsider, patient=patient.pk, what="consultation").status_code == 404


def test_without_a_script_the_dialog_is_a_page_and_works(clinic: Clinic) -> None:
    patient = clinic.plan().patient
    page = seen(clinic.desk, "calendar-new", ask=f"?patient={patient.pk}")
    assert "<html" in page
    done = sent(clinic.desk, "calendar-new", **slot(clinic, patient=patient.pk, what="consultation"))
    assert "is booked for" in done
