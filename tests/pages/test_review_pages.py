from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.rules.wording import day_words
from patients.rules.consent import ConsentTopic
from plans.darkroom.painter import paint_scalp
from plans.models import Photo, Plan, Review
from plans.operations.review_scores import Measured, Scores, record_scores
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.states import AppointmentState, PlanState, ReviewState
from tests.cast import SINGLE
from tests.pages.visits import Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db

SCOPE = Measured(Measure.DENSITY, Decimal("120.0"), MeasureMethod.TRICHOSCOPY, "Scope A", "vertex")
VERTEX = {"lines": "1", "m0-area": "vertex", "m0-method": "trichoscopy", "m0-device": "Scope A"}


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
def picture_file(seed: int = 1) -> bytes:
    return paint_scalp("vertex", density=0.6, seed=seed, size=(640, 480))


def upload(content: bytes | None = None, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_file() if content is None else content, "image/jpeg")


def today(clinic: Clinic) -> dict[str, str]:
    """The painted files say no day of their own."""
    return {"taken_on": clinic.cast.today.isoformat()}


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
    said = {f"view-{view.pk}": upload(), "lighting": "ring lamp", "distance_cm": "30", "is_wet": "on", **today(clinic)}
    page = sent(clinic.doctor, "photo-add", baseline.pk, **said)
    assert "One photo is added." in page
    photo = baseline.photos.get()
    assert (photo.view, photo.lighting, photo.distance_cm, photo.is_wet) == (view, "ring lamp", 30, True)


def test_a_hostile_photo_says_why_at_its_view_and_the_others_are_kept(clinic: Clinic, baseline: Review) -> None:
    first, second, *_ = views(baseline)
    bad = upload(b"<html><script>alert(1)</script>", "IMG_2.jpg")
    said = {f"view-{first.pk}": upload(), f"view-{second.pk}": bad, "lighting": "ring lamp", **today(clinic)}
    page = sent(clinic.doctor, "photo-add", baseline.pk, **said)
    assert "This is a web page or a script, not a photo we keep" in page
    assert 'value="ring lamp"' in page
    assert [photo.view for photo in baseline.photos.all()] == [first]


def test_several_at_once_go_to_the_views_still_missing_in_order(clinic: Clinic, baseline: Review) -> None:
    first, second, third, *_ = views(baseline)
    said = {
        f"view-{second.pk}": upload(),
        "together": [upload(picture_file(2)), upload(picture_file(3))],
        **today(clinic),
    }
    assert "3 photos are added." in sent(clinic.doctor, "photo-add", baseline.pk, **said)
    assert {photo.view for photo in baseline.photos.all()} == {first, second, third}


def test_a_retake_takes_the_place_and_overwrites_nothing(clinic: Clinic, baseline: Review) -> None:
    view = views(baseline)[0]
    for seed in (1, 2):
        sent(
            clinic.doctor, "photo-add", baseline.pk, **{f"view-{view.pk}": upload(picture_file(seed))}, **today(clinic)
        )
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
    sent(clinic.doctor, "photo-add", review.pk, **{f"view-{view.pk}": upload(), "is_wet": "on"}, **today(clinic))
    page = seen(clinic.doctor, "review", review.pk)
    for photo in (baseline.photos.get(view__key=view.key), review.photos.get()):
        assert reverse("plans:photo", args=[photo.pk, "medium"]) in page
    assert "Hard to compare: Hair dry before, wet now." in page


def test_once_the_consent_is_withdrawn_no_picture_is_shown_and_the_page_says_so(
    clinic: Clinic, review: Review, baseline: Review
) -> None:
    clinic.cast.photograph(review, views=1)
    review.plan.patient.consents.filter(topic=ConsentTopic.PHOTO_RECORD).update(withdrawn_on=clinic.cast.today)
    page = seen(clinic.doctor, "review", review.pk)
    assert "<img" not in page[page.index('id="photos"') :]
    assert "none is shown" in page
    assert "taken, not shown" in page
    Review.objects.filter(pk=review.pk).update(state=ReviewState.SKIPPED)
    assert "kept and not shown" in seen(clinic.doctor, "review", review.pk)


# -- what is found ---------------------------------------------------------------------------------------------------
def measured_at(clinic: Clinic, review: Review, *figures: Measured) -> None:
    record_scores(review_id=review.pk, scores=Scores(measured=figures), by=clinic.cast.doctor, now=clinic.cast.now)


