"""A changed care rule on its way through many plans: murdered and gone on, run by two at once, and by the command."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from clinic.models import AuditLine
from plans.models import Plan, Protocol, Reminder, Replanning
from plans.operations.checklists import write_many
from plans.operations.reminders import replan_many
from plans.rules.happened import Happened
from plans.rules.states import ReminderState, ReplanningState, SessionState
from tests.operations.letter_cast import COURSE, DAY, HOUR, NOW, patient, plan_of
from tests.operations.test_care_rule_batch import asked, longer_no_dye, publish

pytestmark = pytest.mark.django_db(transaction=True)
PLANS = 60
SLOWLY = """
import django; django.setup()
from clinic import clock
from plans import replan_steps
from tests.operations.letter_cast import NOW
clock.now = lambda: NOW
replan_steps.BREATH = 0.05
from plans.replan_steps import go_on
from uuid import UUID
go_on(UUID("{key}"), at_once={at_once}, tell=lambda row: print(row.looked_at, flush=True))
"""


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> Replanning:
    monkeypatch.setattr("clinic.clock.now", lambda: NOW)
    dice = random.Random(7)
    plans = [plan_of(patient(f"K{number}"), sessions=2) for number in range(PLANS)]
    for plan in plans:
        ended = NOW - dice.randint(1, 20) * DAY
        plan.sessions.filter(number=1).update(state=SessionState.DONE, started_at=ended - HOUR, ended_at=ended)
    write_many({plan.pk: COURSE for plan in plans})
    with transaction.atomic():
        replan_many([plan.patient for plan in plans], now=NOW)
    return asked(publish(), longer_no_dye())


def started(row: Replanning, database_url: str, at_once: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    code = SLOWLY.format(key=row.pk, at_once=at_once)
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def must_be_whole(row: Replanning) -> None:
    row.refresh_from_db()
    assert (row.state, row.looked_at, row.total, row.changed) == (ReplanningState.DONE, PLANS, PLANS, PLANS)
    assert all(plan.course.rule("no-dye") == longer_no_dye() for plan in Plan.objects.all())
    told = AuditLine.objects.filter(happened=Happened.PLAN_CARE_CHANGED).values_list("about_id", flat=True)
    assert sorted(told) == sorted(Plan.objects.values_list("pk", flat=True)), "one line for each plan"
    assert Plan.history.filter(history_type="~").count() == PLANS
    planned = Reminder.objects.filter(kind="dye_again", state=ReminderState.PLANNED).values_list("patient", flat=True)
    assert len(planned) == len(set(planned)) == PLANS, "one letter for each patient, with the new date"
    assert Reminder.objects.filter(kind="dye_again", state=ReminderState.CANCELLED).count() == PLANS


def test_a_murdered_run_goes_on_where_it_was(row: Replanning, database_url: str) -> None:
    dice, kills = random.Random(11), 4
    for _ in range(kills):
        process = started(row, database_url, at_once=4)
        assert process.stdout and process.stdout.readline(), "it was to be killed in the middle of its work"
        time.sleep(dice.random() * 0.1)
        process.kill()
        process.wait()
        row.refresh_from_db()
        told = AuditLine.objects.filter(happened=Happened.PLAN_CARE_CHANGED)
        assert told.count() == row.changed == row.looked_at >= 4
    assert row.state == ReplanningState.RUNNING
    call_command("replan_plans", stdout=StringIO())
    must_be_whole(row)


def test_two_runs_at_a_time_take_turns(row: Replanning, database_url: str) -> None:
    both = [started(row, database_url, at_once=5) for _ in range(2)]
    seen = [[int(line) for line in process.stdout or ()] for process in both]
    assert [process.wait() for process in both] == [0, 0]
    must_be_whole(row)
    assert all(len(steps) > 2 for steps in seen), "both of them worked"


def test_the_command_says_how_far_it_is_and_running_it_again_changes_nothing(row: Replanning) -> None:
    told = StringIO()
    call_command("replan_plans", stdout=told)
    assert f"{PLANS} of {PLANS} plans, {PLANS} changed" in told.getvalue()
    assert f"done: {PLANS} of {PLANS} plans changed" in told.getvalue()
    must_be_whole(row)
    again = StringIO()
    call_command("replan_plans", stdout=again)
    assert again.getvalue() == "No change of a care rule waits.\n"
    call_command("replan_plans", id=str(row.pk), stdout=again)
    must_be_whole(row)
    assert Protocol.objects.count() == 1
