"""While a turn runs, people cancel, move, unsubscribe and change their address. What is no longer so does not leave."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from patients.models import Patient
from patients.operations.patients import unsubscribe
from plans.models import Appointment, Reminder
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import ReminderState
from plans.tasks import deliver
from tests.operations.letter_cast import DAY, MINUTE, NOW, book, cancel
from tests.proofs.conftest import Hour
from tests.proofs.desk import turn
from tests.proofs.forked import Forked
from tests.proofs.house import wait
from tests.proofs.letters import due_letters
from tests.proofs.test_fault_points import Mails, sink

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 120
LEFT = (ReminderState.HANDED_OFF, ReminderState.SENT)


def cancelled(visit: Appointment) -> None:
    cancel(visit, NOW)


def moved(visit: Appointment) -> None:
    book(visit.patient, visit.starts + 20 * DAY, now=NOW, instead_of=visit)


def unsubscribed(visit: Appointment) -> None:
    unsubscribe(patient_id=visit.patient_id, group="appointments", now=NOW)


def another_address(visit: Appointment) -> None:
    Patient.objects.filter(pk=visit.patient_id).update(email=f"new.{visit.patient.email}")


def test_what_changes_while_a_turn_runs(tmp_path: Path, settings: object, hour: Hour) -> None:
    due_letters(2 * LETTERS, NOW)
    Reminder.objects.exclude(kind=LetterKind.APPOINTMENT_BOOKED).delete()
    visits = list(Appointment.objects.select_related("patient__home_location"))
    Random(7).shuffle(visits)
    changed: dict[object, tuple[str, bool]] = {}
    with sink(settings, tmp_path / "mails", think=0.05) as mails:
        hour.now, claimed = NOW, 0
        running = Forked(deliver)
        wait(lambda: len(mails) > 0, seconds=30, every=0.001)
        for number, visit in enumerate(visits):
            before = Reminder.objects.only("state").get(about_id=visit.pk)
            if before.state == ReminderState.SENT:
                continue
            deed = (cancelled, moved, unsubscribed, another_address)[number % 4]
            deed(visit)
            after = Reminder.objects.only("state").get(pk=before.pk)
            changed[visit.pk] = deed.__name__, after.state in LEFT
            claimed += before.state == ReminderState.CLAIMED and after.state not in LEFT
            if running.ended:
                break
        assert running.wait() == 0
        assert claimed > 10, "most letters were claimed when their world changed"
        for minutes in (3, 6):
            turn(hour, NOW + minutes * MINUTE)
        for visit_id, (deed_name, had_left) in changed.items():
            for row in Reminder.objects.filter(about_id=visit_id, kind=LetterKind.APPOINTMENT_BOOKED):
                judge(row, deed_name, had_left, mails)


def judge(row: Reminder, deed: str, had_left: bool, mails: Mails) -> None:
    """A letter that had not left when its world changed never leaves as it was."""
    to = mails.recipients(row.message_id)
    if deed == "another_address":
        assert had_left or all(address.startswith("new.") for address in to), "to the old address"
        assert row.state in (ReminderState.SENT, ReminderState.CANCELLED)
        return
    end = ReminderState.SKIPPED if deed == "unsubscribed" else ReminderState.CANCELLED
    assert had_left or (row.state, to) == (end, []), (deed, row.state, to)
    assert (row.state == ReminderState.SENT) == bool(to)
