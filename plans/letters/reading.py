"""What a batch of letters stands on, read for all of them together: some ten queries, however many letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, prefetch_related_objects

from patients.models import Patient
from plans.models import Appointment, LetterWording, Offer, Plan, Reminder, Review, Session
from plans.models.facts import held_from, live_appointments, restrictions_from
from plans.rules.course import Course
from plans.rules.letter_kinds import LetterKind as K
from plans.rules.restrictions import Restriction
from plans.rules.states import AppointmentState, PlanState

EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)
ABOUT_SESSIONS = frozenset(
    {K.AFTER_CARE, K.NO_WASH, K.WASH_AGAIN, K.SWELLING_CHECK, K.NO_DYE, K.NO_DYE_HALF, K.DYE_AGAIN, K.MEDICINE_AGAIN}
    | {K.EXPECT_2_WEEKS, K.EXPECT_6_WEEKS, K.EXPECT_3_MONTHS, K.EXPECT_6_MONTHS, K.BOOSTER_DUE}
)
ABOUT_REVIEWS = frozenset({K.REVIEW_INVITATION, K.REVIEW_OVERDUE})
_WITH_RESTRICTIONS = frozenset({K.AFTER_CARE, K.NO_WASH, K.DYE_AGAIN, K.MEDICINE_AGAIN})
_RELATED = ("practitioner", "room", "location", "session__plan", "review", "rescheduled_from")


class Earlier(NamedTuple):
    """A letter of the same patient that has left, or may have."""

    id: UUID
    kind: str
    about_id: UUID
    facts: str
    message_id: str


@dataclass(slots=True)
class Reading:
    """Rows by their ids, people's restrictions and earlier letters by the person, wordings by where, what and how."""

    appointments: Mapping[UUID, Appointment]
    series: Mapping[UUID, Sequence[Appointment]]
    offers: Mapping[UUID, Offer]
    sessions: Mapping[UUID, Session]
    reviews: Mapping[UUID, Review]
    counts: Mapping[UUID, int]
    chains: Mapping[UUID, frozenset[UUID]]
    earlier: Mapping[UUID, Sequence[Earlier]]
    wordings: Mapping[tuple[UUID, str, str], LetterWording]
    people: Mapping[UUID, _Person]
    _courses: dict[UUID, Course] = field(default_factory=dict)

    def course_of(self, plan: Plan) -> Course:
        if plan.pk not in self._courses:
            self._courses[plan.pk] = plan.course
        return self._courses[plan.pk]

    def restrictions_of(self, patient: Patient) -> tuple[Restriction, ...]:
        """What is forbidden over all the patient's plans, from done and booked sessions only."""
        person = self.people[patient.pk]
        if person.restrictions is None:
            courses = {plan.pk: self.course_of(plan) for plan in person.plans}
            held = held_from(person.plans, person.sessions, person.booked, with_estimates=False, courses=courses)
            person.restrictions = restrictions_from(held, zone=patient.home_location.zone)
        return person.restrictions


@dataclass(slots=True)
class _Person:
    plans: list[Plan] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    booked: Mapping[UUID, Appointment] = field(default_factory=dict)
    restrictions: tuple[Restriction, ...] | None = None


def read_for(reminders: Sequence[Reminder]) -> Reading:
    prefetch_related_objects(reminders, "patient__home_location", "location")
    kinds = {reminder.pk: K(reminder.kind) for reminder in reminders}
    about_sessions = [r.about_id for r in reminders if kinds[r.pk] in ABOUT_SESSIONS]
    about_reviews = [r.about_id for r in reminders if kinds[r.pk] in ABOUT_REVIEWS]
    about_series = [r.about_id for r in reminders if kinds[r.pk] is K.SERIES_BOOKED]
    about_offers = [r.about_id for r in reminders if kinds[r.pk] is K.WAITING_OFFER]
    elsewhere = {*about_sessions, *about_reviews, *about_series, *about_offers}
    appointments = _appointments([r.about_id for r in reminders if r.about_id not in elsewhere])
    series = _series(about_series)
    shown = [*appointments.values(), *(row for rows in series.values() for row in rows)]
    return Reading(
        appointments=appointments,
        series=series,
        offers=_offers(about_offers),
        sessions=_in_bulk_sessions(about_sessions),
        reviews=Review.objects.in_bulk(about_reviews) if about_reviews else {},
        counts=_counts({row.session.plan_id for row in shown if row.session}),
        chains=_chains(appointments.values()),
        earlier=_earlier({reminder.patient_id for reminder in reminders}),
        wordings=_wordings(reminders),
        people=_people({r.patient_id for r in reminders if kinds[r.pk] in _WITH_RESTRICTIONS}),
    )


