"""Mail written to a folder: the default, and what a demo clinic and a developer look at."""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from clinic.post.address import ascii_address
from clinic.post.outcome import Outcome, OutcomeKind
from clinic.post.protocol import Ready, always
from clinic.rules.refusal import Refusal

STALE_AFTER_SECONDS = 3600

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


class FolderPost:
    """Writes each mail as `<key>.eml`, readable by its owner only, whole or not at all.

    The same key again finds its file and is SENT again without a second copy, so this way of posting is
    exactly-once even when the program is killed at any instant.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def send(self, recipient: str, sender: str, message: bytes, key: str, ready: Ready = always) -> Outcome:
        """Write the mail. ValueError when `key` could not be a file name; a full disk is OURS."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} cannot name a mail.")
        try:
            ascii_address(recipient)
        except Refusal as refusal:
            return Outcome(OutcomeKind.REFUSED_FOR_GOOD, None, refusal.sentence)
        if not ready():
            return Outcome(OutcomeKind.WITHDRAWN)
        try:
            return self._write(message, key)
        except OSError as error:
            return Outcome(OutcomeKind.OURS, None, f"The mail folder cannot be written: {error.strerror}.")

    def _write(self, message: bytes, key: str) -> Outcome:
        final = self.folder / f"{key}.eml"
        part = self.folder / f".{key}.{secrets.token_hex(8)}.part"
        try:
            _write_durably(part, message)
            # A link is all or nothing and refuses to replace: two senders of one key leave one whole file.
            os.link(part, final)
        except FileExistsError:
            return _already(final, message)
        finally:
            part.unlink(missing_ok=True)
        _fsync_folder(self.folder)
        return Outcome(OutcomeKind.SENT, None, f"Written to {final.name}")

    def _sweep(self) -> None:
        """Remove what a killed writer left behind; a living one needs milliseconds, not an hour."""
        for part in self.folder.glob(".*.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > STALE_AFTER_SECONDS:
                    part.unlink()


def _write_durably(path: Path, message: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())


def _already(final: Path, message: bytes) -> Outcome:
    if final.read_bytes() == message:
        return Outcome(OutcomeKind.SENT, None, f"Already written to {final.name}")
    return Outcome(OutcomeKind.REFUSED_FOR_GOOD, 554, "5.6.0 A different mail already stands under this key.")


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
