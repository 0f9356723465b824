from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from plans.darkroom.painter import paint_scalp
from plans.models import Photo, Review
from plans.rules.states import PlanState, ReviewState
from tests.pages.visits import Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield open_pages(settings, tmp_path)


@pytest.fixture
def baseline(clinic: Clinic) -> Review:
    return clinic.plan().reviews.get(months=0)


@pytest.fixture
def review(clinic: Clinic, baseline: Review) -> Review:
    """Three months later: the baseline is complete and closed, the first session done."""
    clinic.cast.photograph(baseline)
    session = first_of(baseline.plan)
    clinic.cast.hold(session, clinic.cast.at(clinic.cast.today, 12))
    found = Review.objects.get(plan=baseline.plan, months=3)
    clinic.stand_at(clinic.cast.at(found.due, 10))
    return found


@cache
def picture_file() -> bytes:
    return paint_scalp("vertex", density=0.6, seed=1, size=(640, 480))


def upload(content: bytes | None = None, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_file() if content is None else content, "image/jpeg")


def views(review: Review) -> list[Any]:
    return list(review.view_set.views.order_by("position"))


# -- photos ----------------------------------------------------------------------------------------------------------
def test_missing_views_are_named_and_told_how_they_are_taken(clinic: Clinic, baseline: Review) -> None:
    page = seen(clinic.doctor, "review", baseline.pk)
    assert "0 of 6 taken" in page
    for view in views(baseline):
        assert f"{view.title}: missing" in page
        assert view.instruction in page


def test_a_photo_is_added_with_its_conditions(clinic: Clinic, baseline: Review) -> None:
    view = views(baseline)[0]
    said = {f"view-{view.pk}": upload(), "lighting": "ring lamp", "distance_cm": "30", "is_wet": "on"}
    page = sent(clinic.doctor, "photo-add", baseline.pk, **said)
    assert "One photo is added." in page
    photo = baseline.photos.get()
    assert (photo.view, photo.lighting, photo.distance_cm, photo.is_wet) == (view, "ring lamp", 30, True)


def test_a_hostile_photo_says_why_at_its_view_and_the_others_are_kept(clinic: Clinic, baseline: Review) -> None:
    first, second, *_ = views(baseline)
    bad = upload(b"<html><script>alert(1)</script>", "IMG_2.jpg")
    said = {f"view-{first.pk}": upload(), f"view-{second.pk}": bad, "lighting": "ring lamp"}
    page = sent(clinic.doctor, "photo-add", baseline.pk, **said)
    assert "This is a web page or a script, not a photo we keep" in page
    assert 'value="ring lamp"' in page
    assert [photo.view for photo in baseline.photos.all()] == [first]


def test_several_at_once_go_to_the_views_still_missing_in_order(clinic: Clinic, baseline: Review) -> None:
    first, second, third, *_ = views(baseline)
    said = {f"view-{second.pk}": upload(), "together": [upload(), upload()]}
    assert "3 photos are added." in sent(clinic.doctor, "photo-add", baseline.pk, **said)
    assert {photo.view for photo in baseline.photos.all()} == {first, second, third}


def test_a_retake_takes_the_place_and_overwrites_nothing(clinic: Clinic, baseline: Review) -> None:
    view = views(baseline)[0]
    for _ in range(2):
        sent(clinic.doctor, "photo-add", baseline.pk, **{f"view-{view.pk}": upload()})
    assert (baseline.photos.count(), baseline.photos.current().count()) == (2, 1)
    assert "1 earlier kept" in seen(clinic.doctor, "review", baseline.pk)


def test_nothing_chosen_is_said(clinic: Clinic, baseline: Review) -> None:
    assert "Choose at least one photo." in sent(clinic.doctor, "photo-add", baseline.pk)


def test_without_consent_no_photo_is_asked_for_or_taken(clinic: Clinic, baseline: Review) -> None:
    baseline.plan.patient.consents.all().delete()
    page = seen(clinic.doctor, "review", baseline.pk)
    assert "has not agreed to photos" in page
    assert 'type="file"' not in page
    view = views(baseline)[0]
    page = sent(clinic.doctor, "photo-add", baseline.pk, **{f"view-{view.pk}": upload()})
    assert not Photo.objects.exists()


def test_then_and_now_stand_side_by_side_and_what_differs_is_said(
    clinic: Clinic, review: Review, baseline: Review
) -> None:
    view = views(review)[0]
    sent(clinic.doctor, "photo-add", review.pk, **{f"view-{view.pk}": upload(), "is_wet": "on"})
    page = seen(clinic.doctor, "review", review.pk)
    for photo in (baseline.photos.get(view__key=view.key), review.photos.get()):
        assert reverse("plans:photo", args=[photo.pk, "medium"]) in page
    assert "Hard to compare: Hair dry before, wet now." in page


