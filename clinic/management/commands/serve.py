from __future__ import annotations

import sys
import time
from textwrap import indent
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import Error as DatabaseError

from clinic.serve.ground import furnish, listen, only_one
from clinic.serve.prepare import demo_logins, prepare
from clinic.serve.refused import CannotServe
from clinic.serve.run import Program


class Command(BaseCommand):
    help = "Run broker, web, worker and beat together until Ctrl-C."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--prepare", action="store_true", help="Bring the database up to date first.")
        parser.add_argument("--no-demo", action="store_true", help="With --prepare: do not fill a demo clinic.")
        parser.add_argument("--verbose", action="store_true", help="Show what the parts write, too.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._began = time.monotonic()
        try:
            code = self._serve(**options)
        except CannotServe as reason:
            raise CommandError(str(reason)) from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from None
        except KeyboardInterrupt:
            code = 130  # while preparing; once the parts run, Ctrl-C ends them in their order
        sys.exit(code)

    def _serve(self, *, host: str, port: int, verbose: bool, **options: Any) -> int:
        furnish(settings.VAR_DIR)
        door = listen(host, port)
        with door, only_one(settings.VAR_DIR):
            program = Program(door=door, say=self._say, verbose=verbose)
            # The letters the demo writes link to where this program will answer.
            settings.PUBLIC_URL = program.public_url
            if options["prepare"]:
                prepare(demo=not options["no_demo"], say=self._say)
            return program.run(lambda: self._welcome(program.address))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _welcome(self, address: str) -> None:
        took = time.monotonic() - self._began
        self._say(f"Ready at {address} after {took:.1f} s. Ctrl-C stops it.")
        logins = demo_logins(settings.VAR_DIR)
        if settings.DEBUG and logins.exists():
            self._say(f"Demo logins (name, password, who):\n{indent(logins.read_text().rstrip(), '  ')}")
