"""A step over many patients does what plan by plan would have done: the same courses, letters and checklists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit
from patients.models import Patient
from plans.models import ChecklistItem, Plan, Protocol, Reminder, Replanning, Session
from plans.models.care_copies import copies_of
from plans.models.protocol_course import write_course
from plans.operations.checklists import write_checklists
from plans.operations.reminders import replan_reminders
from plans.operations.replanning import AT_ONCE, run_replanning
from plans.rules.care_change import Fate, rule_to_json, settled, with_rule
from plans.rules.course import CareRule
from plans.rules.states import PlanState, ReminderState, ReplanningState, SessionState
from tests.operations.care_cast import courses, items, letters, run
from tests.operations.letter_cast import COURSE, DAY, HOUR, NOW, book, location, patient, plan_of, review_of, staff

pytestmark = pytest.mark.django_db
SPANS = [Span(24, Unit.HOURS), Span(3, Unit.DAYS), Span(1, Unit.WEEKS), Span(4, Unit.WEEKS), Span(5, Unit.WEEKS),
         Span(2, Unit.MONTHS), None]  # fmt: skip
LEFT = [ReminderState.SENT, ReminderState.FAILED, ReminderState.UNKNOWN, ReminderState.CLAIMED, ReminderState.EXPIRED]


def small_clinic(dice: Random, people: int) -> Protocol:
    """Some patients with one to three plans in any state, some of it done, booked, told and ticked."""
    for number in range(people):
        who = patient(f"P{number}x{dice.randrange(10**9)}")
        for _ in range(dice.choice([1, 1, 2, 3])):
            _course_under_way(dice, who)
    protocol = publish()
    for who in Patient.objects.all():
        replan_reminders(who, now=NOW)
    _lived_in(dice)
    return protocol


def publish() -> Protocol:
    """Give the protocol of these plans the rows its plans were copied from."""
    protocol = Protocol.objects.get(key="test-course")
    write_course(protocol, COURSE)
    return protocol


def longer_no_dye() -> CareRule:
    return replace(COURSE.rule("no-dye"), ends=Span(5, Unit.WEEKS))


def _course_under_way(dice: Random, who: Patient) -> None:
    state = dice.choice([PlanState.ACTIVE] * 4 + list(PlanState))
    plan = plan_of(who, state=state, sessions=dice.randint(1, 4))
    done = dice.randint(0, 2)
    for session in plan.sessions.order_by("number"):
        if session.number <= done:
            ended = NOW - dice.randint(1, 70) * DAY - dice.randint(0, 10) * HOUR
            session.state, session.started_at, session.ended_at = SessionState.DONE, ended - HOUR, ended
            session.save()
        elif state == PlanState.ACTIVE and dice.random() < 0.5:
            starts = NOW + dice.randint(1, 60) * DAY + dice.randint(0, 10) * HOUR
            while who.appointments.filter(starts=starts).exists():
                starts += HOUR
            book(who, starts, session=session, plan_letters=False)
    if dice.random() < 0.5:
        review_of(plan, 3, NOW.date() + timedelta(days=dice.randint(-20, 80)))
    if dice.random() < 0.3:
        rule = dice.choice(COURSE.care_rules)
        plan.course = with_rule(COURSE, replace(rule, ends=dice.choice(SPANS)))
        plan.save()
    write_checklists(plan, plan.course)


def _lived_in(dice: Random) -> None:
    for row in Reminder.objects.order_by("kind", "due_at", "facts"):
        if dice.random() < 0.4:
            state = dice.choice(LEFT)
            lease = {"lease_until": NOW + HOUR, "lease_token": row.pk} if state == ReminderState.CLAIMED else {}
            Reminder.objects.filter(pk=row.pk).update(state=state, **lease)
    for item in ChecklistItem.objects.order_by("session__plan", "session__number", "position"):
        if dice.random() < 0.2:
            ChecklistItem.objects.filter(pk=item.pk).update(ticked_at=NOW)


def changed_rule(dice: Random) -> CareRule:
    rule = dice.choice([COURSE.rule("no-dye"), *COURSE.care_rules])
    text = dice.choice([rule.text, "Another text."])
    return replace(rule, ends=dice.choice(SPANS), text=text, in_force=dice.random() < 0.8)


def asked(protocol: Protocol, rule: CareRule) -> Replanning:
    manager = staff(f"m{Random(str(protocol.pk)).randrange(10**9)}", is_manager=True)
    total = copies_of(rule, [protocol], at=NOW).plans().count()
    row = Replanning.objects.create(
        rule_key=rule.key, rule_json=rule_to_json(rule), reason="Why not", asked_by=manager, asked_at=NOW, total=total
    )
    row.protocols.set([protocol])
    return row


def plan_by_plan(protocol: Protocol, rule: CareRule) -> None:
    """The plain way: each plan read, changed and saved by itself, then each patient's letters."""
    copies = copies_of(rule, [protocol], at=NOW)
    for plan in copies.plans():
        copy = plan.course.rule(rule.key)
        if copies.fate_of(copy, plan.protocol_id) is Fate.CHANGES:
            plan.course = with_rule(plan.course, settled(copy, rule))
            plan.save()
            write_checklists(plan, plan.course)
    for who in Patient.objects.all():
        replan_reminders(who, now=NOW)


def outcome(work: Any) -> tuple[Any, ...]:
    """What the work makes of the clinic, which is then as it was before."""
    with transaction.atomic():
        work()
        # Taken back from a dispatcher or not: nothing has left, and it is the same letter at the same hour.
        Reminder.objects.filter(state=ReminderState.CLAIMED).update(state=ReminderState.PLANNED)
        found = courses(), letters(), items(), Plan.history.filter(history_type="~").count()
        transaction.set_rollback(True)
    return found


@given(seed=st.integers(0, 2**32), people=st.integers(1, 5), limit=st.integers(1, 7))
@settings(max_examples=25)
def test_in_steps_of_any_size_the_rows_are_those_of_plan_by_plan(seed: int, people: int, limit: int) -> None:
    dice = Random(seed)
    with transaction.atomic():
        protocol, rule = small_clinic(dice, people), changed_rule(dice)
        row = asked(protocol, rule)
        in_steps = outcome(lambda: run(row, NOW, limit))
        assert in_steps[:3] == outcome(lambda: plan_by_plan(protocol, rule))[:3]
        transaction.set_rollback(True)


def many(count: int) -> Replanning:
    location()
    dice = Random(count)
    for number in range(count):
        plan = plan_of(patient(f"Q{number}"), sessions=2)
        first = plan.sessions.get(number=1)
        Session.objects.filter(pk=first.pk).update(state=SessionState.DONE, ended_at=NOW - dice.randint(1, 20) * DAY)
        review_of(plan, 3, date(2026, 12, 1))
        write_checklists(plan, COURSE)
        replan_reminders(plan.patient, now=NOW)
    return asked(publish(), longer_no_dye())


def test_a_step_over_many_takes_no_more_queries_than_over_few() -> None:
    found = []
    for count in (2, 9):  # three letters each: one INSERT, within what SQLite takes at once
        with transaction.atomic():
            row = many(count)
            with CaptureQueriesContext(connection) as seen:
                done = run_replanning(replanning_id=row.pk, now=NOW, limit=AT_ONCE)
            assert (done.changed, done.state) == (count, ReplanningState.DONE)
            found.append(len(seen))
            transaction.set_rollback(True)
    assert found[0] == found[1] <= 45
