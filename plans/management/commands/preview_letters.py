"""`manage.py preview_letters DIR`: look at every letter before patients do. Needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plans.letters.preview import write_previews


class Command(BaseCommand):
    help = "Write every letter with sample facts into a folder: HTML, text, calendar file and whole mail."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="is made when it is not there")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            written = write_previews(folder)
        except OSError as error:
            raise CommandError(f"Cannot write to {folder}: {error.strerror}.") from error
        self.stdout.write(f"{len(written)} files written. Open {folder / 'index.html'}.")