@pytest.fixture
def measured(clinic: Clinic, baseline: Review) -> Review:
    """Three months after a baseline of 120 hairs per cm² at the vertex."""
    measured_at(clinic, baseline, SCOPE)
    clinic.cast.photograph(baseline)
    clinic.cast.hold(first_of(baseline.plan), clinic.cast.at(clinic.cast.today, 12))
    found = Review.objects.get(plan=baseline.plan, months=3)
    clinic.stand_at(clinic.cast.at(found.due, 10))
    return found


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_one_density_is_one_number_with_the_device_of_the_baseline(clinic: Clinic, measured: Review) -> None:
    page = seen(clinic.doctor, "review", measured.pk)
    assert 'name="m0-device" value="Scope A"' in page
    assert "Baseline 120" in words_of(page)
    page = sent(clinic.doctor, "review", measured.pk, **VERTEX, **{"m0-density": "135"})
    said = words_of(page)
    assert "What was found is saved" in said
    assert "Better +12.5 %, better: more than the method’s error of ±9 %" in said
    assert str(measured.measurements.get().value) == "135.0"
    page = sent(clinic.doctor, "review", measured.pk, **VERTEX, **{"m0-density": "124"}, go="look")
    assert "Within error +3.3 %, within the method’s error of ±9 %" in words_of(page)
    assert str(measured.measurements.get().value) == "135.0", "looked at, not saved"


def test_another_device_is_never_compared(clinic: Clinic, measured: Review) -> None:
    said = {**VERTEX, "m0-device": "Scope B", "m0-density": "150"}
    assert "another device or method at the baseline: not compared" in words_of(
        sent(clinic.doctor, "review", measured.pk, **said)
    )


def test_the_assessment_counts_as_baseline_only_with_its_own_method_and_device(clinic: Clinic, review: Review) -> None:
    review.plan.assessment.findings.update(density=100)
    page = seen(clinic.doctor, "review", review.pk)
    assert 'name="m0-device" value="Trichoscope"' in page
    said = {**VERTEX, "m0-device": "Trichoscope", "m0-density": "120"}
    assert "100 hairs/cm² (assessment)" in words_of(sent(clinic.doctor, "review", review.pk, **said))
    said = {**VERTEX, "m0-device": "Scope B", "m0-density": "120"}
    assert "not compared" in words_of(sent(clinic.doctor, "review", review.pk, **said))


IMPOSSIBLE: list[tuple[dict[str, str], str]] = [
    ({"m0-density": "1200"}, "Hair density lies between 0 and 1000 hairs/cm²."),
    ({"m0-terminal": "101"}, "Terminal hairs lies between 0 and 100 %."),
    ({"m0-density": "120", "m0-device": ""}, "Write with which device"),
    ({"m0-density": "120", "m0-method": ""}, "Say by which method"),
    ({"shedding_scale": "7"}, "The shedding scale goes from 1 to 6, not 7."),
    ({"salt_top": "20"}, "SALT weighs all four areas"),
    ({"wash_count": "99999"}, "Between 0 and 2,000 hairs"),
    ({"pull_test_hairs": "400"}, "One pull yields between 0 and 100 hairs"),
]


def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_is_kept(clinic: Clinic, measured: Review) -> None:
    doctor = clinic.doctor
    for typed, sentence in IMPOSSIBLE:
        page = sent(doctor, "review", measured.pk, **{**VERTEX, "notes": "A long note", **typed}, go="capture")
        assert "Not saved yet" in page
        assert sentence in unescape(page)
        assert "A long note" in page
    assert not measured.measurements.exists()


def test_the_same_line_twice_is_said_and_another_line_comes_without_scripts(clinic: Clinic, measured: Review) -> None:
    second = {name.replace("m0", "m1"): value for name, value in VERTEX.items() if name != "lines"}
    said = {**VERTEX, **second, "lines": "2", "m0-density": "130", "m1-density": "131"}
    assert "one line is enough" in sent(clinic.doctor, "review", measured.pk, **said)
    page = sent(clinic.doctor, "review", measured.pk, **said, go="more")
    assert 'name="m2-density"' in page
    assert 'value="131"' in page
    assert not measured.measurements.exists()


