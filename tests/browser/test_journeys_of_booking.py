"""Journeys 1 and 2 in Chromium, counted, and a series of four booked without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from plans.models import Appointment, Plan
from plans.models.appointment import LIVE
from tests.browser.conftest import Visitor, mails
from tests.browser.test_journeys import Move, counted
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Longer than anybody presses Tab on one page: further away is not reached by keyboard.
FARTHEST = 60
STANDS = """() => {
  const here = document.activeElement;
  const named = here.labels && here.labels.length ? here.labels[0].innerText : "";
  return (here.getAttribute("aria-label") || named || here.innerText || here.value || "").replace(/\\s+/g, " ").trim();
}"""


class Hands:
    """A visitor without a mouse: Enter and shortcuts are counted as clicks, Tab and arrows apart."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page, self.tabs = visitor, visitor.page, 0

    def goes_to(self, words: str, key: str = "Tab") -> None:
        for _ in range(FARTHEST):
            if re.search(words, self.page.evaluate(STANDS)):
                return
            self.page.keyboard.press(key)
            self.tabs += 1
        raise AssertionError(f"{words} is not reached by {key}")

    def types(self, words: str) -> None:
        self.page.keyboard.type(words)

    def enters(self) -> None:
        """Press Enter on a link or a button that leads to another page."""
        self.visitor.clicks += 1
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")
        # What begins with the focus has it once the page is drawn.
        self.page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def half_way(clinic: Cast) -> Plan:
    """Quilla had her first session; the second is to be booked."""
    for name in ("Amina", "Carla", "Dora"):
        clinic.patient(name)
    plan = clinic.active_plan("Quilla", starts_on=clinic.today)
    clinic.photograph(plan.reviews.get(months=0), views=1)
    first = plan.sessions.get(number=1)
    clinic.hold(first, clinic.at(first.target, 12))
    return plan


def live(plan: Plan) -> list[Appointment]:
    mine = Appointment.objects.filter(patient=plan.patient_id, state__in=LIVE)
    return list(mine.order_by("starts"))


def test_journey_1_half_a_name_why_not_earlier_and_booked_by_keyboard_alone(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, record_property: Any
) -> None:
    plan = half_way(clinic)
    stand_at(clinic.now + timedelta(days=1))
    session = plan.sessions.get(number=2)
    desk = visit(as_=clinic.desk)
    hands = Hands(desk)
    desk.opens("/desk/")
    desk.start()
    hands.goes_to("^Find a patient$")
    hands.types("quil")
    hands.enters()
    hands.goes_to("^Quilla ")
    hands.enters()
    desk.keeps("booking-1-patient")
    story = desk.reads()
    assert f"Between {session.earliest:%a} {session.earliest.day} {session.earliest:%b}" in story, "not before"
    hands.goes_to("^Book session 2$")
    hands.enters()
    assert session.basis in desk.reads(), "why it may not be earlier"
    desk.keeps("booking-1-times")
    hands.goes_to("^Book session 2$")
    hands.enters()
    assert "Session 2 is booked for" in desk.reads()
    record_property("journey_1_tabs", hands.tabs)
    print(f"journey 1: {hands.tabs} tabs")
    counted(desk, 1, record_property, clicks=4, seconds=15)
    (booked,) = live(plan)
    assert (booked.session, booked.starts) == (session, clinic.at(session.target, 9))


def test_journey_2_all_that_is_left_mornings_same_practitioner_one_mail(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, record_property: Any
) -> None:
    plan = clinic.active_plan("Quilla", starts_on=clinic.today + timedelta(days=21))
    assert (plan.sessions.count(), plan.reviews.exclude(months=0).count()) == (4, 2)
    desk = visit(as_=clinic.desk)
    desk.opens(f"/patients/{plan.patient_id}/")
    desk.start()
    desk.clicks_on("Book all that is left")
    desk.keeps("booking-2-proposed")
    for wish in ("Mornings", "Dr Two"):
        desk.clicks += 1
        with desk.page.expect_response(re.compile("/series/")):
            desk.page.locator("#wishes label", has_text=wish).click()
        desk.page.wait_for_load_state("networkidle")
    assert desk.page.locator(".c-series__choice").count() == 6
    desk.keeps("booking-2-wished")
    desk.clicks_on("Book all 6 and send one mail", "button")
    assert "6 appointments are booked" in desk.reads()
    desk.keeps("booking-2-booked")
    counted(desk, 2, record_property, clicks=6, seconds=60)
    booked = live(plan)
    assert [bool(one.session) for one in booked].count(True) == 4
    assert {one.practitioner.name for one in booked} == {"Dr Two"}
    assert all(one.starts.astimezone(clinic.here.zone).hour < 12 for one in booked)
    stand_at(clinic.now + timedelta(minutes=10))
    (mail,) = mails(mail_folder)
    for one in booked:
        local = one.starts.astimezone(clinic.here.zone)
        assert f"{local:%a} {local.day} {local:%b %Y}" in mail
    (file,) = mail_folder.glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    (calendar,) = [part for part in letter.walk() if part.get_filename() or part.get_content_type() == "text/calendar"]
    assert calendar.get_content().count("BEGIN:VEVENT") == 6


def test_a_series_of_four_without_a_mouse_with_one_time_changed(
    visit: Callable[..., Visitor], clinic: Cast, record_property: Any
) -> None:
    plan = clinic.active_plan("Quilla", starts_on=clinic.today + timedelta(days=3))
    desk = visit(as_=clinic.desk)
    hands = Hands(desk)
    desk.opens(f"/plans/{plan.pk}/")
    desk.start()
    hands.goes_to("^Book all that is left$")
    hands.enters()
    hands.goes_to("^Any time$")
    with desk.page.expect_response(re.compile("/series/")):
        desk.page.keyboard.press("ArrowRight")
    desk.page.wait_for_load_state("networkidle")
    hands.goes_to("^When: .*ession 1")
    before = desk.page.evaluate("document.activeElement.value")
    with desk.page.expect_response(re.compile("/series/")):
        desk.page.keyboard.press("ArrowDown")
    desk.page.wait_for_load_state("networkidle")
    assert re.search("^When: .*ession 1", desk.page.evaluate(STANDS)), "one stays where one was"
    assert desk.page.evaluate("document.activeElement.value") != before
    hands.goes_to("^Book all ")
    hands.enters()
    assert "appointments are booked" in desk.reads()
    record_property("series_by_keyboard", f"{desk.clicks} Enters, {hands.tabs} tabs, {desk.seconds:.1f} s")
    print(f"series by keyboard: {desk.clicks} Enters, {hands.tabs} tabs, {desk.seconds:.1f} s")
    booked = live(plan)
    assert sum(one.session is not None for one in booked) == plan.sessions.count() == 4
    assert all(one.starts.astimezone(clinic.here.zone).hour < 12 for one in booked)
    desk.is_clean()
