"""The doctor finds what was broken on purpose, each by its own name, and nothing where all is well."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from clinic import checks, pulse
from plans.doctor import examine, house, letters
from plans.models import Postroom, Reminder
from plans.operations.postroom import connection_failed, open_turn
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, HOUR, MINUTE, NOW, book, patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def clean(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house that runs: it ticked a moment ago, letters are planned, its files are private and have their rows."""
    media = tmp_path / "media"
    (media / "photos").mkdir(parents=True, mode=0o700)
    media.chmod(0o755)  # as it comes with the program
    (media / ".gitkeep").touch()
    settings.MEDIA_ROOT, settings.VAR_DIR = media, tmp_path
    # Tests do not wait for the disk; a house does.
    real = house.pragma
    monkeypatch.setattr(house, "pragma", lambda name: house.FULL_SYNC if name == "synchronous" else real(name))
    monkeypatch.setattr(house, "database_time", lambda: datetime.now(UTC))  # the test turns only this machine's clock
    book(patient(), NOW + 9 * DAY)
    Reminder.objects.filter(due_at__lte=NOW).update(state=ReminderState.SENT, sent_at=NOW)
    open_turn(now=NOW)
    cache.clear()
    yield media
    cache.clear()


def keys(*, walk: bool = True, now: datetime = NOW) -> set[str]:
    return {one.key for one in examine(now, walk=walk) if one.is_fault}


