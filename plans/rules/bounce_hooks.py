"""What mail services post about letters, in their own words, read into reports. One table knows the services."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinic.post.outcome import tame
from plans.rules.bounces import KEY, Report, meaning
from plans.rules.states import BounceKind

MOST_REPORTS = 1_000
# A service may try for hours; what is older than this was kept by somebody else.
FRESH_SECONDS = 24 * 3600
_KEY = re.compile(KEY)
_VERDICTS = {"failed", "delayed", "complaint"}

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the hook: its body as bytes and read, the signature from its header, and when it came."""

    body: bytes
    data: object
    signature: str
    at: float


@dataclass(frozen=True, slots=True)
class Service:
    """`speaks` knows the service by the shape of what it posts. `signed` None: it signs nothing that can be checked."""

    name: str
    speaks: Callable[[object], bool]
    reports: Callable[[object], Iterator[Report]]
    signed: Callable[[Call, str], bool] | None


def service_of(data: object) -> Service | None:
    return next((service for service in SERVICES if service.speaks(data)), None)


def is_genuine(service: Service, call: Call, key: str) -> bool:
    """Whether the call is signed with `key`. Without a key, and for services that sign nothing, the address is all."""
    return service.signed is None or not key or service.signed(call, key)


# -- our own: {"reports": [{"message_id", "recipient", "event", "status", "text"}]} -----------------------------------
def _is_simple(data: object) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get("reports"), Sequence)


def _simple(data: object) -> Iterator[Report]:
    for one in _list(_json(data).get("reports")):
        event = _text(one, "event")
        if event == "auto_reply":
            yield Report(
                kind=BounceKind.AUTO_REPLY, key=_key(_text(one, "message_id")), recipients=_who(one, "recipient")
            )
        elif event in _VERDICTS:
            yield _report(one, "recipient", _text(one, "message_id"), event, _text(one, "status"), _text(one, "text"))


def _signed_simple(call: Call, key: str) -> bool:
    wanted = hmac.new(key.encode(), call.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(call.signature.removeprefix("sha256=").encode(), wanted.encode())


# -- Mailgun -----------------------------------------------------------------------------------------------------------
def _is_mailgun(data: object) -> bool:
    return isinstance(data, Mapping) and "event-data" in data


def _mailgun(data: object) -> Iterator[Report]:
    one = _json(_json(data).get("event-data"))
    verdict = {"failed": "failed", "complained": "complaint"}.get(_text(one, "event"))
    if verdict is None:
        return
    if verdict == "failed" and _text(one, "severity") == "temporary":
        verdict = "delayed"
    status = _json(one.get("delivery-status"))
    headers = _json(_json(one.get("message")).get("headers"))
    code = _text(status, "enhanced-code") or _text(status, "code")
    said = _text(status, "message") or _text(status, "description")
    yield _report(one, "recipient", _text(headers, "message-id"), verdict, code, said)


def _signed_mailgun(call: Call, key: str) -> bool:
    """Signed are the hour and a token, not the body: so an old signature is worth nothing."""
    said = _json(_json(call.data).get("signature"))
    stamp, token = _text(said, "timestamp"), _text(said, "token")
    wanted = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    fresh = stamp.isdecimal() and len(stamp) < 12 and abs(call.at - int(stamp)) < FRESH_SECONDS
    return fresh and hmac.compare_digest(_text(said, "signature").encode(), wanted.encode())


# -- SendGrid ----------------------------------------------------------------------------------------------------------
_SENDGRID = {"bounce": "failed", "dropped": "failed", "deferred": "delayed", "spamreport": "complaint"}


def _is_sendgrid(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(one, Mapping) and "sg_event_id" in one for one in data)


def _sendgrid(data: object) -> Iterator[Report]:
    for one in _list(data):
        if verdict := _SENDGRID.get(_text(one, "event")):
            yield _report(one, "email", _text(one, "smtp-id"), verdict, _text(one, "status"), _text(one, "reason"))


# -- Brevo -------------------------------------------------------------------------------------------------------------
_BREVO = {
    "hard_bounce": "failed", "invalid_email": "failed", "blocked": "failed", "error": "failed",
    "soft_bounce": "delayed", "deferred": "delayed", "spam": "complaint", "complaint": "complaint",
}  # fmt: skip


def _is_brevo(data: object) -> bool:
    return isinstance(data, Mapping) and "message-id" in data and "event" in data


def _brevo(data: object) -> Iterator[Report]:
    one = _json(data)
    if verdict := _BREVO.get(_text(one, "event")):
        yield _report(one, "email", _text(one, "message-id"), verdict, "", _text(one, "reason"))


SERVICES = (
    Service("simple form", _is_simple, _simple, _signed_simple),
    Service("Mailgun", _is_mailgun, _mailgun, _signed_mailgun),
    Service("SendGrid", _is_sendgrid, _sendgrid, None),
    Service("Brevo", _is_brevo, _brevo, None),
)


# -- what they have in common ------------------------------------------------------------------------------------------
def _report(one: Json, who: str, message_id: str, verdict: str, code: str, said: str) -> Report:
    key, people = _key(message_id), _who(one, who)
    if verdict == "complaint":
        return Report(kind=BounceKind.COMPLAINT, key=key, recipients=people, text="marked as unwanted")
    is_final, read = verdict == "failed", meaning(code, said)
    return Report(
        kind=read.kind if is_final else BounceKind.TRANSIENT,
        key=key,
        recipients=people,
        code=read.code[:16],
        text=tame(said),
        is_final=is_final,
        blames_address=is_final and read.blames_address,
    )


def _key(text: str) -> str:
    found = _KEY.match(text.strip().removeprefix("<").lower())
    return found[0] if found else ""


def _who(one: Json, name: str) -> tuple[str, ...]:
    address = _text(one, name).strip().lower()
    return (address,) if "@" in address else ()


def _json(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Json]:
    return [one for one in value[:MOST_REPORTS] if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(one: Json, name: str) -> str:
    value = one.get(name, "")
    return str(value)[:2_000] if isinstance(value, str | int | float) else ""
