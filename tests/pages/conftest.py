"""What several pages are tested with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from clinic.celery import app
from clinic.models import Location, Staff
from patients import import_views
from patients.operations import import_patients as operation
from tests.pages.cast import location, logged_in, member


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploads lie; for as long as it is asked for, three rows are a large table, worked on by twos."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(import_views, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(operation, "BATCH", 2)
    return tmp_path / "imports"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was sent to the broker."""
    sent: list[Any] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **more: sent.append((name, args, more)))
    return sent


@pytest.fixture
def here() -> Location:
    return location()


@pytest.fixture
def person(here: Location) -> Staff:
    return member("desk", here, is_front_desk=True)


@pytest.fixture
def desk(person: Staff) -> Client:
    return logged_in(person)
