"""Somebody is away: whom it hits, where they could go, and that nothing is lost when one of them cannot be moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Closure, Staff
from clinic.models.hour_owner import Owner
from clinic.rules.closures import closed_period
from clinic.rules.local_time import local_day
from clinic.rules.opening import ClosureKind
from clinic.rules.refusal import Forbidden
from plans.forms.hours import decided_in
from plans.models import Appointment, Reminder
from plans.operations.appointment_state import touch
from plans.operations.away import Absence, Choice, Decided, Outcome, enter_leave_and_move, settle_hit
from plans.operations.booking import cancel_appointment
from plans.queries.away import AwayStory, HitLine, away_story
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import AppointmentState
from tests.cast import SINGLE, Cast, open_clinic, refused

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = ("Amina", "Bela", "Carla", "Dora", "Emil", "Fadi", "Gita", "Hugo")


@pytest.fixture
def clinic() -> Cast:
    return open_clinic(keys=(SINGLE,))


def booked(clinic: Cast, number: int = 3, **more: Any) -> list[Appointment]:
    """That many on one morning with Dr One, each for a first session; then it is that morning."""
    rows = []
    for hour, name in enumerate(NAMES[:number], start=9):
        session = clinic.active_plan(name, key=SINGLE).sessions.get(number=1)
        rows.append(clinic.book(session, clinic.at(session.target, hour), **more))
    clinic.now = rows[0].starts - HOUR
    return rows


def key(clinic: Cast, number: int = 0) -> str:
    return f"practitioner-{clinic.practitioners[number].pk}"


def told(clinic: Cast, whose: str = "", days: int = 1, **more: Any) -> AwayStory:
    starts, ends = span(clinic, days)
    by = more.pop("by", clinic.manager)
    wish = {"is_entered": False, "now": clinic.now}
    return away_story(by, Owner.get(whose or key(clinic), by), starts, ends, **{**wish, **more})


def span(clinic: Cast, days: int = 1) -> tuple[datetime, datetime]:
    return closed_period(clinic.today, clinic.today + (days - 1) * DAY, clinic.here.zone, None, None)


def as_chosen(story: AwayStory) -> list[Decided]:
    """What the page's form sends when nothing is ticked otherwise."""
    sent = {f"line-{line.appointment.pk}": line.chosen for line in story.lines}
    return decided_in(sent | {f"version-{line.appointment.pk}": str(line.appointment.version) for line in story.lines})


def entered(clinic: Cast, decided: Sequence[Decided], *, days: int = 1, **more: Any) -> Outcome:
    whose, by = more.pop("whose", key(clinic)), more.pop("by", clinic.desk)
    absence = Absence(whose, more.pop("kind", ClosureKind.ILL), *span(clinic, days))
    wish = {"tell": True, "by": by, "now": clinic.now, **more}
    return enter_leave_and_move(absence=absence, decided=decided, **wish)


def left(clinic: Cast, done: Outcome) -> list[Appointment]:
    closure = Closure.objects.get(pk=done.closure_id)
    story = away_story(clinic.desk, Owner.of(closure), closure.starts, closure.ends, is_entered=True, now=clinic.now)
    return [line.appointment for line in story.lines]


def letters(kind: LetterKind) -> int:
    return Reminder.objects.filter(kind=kind, state="planned").count()


def inside(line: HitLine, starts: datetime) -> bool:
    session = line.appointment.session
    return session.earliest <= local_day(starts, line.zone) <= session.latest


# -- whom it hits ----------------------------------------------------------------------------------------------------
def test_everybody_it_hits_is_listed_by_time_with_the_best_times_inside_their_windows(clinic: Cast) -> None:
    rows = booked(clinic, 8)
    story = told(clinic)
    assert [line.appointment for line in story.lines] == rows
    assert story.hit == story.movable == 8
    for line in story.lines:
        assert line.chosen == line.options[0].value and 1 <= len(line.options) <= 3
        for decided in decided_in(
            {f"line-{n}": o.value for n, o in zip((uuid4() for _ in range(3)), line.options, strict=False)}
        ):
            assert inside(line, decided.starts)
            assert decided.starts >= clinic.now


def test_no_two_are_sent_to_the_same_person_room_or_minute(clinic: Cast) -> None:
    booked(clinic, 8)
    story = told(clinic)
    lengths = {line.appointment.pk: line.appointment.ends - line.appointment.starts for line in story.lines}
    taken = [(one.starts, one.starts + lengths[one.appointment_id], one) for one in as_chosen(story)]
    for number, (starts, ends, one) in enumerate(taken):
        for begins, until, other in taken[number + 1 :]:
            if starts < until and begins < ends:
                assert one.practitioner_id != other.practitioner_id and one.room_id != other.room_id


