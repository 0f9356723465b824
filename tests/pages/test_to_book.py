"""The lists of what is to be booked or phoned about: who stands on which, and who does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from clinic.models import Location
from patients.models import MailboxState, Patient
from plans.models import Appointment, Plan, Review, Session
from plans.operations.booking import book_appointment, cancel_appointment
from plans.operations.visits import mark_no_show
from plans.queries.to_book import PAGE, Kind, to_book
from plans.rules.states import AppointmentPurpose, PlanState, ReviewState, SessionState
from tests.pages.visits import DAY, Clinic, first_of, open_pages, second_of, seen

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


def stands_on(clinic: Clinic, name: str = "Noor") -> set[str]:
    """The lists on which this patient stands."""
    found = to_book(clinic.cast.desk, location_id=None, now=clinic.cast.now)
    return {section.kind.value for section in found.sections for line in section.lines if name in line.patient.name}


def at_noon(clinic: Clinic, day: date) -> None:
    clinic.stand_at(clinic.cast.at(day, 12))


def miss(clinic: Clinic, row: Appointment) -> None:
    clinic.stand_at(row.starts + 20 * MINUTE)
    mark_no_show(appointment_id=row.pk, by=clinic.cast.desk, now=clinic.cast.now)


def talk(clinic: Clinic, patient: Patient, day: date, hour: int = 15) -> Appointment:
    return book_appointment(
        patient_id=patient.pk, purpose=AppointmentPurpose.CONSULTATION, minutes=30, by=clinic.cast.desk,
        starts=clinic.cast.at(day, hour), now=clinic.cast.now, **clinic.cast.place(1),
    )  # fmt: skip


# -- sessions --------------------------------------------------------------------------------------------------------
def test_a_session_is_to_be_booked_from_two_weeks_before_it_may_be_held(clinic: Clinic) -> None:
    session = first_of(clinic.cast.active_plan(starts_on=clinic.cast.today + 30 * DAY))
    at_noon(clinic, session.earliest - 15 * DAY)
    assert stands_on(clinic) == set()
    at_noon(clinic, session.earliest - 14 * DAY)
    assert stands_on(clinic) == {"soon"}
    page = seen(clinic.desk, "to-book")
    assert "Opens in 14 days" in page and reverse("plans:session-book", args=[session.pk]) in page
    at_noon(clinic, session.latest)
    assert stands_on(clinic) == {"soon"}
    assert "Open now" in seen(clinic.desk, "to-book")
    at_noon(clinic, session.latest + DAY)
    assert stands_on(clinic) == {"late"}
    assert "It should have been by" in seen(clinic.desk, "to-book")


def test_only_the_next_session_of_a_plan_that_nobody_holds_a_time_for(clinic: Clinic) -> None:
    plan = clinic.plan()
    at_noon(clinic, second_of(plan).latest + DAY)
    found = to_book(clinic.cast.desk, location_id=None, now=clinic.cast.now)
    assert [line.what for section in found.sections for line in section.lines] == ["Session 1"]


def test_with_the_first_booked_the_second_is_next(clinic: Clinic) -> None:
    plan = clinic.plan()
    clinic.booked(first_of(plan))
    at_noon(clinic, second_of(plan).earliest)
    Session.objects.filter(pk=first_of(plan).pk).update(state=SessionState.SKIPPED)
    assert stands_on(clinic) == {"soon"}


def test_what_is_booked_cancelled_or_not_under_way_is_told_apart(clinic: Clinic) -> None:
    plan = clinic.plan()
    assert stands_on(clinic) == {"soon"}
    row = clinic.booked(first_of(plan))
    assert stands_on(clinic) == set()
    cancel_appointment(appointment_id=row.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    assert stands_on(clinic) == {"soon"}
    for state in (PlanState.PAUSED, PlanState.STOPPED, PlanState.DRAFT, PlanState.COMPLETED):
        Plan.objects.filter(pk=plan.pk).update(state=state)
        assert stands_on(clinic) == set()


def test_the_days_are_the_places_own(clinic: Clinic) -> None:
    session = first_of(clinic.plan())
    clinic.stand_at(clinic.cast.at(session.latest, 23, 30))
    assert stands_on(clinic) == {"soon"}
    clinic.stand_at(clinic.cast.at(session.latest + DAY, 0, 30))  # still the day before in UTC
    assert stands_on(clinic) == {"late"}


# -- no-shows --------------------------------------------------------------------------------------------------------
def test_a_no_show_stands_on_its_own_list_until_it_is_booked_again(clinic: Clinic) -> None:
    plan = clinic.plan()
    row = clinic.booked(first_of(plan))
    miss(clinic, row)
    assert stands_on(clinic) == {"missed"}
    page = seen(clinic.desk, "to-book")
    assert ">1st no-show<" in page and reverse("plans:missed", args=[row.pk]) in page
    again = clinic.booked(first_of(plan), 16)
    assert stands_on(clinic) == set()
    miss(clinic, again)
    found = to_book(clinic.cast.desk, location_id=None, kind=Kind.MISSED, now=clinic.cast.now)
    assert [(line.pk, line.word) for line in found.sections[0].lines] == [(again.pk, "2nd no-show")]


def test_a_no_show_whose_new_time_was_cancelled_is_to_be_booked_again(clinic: Clinic) -> None:
    plan = clinic.plan()
    miss(clinic, clinic.booked(first_of(plan)))
    again = clinic.booked(first_of(plan), 16)
    cancel_appointment(appointment_id=again.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    assert stands_on(clinic) == {"missed"}


def test_a_missed_talk_is_booked_again_or_forgotten_after_two_months(clinic: Clinic) -> None:
    patient = clinic.cast.patient("Ivo")
    miss(clinic, talk(clinic, patient, clinic.cast.today))
    assert stands_on(clinic, "Ivo") == {"missed"}
    later = clinic.cast.now
    clinic.stand_at(later + 61 * DAY)
    assert stands_on(clinic, "Ivo") == set()
    clinic.stand_at(later)
    talk(clinic, patient, clinic.cast.today + DAY)
    assert stands_on(clinic, "Ivo") == set()


# -- reviews ---------------------------------------------------------------------------------------------------------
def test_a_review_is_to_be_booked_once_it_counts_from_a_session_held(clinic: Clinic) -> None:
    review = clinic.plan().reviews.get(months=3)
    at_noon(clinic, review.opens - 14 * DAY)
    assert "reviews" not in stands_on(clinic)
    Review.objects.filter(pk=review.pk).update(is_estimated=False)
    assert "reviews" in stands_on(clinic)
    assert reverse("plans:review-book", args=[review.pk]) in seen(clinic.desk, "to-book", ask="?kind=reviews")
    at_noon(clinic, review.opens - 15 * DAY)
    assert "reviews" not in stands_on(clinic)
    at_noon(clinic, review.opens)
    clinic.cast.book_review(review, clinic.cast.at(review.due, 11))
    assert "reviews" not in stands_on(clinic)


def test_a_decided_review_is_nobodys_work(clinic: Clinic) -> None:
    review = clinic.plan().reviews.get(months=3)
    Review.objects.filter(pk=review.pk).update(is_estimated=False, state=ReviewState.SKIPPED)
    at_noon(clinic, review.opens)
    assert "reviews" not in stands_on(clinic)


# -- outside the window ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("earliest", "latest", "word"), [(1, 9, "Too early"), (-9, -1, "Too late")])
def test_what_the_plan_has_moved_away_from_is_to_be_moved(
    clinic: Clinic, earliest: int, latest: int, word: str
) -> None:
    row = clinic.booked(first_of(clinic.plan()))
    assert stands_on(clinic) == set()
    day = clinic.cast.today
    Session.objects.filter(pk=row.session_id).update(
        earliest=day + earliest * DAY, target=day + earliest * DAY, latest=day + latest * DAY
    )
    assert stands_on(clinic) == {"outside"}
    page = seen(clinic.desk, "to-book")
    assert word in page and reverse("plans:appointment-move", args=[row.pk]) in page


def test_the_edges_of_the_window_are_inside_by_the_places_own_clock(clinic: Clinic) -> None:
    Location.objects.filter(pk=clinic.cast.here.pk).update(time_zone="Pacific/Auckland")
    clinic.cast.here.refresh_from_db()
    clinic.stand_at(clinic.cast.now)
    row = clinic.cast.book(
        first_of(clinic.plan()), clinic.cast.at(clinic.cast.today + DAY, 9)
    )  # the day before, in UTC
    day = clinic.cast.today + DAY
    Session.objects.filter(pk=row.session_id).update(earliest=day, target=day, latest=day)
    assert "outside" not in stands_on(clinic)


# -- to phone --------------------------------------------------------------------------------------------------------
def test_whom_no_mail_reaches_is_phoned_the_day_before(clinic: Clinic) -> None:
    patient = clinic.cast.patient("Ivo")
    talk(clinic, patient, clinic.cast.today + DAY)
    assert stands_on(clinic, "Ivo") == set()
    for change in ({"email": ""}, {"email": "ivo@example.org", "mailbox": MailboxState.DEAD}):
        Patient.objects.filter(pk=patient.pk).update(**change)
        assert stands_on(clinic, "Ivo") == {"phone"}
    clinic.stand_at(clinic.cast.now + DAY)
    assert stands_on(clinic, "Ivo") == set()


def test_who_stayed_away_twice_is_phoned_the_day_before(clinic: Clinic) -> None:
    patient = clinic.cast.patient("Ivo")
    for hour in (15, 16):
        miss(clinic, talk(clinic, patient, clinic.cast.today, hour))
    talk(clinic, patient, clinic.cast.today + DAY)
    assert stands_on(clinic, "Ivo") == {"phone"}
    assert "Phone the day before (2 no-shows)" in seen(clinic.desk, "to-book")


# -- the page --------------------------------------------------------------------------------------------------------
def test_an_empty_page_says_what_would_be_here(clinic: Clinic) -> None:
    assert "Nothing to book" in seen(clinic.desk, "to-book")
    for kind in Kind:
        assert kind.empty in seen(clinic.desk, "to-book", ask=f"?kind={kind.value}").replace("&#x27;", "'")


def test_other_places_are_nobodys_work_here(clinic: Clinic) -> None:
    clinic.plan()
    assert "Noor" in seen(clinic.desk, "to-book")
    assert "Noor" not in seen(clinic.outsider, "to-book")
    seen(clinic.desk, "to-book", ask=f"?location={clinic.cast.there.pk}", status=404)
    assert "Noor" in seen(clinic.manager, "to-book", ask=f"?location={clinic.cast.here.pk}")
    assert "Noor" not in seen(clinic.manager, "to-book", ask=f"?location={clinic.cast.there.pk}")


@pytest.mark.parametrize("after", ["x", "2026-13-40~x", "~", "2026-11-24~", "9" * 40])
def test_a_mistyped_place_in_the_list_is_its_beginning(clinic: Clinic, after: str) -> None:
    clinic.plan()
    assert "Noor" in seen(clinic.desk, "to-book", ask=f"?kind=soon&after={after}")
    assert "Noor" in seen(clinic.desk, "to-book", ask=f"?kind=nonsense&after={after}")


def many(clinic: Clinic, number: int) -> None:
    """That many patients whose session is open now, copied from one."""
    plan = clinic.plan()
    session = first_of(plan)
    here = plan.patient.home_location
    people = Patient.objects.bulk_create(
        Patient(first_name=f"Copy{one:03}", last_name="Sample", home_location=here, registered_at=clinic.cast.now)
        for one in range(number)
    )
    plans = []
    for one in people:
        copy = Plan.objects.get(pk=plan.pk)
        copy.pk, copy.patient = None, one
        copy.id = Plan._meta.pk.get_default()
        plans.append(copy)
    Plan.objects.bulk_create(plans)
    sessions = []
    for days, copy in enumerate(plans):
        one = Session.objects.get(pk=session.pk)
        one.id, one.plan = Session._meta.pk.get_default(), copy
        one.target = session.earliest + timedelta(days=days % 5)
        sessions.append(one)
    Session.objects.bulk_create(sessions)


def test_five_hundred_rows_are_read_page_by_page_each_of_them_once(
    clinic: Clinic, django_assert_max_num_queries: Any
) -> None:
    many(clinic, 499)
    client, after, names = clinic.desk, "", list[str]()
    with django_assert_max_num_queries(10):
        page = seen(client, "to-book")
    assert 'href="?kind=soon">All 500</a>' in page
    for number in range(11):
        ask = f"?kind=soon&after={after}" if after else "?kind=soon"
        with django_assert_max_num_queries(10):
            page = seen(client, "to-book", ask=ask)
        found = re.findall(r"((?:Copy\d+|Noor) Sample\d*)</a></th>", page)
        assert len(found) == (PAGE if number < 10 else 0) or not after
        names += found
        link = re.search(r"after=([^\"]+)\" rel=\"next\"", page)
        if link is None:
            break
        after = link.group(1)
    assert len(names) == len(set(names)) == 500


def test_every_list_has_rows_in_the_same_number_of_queries(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    """One of each kind, and the page costs what the empty one did."""
    clinic.plan("Soon")
    Patient.objects.filter(pk=clinic.cast.people[-1].pk).update(email="")
    miss(clinic, clinic.booked(first_of(clinic.plan("Missed")), 10))
    talk(clinic, clinic.cast.people[0], clinic.cast.today + DAY)
    row = clinic.booked(first_of(clinic.plan("Outside")), 16)
    Session.objects.filter(pk=row.session_id).update(latest=clinic.cast.today - DAY, earliest=clinic.cast.today - DAY)
    Review.objects.filter(plan=row.session.plan, months=3).update(
        is_estimated=False, opens=clinic.cast.today, due=clinic.cast.today
    )
    late = first_of(clinic.plan("Late"))
    Session.objects.filter(pk=late.pk).update(latest=clinic.cast.today - DAY, earliest=clinic.cast.today - DAY)
    client = clinic.desk
    with django_assert_max_num_queries(9):
        page = seen(client, "to-book")
    assert set(re.findall(r'id="list-(\w+)"', page)) == {kind.value for kind in Kind}
