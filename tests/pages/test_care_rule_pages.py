"""The care rules' pages: what stands where, what a change would do, and the change on its way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from plans.models import Plan, Protocol, Reminder, Replanning
from plans.operations.protocol_versions import draft_next_version
from plans.rules.states import ReminderState, ReplanningState
from plans.tasks import replan, tick
from plans.views import care_rules as views
from tests.cast import COMBINED, SINGLE, published
from tests.operations.care_cast import adapt, ask, copy_of, longer
from tests.pages.visits import Clinic, open_pages, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was sent to the broker."""
    messages: list[Any] = []
    monkeypatch.setattr("clinic.celery.app.send_task", lambda name, args, **more: messages.append((name, args)))
    return messages


def held(clinic: Clinic, first: str = "Noor") -> Plan:
    """Her first session ended on Mon 12 Oct 2026 at 15:00."""
    plan = clinic.cast.active_plan(first)
    clinic.cast.photograph(plan.reviews.get(months=0))
    ends = clinic.cast.at(date(2026, 10, 12), 15)
    clinic.cast.hold(plan.sessions.get(number=1), ends, override_reason="She could come")
    clinic.stand_at(clinic.cast.now)
    return Plan.objects.get(pk=plan.pk)


def said(**changes: Any) -> dict[str, Any]:
    """The form of “no dye” as the rule's page fills it, five weeks instead of four."""
    return {
        "text": "Do not dye or chemically straighten your hair.",
        "starts_number": "", "starts_unit": "days", "ends_number": "5", "ends_unit": "weeks",
        "in_force": "on", "source": "OWNER, S3",
        "protocols": [str(published(key).pk) for key in (COMBINED, SINGLE)],
        **changes,
    }  # fmt: skip


def looked(clinic: Clinic, key: str = "no-dye", **changes: Any) -> str:
    answer = clinic.manager.get(reverse("plans:care-rule-changes", args=[key]), said(**changes))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))


def publish(clinic: Clinic, key: str = "no-dye", **changes: Any) -> str:
    return sent(
        clinic.manager, "care-rule-changes", key, **{**said(), "with_plans": "yes", "reason": "So asked", **changes}
    )


def test_every_rule_says_when_it_counts_who_says_so_and_where_it_stands(clinic: Clinic) -> None:
    clinic.cast.active_plan("Noor")
    clinic.cast.active_plan("Mei", SINGLE)
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", seen(clinic.doctor, "care-rules")))
    assert "no-dye · Avoid For 4 weeks after the session the clinic&#x27;s owner, S3 In force 2 2" in page
    assert "no-wash-before · Avoid On the day of the session S1 Not in force 2 2" in page


def test_the_list_needs_as_many_queries_for_many_plans_as_for_one(clinic: Clinic) -> None:
    counts = []
    for name in ("Noor", "Mei"):
        clinic.cast.active_plan(name)
        browser = clinic.manager
        with CaptureQueriesContext(connection) as queries:
            seen(browser, "care-rules")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_a_clinician_reads_and_a_manager_changes(clinic: Clinic) -> None:
    assert "See what changes" not in seen(clinic.doctor, "care-rule", "no-dye")
    assert "See what changes" in seen(clinic.manager, "care-rule", "no-dye")
    assert clinic.doctor.get(reverse("plans:care-rule-changes", args=["no-dye"]), said()).status_code == 403
    assert clinic.desk.get(reverse("plans:care-rules")).status_code == 403
    seen(clinic.manager, "care-rule", "no-such-rule", status=404)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_number": "-1"}, "Write a whole number between 0 and 999, or nothing."),
        ({"ends_number": "four"}, "Write a whole number between 0 and 999, or nothing."),
        ({"ends_number": "1000", "ends_unit": "months"}, "Write a whole number between 0 and 999, or nothing."),
        ({"ends_unit": "fortnights"}, "fortnights is not one of the available choices"),
        ({"starts_number": "6", "starts_unit": "weeks"}, "It would end 5 weeks after the session, before it begins"),
        ({"ongoing": "on"}, "It goes on without an end, so leave the end empty."),
        ({"text": " "}, "This field is required."),
        ({"source": ""}, "This field is required."),
        ({"protocols": []}, "Tick at least one protocol."),
        ({"protocols": ["0190a5d0-0000-7000-8000-000000000000"]}, "was replaced meanwhile"),
    ],
)
def test_bad_input_is_a_sentence_at_the_field(clinic: Clinic, changes: dict[str, Any], sentence: str) -> None:
    page = looked(clinic, **changes)
    assert sentence in page and "See what changes" in page


