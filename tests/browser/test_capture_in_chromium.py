"""Taking a review's photos in Chromium on a telephone: with a camera and its ghost, and from files matched by hand."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from plans.darkroom.painter import paint_scalp
from plans.models import Review, Upload
from plans.rules.states import TakenBy
from tests.browser.conftest import PHONE, Visitor, log_in
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Move = Callable[[datetime], None]
SENSORS = ["camera", "accelerometer", "gyroscope", "magnetometer"]
STEP = "[data-camera][data-step={}]"


@pytest.fixture(scope="module")
def camera(chromium: Any, chromium_path: str) -> Iterator[Any]:
    """A Chromium whose camera is one it draws itself: a wheel that turns, so no two pictures are the same file."""
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    args = ["--no-sandbox", "--disable-dev-shm-usage", *fake]
    browser = chromium.browser_type.launch(executable_path=chromium_path, args=args)
    yield browser
    browser.close()


@pytest.fixture
def review(clinic: Cast, stand_at: Move, settings: Any, tmp_path: Path) -> Review:
    """Three months after a baseline of six photos, the telephone in hand."""
    settings.MEDIA_ROOT, settings.VAR_DIR, settings.PHOTO_DISK_FLOOR = tmp_path / "media", tmp_path / "var", 0
    plan = clinic.active_plan("Noor", starts_on=clinic.today)
    clinic.photograph(plan.reviews.get(months=0))
    clinic.hold(plan.sessions.order_by("number")[0], clinic.at(clinic.today, 12))
    found = plan.reviews.get(months=3)
    stand_at(clinic.at(found.due, 10))
    return found


@pytest.fixture
def telephone(camera: Any, live_server: Any, clinic: Cast, review: Review, pictures: Path) -> Iterator[Visitor]:
    context = camera.new_context(
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        permissions=SENSORS,
        locale="en-GB",
        timezone_id="Asia/Singapore",
    )
    context.set_default_timeout(15_000)
    visitor = Visitor(context.new_page(), live_server.url, pictures)
    visitor.watch()
    log_in(visitor, clinic.doctor)
    visitor.opens(f"/reviews/{review.pk}/capture/")
    yield visitor
    context.close()


def test_six_photos_are_taken_with_the_ghost_by_keyboard_alone(telephone: Visitor, review: Review) -> None:
    page = telephone.page
    page.get_by_label("Lighting").fill("ring lamp")
    page.get_by_role("button", name="Open the camera").press("Enter")
    shutter, ghost = page.get_by_role("button", name="Take the photo"), page.locator("[data-ghost]")
    expect(shutter).to_be_focused()
    turned(page, beta=80, gamma=-60)
    expect(page.locator("[data-level-word]")).to_have_text("Tilted 9°")

    baseline = review.plan.reviews.get(months=0).photos.get(view__key="vertex")
    expect(ghost).to_have_attribute("src", f"/photos/{baseline.pk}/large/")
    assert ghost.evaluate("one => one.complete && one.naturalWidth > 0 && getComputedStyle(one).opacity") == "0.4"
    page.get_by_label("Ghost").press("ArrowRight")
    assert ghost.evaluate("one => getComputedStyle(one).opacity") == "0.45"
    telephone.keeps("capture-phone-ghost")

    for view in review.view_set.views.order_by("position"):
        expect(page.locator("[data-title]")).to_have_text(view.title)
        shutter.focus()
        page.keyboard.press("Space")
        page.wait_for_selector(STEP.format("look"))
        page.keyboard.press("Enter")
        # The telephone is held askew: taking it again is offered first.
        page.wait_for_selector(STEP.format("weak"))
        expect(page.locator("[data-weak-words]")).to_contain_text("Tilted: hold the phone level")
        expect(page.get_by_role("button", name="Take again")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No view is missing")).to_be_focused()

    photos = list(review.photos.current())
    assert len({photo.view_id for photo in photos}) == 6
    assert {(photo.taken_by, photo.lighting, photo.tilt) for photo in photos} == {(TakenBy.CAPTURED, "ring lamp", 8.7)}
    assert all(min(photo.width, photo.height) >= 480 for photo in photos)
    telephone.is_clean()


def turned(page: Page, **angles: float) -> None:
    """Lay the telephone so, and let its reading settle."""
    page.context.new_cdp_session(page).send("DeviceOrientation.setDeviceOrientationOverride", {"alpha": 0, **angles})


class Line:
    """The line to the clinic: it fails once at the very first part, and from then on at every second part of a file."""

    def __init__(self, page: Page) -> None:
        self.offsets: list[int] = []
        self.is_cut = True
        page.route("**/uploads/*/", self.carry)

    def carry(self, route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        self.offsets.append(int(route.request.headers["upload-offset"]))
        if self.is_cut and (len(self.offsets) == 1 or self.offsets[-1]):
            route.abort("internetdisconnected")
        else:
            route.continue_()


def test_files_are_matched_by_hand_and_one_that_was_cut_off_goes_on(telephone: Visitor, review: Review) -> None:
    page, line, large = telephone.page, Line(telephone.page), noise()
    drop(page, **{name: paint_scalp("vertex", density=0.6, seed=at, size=(640, 480)) for at, name in enumerate("ab")})
    cards = page.locator("[data-cards] > [data-state=ready]")
    expect(cards).to_have_count(2)
    cards.first.get_by_label("Taken on").fill("2026-06-30T09:30")
    cards.first.get_by_role("button", name="Vertex").click()
    expect(cards).to_have_count(1)
    # The next picture waits under the keyboard already.
    expect(page.locator(":focus")).to_have_text("Vertex")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-capture] [data-says]")).to_contain_text("Front hairline is placed.")

    drop(page, large=large)
    cut = page.locator("[data-cards] > *")
    expect(cut).to_contain_text("No connection: goes on by itself from 1.5 MB")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    expect(cut).to_contain_text("Choose the file again to go on.")
    before, line.is_cut = len(line.offsets), False
    drop(page, large=large)
    cards.get_by_role("button", name="Midline parting").click()
    expect(page.locator("[data-count]")).to_have_text("3 of 6 taken")
    assert line.offsets[before:] == [1536 * 1024]

    photos = {photo.view.key: photo for photo in review.photos.current().select_related("view")}
    assert photos.keys() == {"vertex", "frontal", "midline"}
    assert photos["vertex"].taken_at.isoformat() == "2026-06-30T01:30:00+00:00"
    assert not Upload.objects.open().exists()
    assert [fault for fault in telephone.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []


def drop(page: Page, **files: bytes) -> None:
    """Let files fall onto the tray, as from a folder."""
    dropped = page.evaluate_handle(
        """files => {
            const fall = new DataTransfer();
            for (const [name, text] of Object.entries(files)) {
                const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
                fall.items.add(new File([bytes], `${name}.jpg`, { type: "image/jpeg", lastModified: 1780000000000 }));
            }
            return fall;
        }""",
        {name: b64encode(content).decode() for name, content in files.items()},
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})


def noise() -> bytes:
    """A picture of two parts."""
    Image.effect_noise((1200, 1000), 200).save(file := BytesIO(), "JPEG", quality=100)
    return file.getvalue()
