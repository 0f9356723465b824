"""Who and what can be had at a time: hours, minutes between two, and a database that refuses by itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import Closure, Location, Practitioner, Room, SpecialHours, WeeklyHours
from clinic.rules.opening import ClosureKind
from clinic.rules.refusal import Refusal
from patients.models import Patient
from plans.models import Appointment
from plans.models.slots import Blocks
from plans.operations.booking import book_appointment, cancel_appointment, move_appointment
from plans.operations.slot import refusing_overlaps
from plans.operations.visits import check_in, mark_no_show
from plans.rules.states import HOLDING, AppointmentPurpose, AppointmentState
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WHOSE = ("practitioner", "room", "patient")
FREE = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def day(cast: Cast) -> date:
    return cast.today + timedelta(days=7)


def talk(cast: Cast, starts: datetime, number: int = 0, **more: Any) -> Appointment:
    """Somebody new comes to talk for 45 minutes."""
    who = more.pop("patient", None) or cast.patient("Ivo")
    wish = {"patient_id": who.pk, "minutes": 45, "by": cast.desk, **cast.place(number), **more}
    return book_appointment(purpose=AppointmentPurpose.CONSULTATION, starts=starts, now=cast.now, **wish)


def alone(cast: Cast, whose: str) -> dict[str, Any]:
    """A wish that shares only one thing with whoever has practitioner and room 0 and is person 0."""
    wish: dict[str, Any] = {"number": 1}
    if whose == "practitioner":
        return {"number": 0, "room_id": cast.rooms[1].pk}
    if whose == "room":
        return {"number": 1, "room_id": cast.rooms[0].pk}
    return wish | {"patient": cast.people[0]}


# -- minutes between two ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("whose", WHOSE)
def test_back_to_back_fits_and_one_minute_of_overlap_does_not(cast: Cast, day: date, whose: str) -> None:
    first = talk(cast, cast.at(day, 11))
    for starts in (first.ends - MINUTE, first.starts - 44 * MINUTE, first.starts + MINUTE):
        with refused(f"{whose}_busy"):
            talk(cast, starts, **alone(cast, whose))
    assert talk(cast, first.ends, **alone(cast, whose)).starts == first.ends
    assert talk(cast, first.starts - 45 * MINUTE, **alone(cast, whose)).ends == first.starts


@pytest.mark.parametrize(("model", "whose"), [(Practitioner, "practitioner"), (Room, "room")])
def test_minutes_between_two_are_kept_before_and_behind(cast: Cast, day: date, model: type, whose: str) -> None:
    model._default_manager.update(buffer_minutes=10)
    first = talk(cast, cast.at(day, 11))
    assert getattr(first, f"{whose}_free_at") == first.ends + 10 * MINUTE
    for starts in (first.ends + 9 * MINUTE, first.starts - 54 * MINUTE):
        with refused(f"{whose}_busy"):
            talk(cast, starts, **alone(cast, whose))
    assert talk(cast, first.ends + 10 * MINUTE, **alone(cast, whose)).starts == first.ends + 10 * MINUTE
    assert talk(cast, first.starts - 55 * MINUTE, **alone(cast, whose)).ends == first.starts - 10 * MINUTE


def test_each_keeps_minutes_of_its_own(cast: Cast, day: date) -> None:
    Practitioner.objects.filter(pk=cast.practitioners[0].pk).update(buffer_minutes=5)
    Room.objects.filter(pk=cast.rooms[0].pk).update(buffer_minutes=20)
    first = talk(cast, cast.at(day, 11))
    with refused("room_busy"):
        talk(cast, first.ends + 5 * MINUTE)
    assert talk(cast, first.ends + 5 * MINUTE, room_id=cast.rooms[1].pk).room == cast.rooms[1]
    assert talk(cast, first.ends + 20 * MINUTE, 1, room_id=cast.rooms[0].pk).room == cast.rooms[0]


def test_a_patient_needs_no_minutes_between_two(cast: Cast, day: date) -> None:
    Practitioner.objects.update(buffer_minutes=15)
    first = talk(cast, cast.at(day, 11))
    again = talk(cast, first.ends, 1, patient=cast.people[0])
    assert again.patient == first.patient


def test_minutes_may_reach_beyond_closing_time(cast: Cast, day: date) -> None:
    Practitioner.objects.update(buffer_minutes=30)
    assert talk(cast, cast.at(day, 18, 15)).ends == cast.at(day, 19)


def test_new_minutes_hold_for_new_appointments(cast: Cast, day: date) -> None:
    first = talk(cast, cast.at(day, 11))
    Practitioner.objects.update(buffer_minutes=10)
    # The one behind needs its ten minutes; those of the one before were agreed on without.
    with refused("practitioner_busy"):
        talk(cast, first.starts - 45 * MINUTE)
    assert talk(cast, first.ends).starts == first.ends


def test_a_move_is_not_in_its_own_way_with_its_minutes(cast: Cast, day: date) -> None:
    Practitioner.objects.update(buffer_minutes=10)
    Room.objects.update(buffer_minutes=10)
    row = talk(cast, cast.at(day, 11))
    for by in (50 * MINUTE, -5 * MINUTE):
        row = move_appointment(
            appointment_id=row.pk, starts=row.starts + by, minutes=45, reason="asked", version=row.version,
            by=cast.desk, now=cast.now, **cast.place(),
        )  # fmt: skip
    assert Appointment.objects.live().get() == row
    assert row.practitioner_free_at == row.room_free_at == row.ends + 10 * MINUTE


# -- hours -----------------------------------------------------------------------------------------------------------
def test_a_part_time_room_is_refused_by_name(cast: Cast, day: date) -> None:
    hours = {"location": cast.here, "room": cast.rooms[0], "weekday": day.weekday()}
    WeeklyHours.objects.create(opens=time(9), closes=time(12), **hours)
    with pytest.raises(Refusal, match=r"^Room 1 cannot be used then: choose another room or time\.$"):
        talk(cast, cast.at(day, 11, 30))
    assert talk(cast, cast.at(day, 11, 15)).ends == cast.at(day, 12)
    assert talk(cast, cast.at(day, 13), room_id=cast.rooms[1].pk).room == cast.rooms[1]


def test_special_hours_stand_instead_of_the_weekly_ones(cast: Cast, day: date) -> None:
    SpecialHours.objects.create(location=cast.here, day=day, opens=time(14), closes=time(21))
    with pytest.raises(Refusal, match="outside the hours of that day: 14:00 to 21:00"):
        talk(cast, cast.at(day, 11))
    assert talk(cast, cast.at(day, 20)).starts == cast.at(day, 20)
    assert talk(cast, cast.at(day + DAY, 11)).starts == cast.at(day + DAY, 11)


def test_leave_of_one_closes_nobody_else(cast: Cast, day: date) -> None:
    close(cast, day, practitioner=cast.practitioners[0])
    with pytest.raises(Refusal, match=r"^Dr One does not work on \w{3} \d+ \w{3} \d{4}\.$"):
        talk(cast, cast.at(day, 11))
    assert talk(cast, cast.at(day, 11), 1).practitioner == cast.practitioners[1]


def test_a_break_is_cut_out_of_the_day(cast: Cast, day: date) -> None:
    close(cast, day, cast.at(day, 12), cast.at(day, 13), practitioner=cast.practitioners[0])
    with pytest.raises(Refusal, match="outside the hours of that day: 09:00 to 12:00, 13:00 to 19:00"):
        talk(cast, cast.at(day, 12))
    with refused("outside_hours"):
        talk(cast, cast.at(day, 11, 16))
    assert talk(cast, cast.at(day, 11, 15)).ends == cast.at(day, 12)
    assert talk(cast, cast.at(day, 13)).starts == cast.at(day, 13)


def test_a_public_holiday_closes_the_location(cast: Cast, day: date) -> None:
    close(cast, day)
    for number in (0, 1):
        with refused("outside_hours"):
            talk(cast, cast.at(day, 11), number)
    assert talk(cast, cast.at(day, 11), by=cast.doctor, override_reason="an emergency").starts == cast.at(day, 11)


def test_no_reason_overrules_a_repair(cast: Cast, day: date) -> None:
    close(cast, day, room=cast.rooms[0])
    for hour in (11, 20):
        with refused("room_closed"):
            talk(cast, cast.at(day, hour), by=cast.doctor, override_reason="an emergency")
    assert talk(cast, cast.at(day, 11), room_id=cast.rooms[1].pk).room == cast.rooms[1]


def test_what_is_closed_or_gone_for_good_is_a_sentence(cast: Cast, day: date) -> None:
    Room.objects.filter(pk=cast.rooms[0].pk).update(is_active=False)
    with pytest.raises(Refusal, match="Room 1 cannot be used with Dr One"):
        talk(cast, cast.at(day, 11))
    Practitioner.objects.filter(pk=cast.practitioners[0].pk).update(is_active=False)
    with pytest.raises(Refusal, match="does not work here any more"):
        talk(cast, cast.at(day, 11), room_id=None)
    Location.objects.filter(pk=cast.here.pk).update(is_active=False)
    with pytest.raises(Refusal, match="is closed for good"):
        talk(cast, cast.at(day, 11), 1, room_id=None)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("minutes", [0, -30, 24 * 60 + 1])
def test_an_appointment_ends_after_it_starts_and_within_a_day(cast: Cast, day: date, minutes: int) -> None:
    with refused("wrong_times"):
        talk(cast, cast.at(day, 11), minutes=minutes)


def close(cast: Cast, day: date, starts: datetime | None = None, ends: datetime | None = None, **whose: Any) -> None:
    begins, until = starts or cast.at(day), ends or cast.at(day + DAY)
    Closure.objects.create(
        location=cast.here, kind=ClosureKind.OTHER, starts=begins, ends=until, made_at=cast.now, **whose
    )


# -- the database, by itself -----------------------------------------------------------------------------------------
def row(cast: Cast, starts: datetime, **more: Any) -> Appointment:
    """A row nobody has looked at: practitioner and room 0, person 0, unless `more` says otherwise."""
    ends = more.pop("ends", starts + 45 * MINUTE)
    usual = {
        "patient": person(cast),
        "practitioner": cast.practitioners[0],
        "room": cast.rooms[0],
        "practitioner_free_at": ends,
        "room_free_at": ends,
    }
    return Appointment(
        location=cast.here, purpose=AppointmentPurpose.CONSULTATION, starts=starts, ends=ends, booked_at=cast.now,
        changed_at=cast.now, **{**usual, **more},
    )  # fmt: skip


def person(cast: Cast) -> Patient:
    return cast.people[0] if cast.people else cast.patient()


def only(cast: Cast, whose: str) -> dict[str, Any]:
    """Everything else than `whose` is another's."""
    person(cast)
    others = {"patient": cast.patient("Ivo"), "practitioner": cast.practitioners[1], "room": cast.rooms[1]}
    return {name: value for name, value in others.items() if name != whose}


