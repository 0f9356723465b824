"""What an upload may cost, and how the process that decodes it is held to that."""

from __future__ import annotations

import contextlib
import resource
import signal
from dataclasses import dataclass

MAX_BYTES = 40_000_000
MAX_PIXELS = 60_000_000
MIN_SHORT_EDGE = 240
MAX_SCANS = 64
# A process that waits so long for a photo was forgotten.
IDLE_SECONDS = 600.0

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Memory in MiB of address space for the whole process; seconds are per photo."""

    memory_mib: int = 1400
    cpu_seconds: int = 8
    wall_seconds: float = 9.0


def confine(limits: Limits) -> None:
    """Bind this process for good: memory, no file written, no core dump, few open files."""
    _limit(resource.RLIMIT_AS, limits.memory_mib * MEBIBYTE)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 32)


def start_the_clock(limits: Limits) -> None:
    """Give the next photo its time. Both alarms end the process even inside a decoder written in C."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + limits.cpu_seconds, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)


def stop_the_clock() -> None:
    """Between photos only forgetfulness counts: that alarm ends the process, too."""
    signal.setitimer(signal.ITIMER_REAL, IDLE_SECONDS)


def _limit(which: int, amount: int) -> None:
    # Some systems refuse RLIMIT_AS; the clock and the pixel cap still hold there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (amount, amount))
