"""Every kind of change on its page: shown before it is made, and made as it was shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.rules.spans import Span
from plans.models import Appointment, Plan
from plans.models.protocol_course import course_of
from plans.rules.course import Maintenance
from plans.rules.states import AppointmentState, PlanState, SessionState
from tests.pages.changing import WHY, accept, ask, newer_version, page_of, session, under_way, words
from tests.pages.visits import DAY, Clinic, open_pages, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def plan(clinic: Clinic) -> Plan:
    return under_way(clinic)


# -- each kind, shown and made -----------------------------------------------------------------------------------------
def test_skipping_shows_what_follows_and_does_it(clinic: Clinic, plan: Plan) -> None:
    third = session(plan, 3)
    about = f"?session={third.pk}"
    page = page_of(clinic, plan, "skip", about)
    assert "1 session is skipped" in words(page)
    assert re.search(r"Session 3 \(exosome and PRP\) .{20,60} skipped skipped", words(page))
    assert ">Skip session 3</button>" in page
    after = accept(clinic, plan, "skip", about)
    assert "Session 3 is skipped. 1 session is skipped" in words(after)
    third.refresh_from_db()
    assert (third.state, third.remarks) == (SessionState.SKIPPED, WHY)
    back = page_of(clinic, plan, "unskip")
    assert ">Hold session 3 after all</button>" in back, "there is only one to take back"
    accept(clinic, plan, "unskip", about)
    third.refresh_from_db()
    assert third.state == SessionState.PLANNED


def test_a_session_is_removed_and_those_after_it_count_from_the_one_before(clinic: Clinic, plan: Plan) -> None:
    third, fourth = session(plan, 3), session(plan, 4)
    page = words(page_of(clinic, plan, "remove", f"?session={third.pk}"))
    assert "1 session is taken out" in page
    accept(clinic, plan, "remove", f"?session={third.pk}")
    assert plan.sessions.filter(state=SessionState.PLANNED).count() == 2
    third.refresh_from_db()
    fourth.refresh_from_db()
    assert SessionState.CANCELLED in (third.state, fourth.state)


def test_a_pause_and_what_it_does_to_the_appointment(clinic: Clinic, plan: Plan) -> None:
    second = session(plan, 2)
    page = words(page_of(clinic, plan, "pause"))
    assert "To decide" in page and "while the plan stands still" in page
    refused = accept(clinic, plan, "pause", day=clinic.cast.today)
    assert "Decide first: Session 2 is booked on" in words(refused)
    assert f">{WHY}</textarea>" in refused.replace("\n", "")
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE
    choice = {f"choice-{second.pk}": "cancel"}
    after = words(accept(clinic, plan, "pause", day=clinic.cast.today, **choice))
    assert "The plan is paused." in after
    assert Appointment.objects.get(session=second).state == AppointmentState.CANCELLED
    clinic.stand_at(clinic.cast.now + 14 * DAY)
    shown = words(page_of(clinic, plan, "resume"))
    assert "3 sessions move" in shown and "14 days later" in shown
    assert "The plan goes on." in words(accept(clinic, plan, "resume", day=clinic.cast.today))
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE


def test_a_session_more_than_the_protocol_has_is_a_warning_and_no_refusal(clinic: Clinic, plan: Plan) -> None:
    said = {"components": ["exosome", "prp"]}
    assert words(ask(clinic, plan, "add", **said)).count("The protocol has at most") == 0
    while plan.sessions.filter(state=SessionState.PLANNED).count() < 5:
        accept(clinic, plan, "add", **said)
    page = words(ask(clinic, plan, "add", **said))
    assert "The protocol has at most 6 sessions of Exosome: this would be number 7." in page
    accept(clinic, plan, "add", **said)
    assert plan.sessions.count() == 7


def test_one_treatment_alone_can_be_added(clinic: Clinic, plan: Plan) -> None:
    assert "1 session is added" in words(accept(clinic, plan, "add", components=["prp"]))
    assert [part.component for part in plan.sessions.order_by("number").last().parts] == ["prp"]


def test_a_day_set_by_hand_and_given_back(clinic: Clinic, plan: Plan) -> None:
    third = session(plan, 3)
    about, day = f"?session={third.pk}", third.target + 3 * DAY
    page = words(ask(clinic, plan, "pin", about, day=day))
    assert "2 sessions move" in page and "3 days later" in page
    accept(clinic, plan, "pin", about, day=day)
    third.refresh_from_db()
    assert third.pinned == third.target == day
    assert "Back to the calculated day" in page_of(clinic, plan, "pin", about)
    accept(clinic, plan, "pin", about, day=day, back="on")
    third.refresh_from_db()
    assert third.pinned is None


def test_a_review_is_promised_for_another_month(clinic: Clinic, plan: Plan) -> None:
    review = plan.reviews.get(key="month-6")
    about = f"?review={review.pk}"
    assert 'value="6 months"' in page_of(clinic, plan, "review", about)
    page = words(ask(clinic, plan, "review", about, offset="8 months"))
    assert "1 review moves" in page
    accept(clinic, plan, "review", about, offset="8 months")
    was = review.due
    review.refresh_from_db()
    assert (review.due - was).days in range(59, 63)


def test_a_rule_is_another_for_this_patient_alone(clinic: Clinic, plan: Plan) -> None:
    rule = plan.course.rule("no-dye")
    said = {"text": rule.text, "starts": str(rule.starts or ""), "ends": "5 weeks", "in_force": "on"}
    page = words(ask(clinic, plan, "care-rule", "?rule=no-dye", **said))
    assert "restriction" in page and "7 days later" in page
    assert "No dyeing" in page
    accept(clinic, plan, "care-rule", "?rule=no-dye", **said)
    plan.refresh_from_db()
    assert plan.course.rule("no-dye").ends == Span.parse("5 weeks")
    assert course_of(plan.protocol).rule("no-dye").ends == rule.ends


def test_a_rule_that_contradicts_another_says_so(clinic: Clinic, plan: Plan) -> None:
    course = plan.course
    rival = next(one for one in course.care_rules if not one.in_force and one.conflicts_with)
    said = {"text": rival.text, "starts": str(rival.starts or ""), "ends": str(rival.ends or ""), "in_force": "on"}
    page = words(accept(clinic, plan, "care-rule", f"?rule={rival.key}", after=page_of(clinic, plan, "add"), **said))
    assert "cannot both hold" in page
    plan.refresh_from_db()
    assert plan.course == course


def test_a_medicine_begins_and_stops_though_no_date_changes(clinic: Clinic, plan: Plan) -> None:
    said = {"name": "Minoxidil 5 %", "modality": "medical", "began_on": clinic.cast.today}
    page = ask(clinic, plan, "alongside", "?item=new", **said)
    assert "Nothing that has a date changes." in words(page)
    assert "It is written down." in words(accept(clinic, plan, "alongside", "?item=new", **said))
    plan.refresh_from_db()
    [item] = [one for one in plan.course.alongside if one.name == "Minoxidil 5 %"]
    assert item.began_on == clinic.cast.today
    listed = words(page_of(clinic, plan, "alongside"))
    assert "Minoxidil 5 %" in listed and "Something new" in listed
    about = f"?item={item.key}"
    page = ask(clinic, plan, "alongside", about, began_on=clinic.cast.today, stopped_on=clinic.cast.today - DAY)
    assert "It cannot stop before it began." in words(page)
    accept(clinic, plan, "alongside", about, began_on=clinic.cast.today, stopped_on=clinic.cast.today + DAY)
    plan.refresh_from_db()
    assert {one.stopped_on for one in plan.course.alongside if one.key == item.key} == {clinic.cast.today + DAY}


def test_the_plan_follows_a_newer_version(clinic: Clinic, plan: Plan) -> None:
    assert "follows the newest published version" in words(page_of(clinic, plan, "version"))
    newer = newer_version(clinic, plan)
    second = session(plan, 2)
    page = words(page_of(clinic, plan, "version"))
    assert "Follow version 2" in page and "To decide" in page
    said = {f"choice-{second.pk}": "keep"}
    assert "follows version 2" in words(accept(clinic, plan, "version", **said))
    plan.refresh_from_db()
    assert plan.protocol == newer
    second.refresh_from_db()
    assert second.target == session(plan, 1).target + timedelta(weeks=7)


def with_maintenance(plan: Plan) -> None:
    spans = [Span.parse(text) for text in ("6 months", "9 months", "12 months")]
    plan.course = replace(plan.course, maintenance=Maintenance(*spans))
    plan.save()


def test_a_booster_waits_for_the_course_and_follows_it(clinic: Clinic, plan: Plan) -> None:
    with_maintenance(plan)
    page = words(page_of(clinic, plan, "booster"))
    assert "Sessions of the course are still to come" in page
    appointment = Appointment.objects.get(session=session(plan, 2))
    for number in (2, 3, 4):
        one = session(plan, number)
        ends = appointment.ends if number == 2 else clinic.cast.at(one.target, 12)
        clinic.cast.hold(one, ends)
    clinic.stand_at(clinic.cast.now)
    page = page_of(clinic, plan, "booster")
    assert page.count('type="checkbox"') >= 2 and "1 session is added" in words(page)
    accept(clinic, plan, "booster", components=["exosome", "prp"])
    assert plan.sessions.get(kind="booster").number == 5


def test_the_page_costs_the_same_however_long_the_course_is(
    clinic: Clinic, plan: Plan, django_assert_max_num_queries: Any
) -> None:
    for number in (2, 3, 4):
        one = session(plan, number)
        if number > 2:
            clinic.cast.book(one, clinic.cast.at(one.target, 10))
    newer_version(clinic, plan)
    client = clinic.doctor
    # session, user, plan, six of its facts, the version in six, appointments, hours, what is taken, the letters' times
    with django_assert_max_num_queries(21):
        page = seen(client, "plan-change", plan.pk, "version")
    assert words(page).count("To decide") >= 2
