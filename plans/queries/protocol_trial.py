"""A protocol tried out for the page: sessions, reviews, restrictions and mails with their days, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from plans.rules.course import Course
from plans.rules.protocol_concerns import Concern, contradictions
from plans.rules.protocol_trial import Trial, try_out
from plans.rules.protocol_warnings import warnings
from plans.rules.restrictions import Restriction
from plans.rules.wording import act_words, list_words


@dataclass(frozen=True, slots=True)
class ForbiddenLine:
    """`until`: the first day on which it is allowed again, None when no end is set."""

    what: str
    texts: tuple[str, ...]
    begins: date
    until: date | None
    sessions: str
    sources: str
    ongoing: bool


@dataclass(frozen=True, slots=True)
class TrialStory:
    trial: Trial
    forbidden: tuple[ForbiddenLine, ...]
    contradictions: tuple[Concern, ...]
    warnings: tuple[Concern, ...]


def zone_of_staff(by: Staff) -> ZoneInfo:
    """The zone of the first place where they work; UTC for who works nowhere yet."""
    place = by.locations.order_by("name").first()
    return place.zone if place else ZoneInfo("UTC")


def today_of_staff(by: Staff, now: datetime) -> date:
    return local_day(now, zone_of_staff(by))


def tried_out(course: Course, *, starts_on: date, zone: ZoneInfo) -> TrialStory:
    """The course must be without faults."""
    trial = try_out(course, starts_on=starts_on, zone=zone)
    lines = tuple(_line(period, zone) for period in trial.periods)
    return TrialStory(trial, lines, contradictions(course), warnings(course, trial))


def _line(period: Restriction, zone: ZoneInfo) -> ForbiddenLine:
    numbers = list(dict.fromkeys(str(reason.session) for reason in period.reasons))
    word = "session" if len(numbers) == 1 else "sessions"
    what = act_words(period.act)
    return ForbiddenLine(
        what=what[0].upper() + what[1:],
        texts=period.texts,
        begins=local_day(period.begins, zone),
        until=period.safe_on,
        sessions=f"{word} {list_words(numbers)}",
        sources=", ".join(dict.fromkeys(", ".join(period.sources).split(", "))),
        ongoing=period.ongoing,
    )
