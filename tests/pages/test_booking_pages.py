"""Booking, moving and cancelling one: the best times, one booking for one form, and who changed it meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.urls import reverse

from plans.models import Appointment, Session
from plans.models.appointment import LIVE
from plans.operations.booking import cancel_appointment, confirm_own_appointment, move_appointment
from plans.rules.states import AppointmentState
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def session(clinic: Clinic) -> Session:
    return first_of(clinic.plan())


@pytest.fixture
def booked(clinic: Clinic, session: Session) -> Appointment:
    return clinic.booked(session, 11)


def slot(clinic: Clinic, **said: object) -> dict[str, object]:
    place = {name[:-3]: value for name, value in clinic.cast.place().items()}
    return {**place, "minutes": 60, "day": clinic.cast.today, **said}


def asking(clinic: Clinic, **said: object) -> str:
    return "?" + urlencode(slot(clinic, **said))


def best(page: str) -> list[str]:
    """The best times, as their links read."""
    block = page.split('id="best"')[1].split("</section>")[0]
    links = re.findall(r'<a id="best-\d"[^>]*>(.*?)</a>', block, re.S)
    return [" ".join(unescape(re.sub("<[^>]+>", " ", link)).split()) for link in links]


def hidden(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[-1]


# -- the best times --------------------------------------------------------------------------------------------------
def test_the_best_times_stand_at_the_top_with_whom_and_where(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    found = best(seen(clinic.desk, "session-book", session.pk))
    assert len(found) == 6
    assert found[0].startswith(f"{session.target:%a} {session.target.day} ")
    assert "Dr One, Room 1" in found[0]


def test_the_first_of_the_best_is_chosen_beforehand(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    page = seen(clinic.desk, "session-book", session.pk)
    assert re.search(r'name="time" value="09:00" checked', page)
    assert re.search(r'id="best-1"[^>]*aria-current="true"', page)
    said = {name: hidden(page, name) for name in ("practitioner", "room", "day", "minutes", "token")}
    sent(clinic.desk, "session-book", session.pk, **said, time="09:00")
    assert session.appointments.get().starts == clinic.cast.at(session.target, 9)


def test_what_is_moved_is_not_offered_the_time_it_has(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    row = clinic.cast.book(session, clinic.cast.at(session.target, 9))
    found = best(seen(clinic.desk, "appointment-move", row.pk))
    assert f"{session.target.day} " in found[0]
    assert ", 09:15 " in found[0]


def test_wishes_are_kept_to(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    two = clinic.cast.practitioners[1]
    no_day = session.target.weekday()
    ask = f"?part=afternoon&days=not&weekday={no_day}&who={two.pk}"
    found = best(seen(clinic.desk, "session-book", session.pk, ask=ask))
    assert found
    assert all("Dr Two" in one and re.search(r", 1[2-8]:", one) for one in found)
    assert not any(one.startswith(f"{session.target:%a}") for one in found)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ("?part=between&begins=15:00&until=14:00", "is later than"),
        ("?days=not" + "".join(f"&weekday={day}" for day in range(7)), "Leave at least one day"),
    ],
)
def test_wishes_nobody_can_grant_are_said(clinic: Clinic, session: Session, ask: str, words: str) -> None:
    assert words in seen(clinic.desk, "session-book", session.pk, ask=ask)


def test_where_no_wish_can_be_met_it_is_said(clinic: Clinic, session: Session) -> None:
    page = seen(clinic.desk, "session-book", session.pk, ask="?part=between&begins=20:00&until=21:00")
    assert "Nothing that suits these wishes is free" in page


# -- opened at one very time -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["time", "other_time"])
def test_the_page_shows_what_follows_from_exactly_the_time_it_is_opened_with(clinic: Clinic, name: str) -> None:
    """As the calendar opens it after a drag."""
    second = second_of(clinic.plan())
    row = clinic.cast.book(second, clinic.cast.at(second.target, 10))
    ask = asking(clinic, day=second.target + 5 * DAY, minutes=40, **{name: "14:20"})
    page = " ".join(seen(clinic.desk, "appointment-move", row.pk, ask=ask).split())
    later = second.target + 5 * DAY
    assert f"{later:%a} {later.day} {later:%b} {later:%Y}, 14:20–15:00" in page
    assert "What follows:" in page
    assert "5 days later" in page
    assert 'name="other_time" value="14:20"' in page
    sent(clinic.desk, "appointment-move", row.pk, **slot(clinic, day=later, minutes=40, other_time="14:20", reason="x"))
    assert second.appointments.get(state__in=LIVE).starts == clinic.cast.at(later, 14, 20)


def test_a_time_of_the_list_is_ticked_in_it(clinic: Clinic, session: Session) -> None:
    page = seen(clinic.desk, "session-book", session.pk, ask=asking(clinic, other_time="", time="14:15"))
    assert re.search(r'name="time" value="14:15" checked', page)
    assert 'name="other_time" value=""' in page


def test_a_time_that_is_taken_is_said_before_anything_is_sent(clinic: Clinic, booked: Appointment) -> None:
    other = first_of(clinic.plan("Other"))
    page = seen(clinic.desk, "session-book", other.pk, ask=asking(clinic, time="11:15"))
    assert "Dr One is taken 11:00–" in page


def test_what_was_typed_beside_the_time_is_kept_while_others_are_looked_at(clinic: Clinic, booked: Appointment) -> None:
    ask = asking(clinic, time="14:00", reason="travels that week", asked_by="clinic", tell="no")
    page = seen(clinic.desk, "appointment-move", booked.pk, ask=ask)
    assert 'value="travels that week"' in page
    assert re.search(r'value="clinic" checked', page)
    assert not re.search(r'name="tell" value="yes" checked', page)


# -- one form, one booking -------------------------------------------------------------------------------------------
def test_a_form_sent_twice_books_once_and_ends_on_the_same_page(clinic: Clinic, session: Session) -> None:
    said = slot(clinic, time="11:30", token=uuid4())
    url, desk = reverse("plans:session-book", args=[session.pk]), clinic.desk
    answers = [desk.post(url, said) for _ in range(2)]
    assert {(one.status_code, one.headers["Location"]) for one in answers} == {
        (302, reverse("plans:plan", args=[session.plan_id]))
    }
    assert session.appointments.count() == 1


def test_a_consultation_sent_twice_is_one(clinic: Clinic) -> None:
    patient = clinic.plan("Newcomer").patient
    said = slot(clinic, time="11:30", token=uuid4())
    pages = [sent(clinic.desk, "consultation-book", patient.pk, **said) for _ in range(2)]
    assert all("is booked for" in page for page in pages)
    assert patient.appointments.count() == 1


def test_a_move_sent_twice_is_one(clinic: Clinic, booked: Appointment) -> None:
    said = slot(clinic, time="15:00", reason="travels", token=uuid4(), version=1)
    pages = [sent(clinic.desk, "appointment-move", booked.pk, **said) for _ in range(2)]
    assert all("is moved to" in page for page in pages)
    assert Appointment.objects.count() == 2


def test_a_cancellation_sent_twice_is_one(clinic: Clinic, booked: Appointment) -> None:
    said = {"reason": "has a cold", "token": uuid4(), "version": 1}
    assert all("is cancelled" in sent(clinic.desk, "appointment-cancel", booked.pk, **said) for _ in range(2))
    booked.refresh_from_db()
    assert booked.version == 2


def test_who_goes_back_and_chooses_anew_is_told_what_is_booked(clinic: Clinic) -> None:
    patient, token = clinic.plan("Newcomer").patient, uuid4()
    sent(clinic.desk, "consultation-book", patient.pk, **slot(clinic, time="11:30", token=token))
    page = sent(clinic.desk, "consultation-book", patient.pk, **slot(clinic, time="15:00", token=token))
    assert "This form was sent before, and" in page
    assert "11:30 with Dr One is booked." in page
    assert patient.appointments.count() == 1


def test_every_page_shows_a_token_of_its_own(clinic: Clinic, session: Session) -> None:
    tokens = {hidden(seen(clinic.desk, "session-book", session.pk), "token") for _ in range(2)}
    assert len(tokens) == 2


def test_a_refused_form_keeps_its_token_and_can_be_sent_again(clinic: Clinic, session: Session) -> None:
    token = str(uuid4())
    page = sent(clinic.desk, "session-book", session.pk, **slot(clinic, other_time="20:00", token=token))
    assert hidden(page, "token") == token
    sent(clinic.desk, "session-book", session.pk, **slot(clinic, time="15:00", token=token))
    assert session.appointments.count() == 1


def test_a_token_nobody_can_read_hinders_nobody(clinic: Clinic, session: Session) -> None:
    sent(clinic.desk, "session-book", session.pk, **slot(clinic, time="15:00", token="mangled"))
    assert session.appointments.count() == 1


# -- changed meanwhile -----------------------------------------------------------------------------------------------
def moved_meanwhile(clinic: Clinic, row: Appointment) -> Appointment:
    return move_appointment(
        appointment_id=row.pk, starts=clinic.cast.at(clinic.cast.today, 16), minutes=45, reason="phoned",
        **clinic.cast.place(), by=clinic.cast.doctor, now=clinic.cast.now,
    )  # fmt: skip


def test_the_second_to_move_it_learns_who_did_and_where_it_is_now(clinic: Clinic, booked: Appointment) -> None:
    page = seen(clinic.desk, "appointment-move", booked.pk)
    assert hidden(page, "version") == "1"
    later = moved_meanwhile(clinic, booked)
    said = slot(clinic, time="14:00", reason="travels that week", version=1)
    page = unescape(sent(clinic.desk, "appointment-move", booked.pk, **said))
    assert "Changed meanwhile by doctor at" in page
    assert ", 16:00, now" in page
    assert 'value="travels that week"' in page, "nothing is lost"
    there = re.search(rf'href="({reverse("plans:appointment-move", args=[later.pk])}[^"]*)"', page)
    assert there
    there_page = clinic.desk.get(there[1]).content.decode()
    assert 'value="travels that week"' in there_page
    assert re.search(r'name="time" value="14:00" checked', there_page)
    assert Appointment.objects.count() == 2


def test_what_changed_without_moving_is_said_and_the_same_form_can_then_be_sent(
    clinic: Clinic, booked: Appointment
) -> None:
    confirm_own_appointment(patient_id=booked.patient_id, appointment_id=booked.pk, now=clinic.cast.now)
    said = slot(clinic, time="14:00", reason="travels", version=1)
    page = sent(clinic.desk, "appointment-move", booked.pk, **said)
    assert "Changed meanwhile by the patient" in page
    assert "“confirmed” now" in page
    assert hidden(page, "version") == "2"
    sent(clinic.desk, "appointment-move", booked.pk, **{**said, "version": 2})
    assert Appointment.objects.filter(rescheduled_from=booked).exists()


def test_looking_at_other_times_does_not_hide_that_it_was_changed(clinic: Clinic, booked: Appointment) -> None:
    confirm_own_appointment(patient_id=booked.patient_id, appointment_id=booked.pk, now=clinic.cast.now)
    page = seen(clinic.desk, "appointment-move", booked.pk, ask=asking(clinic, time="15:00", version=1))
    assert hidden(page, "version") == "1"


def test_the_second_to_cancel_it_learns_who_was_first(clinic: Clinic, booked: Appointment) -> None:
    later = moved_meanwhile(clinic, booked)
    page = sent(clinic.desk, "appointment-cancel", booked.pk, reason="has a cold", version=1)
    assert "Changed meanwhile by doctor at" in page
    there = f"{reverse('plans:appointment', args=[later.pk])}?reason=has%20a%20cold"
    assert there in page
    assert 'value="has a cold"' in clinic.desk.get(there).content.decode(), "nothing is lost"
    assert later.state == AppointmentState.BOOKED


def test_somebody_elses_cancellation_is_said_with_what_it_is_now(clinic: Clinic, booked: Appointment) -> None:
    cancel_appointment(appointment_id=booked.pk, reason="ill", by=clinic.cast.doctor, now=clinic.cast.now)
    page = sent(clinic.desk, "appointment-move", booked.pk, **slot(clinic, time="14:00", reason="x", version=1))
    assert "it is “cancelled” now" in page


# -- what it costs ---------------------------------------------------------------------------------------------------
def test_the_page_costs_the_same_however_full_the_clinic_is(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    session = second_of(clinic.plan())
    for number in range(6):
        other = first_of(clinic.cast.active_plan(f"Other{number}", starts_on=session.target))
        clinic.cast.book(other, clinic.cast.at(session.target, 9) + number * HOUR + timedelta(minutes=number))
    desk = clinic.desk
    with django_assert_max_num_queries(30):
        assert len(best(seen(desk, "session-book", session.pk))) == 6
