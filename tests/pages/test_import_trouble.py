"""Large tables: what may go wrong on the way, and what is kept when it does."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError

from clinic.celery import app
from clinic.models import Location, Staff
from patients import import_jobs, import_views
from patients.models import Patient
from patients.operations import import_patients as operation
from patients.tasks import run_import
from tests.pages.cast import logged_in, member
from tests.pages.large_table import BAD, CONFIRMED, GOOD, ROWS, asked, checked, page, poll, rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_worker_that_does_not_come_is_said_and_the_page_can_do_it(
    desk: Client, here: Location, told: list[Any], folder: Path
) -> None:
    key = checked(desk, here)
    desk.post(page("check", key), CONFIRMED)
    assert "does not seem to be running" not in desk.get(page("progress", key)).text
    rewrite(folder, asked_at=time.time() - 11)
    assert poll(desk, key).headers["HX-Redirect"] == page("progress", key)
    text = desk.get(page("progress", key)).text
    assert "the background worker does not seem to be running" in text
    assert "HX-Redirect" not in poll(desk, key, "?late=1").headers
    assert 'name="here"' in text
    desk.post(page("progress", key), {"here": "1"})
    assert "<dt>Registered</dt><dd>5</dd>" in desk.get(page("progress", key)).text


def test_a_broker_that_does_not_answer_is_said_at_once(
    desk: Client, here: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(app, "send_task", refuse)
    key = asked(desk, here)
    assert "does not seem to be running" in desk.get(page("progress", key)).text
    desk.post(page("progress", key), {"here": "1"})
    assert "<dt>Would be registered</dt><dd>5</dd>" in desk.get(page("check", key)).text


def test_a_failed_job_says_why_and_loses_nothing(desk: Client, here: Location, told: list[Any], folder: Path) -> None:
    key = checked(desk, here)
    desk.post(page("check", key), CONFIRMED)
    Location.objects.update(is_active=False)
    run_import(str(key))
    text = desk.get(page("progress", key)).text
    assert "Riverside is not in use any more" in text
    assert "Your table and your choices are kept." in text
    assert not Patient.objects.exists()
    Location.objects.update(is_active=True)
    desk.post(page("progress", key))
    run_import(str(key))
    assert Patient.objects.count() == 5


def test_a_table_that_breaks_off_says_where(
    desk: Client, here: Location, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_views, "LOOKED_AT", 3)  # or the page with the columns would have found it
    key = checked(desk, here, GOOD + '"Open,Quote,\n')
    assert "A quote is opened in the row at line 7 and never closed." in desk.get(page("progress", key)).text


def test_an_unforeseen_error_registers_nobody_and_quotes_nobody(
    desk: Client, here: Location, told: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def burst(*args: Any, **more: Any) -> None:
        raise ValueError(" ".join(ROWS[0]))

    key = checked(desk, here)
    desk.post(page("check", key), CONFIRMED)
    monkeypatch.setattr(operation, "_keep_history", burst)
    run_import(str(key))
    text = desk.get(page("progress", key)).text
    assert "did not foresee" in text
    assert "ValueError" in text
    assert "_keep_history" in caplog.text
    assert "Mei Tan" not in caplog.text + text
    assert not Patient.objects.exists()


def test_a_job_whose_process_was_killed_says_so_and_can_be_tried_again(
    desk: Client, here: Location, told: list[Any], folder: Path
) -> None:
    key = asked(desk, here)
    rewrite(folder, state="running", rows=5, read=2)  # and nobody holds it
    assert "stopped in the middle of it" in desk.get(page("progress", key)).text
    desk.post(page("progress", key))
    run_import(str(key))
    assert desk.get(page("progress", key)).headers["Location"] == page("check", key)


def test_a_process_killed_after_its_work_does_not_bring_people_in_twice(
    desk: Client, here: Location, told: list[Any], folder: Path
) -> None:
    """Without a birth date nobody is recognised, so only the table's name stands between them and a second self."""
    undated = "First name,Last name,Birth date\n" + "".join(f"{first},{last},\n" for first, last in ROWS)
    key = checked(desk, here, undated)
    desk.post(page("check", key), CONFIRMED)
    (upload,) = folder.glob("*.csv")
    kept = upload.read_bytes()
    run_import(str(key))
    upload.write_bytes(kept)
    rewrite(folder, state="running", report=None)
    desk.post(page("progress", key))
    run_import(str(key))
    assert "brought in already: 5 registered" in desk.get(page("progress", key)).text
    assert Patient.objects.count() == 5


def test_refused_rows_stop_all_or_nothing_and_are_listed(desk: Client, here: Location, told: list[Any]) -> None:
    key = checked(desk, here, BAD)
    desk.post(page("check", key), CONFIRMED)
    run_import(str(key))
    text = desk.get(page("check", key)).text
    assert "Nobody was registered, because rows were refused." in text
    assert "1980-02-31" in text
    desk.post(page("check", key), {"on_bad": "skip_bad"})
    run_import(str(key))
    text = desk.get(page("progress", key)).text
    assert "<dt>Registered</dt><dd>5</dd>" in text
    assert "1980-02-31" in text


@pytest.mark.parametrize("name", ["progress", "check", "columns"])
def test_a_colleagues_job_is_not_there(name: str, desk: Client, here: Location, told: list[Any]) -> None:
    key = checked(desk, here)
    colleague = logged_in(member("colleague", here, is_front_desk=True, is_manager=True))
    assert colleague.get(page(name, key)).status_code == 404
    assert colleague.post(page(name, key), {"here": "1"} | CONFIRMED).status_code == 404
    assert str(key) not in colleague.get(reverse("patients:import")).text
    assert (len(told), Patient.objects.count()) == (1, 0)


def test_who_lost_the_role_meanwhile_brings_nobody_in(
    desk: Client, person: Staff, here: Location, told: list[Any]
) -> None:
    key = checked(desk, here)
    desk.post(page("check", key), CONFIRMED)
    Staff.objects.filter(pk=person.pk).update(is_front_desk=False)
    run_import(str(key))
    job = import_jobs.look(key, owner=person)
    assert job and "may not bring in patients any more" in job.reason
    assert not Patient.objects.exists()


def test_only_the_owner_of_the_process_may_read_what_is_written_down(
    desk: Client, here: Location, told: list[Any], folder: Path
) -> None:
    checked(desk, here, BAD)
    kept = list(folder.iterdir())
    assert {file.suffix for file in kept} == {".csv", ".json", ".lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


def test_a_message_about_nothing_does_nothing(folder: Path) -> None:
    run_import("0190f5a0-0000-7000-8000-000000000000")
    assert not folder.exists()
