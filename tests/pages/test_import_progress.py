"""Large tables: asked of the worker, and watched from a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.models import AuditLine, Location, Staff
from patients import import_jobs, import_run, import_views
from patients.models import Patient
from patients.tasks import run_import
from tests.pages.cast import logged_in
from tests.pages.large_table import CHOSEN, CONFIRMED, GOOD, asked, checked, page, poll

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_large_table_is_checked_and_registered_by_the_worker(desk: Client, here: Location, told: list[Any]) -> None:
    key = asked(desk, here)
    assert "Waiting for the background worker" in desk.get(page("progress", key)).text
    run_import(str(key))
    assert desk.get(page("progress", key)).headers["Location"] == page("check", key)
    assert "<dt>Would be registered</dt><dd>5</dd>" in desk.get(page("check", key)).text
    assert not Patient.objects.exists()
    assert desk.post(page("check", key), CONFIRMED).headers["Location"] == page("progress", key)
    run_import(str(key))
    assert "<dt>Registered</dt><dd>5</dd>" in desk.get(page("progress", key)).text
    assert Patient.objects.count() == 5


def test_the_broker_is_told_the_key_and_nothing_else(desk: Client, here: Location, told: list[Any]) -> None:
    key = asked(desk, here)
    ((name, args, more),) = told
    assert (name, args) == ("patients.tasks.run_import", [str(key)])
    assert set(more) == {"expires", "ignore_result", "retry"}


def test_a_small_table_needs_no_worker(
    desk: Client, here: Location, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_views, "MOST_AT_ONCE", 5)
    upload = SimpleUploadedFile("x.csv", GOOD.encode())
    columns = desk.post(reverse("patients:import"), {"file": upload, "location": here.pk}).headers["Location"]
    check = desk.post(columns, CHOSEN).headers["Location"]
    assert desk.post(check, CONFIRMED).headers["Location"] == reverse("patients:import-done")
    assert (told, Patient.objects.count()) == ([], 5)


def test_a_second_click_starts_nothing_twice(desk: Client, here: Location, told: list[Any]) -> None:
    key = checked(desk, here)
    for _ in range(2):
        assert desk.post(page("check", key), CONFIRMED).headers["Location"] == page("progress", key)
    assert len(told) == 2  # the check, and one import
    for _ in range(2):
        run_import(str(key))
    assert desk.post(page("check", key), CONFIRMED).headers["Location"] == page("progress", key)
    desk.post(page("progress", key), {"here": "1"})
    assert (len(told), Patient.objects.count()) == (2, 5)
    assert AuditLine.objects.filter(happened="patients.imported").count() == 1


def test_what_is_worked_on_is_not_worked_on_twice(
    desk: Client, person: Staff, here: Location, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = asked(desk, here)
    monkeypatch.setattr(import_jobs, "PATIENCE", 0.01)
    with import_jobs.hold(key, person.pk) as is_mine:
        assert is_mine
        run_import(str(key))
        (job,) = [import_jobs.find(key)]
    assert job and (job.state, job.report) == (import_jobs.JobState.WAITING, None)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Call something after each piece of work, as a page does that is looked at meanwhile."""

    def watch(look: Callable[[], None]) -> None:
        tell = import_run._Run._tell
        monkeypatch.setattr(import_run._Run, "_tell", lambda run, rows: (tell(run, rows), look()))

    yield watch


def test_the_page_says_how_far_it_is(desk: Client, here: Location, told: list[Any], watched: Any) -> None:
    key = checked(desk, here)
    desk.post(page("check", key), CONFIRMED)
    seen: list[str] = []
    watched(lambda: seen.append(poll(desk, key).text))
    run_import(str(key))
    places = [
        (f"{step}: step {round} of 2", read)
        for step, round in (("Checking", 1), ("Registering", 2))
        for read in (2, 4, 5)
    ]
    assert len(seen) == len(places)
    for text, (words, read) in zip(seen, places, strict=True):
        assert words in text
        assert f'max="5" value="{read}"' in text
        assert f"{read} of 5 rows" in text
        assert "<html" not in text


def test_a_whole_page_shows_the_same_and_loads_itself_again_without_scripts(
    desk: Client, here: Location, told: list[Any], watched: Any
) -> None:
    key = asked(desk, here)
    seen: list[str] = []
    watched(lambda: seen.append(desk.get(page("progress", key)).text))
    run_import(str(key))
    assert 'max="5" value="4"' in seen[1]
    assert '<noscript><meta http-equiv="refresh"' in seen[1]
    assert f'hx-get="{page("progress", key)}"' in seen[1]


def test_the_poll_leads_on_when_the_work_is_over(desk: Client, here: Location, told: list[Any]) -> None:
    key = asked(desk, here)
    assert "HX-Redirect" not in poll(desk, key).headers
    run_import(str(key))
    assert poll(desk, key).headers["HX-Redirect"] == page("progress", key)


def test_other_columns_ask_for_another_check(desk: Client, here: Location, told: list[Any]) -> None:
    key = checked(desk, here)
    desk.post(page("columns", key), CHOSEN | {"birth_date": ""})
    assert desk.get(page("check", key)).headers["Location"] == page("progress", key)
    run_import(str(key))
    assert "Without a birth date" in desk.get(page("check", key)).text


def test_who_logs_in_again_finds_the_job_where_it_was(
    desk: Client, person: Staff, here: Location, told: list[Any]
) -> None:
    key = checked(desk, here)
    again = logged_in(person)
    assert page("progress", key) in again.get(reverse("patients:import")).text
    assert "<dt>Would be registered</dt><dd>5</dd>" in again.get(page("check", key)).text


def test_the_upload_goes_once_everybody_is_in(desk: Client, here: Location, told: list[Any], folder: Path) -> None:
    key = checked(desk, here)
    desk.post(page("check", key), CONFIRMED)
    run_import(str(key))
    assert not list(folder.glob("*.csv"))
