"""Changing when somebody works and something can be used. No appointment moves by itself because of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic.models import Closure, Location, Practitioner, Room, SpecialHours, Staff, WeeklyHours
from clinic.models.hour_owner import Owner
from clinic.operations.audit import allow, record
from clinic.rules.closures import FURTHEST, ONE_DAY, when_words, why_not_close
from clinic.rules.happened import Happened
from clinic.rules.holidays import NAME_LENGTH, Holiday
from clinic.rules.local_time import local_day, start_of_day
from clinic.rules.opening import Clocks, ClosureKind
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.rules.week import clocks_words, faults_of, week_words, whole
from clinic.rules.wording import day_words


@transaction.atomic
def set_weekly_hours(
    *,
    whose: str,
    weekly: Mapping[int, Sequence[Clocks]],
    buffer_minutes: int | None = None,
    seen: str | None = None,
    by: Staff,
    now: datetime,
) -> Owner:
    """Write the week anew: the periods of each weekday, 0 is Monday. Without any: the location's, or for a room
    whenever somebody works. `whose` is an owner's key; `seen` the week (in words) somebody looked at before.

    Refusals: nothing_open (a location's), wrong_hours, changed_meanwhile, place_closed, not_working, not_used.
    """
    allow(by, Deed.CHANGE_CLINIC)
    owner = _locked(whose, by)
    owner.refuse_inactive()
    before = week_words(_weekly(owner))
    if seen is not None and seen != before:
        raise Refusal("changed_meanwhile", f"Somebody changed these hours meanwhile; they are now: {before or 'none'}.")
    if owner.is_location and not any(weekly.values()):
        raise Refusal("nothing_open", "Write at least one period: a place without hours cannot be booked.")
    for periods in weekly.values():
        _refuse_faults(periods)
    WeeklyHours.objects.filter(**owner.mine).delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(**owner.columns, weekday=day, opens=opens, closes=closes)
        for day, periods in weekly.items()
        for opens, closes in sorted(periods)
    )
    details = {"was": before, "now": week_words({day: sorted(periods) for day, periods in weekly.items()})}
    if isinstance(owner.thing, Practitioner | Room) and buffer_minutes is not None:
        details["minutes between two"] = f"{owner.thing.buffer_minutes} to {buffer_minutes}"
        owner.thing.buffer_minutes = buffer_minutes
        owner.thing.save(update_fields=["buffer_minutes"])
    record(Happened.HOURS_CHANGED, about=owner.thing, by=by, now=now, location=owner.location, details=details)
    return owner


@transaction.atomic
def set_special_hours(
    *, whose: str, day: date, periods: Sequence[Clocks], note: str = "", by: Staff, now: datetime
) -> Owner:
    """Hours of one date that stand instead of the weekly ones; those written before for that date are replaced.

    Refusals: nothing_open, wrong_hours, past, too_far, place_closed, not_working, not_used.
    """
    allow(by, Deed.CHANGE_CLINIC)
    owner = _locked(whose, by)
    owner.refuse_inactive()
    today = local_day(now, owner.location.zone)
    if day < today:
        raise Refusal("past", f"{day_words(day)} is over: choose a day from today, {day_words(today)}, on.")
    if day > today + FURTHEST:
        raise Refusal("too_far", f"{day_words(day)} is more than two years away: enter it when it is nearer.")
    if not periods:
        raise Refusal("nothing_open", "Write at least one period. For a day without any, enter a closure instead.")
    _refuse_faults(periods)
    SpecialHours.objects.filter(**owner.mine, day=day).delete()
    SpecialHours.objects.bulk_create(
        SpecialHours(**owner.columns, day=day, opens=opens, closes=closes, note=note.strip()[:80])
        for opens, closes in sorted(periods)
    )
    details = {"day": day.isoformat(), "now": clocks_words(sorted(periods)), "note": note.strip()[:80]}
    record(Happened.HOURS_CHANGED, about=owner.thing, by=by, now=now, location=owner.location, details=details)
    return owner


@transaction.atomic
def remove_special_hours(*, special_id: UUID, by: Staff, now: datetime) -> str:
    """The weekly hours count again on that date. Returns the day in words."""
    allow(by, Deed.CHANGE_CLINIC)
    rows = SpecialHours.objects.visible_to(by).select_related("location", "practitioner", "room")
    row = rows.get(pk=special_id)
    owner = Owner.of(row)
    periods = SpecialHours.objects.filter(**owner.mine, day=row.day)
    details = {"day": row.day.isoformat(), "was": clocks_words([(one.opens, one.closes) for one in periods])}
    periods.delete()
    record(Happened.HOURS_CHANGED, about=owner.thing, by=by, now=now, location=owner.location, details=details)
    return f"{owner}, {day_words(row.day)}"


@transaction.atomic
def add_closure(
    *, whose: str, kind: ClosureKind, starts: datetime, ends: datetime, note: str = "", by: Staff, now: datetime
) -> Closure:
    """Nothing is booked from `starts` to `ends` any more. Whoever keeps the calendar enters leave and repairs; closing
    the whole location is the manager's.

    Practitioners and rooms are locked as a booking locks them: one that is being made is either seen by whoever asks
    afterwards whom it hits, or refused. Refusals: those of `why_not_close`, closed_already, place_closed, not_working,
    not_used.
    """
    owner = Owner.get(whose, by)
    allow(by, may_close(owner))
    owner = _locked(whose, by, all_of_it=True)
    owner.refuse_inactive()
    zone = owner.location.zone
    first, last = local_day(starts, zone), local_day(ends - timedelta(microseconds=1), zone)
    begins = None if starts == start_of_day(first, zone) else starts.astimezone(zone).time()
    until = None if ends == start_of_day(last + ONE_DAY, zone) else ends.astimezone(zone).time()
    refusal = why_not_close(first, last, begins=begins, ends=until, today=local_day(now, zone))
    if refusal:
        raise refusal
    if ends <= now:
        raise Refusal("past", f"{when_words(starts, ends, zone)}, is over already.")
    _refuse_second(owner, starts, ends)
    closure = Closure.objects.create(
        **owner.columns,
        kind=kind,
        starts=starts,
        ends=ends,
        is_whole_days=begins is None and until is None,
        note=note.strip()[:80],
        made_by=by,
        made_at=now,
    )
    _record(Happened.CLOSURE_ADDED, closure, by, now)
    return closure


@transaction.atomic
def add_holidays(*, location_id: UUID, days: Sequence[Holiday], by: Staff, now: datetime) -> list[Closure]:
    """Close the location on these days, once each: a day closed as a holiday already, or over, is left alone."""
    allow(by, Deed.CHANGE_CLINIC)
    owner = _locked(f"location-{location_id}", by, all_of_it=True)
    owner.refuse_inactive()
    zone = owner.location.zone
    known = Closure.objects.filter(**owner.mine, kind=ClosureKind.HOLIDAY, ends__gt=now).values_list(
        "starts", flat=True
    )
    closed = {local_day(starts, zone) for starts in known}
    made = []
    for holiday in days:
        if holiday.day in closed or holiday.day < local_day(now, zone):
            continue
        closed.add(holiday.day)
        closure = Closure.objects.create(
            **owner.columns,
            kind=ClosureKind.HOLIDAY,
            starts=start_of_day(holiday.day, zone),
            ends=start_of_day(holiday.day + ONE_DAY, zone),
            note=holiday.name[:NAME_LENGTH],
            made_by=by,
            made_at=now,
        )
        _record(Happened.CLOSURE_ADDED, closure, by, now)
        made.append(closure)
    return made


@transaction.atomic
def remove_closure(*, closure_id: UUID, by: Staff, now: datetime) -> str:
    """It can be booked again. Appointments that were moved because of it stay where they are."""
    rows = Closure.objects.visible_to(by).select_related("location", "practitioner", "room")
    closure = rows.select_for_update(of=("self",)).get(pk=closure_id)
    owner = Owner.of(closure)
    allow(by, may_close(owner))
    _record(Happened.CLOSURE_REMOVED, closure, by, now)
    closure.delete()
    return f"{owner}, {when_words(closure.starts, closure.ends, owner.location.zone)}"


def may_close(owner: Owner) -> Deed:
    """Who is ill this morning and which lamp broke is the calendar's business; closing the house is the manager's."""
    return Deed.CHANGE_CLINIC if owner.is_location else Deed.MOVE


def _locked(whose: str, by: Staff, *, all_of_it: bool = False) -> Owner:
    """Lock it as a booking would; `all_of_it`: for a location all that is booked there, practitioners before rooms."""
    owner = Owner.get(whose, by)
    here = {"location": owner.location}
    if owner.is_location:
        list(Location.objects.select_for_update(of=("self",)).filter(pk=owner.location.pk))
    for rows, one in ((Practitioner.objects.all(), owner.practitioner), (Room.objects.all(), owner.room)):
        if one is not None or (owner.is_location and all_of_it):
            wanted = rows.filter(pk=one.pk) if one else rows.filter(**here)
            list(wanted.select_for_update(of=("self",)).order_by("pk"))
    return Owner.get(whose, by)


def _weekly(owner: Owner) -> dict[int, list[Clocks]]:
    found: dict[int, list[Clocks]] = {}
    rows = WeeklyHours.objects.filter(**owner.mine).order_by("weekday", "opens")
    for weekday, opens, closes in rows.values_list("weekday", "opens", "closes"):
        found.setdefault(weekday, []).append((opens, closes))
    return found


def _refuse_faults(periods: Sequence[Clocks]) -> None:
    if len(whole(periods)) != len(periods):
        raise Refusal("wrong_hours", "Every period opens and closes.")
    for fault in faults_of(periods):
        raise Refusal("wrong_hours", fault.sentence)


def _refuse_second(owner: Owner, starts: datetime, ends: datetime) -> None:
    known = Closure.objects.filter(**owner.mine, starts__lte=starts, ends__gte=ends).first()
    if known:
        words = when_words(known.starts, known.ends, owner.location.zone)
        raise Refusal("closed_already", f"{owner} is closed or away then already: {known.get_kind_display()}, {words}.")


def _record(happened: Happened, closure: Closure, by: Staff, now: datetime) -> None:
    when = when_words(closure.starts, closure.ends, closure.location.zone)
    details = {"kind": closure.kind, "when": when, "note": closure.note}
    record(happened, about=closure, by=by, now=now, location=closure.location, details=details)
