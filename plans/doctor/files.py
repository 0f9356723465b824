"""Pictures and signatures on the disk against the rows that name them, and who else on the machine may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from patients.models import Consent
from plans.doctor.finding import Finding
from plans.models import Photo, Upload
from plans.operations.uploads_tray import in_tray, tray
from plans.rules.states import UploadState

NAMES_SHOWN = 10
# An upload writes its files before its row: a young file without a row is only on its way.
OLD_ENOUGH = timedelta(days=1)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_COPIES = ("original", "large", "medium", "thumb")


def look_at_door() -> Iterator[Finding]:
    """The quick look: whether others on this machine may walk in. The folder itself may be open, as it came."""
    root = _root()
    if root is None or not root.exists() or not root.stat().st_mode & _OTHERS:
        return
    inside = [entry.name for entry in os.scandir(root) if _is_ours(entry.name) and entry.stat().st_mode & _OTHERS]
    if inside or (tray().is_dir() and tray().stat().st_mode & _OTHERS):
        words = (
            "Others on this machine may enter the folders of patients' files: chmod 700 the media folder and var/tray."
        )
        yield Finding("media_door", words)


def look_at_files() -> Iterator[Finding]:
    """The whole walk, for `manage.py doctor`: every file once."""
    root = _root()
    if left := sorted(_left_in_tray()):
        words = f"{len(left)} files as they were sent lie in the tray, and nobody is to develop them:{_listed(left)}"
        yield Finding("tray", words, is_fault=False)
    if root is None:
        return
    there = {str(file.relative_to(root)): file for file in walk(root)}
    readable = sum(1 for file in there.values() if file.lstat().st_mode & _OTHERS)
    if readable:
        yield Finding("media_modes", f"{readable} files of patients may be read by others on this machine: chmod 600.")
    named = names_in_rows()
    if missing := sorted(named - there.keys()):
        yield Finding("files_missing", f"{len(missing)} files that rows name are not there:{_listed(missing)}")
    if alone := sorted(there.keys() - named):
        yield Finding("orphans", f"{len(alone)} files belong to no row:{_listed(alone)}", is_fault=False)


def remove_orphans(now: datetime) -> list[str]:
    """Delete the files without a row that are older than a day, and return their names."""
    root = _root()
    # First the files, then the rows: a file that gets its row meanwhile is found among the rows.
    there = {str(file.relative_to(root)): file for file in walk(root)} if root else {}
    alone = {name: there[name] for name in there.keys() - names_in_rows()}
    alone |= {f"tray/{name}": file for name, file in _left_in_tray().items()}
    old = sorted(name for name, file in alone.items() if file.lstat().st_mtime < (now - OLD_ENOUGH).timestamp())
    for name in old:
        alone[name].unlink()
    return old


def _left_in_tray() -> dict[str, Path]:
    """What was sent and is neither on its way nor waits to be developed: somebody was killed before tidying up."""
    there = in_tray()
    awaited = Upload.objects.filter(state__in=(UploadState.RECEIVING, UploadState.RECEIVED))
    for upload_id in awaited.values_list("pk", flat=True).iterator() if there else ():
        there.pop(upload_id.hex, None)
    return there


def walk(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        for name in names:
            if _is_ours(name):
                yield Path(folder) / name


def _is_ours(name: str) -> bool:
    return not name.startswith(".")  # .gitignore, .DS_Store


def names_in_rows() -> set[str]:
    pictures = {name for row in Photo.objects.values_list(*_COPIES).iterator() for name in row if name}
    # An upload that waits for its view has its pictures already.
    pictures |= {
        name for files in Upload.objects.exclude(files={}).values_list("files", flat=True) for name in files.values()
    }
    return pictures | set(Consent.objects.exclude(signature="").values_list("signature", flat=True))


def _root() -> Path | None:
    """None when the pictures lie in a bucket: what is there is the bucket's to say."""
    at_home = isinstance(default_storage, FileSystemStorage)
    return Path(settings.MEDIA_ROOT) if at_home else None


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return " " + ", ".join(names[:NAMES_SHOWN]) + more
