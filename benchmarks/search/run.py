"""What the search as one types costs at the server, on SQLite and on PostgreSQL, beside the plain way.

    python benchmarks/search/run.py [--patients 100000] [--rounds 21] [sqlite] [postgresql]

Goal: a median of at most 100 ms for every question. “Answer” is what the browser is sent while somebody types, “page”
the whole page of patients, “query” the search alone; “plain” is Django's icontains on three columns, as a query alone.
“core” are the milliseconds of one core this process and its PostgreSQL session worked for it: what a machine with
nothing else to do would take. Each database is one of its own, filled anew. Questions are asked in turns, so that a
busy moment meets all of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
DATABASES = ("sqlite", "postgresql")
STARTS = [
    "A",
    "Be",
    "Ca",
    "Da",
    "E",
    "Fa",
    "Gi",
    "Ha",
    "I",
    "Jo",
    "Ka",
    "Li",
    "Ma",
    "No",
    "O",
    "Pe",
    "Ro",
    "Sa",
    "Te",
    "Zo",
]
MIDDLES = ["na", "ri", "lo", "mi", "ssa", "tha", "ve", "do", "nn", "le", "bri", "sho", "ku", "ra"]
ENDS = ["", "a", "n", "r", "th", "el", "ine", "os", "ira", "ette"]
SCRIPTS = ["ليلى حسن", "فاطمة الزهراء", "李 明", "Zoë O’Brien", "Jürgen Weiß", "Иванова Анна"]
HOSTS = ["mail.example", "post.example.org", "letters.example.net"]
QUESTIONS = {
    "1 letter": "a", "2 letters": "an", "3 letters": "mar", "5 letters": "zotha", "last in the list": "zoth",
    "two words": "zotha mari", "two common words": "ma an", "Arabic": "حسن", "phone, 5 digits": "065 55",
    "phone, last 4": "4711", "e-mail part": "77@post", "every e-mail": "@", "nobody": "qxqxq",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="*", metavar="database", help="sqlite, postgresql or both")
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        measure(asked.patients, asked.rounds)
        return
    rest = ["--here", "--patients", str(asked.patients), "--rounds", str(asked.rounds)]
    for database in asked.databases or DATABASES:
        with tempfile.TemporaryDirectory(prefix="search-benchmark-") as folder:
            print(f"== {database}, {asked.patients:,} patients", flush=True)
            (Path(folder) / "static").mkdir()
            _in_database(database, folder, [sys.executable, __file__, *rest])


def _in_database(database: str, folder: str, command: list[str]) -> None:
    env = {**os.environ, "VAR_DIR": folder, "MEDIA_ROOT": folder, "PYTHONPATH": str(ROOT)}
    env |= {"DJANGO_SETTINGS_MODULE": "clinic.settings", "SECRET_KEY": "only-for-this-benchmark"}
    env.pop("DATABASE_URL", None)
    if database == "sqlite":
        subprocess.run(command, check=True, env=env)
        return
    sys.path.insert(0, str(ROOT))
    from tests.servers import Postgres

    with Postgres() as server:
        subprocess.run(command, check=True, env={**env, "DATABASE_URL": server.url})


def measure(patients: int, rounds: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["*"], False
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    call_command("migrate", verbosity=0)
    viewer = fill(patients)
    ways, core = _ways(viewer), _core()
    taken: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds + 1):
        for question, words in QUESTIONS.items():
            for way, ask in ways.items():
                began, worked = time.perf_counter(), core()
                ask(words)
                if number:  # the first round warms up
                    taken.setdefault((question, way), []).append(1000 * (time.perf_counter() - began))
                    taken.setdefault((question, f"{way}, core"), []).append(1000 * (core() - worked))
    _print(taken, list(ways))


def _core() -> Callable[[], float]:
    """Return a clock of the seconds of one core this process and its PostgreSQL session have worked."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.process_time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: time.process_time() + int(session.read_text().split()[0]) / 1e9


def fill(patients: int) -> Any:
    """Return somebody of the front desk who works at two of three places."""
    from django.db import connection

    from clinic.models import Location, Staff
    from patients.models import Patient

    zone = {"time_zone": "Europe/Berlin", "phone": "1", "email": "a@x.example"}
    places = [Location.objects.create(name=f"Place {number}", **zone) for number in range(3)]
    viewer = Staff.objects.create(username="desk", is_front_desk=True, is_staff=True)
    viewer.locations.set(places[:2])
    dice = Random(1)
    began = time.perf_counter()
    for first in range(0, patients, 5000):
        numbers = range(first, min(first + 5000, patients))
        Patient.objects.bulk_create([_patient(number, places, dice) for number in numbers])
    print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return viewer


def _patient(number: int, places: list[Any], dice: Random) -> Any:
    from patients.models import Patient
    from patients.rules.identity import fold_name

    first, _, last = dice.choice(SCRIPTS).partition(" ") if number % 10 == 0 else (_name(dice), "", _name(dice))
    address = f"{fold_name(first)[:1]}{number}@{dice.choice(HOSTS)}"
    return Patient(
        first_name=first, last_name=last, folded_name=fold_name(f"{first} {last}"), email=address,
        phone=f"+390{dice.randrange(10**8, 10**9)}", home_location=dice.choice(places), registered_at=NOW,
    )  # fmt: skip


def _name(dice: Random) -> str:
    return dice.choice(STARTS) + dice.choice(MIDDLES) + dice.choice(MIDDLES) * dice.randrange(2) + dice.choice(ENDS)


def _ways(viewer: Any) -> dict[str, Callable[[str], object]]:
    from django.db.models import Q
    from django.test import Client
    from django.urls import reverse

    from patients.models import Patient
    from patients.queries.patients import PAGE, find_patients

    client, page = Client(), reverse("patients:list")
    client.force_login(viewer)

    def asked(words: str, **headers: str) -> None:
        answer = client.get(page, {"q": words}, headers=headers)
        assert answer.status_code == 200, answer.status_code

    def plain(words: str) -> None:
        rows = Patient.objects.filter(home_location__staff=viewer).select_related("home_location")
        for word in words.split():
            rows = rows.filter(Q(folded_name__icontains=word) | Q(email__icontains=word) | Q(phone__icontains=word))
        list(rows.order_by("folded_name", "pk")[: PAGE + 1])

    return {
        "answer": lambda words: asked(words, **{"HX-Request": "true", "HX-Target": "found"}),
        "page": asked,
        "query": lambda words: find_patients(viewer, words, now=NOW),
        "plain": plain,
    }


def _print(taken: dict[tuple[str, str], list[float]], ways: list[str]) -> None:
    columns = [column for way in ways for column in (way, f"{way}, core")]
    print(f"{'median ms':<18}" + "".join(f"{column:>13}" for column in columns) + "   worst answer")
    for question in QUESTIONS:
        figures = "".join(f"{median(taken[question, column]):13.1f}" for column in columns)
        print(f"{question:<18}{figures}{max(taken[question, 'answer']):12.1f}", flush=True)
    for column in columns[:2]:
        slowest = max(median(taken[question, column]) for question in QUESTIONS)
        print(f"slowest median, {column}: {slowest:.1f} ms")


if __name__ == "__main__":
    main()
