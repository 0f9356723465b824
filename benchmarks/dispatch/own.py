"""Our side: a process that sends when it is told to. One line of JSON in, one out.

`{"mode": ..., "lines": n, "durable": bool, "port": n}`: the modes are `raw` (smtplib, mails made before), `letters`
(the machine, each letter rendered from facts that are in memory) and `product` (everything, from the rows).
"""

from __future__ import annotations

import cProfile
import json
import resource
import smtplib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import Any

import django

SECOND = timedelta(seconds=1)
Mail = tuple[str, str, bytes]


def main(letters: int, shared: Path) -> None:
    django.setup()
    from django.core.management import call_command

    from benchmarks.dispatch import clinic_of

    call_command("migrate", verbosity=0)
    count = clinic_of.fill(letters)
    ready = Ready()
    shared.write_text(
        json.dumps({"mails": [(s, to, mail.decode("ascii")) for s, to, mail in ready.mails], "texts": ready.texts})
    )
    tell({"letters": count, "bytes": sum(len(mail) for _, _, mail in ready.mails) // count})
    for line in sys.stdin:
        asked = json.loads(line)
        clinic_of.reset()
        durability(durable=asked["durable"])
        tell(timed(partial(run, asked, ready), asked.get("profile", "")))


def run(asked: dict[str, Any], ready: Ready) -> int:
    if asked["mode"] == "raw":
        return raw(ready.mails, asked["port"], asked["lines"])
    return deliver(asked["port"], asked["lines"], ready if asked["mode"] == "letters" else None)


def timed(work: Callable[[], int], profile: str = "") -> dict[str, float]:
    before, began = _cpu(), time.perf_counter()
    profiler = cProfile.Profile()
    sent = profiler.runcall(work) if profile else work()
    wall, cpu = time.perf_counter() - began, _cpu() - before
    if profile:
        profiler.dump_stats(profile)
    return {"wall": wall, "cpu": cpu, "sent": sent}


class Ready:
    """Each letter's facts and bytes, made once: what the peers get ready-made, we get ready-made."""

    def __init__(self) -> None:
        from benchmarks.dispatch.clinic_of import NOW
        from plans.letters import compose as writing
        from plans.letters.reading import read_for
        from plans.models import Reminder

        drafts = []
        for row in Reminder.objects.select_related("patient__home_location", "location").order_by("due_at", "id"):
            row.handed_off_at, row.recipient = NOW, row.patient.email
            drafts.append(row)
        self.reading = read_for(drafts)
        self.facts = {row.pk: writing.facts_in(self.reading, row) for row in drafts}
        written = [writing.compose(row) for row in drafts]
        self.mails = [(one.sender, one.recipient, one.mime) for one in written]
        self.texts = [(one.subject, *_bodies(one.mime)) for one in written]

    def for_batch(self, rows: Sequence[Any]) -> Callable[[Any], Any]:
        from plans.letters import compose as writing

        writing.facts_in = lambda reading, row: self.facts[row.pk]
        return partial(writing._compose, self.reading)


def _bodies(mime: bytes) -> tuple[str, str]:
    mail = message_from_bytes(mime, policy=policy.default)
    plain, rich = (mail.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    return plain.get_content(), rich.get_content()


def deliver(port: int, lines: int, ready: Ready | None) -> int:
    from benchmarks.dispatch.clinic_of import NOW
    from clinic.post import SmtpPost, Tls
    from plans.letters import compose as writing
    from plans.letters import gather
    from plans.operations import batch
    from plans.operations.dispatch import deliver_due

    began = time.monotonic()
    more: dict[str, Any] = {
        "now": lambda: NOW + (time.monotonic() - began) * SECOND,
        "post_factory": partial(SmtpPost, "127.0.0.1", port, tls=Tls.NONE),
        "limit": 1_000_000,
        "lines": lines,
    }
    if ready is None:
        return deliver_due(for_batch=writing.for_batch, **more)["sent"]
    # The peers look at nothing but their own queue: neither do we, and the facts are at hand as their context is.
    judge = batch._judge
    batch._judge = _trust
    try:
        return deliver_due(for_batch=ready.for_batch, **more)["sent"]
    finally:
        batch._judge, writing.facts_in = judge, gather.facts_in


def _trust(rows: Sequence[Any], now: Any, ends: Any) -> list[Any]:
    from plans.operations.batch import read_people

    people = read_people(rows)
    for row in rows:
        row.patient = people[row.patient_id]
    return list(rows)


def raw(mails: list[Mail], port: int, lines: int) -> int:
    shares = [mails[line::lines] for line in range(lines)]
    threads = [threading.Thread(target=_raw_line, args=(share, port)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(mails)


def _raw_line(mails: list[Mail], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for sender, to, mail in mails:
            server.sendmail(sender, [to], mail)


def durability(*, durable: bool) -> None:
    """SQLite: synchronous FULL or NORMAL. PostgreSQL: synchronous_commit on or off."""
    from django.db import connection

    words = {
        "sqlite": f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}",
        "postgresql": f"SET synchronous_commit = {'on' if durable else 'off'}",
    }
    with connection.cursor() as cursor:
        cursor.execute(words[connection.vendor])


def tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
