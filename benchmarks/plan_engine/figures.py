"""How the parts measure and print: wall, seconds of one core, and the most memory ever held."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Took:
    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Took:
    began, worked = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - began, time.process_time() - worked)


def middle(times: Sequence[Took]) -> Took:
    return Took(median(one.wall for one in times), median(one.cpu for one in times))


def peak() -> float:
    """Return the most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
