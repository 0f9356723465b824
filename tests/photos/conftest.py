from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plans.darkroom import Darkroom
from tests.photos.sending import Sender, opened


@pytest.fixture(scope="session")
def room() -> Iterator[Darkroom]:
    """One decoding process for all photos of the tests that do not ask for their own."""
    with Darkroom() as darkroom:
        yield darkroom


@pytest.fixture(scope="module")
def opened_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Sender]:
    """One clinic for a whole file; what a test writes is rolled back to it."""
    with opened(django_db_blocker) as sender:
        yield sender


@pytest.fixture
def sender(opened_once: Sender, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    """Somebody who sends photos, with a tray and a store of the test's own."""
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    settings.PHOTO_DISK_FLOOR = 0
    now = opened_once.cast.now
    monkeypatch.setattr("clinic.clock.now", lambda: opened_once.cast.now)
    yield opened_once
    opened_once.cast.now = now
