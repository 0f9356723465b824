"""What can be booked for a patient at a time somebody pointed at, and how well that time fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import Practitioner, Room, Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Review, Session
from plans.models.appointment import LIVE
from plans.models.facts import minutes_of, modalities_of, window_of
from plans.queries.spoken import between_words, window_words
from plans.rules.booking import why_not_in_window
from plans.rules.states import HOLDING, AppointmentPurpose, PlanState, ReviewState
from plans.rules.wording import clock_words, day_words, list_words, modality_words

USUAL_MINUTES = 30
# A review that opens soon is worth a word; one that opens next year is not.
SOON = timedelta(days=28)
MOST_COMING = 3


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to book. `value` is what a form sends; `fits` is None where nothing says when it should be."""

    value: str
    name: str
    when: str
    minutes: int
    fits: bool | None
    why_not: str = ""

    @property
    def subject(self) -> UUID | None:
        pk = self.value.partition(":")[2]
        return UUID(pk) if pk else None

    @property
    def purpose(self) -> AppointmentPurpose:
        return AppointmentPurpose(self.value.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Bookable:
    """`coming`: what the patient has already, in words."""

    patient: Patient
    options: tuple[Option, ...]
    coming: tuple[str, ...]


def bookable(by: Staff, patient_id: UUID, *, starts: datetime, zone: ZoneInfo, now: datetime) -> Bookable:
    """Return what this patient can be booked for at `starts`: the next session of each plan under way, reviews that
    are due, and always a consultation. DoesNotExist for somebody else's patient. Four queries."""
    if not by.can(Deed.BOOK):
        raise Forbidden(Deed.BOOK)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    talk = Option(AppointmentPurpose.CONSULTATION.value, "Consultation", "Any day.", USUAL_MINUTES, None)
    options = (*_sessions(patient, starts, zone), *_reviews(patient, starts, zone), talk)
    return Bookable(patient, options, _coming(patient, now))


def people_of(by: Staff) -> QuerySet[Practitioner]:
    """Who can be booked. Each with the location."""
    rows = Practitioner.objects.visible_to(by).filter(is_active=True, location__is_active=True)
    return rows.select_related("location").order_by("location__name", "name")


def rooms_of(by: Staff) -> QuerySet[Room]:
    rows = Room.objects.visible_to(by).filter(is_active=True, location__is_active=True)
    return rows.select_related("location").order_by("location__name", "name")


def free_room(rooms: Iterable[Room], location_id: UUID, starts: datetime) -> Room | None:
    """Return the first room of a place in which nobody is just then; a suggestion, booking asks again."""
    here = [room for room in rooms if room.location_id == location_id]
    ends = starts + timedelta(minutes=USUAL_MINUTES)
    taken = Appointment.objects.filter(
        room__in=[room.pk for room in here], state__in=HOLDING, starts__lt=ends, room_free_at__gt=starts
    )
    busy = set(taken.values_list("room_id", flat=True))
    return next((room for room in here if room.pk not in busy), None)


def _sessions(patient: Patient, starts: datetime, zone: ZoneInfo) -> Iterator[Option]:
    booked = Appointment.objects.live().filter(session=OuterRef("pk"))
    rows = Session.objects.to_do().filter(~Exists(booked), plan__patient=patient, plan__state=PlanState.ACTIVE)
    seen = set()
    for session in rows.select_related("plan").order_by("plan__made_at", "number"):
        if session.plan_id in seen:
            continue
        seen.add(session.plan_id)
        course = session.plan.course
        given = list_words([modality_words(one) for one in modalities_of(session, course)])
        why_not = why_not_in_window(starts, window_of(session), zone)
        yield Option(
            f"{AppointmentPurpose.SESSION}:{session.pk}",
            f"Session {session.number}, {given}",
            window_words(session.earliest, session.target, session.latest),
            minutes_of(session, course),
            why_not is None,
            why_not.sentence if why_not else "",
        )


def _reviews(patient: Patient, starts: datetime, zone: ZoneInfo) -> Iterator[Option]:
    day = local_day(starts, zone)
    booked = Appointment.objects.live().filter(review=OuterRef("pk"))
    rows = Review.objects.filter(
        ~Exists(booked),
        ~Q(plan__state__in=(PlanState.DRAFT, PlanState.STOPPED)),
        plan__patient=patient,
        state=ReviewState.PROMISED,
        months__gt=0,
        opens__lte=day + SOON,
    )
    for review in rows.order_by("due"):
        fits = review.opens <= day <= review.closes
        yield Option(
            f"{AppointmentPurpose.REVIEW}:{review.pk}",
            review.title,
            f"Between {between_words(review.opens, review.closes)}, due {day_words(review.due)}.",
            USUAL_MINUTES,
            fits,
            "" if fits else "This day is outside that time.",
        )


def _coming(patient: Patient, now: datetime) -> tuple[str, ...]:
    rows = patient.appointments.filter(state__in=LIVE, ends__gt=now).select_related("location", "practitioner")
    return tuple(
        f"{day_words(local_day(row.starts, row.location.zone))}, {clock_words(row.starts, row.location.zone)} "
        f"with {row.practitioner}"
        for row in rows.order_by("starts")[:MOST_COMING]
    )
