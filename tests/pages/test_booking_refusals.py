"""Booking one: whether the patient is told, and each thing that cannot be, with its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from clinic.models import Location, WeeklyHours
from patients.models import MailboxState
from plans.models import Appointment, Session
from plans.rules.states import AppointmentState, AskedBy
from tests.pages.test_booking_pages import asking, slot
from tests.pages.visits import DAY, Clinic, first_of, open_pages, second_of, seen, sent

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


# -- telling the patient ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("tell", "is_silent"), [({}, False), ({"tell": ["no", "yes"]}, False), ({"tell": "no"}, True)])
def test_whether_the_patient_is_told_is_asked(
    clinic: Clinic, session: Session, tell: dict[str, object], is_silent: bool
) -> None:
    sent(clinic.desk, "session-book", session.pk, **slot(clinic, time="11:00"), **tell)
    row = session.appointments.get()
    assert row.is_silent is is_silent
    sent(clinic.desk, "appointment-move", row.pk, **slot(clinic, time="12:30", reason="x", asked_by="clinic"), **tell)
    new = session.appointments.get(rescheduled_from=row)
    assert (new.is_silent, new.asked_by) == (is_silent, AskedBy.CLINIC)
    sent(clinic.desk, "appointment-cancel", new.pk, reason="x", **tell)
    new.refresh_from_db()
    assert (new.state, new.is_silent) == (AppointmentState.CANCELLED, is_silent)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("email", "", "no e-mail address is known"),
        ("mailbox", MailboxState.DEAD, "comes back"),
        ("wants_appointment_mail", False, "none about appointments is wanted"),
    ],
)
def test_whom_no_mail_reaches_is_to_be_phoned_and_why(
    clinic: Clinic, booked: Appointment, field: str, value: object, why: str
) -> None:
    assert 'name="tell"' in seen(clinic.desk, "appointment-move", booked.pk)
    setattr(booked.patient, field, value)
    booked.patient.phone = "+65 5550 9999"
    booked.patient.save()
    for name in ("appointment-move", "appointment"):
        page = seen(clinic.desk, name, booked.pk)
        assert why in page
        assert "Tell the patient by phone, +65 5550 9999." in page
        assert 'name="tell"' not in page


# -- what cannot be --------------------------------------------------------------------------------------------------
def refused(clinic: Clinic, session: Session, **said: object) -> str:
    page = unescape(sent(clinic.desk, "session-book", session.pk, **slot(clinic, **said)))
    assert not session.appointments.exists()
    return page


def test_a_day_that_is_past_is_refused(clinic: Clinic, session: Session) -> None:
    page = refused(clinic, session, day=clinic.cast.today - DAY, time="11:00")
    assert "Choose a day from today on, within two years." in page


def test_an_hour_that_is_past_is_refused(clinic: Clinic, session: Session) -> None:
    clinic.stand_at(clinic.cast.at(clinic.cast.today, 13))
    assert "is in the past" in refused(clinic, session, other_time="11:00")


def test_outside_the_hours_is_refused_with_the_hours(clinic: Clinic, session: Session) -> None:
    assert "is outside the hours of that day: 09:00 to 19:00" in refused(clinic, session, other_time="20:00")


def test_a_day_nobody_works_is_refused(clinic: Clinic, session: Session) -> None:
    WeeklyHours.objects.filter(weekday=clinic.cast.today.weekday()).delete()
    assert "Dr One does not work on" in refused(clinic, session, other_time="11:00")


def test_a_place_closed_for_good_is_refused(clinic: Clinic, session: Session) -> None:
    Location.objects.filter(pk=clinic.cast.here.pk).update(is_active=False)
    assert "is closed for good" in refused(clinic, session, time="11:00")


@pytest.mark.parametrize(
    ("what", "words"), [("practitioner", "does not work here any more"), ("room", "cannot be used")]
)
def test_who_or_what_is_gone_is_refused(clinic: Clinic, session: Session, what: str, words: str) -> None:
    gone = clinic.cast.practitioners[0] if what == "practitioner" else clinic.cast.rooms[0]
    gone.is_active = False
    gone.save()
    assert words in refused(clinic, session, time="11:00")


def test_after_the_window_only_a_written_reason_helps(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    page = refused(clinic, session, day=session.latest + DAY, time="11:00")
    assert "should be by" in page
    assert 'name="override_reason"' in page


def test_a_reason_typed_for_an_exception_is_kept_while_times_are_looked_at(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    ask = asking(clinic, day=session.latest + DAY, time="11:00", override_reason="She was abroad")
    assert "She was abroad" in seen(clinic.desk, "session-book", session.pk, ask=ask)


def test_what_was_typed_survives_a_person_who_is_gone(clinic: Clinic, booked: Appointment) -> None:
    clinic.cast.practitioners[0].is_active = False
    clinic.cast.practitioners[0].save()
    said = slot(clinic, time="15:00", reason="travels that week")
    assert 'value="travels that week"' in sent(clinic.desk, "appointment-move", booked.pk, **said)
