from __future__ import annotations

import imaplib
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from plans.bounce_box import fetch_bounces


class Command(BaseCommand):
    help = "Read mail that came back from the mailbox BOUNCES_URL names, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="", help="another mailbox or folder than BOUNCES_URL names")

    def handle(self, *, url: str, **_: object) -> None:
        url = url or settings.BOUNCES_URL
        if not url:
            raise CommandError("No mailbox is named: set BOUNCES_URL (see .env.example).")
        try:
            ends = fetch_bounces(url, now=clock.now)
        except (OSError, imaplib.IMAP4.error) as error:
            raise CommandError(f"The mailbox could not be read: {type(error).__name__}.") from None
        self.stdout.write(", ".join(f"{count} {words}" for words, count in sorted(ends.items())) or "nothing new")