def test_looking_at_the_consequences_writes_nothing(clinic: Clinic) -> None:
    plan = held(clinic)
    before = list(Plan.objects.values()), list(Reminder.objects.values()), Protocol.objects.count()
    page = looked(clinic)
    assert "Noor Sample0" in page and "No dyeing until Tue 10 Nov → Tue 17 Nov 2026" in page
    assert "Exosome and PRP, same day gets version 2" in page
    assert "No dyeing yet 1 0 0 0" in page and "Dyeing allowed again 1 0 0 0" in page
    assert (list(Plan.objects.values()), list(Reminder.objects.values()), Protocol.objects.count()) == before
    assert copy_of(plan).ends.number == 4 and not Replanning.objects.exists()


def test_who_was_told_the_old_date_is_counted_as_corrected(clinic: Clinic) -> None:
    held(clinic)
    Reminder.objects.filter(kind="no_dye").update(state=ReminderState.SENT)
    page = looked(clinic)
    assert "No dyeing yet 0 1 0 0" in page


def test_what_is_foreseen_is_what_happens(clinic: Clinic) -> None:
    held(clinic, "Noor")
    second = held(clinic, "Mei")
    adapt(second, text="Her own words")
    page = looked(clinic)
    assert "Change 1 , a date moves in 1" in page and "Stay as they are 1" in page
    publish(clinic)
    row = Replanning.objects.get()
    replan(str(row.pk))
    row.refresh_from_db()
    assert (row.state, row.changed, row.letters_changed) == (ReplanningState.DONE, 1, 3)


def test_booked_sessions_whose_care_would_have_begun_are_counted(clinic: Clinic) -> None:
    plan = held(clinic)
    second = plan.sessions.get(number=2)
    booked = clinic.cast.book(second, clinic.cast.at(second.target, 11))
    clinic.stand_at(booked.starts - timedelta(days=10))
    pre = {"starts_number": "2", "starts_unit": "weeks", "ends_number": "", "text": "Do not dye.", "source": "S3"}
    page = looked(clinic, "no-chemical", **pre)
    assert "begun already 1" in page and "gone out already" not in page
    Reminder.objects.filter(kind="pre_care").update(state=ReminderState.SENT)
    assert "1 mail about care before a session to come has gone out already" in looked(clinic, "no-chemical", **pre)
    assert "begun already 0" in looked(clinic, "no-chemical", **{**pre, "starts_number": "9", "starts_unit": "days"})


def test_sessions_left_without_a_free_day_are_counted(clinic: Clinic) -> None:
    """Sessions every five weeks, forbidden for a week before each: four weeks after one leave days, five leave none."""
    plan = held(clinic)
    second = plan.sessions.get(number=2)
    first = plan.sessions.get(number=1).ended_at
    clinic.cast.book(second, first + timedelta(days=38))
    assert "No free day before them any more 1" in looked(clinic)


def test_a_contradiction_must_be_settled_first(clinic: Clinic) -> None:
    wash = {"text": "Do not wash.", "starts_number": "0", "ends_number": "", "source": "S1"}
    page = looked(clinic, "no-wash-before", **wash)
    assert "This has to be settled first." in page and "cannot both hold" in page and "So asked" not in page
    assert "It can be published once what stands above is settled." in page
    page = publish(clinic, "no-wash-before", **wash)
    assert "cannot both hold" in page and not Replanning.objects.exists()


def test_a_draft_of_its_own_is_named(clinic: Clinic) -> None:
    draft_next_version(protocol_id=published(SINGLE).pk, by=clinic.cast.manager, now=clinic.cast.now)
    assert "There is a draft with changes of its own" in looked(clinic)
    assert escape("has a draft with changes of its own: publish or discard that first.") in publish(clinic)
    assert not Replanning.objects.exists()


def test_a_reason_is_asked_for(clinic: Clinic) -> None:
    page = publish(clinic, reason=" ")
    assert "Write why the rule changes." in page and not Replanning.objects.exists()


