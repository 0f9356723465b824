"""Journey 8 in Chromium: six photos with the ghost, compared with the baseline, one density, PRP added, accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from plans.models import Plan, Review
from plans.operations.protocols import load_library
from plans.operations.review_scores import Measured, Scores, record_scores
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.states import Decision, PlanState, ReviewState
from plans.rules.view_sets import VIEW_SETS
from tests.browser.conftest import Visitor, log_in
from tests.browser.test_journeys import counted
from tests.cast import Cast, library

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EXOSOME = "exosome-monthly-standard"
STEP = "[data-camera][data-step={}]"
# The photo is weak, or the camera has gone on to the next view, or it is closed after the last.
GOES_ON = """title => {
    const camera = document.querySelector("[data-camera]");
    const shown = camera.querySelector("[data-title]").textContent.trim();
    return !camera.open || camera.dataset.step === "weak" || shown !== title;
}"""


@pytest.fixture
def review(clinic: Cast, stand_at: Callable[[datetime], None], settings: Any, tmp_path: Any) -> Review:
    """Three months into a course of exosomes, whose baseline has six photos and one density."""
    settings.MEDIA_ROOT, settings.VAR_DIR, settings.PHOTO_DISK_FLOOR = tmp_path / "media", tmp_path / "var", 0
    load_library([one for one in library() if one.key == EXOSOME], VIEW_SETS, now=clinic.now)
    plan = clinic.active_plan("Noor", EXOSOME, starts_on=clinic.today)
    baseline = plan.reviews.get(months=0)
    clinic.photograph(baseline)
    density = Measured(Measure.DENSITY, Decimal(121), MeasureMethod.TRICHOSCOPY, "Trichoscope 20×", "vertex")
    record_scores(review_id=baseline.pk, scores=Scores(measured=(density,)), by=clinic.doctor, now=clinic.now)
    clinic.hold(plan.sessions.order_by("number")[0], clinic.at(clinic.today, 12))
    found = plan.reviews.get(months=3)
    booked = clinic.book_review(found, clinic.at(found.due, 10))
    stand_at(booked.starts)
    return found


@pytest.fixture
def doctor(chromium: Any, chromium_path: str, live_server: Any, clinic: Cast, pictures: Any) -> Iterator[Visitor]:
    """At a desk with a camera, which draws a wheel that turns."""
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    args = ["--no-sandbox", "--disable-dev-shm-usage", *fake]
    browser = chromium.browser_type.launch(executable_path=chromium_path, args=args)
    context = browser.new_context(viewport={"width": 1360, "height": 850}, permissions=["camera"], locale="en-GB")
    context.set_default_timeout(15_000)
    visitor = Visitor(context.new_page(), live_server.url, pictures)
    visitor.watch()
    log_in(visitor, clinic.doctor)
    yield visitor
    browser.close()


def test_journey_8_six_photos_compare_one_density_add_prp_see_what_changes_accept(
    doctor: Visitor, review: Review, record_property: Any
) -> None:
    page = doctor.page
    doctor.opens(f"/reviews/{review.pk}/")
    doctor.start()
    page.get_by_label("What the patient says").fill("Less hair in the comb")
    doctor.clicks_on("Take photos", "button")
    take_all(doctor, review)
    doctor.clicks_on("Go on with the review")
    expect(page.get_by_label("What the patient says")).to_have_value("Less hair in the comb")
    doctor.clicks_on("Compare", "button", exact=True)
    assert "Vertex" in doctor.reads()
    doctor.keeps("8-compare")
    doctor.clicks_on("Back to the review")

    page.locator("[name=m0-density]").fill("140")
    page.locator("[name=m0-density]").press("Tab")
    page.get_by_text("+15.7 %, better: more than the method’s error of ±9 %").wait_for()
    doctor.keeps("8-figures")
    doctor.clicks_on(re.compile("^Add treatment"), "button")
    seen = doctor.reads()
    assert "PRP: every 4–6 weeks" in seen and "Is done with the decision." in seen
    page.get_by_label("Why", exact=False).first.fill("Denser, and PRP beside it")
    doctor.keeps("8-decide")
    doctor.clicks_on("Decide: add treatment", "button")
    assert "is decided: add treatment" in doctor.reads()
    counted(doctor, 8, record_property, clicks=30, seconds=240)

    review.refresh_from_db()
    assert (review.state, review.decision) == (ReviewState.DECIDED, Decision.ADD_TREATMENT)
    assert review.measurements.get().value == 140
    assert Plan.objects.get(state=PlanState.DRAFT).protocol.key == "prp"


def take_all(doctor: Visitor, review: Review) -> None:
    page: Page = doctor.page
    page.get_by_role("button", name="Open the camera").click()
    shutter = page.get_by_role("button", name="Take the photo")
    doctor.clicks += 1
    for view in review.view_set.views.order_by("position"):
        expect(page.locator("[data-title]")).to_have_text(view.title, timeout=15_000)
        expect(page.locator("[data-ghost]")).to_be_visible()
        shutter.click()
        page.wait_for_selector(STEP.format("look"))
        page.get_by_role("button", name="Use it").click()
        doctor.clicks += 2
        page.wait_for_function(GOES_ON, arg=view.title)
        if page.locator(STEP.format("weak")).count():
            page.get_by_role("button", name="Keep it").click()
            doctor.clicks += 1
    expect(page.get_by_role("heading", name="No view is missing")).to_be_visible()
