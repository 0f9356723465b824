"""Journey 4 in Chromium: a no-show marked and booked again, a freed time offered by mail, and taken with one tap."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plans.models import Appointment, Offer
from plans.operations.booking import cancel_appointment
from plans.operations.waiting import want_earlier
from plans.rules.states import AppointmentState, OfferState
from plans.rules.wishes import Wishes
from tests.browser.conftest import Visitor, link_in, mails
from tests.browser.test_journeys import Move, counted
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def the_day_before(clinic: Cast) -> tuple[Appointment, Appointment]:
    """Noor is booked at 10:00 today. Bea has given up 11:00 tomorrow; Carla and Dora are booked later and wait."""
    plans = {name: clinic.active_plan(name, starts_on=clinic.today) for name in ("Noor", "Bea", "Carla", "Dora")}
    first = {name: plan.sessions.get(number=1) for name, plan in plans.items()}
    tomorrow = clinic.today + timedelta(days=1)
    missed = clinic.book(first["Noor"], clinic.at(clinic.today, 10), tell=False)
    freed = clinic.book(first["Bea"], clinic.at(tomorrow, 11), tell=False)
    for days, name in ((5, "Carla"), (6, "Dora")):
        row = clinic.book(first[name], clinic.at(clinic.today + timedelta(days=days), 15), tell=False)
        want_earlier(appointment_id=row.pk, wishes=Wishes(), by=clinic.desk, now=clinic.now)
    cancel_appointment(appointment_id=freed.pk, reason="travels", tell=False, by=clinic.desk, now=clinic.now)
    return missed, freed


def goes_to_the_waiting_list(desk: Visitor) -> None:
    """By the sidebar; one click either way."""
    if desk.page.get_by_role("link", name="Waiting list").count():
        desk.clicks_on("Waiting list")
    else:
        desk.clicks += 1
        desk.opens("/desk/waiting/")


def test_journey_4_no_show_marked_booked_again_and_the_freed_eleven_oclock_offered(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, record_property: Any
) -> None:
    missed, freed = the_day_before(clinic)
    stand_at(missed.starts + timedelta(minutes=15))
    desk = visit(as_=clinic.desk)
    desk.opens("/desk/board/")
    desk.keeps("4-board")
    desk.start()
    desk.clicks_on(re.compile("^No-show"))
    desk.clicks_on("Mark as no-show", "button")
    desk.keeps("4-missed")
    again = desk.page.locator("form .c-offer, .c-offers button").first
    desk.clicks += 1
    with desk.page.expect_navigation(wait_until="load"):
        again.click()
    desk.keeps("4-booked-again")
    goes_to_the_waiting_list(desk)
    desk.keeps("4-waiting-list")
    desk.clicks_on(re.compile("Offer Tue 6 Oct 2026, 11:00"))
    desk.keeps("4-offer")
    assert "It suits Carla" in desk.reads()
    desk.clicks_on("Offer to 2 by mail", "button")
    assert "Offered to 2 patients by mail." in desk.reads()
    desk.keeps("4-offered")
    counted(desk, 4, record_property, clicks=6, seconds=60)
    missed.refresh_from_db()
    assert missed.state == AppointmentState.NO_SHOW
    assert missed.session.appointments.live().count() == 1
    the_first_yes_wins(visit, mail_folder, freed)


def the_first_yes_wins(visit: Callable[..., Visitor], mail_folder: Path, freed: Appointment) -> None:
    letters = mails(mail_folder, "An earlier time for you: Tue 6 Oct 2026, 11:00")
    assert len(letters) == 2
    carla, dora = (visit(phone=True) for _ in letters)
    for who, letter in zip((carla, dora), letters, strict=True):
        who.opens(link_in(letter))
        assert "Tue 6 Oct 2026, 11:00" in who.reads()
    carla.keeps("4-own-offer-390")
    carla.clicks_on("Yes, I come then", "button")
    assert "We expect you at the new time." in carla.reads()
    carla.keeps("4-own-taken-390")
    dora.clicks_on("Yes, I come then", "button")
    assert "Somebody else was a moment earlier. Your appointment on" in dora.reads()
    dora.keeps("4-own-gone-390")
    assert Appointment.objects.live().filter(starts=freed.starts).count() == 1
    assert sorted(Offer.objects.values_list("state", flat=True)) == [OfferState.LOST, OfferState.TAKEN]
    for who in (carla, dora):
        who.is_clean()
