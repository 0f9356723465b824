"""Then and now in Chromium, by mouse, by keys and by fingers: what moves, moves on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from plans.models import Alignment, Review
from tests.browser.conftest import PHONE, Visitor, log_in
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Matrix = list[float]


@pytest.fixture
def review(clinic: Cast, stand_at: Any, settings: Any, tmp_path: Path) -> Review:
    """Two views at the baseline and three months later; the first pair was aligned already, a tenth to the right."""
    settings.MEDIA_ROOT = tmp_path / "media"
    plan = clinic.active_plan("Noor", starts_on=clinic.today)
    before, review = plan.reviews.get(months=0), plan.reviews.get(months=3)
    clinic.photograph(before, views=2)
    clinic.photograph(review, views=2)
    stand_at(clinic.at(review.due, 10))
    Alignment.objects.create(
        before=before.photos.get(view__key="vertex"), after=review.photos.get(view__key="vertex"), method="orb",
        state="aligned", matrix=[1, 0, 0.1, 0, 1, 0, 0, 0, 1], residual_px=0.7, scale=1, turn_degrees=0,
        made_at=clinic.now,
    )  # fmt: skip
    return review


@pytest.fixture
def phone(chromium: Any, live_server: Any, clinic: Cast, stand_at: Any, pictures: Path) -> Iterator[Visitor]:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB")
    context.set_default_timeout(15_000)
    visitor = Visitor(context.new_page(), live_server.url, pictures)
    visitor.watch()
    yield visitor
    context.close()


def lies(visitor: Visitor) -> tuple[Matrix, Matrix]:
    """Where both pictures are drawn; they are when their files are there."""
    planes = visitor.page.locator("[data-plane]")
    visitor.page.wait_for_function("[...document.querySelectorAll('[data-plane]')].every((one) => one.naturalWidth)")
    found = planes.evaluate_all("(all) => all.map((one) => one.style.transform)")
    before, now = ([float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", one)] for one in found)
    return before, now


def zoom_of(visitor: Visitor) -> float:
    """The zoom both sides share; a fault where they differ."""
    before, now = lies(visitor)
    assert before == pytest.approx(now, abs=0.01)
    return before[0]


def side_seen(visitor: Visitor) -> str:
    shown = visitor.page.locator(".c-stage__side").evaluate_all(
        "(all) => all.filter((one) => getComputedStyle(one).visibility === 'visible').map((one) => one.dataset.side)"
    )
    assert len(shown) == 1
    return str(shown[0])


def split_of(visitor: Visitor) -> int:
    return int(visitor.page.locator("[data-divider]").get_attribute("aria-valuenow"))


def test_by_mouse_and_by_keys_both_pictures_move_as_one(
    visit: Callable[..., Visitor], clinic: Cast, review: Review
) -> None:
    doctor = visit(as_=clinic.doctor)
    page = doctor.page
    doctor.opens(f"/reviews/{review.pk}/compare/?view=vertex")
    field, words = page.locator("[data-field]"), page.locator("[data-aligned]")
    expect(words).to_contain_text("0.7 px of 1024 off")
    before, now = lies(doctor)
    wide = page.locator(".c-stage__pane").first.bounding_box()
    fit = min(wide["width"], wide["height"] / 0.75)
    assert now[4] - before[4] == pytest.approx(fit / 10, abs=0.5), "a tenth of the picture to the right"
    page.get_by_role("button", name="Align to the baseline").click()
    expect(words).to_contain_text("Not aligned")
    whole = zoom_of(doctor)

    # The wheel: what lies under the pointer stays there. Then a drag, and a double click back to all of it.
    point = {"x": wide["x"] + 120, "y": wide["y"] + 150}
    under = (120 - lies(doctor)[0][4]) / whole
    page.mouse.move(**point)
    page.mouse.wheel(0, -500)
    page.wait_for_function("document.querySelector('[data-zoom-words]').textContent !== '100 %'")
    near = zoom_of(doctor)
    assert near > whole * 2
    assert (120 - lies(doctor)[0][4]) / near == pytest.approx(under, abs=1)
    was = lies(doctor)[0]
    page.mouse.down()
    page.mouse.move(point["x"] - 40, point["y"] - 30, steps=3)
    page.mouse.up()
    assert lies(doctor)[1][4:] == pytest.approx([was[4] - 40, was[5] - 30], abs=0.5)
    page.wait_for_function("[...document.querySelectorAll('[data-plane]')].every((one) => one.src.endsWith('/large/'))")
    page.mouse.dblclick(**point)
    assert zoom_of(doctor) == pytest.approx(whole)

    # Keys alone: nearer, along, all of it, the next view, the slider, blinking.
    field.focus()
    for key in ("+", "+", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert zoom_of(doctor) == pytest.approx(whole * 1.25**2, rel=0.01)
    page.keyboard.press("0")
    assert zoom_of(doctor) == pytest.approx(whole)
    page.keyboard.press("2")
    page.locator("[data-divider]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageDown")
    assert split_of(doctor) == 38
    box = page.locator("[data-divider]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 200, box["y"] + 40, steps=3)
    page.mouse.up()
    assert split_of(doctor) > 50
    clip = page.locator("[data-side=now] .c-stage__pane").evaluate("(one) => one.style.clipPath")
    assert f"{split_of(doctor)}." in clip or f" {split_of(doctor)}%" in clip
    field.focus()
    page.keyboard.press("3")
    assert side_seen(doctor) == "now"
    page.keyboard.press("Space")
    assert side_seen(doctor) == "before"
    timed = page.get_by_role("button", name="Every second")
    timed.click()
    expect(page.locator("[data-compare]")).to_have_attribute("data-shown", "now", timeout=2_500)
    page.emulate_media(reduced_motion="reduce")
    expect(timed).to_be_disabled()
    expect(timed).to_have_attribute("aria-pressed", "false")

    # A pair nobody aligned yet is asked for once, and the answer is read out; the address leads a colleague here.
    page.route(
        "**/on/**", lambda route: route.fulfill(json={"state": "refused", "reason": "Too few points.", "matrix": []})
    )
    field.focus()
    page.keyboard.press("]")
    page.get_by_role("button", name="Align to the baseline").click()
    expect(words).to_have_text("Could not be aligned: Too few points.")
    assert "view=midline" in page.url and "mode=blink" in page.url
    doctor.opens(page.url)
    assert (side_seen(doctor), page.locator(".c-compare__view:visible h2").inner_text()) == ("now", "Midline parting")
    doctor.is_clean()


def test_by_fingers_both_pictures_move_as_one(phone: Visitor, clinic: Cast, review: Review) -> None:
    log_in(phone, clinic.doctor)
    page = phone.page
    phone.opens(f"/reviews/{review.pk}/compare/?view=midline")
    whole = zoom_of(phone)
    pane = page.locator("[data-side=now] .c-stage__pane")
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    touches = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        said = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": said})

    def drawn(start: list[tuple[float, float]], end: list[tuple[float, float]]) -> None:
        fingers("touchStart", *start)
        for step in (0.25, 0.5, 0.75, 1):
            fingers(
                "touchMove",
                *((a + (c - a) * step, b + (d - b) * step) for (a, b), (c, d) in zip(start, end, strict=True)),
            )
        page.wait_for_timeout(100)  # held still before it is lifted: no swing that the next tap would only stop
        fingers("touchMove", *end)
        fingers("touchEnd")

    drawn([(x - 30, y), (x + 30, y)], [(x - 75, y), (x + 75, y)])
    near = zoom_of(phone)
    assert near == pytest.approx(whole * 2.5, rel=0.1)
    was = lies(phone)[0]
    drawn([(x, y)], [(x - 60, y - 20)])
    assert lies(phone)[1][4:] == pytest.approx([was[4] - 60, was[5] - 20], abs=8)
    for _ in range(2):
        page.touchscreen.tap(x, y)
    assert zoom_of(phone) == pytest.approx(whole)
    for _ in range(2):
        page.touchscreen.tap(x, y)
    assert zoom_of(phone) == pytest.approx(whole * 2.5, rel=0.01)

    root = page.locator("[data-compare]")
    page.get_by_role("button", name="Reset").tap()
    page.get_by_role("button", name="Slider").tap()
    expect(root).to_have_attribute("data-mode", "slider")
    stage = page.locator("[data-field]")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    y = box["y"] + 60
    drawn([(box["x"] + box["width"] / 2, y)], [(box["x"] + box["width"] / 4, y)])
    assert split_of(phone) == pytest.approx(25, abs=3)
    page.get_by_role("button", name="Blink").tap()
    expect(root).to_have_attribute("data-mode", "blink")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert side_seen(phone) == "now"
    page.touchscreen.tap(box["x"] + 100, box["y"] + 100)
    expect(root).to_have_attribute("data-shown", "before")
    assert side_seen(phone) == "before"
    phone.keeps("compare-phone")
    phone.is_clean()
