from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditLine, Location, Staff
from clinic.operations.audit import record
from clinic.rules.spans import Span, Unit
from patients.models import Patient
from plans.models import ChecklistItem, Pause, Plan, Reminder, Session
from plans.queries.plan_story import plan_story
from plans.rules.changes import Skip
from plans.rules.course import Alongside, Modality
from plans.rules.happened import Happened
from plans.rules.states import PlanState
from tests.cast import change_plan
from tests.pages import cast, walk

pytestmark = pytest.mark.django_db
NOW, TODAY = cast.NOW, cast.TODAY
MINOXIDIL = Alongside("minoxidil", Modality.MEDICAL, "Minoxidil 5 %, twice a day", source="S0")
TRANSPLANT = Alongside("transplant", Modality.TRANSPLANT, "Transplant surgeon", starts=Span(5, Unit.MONTHS))


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Callable[[datetime], None]:
    settings.DEBUG, settings.CLOCK_FILE = True, str(tmp_path / "clock")

    def stand_at(now: datetime) -> None:
        (tmp_path / "clock").write_text(now.isoformat())

    stand_at(NOW)
    return stand_at


@pytest.fixture
def here() -> Location:
    walk.library()
    return cast.location("Riverside")


@pytest.fixture
def clinician(here: Location) -> Staff:
    return cast.member("noor", here, is_clinician=True, first_name="Noor")


@pytest.fixture
def desk(here: Location) -> Staff:
    return cast.member("dana", here, is_front_desk=True, first_name="Dana")


@pytest.fixture
def alma(here: Location, clinician: Staff) -> Patient:
    return walk.registered(here, clinician, NOW)


@pytest.fixture
def plan(alma: Patient, clinician: Staff) -> Plan:
    walk.assessed(alma, clinician, NOW)
    return walk.active(alma, clinician, NOW)


def page_of(plan: Plan, person: Staff) -> str:
    answer = cast.logged_in(person).get(reverse("plans:plan", args=[plan.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def drawing_of(plan: Plan, person: Staff) -> str:
    page = page_of(plan, person)
    return page[page.index('<svg class="c-tl__svg"') : page.index('<ul class="c-tl__key"')]


def titles(drawing: str) -> list[str]:
    return [" ".join(title.split()) for title in re.findall(r"<title[^>]*>([^<]*)</title>", drawing)]


def looks(drawing: str) -> set[str]:
    return set(re.findall(r"c-tl__(?:mark|bar)--([a-z-]+)", drawing))


# -- the time line ---------------------------------------------------------------------------------------------------
def test_every_session_stands_on_the_line_with_its_window_in_words(plan: Plan, desk: Staff) -> None:
    said = " ".join(titles(drawing_of(plan, desk)))
    for number in (1, 2, 3, 4):
        assert f"Session {number}, exosome and PRP: to book." in said
    assert "Between Mon 23 Nov 2026 and Mon 7 Dec 2026. Best: Mon 23 Nov 2026." in said


def test_a_booked_session_shows_its_hour_and_leads_to_its_appointment(plan: Plan, desk: Staff) -> None:
    held = walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=2), 15, desk, NOW)
    drawing = drawing_of(plan, desk)
    assert "booked Wed 25 Nov 2026, 15:00 with Dr Example" in " ".join(titles(drawing))
    assert f'<a class="c-tl__link" href="{reverse("plans:appointment", args=[held.pk])}"' in drawing
    assert "booked" in looks(drawing)


def test_a_late_and_a_skipped_session_carry_their_word_and_their_own_shape(
    plan: Plan, clinician: Staff, clock: Callable[[datetime], None]
) -> None:
    change_plan(plan, Skip(str(plan.sessions.get(number=2).pk)), by=clinician, now=NOW)
    clock(NOW + timedelta(days=30))
    drawing = drawing_of(plan, clinician)
    assert {"late", "skipped"} <= looks(drawing)
    assert ">1 late</text>" in drawing
    assert ">2 skipped</text>" in drawing


def test_a_day_set_by_hand_stands_beside_the_one_of_the_rules(plan: Plan, clinician: Staff) -> None:
    third = plan.sessions.get(number=3)
    Session.objects.filter(pk=third.pk).update(
        pinned=third.target + timedelta(days=3), target=third.target + timedelta(3)
    )
    page = page_of(plan, clinician)
    assert {"pinned", "calculated"} <= looks(drawing_of(plan, clinician))
    assert "set by hand to Thu 4 Feb 2027" in " ".join(page.split())
    assert "by the rules Mon 1 Feb 2027" in " ".join(page.split())


def test_reviews_show_their_photos_to_who_may_see_photos(plan: Plan, clinician: Staff, desk: Staff) -> None:
    review = plan.reviews.get(months=3)
    mine, theirs = drawing_of(plan, clinician), drawing_of(plan, desk)
    assert "0 of 6 photos" in mine
    assert reverse("plans:review", args=[review.pk]) in mine
    assert "photos" not in theirs
    assert reverse("plans:review", args=[review.pk]) not in theirs


def test_what_is_only_estimated_is_hatched_and_what_is_certain_is_not(plan: Plan, desk: Staff) -> None:
    assert "certain" not in looks(drawing_of(plan, desk))
    walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=2), 15, desk, NOW)
    drawing = drawing_of(plan, desk)
    assert {"certain", "estimated"} <= looks(drawing)
    assert "No dyeing from Wed 18 Nov 2026, until Thu 24 Dec 2026." in titles(drawing)


