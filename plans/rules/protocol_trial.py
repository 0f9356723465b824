"""A protocol tried out: what a patient who starts on a day would get, if every session is held on its best day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local, local_day, start_of_day
from plans.rules.course import Course
from plans.rules.layout import lay_out
from plans.rules.letter_times import HOUSE_TIMES, LetterTimes
from plans.rules.reminders import (
    AppointmentFacts,
    DoneSessionFacts,
    FirstHeld,
    LetterKind,
    ReviewFacts,
    Wanted,
    pre_care,
    wanted_letters,
)
from plans.rules.restrictions import Occasion, Restriction, restrictions
from plans.rules.reviews import ReviewDue, review_dates
from plans.rules.states import AppointmentPurpose, AppointmentState
from plans.rules.steps import Step
from plans.rules.windows import Window, booster_window, session_windows
from plans.rules.wording import list_words, modality_words

MORNING = time(10)


@dataclass(frozen=True, slots=True)
class TrialSession:
    number: int
    given: str
    window: Window
    minutes: int
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class TrialLetter:
    """`about` is what it is about in words: "session 2", "3-month review"."""

    kind: LetterKind
    day: date
    about: str


@dataclass(frozen=True, slots=True)
class Trial:
    starts_on: date
    zone: ZoneInfo
    sessions: tuple[TrialSession, ...]
    reviews: tuple[ReviewDue, ...]
    periods: tuple[Restriction, ...]
    letters: tuple[TrialLetter, ...]
    booster: Window | None

    @property
    def last(self) -> date:
        return max(session.window.target for session in self.sessions)


def try_out(
    course: Course,
    *,
    starts_on: date,
    zone: ZoneInfo,
    counts: Mapping[str, int] | None = None,
    times: LetterTimes = HOUSE_TIMES,
) -> Trial:
    """Date the course from `starts_on`. The course must be without faults (`protocol_check.faults`).

    Sessions are imagined at ten o'clock on their targets, all booked and all held; letters as the dispatcher would
    plan them for such a patient, but for those that tell of a booking.
    """
    steps = lay_out(course, counts)
    windows = session_windows(course, steps, starts_on=starts_on)
    sessions = sorted((_session(course, s, windows[s.number], zone) for s in steps), key=lambda s: s.occasion.starts)
    first, last = sessions[0].window.target, max(session.window.target for session in sessions)
    reviews = review_dates(course, first_done=first, first_target=first)
    periods = restrictions(course.care_rules, [session.occasion for session in sessions], zone=zone)
    return Trial(
        starts_on=starts_on,
        zone=zone,
        sessions=tuple(sessions),
        reviews=reviews,
        periods=periods,
        letters=_letters(course, sessions, reviews, periods, now=start_of_day(starts_on, zone), zone=zone, times=times),
        booster=booster_window(course, last),
    )


def _session(course: Course, step: Step, window: Window, zone: ZoneInfo) -> TrialSession:
    parts = [course.component(part.component) for part in step.parts]
    minutes = max(part.minutes for part in parts)
    starts = at_local(window.target, MORNING, zone)
    modalities = tuple(dict.fromkeys(part.modality for part in parts))
    occasion = Occasion(step.number, starts, starts + timedelta(minutes=minutes), modalities, certain=True)
    return TrialSession(step.number, list_words([modality_words(m) for m in modalities]), window, minutes, occasion)


def _letters(
    course: Course,
    sessions: Sequence[TrialSession],
    reviews: Sequence[ReviewDue],
    periods: Iterable[Restriction],
    *,
    now: datetime,
    zone: ZoneInfo,
    times: LetterTimes,
) -> tuple[TrialLetter, ...]:
    names = {UUID(int=session.number): f"session {session.number}" for session in sessions}
    later_ones = [review for review in reviews if review.due > sessions[0].window.target]
    names |= {UUID(int=10_000 + i): review.title for i, review in enumerate(later_ones)}
    wanted = wanted_letters(
        appointments=[_booked(course, session, now, zone) for session in sessions],
        done_sessions=[
            DoneSessionFacts(UUID(int=session.number), session.number, session.occasion.ends) for session in sessions
        ],
        restrictions=periods,
        reviews=[
            ReviewFacts(UUID(int=10_000 + i), 1, review.due, review.opens, review.closes)
            for i, review in enumerate(later_ones)
        ],
        first_held=_first(sessions[0], zone) if course.expectations else (),
        zone=zone,
        now=now,
        times=times,
    )
    return tuple(_letter(letter, names, zone) for letter in wanted)


def _first(session: TrialSession, zone: ZoneInfo) -> tuple[FirstHeld]:
    return (FirstHeld(UUID(int=session.number), local_day(session.occasion.starts, zone)),)


def _booked(course: Course, session: TrialSession, now: datetime, zone: ZoneInfo) -> AppointmentFacts:
    when = session.occasion
    return AppointmentFacts(
        id=UUID(int=session.number),
        purpose=AppointmentPurpose.SESSION,
        starts=when.starts,
        ends=when.ends,
        state=AppointmentState.BOOKED,
        announced="",
        changed_at=now,
        session_number=session.number,
        care=pre_care(course.care_rules, when.modalities, starts=when.starts, ends=when.ends, zone=zone),
    )


def _letter(letter: Wanted, names: Mapping[UUID, str], zone: ZoneInfo) -> TrialLetter:
    return TrialLetter(letter.kind, local_day(letter.due_at, zone), names[letter.about])
