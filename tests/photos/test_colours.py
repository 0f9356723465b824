"""Skin redness is evidence: colours arrive as they were meant."""

import io
import struct

import pytest
from PIL import Image, ImageCms

from plans.darkroom import Darkroom
from plans.darkroom.tank.icc import Space, own_profile

from . import corpus

PATCHES = [(200, 120, 100), (224, 172, 140), (120, 70, 50), (90, 110, 160), (60, 60, 60), (180, 190, 120)]


def patches(colours: list[tuple[int, int, int]]) -> Image.Image:
    image = Image.new("RGB", (600, 400))
    for index, colour in enumerate(colours):
        image.paste(colour, (index % 3 * 200, index // 3 * 200, index % 3 * 200 + 200, index // 3 * 200 + 200))
    noise = Image.effect_noise((600, 400), 6).convert("RGB")
    return Image.blend(image, noise, 0.004)


def seen(jpeg: bytes) -> list[tuple[int, int, int]]:
    image = corpus.opened(jpeg).convert("RGB").resize((600, 400), Image.Resampling.BICUBIC)
    return [
        image.resize((1, 1), Image.Resampling.BOX, (x + 60, y + 60, x + 140, y + 140)).getpixel((0, 0))
        for y in (0, 200)
        for x in (0, 200, 400)
    ]


def furthest(some: list[tuple[int, int, int]], others: list[tuple[int, int, int]]) -> int:
    return max(abs(a - b) for one, other in zip(some, others, strict=True) for a, b in zip(one, other, strict=True))


def linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def p3_to_srgb(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """By the published matrix and curve, sharing nothing with the program's profiles. Source: CSS Color 4."""
    matrix = (
        (1.2249401, -0.2249402, 0.0),
        (-0.0420570, 1.0420571, 0.0),
        (-0.0196376, -0.0786361, 1.0982735),
    )
    light = [linear(level / 255) for level in colour]
    out = []
    for row in matrix:
        level = min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True))))
        out.append(round(255 * (12.92 * level if level <= 0.0031308 else 1.055 * level ** (1 / 2.4) - 0.055)))
    return out[0], out[1], out[2]


def swapped_profile() -> bytes:
    """A profile of no standard: sRGB with its red and blue primaries exchanged, so that a miss is obvious."""
    icc = bytearray(own_profile(Space.SRGB))
    place = {bytes(icc[at : at + 4]): at for at in range(132, 132 + 12 * 9, 12)}
    red, blue = place[b"rXYZ"], place[b"bXYZ"]
    icc[red + 4 : red + 12], icc[blue + 4 : blue + 12] = icc[blue + 4 : blue + 12], icc[red + 4 : red + 12]
    return bytes(icc)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_wide_gamut_colours_are_within_six_steps(room: Darkroom, kind: str) -> None:
    options = {"subsampling": 0} if kind == "JPEG" else {}
    photo = room.develop(corpus.saved(patches(PATCHES), kind, icc_profile=own_profile(Space.DISPLAY_P3), **options))
    meant = [p3_to_srgb(colour) for colour in PATCHES]

    assert furthest(meant, PATCHES) > 12, "the profile must matter for this test to mean anything"
    for name, jpeg in photo.renditions.items():
        assert furthest(seen(jpeg), meant) <= 6, name


def test_a_display_p3_jpeg_stays_exact_with_our_own_profile(room: Darkroom) -> None:
    # Same space, other bytes: Apple's file is longer and says who made it.
    theirs = own_profile(Space.DISPLAY_P3)[:4] + b"appl" + own_profile(Space.DISPLAY_P3)[8:]
    upload = corpus.saved(patches(PATCHES), icc_profile=theirs)

    photo = room.develop(upload)

    stored = corpus.opened(photo.original)
    assert photo.pixel_exact
    assert stored.tobytes() == corpus.opened(upload).tobytes()
    assert stored.info["icc_profile"] == own_profile(Space.DISPLAY_P3)
    assert b"appl" not in photo.original


