"""Whatever way the camera was held, what people see stands upright."""

import pytest
from PIL import ImageOps

from plans.darkroom import Darkroom, Developed

from . import corpus


def corners(photo: Developed, name: str) -> list[tuple[int, int, int]]:
    image = corpus.opened(photo.renditions[name]).convert("RGB")
    small = image.resize((2, 2), box=(0, 0, *image.size), resample=4)
    return [small.getpixel(place) for place in ((0, 0), (1, 0), (0, 1), (1, 1))]


def near(seen: tuple[int, int, int], meant: tuple[int, int, int], within: int = 25) -> bool:
    return all(abs(a - b) <= within for a, b in zip(seen, meant, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_stands_upright(room: Darkroom, kind: str, orientation: int) -> None:
    photo = room.develop(corpus.oriented(kind, orientation))

    assert (photo.width, photo.height) == (640, 480)
    for name in photo.renditions:
        seen = corners(photo, name)
        assert all(map(near, seen, [corpus.RED, corpus.GREEN, corpus.BLUE, corpus.GREY])), (name, seen)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_clean_jpeg_keeps_its_pixels_and_only_its_orientation(room: Darkroom, orientation: int) -> None:
    upload = corpus.chatty_jpeg(orientation)

    photo = room.develop(upload)

    stored = corpus.opened(photo.original)
    assert photo.pixel_exact
    assert stored.tobytes() == corpus.opened(upload).tobytes()
    assert dict(stored.getexif()) == ({} if orientation == 1 else {0x0112: orientation})
    upright = ImageOps.exif_transpose(stored)
    assert upright.size == (640, 480)
    assert near(upright.getpixel((3, 3)), corpus.RED)


def test_an_orientation_that_does_not_exist_is_ignored(room: Darkroom) -> None:
    photo = room.develop(corpus.saved(corpus.picture(), exif=corpus.camera_exif(77)))

    assert dict(corpus.opened(photo.original).getexif()) == {}
    assert (photo.width, photo.height) == (640, 480)


def test_renditions_go_down_in_size_and_are_never_enlarged(room: Darkroom) -> None:
    big = room.develop(corpus.saved(corpus.picture((4000, 3000))))
    small = room.develop(corpus.saved(corpus.picture((600, 400))))

    assert {name: corpus.opened(jpeg).size for name, jpeg in big.renditions.items()} == {
        "large": (1600, 1200),
        "medium": (800, 600),
        "thumb": (200, 150),
    }
    assert {name: max(corpus.opened(jpeg).size) for name, jpeg in small.renditions.items()} == {
        "large": 600,
        "medium": 600,
        "thumb": 200,
    }


def test_an_iphone_photo_is_read(room: Darkroom) -> None:
    photo = room.develop(corpus.heic())

    assert not photo.pixel_exact
    assert (photo.width, photo.height) == (320, 256)
    assert near(corners(photo, "large")[0], (220, 30, 30))
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2026-03-04T10:11:12"


@pytest.mark.parametrize(("turns", "red_at"), [(0, 0), (1, 2), (2, 3), (3, 1)])
def test_an_iphone_photo_stands_as_its_container_says_and_not_its_exif(room: Darkroom, turns: int, red_at: int) -> None:
    photo = room.develop(corpus.heic(turns, orientation=6))

    assert (photo.width, photo.height) == ((256, 320) if turns % 2 else (320, 256))
    assert [near(seen, (220, 30, 30)) for seen in corners(photo, "medium")] == [at == red_at for at in range(4)]


def test_an_avif_photo_is_read_and_turned(room: Darkroom) -> None:
    photo = room.develop(corpus.oriented("AVIF", 6))

    assert (photo.width, photo.height) == (640, 480)
    assert near(corners(photo, "thumb")[0], corpus.RED)
