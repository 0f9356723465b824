"""Journeys 6 and 12 in Chromium: a new patient's plan made and activated, a care rule changed for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from plans.models import Plan, Replanning
from plans.rules.states import PlanState, ReminderState, ReplanningState
from tests.browser.conftest import Visitor
from tests.browser.test_journeys import Move, counted
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_journey_6_assess_take_what_is_suggested_five_sessions_instead_of_four_activate(
    visit: Callable[..., Visitor], clinic: Cast, record_property: Any
) -> None:
    patient = clinic.patient("Alma")
    clinic.consent(patient)
    doctor = visit(as_=clinic.doctor)
    doctor.opens(f"/patients/{patient.pk}/assess/")
    pages: list[str] = []
    doctor.page.on("framenavigated", lambda frame: pages.append(re.sub(r"[?#].*", "", frame.url)))
    doctor.start()
    choices = {
        "hair_loss_type": "androgenetic",
        "grading": "ludwig:I",
        "vertex-thinning": "moderate",
        "vertex-viability": "miniaturised",
        "vertex-method": "trichoscope",
    }
    for name, value in choices.items():
        doctor.page.locator(f"[name={name}]").select_option(value)
        doctor.clicks += 2  # open the list, choose
    doctor.clicks_on("Save and judge", "button")
    doctor.keeps("6-verdict")
    assert "Suitable" in doctor.reads()
    doctor.clicks_on(re.compile("Exosome and PRP, same day|Make this plan|Choose"))
    for key in ("exosome", "prp"):
        doctor.page.locator(f"#id_count-{key}").fill("5")
        doctor.page.locator(f"#id_count-{key}").press("Tab")
    doctor.page.get_by_text("5 · exosome and PRP").wait_for()
    seen = doctor.reads()
    assert "there is no day on which dyeing is allowed" in seen, "the conflict of dates"
    doctor.keeps("6-dates")
    doctor.clicks_on("Make draft", "button")
    doctor.keeps("6-activate")
    doctor.clicks_on("Activate the plan", "button")
    plan = Plan.objects.get()
    assert (plan.state, plan.sessions.count()) == (PlanState.ACTIVE, 5)
    assert "The plan is active" in doctor.reads()
    doctor.keeps("6-plan")
    worked_on = {page for page in pages if not page.endswith(f"/plans/{plan.pk}/")} | {
        f"/patients/{patient.pk}/assess/"
    }
    names = {re.sub(r"^https?://[^/]+", "", page) for page in worked_on}
    assert len(names) <= 3, names
    record_property("journey_6_pages", len(names))
    counted(doctor, 6, record_property, clicks=30, seconds=180)


def test_journey_12_no_dye_for_five_weeks_which_plans_which_mails_publish(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, record_property: Any
) -> None:
    plan = clinic.active_plan("Noor")
    other = clinic.active_plan("Ana", key="prp")
    first = plan.sessions.get(number=1)
    clinic.photograph(plan.reviews.get(months=0))
    clinic.hold(first, clinic.at(first.target, 12))
    stand_at(clinic.now + timedelta(hours=1))
    manager = visit(as_=clinic.manager)
    manager.opens("/care/")
    manager.keeps("12-care-rules")
    manager.start()
    manager.clicks_on(re.compile("Do not dye or chemically straighten"))
    manager.page.locator("[name=ends_number]").fill("5")
    manager.clicks_on("See what changes", "button")
    seen = manager.reads()
    assert "Noor" in seen
    assert "Ana" in seen
    was, will = (first.target + timedelta(weeks=weeks, days=1) for weeks in (4, 5))
    assert f"{will:%a} {will.day} {will:%b %Y}" in seen
    manager.keeps("12-what-changes")
    manager.page.locator("[name=reason]").fill("The studio's colour is stronger now")
    manager.clicks_on(re.compile("^Publish"), "button")
    counted(manager, 12, record_property, clicks=5, seconds=60)
    call_command("replan_plans", "--all")
    manager.page.reload()
    manager.keeps("12-done")
    change = Replanning.objects.get()
    assert (change.state, change.changed, change.letters_changed) == (ReplanningState.DONE, 2, 3)
    told = plan.reminders.filter(kind="no_dye", state=ReminderState.PLANNED)
    assert [row.facts for row in told] == [will.isoformat()]
    assert was.isoformat() not in {row.facts for row in told}
    for one in (plan, other):
        one.refresh_from_db()
        assert str(one.course.rule("no-dye").ends) == "5 weeks"