def test_whoever_keeps_minutes_between_two_gets_them_between_two_proposals(clinic: Cast) -> None:
    clinic.practitioners[1].buffer_minutes = 30
    clinic.practitioners[1].save()
    booked(clinic, 4)
    story = told(clinic)
    done = entered(clinic, as_chosen(story))
    assert len(done.moved) == 4 and not done.not_done


def test_on_the_same_day_somebody_else_at_nearly_the_same_hour_is_first(clinic: Cast) -> None:
    [row] = booked(clinic, 1)
    [line] = told(clinic).lines
    [one] = as_chosen(told(clinic))
    assert (one.starts, one.practitioner_id) == (row.starts, clinic.practitioners[1].pk)
    assert any("as before" in option.whom for option in line.options), "and another day with the same person"


def test_a_room_under_repair_leaves_time_and_person_as_they_were(clinic: Cast) -> None:
    [row] = booked(clinic, 1)
    [one] = as_chosen(told(clinic, f"room-{clinic.rooms[0].pk}"))
    assert (one.starts, one.practitioner_id, one.room_id) == (row.starts, row.practitioner_id, clinic.rooms[1].pk)


def test_a_closed_house_sends_everybody_to_other_days(clinic: Cast) -> None:
    booked(clinic, 2)
    story = told(clinic, f"location-{clinic.here.pk}")
    for one in as_chosen(story):
        assert one.choice is Choice.MOVE and local_day(one.starts, clinic.here.zone) != clinic.today


def test_without_a_time_inside_the_window_the_line_says_so_and_offers_to_keep_or_cancel(clinic: Cast) -> None:
    [row] = booked(clinic, 1)
    session = row.session
    session.earliest = session.latest = clinic.today
    session.save()
    [line] = told(clinic, f"location-{clinic.here.pk}").lines
    assert line.options == () and line.chosen == "keep" and "No time is free" in line.why_none
    session.earliest = session.latest = clinic.today - DAY
    session.save()
    [line] = told(clinic).lines
    assert "window ended on" in line.why_none


def test_what_somebody_ticked_stays_ticked_and_frees_what_it_does_not_take(clinic: Cast) -> None:
    first, second = booked(clinic, 2)
    before = told(clinic)
    other = before.lines[0].options[1].value
    story = told(clinic, chosen={first.pk: other, second.pk: "cancel"})
    assert [line.chosen for line in story.lines] == [other, "cancel"]
    assert story.movable == 1


def test_who_was_treated_or_cancelled_is_not_hit(clinic: Cast) -> None:
    first, second, third = booked(clinic, 3)
    cancel_appointment(appointment_id=first.pk, reason="ill", by=clinic.desk, now=clinic.now)
    second.state = AppointmentState.DONE
    touch(second, by=clinic.doctor, now=clinic.now)
    assert [line.appointment for line in told(clinic).lines] == [third]
    clinic.now = third.ends
    assert told(clinic).hit == 0


def test_the_patients_of_another_place_are_counted_and_not_shown(clinic: Cast) -> None:
    rows = booked(clinic, 2)
    rows[0].patient.home_location = clinic.there
    rows[0].patient.save()
    story = told(clinic, by=clinic.desk)
    assert [line.appointment for line in story.lines] == rows[1:] and story.others == 1 and story.hit == 2


def test_the_list_asks_no_more_of_the_database_for_eight_than_for_two(clinic: Cast) -> None:
    booked(clinic, 8)
    few, many = (CaptureQueriesContext(connection) for _ in range(2))
    owner = Owner.get(key(clinic), clinic.desk)
    noon = clinic.at(clinic.today, 11)
    with few:
        assert away_story(clinic.desk, owner, clinic.now, noon, is_entered=False, now=clinic.now).hit == 2
    with many:
        assert away_story(clinic.desk, owner, *span(clinic), is_entered=False, now=clinic.now).hit == 8
    # Hit and visible, people, rooms, three of hours, what is taken.
    assert len(few) == len(many) <= 8


# -- entering it -----------------------------------------------------------------------------------------------------
def test_all_are_moved_inside_their_windows_and_told(clinic: Cast) -> None:
    booked(clinic, 8)
    story = told(clinic)
    done = entered(clinic, as_chosen(story))
    assert len(done.moved) == 8 and not done.not_done
    closure = Closure.objects.get(pk=done.closure_id)
    for line, new in zip(story.lines, done.moved, strict=True):
        assert new.rescheduled_from == line.appointment and inside(line, new.starts)
        assert new.practitioner_id != clinic.practitioners[0].pk or not (closure.starts <= new.starts < closure.ends)
        assert new.reason == "Dr One is away" and new.asked_by == "clinic"
    assert letters(LetterKind.APPOINTMENT_MOVED) == 8
    assert left(clinic, done) == []


