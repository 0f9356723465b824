"""A new day moves what counts from a session that is late, once a day, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plans.models import Plan
from plans.operations.daily import redate_overdue
from tests.cast import open_clinic

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def cast():
    return open_clinic()


def targets(plan):
    return list(plan.sessions.order_by("number").values_list("target", flat=True))


def test_what_follows_a_late_session_is_later_by_as_many_days(cast):
    plan = cast.active_plan()
    planned = targets(plan)
    cast.now += (planned[0] - cast.today) + timedelta(days=30)
    assert redate_overdue(now=cast.now) == 1
    assert targets(plan)[0] == planned[0]
    assert targets(plan)[1:] == [day + timedelta(days=30) for day in planned[1:]]
    assert "not held yet" in plan.sessions.get(number=2).basis


def test_each_plan_is_looked_at_once_a_day(cast):
    plan = cast.active_plan()
    cast.now += (targets(plan)[0] - cast.today) + timedelta(days=1)
    assert redate_overdue(now=cast.now) == 1
    assert redate_overdue(now=cast.now + timedelta(hours=1)) == 0
    assert redate_overdue(now=cast.now + timedelta(days=1)) == 1


def test_a_plan_with_its_next_session_booked_or_not_yet_due_is_left_alone(cast):
    booked, early, draft = cast.active_plan("Ana"), cast.active_plan("Bo"), None
    patient = cast.patient("Cy")
    draft = cast.draft(patient, cast.assess(patient))
    first = booked.sessions.get(number=1)
    cast.book(first, cast.at(first.target, 10))
    assert redate_overdue(now=cast.now) == 0
    cast.now = cast.at(first.target + timedelta(days=1), 9)
    assert redate_overdue(now=cast.now) == 1
    assert Plan.objects.get(pk=early.pk).dated_on == cast.today
    assert Plan.objects.get(pk=draft.pk).dated_on < cast.today


def test_a_plan_that_cannot_be_dated_does_not_keep_the_others_waiting(cast):
    broken, sound = cast.active_plan("Ana"), cast.active_plan("Bo")
    Plan.objects.filter(pk=broken.pk).update(course_json={"components": "nothing"})
    cast.now += timedelta(days=60)
    assert redate_overdue(now=cast.now) == 1
    assert Plan.objects.get(pk=sound.pk).dated_on == cast.today


def test_a_backlog_is_worked_off_in_portions(cast):
    for name in ("Ana", "Bo", "Cy"):
        cast.active_plan(name)
    cast.now += timedelta(days=60)
    assert [redate_overdue(now=cast.now, limit=2) for _ in range(3)] == [2, 1, 0]
