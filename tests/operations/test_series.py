"""A whole series booked in one go: all of it or nothing, once, and inside its windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from plans.models import Appointment, Plan, Review, Session
from plans.models.facts import minutes_of
from plans.operations.plans import activate_plan
from plans.operations.series import LineRefused, Pick, book_series
from plans.rules.states import SessionState
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return cast.active_plan()


def pick(cast: Cast, one: Session | Review, day: Any, hour: int = 10, place: int = 0, **more: Any) -> Pick:
    minutes = minutes_of(one, one.plan.course) if isinstance(one, Session) else 30
    wish = {**cast.place(place), "starts": cast.at(day, hour), "minutes": minutes, **more}
    return Pick(one.pk, **wish)


def all_of(cast: Cast, plan: Plan, hour: int = 10) -> list[Pick]:
    """Every session on its best day and the review after three months."""
    sessions = [pick(cast, one, one.target, hour) for one in plan.sessions.order_by("number")]
    review = plan.reviews.get(months=3)
    return [*sessions, pick(cast, review, review.due, hour + 2)]


def book(cast: Cast, plan: Plan, picks: Iterable[Pick], **more: Any) -> list[Appointment]:
    return book_series(**{"plan_id": plan.pk, "picks": list(picks), "by": cast.desk, "now": cast.now, **more})


def test_a_whole_course_is_booked_together(cast: Cast, plan: Plan) -> None:
    picks = all_of(cast, plan)
    made = book(cast, plan, reversed(picks))
    assert [(one.session_id or one.review_id, one.starts) for one in made] == [
        (one.subject, one.starts) for one in sorted(picks, key=lambda one: one.starts)
    ]
    assert len({one.series for one in made}) == 1
    assert made[0].series is not None
    assert not any(one.is_silent for one in made)
    line = AuditLine.objects.get(happened="series.booked")
    assert line.about_id == plan.pk
    assert line.details["appointments"] == [str(one.pk) for one in made]
    assert AuditLine.objects.filter(happened="appointment.booked").count() == len(picks)


def test_of_a_series_nobody_is_to_be_told_of_no_letter_tells(cast: Cast, plan: Plan) -> None:
    assert all(one.is_silent for one in book(cast, plan, all_of(cast, plan), tell=False))


def test_one_alone_is_no_series(cast: Cast, plan: Plan) -> None:
    (made,) = book(cast, plan, all_of(cast, plan)[:1])
    assert made.series is None
    assert not AuditLine.objects.filter(happened="series.booked").exists()


def test_when_one_line_is_refused_nothing_is_booked_and_the_line_is_named(cast: Cast, plan: Plan) -> None:
    picks = all_of(cast, plan)
    third = plan.sessions.get(number=3)
    other = cast.active_plan("Other", starts_on=third.target).sessions.get(number=1)
    cast.book(other, picks[2].starts)
    with pytest.raises(LineRefused) as caught:
        book(cast, plan, picks)
    assert caught.value.subject == third.pk
    assert caught.value.code == "practitioner_busy"
    assert caught.value.sentence.startswith("Session 3: Dr One is busy ")
    assert not plan.patient.appointments.exists()
    assert not AuditLine.objects.filter(happened__in=["series.booked", "appointment.booked"], about_id=plan.pk).exists()


def test_a_session_is_held_against_its_window_once_those_before_it_are_booked(cast: Cast, plan: Plan) -> None:
    """The first a week later than its best day: where the second was best before, it is too early now."""
    first, second, *_ = plan.sessions.order_by("number")
    as_it_was = second.earliest
    with refused("too_early"):
        book(cast, plan, [pick(cast, first, first.target + WEEK), pick(cast, second, as_it_was)])
    assert not plan.patient.appointments.exists()
    assert len(book(cast, plan, [pick(cast, first, first.target + WEEK), pick(cast, second, as_it_was + WEEK)])) == 2


def test_the_same_form_sent_twice_books_once(cast: Cast, plan: Plan) -> None:
    token, picks = uuid4(), all_of(cast, plan)
    made = book(cast, plan, picks, token=token)
    assert book(cast, plan, picks, token=token) == made
    assert Appointment.objects.count() == len(picks)
    with refused("booked_already"):
        book(cast, plan, picks, token=uuid4())


def test_a_form_that_was_refused_can_be_sent_again(cast: Cast, plan: Plan) -> None:
    token, picks = uuid4(), all_of(cast, plan)
    with refused("past"):
        book(cast, plan, [*picks[1:], pick(cast, plan.sessions.get(number=1), cast.today - DAY)], token=token)
    assert len(book(cast, plan, picks, token=token)) == len(picks)


def test_the_same_line_twice_is_refused(cast: Cast, plan: Plan) -> None:
    one = all_of(cast, plan)[0]
    with refused("booked_already"):
        book(cast, plan, [one, one])
    assert not plan.patient.appointments.exists()


def test_two_lines_at_one_time_are_one_too_many(cast: Cast, plan: Plan) -> None:
    three, six = plan.reviews.get(months=3), plan.reviews.get(months=6)
    with refused("patient_busy"):
        book(cast, plan, [pick(cast, three, three.due), pick(cast, six, three.due, place=1)])


def test_nothing_chosen_is_said(cast: Cast, plan: Plan) -> None:
    with refused("nothing"):
        book(cast, plan, [])


def test_a_plan_not_begun_and_one_that_is_done_are_not_booked(cast: Cast) -> None:
    patient = cast.patient()
    cast.consent(patient)
    draft = cast.draft(patient, cast.assess(patient))
    with refused("not_open"):
        book(cast, draft, all_of(cast, draft))
    activate_plan(plan_id=draft.pk, by=cast.doctor, now=cast.now)
    first = draft.sessions.get(number=1)
    Session.objects.filter(pk=first.pk).update(state=SessionState.SKIPPED)
    with refused("not_open"):
        book(cast, draft, [pick(cast, first, first.target)])


@pytest.mark.parametrize(("change", "code"), [("practitioner", "not_working"), ("room", "wrong_room")])
def test_who_and_what_is_no_longer_there_is_said(cast: Cast, plan: Plan, change: str, code: str) -> None:
    gone = cast.practitioners[0] if change == "practitioner" else cast.rooms[0]
    gone.is_active = False
    gone.save()
    with refused(code):
        book(cast, plan, all_of(cast, plan))


def test_only_the_plans_own_sessions_are_booked(cast: Cast, plan: Plan) -> None:
    other = cast.active_plan("Other")
    with pytest.raises(Appointment.DoesNotExist):
        book(cast, plan, all_of(cast, other))


def test_another_places_plan_is_not_there(cast: Cast, plan: Plan) -> None:
    with pytest.raises(Plan.DoesNotExist):
        book(cast, plan, all_of(cast, plan), by=cast.outsider)


def test_it_is_for_those_who_book(cast: Cast, plan: Plan) -> None:
    cast.desk.is_front_desk = False
    cast.desk.save()
    with pytest.raises(Forbidden):
        book(cast, plan, all_of(cast, plan))
