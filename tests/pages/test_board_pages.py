"""The check-in board and the page after a no-show, as the front desk clicks through a morning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from clinic.models import Location
from clinic.rules.local_time import local_day
from patients.operations.patients import choose_mails
from plans.models import Appointment, Plan
from plans.operations.booking import book_appointment, cancel_appointment
from plans.operations.visits import begin_treatment, check_in, mark_no_show, mark_numbed
from plans.rules.states import AppointmentPurpose, AppointmentState, SessionState
from tests.pages.visits import Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


def booked(clinic: Clinic, first: str = "Noor", hour: int = 11, **more: Any) -> Appointment:
    return clinic.booked(first_of(clinic.plan(first)), hour, **more)


def columns(page: str) -> dict[str, str]:
    """What stands in each column, by its key."""
    parts = re.split(r'<h2 id="column-(\w+)"', page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def column_of(page: str, name: str) -> str:
    return next(key for key, part in columns(page).items() if "<article" in part and name in part)


def press(clinic: Clinic, row: Appointment, step: str) -> str:
    return sent(clinic.desk, "board-step", row.pk, step)


# -- through the day -------------------------------------------------------------------------------------------------
def test_a_patient_moves_over_the_board_click_by_click(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.cast.photograph(row.session.plan.reviews.get(months=0), views=1)
    clinic.stand_at(row.starts - 40 * MINUTE)
    assert column_of(seen(clinic.desk, "board"), "Noor") == "expected"
    for step, column in (("arrive", "arrived"), ("numb", "arrived"), ("begin", "in_treatment")):
        assert column_of(press(clinic, row, step), "Noor") == column
    clinic.cast.hold(row.session, row.ends)
    clinic.stand_at(clinic.cast.now)
    assert column_of(seen(clinic.desk, "board"), "Noor") == "done"


def test_every_step_can_be_undone(clinic: Clinic) -> None:
    row = booked(clinic)
    press(clinic, row, "arrive")
    page = press(clinic, row, "begin")
    assert "Undo begin" in page
    page = press(clinic, row, "back")
    assert column_of(page, "Noor") == "arrived" and "Undo check-in" in page
    assert column_of(press(clinic, row, "back"), "Noor") == "expected"


def test_a_talk_is_done_with_one_click_and_a_session_leads_to_its_record(clinic: Clinic) -> None:
    row = booked(clinic)
    talk = book_appointment(
        patient_id=clinic.cast.patient("Ivo").pk, purpose=AppointmentPurpose.CONSULTATION, minutes=30,
        starts=row.starts, by=clinic.cast.desk, now=clinic.cast.now, **clinic.cast.place(1),
    )  # fmt: skip
    for one in (row, talk):
        press(clinic, one, "arrive")
        press(clinic, one, "begin")
    page = seen(clinic.doctor, "board")
    assert reverse("plans:session-complete", args=[row.session_id]) in page
    assert reverse("plans:session-complete", args=[row.session_id]) not in seen(clinic.desk, "board")
    assert f'id="finish-{talk.pk}"' in page and f'id="finish-{row.pk}"' not in page
    assert column_of(press(clinic, talk, "finish"), "Ivo") == "done"


def test_two_desks_clicking_the_same_button_get_one_step_and_one_sentence(clinic: Clinic) -> None:
    row = booked(clinic)
    press(clinic, row, "arrive")
    page = press(clinic, row, "arrive")
    assert "cannot be checked in" in page
    row.refresh_from_db()
    assert (row.state, row.version) == (AppointmentState.ARRIVED, 2)


def test_a_step_nobody_knows_is_not_there(clinic: Clinic) -> None:
    row = booked(clinic)
    where = reverse("plans:board-step", args=[row.pk, "dance"])
    assert clinic.desk.post(where).status_code == 404


# -- what it says ----------------------------------------------------------------------------------------------------
def test_waiting_too_long_has_a_colour_and_a_word(clinic: Clinic) -> None:
    row = booked(clinic)
    check_in(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts)
    clinic.stand_at(row.starts + 12 * MINUTE)
    page = seen(clinic.desk, "board")
    assert ">waits 12 min<" in page and "c-chip--late" not in page
    clinic.stand_at(row.starts + 16 * MINUTE)
    page = seen(clinic.desk, "board")
    assert '<span class="c-chip c-chip--late">waits 16 min: too long</span>' in page
    assert "One patient waits or is late" in page


def test_who_is_late_is_to_be_phoned_and_may_be_marked(clinic: Clinic) -> None:
    row = booked(clinic)
    missed = reverse("plans:missed", args=[row.pk])
    clinic.stand_at(row.starts - MINUTE)
    assert missed not in seen(clinic.desk, "board")
    clinic.stand_at(row.starts + 20 * MINUTE)
    page = seen(clinic.desk, "board")
    assert "late 20 min: phone" in page and missed in page


def test_the_cream_is_asked_for_in_its_hour_and_its_button_stands_beside(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.stand_at(row.starts - 50 * MINUTE)
    assert "apply it between 10:00 and 10:30" in seen(clinic.desk, "board")
    press(clinic, row, "arrive")
    page = press(clinic, row, "numb")
    assert "Numbing cream since 10:10, works from 10:40." in page
    assert "Undo cream" in page and "Numbing cream applied" not in page


def test_somebody_cancelled_stands_nowhere_and_an_empty_day_says_how_to_begin(clinic: Clinic) -> None:
    row = booked(clinic)
    cancel_appointment(appointment_id=row.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    page = seen(clinic.desk, "board")
    assert "Nobody is booked today" in page and "Noor" not in page


def test_the_board_is_today_only_and_of_ones_own_places(clinic: Clinic) -> None:
    booked(clinic)
    clinic.cast.book(first_of(clinic.plan("Later")), clinic.cast.at(clinic.cast.today + timedelta(days=1), 11))
    page = seen(clinic.desk, "board")
    assert "Noor" in page and "Later" not in page
    assert "Noor" not in seen(clinic.outsider, "board")
    seen(clinic.desk, "board", ask=f"?location={clinic.cast.there.pk}", status=404)
    assert "Noor" in seen(clinic.manager, "board", ask=f"?location={clinic.cast.here.pk}")
    assert "Noor" not in seen(clinic.manager, "board", ask=f"?location={clinic.cast.there.pk}")


# -- kept fresh ------------------------------------------------------------------------------------------------------
def mark_of(page: str) -> str:
    found = re.search(r"seen=(\w+)", page)
    assert found
    return found.group(1)


def test_who_asks_again_is_answered_only_when_something_has_changed(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.stand_at(row.starts - 30 * MINUTE)
    browser, ask = clinic.desk, f"?seen={mark_of(seen(clinic.desk, 'board'))}"
    seen(browser, "board", ask=ask, status=204)
    check_in(appointment_id=row.pk, by=clinic.cast.doctor, now=clinic.cast.now)
    fresh = seen(browser, "board", ask=ask)
    assert column_of(fresh, "Noor") == "arrived"
    ask = f"?seen={mark_of(fresh)}"
    seen(browser, "board", ask=ask, status=204)
    clinic.stand_at(clinic.cast.now + 2 * MINUTE)
    assert "here 2 min, early" in seen(browser, "board", ask=ask)


@pytest.mark.parametrize("change", ["alert", "ticks", "another"])
def test_whatever_is_shown_of_a_card_makes_another_board(clinic: Clinic, change: str) -> None:
    row = booked(clinic)
    before = mark_of(seen(clinic.desk, "board"))
    if change == "alert":
        row.patient.alert = "Latex allergy"
        row.patient.save()
    elif change == "ticks":
        clinic.tick_all(row.session)
    else:
        booked(clinic, "Other", 15)
    assert mark_of(seen(clinic.desk, "board")) != before


def test_the_board_costs_the_same_however_full_it_is(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    for number in range(9):
        row = booked(clinic, f"Person{number}", 9 + number)
        if number < 2:
            mark_no_show(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts + MINUTE)
        if number in (3, 4, 5):
            check_in(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts)
        if number == 4:
            mark_numbed(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts)
        if number == 5:
            begin_treatment(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts)
    client = clinic.doctor
    # session, user, locations, appointments, consents, ticks, baselines, assessments, their findings
    with django_assert_max_num_queries(10):
        page = seen(client, "board")
    assert page.count("<article") == 9


# -- a no-show -------------------------------------------------------------------------------------------------------
def missed(clinic: Clinic, row: Appointment) -> str:
    clinic.stand_at(row.starts + 20 * MINUTE)
    page = seen(clinic.desk, "missed", row.pk)
    assert "Mark as no-show" in page
    return sent(clinic.desk, "missed", row.pk)


def test_a_no_show_is_counted_and_leads_to_booking_it_again(clinic: Clinic) -> None:
    row = booked(clinic)
    page = missed(clinic, row)
    assert "1st no-show in 12 months" in page
    assert reverse("plans:session-book", args=[row.session_id]) in page
    row.refresh_from_db()
    assert (row.state, row.session.state) == (AppointmentState.NO_SHOW, SessionState.PLANNED)
    board = seen(clinic.desk, "board")
    assert column_of(board, "Noor") == "missed"
    assert reverse("plans:missed", args=[row.pk]) in board


def test_before_its_hour_nobody_has_stayed_away(clinic: Clinic) -> None:
    row = booked(clinic)
    page = seen(clinic.desk, "missed", row.pk)
    assert "has not begun" in page and "Mark as no-show" not in page
    assert "has not begun" in sent(clinic.desk, "missed", row.pk)
    row.refresh_from_db()
    assert row.state == AppointmentState.BOOKED


def test_the_best_times_are_booked_with_one_click(clinic: Clinic) -> None:
    row = booked(clinic)
    session, page = row.session, missed(clinic, row)
    forms = page.split(f'action="{reverse("plans:session-book", args=[session.pk])}"')[1:]
    assert len(forms) == 3
    assert len(set(re.findall(r'name="token" value="([^"]+)"', page))) == 3
    said = dict(re.findall(r'name="(\w+)" value="([^"]*)"', forms[1].split("</form>")[0]))
    for _ in range(2):  # a double click books once
        sent(clinic.desk, "session-book", session.pk, **said)
    again = session.appointments.get(state=AppointmentState.BOOKED)
    assert session.earliest <= local_day(again.starts, clinic.cast.here.zone) <= session.latest
    assert not again.is_silent
    assert "Booked again" in seen(clinic.desk, "missed", row.pk)


def test_the_second_time_the_policy_is_said(clinic: Clinic) -> None:
    plan: Plan = clinic.plan("Noor")
    row = clinic.booked(first_of(plan))
    missed(clinic, row)
    again = clinic.booked(first_of(plan), 15)
    page = missed(clinic, again)
    assert "2nd no-show in 12 months" in page
    assert "is phoned the day before" in page


def test_it_is_said_whether_a_letter_goes_out(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.stand_at(row.starts + 20 * MINUTE)
    assert "A letter goes out" in seen(clinic.desk, "missed", row.pk)
    choose_mails(patient_id=row.patient_id, appointments=False, care=True, reviews=True, now=clinic.cast.now)
    assert "none about appointments is wanted" in seen(clinic.desk, "missed", row.pk)
    row.patient.refresh_from_db()
    row.patient.email, row.patient.phone = "", "+65 5550 9999"
    row.patient.save()
    assert "phone, +65 5550 9999" in seen(clinic.desk, "missed", row.pk)
    Location.objects.filter(pk=clinic.cast.here.pk).update(writes_after_no_show=False)
    assert "writes none after a no-show" in seen(clinic.desk, "missed", row.pk)


def test_what_is_left_of_the_time_is_offered_to_who_waits_for_one(clinic: Clinic) -> None:
    row = booked(clinic)
    offer = reverse("plans:waiting-offer", args=[row.pk])
    clinic.stand_at(row.starts + MINUTE)
    assert offer not in seen(clinic.desk, "missed", row.pk)
    assert offer in sent(clinic.desk, "missed", row.pk)
    clinic.stand_at(row.ends)
    assert offer not in seen(clinic.desk, "missed", row.pk)


def test_who_came_after_all_was_not_missed(clinic: Clinic) -> None:
    row = booked(clinic)
    assert "Came after all" in missed(clinic, row)
    assert column_of(press(clinic, row, "arrive"), "Noor") == "arrived"


def test_a_missed_review_and_a_missed_talk_are_booked_again_on_their_own_pages(clinic: Clinic) -> None:
    plan = clinic.plan()
    review = plan.reviews.get(months=3)
    talk = book_appointment(
        patient_id=plan.patient_id, purpose=AppointmentPurpose.CONSULTATION, minutes=30, by=clinic.cast.desk,
        starts=clinic.cast.at(clinic.cast.today, 15), now=clinic.cast.now, **clinic.cast.place(1),
    )  # fmt: skip
    assert reverse("plans:consultation-book", args=[plan.patient_id]) in missed(clinic, talk)
    visit = clinic.cast.book_review(review, clinic.cast.at(review.due, 11))
    assert reverse("plans:review-book", args=[review.pk]) in missed(clinic, visit)


def test_nothing_is_offered_once_the_session_needs_no_time(clinic: Clinic) -> None:
    row = booked(clinic)
    missed(clinic, row)
    row.session.state = SessionState.SKIPPED
    row.session.save()
    assert reverse("plans:session-book", args=[row.session_id]) not in seen(clinic.desk, "missed", row.pk)
