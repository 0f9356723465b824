"""The broker gone, emptied, deaf, cut off; the database restarted; a worker that sleeps past its lease."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from clinic.celery import app
from plans.models import Reminder
from plans.rules.states import ReminderState
from plans.tasks import deliver
from tests.operations.letter_cast import MINUTE, NOW
from tests.pages.visits import first_of, open_pages
from tests.proofs.conftest import Hour
from tests.proofs.desk import turn
from tests.proofs.forked import Forked
from tests.proofs.house import CELERY, House, nothing_lost, wait
from tests.proofs.letters import due_letters
from tests.proofs.test_fault_points import ends_well, sink
from tests.servers import Postgres

TWO_MINUTES = 120
WORKER = ("--pool", "threads", "--concurrency", "2", "--loglevel", "INFO")
BEAT = [*CELERY, "beat", "--pidfile=", "--loglevel", "INFO"]


# -- the broker --------------------------------------------------------------------------------------------------------
def killed(house: House) -> None:
    house.valkey.kill()
    time.sleep(3)
    house.valkey.start()


def emptied(house: House) -> None:
    assert house.valkey.tell("FLUSHALL").startswith(b"+OK")


def deaf(house: House) -> None:
    house.valkey.pause(20)


def asleep(house: House) -> None:
    house.valkey.tell("DEBUG SLEEP 30")


def cut_off(house: House) -> None:
    for _ in range(50):
        for kind in ("normal", "pubsub"):
            house.valkey.tell("CLIENT KILL TYPE", kind, "SKIPME yes")
        time.sleep(0.05)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outage", [killed, emptied, deaf, asleep, cut_off], ids=lambda one: one.__name__)
def test_letters_leave_two_minutes_after_the_broker_is_back(
    outage: Callable[[House], None], tmp_path: Path, database_url: str
) -> None:
    with House(tmp_path, database_url, now=NOW) as house:
        worker = house.hire(*WORKER, name="worker@localhost")
        house.run(BEAT, "beat")
        due_letters(20, NOW)
        wait(lambda: house.arrived >= 20, seconds=180, every=0.2, what=lambda: worker.said[-2000:])
        outage(house)
        back = time.monotonic()
        due_letters(20, NOW)
        wait(lambda: house.arrived >= 40, seconds=TWO_MINUTES, every=0.2, what=lambda: worker.said[-3000:])
        print(f"\n{outage.__name__}: the first letters left {time.monotonic() - back:.0f} s after it was back")
        wait(lambda: not house.still_open(), seconds=30)
        assert nothing_lost(house) == (0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.once
def test_without_a_broker_a_booking_answers_at_once_and_its_letter_leaves_later(
    tmp_path: Path, settings: object, hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = open_pages(settings, tmp_path)
    nowhere = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "unix:///nowhere/s?db=0"}
    settings.CACHES = {"default": nowhere}
    monkeypatch.setattr(app.conf, "broker_url", "redis+socket:///nowhere/s?virtual_host=0")
    session, desk = first_of(clinic.plan()), clinic.desk
    hour.now = clinic.cast.now
    place = {name[:-3]: value for name, value in clinic.cast.place().items()}
    said = {**place, "day": clinic.cast.today, "minutes": 60, "time": "15:00"}
    address = reverse("plans:session-book", args=[session.pk])
    desk.get(address)
    began = time.monotonic()
    answer = desk.post(address, said)
    assert time.monotonic() - began < 1
    assert answer.status_code == 302, answer.content.decode()[:2000]
    row = Reminder.objects.get(kind="appointment_booked")
    assert row.state == ReminderState.PLANNED
    with sink(settings, tmp_path / "mails") as mails:
        turn(hour, hour.now + MINUTE)
        row.refresh_from_db()
        assert (row.state, len(mails.copies(row.message_id))) == (ReminderState.SENT, 1)


# -- the database ------------------------------------------------------------------------------------------------------
@pytest.mark.long
@pytest.mark.once
def test_letters_leave_two_minutes_after_the_database_is_back(tmp_path: Path) -> None:
    with Postgres() as postgres, House(tmp_path, postgres.url, now=NOW) as house:

        def look(count: int = 0) -> dict[str, int]:
            words = [sys.executable, "-m", "tests.proofs.plant", str(count), NOW.isoformat()]
            found = subprocess.run(words, env=house.env, capture_output=True, check=True, text=True)
            return dict(json.loads(found.stdout.splitlines()[-1]))

        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=house.env, check=True)
        worker = house.hire(*WORKER, name="worker@localhost")
        house.run(BEAT, "beat")
        look(count=20)
        wait(lambda: house.arrived >= 20, seconds=180, every=0.2, what=lambda: worker.said[-2000:])
        # Restarted twice: between two turns, and away while a turn is due.
        for seconds, expected in ((1, 40), (70, 60)):
            postgres.stop()
            time.sleep(seconds)
            postgres.start()
            back = time.monotonic()
            look(count=20)
            wait(lambda: house.arrived >= expected, seconds=TWO_MINUTES, every=0.2, what=lambda: worker.said[-3000:])  # noqa: B023
            print(f"\nthe first letters left {time.monotonic() - back:.0f} s after the database was back")
        wait(lambda: look() == {"sent": 60}, seconds=30, every=1, what=look)
        assert {len(copies) for copies in house.mails.values()} == {1}


# -- a lease that was slept through ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_who_slept_past_the_lease_changes_nothing_any_more(tmp_path: Path, settings: object, hour: Hour) -> None:
    due_letters(60, NOW)
    with sink(settings, tmp_path / "mails", think=0.01) as mails:
        hour.now = NOW
        sleeper = Forked(deliver)
        wait(lambda: len(mails) >= 10, seconds=30, every=0.001)
        sleeper.sleep()
        try:
            for minutes in (3, 6, 9):
                turn(hour, NOW + minutes * MINUTE)
            rows = list(Reminder.objects.order_by("pk").values())
            assert {row["state"] for row in rows} <= {ReminderState.SENT, ReminderState.UNKNOWN}
        finally:
            sleeper.wake()
        assert sleeper.wait() == 0
        assert list(Reminder.objects.order_by("pk").values()) == rows, "its late writes are refused"
        for row in Reminder.objects.all():
            ends_well(row, mails.copies(row.message_id), 0)
