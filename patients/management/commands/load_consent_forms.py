"""`manage.py load_consent_forms`: read the shipped consent forms into the database. Safe to run again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from patients.operations.consent_forms import load_consent_library
from patients.rules.consent_library import LIBRARY, read_consent_library


class Command(BaseCommand):
    help = "Load the consent forms. A new clinic gets them published; any other gets drafts to read and publish."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=LIBRARY, help="other texts than the built-in ones")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            forms = read_consent_library(folder)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        done = load_consent_library(forms, now=clock.now())
        self.stdout.write(f"{done.published} published, {done.drafted} as drafts, {done.same} as before")
