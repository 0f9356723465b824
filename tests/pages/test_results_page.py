"""Results over time: what was measured is drawn and read, and nothing is compared that may not be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.models import Measurement, PairRating, Photo, Plan, Review
from plans.rules.states import Adherence, ReviewState
from tests.pages.visits import Clinic, first_of, open_pages, second_of, seen

pytestmark = pytest.mark.django_db
AUTO, CORRECTED = "phototrichogram", "phototrichogram_corrected"


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield open_pages(settings, tmp_path)


@pytest.fixture
def plan(clinic: Clinic) -> Plan:
    """The first session was held; every review is still to come."""
    plan = clinic.plan()
    clinic.cast.photograph(plan.reviews.get(months=0), views=1)
    clinic.cast.hold(first_of(plan), clinic.cast.at(clinic.cast.today, 12))
    clinic.stand_at(clinic.cast.now + timedelta(days=200))
    return plan


def review(plan: Plan, months: int, **more: Any) -> Review:
    """A review that was held on its day, with these figures."""
    found = plan.reviews.get(months=months)
    if months:
        found.state, found.decision = ReviewState.DECIDED, "continue"
        found.decided_at = plan.reviews.get(months=0).decided_at + timedelta(days=30 * months)
    for name, value in more.items():
        setattr(found, name, value)
    found.save()
    return found


def measure(at: Review, value: str, *, area: str = "vertex", method: str = AUTO, device: str = "Camera A") -> None:
    at.measurements.create(measure="density", area=area, value=Decimal(value), method=method, device=device)


def card(page: str, key: str) -> str:
    return re.search(rf'<section class="[^"]*c-result" id="{key}".*?</section>', page, re.S)[0]


def rows(part: str) -> list[str]:
    """The table's rows as plain words."""
    found = re.findall(r"<tr>(.*?)</tr>", part.partition("<tbody>")[2], re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_each_figure_stands_in_the_chart_and_in_the_table_with_its_error(clinic: Clinic, plan: Plan) -> None:
    for months, value in ((0, "100.0"), (3, "112"), (6, "113")):
        measure(review(plan, months), value)
    part = card(seen(clinic.doctor, "results", plan.pk), "density-vertex")
    first, second, third = rows(part)
    assert "Baseline" in first and "100 ± 12 First of this line" in first
    # The error is 12 %: as much is within it, more is not.
    assert second.endswith("112 ± 12 +12 % Within error")
    assert third.endswith("113 ± 12 +13 % Better")
    assert "112 hairs/cm² (± 12)" in part
    assert "113 on" in part.partition("</svg>")[0]


def test_another_device_or_method_begins_a_line_of_its_own_and_says_so(clinic: Clinic, plan: Plan) -> None:
    measure(review(plan, 0), "100")
    measure(review(plan, 3), "150", device="Camera B")
    measure(review(plan, 6), "120", method=CORRECTED, device="Camera B")
    part = card(seen(clinic.doctor, "results", plan.pk), "density-vertex")
    assert all("First of this line" in row for row in rows(part))
    assert "Another device: a line of its own" in part
    assert "Another method: a line of its own" in part
    assert "%" not in "".join(row.partition("First")[2] for row in rows(part))
    assert {"c-plot__trend--0", "c-plot__trend--1", "c-plot__trend--2"} <= set(re.findall(r"c-plot__trend--\d", part))


def test_areas_are_never_in_one_chart_and_a_device_is_known_whatever_its_letters(clinic: Clinic, plan: Plan) -> None:
    for area in ("vertex", "frontal"):
        measure(review(plan, 0), "100", area=area)
    measure(review(plan, 3), "130", device="camera  a")
    page = seen(clinic.doctor, "results", plan.pk)
    assert page.index('id="density-frontal"') < page.index('id="density-vertex"')
    assert "One figure so far" in card(page, "density-frontal")
    assert rows(card(page, "density-vertex"))[1].endswith("+30 % Better")


def test_scores_ratings_and_adherence_are_there_and_no_error_is_made_up(clinic: Clinic, plan: Plan) -> None:
    salt = dict.fromkeys(("salt_top", "salt_back", "salt_left", "salt_right"), 10)
    review(plan, 0, shedding_scale=5, wash_count=60, pull_test_hairs=4, **salt)
    review(plan, 3, shedding_scale=3, wash_count=45, pull_test_hairs=4, patient_rating=-2, adherence="partly")
    page = seen(clinic.doctor, "results", plan.pk)
    assert rows(card(page, "shedding"))[1].endswith("3 −2 Error unknown")
    assert rows(card(page, "wash"))[1].endswith("45 −25 % Error unknown")
    assert rows(card(page, "pull"))[1].endswith("4 0 No change")
    assert rows(card(page, "salt"))[0].endswith("10 First of this line")
    assert rows(card(page, "rated"))[0].endswith("The patient’s own rating −2")
    assert Adherence.PARTLY.label in page


def test_the_blinded_mean_counts_what_stands(clinic: Clinic, plan: Plan) -> None:
    three = review(plan, 3, state=ReviewState.PROMISED, decision="", decided_at=None)
    clinic.cast.photograph(three, views=1)
    before, after = plan.reviews.get(months=0).photos.get(), three.photos.get()
    for rater, score in ((clinic.cast.desk, 1), (clinic.cast.outsider, 2)):
        PairRating.objects.create(
            review=three, view=after.view, before=before, after=after, rater=rater, is_later_left=True, score=score,
            shown_at=clinic.cast.now, rated_at=clinic.cast.now,
        )  # fmt: skip
    page = seen(clinic.doctor, "results", plan.pk)
    assert "1.5" in rows(card(page, "rated"))[0]
    assert "mean of 2 scores" in page
    Photo.objects.filter(pk=after.pk).update(superseded_at=clinic.cast.now)
    assert 'id="rated"' not in seen(clinic.doctor, "results", plan.pk)


def test_sessions_lots_and_reviews_are_marked_and_the_sources_have_their_band(clinic: Clinic, plan: Plan) -> None:
    measure(review(plan, 0), "100")
    page = seen(clinic.doctor, "results", plan.pk)
    part = card(page, "density-vertex")
    assert re.search(r"<title>Session 1, exosome and PRP, \w{3} \d+ \w{3} \d{4}</title>", part)
    assert "<title>Serum lot A1, from" in part
    assert "<title>3-month review, due" in part
    assert "3–6 months: " in part and "(S3)" in part
    assert "What sources expect, and when" in page and "None of it is a promise" in page


def test_before_anything_is_measured_the_page_says_where_to_begin(clinic: Clinic) -> None:
    plan = clinic.plan()
    page = seen(clinic.doctor, "results", plan.pk)
    assert "Nothing measured yet" in page
    assert f"/reviews/{plan.reviews.get(months=0).pk}/" in page


def test_all_plans_together_show_the_whole_course_and_one_plan_only_its_own(clinic: Clinic, plan: Plan) -> None:
    measure(review(plan, 0), "100")
    other = clinic.cast.draft(plan.patient, clinic.cast.assess(plan.patient), "prp", starts_on=clinic.cast.today)
    later = review(other, 0, state=ReviewState.DECIDED, decision="continue", decided_at=clinic.cast.now)
    measure(later, "120")
    Plan.objects.filter(pk=other.pk).update(state="active", activated_at=clinic.cast.now)
    assert len(rows(card(seen(clinic.doctor, "results", plan.pk), "density-vertex"))) == 1
    together = seen(clinic.doctor, "results", plan.pk, ask="?all=1")
    assert rows(card(together, "density-vertex"))[1].endswith("+20 % Better")
    assert "all 2 plans together" in together


def test_the_page_costs_the_same_with_one_figure_and_with_many(clinic: Clinic, plan: Plan) -> None:
    measure(review(plan, 0), "100")
    client = clinic.doctor
    with CaptureQueriesContext(
        connection,
    ) as few:
        seen(client, "results", plan.pk)
    for months in (3, 6):
        at = review(plan, months, shedding_scale=3, wash_count=40, patient_rating=1)
        Measurement.objects.bulk_create(
            Measurement(review=at, measure="density", area=area, value=Decimal(110), method=AUTO, device=f"Camera {n}")
            for area in ("vertex", "frontal", "occipital")
            for n in range(20)
        )
    clinic.cast.hold(second_of(plan), clinic.cast.at(clinic.cast.today, 12), override_reason="Late")
    with CaptureQueriesContext(connection) as many:
        assert seen(client, "results", plan.pk).count("First of this line") >= 60
    # session, user, plan, plans, reviews, sessions, treatments, lots, products, ratings, assessments, findings, figures
    assert len(many) == len(few) <= 13
