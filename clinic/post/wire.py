"""A conversation in lines with a mail server, under one deadline nobody can stretch."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any

LONGEST_REPLY_BYTES = 16_384

# What `socket.getaddrinfo` gives; the last element differs by family.
_Address = tuple[int, int, int, str, Any]

_REPLY_LINE = re.compile(rb"([2-5]\d\d)([ -]?)(.*)", re.DOTALL)


class Fault(Exception):
    """The line was cut, stalled past its limit, or spoke nonsense."""


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    text: str


class Deadline:
    """So many seconds from now on the monotonic clock, each step getting at most `step` of what is left.

    A timeout per read alone is none: a server that dribbles a byte now and then holds such a client for ever.
    """

    def __init__(self, seconds: float, step: float) -> None:
        self._ends = time.monotonic() + seconds
        self._step = step

    def left(self) -> float:
        """Return the seconds the next step may take. Fault when the time is over."""
        seconds = min(self._step, self._ends - time.monotonic())
        if seconds <= 0:
            raise Fault("The time limit for one mail is over")
        return seconds


class Wire:
    """One connected socket, plain or TLS."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._read = b""

    @classmethod
    def connect(cls, host: str, port: int, deadline: Deadline) -> Wire:
        """Open a connection to the first address of `host` that answers. Fault when none does."""
        fault = "no address"
        for family, kind, proto, _, address in _addresses(host, port, deadline):
            sock = socket.socket(family, kind, proto)
            try:
                sock.settimeout(deadline.left())
                sock.connect(address)
                # With Nagle's algorithm on, a mail in two segments waits for the server's delayed acknowledgement.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return cls(sock)
            except OSError as error:
                sock.close()
                fault = _says(error)
        raise Fault(f"Cannot connect: {fault}")

    def encrypt(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Turn the connection into TLS, the server's certificate checked against `host`."""
        if self._read:
            # Whatever came before the handshake was written by nobody we can trust (CVE-2011-0411).
            raise Fault("The server spoke out of turn before TLS")
        try:
            self._sock.settimeout(deadline.left())
            self._sock = context.wrap_socket(self._sock, server_hostname=host)
        except OSError as error:
            raise Fault(f"No secure connection: {_says(error)}") from error

    def local_name(self) -> str:
        """Return our own end as an address literal (RFC 5321 4.1.3), which needs no name lookup."""
        address = str(self._sock.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def command(self, line: str, deadline: Deadline) -> Reply:
        self.write(line.encode("ascii") + b"\r\n", deadline)
        return self.reply(deadline)

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hand all of `data` to the kernel. Fault means its last byte did not leave."""
        rest = memoryview(data)
        try:
            while rest:
                self._sock.settimeout(deadline.left())
                rest = rest[self._sock.send(rest) :]
        except OSError as error:
            raise Fault(f"Connection lost: {_says(error)}") from error

    def reply(self, deadline: Deadline) -> Reply:
        """Read one whole reply. Fault when it is cut, late, endless, or not a reply at all."""
        texts: list[str] = []
        size = 0
        while size < LONGEST_REPLY_BYTES:
            line = self._line(deadline)
            size += len(line)
            found = _REPLY_LINE.fullmatch(line)
            if not found:
                raise Fault("The server's answer makes no sense")
            texts.append(found[3].decode("utf-8", "replace").strip())
            if found[2] != b"-":
                return Reply(int(found[1]), "\n".join(texts))
        raise Fault("The server's answer has no end")

    def is_quiet(self) -> bool:
        """Whether the kept connection still stands with nothing unread: no goodbye, no stray reply."""
        if self._read:
            return False
        try:
            self._sock.settimeout(0)
            self._sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        self._sock.close()

    def _line(self, deadline: Deadline) -> bytes:
        while b"\n" not in self._read:
            if len(self._read) > LONGEST_REPLY_BYTES:
                raise Fault("The server's answer has no end")
            try:
                self._sock.settimeout(deadline.left())
                more = self._sock.recv(4096)
            except OSError as error:
                raise Fault(f"No answer: {_says(error)}") from error
            if not more:
                raise Fault("The server closed the connection")
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.rstrip(b"\r")


def _addresses(host: str, port: int, deadline: Deadline) -> list[_Address]:
    """Look the name up with a limit: the system's resolver has none, and may block for half a minute."""
    found: list[_Address] = []
    why: list[str] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            why.append(_says(error))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not found:
        raise Fault(f"Cannot find the mail server: {why[0] if why else 'no answer in time'}")
    return list(found)


def _says(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused, {error.verify_message}"
    return error.strerror or type(error).__name__
