"""A photo of nothing, developed before the first real one: what is loaded on first use is loaded by then."""

from __future__ import annotations

import io

from PIL import Image

from .develop import develop


def rehearse() -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    tags.get_ifd(0x8769)[0x9003] = "2000:01:01 00:00:00"
    sheet = io.BytesIO()
    Image.new("RGB", (640, 480), (190, 140, 115)).save(sheet, "JPEG", quality=90, exif=tags)
    develop(sheet.getvalue())
