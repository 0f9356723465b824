"""Workers killed in the middle of their work, again and again: nothing lost, nothing harmful twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from tests.operations.letter_cast import NOW
from tests.proofs.house import Child, House, finish, nothing_lost, wait
from tests.proofs.letters import due_letters

pytestmark = pytest.mark.django_db(transaction=True)

OWN = ("--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING")  # as the program starts its own
POOL = ("--pool", "prefork", "--concurrency", "1", "--loglevel", "WARNING")


@contextmanager
def ticking(house: House, every: float = 0.5) -> Iterator[None]:
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every):
            house.revive()
            with suppress(OSError):
                house.tick()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.long
@pytest.mark.parametrize("connections", [1, 4])
def test_five_thousand_letters_and_twenty_kills(connections: int, tmp_path: Path, database_url: str) -> None:
    """Whatever is on its way when a process dies may come twice: one letter on each connection, and half of them
    asks a human instead."""
    chance, count, kills = Random(connections), 5_000, 20
    due_letters(count, NOW)
    with House(tmp_path, database_url, now=NOW, think=0.002, MAIL_CONNECTIONS=str(connections)) as house:
        workers = [house.hire(*POOL, name=f"w{number}@localhost") for number in range(2)]
        began = time.monotonic()
        with ticking(house):
            for turn, mark in enumerate(sorted(chance.sample(range(count // 50, count * 9 // 10), kills))):
                wait(lambda: house.arrived >= mark, seconds=120, every=0.002, what=house.still_open)  # noqa: B023
                kill_one(workers[turn // 2 % 2], of_the_pool=turn % 2 == 1, chance=chance)
            finish(house, seconds=240)
        took = time.monotonic() - began
        twice, held = nothing_lost(house)
    print(f"\n{connections} connections, {kills} kills: {twice} came twice, {held} held for a human, {took:.0f} s")
    assert twice <= kills * connections / 2
    assert twice + held <= kills * connections


def kill_one(worker: Child, *, of_the_pool: bool, chance: Random) -> None:
    """A process of its pool, which it replaces itself, or the worker, which its supervisor starts again."""
    if of_the_pool:
        wait(lambda: bool(worker.children), seconds=60, what=lambda: worker.said[-2000:])
        with suppress(ProcessLookupError):
            os.kill(chance.choice(worker.children), signal.SIGKILL)
        return
    worker.kill_parent() if chance.random() < 0.5 else worker.kill()


@pytest.mark.long
def test_restarts_every_five_seconds_repeat_nothing(tmp_path: Path, database_url: str) -> None:
    count = 5_000
    due_letters(count, NOW)
    with House(tmp_path, database_url, now=NOW, think=0.1) as house:
        workers = [house.hire(*OWN, name=f"w{number}@localhost") for number in range(2)]
        restarts = 0
        with ticking(house):
            while house.still_open() and restarts < 200:
                before, until = house.arrived, time.monotonic() + 2.5  # either of the two every five seconds
                wait(lambda: house.arrived > before or not house.still_open(), seconds=120, every=0.1)  # noqa: B023
                time.sleep(max(0, until - time.monotonic()))
                workers[restarts % 2].end()
                restarts += 1
            finish(house, seconds=240)
        twice, held = nothing_lost(house)
        print(f"\n{count} letters, {restarts} restarts: {twice} came twice, {held} held for a human")
    assert (twice, held) == (0, 0)
    assert restarts >= 6, "whoever is asked to end does so within seconds"
