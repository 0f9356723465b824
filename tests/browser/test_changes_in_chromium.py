"""Every kind of change in Chromium: its consequences seen first, refused with a sentence, accepted as shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from clinic.rules.spans import Span
from plans.models import Appointment, Plan, Session
from plans.models.protocol_course import course_of
from plans.operations.booking import cancel_appointment
from plans.operations.protocol_versions import draft_next_version, publish_protocol, write_draft
from plans.rules.course import Maintenance
from plans.rules.states import AppointmentState, PlanState, SessionState
from tests.browser.conftest import Visitor
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Move = Callable[[datetime], None]
DAY = timedelta(days=1)


@pytest.fixture
def plan(clinic: Cast, stand_at: Move) -> Plan:
    """The first session is done, the second booked on its best day; a booster may follow the last."""
    plan = clinic.active_plan("Noor", starts_on=clinic.today)
    plan.course = replace(plan.course, maintenance=Maintenance(*map(Span.parse, ("6 months", "9 months", "12 months"))))
    plan.save()
    first, second = plan.sessions.order_by("number")[:2]
    clinic.photograph(plan.reviews.get(months=0), views=1)
    clinic.hold(first, clinic.at(first.target, 12))
    second.refresh_from_db()
    clinic.book(second, clinic.at(second.target, 10))
    stand_at(clinic.now)
    return plan


def session(plan: Plan, number: int) -> Session:
    return plan.sessions.get(number=number)


def day(visitor: Visitor, name: str, value: date) -> None:
    types(visitor, name, value.isoformat())


def types(visitor: Visitor, name: str, value: str) -> None:
    """Fill a field and leave it, as fingers do: what it means is worked out then."""
    field = visitor.page.locator(f"[name={name}]:not([type=hidden])")
    field.fill(value)
    field.blur()


def means(visitor: Visitor, *words: str) -> None:
    """Wait until the page says so; nobody pressed a button."""
    for one in words:
        expect(visitor.page.locator("#meaning")).to_contain_text(one)


def refused(visitor: Visitor, button: str, sentence: str, **kept: str) -> None:
    """Accept, and read why not; what was typed stands there still."""
    visitor.clicks_on(button, "button", exact=True)
    assert sentence in visitor.reads()
    for name, value in kept.items():
        expect(visitor.page.locator(f"[name={name}]")).to_have_value(value)


def accepted(visitor: Visitor, button: str, sentence: str) -> None:
    visitor.page.locator("[name=reason]").fill("She asked for it")
    visitor.clicks_on(button, "button", exact=True)
    assert sentence in visitor.reads()


def opens(visitor: Visitor, plan: Plan, kind: str, about: str = "") -> None:
    visitor.opens(f"/plans/{plan.pk}/change/{kind}/{about}")


NO_REASON = "Write why the plan is changed."


def test_changes_of_one_session(visit: Callable[..., Visitor], clinic: Cast, plan: Plan) -> None:
    doctor = visit(as_=clinic.doctor)
    third = session(plan, 3)
    about, later = f"?session={third.pk}", third.target + 3 * DAY

    doctor.opens(f"/plans/{plan.pk}/")
    doctor.page.locator("summary", has_text="Change session 3").click()
    with doctor.page.expect_navigation(wait_until="load"):
        doctor.page.locator(f"a[href*='/change/pin/?session={third.pk}']").click()
    day(doctor, "day", later)
    means(doctor, "2 sessions move", "3 days later")
    doctor.keeps("change-pin")
    refused(doctor, "Set the day of session 3", NO_REASON, day=later.isoformat())
    accepted(doctor, "Set the day of session 3", "The day of session 3 is set.")
    assert session(plan, 3).pinned == later

    opens(doctor, plan, "skip", about)
    means(doctor, "1 session is skipped")
    refused(doctor, "Skip session 3", NO_REASON)
    accepted(doctor, "Skip session 3", "Session 3 is skipped.")
    opens(doctor, plan, "unskip")
    refused(doctor, "Hold session 3 after all", NO_REASON)
    accepted(doctor, "Hold session 3 after all", "Session 3 is to be held.")
    opens(doctor, plan, "remove", about)
    means(doctor, "1 session is taken out", "no longer")
    doctor.keeps("change-remove")
    refused(doctor, "Remove session 3", NO_REASON)
    accepted(doctor, "Remove session 3", "Session 3 is removed.")
    assert plan.sessions.filter(state=SessionState.PLANNED).count() == 2
    doctor.is_clean()


def test_changes_of_the_course(visit: Callable[..., Visitor], clinic: Cast, plan: Plan) -> None:
    doctor = visit(as_=clinic.doctor)
    opens(doctor, plan, "add")
    doctor.page.get_by_label("Exosome", exact=True).uncheck()
    doctor.page.get_by_label("PRP", exact=True).uncheck()
    means(doctor, "one more session")
    expect(doctor.page.get_by_role("button", name="Add a session", exact=True)).to_have_count(0)
    doctor.page.get_by_label("PRP", exact=True).check()
    means(doctor, "1 session is added")
    accepted(doctor, "Add a session", "The course is longer.")

    opens(doctor, plan, "review")
    doctor.clicks_on("6-month review")
    types(doctor, "offset", "a fortnight")
    means(doctor, "is not a length of time")
    types(doctor, "offset", "8 months")
    means(doctor, "1 review moves")
    refused(doctor, "Move the review “6-month review”", NO_REASON, offset="8 months")
    accepted(doctor, "Move the review “6-month review”", "is moved.")

    rule = plan.course.rule("no-dye")
    opens(doctor, plan, "care-rule", "?rule=no-dye")
    types(doctor, "ends", "5 moons")
    means(doctor, "is not a length of time")
    types(doctor, "ends", "5 weeks")
    means(doctor, "7 days later", "No dyeing")
    doctor.keeps("change-care-rule")
    button = doctor.page.get_by_role("button", name=re.compile("^Change the rule")).inner_text()
    refused(doctor, button, NO_REASON, ends="5 weeks", text=rule.text)
    accepted(doctor, button, "is changed for this patient.")

    opens(doctor, plan, "alongside", "?item=new")
    types(doctor, "name", "Minoxidil 5 %")
    means(doctor, "Nothing that has a date changes.")
    day(doctor, "began_on", date(1900, 1, 1))
    means(doctor, "last forty years")
    day(doctor, "began_on", clinic.today)
    means(doctor, "Nothing that has a date changes.")
    refused(doctor, "Add a medicine or a referral", NO_REASON, name="Minoxidil 5 %")
    accepted(doctor, "Add a medicine or a referral", "It is written down.")
    plan.refresh_from_db()
    assert [one.name for one in plan.course.alongside][-1] == "Minoxidil 5 %"

    opens(doctor, plan, "booster")
    means(doctor, "Sessions of the course are still to come")
    plan.sessions.filter(state=SessionState.PLANNED).update(state=SessionState.SKIPPED)
    Appointment.objects.filter(session__plan=plan, state=AppointmentState.BOOKED).update(
        state=AppointmentState.CANCELLED
    )
    opens(doctor, plan, "booster")
    means(doctor, "1 session is added")
    refused(doctor, "Plan a booster", NO_REASON)
    accepted(doctor, "Plan a booster", "The booster is planned.")
    doctor.is_clean()


def newer_version(clinic: Cast, plan: Plan) -> None:
    """The same protocol, three weeks more between its sessions."""
    by = {"by": clinic.manager, "now": clinic.now}
    draft = draft_next_version(protocol_id=plan.protocol_id, **by)
    course = course_of(draft)
    spans = dict(zip(("earliest", "target", "latest"), map(Span.parse, ("7 weeks", "8 weeks", "9 weeks")), strict=True))
    parts = [replace(part, interval=replace(part.interval, **spans)) for part in course.components]
    write_draft(protocol_id=draft.pk, course=replace(course, components=tuple(parts)), **by)
    publish_protocol(protocol_id=draft.pk, change_note="Further apart", **by)


def test_a_pause_a_new_version_and_each_choice(
    visit: Callable[..., Visitor], clinic: Cast, plan: Plan, stand_at: Move
) -> None:
    doctor = visit(as_=clinic.doctor)
    second, third = session(plan, 2), session(plan, 3)

    # A newer version: its appointment is kept where it is.
    newer_version(clinic, plan)
    opens(doctor, plan, "version")
    means(doctor, "To decide", "1 appointment no longer fits")
    doctor.page.locator("[name=reason]").fill("She asked for it")
    refused(doctor, "Follow version 2", "Decide first: Session 2 is booked on", reason="She asked for it")
    doctor.page.get_by_label("Keep it", exact=True).check()
    means(doctor, "Decided")
    doctor.keeps("change-version")
    accepted(doctor, "Follow version 2", "The plan follows version 2.")
    plan.refresh_from_db()
    assert plan.protocol.version == 2

    # Session 2 set far later: session 3 is moved to one of the free times inside its new window.
    kept = Appointment.objects.get(session=second, state=AppointmentState.BOOKED)
    cancel_appointment(appointment_id=kept.pk, reason="She travels", by=clinic.desk, now=clinic.now)
    third.refresh_from_db()
    clinic.book(third, clinic.at(third.target, 15))
    opens(doctor, plan, "pin", f"?session={second.pk}")
    day(doctor, "day", session(plan, 2).target + 40 * DAY)
    means(doctor, "To decide")
    move = doctor.page.get_by_label(re.compile("^Move it to .*, 15:00$")).nth(1)
    value = move.get_attribute("value")
    move.check()
    means(doctor, "Decided")
    doctor.keeps("change-move")
    doctor.page.locator("[name=reason]").fill("She travels")
    stale = doctor.page.locator("[name=seen]").input_value()
    doctor.page.evaluate("document.querySelector('[name=seen]').value = 'yesterday'")
    refused(doctor, "Set the day of session 2", "Something changed since you looked", reason="She travels")
    assert doctor.page.locator("[name=seen]").input_value() == stale
    accepted(doctor, "Set the day of session 2", "The day of session 2 is set.")
    moved = Appointment.objects.get(session=third, state=AppointmentState.BOOKED)
    assert value.startswith(f"move:{moved.starts.isoformat()}/")

    # A pause: what is booked in it is cancelled.
    opens(doctor, plan, "pause")
    means(doctor, "while the plan stands still")
    doctor.page.locator("[name=reason]").fill("She is ill")
    refused(doctor, "Pause the plan", "Decide first", reason="She is ill")
    doctor.page.get_by_label("Cancel it, book later", exact=True).check()
    means(doctor, "Decided")
    doctor.keeps("change-pause")
    accepted(doctor, "Pause the plan", "The plan is paused.")
    assert Appointment.objects.get(pk=moved.pk).state == AppointmentState.CANCELLED
    stand_at(clinic.now + 14 * DAY)
    opens(doctor, plan, "resume")
    day(doctor, "day", date(2200, 1, 1))
    means(doctor, "This cannot be shown yet.")
    day(doctor, "day", clinic.today)
    means(doctor, "1 session changes", "Mon 7 Dec 2026")
    refused(doctor, "Resume the plan", NO_REASON, day=clinic.today.isoformat())
    accepted(doctor, "Resume the plan", "The plan goes on.")
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE
    doctor.is_clean()


def test_what_follows_is_said_while_a_time_is_chosen(
    visit: Callable[..., Visitor], clinic: Cast, plan: Plan, stand_at: Move
) -> None:
    desk = visit(as_=clinic.desk)
    second = session(plan, 2)
    appointment = Appointment.objects.get(session=second)
    desk.opens(f"/appointments/{appointment.pk}/move/")
    follows = desk.page.locator("#follows")
    expect(follows).to_have_text("Nothing else changes.")
    day(desk, "day", second.target + 4 * DAY)
    expect(follows).to_contain_text("2 sessions move")
    desk.page.locator(".c-times label", has_text="15:00").click()
    expect(follows).to_contain_text("4 days later")
    desk.keeps("change-move-appointment")
    desk.page.locator("[name=reason]").fill("She phoned")
    desk.clicks_on("Move session 2", "button", exact=True)
    assert "is moved to" in desk.reads()
    desk.is_clean()

    stand_at(clinic.at(second.target + 6 * DAY, 12))
    doctor = visit(as_=clinic.doctor)
    doctor.opens(f"/sessions/{second.pk}/complete/")
    day(doctor, "on", clinic.today)
    expect(doctor.page.locator("#follows")).to_contain_text("2 days later")
    doctor.keeps("change-complete")
    doctor.is_clean()
