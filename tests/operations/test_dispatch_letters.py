"""Every kind of letter, written from real rows: the dates it states and the thread it hangs in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from plans.letters.compose import compose
from plans.models import Plan, Postroom, Reminder
from plans.operations.dispatch import deliver_due
from plans.operations.reminders import replan_reminders
from plans.rules.reminders import LetterKind
from tests.operations.letter_cast import (
    DAY,
    HOUR,
    NOW,
    TestPost,
    book,
    cancel,
    complete,
    location,
    patient,
    plan_of,
    review_of,
)

pytestmark = pytest.mark.django_db

ENDED = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)  # Mon 5 Oct 2026 15:00 in Singapore


def mails_until(now: datetime) -> list[EmailMessage]:
    post = TestPost()
    for row in Reminder.objects.filter(due_at__lte=now, state="planned").order_by("due_at"):
        # The ticks in between, without which a jump of weeks would hold all letters back.
        Postroom.objects.update(last_tick_at=row.due_at)
        deliver_due(now=lambda at=row.due_at: at, post_factory=lambda: post, compose=compose)
    assert not Reminder.objects.filter(state="failed").exists()
    return [message_from_bytes(mail, policy=policy.default) for mail in post.mails]


def about(mails: list[EmailMessage], subject: str) -> EmailMessage:
    """The newest mail with these words in its subject."""
    return [mail for mail in mails if subject in mail["Subject"]][-1]


def text(mail: EmailMessage) -> str:
    return mail.get_body(preferencelist=("plain",)).get_content()


def calendar(mail: EmailMessage) -> str:
    [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    return part.get_content().replace("\n ", "").replace("\r", "")


@pytest.fixture
def plan() -> Plan:
    return plan_of(patient())


def test_booked_moved_cancelled_hang_in_one_thread_and_move_one_calendar_entry(plan: Plan) -> None:
    session = plan.sessions.first()
    first = book(plan.patient, NOW + 7 * DAY, session=session)
    [booked] = mails_until(NOW)
    second = book(plan.patient, NOW + 8 * DAY, session=session, now=NOW + HOUR, instead_of=first)
    second.calendar_uid, second.calendar_sequence = first.calendar_uid, 1
    second.save()
    [moved] = mails_until(NOW + HOUR)
    second.calendar_sequence = 2
    second.save()
    cancel(second, NOW + 2 * HOUR)
    [cancelled] = mails_until(NOW + 2 * HOUR)
    assert moved["References"] == booked["Message-ID"]
    assert cancelled["References"] == moved["Message-ID"]
    assert "Mon 12 Oct 2026" in text(booked) and "09:00" in text(booked)
    assert "Tue 13 Oct 2026" in text(moved)
    uid = f"UID:{first.calendar_uid}@clinic.example"
    assert all(uid in calendar(mail) for mail in (booked, moved, cancelled))
    assert [f"SEQUENCE:{n}" in calendar(mail) for n, mail in enumerate((booked, moved, cancelled))] == [True] * 3
    assert "METHOD:CANCEL" in calendar(cancelled)


def test_before_a_session_the_letters_say_which_day_to_do_what(plan: Plan) -> None:
    book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    _, care, reminder = mails_until(NOW + 6 * DAY)
    for mail in (care, reminder):
        assert "On Sun 11 Oct 2026: Wash your hair." in text(mail)
    assert "Session 1 of 3" in text(reminder)


def test_after_a_session_the_dates_are_those_of_the_restriction(plan: Plan) -> None:
    complete(plan.sessions.first(), ENDED)
    mails = mails_until(datetime(2026, 11, 3, 1, 0, tzinfo=UTC))
    care = about(mails, "what to do and to avoid")
    dye, again = about(mails, "Your hair colour date"), about(mails, "You may dye")
    for said in ("15:00 on Tue 6 Oct 2026", "Tue 3 Nov 2026", "Avoid heat and direct sun."):
        assert said in text(care)
    assert "Tue 3 Nov 2026" in text(dye)
    assert "DTSTART;VALUE=DATE:20261103" in calendar(dye)
    assert "Use a sulphate-free shampoo." in text(dye)
    assert again["Date"] == "Tue, 03 Nov 2026 01:00:00 +0000"


def test_dye_again_says_when_it_ends(plan: Plan) -> None:
    first, second, _ = plan.sessions.all()
    complete(first, ENDED)
    book(plan.patient, ENDED + 40 * DAY, session=second, now=ENDED)
    again = Reminder.objects.get(kind=LetterKind.DYE_AGAIN)
    mail = about(mails_until(again.due_at), "You may dye")
    assert "Sat 14 Nov 2026" in text(mail)


def test_a_second_session_moves_the_note_in_the_calendar(plan: Plan) -> None:
    first, second, _ = plan.sessions.all()
    complete(first, ENDED)
    one = about(mails_until(ENDED + DAY), "Your hair colour date")
    complete(second, ENDED + 20 * DAY)
    other = about(mails_until(ENDED + 21 * DAY), "Your hair colour date")
    note = f"UID:dye-{plan.patient_id}@clinic.example"
    assert note in calendar(one) and "SEQUENCE:0" in calendar(one)
    assert note in calendar(other) and "SEQUENCE:1" in calendar(other)


def test_the_invitation_names_the_month_and_the_day(plan: Plan) -> None:
    review_of(plan, 3, date(2027, 1, 5))
    replan_reminders(plan.patient, now=NOW)
    [mail] = mails_until(NOW + 90 * DAY)
    assert mail["Date"] == "Tue, 22 Dec 2026 01:00:00 +0000"
    assert "Tue 5 Jan 2027" in text(mail)


def test_no_subject_tells_about_health(plan: Plan) -> None:
    review_of(plan, 3, date(2027, 1, 5))
    book(plan.patient, NOW + 3 * HOUR, session=plan.sessions.first())
    complete(plan.sessions.first(), ENDED)
    for mail in mails_until(NOW + 90 * DAY):
        words = str(mail["Subject"]).lower()
        assert not [word for word in ("exosome", "prp", "hair loss", "injection", "treatment") if word in words]


def test_one_address_for_all_when_the_mail_server_wants_it(plan: Plan, settings: object) -> None:
    settings.MAIL_FROM, settings.PUBLIC_URL = "letters@relay.example", "https://app.example"
    book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    [mail] = mails_until(NOW)
    assert mail["From"].addresses[0].addr_spec == "letters@relay.example"
    assert mail["Reply-To"] == location().email
    assert mail["Message-ID"].endswith("@app.example>")