# -- the decision ----------------------------------------------------------------------------------------------------
def decided(**more: object) -> dict[str, object]:
    return {"decision": "continue", "decision_reason": "Clear gain", "missing_views_reason": "Camera broken", **more}


def test_a_review_is_decided_with_its_scores(clinic: Clinic, review: Review) -> None:
    said = decided(patient_rating="2", shedding_scale="3", density="139.5", density_method="trichoscope")
    sent(clinic.doctor, "review", review.pk, **said)
    review.refresh_from_db()
    assert (review.state, review.decision, review.patient_rating, str(review.density)) == (
        ReviewState.DECIDED, "continue", 2, "139.5",
    )  # fmt: skip
    page = seen(clinic.doctor, "review", review.pk)
    assert "Better" in page and "Clear gain" in page
    assert 'name="decision"' not in page


def test_missing_views_need_a_reason(clinic: Clinic, review: Review) -> None:
    page = sent(clinic.doctor, "review", review.pk, **decided(missing_views_reason="", notes="Long note"))
    assert "Views are missing" in page
    assert "Long note" in page
    review.refresh_from_db()
    assert review.state == ReviewState.PROMISED


def test_with_all_views_nobody_asks_why_some_are_missing(clinic: Clinic, review: Review) -> None:
    clinic.cast.photograph(review)
    assert "missing_views_reason" not in seen(clinic.doctor, "review", review.pk)
    sent(clinic.doctor, "review", review.pk, **decided(missing_views_reason=""))
    review.refresh_from_db()
    assert review.state == ReviewState.DECIDED


def test_a_density_names_its_device(clinic: Clinic, review: Review) -> None:
    page = sent(clinic.doctor, "review", review.pk, **decided(density="120"))
    assert "with which device" in page


def test_each_decision_says_what_follows_and_stopping_stops(clinic: Clinic, review: Review) -> None:
    assert "The plan is stopped: its sessions" in seen(clinic.doctor, "review", review.pk)
    sent(clinic.doctor, "review", review.pk, **decided(decision="stop_and_refer"))
    review.plan.refresh_from_db()
    assert review.plan.state == PlanState.STOPPED


def test_a_baseline_is_not_decided_by_hand(clinic: Clinic, baseline: Review) -> None:
    assert "closes by itself" in seen(clinic.doctor, "review", baseline.pk)


# -- serving ---------------------------------------------------------------------------------------------------------
def test_a_photo_is_served_to_be_looked_at_and_kept_nowhere(clinic: Clinic, baseline: Review) -> None:
    clinic.cast.photograph(baseline, views=1)
    photo = baseline.photos.get()
    for size in ("large", "medium", "thumb"):
        answer = clinic.doctor.get(reverse("plans:photo", args=[photo.pk, size]))
        assert answer.status_code == 200
        assert answer.content == default_storage.open(getattr(photo, size).name).read()
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer["Content-Disposition"].startswith("inline; ")
        assert "Noor" not in answer["Content-Disposition"]


def test_the_original_is_handed_over_as_a_file(clinic: Clinic, baseline: Review) -> None:
    clinic.cast.photograph(baseline, views=1)
    answer = clinic.doctor.get(reverse("plans:photo", args=[baseline.photos.get().pk, "original"]))
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer.content.startswith(b"\xff\xd8")


def test_there_are_no_other_sizes_and_a_lost_file_is_not_there(clinic: Clinic, baseline: Review) -> None:
    clinic.cast.photograph(baseline, views=1)
    photo = baseline.photos.get()
    for size in ("review", "pk", "sha256", "huge"):
        seen(clinic.doctor, "photo", photo.pk, size, status=404)
    default_storage.delete(photo.thumb.name)
    seen(clinic.doctor, "photo", photo.pk, "thumb", status=404)


def test_photos_are_for_clinicians_of_the_place(clinic: Clinic, baseline: Review) -> None:
    clinic.cast.photograph(baseline, views=1)
    photo = baseline.photos.get()
    for size in ("thumb", "original"):
        for client in (clinic.desk, clinic.manager):
            assert "Noor" not in seen(client, "photo", photo.pk, size, status=403)
        seen(clinic.outsider, "photo", photo.pk, size, status=404)
    for client in (clinic.desk, clinic.manager):
        assert "Noor" not in seen(client, "review", baseline.pk, status=403)
    seen(clinic.outsider, "review", baseline.pk, status=404)


def test_the_page_costs_the_same_with_all_its_photos(
    clinic: Clinic, review: Review, django_assert_max_num_queries: Any
) -> None:
    clinic.cast.photograph(review)
    client = clinic.doctor
    # session, user, review, baseline, photos, consent, appointment, baseline's photos, views
    with django_assert_max_num_queries(9):
        seen(client, "review", review.pk)
