"""A calendar of the letters a plan will send: from the rows that are planned, and beyond them from estimated days.

What is only estimated is worked out by the same rules that plan letters in earnest, as if every session were held on
its target and every review on its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from clinic.models import Staff
from clinic.rules.local_time import at_local, local_day
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Plan, Reminder, Review
from plans.models.facts import Held, restrictions_from
from plans.models.letter_facts import houses_of
from plans.models.reminder import OPEN
from plans.queries.chart import Chart
from plans.queries.phone_list import SWITCHES
from plans.queries.telling import why_unreached
from plans.rules.letter_times import TIMINGS
from plans.rules.picture import ESTIMATED_HOUR
from plans.rules.reminders import (
    KIND_POLICY,
    TOLD_ACTS,
    AppointmentFacts,
    DoneSessionFacts,
    FirstHeld,
    House,
    LetterGroup,
    LetterKind,
    ReviewFacts,
    Wanted,
    pre_care,
    wanted_letters,
)
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ReminderState, ReviewState, SessionState

REVIEW_LENGTH = timedelta(minutes=30)
GOES_ON = (PlanState.DRAFT, PlanState.ACTIVE, PlanState.PAUSED)
# They answer what nobody plans: that she does not book, or does not come.
_UNPLANNED = frozenset({LetterKind.REVIEW_OVERDUE, LetterKind.APPOINTMENT_MISSED})
_GROUP_WORDS = {
    LetterGroup.APPOINTMENTS: "about appointments",
    LetterGroup.CARE: "about care",
    LetterGroup.REVIEWS: "about reviews",
}


@dataclass(frozen=True, slots=True)
class ComingLetter:
    """`says`: what stands in it. `about`: what it hangs on. `letter` is its row, None while it is only estimated.
    `is_wanted`: the patient has not switched such letters off."""

    kind: LetterKind
    day: date
    says: str
    about: str
    letter: Reminder | None
    is_wanted: bool

    @property
    def is_estimate(self) -> bool:
        return self.letter is None

    @property
    def title(self) -> str:
        return self.kind.label


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    letters: tuple[ComingLetter, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """`first`: any day of it."""

    first: date
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class ComingLetters:
    """`troubles`: which of them will not arrive, and what to do instead. `off`: kinds this location does not send."""

    months: tuple[Month, ...]
    total: int
    estimates: int
    troubles: tuple[str, ...]
    off: tuple[LetterKind, ...]


def coming_letters(chart: Chart, plan: Plan, by: Staff) -> ComingLetters | None:
    """Return the plan's letters to come by day; None for those who may not read letters. Two queries."""
    if not by.can(Deed.SEE_OUTBOX):
        return None
    home = chart.patient.home_location
    houses = houses_of({home.pk: home, plan.location_id: plan.location})
    rows = _rows(plan)
    names = _Names(chart, plan)
    found = [_of_row(row, chart, names) for row in rows if row.state in OPEN]
    if plan.state in GOES_ON:
        told = {(row.kind, row.about_id) for row in rows if row.state != ReminderState.CANCELLED}
        letters = _Guess(chart, plan, houses[home.pk], houses[plan.location_id]).letters()
        found += [_of_guess(one, chart, names) for one in letters if (one.kind.value, one.about) not in told]
    found.sort(key=lambda one: one.day)
    return ComingLetters(
        months=_months(found),
        total=len(found),
        estimates=sum(one.is_estimate for one in found),
        troubles=tuple(_troubles(found, chart.patient)),
        off=tuple(kind for kind in LetterKind if not houses[plan.location_id].is_on(kind)),
    )


