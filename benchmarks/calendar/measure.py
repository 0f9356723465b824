"""One database's turn: the calendar's day, the SQL it asks, one raw query of the same rows, and Django's admin list."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from clinic_of import DAY, EACH, NOW, PEOPLE, build

HERE = Path(__file__).parent
PATH = f"/desk/?view=day&by=practitioner&day={DAY.isoformat()}"
RAW = """
SELECT a.id, a.location_id, a.practitioner_id, a.room_id, a.starts, a.ends, a.practitioner_free_at, a.room_free_at,
       a.state, a.purpose, a.version, a.changed_at, a.patient_id, p.first_name, p.last_name, p.phone, p.email, p.alert,
       p.home_location_id, a.session_id, s.plan_id, s.number, s.parts_json, s.earliest, s.latest, r.title,
       (a.session_id IS NOT NULL AND EXISTS (SELECT 1 FROM plans_checklistitem c WHERE c.session_id = a.session_id
        AND c.phase = 'pre' AND c.ticked_at IS NULL))
FROM plans_appointment a JOIN patients_patient p ON p.id = a.patient_id
LEFT JOIN plans_session s ON s.id = a.session_id LEFT JOIN plans_review r ON r.id = a.review_id
WHERE a.location_id = %s AND a.starts >= %s AND a.starts < %s AND a.state <> 'cancelled' ORDER BY a.starts, a.id
"""


class Peer:
    """Django's admin, in a process of its own on the same database."""

    def __init__(self) -> None:
        words = [sys.executable, str(HERE / "plain_admin.py"), str(DAY.year), str(DAY.month), str(DAY.day)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line()

    def seconds(self, what: str) -> float:
        """`whole`: the list as one opens it, `day`: with the day chosen above it."""
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the admin ended with {self._process.wait()}")
        return line

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


class Recorder:
    """Every query a page asks, to be asked again without the page."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.asked.append((sql, params))
        return execute(sql, params, many, context)


def record(page: Callable[[], object]) -> list[tuple[str, Any]]:
    from django.db import connection

    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        page()
    return [one for one in recorder.asked if one[0].lstrip(" (\n").upper().startswith("SELECT")]


def ask(queries: list[tuple[str, Any]]) -> int:
    from django.db import connection

    count = 0
    with connection.cursor() as cursor:
        for sql, params in queries:
            cursor.execute(sql, params)
            count += len(cursor.fetchall())
    return count


def main(days: int, rounds: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from clinic import clock
    from plans.queries.calendar import calendar
    from plans.rules.calendar_look import Look

    settings.ALLOWED_HOSTS = ["*"]
    clock.now = lambda: NOW
    began = time.perf_counter()
    desk = build(days)
    print(
        f"{PEOPLE * EACH:,} appointments a day over {2 * days + 1} days, written in {time.perf_counter() - began:.0f} s"
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client, peer = Client(), Peer()
    client.force_login(desk)
    look = Look.read({"view": ["day"], "by": ["practitioner"], "day": [DAY.isoformat()]}, {}, is_phone=False)

    def page() -> None:
        answer = client.get(PATH)
        assert answer.status_code == 200, answer.status_code

    raw = [(RAW, _values(desk))]
    assert ask(raw) == PEOPLE * EACH
    for _ in range(2):
        page()
        peer.seconds("day")
    queries, whole = record(lambda: calendar(desk, look, now=NOW)), record(page)
    parts: dict[str, Callable[[], object]] = {
        "one raw query of the same rows": lambda: ask(raw),
        f"the calendar's SQL ({len(queries)} queries)": lambda: ask(queries),
        "the calendar, its rows worked out": lambda: calendar(desk, look, now=NOW),
        f"the whole page ({len(whole)} queries)": page,
    }
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, part in parts.items():
            began = time.perf_counter()
            part()
            times.setdefault(name, []).append(1000 * (time.perf_counter() - began))
        times.setdefault("Django's admin, its list of the day", []).append(1000 * peer.seconds("day"))
        times.setdefault("Django's admin, its list as it opens", []).append(1000 * peer.seconds("whole"))
    peer.end()
    size = len(client.get(PATH).content)
    print(
        f"--- {connection.vendor}: medians of {rounds} rounds; page of {size / 1000:,.0f} kB; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    report(times)


def _values(desk: Any) -> list[Any]:
    from datetime import datetime, timedelta

    from django.db import connection

    place = desk.locations.get()
    midnight = datetime.combine(DAY, datetime.min.time(), tzinfo=place.zone)
    adapt = connection.ops.adapt_datetimefield_value
    key = place.pk.hex if connection.vendor == "sqlite" else str(place.pk)
    return [key, adapt(midnight), adapt(midnight + timedelta(days=1))]


def report(times: dict[str, list[float]]) -> None:
    raw, sql, _, page, peer, _ = (median(rounds) for rounds in times.values())
    for name, rounds in times.items():
        print(f"{name:<40} {median(rounds):9.1f} ms   ({min(rounds):.1f} to {max(rounds):.1f})")
    print(f"its SQL = {sql / raw:.2f} x the raw query (goal: at most 1.5): {'kept' if sql <= 1.5 * raw else 'MISSED'}")
    print(f"admin = {peer / page:.1f} x the page (goal: at least 20): {'kept' if peer >= 20 * page else 'MISSED'}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