def refused_by_the_database(whose: str, act: Any) -> None:
    with pytest.raises(IntegrityError, match=f"{whose}_is_booked_once"), transaction.atomic():
        act()


@pytest.mark.parametrize("state", sorted(HOLDING))
@pytest.mark.parametrize("whose", WHOSE)
def test_the_database_refuses_one_minute_of_overlap(cast: Cast, day: date, whose: str, state: str) -> None:
    first = row(cast, cast.at(day, 11), state=state)
    Appointment.objects.bulk_create([first])
    for starts in (first.ends - MINUTE, first.starts - 44 * MINUTE, first.starts, first.starts + 20 * MINUTE):
        inside = row(cast, starts, **only(cast, whose))
        refused_by_the_database(whose, lambda inside=inside: Appointment.objects.bulk_create([inside]))
    for starts in (first.ends, first.starts - 45 * MINUTE):
        Appointment.objects.bulk_create([row(cast, starts, **only(cast, whose))])


@pytest.mark.parametrize("whose", ["practitioner", "room"])
def test_the_database_keeps_the_minutes_between_two(cast: Cast, day: date, whose: str) -> None:
    first = row(cast, cast.at(day, 11))
    setattr(first, f"{whose}_free_at", first.ends + 10 * MINUTE)
    first.save()
    refused_by_the_database(whose, row(cast, first.ends + 9 * MINUTE, **only(cast, whose)).save)
    row(cast, first.ends + 10 * MINUTE, **only(cast, whose)).save()
    before = row(cast, first.starts - 50 * MINUTE, **only(cast, whose))
    setattr(before, f"{whose}_free_at", before.ends + 6 * MINUTE)
    refused_by_the_database(whose, before.save)
    setattr(before, f"{whose}_free_at", before.ends + 5 * MINUTE)
    before.save()


