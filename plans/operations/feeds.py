"""Calendar addresses: making one, revoking it, and noting that it is read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic.models import CalendarFeed, Practitioner, Staff
from clinic.operations.audit import record
from clinic.operations.once import once
from clinic.rules.happened import Happened
from clinic.rules.refusal import Refusal
from plans.models.feed_reach import allow_feeds, feeds_of, whose
from plans.rules.feed import digest

MOST = 10
SECRET_BYTES = 32
NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """`secret` is known now and never again: "" when the same form was sent a second time."""

    feed: CalendarFeed
    secret: str


@transaction.atomic
def make_feed(*, thing_id: UUID, shows_names: bool, token: UUID | None = None, by: Staff, now: datetime) -> MadeFeed:
    """Make an address under which the calendar of a practitioner or a room can be read without logging in."""
    allow_feeds(by)
    thing = whose(by, thing_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made: list[CalendarFeed] = []

    def make() -> list[UUID]:
        if not thing.is_active:
            raise Refusal("inactive", f"{thing} is not in use any more: there is no calendar to give out.")
        owner = {"practitioner": thing} if isinstance(thing, Practitioner) else {"room": thing}
        if CalendarFeed.objects.in_force().filter(**owner).count() >= MOST:
            raise Refusal("too_many", f"There are {MOST} addresses already: revoke one that nobody reads.")
        feed = CalendarFeed.objects.create(
            location=thing.location,
            secret_sha256=digest(secret),
            shows_names=shows_names,
            made_by=by,
            made_at=now,
            **owner,
        )
        details = {"shows_names": shows_names}
        record(Happened.FEED_MADE, about=feed, by=by, now=now, location=thing.location, details=details)
        made.append(feed)
        return [feed.pk]

    [key] = once(token, deed=Happened.FEED_MADE, by=by, now=now, do=make)
    return MadeFeed(made[0], secret) if made else MadeFeed(feeds_of(by).get(pk=key), "")


@transaction.atomic
def revoke_feed(*, feed_id: UUID, by: Staff, now: datetime) -> CalendarFeed:
    """Make the address useless, from the next time somebody reads it."""
    allow_feeds(by)
    feed = feeds_of(by).select_for_update(of=("self",)).get(pk=feed_id)
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    record(Happened.FEED_REVOKED, about=feed, by=by, now=now, location=feed.location)
    return feed


def note_read(feed: CalendarFeed, *, now: datetime) -> None:
    """Write down that it is read, once an hour: programs ask far more often than anybody wants to know."""
    if feed.last_read_at and now - feed.last_read_at < NOTED_EVERY:
        return
    long_ago = Q(last_read_at=None) | Q(last_read_at__lte=now - NOTED_EVERY)
    CalendarFeed.objects.filter(long_ago, pk=feed.pk).update(last_read_at=now)
