"""Rows as the letters' rules see them: appointments, reviews, offers, boosters, and the houses that sign."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Location
from clinic.rules.local_time import local_day
from clinic.rules.spans import Span, Unit
from plans.models.appointment import Appointment
from plans.models.facts import Held, zone_of
from plans.models.letter_time import LetterTime
from plans.models.plan import Plan, Session
from plans.models.review import Review
from plans.models.waiting import Offer
from plans.rules.letter_times import TIMINGS, KindTimes, LetterTimes
from plans.rules.letter_wish import House
from plans.rules.reminders import (
    AppointmentFacts,
    BoosterFacts,
    FirstHeld,
    LetterKind,
    OfferFacts,
    PreCare,
    ReviewFacts,
    pre_care,
)
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.steps import StepKind

_ENDED = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


def houses_of(locations: Mapping[UUID, Location]) -> dict[UUID, House]:
    """What each of these locations has set for its letters. One query, however many."""
    own: dict[UUID, dict[LetterKind, KindTimes]] = {}
    for row in LetterTime.objects.filter(location__in=locations.keys()):
        own.setdefault(row.location_id, {})[LetterKind(row.kind)] = kind_times(row)
    return {pk: house_of(location, own.get(pk, {})) for pk, location in locations.items()}


def house_of(location: Location, own: Mapping[LetterKind, KindTimes]) -> House:
    return House(location.zone, LetterTimes(own, location.quiet_from, location.quiet_until))


def kind_times(row: LetterTime) -> KindTimes:
    """What the row says, and the house's own where it says nothing."""
    usual = TIMINGS[LetterKind(row.kind)].times
    lead = Span(row.lead_number, Unit(row.lead_unit)) if row.lead_number is not None else usual.lead
    return KindTimes(row.is_on, lead, usual.hour if row.at_hour is None else row.at_hour)


def appointment_facts(
    row: Appointment, *, is_missed_told: bool = False, house: House | None = None, care: PreCare | None = None
) -> AppointmentFacts:
    return AppointmentFacts(
        id=row.pk,
        purpose=AppointmentPurpose(row.purpose),
        starts=row.starts,
        ends=row.ends,
        state=AppointmentState(row.state),
        announced="missed" if is_missed_told else _announced(row),
        # Confirming changes the row too, and is nothing to tell.
        changed_at=row.changed_at if row.state in _ENDED else row.booked_at,
        session_number=row.session.number if row.session else None,
        series=row.series,
        care=care or PreCare(),
        house=house,
    )


def care_before(held: Held, row: Appointment, zone: ZoneInfo) -> PreCare:
    """What the plan's own rules mean for the letters before this appointment."""
    modalities = held.occasion.modalities
    return pre_care(held.course.care_rules, modalities, starts=row.starts, ends=row.ends, zone=zone)


def first_held(held: Iterable[Held]) -> list[FirstHeld]:
    """The first session held of every plan that goes on or was completed, and whose course has expectations."""
    found: dict[UUID, Held] = {}
    for one in held:
        plan = one.session.plan
        if one.session.state != SessionState.DONE or plan.state == PlanState.STOPPED or not one.course.expectations:
            continue
        first = found.get(plan.pk)
        if first is None or one.occasion.starts < first.occasion.starts:
            found[plan.pk] = one
    return [FirstHeld(one.session.pk, _held_on(one)) for one in found.values()]


def _held_on(one: Held) -> date:
    return local_day(one.occasion.starts, zone_of(one.session.plan))


def booster_facts(plans: Iterable[Plan], sessions: Sequence[Session], booked: Collection[UUID]) -> list[BoosterFacts]:
    """The next booster of each plan whose course is done, while nobody has booked it. Later boosters, and those behind
    a course that is not through, have days that still move."""
    found = []
    for plan in plans:
        to_do = [s for s in sessions if s.plan_id == plan.pk and s.state == SessionState.PLANNED]
        if plan.state not in (PlanState.ACTIVE, PlanState.COMPLETED) or any(s.kind != StepKind.BOOSTER for s in to_do):
            continue
        first = min(to_do, key=lambda session: session.number, default=None)
        if first and first.pk not in booked:
            found.append(BoosterFacts(first.pk, first.target, first.latest))
    return found


def is_missed_told(row: Appointment, others: Iterable[Appointment]) -> bool:
    """Whether a letter says that she was missed: not where the house does not write, nor once it is settled anew.

    Also of an appointment that was booked in silence: that she was told of the booking is another matter.
    """
    if row.state != AppointmentState.NO_SHOW or not row.location.writes_after_no_show:
        return False
    if row.session and row.session.state != SessionState.PLANNED:
        return False
    if row.review and row.review.state != ReviewState.PROMISED:
        return False
    return not any(_subject(one) == _subject(row) and one.booked_at > row.starts for one in others)


def offer_facts(row: Offer, house: House | None = None) -> OfferFacts:
    return OfferFacts(id=row.pk, starts=row.starts, made_at=row.made_at, until=row.useful_until, house=house)


def review_facts(row: Review, booked: Collection[UUID | None], house: House | None = None) -> ReviewFacts:
    """`booked`: ids of the reviews an appointment holds."""
    return ReviewFacts(
        id=row.pk,
        months=row.months,
        due=row.due,
        opens=row.opens,
        closes=row.closes,
        decided=row.state != ReviewState.PROMISED,
        booked=row.pk in booked,
        estimated=row.is_estimated,
        house=house,
    )


def was_moved(row: Appointment) -> bool:
    return hasattr(row, "rescheduled_to")


def _announced(row: Appointment) -> str:
    """The appointment a moved one became tells of the move; the one it was has nothing more to say, nor has one that
    the patient was told of otherwise."""
    if row.is_silent:
        return ""
    if row.state == AppointmentState.CANCELLED:
        return "" if was_moved(row) else "cancelled"
    return "moved" if row.rescheduled_from_id else "booked"


def _subject(row: Appointment) -> tuple[str, UUID | None, UUID | None]:
    return row.purpose, row.session_id, row.review_id
