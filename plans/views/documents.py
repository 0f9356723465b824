"""The plan as a document the patient takes home."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page
from plans.documents.plan_paper import PaperPhoto, plan_paper
from plans.documents.typeset import typeset
from plans.models import Photo
from plans.operations.documents import hand_out_plan
from plans.queries.plan_document import baseline_photo, plan_document


@staff_page(Deed.SEE_PLAN)
@require_GET
def plan_pdf(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Opening it is noted in the audit; nothing else is written."""
    by, now = request.user, clock.now()
    wants_photo = request.GET.get("photo") == "1"
    found = plan_document(by, pk, now=now)
    try:
        hand_out_plan(plan_id=pk, with_photo=wants_photo, by=by, now=now)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("plans:plan", pk)
    photo = _read(baseline_photo(by, pk)) if wants_photo else None
    paper = typeset("plan.typ", plan_paper(found, photo=photo), now=now)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{_name(pk, found.chart.today)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _read(row: Photo | None) -> PaperPhoto | None:
    """The small rendition is enough on paper. None where there is no photo, or its file is gone."""
    if row is None:
        return None
    try:
        with default_storage.open(str(row.medium.name)) as file:
            return PaperPhoto(file.read(), row.view.title, row.taken_at)
    except FileNotFoundError:
        return None


def _name(pk: UUID, today: date) -> str:
    """A name that says nothing of the person: the file lies in download folders."""
    return f"plan-{pk.hex[-8:]}-{today.isoformat()}.pdf"
