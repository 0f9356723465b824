"""The server and its worker killed in the middle of two hundred uploads: every row has its files, every file its row."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from plans.doctor.files import look_at_files, remove_orphans
from plans.models import Photo, Upload
from plans.operations.uploads_develop import FORGOTTEN
from plans.rules.states import UploadState
from tests.cast import SINGLE, open_clinic
from tests.photos import corpus
from tests.photos.sending import in_media, in_tray
from tests.proofs.house import House, wait
from tests.proofs.test_kills import OWN
from tests.servers import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

UPLOADS, KILLS, HANDS = 200, 10, 4
TOKEN = "t" * 32
SETTLED = ("ready", "placed")


@dataclass
class Sender:
    """A page that does not give up: asks where the program is, and goes on there."""

    port: int
    session: str
    review: UUID
    over: threading.Event = field(default_factory=threading.Event)
    done: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def send(self, number: int, raw: bytes, view: str) -> None:
        wish = {"view": view} if view else {}
        said = {
            "size": len(raw),
            "fingerprint": f"photo-{number:05}",
            "captured": True,
            "many": number % 2 == 0,
            **wish,
        }
        row: dict[str, Any] = {}
        while not self.over.is_set() and row.get("state") not in SETTLED:
            row = self._next(row, raw, said)
        self.done.append(row.get("state", ""))

    def _next(self, row: dict[str, Any], raw: bytes, said: dict[str, Any]) -> dict[str, Any]:
        try:
            if not row:
                where = reverse("plans:upload-begin", args=[self.review])
                return self._ask("POST", where, json.dumps(said).encode(), {"Content-Type": "application/json"})
            where = reverse("plans:upload", args=[row["id"]])
            if row["state"] == "receiving":
                offset = row["received"]
                part = raw[offset : offset + len(raw) // 3 + 1]
                return self._ask("PATCH", where, part, {"Upload-Offset": str(offset)})
            time.sleep(0.2)
            return self._ask("GET", where)
        except (OSError, HTTPException):  # it was killed, or is not up again yet
            time.sleep(0.2)
            return row

    def _ask(self, method: str, where: str, body: bytes = b"", headers: dict[str, str] | None = None) -> dict[str, Any]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            cookies = {"Cookie": f"sessionid={self.session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
            line.request(method, where, body, {**cookies, **(headers or {})})
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        if answer.status not in (200, 201, 409):
            self.broken.append(f"{answer.status} {method} {said[:300]!r}")
            raise OSError(answer.status)
        return dict(json.loads(said))


def photos(count: int) -> list[bytes]:
    """Each a file of its own, and a photo as any other: they differ in what is not kept of them."""
    plain = corpus.saved(corpus.picture())
    return [plain[:2] + b"\xff\xfe\x00\x0a" + f"{number:08}".encode() + plain[2:] for number in range(count)]


def named_and_not_there() -> set[str]:
    """Files that rows name; each has to be there, and whole."""
    # The rows first: what they name was written before them.
    rows = [*Photo.objects.values_list("original", "large", "medium", "thumb")]
    rows += [tuple(files.values()) for files in Upload.objects.exclude(files={}).values_list("files", flat=True)]
    root = Path(os.environ["MEDIA_ROOT"])
    return {name for row in rows for name in row if not _is_whole(root / name)}


def _is_whole(file: Path) -> bool:
    return file.is_file() and file.read_bytes().endswith(b"\xff\xd9")


@pytest.mark.long
def test_killed_during_two_hundred_uploads_nothing_is_lost_and_nothing_is_left(
    tmp_path: Path, database_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))
    chance, port = Random(8), free_port()
    cast = open_clinic(keys=(SINGLE,))
    cast.doctor.is_staff = True
    cast.doctor.save()
    review = cast.active_plan(key=SINGLE).reviews.get(months=0)
    views = [*map(str, review.view_set.views.values_list("pk", flat=True)), ""]
    browser = Client()
    browser.force_login(cast.doctor)
    sender = Sender(port, browser.cookies["sessionid"].value, review.pk)
    work = list(enumerate(photos(UPLOADS)))

    def hand() -> None:
        while work and not sender.over.is_set():
            number, raw = work.pop()
            sender.send(number, raw, views[number % len(views)])

    web = [sys.executable, "-m", "gunicorn", "--config", "python:clinic.serve.web", "--bind", f"127.0.0.1:{port}"]
    with House(tmp_path, database_url, now=cast.now, PHOTO_DISK_FLOOR="0") as house:
        parts = [house.run(web, "web"), house.hire(*OWN, name="w@localhost")]
        hands = [threading.Thread(target=hand) for _ in range(HANDS)]
        for one in hands:
            one.start()
        most_left = 0
        try:
            for turn, mark in enumerate(sorted(chance.sample(range(UPLOADS // 20, UPLOADS * 9 // 10), KILLS))):
                wait(lambda: len(sender.done) >= mark, seconds=240, every=0.01, what=lambda: _what(sender, parts))  # noqa: B023
                time.sleep(chance.random() * 0.3)
                part = parts[turn % 4 == 3]
                part.kill()
                assert named_and_not_there() == set()
                most_left = max(most_left, len(_without_row()))
                part.start()
            until = time.monotonic() + 300
            while any(one.is_alive() for one in hands):
                assert time.monotonic() < until, _what(sender, parts)
                # What a dead worker's message was about is picked up when it is old enough.
                house.read_ahead(FORGOTTEN.total_seconds() + 1)
                hands[0].join(5)
        finally:
            sender.over.set()
            for one in hands:
                one.join()
    states = Upload.objects.values_list("state", flat=True)
    assert (len(sender.done), len(states), set(sender.done)) == (UPLOADS, UPLOADS, set(SETTLED)), sender.broken[:3]
    assert sender.broken == []
    assert set(states) == {UploadState.READY, UploadState.PLACED}
    assert named_and_not_there() == set()
    left = _without_row()
    print(
        f"\n{UPLOADS} uploads, {KILLS} kills: {most_left} files without a row at most while dead, {len(left)} at the end"
    )
    assert len({name.rpartition("-")[0] for name in left}) <= KILLS, "of each kill one set of files at most"
    remove_orphans(cast.now.replace(year=2100))
    assert [one.key for one in look_at_files() if one.key != "media_modes"] == []
    assert (_without_row(), in_tray()) == (set(), set())


def _without_row() -> set[str]:
    rows = {name for row in Photo.objects.values_list("original", "large", "medium", "thumb") for name in row}
    rows |= {name for files in Upload.objects.values_list("files", flat=True) for name in files.values()}
    return in_media() - rows


def _what(sender: Sender, parts: list[Any]) -> object:
    return len(sender.done), sender.broken[-3:], [part.said[-1500:] for part in parts]
