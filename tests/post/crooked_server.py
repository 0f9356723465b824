"""A real mail server on loopback that misbehaves at the step it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress

CUT = "cut"
STALL = "stall"
DRIBBLE = "dribble"
NONSENSE = "nonsense"

NOBODY = "554 5.5.1 no valid recipients"

USUAL = {
    "banner": "220 crooked.test ready",
    "ehlo": "250-crooked.test\r\n250 8BITMIME",
    "starttls": "220 go ahead",
    "auth": "235 welcome",
    "mail": "250 sender fine",
    "rcpt": "250 recipient fine",
    "rset": "250 forgotten",
    "data": "354 go ahead",
    "dot": "250 2.0.0 taken",
    "quit": "221 goodbye",
}


class CrookedServer:
    """`faults` maps a step to a reply, or to CUT, STALL, DRIBBLE, NONSENSE. It keeps every mail whose dot arrived, or
    none when `keeps` is off, and `in_clear` is every byte it could read without a key.

    Commands sent in one go are answered one by one, as PIPELINING wants it: after a refused recipient DATA is refused,
    unless `faults` say what it is answered.
    """

    def __init__(
        self, *, context: ssl.SSLContext | None = None, tls_at_once: bool = False, keeps: bool = True, **faults: str
    ) -> None:
        self.says = {**USUAL, **faults}
        self.keeps = keeps
        self.in_clear = bytearray()
        self.context, self.tls_at_once = context, tls_at_once
        self.kept: list[bytes] = []
        self.heard: list[str] = []
        self.connections = 0
        self.after_mail: dict[int, str] = {}
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> CrookedServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, _Over), sock:
            if not self.tls_at_once:
                self._talk(sock)
                return
            with self.context.wrap_socket(sock, server_side=True) as secure:
                self._talk(secure)

    def _talk(self, sock: socket.socket) -> None:
        self._say(sock, "banner")
        self._listen(sock)

    def _listen(self, sock: socket.socket) -> None:
        lines, refused = sock.makefile("rb"), False
        while line := lines.readline():
            self._note(sock, line)
            self.heard.append(line.decode("ascii", "replace").rstrip())
            step = line.split()[0].split(b":")[0].decode("ascii", "replace").lower() if line.split() else ""
            if step in ("mail", "rset"):
                refused = False
            if step == "data" and refused and self.says["data"] == USUAL["data"]:
                self._act(sock, NOBODY)
                continue
            self._say(sock, step if step in self.says else "ehlo")
            refused = refused or (step in ("mail", "rcpt") and not self.says[step].startswith("25"))
            if step == "starttls" and self.says["starttls"].startswith("220"):
                with self.context.wrap_socket(sock, server_side=True) as secure:
                    self._listen(secure)
                return
            if step == "data" and self.says["data"].startswith("354"):
                self._take(sock, lines)
            if step == "quit":
                return

    def _take(self, sock: socket.socket, lines: object) -> None:
        if self.says["dot"] == "cut before":
            sock.recv(10)
            raise _Over
        body = b""
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise _Over
            self._note(sock, line)
            body += line.removeprefix(b".") if line.startswith(b".") else line
        if self.keeps and body:
            self.kept.append(body)
        if answer := self.after_mail.get(len(self.kept)):
            sock.sendall(f"{USUAL['dot']}\r\n".encode())
            self._act(sock, answer)
            return
        self._say(sock, "dot")

    def _note(self, sock: socket.socket, line: bytes) -> None:
        if not isinstance(sock, ssl.SSLSocket):
            self.in_clear += line

    def _say(self, sock: socket.socket, step: str) -> None:
        self._act(sock, self.says[step])

    def _act(self, sock: socket.socket, answer: str) -> None:
        if answer == CUT:
            raise _Over
        if answer == STALL:
            self._stop.wait(20)
            raise _Over
        if answer == NONSENSE:
            sock.sendall(b"\x00\xff what?\r\n")
            return
        if answer == DRIBBLE:
            for _ in range(400):
                sock.sendall(b"2")
                time.sleep(0.02)
            raise _Over
        sock.sendall(answer.encode() + b"\r\n")


class _Over(Exception):
    pass
