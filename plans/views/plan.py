"""The plan's page, and the two decisions about a whole plan: activate it, stop it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.plan import ActivationForm, QuestionForm, ReasonForm
from plans.operations.plans import activate_plan, stop_plan
from plans.queries.chart import read_chart
from plans.queries.coming_letters import coming_letters
from plans.queries.plan_decisions import activation, ending
from plans.queries.plan_story import PlanStory, plan_story
from plans.rules.states import PlanState


@staff_page(Deed.SEE_PLAN)
def plan_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    by, now = request.user, clock.now()
    story = plan_story(by, pk, now=now)
    plan = story.plan
    question = _question(request, story)
    asked = question.cleaned_data if question.is_valid() else None
    context = {
        "story": story,
        "plan": plan,
        "patient": plan.patient,
        "zone": story.zone,
        "today": story.today,
        "question": question,
        "answer": story.may(asked["act"], asked["on"]) if asked else None,
        "coming": coming_letters(story.chart, plan, by),
        "sees_clinical": by.can(Deed.SEE_CLINICAL),
        "sees_photos": by.can(Deed.SEE_PHOTOS),
        "may_activate": by.can(Deed.ACTIVATE_PLAN) and plan.state == PlanState.DRAFT,
        "with_photo": by.can(Deed.SEE_PHOTOS) and any(line.photos for line in story.reviews if not line.review.months),
        "may_stop": by.can(Deed.CHANGE_PLAN) and plan.state in (PlanState.DRAFT, PlanState.ACTIVE, PlanState.PAUSED),
    }
    return staff_render(request, "plans/plan.html", plan.title, context)


def _question(request: StaffRequest, story: PlanStory) -> QuestionForm:
    asked = request.GET if "on" in request.GET else None
    return QuestionForm(asked, acts=story.acts, today=story.today, initial={"on": story.today})


@staff_page(Deed.ACTIVATE_PLAN)
def plan_activate(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = activation(request.user, pk, now=clock.now())
    form = ActivationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["override_reason"]
        plan = attempt(
            form, lambda: activate_plan(plan_id=pk, override_reason=reason, by=request.user, now=clock.now())
        )
        if plan:
            messages.success(request, "The plan is active: its sessions can be booked.")
            return redirect("plans:plan", pk)
    chart = read_chart(story.plan.patient, now=clock.now())
    context = {
        "story": story, "plan": story.plan, "patient": story.plan.patient, "form": form, "today": story.today,
        "coming": coming_letters(chart, chart.plan(pk), request.user),
    }  # fmt: skip
    return staff_render(request, "plans/plan_activate.html", f"Activate {story.plan.title}", context)


@staff_page(Deed.CHANGE_PLAN)
def plan_stop(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = ending(request.user, pk, now=clock.now())
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        plan = attempt(form, lambda: stop_plan(plan_id=pk, reason=reason, by=request.user, now=clock.now()))
        if plan:
            messages.success(request, "The plan is stopped.")
            return redirect("plans:patient", plan.patient_id)
    context = {
        "story": story, "plan": story.plan, "patient": story.plan.patient, "form": form, "zone": story.zone,
        "today": story.today,
    }  # fmt: skip
    return staff_render(request, "plans/plan_stop.html", f"Stop {story.plan.title}", context)
