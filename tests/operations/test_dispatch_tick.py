"""The alarm clock's one task: named as the beat calls it, worthless when old, harmless when it runs again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as project

from plans.models import Reminder
from plans.rules.states import ReminderState
from plans.tasks import tick
from tests.operations.letter_cast import DAY, NOW, book, patient, plan_of


@pytest.mark.django_db
def test_a_tick_writes_what_is_due_to_the_folder(tmp_path: Path, settings: object) -> None:
    settings.POST, settings.MAIL_FOLDER = None, tmp_path
    plan = plan_of(patient())
    book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    with time_machine.travel(NOW, tick=False):
        tick()
        tick()
    [mail] = tmp_path.glob("*.eml")
    sent = Reminder.objects.get(state=ReminderState.SENT)
    assert mail.name == f"r{sent.pk.hex}.v1.eml"
    assert mail.read_bytes() == bytes(sent.mime)


def test_the_beat_calls_the_task_that_exists() -> None:
    [entry] = [one for one in project.CELERY_BEAT_SCHEDULE.values() if one["task"] == tick.name]
    assert entry["options"]["expires"] <= entry["schedule"]
    assert tick.expires <= entry["schedule"]
    assert tick.ignore_result


def test_no_message_waits_in_the_broker_for_a_far_hour() -> None:
    """On Redis an eta longer than the visibility timeout runs again and again: rows hold the hour, never messages."""
    code = [
        file for package in ("clinic", "patients", "plans") for file in Path(project.BASE_DIR, package).rglob("*.py")
    ]
    waiting = [file for file in code if re.search(r"\b(eta|countdown)\s*=", file.read_text())]
    assert len(code) > 50
    assert waiting == []
