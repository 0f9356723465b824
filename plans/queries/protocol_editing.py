"""What somebody who writes a protocol needs beside the form: which day it is, and what other protocols say already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Protocol
from plans.models.protocol import CareRule, Component
from plans.queries.protocol_trial import today_of_staff, zone_of_staff


@dataclass(frozen=True, slots=True)
class Editing:
    """`suggestions`: by the name of the list a field is filled from."""

    protocol: Protocol
    today: date
    zone: ZoneInfo
    suggestions: dict[str, list[str]]


def editing(by: Staff, protocol_id: UUID, *, now: datetime) -> Editing:
    if not by.can(Deed.CHANGE_PROTOCOLS):
        raise Forbidden(Deed.CHANGE_PROTOCOLS)
    protocol = Protocol.objects.whole().get(pk=protocol_id)
    rules = CareRule.objects.order_by()
    suggestions = {
        "sources": sorted(rules.values_list("source", flat=True).distinct()),
        "acts": sorted(rules.values_list("act", flat=True).distinct()),
        "care_rules-keys": [rule.key for rule in protocol.care_rules.all()],
        "components-keys": list(Component.objects.filter(protocol=protocol).values_list("key", flat=True)),
    }
    return Editing(protocol, today_of_staff(by, now), zone_of_staff(by), suggestions)
