"""What a new day changes by itself: a session nobody booked cannot be held in the past, so what follows is later."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic.models import Location
from clinic.rules.local_time import local_day
from plans.models import Plan, Session
from plans.models.appointment import LIVE
from plans.operations.redate import redate_plan
from plans.operations.reminders import lock_patient
from plans.rules.states import PlanState

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 200


def redate_overdue(*, now: datetime, limit: int = MOST_AT_ONCE) -> int:
    """Date plans anew whose next session is past its best day without an appointment, each once a local day.

    Returns how many were dated. Harmless twice, late, or never: a booking dates its plan in any case.
    """
    found = [pk for location in Location.objects.all() for pk in _overdue(location, now, limit)][:limit]
    return sum(_tried(plan_id, now) for plan_id in found)


def _tried(plan_id: UUID, now: datetime) -> bool:
    """One plan that cannot be dated must not keep the others waiting: it is logged, and tried again."""
    try:
        _redate(plan_id, now)
    except Exception:
        logger.exception("plan %s cannot be dated anew", plan_id)
        return False
    return True


def _overdue(location: Location, now: datetime, limit: int) -> Iterator[UUID]:
    today = local_day(now, location.zone)
    rows = Session.objects.to_do().filter(target__lt=today, plan__location=location, plan__state=PlanState.ACTIVE)
    rows = rows.filter(Q(plan__dated_on__lt=today) | Q(plan__dated_on__isnull=True))
    unbooked = rows.exclude(appointments__state__in=LIVE)
    yield from unbooked.order_by("plan_id").values_list("plan_id", flat=True).distinct()[:limit]


@transaction.atomic
def _redate(plan_id: UUID, now: datetime) -> None:
    plan = Plan.objects.only("patient").get(pk=plan_id)
    lock_patient(plan.patient_id)
    rows = Plan.objects.select_related("patient__home_location", "location").select_for_update(of=("self",))
    plan = rows.get(pk=plan_id)
    if plan.state == PlanState.ACTIVE:
        redate_plan(plan, now=now)
