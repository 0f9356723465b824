"""The waiting list as the desk reads it, a freed time beside it, and one offer as its patient reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from clinic.models import Practitioner, Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden, Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Offer, WaitingEntry
from plans.models.waiting_facts import (
    FREED_WITH,
    Fit,
    fits,
    is_gone,
    names_wished,
    time_set_free,
    waiting_still,
    why_no_mail,
    wishes_of,
)
from plans.queries.day_rows import what_words
from plans.rules.states import AppointmentState, OfferState, WaitingState
from plans.rules.waiting import EXPECTED, FreedTime, holds_until
from plans.rules.wishes import Wishes

# Times set free longer ago were offered then, or filled otherwise.
LATELY = timedelta(days=3)
SHOWN = 8
# Booked again from its first minutes on, a time is gone; taken later in part, it still suits whoever needs less.
LEAST_LEFT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits: for what, how, since when, with what meanwhile. `offers`: those she has not answered yet."""

    entry: WaitingEntry
    zone: ZoneInfo
    what: str
    wishes: str
    since: date
    days: int
    offers: int
    why_no_mail: str

    @property
    def open_words(self) -> str:
        return f"{self.offers} open"


@dataclass(frozen=True, slots=True)
class WaitingList:
    rows: tuple[Waiting, ...]
    freed: tuple[Appointment, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of the offer so far; `chip` is its colour."""

    fit: Fit
    offer: Offer
    chip: str
    word: str


@dataclass(frozen=True, slots=True)
class FreedStory:
    """A freed time and whom it suits. `holds_until` None: it begins too soon for a mail. `refusal`: why nothing can be
    offered."""

    appointment: Appointment
    zone: ZoneInfo
    freed: FreedTime | None
    refusal: Refusal | None
    holds_until: datetime | None
    suits: tuple[Fit, ...]
    to_phone: tuple[Fit, ...]
    offered: tuple[Offered, ...]
    others: tuple[Fit, ...]
    today: date
    taken_by: Patient | None


@dataclass(frozen=True, slots=True)
class WishStory:
    """Somebody who would come earlier: her appointment, and what she has asked for so far."""

    appointment: Appointment
    zone: ZoneInfo
    what: str
    entry: WaitingEntry | None
    wishes: Wishes
    people: tuple[Practitioner, ...]
    why_no_mail: str
    can_wait: bool


class OfferStanding(StrEnum):
    """DECLINED can be taken back while nobody else has said yes."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    GONE = "gone"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """`present`: the appointment she has meanwhile, None when it is not what it was. `is_anothers`: somebody has it."""

    offer: Offer
    standing: OfferStanding
    present: Appointment | None
    is_anothers: bool
    zone: ZoneInfo


def waiting_list(by: Staff, *, now: datetime) -> WaitingList:
    """Everybody who waits at the viewer's places, longest first, and what was set free lately. Four queries."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    is_open = Q(offers__state=OfferState.OPEN, offers__useful_until__gt=now)
    entries = list(waiting_still(by, now).annotate(open_offers=Count("offers", filter=is_open)).order_by("asked_at"))
    names = names_wished(entries)
    zone = entries[0].location.zone if entries else ZoneInfo("UTC")
    rows = tuple(_waiting(entry, names, now) for entry in entries)
    return WaitingList(rows, _set_free(by, now), local_day(now, zone))


def freed_story(by: Staff, appointment_id: UUID, *, now: datetime) -> FreedStory:
    """Return the page of one freed time. DoesNotExist for somebody else's appointment."""
    if not by.can(Deed.MOVE):
        raise Forbidden(Deed.MOVE)
    row = Appointment.objects.visible_to(by).select_related(*FREED_WITH, "session", "review").get(pk=appointment_id)
    entries = waiting_still(by, now).filter(location=row.location_id).exclude(patient=row.patient_id)
    refusal: Refusal | None = None
    freed: FreedTime | None = None
    found: tuple[Fit, ...] = ()
    try:
        freed = time_set_free(row, now)
        found = fits(row, list(entries.order_by("asked_at", "pk")), now=now)
    except Refusal as caught:
        refusal = caught
    if freed and is_gone(row, freed, until=freed.starts + LEAST_LEFT):
        refusal = Refusal("gone", "This time is booked again.")
    offers = {offer.entry_id: offer for offer in row.offers.select_related("entry__patient", "became")}
    taken = next((offer for offer in offers.values() if offer.state == OfferState.TAKEN), None)
    asked = {pk for pk, offer in offers.items() if offer.state != OfferState.LOST}
    fresh = [fit for fit in found if fit.entry.pk not in asked]
    until = holds_until(freed.starts, now) if freed else None
    return FreedStory(
        appointment=row,
        zone=row.location.zone,
        freed=freed,
        refusal=refusal,
        holds_until=until,
        suits=tuple(fit for fit in fresh if not fit.why_not and until and not fit.why_no_mail),
        to_phone=tuple(fit for fit in fresh if not fit.why_not and not (until and not fit.why_no_mail)),
        offered=tuple(_offered(fit, offers[fit.entry.pk], now) for fit in found if fit.entry.pk in asked),
        others=tuple(fit for fit in fresh if fit.why_not),
        today=local_day(now, row.location.zone),
        taken_by=taken.entry.patient if taken else None,
    )


def wish_story(by: Staff, appointment_id: UUID, *, now: datetime) -> WishStory:
    """Return what the page that asks for wishes needs. DoesNotExist for somebody else's appointment."""
    if not by.can(Deed.BOOK):
        raise Forbidden(Deed.BOOK)
    related = ("patient", "location", "practitioner", "room", "session", "review")
    row = Appointment.objects.visible_to(by).select_related(*related).get(pk=appointment_id)
    entry = row.waiting.waiting().first()
    return WishStory(
        appointment=row,
        zone=row.location.zone,
        what=what_words(row),
        entry=entry,
        wishes=wishes_of(entry) if entry else Wishes(),
        people=tuple(Practitioner.objects.filter(location=row.location_id, is_active=True).order_by("name")),
        why_no_mail=why_no_mail(row.patient),
        can_wait=row.state in EXPECTED and row.starts > now,
    )


def own_offer(patient: Patient, offer_id: UUID, *, now: datetime) -> OwnOffer:
    """Return the offer as its patient may read it. DoesNotExist for anybody else's."""
    related = ("entry__appointment__location", "freed__location", "freed__patient", "practitioner", "room", "became")
    rows = Offer.objects.select_related(*related, "freed__practitioner", "freed__room")
    offer = rows.get(pk=offer_id, entry__patient=patient)
    own = offer.entry.appointment
    present = own if own.state in EXPECTED and own.starts > now else None
    freed = FreedTime(offer.practitioner_id, offer.room_id, offer.starts, offer.ends)
    is_anothers = offer.state != OfferState.TAKEN and is_gone(offer.freed, freed, until=offer.ends, apart_from=own.pk)
    return OwnOffer(offer, _standing(offer, present, is_anothers, now), present, is_anothers, offer.freed.location.zone)


def _offered(fit: Fit, offer: Offer, now: datetime) -> Offered:
    if offer.state != OfferState.OPEN:
        return Offered(fit, offer, "calm", OfferState(offer.state).label)
    return Offered(fit, offer, *(("accent", "Open") if offer.useful_until > now else ("calm", "No answer")))


def _standing(offer: Offer, present: Appointment | None, is_anothers: bool, now: datetime) -> OfferStanding:
    if offer.state == OfferState.TAKEN:
        # Moved or held since: what she took is not what is booked any more.
        still = offer.became is not None and offer.became.state in EXPECTED
        return OfferStanding.TAKEN if still else OfferStanding.OVER
    if offer.state == OfferState.LOST:
        return OfferStanding.GONE
    if present is None or offer.entry.state != WaitingState.WAITING or offer.useful_until <= now:
        return OfferStanding.OVER
    if is_anothers:
        return OfferStanding.GONE
    return OfferStanding.DECLINED if offer.state == OfferState.DECLINED else OfferStanding.OPEN


def _waiting(entry: WaitingEntry, names: dict[UUID, str], now: datetime) -> Waiting:
    zone = entry.location.zone
    since = local_day(entry.asked_at, zone)
    return Waiting(
        entry=entry,
        zone=zone,
        what=what_words(entry.appointment),
        wishes=wishes_of(entry).in_words(names),
        since=since,
        days=(local_day(now, zone) - since).days,
        offers=entry.open_offers,  # type: ignore[attr-defined]  # annotated above
        why_no_mail=why_no_mail(entry.patient),
    )


def _set_free(by: Staff, now: datetime) -> tuple[Appointment, ...]:
    """What was moved away or cancelled in the last days, still lies ahead and was not given to somebody since."""
    rows = Appointment.objects.visible_to(by).filter(
        state=AppointmentState.CANCELLED, starts__gt=now, changed_at__gt=now - LATELY, practitioner__is_active=True
    )
    rows = rows.exclude(offers__state=OfferState.TAKEN).select_related(*FREED_WITH, "session", "review")
    found = list(rows.order_by("starts")[: 4 * SHOWN])
    again = _booked_again(found)
    return tuple(row for row in found if row.pk not in again)[:SHOWN]


def _booked_again(rows: Iterable[Appointment]) -> set[UUID]:
    """Those whose practitioner somebody holds again at that time. One query."""
    rows = list(rows)
    if not rows:
        return set()
    people = {row.practitioner_id for row in rows}
    first, last = min(row.starts for row in rows), max(row.ends for row in rows)
    held = Appointment.objects.overlapping(first, last).filter(practitioner__in=people)
    spans = list(held.values_list("practitioner_id", "starts", "ends"))
    return {
        row.pk
        for row in rows
        if any(who == row.practitioner_id and begins < row.ends and row.starts < ends for who, begins, ends in spans)
    }
