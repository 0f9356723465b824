"""What comes in and what it meets: too much, no room on the disk, and whoever dies at it. Nothing is ever kept by half."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError

from clinic.celery import app
from plans import photo_tasks, tasks
from plans.doctor.files import look_at_files, remove_orphans
from plans.models import Photo, Upload
from plans.operations.uploads import receive_part
from plans.operations.uploads_develop import FORGOTTEN, MOST_TRIES, develop_upload, discard_stale
from plans.rules.states import UploadState
from tests.cast import refused
from tests.photos.sending import Sender, develop, full, in_media, in_tray, names_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def row_tray() -> Path:
    return Path(configured.VAR_DIR) / "tray"


# -- how much --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("setting", "most", "code"),
    [
        ("PHOTO_BYTES_PER_PATIENT", 119, "quota"),
        ("PHOTO_BYTES_PER_HOUR", 119, "too_many"),
        ("PHOTO_MOST_OPEN", 1, "too_many"),
        ("PHOTO_DISK_FLOOR", 10**18, "disk_full"),
    ],
)
def test_what_is_too_much_is_refused_before_the_first_byte(
    sender: Sender, settings: Any, setting: str, most: int, code: str
) -> None:
    if code != "disk_full":
        sender.begin(bytes(100))
    before = Upload.objects.count()
    setattr(settings, setting, most)
    with refused(code):
        sender.begin(bytes(20))
    assert Upload.objects.count() == before
    if code == "too_many":
        Upload.objects.update(created_at=sender.cast.now - timedelta(minutes=61), state=UploadState.DISCARDED)
        assert sender.begin(bytes(20))


# -- a disk without room ---------------------------------------------------------------------------------------------
def test_a_full_disk_keeps_no_half_part_and_no_half_photo(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sender.begin(b"0123456789")
    receive_part(upload_id=row.pk, offset=0, part=b"0123", **sender.whose)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with refused("disk_full"):
            receive_part(upload_id=row.pk, offset=4, part=b"456789", **sender.whose)
    row.refresh_from_db()
    assert (row.received, (row_tray() / row.pk.hex).read_bytes()) == (4, b"0123")
    receive_part(upload_id=row.pk, offset=4, part=b"456789", **sender.whose)

    real, writes = FileSystemStorage._save, []

    def save(self: FileSystemStorage, name: str, content: Any) -> str:
        """The third file is written by half, and then there is no room."""
        writes.append(name)
        if len(writes) < 3:
            return real(self, name, content)
        Path(self.path(name)).write_bytes(content.read(100))
        return full()

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", save)
        with refused("disk_full"):
            develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
        writes.clear()
        with refused("disk_full"):
            sender.added(b"by the form", sender.views[0])
    assert (in_media(), Photo.objects.count()) == (set(), 0)
    row.refresh_from_db()
    assert (row.state, row.figures, in_tray()) == (UploadState.RECEIVED, {}, {row.pk.hex}), "it waits for room"
    assert develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop).state == UploadState.READY


def test_rows_without_room_leave_no_files(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_row(*_: Any, **__: Any) -> Any:
        raise OperationalError("database or disk is full")

    row = sender.received(b"photo")
    monkeypatch.setattr(Upload, "save", no_row)
    monkeypatch.setattr(Photo.objects, "create", no_row)
    with pytest.raises(OperationalError):
        develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    with pytest.raises(OperationalError):
        sender.added(b"by the form", sender.views[0])
    assert in_media() == set()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MB of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root may make a file system; the same is shown above with a storage that refuses")
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"this machine lets nobody make a file system: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_really_full(sender: Sender, settings: Any, small_disk: Path) -> None:
    settings.VAR_DIR, settings.MEDIA_ROOT = small_disk / "var", small_disk / "media"
    row = sender.begin(bytes(400_000))
    receive_part(upload_id=row.pk, offset=0, part=bytes(400_000), **sender.whose)
    other = sender.begin(bytes(100_000))
    (small_disk / "ballast").write_bytes(bytes(590_000))
    with refused("disk_full"):
        receive_part(upload_id=other.pk, offset=0, part=bytes(100_000), **sender.whose)
    with refused("disk_full"):
        develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    assert (in_media(), in_tray()) == (set(), {row.pk.hex})
    (small_disk / "ballast").unlink()
    assert develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop).state == UploadState.READY
    assert in_tray() == set()


# -- whoever dies at it ----------------------------------------------------------------------------------------------
def test_two_never_develop_one_file_and_what_a_killed_one_left_is_written_over(sender: Sender) -> None:
    row = sender.received(b"photo")
    with (row_tray() / row.pk.hex).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        same = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
        assert (same.state, in_media()) == (UploadState.RECEIVED, set())
    first = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    # Killed before its row said so: the files are there, and so is what was sent.
    Upload.objects.filter(pk=row.pk).update(state=UploadState.RECEIVED, files={}, figures={"tries": 1})
    (row_tray() / row.pk.hex).write_bytes(b"photo")
    again = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    assert (again.state, again.files, in_media()) == (UploadState.READY, first.files, set(first.files.values()))


def test_a_file_that_takes_the_program_down_each_time_is_given_up(sender: Sender) -> None:
    row = sender.received(b"deadly")
    with pytest.raises(RuntimeError):  # no decoder on this machine: not the photo's fault, so it is not counted
        develop_upload(upload_id=row.pk, now=sender.cast.now, develop=no_decoder)
    row.refresh_from_db()
    assert row.figures == {}
    Upload.objects.filter(pk=row.pk).update(figures={"tries": MOST_TRIES})
    row = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    assert (row.state, row.code, in_tray()) == (UploadState.REFUSED, "photo_broken", set())


def no_decoder(_: bytes) -> Any:
    raise RuntimeError("The photo decoder did not start (exit code 1).")


def test_a_file_that_is_gone_is_said_to_be(sender: Sender) -> None:
    row = sender.received(b"photo")
    (row_tray() / row.pk.hex).unlink()
    row = develop_upload(upload_id=row.pk, now=sender.cast.now, develop=develop)
    assert (row.state, row.code) == (UploadState.REFUSED, "photo_lost")


def test_the_worker_develops_what_waits_and_one_bad_file_stops_nobody(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Room:
        def __enter__(self) -> Room:
            return self

        def __exit__(self, *_: object) -> None: ...

        def develop(self, raw: bytes, **_: object) -> Any:
            return no_decoder(raw) if raw == b"bad" else develop(raw)

    monkeypatch.setattr(photo_tasks, "Darkroom", Room)
    rows = [sender.received(raw, many=True) for raw in (b"one", b"bad", b"two")]
    photo_tasks.develop_waiting(str(sender.review.pk))
    states = [Upload.objects.get(pk=row.pk).state for row in rows]
    assert states == [UploadState.READY, UploadState.RECEIVED, UploadState.READY]
    assert in_tray() == {rows[1].pk.hex}
    # Its turn comes again with a later tick, and no one else's message is sent meanwhile.
    told: list[Any] = []
    monkeypatch.setattr(photo_tasks, "tell_darkroom", told.append)
    photo_tasks.look_after_uploads()
    sender.cast.now += FORGOTTEN + timedelta(seconds=1)
    photo_tasks.look_after_uploads()
    assert told == [sender.review.pk]
    assert tasks.look_after_uploads is photo_tasks.look_after_uploads, "the tick does it"
    assert photo_tasks.develop_waiting.name in app.tasks


def test_what_nobody_came_back_to_for_a_week_is_discarded(sender: Sender) -> None:
    sender.begin(b"begun")
    sender.received(b"received")
    ready, placed = sender.developed(b"ready"), sender.placed(b"placed", sender.views[1])
    assert discard_stale(now=sender.cast.now + 6 * DAY) == 0
    assert discard_stale(now=sender.cast.now + 8 * DAY) == 3
    assert (in_tray(), in_media()) == (set(), names_of(placed))
    assert not set(ready.files.values()) & in_media()
    assert not Upload.objects.exists(), "what is settled needs no row any more"


def test_the_doctor_knows_the_files_of_uploads_and_names_what_was_left(sender: Sender) -> None:
    ready, waits = sender.developed(b"ready"), sender.received(b"waits")
    assert found() == {}
    (row_tray() / ("0" * 32)).write_bytes(b"left")
    os.chmod(row_tray() / ("0" * 32), 0o600)
    left = Path(configured.MEDIA_ROOT) / "photos" / "left.jpg"
    left.write_bytes(b"left")
    os.chmod(left, 0o600)
    assert {*found()} == {"tray", "orphans"}
    assert remove_orphans(sender.cast.now) == [], "it may be on its way"
    assert remove_orphans(sender.cast.now.replace(year=2100)) == ["photos/left.jpg", "tray/" + "0" * 32]
    assert (in_tray(), in_media(), found()) == ({waits.pk.hex}, set(ready.files.values()), {})
    (Path(configured.MEDIA_ROOT) / ready.files["thumb"]).unlink()
    assert {*found()} == {"files_missing"}


def found() -> dict[str, str]:
    return {one.key: one.sentence for one in look_at_files()}
