"""A document leaves the house: who took it out, and with what in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Plan
from plans.rules.happened import Happened


@transaction.atomic
def hand_out_plan(*, plan_id: UUID, with_photo: bool, by: Staff, now: datetime) -> Plan:
    """Note that the plan was opened as a document. A photo goes with it only while the patient allows photos at all.

    Forbidden without the right to see plans, and for a photo photos. Refusal `no_photo_consent`.
    """
    allow(by, Deed.SEE_PLAN)
    if with_photo:
        allow(by, Deed.SEE_PHOTOS)
    plan = Plan.objects.visible_to(by).select_related("patient", "location").get(pk=plan_id)
    if with_photo and not plan.patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists():
        raise Refusal(
            "no_photo_consent",
            "Photos for the record are not agreed to: record that consent, or print the plan without a photo.",
        )
    details = {"with_photo": with_photo}
    record(
        Happened.PLAN_PRINTED, about=plan, by=by, now=now, patient_id=plan.patient_id, location=plan.location,
        details=details,
    )  # fmt: skip
    return plan
