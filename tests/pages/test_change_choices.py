"""What a change makes somebody decide about an appointment, and what follows from the hour of one."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plans.models import Appointment, Plan
from plans.rules.states import AppointmentState
from tests.pages.changing import WHY, accept, ask, session, under_way, words
from tests.pages.visits import DAY, Clinic, open_pages, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def plan(clinic: Clinic) -> Plan:
    return under_way(clinic)


# -- what has to be decided --------------------------------------------------------------------------------------------
@pytest.fixture
def pushed(clinic: Clinic, plan: Plan) -> Callable[..., str]:
    """Session 3 is booked, too; setting session 2 later pushes it out of its time."""
    second, third = session(plan, 2), session(plan, 3)
    Appointment.objects.get(session=second).delete()
    clinic.cast.book(third, clinic.cast.at(third.target, 15))
    about, day = f"?session={second.pk}", second.target + 25 * DAY

    def look(**said: object) -> str:
        return ask(clinic, plan, "pin", about, day=day, **said)

    look.about, look.day, look.third = about, day, third  # type: ignore[attr-defined]  # what the tests send on
    return look


def offers(page: str) -> list[str]:
    return [html.unescape(value) for value in re.findall(r'value="(move:[^"]+)"', page)]


def starts_of(value: str) -> datetime:
    return datetime.fromisoformat(value.removeprefix("move:").partition("/")[0])


@pytest.mark.parametrize("choice", ["keep", "cancel", "move"])
def test_each_choice_is_shown_before_and_done_after(clinic: Clinic, plan: Plan, pushed: Any, choice: str) -> None:
    page = pushed()
    assert "To decide" in words(page) and "1 appointment no longer fits" in words(page)
    times = offers(page)
    assert len(times) == 3
    value = times[1] if choice == "move" else choice
    said = {f"choice-{pushed.third.pk}": value}
    page = pushed(**said)
    assert "Decided" in words(page) and "To decide" not in words(page)
    assert f'value="{value}" checked' in page
    assert ("1 appointment no longer fits" in words(page)) == (choice == "keep")
    accept(clinic, plan, "pin", pushed.about, day=pushed.day, after=page, **said)
    rows = {row.state: row for row in Appointment.objects.filter(session=pushed.third)}
    if choice == "move":
        assert rows[AppointmentState.BOOKED].starts == starts_of(value)
        assert rows[AppointmentState.BOOKED].rescheduled_from == rows[AppointmentState.CANCELLED]
    else:
        assert set(rows) == {AppointmentState.CANCELLED if choice == "cancel" else AppointmentState.BOOKED}


def test_offered_times_are_free_inside_the_new_window_and_near_the_old_hour(
    clinic: Clinic, plan: Plan, pushed: Any
) -> None:
    starts = [starts_of(value) for value in offers(pushed())]
    accept(clinic, plan, "pin", pushed.about, day=pushed.day, **{f"choice-{pushed.third.pk}": "keep"})
    third = session(plan, 3)
    zone = clinic.cast.here.zone
    assert all(third.earliest <= start.astimezone(zone).date() <= third.latest for start in starts)
    assert {start.astimezone(zone).hour for start in starts} == {15}


def test_a_time_taken_meanwhile_is_refused_and_everything_typed_is_kept(
    clinic: Clinic, plan: Plan, pushed: Any
) -> None:
    value = offers(pushed())[0]
    said = {f"choice-{pushed.third.pk}": value}
    page = pushed(**said)
    other = clinic.plan("Alma")
    clinic.cast.book(
        other.sessions.get(number=1), starts_of(value), override_reason="She insists", by=clinic.cast.doctor
    )
    page = accept(clinic, plan, "pin", pushed.about, day=pushed.day, after=page, **said)
    assert "is busy" in words(page)
    assert f'value="{pushed.day}"' in page and WHY in page
    assert session(plan, 2).pinned is None


NOT_OFFERED = (
    "", "burn", "move", "move:", "move:x/y", "keep:x", "move:2026-01-01T00:00/2026-01-01T01:00",
    "move:1900-01-01T10:00+00:00/1900-01-01T10:45+00:00", "move:9999-12-31T23:59+00:00/9999-12-31T23:59:30+00:00",
)  # fmt: skip


def test_a_choice_that_is_not_offered_counts_as_none(clinic: Clinic, plan: Plan, pushed: Any) -> None:
    for choice in NOT_OFFERED:
        said = {f"choice-{pushed.third.pk}": choice}
        assert "To decide" in words(pushed(**said)), choice
        page = accept(clinic, plan, "pin", pushed.about, day=pushed.day, **said)
        assert "Decide first" in words(page), choice
    assert session(plan, 2).pinned is None


def test_a_choice_about_something_that_fits_changes_nothing(clinic: Clinic, plan: Plan) -> None:
    second, fourth = session(plan, 2), session(plan, 4)
    accept(clinic, plan, "skip", f"?session={fourth.pk}", **{f"choice-{second.pk}": "cancel"})
    assert Appointment.objects.get(session=second).state == AppointmentState.BOOKED


# -- what follows from an hour -----------------------------------------------------------------------------------------
def follows(page: str) -> str:
    return words(page.partition('id="follows" aria-live="polite">')[2].partition("</form>")[0])


def test_moving_an_appointment_says_what_else_moves(clinic: Clinic, plan: Plan) -> None:
    second = session(plan, 2)
    appointment = Appointment.objects.get(session=second)
    for client in (clinic.desk, clinic.doctor):
        page = follows(seen(client, "appointment-move", appointment.pk))
        assert page.startswith("Nothing else changes.")
        page = follows(seen(client, "appointment-move", appointment.pk, ask=f"?day={second.target + 4 * DAY}"))
        assert "What follows: 2 sessions move" in page
        assert page.count("4 days later") >= 2
        assert "Session 2 (" not in page, "its own new day needs no telling"


def test_booking_says_what_else_moves_for_the_hour_chosen(clinic: Clinic, plan: Plan) -> None:
    third = session(plan, 3)
    day = third.target + 7 * DAY
    page = follows(seen(clinic.desk, "session-book", third.pk, ask=f"?day={third.target}&time=15:00"))
    assert "session moves" not in page
    page = follows(seen(clinic.desk, "session-book", third.pk, ask=f"?day={day}&time=15:00"))
    assert "1 session moves" in page and "7 days later" in page
    for nonsense in ("25:00", "x", "24:00:00"):
        assert "Book session 3" in seen(clinic.desk, "session-book", third.pk, ask=f"?day={day}&time={nonsense}")


def test_a_move_that_pushes_the_next_appointment_out_says_so(clinic: Clinic, plan: Plan) -> None:
    second, third = session(plan, 2), session(plan, 3)
    clinic.cast.book(third, clinic.cast.at(third.target, 10))
    appointment = Appointment.objects.get(session=second)
    page = follows(seen(clinic.doctor, "appointment-move", appointment.pk, ask=f"?day={second.target + 25 * DAY}"))
    assert "This does not fit any more Session 3 is booked on" in page
    assert "1 appointment no longer fits" in page
