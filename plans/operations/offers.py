"""A freed time offered to those who wait, and whose it becomes: the first who says yes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic.models import Practitioner, Room, Staff
from clinic.operations.audit import PATIENT, allow, record
from clinic.operations.deadlock import again_after_a_deadlock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Offer, WaitingEntry
from plans.models.waiting_facts import (
    FREED_WITH,
    Fit,
    fits,
    time_set_free,
    waiting_still,
)
from plans.operations.booking import moved
from plans.operations.reminders import lock_patient, replan_many
from plans.operations.slot import Slot
from plans.operations.waiting import end_waiting
from plans.rules.happened import Happened
from plans.rules.states import AskedBy, OfferState, WaitingState
from plans.rules.waiting import EXPECTED, holds_until

REASON = "Took an earlier time that was offered"
EARLIER = "Somebody else was a moment earlier."
NOT_FREE = "This time is not free any more."
OVER = "This offer has ended."
OFFER_WITH = ("entry__location", "freed", "practitioner", "room")


@again_after_a_deadlock
@transaction.atomic
def make_offers(
    *, freed_appointment_id: UUID, entry_ids: Collection[UUID] | None = None, by: Staff, now: datetime
) -> list[Offer]:
    """Offer the time an appointment let go, by mail, to all whom it suits, or to those chosen of them.

    Nobody is offered the same time twice. Refusals: not_free, past, too_soon (for a mail), nobody.
    """
    allow(by, Deed.MOVE)
    row = _freed(freed_appointment_id, by)
    freed = time_set_free(row, now)
    until = holds_until(freed.starts, now)
    if until is None:
        raise Refusal("too_soon", "It begins too soon for a mail: phone those whom it suits.")
    entries, patients = _entries(row, entry_ids, by, now)
    chosen = [fit for fit in fits(row, entries, now=now) if not (fit.why_not or fit.why_no_mail)]
    made = [offer for fit in chosen if (offer := _offer(fit, row, freed.starts, until, by, now))]
    if not made:
        raise Refusal("nobody", "Nobody is left on the waiting list who can be offered this time by mail.")
    replan_many([patients[offer.entry.patient_id] for offer in made], now=now)
    return made


@again_after_a_deadlock
def take_offer(*, patient_id: UUID, offer_id: UUID, now: datetime) -> Appointment:
    """The patient says yes, and the first yes wins: her appointment moves, and the others' offers are lost.

    Yes said twice is one yes. Refusals: gone (somebody was earlier, or it is not free any more), over (too late, or
    her own appointment is not what it was).
    """
    # Outside of the transaction: that the offer is lost is kept, though she is told no.
    answer = _take(patient_id, offer_id, now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@again_after_a_deadlock
@transaction.atomic
def decline_offer(*, patient_id: UUID, offer_id: UUID, now: datetime) -> Offer:
    """No, thank you: she goes on waiting. No said twice is one no. Refusal: taken."""
    patient = lock_patient(patient_id)
    offer = _locked_offer(patient_id, offer_id)
    if offer.state == OfferState.TAKEN:
        raise Refusal("taken", "You have taken this time already: call us if it does not suit you.")
    if offer.state == OfferState.OPEN:
        _answer(offer, OfferState.DECLINED, now)
        replan_many([patient], now=now)
        _record_offer(Happened.OFFER_DECLINED, offer, by=None, now=now)
    return offer


@again_after_a_deadlock
@transaction.atomic
def give_time(*, freed_appointment_id: UUID, entry_id: UUID, by: Staff, now: datetime) -> Appointment:
    """Staff reached her by phone and she said yes: her appointment moves at once.

    Refusals: not_free, past, does_not_fit, and those of moving.
    """
    allow(by, Deed.MOVE)
    patient = lock_patient(WaitingEntry.objects.visible_to(by).only("patient").get(pk=entry_id).patient_id)
    row = _freed(freed_appointment_id, by)
    _lock_place(row.practitioner_id, row.room_id)
    found = fits(row, list(waiting_still(by, now).filter(pk=entry_id)), now=now)
    if not found:
        raise Refusal("does_not_fit", f"{patient} is not waiting for an earlier time any more.")
    [fit] = found
    if fit.why_not:
        raise Refusal("does_not_fit", f"{patient} cannot have this time. {fit.why_not}")
    starts = time_set_free(row, now).starts
    offer, _ = Offer.objects.get_or_create(
        entry=fit.entry,
        freed=row,
        starts=starts,
        defaults=_terms(fit, row, starts) | {"made_at": now, "made_by": by, "useful_until": starts},
    )
    return _move(offer, fit.entry, by=by, now=now)


@transaction.atomic
def _take(patient_id: UUID, offer_id: UUID, now: datetime) -> Appointment | Refusal:
    lock_patient(patient_id)
    seen = Offer.objects.only("practitioner", "room").get(pk=offer_id, entry__patient_id=patient_id)
    _lock_place(seen.practitioner_id, seen.room_id)
    offer = _locked_offer(patient_id, offer_id)
    if offer.state == OfferState.TAKEN and offer.became:
        return offer.became
    entry = WaitingEntry.objects.select_related("location").select_for_update(of=("self",)).get(pk=offer.entry_id)
    if why := _why_not(offer, entry, now):
        return why
    try:
        with transaction.atomic():
            return _move(offer, entry, by=None, now=now)
    except Refusal as refusal:
        if refusal.code == "over":
            return refusal
        _answer(offer, OfferState.LOST, now)
        return Refusal("gone", EARLIER if refusal.code.endswith("_busy") else NOT_FREE)


def _why_not(offer: Offer, entry: WaitingEntry, now: datetime) -> Refusal | None:
    if offer.state == OfferState.LOST:
        return Refusal("gone", EARLIER)
    if entry.state != WaitingState.WAITING or offer.useful_until <= now:
        return Refusal("over", OVER)
    # No said by mistake is still hers to take back, while nobody else has said yes.
    return None


def _move(offer: Offer, entry: WaitingEntry, *, by: Staff | None, now: datetime) -> Appointment:
    """Call it with patient, practitioner and room locked, in a transaction."""
    related = ("session__plan", "review__plan", "location", "patient")
    old = Appointment.objects.select_related(*related).select_for_update(of=("self",)).get(pk=entry.appointment_id)
    if old.state not in EXPECTED or old.starts <= offer.starts:
        raise Refusal("over", OVER)
    slot = Slot(entry.patient_id, offer.practitioner_id, offer.room_id, offer.starts, offer.ends)
    new = moved(old, slot, reason=REASON, asked_by=AskedBy.PATIENT, by=by, now=now)
    _answer(offer, OfferState.TAKEN, now, became=new)
    # Their letters are not planned anew here, for their owners are not locked: the hand-off looks at the offer again.
    rivals = Offer.objects.open().filter(starts__lt=offer.ends, ends__gt=offer.starts).exclude(entry=entry)
    rivals.filter(practitioner=offer.practitioner_id).update(state=OfferState.LOST, answered_at=now)
    end_waiting(entry, WaitingState.SERVED, now)
    _record_offer(Happened.OFFER_TAKEN, offer, by=by, now=now)
    return new


def _freed(appointment_id: UUID, by: Staff) -> Appointment:
    return Appointment.objects.visible_to(by).select_related(*FREED_WITH).get(pk=appointment_id)


def _entries(
    row: Appointment, entry_ids: Collection[UUID] | None, by: Staff, now: datetime
) -> tuple[list[WaitingEntry], dict[UUID, Patient]]:
    """Return those who wait here, and their patients locked, in the order of their ids: two who offer at once never
    wait for each other. Whose waiting ended by itself (what she had was moved, cancelled or has begun) is written down.
    """
    here = (
        WaitingEntry.objects.visible_to(by).waiting().filter(location=row.location_id).exclude(patient=row.patient_id)
    )
    if entry_ids is not None:
        here = here.filter(pk__in=entry_ids)
    owners = Patient.objects.filter(pk__in=here.values_list("patient_id")).select_related("home_location")
    patients = {one.pk: one for one in owners.order_by("pk").select_for_update(of=("self",), no_key=True)}
    still = list(waiting_still(by, now).filter(pk__in=here.values("pk")).order_by("asked_at", "pk"))
    for entry in here.exclude(pk__in=[one.pk for one in still]):
        end_waiting(entry, WaitingState.OVER, now)
    return [entry for entry in still if entry.patient_id in patients], patients


def _lock_place(practitioner_id: UUID, room_id: UUID | None) -> None:
    """After the patient, as everywhere. From here on, whoever else says yes to this time waits."""
    list(Practitioner.objects.filter(pk=practitioner_id).select_for_update(no_key=True))
    if room_id:
        list(Room.objects.filter(pk=room_id).select_for_update(no_key=True))


def _locked_offer(patient_id: UUID, offer_id: UUID) -> Offer:
    rows = Offer.objects.select_related(*OFFER_WITH).select_for_update(of=("self",))
    return rows.get(pk=offer_id, entry__patient_id=patient_id)


def _offer(fit: Fit, row: Appointment, starts: datetime, until: datetime, by: Staff, now: datetime) -> Offer | None:
    """None when this time was offered to her before."""
    terms = _terms(fit, row, starts) | {"made_at": now, "made_by": by, "useful_until": until}
    offer, is_new = Offer.objects.get_or_create(entry=fit.entry, freed=row, starts=starts, defaults=terms)
    if not is_new:
        return None
    _record_offer(Happened.OFFER_MADE, offer, by=by, now=now)
    return offer


def _terms(fit: Fit, row: Appointment, starts: datetime) -> dict[str, object]:
    room = row.room_id if fit.entry.appointment.room_id else None
    minutes = fit.entry.appointment.minutes
    return {"practitioner_id": row.practitioner_id, "room_id": room, "ends": starts + timedelta(minutes=minutes)}


def _answer(offer: Offer, state: OfferState, now: datetime, *, became: Appointment | None = None) -> None:
    offer.state, offer.answered_at, offer.became = state, now, became
    offer.save(update_fields=["state", "answered_at", "became"])


def _record_offer(happened: Happened, offer: Offer, *, by: Staff | None, now: datetime, reason: str = "") -> None:
    entry = offer.entry
    record(
        happened,
        about=offer,
        by=by,
        by_name="" if by else PATIENT,
        now=now,
        reason=reason,
        patient_id=entry.patient_id,
        location=entry.location,
        details={"starts": offer.starts.isoformat(), "freed": str(offer.freed_id)},
    )