def test_an_srgb_profile_is_dropped_as_it_says_nothing(room: Darkroom) -> None:
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    photo = room.develop(corpus.saved(patches(PATCHES), icc_profile=theirs, subsampling=0))

    assert photo.pixel_exact
    assert b"ICC_PROFILE" not in photo.original
    assert furthest(seen(photo.renditions["large"]), PATCHES) <= 3


def test_a_profile_of_no_standard_is_converted_and_not_kept(room: Darkroom) -> None:
    upload = corpus.saved(patches(PATCHES), icc_profile=swapped_profile(), subsampling=0)

    photo = room.develop(upload)

    swapped = [(blue, green, red) for red, green, blue in PATCHES]
    assert not photo.pixel_exact
    assert b"ICC_PROFILE" not in photo.original
    assert furthest(seen(photo.original), swapped) <= 6
    assert furthest(seen(photo.renditions["large"]), swapped) <= 6


def test_an_unreadable_profile_counts_as_none(room: Darkroom) -> None:
    photo = room.develop(corpus.saved(patches(PATCHES), icc_profile=b"no profile at all" * 20))

    assert photo.pixel_exact
    assert b"no profile" not in photo.original


def test_a_print_shops_cmyk_is_turned_into_srgb(room: Darkroom) -> None:
    photo = room.develop(corpus.saved(patches(PATCHES).convert("CMYK"), subsampling=0))

    assert not photo.pixel_exact
    assert corpus.opened(photo.original).mode == "RGB"
    assert furthest(seen(photo.renditions["large"]), PATCHES) <= 6


def test_sixteen_bits_are_scaled_and_not_clipped(room: Darkroom) -> None:
    rows = b"".join(struct.pack("<600H", *[x * 109 for x in range(600)]) for _ in range(400))
    ramp = Image.frombytes("I;16", (600, 400), rows)

    grey = corpus.opened(room.develop(corpus.saved(ramp, "PNG")).renditions["large"]).convert("L")

    assert [abs(grey.getpixel((x, 200)) - x * 109 // 257) <= 4 for x in (10, 150, 300, 450, 590)] == [True] * 5


def test_sixteen_bits_of_colour_arrive_as_eight(room: Darkroom) -> None:
    image = corpus.opened(room.develop(corpus.deep_png()).original)
    for x, y in ((30, 30), (300, 200), (570, 370)):
        assert furthest([image.getpixel((x, y))], [(x * 109 >> 8, y * 160 >> 8, 0x80)]) <= 4


def test_see_through_pixels_become_white_paper(room: Darkroom) -> None:
    image = corpus.picture().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 320, 240))
    palette = corpus.picture().quantize(32)

    for upload in (corpus.saved(image, "PNG"), corpus.saved(image, "WEBP", lossless=True)):
        assert min(corpus.opened(room.develop(upload).original).getpixel((20, 20))) > 250
    hidden = palette.getpixel((100, 10))
    see_through = corpus.saved(palette, "PNG", transparency=hidden)
    assert min(corpus.opened(room.develop(see_through).original).getpixel((100, 10))) > 200


def test_a_grey_jpeg_stays_exact_and_an_rgb_coded_one_keeps_its_colours(room: Darkroom) -> None:
    grey = room.develop(corpus.saved(corpus.picture().convert("L")))
    rgb = room.develop(corpus.saved(patches(PATCHES), keep_rgb=True))

    assert grey.pixel_exact
    assert not rgb.pixel_exact, "without its header such a file would be read as YCbCr"
    assert furthest(seen(rgb.renditions["large"]), PATCHES) <= 4


@pytest.mark.parametrize("space", Space)
def test_our_own_profiles_are_read_by_others(space: Space) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(own_profile(space)))
    assert ImageCms.getProfileDescription(profile).strip() == space.value
    assert len(own_profile(space)) < 700
