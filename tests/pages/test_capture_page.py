"""The capture page as the server makes it: which views, how they were taken last time, and who may take any."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from plans.models import Photo, Review
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.queries.capture_story import capture_story
from plans.rules.states import Decision
from tests.cast import picture
from tests.pages.visits import Clinic, first_of, open_pages, seen

pytestmark = pytest.mark.django_db
LIKE = PhotoConditions(
    is_wet=True, parting="centre, 1 cm", lighting="ring lamp", flash=False, distance_cm=55,
    hair_length_cm=Decimal("12.5"), product="none", last_dyed_on=date(2026, 9, 1),
)  # fmt: skip


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield open_pages(settings, tmp_path)


@pytest.fixture
def review(clinic: Clinic) -> Review:
    """Three months after a baseline of six photos."""
    baseline = clinic.plan().reviews.get(months=0)
    clinic.cast.photograph(baseline)
    clinic.cast.hold(first_of(baseline.plan), clinic.cast.at(clinic.cast.today, 12))
    Photo.objects.filter(review=baseline).update(**_row(LIKE))
    found = Review.objects.get(plan=baseline.plan, months=3)
    clinic.stand_at(clinic.cast.at(found.due, 10))
    return found


def _row(said: PhotoConditions) -> dict[str, Any]:
    names = ("is_wet", "parting", "lighting", "flash", "distance_cm", "hair_length_cm", "product", "last_dyed_on")
    return {name: getattr(said, name) for name in names}


def told(page: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script id="capture-told" type="application/json">(.*?)</script>', page)[1])


def value(page: str, name: str) -> str:
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)[0]
    return (re.search(r'value="([^"]*)"', field) or ["", ""])[1]


def test_every_view_is_there_with_its_ghost_and_the_first_missing_one_comes_first(
    clinic: Clinic, review: Review
) -> None:
    views = list(review.view_set.views.order_by("position"))
    page = seen(clinic.doctor, "capture", review.pk)
    known = told(page)
    assert [view["title"] for view in known["views"]] == [view.title for view in views]
    assert known["first"] == str(views[0].pk)
    for view, shown in zip(views, known["views"], strict=True):
        ghost = Photo.objects.get(review__months=0, view__key=view.key)
        assert shown["ghost"] == reverse("plans:photo", args=[ghost.pk, "large"])
        assert shown["state"] == "missing"
        assert view.instruction in page
    assert told(seen(clinic.doctor, "capture", review.pk, ask=f"?view={views[3].pk}"))["first"] == str(views[3].pk)
    # Without scripts there is the review's plain form.
    assert f"{reverse('plans:review', args=[review.pk])}#photos" in re.search(r"<noscript><p.*?</noscript>", page)[0]


def test_a_photo_is_taken_or_weak_and_all_taken_leaves_nothing_to_begin_with(clinic: Clinic, review: Review) -> None:
    clinic.cast.photograph(review)
    Photo.objects.filter(review=review).update(width=3000, height=2000, sharpness=80, brightness=120, clipped_light=0)
    Photo.objects.filter(review=review, view__key="vertex").update(sharpness=1.0)
    known = told(seen(clinic.doctor, "capture", review.pk))
    assert [view["state"] for view in known["views"]] == ["weak", *["taken"] * 5]
    assert known["views"][0]["advice"][0].startswith("Blurred: hold still")
    assert known["first"] == ""


def test_what_the_photographer_does_is_filled_in_and_what_grows_is_asked_beside_what_it_was(
    clinic: Clinic, review: Review
) -> None:
    page = seen(clinic.doctor, "capture", review.pk)
    assert (value(page, "parting"), value(page, "lighting"), value(page, "distance_cm")) == (
        "centre, 1 cm", "ring lamp", "55",
    )  # fmt: skip
    assert re.search(r'<option value="False"\s+selected', page)
    assert re.search(r'name="is_wet"[^>]*checked', page)
    assert (value(page, "hair_length_cm"), value(page, "last_dyed_on"), value(page, "product")) == ("", "", "")
    assert "Last time: 12.5 cm." in page
    assert "Last time: Tue 1 Sep 2026." in page


def test_within_a_set_everything_stays_as_it_was_said(clinic: Clinic, review: Review) -> None:
    view = review.view_set.views.first()
    add_photo(
        review_id=review.pk, view_id=view.pk, upload=b"", conditions=PhotoConditions(
            taken_at=clinic.cast.now, **_row(LIKE) | {"hair_length_cm": Decimal("14.0"), "lighting": "window"}
        ), by=clinic.cast.doctor, now=clinic.cast.now, developed=picture(),
    )  # fmt: skip
    page = seen(clinic.doctor, "capture", review.pk)
    assert (value(page, "lighting"), value(page, "hair_length_cm"), value(page, "last_dyed_on")) == (
        "window", "14.0", "2026-09-01",
    )  # fmt: skip


def test_without_consent_and_after_the_decision_no_photo_is_asked_for(clinic: Clinic, review: Review) -> None:
    outcome = ReviewOutcome(decision=Decision.CONTINUE, decision_reason="Clear gain", missing_views_reason="Broken")
    decide_review(review_id=review.pk, outcome=outcome, by=clinic.cast.doctor, now=clinic.cast.now)
    page = seen(clinic.doctor, "capture", review.pk)
    assert "This review has been decided" in page
    assert "capture-told" not in page
    review.plan.patient.consents.all().delete()
    page = seen(clinic.doctor, "capture", review.plan.reviews.get(months=6).pk)
    assert "has not agreed to photos" in page
    assert reverse("patients:consent", args=[review.plan.patient_id]) in page
    assert "capture-told" not in page


def test_the_page_costs_the_same_with_all_its_photos(
    clinic: Clinic, review: Review, django_assert_max_num_queries: Any
) -> None:
    clinic.cast.photograph(review)
    client = clinic.doctor
    # review, baseline, its photos, photos now, views, the last photo, consent
    with django_assert_max_num_queries(7):
        story = capture_story(clinic.cast.doctor, review.pk, view="", now=clinic.cast.now)
    assert story.taken == 6
    # and the session, the user
    with django_assert_max_num_queries(9):
        seen(client, "capture", review.pk)
