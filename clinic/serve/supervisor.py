"""Start the parts in their order, watch them, and end them in their order."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from clinic.serve.parts import Part

END_WITHIN = 9.0  # seconds for all parts together; the promise is ten
LOOK_EVERY = 0.2
A_MINUTE = 60.0

Say = Callable[[str], None]


class PartDied(Exception):
    """One part ended by itself."""

    def __init__(self, part: Part) -> None:
        self.part = part


class Supervisor:
    def __init__(self, *, say: Say, verbose: bool = False) -> None:
        self._say = say
        self._verbose = verbose
        self._parts: list[Part] = []
        self._stop = threading.Event()

    def heed_signals(self) -> None:
        """Must be called from the main thread, before the first part starts."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def add(self, part: Part) -> None:
        self._parts.append(part)

    def wait_for(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """True once `ready`; False when time is up or somebody asked to stop. Raises PartDied."""
        until = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < until:
            self._look()
            if ready():
                return True
            self._stop.wait(0.1)
        return False

    def watch(self, every_minute: Callable[[], None] = lambda: None) -> None:
        """Return when somebody asked to stop. Raises PartDied."""
        asked = time.monotonic()
        while not self._stop.wait(LOOK_EVERY):
            self._look()
            if time.monotonic() - asked > A_MINUTE:
                every_minute()
                asked = time.monotonic()
        if self._verbose:
            self._show()

    def restart(self, name: str) -> None:
        """End one part and start it anew in the same place."""
        for place, part in enumerate(self._parts):
            if part.name == name:
                part.ask_to_end()
                part.wait(time.monotonic() + part.patience)
                self._parts[place] = part.again()

    def _look(self) -> None:
        if self._verbose:
            self._show()
        for part in self._parts:
            if part.ended:
                raise PartDied(part)

    def _show(self) -> None:
        for part in self._parts:
            for line in part.news():
                self._say(f"{part.name:>6} | {line}")

    def end_all(self) -> None:
        """End what takes work first and what holds it last. Whatever does not end in time is killed by its pid."""
        last_moment = time.monotonic() + END_WITHIN
        for names in (("worker", "beat"), ("web",), ("broker",)):
            group = [part for part in self._parts if part.name in names]
            for part in group:
                part.ask_to_end()
            for part in group:
                part.wait(min(last_moment, time.monotonic() + part.patience))
                self._say(f"{part.name} has ended")
