"""Sending photos over HTTP: what the page is answered, in good times and in bad."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from plans.models import Photo, Upload
from plans.operations.uploads import LARGEST_PART
from plans.operations.uploads_develop import FORGOTTEN
from plans.rules.states import UploadState
from plans.views import uploads
from tests.photos import corpus
from tests.photos.sending import Sender, develop, full, in_media, in_tray

pytestmark = pytest.mark.django_db


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the darkroom does has its own tests."""
    monkeypatch.setattr(uploads, "develop", develop)


@pytest.fixture
def page(sender: Sender) -> Page:
    return Page(sender, "doctor")


class Page:
    """The scripts of a page, logged in."""

    def __init__(self, sender: Sender, who: str) -> None:
        self.review = sender.review
        self.browser = Client()
        self.browser.force_login(getattr(sender.cast, who))

    def post(self, name: str, about: object, status: int = 200, **said: object) -> dict[str, Any]:
        where = reverse(f"plans:{name}", args=[about])
        answer = self.browser.post(where, json.dumps(said), content_type="application/json")
        assert answer.status_code == status, answer.content
        return dict(answer.json())

    def begin(self, size: int, status: int = 201, fingerprint: str = "fingerprint", **said: object) -> dict[str, Any]:
        return self.post("upload-begin", self.review.pk, status, size=size, fingerprint=fingerprint, **said)

    def part(self, key: str, offset: object, part: bytes, status: int = 200) -> dict[str, Any]:
        where = reverse("plans:upload", args=[key])
        kind = {"content_type": "application/octet-stream", "headers": {"Upload-Offset": str(offset)}}
        answer = self.browser.patch(where, part, **kind)
        assert answer.status_code == status, answer.content
        return dict(answer.json())

    def sent(self, raw: bytes, **said: Any) -> dict[str, Any]:
        return self.part(self.begin(len(raw), **said)["id"], 0, raw)

    def get(self, name: str, about: object) -> dict[str, Any]:
        return dict(self.browser.get(reverse(f"plans:{name}", args=[about])).json())


@cache
def jpeg() -> bytes:
    sheet = BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:10:04 10:00:00"
    corpus.picture().save(sheet, "JPEG", exif=exif)
    return sheet.getvalue()


def test_a_photo_comes_in_two_parts_is_seen_and_placed(page: Page, sender: Sender) -> None:
    """The whole way, with the darkroom at work."""
    view, raw = sender.views[0], jpeg()
    begun = page.begin(len(raw), conditions={"lighting": "ring lamp", "distance_cm": 30, "is_wet": True, "tilt": 2.5})
    assert (begun["state"], begun["received"], begun["photo"]) == ("receiving", 0, None)
    page.part(begun["id"], 0, raw[:500])
    late = page.part(begun["id"], 0, raw[:500], status=409)
    assert (late["code"], late["received"], late["state"]) == ("offset", 500, "receiving")
    assert page.begin(len(raw))["id"] == begun["id"], "the same file goes on"
    ready = page.part(begun["id"], 500, raw[500:])
    assert (ready["state"], ready["needs_time"], ready["taken_at"]) == ("ready", False, "2026-10-04T10:00:00")
    shown = page.browser.get(ready["thumb"])
    assert b"".join(shown).startswith(b"\xff\xd8\xff") and shown["Cache-Control"] == "private, no-store"
    assert page.browser.get(ready["thumb"].replace("thumb", "original")).status_code == 404
    placed = page.post("upload-place", ready["id"], view=str(view.pk), conditions={"lighting": "ring lamp"})
    assert placed["photo"] | {"id": "", "advice": []} == {
        "id": "", "view": str(view.pk), "advice": [], "taken_at": placed["photo"]["taken_at"], "taken_by": "camera",
        "thumb": placed["thumb"], "medium": placed["medium"], "is_current": True,
    }  # fmt: skip
    photo = Photo.objects.get(pk=placed["photo"]["id"])
    assert (photo.lighting, photo.view, len(in_media()), in_tray()) == ("ring lamp", view, 4, set())
    assert [one["id"] for one in page.get("upload-begin", page.review.pk)["placed"]] == [ready["id"]]
    assert page.browser.get(ready["thumb"]).status_code == 404, "it is a photo now"


def test_a_photo_without_a_clock_asks_for_the_day(page: Page, sender: Sender) -> None:
    raw = corpus.saved(corpus.picture())
    ready = page.sent(raw, view=str(sender.views[0].pk))
    assert (ready["state"], ready["needs_time"], ready["code"]) == ("ready", True, "taken_when")
    for said, status in (("2126-01-01", 422), ("31 May", 422), ("2026-02-30", 422), ("2026-10-01", 200)):
        placed = page.post("upload-place", ready["id"], status, view=str(sender.views[0].pk), taken_at=said)
    assert placed["photo"]["taken_by"] == "said"
    assert sender.cast.at(sender.cast.today.replace(day=1), 12) == Photo.objects.get().taken_at


