"""From a host's name to a connection that takes mail: TLS, EHLO, login. What fails here is never the mail's fault."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from clinic.post.wire import Deadline, Fault, Reply, Wire


class Tls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    SSL = "ssl"


class NotReadyError(Exception):
    """No usable connection: the fault is between the server and us, whoever the mail is for."""

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(slots=True)
class Server:
    """Where mail is taken, and who we say we are. `context` None: certificates are checked as the system does."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = Tls.STARTTLS
    context: ssl.SSLContext | None = None

    def trust(self) -> ssl.SSLContext:
        if self.context is None:
            self.context = ssl.create_default_context()
        return self.context


def call(server: Server, deadline: Deadline) -> tuple[Wire, bool]:
    """Return an open connection, and whether the server takes several commands in one write. NotReadyError."""
    try:
        wire = Wire.connect(server.host, server.port, deadline)
    except Fault as fault:
        raise NotReadyError(None, str(fault)) from fault
    try:
        return wire, "PIPELINING" in _introduce(server, wire, deadline)
    except Fault as fault:
        wire.close()
        raise NotReadyError(None, str(fault)) from fault
    except NotReadyError:
        wire.close()
        raise


def _introduce(server: Server, wire: Wire, deadline: Deadline) -> dict[str, str]:
    if server.tls is Tls.SSL:
        wire.encrypt(server.trust(), server.host, deadline)
    _expect(wire.reply(deadline), 220)
    offers = _ehlo(wire, deadline)
    if server.tls is Tls.STARTTLS:
        if "STARTTLS" not in offers:
            raise NotReadyError(None, "The server offers no TLS, so nothing was sent")
        _expect(wire.command("STARTTLS", deadline), 220)
        wire.encrypt(server.trust(), server.host, deadline)
        offers = _ehlo(wire, deadline)
    if server.username:
        _log_in(server, wire, offers.get("AUTH", "").upper().split(), deadline)
    return offers


def _log_in(server: Server, wire: Wire, ways: list[str], deadline: Deadline) -> None:
    if "PLAIN" in ways:
        secret = _base64(f"\0{server.username}\0{server.password}")
        reply = wire.command(f"AUTH PLAIN {secret}", deadline)
    elif "LOGIN" in ways:
        _expect(wire.command("AUTH LOGIN", deadline), 334)
        _expect(wire.command(_base64(server.username), deadline), 334)
        reply = wire.command(_base64(server.password), deadline)
    else:
        raise NotReadyError(None, "The server offers no login we know (PLAIN or LOGIN)")
    _expect(reply, 235)


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise NotReadyError(reply.code, reply.text)


def _ehlo(wire: Wire, deadline: Deadline) -> dict[str, str]:
    """Return what the server offers: keyword in upper case, and what stands behind it."""
    reply = wire.command(f"EHLO {wire.local_name()}", deadline)
    _expect(reply, 250)
    offers = (line.partition(" ") for line in reply.text.split("\n")[1:])
    return {keyword.upper(): rest for keyword, _, rest in offers}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
