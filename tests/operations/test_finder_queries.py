"""What the finder offers, booking takes: on rows, in every zone, beside appointments at odd minutes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.models import Closure, Location, Practitioner, Room, SpecialHours, WeeklyHours
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import local_day, start_of_day
from clinic.rules.opening import both
from plans.models import Appointment, Plan, Review, Session
from plans.models.slots import Blocks, buffer_of
from plans.operations.booking import book_appointment, cancel_appointment
from plans.queries.change_slots import Need, next_free
from plans.queries.finder import Wishes, all_times, find_times, propose_series
from plans.queries.slots_of_day import open_times
from plans.rules.library import LIBRARY
from plans.rules.plan_changes import PauseFrom
from plans.rules.states import AppointmentPurpose
from plans.rules.wording import day_words
from tests.cast import Cast, change_plan, open_clinic

pytestmark = pytest.mark.django_db
ONE_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DAILY = ("exosome-prp-same-day", "exosome-prp-staggered")
KEYS = [
    pytest.param(key, marks=[] if key in DAILY else pytest.mark.long)
    for key in sorted(path.stem for path in LIBRARY.glob("exosome-*.toml"))
]


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


def find(cast: Cast, patient: Any, **more: Any) -> Any:
    day = cast.today + 7 * ONE_DAY
    wish = {"minutes": 45, "first": day, "target": day + 3 * ONE_DAY, "last": day + 13 * ONE_DAY, **more}
    return find_times(**{"by": cast.desk, "patient": patient, "location": cast.here, "now": cast.now, **wish})


def talk(cast: Cast, patient: Any, starts: datetime, minutes: int = 45, **more: Any) -> Appointment:
    wish = {"patient_id": patient.pk, "purpose": AppointmentPurpose.CONSULTATION, **cast.place(), **more}
    return book_appointment(**wish, starts=starts, minutes=minutes, by=cast.desk, now=cast.now)


def test_the_target_day_comes_first_with_the_usual_person(cast: Cast) -> None:
    two = cast.practitioners[1].pk
    found = find(cast, cast.patient(), usual=two)
    day = cast.today + 10 * ONE_DAY
    assert len(found) == 10
    assert {one.practitioner for one in found} == {two}
    assert [one.starts for one in found[:2]] == [cast.at(day, 9), cast.at(day, 9, 15)]


def test_the_days_around_the_target_are_next(cast: Cast) -> None:
    found = find(cast, cast.patient(), limit=2000)
    days = list(dict.fromkeys(local_day(one.starts, cast.here.zone) for one in found))
    target = cast.today + 10 * ONE_DAY
    assert len(days) == 14
    assert days == sorted(days, key=lambda day: (abs(day - target), day))


def test_wishes_are_kept(cast: Cast) -> None:
    wishes = Wishes(frozenset({1, 3}), time(10), time(12), frozenset({cast.practitioners[1].pk}))
    found = find(cast, cast.patient(), wishes=wishes, limit=500)
    assert found
    for one in found:
        local = one.starts.astimezone(cast.here.zone)
        assert local.weekday() in (1, 3) and time(10) <= local.time() < time(12)
        assert one.practitioner == cast.practitioners[1].pk


def test_a_moved_appointment_does_not_stand_in_its_own_way_and_keeps_its_room(cast: Cast) -> None:
    patient = cast.patient()
    day = cast.today + 10 * ONE_DAY
    moving = talk(cast, patient, cast.at(day, 9), **cast.place(1))
    without = find(cast, patient, limit=500)
    found = find(cast, patient, limit=500, instead_of=moving)
    assert cast.at(day, 9, 15) not in {one.starts for one in without}
    assert {one.room for one in found if one.starts == cast.at(day, 9, 15)} == {cast.rooms[1].pk}


def test_nothing_is_found_where_nobody_can_be_booked(cast: Cast) -> None:
    patient = cast.patient()
    yesterday, today = cast.today - ONE_DAY, cast.today
    assert find(cast, patient, first=yesterday - 9 * ONE_DAY, target=yesterday, last=yesterday) == ()
    assert find(cast, patient, first=today + 9 * ONE_DAY, target=today, last=today + 5 * ONE_DAY) == ()
    assert find(cast, patient, limit=0) == () and find(cast, patient, minutes=0) == ()
    assert find(cast, patient, practitioners=[]) == ()
    assert find(cast, patient, location=cast.there) == ()
    Practitioner.objects.filter(pk=cast.practitioners[0].pk).update(is_active=False)
    assert {one.practitioner for one in find(cast, patient)} == {cast.practitioners[1].pk}
    Room.objects.update(is_active=False)
    assert find(cast, patient) == () and find(cast, patient, needs_room=False)
    Location.objects.update(is_active=False)
    cast.here.refresh_from_db()
    assert find(cast, patient, needs_room=False) == ()
    assert all_times(location=cast.here, minutes=45, first=today, last=today + ONE_DAY, now=cast.now) == ()


def test_a_window_without_an_end_and_leave_for_ten_years_are_looked_through(cast: Cast) -> None:
    Closure.objects.create(
        location=cast.here,
        kind="leave",
        starts=cast.now,
        ends=cast.now + 3650 * ONE_DAY,
        made_at=cast.now,
        practitioner=cast.practitioners[0],
    )
    found = find(cast, cast.patient(), last=date.max, limit=3)
    assert {one.practitioner for one in found} == {cast.practitioners[1].pk}


def test_somebody_of_another_place_is_offered_nothing(cast: Cast) -> None:
    assert find(cast, cast.patient(), by=cast.outsider) == ()


def test_it_costs_the_same_however_many_are_booked(cast: Cast, django_assert_num_queries: Any) -> None:
    patient = cast.patient()
    for hour in range(9, 17):
        talk(cast, cast.patient(), cast.at(cast.today + 10 * ONE_DAY, hour))
    # people, rooms, three of hours, one week
    with django_assert_num_queries(6):
        assert len(find(cast, patient)) == 10


def test_all_pages_agree(cast: Cast) -> None:
    """What the finder offers, the booking page offers, and a plan's change; closures and other hours included."""
    patient, day = cast.patient(), cast.today + 10 * ONE_DAY
    person, room = cast.practitioners[0], cast.rooms[0]
    Practitioner.objects.filter(pk=person.pk).update(buffer_minutes=10)
    Room.objects.filter(pk=room.pk).update(buffer_minutes=20)
    SpecialHours.objects.create(location=cast.here, practitioner=person, day=day, opens=time(10), closes=time(15))
    Closure.objects.create(
        location=cast.here, room=room, kind="repair", starts=cast.at(day, 13), ends=cast.at(day, 14), made_at=cast.now
    )
    cast.practitioners[0].refresh_from_db()
    cast.rooms[0].refresh_from_db()
    booked = talk(cast, cast.patient(), cast.at(day, 10, 30))
    Room.objects.exclude(pk=room.pk).update(is_active=False)
    found = [one.starts for one in find(cast, patient, practitioners=[person.pk], first=day, last=day, limit=99)]
    page = open_times(practitioner=person, room=room, patient=patient, first=day, last=day, now=cast.now)
    assert list(page.free(day, 45)) == found
    assert [f"{one.astimezone(cast.here.zone):%H:%M}" for one in found] == [
        "11:45",
        "12:00",
        "12:15",
        "14:00",
        "14:15",
    ]
    assert page.free(day + ONE_DAY, 45) == ()
    # Its own time counts as free, and is the nearest to what it was.
    moved = next_free([Need(Appointment.objects.get(pk=booked.pk), day, day)], now=cast.now)
    assert moved[booked.pk] == ((cast.at(day, 10, 30), cast.at(day, 11, 15)),)