def test_whoever_leaves_for_the_camera_finds_again_what_was_typed(clinic: Clinic, measured: Review) -> None:
    said = {**VERTEX, "m0-density": "131", "patient_says": "Less in the comb"}
    answer = clinic.doctor.post(reverse("plans:review", args=[measured.pk]), {**said, "go": "capture"})
    assert answer["Location"] == reverse("plans:capture", args=[measured.pk])
    page = seen(clinic.doctor, "review", measured.pk)
    assert "Less in the comb" in page
    assert 'value="131"' in page
    answer = clinic.doctor.post(reverse("plans:review", args=[measured.pk]), {"go": "//example.com/"})
    assert answer["Location"] == reverse("plans:review", args=[measured.pk])


def test_the_sources_words_of_these_weeks_stand_beside_it(clinic: Clinic, review: Review) -> None:
    said = words_of(seen(clinic.doctor, "review", review.pk))
    assert "2–3 months New growth may begin. Source: S3" in said
    assert "about 12 months" not in said


# -- the decision ----------------------------------------------------------------------------------------------------
def accepted(clinic: Clinic, review: Review, decision: str, ask: str = "", **more: object) -> str:
    """Look at what it would mean, then accept just that."""
    address = reverse("plans:review-decide", args=[review.pk, decision]) + ask
    doctor = clinic.doctor
    page = doctor.get(address).content.decode()
    said = {"do": "accept", "decision_reason": "Clear gain", "missing_views_reason": "Camera broken", **hidden(page)}
    answer = doctor.post(address, {**said, **more}, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def hidden(page: str) -> dict[str, str]:
    names = ("seen", "answers")
    return {name: found[1] for name in names if (found := re.search(f'name="{name}" value="([^"]*)"', page))}


def test_choosing_a_decision_keeps_the_figures_and_shows_what_it_means(clinic: Clinic, measured: Review) -> None:
    page = sent(clinic.doctor, "review", measured.pk, **VERTEX, **{"m0-density": "131"}, go="decide:continue")
    assert "What this means" in page
    assert "Why views are missing" in page
    assert measured.measurements.exists()
    measured.refresh_from_db()
    assert measured.state == ReviewState.PROMISED


def test_a_review_is_decided_with_what_was_recorded_before(clinic: Clinic, measured: Review) -> None:
    said = {**VERTEX, "m0-density": "135", "patient_rating": "2", "shedding_scale": "3", "adherence": "mostly"}
    sent(clinic.doctor, "review", measured.pk, **said)
    assert "is decided: continue" in accepted(clinic, measured, "continue")
    measured.refresh_from_db()
    assert (measured.state, measured.decision, measured.patient_rating, measured.decision_reason) == (
        ReviewState.DECIDED, "continue", 2, "Clear gain",
    )  # fmt: skip
    said = words_of(seen(clinic.doctor, "review", measured.pk))
    for words in ("Continue Clear gain", "Better +12.5 %", "Kept to most of it", "Camera broken"):
        assert words in said
    assert "Decided" in said and 'name="go"' not in said


def test_reasons_are_asked_and_nothing_is_written_without_them(clinic: Clinic, review: Review) -> None:
    page = accepted(clinic, review, "continue", missing_views_reason="", decision_reason="")
    assert "Write why the review ends like this." in page
    assert "Write why these views are missing" in page
    review.refresh_from_db()
    assert review.state == ReviewState.PROMISED


def test_with_all_views_nobody_asks_why_some_are_missing(clinic: Clinic, review: Review) -> None:
    clinic.cast.photograph(review)
    ask = reverse("plans:review-decide", args=[review.pk, "continue"])
    assert "missing_views_reason" not in clinic.doctor.get(ask).content.decode()
    accepted(clinic, review, "continue")
    review.refresh_from_db()
    assert review.state == ReviewState.DECIDED


def test_adjusting_adds_a_session_with_the_decision(clinic: Clinic, review: Review) -> None:
    before = review.plan.sessions.count()
    assert "Which session?" in seen(clinic.doctor, "review-decide", review.pk, "adjust", ask="?way=remove")
    page = words_of(seen(clinic.doctor, "review-decide", review.pk, "adjust"))
    assert "1 session is added" in page
    parts = [part.key for part in review.plan.course.components]
    assert "is decided" in accepted(clinic, review, "adjust", components=parts)
    assert review.plan.sessions.count() == before + 1


def test_a_further_course_is_dated_beside_this_one_and_drafted_with_the_decision(
    clinic: Clinic, review: Review
) -> None:
    ask = f"?way=course-{SINGLE}"
    page = seen(clinic.doctor, "review-decide", review.pk, "add_treatment", ask=ask)
    assert "A plan of its own beside this one" in page
    assert "Sessions of the further course" in page
    typed = dict(re.findall(r'name="((?:starts_on|price|count-)[^"]*)"[^>]*value="([^"]*)"', page))
    typed |= {
        name: value for value, name in re.findall(r'value="([^"]*)"[^>]*name="((?:starts_on|price|count-)[^"]*)"', page)
    }
    assert "The draft of" in accepted(clinic, review, "add_treatment", ask, **typed)
    draft = Plan.objects.get(patient=review.plan.patient, state=PlanState.DRAFT)
    assert draft.protocol.key == SINGLE
    review.refresh_from_db()
    assert (review.state, review.decision) == (ReviewState.DECIDED, "add_treatment")


def test_a_booster_that_cannot_be_planned_yet_says_why_and_the_decision_can_stand_alone(
    clinic: Clinic, review: Review
) -> None:
    page = seen(clinic.doctor, "review-decide", review.pk, "maintenance")
    assert "Sessions of the course are still to come" in page
    assert "is decided: maintenance" in accepted(clinic, review, "maintenance", "?way=later")


def test_stopping_names_what_is_cancelled_first(clinic: Clinic, review: Review) -> None:
    last = review.plan.reviews.get(months=6)
    booked = clinic.cast.book_review(last, clinic.cast.at(last.due, 11))
    page = words_of(seen(clinic.doctor, "review-decide", review.pk, "stop_and_refer"))
    assert f"6-month review {day_words(last.due)}, 11:00 Is cancelled; the patient is told by mail." in page
    assert "Session 2 (exosome and PRP)" in page
    accepted(clinic, review, "stop_and_refer")
    booked.refresh_from_db()
    review.plan.refresh_from_db()
    assert (review.plan.state, booked.state) == (PlanState.STOPPED, AppointmentState.CANCELLED)


def test_what_becomes_of_the_reviews_own_appointment_is_shown(clinic: Clinic, review: Review) -> None:
    booked = clinic.cast.book_review(review, clinic.cast.at(review.due, 12))
    assert "Is cancelled; the patient is told" in seen(clinic.doctor, "review-decide", review.pk, "continue")
    clinic.stand_at(clinic.cast.at(review.due, 11, 10))  # within the hour: she is in the room
    assert "Is done with the decision." in seen(clinic.doctor, "review-decide", review.pk, "continue")
    accepted(clinic, review, "continue")
    booked.refresh_from_db()
    assert booked.state == AppointmentState.DONE


def test_when_the_world_has_moved_it_is_said_and_nothing_is_written(clinic: Clinic, review: Review) -> None:
    page = accepted(clinic, review, "continue", seen="another")
    assert "Something changed since you looked" in page
    assert "Clear gain" in page
    review.refresh_from_db()
    assert review.state == ReviewState.PROMISED


def test_a_baseline_is_not_decided_by_hand_but_its_figures_are_written_down(clinic: Clinic, baseline: Review) -> None:
    page = seen(clinic.doctor, "review", baseline.pk)
    assert "closes by itself" in page
    assert "decide:" not in page
    assert "closes by itself" in accepted(clinic, baseline, "continue")
    sent(clinic.doctor, "review", baseline.pk, **VERTEX, **{"m0-density": "120"})
    assert baseline.measurements.exists()


# -- serving ---------------------------------------------------------------------------------------------------------
def test_a_photo_is_served_to_be_looked_at_and_kept_nowhere(clinic: Clinic, baseline: Review) -> None:
    clinic.cast.photograph(baseline, views=1)
    photo = baseline.photos.get()
    for size in ("large", "medium", "thumb"):
        answer = clinic.doctor.get(reverse("plans:photo", args=[photo.pk, size]))
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content) == default_storage.open(getattr(photo, size).name).read()
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
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")


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
    # session, user, review, baseline, photos, consent, appointment, baseline's photos, views, alignments, tolerances,
    # figures now and then, what the assessment found, the first session, blinded ratings
    with django_assert_max_num_queries(16):
        seen(client, "review", review.pk)
