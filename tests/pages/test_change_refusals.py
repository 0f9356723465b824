"""A change that cannot be made: a sentence at its field, everything typed kept, nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plans.models import Plan, Session
from plans.operations.plans import stop_plan
from plans.rules.states import SessionState
from tests.pages.changing import WHY, accept, ask, page_of, send, session, under_way, words
from tests.pages.visits import DAY, Clinic, open_pages, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def plan(clinic: Clinic) -> Plan:
    return under_way(clinic)


# -- refused -----------------------------------------------------------------------------------------------------------
BAD: list[tuple[str, str, dict[str, object], str]] = [
    ("pause", "", {"day": "1900-01-01"}, "Paused from: A"),
    ("pause", "", {"day": "2200-01-01"}, "Paused from: A"),
    ("pause", "", {"day": ""}, "This field is required."),
    ("pause", "", {"day": "soon"}, "Enter a valid date."),
    ("add", "", {"components": []}, "gets one more session."),
    ("add", "", {"components": ["gold"]}, "Select a valid choice."),
    ("pin", "?session={third}", {"day": "1900-01-01"}, "within the next five years"),
    ("pin", "?session={third}", {"day": "2200-01-01"}, "within the next five years"),
    ("pin", "?session={third}", {"day": ""}, "Choose a day."),
    ("review", "?review=month-3", {"offset": "a fortnight"}, "is not a length of time: write for example"),
    ("review", "?review=month-3", {"offset": "24 hours"}, "Hours cannot be counted on a calendar"),
    ("review", "?review=month-3", {"offset": "0 months"}, "on the day of the baseline"),
    ("review", "?review=month-3", {"offset": "6 months"}, "can fall on the same day"),
    ("review", "?review=month-3", {"offset": "9999999 months"}, "is longer than 100 years"),
    ("review", "?review=month-3", {"offset": ""}, "Say how long: for example “4 weeks”."),
    ("care-rule", "?rule=no-dye", {"text": "", "ends": "4 weeks"}, "This field is required."),
    ("care-rule", "?rule=no-dye", {"text": "No dye", "ends": "4 moons"}, "is not a length of time"),
    ("care-rule", "?rule=no-dye", {"text": "No dye", "ends": "-4 weeks"}, "is not a length of time"),
    ("care-rule", "?rule=no-dye", {"text": "No dye", "ends": ""}, "Say how long"),
    ("care-rule", "?rule=no-dye", {"text": "No dye", "ends": "9000000 weeks"}, "is longer than 100 years"),
    ("alongside", "?item=new", {"name": "", "modality": "medical"}, "This field is required."),
    ("alongside", "?item=new", {"name": "M", "modality": "magic"}, "Select a valid choice."),
    ("alongside", "?item=new", {"name": "M", "modality": "medical", "began_on": "1900-01-01"}, "last forty years"),
    ("alongside", "?item=new", {"name": "M", "modality": "medical", "began_on": "2200-01-01"}, "last forty years"),
]  # fmt: skip


@pytest.mark.parametrize("kind", sorted({kind for kind, *_ in BAD}))
def test_bad_input_is_a_sentence_and_nothing_is_written(clinic: Clinic, plan: Plan, kind: str) -> None:
    third = session(plan, 3).pk
    before = (plan.course, list(plan.sessions.values()))
    for about, said, sentence in [(about, said, sentence) for bad, about, said, sentence in BAD if bad == kind]:
        for do in ("look", "accept"):
            page = send(clinic, plan, kind, about.format(third=third), do=do, reason=WHY, seen="x", **said)
            assert sentence in words(page)
            assert "This cannot be shown yet." in words(page)
            assert WHY in page
    plan.refresh_from_db()
    assert (plan.course, list(plan.sessions.values())) == before


def test_a_course_has_at_most_sixty_sessions(clinic: Clinic, plan: Plan) -> None:
    parts = [replace(part, sessions_usual=60) for part in plan.course.components]
    plan.course = replace(plan.course, components=tuple(parts))
    plan.save()
    last = session(plan, 4)
    for number in range(5, 61):
        Session.objects.create(plan=plan, number=number, parts_json=[["exosome", number], ["prp", number]],
                               earliest=last.earliest, target=last.target, latest=last.latest, calculated=last.target)  # fmt: skip
    page = words(ask(clinic, plan, "add", components=["exosome"]))
    assert "between 1 and 60 sessions, not 61" in page


def test_without_a_reason_nothing_is_changed_and_nothing_is_lost(clinic: Clinic, plan: Plan) -> None:
    third = session(plan, 3)
    day = third.target + DAY
    page = accept(clinic, plan, "pin", f"?session={third.pk}", day=day, reason="")
    assert "Write why the plan is changed." in words(page)
    assert f'value="{day}"' in page and "1 day later" in words(page)
    third.refresh_from_db()
    assert third.pinned is None
    page = accept(clinic, plan, "pin", f"?session={third.pk}", day=day, reason="x" * 1001)
    assert "at most 1000 characters" in words(page)


def test_when_the_world_moved_the_new_consequences_are_shown_first(clinic: Clinic, plan: Plan) -> None:
    third = session(plan, 3)
    page = ask(clinic, plan, "skip", f"?session={third.pk}")
    accept(clinic, plan, "pin", f"?session={session(plan, 4).pk}", day=session(plan, 4).target + 3 * DAY)
    Session.objects.filter(pk=third.pk).update(pinned=third.target + 2 * DAY)
    page = accept(clinic, plan, "skip", f"?session={third.pk}", after=page)
    assert "Something changed since you looked" in words(page)
    assert WHY in page
    third.refresh_from_db()
    assert third.state == SessionState.PLANNED


def test_who_changed_the_answers_without_looking_is_told_so(clinic: Clinic, plan: Plan) -> None:
    third = session(plan, 3)
    about = f"?session={third.pk}"
    page = ask(clinic, plan, "pin", about, day=third.target + DAY)
    page = accept(clinic, plan, "pin", about, after=page, day=third.target + 5 * DAY)
    assert "You changed something after this was worked out." in words(page)
    assert "5 days later" in words(page)


def test_what_is_so_already_offers_no_button(clinic: Clinic, plan: Plan) -> None:
    page = ask(clinic, plan, "review", "?review=month-3", offset="3 months")
    assert "Nothing changes: the plan is like this already." in words(page)
    assert 'value="accept"' not in page


def test_a_stopped_plan_is_not_changed(clinic: Clinic, plan: Plan) -> None:
    stop_plan(plan_id=plan.pk, reason="Moved away", by=clinic.cast.doctor, now=clinic.cast.now)
    for kind in ("pause", "resume", "add", "skip", "version", "booster", "alongside"):
        page = page_of(clinic, plan, kind)
        assert 'value="accept"' not in page and "<form" not in page.partition("c-page")[2].replace("<form id", "")


def test_what_is_not_there_cannot_be_chosen(clinic: Clinic, plan: Plan) -> None:
    for about in ("", "?session=nonsense", f"?session={plan.pk}", f"?session={session(plan, 1).pk}"):
        assert "Which session?" in words(page_of(clinic, plan, "skip", about))
    seen(clinic.doctor, "plan-change", plan.pk, "burn", status=404)
    seen(clinic.outsider, "plan-change", plan.pk, "skip", status=404)
    for person in (clinic.desk, clinic.manager):
        assert "Noor" not in seen(person, "plan-change", plan.pk, "skip", status=403)
