"""From due to sent: what is due goes out once, and the world is asked again at the last moment."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import Message

import pytest

from clinic.models import AuditLine
from clinic.post import Outcome, OutcomeKind
from clinic.post.smtp import LONGEST_SEND
from patients.models import MailboxState, Patient
from patients.operations.patients import unsubscribe
from plans.letters.compose import compose
from plans.models import Postroom, Reminder
from plans.operations.batch import prepare
from plans.operations.clerk import Clerk
from plans.operations.dispatch import ONE_TURN, claim_due, deliver_due, expire_useless, sweep
from plans.operations.handoff import LEASE, Compose, Composed, Letter, look_again, settle
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
    complete,
    patient,
    plan_of,
    review_of,
)

pytestmark = pytest.mark.django_db

NEXT_WEEK = NOW + 7 * DAY + HOUR
SENT = Outcome(OutcomeKind.SENT, 250, "2.0.0 Ok")
CUT = Outcome(OutcomeKind.IN_DOUBT, None, "cut after the last byte")
NOT_NOW = Outcome(OutcomeKind.REFUSED_FOR_NOW, 451, "4.3.0 Try later")
NEVER = Outcome(OutcomeKind.REFUSED_FOR_GOOD, 554, "5.6.0 No")
NOBODY = Outcome(OutcomeKind.REFUSED_FOR_GOOD, 550, "5.1.1 No such user")
OUR_FAULT = Outcome(OutcomeKind.OURS, 535, "5.7.8 Wrong password")


def tick(post: TestPost, now: datetime = NOW, **more: object) -> dict[str, int]:
    return dict(deliver_due(now=lambda: now, post_factory=lambda: post, compose=compose, **more))


def booked_letter(**details: object) -> Reminder:
    plan = plan_of(patient(**details))
    book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    return Reminder.objects.get(kind=LetterKind.APPOINTMENT_BOOKED)


def dye_again_letter() -> tuple[Reminder, datetime]:
    plan = plan_of(patient())
    complete(plan.sessions.first(), NOW)
    row = Reminder.objects.get(kind=LetterKind.DYE_AGAIN)
    return row, row.due_at


def hand_off(row: Reminder, *, now: datetime, compose: Compose = compose) -> Letter | None:
    """What the dispatcher does with one row before the bytes leave: look at the world, write, mark."""
    ends: Counter[str] = Counter()
    for letter in prepare([row], now=now, for_batch=lambda _: compose, ends=ends):
        if letter and Clerk(lambda: now, ends).may_leave(letter):
            return letter
        if letter:
            look_again(letter, now=now)
    return None


def again(row: Reminder) -> Reminder:
    return Reminder.objects.get(pk=row.pk)


def read(mail: bytes) -> Message:
    return message_from_bytes(mail)


def test_a_due_letter_goes_out_and_its_row_says_so() -> None:
    row, post = booked_letter(), TestPost()
    assert tick(post) == {"sent": 1}
    row, mail = again(row), read(post.mails[0])
    assert (row.state, row.sent_at, row.attempt, row.lease_token) == (ReminderState.SENT, NOW, 1, None)
    assert bytes(row.mime) == post.mails[0]
    assert mail["To"] == "Mei <mei@example.org>"
    assert mail["From"] == "Riverside Hair Clinic <desk@clinic.example>"
    assert mail["Message-ID"] == row.message_id == f"<r{row.pk.hex}.v1@clinic.example>"
    assert mail["List-Unsubscribe-Post"]
    assert mail["Date"] == "Mon, 05 Oct 2026 01:00:00 +0000"


def test_a_tick_with_nothing_due_opens_no_connection(django_assert_max_num_queries) -> None:
    booked_letter()
    tick(TestPost())

    def never() -> TestPost:
        raise AssertionError("nothing is due")

    # what the postroom asks, then leases, useless rows, crowds, and: is anything due?
    with django_assert_max_num_queries(24):
        assert not deliver_due(now=lambda: NOW + MINUTE, post_factory=never, compose=compose)


def test_a_second_tick_sends_nothing_again() -> None:
    booked_letter()
    post = TestPost()
    tick(post)
    assert tick(post, NOW + MINUTE) == {}
    assert len(post.mails) == 1


def test_the_earliest_goes_first_and_the_limit_holds() -> None:
    for name, wait in (("Ann", 2), ("Bo", 0), ("Cy", 1)):
        plan = plan_of(patient(name))
        book(plan.patient, NEXT_WEEK, session=plan.sessions.first(), now=NOW - wait * MINUTE)
    post = TestPost()
    tick(post, limit=2)
    assert post.recipients == ["ann@example.org", "cy@example.org"]


# -- the world moved between claim and hand-off ---------------------------------------------------------------------


def test_moved_after_the_claim_sends_nothing() -> None:
    row = booked_letter()
    [claimed] = claim_due(now=NOW, limit=10)
    old = claimed.patient.appointments.get()
    book(claimed.patient, NEXT_WEEK + DAY, session=old.session, now=NOW, instead_of=old)
    assert hand_off(claimed, now=NOW) is None
    assert (again(row).state, again(row).state_reason) == (ReminderState.CANCELLED, "the appointment was moved")
    assert again(row).mime is None


def test_cancelled_after_the_claim_sends_only_the_cancellation() -> None:
    booked_letter()
    claimed = claim_due(now=NOW, limit=10)
    cancel(claimed[0].patient.appointments.get(), NOW)
    assert hand_off(claimed[0], now=NOW) is None
    post = TestPost()
    tick(post)
    assert len(post.mails) == 1
    assert Reminder.objects.get(state=ReminderState.SENT).kind == LetterKind.APPOINTMENT_CANCELLED


def test_dye_again_is_not_sent_when_a_session_came_in_between() -> None:
    row, due = dye_again_letter()
    expire_useless(now=due)
    [claimed] = claim_due(now=due, limit=10)
    complete(claimed.plan.sessions.all()[1], due - HOUR, now=due)
    assert hand_off(claimed, now=due) is None
    assert again(row).state == ReminderState.CANCELLED


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"email": ""}, ReminderState.SKIPPED, "phone"),
        ({"mailbox": MailboxState.DEAD}, ReminderState.SKIPPED, "phone"),
        ({"email": "a@b\x0bBcc: x@y.test"}, ReminderState.FAILED, "not valid"),
    ],
)
def test_a_patient_who_cannot_be_reached_costs_no_mail(change: dict[str, str], state: str, words: str) -> None:
    row, post = booked_letter(), TestPost()
    Patient.objects.update(**change)
    tick(post)
    assert not post.mails
    assert again(row).state == state
    assert words in again(row).state_reason


@pytest.mark.parametrize("group", ["appointments", "all"])
def test_who_unsubscribed_gets_nothing_more(group: str) -> None:
    row, post = booked_letter(), TestPost()
    [claimed] = claim_due(now=NOW, limit=1)
    unsubscribe(patient_id=row.patient_id, group=group, now=NOW)
    assert hand_off(claimed, now=NOW) is None
    assert again(row).state_reason == "the patient does not want mails about appointments"
    assert (again(row).state, post.mails) == (ReminderState.SKIPPED, [])


def test_another_group_still_comes() -> None:
    row, post = booked_letter(), TestPost()
    unsubscribe(patient_id=row.patient_id, group="reviews", now=NOW)
    assert tick(post) == {"sent": 1}


# -- leases, and workers that die ------------------------------------------------------------------------------------


def test_two_claims_never_share_a_row() -> None:
    booked_letter()
    assert len(claim_due(now=NOW, limit=10)) == 1
    assert claim_due(now=NOW, limit=10) == []


def test_a_worker_that_dies_after_its_claim_costs_nothing_but_time() -> None:
    booked_letter()
    claim_due(now=NOW, limit=10)
    post = TestPost()
    assert tick(post, NOW + MINUTE) == {}
    assert tick(post, NOW + LEASE + MINUTE) == {"sent": 1}
    assert len(post.mails) == 1


def test_a_worker_that_wakes_up_too_late_may_not_send() -> None:
    booked_letter()
    [claimed] = claim_due(now=NOW, limit=10)
    assert hand_off(claimed, now=NOW + LEASE) is None


def test_a_worker_that_lost_its_lease_may_not_write_the_end() -> None:
    row = booked_letter()
    [claimed] = claim_due(now=NOW, limit=10)
    letter = hand_off(claimed, now=NOW)
    assert letter
    post, late = TestPost(), NOW + LEASE + MINUTE
    tick(post, late)
    tick(post, late + MINUTE)
    assert not settle(letter, NEVER, now=late + 2 * MINUTE)
    assert again(row).state == ReminderState.SENT


def test_a_death_inside_the_gap_sends_the_very_same_mail_once_more() -> None:
    row, post = booked_letter(), TestPost()
    [claimed] = claim_due(now=NOW, limit=10)
    composed = hand_off(claimed, now=NOW).composed
    post.send(composed.recipient, composed.sender, composed.mime, composed.key)
    for minute in range(10):
        tick(post, NOW + LEASE + minute * MINUTE + MINUTE)
    assert len(post.mails) == 2
    assert post.mails[0] == post.mails[1]
    assert again(row).state == ReminderState.SENT


def test_a_death_inside_the_gap_asks_a_human_about_dye_again() -> None:
    row, due = dye_again_letter()
    expire_useless(now=due)
    [claimed] = claim_due(now=due, limit=10)
    assert hand_off(claimed, now=due)
    post = TestPost()
    for minute in range(10):
        tick(post, due + LEASE + minute * MINUTE + MINUTE)
    assert (again(row).state, post.mails) == (ReminderState.UNKNOWN, [])
    assert list(Reminder.objects.waiting_for_a_human()) == [row]


# -- what the mail server says -----------------------------------------------------------------------------------------


def test_refused_for_now_waits_and_sends_the_same_bytes() -> None:
    row, post = booked_letter(), TestPost(NOT_NOW, NOT_NOW)
    assert tick(post) == {"planned": 1}
    assert NOW + 48 * timedelta(seconds=1) <= again(row).due_at <= NOW + 72 * timedelta(seconds=1)
    assert tick(post, NOW + 30 * timedelta(seconds=1)) == {}
    tick(post, NOW + 2 * MINUTE)
    assert again(row).due_at - NOW >= 6 * MINUTE
    tick(post, NOW + HOUR)
    assert (again(row).state, again(row).attempt) == (ReminderState.SENT, 3)
    assert len(set(post.mails)) == 1


def test_refused_until_it_is_useless_expires_and_staff_see_it() -> None:
    row = booked_letter()
    Reminder.objects.exclude(pk=row.pk).delete()
    now, post = NOW, TestPost(*[NOT_NOW] * 200)
    while again(row).state == ReminderState.PLANNED:
        now = again(row).due_at
        tick(post, now)
    assert again(row).state == ReminderState.EXPIRED
    assert now < row.useful_until
    assert len(post.mails) < 40


def test_refused_for_good_fails_and_waits_for_a_human() -> None:
    row = booked_letter()
    assert tick(TestPost(NEVER)) == {"failed": 1}
    assert (again(row).last_code, again(row).last_text) == (554, "5.6.0 No")
    assert list(Reminder.objects.waiting_for_a_human()) == [row]
    assert Patient.objects.get().mailbox == MailboxState.GOOD


def test_a_dead_address_is_remembered_and_the_rest_is_not_even_tried() -> None:
    row, post = booked_letter(), TestPost(NOBODY)
    tick(post)
    assert Patient.objects.get().mailbox == MailboxState.DEAD
    assert set(tick(post, NEXT_WEEK - 2 * DAY)) == {"skipped"}
    assert len(post.mails) == 1
    assert AuditLine.objects.filter(happened="patient.mailbox_dead").count() == 1
    assert again(row).state == ReminderState.FAILED


def test_a_fault_of_ours_counts_against_no_letter_and_stops_the_turn() -> None:
    for name in ("Ann", "Bo", "Cy"):
        plan = plan_of(patient(name))
        book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    post = TestPost(OUR_FAULT)
    tick(post)
    assert len(post.mails) == 1
    waiting = Reminder.objects.filter(kind=LetterKind.APPOINTMENT_BOOKED)
    assert {row.state for row in waiting} == {ReminderState.PLANNED}
    assert {row.attempt for row in waiting} == {0}
    assert {row.lease_token for row in waiting} == {None}
    assert Postroom.objects.get().failures == 1
    assert tick(post, NOW + 6 * MINUTE) == {"sent": 3}
    assert Postroom.objects.get().failures == 0


@pytest.mark.parametrize("tries", [2, 5])
def test_a_server_that_always_hangs_up_gets_a_harmless_letter_twice_and_no_more(tries: int) -> None:
    row, post = booked_letter(), TestPost(*[CUT] * tries)
    for minute in range(60):
        tick(post, NOW + minute * MINUTE)
    assert len(post.mails) == 2
    assert set(post.copies.values()) == {2}
    assert again(row).state == ReminderState.UNKNOWN


def test_in_doubt_dye_again_is_never_repeated() -> None:
    row, due = dye_again_letter()
    post = TestPost(CUT)
    for minute in range(60):
        tick(post, due + minute * MINUTE)
    assert (len(post.mails), again(row).state) == (1, ReminderState.UNKNOWN)


def test_a_post_that_stumbles_is_a_doubt_and_the_batch_goes_on() -> None:
    class Stumbling(TestPost):
        def send(self, *mail: object) -> Outcome:
            if not self.mails:
                mail[-1]()
                self.mails.append(b"")
                raise RuntimeError("a bug")
            return super().send(*mail)

    for name in ("Ann", "Bo"):
        plan = plan_of(patient(name))
        book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    assert tick(Stumbling()) == {"planned": 1, "sent": 1}


# -- poison, and addresses that change ---------------------------------------------------------------------------------


def test_a_letter_that_cannot_be_written_fails_alone() -> None:
    for name in ("Ann", "Bo"):
        plan = plan_of(patient(name))
        book(plan.patient, NEXT_WEEK, session=plan.sessions.first())

    def sometimes(reminder: Reminder) -> Composed:
        if reminder.patient.first_name == "Ann":
            raise UnicodeError("poison")
        return compose(reminder)

    post = TestPost()
    ends = deliver_due(now=lambda: NOW, post_factory=lambda: post, compose=sometimes)
    assert ends == {"failed": 1, "sent": 1}
    failed = Reminder.objects.get(state=ReminderState.FAILED)
    assert failed.state_reason == "it could not be written: UnicodeError"
    assert (failed.mime, failed.handed_off_at) == (None, None)


def test_a_new_address_gets_a_new_mail_never_the_old_bytes() -> None:
    row, post = booked_letter(), TestPost(CUT)
    tick(post)
    Patient.objects.update(email="new@example.org")
    for minute in range(2, 5):
        tick(post, NOW + minute * MINUTE)
    assert post.recipients == ["mei@example.org", "new@example.org"]
    assert set(post.copies.values()) == {1}
    assert again(row).state == ReminderState.CANCELLED
    newer = Reminder.objects.get(supersedes=row)
    assert (newer.state, newer.content_version) == (ReminderState.SENT, 2)
    assert read(post.mails[1])["References"] == again(row).message_id


# -- the beat was off -----------------------------------------------------------------------------------------------


def test_beat_off_for_three_days_sends_nothing_useless_and_shows_what_expired() -> None:
    plan = plan_of(patient())
    book(plan.patient, NOW + DAY, session=plan.sessions.first())
    review_of(plan, 3, date(2026, 10, 20))
    other = plan_of(patient("Bo"))
    book(other.patient, NOW + 5 * DAY, session=other.sessions.first())
    post, later = TestPost(), NOW + 3 * DAY
    ends = tick(post, later)
    assert ends["expired"] == Reminder.objects.filter(state=ReminderState.EXPIRED).count()
    gone = set(Reminder.objects.filter(state=ReminderState.EXPIRED).values_list("kind", "patient__first_name"))
    # Mei's appointment is over, and what spoke of it is of no use. Bo's letters still are.
    assert gone >= {(LetterKind.APPOINTMENT_BOOKED, "Mei"), (LetterKind.SESSION_REMINDER, "Mei")}
    assert {name for _, name in gone} == {"Mei"}
    assert post.recipients == ["bo@example.org"]
    assert all(row.useful_until > later for row in Reminder.objects.filter(state=ReminderState.SENT))
    assert not Reminder.objects.due(later).exists()


# -- every end leaves its line in the audit ----------------------------------------------------------------------------


def test_every_end_is_audited() -> None:
    row = booked_letter()
    tick(TestPost(NOT_NOW))
    tick(TestPost(), NOW + HOUR)
    lines = AuditLine.objects.filter(about_id=row.pk).order_by("at").values_list("happened", "by_name")
    assert list(lines) == [("reminder.postponed", "program"), ("reminder.sent", "program")]


def test_the_last_letter_of_a_turn_has_its_end_while_its_row_is_still_ours() -> None:
    one = timedelta(seconds=LONGEST_SEND)
    assert 3 * one < LEASE
    assert ONE_TURN + one < LEASE


def test_the_sweep_skips_living_leases() -> None:
    booked_letter()
    claim_due(now=NOW, limit=10)
    assert sweep(now=NOW + MINUTE) == 0
    assert sweep(now=NOW + LEASE + MINUTE) == 1
