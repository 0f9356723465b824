"""Time and peak memory of importing a large patient file into an empty database of its own.

    python benchmarks/import/run.py [--rows 100000] [--all-or-nothing] [--again]

Goal: 100,000 rows in under 60 s and under 300 MB. One row in fifty is refused, one in a hundred repeats a person.
`--again` imports the same file a second time, when everybody is known. DATABASE_URL is used when it is set, and must
be empty.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST = ["Mei", "Zoë", "Jürgen", "ليلى", "李", "Anne-Marie", "Nguyễn", "Ивана", "நளினி", "José"]
LAST = ["Tan", "O’Brien", "Weiß", "حسن", "王", "García López", "Văn", "Петрова", "குமார்", "Sørensen"]


def write_table(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        out.write("Vorname;Nachname;Geburtsdatum;E-Mail;Mobil;Hinweis\r\n")
        for number in range(rows):
            person = number - 1 if number % 100 == 99 else number
            born = date(1940, 1, 1) + timedelta(days=person * 7919 % 25_000)
            first = f"{FIRST[person % 10]} {chr(65 + person // 10 % 26)}{person}x"
            mail = "not an address" if number % 50 == 47 else f"p{person}@Clinic{person % 40}.Example"
            alert = '"penicillin; ""severe""\r\ntold by phone"' if number % 20 == 0 else ""
            out.write(f"{first};{LAST[person // 7 % 10]};{born:%d.%m.%Y};{mail};+65 9{person:07d};{alert}\r\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--all-or-nothing", action="store_true")
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
        os.environ.setdefault("SECRET_KEY", "only-for-this-benchmark")
        os.environ["VAR_DIR"] = folder
        sys.path.insert(0, str(ROOT))
        measure(Path(folder) / "patients.csv", asked)


def measure(file: Path, asked: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from clinic.models import Location, Staff
    from patients.operations.import_patients import PatientTable, import_patients
    from patients.rules.identity import DateOrder
    from patients.rules.import_report import OnBad
    from patients.rules.intake import guess_mapping
    from patients.rules.tabular import open_table

    call_command("migrate", run_syncdb=True, verbosity=0)
    location = Location.objects.create(name="Benchmark", time_zone="Asia/Singapore", phone="1234", email="a@x.test")
    desk = Staff.objects.create(username="desk", is_front_desk=True)
    desk.locations.add(location)
    write_table(file, asked.rows)
    with open_table(file) as opened:
        table = PatientTable(file=file, mapping=guess_mapping(opened.headers), date_order=DateOrder.DMY)
    print(f"{asked.rows:,} rows, {file.stat().st_size / 1e6:.1f} MB; before: {peak():.0f} MB")
    for _ in range(2 if asked.again else 1):
        began, worked = time.perf_counter(), time.process_time()
        report = import_patients(
            table=table,
            location_id=location.pk,
            on_bad=OnBad.ALL_OR_NOTHING if asked.all_or_nothing else OnBad.SKIP_BAD,
            by=desk,
            now=datetime.now(UTC),
        )
        took, worked = time.perf_counter() - began, time.process_time() - worked
        print(
            f"{took:.1f} s ({worked:.1f} s of one core), {report.rows / took:,.0f} rows/s, peak {peak():.0f} MB: "
            f"{report.added:,} registered, {report.twins:,} known, {report.faults:,} refused, written: {report.written}"
        )


def peak() -> float:
    """Return the most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
