"""Bringing in a table: choose it, say which column is what, see what would happen, do it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic import clock
from clinic.models import Staff
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients import import_folder, import_jobs
from patients.import_choices import Choices
from patients.import_forms import ColumnsForm, ConfirmForm, UploadForm
from patients.import_job_views import begin, holds_others_up
from patients.import_jobs import Job
from patients.import_outcome import counts_of, outcome
from patients.operations.import_patients import check_import, import_patients
from patients.rules.column_words import Column
from patients.rules.encoding import spoken_name
from patients.rules.identity import DateOrder, suggest_date_order
from patients.rules.import_report import OnBad, Report
from patients.rules.intake import guess_mapping
from patients.rules.tabular import Table, open_table

SAMPLES = 3  # rows shown beside the columns
LOOKED_AT = 1000  # rows whose dates are looked at to suggest an order
MOST_AT_ONCE = 2000  # rows; about a second of work, which a page may take. More than that is the worker's
SESSION = "patient_import"  # one at a time for each person


@require_http_methods(["GET", "POST"])
@staff_page(Deed.IMPORT_PATIENTS)
def upload(request: StaffRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, staff=request.user)
    if request.method == "POST" and form.is_valid():
        key = import_folder.keep(form.cleaned_data["file"].chunks(), owner=request.user)
        file = import_folder.find(key, owner=request.user)
        # Opening it is the check: what is no table is refused before a second page is shown.
        if attempt(form, lambda: _headers(file)):
            _keep(request, key, Choices(form.cleaned_data["location"].pk))
            return redirect("patients:import-columns", key)
        import_folder.forget(key, owner=request.user)
    context = {"form": form, "job": import_jobs.newest(owner=request.user), "most_at_once": MOST_AT_ONCE}
    return staff_render(request, "patients/import_upload.html", "Bring in patients", context)


@require_http_methods(["GET", "POST"])
@staff_page(Deed.IMPORT_PATIENTS)
def columns(request: StaffRequest, key: UUID) -> HttpResponse:
    choices, job = _choices(request, key)
    if job and (job.is_open or job.has_written):
        return redirect("patients:import-progress", key)
    file = _file(key, request.user)
    with open_table(file) as table:
        headers, encoding = table.headers, spoken_name(table.encoding)
        guess = choices.mapping or guess_mapping(headers)
        samples, order = _look_at(table, guess)
    initial = {"date_order": choices.date_order or order or ""}
    form = ColumnsForm(request.POST or None, headers=headers, guess=guess, initial=initial)
    if request.method == "POST" and form.is_valid():
        declared = form.cleaned_data["date_order"]
        choices = choices.with_columns(form.mapping, DateOrder(declared) if declared else None)
        _keep(request, key, choices)
        if _is_large(file):
            return begin(Job(key=key, owner_id=request.user.pk, choices=choices))
        return redirect("patients:import-check", key)
    context = {"form": form, "samples": samples, "encoding": encoding, "back": reverse("patients:import")}
    return staff_render(request, "patients/import_columns.html", "Which column is what", context)


@require_http_methods(["GET", "POST"])
@staff_page(Deed.IMPORT_PATIENTS)
def check(request: StaffRequest, key: UUID) -> HttpResponse:
    choices, job = _choices(request, key)
    if job and (job.is_open or job.has_written):
        return redirect("patients:import-progress", key)
    # A large table is checked by a job; without one about these very choices there is nothing to show here.
    is_large = _is_large(_file(key, request.user))
    if not choices.mapping or (is_large and not (job and job.report and job.choices == choices)):
        return redirect("patients:import-columns", key)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        on_bad = form.cleaned_data["on_bad"]
        if is_large:
            return begin(Job(key=key, owner_id=request.user.pk, choices=choices, on_bad=on_bad))
        report = attempt(form, lambda: _import(request, key, choices, on_bad))
        if report and report.written:
            request.session[SESSION] = {"done": counts_of(report)}
            return redirect("patients:import-done")
        if report:
            messages.warning(request, "Nobody was registered, because rows were refused. They are listed below.")
    context = {
        **outcome(request.user, _checked(request, key, choices, job if is_large else None)),
        "form": form,
        "back": reverse("patients:import-columns", args=[key]),
        "stopped": is_large and job and job.on_bad,
        "holds_others_up": is_large and holds_others_up(),
    }
    return staff_render(request, "patients/import_check.html", "What would happen", context)


@require_safe
@staff_page(Deed.IMPORT_PATIENTS)
def done(request: StaffRequest) -> HttpResponse:
    counts = request.session.get(SESSION, {}).get("done")
    if not counts:
        return redirect("patients:import")
    return staff_render(request, "patients/import_done.html", "Brought in", {"counts": counts})


def _keep(request: StaffRequest, key: UUID, choices: Choices) -> None:
    request.session[SESSION] = {"key": str(key), **choices.as_json()}


def _choices(request: StaffRequest, key: UUID) -> tuple[Choices, Job | None]:
    """Return what was chosen about the table, and the job about it. The job remembers when the session does not."""
    job = import_jobs.look(key, owner=request.user)
    kept = request.session.get(SESSION, {})
    if kept.get("key") == str(key):
        return Choices.from_json(kept), job
    if job:
        return job.choices, job
    raise Http404


def _checked(request: StaffRequest, key: UUID, choices: Choices, job: Job | None) -> Report:
    if job and job.report:
        return job.report
    table = choices.table(_file(key, request.user))
    return check_import(table=table, location_id=choices.location_id, by=request.user, now=clock.now())


def _import(request: StaffRequest, key: UUID, choices: Choices, on_bad: OnBad) -> Report:
    owner = request.user
    try:
        file = import_folder.take(key, owner=owner)
    except import_folder.NoSuchTable:
        raise Http404 from None
    finished = False
    try:
        report = import_patients(
            table=choices.table(file), location_id=choices.location_id, on_bad=on_bad, by=owner, now=clock.now()
        )
        finished = report.written
    finally:
        if finished:
            import_folder.forget(key, owner=owner)
        else:
            import_folder.put_back(key, owner=owner)
    return report


def _headers(file: Path) -> tuple[str, ...]:
    with open_table(file) as table:
        return table.headers


def _file(key: UUID, owner: Staff) -> Path:
    try:
        return import_folder.find(key, owner=owner)
    except import_folder.NoSuchTable:
        raise Http404 from None


def _is_large(file: Path) -> bool:
    with open_table(file) as table:
        return next(islice(table.rows, MOST_AT_ONCE, None), None) is not None


def _look_at(table: Table, guess: Mapping[Column, str]) -> tuple[list[list[str]], DateOrder | None]:
    """Return, for each column, its header and its first cells; and the order its dates suggest."""
    rows = list(islice(table.rows, LOOKED_AT))
    shown = [row.cells for row in rows if not row.fault][:SAMPLES]
    samples = [[header, *(cells[place][:60] for cells in shown)] for place, header in enumerate(table.headers)]
    if Column.BIRTH_DATE not in guess:
        return samples, None
    place = table.headers.index(guess[Column.BIRTH_DATE])
    return samples, suggest_date_order(row.cells[place] for row in rows if not row.fault)
