"""Settings, clocks and disks: what would lose letters, rows or privacy before anybody notices."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage
from django.db import connection

from clinic import checks
from plans.doctor.finding import Finding

DISK_FULL = 0.95
CLOCKS_APART = timedelta(minutes=5)
FULL_SYNC = 2
_CHECKS: tuple[Callable[[None], list[CheckMessage]], ...] = (
    checks.mail_is_not_sent_in_clear,
    checks.sqlite_takes_its_lock_first,
    checks.time_zones_are_recent,
    checks.the_clock_is_not_moved_in_earnest,
)
_KEYS = {
    "clinic.E001": "clear_mail",
    "clinic.E002": "email_timeout",
    "clinic.E003": "sqlite_immediate",
    "clinic.E004": "sqlite_timeout",
    "clinic.E005": "tzdata",
    "clinic.E006": "clock_file",
}


def look_at_house() -> Iterator[Finding]:
    for check in _CHECKS:
        for message in check(None):
            yield Finding(_KEYS.get(message.id or "", message.id or "check"), str(message.msg))
    if settings.DEBUG:
        # On one machine it is how the program is tried out; where others come in it is a hole.
        at_home = checks.is_loopback(urlsplit(settings.PUBLIC_URL).hostname or "")
        words = "DEBUG is on: pages tell strangers how the program works inside."
        yield Finding("debug", words, is_fault=not at_home)
    yield from _sqlite()
    yield from _clocks()
    yield from _disks()
    yield from _media_served()


def _sqlite() -> Iterator[Finding]:
    if connection.vendor != "sqlite":
        return
    if pragma("journal_mode") != "wal":
        yield Finding("sqlite_wal", "SQLite does not keep a write-ahead log: readers and writers stop each other.")
    if pragma("synchronous") != FULL_SYNC:
        yield Finding("sqlite_full", "SQLite does not wait for the disk: after a power cut letters would go twice.")


def pragma(name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        found = cursor.fetchone()
        return found[0] if found else None


def _clocks() -> Iterator[Finding]:
    theirs = database_time()
    if theirs and abs(theirs - datetime.now(UTC)) > CLOCKS_APART:
        minutes = round(abs(theirs - datetime.now(UTC)).total_seconds() / 60)
        yield Finding("clock_skew", f"The database's clock and this machine's are {minutes} minutes apart.")


def database_time() -> datetime | None:
    """What the database server's clock says. SQLite has none of its own."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found


def _disks() -> Iterator[Finding]:
    places = {"var": Path(settings.VAR_DIR), "media": Path(settings.MEDIA_ROOT)}
    for name, place in places.items():
        if place.exists() and (share := full(place)) >= DISK_FULL:
            yield Finding(f"disk_{name}", f"The disk of the {name} folder is {share:.0%} full.")


def full(place: Path) -> float:
    """As `df` counts: what only root may still use is not free."""
    disk = shutil.disk_usage(place)
    return disk.used / (disk.used + disk.free) if disk.used + disk.free else 1.0


def _media_served() -> Iterator[Finding]:
    # Django puts "/" where nothing is set.
    if settings.MEDIA_URL not in ("", "/"):
        yield Finding("media_served", "MEDIA_URL is set: pictures must be served only by the view that asks who looks.")
    media = Path(settings.MEDIA_ROOT).resolve()
    open_to_all = [settings.STATIC_ROOT, *settings.STATICFILES_DIRS]
    if any(Path(str(place)).resolve() in (media, *media.parents) for place in open_to_all if place):
        yield Finding("media_served", "The pictures lie inside a folder that is served to everybody.")
