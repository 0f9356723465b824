"""Letters and clocks: the weeks in which a zone changes its own, and the machine's when somebody sets it wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest

from clinic.models import Location
from plans.models import LetterTime, Postroom, Reminder
from plans.operations.holding import release_letters
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import ReminderState
from plans.rules.wording import clock_words, day_words
from plans.tasks import tick
from tests.operations.letter_cast import DAY, HOUR, MINUTE, NOW, book, location, patient, staff
from tests.post.crooked_server import CrookedServer
from tests.proofs.conftest import Hour
from tests.proofs.desk import mail_goes_to, turn

pytestmark = pytest.mark.django_db

ZONES = ("Africa/Cairo", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Beirut")
TIMED = {LetterKind.SESSION_REMINDER, LetterKind.DAY_REMINDER}


def changes(zone: ZoneInfo) -> Iterator[date]:
    """The days of the coming year on which this zone's clocks are changed."""
    for number in range(366):
        day = NOW.date() + timedelta(days=10 + number)
        midnights = [datetime.combine(day + timedelta(days=n), time(), zone).astimezone(UTC) for n in (0, 1)]
        if midnights[1] - midnights[0] != DAY:
            yield day


@pytest.mark.parametrize("name", [ZONES[0], *[pytest.param(zone, marks=pytest.mark.long) for zone in ZONES[1:]]])
def test_in_the_weeks_in_which_clocks_change(name: str, settings: object, hour: Hour) -> None:
    zone, place = ZoneInfo(name), location()
    Location.objects.filter(pk=place.pk).update(time_zone=name, quiet_from=time(), quiet_until=time())
    LetterTime.objects.create(location=place, kind=LetterKind.DAY_REMINDER, is_on=True)
    days = list(changes(zone))
    assert len(days) == 2
    visits = {}
    for number, day in enumerate(day + timedelta(days=n) for day in days for n in (-1, 0, 1, 2)):
        starts = datetime.combine(day, time(10, 15), zone).astimezone(UTC)
        visit = book(patient(f"P{number}", home_location_id=place.pk), starts)
        visits[visit.pk] = starts
    Reminder.objects.exclude(kind__in=TIMED).delete()
    with CrookedServer() as server:
        mail_goes_to(settings, server.port, EMAIL_TIMEOUT=5, EMAIL_WALL_LIMIT=10)
        for due in sorted(set(Reminder.objects.values_list("due_at", flat=True))):
            before = len(server.kept)
            turn(hour, due - MINUTE)
            assert len(server.kept) == before, "none leaves a minute before its time"
            turn(hour, due)
            assert len(server.kept) > before
    letters = [message_from_bytes(mail, policy=policy.default) for mail in server.kept]
    assert len(letters) == 2 * len(visits)
    for letter in letters:
        row = Reminder.objects.get(message_id=letter["Message-ID"])
        starts, left = visits[row.about_id], letter["Date"].datetime
        on_the_day = datetime.combine(starts.astimezone(zone).date(), time(8), zone)
        assert left == (starts - 2 * DAY if row.kind == LetterKind.SESSION_REMINDER else on_the_day), (row.kind, starts)
        text = letter.get_body(preferencelist=("plain",)).get_content()
        assert day_words(starts.astimezone(zone).date()) in text
        assert clock_words(starts, zone) in text


def test_a_wrong_clock_stops_the_tick_until_a_human_has_looked(settings: object, hour: Hour) -> None:
    """Two hours back, then 400 days ahead, by the task that beat calls: not one letter twice, none ended unsent."""
    boss = staff("boss", is_manager=True)
    for number in range(3):
        book(patient(f"P{number}"), NOW + 10 * DAY + number * HOUR)
    with CrookedServer() as server:
        mail_goes_to(settings, server.port)

        def tick_at(now: datetime) -> int:
            hour.now = now
            tick()
            return len(server.kept)

        assert tick_at(NOW + 3 * HOUR) == 3
        Reminder.objects.filter(state=ReminderState.PLANNED).update(due_at=NOW + HOUR)
        assert [tick_at(NOW + HOUR + n * MINUTE) for n in (0, 1)] == [3, 3]
        assert Postroom.objects.get().held_since
        release_letters(why="The clock is right again.", by=boss, now=NOW + 3 * HOUR)
        planned = set(Reminder.objects.filter(state=ReminderState.PLANNED).values_list("pk", flat=True))
        assert planned
        assert tick_at(NOW + 400 * DAY) == 3
        assert set(Reminder.objects.filter(state=ReminderState.PLANNED).values_list("pk", flat=True)) == planned
        release_letters(why="The clock is right again.", by=boss, now=NOW + 4 * HOUR)
        for hours in range(4, 10):
            tick_at(NOW + hours * HOUR)
    ids = [message_from_bytes(mail)["Message-ID"] for mail in server.kept]
    assert len(set(ids)) == len(ids) == 3 + len(planned)
