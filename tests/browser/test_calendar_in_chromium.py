"""The calendar in Chromium: dragging, keys, a booking from an empty time, and what somebody else changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from plans.models import Appointment
from plans.rules.states import AppointmentState
from tests.browser.conftest import PHONE, Visitor, log_in
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Move = Callable[[datetime], None]


@pytest.fixture
def booked(clinic: Cast, stand_at: Move) -> Appointment:
    """Noor is expected today at 11 with the first; it is nine."""
    plan = clinic.active_plan("Noor", starts_on=clinic.today)
    row = clinic.book(plan.sessions.get(number=1), clinic.at(clinic.today, 11))
    stand_at(clinic.at(clinic.today, 9))
    return row


@pytest.fixture
def desk(visit: Callable[..., Visitor], clinic: Cast, booked: Appointment) -> Iterator[Visitor]:
    visitor = visit(as_=clinic.desk)
    visitor.opens("/desk/?view=day")
    yield visitor
    visitor.is_clean()


def event(visitor: Visitor, name: str = "Noor") -> Any:
    return visitor.page.locator("a.k-event", has_text=name)


def at(visitor: Visitor, column: int, hour: float) -> tuple[float, float]:
    """Where a time lies on the screen; the hours shown begin at nine."""
    body = visitor.page.locator(".k-col > .k-body").nth(column)
    box = body.bounding_box()
    rows = int(visitor.page.locator(".k-grid").get_attribute("data-rows"))
    return box["x"] + box["width"] / 2, box["y"] + (hour - 9) * 12 * box["height"] / rows + 2


def drags(visitor: Visitor, column: int, hour: float) -> None:
    """Take the appointment near its top, and hold it above another time."""
    mouse, box = visitor.page.mouse, event(visitor).bounding_box()
    mouse.move(box["x"] + 20, box["y"] + 4)
    mouse.down()
    mouse.move(*at(visitor, column, hour - 0.5), steps=4)
    x, y = at(visitor, column, hour)
    mouse.move(x, y + 4, steps=4)


# -- dragging ----------------------------------------------------------------------------------------------------------
def test_dragging_shows_what_follows_and_moves_once_it_is_confirmed(desk: Visitor, clinic: Cast) -> None:
    drags(desk, 1, 14)
    expect(desk.page.locator(".k-ghost")).to_contain_text("14:00")
    desk.keeps("calendar-dragging")
    with desk.page.expect_navigation(url="**/move/?**"):
        desk.page.mouse.up()
    assert Appointment.objects.get().state == AppointmentState.BOOKED, "nothing is written by dropping"
    expect(desk.page.locator("#follows")).to_be_visible()
    expect(desk.page.locator("body")).to_contain_text("Dr Two")
    desk.keeps("calendar-move")
    desk.page.locator("[name=reason]").fill("She phoned")
    desk.clicks_on("Move session 1", "button", exact=True)
    moved = Appointment.objects.get(state=AppointmentState.BOOKED)
    assert moved.starts == clinic.at(clinic.today, 14)
    assert moved.practitioner == clinic.practitioners[1]


def test_escape_puts_back_what_is_dragged(desk: Visitor) -> None:
    drags(desk, 1, 14)
    expect(desk.page.locator(".k-ghost")).to_have_count(1)
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".k-ghost")).to_have_count(0)
    desk.page.mouse.up()
    expect(desk.page.locator("#k-dialog")).not_to_be_visible()
    assert "/move/" not in desk.page.url


def test_a_click_opens_the_details_and_move_needs_no_dragging(desk: Visitor) -> None:
    event(desk).click()
    dialog = desk.page.locator("#k-dialog")
    expect(dialog).to_contain_text("Session 1 of 4")
    desk.keeps("calendar-details")
    desk.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(event(desk)).to_be_focused()
    event(desk).press("Enter")
    with desk.page.expect_navigation(url="**/move/**"):
        dialog.get_by_role("link", name="Move…").click()


def test_checking_in_from_the_details_leads_back_to_the_day(desk: Visitor, booked: Appointment) -> None:
    event(desk).click()
    with desk.page.expect_navigation(url="**/desk/**"):
        desk.page.locator("#k-dialog").get_by_role("button", name="Check in").click()
    expect(event(desk)).to_contain_text("Arrived")
    booked.refresh_from_db()
    assert booked.state == AppointmentState.ARRIVED


# -- booking -----------------------------------------------------------------------------------------------------------
def test_an_empty_time_is_clicked_and_a_new_patient_booked(desk: Visitor, clinic: Cast) -> None:
    desk.page.mouse.click(*at(desk, 1, 12.5))
    dialog = desk.page.locator("#k-dialog")
    expect(dialog.get_by_label("Time")).to_have_value("12:30")
    expect(dialog.get_by_label("With")).to_have_value(str(clinic.practitioners[1].pk))
    desk.keeps("calendar-new")
    dialog.get_by_role("button", name="New patient").click()
    expect(dialog.get_by_label("First name")).to_be_focused()
    dialog.get_by_label("First name").fill("Ana")
    dialog.get_by_label("Last name").fill("Example")
    dialog.get_by_label("Phone").fill("+65 5550 1234")
    desk.keeps("calendar-new-patient")
    with desk.page.expect_navigation(url="**/desk/**"):
        dialog.get_by_role("button", name="Register and book").click()
    assert "Ana Example is booked for" in desk.reads()
    row = Appointment.objects.get(patient__first_name="Ana")
    assert row.starts == clinic.at(clinic.today, 12, 30)
    expect(event(desk, "Ana")).to_contain_text("Booked")


def test_a_session_is_booked_by_keyboard_alone(desk: Visitor, clinic: Cast) -> None:
    other = clinic.active_plan("Mira", starts_on=clinic.today)
    press = desk.page.keyboard.press
    desk.page.locator("body").press("n")
    find = desk.page.locator("#k-find")
    expect(find).to_be_focused()
    desk.page.keyboard.type("mir")
    expect(desk.page.locator(".k-found__one")).to_have_count(1)
    press("Tab")
    press("Enter")
    expect(desk.page.locator("[name=what]:checked")).to_be_focused()
    expect(desk.page.locator("#k-what")).to_contain_text("Inside its time")
    desk.keeps("calendar-known-patient")
    with desk.page.expect_navigation(url="**/desk/**"):
        press("Enter")
    assert other.sessions.get(number=1).appointments.count() == 1


def test_a_refusal_stands_in_the_dialog_and_loses_nothing(desk: Visitor) -> None:
    desk.page.mouse.click(*at(desk, 0, 12.5))
    dialog = desk.page.locator("#k-dialog")
    dialog.get_by_role("button", name="New patient").click()
    dialog.get_by_label("First name").fill("Ana")
    dialog.get_by_label("Time").fill("11:15")
    dialog.get_by_role("button", name="Register and book").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is busy")
    expect(dialog.get_by_label("First name")).to_have_value("Ana")
    expect(dialog.get_by_label("Time")).to_have_value("11:15")
    desk.keeps("calendar-refused")


# -- keys --------------------------------------------------------------------------------------------------------------
def test_keys_lead_through_days_and_views(desk: Visitor, clinic: Cast) -> None:
    def pressed(key: str, url: str) -> None:
        with desk.page.expect_navigation(url=re.compile(url)):
            desk.page.locator("body").press(key)

    tomorrow = clinic.today + timedelta(days=1)
    pressed("ArrowRight", f"day={tomorrow}")
    pressed("t", r"view=day&by")
    pressed("ArrowLeft", f"day={clinic.today - timedelta(days=1)}")
    pressed("w", "view=week")
    pressed("l", "view=list")
    pressed("d", "view=day")
    desk.page.locator("body").press("/")
    find = desk.page.locator("#find-patient")
    expect(find).to_be_focused()
    desk.page.keyboard.type("two words")
    expect(find).to_have_value("two words")
    find.blur()
    desk.page.locator("body").press("Control+d")
    desk.page.locator("body").press("?")
    expect(desk.page.locator("#k-keys")).to_be_visible()
    desk.page.keyboard.press("w")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#k-keys")).not_to_be_visible()
    assert "view=day" in desk.page.url


# -- what others change ------------------------------------------------------------------------------------------------
def test_two_desks_see_what_the_other_changes(
    desk: Visitor, visit: Callable[..., Visitor], clinic: Cast, booked: Appointment
) -> None:
    doctor = visit(as_=clinic.doctor)
    doctor.opens("/desk/?view=day")
    event(doctor).focus()
    event(desk).click()
    with desk.page.expect_navigation(url="**/desk/**"):
        desk.page.locator("#k-dialog").get_by_role("button", name="Check in").click()
    expect(event(doctor)).to_contain_text("Arrived", timeout=14_000)
    expect(event(doctor)).to_be_focused()
    doctor.is_clean()


def test_when_the_server_does_not_answer_it_is_said_and_mended(desk: Visitor) -> None:
    asks = "**/desk/?*part=live*"
    desk.page.route(asks, lambda route: route.abort())
    desk.page.evaluate("document.dispatchEvent(new Event('calendar:look'))")
    late = desk.page.locator("[data-late]")
    expect(late).to_contain_text(re.compile(r"Not up to date since \d\d:\d\d: trying again"))
    desk.page.unroute(asks)
    desk.page.evaluate("document.dispatchEvent(new Event('calendar:look'))")
    expect(late).to_be_hidden()
    desk.faults.clear()  # the browser itself complains of what did not answer


def test_nothing_is_swapped_under_an_open_dialog(desk: Visitor, clinic: Cast, booked: Appointment) -> None:
    event(desk).click()
    expect(desk.page.locator("#k-dialog")).to_contain_text("Session 1 of 4")
    asked = []
    desk.page.on("request", lambda request: asked.append(request.url) if "part=live" in request.url else None)
    desk.page.evaluate("document.dispatchEvent(new Event('calendar:look'))")
    desk.page.wait_for_timeout(300)
    assert asked == []
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#k-dialog")).not_to_be_visible()
    desk.page.wait_for_timeout(300)
    assert len(asked) == 1


# -- small screens -----------------------------------------------------------------------------------------------------
def test_a_narrow_window_shows_the_list(desk: Visitor) -> None:
    desk.page.set_viewport_size(PHONE)
    expect(desk.page.get_by_role("table", name="Appointments of the day, by time")).to_be_visible()
    expect(desk.page.locator("#k-scroll")).not_to_be_visible()
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    desk.keeps("calendar-390")


def test_a_telephone_begins_with_the_list(
    chromium: Any, live_server: Any, clinic: Cast, booked: Appointment, pictures: Any
) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, user_agent=agent, locale="en-GB")
    visitor = Visitor(context.new_page(), live_server.url, pictures)
    visitor.watch()
    log_in(visitor, clinic.desk)
    visitor.opens("/desk/")
    assert visitor.page.locator("#k-scroll").count() == 0
    assert "Noor" in visitor.reads()
    visitor.keeps("calendar-telephone")
    visitor.is_clean()
    context.close()
