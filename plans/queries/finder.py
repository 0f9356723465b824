"""The best times for a visit, over everybody and every room of a location."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.models import Location, Staff
from patients.models import Patient
from plans.models import Appointment
from plans.queries.open_clinic import days_to_look_at, finder_at
from plans.queries.series_proposal import propose_series
from plans.rules.finder import Vacancy, outward
from plans.rules.series import Line, Proposal
from plans.rules.wishes import Wishes

__all__ = ["Line", "Proposal", "Vacancy", "Wishes", "all_times", "find_times", "propose_series"]

ANYTHING = Wishes()
ONE_DAY = timedelta(days=1)


def find_times(
    *,
    by: Staff,
    patient: Patient,
    location: Location,
    minutes: int,
    first: date,
    target: date,
    last: date,
    wishes: Wishes = ANYTHING,
    now: datetime,
    needs_room: bool = True,
    instead_of: Appointment | None = None,
    practitioners: Collection[UUID] | None = None,
    limit: int = 10,
    usual: UUID | None = None,
) -> tuple[Vacancy, ...]:
    """Return up to `limit` times between two local days, best first: nearest to `target`, then with the `usual`
    practitioner, then early. Each can be booked as it stands; the room is the one of `instead_of` where it is free.

    `practitioners`: only these. A hint, not a promise: booking asks again, under locks. Five queries, and one more for
    each week that is looked at: the week of the target, then the weeks around it until there is enough.
    """
    days = days_to_look_at(location, first, last, now)
    if days is None or limit <= 0:
        return ()
    target = min(max(target, days[0]), days[1])
    who = _either(practitioners, wishes)
    finder = finder_at(
        location, by=by, patient=patient, first=days[0], last=days[1], around=target, now=now, needs_room=needs_room,
        instead_of=instead_of, practitioners=who, usual=usual, usual_room=instead_of.room_id if instead_of else None,
    )  # fmt: skip
    found: list[Vacancy] = []
    for day in outward(days[0], target, days[1]) if finder else ():
        assert finder is not None
        found += sorted(finder.on(day, minutes, wishes), key=lambda one: (one.practitioner != usual, one.starts))
        if len(found) >= limit:
            break
    return tuple(found[:limit])


def all_times(
    *,
    location: Location,
    minutes: int,
    first: date,
    last: date,
    now: datetime,
    by: Staff | None = None,
    patient: Patient | None = None,
    wishes: Wishes = ANYTHING,
    needs_room: bool = True,
    practitioners: Collection[UUID] | None = None,
) -> tuple[Vacancy, ...]:
    """Return every time between two local days, in order of days, then of people. Six queries.

    `by` None: for whoever has been shown this location already.
    """
    days = days_to_look_at(location, first, last, now)
    if days is None:
        return ()
    span = (days[1] - days[0]).days + 1
    finder = finder_at(
        location, by=by, patient=patient, first=days[0], last=days[1], around=days[0] + span // 2 * ONE_DAY, now=now,
        span=span, needs_room=needs_room, practitioners=_either(practitioners, wishes),
    )  # fmt: skip
    if finder is None:
        return ()
    return tuple(one for number in range(span) for one in finder.on(days[0] + number * ONE_DAY, minutes, wishes))


def _either(practitioners: Collection[UUID] | None, wishes: Wishes) -> Collection[UUID] | None:
    """Only whom somebody may be booked with is read at all."""
    if not wishes.practitioners:
        return practitioners
    return wishes.practitioners if practitioners is None else wishes.practitioners & set(practitioners)
