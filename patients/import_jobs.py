"""The work on one large table, written down beside it: who asked for what, how far it is, how it ended.

The file is the truth; the message to the worker only says "look". Whoever works holds a lock which the system lets go
when that process ends, however it ends, so that a job that broke off is seen at once. The report quotes the table:
these files are as private as the upload, and swept away with it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from clinic.models import Staff
from patients.import_choices import Choices
from patients.import_folder import imports, name
from patients.rules.import_report import Fault, OnBad, Report, Twin

TAKEN_WITHIN = 10  # seconds; a job nobody took by then has no worker
PATIENCE = 1.0  # seconds; a page that only looks whether a job is held is through long before

BROKE_OFF = "The program was stopped in the middle of it. Trying again is safe: a table is brought in once at most."


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`on_bad` None asks for a dry run. `read` of `rows` rows were read in this round; `round` 2 follows a check.

    `asked_at`: seconds since 1970; 0 when the worker could not even be told.
    """

    key: UUID
    owner_id: UUID
    choices: Choices
    on_bad: OnBad | None = None
    state: JobState = JobState.WAITING
    asked_at: float = 0
    rows: int = 0
    read: int = 0
    round: int = 1
    reason: str = ""
    report: Report | None = None

    @property
    def is_open(self) -> bool:
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def is_late(self) -> bool:
        return self.state is JobState.WAITING and time.time() - self.asked_at > TAKEN_WITHIN

    @property
    def rounds(self) -> int:
        return 2 if self.on_bad is OnBad.ALL_OR_NOTHING else 1

    @property
    def registers(self) -> bool:
        """Whether the round it is in writes."""
        return self.on_bad is not None and self.round == self.rounds

    @property
    def has_written(self) -> bool:
        return self.report is not None and self.report.written


def ask(job: Job) -> bool:
    """Write the job down as waiting. False when one about this table waits or runs already: then nothing changes."""
    with hold(job.key, job.owner_id) as is_mine:
        there = _read(_place(job.key, job.owner_id))
        if not is_mine or (there and there.state is JobState.WAITING):
            return False
        save(replace(job, state=JobState.WAITING, asked_at=time.time(), read=0, round=1, reason="", report=None))
        return True


def look(key: UUID, *, owner: Staff) -> Job | None:
    """Return the owner's job about this table as it stands; one whose worker is gone has failed."""
    job = _read(_place(key, owner.pk))
    if job is None or job.state is not JobState.RUNNING:
        return job
    with _lock(key, owner.pk) as lock:
        if not _try(lock, fcntl.LOCK_SH):
            return job
        job = _read(_place(key, owner.pk))  # it may have ended since
        broke_off = job is not None and job.state is JobState.RUNNING
        return replace(job, state=JobState.FAILED, reason=BROKE_OFF) if job and broke_off else job


def newest(*, owner: Staff) -> Job | None:
    """Return the job the owner asked for last, for whoever left its page."""
    files = imports().glob(f"{owner.pk.hex}-*.json")
    jobs = [job for file in files if (job := _read(file))]
    last = max(jobs, key=lambda job: job.asked_at, default=None)
    return look(last.key, owner=owner) if last else None


def find(key: UUID) -> Job | None:
    """Return the job about this table, whoever asked for it. For the worker; pages `look`."""
    files = list(imports().glob(f"*-{key.hex}.json"))
    return _read(files[0]) if files else None


def save(job: Job) -> None:
    """Write the job down, whole or not at all: pages read it meanwhile."""
    place = _place(job.key, job.owner_id)
    draft = place.with_suffix(f".{uuid4().hex}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(job) | {"choices": job.choices.as_json()}, file, default=str, ensure_ascii=False)
    draft.replace(place)


@contextmanager
def hold(key: UUID, owner_id: UUID) -> Iterator[bool]:
    """Hold the job while the block runs. Yields False when somebody else holds it."""
    with _lock(key, owner_id) as lock:
        until = time.monotonic() + PATIENCE
        while not (is_mine := _try(lock, fcntl.LOCK_EX)) and time.monotonic() < until:
            time.sleep(0.02)
        yield is_mine


def _try(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _lock(key: UUID, owner_id: UUID) -> Iterator[int]:
    place = _place(key, owner_id).with_suffix(".lock")
    lock = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


def _place(key: UUID, owner_id: UUID) -> Path:
    return imports() / f"{name(key, owner_id)}.json"


def _read(place: Path) -> Job | None:
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Job(
        **kept
        | {
            "key": UUID(kept["key"]),
            "owner_id": UUID(kept["owner_id"]),
            "choices": Choices.from_json(kept["choices"]),
            "on_bad": OnBad(kept["on_bad"]) if kept["on_bad"] else None,
            "state": JobState(kept["state"]),
            "report": _report(kept["report"]) if kept["report"] else None,
        }
    )


def _report(kept: dict[str, Any]) -> Report:
    twins = tuple(Twin(**twin) for twin in kept["listed_twins"])
    faults = tuple(Fault(fault["line"], tuple(fault["sentences"])) for fault in kept["listed_faults"])
    return Report(**kept | {"listed_twins": twins, "listed_faults": faults})