def test_the_restrictions_of_another_plan_stand_on_this_one_too(plan: Plan, clinician: Staff, desk: Staff) -> None:
    other = walk.drafted(plan.patient, clinician, NOW)
    walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=2), 15, desk, NOW)
    assert "No dyeing from Wed 18 Nov 2026, until Thu 24 Dec 2026." in titles(drawing_of(other, desk))


def test_a_draft_shows_what_it_would_forbid(alma: Patient, clinician: Staff) -> None:
    walk.assessed(alma, clinician, NOW)
    drawing = drawing_of(walk.drafted(alma, clinician, NOW), clinician)
    assert {"draft", "estimated"} <= looks(drawing)
    assert ">1 draft</text>" in drawing


def with_alongside(plan: Plan, *alongside: Alongside) -> Plan:
    plan.course = replace(plan.course, alongside=alongside)
    plan.save(update_fields=["course_json"])
    return plan


def test_a_medicine_is_held_off_after_a_session_and_the_day_it_goes_on_is_said(
    plan: Plan, clinician: Staff, desk: Staff, clock: Callable[[datetime], None]
) -> None:
    with_alongside(plan, replace(MINOXIDIL, began_on=TODAY), TRANSPLANT)
    first = plan.sessions.get(number=1)
    walk.completed(first, walk.booked(first, TODAY + timedelta(days=2), 15, desk, NOW), clinician)
    clock(NOW + timedelta(days=3))
    page = " ".join(page_of(plan, desk).split())
    assert "Since Mon 23 Nov 2026, continuously" in page
    assert "May be taken again from Thu 17 Dec 2026, unless the doctor says to continue." in page  # 25 Nov + 3 weeks
    drawing = drawing_of(plan, desk)
    assert {"medicine", "held-off", "held-off-estimated", "referral"} <= looks(drawing)
    assert "Held off, again from Thu 17 Dec 2026." in titles(drawing)
    assert "Transplant surgeon: To refer around Fri 23 Apr 2027." in titles(drawing)


def test_a_medicine_that_was_stopped_is_held_off_no_more(plan: Plan, clinician: Staff, desk: Staff) -> None:
    walk.booked(plan.sessions.get(number=2), TODAY + timedelta(days=40), 15, desk, NOW)
    stopped = replace(MINOXIDIL, began_on=TODAY, stopped_on=TODAY + timedelta(days=9))
    page = " ".join(page_of(with_alongside(plan, stopped), clinician).split())
    assert "stopped on Wed 2 Dec 2026" in page
    assert "held-off" not in looks(drawing_of(plan, clinician))


