"""What is to be booked or moved: whose it is, when it belongs, with whom and where it can be held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Location, Practitioner, Room, Staff
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import at_local, local_day
from clinic.rules.opening import both
from clinic.rules.refusal import Forbidden, Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Plan, Review, Session
from plans.models.facts import minutes_of, window_of
from plans.models.slots import Blocks
from plans.queries.finder import find_times
from plans.queries.slots_of_day import OpenTimes, open_times
from plans.queries.spoken import between_words, window_words
from plans.rules.booking import why_not_book, why_not_in_window
from plans.rules.finder import Vacancy
from plans.rules.states import AppointmentPurpose
from plans.rules.wishes import Wishes
from plans.rules.wording import clock_words, day_words, distance_words

USUAL_MINUTES = 30
DAYS_SHOWN = 10
BEST_SHOWN = 6
BEST_READ = 200
NOON = time(12)
LOOKS_AHEAD = timedelta(days=70)
WHEN_LATE = timedelta(days=21)
Row = TypeVar("Row", Practitioner, Room)


@dataclass(frozen=True, slots=True)
class DayChoice:
    day: date
    free: int
    is_best: bool


@dataclass(frozen=True, slots=True)
class BestTime:
    """One of the best times, with who and where by name."""

    vacancy: Vacancy
    practitioner: Practitioner
    room: Room | None


@dataclass(frozen=True, slots=True)
class BookingStory:
    """`first` and `last`: the days on which it belongs and that are still to come; `best` the one to aim for.
    `when` says so in words, `reasons` what the window was counted from. `moving`: the appointment to be moved."""

    patient: Patient
    name: str
    purpose: AppointmentPurpose
    session: Session | None
    review: Review | None
    plan: Plan | None
    moving: Appointment | None
    location: Location
    today: date
    now: datetime
    first: date
    best: date
    last: date
    when: str
    reasons: tuple[str, ...]
    is_late: bool
    minutes: int
    practitioners: tuple[Practitioner, ...]
    rooms: tuple[Room, ...]
    usual_practitioner: Practitioner | None
    usual_room: Room | None

    @property
    def zone(self) -> ZoneInfo:
        return self.location.zone

    @property
    def aim(self) -> date:
        """The day to begin looking at: where it is booked now, else the best one."""
        return max(local_day(self.moving.starts, self.zone), self.today) if self.moving else self.best

    def best_times(self, by: Staff, wishes: Wishes, minutes: int) -> tuple[BestTime, ...]:
        """Return the times nearest to the best day that suit the wishes, over everybody and every room: of a morning
        or an afternoon the first, since a list of quarter-hours is no choice."""
        people, rooms = {one.pk: one for one in self.practitioners}, {one.pk: one for one in self.rooms}
        found = find_times(
            by=by, patient=self.patient, location=self.location, minutes=minutes, first=self.first, target=self.best,
            last=self.last, wishes=wishes, now=self.now, needs_room=bool(rooms), instead_of=self.moving,
            limit=BEST_READ, usual=self.usual_practitioner.pk if self.usual_practitioner else None,
        )  # fmt: skip
        halves: dict[tuple[date, bool], Vacancy] = {}
        for one in found:
            local = one.starts.astimezone(self.zone)
            if self.moving is None or one.starts != self.moving.starts:
                halves.setdefault((local.date(), local.time() < NOON), one)
        return tuple(
            BestTime(one, people[one.practitioner], rooms.get(one.room) if one.room else None)
            for one in list(halves.values())[:BEST_SHOWN]
        )

    def times(self, practitioner: Practitioner, room: Room | None, *days: date) -> OpenTimes:
        """Return what is free over the window and `days`. Two queries."""
        near = [day for day in days if abs(day - self.best) <= 2 * LOOKS_AHEAD]
        practitioner.location = self.location
        return open_times(
            practitioner=practitioner, room=room, patient=self.patient, now=self.now, instead_of=self.moving,
            first=max(min(self.first, *near, self.best), self.today),
            last=max(self.last, *near, self.best),
        )  # fmt: skip

    def days(self, times: OpenTimes, minutes: int) -> tuple[DayChoice, ...]:
        """Return days of the window with something free: those nearest to the best one, in order."""
        inside = [day for day in times.days() if self.first <= day <= self.last]
        free = [DayChoice(day, n, day == self.best) for day in inside if (n := len(times.free(day, minutes)))]
        nearest = sorted(free, key=lambda choice: abs(choice.day - self.best))[:DAYS_SHOWN]
        return tuple(sorted(nearest, key=lambda choice: choice.day))

    def why_not_on(self, day: date) -> Refusal | None:
        """Say beforehand what booking would say of that day."""
        if self.session is None:
            return None
        noon = at_local(day, NOON, self.zone)
        return why_not_in_window(noon, window_of(self.session), self.zone)

    def why_not_at(
        self, starts: datetime, minutes: int, practitioner: Practitioner, room: Room | None
    ) -> Refusal | None:
        """Say beforehand what booking would say of that very time with that person and room. Four queries."""
        ends, day = starts + timedelta(minutes=minutes), local_day(starts, self.zone)
        if not self.location.is_active:
            return Refusal("place_closed", f"{self.location.name} is closed for good: choose another place.")
        book = OpenBook.read([self.location], first=day, last=day)
        opening = book.of_practitioner(practitioner, day, self.zone)
        usable = book.of_room(room, day, self.zone) if room else None
        refusal = why_not_book(
            starts=starts, ends=ends, now=self.now, zone=self.zone, who=practitioner.name,
            opening=opening if usable is None else both(opening, usable),
            window=window_of(self.session) if self.session else None,
        )  # fmt: skip
        taken = Blocks.read(practitioner, room, self.patient, starts, ends, instead_of=self.moving)
        clash = taken.clash(starts, ends)
        if refusal or clash is None:
            return refusal
        busy = f"{clock_words(clash.starts, self.zone)}–{clock_words(clash.ends, self.zone)}"
        whose = taken.whose(clash, starts, ends)
        what = "has another appointment" if whose == self.patient else "is taken"
        return Refusal("busy", f"{whose} {what} {busy}: choose another time, person or room.")


def session_to_book(by: Staff, session_id: UUID, *, now: datetime) -> BookingStory:
    _allow(by, Deed.BOOK)
    rows = Session.objects.visible_to(by).select_related("plan__patient__home_location", "plan__location")
    session = rows.get(pk=session_id)
    return _of_session(by, session, now, moving=None)


def review_to_book(by: Staff, review_id: UUID, *, now: datetime) -> BookingStory:
    _allow(by, Deed.BOOK)
    rows = Review.objects.visible_to(by).select_related("plan__patient__home_location", "plan__location")
    return _of_review(by, rows.get(pk=review_id), now, moving=None)


def consultation_to_book(by: Staff, patient_id: UUID, *, now: datetime) -> BookingStory:
    """A first talk, or any later one: on any day, held by nothing but hours."""
    _allow(by, Deed.BOOK)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    today = local_day(now, patient.home_location.zone)
    return _story(
        by, patient, patient.home_location, now, name="a consultation", purpose=AppointmentPurpose.CONSULTATION,
        first=today, best=today, last=today + WHEN_LATE, when="Any day.", minutes=USUAL_MINUTES,
    )  # fmt: skip


def appointment_to_move(by: Staff, appointment_id: UUID, *, now: datetime) -> BookingStory:
    _allow(by, Deed.MOVE)
    rows = Appointment.objects.visible_to(by).select_related(
        "session__plan__patient__home_location", "session__plan__location", "review__plan__patient__home_location",
        "review__plan__location", "patient", "location", "practitioner", "room",
    )  # fmt: skip
    moving = rows.get(pk=appointment_id)
    if moving.session:
        return _of_session(by, moving.session, now, moving=moving)
    if moving.review:
        return _of_review(by, moving.review, now, moving=moving)
    today = local_day(now, moving.location.zone)
    day = local_day(moving.starts, moving.location.zone)
    return _story(
        by, moving.patient, moving.location, now, name="the consultation", purpose=AppointmentPurpose.CONSULTATION,
        first=today, best=max(day, today), last=max(day, today) + WHEN_LATE, when="Any day.", moving=moving,
        minutes=moving.minutes,
    )  # fmt: skip


def _of_session(by: Staff, session: Session, now: datetime, *, moving: Appointment | None) -> BookingStory:
    plan = session.plan
    today = local_day(now, plan.location.zone)
    when = window_words(session.earliest, session.target, session.latest)
    is_late = session.latest < today
    if is_late:
        when = f"Late: it should have been by {day_words(session.latest)}, {distance_words(session.latest, today)}."
    return _story(
        by, plan.patient, plan.location, now, name=f"session {session.number}", purpose=AppointmentPurpose.SESSION,
        session=session, plan=plan, moving=moving, when=when, is_late=is_late,
        first=max(session.earliest, today), best=max(session.target, today),
        last=today + WHEN_LATE if is_late else session.latest,
        reasons=tuple(filter(None, (session.basis, *session.notes))),
        minutes=moving.minutes if moving else minutes_of(session, plan.course),
    )  # fmt: skip


def _of_review(by: Staff, review: Review, now: datetime, *, moving: Appointment | None) -> BookingStory:
    plan = review.plan
    today = local_day(now, plan.location.zone)
    is_late = review.closes < today
    when = f"Due {day_words(review.due)}, {distance_words(review.due, today)}. "
    when += "Its time is over: hold it soon." if is_late else f"Between {between_words(review.opens, review.closes)}."
    return _story(
        by, plan.patient, plan.location, now, name=f"the review “{review.title}”", purpose=AppointmentPurpose.REVIEW,
        review=review, plan=plan, moving=moving, when=when, is_late=is_late,
        first=max(review.opens, today), best=max(review.due, today),
        last=today + WHEN_LATE if is_late else review.closes,
        reasons=("Estimated: it counts from the first session, which is not done yet.",) if review.is_estimated else (),
        minutes=moving.minutes if moving else USUAL_MINUTES,
    )  # fmt: skip


def _story(
    by: Staff,
    patient: Patient,
    location: Location,
    now: datetime,
    *,
    name: str,
    purpose: AppointmentPurpose,
    first: date,
    best: date,
    last: date,
    when: str,
    minutes: int,
    session: Session | None = None,
    review: Review | None = None,
    plan: Plan | None = None,
    moving: Appointment | None = None,
    reasons: tuple[str, ...] = (),
    is_late: bool = False,
) -> BookingStory:
    people = tuple(Practitioner.objects.visible_to(by).filter(location=location, is_active=True).order_by("name"))
    rooms = tuple(Room.objects.visible_to(by).filter(location=location, is_active=True).order_by("name"))
    before = moving or _last_one(patient, location)
    return BookingStory(
        patient=patient, name=name, purpose=purpose, session=session, review=review, plan=plan, moving=moving,
        location=location, today=local_day(now, location.zone), now=now, first=first, best=min(max(best, first), last),
        last=max(first, min(last, first + LOOKS_AHEAD)), when=when, reasons=reasons, is_late=is_late, minutes=minutes,
        practitioners=people, rooms=rooms,
        usual_practitioner=_usual(people, before.practitioner_id if before else None),
        usual_room=_usual(rooms, before.room_id if before else None),
    )  # fmt: skip


def _last_one(patient: Patient, location: Location) -> Appointment | None:
    """With whom and where she was last: most want the same again."""
    return patient.appointments.filter(location=location).order_by("-starts").first()


def _usual(rows: tuple[Row, ...], before: UUID | None) -> Row | None:
    """The same as last time, else the first."""
    return next((row for row in rows if row.pk == before), rows[0] if rows else None)


def _allow(by: Staff, deed: Deed) -> None:
    if not by.can(deed):
        raise Forbidden(deed)
