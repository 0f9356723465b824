"""How fast letters leave: our machine, the limit and the peers, in one run, in turns.

    python benchmarks/dispatch/run.py [--letters 1000] [--rounds 3] [--only sqlite|postgresql] [--peer PYTHON]

`--peer` is the Python of an environment with benchmarks/dispatch/requirements.txt in it; without one the peers are
left out. Mail servers, databases and senders are processes of their own, on loopback, and are gone when it is over.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Slow ones get fewer letters, so that a round is short and a busy minute is everybody's.
SHARE = {"mailer": 5, "post_office": 2}
THINK_MS, MANY = 10, 8


class Side:
    """A process that is told what to do in lines of JSON."""

    def __init__(self, stack: ExitStack, words: list[str], env: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        self.process = stack.enter_context(subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, env=env))
        self.told = self._hear()

    def ask(self, **asked: Any) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a side of the benchmark has died")
        told: dict[str, Any] = json.loads(line)
        return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--peer", default="", help="the peers' Python")
    asked = parser.parse_args()
    for vendor in [asked.only] if asked.only else ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatch-")))
            measure(vendor, folder, stack, asked)


def measure(vendor: str, folder: Path, stack: ExitStack, asked: argparse.Namespace) -> None:
    url, peer_url = databases(vendor, folder, stack)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "SECRET_KEY": "only-for-this-benchmark",
        "VAR_DIR": str(folder),
        "DATABASE_URL": url,
        "MAIL_PER_MINUTE": "0",
        "PYTHONPATH": str(ROOT),
    }
    at_once, thinking = (sink(stack, think) for think in (0, THINK_MS))
    shared = folder / "mails.json"
    own = Side(stack, [sys.executable, str(HERE / "own.py"), str(asked.letters), str(shared)], env)
    count = own.told["letters"]
    size, load = own.told["bytes"], os.getloadavg()[0]
    print(f"\n{vendor}: {count} letters of {size} bytes, {asked.rounds} rounds, load average {load:.1f}", flush=True)
    modes: list[tuple[str, Side, dict[str, Any]]] = [("raw smtplib", own, {"mode": "raw"})]
    if asked.peer:
        peer = Side(stack, [asked.peer, str(HERE / "peer.py"), str(shared), peer_url], env)
        modes += [
            ("Django send_messages", peer, {"mode": "django"}),
            ("post_office, 1 process", peer, {"mode": "post_office"}),
            ("post_office, 2 processes", peer, {"mode": "post_office", "processes": 2}),
            ("django-mailer", peer, {"mode": "mailer"}),
        ]
    relaxed, strict = {"sqlite": ("NORMAL", "FULL"), "postgresql": ("commit off", "commit on")}[vendor]
    modes += [
        (f"letters, {relaxed}", own, {"mode": "letters"}),
        (f"letters, {strict}", own, {"mode": "letters", "durable": True}),
        (f"letters, 4 connections, {strict}", own, {"mode": "letters", "lines": 4, "durable": True}),
        (f"product, {relaxed}", own, {"mode": "product"}),
        (f"product, {strict}", own, {"mode": "product", "durable": True}),
    ]
    rounds(modes, at_once, count, asked.rounds)
    print(f"a server that thinks {THINK_MS} ms, {MANY} connections:")
    modes = [
        ("raw smtplib", own, {"mode": "raw", "lines": MANY}),
        (f"letters, {relaxed}", own, {"mode": "letters", "lines": MANY}),
        (f"letters, {strict}", own, {"mode": "letters", "lines": MANY, "durable": True}),
        (f"product, {strict}", own, {"mode": "product", "lines": MANY, "durable": True}),
    ]
    rounds(modes, thinking, count, asked.rounds)


def rounds(modes: list[tuple[str, Side, dict[str, Any]]], port: int, count: int, times: int) -> None:
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name, *_ in modes}
    for _ in range(times):
        for name, side, words in modes:
            letters = count // SHARE.get(words["mode"], 1)
            told = side.ask(**{"lines": 1, "durable": False, "port": port, "letters": letters, **words})
            if told["sent"] != letters:
                raise RuntimeError(f"{name} sent {told['sent']} of {letters}")
            seen[name].append((letters / told["wall"], told["cpu"] / letters * 1000))
    limit = median(rate for rate, _ in seen[modes[0][0]])
    print(f"{'':34}{'mails/s':>9}{'x raw':>8}{'CPU ms':>9}")
    for name, results in seen.items():
        rates = [rate for rate, _ in results]
        spread = f"({min(rates):.0f}-{max(rates):.0f})"
        cost = median(cpu for _, cpu in results)
        print(f"{name:34}{median(rates):9.0f}{median(rates) / limit:8.2f}{cost:9.2f}  {spread}", flush=True)


def sink(stack: ExitStack, think: int) -> int:
    words = [sys.executable, str(HERE / "sink.py"), str(think)]
    process = stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
    stack.callback(process.kill)
    assert process.stdout
    return int(process.stdout.readline())


def databases(vendor: str, folder: Path, stack: ExitStack) -> tuple[str, str]:
    if vendor == "sqlite":
        return f"sqlite:///{folder / 'clinic.sqlite3'}", f"sqlite:///{folder / 'peers.sqlite3'}"
    sys.path.insert(0, str(ROOT))
    from benchmarks.dispatch.durable import DurablePostgres

    server = stack.enter_context(DurablePostgres())
    return server.url, server.another("peers")


if __name__ == "__main__":
    main()