def paused(plan: Plan, by: Staff) -> Plan:
    Plan.objects.filter(pk=plan.pk).update(state=PlanState.PAUSED)
    Pause.objects.create(plan=plan, begins=TODAY, reason="Secret journey", begun_at=NOW, begun_by=by)
    return plan


def test_a_paused_plan_says_so_and_offers_no_booking(plan: Plan, clinician: Staff, desk: Staff) -> None:
    page = page_of(paused(plan, clinician), clinician)
    assert "The plan is paused" in page
    assert "Secret journey" in page
    assert "Paused from Mon 23 Nov 2026, not resumed yet." in titles(page)
    assert reverse("plans:session-book", args=[plan.sessions.get(number=1).pk]) not in page
    assert "Secret journey" not in page_of(plan, desk)


def test_a_plan_without_reviews_or_sessions_still_has_its_page(plan: Plan, clinician: Staff) -> None:
    plan.reviews.all().delete()
    plan.sessions.all().delete()
    page = page_of(plan, clinician)
    assert "This protocol promises none." in page
    assert "No sessions" in page


def test_the_line_is_a_picture_with_a_name_and_its_links_stand_outside_of_it(plan: Plan, desk: Staff) -> None:
    walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=2), 15, desk, NOW)
    drawing = drawing_of(plan, desk)
    assert 'role="img" aria-labelledby="tl-title" aria-describedby="tl-desc"' in drawing
    picture = drawing[drawing.index('role="img"') : drawing.index('<a class="c-tl__link"')]
    assert picture.count("<g") - picture.count("</g>") == -1  # the picture is closed before the first link
    assert "style=" not in drawing


# -- what changed ----------------------------------------------------------------------------------------------------
def changed(plan: Plan, by: Staff) -> None:
    record(
        Happened.PLAN_ACTIVATED, about=plan, by=by, now=NOW, reason="Secret why",
        details={"what": ["Session 3 moves from Mon 1 Feb 2027 to Thu 4 Feb 2027."]},
    )  # fmt: skip


def test_the_history_says_what_a_change_changed_to_who_reads_its_reason(
    plan: Plan, clinician: Staff, here: Location
) -> None:
    changed(plan, clinician)
    said = "Session 3 moves from Mon 1 Feb 2027 to Thu 4 Feb 2027."
    assert said in page_of(plan, clinician)
    manager = page_of(plan, cast.member("max", here, is_manager=True))
    assert "What was done to this plan" in manager
    assert said not in manager
    assert "Secret why" not in manager


def test_what_can_be_changed_follows_the_plans_state(plan: Plan, clinician: Staff, desk: Staff) -> None:
    def kinds(person: Staff) -> list[str]:
        return [change.kind for change in plan_story(person, plan.pk, now=NOW).changes]

    every = ["add", "booster", "review", "alongside", "care-rule", "version"]
    assert kinds(clinician) == ["pause", *every]
    assert kinds(desk) == []
    paused(plan, clinician)
    assert kinds(clinician) == ["resume", *[kind for kind in every if kind != "booster"]]
    Plan.objects.filter(pk=plan.pk).update(state=PlanState.COMPLETED)
    assert kinds(clinician) == ["booster"]
    Plan.objects.filter(pk=plan.pk).update(state=PlanState.STOPPED)
    assert kinds(clinician) == []


def test_every_way_to_change_the_plan_is_a_link_of_the_page(plan: Plan, clinician: Staff, desk: Staff) -> None:
    urls = [reverse("plans:plan-change", args=[plan.pk, kind]) for kind in ("pause", "add", "skip", "remove", "pin")]
    page = page_of(plan, clinician)
    for url in urls:
        assert f'href="{url}' in page
        assert url not in page_of(plan, desk)


