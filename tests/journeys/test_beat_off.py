"""The alarm clock was off for three days: nothing useless goes out, the rest does, and staff see whom to phone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from plans.models import Postroom, Reminder
from plans.queries import outbox
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, HOUR, MINUTE, NOW, book, complete, patient, plan_of, staff

pytestmark = pytest.mark.django_db
BACK = NOW + 3 * DAY


@pytest.fixture
def mail_folder(tmp_path: Path, settings: object) -> Iterator[Path]:
    settings.POST, settings.MAIL_FOLDER = None, tmp_path / "mail"
    with time_machine.travel(NOW - MINUTE, tick=False):
        call_command("dispatch_reminders")
    yield settings.MAIL_FOLDER


def test_after_three_days_without_a_beat(mail_folder: Path) -> None:
    late, coming, treated = (plan_of(patient(name)) for name in ("Late", "Coming", "Treated"))
    book(late.patient, NOW + DAY, session=late.sessions.first())
    book(coming.patient, NOW + 5 * DAY, session=coming.sessions.first())
    complete(treated.sessions.first(), NOW)
    missed = list(Reminder.objects.filter(due_at__lte=BACK))
    for minutes in range(0, 12 * 60, 15):
        with time_machine.travel(BACK + minutes * MINUTE, tick=False):
            call_command("dispatch_reminders")
    assert Postroom.objects.get().held_since is None, "three days are no reason to hold"

    rows = {row.pk: row for row in Reminder.objects.filter(pk__in=[row.pk for row in missed])}
    ends = {ReminderState.SENT, ReminderState.EXPIRED, ReminderState.SKIPPED}
    assert {row.state for row in rows.values()} <= ends, "nothing is forgotten"
    sent = Reminder.objects.filter(state=ReminderState.SENT)
    assert all(row.sent_at < row.useful_until for row in sent), "nothing useless is sent"
    assert len(list(mail_folder.glob("*.eml"))) == sent.count() > 2
    for person in (late.patient, coming.patient, treated.patient):
        hours = sorted(row.sent_at for row in sent if row.patient_id == person.pk)
        assert all(after - before >= HOUR for before, after in pairwise(hours)), person
        urgent = [row for row in rows.values() if row.patient_id == person.pk and row.useful_until > BACK]
        if urgent := sorted(urgent, key=lambda row: row.useful_until):
            assert BACK in {row.sent_at for row in urgent}, "one leaves at once"

    manager = staff("manager", is_manager=True)
    listed = outbox.expired(manager, since=NOW)
    assert {row.pk for row in listed} == {pk for pk, row in rows.items() if row.state == ReminderState.EXPIRED}
    expected = {("Late", LetterKind.APPOINTMENT_BOOKED), ("Late", LetterKind.SESSION_REMINDER)}
    told = {(row.patient.first_name, row.kind) for row in listed}
    assert expected <= told
    assert "Treated" in {name for name, _ in told}, "care that came too late is phoned"
    assert all("its time passed" in outbox.why(row) or "useful" in outbox.why(row) for row in listed)


def test_and_the_next_tick_sends_nothing_again(mail_folder: Path) -> None:
    plan = plan_of(patient())
    book(plan.patient, NOW + 5 * DAY, session=plan.sessions.first())
    for hours in (0, 1, 72, 73, 74, 75, 76, 77, 200):
        with time_machine.travel(NOW + hours * HOUR, tick=False):
            call_command("dispatch_reminders")
    sent = Reminder.objects.filter(state=ReminderState.SENT).count()
    assert len(list(mail_folder.glob("*.eml"))) == sent >= 3
    assert not Reminder.objects.filter(due_at__lte=NOW + 200 * HOUR, state=ReminderState.PLANNED).exists()
