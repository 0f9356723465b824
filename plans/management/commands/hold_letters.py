from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.rules.refusal import Refusal
from plans.operations.holding import hold_letters, release_letters


class Command(BaseCommand):
    help = "Hold all letters until a human releases them, on the postroom's page or here with --release."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--why", required=True, help="in a few words; the audit keeps it")
        parser.add_argument("--release", action="store_true", help="let the letters leave again")

    def handle(self, *, why: str, release: bool, **_: object) -> None:
        deed = release_letters if release else hold_letters
        try:
            deed(why=why, by=None, now=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        word = "The letters leave again from the next tick on." if release else "The letters are held."
        self.stdout.write(word)
