from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import AuditLine, Location, Staff
from patients.models import Patient
from plans.models import Appointment, Plan, Reminder
from plans.models.facts import restrictions_of
from plans.operations.visits import mark_no_show
from plans.rules.wording import day_words
from tests.pages import cast, walk

pytestmark = pytest.mark.django_db
NOW = cast.NOW
TODAY = cast.TODAY
Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Clock:
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


def seen(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


# -- choosing --------------------------------------------------------------------------------------------------------
def choice(key: str = "exosome-prp-same-day", **said: object) -> dict[str, object]:
    counts = {"count-exosome": 4, "count-prp": 4}
    return {"protocol": key, "starts_on": TODAY.isoformat(), "price": "", **counts, **said}


def test_what_is_suggested_stands_first_with_its_reason(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW)
    answer = cast.logged_in(clinician).get(reverse("plans:plan-new", args=[alma.pk]))
    first = answer.context["choice"].cards[0]
    assert (first.protocol.key, first.why) == ("prp", "PRP for early intervention.")
    assert answer.content.decode().index("Suggested") < answer.content.decode().index("Maintenance booster")


def test_looking_at_dates_writes_nothing(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW)
    lines = AuditLine.objects.count()
    page = seen(cast.logged_in(clinician), reverse("plans:plan-new", args=[alma.pk]) + "?protocol=exosome-prp-same-day")
    assert "4 sessions, until Mon 8 Mar 2027" in page  # 23 Nov + three times 5 weeks
    assert "6-month review" in page
    assert not Plan.objects.exists()
    assert AuditLine.objects.count() == lines


def test_the_draft_is_what_was_previewed(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-new", args=[alma.pk])
    said = choice(**{"count-exosome": 5, "count-prp": 3, "price": "4200"})
    shown = client.get(url, said).context["preview"]
    answer = client.post(url, said)
    plan = Plan.objects.get()
    assert answer["Location"] == reverse("plans:plan-activate", args=[plan.pk])
    windows = [(line.window.earliest, line.window.target, line.window.latest) for line in shown.sessions]
    assert [(s.earliest, s.target, s.latest) for s in plan.sessions.order_by("number")] == windows
    assert [(r.title, r.due) for r in plan.reviews.order_by("due")] == [(r.title, r.due) for r in shown.reviews]
    assert (plan.price, plan.state, plan.assessment) == (4200, "draft", alma.assessments.get())


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"count-exosome": 9}, "This protocol has 3 to 6"),
        ({"starts_on": "2026-11-22"}, "choose today or a later day"),
        ({"starts_on": "9999-12-31"}, "No course can be dated in the year 9999"),
        ({"starts_on": "1900-01-01"}, "choose today or a later day"),
        ({"starts_on": "2200-01-01"}, "No course can be dated in the year 2200"),
        ({"count-exosome": 0}, "This protocol has 3 to 6"),
        ({"count-exosome": 500}, "This protocol has 3 to 6"),
        ({"starts_on": ""}, "required"),
    ],
)
def test_a_course_the_protocol_does_not_allow_is_refused_in_words(
    said: dict[str, object], sentence: str, clinician: Staff, alma: Patient
) -> None:
    client, url = cast.logged_in(clinician), reverse("plans:plan-new", args=[alma.pk])
    for answer in (client.get(url, choice(**said)), client.post(url, choice(**said))):
        assert sentence in "".join(str(error) for errors in answer.context["form"].errors.values() for error in errors)
        assert sentence in answer.content.decode()
    assert not Plan.objects.exists()


def test_a_course_without_a_day_to_dye_says_so_before_it_is_made(clinician: Staff, alma: Patient) -> None:
    url = reverse("plans:plan-new", args=[alma.pk])
    page = seen(cast.logged_in(clinician), url + "?protocol=exosome-weekly-intensive")
    assert "there is no day on which dyeing is allowed" in page


def test_what_speaks_against_a_protocol_stands_beside_its_dates(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW, "tobacco")  # relative, for PRP alone
    client, url = cast.logged_in(clinician), reverse("plans:plan-new", args=[alma.pk])
    assert "The patient smokes" in seen(client, url + "?protocol=prp")
    assert "The patient smokes" not in seen(client, url + "?protocol=exosome-monthly-standard")


def test_an_unknown_protocol_shows_the_choice_again(clinician: Staff, alma: Patient) -> None:
    url = reverse("plans:plan-new", args=[alma.pk])
    assert "Choose a protocol" in seen(cast.logged_in(clinician), url + "?protocol=nothing")


