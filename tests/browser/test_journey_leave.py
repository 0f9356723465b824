"""Journey 3 in Chromium: somebody is ill today; whom it hits, new times inside their windows, and the letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.models import Closure
from clinic.operations.hours import add_closure
from clinic.rules.closures import closed_period
from clinic.rules.local_time import local_day
from clinic.rules.opening import ClosureKind
from plans.models import Appointment, Reminder
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import AppointmentState
from tests.browser.conftest import Visitor, mails
from tests.browser.test_journeys import counted
from tests.cast import SINGLE, Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Move = Callable[[datetime], None]
NAMES = ("Amina", "Bela", "Carla", "Dora", "Emil", "Fadi", "Gita", "Hugo")


def full_day(clinic: Cast) -> list[Appointment]:
    """Eight are booked with Dr One, one after the other. Dr Two is here until two: not everybody can come today."""
    rows = []
    for hour, name in enumerate(NAMES, start=10):
        session = clinic.active_plan(name, key=SINGLE).sessions.get(number=1)
        rows.append(clinic.book(session, clinic.at(session.target, hour)))
    day = local_day(rows[0].starts, clinic.here.zone)
    early, ends = closed_period(day, day, clinic.here.zone, time(14), None)
    whose = f"practitioner-{clinic.practitioners[1].pk}"
    add_closure(whose=whose, kind=ClosureKind.LEAVE, starts=early, ends=ends, by=clinic.desk, now=clinic.now)
    return rows


def test_journey_3_ill_today_whom_it_hits_all_moved_inside_their_windows_and_told(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, record_property: Any
) -> None:
    rows = full_day(clinic)
    stand_at(clinic.at(local_day(rows[0].starts, clinic.here.zone), 8))
    desk = visit(as_=clinic.desk)
    desk.opens("/hours/away/")
    desk.start()
    desk.clicks_on("Dr One is away today")
    seen = desk.reads()
    assert "8 appointments are hit" in seen
    for name in NAMES:
        assert f"{name} Sample" in seen
    desk.keeps("3-whom-it-hits")
    # One of them is looked at more closely: another time than the one proposed.
    desk.clicks += 1
    line = desk.page.locator(f"#hit-{rows[7].pk}")
    line.get_by_role("radio").nth(1).check()
    chosen = line.locator("input:checked").get_attribute("value")
    desk.clicks_on("Enter it, move all 8", "button")
    said = desk.reads()
    assert "8 moved; the patients are told by letter." in said and "Nobody is left to move" in said
    desk.keeps("3-nobody-is-left")
    counted(desk, 3, record_property, clicks=10, seconds=120)
    closure = Closure.objects.get(practitioner=clinic.practitioners[0])
    for row in rows:
        row.refresh_from_db()
        new = row.rescheduled_to
        assert row.state == AppointmentState.CANCELLED and new.state == AppointmentState.BOOKED
        assert row.session.earliest <= local_day(new.starts, clinic.here.zone) <= row.session.latest
        assert new.practitioner != row.practitioner or not closure.starts <= new.starts < closure.ends
        assert new.starts > clinic.now
    stays = [row for row in rows if local_day(row.rescheduled_to.starts, clinic.here.zone) == clinic.today]
    assert 3 <= len(stays) <= 6, "some today with Dr Two, the others on the next days"
    assert rows[7].rescheduled_to.starts.isoformat() == chosen.partition("|")[0]
    moved = Reminder.objects.filter(kind=LetterKind.APPOINTMENT_MOVED)
    assert sorted(moved.values_list("about_id", flat=True)) == sorted(row.rescheduled_to.pk for row in rows)
    assert set(moved.values_list("state", flat=True)) == {"planned"}
    stand_at(clinic.now + timedelta(minutes=5))
    assert mails(mail_folder)
    assert moved.filter(state="sent").count() == 8


def test_the_same_by_keyboard_alone(visit: Callable[..., Visitor], clinic: Cast, stand_at: Move) -> None:
    rows = full_day(clinic)[:1]
    stand_at(clinic.at(local_day(rows[0].starts, clinic.here.zone), 8))
    desk = visit(as_=clinic.desk)
    desk.opens("/hours/away/")
    page = desk.page
    page.get_by_role("link", name="Dr One is away today").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator(f"#hit-{rows[0].pk}").get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Tell the patients by letter").focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.checked") is False
    page.keyboard.press("Tab")
    assert "Enter it, move all 8" in page.evaluate("document.activeElement.textContent")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "8 moved; no letter says so: tell the patients yourself." in desk.reads()
    assert not Reminder.objects.filter(kind=LetterKind.APPOINTMENT_MOVED).exists()
    desk.is_clean()
