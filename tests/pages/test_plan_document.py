from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.urls import reverse

from clinic.models import AuditLine, Staff
from patients.rules.consent import ConsentTopic
from plans.documents.plan_paper import PaperPhoto, plan_paper
from plans.documents.typeset import typeset
from plans.letters.facts import RED_FLAGS
from plans.models import Plan, Session
from plans.queries.plan_document import plan_document
from plans.rules.changes import Skip
from tests.cast import Cast, change_plan, open_clinic, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(settings: Any, tmp_path: Any) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    made = open_clinic()
    for person in (made.doctor, made.desk, made.outsider):
        person.is_staff = True
        person.save(update_fields=["is_staff"])
    return made


@pytest.fixture
def plan(here: Cast) -> Plan:
    return here.active_plan()


def opened(plan: Plan, by: Staff, client: Any, **asked: str) -> HttpResponse:
    client.force_login(by)
    answer: HttpResponse = client.get(reverse("plans:plan-pdf", args=[plan.pk]), asked)
    return answer


def paper_of(plan: Plan, cast: Cast) -> dict[str, Any]:
    return plan_paper(plan_document(cast.desk, plan.pk, now=cast.now), photo=None)


# -- the file --------------------------------------------------------------------------------------------------------
def test_the_desk_opens_the_plan_as_a_pdf_under_a_name_that_says_nothing(plan: Plan, here: Cast, client: Any) -> None:
    answer = opened(plan, here.desk, client)
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    name = answer["Content-Disposition"]
    assert name.startswith('inline; filename="plan-')
    assert not any(word.lower() in name.lower() for word in (plan.patient.first_name, plan.patient.last_name, "prp"))


def test_opening_it_is_noted_without_standing_in_the_plans_history(plan: Plan, here: Cast, client: Any) -> None:
    opened(plan, here.desk, client)
    line = AuditLine.objects.get(happened="plan.printed")
    assert (line.about_id, line.by, line.patient_id) == (plan.pk, here.desk, plan.patient_id)
    client.force_login(here.doctor)
    page = client.get(reverse("plans:plan", args=[plan.pk])).content.decode()
    assert "Plan activated" in page
    assert "Plan printed" not in page


def test_a_plan_of_another_place_is_not_there_and_nothing_is_noted(plan: Plan, here: Cast, client: Any) -> None:
    assert opened(plan, here.outsider, client).status_code == 404
    assert not AuditLine.objects.filter(happened="plan.printed").exists()


def test_the_same_plan_at_the_same_minute_is_the_same_file(plan: Plan, here: Cast) -> None:
    once, again = (typeset("plan.typ", paper_of(plan, here), now=here.now) for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    "name",
    [
        '#panic("read")', "*bold* _x_ $ x $ @here <label> // note", "ليلى المنصوري", "Wilhelmina " * 9, '"}\\', "`raw`",
    ],
)  # fmt: skip
def test_a_name_is_set_as_text_whatever_it_holds(name: str, plan: Plan, here: Cast) -> None:
    plan.patient.first_name, plan.patient.last_name = name[:100], ""
    plan.patient.save()
    paper = paper_of(plan, here)
    assert paper["patient"] == name[:100].strip()
    assert typeset("plan.typ", paper, now=here.now).startswith(b"%PDF-")


def test_every_state_and_sixty_sessions_can_be_set(plan: Plan, here: Cast) -> None:
    template = plan.sessions.get(number=4)
    for number in range(5, 61):
        Session.objects.create(
            plan=plan, number=number, parts_json=template.parts_json, earliest=template.earliest, target=template.target,
            latest=template.latest, calculated=template.calculated,
        )  # fmt: skip
    for state in ("draft", "active", "paused", "completed", "stopped"):
        Plan.objects.filter(pk=plan.pk).update(state=state)
        assert typeset("plan.typ", paper_of(plan, here), now=here.now).startswith(b"%PDF-")
    plan.sessions.all().delete()
    plan.reviews.all().delete()
    assert typeset("plan.typ", paper_of(plan, here), now=here.now).startswith(b"%PDF-")


# -- what it says ----------------------------------------------------------------------------------------------------
def test_sessions_stand_with_their_hour_or_their_days(plan: Plan, here: Cast) -> None:
    first, second, _, fourth = plan.sessions.order_by("number")
    here.hold(first, here.at(first.target, 12), override_reason="Photos were lost")
    here.book(second, here.at(second.target, 14))
    change_plan(fourth.plan, Skip(str(fourth.pk)), reason="Secret reason", by=here.doctor, now=here.now)
    done, booked, between, left = paper_of(plan, here)["sessions"]
    assert done["when"].startswith("Done on")
    assert booked["when"].endswith(", 14:00")
    assert (booked["state"], booked["note"]) == ("booked", "booked with Dr One")
    assert between["when"].startswith("Between ")
    assert "not booked yet" in between["note"]
    assert left["when"] == "Left out"
    assert "Secret" not in json.dumps(paper_of(plan, here))


def test_a_session_that_is_late_asks_for_a_call(plan: Plan, here: Cast) -> None:
    here.now += timedelta(days=60)
    assert paper_of(plan, here)["sessions"][0]["when"] == "To be booked: please call us"


