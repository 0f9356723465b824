"""A mail as bytes, the same bytes every time.

Written by hand and not with the `email` package: a mail that must go twice has to be the same mail to the last byte
(boundaries, date, Message-ID), and the package costs more than everything else in posting it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from clinic.post.address import ascii_address
from clinic.post.headers import identifier, mailbox, references, unstructured, web_address

CalendarMethod = Literal["REQUEST", "CANCEL", "PUBLISH"]

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One mail to one person. `date` is aware; `message_id` and `references` with or without their angle brackets.

    `idempotency_key` travels as a header that some relays honour; it is the key the mail is posted under.
    """

    sender: str
    reply_to: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    idempotency_key: str
    sender_name: str = ""
    calendar: bytes | None = None
    calendar_method: CalendarMethod = "PUBLISH"
    unsubscribe_url: str | None = None
    references: tuple[str, ...] = ()


def build(envelope: Envelope) -> bytes:
    """Return the whole mail with CRLF line ends, every line ASCII and at most 998 characters.

    Refusal("address") when sender, reply-to or recipient is not one plain address. ValueError for a naive date, or for
    a Message-ID, key or address of the web that holds blanks or control characters. Control characters in names and
    subjects become a space: nothing a person typed can start a header.
    """
    body_type, body = _body(envelope)
    lines = [*_headers(envelope), "MIME-Version: 1.0", *body_type, "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _headers(envelope: Envelope) -> Iterator[str]:
    if envelope.date.tzinfo is None:
        raise ValueError("The date of a mail needs its time zone.")
    yield f"From: {mailbox(envelope.sender_name, ascii_address(envelope.sender))}"
    yield f"To: {mailbox(envelope.recipient_name, ascii_address(envelope.recipient))}"
    if envelope.reply_to:
        yield f"Reply-To: {ascii_address(envelope.reply_to)}"
    yield f"Subject: {unstructured(envelope.subject)}"
    yield f"Date: {format_datetime(envelope.date.astimezone(UTC))}"
    yield f"Message-ID: {identifier(envelope.message_id)}"
    if envelope.references:
        yield f"In-Reply-To: {identifier(envelope.references[-1])}"
        yield f"References: {references(envelope.references)}"
    # RFC 3834: holiday notices and other robots do not answer mail that says so.
    yield "Auto-Submitted: auto-generated"
    yield f"Idempotency-Key: {identifier(envelope.idempotency_key)[1:-1]}"
    if envelope.unsubscribe_url:
        yield f"List-Unsubscribe: <{web_address(envelope.unsubscribe_url)}>"
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def _body(envelope: Envelope) -> tuple[list[str], bytes]:
    """Return the Content-* header lines of the whole body, and the body."""
    seed = hashlib.sha256(f"{envelope.message_id}\0{envelope.idempotency_key}".encode()).hexdigest()[:24]
    written = [
        _part(['Content-Type: text/plain; charset="utf-8"'], envelope.text),
        _part(['Content-Type: text/html; charset="utf-8"'], envelope.html),
    ]
    head, body = _multipart("alternative", f"=_a{seed}", written)
    if envelope.calendar is None:
        return head, body
    letter = "\r\n".join([*head, "", ""]).encode("ascii") + body
    return _multipart("mixed", f"=_m{seed}", [letter, _calendar_part(envelope.calendar, envelope.calendar_method)])


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> tuple[list[str], bytes]:
    # "=_" can stand neither in quoted-printable nor in base64, so no part can hold the boundary.
    line = f"--{boundary}".encode("ascii")
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    return [f'Content-Type: multipart/{kind}; boundary="{boundary}"'], body


def _part(head: list[str], text: str) -> bytes:
    even = _LINE_END.sub("\n", text) if "\r" in text else text
    lines = even.replace("\n", "\r\n").encode("utf-8", "replace")
    encoded = binascii.b2a_qp(lines, istext=True)
    return "\r\n".join([*head, "Content-Transfer-Encoding: quoted-printable", "", ""]).encode("ascii") + encoded


def _calendar_part(calendar: bytes, method: CalendarMethod) -> bytes:
    head = (
        f'Content-Type: text/calendar; charset="utf-8"; method={method}; name="appointment.ics"\r\n'
        'Content-Disposition: attachment; filename="appointment.ics"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + base64.encodebytes(calendar).replace(b"\n", b"\r\n").rstrip()
