"""The letters a plan will send, by day: to read before it is activated, and to print."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.models import Plan
from plans.queries.chart import read_chart
from plans.queries.coming_letters import coming_letters


@staff_page(Deed.SEE_PLAN, Deed.SEE_OUTBOX)
def plan_letters(request: StaffRequest, pk: UUID) -> HttpResponse:
    found = Plan.objects.visible_to(request.user).select_related("patient__home_location").get(pk=pk)
    chart = read_chart(found.patient, now=clock.now())
    plan = chart.plan(pk)
    context = {"plan": plan, "patient": found.patient, "coming": coming_letters(chart, plan, request.user)}
    return staff_render(request, "plans/plan_letters.html", f"Letters of {plan.title}", context)
