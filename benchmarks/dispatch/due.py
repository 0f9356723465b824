"""Finding what is due among ten million letters, against the same among a hundred thousand and against looking at all.

    python benchmarks/dispatch/due.py [--rows 10000000] [--only sqlite|postgresql] [--folder /tmp]

5,000 letters are due, three in ten are planned for later, the rest have been sent. The tables are made in `--folder`
(about 6 GB for each database) and are gone when it is over.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
DUE, SMALL, AT_ONCE = 5_000, 100_000, 200
TIMES = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--folder", default=tempfile.gettempdir())
    asked = parser.parse_args()
    if "DATABASE_URL" in os.environ and "DUE_ROWS" in os.environ:
        one(int(os.environ["DUE_ROWS"]))
        return
    for vendor in [asked.only] if asked.only else ["sqlite", "postgresql"]:
        small, large = (in_one_of(vendor, rows, asked.folder) for rows in (SMALL, asked.rows))
        print(f"\n{vendor}: milliseconds (work of this process) among {SMALL:,} and {asked.rows:,} rows")
        for what in small:
            (few, few_work), (many, many_work) = small[what], large[what]
            print(f"{what:24}{few:10.2f} ({few_work:.2f}){many:12.2f} ({many_work:.2f}){many / few:8.2f} x")
        print(f"the scan takes {large['scan'][0] / large['first 100'][0]:.0f} times as long as the index")


def in_one_of(vendor: str, rows: int, folder: str) -> dict[str, tuple[float, float]]:
    with ExitStack() as stack:
        tempfile.tempdir = folder
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="due-", dir=folder)))
        url = f"sqlite:///{place / 'clinic.sqlite3'}"
        if vendor == "postgresql":
            sys.path.insert(0, str(ROOT))
            from tests.servers import Postgres

            url = stack.enter_context(Postgres()).url
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "SECRET_KEY": "only-for-this-benchmark",
            "VAR_DIR": str(place),
            "DATABASE_URL": url,
            "DUE_ROWS": str(rows),
            "PYTHONPATH": str(ROOT),
        }
        told = subprocess.run([sys.executable, __file__], env=env, check=True, stdout=subprocess.PIPE, text=True)
        answer: dict[str, tuple[float, float]] = json.loads(told.stdout.splitlines()[-1])
        return answer


def one(rows: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    fill(rows)
    found = "SELECT id FROM plans_reminder{how} WHERE state = 'planned' AND due_at <= %s ORDER BY due_at, id LIMIT 100"
    found_all = found.format(how=" NOT INDEXED" if connection.vendor == "sqlite" else "")
    answer = {"first 100": timed(lambda: ask(found.format(how="")))}
    if connection.vendor == "postgresql":
        ask("SET enable_indexscan = off", with_now=False)
        ask("SET enable_bitmapscan = off", with_now=False)
    answer["scan"] = timed(lambda: ask(found_all), times=3)
    ask("SET enable_indexscan = on", with_now=False) if connection.vendor == "postgresql" else None
    answer["claim of 100"] = timed(lambda: claim(100), after=back)
    answer["all 5,000 claimed"] = timed(lambda: claim(DUE), after=back)
    print(json.dumps(answer))


def claim(count: int) -> None:
    from plans.operations.claim import claim_due

    for _ in range(0, count, AT_ONCE):
        claim_due(now=NOW, limit=min(count, AT_ONCE))


def back() -> None:
    from plans.models import Reminder

    Reminder.objects.filter(state="claimed", lease_until__isnull=False).update(
        state="planned", lease_until=None, lease_token=None
    )


def ask(sql: str, *, with_now: bool = True) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(NOW)] if with_now else None)
        if with_now:
            cursor.fetchall()


def timed(
    work: Callable[[], None], *, after: Callable[[], None] | None = None, times: int = TIMES
) -> tuple[float, float]:
    """The medians of what one waits and of what this process computes, in milliseconds."""
    waited, worked = [], []
    for _ in range(times):
        began, computed = time.perf_counter(), time.process_time()
        work()
        waited.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - computed) * 1000)
        if after:
            after()
    return median(waited), median(worked)


def fill(rows: int) -> None:
    """Rows made by the database itself. Their indexes are made after them; nobody is asked who they point at."""
    from django.db import connection

    from clinic.models import Location
    from patients.models import Patient
    from plans.models import Reminder

    place = Location.objects.create(name="A clinic", time_zone="UTC", phone="1", email="desk@clinic.example")
    who = Patient.objects.create(
        first_name="P", folded_name="p", email="p@example.org", home_location=place, registered_at=NOW
    )
    row = Reminder(kind="session_reminder", patient=who, location=place, facts="f", planned_at=NOW)
    row.due_at, row.useful_until = NOW, NOW + timedelta(days=40)
    fields = [
        field for field in Reminder._meta.concrete_fields if field.name not in ("id", "about_id", "due_at", "state")
    ]
    names = ", ".join(field.column for field in fields)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    tenth = "n % 10" if connection.vendor == "sqlite" else "mod(n, 10)"
    state = f"CASE WHEN n <= {DUE} THEN 'planned' WHEN {tenth} < 3 THEN 'planned' ELSE 'sent' END"
    if connection.vendor == "sqlite":
        due = f"datetime('2026-10-05 06:00:00', CASE WHEN n <= {DUE} THEN -(n / 10) ELSE n / 10 END || ' seconds')"
        key = "printf('%%032x', n)"
        source = f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) SELECT n FROM c)"
        before = ["PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA cache_size=-400000"]
    else:
        sign = f"CASE WHEN n <= {DUE} THEN -(n / 10) ELSE n / 10 END"
        due = f"timestamptz '2026-10-05 06:00:00+00' + ({sign}) * interval '1 second'"
        key = "lpad(to_hex(n), 32, '0')::uuid"
        source = f"generate_series(1, {rows}) AS c(n)"
        before = ["SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'"]
    with connection.cursor() as cursor:
        for words in before:
            cursor.execute(words)
        indexes = dropped(cursor)
        cursor.execute(
            f"INSERT INTO plans_reminder (id, about_id, due_at, state, {names}) "
            f"SELECT {key}, {key}, {due}, {state}, {', '.join(['%s'] * len(values))} FROM {source}",
            values,
        )
        for words in indexes:
            cursor.execute(words)
        cursor.execute("ANALYZE plans_reminder")


def dropped(cursor: object) -> list[str]:
    """Drop the table's own indexes and return what makes them again."""
    from django.db import connection

    if connection.vendor == "sqlite":
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'plans_reminder' AND type = 'index' AND sql > ''"
        )
    else:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'plans_reminder' AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint)"
        )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


if __name__ == "__main__":
    main()
