"""A freed time and those who wait, read together: whom it suits, and why not the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.models import Practitioner, Staff
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import local_day
from clinic.rules.opening import Period, both
from clinic.rules.refusal import Refusal
from patients.models import MailboxState, Patient
from plans.models.appointment import Appointment
from plans.models.facts import window_of
from plans.models.slots import Blocks, buffer_of
from plans.models.waiting import WaitingEntry
from plans.rules.states import HOLDING, AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.waiting import EXPECTED, FreedTime, Waiter, freed_time, is_free_to_offer, why_not_earlier
from plans.rules.wishes import Wishes

MINUTE = timedelta(minutes=1)
FREED_WITH = ("patient", "location", "practitioner__location", "room")
ENTRY_WITH = (
    "patient",
    "location",
    "appointment__practitioner",
    "appointment__session__plan",
    "appointment__review__plan",
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One who waits, beside a freed time: `why_not` is empty when it suits; `why_no_mail` when a mail can go."""

    entry: WaitingEntry
    minutes: int
    why_not: str
    why_no_mail: str


def waiting_still(by: Staff, now: datetime) -> QuerySet[WaitingEntry]:
    """Those whose own appointment is still to come: the others' waiting is over, whether or not it was written down."""
    mine = WaitingEntry.objects.visible_to(by).waiting()
    return mine.filter(appointment__state__in=EXPECTED, appointment__starts__gt=now).select_related(*ENTRY_WITH)


def time_set_free(row: Appointment, now: datetime) -> FreedTime:
    """Return what is left of a time somebody gave up. Refusals: not_free, past."""
    if not is_free_to_offer(AppointmentState(row.state)):
        word = row.get_state_display().lower()
        raise Refusal("not_free", f"This appointment is “{word}”: its time is not free.")
    found = freed_time(FreedTime(row.practitioner_id, row.room_id, row.starts, row.ends), now)
    if found is None or not row.practitioner.is_active or (row.room and not row.room.is_active):
        raise Refusal("past", "This time is over, or nobody works there any more: there is nothing to offer.")
    return found


def fits(row: Appointment, entries: Sequence[WaitingEntry], *, now: datetime) -> tuple[Fit, ...]:
    """Hold each who waits against the time this appointment let go. Five queries, however many wait."""
    freed = time_set_free(row, now)
    opening, names = opening_of(row, freed), names_wished(entries)
    taken = _taken(row, freed, [entry.patient_id for entry in entries])
    return tuple(_fit(entry, row, freed, opening, taken, names) for entry in entries)


def is_gone(row: Appointment, freed: FreedTime, *, until: datetime, apart_from: UUID | None = None) -> bool:
    """Whether somebody holds the practitioner or the room again between its start and `until`."""
    taken = [one for one in _taken(row, freed, []) if one.pk != apart_from]
    return _blocks(row, row.patient, taken).clash(freed.starts, until) is not None


def opening_of(row: Appointment, freed: FreedTime) -> tuple[Period, ...]:
    zone = row.practitioner.location.zone
    day = local_day(freed.starts, zone)
    book = OpenBook.read([row.practitioner.location], first=day, last=day)
    periods = book.of_practitioner(row.practitioner, day, zone)
    usable = book.of_room(row.room, day, zone) if row.room else None
    return periods if usable is None else both(periods, usable)


def wishes_of(entry: WaitingEntry) -> Wishes:
    return Wishes.from_json(entry.wishes)


def names_wished(entries: Sequence[WaitingEntry]) -> dict[UUID, str]:
    """The practitioners somebody wishes for. One query, none when nobody does."""
    asked = {one for entry in entries for one in wishes_of(entry).practitioners}
    return dict(Practitioner.objects.filter(pk__in=asked).values_list("pk", "name")) if asked else {}


def why_no_mail(patient: Patient) -> str:
    if not patient.email:
        return "no e-mail"
    if patient.mailbox == MailboxState.DEAD:
        return "the e-mail address does not work"
    return "" if patient.wants_appointment_mail else "wants no mails about appointments"


def _fit(
    entry: WaitingEntry,
    row: Appointment,
    freed: FreedTime,
    opening: Sequence[Period],
    taken: Sequence[Appointment],
    names: dict[UUID, str],
) -> Fit:
    waiter = _waiter(entry, names)
    why = why_not_earlier(freed, waiter, zone=row.location.zone, opening=opening)
    why = why or _why_taken(entry, row, freed, waiter.minutes, taken)
    return Fit(entry, waiter.minutes, why, why_no_mail(entry.patient))


def _why_taken(
    entry: WaitingEntry, row: Appointment, freed: FreedTime, minutes: int, taken: Sequence[Appointment]
) -> str:
    ends = freed.starts + minutes * MINUTE
    blocks = _blocks(row, entry.patient, [one for one in taken if one.pk != entry.appointment_id])
    clash = blocks.clash(freed.starts, ends)
    if clash is None:
        return ""
    if blocks.whose(clash, freed.starts, ends) == entry.patient:
        return "Has another appointment then."
    return "The time is booked again, all of it or in part."


def _blocks(row: Appointment, patient: Patient, taken: Sequence[Appointment]) -> Blocks:
    return Blocks(row.practitioner, row.room, patient, tuple(taken))


def _taken(row: Appointment, freed: FreedTime, patients: Collection[UUID]) -> list[Appointment]:
    """What holds the practitioner, the room or one of those who wait around the freed time. One query."""
    longest = max(buffer_of(row.practitioner), buffer_of(row.room))
    ours = Q(practitioner=row.practitioner, practitioner_free_at__gt=freed.starts)
    ours |= Q(patient__in=patients, ends__gt=freed.starts)
    if row.room:
        ours |= Q(room=row.room, room_free_at__gt=freed.starts)
    return list(Appointment.objects.filter(ours, state__in=HOLDING, starts__lt=freed.ends + longest).order_by("starts"))


def _waiter(entry: WaitingEntry, names: dict[UUID, str]) -> Waiter:
    own, wishes = entry.appointment, wishes_of(entry)
    waiter = Waiter(
        starts=own.starts,
        minutes=own.minutes,
        needs_room=own.room_id is not None,
        wishes=wishes,
        wish_words=wishes.in_words(names),
        not_before=entry.not_before,
    )
    if own.session:
        is_open = own.session.state == SessionState.PLANNED and own.session.plan.state == PlanState.ACTIVE
        return replace(waiter, window=window_of(own.session), is_open=is_open)
    if own.review:
        return replace(waiter, opens=own.review.opens, is_open=own.review.state == ReviewState.PROMISED)
    return waiter
