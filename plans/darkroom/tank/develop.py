"""From an upload to what is stored: one original, three renditions, figures, and the capture time."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from . import containers, jpeg
from .exif import Slip, orientation_only, read_slip, upright
from .icc import Space, equals_a_standard, own_profile, to_srgb
from .limits import MAX_PIXELS, MIN_SHORT_EDGE
from .magic import PIXELS_PER_BYTE, Format, recognise
from .measure import Quality, measure
from .prints import EDGES, encode_original, encode_prints, make_prints, shrink
from .unfit import Unfit
from .whole import up_to_its_last_row

_ASPECT_CAP = 16


@dataclass(frozen=True, slots=True)
class Plate:
    """The result as it leaves the tank. `original` is always a JPEG; `pixel_exact` says it was never decoded."""

    original: bytes
    pixel_exact: bool
    prints: dict[str, bytes]
    quality: Quality
    taken_at: datetime | None


def develop(upload: bytes) -> Plate:
    """Develop one upload; Unfit, or whatever a decoder raises, when it cannot be done."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    found = recognise(upload)
    if found is Format.JPEG:
        return _develop_jpeg(upload)
    if found is Format.PNG:
        upload = containers.png_without_extras(upload)
        _check_size(containers.png_size(upload), len(upload), found)
    elif found is Format.WEBP:
        _check_size(containers.webp_size(upload), len(upload), found)
    return _develop_anew(upload, found)


def _develop_jpeg(upload: bytes) -> Plate:
    negative = jpeg.take_apart(upload)
    _check_size((negative.width, negative.height), negative.end, Format.JPEG)
    space = _space_of(negative)
    if space is None or not negative.plain:
        return _develop_anew(up_to_its_last_row(upload[: negative.end], negative), Format.JPEG)
    slip = read_slip(negative.exif)
    icc = b"" if space is Space.SRGB else own_profile(space)
    original = jpeg.put_together(negative, exif=orientation_only(slip.orientation), icc=icc)
    turned = slip.orientation > 4
    size = (negative.height, negative.width) if turned else (negative.width, negative.height)
    return _plate(original, True, _large_of(up_to_its_last_row(original, negative), icc, slip), size, slip)


def _large_of(body: bytes, icc: bytes, slip: Slip) -> Image.Image:
    """Decode only as large as needed. Nothing of it but the result outlives this function."""
    image = _open(body, Format.JPEG)
    # Without a profile to convert from, the picture stays as it is coded until it is coded again.
    image.draft(None if icc else "YCbCr", _draft_size(image.size))
    image.load()
    large = shrink(image, EDGES["large"])
    if large.mode != "YCbCr":
        large = to_srgb(large, icc or None)
    return upright(large, slip.orientation)


def _develop_anew(upload: bytes, found: Format) -> Plate:
    """Decode, turn, convert and encode again: for every format but clean JPEG, and for JPEGs in doubt."""
    image = _open(upload, found)
    _check_size(image.size, len(upload), found)
    image.load()
    exif, icc = image.info.get("exif"), image.info.get("icc_profile")
    slip = read_slip(exif if isinstance(exif, bytes) else None)
    picture = to_srgb(_without_alpha(image), icc if isinstance(icc, bytes) else None)
    large = upright(shrink(picture, EDGES["large"]), slip.orientation)
    picture = upright(picture, slip.orientation)
    return _plate(encode_original(picture), False, large, picture.size, slip)


def _plate(original: bytes, pixel_exact: bool, large: Image.Image, size: tuple[int, int], slip: Slip) -> Plate:
    prints = make_prints(large)
    quality = measure(prints["medium"], width=size[0], height=size[1])
    return Plate(original, pixel_exact, encode_prints(prints), quality, slip.taken_at)


def _space_of(negative: jpeg.Negative) -> Space | None:
    if negative.icc is None:
        return Space.SRGB
    return equals_a_standard(negative.icc) if negative.components == 3 else None


def _check_size(size: tuple[int, int], length: int, found: Format) -> None:
    pixels, short, longest = size[0] * size[1], min(size), max(size)
    if pixels > MAX_PIXELS:
        raise Unfit("photo_too_big")
    if short < MIN_SHORT_EDGE or longest > short * _ASPECT_CAP:
        raise Unfit("photo_too_small")
    if pixels > length * PIXELS_PER_BYTE[found]:
        raise Unfit("photo_bomb")


def _draft_size(size: tuple[int, int]) -> tuple[int, int]:
    # Both sides are asked in proportion: the decoder shrinks only as far as the tighter of the two allows.
    scale = EDGES["large"] / max(size)
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _open(data: bytes, found: Format) -> Image.Image:
    if found is Format.HEIF:
        import pi_heif  # a large library that only iPhones' own format needs

        pi_heif.options.DECODE_THREADS = 1
        pi_heif.options.THUMBNAILS = False
        pi_heif.register_heif_opener()
    elif found is Format.AVIF:
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    try:
        return Image.open(io.BytesIO(data), formats=[found.value])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise Unfit("photo_too_big") from bomb


def _without_alpha(image: Image.Image) -> Image.Image:
    """Return the picture opaque, on white, in a mode colour conversion understands."""
    if image.mode.startswith("I") or image.mode == "F":
        # Sixteen bits: Pillow's own conversion clips instead of scaling.
        return image.convert("I").point(lambda level: level / 256).convert("L")
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGB", rgba.size, "white")
        paper.paste(rgba, mask=rgba.getchannel("A"))
        return paper
    return image.convert("RGB")