@pytest.mark.parametrize("state", FREE)
def test_what_was_cancelled_or_missed_holds_nothing(cast: Cast, day: date, state: str) -> None:
    row(cast, cast.at(day, 11), state=state).save()
    row(cast, cast.at(day, 11)).save()
    row(cast, cast.at(day, 11), state=state).save()
    assert Appointment.objects.filter(state=AppointmentState.BOOKED).count() == 1


@pytest.mark.parametrize("whose", WHOSE)
@pytest.mark.parametrize("state", FREE)
def test_the_database_refuses_what_comes_back_too_late(cast: Cast, day: date, whose: str, state: str) -> None:
    gone = row(cast, cast.at(day, 11), state=state, **only(cast, whose))
    gone.save()
    row(cast, cast.at(day, 11, 44)).save()
    mine = Appointment.objects.filter(pk=gone.pk)
    refused_by_the_database(whose, lambda: mine.update(state=AppointmentState.BOOKED))
    ends = gone.ends - MINUTE
    mine.update(starts=gone.starts - MINUTE, ends=ends, practitioner_free_at=ends, room_free_at=ends)
    assert mine.update(state=AppointmentState.BOOKED) == 1


@pytest.mark.parametrize("whose", WHOSE)
def test_the_database_refuses_a_time_or_a_person_changed_into_anothers(cast: Cast, day: date, whose: str) -> None:
    first = row(cast, cast.at(day, 11))
    first.save()
    later = row(cast, cast.at(day, 13), **only(cast, whose))
    later.save()
    mine = Appointment.objects.filter(pk=later.pk)
    times = {"starts": first.ends - MINUTE, "ends": first.ends + HOUR}
    buffers = {"practitioner_free_at": first.ends + HOUR, "room_free_at": first.ends + HOUR}
    refused_by_the_database(whose, lambda: mine.update(**times, **buffers))
    assert mine.update(**{**times, "starts": first.ends}, **buffers) == 1
    elsewhere = row(cast, cast.at(day, 11), **{**only(cast, ""), whose: other(cast, whose)})
    elsewhere.save()
    wanted = {whose: getattr(first, whose)}
    refused_by_the_database(whose, lambda: Appointment.objects.filter(pk=elsewhere.pk).update(**wanted))


