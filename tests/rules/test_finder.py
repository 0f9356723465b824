"""The finder against somebody who walks through the day minute by minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.local_time import at_local, local_day
from clinic.rules.opening import Hours, both, opening, room_opening
from plans.rules.diary import Openings, local_day_of, taken_bits
from plans.rules.finder import Finder, Resource, Vacancy, outward
from plans.rules.wishes import Wishes
from tests.rules.test_diary import ODD_DAYS

MINUTE, ONE_DAY = timedelta(minutes=1), timedelta(days=1)
PLACE, PATIENT = UUID(int=1), UUID(int=2)
PEOPLE, ROOMS = [UUID(int=10 + n) for n in range(3)], [UUID(int=20 + n) for n in range(2)]


@dataclass(frozen=True)
class Held:
    """An appointment, and the minutes each of the two keeps free after it."""

    person: UUID
    room: UUID | None
    patient: UUID
    starts: datetime
    ends: datetime
    person_free: datetime
    room_free: datetime

    def spans(self) -> list[tuple[UUID | None, datetime, datetime]]:
        return [
            (self.person, self.starts, self.person_free),
            (self.room, self.starts, self.room_free),
            (self.patient, self.starts, self.ends),
        ]


@dataclass(frozen=True)
class Taken:
    zone: ZoneInfo
    held: list[Held]

    def on(self, day: date) -> Callable[[UUID], int]:
        page = local_day_of(day, self.zone)
        bits: dict[UUID | None, int] = {}
        for one in self.held:
            for who, starts, ends in one.spans():
                bits[who] = bits.get(who, 0) | taken_bits(starts, ends, page)
        return lambda who: bits.get(who, 0)


@dataclass(frozen=True)
class Clinic:
    zone: ZoneInfo
    day: date
    hours: dict[UUID, Hours]
    people: list[Resource]
    rooms: list[Resource] | None
    held: list[Held]
    now: datetime
    minutes: int
    wishes: Wishes

    def finder(self) -> Finder:
        openings = Openings.of(self.hours, PLACE, self.zone)
        return Finder(self.zone, openings, Taken(self.zone, self.held), self.people, self.rooms, PATIENT, self.now)

    def walked(self) -> set[tuple[UUID, datetime]]:
        """Every start that can be had, found with plain loops."""
        found = set()
        for person in self.people:
            for room in self.rooms if self.rooms is not None else [None]:
                found |= {(person.id, start) for start in self.starts(person, room)}
        return found

    def starts(self, person: Resource, room: Resource | None) -> list[datetime]:
        place = self.hours.get(PLACE, Hours())
        periods = opening(self.day, self.zone, own=self.hours.get(person.id), place=place)
        usable = room_opening(self.day, self.zone, own=self.hours.get(room.id), place=place) if room else None
        found = []
        for opens, closes in both(periods, usable) if usable is not None else periods:
            start = opens
            while start < closes:
                if start + self.minutes * MINUTE <= closes and self.can_have(person, room, start):
                    found.append(start)
                start += 15 * MINUTE
        return found

    def can_have(self, person: Resource, room: Resource | None, start: datetime) -> bool:
        clock = start.astimezone(self.zone).time()
        wished = self.wishes.suit_day(self.day) and self.wishes.suit_clock(clock) and self.wishes.suit_person(person.id)
        if start < self.now or not wished:
            return False
        lengths = {PATIENT: self.minutes, person.id: self.minutes + person.buffer}
        if room:
            lengths[room.id] = self.minutes + room.buffer
        for one in self.held:
            for who, begins, ends in one.spans():
                minute = start
                while who in lengths and minute < start + lengths[who] * MINUTE:
                    if begins < minute + MINUTE and minute < ends:
                        return False
                    minute += MINUTE
        return True


clocks = st.tuples(st.integers(0, 95), st.integers(0, 95)).filter(lambda two: two[0] != two[1]).map(sorted).map(
    lambda two: (time(two[0] // 4, two[0] % 4 * 15), time(two[1] // 4, two[1] % 4 * 15))
)  # fmt: skip
odd_clocks = st.tuples(st.times(), st.times()).map(sorted).filter(lambda two: two[0] < two[1]).map(
    lambda two: (two[0].replace(second=0, microsecond=0), two[1].replace(second=0, microsecond=0))
).filter(lambda two: two[0] < two[1])  # fmt: skip
midnight = st.integers(0, 23).map(lambda hour: (time(hour), time.min))
days_hours = st.lists(clocks | odd_clocks | midnight, min_size=1, max_size=2)


@st.composite
def hours_of(draw, zone, day):
    weekly = {day.weekday(): draw(days_hours)} if draw(st.booleans()) else draw(st.sampled_from([{}, {9: []}]))
    special = {day: draw(days_hours)} if draw(st.integers(0, 3)) == 0 else {}
    closed = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        begins = local_day_of(day, zone).at(draw(st.integers(-300, 1500)))
        closed.append((begins, begins + draw(st.integers(1, 400)) * MINUTE))
    return Hours(weekly, special, closed)


@st.composite
def clinics(draw):
    zone, day, _ = draw(st.sampled_from([*ODD_DAYS, (ZoneInfo("Europe/London"), date(2026, 6, 2), 24)]))
    page = local_day_of(day, zone)
    people = [Resource(one, draw(st.sampled_from([0, 0, 5, 10, 37]))) for one in PEOPLE[: draw(st.integers(1, 3))]]
    rooms = [Resource(one, draw(st.sampled_from([0, 0, 15, 7]))) for one in ROOMS[: draw(st.integers(1, 2))]]
    hours = {PLACE: Hours({day.weekday(): [(time(8), time(18))]})}
    if draw(st.integers(0, 2)) == 0:
        hours[PLACE] = draw(hours_of(zone, day))
    for one in (*people, *rooms):
        if draw(st.booleans()):
            hours[one.id] = draw(hours_of(zone, day))
    held = []
    for _ in range(draw(st.integers(0, 12))):
        starts = page.at(draw(st.integers(-120, 1620))) + timedelta(seconds=draw(st.sampled_from([0, 0, 0, 20])))
        ends = starts + draw(st.integers(5, 180)) * MINUTE
        held.append(
            Held(
                draw(st.sampled_from(people)).id,
                draw(st.none() | st.sampled_from(rooms).map(lambda room: room.id)),
                draw(st.sampled_from([PATIENT, UUID(int=3)])),
                starts,
                ends,
                ends + draw(st.sampled_from([0, 10])) * MINUTE,
                ends + draw(st.sampled_from([0, 25])) * MINUTE,
            )
        )
    wishes = draw(
        st.just(Wishes())
        | st.builds(
            Wishes,
            weekdays=st.sampled_from([frozenset(), frozenset({day.weekday()}), frozenset({(day.weekday() + 1) % 7})]),
            begins=st.none() | st.times(),
            until=st.none() | st.times(),
            practitioners=st.sampled_from([frozenset(), frozenset(PEOPLE[:1])]),
        )
    )
    now = page.at(draw(st.integers(-5000, -1) | st.integers(0, 1500))) + timedelta(
        seconds=draw(st.sampled_from([0, 30]))
    )
    minutes = draw(st.sampled_from([5, 15, 30, 45, 60, 44, 240]))
    return Clinic(zone, day, hours, people, rooms if draw(st.integers(0, 4)) else None, held, now, minutes, wishes)


@given(clinics())
def test_it_finds_every_time_there_is_and_no_other(clinic):
    found = clinic.finder().on(clinic.day, clinic.minutes, clinic.wishes)
    assert {(one.practitioner, one.starts) for one in found} == clinic.walked()
    assert len(found) == len({(one.practitioner, one.starts) for one in found})
    assert list(found) == sorted(
        found, key=lambda one: ([p.id for p in clinic.people].index(one.practitioner), one.starts)
    )


@given(clinics())
def test_the_room_it_names_is_the_first_that_is_free(clinic):
    people = {person.id: person for person in clinic.people}
    free = {}
    for one in clinic.finder().on(clinic.day, clinic.minutes, clinic.wishes):
        assert one.ends - one.starts == clinic.minutes * MINUTE
        if clinic.rooms is None:
            assert one.room is None
            continue
        if one.practitioner not in free:
            person = people[one.practitioner]
            free[one.practitioner] = [(room.id, clinic.starts(person, room)) for room in clinic.rooms]
        assert one.room == next(room for room, starts in free[one.practitioner] if one.starts in starts)


@given(clinics())
def test_one_person_in_one_room_agrees_with_everybody_in_every_room(clinic):
    person, room = clinic.people[0], (clinic.rooms or [None])[0]
    found = clinic.finder().starts_of(person, room, clinic.day, clinic.minutes)
    plain = Clinic(**{**{f: getattr(clinic, f) for f in Clinic.__annotations__}, "wishes": Wishes()})
    assert list(found) == sorted(plain.starts(person, room))


def test_back_to_back_is_free_and_a_minute_less_is_not():
    day, zone = date(2026, 6, 2), ZoneInfo("Europe/London")
    held = at_local(day, time(9), zone), at_local(day, time(9, 45), zone)
    hours = {PLACE: Hours({day.weekday(): [(time(8), time(12))]})}
    for minutes, free in ((60, True), (61, False)):
        one = Held(PEOPLE[0], None, UUID(int=3), *held, held[1], held[1])
        person = [Resource(PEOPLE[0])]
        clinic = Clinic(zone, day, hours, person, None, [one], held[0] - ONE_DAY, minutes, Wishes())
        starts = {found.starts for found in clinic.finder().on(day, minutes)}
        assert (at_local(day, time(8), zone) in starts) == free
        assert at_local(day, time(9, 45), zone) in starts


def test_the_buffer_of_the_new_appointment_counts_as_well():
    day, zone = date(2026, 6, 2), ZoneInfo("Europe/London")
    starts, ends = at_local(day, time(9), zone), at_local(day, time(9, 45), zone)
    hours = {PLACE: Hours({day.weekday(): [(time(8), time(12))]})}
    one = Held(PEOPLE[0], None, UUID(int=3), starts, ends, ends, ends)
    clinic = Clinic(zone, day, hours, [Resource(PEOPLE[0], 10)], None, [one], starts - ONE_DAY, 45, Wishes())
    found = [found.starts.astimezone(zone).time() for found in clinic.finder().on(day, 45)]
    assert found[:2] == [time(8), time(9, 45)]
    assert found[-1] == time(11, 15)


@given(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.integers(0, 40), st.integers(-10, 50))
def test_days_are_walked_outward_from_the_target(first, length, off):
    last, target = first + length * ONE_DAY, first + off * ONE_DAY
    days = list(outward(first, target, last))
    assert sorted(days) == [first + number * ONE_DAY for number in range(length + 1)]
    inside = min(max(target, first), last)
    assert days == sorted(days, key=lambda day: (abs(day - inside), day))


def test_a_vacancy_overlaps_half_open():
    start = datetime.fromisoformat("2026-06-02T08:00:00+00:00")
    one = Vacancy(PEOPLE[0], None, start, start + 45 * MINUTE)
    assert one.overlaps(start + 44 * MINUTE, start + 50 * MINUTE)
    assert not one.overlaps(start + 45 * MINUTE, start + 50 * MINUTE)
    assert local_day(one.starts, ZoneInfo("UTC")) == date(2026, 6, 2)
