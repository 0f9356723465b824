"""`manage.py import_patients`: the people of a table become patients of one location."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from clinic.models import Location, Staff
from clinic.rules.refusal import Forbidden, Refusal
from patients.operations.import_patients import PatientTable, check_import, import_patients
from patients.rules.column_words import TITLES, Column
from patients.rules.encoding import spoken_name
from patients.rules.identity import DateOrder
from patients.rules.import_report import OnBad, Report
from patients.rules.intake import guess_mapping
from patients.rules.tabular import open_table

SHOWN = 50  # rows of each kind; --show changes it


def _pair(text: str) -> tuple[Column, str]:
    name, equals, header = text.partition("=")
    if not equals or name not in list(Column):
        raise ArgumentTypeError(f"write field=Header, the field being one of {', '.join(Column)}")
    return Column(name), header


class Command(BaseCommand):
    help = "Register the people of a CSV file at one location. The first row names the columns."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--location", required=True, help="Name of the location.")
        parser.add_argument("--by", required=True, help="User name of the staff member in whose name this is done.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and do nothing.")
        parser.add_argument("--date-order", type=DateOrder, choices=list(DateOrder), help="How the file writes dates.")
        parser.add_argument("--map", type=_pair, action="append", default=[], metavar="field=Header")
        parser.add_argument("--show", type=int, default=SHOWN, help="How many refused and known rows to list.")
        on_bad = parser.add_mutually_exclusive_group()
        on_bad.add_argument("--all-or-nothing", action="store_true", help="One refused row stops all (the default).")
        on_bad.add_argument("--skip-bad", action="store_true", help="Leave refused rows out, register the others.")

    def handle(self, *args: Any, **options: Any) -> None:
        on_bad = OnBad.SKIP_BAD if options["skip_bad"] else OnBad.ALL_OR_NOTHING
        self._began = self._spoke = time.monotonic()
        try:
            by = Staff.objects.get(username=options["by"])
            location = Location.objects.visible_to(by).get(name=options["location"])
            table = self._table(options["file"], dict(options["map"]), options["date_order"])
            now, tell = clock.now(), self._tell
            if options["dry_run"]:
                report = check_import(table=table, location_id=location.pk, by=by, now=now, progress=tell)
            else:
                report = import_patients(
                    table=table, location_id=location.pk, on_bad=on_bad, by=by, now=now, progress=tell
                )
        except ObjectDoesNotExist:
            raise CommandError("There is no such staff member, or they do not work at that location.") from None
        except Forbidden:
            raise CommandError(f"{options['by']} may not import patients.") from None
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self._print(report, shown=options["show"], dry_run=options["dry_run"])
        if report.faults and on_bad is OnBad.ALL_OR_NOTHING:
            sys.exit(1)

    def _table(self, file: Path, chosen: dict[Column, str], date_order: DateOrder | None) -> PatientTable:
        with open_table(file) as opened:
            guessed = {c: h for c, h in guess_mapping(opened.headers).items() if h not in chosen.values()}
            mapping = {c: h for c, h in (guessed | chosen).items() if h}
            self.stdout.write(f"Read as {spoken_name(opened.encoding)}, {len(opened.headers)} columns.")
        for column, header in mapping.items():
            self.stdout.write(f"  {TITLES[column]:<16} from “{header}”")
        return PatientTable(file=file, mapping=mapping, date_order=date_order)

    def _tell(self, rows: int) -> None:
        """A line on a terminal that is written over; elsewhere one line every ten seconds."""
        now = time.monotonic()
        terminal = self.stderr.isatty()
        if now - self._spoke > (0.2 if terminal else 10):
            self._spoke = now
            self.stderr.write(f"\r{rows:,} rows read …", ending="" if terminal else "\n")

    def _print(self, report: Report, *, shown: int, dry_run: bool) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r", ending="\033[K")
        for fault in report.listed_faults[:shown]:
            self.stdout.write(f"  line {fault.line:>7}  refused: {' '.join(fault.sentences)}")
        for twin in report.listed_twins[:shown]:
            same = f"same person as line {twin.of_line}" if twin.of_line else f"registered already ({twin.patient_id})"
            self.stdout.write(f"  line {twin.line:>7}  known: {same}")
        if report.faults > shown or report.twins > shown:
            self.stdout.write(f"  … only the first {shown} of each are listed; --show lists more.")
        took = time.monotonic() - self._began
        self.stdout.write(f"{report.rows:,} rows in {took:.1f} s")
        verb = "registered" if report.written else "would be registered"
        counts = [(report.added, verb), (report.twins, "known already, left out"), (report.faults, "refused")]
        notes = [(report.undated, "of them without a birth date"), (report.unspoken, "get their letters in English")]
        for count, words in [*counts, *((count, words) for count, words in notes if count)]:
            self.stdout.write(f"  {count:>9,}  {words}")
        if not report.written:
            self.stdout.write(
                "Dry run: nothing was written." if dry_run else "Nothing was written: mend the rows above."
            )