def test_a_change_offers_only_times_that_moving_takes(cast: Cast) -> None:
    day = cast.today + 10 * ONE_DAY
    one = talk(cast, cast.patient(), cast.at(day, 10))
    talk(cast, cast.patient(), cast.at(day + ONE_DAY, 9), minutes=600)
    SpecialHours.objects.create(location=cast.here, day=day + 2 * ONE_DAY, opens=time(12), closes=time(13))
    need = Need(Appointment.objects.get(pk=one.pk), day + ONE_DAY, day + 2 * ONE_DAY)
    (offered,) = next_free([need], now=cast.now)[one.pk]
    assert offered[0] == cast.at(day + 2 * ONE_DAY, 12)
    Practitioner.objects.update(is_active=False)
    assert next_free([Need(Appointment.objects.get(pk=one.pk), day, day)], now=cast.now) == {}


zones = st.sampled_from(
    [
        ("Africa/Cairo", date(2026, 10, 28)),
        ("Europe/London", date(2026, 10, 24)),
        ("America/New_York", date(2026, 10, 31)),
        ("Asia/Singapore", date(2026, 10, 24)),
    ]
)
held = st.tuples(
    st.integers(0, 1), st.none() | st.integers(0, 1), st.integers(0, 2), st.integers(-200, 4500), st.integers(5, 200)
)


