"""The one clock. Faces ask it and hand `now` on; everything below them is told the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The present instant, aware, in UTC; a moved one when CLOCK_FILE says so and DEBUG is on."""
    present = datetime.now(UTC)
    if not settings.CLOCK_FILE or not settings.DEBUG:
        return present
    return _moved(Path(settings.CLOCK_FILE), present)


def _moved(file: Path, present: datetime) -> datetime:
    """Read `2026-10-05T15:00:00+00:00` (time stands still there) or `+86400` (seconds ahead of the real clock).

    An absent or empty file means the real time, so that a demo can go back to it by deleting the file.
    """
    try:
        text = file.read_text().strip()
    except FileNotFoundError:
        return present
    if not text:
        return present
    if text[0] in "+-":
        return present + timedelta(seconds=float(text))
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
