"""Letters before an appointment: reminders of it, and how to prepare. Booked late, they are due with the booking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local, before, local_day, start_of_day
from clinic.rules.spans import earlier
from plans.rules.course import CareBy, CareKind, CarePhase, CareRule, Modality
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_wish import ONE_DAY, House, Wanted
from plans.rules.rule_period import rule_period
from plans.rules.states import AppointmentPurpose, AppointmentState

# Later than this before it begins, nobody reads a mail and comes in time.
TOO_LATE = timedelta(hours=2)
PREPARED = timedelta(hours=24)
# Closer than this before a fuller letter about the same, one says nothing new.
APART = timedelta(hours=12)
# What has to end this long before has a letter of its own: the whole list comes too late for it.
EARLY = timedelta(days=3)
# A question to the doctor without a day of its own: in time for an answer.
ASK_BEFORE = timedelta(weeks=1)
EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class PreCare:
    """`stop_from`: the local day on which the first thing that must end early must end; None: there is none.
    `has_eve`: something is to be done or left on the day before or the day itself."""

    stop_from: date | None = None
    has_eve: bool = True


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """`announced` is the last thing that happened to it: "booked", "moved", "cancelled", "missed", or "" for nothing to
    tell.

    `changed_at` is when that happened. `series` is shared by what was booked together: one letter tells of all of it.
    `house`: the premises it is at, where they are not those of all the others.
    """

    id: UUID
    purpose: AppointmentPurpose
    starts: datetime
    ends: datetime
    state: AppointmentState
    announced: str
    changed_at: datetime
    session_number: int | None = None
    series: UUID | None = None
    care: PreCare = PreCare()
    house: House | None = None


def pre_care(
    rules: Iterable[CareRule], modalities: Iterable[Modality], *, starts: datetime, ends: datetime, zone: ZoneInfo
) -> PreCare:
    """Return what the rules before such a session mean for its letters."""
    given, day = set(modalities), local_day(starts, zone)
    stops: list[date] = []
    has_question = has_eve = False
    for rule in rules:
        if not _is_for_patient(rule, given):
            continue
        if rule.kind is CareKind.ASK_DOCTOR and rule.starts is None:
            has_question = True
            continue
        begins = local_day(rule_period(rule, starts, ends, zone)[0], zone)
        if rule.kind is not CareKind.DO and begins <= day - EARLY:
            stops.append(begins)
        has_eve = has_eve or begins >= day - ONE_DAY
    if has_question and not stops:
        stops.append(day - ASK_BEFORE)
    return PreCare(min(stops, default=None), has_eve)


def _is_for_patient(rule: CareRule, given: set[Modality]) -> bool:
    fits = not rule.modalities or not given.isdisjoint(rule.modalities)
    return rule.phase is CarePhase.PRE and rule.in_force and rule.by is CareBy.PATIENT and fits


def about_coming(row: AppointmentFacts, house: House) -> Iterator[Wanted]:
    """Of letters that would be due together, because it was booked late, only the one that says most."""
    if row.state not in EXPECTED:
        return
    yield from _reminders(row, house)
    if row.purpose is AppointmentPurpose.SESSION:
        yield from _preparations(row, house)


def _reminders(row: AppointmentFacts, house: House) -> Iterator[Wanted]:
    is_review = row.purpose is AppointmentPurpose.REVIEW
    kind = LetterKind.REVIEW_REMINDER if is_review else LetterKind.SESSION_REMINDER
    last = row.starts - TOO_LATE
    main = _leading(kind, row, house, until=last)
    morning = _on_the_day(row, house)
    if main and morning and morning.due_at <= main.due_at:
        morning = None
    week = _leading(LetterKind.WEEK_REMINDER, row, house, until=_ahead_of(main, morning) or last)
    yield from (letter for letter in (week, main, morning) if letter)


def _preparations(row: AppointmentFacts, house: House) -> Iterator[Wanted]:
    last = row.starts - PREPARED
    whole = _leading(LetterKind.PRE_CARE, row, house, until=last)
    eve = _on_the_eve(row, house)
    if whole and eve and eve.due_at <= whole.due_at:
        eve = None
    stop = _stopping(row, house, until=_ahead_of(whole, eve) or last)
    yield from (letter for letter in (stop, whole, eve) if letter)


def _ahead_of(*letters: Wanted | None) -> datetime | None:
    return min((letter.due_at - APART for letter in letters if letter), default=None)


def _leading(kind: LetterKind, row: AppointmentFacts, house: House, *, until: datetime) -> Wanted | None:
    return _wish(kind, row, house, due=before(row.starts, house.lead(kind), house.zone), until=until)


def _on_the_day(row: AppointmentFacts, house: House) -> Wanted | None:
    day = local_day(row.starts, house.zone)
    due = at_local(day, house.hour(LetterKind.DAY_REMINDER), house.zone)
    until = row.starts - TOO_LATE / 2
    letter = _wish(LetterKind.DAY_REMINDER, row, house, due=due, until=until, floor=start_of_day(day, house.zone))
    return letter if letter and letter.due_at <= row.starts - TOO_LATE else None


def _on_the_eve(row: AppointmentFacts, house: House) -> Wanted | None:
    if not row.care.has_eve:
        return None
    day = local_day(row.starts, house.zone)
    due = at_local(day - ONE_DAY, house.hour(LetterKind.PRE_CARE_EVE), house.zone)
    until, floor = start_of_day(day, house.zone), start_of_day(day - ONE_DAY, house.zone)
    return _wish(LetterKind.PRE_CARE_EVE, row, house, due=due, until=until, floor=floor)


def _stopping(row: AppointmentFacts, house: House, *, until: datetime) -> Wanted | None:
    if row.care.stop_from is None:
        return None
    kind = LetterKind.PRE_CARE_STOP
    day = earlier(row.care.stop_from, house.lead(kind))
    return _wish(kind, row, house, due=at_local(day, house.hour(kind), house.zone), until=until)


def _wish(
    kind: LetterKind,
    row: AppointmentFacts,
    house: House,
    *,
    due: datetime,
    until: datetime,
    floor: datetime | None = None,
) -> Wanted | None:
    """Not before the booking, which is what it speaks of."""
    earliest = max(row.changed_at, floor) if floor else row.changed_at
    return house.wish(
        kind, row.id, row.starts.isoformat(), due=max(due, row.changed_at), until=until, not_before=earliest
    )
