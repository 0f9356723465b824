"""Photos of 12 megapixels as a phone writes them: 2.5 MB, lying on their side, with EXIF, place and maker."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image, ImageFilter

SIZE = (4032, 3024)
CANARY = "CANARY-48.8584N"


def write(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{seed}.jpg" for seed in range(count)]
    for seed, path in enumerate(paths):
        path.write_bytes(photo(seed))
    return paths


def photo(seed: int) -> bytes:
    """Skin-like patches under noise as fine as hair: about what 12 megapixels of a scalp weigh at quality 90."""
    dice = random.Random(seed)
    patches = Image.frombytes("RGB", (40, 30), dice.randbytes(3600)).resize(SIZE, Image.Resampling.BICUBIC)
    skin = Image.blend(patches, Image.new("RGB", SIZE, (190, 140, 115)), 0.6)
    tile = Image.frombytes("L", (1024, 1024), dice.randbytes(1 << 20)).filter(ImageFilter.GaussianBlur(0.9))
    hair = Image.new("L", SIZE)
    for left in range(0, SIZE[0], 1024):
        for top in range(0, SIZE[1], 1024):
            hair.paste(tile.transpose(Image.Transpose(dice.randrange(7))), (left, top))
    image = Image.blend(skin, Image.merge("RGB", [hair] * 3), 0.18)
    sheet = io.BytesIO()
    image.save(sheet, "JPEG", quality=90, exif=_exif())
    return sheet.getvalue()


def _exif() -> bytes:
    tags = Image.Exif()
    tags[0x0112] = 6
    tags[0x010F] = CANARY
    place = tags.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (48.0, 51.0, 30.24), "E", (2.0, 17.0, 40.2)
    return tags.tobytes()
