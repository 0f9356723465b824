"""A word above lists of letters when they do not leave as they should."""

from __future__ import annotations

from typing import Any

from django import template

from clinic import clock
from clinic.models import Staff
from clinic.rules.roles import Deed
from plans.queries.postroom import state_of, zone_of

register = template.Library()


@register.inclusion_tag("plans/_postroom_banner.html", takes_context=True)
def postroom_banner(context: dict[str, Any]) -> dict[str, object]:
    """`{% postroom_banner %}`: nothing at all while letters leave, or for who does not read the outbox."""
    by = context["request"].user
    if not isinstance(by, Staff) or not by.can(Deed.SEE_OUTBOX):
        return {"postroom": None}
    found = state_of(clock.now())
    if found.is_well:
        return {"postroom": None}
    return {"postroom": found, "zone": zone_of(by), "may_release": by.can(Deed.CHANGE_CLINIC)}