def test_nobody_is_told_when_the_desk_phones(clinic: Cast) -> None:
    booked(clinic, 2)
    entered(clinic, as_chosen(told(clinic)), tell=False)
    assert letters(LetterKind.APPOINTMENT_MOVED) == 0


def test_one_whose_time_was_taken_meanwhile_is_reported_and_stays_listed_and_the_others_are_moved(clinic: Cast) -> None:
    rows = booked(clinic, 3)
    decided = as_chosen(told(clinic))
    quick = clinic.active_plan("Quick", key=SINGLE, starts_on=clinic.today).sessions.get(number=1)
    thief = decided[1]
    clinic.book(quick, thief.starts, practitioner_id=thief.practitioner_id, room_id=clinic.rooms[1].pk)
    done = entered(clinic, decided)
    assert [new.rescheduled_from for new in done.moved] == [rows[0], rows[2]]
    [bad] = done.not_done
    assert bad.appointment == rows[1] and "busy" in bad.sentence
    assert left(clinic, done) == [rows[1]]
    again = settle_hit(
        closure_id=done.closure_id, tell=True, by=clinic.desk, now=clinic.now,
        decided=as_chosen(told(clinic, is_entered=True)),
    )  # fmt: skip
    assert len(again.moved) == 1 and left(clinic, again) == []


def test_one_that_somebody_changed_meanwhile_is_left_alone_and_named(clinic: Cast) -> None:
    rows = booked(clinic, 2)
    decided = as_chosen(told(clinic))
    rows[0].refresh_from_db()
    touch(rows[0], by=clinic.doctor, now=clinic.now)
    done = entered(clinic, decided)
    assert len(done.moved) == 1
    assert "Changed meanwhile by" in done.not_done[0].sentence


def test_keep_leaves_it_listed_and_cancel_tells_the_patient(clinic: Cast) -> None:
    first, second = booked(clinic, 2)
    decided = [Decided(first.pk, Choice.KEEP), Decided(second.pk, Choice.CANCEL, second.version)]
    done = entered(clinic, decided)
    second.refresh_from_db()
    assert second.state == AppointmentState.CANCELLED and second.reason == "Dr One is away"
    assert done.cancelled == (second,) and left(clinic, done) == [first]
    assert letters(LetterKind.APPOINTMENT_CANCELLED) == 1


def test_a_form_sent_twice_moves_everybody_once(clinic: Cast) -> None:
    booked(clinic, 3)
    decided, token = as_chosen(told(clinic)), uuid4()
    one = entered(clinic, decided, token=token)
    two = entered(clinic, decided, token=token)
    assert one.closure_id == two.closure_id and not two.not_done
    assert [row.pk for row in one.moved] == [row.pk for row in two.moved]
    assert Closure.objects.count() == 1 and letters(LetterKind.APPOINTMENT_MOVED) == 3


def test_a_leave_that_is_refused_moves_nobody(clinic: Cast) -> None:
    rows = booked(clinic, 2)
    decided = as_chosen(told(clinic))
    with refused("too_long"):
        entered(clinic, decided, days=500)
    for row in rows:
        row.refresh_from_db()
        assert row.state == AppointmentState.BOOKED
    assert not Closure.objects.exists()


def test_a_time_outside_the_window_is_refused_even_when_a_form_asks_for_it(clinic: Cast) -> None:
    [row] = booked(clinic, 1)
    late = clinic.at(row.session.latest + DAY, 10)
    wish = Decided(row.pk, Choice.MOVE, row.version, late, clinic.practitioners[1].pk, clinic.rooms[1].pk)
    done = entered(clinic, [wish])
    assert not done.moved and "should be by" in done.not_done[0].sentence


def test_only_who_keeps_the_calendar_of_this_place_enters_it(clinic: Cast) -> None:
    [row] = booked(clinic, 1)
    decided = as_chosen(told(clinic))
    with pytest.raises(Exception) as caught:
        entered(clinic, decided, by=clinic.outsider)
    assert type(caught.value).__name__ == "DoesNotExist"
    nobody = Staff.objects.create(username="nobody")
    nobody.locations.set([clinic.here])
    with pytest.raises(Forbidden):
        entered(clinic, decided, by=nobody)
    row.refresh_from_db()
    assert row.state == AppointmentState.BOOKED


@pytest.mark.parametrize("value", ["", "soon", "2026-11-23T10:00:00|x|", "2026-11-23T10:00:00+00:00||", "keep", "||"])
def test_what_cannot_be_read_is_kept_for_now(value: str) -> None:
    [one] = decided_in({f"line-{uuid4()}": value, "line-nobody": "cancel"})
    assert one.choice is Choice.KEEP
