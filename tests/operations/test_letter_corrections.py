"""A day that was told is told again whenever it changes, either way; and never twice in a row."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction

from clinic.models import Location
from clinic.rules.spans import Unit
from plans.models import Appointment, LetterTime, Plan, Reminder, Session
from plans.operations.reminders import replan_reminders
from plans.operations.world import SWITCHED_OFF
from plans.rules.reminders import LetterKind
from plans.rules.states import PlanState, ReminderState, SessionState
from plans.rules.steps import StepKind
from tests.operations.letter_cast import DAY, HOUR, NOW, book, cancel, complete, location, patient, plan_of

pytestmark = pytest.mark.django_db
K = LetterKind


def replan(plan: Plan, now: datetime) -> None:
    with transaction.atomic():
        replan_reminders(plan.patient, now=now)


def no_dye(**which: object) -> list[tuple[str, str]]:
    found = Reminder.objects.filter(kind=K.NO_DYE, **which).order_by("content_version")
    return list(found.values_list("facts", "state"))


def post(**which: object) -> None:
    Reminder.objects.filter(state=ReminderState.PLANNED, **which).update(state="sent", handed_off_at=NOW, sent_at=NOW)


@pytest.fixture
def first() -> Session:
    """Held on Mon 5 Oct, 9:00 in Singapore: four weeks later is Mon 2 Nov 9:00, so dye on Tue 3 Nov. The letter that
    says so has left."""
    plan = plan_of(patient())
    held = plan.sessions.first()
    complete(held, NOW)
    post(kind=K.NO_DYE)
    return held


def booked_next(first: Session) -> Appointment:
    """On Wed 28 Oct, 10:00: before the first one's weeks are over. Four weeks later is Wed 25 Nov, so Thu 26 Nov."""
    plan = first.plan
    course = plan.course_json
    course["care_rules"].append(
        {**course["care_rules"][1], "key": "pre", "phase": "pre", "starts": "1 week", "ends": None}
    )
    Plan.objects.filter(pk=plan.pk).update(course_json=course)
    return book(plan.patient, NOW + 23 * DAY, session=plan.sessions.get(number=2), now=NOW + 2 * DAY)


def test_when_the_last_booking_that_stretched_it_is_cancelled_the_earlier_date_is_told_again(first: Session) -> None:
    second = booked_next(first)
    assert no_dye() == [("2026-11-03", "sent"), ("2026-11-26", "planned")]
    post(kind=K.NO_DYE)
    cancel(second, NOW + 3 * DAY)
    assert no_dye() == [("2026-11-03", "sent"), ("2026-11-26", "sent"), ("2026-11-03", "planned")]
    replan(first.plan, NOW + 3 * DAY + HOUR)
    assert len(no_dye()) == 3, "planned once"
    due = Reminder.objects.get(kind=K.NO_DYE, state="planned").due_at
    assert due <= NOW + 3 * DAY, "at once"


def test_a_date_nobody_was_told_needs_no_correction(first: Session) -> None:
    cancel(booked_next(first), NOW + 3 * DAY)
    assert no_dye() == [("2026-11-03", "sent"), ("2026-11-26", "cancelled")]


@pytest.mark.parametrize(("end", "again"), [("unknown", True), ("handed_off", True), ("failed", False)])
def test_what_may_have_arrived_is_corrected_too(first: Session, end: str, again: bool) -> None:
    second = booked_next(first)
    Reminder.objects.filter(kind=K.NO_DYE, state="planned").update(state=end, handed_off_at=NOW + 2 * DAY)
    cancel(second, NOW + 3 * DAY)
    assert (("2026-11-03", "planned") in no_dye()) is again


def test_a_list_that_has_left_comes_again_for_the_new_time() -> None:
    plan = plan_of(patient())
    old = book(plan.patient, NOW + 3 * DAY, session=plan.sessions.first())
    post(kind=K.PRE_CARE)
    new = book(plan.patient, NOW + 9 * DAY, session=plan.sessions.first(), now=NOW + DAY, instead_of=old)
    lists = Reminder.objects.filter(kind=K.PRE_CARE).values_list("about_id", "state")
    assert set(lists) == {(old.pk, "sent"), (new.pk, "planned")}


def test_what_a_location_has_set_holds_for_its_letters_and_no_others() -> None:
    here, there = location(), location("Hill Clinic")
    LetterTime.objects.create(location=here, kind=K.SESSION_REMINDER, lead_number=5, lead_unit=Unit.DAYS.value)
    LetterTime.objects.create(location=here, kind=K.SWELLING_CHECK, is_on=False)
    LetterTime.objects.create(location=there, kind=K.SESSION_REMINDER, is_on=False)
    Location.objects.filter(pk=here.pk).update(quiet_from=time(8, 30), quiet_until=time(9, 30))
    plan = plan_of(patient())
    one, other, _ = plan.sessions.all()
    starts = NOW + 10 * DAY
    book(plan.patient, starts, session=one)
    reminder = Reminder.objects.get(kind=K.SESSION_REMINDER)
    assert reminder.due_at == starts - 5 * DAY + HOUR / 2, "9:00 is quiet here, 9:30 is not"
    complete(other, NOW)
    assert not Reminder.objects.filter(kind=K.SWELLING_CHECK).exists()
    Appointment.objects.update(location=there)
    replan(plan, NOW + HOUR)
    reminder.refresh_from_db()
    assert (reminder.state, reminder.state_reason) == ("cancelled", SWITCHED_OFF)


def test_the_next_booster_is_invited_to_once_the_course_is_done() -> None:
    plan = plan_of(patient(), sessions=2)
    done, booster = plan.sessions.all()
    target = NOW.date() + timedelta(days=180)
    Session.objects.filter(pk=booster.pk).update(kind=StepKind.BOOSTER, earliest=target, target=target, latest=target)
    replan(plan, NOW)
    assert not Reminder.objects.filter(kind=K.BOOSTER_DUE).exists(), "a session of the course is still to come"
    complete(done, NOW)
    [row] = Reminder.objects.filter(kind=K.BOOSTER_DUE)
    assert (row.about_id, row.facts, row.due_at) == (booster.pk, target.isoformat(), NOW + 159 * DAY)
    book(plan.patient, NOW + 180 * DAY, session=booster)
    row.refresh_from_db()
    assert row.state == ReminderState.CANCELLED


def test_what_to_expect_counts_from_the_first_session_held_and_ends_with_a_stopped_plan() -> None:
    plan = plan_of(patient())
    course = plan.course_json
    course["expectations"] = [{"when": "2–4 weeks", "text": "Less hair may fall.", "source": "S3"}]
    Plan.objects.filter(pk=plan.pk).update(course_json=course)
    first, second, _ = plan.sessions.all()
    complete(first, NOW)
    complete(second, NOW + 30 * DAY)
    found = Reminder.objects.filter(kind__startswith="expect_")
    assert {(row.about_id, row.facts, row.state) for row in found} == {(first.pk, "2026-10-05", "planned")}
    assert found.get(kind=K.EXPECT_3_MONTHS).due_at.date() == date(2027, 1, 5)
    Plan.objects.update(state=PlanState.STOPPED, ended_at=NOW)
    plan.sessions.filter(state=SessionState.PLANNED).update(state=SessionState.CANCELLED)
    replan(plan, NOW + 31 * DAY)
    assert not found.filter(state=ReminderState.PLANNED, due_at__gt=NOW + 31 * DAY).exists()
