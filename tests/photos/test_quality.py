"""A weak photo says at once what to do better."""

from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from plans.darkroom import Darkroom, Developed, Quality, Thresholds, advise
from plans.darkroom.painter import VIEWS, paint_scalp

from . import corpus

SCALP = paint_scalp("vertex", density=0.5, seed=11)


def developed(room: Darkroom, image: Image.Image) -> Developed:
    return room.develop(corpus.saved(image))


def test_a_good_photo_gets_no_advice(room: Darkroom) -> None:
    assert room.develop(SCALP).advice == ()


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda image: ImageEnhance.Brightness(image).enhance(0.3), "Too dark"),
        (lambda image: image.point(lambda level: min(255, 150 + level)), "Too bright"),
        (lambda image: image.filter(ImageFilter.GaussianBlur(6)), "Blurred"),
        (lambda image: image.resize((640, 480)), "Small"),
    ],
)
def test_a_spoilt_photo_says_what_to_do(room: Darkroom, spoil, word: str) -> None:
    advice = developed(room, spoil(corpus.opened(SCALP))).advice
    assert any(sentence.startswith(f"{word}:") for sentence in advice), advice


def test_glare_is_told_from_brightness(room: Darkroom) -> None:
    image = corpus.opened(SCALP)
    image.paste((255, 255, 255), (300, 200, 800, 600))
    photo = developed(room, image)
    assert photo.quality.clipped_light == pytest.approx(500 * 400 / (1200 * 900), abs=0.01)
    assert photo.advice[0].startswith("Glare:")


def test_sharpness_falls_with_every_blur(room: Darkroom) -> None:
    image = corpus.opened(SCALP)
    figures = [
        developed(room, image.filter(ImageFilter.GaussianBlur(radius))).quality.sharpness for radius in (0, 1, 2, 4, 8)
    ]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 10 * figures[-1]


def test_the_figures_are_those_of_the_definition(room: Darkroom) -> None:
    """Against the variance computed pixel by pixel, on a photo that needs no shrinking."""
    image = corpus.picture((400, 300)).filter(ImageFilter.GaussianBlur(1))
    upload = corpus.saved(image)
    grey = corpus.opened(upload).convert("L")
    at = grey.load()
    answers = [
        at[x - 1, y] + at[x + 1, y] + at[x, y - 1] + at[x, y + 1] - 4 * at[x, y]
        for y in range(1, 299)
        for x in range(1, 399)
    ]
    mean = sum(answers) / len(answers)

    quality = room.develop(upload).quality

    assert quality.sharpness == pytest.approx(sum((a - mean) ** 2 for a in answers) / len(answers), rel=0.02)
    assert quality.brightness == pytest.approx(sum(grey.tobytes()) / (400 * 300), abs=0.1)


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def shaken(image: Image.Image) -> Image.Image:
    """Moved sideways by a fiftieth of its width while it was taken."""
    step = image.width // 50
    return image.resize((image.width // step, image.height), Image.Resampling.BOX).resize(
        image.size, Image.Resampling.BICUBIC
    )


def lit(image: Image.Image, times: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(times)


def flashed(image: Image.Image) -> Image.Image:
    """A white spot over a seventh of the picture, with a soft rim."""
    width, height = image.size
    spot = Image.new("L", image.size)
    ImageDraw.Draw(spot).ellipse((width * 0.31, height * 0.2, width * 0.69, height * 0.7), fill=255)
    white = image.copy()
    white.paste((255, 255, 255), mask=spot.filter(ImageFilter.GaussianBlur(12)))
    return white


GOOD_ONES = {
    "as painted": lambda image: image,
    "a little soft": lambda image: blurred(image, 0.8),
    "a little dark": lambda image: lit(image, 0.8),
    "a little bright": lambda image: lit(image, 1.2),
}
WEAK_ONES = {
    "out of focus": (lambda image: blurred(image, 3), "Blurred"),
    "far out of focus": (lambda image: blurred(image, 8), "Blurred"),
    "shaken": (shaken, "Blurred"),
    "dark": (lambda image: lit(image, 0.3), "Too dark"),
    "very dark": (lambda image: lit(image, 0.15), "Too dark"),
    "too bright": (lambda image: image.point(lambda level: min(255, 150 + level)), "Too bright"),
    "flash": (flashed, "Glare"),
    "its preview": (lambda image: image.resize((800, 600)), "Small"),
}


def painted(seeds: range, densities: tuple[float, ...], views: tuple[str, ...] = VIEWS) -> Iterator[Image.Image]:
    for seed in seeds:
        for at, view in enumerate(views):
            yield corpus.opened(paint_scalp(view, density=densities[(at + seed) % len(densities)], seed=seed))


def judge(room: Darkroom, scalps: Iterator[Image.Image]) -> tuple[list[bool], list[bool]]:
    """Which weak photos were named by their fault, and which good ones called weak, each held level or tilted."""
    named, false_alarms = [], []
    for number, scalp in enumerate(scalps):
        level, askew = (-1) ** number * (number % 8), (-1) ** number * (9 + number % 30)
        for change in GOOD_ONES.values():
            quality = developed(room, change(scalp)).quality
            false_alarms.append(bool(advise(quality, Thresholds(), tilt=level)))
            named.append([word(one) for one in advise(quality, Thresholds(), tilt=askew)] == ["Tilted"])
        for change, fault in WEAK_ONES.values():
            named.append(fault in map(word, advise(developed(room, change(scalp)).quality)))
    return named, false_alarms


def word(sentence: str) -> str:
    return sentence.split(":")[0]


def hold(named: list[bool], false_alarms: list[bool]) -> None:
    assert sum(named) >= 0.95 * len(named), f"{named.count(False)} of {len(named)} weak ones missed"
    assert sum(false_alarms) <= 0.05 * len(false_alarms), f"{sum(false_alarms)} of {len(false_alarms)} good ones called"


def test_weak_photos_are_named_and_good_ones_left_alone(room: Darkroom) -> None:
    hold(*judge(room, painted(range(1, 2), (0.15, 0.5, 0.95), VIEWS[:6:2])))


@pytest.mark.long
def test_weak_photos_of_every_view_skin_and_density_are_named(room: Darkroom) -> None:
    hold(*judge(room, painted(range(2, 8), (0.05, 0.3, 0.6, 0.9, 1.0))))


def test_a_photo_held_askew_says_so_and_one_nobody_measured_does_not() -> None:
    good = Quality(sharpness=500, brightness=100, clipped_dark=0, clipped_light=0, width=3000, height=4000)
    assert [word(one) for tilt in (8.5, -8.5) for one in advise(good, tilt=tilt)] == ["Tilted", "Tilted"]
    assert advise(good, tilt=8.0) == advise(good, tilt=None) == ()
    assert advise(good, Thresholds(most_tilt=20), tilt=19) == ()


def test_advice_names_the_most_important_first() -> None:
    poor = Quality(sharpness=1, brightness=20, clipped_dark=0.6, clipped_light=0, width=500, height=400)
    assert [sentence.split(":")[0] for sentence in advise(poor)] == ["Too dark", "Blurred", "Small"]
