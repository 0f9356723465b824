"""`manage.py load_protocols`: read the protocol library into the database. Safe to run again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from plans.operations.protocols import load_library
from plans.rules.library import LIBRARY, read_library
from plans.rules.view_sets import VIEW_SETS


class Command(BaseCommand):
    help = "Load the protocol library. A changed file makes a new version; plans keep theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", nargs="?", type=Path, default=LIBRARY, help="another library than the built-in one"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            library = read_library(folder)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        report = load_library(library, VIEW_SETS, now=clock.now())
        for word, keys in (("new", report.new), ("changed", report.changed)):
            for key in keys:
                self.stdout.write(f"{word:8} {key}")
        self.stdout.write(f"{len(report.new)} new, {len(report.changed)} changed, {len(report.same)} as before")
