from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Location, Staff
from plans.queries.dashboard import numbers
from plans.rules.states import AppointmentState, PlanState, ReminderState
from tests.pages import cast

pytestmark = pytest.mark.django_db
NOW = cast.NOW


@pytest.fixture(autouse=True)
def stopped_clock(settings: object, tmp_path: Path) -> Iterator[None]:
    settings.DEBUG = True  # type: ignore[attr-defined]
    settings.CLOCK_FILE = str(tmp_path / "clock")  # type: ignore[attr-defined]
    (tmp_path / "clock").write_text(NOW.isoformat())
    yield


@pytest.fixture
def here() -> Location:
    return cast.location("Riverside")


@pytest.fixture
def clinician(here: Location) -> Staff:
    return cast.member("noor", here, is_clinician=True, first_name="Noor")


@pytest.fixture
def desk(here: Location) -> Staff:
    return cast.member("dana", here, is_front_desk=True, first_name="Dana")


def opened_by(person: Staff) -> str:
    answer = cast.logged_in(person).get(reverse("admin:index"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_greets_and_says_what_day_it_is_here(desk: Staff) -> None:
    seen = opened_by(desk)
    assert "Good morning, Dana" in seen
    assert "Mon 23 Nov 2026" in seen


def test_today_is_the_day_of_the_location_not_of_the_server(here: Location, clinician: Staff) -> None:
    late_yesterday = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)  # 23:59 in Singapore
    early_today = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # 00:00 in Singapore
    cast.appointment(cast.course(here, clinician, "Ada Yesterday"), late_yesterday)
    cast.appointment(cast.course(here, clinician, "Bo Today"), early_today)
    day = numbers(clinician, NOW)
    assert [row.patient.name for row in day.appointments.rows] == ["Bo Today"]


def test_cancelled_appointments_are_nobodys_work(here: Location, clinician: Staff) -> None:
    cast.appointment(cast.course(here, clinician), NOW, AppointmentState.CANCELLED)
    assert numbers(clinician, NOW).appointments.count == 0


def test_a_no_show_counts_for_today_but_is_not_still_open(here: Location, clinician: Staff) -> None:
    cast.appointment(cast.course(here, clinician), NOW, AppointmentState.NO_SHOW)
    day = numbers(clinician, NOW)
    assert (day.appointments.count, day.still_to_come) == (1, 0)


def test_a_review_is_due_from_the_day_its_window_opens(here: Location, clinician: Staff) -> None:
    review = cast.course(here, clinician).review
    review.opens = cast.TODAY + timedelta(days=1)
    review.due = cast.TODAY + timedelta(days=2)
    review.save()
    assert numbers(clinician, NOW).reviews.count == 0
    review.opens = cast.TODAY
    review.save()
    assert numbers(clinician, NOW).reviews.count == 1


@pytest.mark.parametrize("state", [PlanState.DRAFT, PlanState.STOPPED])
def test_reviews_of_plans_that_do_not_run_are_not_due(state: PlanState, here: Location, clinician: Staff) -> None:
    cast.course(here, clinician, state=state)
    assert numbers(clinician, NOW).reviews.count == 0


def test_an_estimated_review_is_not_due(here: Location, clinician: Staff) -> None:
    review = cast.course(here, clinician).review
    review.is_estimated = True
    review.save()
    assert numbers(clinician, NOW).reviews.count == 0


def test_a_plan_waits_for_an_appointment_until_one_is_booked(here: Location, clinician: Staff) -> None:
    course = cast.course(here, clinician)
    assert numbers(clinician, NOW).plans.count == 1
    booked = cast.appointment(course, NOW + timedelta(days=3))
    assert numbers(clinician, NOW).plans.count == 0
    booked.state = AppointmentState.NO_SHOW
    booked.save()
    assert numbers(clinician, NOW).plans.count == 1


def test_a_booked_review_is_a_next_appointment_too(here: Location, clinician: Staff) -> None:
    cast.review_appointment(cast.course(here, clinician), NOW + timedelta(days=3))
    assert numbers(clinician, NOW).plans.count == 0


def test_the_plan_whose_next_session_is_soonest_stands_first(here: Location, clinician: Staff) -> None:
    late = cast.course(here, clinician, "Late One")
    soon = cast.course(here, clinician, "Soon One")
    soon.next.earliest = soon.next.target = cast.TODAY
    soon.next.save()
    assert [row.pk for row in numbers(clinician, NOW).plans.rows] == [soon.plan.pk, late.plan.pk]


def test_letters_that_failed_or_are_in_doubt_wait_for_a_human(here: Location, clinician: Staff) -> None:
    for name, state in (("A", ReminderState.FAILED), ("B", ReminderState.UNKNOWN), ("C", ReminderState.SENT)):
        cast.letter(cast.course(here, clinician, name), state)
    settled = cast.letter(cast.course(here, clinician, "D"))
    settled.settled_at = NOW
    settled.save()
    reminders = numbers(clinician, NOW).reminders
    assert reminders is not None
    assert [row.patient.name for row in reminders.rows] == ["A", "B"]


def test_the_front_desk_sees_which_letters_did_not_arrive(here: Location, clinician: Staff, desk: Staff) -> None:
    cast.letter(cast.course(here, clinician))
    assert "Letters waiting for a human" in opened_by(desk)


def test_a_colleague_without_a_role_sees_no_patient(here: Location, clinician: Staff) -> None:
    course = cast.course(here, clinician)
    cast.appointment(course, NOW)
    cast.letter(course)
    newcomer = cast.member("newcomer", here)
    day = numbers(newcomer, NOW)
    assert (day.appointments.count, day.reviews.count, day.plans.count, day.reminders) == (0, 0, 0, None)
    seen = opened_by(newcomer)
    assert "Alma Verde" not in seen
    assert "New patient" not in seen
    assert "You hold no role here yet" in seen
    assert "Nobody is expected today" not in seen


def test_nothing_of_another_location_is_counted(clinician: Staff) -> None:
    course = cast.course(cast.location("Hilltop"), clinician, "Bela Fremd")
    cast.appointment(course, NOW)
    cast.letter(course)
    day = numbers(clinician, NOW)
    assert day.reminders is not None
    assert [card.count for card in (day.appointments, day.reviews, day.plans, day.reminders)] == [0, 0, 0, 0]
    assert "Bela Fremd" not in opened_by(clinician)


def test_every_number_leads_to_a_list_as_long_as_it_says(here: Location, clinician: Staff) -> None:
    for number in range(7):
        cast.course(here, clinician, f"Patient Number{number}")
    client = cast.logged_in(clinician)
    seen = client.get(reverse("admin:index")).content.decode()
    for address in (
        f"{reverse('admin:plans_review_changelist')}?due=now",
        f"{reverse('admin:plans_plan_changelist')}?next=none",
    ):
        assert address in seen
        assert client.get(address).context["cl"].result_count == 7
    assert reverse("plans:desk") in seen
    assert reverse("plans:outbox") in seen


def test_five_rows_stand_under_a_number_and_a_way_to_the_rest(here: Location, clinician: Staff) -> None:
    for number in range(7):
        cast.course(here, clinician, f"Patient Number{number}")
    day = numbers(clinician, NOW)
    assert (day.plans.count, len(day.plans.rows)) == (7, 5)
    assert "All 7 plans" in opened_by(clinician)


def test_a_quiet_day_says_what_would_be_here(here: Location, clinician: Staff) -> None:
    cast.protocol()
    seen = opened_by(clinician)
    for words in (
        "Nobody is expected today",
        "No review is due",
        "Every plan under way has its next appointment",
        "No letter needs you",
    ):
        assert words in seen


def test_a_new_clinic_is_told_how_to_begin(client: Client) -> None:
    owner = Staff.objects.create(username="owner", is_staff=True, is_superuser=True, is_manager=True)
    assert "First, the place you work at" in opened_by(owner)
    place = cast.location()
    owner.locations.add(place)
    assert "Load the protocol library" in opened_by(owner)
    cast.protocol()
    assert "Register the first patient" in opened_by(owner)


def test_the_whole_page_costs_ten_queries_at_most(
    here: Location, clinician: Staff, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        course = cast.course(here, clinician, f"Patient Number{number}")
        cast.letter(course)
        if number % 2:
            cast.appointment(course, NOW + timedelta(hours=number))
    client = cast.logged_in(clinician)
    client.get(reverse("admin:index"))
    # session, user, locations, appointments, reviews, plans, letters; and the session's own upkeep
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get(reverse("admin:index"))
