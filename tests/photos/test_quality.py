"""A weak photo says at once what to do better."""

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from plans.darkroom import Darkroom, Developed, Quality, advise
from plans.darkroom.painter import paint_scalp

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


def test_advice_names_the_most_important_first() -> None:
    poor = Quality(sharpness=1, brightness=20, clipped_dark=0.6, clipped_light=0, width=500, height=400)
    assert [sentence.split(":")[0] for sentence in advise(poor)] == ["Too dark", "Blurred", "Small"]
