"""What happened while figures were taken, and what sources expect of that time: the lanes and bands of every chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from patients.rules.scalp import ScalpArea
from plans.models import Lot, Plan, Review, Session
from plans.models.facts import modalities_of
from plans.queries.result_figures import day_of
from plans.rules.course import Course, Modality
from plans.rules.expect_when import Phase, expected_when
from plans.rules.plot_shapes import Band, Event, Lane
from plans.rules.states import ReviewState, SessionState
from plans.rules.wording import day_words, first_up, list_words, modality_words

_PHASES = {Phase.PAST: ("done", "Over"), Phase.NOW: ("accent", "Now"), Phase.LATER: ("calm", "Later")}
MARKS = {
    "session": "Session",
    "lot": "Another lot than before",
    "review-decided": "Review held",
    "review-promised": "Review due",
}
SHOWN = (ReviewState.PROMISED, ReviewState.DECIDED)


@dataclass(frozen=True, slots=True)
class Held:
    """A session that was done: what was given, from which lots, and where."""

    session: Session
    day: date
    given: str
    lots: tuple[Lot, ...]
    areas: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What sources say of one time, every version. `number` is its band's; `begins` None where no day is meant."""

    number: int
    when: str
    said: tuple[tuple[str, str], ...]
    begins: date | None = None
    ends: date | None = None
    state: str = ""
    phase: str = ""


def held_at(sessions: Iterable[Session], zone: ZoneInfo) -> tuple[Held, ...]:
    """Return the sessions done, earliest first. Their plans, treatments and lots have to be read already."""
    done = (one for one in sessions if one.state == SessionState.DONE)
    return tuple(sorted((_held(one, zone) for one in done), key=lambda held: held.day))


def _held(session: Session, zone: ZoneInfo) -> Held:
    when = session.started_at or session.ended_at
    assert when is not None  # a constraint: what is done has an end
    treatments = list(session.treatments.all())
    given = [Modality(one.modality) for one in treatments] or list(modalities_of(session, session.plan.course))
    areas = dict.fromkeys(area for one in treatments for area in one.areas)
    return Held(
        session=session,
        day=local_day(when, zone),
        given=list_words([modality_words(one) for one in given]),
        lots=tuple(one.lot for one in treatments if one.lot),
        areas=first_up(list_words([ScalpArea(area).label.lower() for area in areas])) if areas else "",
    )


# -- lanes -----------------------------------------------------------------------------------------------------------
def lanes_of(held: Sequence[Held], reviews: Iterable[Review], zone: ZoneInfo, today: date) -> tuple[Lane, ...]:
    """Return the rows of marks; a row in which nothing happened is left out."""
    lanes = (
        Lane("Sessions", tuple(_session(one) for one in held)),
        Lane("Lots", tuple(_lots(held))),
        Lane("Reviews", tuple(_review(one, zone, today) for one in reviews if one.state in SHOWN)),
    )
    return tuple(lane for lane in lanes if lane.events)


def _session(held: Held) -> Event:
    number = str(held.session.number)
    title = f"Session {number}, {held.given}, {day_words(held.day)}"
    return Event(_number(held.day), "session", f"{number} {held.given}", number, title)


def _lots(held: Sequence[Held]) -> Iterator[Event]:
    """A mark where another lot than the last time was used."""
    before: frozenset[str] = frozenset()
    for one in held:
        numbers = frozenset(lot.number for lot in one.lots)
        if numbers and numbers != before:
            words, short = list_words([str(lot) for lot in one.lots]), ", ".join(lot.number for lot in one.lots)
            yield Event(_number(one.day), "lot", words, short, f"{words}, from {day_words(one.day)}")
            before = numbers


def _review(review: Review, zone: ZoneInfo, today: date) -> Event:
    is_open = review.state == ReviewState.PROMISED
    day = review.due if is_open else day_of(review, zone, today)
    short = f"{review.months} mo" if review.months else "start"
    title = f"{review.title}, {'due' if is_open else 'held'} {day_words(day)}"
    return Event(_number(day), f"review-{review.state}", review.title, short, title)


def _number(day: date) -> float:
    return float(day.toordinal())


# -- what sources expect ---------------------------------------------------------------------------------------------
def first_session(plan: Plan, sessions: Iterable[Session], held: Iterable[Held]) -> tuple[date | None, bool]:
    """Return the day the sources' times count from, and whether it is only planned so far."""
    done = min((one.day for one in held if one.session.plan_id == plan.pk), default=None)
    if done:
        return done, False
    to_come = (one.target for one in sessions if one.plan_id == plan.pk and one.state == SessionState.PLANNED)
    return min(to_come, default=None), True


def expectations_of(course: Course, first: date | None, today: date) -> tuple[Expectation, ...]:
    """Return the sources' time line, one entry for each time they name, all their versions in it."""
    said: dict[str, list[tuple[str, str]]] = {}
    for one in course.expectations:
        said.setdefault(one.when, []).append((one.text, one.source))
    found = [_expectation(when, tuple(words), first, today) for when, words in said.items()]
    found.sort(key=lambda one: one.begins or date.max)
    return tuple(
        Expectation(place, one.when, one.said, one.begins, one.ends, one.state, one.phase)
        for place, one in enumerate(found, start=1)
    )


def _expectation(when: str, said: tuple[tuple[str, str], ...], first: date | None, today: date) -> Expectation:
    days = expected_when(when, first) if first else None
    if days is None:
        return Expectation(0, when, said)
    return Expectation(0, when, said, days.begins, days.ends, *_PHASES[days.phase(today)])


def bands_of(expectations: Iterable[Expectation]) -> tuple[Band, ...]:
    """Return what can be drawn: a time that is not counted from the first session has no day."""
    return tuple(
        Band(_number(one.begins), _number(one.ends) if one.ends else None, str(one.number), _band_words(one))
        for one in expectations
        if one.begins
    )


def _band_words(one: Expectation) -> str:
    return f"{one.when}: " + " ".join(f"{text} ({source})" for text, source in one.said)
