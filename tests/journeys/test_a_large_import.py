"""A large table over the real broker to a real worker, asked for and watched on the pages."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.celery import app
from patients import import_jobs
from patients.models import Patient
from tests.journeys.crew import Crew
from tests.pages.cast import location, logged_in, member

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 5_000
CHOSEN = {"first_name": "First name", "last_name": "Last name", "birth_date": "Birth date"}


def test_the_worker_checks_and_registers_a_large_table(
    tmp_path: Path, database_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, columns = _uploaded(tmp_path, settings)
    with Crew(tmp_path, database_url) as crew, app.connection_for_write(crew.valkey.broker_url) as line:
        monkeypatch.setattr(app, "send_task", partial(app.send_task, connection=line))
        progress = desk.post(columns, CHOSEN).headers["Location"]
        check = _end(desk, progress).headers["Location"]
        assert f"<dt>Would be registered</dt><dd>{PEOPLE:,}</dd>" in desk.get(check).text
        assert desk.post(check, {"on_bad": "all_or_nothing"}).headers["Location"] == progress
        assert f"<dt>Registered</dt><dd>{PEOPLE:,}</dd>" in _end(desk, progress).text
        said = crew.worker.said
    assert Patient.objects.count() == PEOPLE
    assert "P17x" not in said


def test_a_worker_killed_while_it_registers_leaves_nobody_behind_and_the_page_can_go_on(
    tmp_path: Path, database_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, columns = _uploaded(tmp_path, settings)
    with Crew(tmp_path, database_url) as crew, app.connection_for_write(crew.valkey.broker_url) as line:
        monkeypatch.setattr(app, "send_task", partial(app.send_task, connection=line))
        progress = desk.post(columns, CHOSEN).headers["Location"]
        check = _end(desk, progress).headers["Location"]
        desk.post(check, {"on_bad": "skip_bad"})
        _wait_for(desk, progress, "1,000 of")
        crew.worker.process.kill()
        crew.worker.process.wait()
        assert "stopped in the middle of it" in desk.get(progress).text
        assert not Patient.objects.exists()
        desk.post(progress)  # try again: the broker takes it, and nobody comes
        monkeypatch.setattr(import_jobs, "TAKEN_WITHIN", 0)
        assert "does not seem to be running" in desk.get(progress).text
        desk.post(progress, {"here": "1"})
    assert f"<dt>Registered</dt><dd>{PEOPLE:,}</dd>" in desk.get(progress).text
    assert Patient.objects.count() == PEOPLE


def _uploaded(folder: Path, settings: Any) -> tuple[Client, str]:
    """A large table of the front desk's, and where it is asked which column is what."""
    settings.VAR_DIR = folder / "var"
    settings.VAR_DIR.mkdir()
    here = location()
    desk = logged_in(member("desk", here, is_front_desk=True))
    rows = "".join(f"P{n}x,Tan,1980-01-01\n" for n in range(PEOPLE))
    upload = SimpleUploadedFile("x.csv", ("First name,Last name,Birth date\n" + rows).encode())
    answer = desk.post(reverse("patients:import"), {"file": upload, "location": here.pk})
    return desk, answer.headers["Location"]


def _wait_for(desk: Client, progress: str, words: str, *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while words not in desk.get(progress, headers={"HX-Request": "true"}).text:
        assert time.monotonic() < until
        time.sleep(0.005)


def _end(desk: Client, progress: str, *, seconds: float = 60) -> Any:
    """Poll as the page does, until it leads on; then go there."""
    until = time.monotonic() + seconds
    while "HX-Redirect" not in (answer := desk.get(progress, headers={"HX-Request": "true"})).headers:
        assert answer.status_code == 200
        assert time.monotonic() < until, answer.text
        time.sleep(0.1)
    return desk.get(progress)
