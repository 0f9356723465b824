"""Bring plans in line with a changed care rule, for whoever has no worker, or does not want to wait for it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from plans.models import Replanning
from plans.replan_steps import go_on
from plans.rules.states import ReplanningState


class Command(BaseCommand):
    help = "Go on with a changed care rule until every plan follows. Stopping it is harmless: the next run goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--id", type=UUID, help="this change only")
        which.add_argument("--all", action="store_true", help="every change that is not through (the default)")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(Replanning.objects.unfinished().order_by("asked_at", "pk"))
        if options["id"]:
            rows = list(Replanning.objects.filter(pk=options["id"]))
            if not rows:
                raise CommandError("There is no change of a care rule with this id.")
        if not rows:
            self.stdout.write("No change of a care rule waits.")
        for row in rows:
            self.stdout.write(f"{row.rule_key}, asked for on {row.asked_at:%Y-%m-%d %H:%M} UTC")
            self._end(go_on(row.pk, tell=self._tell))

    def _tell(self, row: Replanning) -> None:
        self.stdout.write(f"  {row.looked_at:,} of {row.total:,} plans, {row.changed:,} changed", ending="\r\n")
        self.stdout.flush()

    def _end(self, row: Replanning) -> None:
        if row.state == ReplanningState.STOPPED:
            self.stdout.write("  stopped: somebody has to let it go on first")
            return
        self.stdout.write(
            f"  done: {row.changed:,} of {row.total:,} plans changed, {row.letters_changed:,} letters, "
            f"{len(row.trouble):,} left as they were"
        )
        for one in row.trouble:
            self.stdout.write(f"  plan {one['plan']}: {one['why']}")
