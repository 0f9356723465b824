"""What the first page shows. Settings name this function; the numbers come from the queries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from clinic import clock
from clinic.admin.base import door
from clinic.admin.permissions import staff_of
from clinic.rules.roles import Deed
from plans.queries.dashboard import numbers

MORNING_ENDS, AFTERNOON_ENDS = 12, 18


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the day to the admin's own context. Every number comes with the address of its list."""
    by, now = staff_of(request), clock.now()
    day = numbers(by, now)
    hour = now.astimezone(day.zone).hour
    return {
        **context,
        "day": day,
        "greeting": f"{_part_of_day(hour)}, {by.get_short_name() or by.get_username()}",
        "lists": {
            "appointments": door("plans:desk") if by.can(Deed.SEE_PATIENT) else "",
            "reviews": f"{door('admin:plans_review_changelist')}?due=now",
            "plans": f"{door('admin:plans_plan_changelist')}?next=none",
            "reminders": door("plans:outbox"),
            "new_patient": door("patients:new") if by.can(Deed.REGISTER_PATIENT) else "",
            "import": door("patients:import") if by.can(Deed.IMPORT_PATIENTS) else "",
        },
    }


def _part_of_day(hour: int) -> str:
    if hour < MORNING_ENDS:
        return "Good morning"
    return "Good afternoon" if hour < AFTERNOON_ENDS else "Good evening"
