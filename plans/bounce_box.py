"""Where reports come in as mail: an IMAP folder, a Maildir, or a folder of .eml files. Asked by a clock or by hand,
never by a page."""

from __future__ import annotations

import imaplib
import logging
import os
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from clinic.checks import is_loopback
from plans.operations.bounces import Noted, note_bounce
from plans.rules.bounce_mail import READ_BYTES, read_report

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 200
ONE_TURN = 45  # seconds
TIMEOUT = 20  # seconds the mail server may be silent
LOOKED_BACK = timedelta(days=30)
# Marks what was read, without touching what people see as read or unread.
MARK = "CourseRead"
NO_REPORT = "somebody's own mail"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Piece:
    """One mail of the box. `done` is called once it is dealt with; without it, it comes again."""

    raw: bytes
    done: Callable[[bool], None]


def fetch_bounces(url: str, *, now: Clock) -> Counter[str]:
    """Read what is new, note it, and return how many ended how. Raises ImproperlyConfigured and OSError."""
    ends, began = Counter[str](), time.monotonic()
    with _box(url, now()) as pieces:
        for piece in pieces:
            report = read_report(piece.raw)
            if report is None:
                ends[NO_REPORT] += 1
                piece.done(False)
            else:
                ends[_note(piece, note_bounce(report, source="mailbox", now=now()))] += 1
            if time.monotonic() - began > ONE_TURN:
                break
    return ends


def fetch_quietly(url: str, *, now: Clock) -> Counter[str]:
    """The same for a clock: a mailbox that cannot be reached is tried again at the next turn."""
    try:
        return fetch_bounces(url, now=now)
    except DatabaseError:
        raise
    except (ImproperlyConfigured, OSError, imaplib.IMAP4.error) as error:
        # The server's own words may hold the address or the password.
        logger.warning("the mailbox of returned mail could not be read: %s", type(error).__name__)
        return Counter()


def _note(piece: Piece, noted: Noted) -> str:
    if noted is not Noted.LATER:
        piece.done(True)
    return noted.value


@contextmanager
def _box(url: str, now: datetime) -> Iterator[Iterator[Piece]]:
    scheme = urlsplit(url).scheme
    if scheme in {"maildir", "file"}:
        yield _files(Path(unquote(urlsplit(url).path)), is_maildir=scheme == "maildir")
    elif scheme in {"imap", "imaps", "imap+starttls", "imap+tls"}:
        with _imap(url) as box:
            yield _unread(box, now)
    else:
        raise ImproperlyConfigured("BOUNCES_URL must begin with imaps://, imap+starttls://, maildir:// or file://.")


def _files(folder: Path, *, is_maildir: bool) -> Iterator[Piece]:
    """Oldest first. What was read is moved: to cur/ as seen, or into a folder `read` beside the others."""
    source, target = (folder / "new", folder / "cur") if is_maildir else (folder, folder / "read")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in sorted(os.listdir(source))[:MOST_AT_ONCE]:
        file = source / name
        if name.startswith(".") or not file.is_file() or not (is_maildir or name.endswith(".eml")):
            continue
        with file.open("rb") as opened:
            raw = opened.read(READ_BYTES)
        ending = ":2,S" if is_maildir and ":2," not in name else ""
        yield Piece(raw, lambda _, file=file, to=target / f"{name}{ending}": file.rename(to))  # type: ignore[misc]


@contextmanager
def _imap(url: str) -> Iterator[imaplib.IMAP4]:
    """Log in by TLS, with the server's certificate checked; in clear on this machine only."""
    parts, safe = urlsplit(url), ssl.create_default_context()
    host = parts.hostname or ""
    if parts.scheme == "imap" and not is_loopback(host):
        raise ImproperlyConfigured("BOUNCES_URL: imap:// is for this machine only; use imaps:// or imap+starttls://.")
    if parts.scheme == "imaps":
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=safe, timeout=TIMEOUT)
    else:
        box = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT)
    try:
        if parts.scheme in {"imap+starttls", "imap+tls"}:
            box.starttls(safe)
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        if box.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')[0] != "OK":
            raise ImproperlyConfigured("BOUNCES_URL names a folder that is not in the mailbox.")
        yield box
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _unread(box: imaplib.IMAP4, now: datetime) -> Iterator[Piece]:
    """What bears no mark of ours. A server that keeps no marks of others has to do with “seen”."""
    flags = str(box.response("PERMANENTFLAGS")[1])
    keeps_marks = "\\\\*" in flags or "\\*" in flags
    since = (now - LOOKED_BACK).strftime("%d-%b-%Y")
    wanted = f"UNKEYWORD {MARK}" if keeps_marks else "UNSEEN"
    found = box.uid("SEARCH", f"({wanted} SINCE {since})")[1]
    for uid in (found[0] or b"").split()[:MOST_AT_ONCE]:
        name = uid.decode()
        answer = box.uid("FETCH", name, f"(BODY.PEEK[]<0.{READ_BYTES}>)")[1]
        raw = next((one[1] for one in answer if isinstance(one, tuple)), b"")
        yield Piece(raw, _marker(box, name, keeps_marks))


def _marker(box: imaplib.IMAP4, uid: str, keeps_marks: bool) -> Callable[[bool], None]:
    def done(is_report: bool) -> None:
        """A report has been seen; a person's mail is still new to people."""
        flags = [MARK] * keeps_marks + ["\\Seen"] * (is_report or not keeps_marks)
        box.uid("STORE", uid, "+FLAGS.SILENT", f"({' '.join(flags)})")

    return done
