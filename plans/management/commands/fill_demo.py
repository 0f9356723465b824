"""`manage.py fill_demo`: an empty database becomes a living clinic. Only with DEBUG on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic import clock
from clinic.models import Staff
from clinic.rules.local_time import local_day
from plans.darkroom import Darkroom
from plans.demo.garden_stories import AT_GARDEN
from plans.demo.post import DemoPost
from plans.demo.premises import LOGINS, PASSWORD, build_premises, close_coming_days
from plans.demo.stage import Stage
from plans.demo.stories import AT_HARBOUR
from plans.demo.timeline import play
from plans.letters.compose import compose
from plans.models import Protocol


class Command(BaseCommand):
    help = "Fill an empty database with a demo clinic: three months of past, six of future."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo people exist only with DEBUG on: this looks like a real clinic.")
        if Staff.objects.exists():
            raise CommandError("There are people in this database already: a demo needs an empty one.")
        if not Protocol.objects.published().exists():
            raise CommandError("The protocol library is empty: run manage.py load_protocols first.")
        with transaction.atomic():
            self._fill()
        for name, first, last, role, _ in LOGINS:
            self.stdout.write(f"{name:10} {PASSWORD:18} {first} {last}, {role}")

    def _fill(self) -> None:
        until = clock.now() - timedelta(minutes=1)
        premises = build_premises(until.date())
        with Darkroom() as darkroom:
            stages = [
                Stage(
                    location=location,
                    doctor=premises.staff[doctor],
                    desk=premises.staff[desk],
                    practitioners=premises.practitioners[key],
                    rooms=premises.rooms[key],
                    lots=premises.lots,
                    today=local_day(until, location.zone),
                    room=darkroom,
                    until=until,
                )
                for location, key, doctor, desk in (
                    (premises.harbour, "harbour", "amara", "desk"),
                    (premises.garden, "garden", "karim", "karim"),
                )
            ]
            stories = [
                (stage, story(stage))
                for stage, told in zip(stages, (AT_HARBOUR, AT_GARDEN), strict=True)
                for story in told
            ]
            play(
                stages,
                stories,
                until=until,
                post=lambda: DemoPost(settings.MAIL_FOLDER),
                compose=compose,
                progress=lambda words: self.stderr.write(f"  {words}"),
            )
        close_coming_days(premises, now=until)
