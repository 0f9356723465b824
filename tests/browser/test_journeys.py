"""The journeys people judge the program by, done in Chromium and counted: clicks and seconds within their budgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from patients.models import Patient
from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import Appointment
from plans.operations.sessions import tick_item
from plans.rules.course import CarePhase
from plans.rules.states import AppointmentState
from tests.browser.conftest import Visitor, link_in, mails
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Move = Callable[[datetime], None]


def counted(visitor: Visitor, journey: int, record: Any, *, clicks: int, seconds: float) -> None:
    """Hold the journey against its budget, and note what it took in the report of the run."""
    took = visitor.seconds
    record(f"journey_{journey}", f"{visitor.clicks} clicks, {took:.1f} s")
    print(f"journey {journey}: {visitor.clicks} clicks, {took:.1f} s")
    assert visitor.clicks <= clicks
    assert took <= seconds
    visitor.is_clean()


# -- 5: the clinician's day --------------------------------------------------------------------------------------------
def morning(clinic: Cast) -> Appointment:
    """Three are booked: Amina for her second session and ready, Carla without consent, Dora with nothing ticked."""
    plan = clinic.active_plan("Amina", starts_on=clinic.today)
    first, second, *_ = plan.sessions.order_by("number")
    clinic.photograph(plan.reviews.get(months=0))
    clinic.hold(first, clinic.at(first.target, 12), remarks="Numb for ten minutes")
    second.refresh_from_db()
    today = second.target
    others = [clinic.active_plan(name, starts_on=today) for name in ("Carla", "Dora")]
    booked = clinic.book(second, clinic.at(today, 10))
    for hour, other in zip((12, 15), others, strict=True):
        clinic.book(other.sessions.get(number=1), clinic.at(today, hour))
    for item in second.checklist.filter(phase=CarePhase.PRE):
        tick_item(item_id=item.pk, ticked=True, by=clinic.doctor, now=clinic.now)
    consent = others[0].patient.consents.get(topic=ConsentTopic.TREATMENT)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=clinic.today, by=clinic.doctor, now=clinic.now)
    return booked


def test_journey_5_the_day_who_is_not_ready_and_why_and_the_first_patient(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, record_property: Any
) -> None:
    booked = morning(clinic)
    stand_at(booked.starts - timedelta(hours=1))
    doctor = visit(as_=clinic.doctor)
    doctor.keeps("5-dashboard")
    doctor.start()
    doctor.clicks_on("Open the day")
    day = doctor.reads()
    for name in ("Amina", "Carla", "Dora"):
        assert name in day
    assert re.search(r"[12] not ready", day)
    assert re.search("consent", day, re.I)
    doctor.keeps("5-the-day")
    doctor.clicks_on("Open the patient")
    doctor.keeps("5-first-patient")
    story = doctor.reads()
    assert "Amina" in story
    for words in ("Last session Plan Session 1, exosome and PRP, Mon 5 Oct 2026", "lot A1", "Numb for ten minutes"):
        assert words in story, "what was done"
    assert "Next step Check in for session 2 Today: Mon 9 Nov 2026, 10:00" in story, "what comes next"
    counted(doctor, 5, record_property, clicks=2, seconds=10)


# -- 9 and 10: the patient's telephone ---------------------------------------------------------------------------------
def treated(clinic: Cast) -> tuple[Patient, Appointment]:
    """Noor had her first session and is booked for the second."""
    plan = clinic.active_plan("Noor", starts_on=clinic.today)
    first, second, *_ = plan.sessions.order_by("number")
    clinic.photograph(plan.reviews.get(months=0), views=1)
    clinic.hold(first, clinic.at(first.target, 12))
    second.refresh_from_db()
    return plan.patient, clinic.book(second, clinic.at(second.target, 10))


def test_journey_9_when_what_to_avoid_until_when_and_yes_i_will_come(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, record_property: Any
) -> None:
    _, booked = treated(clinic)
    stand_at(booked.starts - timedelta(hours=48))
    noor = visit(phone=True)
    noor.start()
    noor.clicks += 1  # the tap in her mail program
    noor.opens(link_in(mails(mail_folder)[0]))
    seen = noor.reads()
    assert "Mon 9 Nov 2026, 10:00" in seen
    assert re.search(r"dye my hair\? (Not yet\. From|Yes, until) \w{3} \d+ \w{3} 2026", seen)
    noor.keeps("9-own-page-390")
    noor.clicks_on("I will come", "button")
    assert "noted that you will come" in noor.reads()
    counted(noor, 9, record_property, clicks=2, seconds=10)
    noor.keeps("9-confirmed-390")
    booked.refresh_from_db()
    assert booked.state == AppointmentState.CONFIRMED


def test_journey_10_may_i_dye_on_friday(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, record_property: Any
) -> None:
    treated(clinic)
    stand_at(clinic.now + timedelta(hours=3))
    letters = mails(mail_folder)
    assert letters
    for mail in letters:
        noor = visit(phone=True)
        noor.start()
        noor.clicks += 1
        noor.opens(link_in(mail))
        assert re.search(r"May I dye my hair\? Not yet\. From Tue \d+ \w{3} 2026", noor.reads())
        answer = noor.page.get_by_text("May I dye my hair?").first.bounding_box()
        counted(noor, 10, record_property, clicks=1, seconds=10)
    assert answer["y"] < 2 * 844, "further away than two thumbs"
    friday = clinic.today + timedelta(days=(4 - clinic.today.weekday()) % 7)
    noor.page.get_by_label("May I dye my hair on").fill(friday.isoformat())
    noor.clicks_on("Ask", "button")
    assert f"No: no dyeing on Fri {friday.day} {friday:%b %Y}. Allowed again from Tue" in noor.reads()
    noor.keeps("10-friday-390")
    noor.is_clean()


# -- 11: something is wrong --------------------------------------------------------------------------------------------
def test_journey_11_on_day_four_something_is_wrong(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, record_property: Any
) -> None:
    """One tap in the mail, one on what she has noticed: she is told to call, and the clinic knows."""
    patient, _ = treated(clinic)
    stand_at(clinic.now + timedelta(days=4))
    noor = visit(phone=True)
    noor.start()
    noor.clicks += 1  # the tap in her mail program
    noor.opens(next(found[0] for mail in mails(mail_folder) if (found := re.search(r"https?://\S+/report/", mail))))
    noor.clicks_on("Discharge or pus", "button")
    told = noor.reads()
    assert "Please call now" in told
    call = noor.page.get_by_role("link", name="Call now")
    assert call.get_attribute("href") == f"tel:{clinic.here.phone.replace(' ', '')}"
    assert call.bounding_box()["y"] < 500, "the number is to be seen at once"
    counted(noor, 11, record_property, clicks=2, seconds=10)
    noor.keeps("11-call-now-390")
    report = patient.requests.get()
    assert (report.signs, report.is_urgent) == (["discharge"], True)


def test_a_page_without_scripts_is_no_wider_than_the_telephone(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, chromium: Any
) -> None:
    """Measuring needs scripts, so this once they run: nothing may be cut off or have to be pushed sideways."""
    _, booked = treated(clinic)
    stand_at(booked.starts - timedelta(hours=48))
    link = link_in(mails(mail_folder)[0])
    others = ("", "?lang=ar", "report/?lang=ar", f"move/{booked.pk}/?lang=ar", f"cancel/{booked.pk}/")
    for width in (390, 320):
        page = chromium.new_page(viewport={"width": width, "height": 844})
        for other in others:
            page.goto(link + other)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, other
        page.close()
