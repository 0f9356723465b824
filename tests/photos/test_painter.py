"""The demo's pictures: clearly drawn, and the same head each time with more or less hair."""

import pytest
from PIL import Image

from plans.darkroom import Darkroom
from plans.darkroom.painter import VIEWS, paint_scalp

from . import corpus


def darkness(jpeg: bytes) -> float:
    grey = corpus.opened(jpeg).convert("L").resize((1, 1), Image.Resampling.BOX)
    return 255 - grey.getpixel((0, 0))


@pytest.mark.parametrize("view", VIEWS)
def test_more_density_is_more_hair(view: str) -> None:
    painted = [darkness(paint_scalp(view, density=density, seed=4)) for density in (0.1, 0.5, 0.9)]
    assert painted == sorted(painted)
    assert painted[2] - painted[0] >= 2


def test_the_same_seed_paints_the_same_picture() -> None:
    one, again, other = (paint_scalp("midline", density=0.4, seed=seed) for seed in (9, 9, 10))
    assert one == again
    assert one != other


def test_a_painted_photo_passes_the_darkroom_as_it_is(room: Darkroom) -> None:
    photo = room.develop(paint_scalp("frontal", density=0.6, seed=2, caption="month 3"))
    assert photo.pixel_exact
    assert photo.advice == ()
    assert (photo.width, photo.height) == (1200, 900)


def test_any_size_can_be_asked() -> None:
    assert corpus.opened(paint_scalp("occipital", density=2.0, seed=1, size=(640, 480))).size == (640, 480)
