"""Posting by SMTP, always knowing whether the mail may have left.

The gap of RFC 1047: between the last byte of the final dot and the server's answer nobody can know whether the mail
was taken. So the end of the body is the one line that matters here: a fault before it is harmless, one after it is
`IN_DOUBT`, and the kind of letter decides what to do about that.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import ssl
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

from clinic.post.address import ascii_address
from clinic.post.outcome import Outcome, OutcomeKind, tame
from clinic.post.wire import Deadline, Fault, Reply, Wire
from clinic.rules.refusal import Refusal

GOODBYE_SECONDS = 2.0

AUTH_CODES = frozenset({530, 534, 535, 538})

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)


class Tls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    SSL = "ssl"


class SmtpPost:
    """Keeps one connection for a batch and opens it again when the server has hung up in between.

    `timeout` limits each wait and `wall_limit` one whole `send`, connecting included, in seconds. The wall limit must
    stay under a third of the reminder's lease.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str = "",
        password: str = "",
        tls: Tls = Tls.STARTTLS,
        timeout: float = 15.0,
        wall_limit: float = 40.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Refusal("clear_text_mail") when mail would leave this machine unencrypted."""
        if tls is Tls.NONE and not _is_loopback(host):
            raise Refusal("clear_text_mail", "Mail to another machine must be encrypted: ask for TLS in EMAIL_URL.")
        self._host, self._port, self._tls = host, port, tls
        self._username, self._password = username, password
        self._timeout, self._wall_limit = timeout, wall_limit
        self._context = context
        self._wire: Wire | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye. Whatever the server makes of it, its 250 for each mail stands."""
        if self._wire is not None:
            with suppress(Fault):
                self._wire.command("QUIT", Deadline(GOODBYE_SECONDS, GOODBYE_SECONDS))
        self._hang_up()

    def send(self, recipient: str, sender: str, message: bytes, key: str) -> Outcome:
        """Post one mail. `key` is not used on the wire: plain SMTP has no place for it but the mail's own headers."""
        try:
            to, by = ascii_address(recipient), ascii_address(sender)
        except Refusal as refusal:
            return Outcome(OutcomeKind.REFUSED_FOR_GOOD, None, refusal.sentence)
        outcome = self._converse(to, by, message, Deadline(self._wall_limit, self._timeout))
        return Outcome(outcome.kind, outcome.code, tame(outcome.text, hide=(to.rpartition("@")[0], self._password)))

    def _converse(self, to: str, by: str, message: bytes, deadline: Deadline) -> Outcome:
        try:
            wire, reply = self._begin(by, deadline)
        except _NotReadyError as error:
            return Outcome(OutcomeKind.OURS, error.code, error.text)
        except Fault as fault:
            return self._lost(OutcomeKind.REFUSED_FOR_NOW, fault)
        if not _is_yes(reply):
            return self._refused(wire, reply, deadline, ours=reply.code >= 500)
        try:
            reply = wire.command(f"RCPT TO:<{to}>", deadline)
            if not _is_yes(reply):
                return self._refused(wire, reply, deadline)
            reply = wire.command("DATA", deadline)
            if reply.code != 354:
                return self._refused(wire, reply, deadline)
            # Body and dot in one write: in two, the dot would wait for an acknowledgement inside the gap.
            wire.write(_with_dot(message), deadline)
        except Fault as fault:
            return self._lost(OutcomeKind.REFUSED_FOR_NOW, fault)
        return self._verdict(wire, deadline)

    def _verdict(self, wire: Wire, deadline: Deadline) -> Outcome:
        """Read the answer to the final dot: from here on silence means doubt."""
        try:
            reply = wire.reply(deadline)
        except Fault as fault:
            return self._lost(OutcomeKind.IN_DOUBT, fault)
        if reply.code == 250:
            return Outcome(OutcomeKind.SENT, reply.code, reply.text)
        if reply.code < 400:
            self._hang_up()
            return Outcome(OutcomeKind.IN_DOUBT, reply.code, reply.text)
        if reply.code == 421:
            self._hang_up()
        return _no(reply)

    def _begin(self, by: str, deadline: Deadline) -> tuple[Wire, Reply]:
        """Return an open connection and the answer to MAIL; a kept connection grown stale is replaced."""
        kept = self._wire
        if kept is not None and kept.is_quiet():
            with suppress(Fault):
                reply = kept.command(f"MAIL FROM:<{by}>", deadline)
                # Many servers end a connection after so many mails with 421: that is about it, not about this mail.
                if reply.code != 421:
                    return kept, reply
        self._hang_up()
        wire = self._wire = self._open(deadline)
        return wire, wire.command(f"MAIL FROM:<{by}>", deadline)

    def _open(self, deadline: Deadline) -> Wire:
        try:
            wire = Wire.connect(self._host, self._port, deadline)
        except Fault as fault:
            raise _NotReadyError(None, str(fault)) from fault
        try:
            self._introduce(wire, deadline)
        except Fault as fault:
            wire.close()
            raise _NotReadyError(None, str(fault)) from fault
        except _NotReadyError:
            wire.close()
            raise
        return wire

    def _introduce(self, wire: Wire, deadline: Deadline) -> None:
        if self._tls is Tls.SSL:
            wire.encrypt(self._trust(), self._host, deadline)
        _expect(wire.reply(deadline), 220)
        offers = _ehlo(wire, deadline)
        if self._tls is Tls.STARTTLS:
            if "STARTTLS" not in offers:
                raise _NotReadyError(None, "The server offers no TLS, so nothing was sent")
            _expect(wire.command("STARTTLS", deadline), 220)
            wire.encrypt(self._trust(), self._host, deadline)
            offers = _ehlo(wire, deadline)
        if self._username:
            self._log_in(wire, offers.get("AUTH", "").upper().split(), deadline)

    def _log_in(self, wire: Wire, ways: list[str], deadline: Deadline) -> None:
        if "PLAIN" in ways:
            secret = _base64(f"\0{self._username}\0{self._password}")
            reply = wire.command(f"AUTH PLAIN {secret}", deadline)
        elif "LOGIN" in ways:
            _expect(wire.command("AUTH LOGIN", deadline), 334)
            _expect(wire.command(_base64(self._username), deadline), 334)
            reply = wire.command(_base64(self._password), deadline)
        else:
            raise _NotReadyError(None, "The server offers no login we know (PLAIN or LOGIN)")
        _expect(reply, 235)

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def _refused(self, wire: Wire, reply: Reply, deadline: Deadline, *, ours: bool = False) -> Outcome:
        """Judge a no before the body, and clear the table for the next mail."""
        try:
            if reply.code == 421 or reply.code < 400 or not _is_yes(wire.command("RSET", deadline)):
                self._hang_up()
        except Fault:
            self._hang_up()
        return Outcome(OutcomeKind.OURS, reply.code, reply.text) if ours else _no(reply)

    def _lost(self, kind: OutcomeKind, fault: Fault) -> Outcome:
        self._hang_up()
        return Outcome(kind, None, str(fault))

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None


