"""Posting by SMTP, always knowing whether the mail may have left.

The gap of RFC 1047: between the last byte of the final dot and the server's answer nobody can know whether the mail
was taken. So the end of the body is the one line that matters here: a fault before it is harmless, one after it is
`IN_DOUBT`, and the kind of letter decides what to do about that.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from clinic.post.address import ascii_address
from clinic.post.greeting import NotReadyError, Server, Tls, call
from clinic.post.outcome import Outcome, OutcomeKind, tame
from clinic.post.protocol import Ready, always
from clinic.post.wire import Deadline, Fault, Reply, Wire
from clinic.rules.refusal import Refusal

__all__ = ["LONGEST_SEND", "SmtpPost", "Tls"]

GOODBYE_SECONDS = 2.0
LONGEST_SEND = 39.0
"""No setting allows more for one mail: it must stay under a third of the lease its reminder is held by."""

AUTH_CODES = frozenset({530, 534, 535, 538})

_LINE_END = re.compile(rb"\r\n|\r|\n")


class SmtpPost:
    """Keeps one connection for a batch and opens it again when the server has hung up in between.

    `timeout` limits each wait and `wall_limit` one whole `send`, connecting included, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str = "",
        password: str = "",
        tls: Tls = Tls.STARTTLS,
        timeout: float = 15.0,
        wall_limit: float = LONGEST_SEND,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Refusal("clear_text_mail") when mail would leave this machine unencrypted."""
        if tls is Tls.NONE and not _is_loopback(host):
            raise Refusal("clear_text_mail", "Mail to another machine must be encrypted: ask for TLS in EMAIL_URL.")
        self._server = Server(host, port, username, password, tls, context)
        self._timeout, self._wall_limit = timeout, min(wall_limit, LONGEST_SEND)
        self._wire: Wire | None = None
        self._in_one_write = False

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

    def send(self, recipient: str, sender: str, message: bytes, key: str, ready: Ready = always) -> Outcome:
        """Post one mail. `key` is not used on the wire: plain SMTP has no place for it but the mail's own headers."""
        try:
            to, by = ascii_address(recipient), ascii_address(sender)
        except Refusal as refusal:
            return Outcome(OutcomeKind.REFUSED_FOR_GOOD, None, refusal.sentence)
        outcome = self._converse(to, by, message, ready, Deadline(self._wall_limit, self._timeout))
        hide = (to.rpartition("@")[0], self._server.password)
        return Outcome(outcome.kind, outcome.code, tame(outcome.text, hide=hide))

    def _converse(self, to: str, by: str, message: bytes, ready: Ready, deadline: Deadline) -> Outcome:
        body = _with_dot(message)
        try:
            wire, reply, is_sender = self._agree(to, by, deadline)
        except NotReadyError as error:
            return Outcome(OutcomeKind.OURS, error.code, error.text)
        except Fault as fault:
            return self._lost(OutcomeKind.REFUSED_FOR_NOW, fault)
        if reply.code != 354:
            return self._refused(wire, reply, deadline, ours=is_sender and reply.code >= 500)
        try:
            may_leave = ready()
        except BaseException:
            self._hang_up()
            raise
        if not may_leave:
            # After 354 a server takes whatever comes for the mail: the only way back is to hang up.
            self._hang_up()
            return Outcome(OutcomeKind.WITHDRAWN)
        try:
            # Body and dot in one write: in two, the dot would wait for an acknowledgement inside the gap.
            wire.write(body, deadline)
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

    def _agree(self, to: str, by: str, deadline: Deadline) -> tuple[Wire, Reply, bool]:
        """Return an open connection, the answer that decides (354, or the first no), and whether it is to MAIL.

        A kept connection grown stale is replaced.
        """
        kept = self._wire
        if kept is not None and kept.is_quiet():
            with suppress(_StaleError):
                return self._envelope(kept, to, by, deadline, is_kept=True)
        self._hang_up()
        wire, self._in_one_write = call(self._server, deadline)
        self._wire = wire
        return self._envelope(wire, to, by, deadline)

    def _envelope(
        self, wire: Wire, to: str, by: str, deadline: Deadline, *, is_kept: bool = False
    ) -> tuple[Wire, Reply, bool]:
        commands = [f"MAIL FROM:<{by}>", f"RCPT TO:<{to}>", "DATA"]
        unsaid = iter(commands)
        try:
            wire.write(_lines(commands if self._in_one_write else [next(unsaid)]), deadline)
            reply = wire.reply(deadline)
        except Fault:
            if is_kept:
                raise _StaleError from None
            raise
        if is_kept and reply.code == 421:
            # Many servers end a connection after so many mails: that is about it, not about this mail.
            raise _StaleError
        if not _is_yes(reply):
            return wire, self._first_no(wire, reply, 2, deadline), True
        for left in (1, 0):
            if not self._in_one_write:
                wire.write(_lines([next(unsaid)]), deadline)
            reply = wire.reply(deadline)
            if left and not _is_yes(reply):
                return wire, self._first_no(wire, reply, left, deadline), False
        return wire, reply, False

    def _first_no(self, wire: Wire, no: Reply, unread: int, deadline: Deadline) -> Reply:
        """Return the no, the answers to what was said along with it read and put aside.

        When the server says 354 all the same, or stops answering, the connection is of no further use.
        """
        try:
            for _ in range(unread if self._in_one_write else 0):
                if wire.reply(deadline).code == 354:
                    self._hang_up()
                    break
        except Fault:
            self._hang_up()
        return no

    def _refused(self, wire: Wire, reply: Reply, deadline: Deadline, *, ours: bool = False) -> Outcome:
        """Judge a no before the body, and clear the table for the next mail."""
        try:
            usable = self._wire is not None and 400 <= reply.code != 421
            if not usable or not _is_yes(wire.command("RSET", deadline)):
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


class _StaleError(Exception):
    """The kept connection is of no use any more; nothing of this mail was agreed on it."""


def _no(reply: Reply) -> Outcome:
    if reply.code in AUTH_CODES:
        return Outcome(OutcomeKind.OURS, reply.code, reply.text)
    kind = OutcomeKind.REFUSED_FOR_GOOD if reply.code >= 500 else OutcomeKind.REFUSED_FOR_NOW
    return Outcome(kind, reply.code, reply.text)


def _is_yes(reply: Reply) -> bool:
    return 250 <= reply.code <= 259


def _lines(commands: list[str]) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")


def _with_dot(message: bytes) -> bytes:
    """Return the body as it goes over the wire. Lone CR or LF become CRLF, or two servers could disagree on the end."""
    ends = message.count(b"\r\n")
    body = message
    if ends != message.count(b"\n") or ends != message.count(b"\r"):
        body = _LINE_END.sub(b"\r\n", message)
    body = body.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
