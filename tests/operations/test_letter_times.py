"""A location's own times: what a change would do, the change, and the letters that follow it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from clinic.models import AuditLine, Location
from clinic.rules.refusal import Forbidden
from clinic.rules.spans import Span
from plans.models import LetterTime, Reminder
from plans.operations import letter_times as deeds
from plans.operations.letter_times import (
    change_letter_times,
    follow_letter_times,
    foresee_letter_times,
    letter_times_of,
    letters_still_follow,
    times_mark,
)
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_times import KindTimes, LetterTimes
from tests.cast import refused
from tests.operations.letter_cast import DAY, HOUR, NOW, book, complete, location, patient, plan_of, staff

pytestmark = pytest.mark.django_db
K = LetterKind


@pytest.fixture
def here() -> Location:
    """Three patients: one with a session to come, one just treated, one with neither."""
    coming, treated, _ = (plan_of(patient(name)) for name in ("Mei", "Noor", "Ana"))
    book(coming.patient, NOW + 9 * DAY, session=coming.sessions.first())
    complete(treated.sessions.first(), NOW)
    return location()


@pytest.fixture
def manager():
    return staff("manager", is_manager=True)


def with_times(here: Location, **changes: object) -> LetterTimes:
    """What is set, with other times for some kinds."""
    current = letter_times_of(here)
    own = {kind: changes.get(kind.value, times) for kind, times in current.own.items()}
    return replace(current, own=own)


def save(here: Location, times: LetterTimes, by: object, seen: str = "") -> None:
    mark = seen or times_mark(letter_times_of(here))
    change_letter_times(location_id=here.pk, times=times, seen=mark, by=by, now=NOW + HOUR)


SOONER = KindTimes(True, Span.parse("3 days"))
OFF = KindTimes(False, Span.parse("3 days"), time(10))
WEEK = KindTimes(True, Span.parse("7 days"))


def test_what_a_change_would_do_is_counted_and_nothing_written(here: Location, manager) -> None:
    before = list(Reminder.objects.order_by("pk").values())
    times = with_times(here, session_reminder=SOONER, swelling_check=OFF, week_reminder=WEEK)
    effect = foresee_letter_times(location_id=here.pk, times=times, by=manager, now=NOW + HOUR)
    assert (effect.patients, effect.looked_at) == (3, 3)
    assert (effect.new, effect.gone, effect.moved, effect.at_once) == (1, 1, 1, 0)
    assert list(Reminder.objects.order_by("pk").values()) == before
    assert not LetterTime.objects.exists()
    nothing = foresee_letter_times(location_id=here.pk, times=letter_times_of(here), by=manager, now=NOW + HOUR)
    assert nothing.is_nothing


def test_a_saved_change_is_written_and_planned_letters_follow(here: Location, manager) -> None:
    save(here, with_times(here, session_reminder=SOONER, swelling_check=OFF, week_reminder=WEEK), manager)
    assert set(LetterTime.objects.values_list("kind", flat=True)) == {
        K.SESSION_REMINDER,
        K.SWELLING_CHECK,
        K.WEEK_REMINDER,
    }
    assert letters_still_follow(here)
    assert follow_letter_times(now=NOW + HOUR, seconds=5) == 3
    assert not letters_still_follow(here)
    assert Reminder.objects.get(kind=K.SESSION_REMINDER).due_at == NOW + 6 * DAY
    assert Reminder.objects.get(kind=K.SWELLING_CHECK).state_reason == "the location does not send this letter"
    assert Reminder.objects.get(kind=K.WEEK_REMINDER).due_at == NOW + 2 * DAY
    asked, followed = AuditLine.objects.filter(happened="letter_times.changed").order_by("id")
    assert asked.by == manager
    assert asked.details["times"]["session_reminder"] == "on, 48 hours → on, 3 days"
    assert (followed.by, followed.details["letters"], followed.details["patients"]) == (None, 3, 3)
    assert follow_letter_times(now=NOW + 2 * HOUR, seconds=5) == 0


def test_a_run_that_was_cut_off_goes_on_behind_the_last_step(here: Location, manager, monkeypatch) -> None:
    monkeypatch.setattr(deeds, "AT_ONCE", 1)
    save(here, with_times(here, session_reminder=SOONER, swelling_check=OFF), manager)
    done = [follow_letter_times(now=NOW + HOUR, seconds=0) for _ in range(4)]
    assert sum(done) == 2
    assert not letters_still_follow(here)
    steps = AuditLine.objects.filter(happened="letter_times.changed", by=None).order_by("id")
    assert [line.details["patients"] for line in steps] == [1, 1, 1, 0]


def test_set_back_to_the_houses_times_nothing_of_its_own_is_left(here: Location, manager) -> None:
    usual = letter_times_of(here)
    save(here, with_times(here, session_reminder=SOONER), manager)
    save(here, usual, manager)
    assert not LetterTime.objects.exists()
    assert letter_times_of(here) == usual


def test_the_letter_after_a_no_show_is_switched_where_it_always_was(here: Location, manager) -> None:
    save(here, with_times(here, appointment_missed=KindTimes(False, Span.parse("1 hour"))), manager)
    here.refresh_from_db()
    assert not here.writes_after_no_show
    assert not letter_times_of(here).of(K.APPOINTMENT_MISSED).is_on
    assert not LetterTime.objects.exists()


def test_quiet_hours_move_what_was_planned_into_them(here: Location, manager) -> None:
    times = replace(letter_times_of(here), quiet_from=time(8), quiet_until=time(12))
    save(here, times, manager)
    follow_letter_times(now=NOW + HOUR, seconds=5)
    assert Reminder.objects.get(kind=K.SESSION_REMINDER).due_at == NOW + 7 * DAY + 3 * HOUR
    assert Reminder.objects.get(kind=K.APPOINTMENT_BOOKED).due_at == NOW


def test_two_managers_do_not_overwrite_each_other(here: Location, manager) -> None:
    seen = times_mark(letter_times_of(here))
    save(here, with_times(here, session_reminder=SOONER), manager, seen)
    with refused("changed_meanwhile"):
        save(here, with_times(here, swelling_check=OFF), manager, seen)
    with refused("nothing_changed"):
        save(here, letter_times_of(here), manager)
    with refused("out_of_range"):
        save(here, with_times(here, session_reminder=KindTimes(True, Span.parse("1 hour"))), manager)


def test_only_a_manager_of_the_place_sets_its_times(here: Location) -> None:
    elsewhere = staff("far", location("Hill Clinic"), is_manager=True)
    with pytest.raises(Location.DoesNotExist):
        save(here, with_times(here, swelling_check=OFF), elsewhere)
    with pytest.raises(Forbidden):
        save(here, with_times(here, swelling_check=OFF), staff("desk", is_front_desk=True))


def test_counting_costs_the_same_queries_for_one_patient_and_for_many(
    here: Location, manager, django_assert_max_num_queries
) -> None:
    for number in range(20):
        plan = plan_of(patient(f"P{number}"), sessions=1)
        book(plan.patient, NOW + 20 * DAY + number * DAY, session=plan.sessions.first())
    with django_assert_max_num_queries(15):
        foresee_letter_times(location_id=here.pk, times=with_times(here, swelling_check=OFF), by=manager, now=NOW)
