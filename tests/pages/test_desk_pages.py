from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import Appointment
from plans.models.appointment import LIVE
from plans.operations.booking import cancel_appointment
from plans.operations.visits import check_in, mark_no_show
from plans.queries.readiness import CLINICIAN_DECIDES
from plans.rules.states import AppointmentState
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


def booked(clinic: Clinic, first: str = "Noor", hour: int = 11, **more: Any) -> Appointment:
    return clinic.booked(first_of(clinic.plan(first)), hour, **more)


# -- the day ---------------------------------------------------------------------------------------------------------
def test_the_day_stands_in_the_order_of_the_clinics_own_clock(clinic: Clinic) -> None:
    booked(clinic, "Late", 15)
    booked(clinic, "Early", 10)
    page = seen(clinic.desk, "desk", ask="?view=list")
    assert page.index(">10:00<") < page.index(">15:00<")
    assert page.index("Early Sample") < page.index("Late Sample")
    assert "Session 1 of" in page


def test_the_day_is_the_places_own_and_not_the_servers(clinic: Clinic) -> None:
    booked(clinic, "Noor", 18)  # 10:00 UTC
    tomorrow = clinic.cast.today + DAY
    assert "Noor" in seen(clinic.desk, "desk", ask=f"?view=list&day={clinic.cast.today}")
    assert "Noor" not in seen(clinic.desk, "desk", ask=f"?view=list&day={tomorrow}")


