"""Of what was uploaded, the pixels stay and the capture time; place, maker, words and further frames go."""

import hashlib
from datetime import datetime

import pytest
from PIL.PngImagePlugin import PngInfo

from clinic.rules.refusal import Refusal
from plans.darkroom import Darkroom, Developed

from . import corpus

TRACES = (
    corpus.CANARY,
    b"CANARY",
    b"GPS",
    b"http://",
    b"Photoshop",
    b"MPF",
    b"FPXR",
    b"<?php",
    b"<script",
    b"Lavc",
    b"xmpmeta",
    b"PK\x03\x04",
    b"%PDF",
)


def every_byte(photo: Developed) -> dict[str, bytes]:
    return {"original": photo.original, **photo.renditions}


def appended(tail: bytes) -> bytes:
    return corpus.chatty_jpeg(6) + tail


def thumbnail_exif() -> bytes:
    """EXIF with a small picture in it, as cameras write it: it may show what was cropped away."""
    small = corpus.saved(corpus.picture((160, 120)))
    head = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08" + b"\x00\x00" + b"\x00\x00\x00\x0e" + b"\x00\x02"
    place = b"\x02\x01\x00\x04\x00\x00\x00\x01" + (44).to_bytes(4, "big")
    length = b"\x02\x02\x00\x04\x00\x00\x00\x01" + len(small).to_bytes(4, "big")
    return head + place + length + bytes(4) + small


def talkative_png() -> bytes:
    words = PngInfo()
    words.add_text("Comment", corpus.CANARY.decode())
    words.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>" + corpus.CANARY.decode(), zip=True)
    return corpus.saved(corpus.picture(), "PNG", pnginfo=words, exif=corpus.camera_exif(6))