def test_published_worked_through_and_said_so(clinic: Clinic, told: list[Any]) -> None:
    plan = held(clinic)
    page = publish(clinic)
    row = Replanning.objects.get()
    assert "Waiting for the background worker" in page
    assert told == [("plans.tasks.replan", [str(row.pk)])]
    replan(str(row.pk))
    assert copy_of(plan) == longer()
    page = seen(clinic.manager, "care-change", row.pk)
    assert "Done: every plan under way was looked at." in page and "<dt>Plans changed</dt><dd>1</dd>" in page


def test_only_new_plans_are_done_at_once(clinic: Clinic, told: list[Any]) -> None:
    plan = held(clinic)
    page = publish(clinic, with_plans="no")
    assert "Plans under way keep the rule they were made with." in page
    assert told == [] and copy_of(plan).ends.number == 4


def test_a_poll_brings_the_bar_and_leads_on_when_it_is_over(clinic: Clinic) -> None:
    held(clinic)
    row = ask(clinic.cast)
    where, browser = reverse("plans:care-change", args=[row.pk]), clinic.manager
    bar = browser.get(where, headers={"HX-Request": "true"})
    assert 'id="progress"' in bar.text and "<html" not in bar.text
    replan(str(row.pk))
    assert browser.get(where, headers={"HX-Request": "true"}).headers["HX-Redirect"] == where


def test_it_can_be_stopped_gone_on_with_and_done_without_a_worker(clinic: Clinic, told: list[Any]) -> None:
    plan = held(clinic)
    row = ask(clinic.cast)
    assert "Stopped after 0 of 1 plans" in sent(clinic.manager, "care-change", row.pk, stop="1")
    assert clinic.doctor.post(reverse("plans:care-change", args=[row.pk]), {"resume": "1"}).status_code == 403
    sent(clinic.manager, "care-change", row.pk, resume="1")
    assert told == [("plans.tasks.replan", [str(row.pk)])]
    clinic.stand_at(clinic.cast.now + timedelta(minutes=1))
    assert "Nobody is at it" in seen(clinic.manager, "care-change", row.pk)
    clinic.doctor.post(reverse("plans:care-change", args=[row.pk]), {"here": "1"})
    assert copy_of(plan).ends.number == 4
    assert "Done:" in sent(clinic.manager, "care-change", row.pk, here="1")
    assert copy_of(plan) == longer()


def test_a_change_whose_message_was_lost_is_asked_for_again(
    clinic: Clinic, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    held(clinic)
    row = ask(clinic.cast)
    monkeypatch.setattr("plans.tasks.deliver", lambda **_: None)
    tick()
    assert told == []
    clinic.stand_at(clinic.cast.now + timedelta(minutes=2))
    tick()
    assert told == [("plans.tasks.replan", [str(row.pk)])]


def test_patients_of_other_places_are_counted_and_not_named(clinic: Clinic) -> None:
    """Protocols are everybody's; who her patients are is each place's own."""
    plan = held(clinic)
    outsider = clinic.outsider
    answer = outsider.get(reverse("plans:care-rule-changes", args=["no-dye"]), said()).content.decode()
    assert "Noor" not in answer and "1 more plan at other locations is not named here." in answer
    adapt(plan, text="Her own words")
    row = ask(clinic.cast)
    replan(str(row.pk))
    assert "Noor" not in seen(outsider, "care-change", row.pk)
    assert "Noor" in seen(clinic.manager, "care-change", row.pk)


def test_a_sample_says_that_it_is_one(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Noor", "Mei", "Ana", "Ida"):
        held(clinic, name)
    monkeypatch.setattr(views, "SECONDS", -1.0)
    monkeypatch.setattr("plans.operations.foresee.AT_ONCE", 2)
    page = looked(clinic)
    assert "worked out for 2 of 4 plans" in page and "Mail, about" in page
    assert "Change 4 , a date moves in about 4" in page and "No dyeing yet 4 0 0 0" in page


def test_many_plans_are_listed_by_the_page(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Noor", "Mei", "Ana"):
        clinic.cast.active_plan(name)
    monkeypatch.setattr(views, "PAGE", 2)
    first, second, wild = looked(clinic), looked(clinic, page="2"), looked(clinic, page="99x")
    assert "page 1 of 2" in first and "page 2 of 2" in second and "page 1 of 2" in wild
    assert [name in first for name in ("Noor", "Mei", "Ana")] == [True, True, False]
    assert [name in second for name in ("Noor", "Mei", "Ana")] == [False, False, True]
