"""When one care rule holds around one session. Every end errs on the safe side: see `first_safe_date`."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import earliest_begin, first_whole_day, latest_end, local_day, start_of_day
from clinic.rules.spans import Span, Unit
from plans.rules.course import CarePhase, CareRule

ONE_DAY = timedelta(days=1)


def rule_period(rule: CareRule, starts: datetime, ends: datetime, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Return from when until when the rule holds for a session between those instants; None: no end stated."""
    if rule.phase is CarePhase.PRE:
        return _before(rule, starts, ends, zone)
    return _begin_after(rule, ends, zone), None if rule.ends is None else _safe_end(ends, rule.ends, zone)


def _before(rule: CareRule, starts: datetime, ends: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    span = rule.starts or Span(0, Unit.DAYS)
    begins = earliest_begin(starts, span, zone)
    if span.unit is not Unit.HOURS:
        begins = start_of_day(local_day(begins, zone), zone)
    if rule.ends is None:
        return begins, ends
    # The latest reading of "until a day before", and never past the session itself.
    return begins, min(max(_back(starts, rule.ends, zone), begins), ends)


def _back(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the end of "until `span` before": hours exactly, days with the end of that local day."""
    begin = earliest_begin(instant, span, zone)
    if span.unit is Unit.HOURS:
        return begin
    return start_of_day(local_day(begin, zone) + ONE_DAY, zone)


def _begin_after(rule: CareRule, session_ends: datetime, zone: ZoneInfo) -> datetime:
    if rule.starts is None:
        return session_ends
    begins = latest_end(session_ends, rule.starts, zone)
    if rule.starts.unit is Unit.HOURS:
        return begins
    # Days count from local midnight: the rule begins with the day, but not before the session is over.
    return max(start_of_day(local_day(begins, zone), zone), session_ends)


def _safe_end(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    end = latest_end(instant, span, zone)
    return end if span.unit is Unit.HOURS else start_of_day(first_whole_day(end, zone), zone)