@dataclass(frozen=True, slots=True)
class _Guess:
    """What will be written if all goes as planned. `home` signs letters about care, `house` those about visits."""

    chart: Chart
    plan: Plan
    home: House
    house: House

    def letters(self) -> list[Wanted]:
        """As after each session in turn: what is written after the first does not know that the second was held."""
        held = self.chart.held(with_estimates=True, as_if_active=self.plan.pk)
        mine = [one for one in held if one.session.plan_id == self.plan.pk]
        periods = restrictions_from(held, zone=self.chart.zone, acts=TOLD_ACTS)
        found = list(
            self._wanted(appointments=self._visits(mine), reviews=self._reviews(), first_held=self._first(mine))
        )
        done = [one for one in held if one.session.state == SessionState.DONE]
        for one in mine:
            if one.session.state != SessionState.DONE:
                done.append(one)
                facts = [DoneSessionFacts(each.session.pk, each.occasion.number, each.occasion.ends) for each in done]
                letters = self._wanted(done_sessions=facts, restrictions=periods)
                found += [letter for letter in letters if letter.about == one.session.pk]
        return [letter for letter in found if letter.kind not in _UNPLANNED]

    def _wanted(self, **facts: object) -> tuple[Wanted, ...]:
        nothing: dict[str, object] = {"appointments": (), "done_sessions": (), "restrictions": (), "reviews": ()}
        house = {"zone": self.home.zone, "times": self.home.times, "now": self.chart.now}
        return wanted_letters(**nothing | facts, **house)  # type: ignore[arg-type]

    def _visits(self, mine: Iterable[Held]) -> list[AppointmentFacts]:
        """Of what is booked, the letters are planned already."""
        sessions = [one for one in mine if not one.occasion.certain]
        visits = [self._visit(one) for one in sessions]
        return visits + [self._look(review) for review in self._open_reviews() if review.pk not in self.chart.live]

    def _visit(self, one: Held) -> AppointmentFacts:
        care = pre_care(
            one.course.care_rules, one.occasion.modalities,
            starts=one.occasion.starts, ends=one.occasion.ends, zone=self.house.zone,
        )  # fmt: skip
        return AppointmentFacts(
            id=one.session.pk, purpose=AppointmentPurpose.SESSION, starts=one.occasion.starts, ends=one.occasion.ends,
            state=AppointmentState.BOOKED, announced="", changed_at=self.chart.now, care=care, house=self.house,
        )  # fmt: skip

    def _look(self, review: Review) -> AppointmentFacts:
        starts = at_local(review.due, ESTIMATED_HOUR, self.house.zone)
        return AppointmentFacts(
            id=review.pk, purpose=AppointmentPurpose.REVIEW, starts=starts, ends=starts + REVIEW_LENGTH,
            state=AppointmentState.BOOKED, announced="", changed_at=self.chart.now, house=self.house,
        )  # fmt: skip

    def _open_reviews(self) -> list[Review]:
        reviews = self.chart.reviews[self.plan.pk]
        return [one for one in reviews if one.months and one.state == ReviewState.PROMISED]

    def _reviews(self) -> list[ReviewFacts]:
        return [
            ReviewFacts(
                id=one.pk, months=one.months, due=one.due, opens=one.opens, closes=one.closes,
                booked=one.pk in self.chart.live, house=self.house,
            )
            for one in self._open_reviews()
        ]  # fmt: skip

    def _first(self, mine: Sequence[Held]) -> list[FirstHeld]:
        first = min(mine, key=lambda one: one.occasion.starts, default=None)
        if first is None or not first.course.expectations:
            return []
        return [FirstHeld(first.session.pk, local_day(first.occasion.starts, self.house.zone))]


class _Names:
    """What a letter hangs on, by the id it is about."""

    def __init__(self, chart: Chart, plan: Plan) -> None:
        self.known = {session.pk: f"session {session.number}" for session in chart.sessions[plan.pk]}
        self.known |= {review.pk: review.title for review in chart.reviews[plan.pk]}
        for visit in chart.appointments:
            if subject := visit.session_id or visit.review_id:
                self.known[visit.pk] = self.known.get(subject, "")

    def of(self, about: UUID) -> str:
        return self.known.get(about, "")


def _rows(plan: Plan) -> list[Reminder]:
    rows = plan.reminders.select_related("location").defer("mime")
    return list(rows.order_by("due_at", "id"))


def _of_row(row: Reminder, chart: Chart, names: _Names) -> ComingLetter:
    return _line(LetterKind(row.kind), local_day(row.due_at, row.location.zone), names.of(row.about_id), chart, row)


def _of_guess(one: Wanted, chart: Chart, names: _Names) -> ComingLetter:
    return _line(one.kind, local_day(one.due_at, chart.zone), names.of(one.about), chart, None)


def _line(kind: LetterKind, day: date, about: str, chart: Chart, row: Reminder | None) -> ComingLetter:
    is_wanted = bool(getattr(chart.patient, SWITCHES[KIND_POLICY[kind].group]))
    return ComingLetter(kind, day, TIMINGS[kind].says, about, row, is_wanted)


def _months(found: Sequence[ComingLetter]) -> tuple[Month, ...]:
    days = [Day(day, tuple(letters)) for day, letters in groupby(found, key=lambda one: one.day)]
    months = groupby(days, key=lambda day: (day.day.year, day.day.month))
    return tuple(Month(mine[0].day, mine) for mine in (tuple(some) for _, some in months))


def _troubles(found: Sequence[ComingLetter], patient: Patient) -> Iterator[str]:
    if not found:
        return
    if why := why_unreached(patient):
        phone = f", {patient.phone}" if patient.phone else ""
        yield f"{_letters(len(found))} will not go, because {why}: phone instead{phone}."
        return
    unwanted: Mapping[LetterGroup, int] = {
        group: sum(KIND_POLICY[one.kind].group is group and not one.is_wanted for one in found) for group in LetterGroup
    }
    for group, count in unwanted.items():
        if count:
            yield f"{_letters(count)} {_GROUP_WORDS[group]} will not go: the patient has switched them off."


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"
