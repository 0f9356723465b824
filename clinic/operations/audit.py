"""Who may, and who did: the first and the last line of every operation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Model

from clinic.models import AuditLine, Location, Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed

PROGRAM = "program"
PATIENT = "patient"


def allow(by: Staff, deed: Deed) -> None:
    """Raise Forbidden unless `by` may do `deed`."""
    if not by.can(deed):
        raise Forbidden(deed)


def record(
    happened: StrEnum,
    *,
    about: Model,
    by: Staff | None,
    now: datetime,
    by_name: str = "",
    patient_id: UUID | None = None,
    location: Location | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditLine:
    """Append one line, inside the operation's transaction: no deed without its line, no line without its deed."""
    return AuditLine.objects.create(
        at=now,
        by=by,
        by_name=by_name or (str(by) if by else PROGRAM),
        happened=happened.value,
        about_kind=about._meta.label_lower,
        about_id=about.pk,
        about_words=str(about)[:200],
        patient_id=patient_id,
        location=location,
        reason=reason,
        details=details or {},
    )
