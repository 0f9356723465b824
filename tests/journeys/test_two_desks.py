"""Two desks, each a process of its own, look at one appointment and move it at the same moment, again and again.

A day's run does it forty times, `script/test --long` five hundred times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import pytest

from clinic.models import AuditLine
from plans.models import Appointment, Reminder
from plans.operations.booking import book_appointment
from plans.rules.states import AppointmentPurpose, AppointmentState, ReminderState
from tests.cast import Cast, open_clinic
from tests.operations.letter_cast import staff

pytestmark = pytest.mark.django_db(transaction=True)

DESKS = ("left", "right")


class Mover:
    """One of the two, in a process of its own."""

    def __init__(self, username: str, now: datetime, database_url: str) -> None:
        self.username = username
        self._words = [sys.executable, "-m", "tests.journeys.mover", username, now.isoformat()]
        self._env = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._words, env=self._env, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(30)

    def ask(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        assert line, f"{self.username} ended with {self._process.wait(30)}"
        return json.loads(line)


def times(cast: Cast, number: int) -> dict[str, datetime]:
    """Where the left one and the right one would like it this time: two places, never the one it has."""
    day = cast.today + timedelta(days=7 + number % 30)
    hour = 9 + number % 9
    return {"left": cast.at(day, hour), "right": cast.at(day, hour, 15)}


def quarrel(database_url: str, rounds: int) -> None:
    cast = open_clinic()
    for name in DESKS:
        staff(name, cast.here, is_front_desk=True)
    first = book_appointment(
        patient_id=cast.patient().pk, purpose=AppointmentPurpose.CONSULTATION,
        starts=cast.at(cast.today + timedelta(days=3), 11), minutes=45, by=cast.desk, now=cast.now, **cast.place(),
    )  # fmt: skip
    won: list[tuple[str, datetime]] = []
    last, waits = str(first.pk), []
    with Mover("left", cast.now, database_url) as left, Mover("right", cast.now, database_url) as right:
        for number in range(rounds):
            for desk in (left, right):
                desk.ask("look")
            assert [desk.answer()["id"] for desk in (left, right)] == [last, last]
            began = time.monotonic()
            for desk in (left, right):
                desk.ask(f"move {times(cast, number)[desk.username].isoformat()}")
            said = {desk.username: desk.answer() for desk in (left, right)}
            waits.append(time.monotonic() - began)
            [winner] = [name for name, answer in said.items() if "id" in answer]
            [loser] = set(DESKS) - {winner}
            assert said[loser]["code"] == "changed_meanwhile"
            assert said[loser]["sentence"].startswith(f"Changed meanwhile by {winner} at "), said[loser]
            assert said[winner]["sequence"] == number + 1
            last = said[winner]["id"]
            won.append((winner, times(cast, number)[winner]))
    shares = Counter(name for name, _ in won)
    print(f"\n{rounds} times both moved it: {dict(shares)} were first; longest {max(waits):.2f} s")
    judge(cast, first, last, rounds, won)


def judge(cast: Cast, first: Appointment, last: str, rounds: int, won: list[tuple[str, datetime]]) -> None:
    """One unbroken line from the first to the last, each moved once, and nothing beside it."""
    rows = {row.pk: row for row in Appointment.objects.select_related("changed_by")}
    line = [rows[UUID(last)]]
    while line[-1].rescheduled_from_id:
        line.append(rows[line[-1].rescheduled_from_id])
    line.reverse()
    assert line[0] == first and len(line) == len(rows) == rounds + 1
    assert [row.calendar_sequence for row in line] == list(range(rounds + 1))
    assert {row.calendar_uid for row in line} == {first.calendar_uid}
    assert [row.state for row in line] == [AppointmentState.CANCELLED] * rounds + [AppointmentState.BOOKED]
    assert [row.version for row in line] == [2] * rounds + [1]
    # Each stands where the desk that was first wanted it, and whoever came next took it away.
    assert [row.starts for row in line[1:]] == [starts for _, starts in won]
    assert [row.changed_by.username for row in line[:-1]] == [name for name, _ in won]
    moves = {move.about_id: move.by.username for move in AuditLine.objects.filter(happened="appointment.moved")}
    assert [moves[row.pk] for row in line[1:]] == [name for name, _ in won]
    planned = Reminder.objects.filter(state=ReminderState.PLANNED).values_list("about_id", flat=True)
    assert set(planned) == {UUID(last)}, "letters speak of the one that stands, and of no other"


def test_of_two_who_move_it_one_is_told_who_was_first(database_url: str) -> None:
    quarrel(database_url, rounds=40)


@pytest.mark.long
def test_five_hundred_moves_from_two_desks_lose_nothing(database_url: str) -> None:
    quarrel(database_url, rounds=500)