class _NotReadyError(Exception):
    """No usable connection: the fault is between the server and us, whoever the mail is for."""

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def _no(reply: Reply) -> Outcome:
    if reply.code in AUTH_CODES:
        return Outcome(OutcomeKind.OURS, reply.code, reply.text)
    kind = OutcomeKind.REFUSED_FOR_GOOD if reply.code >= 500 else OutcomeKind.REFUSED_FOR_NOW
    return Outcome(kind, reply.code, reply.text)


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise _NotReadyError(reply.code, reply.text)


def _ehlo(wire: Wire, deadline: Deadline) -> dict[str, str]:
    """Return what the server offers: keyword in upper case, and what stands behind it."""
    reply = wire.command(f"EHLO {wire.local_name()}", deadline)
    _expect(reply, 250)
    offers = (line.partition(" ") for line in reply.text.split("\n")[1:])
    return {keyword.upper(): rest for keyword, _, rest in offers}


def _is_yes(reply: Reply) -> bool:
    return 250 <= reply.code <= 259


def _with_dot(message: bytes) -> bytes:
    """Return the body as it goes over the wire. Lone CR or LF become CRLF, or two servers could disagree on the end."""
    body = _LINE_DOT.sub(b"..", _LINE_END.sub(b"\r\n", message))
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
