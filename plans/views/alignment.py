"""One photo laid on an earlier one, asked for by the page that compares them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page
from plans.operations.alignment import align_pair
from plans.views.uploads import in_json


@require_POST
@staff_page(Deed.SEE_PHOTOS)
@in_json
def align(request: StaffRequest, after: UUID, before: UUID) -> HttpResponse:
    row = align_pair(before_id=before, after_id=after, by=request.user, now=clock.now())
    return JsonResponse(
        {
            "state": row.state,
            "matrix": row.matrix,
            "residual_px": row.residual_px,
            "reason": row.reason,
            "scale": row.scale,
            "turn_degrees": row.turn_degrees,
            "shift_percent": row.shift_percent,
            "points": row.points,
        }
    )
