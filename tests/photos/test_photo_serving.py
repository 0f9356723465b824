"""A stored photo is given to who may see it, in one piece or in ranges, kept nowhere, and never read whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse

from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import Photo
from plans.views import photo_stream
from tests.photos.sending import Sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(sender: Sender) -> Photo:
    return sender.placed(b"photo")


@pytest.fixture
def doctor(sender: Sender) -> Client:
    return logged_in(sender, "doctor")


def logged_in(sender: Sender, who: str) -> Client:
    browser = Client()
    browser.force_login(getattr(sender.cast, who))
    return browser


def place(photo: Photo, size: str = "large") -> str:
    return reverse("plans:photo", args=[photo.pk, size])


def whole(photo: Photo, size: str = "large") -> bytes:
    with getattr(photo, size).open() as file:
        return bytes(file.read())


def test_every_size_is_given_whole_as_what_it_is_and_kept_nowhere(doctor: Client, photo: Photo) -> None:
    for size in ("original", "large", "medium", "thumb"):
        answer = doctor.get(place(photo, size))
        assert b"".join(answer) == whole(photo, size)
        how = "attachment" if size == "original" else "inline"
        name = f"{photo.view.key}-{photo.review.key}-{photo.pk.hex[-8:]}-{size}.jpg"
        wanted = {
            "Content-Type": "image/jpeg", "Content-Length": str(len(whole(photo, size))),
            "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store", "Accept-Ranges": "bytes",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": f'{how}; filename="{name}"',
        }  # fmt: skip
        assert {name: answer[name] for name in wanted} == wanted
        head = doctor.head(place(photo, size))
        assert (head.content, head["Content-Length"], head["ETag"]) == (b"", wanted["Content-Length"], answer["ETag"])
    assert doctor.get(place(photo, "source")).status_code == 404
    assert doctor.post(place(photo)).status_code == 405


RANGES = [
    ("bytes=0-0", 206, slice(0, 1)),
    ("bytes=10-19", 206, slice(10, 20)),
    ("bytes=100-", 206, slice(100, None)),
    ("bytes=-50", 206, slice(-50, None)),
    ("bytes=-99999999", 206, slice(None)),
    ("bytes=0-99999999", 206, slice(None)),
    ("bytes=99999999-", 416, None),
    ("bytes=-0", 416, None),
    ("bytes=20-10", 200, slice(None)),
    ("bytes=0-1,5-6", 200, slice(None)),
    ("bytes=-", 200, slice(None)),
    ("lines=0-1", 200, slice(None)),
    ("bytes=" + "9" * 40 + "-", 200, slice(None)),
]


def test_ranges_are_answered_as_the_standard_says(doctor: Client, photo: Photo) -> None:
    content = whole(photo)
    for asked, status, part in RANGES:
        answer = doctor.get(place(photo), headers={"Range": asked})
        assert answer.status_code == status, asked
        if part is None:
            assert (answer["Content-Range"], answer.content) == (f"bytes */{len(content)}", b""), asked
            continue
        got = b"".join(answer)
        assert (got, answer["Content-Length"]) == (content[part], str(len(got))), asked
        if status == 206:
            first = content.index(got) if len(got) > 1 else 0
            assert answer["Content-Range"] == f"bytes {first}-{first + len(got) - 1}/{len(content)}", asked


def test_a_version_that_is_known_is_not_sent_again_and_a_range_of_another_is_the_whole(
    doctor: Client, photo: Photo
) -> None:
    etag = doctor.get(place(photo))["ETag"]
    assert doctor.get(place(photo, "thumb"))["ETag"] != etag
    for known in (etag, f'W/{etag}, "x"', "*"):
        assert doctor.get(place(photo), headers={"If-None-Match": known}).status_code == 304
    for version, status in ((etag, 206), ('"another"', 200), ("Mon, 05 Oct 2026 01:00:00 GMT", 200)):
        answer = doctor.get(place(photo), headers={"Range": "bytes=0-9", "If-Range": version})
        assert (answer.status_code, answer.streaming) == (status, True)


class Watched:
    """An open file that remembers how much was asked of it at once."""

    def __init__(self, file: Any, largest: list[int]) -> None:
        self._file, self._largest = file, largest

    def read(self, size: int = -1) -> bytes:
        self._largest.append(size if size >= 0 else 10**9)
        return bytes(self._file.read(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_forty_megabytes_go_out_in_small_blocks(doctor: Client, photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(photo.original.path)
    with path.open("r+b") as file:
        file.truncate(40_000_000)
    largest = [0]
    real = FileSystemStorage.open

    def watched(self: FileSystemStorage, name: str, mode: str = "rb") -> Any:
        file = real(self, name, mode)
        file.file = Watched(file.file, largest)
        return file

    monkeypatch.setattr(FileSystemStorage, "open", watched)
    for headers, length in (({}, 40_000_000), ({"Range": "bytes=1000000-"}, 39_000_000)):
        answer = doctor.get(place(photo, "original"), headers=headers)
        assert sum(len(block) for block in answer) == length
    assert 0 < max(largest) <= photo_stream.BLOCK


def test_after_consent_is_withdrawn_nothing_is_shown_any_more(doctor: Client, photo: Photo, sender: Sender) -> None:
    waits = reverse("plans:upload-shown", args=[sender.developed(b"waits").pk, "thumb"])
    assert doctor.get(waits).status_code == 200
    consent = sender.plan.patient.consents.in_force().get(topic="photo_record")
    withdraw_consent(consent_id=consent.pk, withdrawn_on=sender.cast.today, **{**sender.whose, "by": sender.cast.desk})
    for where in (*(place(photo, size) for size in ("original", "large", "medium", "thumb")), waits):
        for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}):
            answer = doctor.get(where, headers=headers)
            assert answer.status_code == 403
            assert b"\xff\xd8" not in answer.content and b"Sample" not in answer.content
    sender.cast.consent(sender.plan.patient, ConsentTopic.PHOTO_RECORD)
    assert doctor.get(place(photo)).status_code == 200


def test_nobody_else_gets_a_byte_whatever_they_ask_for(photo: Photo, sender: Sender) -> None:
    """Every role at every address is in the table of addresses; here: every size, ranges, and a session that is over."""
    over = logged_in(sender, "doctor")
    Session.objects.update(expire_date=sender.cast.now - timedelta(days=4000))
    people = {"over": (over, 302), "anonymous": (Client(), 302)}
    people |= {who: (logged_in(sender, who), 403) for who in ("desk", "manager")}
    people["outsider"] = (logged_in(sender, "outsider"), 404)
    for who, (browser, status) in people.items():
        for size in ("original", "large", "medium", "thumb"):
            for headers in ({}, {"Range": "bytes=0-9"}):
                answer = browser.get(place(photo, size), headers=headers)
                assert (answer.status_code, answer.has_header("ETag")) == (status, False), who
    guessed = place(photo).replace(str(photo.pk), str(photo.review_id))
    assert logged_in(sender, "doctor").get(guessed).status_code == 404


def test_the_web_server_in_front_sends_the_file_after_the_program_looked(
    doctor: Client, photo: Photo, sender: Sender, settings: Any
) -> None:
    settings.PHOTO_SENDFILE = "/protected-media/"
    answer = doctor.get(place(photo))
    assert (answer.content, answer["X-Accel-Redirect"]) == (b"", f"/protected-media/{photo.large.name}")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "private, no-store")
    assert not logged_in(sender, "desk").get(place(photo)).has_header("X-Accel-Redirect")


def test_a_bucket_is_reached_by_an_address_that_soon_ends(
    doctor: Client, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bucket:
        def url(self, name: str, parameters: dict[str, str]) -> str:
            said = parameters["ResponseContentDisposition"]
            return f"https://s3.example.org/{name}?type={parameters['ResponseContentType']}&{said.partition(';')[0]}"

    monkeypatch.setattr(photo_stream, "default_storage", Bucket())
    answer = doctor.get(place(photo, "original"))
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
    assert answer["Location"] == f"https://s3.example.org/{photo.original.name}?type=image/jpeg&attachment"


def test_a_file_that_is_gone_is_not_found(doctor: Client, photo: Photo) -> None:
    Path(photo.large.path).unlink()
    assert doctor.get(place(photo)).status_code == 404
