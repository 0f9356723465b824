"""Hours written down, days that are otherwise, what is closed: each no is a sentence, each yes stands in the audit."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from clinic.models import AuditLine, Closure, Practitioner, SpecialHours, WeeklyHours
from clinic.models.hour_facts import OpenBook
from clinic.models.hour_owner import Owner
from clinic.operations.hours import (
    add_closure,
    add_holidays,
    remove_closure,
    remove_special_hours,
    set_special_hours,
    set_weekly_hours,
)
from clinic.rules.closures import closed_period
from clinic.rules.happened import Happened
from clinic.rules.holidays import Holiday, countries, country_of, holidays_of, regions
from clinic.rules.jurisdictions import Jurisdiction
from clinic.rules.opening import ClosureKind
from clinic.rules.refusal import Forbidden
from clinic.rules.week import faults_of
from plans.queries.outside_hours import outside_day, outside_week
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NINE, NOON, ONE, SIX = time(9), time(12, 30), time(13, 30), time(18)
LUNCH = [(NINE, NOON), (ONE, SIX)]


@pytest.fixture
def clinic() -> Cast:
    return open_clinic()


def key(clinic: Cast, number: int = 0) -> str:
    return f"practitioner-{clinic.practitioners[number].pk}"


def closed(clinic: Cast, first: date, last: date | None = None, **more: Any) -> Closure:
    starts, ends = closed_period(
        first, last or first, clinic.here.zone, more.pop("begins", None), more.pop("until", None)
    )
    wish = {"whose": key(clinic), "kind": ClosureKind.LEAVE, "by": clinic.desk, "now": clinic.now, **more}
    return add_closure(**{"starts": starts, "ends": ends, **wish})


def open_on(clinic: Cast, day: date, number: int = 0) -> list[str]:
    book = OpenBook.read([clinic.here], first=day, last=day)
    zone = clinic.here.zone
    periods = book.of_practitioner(clinic.practitioners[number], day, zone)
    return [f"{a.astimezone(zone):%H:%M}-{b.astimezone(zone):%H:%M}" for a, b in periods]


def happened(what: Happened) -> list[AuditLine]:
    return list(AuditLine.objects.filter(happened=what))


# -- every week ------------------------------------------------------------------------------------------------------
def test_somebody_with_a_lunch_break_can_be_booked_before_and_after_it(clinic: Cast) -> None:
    week = dict.fromkeys(range(5), LUNCH)
    set_weekly_hours(whose=key(clinic), weekly=week, buffer_minutes=10, by=clinic.manager, now=clinic.now)
    monday = clinic.today + (7 - clinic.today.weekday()) * DAY
    assert open_on(clinic, monday) == ["09:00-12:30", "13:30-18:00"]
    assert open_on(clinic, monday + 5 * DAY) == []
    assert open_on(clinic, monday, number=1) == ["09:00-19:00"], "nobody else's hours have changed"
    assert Practitioner.objects.get(pk=clinic.practitioners[0].pk).buffer_minutes == 10
    [line] = happened(Happened.HOURS_CHANGED)
    assert line.details["now"].startswith("Mon 09:00–12:30, 13:30–18:00; Tue")


def test_without_hours_of_their_own_somebody_keeps_the_locations_again(clinic: Cast) -> None:
    set_weekly_hours(whose=key(clinic), weekly={0: LUNCH}, by=clinic.manager, now=clinic.now)
    set_weekly_hours(whose=key(clinic), weekly={}, by=clinic.manager, now=clinic.now)
    assert open_on(clinic, clinic.today) == ["09:00-19:00"]
    assert not WeeklyHours.objects.filter(practitioner=clinic.practitioners[0]).exists()


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ([(SIX, NINE)], "closes at 09:00, before it opens at 18:00"),
        ([(NINE, NINE)], "opens and closes at 09:00"),
        ([(NINE, time(0))], "Close at 23:59"),
        ([(NINE, ONE), (NOON, SIX)], "09:00–13:30 and 12:30–18:00 overlap"),
        ([(NINE, None)], "when it closes"),
        ([(None, SIX)], "when it opens"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_fault(clinic: Cast, periods: Any, says: str) -> None:
    [fault] = faults_of(periods)
    assert says in fault.sentence
    with refused("wrong_hours"):
        set_weekly_hours(whose=key(clinic), weekly={0: periods}, by=clinic.manager, now=clinic.now)
    assert open_on(clinic, clinic.today) == ["09:00-19:00"]


def test_periods_that_touch_and_a_day_without_any_are_no_fault() -> None:
    assert faults_of([(ONE, SIX), (NINE, ONE)]) == ()
    assert faults_of([(None, None)]) == ()


def test_the_second_of_two_managers_is_told_what_the_first_wrote(clinic: Cast) -> None:
    seen = ""
    set_weekly_hours(whose=key(clinic), weekly={0: LUNCH}, seen=seen, by=clinic.manager, now=clinic.now)
    with refused("changed_meanwhile"):
        set_weekly_hours(whose=key(clinic), weekly={1: LUNCH}, seen=seen, by=clinic.manager, now=clinic.now)


def test_a_location_is_never_left_without_hours(clinic: Cast) -> None:
    with refused("nothing_open"):
        set_weekly_hours(whose=f"location-{clinic.here.pk}", weekly={}, by=clinic.manager, now=clinic.now)


def test_weekly_hours_are_the_managers_and_only_of_their_own_place(clinic: Cast) -> None:
    for person in (clinic.desk, clinic.doctor):
        with pytest.raises(Forbidden):
            set_weekly_hours(whose=key(clinic), weekly={}, by=person, now=clinic.now)
    for whose in (key(clinic), f"room-{clinic.rooms[0].pk}", "practitioner-nobody", "house-1"):
        with pytest.raises(ObjectDoesNotExist):
            set_weekly_hours(whose=whose, weekly={}, by=clinic.outsider, now=clinic.now)


# -- who would lie outside -------------------------------------------------------------------------------------------
def test_who_would_lie_outside_of_new_hours_is_known_before_they_are_saved(clinic: Cast) -> None:
    session = clinic.active_plan().sessions.get(number=1)
    row = clinic.book(session, clinic.at(session.target, 17))
    owner = Owner.get(key(clinic), clinic.manager)
    days = {day: [(NINE, SIX)] for day in range(7)}
    assert not outside_week(clinic.manager, owner, days, now=clinic.now), "it fits exactly"
    days = {day: [(NINE, time(17, 30))] for day in range(7)}
    effect = outside_week(clinic.manager, owner, days, now=clinic.now)
    assert [one.appointment for one in effect.rows] == [row]
    assert outside_day(clinic.manager, owner, session.target, [(NINE, NOON)], now=clinic.now).rows
    assert not outside_day(clinic.manager, owner, session.target + DAY, [(NINE, NOON)], now=clinic.now)
    place = Owner.get(f"location-{clinic.here.pk}", clinic.manager)
    assert outside_week(clinic.manager, place, days, now=clinic.now).rows, "she keeps the location's hours"
    set_weekly_hours(whose=key(clinic), weekly=days, by=clinic.manager, now=clinic.now)
    row.refresh_from_db()
    assert row.starts == clinic.at(session.target, 17), "nobody is moved by it"
    assert not outside_week(clinic.manager, owner, days, now=clinic.now), "what lies outside already is no news"


def test_a_part_time_room_leaves_outside_what_is_booked_in_it(clinic: Cast) -> None:
    session = clinic.active_plan().sessions.get(number=1)
    row = clinic.book(session, clinic.at(session.target, 15))
    room = Owner.get(f"room-{clinic.rooms[0].pk}", clinic.manager)
    mornings = {day: [(NINE, NOON)] for day in range(7)}
    assert [one.appointment for one in outside_week(clinic.manager, room, mornings, now=clinic.now).rows] == [row]
    other = Owner.get(f"room-{clinic.rooms[1].pk}", clinic.manager)
    assert not outside_week(clinic.manager, other, mornings, now=clinic.now)


# -- one day ---------------------------------------------------------------------------------------------------------
def test_other_hours_on_one_day_stand_instead_of_the_weekly_ones_and_can_be_removed(clinic: Cast) -> None:
    day, wish = clinic.today + 10 * DAY, {"by": clinic.manager, "now": clinic.now}
    set_special_hours(whose=f"location-{clinic.here.pk}", day=day, periods=[(NINE, NOON)], note="Christmas Eve", **wish)
    assert open_on(clinic, day) == ["09:00-12:30"]
    set_special_hours(whose=f"location-{clinic.here.pk}", day=day, periods=[(NINE, ONE)], **wish)
    assert open_on(clinic, day) == ["09:00-13:30"], "written again: replaced"
    remove_special_hours(special_id=SpecialHours.objects.get().pk, **wish)
    assert open_on(clinic, day) == ["09:00-19:00"]
    assert len(happened(Happened.HOURS_CHANGED)) == 3


def test_a_day_that_is_over_or_years_away_gets_no_hours(clinic: Cast) -> None:
    wish = {"whose": key(clinic), "periods": [(NINE, NOON)], "by": clinic.manager, "now": clinic.now}
    with refused("past"):
        set_special_hours(day=clinic.today - DAY, **wish)
    with refused("too_far"):
        set_special_hours(day=clinic.today + 731 * DAY, **wish)
    with refused("nothing_open"):
        set_special_hours(**{**wish, "periods": []}, day=clinic.today)


# -- away and closed -------------------------------------------------------------------------------------------------
def test_leave_closes_whole_local_days_and_removing_it_opens_them_again(clinic: Cast) -> None:
    first = clinic.today + 3 * DAY
    leave = closed(clinic, first, first + DAY, note="Wedding")
    assert leave.is_whole_days
    assert (leave.starts, leave.ends) == (clinic.at(first), clinic.at(first + 2 * DAY))
    assert open_on(clinic, first) == open_on(clinic, first + DAY) == []
    assert open_on(clinic, first + 2 * DAY) == ["09:00-19:00"]
    remove_closure(closure_id=leave.pk, by=clinic.desk, now=clinic.now)
    assert open_on(clinic, first) == ["09:00-19:00"]
    assert [line.about_id for line in happened(Happened.CLOSURE_ADDED)] == [leave.pk]
    assert [line.about_id for line in happened(Happened.CLOSURE_REMOVED)] == [leave.pk]


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Europe/London", "America/New_York"])
def test_leave_on_the_days_clocks_jump_begins_and_ends_with_the_local_day(zone: str) -> None:
    clinic = open_clinic(zone)
    for day in (date(2026, 10, 25), date(2026, 10, 29), date(2026, 11, 1), date(2027, 3, 28), date(2027, 4, 30)):
        leave = closed(clinic, day)
        assert leave.is_whole_days and open_on(clinic, day) == []
        assert open_on(clinic, day - DAY) and open_on(clinic, day + DAY)


def test_hours_of_a_day_are_closed_and_the_rest_stays_open(clinic: Cast) -> None:
    day = clinic.today + DAY
    closed(clinic, day, begins=time(12), until=time(13), kind=ClosureKind.BREAK)
    assert open_on(clinic, day) == ["09:00-12:00", "13:00-19:00"]
    closed(clinic, day, begins=time(17))
    assert open_on(clinic, day) == ["09:00-12:00", "13:00-17:00"]


def test_leave_in_the_past_too_long_or_backwards_is_refused_with_a_sentence(clinic: Cast) -> None:
    today = clinic.today
    with refused("past"):
        closed(clinic, today - DAY)
    with refused("too_long"):
        closed(clinic, today, today + 3653 * DAY)
    with refused("too_far"):
        closed(clinic, today + 800 * DAY)
    with refused("wrong_times"):
        closed(clinic, today + DAY, today)
    with refused("hours_of_days"):
        closed(clinic, today, today + 2 * DAY, begins=time(10))
    clinic.now = clinic.at(today, 15)
    with refused("past"):
        closed(clinic, today, begins=time(9), until=time(10))
    assert not Closure.objects.exists()


def test_nobody_who_left_and_nothing_out_of_use_is_entered_as_away(clinic: Cast) -> None:
    clinic.practitioners[0].is_active = False
    clinic.practitioners[0].save()
    clinic.rooms[0].is_active = False
    clinic.rooms[0].save()
    with refused("not_working"):
        closed(clinic, clinic.today)
    with refused("not_used"):
        closed(clinic, clinic.today, whose=f"room-{clinic.rooms[0].pk}")
    clinic.here.is_active = False
    clinic.here.save()
    with refused("place_closed"):
        closed(clinic, clinic.today, whose=key(clinic, 1))


def test_the_same_leave_is_entered_once(clinic: Cast) -> None:
    closed(clinic, clinic.today, clinic.today + 5 * DAY)
    with refused("closed_already"):
        closed(clinic, clinic.today + DAY)
    closed(clinic, clinic.today + DAY, whose=key(clinic, 1))


def test_the_desk_enters_who_is_ill_and_only_a_manager_closes_the_house(clinic: Cast) -> None:
    closed(clinic, clinic.today, kind=ClosureKind.ILL, by=clinic.desk)
    closed(clinic, clinic.today, whose=f"room-{clinic.rooms[0].pk}", kind=ClosureKind.REPAIR, by=clinic.doctor)
    house = {"whose": f"location-{clinic.here.pk}", "kind": ClosureKind.OTHER}
    with pytest.raises(Forbidden):
        closed(clinic, clinic.today, by=clinic.desk, **house)
    whole = closed(clinic, clinic.today, by=clinic.manager, **house)
    with pytest.raises(Forbidden):
        remove_closure(closure_id=whole.pk, by=clinic.desk, now=clinic.now)
    with pytest.raises(Closure.DoesNotExist):
        remove_closure(closure_id=whole.pk, by=clinic.outsider, now=clinic.now)


# -- public holidays -------------------------------------------------------------------------------------------------
def test_holidays_are_a_countrys_own_with_english_names() -> None:
    singapore = {one.day: one.name for one in holidays_of("SG", 2026)}
    assert singapore[date(2026, 8, 9)] == "National Day" and singapore[date(2026, 12, 25)] == "Christmas Day"
    assert "Coptic Christmas Day" in {one.name for one in holidays_of("EG", 2026)}
    assert date(2026, 1, 6) in {one.day for one in holidays_of("DE", 2026, "BY")}
    assert date(2026, 1, 6) not in {one.day for one in holidays_of("DE", 2026)}
    assert "BY" in regions("DE") and regions("SG") == ()


def test_a_country_region_or_year_nobody_knows_has_none() -> None:
    assert (
        holidays_of("XX", 2026) == holidays_of("", 2026) == holidays_of("SG", 2026, "BY") == holidays_of("SG", 9) == ()
    )


def test_every_law_that_is_a_countrys_knows_its_holidays() -> None:
    known = {one: country_of(one) for one in Jurisdiction}
    assert known == {"us": "US", "uk": "GB", "sg": "SG", "eg": "EG", "eu": "", "other": ""}
    assert {code for code in known.values() if code} <= set(dict(countries()))
    assert len(countries()) > 200


def test_holidays_are_closed_once_each_and_by_their_name(clinic: Cast) -> None:
    days = [Holiday(clinic.today + 5 * DAY, "Day One"), Holiday(clinic.today + 6 * DAY, "Day Two")]
    wish = {"location_id": clinic.here.pk, "by": clinic.manager, "now": clinic.now}
    gone = Holiday(clinic.today - DAY, "Gone")
    assert len(add_holidays(days=[gone, days[0]], **wish)) == 1
    assert [one.note for one in add_holidays(days=[*days, *days], **wish)] == ["Day Two"]
    assert Closure.objects.filter(kind=ClosureKind.HOLIDAY).count() == 2
    assert open_on(clinic, days[0].day) == open_on(clinic, days[1].day, number=1) == []
    with pytest.raises(Forbidden):
        add_holidays(location_id=clinic.here.pk, days=days, by=clinic.desk, now=clinic.now)


def test_a_booking_in_a_closed_time_is_refused(clinic: Cast) -> None:
    session = clinic.active_plan().sessions.get(number=1)
    closed(clinic, session.target)
    with refused("outside_hours"):
        clinic.book(session, clinic.at(session.target, 10))
    clinic.book(session, clinic.at(session.target, 10), **clinic.place(1))
