"""A mail that came back, read: a delivery report, a complaint, an automatic answer, or none of them.

Whoever writes to the mailbox writes what he likes, so nothing here trusts anything: broken mail, other charsets, mail
in mail in mail. What is read is only a claim; whether it is about a letter of ours is for the operation to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from itertools import islice

from clinic.post.outcome import tame
from plans.rules.bounces import KEY, Report, meaning
from plans.rules.states import BounceKind

# The letter's headers and the verdict stand early in a report; what follows is the letter itself.
READ_BYTES = 1_048_576
_MOST_PARTS = 60
_TEXTS = ("text/plain", "text/rfc822-headers", "message/rfc822-headers")

# Most telling first: a letter names the letters before it, too, in its References.
_NAMES = tuple(
    re.compile(rb"(?im)^[ \t>]*" + name + rb":\s*<?(" + KEY.encode() + rb")\b")
    for name in (rb"message-id", rb"idempotency-key", rb"in-reply-to")
)
_ANY = re.compile(rb"(?i)\b(" + KEY.encode() + rb")@")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
_QMAIL = re.compile(r"^<(\S+@\S+)>:\s*$", re.MULTILINE)
_GONE = re.compile(r"mailer-daemon|postmaster|mail delivery (sub)?system", re.IGNORECASE)
_FAILED = re.compile(
    r"undeliver|returned mail|delivery (status notification|failure|has failed)|failure notice|mail delivery failed",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out of (the )?office|auto(matic|mated)?[ -]?(reply|response)|automatische antwort|abwesenheit|réponse automatique"
    r"|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica|fuori sede|automatisch antwoord"
    r"|resposta automática|автоответ|رد تلقائي|خارج المكتب|自动回复|自動回覆|自動返信",
    re.IGNORECASE,
)
_WAITS = {"delayed"}
_ARRIVED = {"delivered", "relayed", "expanded"}


def read_report(raw: bytes) -> Report | None:
    """Return what the mail reports; None for mail that somebody wrote, and for a report that all is well."""
    head = raw[:READ_BYTES]
    try:
        return _read(head)
    except Exception:
        # The parser stumbles over crafted mail in more ways than can be listed; one such mail must not stop the rest.
        return Report(kind=BounceKind.FOREIGN, text="it could not be read")


def _read(raw: bytes) -> Report | None:
    mail = BytesParser().parsebytes(raw)
    parts = list(islice(mail.walk(), _MOST_PARTS))
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part, parts, raw)
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            return _delivery(part, parts, raw)
    if failed := mail.get("X-Failed-Recipients"):
        return _in_words(_addresses(str(failed)), parts, raw)
    if _is_bounce_in_words(mail):
        return _in_words(_QMAIL.findall(_words(parts)), parts, raw)
    if _is_automatic(mail):
        sender = _addresses(_header(mail, "From"))
        return Report(kind=BounceKind.AUTO_REPLY, key=_key(parts, raw), recipients=_lower(sender))
    return None


def _complaint(part: Message, parts: list[Message], raw: bytes) -> Report | None:
    said = _fields(part)
    if any(field.get("Feedback-Type", "").strip().lower() == "not-spam" for field in said):
        return None
    named = [field.get("Original-Rcpt-To", "") for field in said]
    return Report(
        kind=BounceKind.COMPLAINT,
        key=_key(parts, raw),
        recipients=_lower(_addresses(" ".join(named))),
        text="marked as unwanted",
    )


def _delivery(part: Message, parts: list[Message], raw: bytes) -> Report | None:
    groups = [group for group in _fields(part) if "Action" in group or "Status" in group]
    failed = [group for group in groups if _action(group) not in _WAITS | _ARRIVED]
    waiting = [group for group in groups if _action(group) in _WAITS]
    group = next(iter([*failed, *waiting]), None)
    if group is None:
        return None
    said = re.sub(r"^\s*(smtp|x-\w+|lmtp|dns)\s*;", "", str(group.get("Diagnostic-Code", "")), flags=re.IGNORECASE)
    read = meaning(_code(group), said)
    asked = " ".join(str(group.get(name, "")) for name in ("Original-Recipient", "Final-Recipient"))
    is_final = group in failed
    return Report(
        kind=read.kind if is_final else BounceKind.TRANSIENT,
        key=_key(parts, raw),
        recipients=_lower(_addresses(asked)),
        code=read.code,
        text=tame(said),
        is_final=is_final,
        blames_address=is_final and read.blames_address,
    )


def _in_words(recipients: Iterable[str], parts: list[Message], raw: bytes) -> Report:
    """A report for people: the server's sentences, and below them a copy of the letter."""
    words = _words(parts)[:4_000]
    verdict = re.split(r"(?im)^-{3,}.*$|^this is a copy of", words)[0]
    read = meaning("", verdict)
    return Report(
        kind=read.kind,
        key=_key(parts, raw),
        recipients=_lower(recipients),
        code=read.code,
        text=tame(_sentence(verdict)),
        is_final=True,
        blames_address=read.blames_address,
    )


def _sentence(words: str) -> str:
    """The line with the verdict; the greeting above it says nothing."""
    lines = [line.strip() for line in words.splitlines()]
    return next((line for line in lines if re.search(r"\b[45]\d\d\b|[45]\.\d+\.\d+", line)), "")


def _fields(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _action(group: Message) -> str:
    return str(group.get("Action", "failed")).strip().lower()


def _code(group: Message) -> str:
    found = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(group.get("Status", "")))
    return found[0] if found else ""


def _key(parts: Iterable[Message], raw: bytes) -> str:
    """Which letter of ours the mail names: in the copy of its headers, else in what it answers, else anywhere."""
    text = b"\n".join([raw, *_decoded(parts)])
    for pattern in (*_NAMES, _ANY):
        if found := pattern.search(text):
            return found[1].decode().lower()
    return ""


def _decoded(parts: Iterable[Message]) -> Iterator[bytes]:
    """Texts whose transfer encoding hides what they say."""
    for part in parts:
        coded = str(part.get("Content-Transfer-Encoding", "")).strip().lower() in {"base64", "quoted-printable"}
        if coded and part.get_content_type() in _TEXTS:
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload


def _words(parts: Iterable[Message]) -> str:
    for part in parts:
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload.decode("utf-8", "replace")
    return ""


def _is_bounce_in_words(mail: Message) -> bool:
    sender = f"{_header(mail, 'From')} {_header(mail, 'Return-Path')}"
    return bool(_GONE.search(sender)) and bool(_FAILED.search(_header(mail, "Subject")))


def _is_automatic(mail: Message) -> bool:
    """RFC 3834, what was there before it, and the subjects of programs that know neither."""
    if str(mail.get("Auto-Submitted", "")).strip().lower().startswith("auto-replied"):
        return True
    if mail.get("X-Autoreply") or mail.get("X-Autorespond") or mail.get("X-Auto-Reply-From"):
        return True
    if str(mail.get("Precedence", "")).strip().lower() == "auto_reply":
        return True
    return bool(_AWAY.search(_header(mail, "Subject")))


def _header(mail: Message, name: str) -> str:
    value = str(mail.get(name, ""))
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, UnicodeError, ValueError):
        return value


def _addresses(text: str) -> list[str]:
    return _ADDRESS.findall(text)


def _lower(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.strip("<>.").lower() for address in addresses))