def test_what_is_no_photo_says_so_and_is_discarded(page: Page) -> None:
    refused = page.sent(b"<!DOCTYPE html><script>alert(1)</script>")
    assert (refused["state"], refused["code"]) == ("refused", "photo_format")
    assert refused["sentence"].startswith("This is a web page or a script, not a photo we keep")
    assert page.post("upload-discard", refused["id"])["state"] == "discarded"
    assert page.get("upload-begin", page.review.pk)["uploads"] == []


@pytest.mark.parametrize(
    ("setting", "most", "size", "status", "code"),
    [
        ("PHOTO_BYTES_PER_PATIENT", 10, 11, 413, "quota"),
        ("PHOTO_BYTES_PER_HOUR", 10, 11, 429, "too_many"),
        ("PHOTO_MOST_OPEN", 0, 11, 429, "too_many"),
        ("PHOTO_DISK_FLOOR", 10**18, 11, 507, "disk_full"),
        ("PHOTO_MOST_OPEN", 9, 40_000_001, 413, "photo_too_big"),
        ("PHOTO_MOST_OPEN", 9, 0, 422, "photo_empty"),
    ],
)
def test_what_is_too_much_is_answered_in_its_own_way(
    page: Page, settings: Any, setting: str, most: int, size: int, status: int, code: str
) -> None:
    setattr(settings, setting, most)
    said = page.begin(size, status)
    assert (said["code"], said["sentence"].endswith("."), Upload.objects.exists()) == (code, True, False)


def test_what_a_page_never_sends_is_refused_without_harm(page: Page, sender: Sender) -> None:
    where = reverse("plans:upload-begin", args=[page.review.pk])
    for body in ("{", "[]", "1", '"x"', "[" * 5000, '{"size": {"a": 1}}', '{"size": 1, "fingerprint": "../../etc"}',
                 '{"size": 1, "fingerprint": "longenough", "conditions": {"tilt": NaN}}',
                 '{"size": 1, "fingerprint": "longenough", "view": "nowhere"}'):  # fmt: skip
        assert page.browser.post(where, body, content_type="application/json").status_code == 422, body
    key = page.begin(9)["id"]
    for offset in ("", "-1", "x", "1e3", "٣", "9" * 30):
        assert page.part(key, offset, b"123", status=422)["code"] == "unreadable"
    assert page.part(key, 0, bytes(LARGEST_PART + 1), status=413)["code"] == "part_too_big"
    assert page.part(key, 0, b"", status=422)["code"] == "unreadable"
    assert page.part(key, 0, bytes(10), status=422)["code"] == "too_much"
    assert page.post("photo-move", sender.placed(b"one").pk, 422, view="../../x")["code"] == "wrong_view"
    assert [row.received for row in Upload.objects.filter(pk=key)] == [0]