def test_a_clean_house_gives_no_alarm(clean: Path, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine(NOW, walk=True) == []
    with time_machine.travel(NOW + MINUTE, tick=False):
        call_command("doctor")
        assert client.get("/healthz/deep").json() == {"status": "ok", "faults": [], "notes": []}
    assert capsys.readouterr().out == "All is well.\n"


def _due(state: str = ReminderState.PLANNED, **more: object) -> Reminder:
    row = Reminder.objects.filter(state=ReminderState.PLANNED).first()
    Reminder.objects.filter(pk=row.pk).update(state=state, **more)
    return row


def old_tzdata(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    patch.setattr(checks, "ZoneInfo", lambda _: ZoneInfo("Etc/GMT-2"))


def no_timeout(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    settings.POST = {"EMAIL_HOST": "mail.example", "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False, "EMAIL_TIMEOUT": 0}


def clear_mail(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    settings.POST = {"EMAIL_HOST": "mail.example", "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False, "EMAIL_TIMEOUT": 9}


def deferred(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"timeout": 60, "transaction_mode": "DEFERRED"}}
    patch.setattr(
        checks, "settings", type("Settings", (), {"DATABASES": {"default": database}, "POST": None, "CLOCK_FILE": ""})
    )


def not_synced(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    patch.setattr(house, "connection", type("Connection", (), {"vendor": "sqlite"}))
    patch.setattr(house, "pragma", {"journal_mode": "delete", "synchronous": 1}.get)


def open_media(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    (media / "photos").chmod(0o755)


def readable_file(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    (media / "photos" / "a.jpg").touch()
    (media / "photos" / "a.jpg").chmod(0o644)


def served_media(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    settings.STATICFILES_DIRS = [media.parent]


def skewed(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    patch.setattr(house, "database_time", lambda: datetime.now(UTC) - timedelta(minutes=6))


def full_disk(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    patch.setattr(house, "full", lambda place: 0.95 if place == media else 0.5)


def debugging(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    settings.DEBUG, settings.PUBLIC_URL = True, "https://clinic.example"


def dead_beat(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    Postroom.objects.update(last_tick_at=NOW - 6 * MINUTE)


def overdue(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    _due(due_at=NOW - 16 * MINUTE, planned_at=NOW - DAY)


def unknown(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    _due(ReminderState.UNKNOWN)


def stuck(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    _due(ReminderState.CLAIMED, lease_until=NOW - HOUR, lease_token=uuid4())


def held(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    call_command("hold_letters", why="Trying.")


def no_server(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    for _ in range(5):
        connection_failed(now=NOW, reason="Connection refused")


def wrong_password(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    connection_failed(now=NOW, reason="535 5.7.8 authentication failed")


def lost_file(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    patch.setattr("plans.doctor.files.names_in_rows", lambda: {"photos/gone.jpg"})


def two_beats(settings: object, patch: pytest.MonkeyPatch, media: Path) -> None:
    def signs_of(me: str) -> None:
        patch.setattr(pulse, "_me", me)
        patch.setattr(pulse, "_last", {} if me not in known else {"beat": -100.0})
        pulse.sign_of_life("beat")
        known.add(me)

    known: set[str] = set()
    signs_of("host:1")
    signs_of("host:2")
    assert not pulse.other_beat(), "a beat that was started anew is no second one"
    signs_of("host:2")
    assert not pulse.other_beat()
    signs_of("host:1")
    signs_of("host:2")


PLANTED: dict[str, Callable[[object, pytest.MonkeyPatch, Path], None]] = {
    "tzdata": old_tzdata, "email_timeout": no_timeout, "clear_mail": clear_mail, "sqlite_immediate": deferred,
    "sqlite_full": not_synced, "media_door": open_media, "media_modes": readable_file, "media_served": served_media,
    "clock_skew": skewed, "disk_media": full_disk, "debug": debugging, "tick": dead_beat, "overdue": overdue,
    "unknown": unknown, "stuck": stuck, "held": held, "breaker": no_server, "files_missing": lost_file,
    "two_beats": two_beats,
}  # fmt: skip


@pytest.mark.parametrize("key", PLANTED)
def test_a_planted_fault_is_found_by_its_name(
    key: str, clean: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    PLANTED[key](settings, monkeypatch, clean)
    assert keys() - {"sqlite_wal"} == {key}


def test_a_wrong_password_alarms_at_the_first_failure(clean: Path) -> None:
    connection_failed(now=NOW, reason="Connection refused")
    assert not keys(), "one refused connection is no alarm"
    wrong_password(None, None, clean)
    assert keys() == {"breaker"}


def test_held_letters_are_not_late_as_well(clean: Path) -> None:
    call_command("hold_letters", why="Trying.")
    _due(due_at=NOW - HOUR)
    assert keys() == {"held"}


def test_the_answers_are_for_programs_and_name_no_patient(
    clean: Path, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    _due(ReminderState.UNKNOWN)
    with time_machine.travel(NOW + MINUTE, tick=False):
        with pytest.raises(SystemExit) as end:
            call_command("doctor", json=True)
        answer = client.get("/healthz/deep")
    assert end.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], list(told["faults"])) == ("fault", ["unknown"])
    assert answer.status_code == 503
    assert answer.json()["faults"] == list(told["faults"])
    assert "Mei" not in answer.content.decode()


def test_only_orphans_over_a_day_old_are_removed(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    young, old = clean / "photos" / "young.jpg", clean / "photos" / "old.jpg"
    for file in (young, old):
        file.touch(mode=0o600)
    with time_machine.travel(NOW, tick=False):
        for file, age in ((young, 23 * HOUR), (old, 25 * HOUR)):
            os.utime(file, times=((NOW - age).timestamp(),) * 2)
        call_command("doctor", remove_orphans=True)
    told = capsys.readouterr()
    assert told.err == "removed photos/old.jpg\n"
    assert "note  orphans: 1 files belong to no row: photos/young.jpg" in told.out
    assert (young.exists(), old.exists()) == (True, False)
    assert (clean / ".gitkeep").exists()


def test_many_refused_letters_of_one_day_are_an_alarm_a_few_are_work(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _due(ReminderState.FAILED, due_at=NOW - MINUTE)
    assert [one.key for one in examine(NOW, walk=False)] == ["failed"]
    assert not keys()
    monkeypatch.setattr(letters, "MANY_FAILED", 0)
    assert keys() == {"failed"}