def test_somebody_cancelled_is_not_expected(clinic: Clinic) -> None:
    row = booked(clinic)
    cancel_appointment(appointment_id=row.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    assert "Nobody is booked on this day" in seen(clinic.desk, "desk", ask="?view=list")


def test_a_mistyped_day_shows_today(clinic: Clinic) -> None:
    booked(clinic)
    for day in ("soon", "2026-13-40", "0001-01-01", ""):
        assert "Noor" in seen(clinic.desk, "desk", ask=f"?view=list&day={day}")


def test_another_places_day_is_nobodys_here(clinic: Clinic) -> None:
    booked(clinic)
    assert "Noor" not in seen(clinic.outsider, "desk", ask="?view=list")
    seen(clinic.desk, "desk", ask=f"?view=list&location={clinic.cast.there.pk}", status=404)


def test_a_manager_of_two_places_sees_both_or_one(clinic: Clinic) -> None:
    booked(clinic)
    assert "Noor" in seen(clinic.manager, "desk", ask="?view=list")
    assert "Noor" not in seen(clinic.manager, "desk", ask=f"?view=list&location={clinic.cast.there.pk}")
    assert "Noor" in seen(clinic.manager, "desk", ask=f"?view=list&location={clinic.cast.here.pk}")


def test_the_day_costs_the_same_however_full_it_is(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    for number in range(9):
        booked(clinic, f"Person{number}", 9 + number)
    client = clinic.doctor
    seen(client, "desk", ask="?view=list")  # how she looks is kept, once
    # session, user, premises, appointments, consents, ticks, baselines, assessments, their findings
    with django_assert_max_num_queries(10):
        page = seen(client, "desk", ask="?view=list")
    assert page.count("Not ready") == 10  # each of nine, and the next once more


# -- readiness -------------------------------------------------------------------------------------------------------
def test_without_baseline_photos_nobody_is_ready_for_the_first_session(clinic: Clinic) -> None:
    booked(clinic)
    page = seen(clinic.doctor, "desk", ask="?view=list")
    assert "Not ready" in page
    assert "Baseline photos are missing" in page


def test_a_missing_consent_is_said_with_the_way_to_it(clinic: Clinic) -> None:
    row = booked(clinic)
    consent = row.patient.consents.get(topic=ConsentTopic.OFF_LABEL)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=clinic.cast.today, by=clinic.cast.desk, now=clinic.cast.now)
    page = seen(clinic.desk, "desk", ask="?view=list")
    assert "Off-label use: consent is missing." in page
    assert reverse("patients:consent", args=[row.patient_id]) in page


def test_things_not_ticked_are_to_be_checked_and_hold_nothing_up(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.cast.photograph(row.session.plan.reviews.get(months=0))
    page = seen(clinic.desk, "desk", ask="?view=list")
    assert "To check" in page
    assert "Not ready" not in page


def test_with_everything_done_she_is_ready(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.cast.photograph(row.session.plan.reviews.get(months=0), views=1)
    clinic.tick_all(row.session)
    page = seen(clinic.desk, "desk", ask="?view=list")
    assert ">Ready<" in page
    assert "To check" not in page


def test_the_desk_learns_that_something_speaks_against_it_and_not_what(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.cast.assess(row.patient, contraindications=["pregnancy"])
    front, clinical = seen(clinic.desk, "desk", ask="?view=list"), seen(clinic.doctor, "desk", ask="?view=list")
    assert CLINICIAN_DECIDES in front
    assert "regnan" not in front
    assert "regnan" in clinical


def test_whom_no_mail_reaches_is_to_be_phoned(clinic: Clinic) -> None:
    row = booked(clinic)
    assert "No e-mail" not in seen(clinic.desk, "desk", ask="?view=list")
    row.patient.email, row.patient.phone = "", "+65 5550 9999"
    row.patient.save()
    assert "No e-mail: phone +65 5550 9999" in seen(clinic.desk, "desk", ask="?view=list")


# -- arriving, or not ------------------------------------------------------------------------------------------------
def test_checking_in_leads_back_to_the_day_one_came_from(clinic: Clinic) -> None:
    row = booked(clinic)
    back = f"{reverse('plans:desk')}?day={clinic.cast.today}"
    answer = clinic.desk.post(reverse("plans:appointment-check-in", args=[row.pk]), {"back": back})
    assert answer.headers["Location"] == back
    row.refresh_from_db()
    assert row.state == AppointmentState.ARRIVED


@pytest.mark.parametrize("way", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_out_of_the_house(clinic: Clinic, way: str) -> None:
    row = booked(clinic)
    answer = clinic.desk.post(reverse("plans:appointment-check-in", args=[row.pk]), {"back": way})
    assert answer.headers["Location"] == reverse("plans:appointment", args=[row.pk])


def test_a_no_show_is_offered_once_it_has_begun(clinic: Clinic) -> None:
    row = booked(clinic, hour=11)
    assert "Mark as no-show" not in seen(clinic.desk, "desk", ask="?view=list")
    assert "has not begun" in sent(clinic.desk, "appointment-no-show", row.pk)
    clinic.stand_at(row.starts + HOUR)
    assert "Mark as no-show" in seen(clinic.desk, "desk", ask="?view=list")
    page = sent(clinic.desk, "appointment-no-show", row.pk)
    assert "did not come" in page
    assert reverse("plans:session-book", args=[row.session_id]) in page


# -- one appointment -------------------------------------------------------------------------------------------------
def test_the_appointment_counts_no_shows_and_tells_its_story(clinic: Clinic) -> None:
    row = booked(clinic)
    clinic.stand_at(row.starts + HOUR)
    mark_no_show(appointment_id=row.pk, by=clinic.cast.desk, now=clinic.cast.now)
    check_in(appointment_id=row.pk, by=clinic.cast.desk, now=clinic.cast.now + timedelta(minutes=5))
    page = seen(clinic.desk, "appointment", row.pk)
    assert page.index("Booked for") < page.index("Did not come:") < page.index("Checked in for")


def test_cancelling_asks_why(clinic: Clinic) -> None:
    row = booked(clinic)
    assert "This field is required" in sent(clinic.desk, "appointment-cancel", row.pk, reason=" ")
    row.refresh_from_db()
    assert row.state == AppointmentState.BOOKED
    assert "is cancelled" in sent(clinic.desk, "appointment-cancel", row.pk, reason="patient has a cold")
    row.refresh_from_db()
    assert (row.state, row.reason) == (AppointmentState.CANCELLED, "patient has a cold")


# -- finding a time --------------------------------------------------------------------------------------------------
def slot(clinic: Clinic, **said: object) -> dict[str, object]:
    return {**{name[:-3]: value for name, value in clinic.cast.place().items()}, "minutes": 60, **said}


def free_times(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="time" value="')[1:]]


def test_what_is_taken_is_not_offered(clinic: Clinic) -> None:
    booked(clinic, "Other", 11)
    session = first_of(clinic.plan("Noor"))
    times = free_times(seen(clinic.desk, "session-book", session.pk, ask=f"?day={clinic.cast.today}&minutes=60"))
    assert "10:00" in times
    assert not {"10:15", "11:00", "11:30"} & set(times)  # the other one lasts until 11:45
    assert "11:45" in times
    assert times[-1] == "18:00"


def test_another_practitioner_and_room_are_free_then(clinic: Clinic) -> None:
    booked(clinic, "Other", 11)
    session = first_of(clinic.plan("Noor"))
    other = clinic.cast.place(1)
    ask = f"?day={clinic.cast.today}&minutes=60&practitioner={other['practitioner_id']}&room={other['room_id']}"
    assert "11:00" in free_times(seen(clinic.desk, "session-book", session.pk, ask=ask))


def test_the_best_day_is_chosen_beforehand_and_the_window_said(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    page = seen(clinic.desk, "session-book", session.pk)
    assert f'name="day" value="{session.target}"' in page
    assert "best on" in page
    assert session.basis in page


def test_a_session_is_booked_where_the_list_says_it_is_free(clinic: Clinic) -> None:
    session = first_of(clinic.plan())
    page = sent(clinic.desk, "session-book", session.pk, **slot(clinic, day=clinic.cast.today, time="11:30"))
    assert "Session 1 is booked for" in page
    row = session.appointments.get()
    assert row.starts == clinic.cast.at(clinic.cast.today, 11, 30)
    assert row.ends - row.starts == HOUR


def test_a_time_that_was_taken_meanwhile_is_refused_with_a_sentence(clinic: Clinic) -> None:
    session = first_of(clinic.plan("Noor"))
    booked(clinic, "Other", 11)
    page = sent(clinic.desk, "session-book", session.pk, **slot(clinic, day=clinic.cast.today, time="11:30"))
    assert "is busy" in page
    assert not session.appointments.exists()


def test_no_time_chosen_is_said(clinic: Clinic) -> None:
    session = first_of(clinic.plan())
    assert "Choose a time." in sent(clinic.desk, "session-book", session.pk, **slot(clinic, day=clinic.cast.today))


def test_the_desk_cannot_book_too_early_and_is_told_who_can(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    said = slot(clinic, day=session.earliest - DAY, time="10:00", override_reason="please")
    page = sent(clinic.desk, "session-book", session.pk, **{**said, "override_reason": ""})
    assert "may not be before" in page
    assert "A clinician can book it with a written reason." in page
    assert 'name="override_reason"' not in page
    assert clinic.desk.post(reverse("plans:session-book", args=[session.pk]), said).status_code == 403
    assert not session.appointments.exists()


def test_a_clinician_books_too_early_with_a_reason(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    said = slot(clinic, day=session.earliest - DAY, time="10:00")
    page = sent(clinic.doctor, "session-book", session.pk, **said)
    assert 'name="override_reason"' in page
    assert not session.appointments.exists()
    sent(clinic.doctor, "session-book", session.pk, **said, override_reason="She moves abroad")
    assert session.appointments.get().state == AppointmentState.BOOKED


def test_the_desk_books_a_late_patient_and_writes_why(clinic: Clinic) -> None:
    session = second_of(clinic.plan())
    said = slot(clinic, day=session.latest + DAY, time="10:00")
    page = sent(clinic.desk, "session-book", session.pk, **said)
    assert "should be by" in page
    assert 'name="override_reason"' in page
    assert not session.appointments.exists()
    sent(clinic.desk, "session-book", session.pk, **said, override_reason="She was abroad")
    assert session.appointments.get().state == AppointmentState.BOOKED


def test_the_desk_books_a_consultation_for_a_newcomer(clinic: Clinic) -> None:
    patient = clinic.plan("Newcomer").patient
    page = sent(clinic.desk, "consultation-book", patient.pk, **slot(clinic, day=clinic.cast.today, time="11:30"))
    assert "is booked for" in page
    assert patient.appointments.get().purpose == "consultation"


def test_a_moved_appointment_is_linked_and_its_own_time_counts_as_free(clinic: Clinic) -> None:
    row = booked(clinic, hour=11)
    assert "11:15" in free_times(seen(clinic.desk, "appointment-move", row.pk, ask=f"?day={clinic.cast.today}"))
    said = slot(clinic, day=clinic.cast.today, time="11:15")
    assert "This field is required" in sent(clinic.desk, "appointment-move", row.pk, **said)
    page = sent(clinic.desk, "appointment-move", row.pk, **said, reason="patient phoned")
    assert "is moved to" in page
    assert "patient phoned" in page
    new = Appointment.objects.get(rescheduled_from=row)
    assert new.starts == clinic.cast.at(clinic.cast.today, 11, 15)
    old = seen(clinic.desk, "appointment", row.pk)
    assert reverse("plans:appointment", args=[new.pk]) in old


def test_a_review_is_booked_in_its_own_time(clinic: Clinic) -> None:
    review = clinic.plan().reviews.get(months=3)
    page = seen(clinic.desk, "review-book", review.pk)
    assert "Due" in page
    sent(clinic.desk, "review-book", review.pk, **slot(clinic, day=review.due, time="10:00", minutes=30))
    assert review.appointments.filter(state__in=LIVE).count() == 1


@pytest.mark.parametrize(
    "said", [{"minutes": "0"}, {"minutes": "9" * 30}, {"day": "2031-01-01"}, {"practitioner": "x"}]
)
def test_what_makes_no_sense_is_said_at_its_field(clinic: Clinic, said: dict[str, str]) -> None:
    session = first_of(clinic.plan())
    page = seen(clinic.desk, "session-book", session.pk, ask="?" + "&".join(f"{k}={v}" for k, v in said.items()))
    assert "Correct what stands at the fields below" in page


def test_an_assessment_may_be_missing(clinic: Clinic) -> None:
    """Rows from before: nothing on the day's page stands on an assessment being there."""
    row = booked(clinic)
    row.session.plan.assessment = None
    row.session.plan.save()
    row.patient.assessments.all().delete()
    seen(clinic.doctor, "desk", ask="?view=list")
