"""What stands in a calendar feed, and the page that lists the feeds there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import CalendarFeed, Closure, Location, Practitioner, Room, Staff
from clinic.rules.local_time import local_day, start_of_day
from plans.models import Appointment
from plans.models.feed_reach import allow_feeds, feeds_of, practitioners_of, rooms_of
from plans.rules.feed import AHEAD, CANCELLED_FOR, PAST, FeedEvent, digest
from plans.rules.states import AppointmentState

GONE = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """A practitioner or a room, and the addresses of its calendar."""

    thing: Practitioner | Room
    feeds: tuple[CalendarFeed, ...]

    @property
    def is_room(self) -> bool:
        return isinstance(self.thing, Room)


@dataclass(frozen=True, slots=True)
class FeedPlace:
    location: Location
    zone: ZoneInfo
    owners: tuple[FeedOwner, ...]


def feed_places(by: Staff) -> tuple[FeedPlace, ...]:
    """Return, by location, everything whose calendar `by` may give out; what is not in use while it has addresses."""
    allow_feeds(by)
    mine: dict[object, list[CalendarFeed]] = {}
    for feed in feeds_of(by).select_related("made_by"):
        mine.setdefault(feed.practitioner_id or feed.room_id, []).append(feed)
    in_use = Q(is_active=True, location__is_active=True) | Q(pk__in=[key for key in mine if key])
    things: list[Practitioner | Room] = [
        *practitioners_of(by).filter(in_use).select_related("location").order_by("name"),
        *rooms_of(by).filter(in_use).select_related("location").order_by("name"),
    ]
    things.sort(key=lambda thing: (thing.location.name, isinstance(thing, Room)))
    return tuple(
        FeedPlace(place, place.zone, tuple(FeedOwner(thing, tuple(mine.get(thing.pk, ()))) for thing in here))
        for place, here in groupby(things, key=lambda thing: thing.location)
    )


def feed_behind(secret: str) -> CalendarFeed:
    """Return the feed this secret opens; DoesNotExist when it opens none, or none any more.

    Looked up by its digest: how long that takes says nothing about the secret.
    """
    rows = CalendarFeed.objects.in_force().select_related("location", "practitioner__staff", "room")
    return rows.get(secret_sha256=digest(secret))


def feed_name(feed: CalendarFeed) -> str:
    return f"{feed.practitioner or feed.room}, {feed.location}"


def feed_events(feed: CalendarFeed, *, domain: str, now: datetime) -> tuple[FeedEvent, ...]:
    """Return what stands in the calendar from 30 days ago to 400 days ahead. Two queries.

    Nothing at all once the practitioner, their login, the room or the location is not in use any more: an empty
    calendar takes out what a program has kept, while an address that fails leaves it there for years.
    """
    if not _is_in_use(feed):
        return ()
    today = local_day(now, feed.location.zone)
    begins, ends = (start_of_day(today + far, feed.location.zone) for far in (-PAST, AHEAD))
    visits = _appointments(feed, begins, ends, start_of_day(today - CANCELLED_FOR, feed.location.zone))
    closed = _closures(feed).filter(starts__lt=ends, ends__gt=begins).order_by("starts", "pk")
    return (*_visits(feed, visits, domain), *(_closed(one, feed, domain) for one in closed))


def _is_in_use(feed: CalendarFeed) -> bool:
    person = feed.practitioner
    thing = person or feed.room
    works = person is None or person.staff is None or person.staff.is_active
    return feed.location.is_active and thing is not None and thing.is_active and works


def _appointments(feed: CalendarFeed, begins: datetime, ends: datetime, since: datetime) -> Iterable[Appointment]:
    mine = {"practitioner": feed.practitioner} if feed.practitioner else {"room": feed.room}
    rows = Appointment.objects.filter(**mine, starts__gte=begins, starts__lt=ends)
    rows = rows.exclude(state=AppointmentState.CANCELLED, changed_at__lt=since)
    was_moved = Exists(Appointment.objects.filter(rescheduled_from=OuterRef("pk")))
    return rows.annotate(was_moved=was_moved).select_related("patient", "practitioner", "room").order_by("starts", "pk")


def _visits(feed: CalendarFeed, rows: Iterable[Appointment], domain: str) -> Iterator[FeedEvent]:
    """One event for each appointment, however often it was moved: the last row that bears its UID."""
    last: dict[object, Appointment] = {}
    for row in rows:
        known = last.get(row.calendar_uid)
        if known is None or row.calendar_sequence > known.calendar_sequence:
            last[row.calendar_uid] = row
    for row in last.values():
        is_gone = row.state in GONE
        # The appointment lives on in somebody else's calendar, one further; here that change took it out.
        taken_out = row.state == AppointmentState.CANCELLED and getattr(row, "was_moved", False)
        yield FeedEvent(
            uid=f"{row.calendar_uid}@{domain}",
            sequence=row.calendar_sequence + taken_out,
            changed_at=row.changed_at,
            starts=row.starts,
            ends=row.ends,
            summary=row.patient.name if feed.shows_names else "Booked",
            place=_place(feed, row),
            is_cancelled=is_gone,
        )


def _place(feed: CalendarFeed, row: Appointment) -> str:
    """A practitioner's calendar says where, a room's who is there."""
    beside = row.practitioner if feed.room_id else row.room
    return ", ".join(str(one) for one in (beside, feed.location) if one)


def _closures(feed: CalendarFeed) -> QuerySet[Closure]:
    whole = Q(practitioner=None, room=None)
    mine = Q(practitioner=feed.practitioner) if feed.practitioner else Q(room=feed.room)
    return Closure.objects.filter(whole | mine, location=feed.location)


def _closed(closure: Closure, feed: CalendarFeed, domain: str) -> FeedEvent:
    """Neither the note nor the kind of an absence: calendars are shared with families and employers."""
    starts, ends = closure.starts, closure.ends
    days = local_day(starts, feed.location.zone), local_day(ends, feed.location.zone)
    is_days = closure.is_whole_days and days[0] < days[1]
    words = "Away" if closure.practitioner_id else "Not in use" if closure.room_id else "Closed"
    return FeedEvent(
        uid=f"{closure.pk}@{domain}",
        sequence=0,
        changed_at=closure.made_at,
        starts=days[0] if is_days else starts,
        ends=days[1] if is_days else ends,
        summary=words,
        place=str(feed.location),
    )