def test_after_the_course_the_booster_has_its_days(plan: Plan, clinician: Staff, desk: Staff) -> None:
    first = plan.sessions.get(number=1)
    held = walk.booked(first, TODAY + timedelta(days=2), 15, desk, NOW)
    walk.completed(first, held, clinician)
    plan.sessions.exclude(pk=first.pk).delete()
    assert "A booster belongs between Tue 25 May and Thu 25 Nov 2027." in page_of(plan, clinician)


# -- what it costs ---------------------------------------------------------------------------------------------------
def grown(plan: Plan, sessions: int, by: Staff) -> None:
    """The plan with many sessions, some done, with their checklists; with many letters, pauses and audit lines."""
    (key, *_) = [component.key for component in plan.course.components]
    plan.sessions.all().delete()
    for number in range(1, sessions + 1):
        day = date(2026, 6, 1) + timedelta(days=14 * number)
        ended = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        done = {"state": "done", "started_at": ended, "ended_at": ended, "done_by": by} if number * 3 < sessions else {}
        session = Session.objects.create(
            plan=plan, number=number, parts_json=[[key, number]], earliest=day, target=day,
            latest=day + timedelta(days=3), calculated=day, **done,
        )  # fmt: skip
        ChecklistItem.objects.create(session=session, rule_key="hat", phase="pre", kind="do", by="patient", text="Hat")
        record(Happened.PLAN_CHANGED, about=session, by=by, now=NOW, details={"what": ["It moved."]})
        Reminder.objects.create(
            kind="dye_again", patient=plan.patient, location=plan.location, plan=plan, about_id=session.pk, facts="x",
            due_at=NOW, useful_until=NOW, planned_at=NOW, state="sent" if number % 2 else "planned",
        )  # fmt: skip
        Pause.objects.create(plan=plan, begins=day, ends=day, reason="Away", begun_at=NOW, begun_by=by)


def cost_of(plan: Plan, person: Staff) -> int:
    client = walk.at_work(person)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("plans:plan", args=[plan.pk]) + "?act=dye&on=2026-12-01").status_code == 200
    return len(asked)


@pytest.mark.parametrize("role", ["is_front_desk", "is_clinician", "is_manager"])
def test_forty_sessions_cost_as_many_queries_as_two_and_no_more_than_fourteen(
    role: str, here: Location, plan: Plan, clinician: Staff
) -> None:
    person = cast.member("somebody", here, **{role: True})
    grown(plan, 2, clinician)
    small = cost_of(plan, person)
    for _ in range(2):
        grown(walk.drafted(plan.patient, clinician, NOW), 6, clinician)
    Reminder.objects.filter(plan=plan).delete()
    plan.pauses.all().delete()
    grown(plan, 40, clinician)
    with_alongside(plan, MINOXIDIL, TRANSPLANT)
    # session, user, plan, 4 of the chart, consents, pauses, letters, deeds
    assert cost_of(plan, person) == small <= 14


def test_opening_the_page_writes_nothing(plan: Plan, desk: Staff) -> None:
    lines = AuditLine.objects.count()
    page_of(plan, desk)
    assert AuditLine.objects.count() == lines


# -- what stands in the way ------------------------------------------------------------------------------------------
def test_a_plan_that_cannot_be_kept_says_why_before_anything_else(
    plan: Plan, desk: Staff, clock: Callable[[datetime], None]
) -> None:
    assert "is late" not in page_of(plan, desk)
    clock(NOW + timedelta(days=60))
    page = page_of(plan, desk)
    assert "Session 1 is late: it should have been by Mon 7 Dec 2026" in page
    assert page.index("What stands in the way of this plan") < page.index("Next step")


def test_a_paused_plan_is_resumed_from_its_next_step(plan: Plan, clinician: Staff, desk: Staff) -> None:
    paused(plan, clinician)
    resume = reverse("plans:plan-change", args=[plan.pk, "resume"])
    page = page_of(plan, clinician)
    assert page.index("The plan is paused") < page.index(resume) < page.index("Time line")
    assert resume not in page_of(plan, desk)
