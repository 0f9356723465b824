"""Choosing a protocol and seeing its dates before anything is written."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.plan import PlanForm
from plans.models import Plan
from plans.operations.plans import draft_plan
from plans.queries.plan_choice import Choice, Preview, ProtocolCard, plan_choice, preview_plan


@staff_page(Deed.CHANGE_PLAN)
def plan_new(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET shows protocols, or one of them dated; POST makes the draft that was shown."""
    choice = plan_choice(request.user, pk, now=clock.now())
    said = request.POST if request.method == "POST" else request.GET
    card = choice.card(said.get("protocol", ""))
    context = {"choice": choice, "patient": choice.patient, "today": choice.today, "card": card}
    if card is None:
        return staff_render(request, "plans/plan_new.html", "New plan", context)
    usual = PlanForm(card=card, today=choice.today, currency=choice.patient.home_location.currency)
    form = PlanForm(
        said if "starts_on" in said else _as_usual(usual, choice), card=card, today=choice.today,
        currency=choice.patient.home_location.currency,
    )  # fmt: skip
    preview = _preview(form, choice, card) if form.is_valid() else None
    if request.method == "POST" and preview and (plan := _draft(request, form, choice, card)):
        messages.success(request, "The draft is made. Nothing is booked or mailed before it is activated.")
        return redirect("plans:plan-activate", plan.pk)
    return staff_render(request, "plans/plan_new.html", "New plan", {**context, "form": form, "preview": preview})


def _as_usual(form: PlanForm, choice: Choice) -> dict[str, object]:
    """The protocol's own numbers from today: what one sees before anything was typed."""
    usual = {name: field.initial for name, field in form.fields.items() if field.initial is not None}
    return {**usual, "starts_on": choice.today}


def _preview(form: PlanForm, choice: Choice, card: ProtocolCard) -> Preview | None:
    starts_on, counts = form.cleaned_data["starts_on"], form.counts()
    return attempt(form, lambda: preview_plan(choice, card, starts_on=starts_on, counts=counts))


def _draft(request: StaffRequest, form: PlanForm, choice: Choice, card: ProtocolCard) -> Plan | None:
    price: Decimal | None = form.cleaned_data["price"]
    return attempt(
        form,
        lambda: draft_plan(
            patient_id=choice.patient.pk,
            protocol_id=card.protocol.pk,
            assessment_id=choice.assessment.pk if choice.assessment else None,
            starts_on=form.cleaned_data["starts_on"],
            counts=form.counts(),
            price=price,
            by=request.user,
            now=clock.now(),
        ),
    )