UPLOADS = {
    "chatty jpeg": corpus.chatty_jpeg(6),
    "thumbnail in exif": corpus.with_segments(corpus.saved(corpus.picture()), corpus.segment(0xE1, thumbnail_exif())),
    "talkative png": talkative_png(),
    "talkative webp": corpus.saved(corpus.picture(), "WEBP", xmp=corpus.CANARY * 9, exif=corpus.camera_exif(3)),
    "talkative avif": corpus.saved(corpus.picture(), "AVIF", speed=10, xmp=corpus.CANARY * 9),
    "turned heic": corpus.heic(1),
    "turned png": corpus.oriented("PNG", 6),
    "turned webp": corpus.oriented("WEBP", 3),
    "avif": corpus.oriented("AVIF", 1),
    "heic": corpus.heic(),
    "text bomb": corpus.text_bomb_png(),
    "two-frame mpo": corpus.mpo(),
    "php behind": appended(b"<?php system($_GET['c']); ?>" + corpus.CANARY),
    "page behind": appended(b"<html><script>alert(1)</script></html>" + corpus.CANARY),
    "script behind": appended(b"*/=1;alert(document.cookie);/*" + corpus.CANARY),
    "page in a comment": corpus.with_segments(
        corpus.saved(corpus.picture()), corpus.segment(0xFE, b"<html><script>alert(1)</script>" + corpus.CANARY)
    ),
    "also a zip": appended(b"PK\x03\x04" + corpus.CANARY + b"PK\x05\x06" + bytes(18)),
    "also a pdf": corpus.with_segments(
        corpus.saved(corpus.picture()), corpus.segment(0xFE, b"\n%PDF-1.7\n" + corpus.CANARY)
    ),
    "png also a zip": corpus.saved(corpus.picture(), "PNG") + b"PK\x03\x04" + corpus.CANARY,
    "webp also a page": corpus.saved(corpus.picture(), "WEBP") + b"<html><script>" + corpus.CANARY,
    "avif also a script": corpus.saved(corpus.picture(), "AVIF", speed=10) + b"<?php " + corpus.CANARY,
    "second jpeg behind": appended(corpus.chatty_jpeg()),
    "cmyk": corpus.with_segments(
        corpus.saved(corpus.picture().convert("CMYK"), exif=corpus.camera_exif(8)), corpus.segment(0xFE, corpus.CANARY)
    ),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_nothing_stored_carries_a_trace(room: Darkroom, name: str) -> None:
    photo = room.develop(UPLOADS[name])

    for what, stored in every_byte(photo).items():
        assert not [trace for trace in TRACES if trace in stored], what
        assert stored.count(b"\xff\xd8\xff") == 1, f"{what}: a picture inside the picture"
        assert stored.endswith(b"\xff\xd9")
        assert getattr(corpus.opened(stored), "n_frames", 1) == 1
        kinds = {marker for marker, _ in corpus.markers(stored)}
        assert kinds <= {0xE0, 0xE1, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD}, what
        assert stored.count(b"Exif") == (1 if 0xE1 in kinds else 0)
        assert (0xE1 in kinds) <= (what == "original" and photo.pixel_exact)


def test_the_capture_time_is_kept_as_the_camera_said_it(room: Darkroom) -> None:
    assert room.develop(corpus.chatty_jpeg()).taken_at == datetime(2026, 3, 4, 10, 11, 12)
    assert room.develop(corpus.saved(corpus.picture())).taken_at is None


@pytest.mark.parametrize("nonsense", ["0000:00:00 00:00:00", "yesterday", "2026:13:45 10:00:00", "1066:10:14 09:00:00"])
def test_a_nonsense_capture_time_counts_as_none(room: Darkroom, nonsense: str) -> None:
    exif = corpus.camera_exif().replace(b"2026:03:04 10:11:12", nonsense.encode().ljust(19, b"\0"))
    assert room.develop(corpus.saved(corpus.picture(), exif=exif)).taken_at is None


def test_broken_exif_is_no_reason_to_refuse(room: Darkroom) -> None:
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + b"\x01\x12\x00\x03\xff\xff\xff\xff" * 40
    photo = room.develop(corpus.with_segments(corpus.saved(corpus.picture()), corpus.segment(0xE1, exif)))
    assert photo.pixel_exact


def test_the_second_frame_of_a_phones_jpeg_is_dropped(room: Darkroom) -> None:
    photo = room.develop(corpus.mpo())

    assert photo.pixel_exact
    assert getattr(corpus.opened(photo.original), "n_frames", 1) == 1
    assert len(photo.original) < len(corpus.mpo())


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_stays(room: Darkroom, kind: str) -> None:
    photo = room.develop(corpus.animated(kind))

    red, green, blue = corpus.opened(photo.original).convert("RGB").getpixel((4, 4))
    assert red > 180
    assert max(green, blue) < 70


def test_a_table_with_a_stowaway_behind_it_is_refused(room: Darkroom) -> None:
    stowaway = corpus.segment(0xDB, bytes([0]) + bytes(range(1, 65)) + corpus.CANARY)
    with pytest.raises(Refusal) as refused:
        room.develop(corpus.with_segments(corpus.saved(corpus.picture()), stowaway))
    assert refused.value.code == "photo_broken"


@pytest.mark.parametrize(
    "stowaway",
    [
        corpus.segment(0xDB, bytes([0]) + corpus.CANARY.ljust(64, b"x")),
        corpus.segment(0xDB, bytes([3]) + corpus.CANARY.ljust(64, b"x")),
        corpus.segment(0xC4, bytes([0x13, 0, 0, 0, 0, 15]) + bytes(11) + corpus.CANARY),
    ],
    ids=["a table written over", "a table nobody uses", "a code nobody uses"],
)
def test_words_hidden_as_a_table_are_not_carried_along(room: Darkroom, stowaway: bytes) -> None:
    photo = room.develop(corpus.with_segments(corpus.saved(corpus.picture()), stowaway))

    assert not photo.pixel_exact
    assert corpus.CANARY not in photo.original


@pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}, {"restart_marker_rows": 2}, {}])
def test_every_usual_kind_of_jpeg_stays_exact(room: Darkroom, options: dict[str, object]) -> None:
    for image in (corpus.picture(), corpus.picture().convert("L")):
        upload = corpus.saved(image, **options)
        photo = room.develop(upload)
        assert photo.pixel_exact
        assert corpus.opened(photo.original).tobytes() == corpus.opened(upload).tobytes()


def test_sums_are_of_what_came_and_of_what_is_kept(room: Darkroom) -> None:
    upload = corpus.chatty_jpeg()
    photo = room.develop(upload)

    assert photo.source_sha256 == hashlib.sha256(upload).hexdigest()
    assert photo.sha256 == hashlib.sha256(photo.original).hexdigest()
    assert photo.sha256 != photo.source_sha256
    assert photo.original_media_type == "image/jpeg"