def _appointments(ids: Collection[UUID]) -> dict[UUID, Appointment]:
    return Appointment.objects.select_related(*_RELATED).in_bulk(ids) if ids else {}


def _series(keys: Collection[UUID]) -> dict[UUID, list[Appointment]]:
    """What was booked together and still stands as it was: what was moved or cancelled has letters of its own."""
    found: dict[UUID, list[Appointment]] = {key: [] for key in keys}
    if keys:
        rows = Appointment.objects.select_related(*_RELATED)
        standing = rows.filter(series__in=keys, state__in=EXPECTED, is_silent=False, rescheduled_from=None)
        for row in standing.order_by("starts"):
            if row.series:
                found[row.series].append(row)
    return found


def _offers(ids: Collection[UUID]) -> dict[UUID, Offer]:
    related = ("practitioner", "room", "freed__location", "entry__appointment")
    return Offer.objects.select_related(*related).in_bulk(ids) if ids else {}


def _in_bulk_sessions(ids: Collection[UUID]) -> dict[UUID, Session]:
    return Session.objects.select_related("plan").in_bulk(ids) if ids else {}


def _counts(plans: Collection[UUID]) -> dict[UUID, int]:
    if not plans:
        return {}
    rows = Session.objects.filter(plan__in=plans).order_by().values_list("plan_id")
    return dict(rows.annotate(count=Count("pk")))


def _chains(rows: Iterable[Appointment]) -> dict[UUID, frozenset[UUID]]:
    """Return, by appointment, the ids letters about it ever had: itself, what it was before it moved, its series."""
    by_uid = {row.calendar_uid: row.pk for row in rows}
    found: dict[UUID, set[UUID]] = {pk: {pk} for pk in by_uid.values()}
    if by_uid:
        known = Appointment.objects.filter(calendar_uid__in=by_uid).values_list("calendar_uid", "pk", "series")
        for uid, pk, series in known:
            found[by_uid[uid]].update({pk, series} if series else {pk})
    return {pk: frozenset(ids) for pk, ids in found.items()}


def _earlier(patients: Collection[UUID]) -> dict[UUID, list[Earlier]]:
    found: dict[UUID, list[Earlier]] = {pk: [] for pk in patients}
    rows = Reminder.objects.filter(patient__in=patients, message_id__gt="").order_by("handed_off_at", "pk")
    for row in rows.only("patient_id", "kind", "about_id", "facts", "message_id"):
        found[row.patient_id].append(Earlier(row.pk, row.kind, row.about_id, row.facts, row.message_id))
    return found


def _wordings(reminders: Iterable[Reminder]) -> dict[tuple[UUID, str, str], LetterWording]:
    places = {(r.location_id, r.patient.home_location_id) for r in reminders}
    ids = {pk for pair in places for pk in pair}
    rows = LetterWording.objects.current().filter(location__in=ids, kind__in={r.kind for r in reminders})
    return {(row.location_id, row.kind, row.language): row for row in rows}


def _people(patients: Collection[UUID]) -> dict[UUID, _Person]:
    """Three queries for the plans, sessions and bookings that restrictions come from."""
    found = {pk: _Person() for pk in patients}
    if not found:
        return found
    plans = list(
        Plan.objects.filter(patient__in=patients)
        .exclude(state=PlanState.DRAFT)
        .select_related("location")
        .order_by("made_at", "pk")
    )
    by_plan: dict[UUID, list[Session]] = {plan.pk: [] for plan in plans}
    for session in Session.objects.filter(plan__in=by_plan).order_by("number"):
        by_plan[session.plan_id].append(session)
    booked = live_appointments(plans) if plans else {}
    for plan in plans:
        person = found[plan.patient_id]
        person.plans.append(plan)
        person.sessions += by_plan[plan.pk]
        person.booked = booked
    return found