@given(
    zones, st.lists(held, max_size=14), st.tuples(*[st.sampled_from([0, 10, 25])] * 4), st.sampled_from([15, 45, 90])
)
@settings(max_examples=max(15, settings.default.max_examples // 5))
def test_what_is_read_at_once_is_what_booking_reads_row_by_row(cast, zone, rows, buffers, minutes):
    """Three days around a clock change. Rows are written past the operations: also at night, at odd minutes."""
    Appointment.objects.all().delete()
    Location.objects.filter(pk=cast.here.pk).update(time_zone=zone[0])
    here = Location.objects.get(pk=cast.here.pk)
    for rows_of, two in ((cast.practitioners, buffers[:2]), (cast.rooms, buffers[2:])):
        for thing, buffer in zip(rows_of, two, strict=True):
            type(thing).objects.filter(pk=thing.pk).update(buffer_minutes=buffer)
            thing.buffer_minutes, thing.location = buffer, here
    WeeklyHours.objects.filter(location=here).update(opens=time(0), closes=time(23, 30))
    people = [*cast.people, *(cast.patient() for _ in range(3 - len(cast.people)))]
    first, begins = zone[1], start_of_day(zone[1], ZoneInfo(zone[0]))
    for person, room, patient, minute, length in rows:
        starts = begins + minute * MINUTE
        who, where = cast.practitioners[person], None if room is None else cast.rooms[room]
        taken = Blocks.read(who, where, people[patient], starts, starts + length * MINUTE)
        if taken.are_free(starts, starts + length * MINUTE):
            ends = starts + length * MINUTE
            Appointment.objects.create(
                patient=people[patient], location=here, purpose=AppointmentPurpose.CONSULTATION, practitioner=who,
                room=where, starts=starts, ends=ends, practitioner_free_at=ends + buffer_of(who),
                room_free_at=ends + buffer_of(where), booked_at=cast.now, changed_at=cast.now,
            )  # fmt: skip
    last = first + 2 * ONE_DAY
    found = all_times(location=here, patient=people[0], minutes=minutes, first=first, last=last, now=cast.now)
    weekly = find_times(
        by=cast.desk, location=here, patient=people[0], minutes=minutes, first=first, target=first + 4 * ONE_DAY,
        last=last, now=cast.now, limit=9999,
    )  # fmt: skip
    assert set(found) == set(weekly)
    book = OpenBook.read([here], first=first, last=last)
    expected = set()
    ends = start_of_day(last + ONE_DAY, here.zone)
    for who in cast.practitioners:
        for where in cast.rooms:
            read = Blocks.read(who, where, people[0], begins, ends)
            for day in (first, first + ONE_DAY, last):
                periods = book.of_practitioner(who, day, here.zone)
                usable = book.of_room(where, day, here.zone)
                for opens, closes in periods if usable is None else both(periods, usable):
                    start = opens
                    while start + minutes * MINUTE <= closes:
                        if read.are_free(start, start + minutes * MINUTE):
                            expected.add((who.pk, start))
                        start += 15 * MINUTE
    assert {(one.practitioner, one.starts) for one in found} == expected


def test_every_time_that_is_found_can_be_booked(cast: Cast) -> None:
    for number in range(24):
        found = find(cast, cast.patient(), limit=number % 7 + 1, minutes=(30, 45, 50)[number % 3])
        one = found[-1]
        talk(
            cast, cast.people[-1], one.starts, (30, 45, 50)[number % 3], practitioner_id=one.practitioner,
            room_id=one.room,
        )  # fmt: skip
    assert Appointment.objects.count() == 24


def accept(cast: Cast, proposal: Any) -> None:
    for line in proposal.lines:
        place = {"practitioner_id": line.vacancy.practitioner, "room_id": line.vacancy.room, "minutes": line.minutes}
        if line.kind == "session":
            cast.book(Session.objects.get(pk=line.subject), line.vacancy.starts, **place)
        else:
            cast.book_review(Review.objects.get(pk=line.subject), line.vacancy.starts, **place)


@pytest.mark.parametrize("key", KEYS)
def test_a_whole_proposal_is_booked_as_it_stands(key: str) -> None:
    cast = open_clinic(keys=(key,))
    plan = cast.active_plan(key=key)
    for thing in (*cast.practitioners, *cast.rooms):
        type(thing).objects.filter(pk=thing.pk).update(buffer_minutes=15)
    for number in range(12):
        talk(cast, cast.patient(), cast.at(cast.today + (7 + 3 * number) * ONE_DAY, 9), 300, **cast.place(number % 2))
    wishes = Wishes(until=time(13), weekdays=frozenset({0, 1, 3}))
    proposal = propose_series(by=cast.desk, plan=plan, wishes=wishes, now=cast.now)
    assert proposal.whole and not proposal.trouble
    months = plan.reviews.filter(months__gt=0).count()
    assert [line.kind for line in proposal.lines].count("review") == months
    assert len(proposal.lines) == plan.sessions.count() + months
    accept(cast, proposal)
    assert propose_series(by=cast.desk, plan=plan, now=cast.now).lines == ()
    for session in Session.objects.filter(plan=plan):
        day = local_day(session.appointments.get().starts, cast.here.zone)
        assert session.earliest <= day <= session.latest


def test_what_is_booked_stays_and_what_was_done_counts(cast: Cast) -> None:
    plan = cast.active_plan()
    sessions = list(plan.sessions.order_by("number"))
    cast.book(sessions[0], cast.at(sessions[0].target, 10))
    cast.hold(sessions[0], cast.at(sessions[0].target, 10, 45), override_reason="No camera today")
    sessions = list(plan.sessions.order_by("number"))
    cast.book(sessions[1], cast.at(sessions[1].target + 2 * ONE_DAY, 14), **cast.place(1))
    proposal = propose_series(by=cast.desk, plan=plan, now=cast.now)
    assert proposal.whole
    assert [line.name for line in proposal.lines][:2] == ["Session 3 of 4", "Session 4 of 4"]
    accept(cast, proposal)


def test_a_line_chosen_by_hand_moves_the_rest(cast: Cast) -> None:
    plan = cast.active_plan()
    before = propose_series(by=cast.desk, plan=plan, now=cast.now)
    chosen = before.lines[1].others[-1]
    after = propose_series(by=cast.desk, plan=plan, now=cast.now, keep={before.lines[1].subject: chosen})
    assert after.whole and after.lines[1].vacancy == chosen
    assert after.lines[2].first != before.lines[2].first
    accept(cast, after)


def test_a_choice_that_was_taken_meanwhile_is_told(cast: Cast) -> None:
    plan = cast.active_plan()
    line = propose_series(by=cast.desk, plan=plan, now=cast.now).lines[0]
    talk(cast, cast.patient(), line.vacancy.starts, practitioner_id=line.vacancy.practitioner)
    again = propose_series(by=cast.desk, plan=plan, now=cast.now, keep={line.subject: line.vacancy})
    assert not again.whole and "is not free any more" in again.trouble
    early = find(cast, plan.patient, first=cast.today, target=cast.today, last=cast.today)[0]
    wrong = propose_series(by=cast.desk, plan=plan, now=cast.now, keep={line.subject: early})
    assert not wrong.whole and "is outside its window" in wrong.trouble


def test_when_there_is_no_series_it_says_what_would_make_one(cast: Cast) -> None:
    plan = cast.active_plan()
    one = cast.practitioners[0]
    Closure.objects.create(
        location=cast.here, practitioner=one, kind="leave", starts=cast.at(cast.today + 30 * ONE_DAY),
        ends=cast.at(cast.today + 70 * ONE_DAY), made_at=cast.now,
    )  # fmt: skip
    wishes = Wishes(practitioners=frozenset({one.pk}))
    proposal = propose_series(by=cast.desk, plan=plan, wishes=wishes, now=cast.now)
    assert not proposal.whole
    assert proposal.trouble.startswith("Session 2 of 4 finds no free time that suits (with Dr One)")
    assert proposal.lines[0].vacancy and proposal.lines[1].vacancy is None
    first = plan.sessions.get(number=1).target
    assert proposal.would_help[0] == f"With any practitioner there is one: first on {day_words(first)}."
    assert proposal.would_help[1].startswith("Later than it should be, and with a written reason, it could be on")
    both_wishes = Wishes(practitioners=frozenset({one.pk}), weekdays=frozenset({2}))
    assert (
        propose_series(by=cast.desk, plan=plan, wishes=both_wishes, now=cast.now).would_help[0].startswith("With any")
    )


def test_a_plan_that_stands_still_is_not_laid_out(cast: Cast) -> None:
    plan = cast.active_plan()
    change_plan(plan, PauseFrom(cast.today), by=cast.doctor, now=cast.now)
    proposal = propose_series(by=cast.desk, plan=plan, now=cast.now)
    assert proposal.lines == () and not proposal.whole and "paused" in proposal.trouble


def test_a_foreign_plan_is_not_there(cast: Cast) -> None:
    plan = cast.active_plan()
    with pytest.raises(Plan.DoesNotExist):
        propose_series(by=cast.outsider, plan=plan, now=cast.now)


def test_a_window_that_is_over_is_told_with_the_first_late_day(cast: Cast) -> None:
    plan = cast.active_plan()
    cast.now += 60 * ONE_DAY
    proposal = propose_series(by=cast.desk, plan=plan, now=cast.now)
    assert not proposal.whole
    assert proposal.trouble.startswith("Session 1 of 4 should have been by")
    assert proposal.would_help == (
        f"Later than it should be, and with a written reason, it could be on {day_words(cast.today)}.",
    )


def test_a_cancelled_appointment_holds_nobody(cast: Cast) -> None:
    patient, day = cast.patient(), cast.today + 10 * ONE_DAY
    gone = talk(cast, patient, cast.at(day, 9))
    cancel_appointment(appointment_id=gone.pk, reason="Ill", by=cast.desk, now=cast.now)
    assert find(cast, patient, limit=1, practitioners=[cast.practitioners[0].pk])[0].starts == cast.at(day, 9)