def test_what_to_avoid_has_its_dates_and_says_which_are_estimated(plan: Plan, here: Cast) -> None:
    first = plan.sessions.get(number=1)
    here.hold(first, here.at(first.target, 12), override_reason="Photos were lost")
    dye, *_ = paper_of(plan, here)["avoid"]
    assert dye["what"] == "Dyeing"
    assert dye["periods"][0].startswith("now; fine again from ")
    assert any("about" in period for period in dye["periods"])


def test_a_draft_says_that_nothing_is_fixed_and_forbids_nothing_now(plan: Plan, here: Cast) -> None:
    draft = here.draft(plan.patient, plan.assessment, starts_on=here.today)
    Plan.objects.filter(pk=plan.pk).update(state="draft", activated_at=None)
    paper = paper_of(draft, here)
    assert paper["draft"]
    assert paper["state"].startswith("This is a draft")
    assert not any(period.startswith("now") for one in paper["avoid"] for period in one["periods"])


def test_the_red_flags_and_the_number_to_call_are_always_on_it(plan: Plan, here: Cast) -> None:
    paper = paper_of(plan, here)
    assert [flag.lower() for flag in paper["red_flags"]] == list(RED_FLAGS)
    assert paper["clinic"]["phone"] == here.here.phone


def test_every_source_that_is_cited_is_named_at_the_end(plan: Plan, here: Cast) -> None:
    paper = paper_of(plan, here)
    known = {source["key"] for source in paper["sources"]}
    lines = [line for part in ("before", "after", "expectations") for group in paper[part] for line in group["lines"]]
    cited = {key for line in [*lines, *paper["consents"]] for key in line["source"].split(", ") if key}
    assert cited <= known
    assert {"S0", "S3"} <= cited


def test_nothing_on_it_is_the_staffs_or_a_promise(plan: Plan, here: Cast) -> None:
    text = json.dumps(paper_of(plan, here))
    assert "lidocaine" not in text  # staff apply it
    for promise in ("guarantee", "will grow", "cure"):
        assert promise not in text.lower()


@pytest.mark.parametrize(
    ("price", "course", "session"),
    [(Decimal(4200), "SGD 4,200", "SGD 1,050"), (Decimal("1000.01"), "SGD 1,000.01", ""), (None, "", "")],
)
def test_the_price_is_divided_only_where_it_divides(
    price: Decimal | None, course: str, session: str, plan: Plan, here: Cast
) -> None:
    Plan.objects.filter(pk=plan.pk).update(price=price, currency="SGD")
    assert paper_of(plan, here)["price"] == {"course": course, "session": session}


def test_consent_stands_with_the_day_it_was_given_or_as_still_open(plan: Plan, here: Cast) -> None:
    assert all(one["said"].startswith("You agreed on ") for one in paper_of(plan, here)["consents"])
    plan.patient.consents.all().delete()
    topics = paper_of(plan, here)["consents"]
    assert len(topics) == 3
    assert {one["said"] for one in topics} == {"Not signed yet."}


# -- the photo -------------------------------------------------------------------------------------------------------
@pytest.fixture
def photographed(plan: Plan, here: Cast) -> Plan:
    here.photograph(plan.reviews.get(months=0), views=1)
    return plan


def test_the_photo_comes_with_it_when_asked_for(photographed: Plan, here: Cast, client: Any) -> None:
    plain, pictured = opened(photographed, here.doctor, client), opened(photographed, here.doctor, client, photo="1")
    assert len(pictured.content) > len(plain.content) + 5_000
    noted = AuditLine.objects.filter(happened="plan.printed").order_by("at", "id").values_list("details", flat=True)
    assert list(noted) == [{"with_photo": False}, {"with_photo": True}]


def test_who_sees_no_photos_takes_none_out(photographed: Plan, here: Cast, client: Any) -> None:
    assert opened(photographed, here.desk, client, photo="1").status_code == 403
    client.force_login(here.desk)
    assert "photo=1" not in client.get(reverse("plans:plan", args=[photographed.pk])).content.decode()


def test_without_consent_to_photos_none_leaves_the_house(photographed: Plan, here: Cast, client: Any) -> None:
    photographed.patient.consents.filter(topic=ConsentTopic.PHOTO_RECORD).delete()
    answer = opened(photographed, here.doctor, client, photo="1")
    assert (answer.status_code, answer["Location"]) == (302, reverse("plans:plan", args=[photographed.pk]))
    page = client.get(answer["Location"]).content.decode()
    assert "Photos for the record are not agreed to" in page
    assert not AuditLine.objects.filter(happened="plan.printed").exists()


def test_a_photo_whose_file_is_gone_leaves_the_plan_without_one(photographed: Plan, here: Cast, client: Any) -> None:
    photo = photographed.reviews.get(months=0).photos.get()
    default_storage.delete(photo.medium.name)
    assert opened(photographed, here.doctor, client, photo="1").content.startswith(b"%PDF-")


def test_a_photo_stands_with_its_view_and_its_day(plan: Plan, here: Cast) -> None:
    shown = PaperPhoto(picture().renditions["medium"], "Vertex", here.now)
    paper = plan_paper(plan_document(here.doctor, plan.pk, now=here.now), photo=shown)
    photo: Any = paper["photo"]
    assert photo["words"].startswith("Vertex, ")
    assert bytes(photo["jpeg"]) == picture().renditions["medium"]
