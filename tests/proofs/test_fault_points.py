"""The process ends at every single point of a letter's life. Afterwards another one comes, and all ends well."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest
from django.conf import settings as project

from clinic.models import AuditLine
from clinic.serve.leash import die_with
from plans.models import Postroom, Reminder
from plans.rules.states import ReminderState
from plans.tasks import deliver
from tests.operations.letter_cast import MINUTE, NOW
from tests.proofs.conftest import Hour
from tests.proofs.desk import mail_goes_to, still_open, turn
from tests.proofs.forked import Forked
from tests.proofs.house import ASKING, wait
from tests.proofs.letters import due_letters
from tests.proofs.points import DIED, Points

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 4  # two of each policy: a claim, a turn and a commit may be shared by several


class Mails:
    """What the mail server of these tests has got so far, by Message-ID."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def __len__(self) -> int:
        return len(self._lines())

    def copies(self, message_id: str) -> list[str]:
        return [line.split()[1] for line in self._lines() if message_id and f"<{line.split()[0]}>" == message_id]

    def recipients(self, message_id: str) -> list[str]:
        return [line.split()[2] for line in self._lines() if message_id and f"<{line.split()[0]}>" == message_id]

    def _lines(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


@contextmanager
def sink(settings: object, log: Path, think: float = 0.0) -> Iterator[Mails]:
    words = [sys.executable, "-m", "tests.proofs.sink", str(log), str(think)]
    here = Path(project.BASE_DIR)
    server = subprocess.Popen(words, cwd=here, stdout=subprocess.PIPE, preexec_fn=partial(die_with, os.getpid()))
    try:
        assert server.stdout
        mail_goes_to(settings, int(server.stdout.readline()), EMAIL_TIMEOUT=5, EMAIL_WALL_LIMIT=10)
        yield Mails(log)
    finally:
        server.kill()
        server.wait()


def one_life(hour: Hour, mails: Mails, last: int) -> bool:
    """Four letters, a process that ends at point `last`, and two turns after its lease. Whether it died there."""
    Postroom.objects.all().delete()
    old = set(Reminder.objects.values_list("pk", flat=True))
    due_letters(LETTERS, NOW)
    hour.now = NOW
    dies = Forked(lambda: live(last))
    code = dies.wait()
    assert code in (0, DIED)
    for minutes in (3, 6, 9, 12):
        turn(hour, NOW + minutes * MINUTE)
    for row in Reminder.objects.exclude(pk__in=old):
        ends_well(row, mails.copies(row.message_id), last)
    return code == DIED


def live(last: int) -> None:
    points = Points(last)
    points.watch()
    deliver()


def ends_well(row: Reminder, copies: list[str], last: int) -> None:
    asks = row.kind in ASKING
    assert row.state == ReminderState.SENT or (asks and row.state == ReminderState.UNKNOWN), (last, row.kind, row.state)
    assert len(copies) <= (1 if asks else 2), (last, row.kind)
    assert copies or row.state == ReminderState.UNKNOWN, f"point {last}: lost"
    assert {*copies} <= {hashlib.sha256(row.mime or b"").hexdigest()}, f"point {last}: a copy differs from the row"
    assert row.lease_token is None
    said = AuditLine.objects.filter(about_id=row.pk).order_by("id").values_list("happened", flat=True)
    end = {ReminderState.SENT: "reminder.sent", ReminderState.UNKNOWN: "reminder.in_doubt"}[ReminderState(row.state)]
    assert list(said).count(end) == 1, f"point {last}: {list(said)}"


def how_many_points(hour: Hour) -> int:
    """How much a life that nobody interrupts does, told through a pipe."""
    due_letters(LETTERS, NOW)
    hour.now = NOW
    reads, writes = os.pipe()

    def count() -> None:
        points = Points()
        points.watch()
        deliver()
        os.write(writes, str(points.count).encode())

    assert Forked(count).wait() == 0
    os.close(writes)
    with os.fdopen(reads) as told:
        return int(told.read())


def test_a_process_that_ends_anywhere_leaves_nothing_that_is_not_mended(
    tmp_path: Path, settings: object, hour: Hour
) -> None:
    with sink(settings, tmp_path / "mails") as mails:
        count = how_many_points(hour)
        assert count > 30
        chosen = Random(5).sample(range(1, count + 1), 8)
        assert sum(one_life(hour, mails, last) for last in chosen) >= 6
    assert still_open() == 0


@pytest.mark.long
def test_a_process_that_ends_at_every_point(tmp_path: Path, settings: object, hour: Hour) -> None:
    with sink(settings, tmp_path / "mails") as mails:
        count = how_many_points(hour)
        points = list(range(1, count + 1))
        while len(points) < 200:
            points += range(1, count + 1)
        died = sum(one_life(hour, mails, last) for last in points)
    print(f"\n{count} points, {len(points)} lives, {died} of them ended by force")
    assert died >= 0.9 * len(points)
    assert still_open() == 0


def test_two_hundred_letters_and_two_kills(tmp_path: Path, settings: object, hour: Hour) -> None:
    due_letters(200, NOW)
    with sink(settings, tmp_path / "mails", think=0.001) as mails:
        for kill in (1, 2):
            hour.now = NOW + (kill - 1) * 3 * MINUTE
            victim = Forked(deliver)
            wait(lambda: len(mails) >= 60 * kill, seconds=60, every=0.001)  # noqa: B023
            assert victim.kill() == -9, "it was to be killed in the middle of its work"
        for minutes in (6, 9, 12):
            turn(hour, NOW + minutes * MINUTE)
        copies = [len(mails.copies(row.message_id)) for row in Reminder.objects.all()]
        for row in Reminder.objects.all():
            ends_well(row, mails.copies(row.message_id), 0)
    assert sum(copies) - len([one for one in copies if one]) <= 2 * 8, "at most what was on its way, on each connection"
