"""The day and the week on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.models import Practitioner
from plans.models import Appointment
from plans.operations.booking import cancel_appointment
from plans.operations.visits import check_in
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


def booked(clinic: Clinic, first: str = "Noor", hour: int = 11, **more: Any) -> Appointment:
    return clinic.booked(first_of(clinic.plan(first)), hour, **more)


def test_the_sheet_says_what_one_needs_away_from_the_screen(clinic: Clinic) -> None:
    row = booked(clinic)
    row.patient.phone, row.patient.alert = "+65 5550 1234", "Latex allergy"
    row.patient.save()
    page = seen(clinic.desk, "day-sheet")
    for words in (
        ">11:00<", "Noor Sample", "+65 5550 1234", "Latex allergy", "Session 1 of", "exosome and PRP",
        row.session.plan.title, "Room 1", "Dr One", "Not ready", "Baseline photos are missing",
    ):  # fmt: skip
        assert words in page, words


def test_every_practitioner_has_a_page_of_their_own_in_the_order_of_the_hour(clinic: Clinic) -> None:
    booked(clinic, "Late", 15)
    booked(clinic, "Early", 10)
    booked(clinic, "Other", 12, **clinic.cast.place(1))
    page = seen(clinic.desk, "day-sheet")
    sheets = page.split('<section class="c-sheet"')[1:]
    assert len(sheets) == 2
    assert sheets[0].index("Early") < sheets[0].index("Late")
    assert "Other" in sheets[1] and "Other" not in sheets[0]
    assert all("c-sheet__notes" in sheet for sheet in sheets)


def test_one_person_can_be_printed_alone(clinic: Clinic) -> None:
    booked(clinic, "Mine", 10)
    booked(clinic, "Other", 12, **clinic.cast.place(1))
    page = seen(clinic.desk, "day-sheet", ask=f"?who={clinic.cast.practitioners[0].pk}")
    assert "Mine" in page and "Other" not in page


def test_another_day_another_sheet_and_a_mistyped_one_is_today(clinic: Clinic) -> None:
    booked(clinic)
    assert "Nothing to print" in seen(clinic.desk, "day-sheet", ask=f"?day={clinic.cast.today + DAY}")
    for day in ("soon", "2026-13-40", "0001-01-01", ""):
        assert "Noor" in seen(clinic.desk, "day-sheet", ask=f"?day={day}")


def test_sheets_show_neither_the_cancelled_nor_other_places(clinic: Clinic) -> None:
    row = booked(clinic)
    for name in ("day-sheet", "week-sheet"):
        assert "Noor" in seen(clinic.desk, name)
        assert "Noor" not in seen(clinic.outsider, name)
    far = Practitioner.objects.create(location=clinic.cast.there, name="Dr Far")
    for name in ("day-sheet", "week-sheet"):
        seen(clinic.desk, name, ask=f"?who={far.pk}", status=404)
    seen(clinic.desk, "day-sheet", ask=f"?location={clinic.cast.there.pk}", status=404)
    cancel_appointment(appointment_id=row.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    for name in ("day-sheet", "week-sheet"):
        assert "Noor" not in seen(clinic.desk, name)


def test_the_week_has_seven_days_and_one_person(clinic: Clinic) -> None:
    booked(clinic)
    plan = clinic.plan("Next")
    monday = clinic.cast.today - timedelta(days=clinic.cast.today.weekday())
    clinic.cast.book(first_of(plan), clinic.cast.at(clinic.cast.today, 16), **clinic.cast.place(1))
    clinic.cast.book(second_of(plan), clinic.cast.at(second_of(plan).target, 10))
    page = seen(clinic.desk, "week-sheet", ask=f"?who={clinic.cast.practitioners[0].pk}")
    assert page.count('class="c-sheet__day"') == 7
    assert "Noor" in page and "Next" not in page
    later = f"?who={clinic.cast.practitioners[0].pk}&day={second_of(plan).target}"
    assert "Next" in seen(clinic.desk, "week-sheet", ask=later)
    assert f"day={(monday + 7 * DAY).isoformat()}" in page


def test_a_clinician_sees_the_own_week_first(clinic: Clinic) -> None:
    Practitioner.objects.filter(pk=clinic.cast.practitioners[1].pk).update(staff=clinic.cast.doctor)
    booked(clinic, "Hers", 10, **clinic.cast.place(1))
    booked(clinic, "His", 10)
    assert "Hers" in seen(clinic.doctor, "week-sheet")
    assert "Hers" not in seen(clinic.desk, "week-sheet")


def test_an_empty_week_and_a_place_without_people_say_so(clinic: Clinic) -> None:
    assert "An empty week" in seen(clinic.desk, "week-sheet")
    Practitioner.objects.update(is_active=False)
    assert "No practitioners" in seen(clinic.desk, "week-sheet")


@pytest.mark.parametrize("name", ["day-sheet", "week-sheet"])
def test_a_sheet_costs_the_same_however_full_it_is(
    clinic: Clinic, name: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        row = booked(clinic, f"Person{number}", 9 + number)
    check_in(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts - HOUR)
    client = clinic.doctor
    # The board's, and one for the practitioners to choose from.
    with django_assert_max_num_queries(11):
        page = seen(client, name)
    assert page.count("Person") >= 9
