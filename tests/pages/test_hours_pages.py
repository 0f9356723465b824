"""The pages of hours: nothing typed is lost, every fault stands at its field, and what it means stands before it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Closure, Practitioner, SpecialHours, WeeklyHours
from clinic.rules.opening import ClosureKind
from plans.models import Appointment
from plans.rules.states import AppointmentState
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


def key(clinic: Clinic, number: int = 0) -> str:
    return f"practitioner-{clinic.cast.practitioners[number].pk}"


def place(clinic: Clinic) -> str:
    return f"location-{clinic.cast.here.pk}"


def week(**days: str) -> dict[str, str]:
    """A week as the form sends it: `mon="09:00-12:30 13:30-18:00"`."""
    said = {"mode": "own", "buffer": "0", "do": "save"}
    for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun")):
        for period, words in enumerate(days.get(name, "-").split()):
            said[f"opens-{number}-{period}"], _, said[f"closes-{number}-{period}"] = words.partition("-")
    return said


def hidden(page: str, name: str) -> str:
    return re.search(f'name="{name}" value="([^"]*)"', page)[1]


def booked(clinic: Clinic, name: str = "Noor", hour: int = 17) -> Appointment:
    return clinic.booked(first_of(clinic.plan(name)), hour)


# -- every week ------------------------------------------------------------------------------------------------------
def test_the_week_of_everybody_and_everything_stands_on_one_page(clinic: Clinic) -> None:
    here = {"location": clinic.cast.here, "practitioner": clinic.cast.practitioners[0]}
    WeeklyHours.objects.create(**here, weekday=0, opens=time(9), closes=time(12, 30))
    page = seen(clinic.manager, "hours", ask=f"?location={clinic.cast.here.pk}")
    assert "09:00–12:30" in page and "09:00–19:00" in page
    assert "Same as the location" in page and "Whenever somebody works" in page


def test_somebody_gets_a_lunch_break_and_minutes_between_two(clinic: Clinic) -> None:
    said = week(mon="09:00-12:30 13:30-18:00") | {"buffer": "15"}
    page = sent(clinic.manager, "hours-week", key(clinic), **said)
    assert "The hours of Dr One are changed. No booked appointment lies outside of them." in page
    rows = WeeklyHours.objects.filter(practitioner=clinic.cast.practitioners[0])
    assert [f"{row.opens:%H:%M}-{row.closes:%H:%M}" for row in rows] == ["09:00-12:30", "13:30-18:00"]
    assert Practitioner.objects.get(pk=clinic.cast.practitioners[0].pk).buffer_minutes == 15


@pytest.mark.parametrize(
    ("typed", "at", "says"),
    [
        ("18:00-09:00", "closes-0-0", "It closes at 09:00, before it opens at 18:00"),
        ("09:00-13:00 12:00-18:00", "opens-0-1", "09:00–13:00 and 12:00–18:00 overlap"),
        ("09:00-00:00", "closes-0-0", "Close at 23:59 at the latest"),
        ("09:00-", "closes-0-0", "Write when it closes, too."),
        ("nine-18:00", "opens-0-0", "Write a time like 09:30."),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(clinic: Clinic, typed: str, at: str, says: str) -> None:
    said = week(mon=typed, fri="10:00-15:00") | {"buffer": "7"}
    page = sent(clinic.manager, "hours-week", key(clinic), **said)
    assert says in page and f'id="fault-{at}"' in page
    assert 'value="10:00"' in page and 'value="7"' in page and "Not saved yet" in page
    for name, value in said.items():
        if name.startswith(("opens", "closes")) and value:
            assert f'name="{name}" value="{value}"' in page
    assert not WeeklyHours.objects.filter(practitioner__isnull=False).exists()


@pytest.mark.parametrize("buffer", ["121", "-1", "many", "1.5"])
def test_minutes_between_two_are_whole_and_few(clinic: Clinic, buffer: str) -> None:
    page = sent(clinic.manager, "hours-week", key(clinic), **week(mon="09:00-12:00") | {"buffer": buffer})
    assert "Write whole minutes, 0 to 120." in page and f'value="{buffer}"' in page


def test_own_hours_without_a_single_period_are_a_slip(clinic: Clinic) -> None:
    assert "Write at least one period." in sent(clinic.manager, "hours-week", key(clinic), **week())


def test_monday_is_copied_to_all_weekdays_and_a_period_comes_and_goes_before_anything_is_saved(clinic: Clinic) -> None:
    said = week(mon="09:00-12:30 13:30-18:00", sat="10:00-12:00")
    page = sent(clinic.manager, "hours-week", key(clinic), **said | {"do": "copy"})
    for day in range(5):
        assert f'name="opens-{day}-1" value="13:30"' in page
    assert 'name="opens-5-0" value="10:00"' in page and 'name="opens-6-0" value=""' in page
    page = sent(clinic.manager, "hours-week", key(clinic), **said | {"do": "add-5"})
    assert 'name="opens-5-1" value=""' in page and "c-fault" not in page
    page = sent(clinic.manager, "hours-week", key(clinic), **said | {"do": "drop-0-0"})
    assert 'name="opens-0-0" value="13:30"' in page and 'name="opens-0-1"' not in page
    assert not WeeklyHours.objects.filter(practitioner__isnull=False).exists()


def test_who_would_lie_outside_is_shown_first_and_saving_all_the_same_moves_nobody(clinic: Clinic) -> None:
    row = booked(clinic)
    said = week(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "09:00-17:30"))
    browser = clinic.manager
    page = sent(browser, "hours-week", place(clinic), **said)
    assert "1 booked appointment would lie outside" in page and "Noor" in page and "Save all the same" in page
    assert WeeklyHours.objects.get(location=clinic.cast.here, weekday=0).closes == time(19)
    page = sent(browser, "hours-week", place(clinic), **said, looked=hidden(page, "looked"), seen=hidden(page, "seen"))
    assert "1 appointment outside of them stays booked as before." in page
    row.refresh_from_db()
    assert (row.starts, row.state) == (clinic.cast.at(clinic.cast.today, 17), AppointmentState.BOOKED)


def test_somebody_booked_while_one_looked_is_shown_before_it_is_saved(clinic: Clinic) -> None:
    said = week(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "09:00-17:30"))
    browser = clinic.manager
    booked(clinic)
    page = sent(browser, "hours-week", place(clinic), **said)
    booked(clinic, "Omar", 18)
    page = sent(browser, "hours-week", place(clinic), **said, looked=hidden(page, "looked"))
    assert "2 booked appointments would lie outside" in page


def test_the_page_of_hours_asks_the_same_of_the_database_whoever_works_there(clinic: Clinic) -> None:
    browser = clinic.manager
    few, many = CaptureQueriesContext(connection), CaptureQueriesContext(connection)
    with few:
        seen(browser, "hours", ask=f"?location={clinic.cast.here.pk}")
    for number in range(20):
        one = Practitioner.objects.create(location=clinic.cast.here, name=f"Dr Many {number}")
        WeeklyHours.objects.create(
            location=clinic.cast.here, practitioner=one, weekday=0, opens=time(9), closes=time(10)
        )
        _closure(clinic, one, number + 1)
    with many:
        assert "Dr Many 19" in seen(browser, "hours", ask=f"?location={clinic.cast.here.pk}")
    # Session, person; places, people, rooms, week, other days, closures.
    assert len(few) == len(many) <= 9


# -- other days ------------------------------------------------------------------------------------------------------
def test_a_saturday_opens_for_once_and_can_be_taken_back(clinic: Clinic) -> None:
    day = (clinic.cast.today + 12 * DAY).isoformat()
    said = {"whose": place(clinic), "day": day, "opens_1": "10:00", "closes_1": "14:00", "note": "Open day"}
    page = sent(clinic.manager, "hours-special", **said)
    assert "10:00–14:00" in page and "Open day" in page
    page = sent(clinic.manager, "hours-special-remove", SpecialHours.objects.get().pk)
    assert (
        "the weekly hours count again. No booked appointment lies outside of them." in page
        and not SpecialHours.objects.exists()
    )


def test_taking_back_an_open_evening_says_who_is_left_outside(clinic: Clinic) -> None:
    here, today = clinic.cast.here, clinic.cast.today
    SpecialHours.objects.create(location=here, day=today, opens=time(9), closes=time(22))
    row = booked(clinic, hour=20)
    page = sent(clinic.manager, "hours-special-remove", SpecialHours.objects.get().pk)
    assert "1 appointment outside of them stays booked as before." in page
    row.refresh_from_db()
    assert row.state == AppointmentState.BOOKED


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"day": "2020-01-01"}, "is over: choose a day from today"),
        ({"day": "2090-01-01"}, "more than two years away"),
        ({"closes_1": "08:00"}, "It closes at 08:00, before it opens at 10:00"),
        ({"opens_2": "12:00", "closes_2": "16:00"}, "overlap"),
        ({"whose": "practitioner-nobody"}, "not in use any more, or not yours"),
    ],
)
def test_other_hours_that_cannot_be_say_why_at_the_field(clinic: Clinic, changes: dict[str, str], says: str) -> None:
    day = (clinic.cast.today + 12 * DAY).isoformat()
    said = {"whose": place(clinic), "day": day, "opens_1": "10:00", "closes_1": "14:00", "note": "Open day"}
    page = sent(clinic.manager, "hours-special", **said | changes)
    assert says in page and 'value="Open day"' in page and not SpecialHours.objects.exists()


# -- public holidays -------------------------------------------------------------------------------------------------
def test_holidays_of_the_chosen_country_are_ticked_and_closed_once(clinic: Clinic) -> None:
    browser, pk = clinic.manager, clinic.cast.here.pk
    assert "Choose a country" in seen(browser, "hours-holidays", pk)
    page = seen(browser, "hours-holidays", pk, ask="?country=SG&year=2026")
    assert "Fri 25 Dec 2026" in page and "Christmas Day" in page
    said = {"country": "SG", "region": "", "year": "2026", "day": "2026-12-25"}
    assert "Closed on 1 public holiday." in sent(browser, "hours-holidays", pk, **said)
    assert "Nothing to close" in sent(browser, "hours-holidays", pk, **said)
    closure = Closure.objects.get()
    assert (closure.kind, closure.note) == (ClosureKind.HOLIDAY, "Christmas Day")
    assert "Closed already" in seen(browser, "hours-holidays", pk, ask="?country=SG&year=2026")


def test_what_is_no_country_region_or_year_shows_no_holidays(clinic: Clinic) -> None:
    for ask in ("?country=XX", "?country=SG&year=1", "?country=SG&year=x&region=BY", "?country="):
        assert "c-page" in seen(clinic.manager, "hours-holidays", clinic.cast.here.pk, ask=ask)
    sent(clinic.manager, "hours-holidays", clinic.cast.here.pk, country="SG", year="2026", day="2026-12-26")
    assert not Closure.objects.exists(), "only days of the list are closed"


# -- away ------------------------------------------------------------------------------------------------------------
def _closure(clinic: Clinic, who: Practitioner, days: int) -> Closure:
    starts = clinic.cast.at(clinic.cast.today + days * DAY)
    return Closure.objects.create(
        location=clinic.cast.here, practitioner=who, kind="leave", starts=starts, ends=starts + DAY,
        made_by=clinic.cast.desk, made_at=clinic.cast.now,
    )  # fmt: skip


def away_form(page: str) -> dict[str, str]:
    """What a browser would send of the page of an absence as it came."""
    said = {name: hidden(page, name) for name in ("token", "looked") if f'name="{name}"' in page}
    for name, value in re.findall(r'type="radio" name="(line-[^"]*)" value="([^"]*)"[^>]* checked', page):
        said[name] = value
    return said | dict(re.findall(r'name="(version-[^"]*)" value="([^"]*)"', page))


def test_away_today_shows_at_once_whom_it_hits_and_one_button_moves_them(clinic: Clinic) -> None:
    row = booked(clinic)
    browser, who = clinic.desk, clinic.cast.practitioners[0]
    page = seen(browser, "away-new", ask=f"?who={who.pk}&day=today")
    assert "1 appointment is hit" in page and "Noor" in page and "Enter it and move" in page
    today = clinic.cast.today.isoformat()
    said = {"whose": key(clinic), "kind": "ill", "first": today, "last": "", "do": "enter", "tell": "yes"}
    page = sent(browser, "away-new", **said, **away_form(page))
    assert "1 moved; the patients are told by letter." in page and "Nobody is left to move" in page
    row.refresh_from_db()
    assert row.state == AppointmentState.CANCELLED and row.rescheduled_to.practitioner != who
    assert Closure.objects.get().kind == "ill"


def test_whoever_changes_the_days_after_looking_is_shown_whom_it_hits_now(clinic: Clinic) -> None:
    booked(clinic)
    browser, today = clinic.desk, clinic.cast.today
    page = seen(browser, "away-new", ask=f"?who={key(clinic)}&day={today + DAY}")
    said = {"whose": key(clinic), "kind": "leave", "first": today, "last": today + DAY, "do": "enter"}
    page = sent(browser, "away-new", **said, **away_form(page))
    assert "You changed whom or when after you looked" in page and "1 appointment is hit" in page
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first": "2020-01-01"}, "is over: enter it from today"),
        ({"last": "2036-01-01"}, "at most 400 at a time"),
        ({"last": "2026-01-01"}, "is before"),
        ({"first": "soon"}, "valid date"),
        ({"last": "2026-12-31", "begins": "10:00"}, "Hours are those of one day"),
        ({"begins": "10:00", "ends": "09:00"}, "is not after 10:00"),
        ({"ends": "00:30"}, "is over already"),
        ({"whose": f"practitioner-{uuid4()}"}, "not in use any more, or not yours"),
        ({"kind": "holiday"}, "valid choice"),
    ],
)
def test_an_absence_that_cannot_be_says_why_at_the_field_and_keeps_what_was_typed(
    clinic: Clinic, changes: dict[str, str], says: str
) -> None:
    today = clinic.cast.today.isoformat()
    clinic.stand_at(clinic.cast.at(clinic.cast.today, 8))
    said = {"whose": key(clinic), "kind": "leave", "first": today, "note": "Phoned at seven", "do": "enter"} | changes
    page = sent(clinic.desk, "away-new", **said)
    assert says in page and 'value="Phoned at seven"' in page
    assert not Closure.objects.exists()


def test_somebody_who_left_and_a_closed_place_cannot_be_chosen(clinic: Clinic) -> None:
    who = clinic.cast.practitioners[0]
    who.is_active = False
    who.save()
    said = {"whose": key(clinic), "kind": "ill", "first": clinic.cast.today.isoformat(), "do": "enter"}
    assert "not in use any more" in sent(clinic.desk, "away-new", **said)
    clinic.cast.here.is_active = False
    clinic.cast.here.save()
    assert "not in use any more" in sent(clinic.manager, "away-new", **said | {"whose": place(clinic)})
    assert not Closure.objects.exists()


def test_the_desk_is_not_offered_to_close_the_house(clinic: Clinic) -> None:
    assert place(clinic) not in seen(clinic.desk, "away-new")
    assert place(clinic) in seen(clinic.manager, "away-new")


def test_a_mistyped_address_is_the_empty_form(clinic: Clinic) -> None:
    for ask in ("?who=nobody&day=today", f"?who={key(clinic)}&day=someday", "?day=today", f"?who={uuid4()}&day=today"):
        assert "Show whom it hits" in seen(clinic.desk, "away-new", ask=ask)


def test_a_closure_is_listed_with_whom_it_still_hits_and_can_be_removed(clinic: Clinic) -> None:
    row = booked(clinic)
    closure = _closure(clinic, clinic.cast.practitioners[0], 0)
    clinic.stand_at(row.starts - HOUR)
    browser = clinic.desk
    assert "Dr One" in seen(browser, "away-new")
    page = seen(browser, "away", closure.pk)
    assert "1 appointment is hit" in page and "Noor" in page
    page = sent(browser, "away", closure.pk, do="settle", **away_form(page))
    assert "1 moved; no letter says so: tell the patients yourself." in page and "Nobody is left to move" in page
    assert "can be booked again" in sent(browser, "away-remove", closure.pk)
    assert not Closure.objects.exists()


def test_one_that_cannot_be_moved_any_more_is_named_and_stays(clinic: Clinic) -> None:
    row = booked(clinic)
    closure = _closure(clinic, clinic.cast.practitioners[0], 0)
    browser: Client = clinic.desk
    form = away_form(seen(browser, "away", closure.pk)) | {f"version-{row.pk}": "77"}
    page = sent(browser, "away", closure.pk, do="settle", **form)
    assert "is not moved: Changed meanwhile by" in page and "1 appointment is hit" in page


def test_the_addresses_of_hours_are_the_ones_others_link_to() -> None:
    assert reverse("plans:hours") == "/hours/" and reverse("plans:away-new") == "/hours/away/"
    pk = uuid4()
    assert reverse("plans:away", args=[pk]) == f"/desk/away/{pk}/"
