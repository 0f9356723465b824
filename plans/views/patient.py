"""The patient's page: everything about one person, the next step first."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.queries.patient_story import patient_story


@staff_page(Deed.SEE_PATIENT)
def patient_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    by = request.user
    story = patient_story(by, pk, now=clock.now())
    context = {
        "story": story,
        "patient": story.patient,
        "zone": story.zone,
        "today": story.today,
        "may_change": by.can(Deed.CHANGE_PATIENT),
        "may_assess": by.can(Deed.ASSESS),
        "may_plan": by.can(Deed.CHANGE_PLAN),
        "may_consent": by.can(Deed.RECORD_CONSENT),
    }
    return staff_render(request, "plans/patient.html", story.patient.name, context)
