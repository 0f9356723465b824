"""Letters for several appointments at once and for missed ones, written from real rows."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest

from clinic.models import Location
from plans.models import Appointment, Reminder
from plans.operations.booking import book_appointment, cancel_appointment, move_appointment
from plans.operations.reminders import replan_reminders
from plans.operations.visits import check_in, mark_no_show
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentPurpose, ReminderState
from tests.cast import Cast, open_clinic
from tests.operations.letter_cast import DAY, HOUR, MINUTE
from tests.operations.test_dispatch_letters import calendar, mails_until, text

pytestmark = pytest.mark.django_db

K = LetterKind
TOLD = (K.SERIES_BOOKED, K.APPOINTMENT_BOOKED, K.APPOINTMENT_MOVED, K.APPOINTMENT_CANCELLED, K.APPOINTMENT_MISSED)


@pytest.fixture
def cast() -> Cast:
    cast = open_clinic()
    cast.patient("Noor")
    return cast


def book(cast: Cast, starts: datetime, **more: object) -> Appointment:
    wish = {"purpose": AppointmentPurpose.CONSULTATION, "minutes": 30, "by": cast.desk, "now": cast.now, **cast.place()}
    return book_appointment(patient_id=cast.people[0].pk, starts=starts, **{**wish, **more})


def several(cast: Cast, count: int = 3, **more: object) -> tuple[UUID, list[Appointment]]:
    key = uuid4()
    return key, [book(cast, cast.now + (week * 7 + 7) * DAY, series=key, **more) for week in range(count)]


def move(cast: Cast, row: Appointment, starts: datetime, **more: object) -> Appointment:
    wish = {"minutes": 30, "reason": "travels", "by": cast.desk, "now": cast.now, **cast.place()}
    return move_appointment(appointment_id=row.pk, starts=starts, **wish, **more)


def told(state: str = ReminderState.PLANNED) -> list[tuple[str, UUID]]:
    rows = Reminder.objects.filter(state=state, kind__in=TOLD).order_by("kind", "due_at", "content_version")
    return [(row.kind, row.about_id) for row in rows]


def only(mails: list[EmailMessage]) -> EmailMessage:
    assert len(mails) == 1
    return mails[0]


def test_a_series_is_one_mail_with_one_calendar_file(cast: Cast) -> None:
    key, rows = several(cast)
    assert told() == [(K.SERIES_BOOKED, key)]
    mail = only(mails_until(cast.now))
    assert mail["Subject"] == "Your 3 appointments, from Mon 12 Oct 2026"
    for day in ("Mon 12 Oct 2026", "Mon 19 Oct 2026", "Mon 26 Oct 2026"):
        assert day in text(mail)
    lines = text(mail).replace("\r", "")
    assert lines.count("09:00 to 09:30, Consultation\nWith Dr One, Room 1") == 3
    assert [f"UID:{row.calendar_uid}@clinic.example" in calendar(mail) for row in rows] == [True] * 3
    assert calendar(mail).count("SEQUENCE:0") == calendar(mail).count("BEGIN:VEVENT") == 3


def test_planning_twice_changes_nothing_of_a_series(cast: Cast) -> None:
    several(cast)
    before = list(Reminder.objects.order_by("pk").values())
    replan_reminders(cast.people[0], now=cast.now + MINUTE)
    assert list(Reminder.objects.order_by("pk").values()) == before


def test_a_series_that_was_told_is_not_told_again_when_dates_of_it_pass_or_change(cast: Cast) -> None:
    key, (first, second, third) = several(cast)
    only(mails_until(cast.now))
    cast.now = first.starts + HOUR
    check_in(appointment_id=first.pk, by=cast.desk, now=cast.now)
    moved = move(cast, second, second.starts + DAY)
    cancel_appointment(appointment_id=third.pk, reason="travels", by=cast.desk, now=cast.now)
    assert told("sent") == [(K.SERIES_BOOKED, key)]
    assert told() == [(K.APPOINTMENT_CANCELLED, third.pk), (K.APPOINTMENT_MOVED, moved.pk)]
    later_on = moved.starts + 3 * DAY
    replan_reminders(cast.people[0], now=later_on)
    assert Reminder.objects.filter(kind__in=(K.SERIES_BOOKED, K.APPOINTMENT_BOOKED)).count() == 1


def test_what_was_moved_or_cancelled_before_the_letter_left_is_not_in_it(cast: Cast) -> None:
    key, (first, second, third) = several(cast)
    moved = move(cast, first, first.starts + DAY)
    cancel_appointment(appointment_id=third.pk, reason="travels", by=cast.desk, now=cast.now)
    assert (K.SERIES_BOOKED, key) in told()
    found = {mail["Subject"]: mail for mail in mails_until(cast.now)}
    series = found["Your appointment on Mon 19 Oct 2026, 09:00"]
    assert calendar(series).count("BEGIN:VEVENT") == 1 and str(second.calendar_uid) in calendar(series)
    new_time = found["New time for your appointment: Tue 13 Oct 2026, 09:00"]
    assert str(first.calendar_uid) in calendar(new_time) and "SEQUENCE:1" in calendar(new_time)
    assert moved.calendar_uid == first.calendar_uid
    assert "Cancelled: your appointment on Mon 26 Oct 2026, 09:00" in found


def test_a_series_cancelled_whole_before_its_letter_left_is_never_told(cast: Cast) -> None:
    key, rows = several(cast)
    for row in rows:
        cancel_appointment(appointment_id=row.pk, reason="travels", tell=False, by=cast.desk, now=cast.now)
    assert told() == []
    assert told("cancelled") == [(K.SERIES_BOOKED, key)]


def test_a_later_letter_about_one_of_them_hangs_in_the_thread_of_the_series(cast: Cast) -> None:
    _, (first, *_) = several(cast)
    series = only(mails_until(cast.now))
    move(cast, first, first.starts + DAY)
    assert only(mails_until(cast.now))["References"] == series["Message-ID"]


def test_what_was_told_otherwise_brings_no_letter_but_its_reminder(cast: Cast) -> None:
    several(cast, tell=False)
    row = book(cast, cast.now + 3 * DAY, tell=False)
    row = move(cast, row, row.starts + HOUR, tell=False)
    assert told() == []
    assert Reminder.objects.filter(kind=K.SESSION_REMINDER, about_id=row.pk, state="planned").exists()
    cancel_appointment(appointment_id=row.pk, reason="travels", tell=False, by=cast.desk, now=cast.now)
    assert told() == []


# -- Missed ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def missed(cast: Cast) -> Appointment:
    row = book(cast, cast.now + DAY, tell=False)
    cast.now = row.starts + 10 * MINUTE
    return mark_no_show(appointment_id=row.pk, by=cast.desk, now=cast.now)


def test_who_was_missed_gets_one_friendly_mail_an_hour_later(cast: Cast, missed: Appointment) -> None:
    row = Reminder.objects.get(kind=K.APPOINTMENT_MISSED)
    assert (row.about_id, row.due_at) == (missed.pk, missed.starts + HOUR)
    mail = next(mail for mail in mails_until(missed.starts + HOUR) if mail["Subject"] == "Shall we find another time?")
    assert "We missed you at 09:00 on Tue 6 Oct 2026" in text(mail)
    assert not list(mail.iter_attachments())
    replan_reminders(cast.people[0], now=missed.starts + DAY)
    assert Reminder.objects.filter(kind=K.APPOINTMENT_MISSED).count() == 1


def test_a_house_that_does_not_write_after_a_no_show_does_not(cast: Cast) -> None:
    Location.objects.update(writes_after_no_show=False)
    row = book(cast, cast.now + DAY)
    mark_no_show(appointment_id=row.pk, by=cast.desk, now=row.starts + MINUTE)
    assert (K.APPOINTMENT_MISSED, row.pk) not in told()


def test_who_came_after_all_is_not_written_to(cast: Cast, missed: Appointment) -> None:
    check_in(appointment_id=missed.pk, by=cast.desk, now=cast.now + MINUTE)
    assert told() == []
    gone = Reminder.objects.get(kind=K.APPOINTMENT_MISSED)
    assert gone.state_reason == "the patient has come after all, or has another appointment"


def test_who_found_another_time_is_not_written_to_even_when_that_is_cancelled_and_past(
    cast: Cast, missed: Appointment
) -> None:
    again = book(cast, missed.starts + DAY)
    assert told() == [(K.APPOINTMENT_BOOKED, again.pk)]
    cancel_appointment(appointment_id=again.pk, reason="travels", tell=False, by=cast.desk, now=cast.now)
    replan_reminders(cast.people[0], now=missed.starts + 2 * DAY)
    assert told() == []


def test_a_mail_about_a_missed_appointment_is_useless_after_five_days(missed: Appointment) -> None:
    row = Reminder.objects.get(kind=K.APPOINTMENT_MISSED)
    assert row.useful_until == missed.starts + 5 * DAY
