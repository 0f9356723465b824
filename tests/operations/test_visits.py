"""A day's visit, step by step: who may take which, from where to where, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic.models import AuditLine, Staff
from clinic.rules.refusal import Forbidden
from plans.models import Appointment, Plan, Reminder
from plans.models.visit_facts import numbing_keys
from plans.operations.booking import book_appointment
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.operations.visits import begin_treatment, call_back, check_in, finish_visit, mark_no_show, mark_numbed
from plans.queries.no_shows import no_shows
from plans.queries.readiness import Standing, readiness
from plans.rules.states import AppointmentPurpose, AppointmentState, Decision, ReminderState, SessionState
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
STATE = AppointmentState


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return cast.active_plan(starts_on=cast.today + DAY)


@pytest.fixture
def booked(cast: Cast, plan: Plan) -> Appointment:
    """Session 1 tomorrow at eleven, looked at an hour before."""
    row = cast.book(plan.sessions.get(number=1), cast.at(plan.starts_on, 11))
    cast.now = row.starts - 60 * MINUTE
    return row


@pytest.fixture
def talk(cast: Cast) -> Appointment:
    row = book_appointment(
        patient_id=cast.patient("Ivo").pk, purpose=AppointmentPurpose.CONSULTATION, minutes=30, by=cast.desk,
        starts=cast.at(cast.today + DAY, 15), now=cast.now, **cast.place(1),
    )  # fmt: skip
    cast.now = row.starts
    return row


def step(deal: Callable[..., Appointment], row: Appointment, cast: Cast, **more: object) -> Appointment:
    return deal(appointment_id=row.pk, **{"by": cast.desk, "now": cast.now, **more})


def stands(row: Appointment) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.version


def test_a_visit_goes_its_way_and_every_step_is_a_version_with_a_name(cast: Cast, booked: Appointment) -> None:
    for number, (deal, state) in enumerate(
        ((check_in, STATE.ARRIVED), (mark_numbed, STATE.ARRIVED), (begin_treatment, STATE.IN_TREATMENT)), start=2
    ):
        cast.now += 10 * MINUTE
        step(deal, booked, cast)
        assert stands(booked) == (state, number)
        assert (booked.changed_by, booked.changed_at) == (cast.desk, cast.now)
    assert booked.arrived_at < booked.numbed_at < booked.began_at == cast.now
    told = list(
        AuditLine.objects.filter(patient_id=booked.patient_id).order_by("at").values_list("happened", flat=True)
    )
    assert [one for one in told if one.startswith("appointment.")] == [
        "appointment.booked", "appointment.arrived", "appointment.numbed", "appointment.began",
    ]  # fmt: skip


def test_completing_the_session_ends_the_visit_that_is_under_way(cast: Cast, booked: Appointment, plan: Plan) -> None:
    cast.photograph(plan.reviews.get(months=0), views=1)
    step(check_in, booked, cast)
    step(begin_treatment, booked, cast, now=booked.starts)
    cast.hold(plan.sessions.get(number=1), booked.ends)
    assert stands(booked)[0] == STATE.DONE
    assert (booked.began_at, booked.ended_at, booked.changed_by) == (booked.starts, booked.ends, cast.doctor)


def test_a_session_written_up_without_any_click_has_its_hours_all_the_same(
    cast: Cast, booked: Appointment, plan: Plan
) -> None:
    cast.photograph(plan.reviews.get(months=0), views=1)
    cast.hold(plan.sessions.get(number=1), booked.ends)
    assert stands(booked)[0] == STATE.DONE
    assert (booked.began_at, booked.ended_at) == (booked.ends - 45 * MINUTE, booked.ends)


def test_the_wrong_patient_goes_back_step_by_step(cast: Cast, booked: Appointment) -> None:
    step(check_in, booked, cast)
    step(begin_treatment, booked, cast)
    step(call_back, booked, cast)
    assert stands(booked)[0] == STATE.ARRIVED and booked.began_at is None and booked.arrived_at
    step(call_back, booked, cast)
    assert stands(booked)[0] == STATE.BOOKED and booked.arrived_at is None
    with refused("wrong_state"):
        step(call_back, booked, cast)
    lines = AuditLine.objects.filter(happened="appointment.called_back").order_by("at", "pk")
    assert {line.details["from"] for line in lines} == {"in_treatment", "arrived"}


def test_who_is_expected_again_is_reminded_again_and_told_nothing_twice(cast: Cast, booked: Appointment) -> None:
    def letters() -> list[tuple[str, str]]:
        rows = Reminder.objects.filter(about_id=booked.pk, state=ReminderState.PLANNED)
        return sorted(rows.values_list("kind", "facts"))

    cast.now = booked.booked_at + MINUTE
    before = letters()
    step(check_in, booked, cast)
    assert "session_reminder" not in [kind for kind, _ in letters()]
    step(call_back, booked, cast)
    assert letters() == before


def test_with_the_cream_on_nobody_is_sent_back_to_expected(cast: Cast, booked: Appointment) -> None:
    step(check_in, booked, cast)
    step(mark_numbed, booked, cast)
    with refused("numbed"):
        step(call_back, booked, cast)
    step(mark_numbed, booked, cast, is_on=False)
    step(call_back, booked, cast)
    assert stands(booked)[0] == STATE.BOOKED


def test_the_cream_is_ticked_on_the_sessions_own_list_and_taken_back_there(cast: Cast, booked: Appointment) -> None:
    items = booked.session.checklist.filter(rule_key__in=numbing_keys(booked.session))
    assert items.count() == 1
    with refused("wrong_state"):
        step(mark_numbed, booked, cast)
    step(check_in, booked, cast)
    step(mark_numbed, booked, cast)
    assert (items.get().ticked_at, items.get().ticked_by) == (cast.now, cast.desk)
    version = stands(booked)[1]
    step(mark_numbed, booked, cast, now=cast.now + MINUTE)
    assert stands(booked)[1] == version and booked.numbed_at == cast.now
    step(mark_numbed, booked, cast, is_on=False)
    assert items.get().ticked_at is None
    assert stands(booked)[1] == version + 1 and booked.numbed_at is None


def test_where_no_needle_is_used_there_is_no_cream(cast: Cast, talk: Appointment) -> None:
    step(check_in, talk, cast)
    with refused("not_needed"):
        step(mark_numbed, talk, cast)


def test_only_who_has_arrived_is_called_in(cast: Cast, booked: Appointment) -> None:
    with refused("wrong_state"):
        step(begin_treatment, booked, cast)
    step(check_in, booked, cast)
    step(begin_treatment, booked, cast)
    for deal in (begin_treatment, check_in):
        with refused("wrong_state"):
            step(deal, booked, cast)


def test_a_talk_is_finished_and_a_session_is_not(cast: Cast, talk: Appointment, booked: Appointment) -> None:
    with refused("wrong_state"):
        step(finish_visit, talk, cast)
    step(check_in, talk, cast)
    step(begin_treatment, talk, cast)
    step(finish_visit, talk, cast, now=talk.ends)
    assert stands(talk)[0] == STATE.DONE and talk.ended_at == talk.ends
    assert AuditLine.objects.filter(happened="appointment.done", patient_id=talk.patient_id).count() == 1
    step(check_in, booked, cast)
    with refused("session"):
        step(finish_visit, booked, cast)


def test_a_review_decided_while_she_is_in_the_room_was_held(cast: Cast, plan: Plan) -> None:
    review = plan.reviews.get(months=3)
    visit = cast.book_review(review, cast.at(review.due, 11))
    cast.now = visit.starts - 5 * MINUTE
    step(check_in, visit, cast)
    step(begin_treatment, visit, cast)
    outcome = ReviewOutcome(decision=Decision.CONTINUE, decision_reason="", missing_views_reason="camera broken")
    decide_review(review_id=review.pk, outcome=outcome, by=cast.doctor, now=cast.now)
    assert stands(visit)[0] == STATE.DONE
    assert (visit.ended_at, visit.changed_by) == (cast.now, cast.doctor)


def test_who_is_being_treated_cannot_have_stayed_away(cast: Cast, booked: Appointment) -> None:
    step(check_in, booked, cast)
    step(begin_treatment, booked, cast)
    with refused("wrong_state"):
        step(mark_no_show, booked, cast, now=booked.ends)


@pytest.mark.parametrize("deal", [begin_treatment, call_back, mark_numbed, finish_visit])
def test_everybody_of_the_place_may_and_nobody_else(
    cast: Cast, booked: Appointment, talk: Appointment, deal: Callable[..., Appointment]
) -> None:
    row = talk if deal is finish_visit else booked
    step(check_in, row, cast)
    before = AuditLine.objects.count(), stands(row)
    with pytest.raises(Appointment.DoesNotExist):
        step(deal, row, cast, by=cast.outsider)
    nobody = Staff.objects.create(username="no-role", is_staff=True)
    nobody.locations.set([cast.here])
    with pytest.raises(Forbidden):
        step(deal, row, cast, by=nobody)
    assert (AuditLine.objects.count(), stands(row)) == before
    step(deal, row, cast, by=cast.manager)
    assert AuditLine.objects.filter(patient_id=row.patient_id, by=cast.manager).count() >= 1


# -- what readiness says of the hour ----------------------------------------------------------------------------------
def said(cast: Cast, row: Appointment) -> list[tuple[str, Standing]]:
    rows = Appointment.objects.select_related("patient__home_location", "location", "session__plan")
    found = readiness([rows.get(pk=row.pk)], by=cast.desk, now=cast.now)[row.pk]
    return [(why.sentence, why.standing) for why in found.whys]


def creams(cast: Cast, row: Appointment) -> list[tuple[str, Standing]]:
    return [one for one in said(cast, row) if "cream" in one[0]]


def test_the_cream_is_asked_for_from_an_hour_before_until_it_is_on(cast: Cast, booked: Appointment) -> None:
    cast.now = booked.starts - 61 * MINUTE
    assert creams(cast, booked) == []
    cast.now = booked.starts - 60 * MINUTE
    assert creams(cast, booked) == [("Numbing cream: apply it between 10:00 and 10:30.", Standing.CHECK)]
    step(check_in, booked, cast)
    cast.now += 5 * MINUTE
    step(mark_numbed, booked, cast)
    assert creams(cast, booked) == [("Numbing cream since 10:05, works from 10:35.", Standing.READY)]
    step(begin_treatment, booked, cast, now=booked.starts)
    assert creams(cast, booked) == [("Numbing cream since 10:05.", Standing.READY)]


def test_the_cream_is_not_one_of_the_things_left_to_tick(cast: Cast, booked: Appointment) -> None:
    items = booked.session.checklist.filter(phase="pre")
    items.exclude(rule_key__in=numbing_keys(booked.session)).update(ticked_at=cast.now)
    assert not [sentence for sentence, _ in said(cast, booked) if "not ticked" in sentence]


def test_who_stayed_away_twice_is_phoned_the_day_before(cast: Cast) -> None:
    patient = cast.patient("Ines")
    for days in (1, 2):
        row = book_appointment(
            patient_id=patient.pk, purpose=AppointmentPurpose.CONSULTATION, minutes=30, by=cast.desk,
            starts=cast.at(cast.today + DAY, 9 + days), now=cast.now, **cast.place(1),
        )  # fmt: skip
        cast.now = row.ends
        step(mark_no_show, row, cast)
        later = book_appointment(
            patient_id=patient.pk, purpose=AppointmentPurpose.CONSULTATION, minutes=30, by=cast.desk,
            starts=cast.at(cast.today + 3 * DAY, 9 + days), now=cast.now, **cast.place(1),
        )  # fmt: skip
        phoned = [sentence for sentence, _ in said(cast, later) if "Phone the day before" in sentence]
        assert phoned == (["Phone the day before (2 no-shows)."] if days == 2 else [])
    cast.now = later.starts - 60 * MINUTE
    assert not [sentence for sentence, _ in said(cast, later) if "Phone" in sentence]
    assert no_shows([patient.pk], cast.now) == {patient.pk: 2}
    assert no_shows([patient.pk], cast.now + timedelta(days=366)) == {}


def test_the_session_stays_to_do_after_a_no_show(cast: Cast, booked: Appointment) -> None:
    step(mark_no_show, booked, cast, now=booked.starts + 20 * MINUTE)
    booked.session.refresh_from_db()
    assert booked.session.state == SessionState.PLANNED
