"""What stands behind a patient's own link, as dates and facts: her page says them in her language. No diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import first_safe_date, local_day
from patients.models import Patient
from plans.models import ChecklistItem, PatientRequest
from plans.models.facts import Held, held_sessions, restrictions_from
from plans.queries.own_answers import ASKED, OwnAnswer, answer_on, answers_today
from plans.queries.own_times import OwnTime, own_times
from plans.rules.course import CareBy, CarePhase
from plans.rules.expect_when import Phase, expected_when
from plans.rules.states import RequestKind, SessionState

AFTERCARE_SHOWN = timedelta(weeks=6)
PROBLEMS_SHOWN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ExpectLine:
    """What a source says may be seen, and whether its time is now. `phase` None: not counted from the first session."""

    when: str
    text: str
    source: str
    phase: Phase | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """`next` is the soonest appointment. `problems`: what she reported lately and nobody has settled.

    `asked`: the answer for the day she asks about; the same answer as everywhere.
    """

    next: OwnTime | None
    later: tuple[OwnTime, ...]
    answers: tuple[OwnAnswer, ...]
    before: tuple[ChecklistItem, ...]
    after: tuple[ChecklistItem, ...]
    expectations: tuple[ExpectLine, ...]
    first_session: date | None
    problems: tuple[PatientRequest, ...]
    asked: OwnAnswer | None
    today: date


def own_page(patient: Patient, *, act: str = "", day: date | None = None, now: datetime) -> OwnPage:
    """Everything on the page, in seven queries however long the course is."""
    zone = patient.home_location.zone
    today = local_day(now, zone)
    estimated = held_sessions(patient, with_estimates=True)
    held = tuple(one for one in estimated if one.occasion.certain)
    periods = restrictions_from(held, zone=zone)
    requests = tuple(PatientRequest.objects.open().filter(patient=patient).order_by("asked_at"))
    times = own_times(patient, requests, now=now)
    done = [one for one in held if one.session.state == SessionState.DONE]
    first = min((local_day(one.occasion.starts, zone) for one in done), default=None)
    reported = (one for one in requests if one.kind == RequestKind.PROBLEM and now - one.asked_at < PROBLEMS_SHOWN)
    return OwnPage(
        next=times[0] if times else None,
        later=times[1:],
        answers=answers_today(periods, zone=zone, now=now),
        before=_before(times),
        after=_after(done, now),
        expectations=_expectations(held, first, today),
        first_session=first,
        problems=tuple(reported),
        asked=answer_on(day, act, periods, restrictions_from(estimated, zone=zone), zone=zone)
        if day and act in ASKED
        else None,
        today=today,
    )


def _before(times: Sequence[OwnTime]) -> tuple[ChecklistItem, ...]:
    session = next((one.appointment.session_id for one in times if one.appointment.session_id), None)
    if session is None:
        return ()
    return tuple(ChecklistItem.objects.filter(session_id=session, phase=CarePhase.PRE, by=CareBy.PATIENT))


def _after(done: Sequence[Held], now: datetime) -> tuple[ChecklistItem, ...]:
    """The last session's aftercare, as long as it is worth reading."""
    last = max(done, key=lambda one: one.occasion.ends, default=None)
    if last is None or now - last.occasion.ends > AFTERCARE_SHOWN:
        return ()
    zone = last.session.plan.location.zone
    items = ChecklistItem.objects.filter(session=last.session, phase=CarePhase.AFTER, by=CareBy.PATIENT)
    return tuple(item for item in items if not _is_over(item, last, zone, local_day(now, zone)))


def _is_over(item: ChecklistItem, last: Held, zone: ZoneInfo, today: date) -> bool:
    rule = last.course.rule(item.rule_key)
    return bool(rule and rule.ends and first_safe_date(last.occasion.ends, rule.ends, zone) <= today)


def _expectations(held: Iterable[Held], first: date | None, today: date) -> tuple[ExpectLine, ...]:
    """In the order in which it may be seen."""
    last = next(reversed(tuple(held)), None)
    if last is None:
        return ()
    lines = []
    for one in last.course.expectations:
        expected = expected_when(one.when, first or today)
        phase = expected.phase(today) if expected and first else None
        line = ExpectLine(one.when, one.text, one.source, phase)
        lines.append((expected.begins if expected else date.max, line))
    return tuple(line for _, line in sorted(lines, key=lambda pair: pair[0]))