def test_a_batch_goes_to_the_worker_and_comes_back_when_nobody_is_at_it(
    page: Page, sender: Sender, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[UUID] = []
    monkeypatch.setattr(uploads, "tell_darkroom", lambda about: told.append(about) or True)
    waits = page.sent(b"photo", many=True)
    assert (waits["state"], told) == ("received", [page.review.pk])
    assert page.get("upload", waits["id"])["state"] == "received"
    sender.cast.now += FORGOTTEN + timedelta(seconds=1)
    [now] = page.get("upload-begin", page.review.pk)["uploads"]
    assert now["state"] == "ready", "a worker that died keeps nobody waiting"
    # No broker answers: at once, in the request.
    monkeypatch.setattr(uploads, "tell_darkroom", lambda _: False)
    assert page.sent(b"another", fingerprint="another-file", many=True)["state"] == "ready"


def test_one_alone_is_developed_by_the_next_look_when_its_request_died(
    page: Page, sender: Sender, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sender.received(b"photo", view_id=sender.views[0].pk)
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", full)
        [waits] = page.get("upload-begin", page.review.pk)["uploads"]
        assert waits["state"] == page.get("upload", row.pk)["state"] == "received"
    assert page.get("upload", row.pk)["state"] == "placed"


def test_a_full_disk_says_so_and_the_page_sends_the_part_again(
    page: Page, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = page.begin(5)["id"]
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        said = page.part(key, 0, b"photo", status=507)
    assert said["code"] == "disk_full" and "Tell your manager" in said["sentence"]
    assert (in_tray(), Upload.objects.get().received) == (set(), 0)
    assert page.part(key, 0, b"photo")["state"] == "ready"


def test_two_hundred_at_once_are_listed_with_a_handful_of_queries(page: Page, sender: Sender, settings: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = page.get("upload-begin", page.review.pk)
        assert len(found["uploads"]) == Upload.objects.open().count()
        return len(asked)

    page.get("upload-begin", page.review.pk)
    [sender.begin(b"few") for _ in range(3)]
    few = cost()
    rows = [sender.begin(bytes(100)) for _ in range(100)]
    Upload.objects.bulk_create(
        Upload(
            review=page.review, state=UploadState.READY, size=9, received=9, fingerprint=f"ready-{number:04}",
            wish=rows[0].wish, files={"thumb": "x"}, figures={"taken_at": None, "advice": ["Too dark."]},
            created_at=sender.cast.now, created_by=sender.cast.doctor, touched_at=sender.cast.now,
        )
        for number in range(100)
    )  # fmt: skip
    assert cost() == few <= 8
    sender.begin(b"one more")
    with CaptureQueriesContext(connection) as asked:
        sender.begin(b"and one")
    assert len(asked) <= 16, "the limits are asked in sums, however many are open"


HOSTILE_NAMES = (
    "../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/shadow", "C:\\boot.ini", "photo.php", "photo.jpg.php",
    "photo.php.jpg", "photo.jpg\x00.php", "photo.asp;.jpg", "photo.svg", ".htaccess", "web.config", "con", "nul.jpg",
    "aux", "com1.jpg", "lpt1", "...", ".", "-rf", "--help", "~root", "$(id).jpg", "`id`.jpg", ";ls;.jpg", "|id",
    "&calc", "photo\n.jpg", "photo\r\nX: y.jpg", "photo\t.jpg", "<script>alert(1)</script>.jpg",
    "\"><img src=x onerror=alert(1)>.jpg", "'; DROP TABLE plans_photo; --.jpg", "{{7*7}}.jpg", "{% debug %}.jpg",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00.jpg", "..%c0%af..%c0%afx", "a" * 300 + ".jpg", "é" * 130 + ".jpg", " .jpg",
    "photo .jpg ", "\u202egpj.exe", "photo\u200b.jpg", "\ufeffphoto.jpg", "фото.jpg", "写真.jpg", "صورة.jpg", "📷.jpg",
    "photo/..", "./photo.jpg", "//server/share/x.jpg", "\\\\server\\share", "file:///etc/passwd", "http://x/y.jpg",
    "photo.jpg/", "photo.jpg:stream", "photo.jpg::$DATA", "%s%s%s%n.jpg", "{0}.jpg", "*.jpg", "?.jpg", "[a-z].jpg",
    "photo|.jpg", "photo>.jpg", "photo<.jpg", "photo\".jpg", "photo'.jpg", "=cmd|' /C calc'!A0.jpg", "@SUM(1).jpg",
    "photo.jpeg.exe", "photo.phtml", "photo.jsp%00.jpg", "photo.sh", "photo.html",
    "desktop.ini", "Thumbs.db", "__init__.py", "manage.py", "Noor Sample0 vertex.jpg",
)  # fmt: skip

NO_NAMES = (".", "photo/..")


def test_the_name_of_a_file_is_never_taken(page: Page, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain form is the only way a name comes in at all."""
    monkeypatch.setattr("plans.views.photos.develop_many", lambda uploads: (develop(raw) for raw in uploads))
    assert len(HOSTILE_NAMES) == 80
    where = reverse("plans:photo-add", args=[page.review.pk])
    for number, name in enumerate(HOSTILE_NAMES):
        view = sender.views[number % len(sender.views)]
        file = SimpleUploadedFile("x", f"photo {number}".encode(), "image/jpeg")
        file._name = name  # SimpleUploadedFile would tidy it up itself
        answer = page.browser.post(where, {f"view-{view.pk}": file})
        # A name that is none at all is as if no file was chosen.
        assert answer.status_code == (200 if name in NO_NAMES else 302), name
    photos = Photo.objects.all()
    assert len(photos) == 80 - len(NO_NAMES)
    names = {getattr(photo, kind).name for photo in photos for kind in ("original", "large", "medium", "thumb")}
    assert in_media() == names, "and nothing anywhere else"
    assert all(name.rpartition("/")[2].rpartition("-")[0].isalnum() for name in names)
    told = page.browser.get(reverse("plans:photo", args=[photos[0].pk, "original"]))["Content-Disposition"]
    assert "Noor" not in told and "Sample" not in told


def test_the_plain_form_takes_the_day_for_files_that_do_not_say(page: Page, sender: Sender) -> None:
    where = reverse("plans:photo-add", args=[page.review.pk])

    def sent(number: int, raw: bytes, day: str) -> Any:
        named = {f"view-{sender.views[number].pk}": SimpleUploadedFile("x.jpg", raw, "image/jpeg")}
        return page.browser.post(where, {**named, "taken_on": day})

    silent = corpus.saved(corpus.picture())
    assert "does not say when it was taken" in sent(0, silent, "").content.decode()
    assert sent(0, silent, "2126-01-01").status_code == 200
    assert not Photo.objects.exists()
    assert sent(0, silent, "2026-10-01").status_code == sent(1, jpeg(), "2026-10-01").status_code == 302
    assert [photo.taken_by for photo in Photo.objects.order_by("view__position")] == ["said", "camera"]
