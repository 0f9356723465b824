"""A mail server as a process of its own: `python -m tests.proofs.sink LOG THINK`. It prints its port when it listens.

Every mail whose dot arrives is one line of LOG, written before the answer: Message-ID, digest of the bytes, recipient.
THINK is the seconds it thinks about each mail, so that there is something to be interrupted.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sys
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID: *<([^>]+)>", re.IGNORECASE | re.MULTILINE)


class Sink:
    def __init__(self, log: Path, think: float) -> None:
        self._file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._think = think

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._dialogue(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _dialogue(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink.test\r\n")
        recipient = b""
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = line[line.find(b"<") + 1 : line.rfind(b">")]
            if word == b"DATA":
                writer.write(b"354 go\r\n")
                self._keep(await reader.readuntil(b"\r\n.\r\n"), recipient)
                await asyncio.sleep(self._think)
            said = {b"EHLO": b"250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME", b"QUIT": b"221 bye"}
            writer.write(said.get(word, b"250 2.0.0 Ok") + b"\r\n")
            if word == b"QUIT":
                return

    def _keep(self, mail: bytes, recipient: bytes) -> None:
        found = MESSAGE_ID.search(mail)
        name = found[1] if found else b"none"
        mail = mail.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")  # what stood there before it was sent
        os.write(self._file, b"%s %s %s\n" % (name, hashlib.sha256(mail).hexdigest().encode(), recipient))


async def main(log: Path, think: float) -> None:
    sink = Sink(log, think)
    server = await asyncio.start_server(sink.talk, "127.0.0.1", 0, limit=2**22)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
