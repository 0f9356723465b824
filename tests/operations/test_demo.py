"""The demo clinic comes alive on any day of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import F
from django.db.models.functions import Greatest

from clinic.models import Location, Staff
from plans.models import Appointment, Photo, Plan, Reminder, Review
from plans.rules.letter_times import HOUSE_TIMES
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentState, PlanState, ReminderState, ReviewState
from plans.rules.wording import day_words

pytestmark = pytest.mark.django_db

# A Sunday night in Europe is Monday in Singapore. On 24 April and 30 October Cairo's clocks jump at midnight.
AWKWARD = [
    datetime(2028, 2, 29, 3, 0, tzinfo=UTC),
    datetime(2027, 1, 31, 12, 0, tzinfo=UTC),
    datetime(2026, 4, 24, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 30, 20, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
]
DAYS = [datetime(2026, 10, 4, 23, 30, tzinfo=UTC), *(pytest.param(day, marks=pytest.mark.long) for day in AWKWARD)]


@pytest.fixture
def folders(settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places of its own, and small pictures: painting them is most of the work."""
    monkeypatch.setattr("plans.demo.stage.PICTURE", (400, 300))
    settings.DEBUG = True
    settings.MAIL_FOLDER, settings.MEDIA_ROOT = tmp_path / "mail", tmp_path / "media"


@pytest.mark.parametrize("now", DAYS, ids=lambda now: f"{day_words(now.date())}")
def test_the_demo_fills_an_empty_clinic_on_any_day(now: datetime, folders: None) -> None:
    with time_machine.travel(now, tick=False):
        call_command("load_protocols")
        call_command("fill_demo")
        with pytest.raises(CommandError, match="people in this database already"):
            call_command("fill_demo")
    assert Location.objects.count() == 2 and Staff.objects.count() >= 4
    assert {PlanState.ACTIVE, PlanState.DRAFT} <= set(Plan.objects.values_list("state", flat=True))
    assert Photo.objects.exists() and Review.objects.filter(state=ReviewState.DECIDED, months=3).exists()
    assert Appointment.objects.filter(state=AppointmentState.NO_SHOW).exists()
    assert Appointment.objects.filter(starts__gt=now, state=AppointmentState.BOOKED).exists()
    # Its letters went out as in real life: each at its minute, none left behind, one refused by its server.
    assert not Reminder.objects.due(now - timedelta(minutes=2)).exists()
    sent = Reminder.objects.filter(state=ReminderState.SENT)
    # A booster lies months behind everybody's course.
    usual = {kind for kind in LetterKind if HOUSE_TIMES.of(kind).is_on} - {LetterKind.BOOSTER_DUE}
    assert set(sent.values_list("kind", flat=True)) == usual
    at_its_hour = Greatest(F("due_at"), F("planned_at"))
    assert not sent.filter(sent_at__lt=at_its_hour).exists()
    assert not sent.filter(sent_at__gt=at_its_hour + timedelta(minutes=2)).exists()
    assert Reminder.objects.filter(state=ReminderState.FAILED).exists()
    assert not Reminder.objects.filter(sent_at__gt=now).exists()


def test_there_are_no_demo_people_in_earnest(settings: object) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only with DEBUG on"):
        call_command("fill_demo")
    assert not Staff.objects.exists()
