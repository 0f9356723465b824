"""A mail server that takes every mail and keeps none: `python sink.py THINK_MS`. It prints its port, then serves.

It offers PIPELINING, as Postfix, Exim and every large mail service do. It thinks between the final dot and its answer,
as a server does that writes the mail to disk and asks a filter. `MAIL FROM` is counted; `NOOP` tells the count, so that
whoever measures can see that every mail has arrived.
"""

from __future__ import annotations

import asyncio
import sys

END = b"\r\n.\r\n"
EHLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class Session(asyncio.Protocol):
    taken = 0

    def __init__(self, think: float) -> None:
        self.think = think
        self.buffer = b""
        self.in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._body() if self.in_body else self._line():
            pass

    def _body(self) -> bool:
        end = self.buffer.find(END)
        if end < 0:
            return False
        self.buffer, self.in_body = self.buffer[end + len(END) :], False
        Session.taken += 1
        if self.think:
            asyncio.get_running_loop().call_later(self.think, self.transport.write, b"250 2.0.0 taken\r\n")
        else:
            self.transport.write(b"250 2.0.0 taken\r\n")
        return True

    def _line(self) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        self.buffer = rest
        word = line[:4].upper()
        if word == b"EHLO":
            self.transport.write(EHLO)
        elif word == b"DATA":
            self.in_body = True
            self.transport.write(b"354 go ahead\r\n")
        elif word == b"QUIT":
            self.transport.write(b"221 goodbye\r\n")
            self.transport.close()
        elif word == b"NOOP":
            self.transport.write(b"250 %d\r\n" % Session.taken)
        else:
            self.transport.write(b"250 2.1.0 fine\r\n")
        return True


async def serve(think: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Session(think), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) / 1000))
