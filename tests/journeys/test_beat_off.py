"""The alarm clock was off for three days: nothing useless goes out, the rest does, and staff see whom to phone."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from plans.models import Reminder
from plans.queries import outbox
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, HOUR, NOW, book, complete, patient, plan_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_folder(tmp_path: Path, settings: object) -> Path:
    settings.POST, settings.MAIL_FOLDER = None, tmp_path / "mail"
    return settings.MAIL_FOLDER


def test_after_three_days_without_a_beat(mail_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late, coming, treated = (plan_of(patient(name)) for name in ("Late", "Coming", "Treated"))
    book(late.patient, NOW + DAY, session=late.sessions.first())
    book(coming.patient, NOW + 5 * DAY, session=coming.sessions.first())
    complete(treated.sessions.first(), NOW)
    with time_machine.travel(NOW + 3 * DAY, tick=False):
        call_command("dispatch_reminders")
    assert "3 expired, 4 sent" in capsys.readouterr().out
    mails = [message_from_bytes(file.read_bytes()) for file in mail_folder.glob("*.eml")]
    sent = sorted((mail["To"].split()[0], mail["Date"]) for mail in mails)
    assert [name for name, _ in sent] == ["Coming", "Coming", "Coming", "Treated"]
    assert {date for _, date in sent} == {"Thu, 08 Oct 2026 01:00:00 +0000"}

    manager = staff("manager", is_manager=True)
    missed = outbox.expired(manager, since=NOW)
    assert sorted((row.patient.first_name, row.kind) for row in missed) == [
        ("Late", LetterKind.APPOINTMENT_BOOKED),
        ("Late", LetterKind.SESSION_REMINDER),
        ("Treated", LetterKind.NO_WASH),
    ]
    assert {outbox.why(row) for row in missed} == {"Not sent: its time passed before it was sent."}
    assert outbox.counts(manager)[ReminderState.EXPIRED] == 3


def test_and_the_next_tick_sends_nothing_again(mail_folder: Path) -> None:
    plan = plan_of(patient())
    book(plan.patient, NOW + 5 * DAY, session=plan.sessions.first())
    for hours in (0, 1, 72, 73, 200):
        with time_machine.travel(NOW + hours * HOUR, tick=False):
            call_command("dispatch_reminders")
    assert len(list(mail_folder.glob("*.eml"))) == 3
    assert not Reminder.objects.exclude(state=ReminderState.SENT).exists()
