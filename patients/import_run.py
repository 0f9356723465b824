"""Does a job about a large table, in the worker or in the request, and writes down how far it is."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from clinic import clock
from clinic.models import Staff
from clinic.rules.refusal import Forbidden, Refusal
from patients import import_folder, import_jobs
from patients.import_jobs import Job, JobState
from patients.operations.import_patients import PatientTable, check_import, import_patients
from patients.rules.import_report import Report
from patients.rules.tabular import open_table

logger = logging.getLogger(__name__)

FORBIDDEN = "You may not bring in patients any more. Nobody was registered."
NOT_THERE = "The table or its location is not there any more. Nobody was registered."
UNFORESEEN = "An error the program did not foresee stopped it ({kind}); its log says where. Nobody was registered."


def run_job(key: UUID) -> None:
    """Do the job about this table if it still waits. Twice, late or without a job there, nothing happens."""
    found = import_jobs.find(key)
    if not found:
        return
    with import_jobs.hold(key, found.owner_id) as is_mine:
        job = import_jobs.find(key)
        if is_mine and job and job.state is JobState.WAITING:
            _Run(job).do()


class _Run:
    def __init__(self, job: Job) -> None:
        self._job = job

    def do(self) -> None:
        self._note(state=JobState.RUNNING)
        try:
            owner = Staff.objects.get(pk=self._job.owner_id)
            report = self._report(owner)
        except Refusal as refusal:
            self._fail(refusal.sentence)
        except Forbidden:
            self._fail(FORBIDDEN)
        except (ObjectDoesNotExist, import_folder.NoSuchTable):
            self._fail(NOT_THERE)
        except Exception as error:
            # Its words may quote the table, which is no business of the log.
            logger.error("import: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            self._fail(UNFORESEEN.format(kind=type(error).__name__))
        else:
            self._note(state=JobState.FINISHED, report=report)
            if report.written:
                import_folder.forget(self._job.key, owner=owner)

    def _report(self, owner: Staff) -> Report:
        job, now = self._job, clock.now()
        table = job.choices.table(import_folder.find(job.key, owner=owner))
        self._note(rows=_rows(table))
        where = job.choices.location_id
        if job.on_bad is None:
            return check_import(table=table, location_id=where, by=owner, now=now, progress=self._tell)
        return import_patients(
            table=table, location_id=where, on_bad=job.on_bad, by=owner, now=now, progress=self._tell, once=job.key
        )

    def _tell(self, rows: int) -> None:
        # All-or-nothing reads the table twice; the count begins anew.
        again = rows <= self._job.read
        self._note(read=rows, round=self._job.round + again)

    def _fail(self, reason: str) -> None:
        self._note(state=JobState.FAILED, reason=reason)

    def _note(self, **changes: object) -> None:
        self._job = replace(self._job, **changes)  # type: ignore[arg-type]  # names and kinds are Job's own, see above
        import_jobs.save(self._job)


def _rows(table: PatientTable) -> int:
    with open_table(table.file) as opened:
        return sum(1 for _ in opened.rows)
