"""A review that takes photos, and somebody who sends them: for the tests of what comes in and what is shown."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from plans.darkroom import Developed
from plans.models import Photo, Plan, Review, Upload, View
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.uploads import begin_upload, place_upload, receive_part
from plans.operations.uploads_develop import develop_upload
from plans.operations.uploads_wish import Wish
from tests.cast import SINGLE, Cast, open_clinic, picture

TAKEN = datetime(2026, 10, 4, 10, 0)  # the camera's clock, which knows no zone


def develop(raw: bytes) -> Developed:
    """The darkroom's answer without its work: what it does has its own tests. Another file is another photo."""
    return replace(picture(), source_sha256=sha256(raw).hexdigest(), taken_at=TAKEN)


def timeless(raw: bytes) -> Developed:
    return replace(develop(raw), taken_at=None)


@dataclass
class Sender:
    cast: Cast
    plan: Plan
    review: Review
    views: list[View]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def whose(self) -> dict[str, Any]:
        return {"by": self.cast.doctor, "now": self.cast.now}

    def begin(self, raw: bytes, *, review: Review | None = None, fingerprint: str = "", **wish: Any) -> Upload:
        mark = fingerprint or f"file-{next(self._numbers):08}"
        about = (review or self.review).pk
        return begin_upload(review_id=about, size=len(raw), fingerprint=mark, wish=Wish(**wish), **self.whose)

    def received(self, raw: bytes, **more: Any) -> Upload:
        row = self.begin(raw, **more)
        return receive_part(upload_id=row.pk, offset=0, part=raw, **self.whose)

    def developed(self, raw: bytes, how: Any = develop, **more: Any) -> Upload:
        return develop_upload(upload_id=self.received(raw, **more).pk, now=self.cast.now, develop=how)

    def placed(self, raw: bytes, view: View | None = None, **more: Any) -> Photo:
        row = self.developed(raw, **more)
        photo = place_upload(upload_id=row.pk, view_id=(view or self.views[0]).pk, **self.whose).photo
        assert photo
        return photo

    def added(self, raw: bytes, view: View, review: Review | None = None) -> Photo:
        about = (review or self.review).pk
        return add_photo(
            review_id=about, view_id=view.pk, upload=b"", conditions=PhotoConditions(), developed=develop(raw),
            **self.whose,
        )  # fmt: skip

    def somebody_else(self) -> Review:
        return self.cast.active_plan("Ines", SINGLE).reviews.get(months=0)


@contextmanager
def opened(blocker: Any) -> Iterator[Sender]:
    """Built once for a module; every test runs inside its transaction and rolls back to this point."""
    with blocker.unblock(), transaction.atomic():
        cast = open_clinic(keys=(SINGLE,))
        for person in (cast.doctor, cast.desk, cast.manager, cast.outsider):
            person.is_staff = True
            person.save(update_fields=["is_staff"])
        plan = cast.active_plan(key=SINGLE)
        review = plan.reviews.get(months=0)
        yield Sender(cast, plan, review, list(review.view_set.views.order_by("position")))
        transaction.set_rollback(True)


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def in_media() -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}


def in_tray() -> set[str]:
    root = Path(settings.VAR_DIR) / "tray"
    return {file.name for file in root.iterdir()} if root.is_dir() else set()


def names_of(photo: Photo) -> set[str]:
    return {photo.original.name, photo.large.name, photo.medium.name, photo.thumb.name}
