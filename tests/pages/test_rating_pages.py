"""Blinded ratings: who rates learns nothing of whose, when and which first; and what is kept says later against earlier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import AuditLine, Staff
from plans.models import PairRating, Review
from plans.queries.ratings import rating_of
from plans.rules.ratings import ANSWERS, mean_of, score_of
from tests.operations.letter_cast import staff
from tests.pages.visits import Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield open_pages(settings, tmp_path)


@pytest.fixture
def review(clinic: Clinic) -> Review:
    """Three months later, two views photographed then and now, all by the doctor."""
    plan = clinic.plan("Zenobia")
    clinic.cast.photograph(plan.reviews.get(months=0), views=2)
    clinic.cast.hold(first_of(plan), clinic.cast.at(clinic.cast.today, 12))
    review = plan.reviews.get(months=3)
    clinic.stand_at(clinic.cast.at(review.due, 10))
    clinic.cast.photograph(review, views=2)
    return review


@pytest.fixture
def second(clinic: Clinic) -> Staff:
    """A colleague who never saw her."""
    return staff("colleague", clinic.cast.here, is_clinician=True, is_staff=True)


def begin(browser: Client) -> PairRating:
    answer = browser.post(reverse("plans:ratings"))
    return PairRating.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])


def lay(rating: PairRating, *, later_left: bool) -> PairRating:
    rating.is_later_left = later_left
    rating.save()
    return rating


def bare(page: str, rating: PairRating) -> str:
    """Without what is of this rating alone, or of this request."""
    page = page.replace(str(rating.pk), "ID")
    return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken&quot;: &quot;|nonce)[^>]*', "", page)


# -- nothing tells the order -----------------------------------------------------------------------------------------
def test_the_page_of_either_order_differs_in_nothing_but_the_id(clinic: Clinic, review: Review, second: Staff) -> None:
    browser = clinic.browser(second)
    rating = begin(browser)
    pages = {bare(seen(browser, "rating", lay(rating, later_left=left).pk), rating) for left in (True, False)}
    assert len(pages) == 1
    page = pages.pop()
    assert "ID/left/" in page and "ID/right/" in page
    told = ("Zenobia", str(review.pk), str(rating.before_id), str(rating.after_id), review.title, "2026")
    assert not [word for word in told if word in page]


def test_a_picture_comes_without_a_name_a_date_or_a_version(clinic: Clinic, review: Review, second: Staff) -> None:
    browser = clinic.browser(second)
    rating = begin(browser)
    before, after = rating.before.large, rating.after.large
    # Both are the same painted scalp: made different, to be told apart here.
    Path(default_storage.path(after.name)).write_bytes(b"\xff\xd8later")
    for later_left in (True, False):
        lay(rating, later_left=later_left)
        heads = []
        for side in ("left", "right"):
            answer = browser.get(reverse("plans:rating-photo", args=[rating.pk, side]))
            is_later = (side == "left") is later_left
            assert answer.content == (b"\xff\xd8later" if is_later else default_storage.open(before.name).read())
            heads.append(
                {name: value.replace(side, "") for name, value in answer.headers.items() if name != "Content-Length"}
            )
        assert heads[0] == heads[1]
        assert not {"ETag", "Last-Modified"} & heads[0].keys()
        assert heads[0]["Cache-Control"] == "private, no-store"
    seen(browser, "rating-photo", rating.pk, "middle", status=404)


def test_the_score_says_the_later_against_the_earlier_whatever_lay_where(
    clinic: Clinic, review: Review, second: Staff
) -> None:
    browser = clinic.browser(second)
    kept = {}
    for later_left in (True, False):
        rating = lay(PairRating.objects.filter(score=None).first() or begin(browser), later_left=later_left)
        sent(browser, "rating", rating.pk, answer="-2")
        kept[rating.view_id] = (2.0 if later_left else -2.0, 1)
    assert len(kept) == 2
    assert rating_of(review) == kept
    line = AuditLine.objects.filter(happened="pair.rated").first()
    assert (line.by, line.patient_id) == (second, review.plan.patient_id)


@given(st.sampled_from(ANSWERS), st.booleans())
def test_no_side_is_easier_to_give(answer: Any, later_left: bool) -> None:
    mirrored = score_of(-answer.value, is_later_left=not later_left)
    assert score_of(answer.value, is_later_left=later_left) == mirrored
    assert abs(mirrored) == answer.strength


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_a_mean_lies_among_its_scores_and_turns_with_them(scores: list[int]) -> None:
    assert min(scores) <= mean_of(scores) <= max(scores)
    assert mean_of([-score for score in scores]) == -mean_of(scores)
    assert abs(mean_of(scores) - sum(scores) / len(scores)) <= 0.05 + 1e-9


# -- who rates what --------------------------------------------------------------------------------------------------
def test_what_one_knows_is_left_to_others(clinic: Clinic, review: Review, second: Staff) -> None:
    assert "No pairs to rate" in seen(clinic.doctor, "ratings")
    assert "No pairs to rate" in seen(clinic.outsider, "ratings")
    browser = clinic.browser(second)
    assert "2 pairs" in seen(browser, "ratings")
    review.photos.update(added_by=second)
    assert "No pairs to rate" in seen(browser, "ratings")
    review.photos.update(added_by=clinic.cast.doctor)
    Review.objects.filter(pk=review.pk).update(decided_by=second)
    assert "No pairs to rate" in sent(browser, "ratings")
    assert not PairRating.objects.exists()


def test_anothers_pair_is_not_there(clinic: Clinic, review: Review, second: Staff) -> None:
    rating = begin(clinic.browser(second))
    for args in (("rating", rating.pk), ("rating-photo", rating.pk, "left")):
        seen(clinic.doctor, *args, status=404)
        assert "Zenobia" not in seen(clinic.desk, *args, status=403)


def test_without_consent_in_force_there_is_neither_pair_nor_picture(
    clinic: Clinic, review: Review, second: Staff
) -> None:
    browser = clinic.browser(second)
    rating = begin(browser)
    review.plan.patient.consents.update(withdrawn_on=clinic.cast.today)
    seen(browser, "rating", rating.pk, status=404)
    seen(browser, "rating-photo", rating.pk, "left", status=404)
    assert "No pairs to rate" in seen(browser, "ratings")


# -- one after the other ---------------------------------------------------------------------------------------------
def test_the_next_pair_follows_at_once_and_each_only_once(clinic: Clinic, review: Review, second: Staff) -> None:
    browser = clinic.browser(second)
    first = begin(browser)
    answer = browser.post(reverse("plans:rating", args=[first.pk]), {"answer": "1"})
    following = PairRating.objects.exclude(pk=first.pk).get()
    assert answer["Location"] == f"{reverse('plans:rating', args=[following.pk])}?sent={first.pk}"
    page = sent(browser, "rating", following.pk, answer="0")
    assert "No pairs to rate" in page
    assert reverse("plans:review", args=[review.pk]) in page
    assert PairRating.objects.count() == 2


def test_a_sent_answer_stands_but_for_ten_seconds(clinic: Clinic, review: Review, second: Staff) -> None:
    browser = clinic.browser(second)
    rating = begin(browser)
    assert "Undo" in sent(browser, "rating", rating.pk, answer="3")
    sent(browser, "rating", rating.pk, answer="-3")
    rating.refresh_from_db()
    given = rating.score
    assert abs(given) == 3
    sent(browser, "rating-undo", rating.pk)
    assert "Which shows more hair?" in sent(browser, "rating", rating.pk, answer="4")
    rating.refresh_from_db()
    assert rating.score is None
    sent(browser, "rating", rating.pk, answer="3")
    clinic.stand_at(clinic.cast.now + timedelta(seconds=16))
    assert "ten seconds" in sent(browser, "rating-undo", rating.pk)
    rating.refresh_from_db()
    assert rating.score == given


def test_a_recognised_patient_is_skipped_and_not_offered_again(clinic: Clinic, review: Review, second: Staff) -> None:
    browser = clinic.browser(second)
    first = begin(browser)
    sent(browser, "rating", first.pk, answer="skip")
    following = PairRating.objects.exclude(pk=first.pk).get()
    page = sent(browser, "rating", following.pk, answer="skip")
    assert "Put by" in page and "No pairs to rate" in page
    assert rating_of(review) == {}


def test_the_list_costs_the_same_with_many_pairs(
    clinic: Clinic, review: Review, second: Staff, django_assert_num_queries: Any
) -> None:
    browser = clinic.browser(second)
    sent(browser, "rating", begin(browser).pk, answer="1")
    # session, user, pairs, put by, rated
    with django_assert_num_queries(5):
        seen(browser, "ratings")
