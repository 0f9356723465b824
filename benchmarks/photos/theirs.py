"""The same job by others: an original without metadata and three upright renditions of quality 85, bytes in and out."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

EDGES = (1600, 800, 200)


def saved(image: Image.Image, quality: int) -> bytes:
    sheet = io.BytesIO()
    image.save(sheet, "JPEG", quality=quality)
    return sheet.getvalue()


def without_metadata(upload: bytes) -> tuple[Image.Image, bytes]:
    """Decoded, turned, encoded again: what programs do that keep an original at all."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(upload)))
    image.info.clear()
    return image, saved(image, 90)


class Side:
    helper = None

    def prepare(self, upload: bytes) -> None:
        pass


class Decode(Side):
    """The limit: one full decode by Pillow, nothing else."""

    def work(self, upload: bytes) -> list[bytes]:
        Image.open(io.BytesIO(upload)).load()
        return []


class Naive(Side):
    """Pillow as its documentation shows it: one decode, `exif_transpose`, a `thumbnail` of a copy for each size."""

    def work(self, upload: bytes) -> list[bytes]:
        image, original = without_metadata(upload)
        done = [original]
        for edge in EDGES:
            copy = image.copy()
            copy.thumbnail((edge, edge), Image.Resampling.LANCZOS)
            done.append(saved(copy, 85))
        return done


class EasyThumbnails(Side):
    def __init__(self) -> None:
        configured("easy_thumbnails")
        from easy_thumbnails.files import Thumbnailer

        self.thumbnailer = Thumbnailer

    def work(self, upload: bytes) -> list[bytes]:
        done = [without_metadata(upload)[1]]
        for edge in EDGES:
            source = self.thumbnailer(io.BytesIO(upload), name="photo.jpg")
            source.thumbnail_quality = 85
            made = source.generate_thumbnail({"size": (edge, edge), "quality": 85})
            made.file.seek(0)
            done.append(made.file.read())
        return done


class ImageKit(Side):
    def __init__(self) -> None:
        configured("imagekit")
        from imagekit import ImageSpec
        from imagekit.processors import ResizeToFit, Transpose

        self.specs = [
            type(
                f"To{edge}",
                (ImageSpec,),
                {
                    "processors": [Transpose(), ResizeToFit(edge, edge)],
                    "format": "JPEG",
                    "options": {"quality": 85},
                },
            )
            for edge in EDGES
        ]

    def work(self, upload: bytes) -> list[bytes]:
        done = [without_metadata(upload)[1]]
        for spec in self.specs:
            made = spec(source=io.BytesIO(upload)).generate()
            made.seek(0)
            done.append(made.read())
        return done


class Vips(Side):
    """libvips at its best: shrunk while loading, each rendition from the one before; the original stripped our way."""

    def __init__(self) -> None:
        import pyvips

        sys.path.append(str(Path(__file__).resolve().parents[2] / "plans/darkroom"))
        from tank import exif, jpeg

        pyvips.cache_set_max(0)
        self.vips, self.exif, self.jpeg = pyvips, exif, jpeg

    def work(self, upload: bytes) -> list[bytes]:
        negative = self.jpeg.take_apart(upload)
        turned = self.exif.read_slip(negative.exif).orientation
        done = [self.jpeg.put_together(negative, exif=self.exif.orientation_only(turned))]
        image = self.vips.Image.thumbnail_buffer(upload, EDGES[0], height=EDGES[0]).copy_memory()
        for edge in EDGES:
            if edge != EDGES[0]:
                image = image.thumbnail_image(edge, height=edge).copy_memory()
            done.append(image.jpegsave_buffer(Q=85, keep="none"))
        return done


def configured(app: str) -> None:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=[app],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )
    django.setup()


VARIANTS: dict[str, Any] = {
    "decode": Decode,
    "naive": Naive,
    "easy-thumbnails": EasyThumbnails,
    "imagekit": ImageKit,
    "vips": Vips,
}
