"""Care rules as the sentences of a letter, each with its date: a patient should not have to count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.language import ENGLISH, Tongue, tongue
from clinic.rules.local_time import earliest_begin, local_day
from clinic.rules.spans import Unit
from plans.rules.coming_letters import EARLY
from plans.rules.course import CareBy, CareKind, CarePhase, CareRule, Modality
from plans.rules.restrictions import Restriction

ONE_DAY = timedelta(days=1)


def since(speak: Tongue, text: str, day: date) -> str:
    return speak.say("From {day}: {text}", day=speak.day(day), text=text)


def once(speak: Tongue, text: str, day: date) -> str:
    return speak.say("On {day}: {text}", day=speak.day(day), text=text)


def fine_from(speak: Tongue, text: str, day: date) -> str:
    return speak.say("{text} Fine again from {day}.", text=text, day=speak.day(day))


def pre_care(
    rules: Iterable[CareRule],
    modalities: Sequence[Modality],
    *,
    starts: datetime,
    zone: ZoneInfo,
    today: date,
    speak: Tongue | None = None,
    chosen: Callable[[CareRule, date, date], bool] = lambda rule, begins, held: True,
) -> tuple[str, ...]:
    """Return what the patient does and avoids before a session at `starts`, in the order in which it begins.

    `chosen` is asked of each rule with the day it begins and the session's day.
    """
    speak, held, found = speak or tongue(ENGLISH), local_day(starts, zone), []
    for rule in for_patients(rules, CarePhase.PRE, modalities):
        day = today
        if rule.starts and rule.starts.unit is not Unit.HOURS:
            day = local_day(earliest_begin(starts, rule.starts, zone), zone)
        if chosen(rule, day, held):
            found.append((day, _dated(rule, day, held, today, speak)))
    return tuple(sentence for _, sentence in sorted(found, key=lambda item: max(item[0], today)))


def is_early(rule: CareRule, begins: date, held: date) -> bool:
    """Whether the letter of what to stop early speaks of it. As `plans.rules.coming_letters.pre_care` asks for one."""
    asks = rule.kind is CareKind.ASK_DOCTOR and rule.starts is None
    return asks or (rule.kind is not CareKind.DO and begins <= held - EARLY)


def is_late(rule: CareRule, begins: date, held: date) -> bool:
    """Whether it begins on the day before or on the day itself."""
    return rule.starts is not None and begins >= held - ONE_DAY


def is_today(rule: CareRule, begins: date, held: date) -> bool:
    return rule.starts is not None and begins >= held


def after_care(
    rules: Iterable[CareRule],
    modalities: Sequence[Modality],
    speak: Tongue,
    *,
    ended: datetime,
    periods: Iterable[Restriction],
) -> tuple[str, ...]:
    """Return what holds after a session that ended at `ended`, with the day it stops where one is known.

    `periods`: what is forbidden over all plans. The day is the strictest rule's, never one session's own.
    """
    safe = _safe_days(periods, ended)
    sentences = []
    for rule in for_patients(rules, CarePhase.AFTER, modalities):
        text = speak.own(rule.text)
        day = safe.get(rule.act) if rule.kind is CareKind.AVOID and rule.ends else None
        sentences.append(fine_from(speak, text, day) if day else text)
    return tuple(dict.fromkeys(sentences))


def for_patients(rules: Iterable[CareRule], phase: CarePhase, modalities: Sequence[Modality]) -> list[CareRule]:
    return [
        rule
        for rule in rules
        if rule.phase is phase
        and rule.in_force
        and rule.by is CareBy.PATIENT
        and (not rule.modalities or set(rule.modalities) & set(modalities))
    ]


def _safe_days(periods: Iterable[Restriction], ended: datetime) -> Mapping[str, date]:
    """Return the first free day of each act that is forbidden when the session ends."""
    return {
        period.act: period.safe_on
        for period in periods
        if period.safe_on and period.begins <= ended and (period.ends is None or period.ends > ended)
    }


def _dated(rule: CareRule, day: date, held: date, today: date, speak: Tongue) -> str:
    text = speak.own(rule.text)
    # From today or from the session's own day: the date would say nothing the letter does not say.
    if day <= today or day >= held:
        return text
    is_one_day = rule.kind is CareKind.DO and day == held - ONE_DAY
    return once(speak, text, day) if is_one_day else since(speak, text, day)
