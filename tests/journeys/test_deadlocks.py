"""Many hands on the same few rows, in random order: everybody gets an answer, nobody waits in a circle."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from clinic.rules.refusal import Refusal
from patients.models import Patient
from plans.models import Appointment, Plan
from plans.models.appointment import LIVE
from plans.models.plan_facts import read_plan_facts
from plans.operations.booking import (
    book_appointment,
    cancel_appointment,
    confirm_own_appointment,
    move_appointment,
)
from plans.operations.changes import apply_change
from plans.operations.plans import activate_plan, stop_plan
from plans.operations.reminders import replan_reminders
from plans.operations.series import Pick, book_series
from plans.rules.cascade import preview
from plans.rules.changes import Pin
from plans.rules.plan_changes import PauseFrom, ResumeOn
from plans.rules.states import AppointmentPurpose, PlanState
from tests.cast import Cast, open_clinic

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 6
SECONDS = 60 if os.environ.get("TEST_LONG") else 6
Dice = random.Random


class Nothing(Exception):
    """There is nothing of the kind to do at the moment."""


def slot(cast: Cast, dice: Dice) -> dict[str, object]:
    """One of few, so that hands meet: somebody, somewhere, on one of three mornings."""
    day = cast.today + timedelta(days=7 + dice.randrange(3))
    person, room = dice.choice(cast.practitioners), dice.choice([*cast.rooms, None])
    where = {"practitioner_id": person.pk, "room_id": room.pk if room else None}
    return {"starts": cast.at(day, dice.randrange(9, 13), dice.choice((0, 30))), "minutes": 45, **where}


def book_series_of_two(cast: Cast, dice: Dice) -> None:
    """Two days of one plan, in any order of people and rooms."""
    plan = dice.choice(list(Plan.objects.filter(state=PlanState.ACTIVE)) or [None])
    if plan is None:
        raise Nothing
    session, review = plan.sessions.order_by("number").first(), plan.reviews.get(months=0)
    picks = [Pick(subject.pk, **slot(cast, dice)) for subject in (session, review)]
    book_series(plan_id=plan.pk, picks=picks, token=uuid4(), by=cast.doctor, now=cast.now)


def stop(cast: Cast, dice: Dice) -> None:
    """Now and then a plan ends, and another begins."""
    if dice.random() < 0.7:
        raise Nothing
    plan = dice.choice(list(Plan.objects.filter(state=PlanState.ACTIVE)) or [None])
    if plan is None:
        raise Nothing
    stop_plan(plan_id=plan.pk, reason="moves", by=cast.doctor, now=cast.now)
    draft = cast.draft(plan.patient, plan.assessment)
    activate_plan(plan_id=draft.pk, by=cast.doctor, now=cast.now)


def any_live(dice: Dice) -> Appointment:
    rows = list(Appointment.objects.live())
    if not rows:
        raise Nothing
    return dice.choice(rows)


def book_session(cast: Cast, dice: Dice) -> None:
    plan = dice.choice(list(Plan.objects.filter(state=PlanState.ACTIVE)) or [None])
    if plan is None:
        raise Nothing
    session = plan.sessions.order_by("number").first()
    book_appointment(
        patient_id=plan.patient_id,
        purpose=AppointmentPurpose.SESSION,
        session_id=session.pk,
        override_reason="she travels",
        by=cast.doctor,
        now=cast.now,
        **slot(cast, dice),
    )


def book_talk(cast: Cast, dice: Dice) -> None:
    who = dice.choice(cast.people)
    book_appointment(
        patient_id=who.pk, purpose=AppointmentPurpose.CONSULTATION, by=cast.desk, now=cast.now, **slot(cast, dice)
    )


def move(cast: Cast, dice: Dice) -> None:
    seen = any_live(dice)
    move_appointment(
        appointment_id=seen.pk,
        reason="asked",
        override_reason="she travels",
        version=seen.version,
        by=cast.doctor,
        now=cast.now,
        **slot(cast, dice),
    )


def cancel(cast: Cast, dice: Dice) -> None:
    cancel_appointment(appointment_id=any_live(dice).pk, reason="ill", by=cast.desk, now=cast.now)


def confirm(cast: Cast, dice: Dice) -> None:
    seen = any_live(dice)
    confirm_own_appointment(patient_id=seen.patient_id, appointment_id=seen.pk, now=cast.now)


def change_plan(cast: Cast, dice: Dice) -> None:
    plan = dice.choice(list(Plan.objects.exclude(state=PlanState.DRAFT)))
    facts = read_plan_facts(plan, now=cast.now)
    if facts.paused_since:
        change = ResumeOn(cast.today)
    elif dice.random() < 0.5:
        change = PauseFrom(cast.today)
    else:
        change = Pin(facts.steps[0].ref, cast.today + timedelta(days=dice.randrange(7, 10)))
    shown = preview(facts, change)
    choices = {conflict.subject: conflict.choices[-1].value for conflict in shown.open}
    shown = preview(facts, change, choices)
    wish = {"choices": choices, "seen": shown.fingerprint, "reason": "asked", "by": cast.doctor, "now": cast.now}
    apply_change(plan_id=plan.pk, change=change, **wish)


def replan(cast: Cast, dice: Dice) -> None:
    replan_reminders(Patient.objects.get(pk=dice.choice(cast.people).pk), now=cast.now)


DEEDS = (book_session, book_series_of_two, book_talk, stop, move, move, cancel, confirm, change_plan, replan)


def work(cast: Cast, seed: int, until: float, ends: Counter[str], faults: list[BaseException]) -> None:
    dice = random.Random(seed)
    try:
        while time.monotonic() < until:
            deed: Callable[[Cast, Dice], None] = dice.choice(DEEDS)
            try:
                deed(cast, dice)
                ends[deed.__name__] += 1
            except Refusal as refusal:
                ends[f"{deed.__name__}: {refusal.code}"] += 1
            except Nothing:
                continue
    except BaseException as fault:
        faults.append(fault)
    finally:
        connection.close()


def test_everybody_gets_an_answer_and_nothing_is_booked_twice() -> None:
    cast = open_clinic()
    for name in ("Noor", "Ivo", "Mina"):
        cast.active_plan(name)
    ends: Counter[str] = Counter()
    faults: list[BaseException] = []
    until = time.monotonic() + SECONDS
    hands = [threading.Thread(target=partial(work, cast, seed, until, ends, faults)) for seed in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(SECONDS + 90)
    assert not any(hand.is_alive() for hand in hands), ends
    assert not faults, (faults, ends)
    assert not [end for end in ends if end.endswith("in_the_way")], ends
    tried = {end.partition(":")[0] for end in ends}
    # Chance chooses, and a slow machine gets to fewer of them: most were tried, several were done.
    assert len(tried) > len(set(DEEDS)) // 2 and len(set(ends) & tried) > 2, ends
    assert not overlaps()


def overlaps() -> list[tuple[datetime, datetime]]:
    """Pairs of live appointments that share a minute of somebody or something."""
    rows = list(Appointment.objects.filter(state__in=LIVE))
    return [
        (one.starts, other.starts)
        for place, one in enumerate(rows)
        for other in rows[place + 1 :]
        if one.starts < other.ends and other.starts < one.ends and _shares(one, other)
    ]


def _shares(one: Appointment, other: Appointment) -> bool:
    return (
        one.practitioner_id == other.practitioner_id
        or one.patient_id == other.patient_id
        or (one.room_id is not None and one.room_id == other.room_id)
    )
