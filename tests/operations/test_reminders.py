"""Reminder rows follow the world: planned once, kept while true, cancelled when not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction

from plans.models import Plan, Reminder
from plans.operations.reminders import replan_reminders
from plans.rules.reminders import LetterKind
from plans.rules.states import PlanState, ReminderState, ReviewState, SessionState
from tests.operations.letter_cast import DAY, HOUR, MINUTE, NOW, book, cancel, complete, patient, plan_of, review_of

pytestmark = pytest.mark.django_db

NEXT_WEEK = NOW + 7 * DAY + HOUR


def replan(who: object, now: datetime = NOW) -> None:
    with transaction.atomic():
        replan_reminders(who, now=now)


def rows(**which: object) -> list[Reminder]:
    return list(Reminder.objects.filter(**which).order_by("kind", "content_version"))


def test_a_booking_plans_its_three_letters() -> None:
    plan = plan_of(patient())
    booked = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    found = {row.kind: (row.due_at, row.useful_until, row.about_id, row.plan_id) for row in rows()}
    assert found == {
        LetterKind.APPOINTMENT_BOOKED: (NOW, NEXT_WEEK, booked.pk, plan.pk),
        LetterKind.SESSION_REMINDER: (NEXT_WEEK - 2 * DAY, NEXT_WEEK - 2 * HOUR, booked.pk, plan.pk),
        LetterKind.PRE_CARE: (NEXT_WEEK - 3 * DAY, NEXT_WEEK - DAY, booked.pk, plan.pk),
    }


def test_planning_twice_changes_nothing() -> None:
    plan = plan_of(patient())
    book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    before = list(Reminder.objects.order_by("pk").values())
    replan(plan.patient, NOW + MINUTE)
    assert list(Reminder.objects.order_by("pk").values()) == before


def test_a_move_cancels_the_old_letters_and_plans_new_ones() -> None:
    plan = plan_of(patient())
    old = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    new = book(plan.patient, NEXT_WEEK + DAY, session=plan.sessions.first(), now=NOW + HOUR, instead_of=old)
    assert {row.state for row in rows(about_id=old.pk)} == {ReminderState.CANCELLED}
    assert {row.state_reason for row in rows(about_id=old.pk)} == {"the appointment was moved"}
    assert {row.kind for row in rows(about_id=new.pk)} == {
        LetterKind.APPOINTMENT_MOVED,
        LetterKind.SESSION_REMINDER,
        LetterKind.PRE_CARE,
    }


def test_moved_to_an_earlier_day_is_never_told_as_cancelled() -> None:
    plan = plan_of(patient())
    old = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    new = book(plan.patient, NOW + DAY, session=plan.sessions.first(), now=NOW + HOUR, instead_of=old)
    replan(plan.patient, new.ends + HOUR)
    assert not rows(kind=LetterKind.APPOINTMENT_CANCELLED)


def test_a_cancelled_appointment_leaves_only_the_letter_that_says_so() -> None:
    plan = plan_of(patient())
    booked = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    cancel(booked, NOW + HOUR)
    assert [row.kind for row in rows(state=ReminderState.PLANNED)] == [LetterKind.APPOINTMENT_CANCELLED]


def test_confirming_does_not_bring_a_letter_twice() -> None:
    plan = plan_of(patient())
    booked = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    Reminder.objects.filter(kind=LetterKind.APPOINTMENT_BOOKED).update(state=ReminderState.SENT)
    booked.state, booked.confirmed_at, booked.changed_at = "confirmed", NOW + DAY, NOW + DAY
    booked.save()
    replan(plan.patient, NOW + DAY)
    assert len(rows()) == 3


@pytest.mark.parametrize("ended", ["sent", "failed", "unknown", "expired", "skipped", "closed", "bounced"])
def test_a_letter_that_has_ended_is_never_planned_again(ended: str) -> None:
    plan = plan_of(patient())
    book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    Reminder.objects.update(state=ended)
    replan(plan.patient, NOW + HOUR)
    assert len(rows()) == 3


def test_a_row_that_is_on_its_way_is_left_alone_and_one_only_claimed_is_not() -> None:
    plan = plan_of(patient())
    booked = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    Reminder.objects.update(state="claimed", lease_until=NOW + MINUTE, lease_token="0" * 32)
    Reminder.objects.filter(kind=LetterKind.PRE_CARE).update(state="handed_off", handed_off_at=NOW)
    cancel(booked, NOW + HOUR)
    assert {row.kind: row.state for row in rows(about_id=booked.pk)} == {
        LetterKind.APPOINTMENT_BOOKED: ReminderState.CANCELLED,
        LetterKind.APPOINTMENT_CANCELLED: ReminderState.PLANNED,
        LetterKind.PRE_CARE: ReminderState.HANDED_OFF,
        LetterKind.SESSION_REMINDER: ReminderState.CANCELLED,
    }


def test_a_session_done_plans_its_care_letters_with_the_safe_date() -> None:
    plan = plan_of(patient())
    ended = datetime(2026, 10, 5, 7, 0, tzinfo=NOW.tzinfo)  # Mon 5 Oct 2026 15:00 in Singapore
    complete(plan.sessions.first(), ended)
    care = {row.kind: (row.due_at, row.facts) for row in rows()}
    half = datetime(2026, 10, 19, 1, 0, tzinfo=NOW.tzinfo)
    assert care == {
        LetterKind.AFTER_CARE: (ended + HOUR / 2, ended.isoformat()),
        LetterKind.WASH_AGAIN: (ended + DAY, (ended + DAY).isoformat()),
        LetterKind.SWELLING_CHECK: (datetime(2026, 10, 8, 2, 0, tzinfo=NOW.tzinfo), "2026-10-08"),
        LetterKind.NO_DYE: (ended + DAY, "2026-11-03"),
        LetterKind.NO_DYE_HALF: (half, "2026-11-03"),
        LetterKind.DYE_AGAIN: (datetime(2026, 11, 3, 1, 0, tzinfo=NOW.tzinfo), "2026-11-03"),
    }


def test_a_second_session_moves_the_dye_date_and_its_letter() -> None:
    plan = plan_of(patient())
    first, second, _ = plan.sessions.all()
    complete(first, NOW)
    complete(second, NOW + 20 * DAY)
    again = {row.about_id: (row.state, row.facts) for row in rows(kind=LetterKind.DYE_AGAIN)}
    assert again[first.pk] == (ReminderState.CANCELLED, "2026-11-03")
    assert again[second.pk] == (ReminderState.PLANNED, "2026-11-23")


def test_the_same_date_a_third_time_gets_a_version_of_its_own() -> None:
    plan = plan_of(patient())
    review = review_of(plan, 3, date(2027, 1, 5))
    for due in (date(2027, 1, 5), date(2027, 1, 9), date(2027, 1, 5)):
        review.due = due
        review.save()
        replan(plan.patient)
    invitations = rows(kind=LetterKind.REVIEW_INVITATION)
    assert [(row.content_version, row.facts, row.state) for row in invitations] == [
        (1, "2027-01-05", ReminderState.CANCELLED),
        (2, "2027-01-09", ReminderState.CANCELLED),
        (3, "2027-01-05", ReminderState.PLANNED),
    ]


def test_stopping_a_plan_ends_its_reviews_but_not_the_care_of_a_session_done() -> None:
    plan = plan_of(patient())
    review_of(plan, 3, date(2027, 1, 5))
    complete(plan.sessions.first(), NOW)
    Plan.objects.update(state=PlanState.STOPPED, ended_at=NOW)
    plan.sessions.filter(state=SessionState.PLANNED).update(state=SessionState.CANCELLED)
    replan(plan.patient, NOW + MINUTE)
    assert {row.kind for row in rows(state=ReminderState.PLANNED)} == {
        LetterKind.AFTER_CARE,
        LetterKind.WASH_AGAIN,
        LetterKind.SWELLING_CHECK,
        LetterKind.NO_DYE,
        LetterKind.NO_DYE_HALF,
        LetterKind.DYE_AGAIN,
    }


def test_a_completed_plan_still_invites_to_its_reviews() -> None:
    plan = plan_of(patient(), state=PlanState.COMPLETED)
    review_of(plan, 3, date(2027, 1, 5))
    review_of(plan, 6, date(2027, 4, 5))
    replan(plan.patient)
    planned = rows(state=ReminderState.PLANNED, kind=LetterKind.REVIEW_INVITATION)
    assert [row.facts for row in planned] == ["2027-01-05", "2027-04-05"]


@pytest.mark.parametrize("how", ["booked", "decided"])
def test_a_review_that_is_booked_or_held_needs_no_invitation(how: str) -> None:
    plan = plan_of(patient())
    review = review_of(plan, 3, date(2027, 1, 5))
    replan(plan.patient)
    if how == "booked":
        book(plan.patient, NOW + 90 * DAY, review=review)
    else:
        review.state, review.decided_at, review.decision = ReviewState.DECIDED, NOW, "continue"
        review.save()
        replan(plan.patient)
    assert [row.state for row in rows(kind=LetterKind.REVIEW_INVITATION)] == [ReminderState.CANCELLED]


def test_a_draft_plan_sends_nothing() -> None:
    plan = plan_of(patient(), state=PlanState.DRAFT)
    review_of(plan, 3, date(2027, 1, 5))
    replan(plan.patient)
    assert not rows()


def test_two_plans_of_one_patient_do_not_mix_up_their_sessions() -> None:
    who = patient()
    one, other = plan_of(who), plan_of(who)
    Plan.objects.filter(pk=other.pk).update(made_at=NOW + MINUTE)
    complete(one.sessions.first(), NOW)
    complete(other.sessions.first(), NOW + 60 * DAY)
    facts = {row.about_id: row.facts for row in rows(kind=LetterKind.DYE_AGAIN)}
    assert facts == {one.sessions.first().pk: "2026-11-03", other.sessions.first().pk: "2027-01-02"}


def test_a_useless_row_is_left_for_staff_to_see_that_it_expired() -> None:
    plan = plan_of(patient())
    booked = book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    replan(plan.patient, booked.ends + HOUR)
    assert {row.state for row in rows()} == {ReminderState.PLANNED}


def test_a_retry_keeps_the_hour_it_was_given() -> None:
    plan = plan_of(patient())
    book(plan.patient, NEXT_WEEK, session=plan.sessions.first())
    waiting = rows(kind=LetterKind.APPOINTMENT_BOOKED)[0]
    waiting.due_at, waiting.handed_off_at = NOW + HOUR, NOW
    waiting.save()
    replan(plan.patient, NOW + MINUTE)
    waiting.refresh_from_db()
    assert waiting.due_at == NOW + HOUR


def test_replanning_costs_the_same_for_one_appointment_and_for_many(django_assert_num_queries) -> None:
    plan = plan_of(patient(), sessions=12)
    for week, session in enumerate(plan.sessions.all()):
        book(plan.patient, NOW + timedelta(weeks=week + 1), session=session, plan_letters=False)
    # savepoint twice, patient, rows, plans, sessions, live appointments, appointments, reviews, offers, what the
    # locations have set, and an insert: SQLite takes no more than 34 letters in one
    with django_assert_num_queries(13 if connection.vendor == "sqlite" else 12):
        replan_reminders(plan.patient, now=NOW)
    assert len(rows()) == 36
