"""All that stands on the page on which what is left of a plan is booked together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Practitioner, Room, Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Plan
from plans.queries.finder import propose_series
from plans.queries.telling import why_no_mail
from plans.rules.finder import Vacancy
from plans.rules.series import Line, Proposal
from plans.rules.wishes import Wishes
from plans.rules.wording import clock_words, day_words, distance_words


@dataclass(frozen=True, slots=True)
class SeriesStory:
    """`no_mail`: why no mail reaches the patient, empty when one does."""

    plan: Plan
    zone: ZoneInfo
    today: date
    practitioners: tuple[Practitioner, ...]
    rooms: tuple[Room, ...]
    proposal: Proposal
    no_mail: str

    def when(self, vacancy: Vacancy) -> str:
        return f"{day_words(local_day(vacancy.starts, self.zone))}, {clock_words(vacancy.starts, self.zone)}"

    def distance(self, vacancy: Vacancy) -> str:
        return distance_words(local_day(vacancy.starts, self.zone), self.today)

    def who_and_where(self, vacancy: Vacancy) -> str:
        names = {one.pk: one.name for one in self.practitioners} | {one.pk: one.name for one in self.rooms}
        places = [names.get(vacancy.practitioner, "somebody else"), names.get(vacancy.room) if vacancy.room else None]
        return ", ".join(filter(None, places))

    def times_of(self, line: Line) -> tuple[Vacancy, ...]:
        """The time proposed and the others, in the order of days."""
        found = {line.vacancy, *line.others} if line.vacancy else set(line.others)
        return tuple(sorted(found, key=lambda one: (one.starts, str(one.practitioner), str(one.room))))


def whose_series(by: Staff, plan_id: UUID) -> Plan:
    """Return the plan. Forbidden without the right to book; DoesNotExist for somebody else's."""
    if not by.can(Deed.BOOK):
        raise Forbidden(Deed.BOOK)
    return Plan.objects.visible_to(by).select_related("patient__home_location", "location").get(pk=plan_id)


def people_of_series(by: Staff, plan: Plan) -> tuple[Practitioner, ...]:
    rows = Practitioner.objects.visible_to(by).filter(location=plan.location_id, is_active=True)
    return tuple(rows.order_by("name"))


def series_story(
    by: Staff,
    plan: Plan,
    people: tuple[Practitioner, ...],
    *,
    wishes: Wishes,
    keep: Mapping[UUID, Vacancy],
    now: datetime,
) -> SeriesStory:
    """Propose a time for everything not booked yet, around what somebody chose to keep."""
    rooms = Room.objects.visible_to(by).filter(location=plan.location_id, is_active=True)
    zone = plan.location.zone
    return SeriesStory(
        plan=plan,
        zone=zone,
        today=local_day(now, zone),
        practitioners=people,
        rooms=tuple(rooms.order_by("name")),
        proposal=propose_series(by=by, plan=plan, wishes=wishes, now=now, keep=keep),
        no_mail=why_no_mail(plan.patient),
    )
