"""Then and now, the strip, and what leaves the house on a sheet."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from PIL import Image

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from patients.models import Patient
from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import Alignment, Photo, Plan, Review
from plans.models.photo_answers import photo_answers
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.sheets import hand_out_photos
from plans.queries.sheet import sheet_story
from plans.queries.strip import strip_story
from plans.rules.photo_use import PhotoUse, apart_words, why_not_used
from tests.cast import picture, refused
from tests.pages.visits import Clinic, first_of, open_pages, seen

pytestmark = pytest.mark.django_db
BORN = date(1987, 2, 14)


@dataclass
class World:
    clinic: Clinic
    plan: Plan
    now: datetime


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """Built once; every test runs inside its transaction and rolls back to this point.

    The baseline is complete, the 3-month review has two of its views, and her hair was wet for one of them.
    """
    folder = tmp_path_factory.mktemp("compare")
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(MEDIA_ROOT=folder / "media"):
        clinic = open_pages(settings, folder)
        plan = clinic.plan()
        Patient.objects.filter(pk=plan.patient_id).update(birth_date=BORN)
        clinic.cast.photograph(plan.reviews.get(months=0))
        clinic.cast.hold(first_of(plan), clinic.cast.at(clinic.cast.today, 12))
        review = plan.reviews.get(months=3)
        clinic.stand_at(clinic.cast.at(review.due, 10))
        clinic.cast.photograph(review, views=2)
        Photo.objects.filter(review=review, view__key="vertex").update(is_wet=True, lighting="ring lamp")
        yield World(clinic, plan, clinic.cast.now)
        transaction.set_rollback(True)


@pytest.fixture
def clinic(world: World) -> Clinic:
    world.clinic.stand_at(world.now)
    return world.clinic


@pytest.fixture
def plan(world: World, clinic: Clinic) -> Plan:
    return Plan.objects.select_related("patient", "assessment").get(pk=world.plan.pk)


@pytest.fixture
def baseline(plan: Plan) -> Review:
    return plan.reviews.get(months=0)


@pytest.fixture
def review(plan: Plan) -> Review:
    return plan.reviews.get(months=3)


def pairs_on(page: str) -> dict[str, Any]:
    """What the script is given, view by view."""
    return {
        one["key"]: one for one in (json.loads(unescape(found)) for found in re.findall(r'data-pair="(.*?)"', page))
    }


def stop(clinic: Clinic, plan: Plan, topic: ConsentTopic) -> None:
    consent = plan.patient.consents.in_force().get(topic=topic)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=clinic.cast.today, by=clinic.cast.desk, now=clinic.cast.now)


# -- compare ---------------------------------------------------------------------------------------------------------
def test_each_view_stands_beside_its_baseline_with_what_differs_and_how_it_was_taken(
    clinic: Clinic, review: Review, baseline: Review
) -> None:
    page = seen(clinic.doctor, "compare", review.pk)
    for photo in (*baseline.photos.all(), *review.photos.all()):
        assert reverse("plans:photo", args=[photo.pk, "medium"]) in page
    assert "Why this pair is hard to compare" in page and "Hair dry before, wet now." in page
    assert page.count("Why this pair is hard to compare") == 1
    assert "ring lamp" in page
    assert "Midline parting" in page and "Front hairline: missing" in page
    given = pairs_on(page)
    assert (given["frontal"]["now"], given["frontal"]["before"]["ratio"]) == (None, 0.75)
    assert given["vertex"]["now"]["words"].startswith("3-month review, ")


def test_the_address_says_which_view_which_way_and_beside_which_review(
    clinic: Clinic, plan: Plan, review: Review
) -> None:
    later = plan.reviews.get(months=6)
    clinic.stand_at(clinic.cast.at(later.due, 10))
    clinic.cast.photograph(later, views=1)
    page = seen(clinic.doctor, "compare", later.pk, ask=f"?view=midline&mode=blink&with={review.pk}")
    assert 'data-mode="blink"' in page
    assert re.search(r'id="view-midline"', page) and re.search(r'c-is-here"\s+id="view-midline"', page)
    assert f'<option value="{review.pk}" selected>' in page
    assert pairs_on(page)["vertex"]["before"]["words"].startswith("3-month review, ")
    # What is not there to choose is as if nobody had asked for it.
    odd = seen(clinic.doctor, "compare", later.pk, ask="?view=<b>&mode=upside&with=nobody")
    assert 'data-mode="side"' in odd and 'c-is-here" id="view-vertex"' in odd
    assert pairs_on(odd)["vertex"]["before"]["words"].startswith("Baseline, ")


def test_how_a_photo_lies_on_the_other_reaches_the_script_and_a_refusal_with_its_reason(
    clinic: Clinic, review: Review, baseline: Review
) -> None:
    before, now = (one.photos.get(view__key="vertex") for one in (baseline, review))
    said = {"before": before, "after": now, "method": "orb", "made_at": clinic.cast.now}
    row = Alignment.objects.create(state="aligned", matrix=[1, 0, 0, 0, 1, 0, 0, 0, 1], residual_px=0.8, **said)
    found = pairs_on(seen(clinic.doctor, "compare", review.pk))["vertex"]
    assert (found["alignment"]["state"], found["alignment"]["residual_px"]) == ("aligned", 0.8)
    assert str(now.pk) in found["align"] and str(before.pk) in found["align"]
    Alignment.objects.filter(pk=row.pk).update(state="refused", matrix=[], reason="Too few points.")
    found = pairs_on(seen(clinic.doctor, "compare", review.pk))["vertex"]
    assert (found["alignment"]["matrix"], found["alignment"]["reason"]) == ([], "Too few points.")


def test_without_photos_the_page_says_how_to_begin(clinic: Clinic) -> None:
    plan = clinic.plan("Alma")
    assert "No photos yet" in seen(clinic.doctor, "compare", plan.reviews.get(months=3).pk)
    assert "No photos yet" in seen(clinic.doctor, "strip", plan.pk)
    assert "No photos yet" in seen(clinic.doctor, "sheet", plan.reviews.get(months=3).pk)


@pytest.mark.parametrize("name", ["compare", "strip", "sheet"])
def test_after_the_consent_is_withdrawn_no_picture_is_shown_and_the_page_says_why(
    name: str, clinic: Clinic, plan: Plan, review: Review
) -> None:
    about = plan.pk if name == "strip" else review.pk
    doctor, before = clinic.doctor, seen(clinic.doctor, name, about)
    stop(clinic, plan, ConsentTopic.PHOTO_RECORD)
    page = seen(doctor, name, about)
    assert "withdrew the consent “Photos for my record”" in page
    assert "withdrew" not in before
    assert "/photos/0" not in page and "<img data-plane" not in page and 'name="views"' not in page


def test_the_pages_cost_the_same_with_all_photos_and_many_reviews(
    clinic: Clinic, plan: Plan, review: Review, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = clinic.doctor
    # session, user, review, earlier ones, consents, photos now and then, alignments, tolerances, views
    with django_assert_max_num_queries(10):
        seen(client, "compare", review.pk)
    # session, user, plan, reviews, consents, photos, alignments, tolerances, views
    with django_assert_num_queries(9):
        seen(client, "strip", plan.pk)
    later = plan.reviews.get(months=6)
    clinic.stand_at(clinic.cast.at(later.due, 10))
    clinic.cast.photograph(later)
    clinic.cast.photograph(review)
    client = clinic.doctor
    with django_assert_num_queries(9):
        seen(client, "strip", plan.pk)


# -- the strip -------------------------------------------------------------------------------------------------------
def test_a_row_for_each_view_names_what_is_missing_and_leads_to_the_pair(
    clinic: Clinic, plan: Plan, baseline: Review, review: Review
) -> None:
    story = strip_story(clinic.cast.doctor, plan.pk, all_plans=False, now=clinic.cast.now)
    rows = {row.key: row for row in story.rows}
    assert list(rows) == ["vertex", "midline", "frontal", "left_temporal", "right_temporal", "occipital"]
    first, second = rows["vertex"].cells
    assert (first.is_first, first.opens, first.against) == (True, review.pk, baseline.pk)
    assert (second.opens, second.against, second.conditions) == (review.pk, baseline.pk, "wet, ring lamp")
    assert second.differs == ("Hair dry before, wet now.",)
    assert rows["midline"].cells[1].differs == ()
    assert rows["frontal"].cells[1].photo is None
    page = seen(clinic.doctor, "strip", plan.pk)
    link = f"{reverse('plans:compare', args=[review.pk])}?view=vertex&amp;mode=side&amp;with={baseline.pk}"
    assert page.count(link) == 2
    assert "Front hairline: missing" in page


def test_a_retake_replaces_its_picture_and_reviews_to_come_are_left_out(
    clinic: Clinic, plan: Plan, review: Review
) -> None:
    old = review.photos.get(view__key="vertex")
    add_photo(
        review_id=review.pk, view_id=old.view_id, upload=b"", conditions=PhotoConditions(taken_at=clinic.cast.now),
        developed=replace(picture(), source_sha256="0" * 64), by=clinic.cast.doctor, now=clinic.cast.now,
    )  # fmt: skip
    page = seen(clinic.doctor, "strip", plan.pk)
    assert str(old.pk) not in page and str(review.photos.current().get(view__key="vertex").pk) in page
    assert "6 months" not in page


def test_all_plans_of_a_patient_stand_in_one_strip_when_asked(clinic: Clinic, plan: Plan) -> None:
    assert "All plans of" not in seen(clinic.doctor, "strip", plan.pk)
    second = clinic.cast.draft(plan.patient, plan.assessment, "prp", starts_on=clinic.cast.today)
    clinic.cast.photograph(second.reviews.get(months=0), views=1)
    one, both = seen(clinic.doctor, "strip", plan.pk), seen(clinic.doctor, "strip", plan.pk, ask="?all=1")
    photo = str(second.reviews.get(months=0).photos.get().pk)
    assert photo not in one and photo in both
    assert "All plans of" in one and "Only this plan" in both
    # The first picture of all is what the later plan's are compared with.
    page = seen(clinic.doctor, "compare", second.reviews.get(months=0).pk, ask=f"?with={plan.reviews.get(months=0).pk}")
    assert pairs_on(page)["vertex"]["before"]["words"].startswith("Baseline, ")


# -- the sheet -------------------------------------------------------------------------------------------------------
def makes(clinic: Clinic, review: Review, **said: Any) -> HttpResponse:
    reviews = [str(one.pk) for one in (review.plan.reviews.get(months=0), review)]
    usual = {"use": "record", "reviews": reviews, "views": ["vertex", "midline"], "kind": "pdf", "reason": "Referral"}
    return clinic.doctor.post(reverse("plans:sheet", args=[review.pk]), {**usual, **said})


def test_the_record_sheet_is_a_pdf_that_is_kept_nowhere_and_noted(clinic: Clinic, review: Review) -> None:
    answer = makes(clinic, review)
    assert answer.content.startswith(b"%PDF-")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert answer["Content-Disposition"].startswith('attachment; filename="before-and-after-')
    pictures = {Path(one.large.name).name: default_storage.open(one.large.name).read() for one in Photo.objects.all()}
    assert any(content[-4000:-100] in answer.content for content in pictures.values()), "the picture is not in it"
    line = AuditLine.objects.get(happened="photos.exported")
    assert (line.about_id, line.by, line.reason) == (review.pk, clinic.cast.doctor, "Referral")
    assert line.details["use"] == "record" and line.details["views"] == ["midline", "vertex"]
    assert len(line.details["photos"]) == 4


def test_the_record_sheet_says_who_when_how_and_by_which_consent(
    clinic: Clinic, review: Review, paper: dict[str, Any]
) -> None:
    makes(clinic, review)
    text = words_of(paper)
    patient = review.plan.patient
    assert patient.name in text and "14 Feb 1987" in text
    assert "Hair dry before, wet now." in text and "ring lamp" in text.lower()
    assert "agreed on" in text and "form 2026-01" in text
    whens = [cell["when"] for cell in paper["rows"][0]["cells"]]
    assert all(re.fullmatch(r"\w{3} \d+ \w{3} \d{4}", when) for when in whens)


@pytest.mark.parametrize(
    ("use", "topic"),
    [("teaching", ConsentTopic.PHOTO_TEACHING), ("publication", ConsentTopic.PHOTO_MARKETING)],
)
def test_a_sheet_for_others_says_neither_who_nor_when(
    use: str, topic: ConsentTopic, clinic: Clinic, review: Review, paper: dict[str, Any]
) -> None:
    clinic.cast.consent(review.plan.patient, topic)
    given = clinic.cast.today
    answer = makes(clinic, review, use=use, kind="png")
    text = words_of(paper)
    patient = review.plan.patient
    for word in (patient.first_name, patient.last_name, "1987", clinic.cast.here.name):
        assert word not in text
        assert word.encode() not in answer.content
    assert [cell["when"] for cell in paper["rows"][0]["cells"]] == ["Before", "3 months later"]
    assert f"“{topic.label}” agreed on" in paper["consent"] and "form 2026-01" in paper["consent"]
    days = {one.taken_at.date() for one in Photo.objects.all()} - {given}
    assert not [day for day in days if f"{day:%b %Y}" in text]


def test_a_picture_has_the_size_of_a_slide_and_no_word_beside_its_pixels(clinic: Clinic, review: Review) -> None:
    answer = makes(clinic, review, kind="png")
    assert answer["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    picture.load()
    assert picture.width == 1654 and 1000 < picture.height < 4000  # A4 is 210 mm wide: 200 dots an inch
    assert set(chunks(answer.content)) <= {b"IHDR", b"IDAT", b"IEND", b"pHYs", b"sRGB"}
    assert picture.info.keys() <= {"dpi", "srgb"}


def test_the_pdfs_own_words_name_nobody(clinic: Clinic, review: Review) -> None:
    content = makes(clinic, review).content
    assert b"/Author" not in content and b"dc:creator" not in content
    assert review.plan.patient.last_name.encode() not in content
    assert b"Before and after" in content


@pytest.mark.parametrize("use", list(PhotoUse))
@pytest.mark.parametrize("how", ["never", "no", "withdrawn"])
def test_a_use_that_is_not_agreed_to_is_refused_with_the_consent_that_is_missing(
    use: PhotoUse, how: str, clinic: Clinic, review: Review
) -> None:
    consents = review.plan.patient.consents
    consents.filter(topic=use.topic).delete()
    if how != "never":
        clinic.cast.consent(review.plan.patient, use.topic)
        row = consents.filter(topic=use.topic)
        row.update(withdrawn_on=clinic.cast.today, said_no=how == "no")
    answer = makes(clinic, review, use=use.value)
    page = answer.content.decode()
    said = {"never": "has not been asked about", "no": "said no to", "withdrawn": "withdrew the consent"}[how]
    assert answer["Content-Type"].startswith("text/html")
    assert f"{said} “{use.topic.label}”" in page
    assert reverse("patients:consent", args=[review.plan.patient_id]) in page
    assert not AuditLine.objects.filter(happened="photos.exported").exists()


def test_what_is_not_chosen_or_not_there_is_said_at_its_field(clinic: Clinic, review: Review) -> None:
    page = makes(clinic, review, views=[], reviews=[], reason=" ", kind="pdf").content.decode()
    for sentence in ("Choose at least one view.", "Choose at least one review.", "Write what the sheet is for"):
        assert sentence in page
    assert "Select a valid choice" in makes(clinic, review, views=["elbow"]).content.decode()
    only = makes(clinic, review, reviews=[str(review.pk)], views=["occipital"])
    assert "There is no photo of these views" in only.content.decode()


def test_a_photo_whose_file_is_gone_leaves_its_place_empty(
    clinic: Clinic, review: Review, paper: dict[str, Any]
) -> None:
    review.photos.filter(view__key="vertex").update(large="photos/gone.jpg")
    assert makes(clinic, review).content.startswith(b"%PDF-")
    assert paper["rows"][0]["cells"][1]["how"] == "The file is missing"


def test_nobody_takes_out_photos_that_are_not_theirs(clinic: Clinic, review: Review) -> None:
    other = clinic.plan("Alma")
    clinic.cast.photograph(other.reviews.get(months=0), views=1)
    wish = {
        "review_id": review.pk, "use": PhotoUse.RECORD, "views": ["vertex"], "kind": "pdf", "reason": "So",
        "reviews": [other.reviews.get(months=0).pk],
    }  # fmt: skip
    with refused("no_photos"):
        hand_out_photos(**wish, by=clinic.cast.doctor, now=clinic.cast.now)
    with pytest.raises(Review.DoesNotExist):
        hand_out_photos(**wish, by=clinic.cast.outsider, now=clinic.cast.now)
    for person in (clinic.cast.desk, clinic.cast.manager):
        with pytest.raises(Forbidden):
            hand_out_photos(**wish, by=person, now=clinic.cast.now)
    assert [one.plan_id for one in sheet_story(clinic.cast.doctor, review.pk, now=clinic.cast.now).reviews] == [
        review.plan_id
    ] * 2


def test_a_yes_given_again_after_a_no_counts(clinic: Clinic, plan: Plan) -> None:
    stop(clinic, plan, ConsentTopic.PHOTO_RECORD)
    patient = plan.patient
    assert "withdrew" in why_not_used(PhotoUse.RECORD, photo_answers(patient.pk), patient.name)
    clinic.cast.consent(patient, ConsentTopic.PHOTO_RECORD)
    assert why_not_used(PhotoUse.RECORD, photo_answers(patient.pk), patient.name) == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "the same day"), (1, "1 day later"), (-9, "9 days earlier"), (21, "3 weeks later"), (45, "6 weeks later"),
        (92, "3 months later"), (365, "12 months later"),
    ],
)  # fmt: skip
def test_how_far_apart_two_photos_are_is_said_in_the_unit_one_thinks_in(days: int, words: str) -> None:
    assert apart_words(date(2026, 1, 10), date(2026, 1, 10) + timedelta(days)) == words


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the typesetter is given."""
    from plans.views import sheet

    kept: dict[str, Any] = {}
    for name in ("typeset", "typeset_picture"):
        real = getattr(sheet, name)

        def look(template: str, content: dict[str, Any], *, made: Any = real, **more: Any) -> bytes:
            kept.update(content)
            done: bytes = made(template, content, **more)
            return done

        monkeypatch.setattr(sheet, name, look)
    return kept


def words_of(paper: dict[str, Any]) -> str:
    rows = [{**row, "cells": [{**cell, "jpeg": len(cell["jpeg"])} for cell in row["cells"]]} for row in paper["rows"]]
    return json.dumps({**paper, "rows": rows}, ensure_ascii=False)


def chunks(png: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8]
        at += size + 12


def test_each_page_is_for_clinicians_of_the_place(clinic: Clinic, plan: Plan, review: Review) -> None:
    for name, about in (("compare", review.pk), ("strip", plan.pk), ("sheet", review.pk)):
        people: list[tuple[Client, int]] = [(clinic.desk, 403), (clinic.manager, 403), (clinic.outsider, 404)]
        for client, status in people:
            assert plan.patient.last_name not in seen(client, name, about, status=status)