def other(cast: Cast, whose: str) -> Any:
    """A third one, so that only the change itself can be in the way."""
    if whose == "patient":
        return cast.patient("Mina")
    return {"practitioner": Practitioner, "room": Room}[whose]._default_manager.create(location=cast.here, name="Third")


def test_bare_sql_is_refused_as_well(cast: Cast, day: date) -> None:
    first = row(cast, cast.at(day, 11))
    first.save()
    second = row(cast, cast.at(day, 13))
    second.save()
    key = second.pk if connection.vendor == "postgresql" else second.pk.hex

    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE plans_appointment SET starts = %s WHERE id = %s", [first.starts, key])

    refused_by_the_database("(practitioner|room|patient)", act)


def test_an_unchanged_row_can_always_be_saved(cast: Cast, day: date) -> None:
    first, second = row(cast, cast.at(day, 11)), row(cast, cast.at(day, 11, 45))
    for one in (first, second, first, second):
        one.save()


def test_many_rooms_of_none_are_no_room(cast: Cast, day: date) -> None:
    row(cast, cast.at(day, 11), room=None).save()
    row(cast, cast.at(day, 11), room=None, patient=cast.patient("Ivo"), practitioner=cast.practitioners[1]).save()
    assert Appointment.objects.count() == 2


def test_the_last_word_is_there_after_all_migrations() -> None:
    """A migration that makes the table anew on SQLite loses its triggers without a word: it has to make them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'plans_appointment'")
            wanted = {f"{whose}_is_booked_once_{verb}" for whose in WHOSE for verb in ("insert", "update")}
        else:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'x' AND convalidated "
                "AND conrelid = 'plans_appointment'::regclass"
            )
            wanted = {f"{whose}_is_booked_once" for whose in WHOSE}
        assert {name for (name,) in cursor.fetchall()} == wanted


def test_a_clinic_that_booked_twice_before_is_told_so_when_it_is_brought_up_to_date(cast: Cast, day: date) -> None:
    migration = import_module("plans.migrations.0004_no_double_booking")
    with connection.cursor() as cursor:
        for statement in migration.UNDO[connection.vendor]:
            cursor.execute(statement)
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        row(cast, cast.at(day, 11)).save()
        late = row(cast, cast.at(day, 11, 44), **only(cast, "room"))
        late.save()
        with pytest.raises(
            migration.BookedTwice, match=r"^Appointments of the same room overlap: \S+ and \S+\. Cancel"
        ):
            migration.refuse(None, editor)
        Appointment.objects.filter(pk=late.pk).update(starts=cast.at(day, 11, 45))
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        migration.refuse(None, editor)
    refused_by_the_database("room", row(cast, cast.at(day, 11, 50)).save)


# -- should the look before ever miss something ----------------------------------------------------------------------
@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Blocks, "clash", lambda *_: None)


@pytest.mark.parametrize("whose", WHOSE)
def test_what_the_look_misses_the_database_says_in_a_sentence(cast: Cast, day: date, whose: str, blind: None) -> None:
    first = talk(cast, cast.at(day, 11))
    with refused(f"{whose}_busy"):
        talk(cast, first.starts + 30 * MINUTE, **alone(cast, whose))
    # The transaction goes on: nothing but the one row was taken back.
    other = talk(cast, first.ends, **alone(cast, whose))
    with refused(f"{whose}_busy"):
        move_appointment(
            appointment_id=other.pk, starts=first.starts, minutes=45, reason="asked",
            practitioner_id=other.practitioner_id, room_id=other.room_id, by=cast.desk, now=cast.now,
        )  # fmt: skip
    other.refresh_from_db()
    assert (other.state, other.version) == (AppointmentState.BOOKED, 1)


def test_a_session_booked_twice_at_once_is_a_sentence(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = cast.active_plan()
    first = plan.sessions.get(number=1)
    cast.book(first, cast.at(plan.starts_on, 11))
    monkeypatch.setattr("plans.operations.booking.refuse_second", lambda live: None)
    with refused("booked_already"):
        cast.book(first, cast.at(plan.starts_on, 15), **cast.place(1))


def test_other_trouble_of_the_database_stays_trouble(cast: Cast, day: date) -> None:
    backwards = row(cast, cast.at(day, 11), ends=cast.at(day, 10))
    with pytest.raises(IntegrityError, match="appointment_ends_after_it_starts"), refusing_overlaps():
        backwards.save()


def test_who_comes_after_her_time_was_given_away_is_told(cast: Cast, day: date) -> None:
    missed = talk(cast, cast.at(day, 11))
    cast.now = missed.starts + 20 * MINUTE
    mark_no_show(appointment_id=missed.pk, by=cast.desk, now=cast.now)
    instead = talk(cast, missed.starts + 30 * MINUTE)
    with pytest.raises(Refusal, match="given to somebody else meanwhile"):
        check_in(appointment_id=missed.pk, by=cast.desk, now=cast.now + MINUTE)
    missed.refresh_from_db()
    assert missed.state == AppointmentState.NO_SHOW
    cancel_appointment(appointment_id=instead.pk, reason="ill", by=cast.desk, now=cast.now)
    assert check_in(appointment_id=missed.pk, by=cast.desk, now=cast.now).state == AppointmentState.ARRIVED
