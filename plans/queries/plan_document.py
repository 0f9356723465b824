"""What the patient's copy of a plan is made from, narrowed to what the viewer may hand out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Consent, ConsentForm
from patients.models.consent_facts import forms_for
from patients.rules.consent import ConsentTopic
from plans.models import Photo, Plan
from plans.queries.chart import Chart, read_chart


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """`consents` are those in force, by topic; `forms` what is asked for on each topic at the patient's place."""

    plan: Plan
    chart: Chart
    consents: Mapping[ConsentTopic, Consent]
    forms: Mapping[ConsentTopic, ConsentForm]


def plan_document(by: Staff, plan_id: UUID, *, now: datetime) -> PlanDocument:
    """Return it. Forbidden without the right to see plans; DoesNotExist for somebody else's. Seven queries."""
    if not by.can(Deed.SEE_PLAN):
        raise Forbidden(Deed.SEE_PLAN)
    found = Plan.objects.visible_to(by).select_related("patient__home_location").only("patient").get(pk=plan_id)
    chart = read_chart(found.patient, now=now)
    consents = {ConsentTopic(row.topic): row for row in found.patient.consents.in_force().select_related("form")}
    return PlanDocument(chart.plan(plan_id), chart, consents, forms_for(found.patient))


def baseline_photo(by: Staff, plan_id: UUID) -> Photo | None:
    """Return the current photo of the plan's baseline, the first view that has one."""
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    photos = Photo.objects.visible_to(by).current().filter(review__plan=plan_id, review__months=0)
    return photos.select_related("view").order_by("view__position").first()