# -- activating ------------------------------------------------------------------------------------------------------
def test_a_plan_without_consent_shows_what_is_missing_and_where_to_record_it(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW)
    plan = walk.drafted(alma, clinician, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-activate", args=[plan.pk])
    page = seen(client, url)
    assert reverse("patients:consent", args=[alma.pk]) + f"?back={url}" in page
    assert "Consent is missing" in client.post(url).content.decode()
    plan.refresh_from_db()
    assert plan.state == "draft"


def test_a_suitable_patient_with_consent_starts_with_one_click(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW)
    walk.consented(alma, clinician, NOW)
    plan = walk.drafted(alma, clinician, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-activate", args=[plan.pk])
    assert "Why you go on all the same" not in seen(client, url)
    assert client.post(url)["Location"] == reverse("plans:plan", args=[plan.pk])
    plan.refresh_from_db()
    assert plan.state == "active"


def test_a_relative_reason_yields_to_a_written_one(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW, "anticoagulants")
    walk.consented(alma, clinician, NOW)
    plan = walk.drafted(alma, clinician, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-activate", args=[plan.pk])
    assert "Why you go on all the same" in seen(client, url)
    assert "only with a written reason" in client.post(url).content.decode()
    client.post(url, {"override_reason": "Paused on her doctor's advice"})
    plan.refresh_from_db()
    assert (plan.state, plan.override_reason) == ("active", "Paused on her doctor's advice")


def test_what_may_never_be_set_aside_offers_no_reason(clinician: Staff, alma: Patient) -> None:
    walk.assessed(alma, clinician, NOW, "pregnancy")
    walk.consented(alma, clinician, NOW)
    plan = walk.drafted(alma, clinician, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-activate", args=[plan.pk])
    page = seen(client, url)
    assert "Not during pregnancy" in page
    assert "Why you go on all the same" not in page
    client.post(url, {"override_reason": "anyway"})
    plan.refresh_from_db()
    assert plan.state == "draft"


# -- the plan's page -------------------------------------------------------------------------------------------------
@pytest.fixture
def plan(alma: Patient, clinician: Staff) -> Plan:
    walk.assessed(alma, clinician, NOW, "anticoagulants")
    return walk.active(alma, clinician, NOW, reason="Secret override")


@pytest.fixture
def under_way(plan: Plan, clinician: Staff, desk: Staff, clock: Clock) -> Plan:
    """Missed once, then done on Wed 25 Nov 15:00–16:30; it is Thu 26 Nov."""
    first = plan.sessions.get(number=1)
    missed = walk.booked(first, TODAY + timedelta(days=1), 15, desk, NOW)
    mark_no_show(appointment_id=missed.pk, by=desk, now=missed.ends)
    held = walk.booked(first, TODAY + timedelta(days=2), 15, desk, missed.ends)
    walk.completed(first, held, clinician)
    clock(NOW + timedelta(days=3))
    return plan


def page_of(plan: Plan, person: Staff, **asked: str) -> str:
    answer = cast.logged_in(person).get(reverse("plans:plan", args=[plan.pk]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_next_step_is_said_in_words_with_its_button(under_way: Plan, desk: Staff) -> None:
    second = under_way.sessions.get(number=2)
    page = page_of(under_way, desk)
    assert "Book session 2" in page
    assert "Between Wed 23 Dec 2026 and Wed 6 Jan 2027, best on Wed 30 Dec 2026." in page
    assert reverse("plans:session-book", args=[second.pk]) in page
    assert "1 missed" in page


@pytest.mark.parametrize("role", ["is_front_desk", "is_clinician", "is_manager"])
def test_one_screen_costs_fifteen_queries_at_most(
    role: str, here: Location, under_way: Plan, desk: Staff, django_assert_max_num_queries: Any
) -> None:
    second = under_way.sessions.get(number=2)
    walk.booked(second, second.target, 10, desk, NOW + timedelta(days=3))
    client = walk.at_work(cast.member("somebody", here, **{role: True}))
    # Session, user, plan, 4 of the chart, consents, ticks, letters, deeds, letters to come, their hours, the postroom.
    with django_assert_max_num_queries(15):
        seen(client, reverse("plans:plan", args=[under_way.pk]) + "?act=dye&on=2026-12-01")


def test_may_i_dye_is_a_no_with_a_date_and_then_a_yes(under_way: Plan, alma: Patient, desk: Staff) -> None:
    (dye,) = [period for period in restrictions_of(alma) if period.act == "dye"]
    assert dye.safe_on is not None
    assert day_words(dye.safe_on) == "Thu 24 Dec 2026"  # four weeks from Wed 25 Nov, then the next whole day
    no = page_of(under_way, desk, act="dye", on="2026-12-23")
    assert "No: no dyeing on Wed 23 Dec 2026. Allowed again from Thu 24 Dec 2026." in no
    yes = page_of(under_way, desk, act="dye", on=(dye.safe_on).isoformat())
    assert "Yes: dyeing is allowed on Thu 24 Dec 2026." in yes
    assert "not booked yet" in yes  # the second session belongs six days later, and its rule begins a week before


def test_a_question_that_makes_no_sense_is_answered_at_the_field(under_way: Plan, desk: Staff) -> None:
    for asked in ({"act": "dye", "on": "soon"}, {"act": "fly", "on": "2026-12-01"}, {"act": "dye", "on": "9999-12-31"}):
        assert "c-note--good" not in page_of(under_way, desk, **asked)


def test_a_late_session_says_that_it_is_late(under_way: Plan, desk: Staff, clock: Clock) -> None:
    clock(NOW + timedelta(days=60))
    page = page_of(under_way, desk)
    assert "Late: it should have been by Wed 6 Jan 2027" in page


@pytest.mark.parametrize("role", ["is_front_desk", "is_manager"])
def test_nothing_clinical_stands_on_the_page_of_who_is_no_clinician(role: str, here: Location, under_way: Plan) -> None:
    page = page_of(under_way, cast.member("somebody", here, **{role: True}))
    hidden = ["Secret note", "Secret remark", "LOT-77", "photos", "Gone on because", "/complete/"]
    if role == "is_front_desk":
        hidden += ["Secret", "What was done to this plan"]
    for word in hidden:
        assert word not in page


def test_the_history_gives_the_reasons_to_who_may_read_the_audit(under_way: Plan, clinician: Staff) -> None:
    page = page_of(under_way, clinician)
    assert "Plan activated" in page
    assert "Secret override" in page
    assert "Appointment missed" in page


def test_a_draft_leads_to_consent_and_then_to_activation(alma: Patient, clinician: Staff) -> None:
    walk.assessed(alma, clinician, NOW)
    plan = walk.drafted(alma, clinician, NOW)
    assert "Before this plan can be activated. Treatment: consent is missing." in page_of(plan, clinician)
    walk.consented(alma, clinician, NOW)
    assert "Look and activate" in page_of(plan, clinician)


def test_on_the_day_the_baseline_photos_come_before_the_check_in(
    plan: Plan, clinician: Staff, desk: Staff, clock: Clock
) -> None:
    walk.booked(plan.sessions.get(number=1), TODAY, 15, desk, NOW)
    assert "Take the baseline photos" in page_of(plan, clinician)


# -- stopping --------------------------------------------------------------------------------------------------------
def test_stopping_lists_what_will_be_lost_and_needs_a_reason(plan: Plan, clinician: Staff, desk: Staff) -> None:
    appointment = walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=4), 15, desk, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-stop", args=[plan.pk])
    page = seen(client, url)
    for words in ("Session 4", "6-month review", "Fri 27 Nov 2026", "Appointment reminder"):
        assert words in page
    assert "required" in client.post(url, {"reason": ""}).content.decode()
    assert Plan.objects.get().state == "active"
    client.post(url, {"reason": "Moved abroad"})
    assert (Plan.objects.get().state, Plan.objects.get().end_reason) == ("stopped", "Moved abroad")
    assert Appointment.objects.get(pk=appointment.pk).state == "cancelled"


def test_the_mails_named_before_stopping_are_those_cancelled_by_it(plan: Plan, clinician: Staff, desk: Staff) -> None:
    walk.booked(plan.sessions.get(number=1), TODAY + timedelta(days=4), 15, desk, NOW)
    client, url = cast.logged_in(clinician), reverse("plans:plan-stop", args=[plan.pk])
    named = {letter.pk for letter in client.get(url).context["story"].letters}
    client.post(url, {"reason": "Moved abroad"})
    assert named == set(Reminder.objects.filter(state="cancelled").values_list("pk", flat=True))
    assert named


# -- who may ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["plans:plan-activate", "plans:plan-stop"])
@pytest.mark.parametrize("role", ["is_front_desk", "is_manager"])
def test_a_plans_life_is_the_clinicians(name: str, role: str, here: Location, plan: Plan) -> None:
    client, url = cast.logged_in(cast.member("somebody", here, **{role: True})), reverse(name, args=[plan.pk])
    assert "Alma" not in seen(client, url, 403)
    assert client.post(url, {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["plans:plan", "plans:plan-activate", "plans:plan-stop"])
def test_a_plan_of_another_place_is_not_there(name: str, plan: Plan) -> None:
    outsider = cast.member("odd", cast.location("Elsewhere"), is_clinician=True)
    assert "Alma" not in seen(cast.logged_in(outsider), reverse(name, args=[plan.pk]), 404)
