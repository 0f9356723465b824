"""One database's turn: the same question to the bare SQL, the plain way, the peer and the finder, in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import reference
from clinic_of import MINUTES, NOW, SESSIONS, ZONE, Clinic, build
from diary import OPENS, PEOPLE, Booking, as_rows, fill, load

DAYS, FIRST = 60, 10
NEAR = 28, 42
HORIZON = NEAR[1] * SESSIONS
WEEK = timedelta(days=7)
HELD = ("booked", "confirmed", "arrived", "in_treatment", "done")
Times = dict[str, list[tuple[float, float]]]


class Peer:
    """django-appointment, in a process of its own."""

    def __init__(self, python: str, bookings: list[Booking], first: date, folder: Path) -> None:
        file = folder / "bookings.json"
        few = [one for one in bookings if one.day < DAYS]
        said = {"zone": ZONE, "first": first.isoformat(), "days": DAYS, "minutes": MINUTES, "people": PEOPLE}
        file.write_text(json.dumps({**said, "bookings": as_rows(few)}))
        script = Path(__file__).with_name("peer.py")
        words = [python, str(script), str(file), str(folder / "peer.sqlite3")]
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTHON"))}
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=bare)
        self.ask("")

    def ask(self, words: str) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        if words:
            self._process.stdin.write(f"{words}\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


class Bench:
    def __init__(self, folder: Path, peer: str, rounds: int) -> None:
        today = datetime.now().astimezone().date()
        # In the peer's future, too: its clock cannot be set.
        self.first = max(date(2026, 12, 7), today + timedelta(days=8 - today.isoweekday() + 7))
        self.rounds, self.times = rounds, {}
        bookings = fill(HORIZON)
        began = time.perf_counter()
        self.clinic: Clinic = build(bookings, self.first)
        few = [one for one in bookings if one.day < DAYS]
        self.held, self.held_long = reference.index(few), reference.index(bookings)
        self.peer = Peer(peer, bookings, self.first, folder) if peer else None
        people, rooms = load(few, DAYS)
        print(f"{len(few):,} bookings in {DAYS} days ({people:.0%} of the people's time, {rooms:.0%} of the rooms'), "
              f"{len(bookings):,} in {HORIZON}; written in {time.perf_counter() - began:.0f} s")  # fmt: skip

    # -- the parts ---------------------------------------------------------------------------------------------------
    def sql(self, days: int, person: Any = None) -> list[Any]:
        """The rows a finder cannot do without, fetched in the cheapest shape and nothing else."""
        from django.db import connection

        midnight = datetime.combine(self.first, datetime.min.time(), tzinfo=self.clinic.place.zone)
        adapt = connection.ops.adapt_datetimefield_value
        values = [adapt(midnight), adapt(midnight + timedelta(days=days)), *HELD, self._key(self.clinic.place.pk)]
        whose = ""
        if person:
            whose, values = "AND (practitioner_id = %s OR room_id IS NOT NULL)", [*values, self._key(person.pk)]
        marks = ", ".join(["%s"] * len(HELD))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {self._columns()} FROM plans_appointment "
                f"WHERE starts >= %s AND starts < %s AND state IN ({marks}) AND location_id = %s {whose}",
                values,
            )
            rows: list[Any] = cursor.fetchall()
            return rows

    def _columns(self) -> str:
        """Neither ids nor instants are made objects of: text and whole minutes, where the database can say them."""
        from django.db import connection

        ids, instants = ("practitioner_id", "room_id"), ("starts", "practitioner_free_at", "room_free_at")
        if connection.vendor == "sqlite":
            return ", ".join((*ids, *instants))
        minutes = (f"(date_part('epoch', {name}) / 60)::bigint" for name in instants)
        return ", ".join((*(f"{name}::text" for name in ids), *minutes))

    def _key(self, key: Any) -> str:
        from django.db import connection

        return key.hex if connection.vendor == "sqlite" else str(key)

    def first_ten(self, people: list[Any] | None = None) -> tuple[Any, ...]:
        from plans.queries.finder import find_times

        return find_times(
            by=self.clinic.desk, patient=self.clinic.patient, location=self.clinic.place, minutes=MINUTES, now=NOW,
            first=self.first, target=self.first, last=self.last, limit=FIRST,
            practitioners=[one.pk for one in people] if people else None,
        )  # fmt: skip

    def all_days(self) -> tuple[Any, ...]:
        from plans.queries.finder import all_times

        place, patient = self.clinic.place, self.clinic.patient
        wish = {"location": place, "patient": patient, "by": self.clinic.desk, "minutes": MINUTES, "now": NOW}
        return all_times(first=self.first, last=self.last, **wish)

    def series(self, person: Any = None) -> Any:
        from plans.queries.finder import Wishes, propose_series

        wishes = Wishes(practitioners=frozenset({person.pk})) if person else Wishes()
        return propose_series(by=self.clinic.desk, plan=self.clinic.plan, wishes=wishes, now=NOW)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=DAYS - 1)

    # -- the measuring -----------------------------------------------------------------------------------------------
    def run(self) -> Times:
        someone = self.clinic.people[0]
        parts: dict[str, Callable[[], object]] = {
            "SQL: one week": lambda: self.sql(7),
            "SQL: 60 days": lambda: self.sql(DAYS),
            "SQL: 60 days, one person and the rooms": lambda: self.sql(DAYS, someone),
            "SQL: the horizon of six sessions": lambda: self.sql(HORIZON),
            "SQL: the horizon, one person and the rooms": lambda: self.sql(HORIZON, someone),
            "finder: first 10, anybody": self.first_ten,
            "finder: first 10, one person": lambda: self.first_ten([someone]),
            "finder: all of 60 days": self.all_days,
            "finder: a series of six": self.series,
            "finder: a series that is not there": lambda: self.series(someone),
            "plain: all of 60 days": lambda: list(reference.free_times(self.held, range(DAYS), MINUTES, room=True)),
        }
        for part in parts.values():
            part()  # once for nothing: caches, plans of queries, the page cache
        for number in range(self.rounds):
            for name, part in parts.items():
                self._took(name, part)
            self._ask_the_peer(whole=number < 2)
        return self.times

    def _took(self, name: str, part: Callable[[], object]) -> None:
        began, worked = time.perf_counter(), time.process_time()
        part()
        took = time.perf_counter() - began, time.process_time() - worked
        self.times.setdefault(name, []).append((1000 * took[0], 1000 * took[1]))

    def _ask_the_peer(self, *, whole: bool) -> None:
        if self.peer is None:
            return
        wishes = {"peer: first 10, anybody": f"any {FIRST}", "peer: first 10, one person": f"one {FIRST}"}
        if whole:
            wishes["peer: all of 60 days"] = "all"
        for name, words in wishes.items():
            said = self.peer.ask(words)
            self.times.setdefault(name, []).append((1000 * said["seconds"], 1000 * said["worked"]))

    # -- equal answers -----------------------------------------------------------------------------------------------
    def check(self) -> None:
        """Everybody found the same: by the plain way with rooms; without rooms what the peer found."""
        plain = sorted(reference.free_times(self.held, range(DAYS), MINUTES, room=True))
        ours = sorted(self._plainly(self.all_days()))
        assert ours == plain, (len(ours), len(plain))
        assert self._plainly(self.first_ten()) == plain[:FIRST]
        mine = [one for one in plain if one[2] == 0]
        assert self._plainly(self.first_ten(self.clinic.people[:1])) == mine[:FIRST]
        alone = list(reference.free_times(self.held, range(DAYS), MINUTES, room=False))
        print(f"{len(plain)} starts with a room, {len(alone)} without: the finder and the plain way agree")
        if self.peer:
            theirs = [tuple(one) for one in self.peer.ask("all")["slots"]]
            assert sorted(theirs) == sorted(alone), (len(theirs), len(alone))
            print("the peer, which knows no rooms, agrees with the plain way without rooms")
        self._check_series()

    def _check_series(self) -> None:
        """Found exactly when one exists, and every visit of it is free and inside its days."""
        first = self.clinic.plan.sessions.get(number=1)
        days = range(*((day - self.first).days for day in (first.earliest, first.latest + timedelta(days=1))))
        days = range(max(0, days.start), days.stop)
        for person, numbers in ((None, range(PEOPLE)), (self.clinic.people[0], [0])):
            exists = reference.has_series(self.held_long, SESSIONS, NEAR, MINUTES, days, list(numbers))
            said = self.series(person)
            minutes = {line.minutes for line in said.lines}
            assert minutes == {MINUTES}, f"a session takes {minutes}"
            assert said.whole == exists, (said.whole, exists, said.trouble)
            print(f"a series {'of one person' if person else 'of anybody'}: {'found' if exists else said.trouble}")
            if exists:
                times = self._plainly([line.vacancy for line in said.lines])
                steps = [after[0] - before[0] for before, after in pairwise(times)]
                assert all(NEAR[0] <= step <= NEAR[1] for step in steps), steps
                plain = set(reference.free_times(self.held_long, [one[0] for one in times], MINUTES, room=True))
                assert set(times) <= plain
            else:
                print(f"  what would help: {' '.join(said.would_help)}")

    def _plainly(self, found: Any) -> list[tuple[int, int, int]]:
        zone, number = self.clinic.place.zone, {one.pk: at for at, one in enumerate(self.clinic.people)}
        local = [(one.starts.astimezone(zone), number[one.practitioner]) for one in found]
        return [((at.date() - self.first).days, at.hour * 60 + at.minute, who) for at, who in local]


AT_MOST = (
    ("finder: first 10, anybody", "SQL: one week", 2.5),
    ("finder: all of 60 days", "SQL: 60 days", 1.5),
    ("finder: a series of six", "SQL: the horizon of six sessions", 2.0),
    ("finder: a series that is not there", "SQL: the horizon of six sessions", 2.0),
)
AT_LEAST = (
    ("finder: first 10, anybody", "peer: first 10, anybody", 50),
    ("finder: first 10, one person", "peer: first 10, one person", 50),
    ("finder: all of 60 days", "peer: all of 60 days", 500),
)


def report(times: Times) -> None:
    """Wall and the work of this process: on a busy machine the second moves less; a server's own work is not in it."""
    wall = {name: median(one for one, _ in rounds) for name, rounds in times.items()}
    work = {name: median(one for _, one in rounds) for name, rounds in times.items()}
    for name, rounds in times.items():
        least, most = min(one for one, _ in rounds), max(one for one, _ in rounds)
        print(f"{name:<44} {wall[name]:9.2f} ms   ({least:.2f} to {most:.2f}), work {work[name]:.2f}")
    for ours, limit, goal in AT_MOST:
        ratio = wall[ours] / wall[limit]
        kept = "kept" if ratio <= goal else "MISSED"
        print(f"{ours} = {ratio:.2f} x {limit} (work {work[ours] / work[limit]:.2f}; goal at most {goal}): {kept}")
    for ours, peer, goal in AT_LEAST:
        if peer in wall:
            ratio = wall[peer] / wall[ours]
            print(f"{peer} = {ratio:.0f} x {ours} (goal at least {goal}): {'kept' if ratio >= goal else 'MISSED'}")


def main(folder: Path, peer: str, rounds: int) -> None:
    import django

    django.setup()
    from django.db import connection

    bench = Bench(folder, peer, rounds)
    assert OPENS % 15 == 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    try:
        bench.check()
        times = bench.run()
    finally:
        if bench.peer:
            bench.peer.end()
    print(f"--- {connection.vendor}: medians of {rounds} rounds; machine load {os.getloadavg()[0]:.1f}")
    report(times)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
