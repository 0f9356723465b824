"""What is left of a plan, wished for, proposed and booked together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import WeeklyHours
from plans.models import Appointment, Plan, Session
from plans.models.appointment import LIVE
from plans.operations.plans import activate_plan
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def plan(clinic: Clinic) -> Plan:
    return clinic.plan()


def rows(page: str) -> list[str]:
    """The lines of the proposal, as they read."""
    return re.findall(r'<li class="c-series__line.*?</li>', page, re.S)


def times(page: str) -> list[str]:
    """The code of the time each line stands at; empty where it is left open or none was found."""
    chosen = [re.search(r'<option value="([^"]+)" selected', row) for row in rows(page)]
    return [one[1] if one and not one[1].endswith("~") else "" for one in chosen]


def begins(code: str) -> str:
    return code.split("~")[3]


def other_times(page: str, number: int) -> list[str]:
    codes = re.findall(r'<option value="([^"]+)" >', rows(page)[number])
    return [code for code in codes if not code.endswith("~")]


def token(page: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def asked(client: Client, plan: Plan, **said: object) -> str:
    return unescape(seen(client, "series", plan.pk, ask=f"?{urlencode(said, doseq=True)}"))


def booked(plan: Plan) -> list[Appointment]:
    mine = Appointment.objects.filter(patient=plan.patient_id, state__in=LIVE)
    return list(mine.order_by("starts"))


# -- the proposal ----------------------------------------------------------------------------------------------------
def test_everything_left_is_proposed_inside_its_window(clinic: Clinic, plan: Plan) -> None:
    page = asked(clinic.desk, plan)
    to_do = plan.sessions.count() + plan.reviews.exclude(months=0).count()
    assert len(rows(page)) == to_do
    assert all(times(page))
    assert f"Book all {to_do}" in page
    for number, session in enumerate(plan.sessions.order_by("number")):
        assert f"ession {session.number}" in rows(page)[number] or len(rows(page)) > plan.sessions.count()


def test_the_plan_leads_there_while_two_or_more_are_not_booked(clinic: Clinic, plan: Plan) -> None:
    href = reverse("plans:series", args=[plan.pk])
    for page in (seen(clinic.desk, "plan", plan.pk), seen(clinic.desk, "patient", plan.patient_id)):
        assert page.count(href) == 1
    clinic.booked(first_of(plan), 11)
    assert href in seen(clinic.desk, "plan", plan.pk), "beside the sessions, when the next step is another"
    sent(clinic.desk, "series", plan.pk, line=times(asked(clinic.desk, plan)))
    assert href not in seen(clinic.desk, "plan", plan.pk)
    assert "Nothing is left to book" in asked(clinic.desk, plan)


def test_wishes_are_kept_to_in_every_line(clinic: Clinic, plan: Plan) -> None:
    two = clinic.cast.practitioners[1]
    codes = times(asked(clinic.desk, plan, part="afternoon", who=two.pk))
    assert all(codes)
    assert {code.split("~")[1] for code in codes} == {str(two.pk)}
    local = [
        clinic.cast.at(clinic.cast.today).fromisoformat(begins(code)).astimezone(plan.location.zone) for code in codes
    ]
    assert all(one.hour >= 12 for one in local)


def test_what_cannot_be_found_says_what_would_help_and_leads_there(clinic: Clinic, plan: Plan) -> None:
    page = asked(clinic.desk, plan, part="between", begins="20:00", until="21:00", weekday=[1, 2])
    assert not any(times(page))
    assert "finds no free time" in page
    assert "Book it by hand" in page
    assert "Book all" not in page.split('id="series"')[1]
    way = re.search(r'href="(\?[^"]*)">At any hour there is one', page)[1]
    there = unescape(seen(clinic.desk, "series", plan.pk, ask=way))
    assert all(times(there))
    assert re.search(r'name="weekday" value="2" checked', there), "the other wishes stay"


def test_where_the_wishes_leave_nobody_every_wish_can_be_taken_back(clinic: Clinic, plan: Plan) -> None:
    gone = clinic.cast.practitioners[1]
    WeeklyHours.objects.filter(location=clinic.cast.here).delete()
    page = asked(clinic.desk, plan, who=gone.pk)
    assert not any(times(page))
    assert "Book all" not in page.split('id="series"')[1]


def test_another_time_is_kept_and_the_rest_laid_out_around_it(clinic: Clinic, plan: Plan) -> None:
    before = asked(clinic.desk, plan)
    late = other_times(before, 0)[-1]
    after = asked(clinic.desk, plan, line=late)
    assert times(after)[0] == late
    assert "chosen by you" in rows(after)[0]
    assert all(times(after))
    again = asked(clinic.desk, plan, line=late)
    assert times(again) == times(after)
    sent(clinic.desk, "series", plan.pk, line=times(after))
    assert len(booked(plan)) == len(rows(after))


def test_a_line_can_be_left_open(clinic: Clinic, plan: Plan) -> None:
    page = asked(clinic.desk, plan)
    last = times(page)[-1].split("~")[0] + "~"
    page = asked(clinic.desk, plan, line=last)
    assert times(page)[-1] == ""
    count = len(rows(page))
    assert f"Book {count - 1} of {count}" in page
    sent(clinic.desk, "series", plan.pk, line=[*times(page)[:-1], last])
    assert len(booked(plan)) == count - 1


# -- booking it ------------------------------------------------------------------------------------------------------
def test_all_is_booked_with_one_button_and_one_mail(clinic: Clinic, plan: Plan) -> None:
    page = asked(clinic.desk, plan)
    codes = times(page)
    answer = unescape(sent(clinic.desk, "series", plan.pk, line=codes, tell=["no", "yes"], token=token(page)))
    assert f"{len(codes)} appointments are booked" in answer
    assert "One mail tells of all of them." in answer
    made = booked(plan)
    assert sorted(begins(code) for code in codes) == sorted(one.starts.isoformat() for one in made)
    assert len({one.series for one in made}) == 1
    assert not any(one.is_silent for one in made)


def test_nobody_is_told_when_the_tick_is_taken_away(clinic: Clinic, plan: Plan) -> None:
    answer = sent(clinic.desk, "series", plan.pk, line=times(asked(clinic.desk, plan)), tell="no")
    assert "Nobody is told by mail." in answer
    assert all(one.is_silent for one in booked(plan))


def test_whom_no_mail_reaches_is_to_be_phoned(clinic: Clinic, plan: Plan) -> None:
    plan.patient.email = ""
    plan.patient.save()
    page = asked(clinic.desk, plan)
    assert "No mail goes out: no e-mail address is known." in page
    assert "and send one mail" not in page


def test_a_form_sent_twice_books_once(clinic: Clinic, plan: Plan) -> None:
    page = asked(clinic.desk, plan)
    said = {"line": times(page), "token": token(page)}
    url, desk = reverse("plans:series", args=[plan.pk]), clinic.desk
    answers = [desk.post(url, said) for _ in range(2)]
    assert {one.headers["Location"] for one in answers} == {reverse("plans:plan", args=[plan.pk])}
    assert len(booked(plan)) == len(rows(page))


def test_a_line_taken_meanwhile_is_named_nothing_is_booked_and_the_rest_stays_as_chosen(
    clinic: Clinic, plan: Plan
) -> None:
    page = asked(clinic.desk, plan)
    chosen = other_times(page, 0)[-1]
    page = asked(clinic.desk, plan, line=chosen)
    codes = times(page)
    second = next(code for code in codes if code.startswith(str(second_of(plan).pk)))
    starts = clinic.cast.now.fromisoformat(begins(second))
    other = first_of(clinic.cast.active_plan("Other", starts_on=starts.astimezone(plan.location.zone).date()))
    clinic.cast.book(other, starts, practitioner_id=second.split("~")[1], room_id=second.split("~")[2])
    answer = unescape(sent(clinic.desk, "series", plan.pk, line=codes, token=token(page), tell="no"))
    assert "Session 2: Dr One is busy " in answer
    assert "Nothing is booked yet" in answer
    assert booked(plan) == []
    assert "refused just now" in next(row for row in rows(answer) if str(second_of(plan).pk) in row)
    assert times(answer)[0] == chosen, "what was chosen stays"
    fresh = next(code for code in times(answer) if code.startswith(str(second_of(plan).pk)))
    assert fresh != second
    assert not re.search(r'name="tell" value="yes" checked', answer)
    sent(clinic.desk, "series", plan.pk, line=times(answer), token=token(answer))
    assert len(booked(plan)) == len(codes)


def test_wishes_stay_after_a_refusal(clinic: Clinic, plan: Plan) -> None:
    url = reverse("plans:series", args=[plan.pk]) + "?part=morning&weekday=2"
    page = clinic.desk.post(url, {"line": [f"{first_of(plan).pk}~"]}).content.decode()
    assert "Choose a time for at least one session or review." in page
    assert re.search(r'name="part" value="morning" checked', page)
    assert re.search(r'name="weekday" value="2" checked', page)


@pytest.mark.parametrize(
    "code", ["", "x", "~~~~", "x~y~z~1~2", f"{uuid4()}~{uuid4()}~~2026-11-03T10:00~2026-11-03T11:00"]
)
def test_what_cannot_be_read_was_not_chosen(clinic: Clinic, plan: Plan, code: str) -> None:
    assert all(times(asked(clinic.desk, plan, line=code)))
    assert "Choose a time for at least one" in sent(clinic.desk, "series", plan.pk, line=code)
    assert booked(plan) == []


def line_at(clinic: Clinic, session: Session, starts: Any, **more: Any) -> str:
    place = {**clinic.cast.place(), **more}
    ends = starts + HOUR
    return f"{session.pk}~{place['practitioner_id']}~{place['room_id']}~{starts.isoformat()}~{ends.isoformat()}"


def test_what_cannot_be_booked_is_said_in_a_sentence(clinic: Clinic, plan: Plan) -> None:
    first, day, desk = first_of(plan), clinic.cast.today, clinic.desk
    at = clinic.cast.at
    for starts, words in (
        (at(day - DAY, 11), "is in the past"),
        (at(day, 20), "is outside the hours of that day"),
        (at(first.latest + DAY, 11), "should be by"),
    ):
        page = unescape(sent(desk, "series", plan.pk, line=line_at(clinic, first, starts)))
        assert f"Session {first.number}: " in page
        assert words in page
    gone = clinic.cast.practitioners[0]
    gone.is_active = False
    gone.save()
    assert "does not work here any more" in sent(desk, "series", plan.pk, line=line_at(clinic, first, at(day, 11)))
    assert booked(plan) == []


def test_people_of_another_place_are_not_there(clinic: Clinic, plan: Plan) -> None:
    code = line_at(clinic, first_of(plan), clinic.cast.at(clinic.cast.today, 11), practitioner_id=uuid4())
    assert clinic.desk.post(reverse("plans:series", args=[plan.pk]), {"line": code}).status_code == 404


def test_a_plan_not_begun_says_why_nothing_is_proposed(clinic: Clinic) -> None:
    patient = clinic.cast.patient()
    clinic.cast.consent(patient)
    draft = clinic.cast.draft(patient, clinic.cast.assess(patient))
    assert "Book all" not in asked(clinic.desk, draft).split('id="series"')[1]
    activate_plan(plan_id=draft.pk, by=clinic.cast.doctor, now=clinic.cast.now)
    assert "Book all" in asked(clinic.desk, draft).split('id="series"')[1]


def test_where_nobody_works_the_page_says_so(clinic: Clinic, plan: Plan) -> None:
    for one in clinic.cast.practitioners:
        one.is_active = False
        one.save()
    assert "Nobody works at" in asked(clinic.desk, plan)


def test_a_refused_token_is_shown_again_and_a_new_page_has_a_new_one(clinic: Clinic, plan: Plan) -> None:
    page = asked(clinic.desk, plan)
    assert token(asked(clinic.desk, plan)) != token(page)
    refused = sent(clinic.desk, "series", plan.pk, line="x", token=token(page))
    assert token(refused) == token(page)


def test_the_page_costs_the_same_for_a_full_clinic(
    clinic: Clinic, plan: Plan, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        other = first_of(clinic.cast.active_plan(f"Other{number}", starts_on=clinic.cast.today))
        clinic.cast.book(other, clinic.cast.at(clinic.cast.today, 9) + number * HOUR)
    desk = clinic.desk
    with django_assert_max_num_queries(40):
        assert all(times(asked(desk, plan)))
