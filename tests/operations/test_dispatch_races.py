"""The world moves while letters are on their way: between the claim and the last moment, nothing old may leave."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from clinic.post import Outcome, OutcomeKind
from patients.models import MailboxState, Patient
from plans.letters.compose import for_batch
from plans.models import Reminder
from plans.operations.batch import prepare
from plans.operations.claim import claim_due, give_back
from plans.operations.clerk import Clerk
from plans.operations.handoff import LEASE, Letter, look_again
from plans.operations.reminders import replan_reminders
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, MINUTE, NOW, book, cancel, patient, plan_of


def claimed_letter() -> tuple[Letter, Clerk]:
    """One letter, written from the world as it is and waiting for the server's word."""
    plan = plan_of(patient())
    book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    Reminder.objects.exclude(kind=LetterKind.APPOINTMENT_BOOKED).delete()
    rows = claim_due(now=NOW, limit=10)
    [letter] = [one for one in prepare(rows, now=NOW, for_batch=for_batch, ends=Counter()) if one]
    return letter, Clerk(lambda: NOW, Counter())


def state_of(letter: Letter) -> tuple[str, str]:
    row = Reminder.objects.get(pk=letter.row.pk)
    return row.state, row.state_reason


def her(**change: object) -> Callable[[Letter], object]:
    return lambda letter: Patient.objects.filter(pk=letter.row.patient_id).update(**change)


def nothing_new(letter: Letter) -> None:
    replan_reminders(letter.row.patient, now=NOW)


CHANGES = {
    "cancelled": (lambda letter: cancel(letter.row.patient.appointments.get(), NOW), ReminderState.CANCELLED),
    "looked at again": (nothing_new, ReminderState.PLANNED),
    "another address": (her(email="new@example.org"), ReminderState.PLANNED),
    "no address": (her(email=""), ReminderState.SKIPPED),
    "a dead mailbox": (her(mailbox=MailboxState.DEAD), ReminderState.SKIPPED),
    "unsubscribed": (her(wants_appointment_mail=False), ReminderState.SKIPPED),
    "links revoked": (her(link_version=2), ReminderState.PLANNED),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "after"), CHANGES.values(), ids=CHANGES)
def test_what_changed_after_the_letter_was_written_keeps_it_from_leaving(
    change: Callable[[Letter], object], after: str
) -> None:
    letter, clerk = claimed_letter()
    change(letter)
    assert not clerk.may_leave(letter)
    look_again(letter, now=NOW)
    row = Reminder.objects.get(pk=letter.row.pk)
    assert (row.state, row.mime, row.handed_off_at) == (after, None, None)


@pytest.mark.django_db
@pytest.mark.parametrize("late", [LEASE, 8 * DAY])
def test_a_letter_that_comes_too_late_for_its_lease_or_its_use_stays(late: object) -> None:
    letter, _ = claimed_letter()
    assert not Clerk(lambda: NOW + late, Counter()).may_leave(letter)
    assert state_of(letter)[0] == ReminderState.CLAIMED


@pytest.mark.django_db(transaction=True)
def test_a_change_in_flight_is_either_waited_for_or_takes_the_row_back() -> None:
    """A desk cancels while a dispatcher claims, writes and asks to hand off: whoever is first, nothing false leaves."""
    letter, clerk = claimed_letter()
    changed, go_on = threading.Event(), threading.Event()

    def desk() -> None:
        with transaction.atomic():
            cancel(Patient.objects.get().appointments.get(), NOW)
            changed.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=desk)
    thread.start()
    assert changed.wait(10)
    # Not committed yet, but locked: the mark has to wait for it, and then finds another row.
    threading.Timer(0.3, go_on.set).start()
    assert not clerk.may_leave(letter)
    thread.join()
    assert state_of(letter) == (ReminderState.CANCELLED, "the appointment was cancelled")


@pytest.mark.django_db(transaction=True)
def test_a_claim_passes_over_rows_a_change_has_locked() -> None:
    letter, _ = claimed_letter()
    give_back([letter.row])
    locked, go_on = threading.Event(), threading.Event()

    def desk() -> None:
        with transaction.atomic():
            cancel(Patient.objects.get().appointments.get(), NOW)
            locked.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=desk)
    thread.start()
    assert locked.wait(10)
    if not connection.features.has_select_for_update_skip_locked:
        threading.Timer(0.3, go_on.set).start()  # SQLite has one writer: the claim waits for it
    booked = [row.kind for row in claim_due(now=NOW, limit=10)]
    go_on.set()
    thread.join()
    assert LetterKind.APPOINTMENT_BOOKED not in booked
    assert state_of(letter)[0] == ReminderState.CANCELLED


@pytest.mark.django_db
def test_sent_and_the_next_mark_are_one_transaction_and_one_doubt() -> None:
    """The first letter's end waits for the second one's mark, so that never two of a connection are in doubt."""
    for name in ("Ann", "Bo"):
        plan = plan_of(patient(name))
        book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    rows = claim_due(now=NOW + MINUTE, limit=2)
    first, second = [one for one in prepare(rows, now=NOW, for_batch=for_batch, ends=Counter()) if one]
    clerk = Clerk(lambda: NOW, Counter())
    assert clerk.may_leave(first)
    clerk.note(first, Outcome(OutcomeKind.SENT, 250, "taken"))
    assert (state_of(first)[0], state_of(second)[0]) == (ReminderState.HANDED_OFF, ReminderState.CLAIMED)
    assert clerk.may_leave(second)
    assert (state_of(first)[0], state_of(second)[0]) == (ReminderState.SENT, ReminderState.HANDED_OFF)
