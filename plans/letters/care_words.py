"""Care rules as the sentences of a letter, each with its date: a patient should not have to count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import earliest_begin, first_safe_date, local_day
from clinic.rules.spans import Unit
from plans.rules.course import CareBy, CareKind, CarePhase, CareRule, Modality
from plans.rules.wording import day_words

ONE_DAY = timedelta(days=1)


def pre_care(
    rules: Iterable[CareRule], modalities: Sequence[Modality], *, starts: datetime, zone: ZoneInfo, today: date
) -> tuple[str, ...]:
    """Return what the patient does and avoids before a session at `starts`, in the order in which it begins."""
    held = local_day(starts, zone)
    found = []
    for rule in _for_patients(rules, CarePhase.PRE, modalities):
        day = today
        if rule.starts and rule.starts.unit is not Unit.HOURS:
            day = local_day(earliest_begin(starts, rule.starts, zone), zone)
        found.append((day, _dated(rule, day, held, today)))
    return tuple(sentence for _, sentence in sorted(found, key=lambda item: max(item[0], today)))


def after_care(
    rules: Iterable[CareRule], modalities: Sequence[Modality], *, ended: datetime, zone: ZoneInfo
) -> tuple[str, ...]:
    """Return what holds after a session that ended at `ended`, with the day it stops where one is known."""
    sentences = []
    for rule in _for_patients(rules, CarePhase.AFTER, modalities):
        safe = first_safe_date(ended, rule.ends, zone) if rule.ends and rule.kind is CareKind.AVOID else None
        sentences.append(f"{rule.text} Fine again from {day_words(safe)}." if safe else rule.text)
    return tuple(sentences)


def _for_patients(rules: Iterable[CareRule], phase: CarePhase, modalities: Sequence[Modality]) -> list[CareRule]:
    return [
        rule
        for rule in rules
        if rule.phase is phase
        and rule.in_force
        and rule.by is CareBy.PATIENT
        and (not rule.modalities or set(rule.modalities) & set(modalities))
    ]


def _dated(rule: CareRule, day: date, held: date, today: date) -> str:
    # From today or from the session's own day: the date would say nothing the letter does not say.
    if day <= today or day >= held:
        return rule.text
    one_day = rule.kind is CareKind.DO and day == held - ONE_DAY
    return f"{'On' if one_day else 'From'} {day_words(day)}: {rule.text}"
