"""The page of a large table that is being worked on: how far it is, and what to do when it does not move."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from patients import import_folder, import_jobs
from patients.import_jobs import Job, JobState
from patients.import_outcome import outcome
from patients.import_run import run_job
from patients.tasks import tell_worker


def begin(job: Job) -> HttpResponse:
    """Ask the worker for the job, unless one about this table is under way, and go where it can be watched."""
    if import_jobs.ask(job) and not tell_worker(job.key):
        import_jobs.save(replace(job, state=JobState.WAITING, asked_at=0))
    return redirect("patients:import-progress", job.key)


def holds_others_up() -> bool:
    """Whether nobody else can save while a table is written: SQLite has one writer."""
    return connection.vendor == "sqlite"


@require_http_methods(["GET", "POST"])
@staff_page(Deed.IMPORT_PATIENTS)
def progress(request: StaffRequest, key: UUID) -> HttpResponse:
    job = import_jobs.look(key, owner=request.user)
    if not job:
        return _not_begun(request, key)
    if request.method == "POST":
        return _push(request, job)
    is_poll = "HX-Request" in request.headers
    if is_poll and (not job.is_open or job.is_late != ("late" in request.GET)):
        # Buttons come and go with a whole page: they shall not be swapped away under a finger.
        return HttpResponse(headers={"HX-Redirect": request.path})
    if job.state is JobState.FINISHED:
        return _finished(request, job)
    context = {
        "job": job,
        "back": reverse("patients:import-columns", args=[key]),
        "holds_others_up": job.registers and holds_others_up(),
    }
    if is_poll:
        return render(request, "patients/_import_bar.html", context)
    title = "Bringing in patients" if job.on_bad else "Checking the table"
    return staff_render(request, "patients/import_progress.html", title, context)


def _not_begun(request: StaffRequest, key: UUID) -> HttpResponse:
    try:
        import_folder.find(key, owner=request.user)
    except import_folder.NoSuchTable:
        raise Http404 from None
    return redirect("patients:import-columns", key)


def _push(request: StaffRequest, job: Job) -> HttpResponse:
    """Do it in this request, or try again what failed. What runs or is finished is left alone."""
    if job.state is JobState.FAILED:
        return begin(job)
    if job.state is JobState.WAITING and "here" in request.POST:
        run_job(job.key)
    return redirect("patients:import-progress", job.key)


def _finished(request: StaffRequest, job: Job) -> HttpResponse:
    if not job.has_written or not job.report:
        return redirect("patients:import-check", job.key)
    return staff_render(request, "patients/import_done.html", "Brought in", outcome(request.user, job.report))
