"""Whose calendars somebody may give out: a manager those of the place, a clinician her own."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from clinic.models import CalendarFeed, Practitioner, Room, Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed


def allow_feeds(by: Staff) -> None:
    """Raise Forbidden for who is neither a manager nor a clinician."""
    if not _runs_the_place(by) and not by.can(Deed.SEE_CLINICAL):
        raise Forbidden(Deed.CHANGE_CLINIC)


def practitioners_of(by: Staff) -> QuerySet[Practitioner]:
    seen = Practitioner.objects.visible_to(by)
    return seen if _runs_the_place(by) else seen.filter(staff=by)


def rooms_of(by: Staff) -> QuerySet[Room]:
    seen = Room.objects.visible_to(by)
    return seen if _runs_the_place(by) else seen.none()


def feeds_of(by: Staff) -> QuerySet[CalendarFeed]:
    seen = CalendarFeed.objects.visible_to(by).in_force()
    return seen if _runs_the_place(by) else seen.filter(practitioner__staff=by)


def whose(by: Staff, thing_id: UUID) -> Practitioner | Room:
    """Return the practitioner or the room of this id. DoesNotExist when it is not `by`'s to give out."""
    person = practitioners_of(by).select_related("location").filter(pk=thing_id).first()
    return person or rooms_of(by).select_related("location").get(pk=thing_id)


def _runs_the_place(by: Staff) -> bool:
    return by.can(Deed.CHANGE_CLINIC)
