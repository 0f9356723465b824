"""The program's own turn over its letters, in this process: what beat asks for, at an hour the test says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q

from plans.models import Postroom, Reminder
from plans.rules.states import ReminderState

OPEN = (ReminderState.PLANNED, ReminderState.CLAIMED, ReminderState.HANDED_OFF)


def mail_goes_to(settings: object, port: int, **more: object) -> None:
    """Let the letters go to this port; a server that stalls costs a test half a second, not twenty."""
    usual = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_TIMEOUT": 0.3, "EMAIL_WALL_LIMIT": 0.8}
    settings.POST = {**usual, **more}


def turn(hour: object, now: datetime) -> Counter[str]:
    """One turn at this hour. A jump of the clock is the test's own doing, and nobody is asked about it."""
    from plans.tasks import deliver

    hour.now = now
    let_go()
    return deliver()


def let_go() -> None:
    """What a human does who is asked whether the letters may go: yes."""
    Postroom.objects.filter(held_since__isnull=False).update(held_since=None, hold_reason="")


def states(rows: Iterable[Reminder]) -> list[str]:
    return [Reminder.objects.get(pk=row.pk).state for row in rows]


def still_open() -> int:
    return Reminder.objects.filter(Q(state__in=OPEN)).count()


def whole_database() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the database holds it."""
    with connection.cursor() as cursor:
        return {name: _rows(cursor, name) for name in sorted(connection.introspection.table_names(cursor))}


def _rows(cursor: object, table: str) -> list[tuple[object, ...]]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return sorted(cursor.fetchall(), key=repr)
