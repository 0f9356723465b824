"""What staff see of the letters, and what they may do about them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ObjectDoesNotExist

from clinic.models import AuditLine, Staff
from clinic.post import Outcome, OutcomeKind
from clinic.rules.refusal import Forbidden, Refusal
from plans.letters.compose import compose
from plans.models import Reminder
from plans.operations.dispatch import close_reminder, deliver_due, resend
from plans.queries import outbox
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    TestPost,
    book,
    cancel,
    location,
    patient,
    plan_of,
    staff,
)

pytestmark = pytest.mark.django_db

FULL = Outcome(OutcomeKind.REFUSED_FOR_GOOD, 552, "5.2.2 Mailbox full")


@pytest.fixture
def manager() -> Staff:
    return staff("manager", is_manager=True)


@pytest.fixture
def letter() -> Reminder:
    plan = plan_of(patient())
    book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    return Reminder.objects.get(kind=LetterKind.APPOINTMENT_BOOKED)


def tick(*outcomes: Outcome, now: object = NOW) -> TestPost:
    post = TestPost(*outcomes)
    deliver_due(now=lambda: now, post_factory=lambda: post, compose=compose)
    return post


def test_a_failed_letter_is_sent_again_as_a_new_row(letter: Reminder, manager: Staff) -> None:
    tick(FULL)
    again = resend(reminder_id=letter.pk, by=manager, now=NOW + HOUR)
    post = tick(now=NOW + HOUR)
    again.refresh_from_db()
    letter.refresh_from_db()
    assert (again.state, again.supersedes_id, again.content_version) == (ReminderState.SENT, letter.pk, 2)
    assert (letter.state, letter.settled_by) == (ReminderState.FAILED, manager)
    assert not Reminder.objects.waiting_for_a_human().exists()
    assert len(post.mails) == 1
    assert AuditLine.objects.filter(happened="reminder.resent", by=manager).exists()


def test_sending_again_is_done_once(letter: Reminder, manager: Staff) -> None:
    tick(FULL)
    resend(reminder_id=letter.pk, by=manager, now=NOW)
    with pytest.raises(Refusal) as refusal:
        resend(reminder_id=letter.pk, by=manager, now=NOW)
    assert refusal.value.code == "sent_again"


def test_a_letter_that_is_no_longer_true_is_not_sent_again(letter: Reminder, manager: Staff) -> None:
    tick(FULL)
    cancel(letter.patient.appointments.get(), NOW)
    with pytest.raises(Refusal) as refusal:
        resend(reminder_id=letter.pk, by=manager, now=NOW)
    assert refusal.value.code == "out_of_date"


def test_a_letter_asked_for_survives_the_next_change_of_plan(letter: Reminder, manager: Staff) -> None:
    tick(FULL)
    again = resend(reminder_id=letter.pk, by=manager, now=NOW + HOUR)
    book(letter.patient, NOW + 40 * DAY, session=letter.plan.sessions.all()[1], now=NOW + HOUR)
    again.refresh_from_db()
    assert (again.state, again.due_at) == (ReminderState.PLANNED, NOW + HOUR)


def test_a_letter_still_planned_cannot_be_sent_again(letter: Reminder, manager: Staff) -> None:
    with pytest.raises(Refusal) as refusal:
        resend(reminder_id=letter.pk, by=manager, now=NOW)
    assert refusal.value.code == "still_open"


def test_a_letter_dealt_with_by_phone_is_closed(letter: Reminder, manager: Staff) -> None:
    tick(FULL)
    closed = close_reminder(reminder_id=letter.pk, reason="phoned", by=manager, now=NOW)
    assert outbox.why(outbox.letter(manager, closed.pk)) == "Closed by manager: phoned."
    assert not outbox.letters(manager, waiting=True).exists()
    with pytest.raises(Refusal):
        close_reminder(reminder_id=letter.pk, reason="phoned", by=manager, now=NOW)


@pytest.mark.parametrize("deed", [resend, close_reminder])
def test_only_those_who_may_and_only_at_their_own_location(letter: Reminder, deed: object) -> None:
    tick(FULL)
    more = {"reason": "phoned"} if deed is close_reminder else {}
    with pytest.raises(Forbidden):
        deed(reminder_id=letter.pk, by=staff("doctor", is_clinician=True), now=NOW, **more)
    stranger = staff("stranger", location("Hilltop Hair Clinic"), is_manager=True)
    with pytest.raises(ObjectDoesNotExist):
        deed(reminder_id=letter.pk, by=stranger, now=NOW, **more)
    with pytest.raises(ObjectDoesNotExist):
        outbox.letter(stranger, letter.pk)
    assert not outbox.letters(stranger).exists()


def test_who_may_not_see_the_outbox_sees_nothing(letter: Reminder) -> None:
    nobody = staff("trainee")
    for look in (outbox.letters, outbox.counts):
        with pytest.raises(Forbidden):
            look(nobody)


def test_every_row_says_why(letter: Reminder, manager: Staff) -> None:
    assert outbox.why(letter) == "Planned for Mon 5 Oct 2026 09:00."
    tick(Outcome(OutcomeKind.REFUSED_FOR_NOW, 451, "4.7.1 Greylisted"))
    letter.refresh_from_db()
    assert outbox.why(letter).startswith("Tried once, again Mon 5 Oct 2026 09:0")
    assert outbox.why(letter).endswith(": 4.7.1 Greylisted.")
    tick(now=NOW + 5 * MINUTE)
    letter.refresh_from_db()
    assert outbox.why(letter) == "Sent Mon 5 Oct 2026 09:05."
    cancel(letter.patient.appointments.get(), NOW + HOUR)
    gone = Reminder.objects.filter(state=ReminderState.CANCELLED).first()
    assert outbox.why(gone) == "Not sent: the appointment was cancelled."


def test_the_exact_mail_is_shown(letter: Reminder, manager: Staff) -> None:
    assert outbox.exact_mail(outbox.letter(manager, letter.pk)) is None
    tick()
    mail = outbox.exact_mail(outbox.letter(manager, letter.pk))
    assert mail.recipient == "Mei <mei@example.org>"
    assert mail.attachments == ("appointment.ics",)
    assert "Mon 12 Oct 2026" in mail.text
    assert "Mon 12 Oct 2026" in mail.html
    assert mail.subject == letter.__class__.objects.get(pk=letter.pk).subject


def test_the_list_costs_one_query(letter: Reminder, manager: Staff, django_assert_num_queries) -> None:
    for name in ("Ann", "Bo", "Cy"):
        plan = plan_of(patient(name))
        book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    tick()
    with django_assert_num_queries(1):  # the rows with patient, location and who settled them
        shown = [(row.patient.name, outbox.why(row)) for row in outbox.letters(manager)]
    assert len(shown) == 12


def test_filters(letter: Reminder, manager: Staff) -> None:
    tick()
    assert [row.pk for row in outbox.letters(manager, state=ReminderState.SENT)] == [letter.pk]
    assert [row.pk for row in outbox.letters(manager, kind=LetterKind.APPOINTMENT_BOOKED)] == [letter.pk]
    assert outbox.letters(manager, patient_id=letter.patient_id).count() == 3
    assert outbox.counts(manager) == {ReminderState.SENT: 1, ReminderState.PLANNED: 2}
