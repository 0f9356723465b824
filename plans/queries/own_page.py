"""What a patient reads behind her own link: when, what now, and until when. Nothing here names a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import first_safe_date, local_day, start_of_day
from patients.models import Patient
from plans.models import Appointment, ChecklistItem
from plans.models.appointment import LIVE
from plans.models.facts import Held, held_sessions, restrictions_from
from plans.queries.allowed import RestrictionLine, Spoken, restriction_lines, speak
from plans.rules.course import CareBy, CarePhase
from plans.rules.restrictions import Restriction, forbidden_at, may_do, next_free_day
from plans.rules.states import AppointmentState, SessionState
from plans.rules.wording import clock_words, day_words, distance_words

# What patients ask about first; anything else forbidden is listed below it.
ASKED = ("dye", "wash")
QUESTIONS = {"dye": "May I dye my hair?", "wash": "May I wash my hair?"}
AFTERCARE_SHOWN = timedelta(weeks=6)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AnswerToday:
    """One question with today's answer: "Not yet: from Tue 3 Nov 2026, in 12 days"."""

    act: str
    question: str
    allowed: bool
    answer: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    appointment: Appointment | None
    may_confirm: bool
    later: tuple[Appointment, ...]
    answers: tuple[AnswerToday, ...]
    restrictions: tuple[RestrictionLine, ...]
    before: tuple[ChecklistItem, ...]
    after: tuple[ChecklistItem, ...]
    expectations: tuple[dict[str, str], ...]
    today: date


def own_page(patient: Patient, *, now: datetime) -> OwnPage:
    """Everything on the page, in six queries however long the course is."""
    zone = patient.home_location.zone
    today = local_day(now, zone)
    held = held_sessions(patient)
    periods = restrictions_from(held, zone=zone)
    coming = tuple(
        Appointment.objects.filter(patient=patient, state__in=LIVE, ends__gt=now)
        .select_related("location", "practitioner", "session")
        .order_by("starts")
    )
    lines = restriction_lines(periods, held, zone=zone, now=now)
    return OwnPage(
        appointment=coming[0] if coming else None,
        may_confirm=bool(coming) and coming[0].state == AppointmentState.BOOKED and coming[0].starts > now,
        later=coming[1:],
        answers=tuple(_answer(act, now, periods, patient) for act in ASKED),
        restrictions=tuple(line for line in lines if line.act not in ASKED or not line.is_now),
        before=_items(coming, CarePhase.PRE),
        after=_after(held, now),
        expectations=_expectations(held),
        today=today,
    )


def own_answer(patient: Patient, act: str, day: date) -> Spoken:
    """The same answer as everywhere, for the day she asks about."""
    estimated = held_sessions(patient, with_estimates=True)
    held = tuple(one for one in estimated if one.occasion.certain)
    zone = patient.home_location.zone
    periods, guessed = restrictions_from(held, zone=zone), restrictions_from(estimated, zone=zone)
    return speak(act, day, periods, guessed, held, zone=zone)


def _answer(act: str, now: datetime, periods: Sequence[Restriction], patient: Patient) -> AnswerToday:
    """Today's answer. A rule counted in hours says its hour; one counted in days speaks of whole days."""
    zone = patient.home_location.zone
    today = local_day(now, zone)
    by_hour = next((p for p in forbidden_at(periods, now) if p.act == act and _ends_in_the_day(p, zone)), None)
    if by_hour and by_hour.ends:
        until = f"{day_words(local_day(by_hour.ends, zone))}, {clock_words(by_hour.ends, zone)}"
        return AnswerToday(act, QUESTIONS[act], False, f"Not before {until}.")
    if may_do(act, today, periods, zone).allowed:
        coming = next((p for p in periods if p.act == act and local_day(p.begins, zone) > today), None)
        words = f"Yes, until {day_words(local_day(coming.begins, zone) - ONE_DAY)}" if coming else "Yes"
        return AnswerToday(act, QUESTIONS[act], True, f"{words}.")
    free = next_free_day(act, periods, today, zone)
    words = f"Not yet. From {day_words(free)}, {distance_words(free, today)}" if free else "Not yet. Please ask us"
    return AnswerToday(act, QUESTIONS[act], False, f"{words}.")


def _ends_in_the_day(period: Restriction, zone: ZoneInfo) -> bool:
    return period.ends is not None and period.ends != start_of_day(local_day(period.ends, zone), zone)


def _items(coming: Sequence[Appointment], phase: CarePhase) -> tuple[ChecklistItem, ...]:
    session = next((a.session_id for a in coming if a.session_id), None)
    if session is None:
        return ()
    return tuple(ChecklistItem.objects.filter(session_id=session, phase=phase, by=CareBy.PATIENT))


def _after(held: Sequence[Held], now: datetime) -> tuple[ChecklistItem, ...]:
    """The last session's aftercare, as long as it is worth reading."""
    done = [one for one in held if one.session.state == SessionState.DONE]
    if not done or now - done[-1].occasion.ends > AFTERCARE_SHOWN:
        return ()
    last = done[-1]
    zone, rules = last.session.plan.location.zone, {rule.key: rule for rule in last.session.plan.course.care_rules}
    today = local_day(now, zone)
    items = ChecklistItem.objects.filter(session=last.session, phase=CarePhase.AFTER, by=CareBy.PATIENT)

    def is_over(item: ChecklistItem) -> bool:
        rule = rules.get(item.rule_key)
        return bool(rule and rule.ends and first_safe_date(last.occasion.ends, rule.ends, zone) <= today)

    return tuple(item for item in items if not is_over(item))


def _expectations(held: Sequence[Held]) -> tuple[dict[str, str], ...]:
    if not held:
        return ()
    course = held[-1].session.plan.course
    return tuple({"when": e.when, "text": e.text, "source": e.source} for e in course.expectations)
