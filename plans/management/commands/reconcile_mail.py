from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.rules.refusal import Refusal
from plans.operations.reconcile import Found, keys_in_folder, keys_in_log, reconcile


class Command(BaseCommand):
    help = (
        "After a restore, while the letters are held: mark those as sent that are found among the mails that have left."
        " Those that would do harm twice and are not found become unknown, for a human; the rest goes on release."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", required=True, type=_moment, help="when the backup was made: 2026-11-21T22:00")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--folder", type=Path, help="a maildir, or the folder letters are written to")
        source.add_argument("--log", type=Path, help="a mail server's log or a mail service's export")

    def handle(self, *, since: datetime, folder: Path | None, log: Path | None, **_: object) -> None:
        try:
            ends = reconcile(since=since, found=_found(folder, log), now=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read ({error.strerror}).") from None
        told = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
        self.stdout.write(f"{told or 'No letter was in question'}. Look at them, then release.")


def _found(folder: Path | None, log: Path | None) -> Found:
    if folder:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        return keys_in_folder(folder)
    if log:
        with log.open("rb") as lines:
            return keys_in_log(lines)
    return {}


def _moment(text: str) -> datetime:
    """An instant; UTC when it names no zone."""
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
