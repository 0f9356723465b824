from __future__ import annotations

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from clinic import clock
from plans.doctor import examine, remove_orphans


class Command(BaseCommand):
    help = "Say what is wrong: letters that do not leave, unsafe settings, clocks, disks, files. Ends with 1 then."
    # It is asked when something is wrong: a setting that refuses to start the program is its to tell, too.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--remove-orphans", action="store_true", help="delete files without a row that are over a day old"
        )

    def handle(self, **options: object) -> None:
        if options["remove_orphans"]:
            self._clear_away()
        found = examine(clock.now(), walk=True)
        faults = [one for one in found if one.is_fault]
        if options["json"]:
            told = {"status": "fault" if faults else "ok"}
            lists = {"faults": faults, "notes": [one for one in found if not one.is_fault]}
            texts = {name: {one.key: one.sentence for one in some} for name, some in lists.items()}
            self.stdout.write(json.dumps({**told, **texts}, indent=2))
        else:
            for one in found:
                self.stdout.write(f"{'FAULT' if one.is_fault else 'note '} {one.key}: {one.sentence}")
            self.stdout.write(f"{len(faults)} faults." if faults else "All is well.")
        if faults:
            sys.exit(1)

    def _clear_away(self) -> None:
        gone = remove_orphans(clock.now())
        for name in gone:
            self.stderr.write(f"removed {name}")
