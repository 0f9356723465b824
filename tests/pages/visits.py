"""The clinic of every test with its people logged in: what the pages of a day, a visit and a letter are tested on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from plans.models import Appointment, ChecklistItem, Plan, Session
from tests.cast import Cast, open_clinic

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Clinic:
    """`now` is what the program's clock shows; the pages ask it, the cast's operations are told it."""

    cast: Cast
    clock_file: Path

    def stand_at(self, now: datetime) -> None:
        self.cast.now = now
        self.clock_file.write_text(now.isoformat())

    def browser(self, person: Staff) -> Client:
        """Logged in and a minute at work: the session is written once a minute, which is no page's own cost."""
        client = Client()
        client.force_login(person)
        client.get(reverse("plans:desk"))
        return client

    @property
    def desk(self) -> Client:
        return self.browser(self.cast.desk)

    @property
    def doctor(self) -> Client:
        return self.browser(self.cast.doctor)

    @property
    def manager(self) -> Client:
        return self.browser(self.cast.manager)

    @property
    def outsider(self) -> Client:
        return self.browser(self.cast.outsider)

    def plan(self, first: str = "Noor", **more: Any) -> Plan:
        """A plan whose first session belongs to today."""
        return self.cast.active_plan(first, starts_on=self.cast.today, **more)

    def booked(self, session: Session, hour: int = 11, **more: Any) -> Appointment:
        return self.cast.book(session, self.cast.at(self.cast.today, hour), **more)

    def tick_all(self, session: Session) -> None:
        ChecklistItem.objects.filter(session=session).update(ticked_at=self.cast.now)


def first_of(plan: Plan) -> Session:
    return plan.sessions.order_by("number")[0]


def second_of(plan: Plan) -> Session:
    return plan.sessions.order_by("number")[1]


def open_pages(settings: Any, tmp_path: Path) -> Clinic:
    cast = open_clinic()
    for person in (cast.doctor, cast.desk, cast.manager, cast.outsider):
        person.is_staff = True
        person.save(update_fields=["is_staff"])
    settings.DEBUG, settings.CLOCK_FILE = True, str(tmp_path / "clock")
    clinic = Clinic(cast, tmp_path / "clock")
    clinic.stand_at(cast.now)
    return clinic


def seen(client: Client, name: str, *args: object, status: int = 200, ask: str = "") -> str:
    answer = client.get(reverse(f"plans:{name}", args=args) + ask)
    assert answer.status_code == status
    return answer.content.decode()


def sent(client: Client, name: str, *args: object, follow: bool = True, **said: object) -> str:
    """Send a form and return the page one ends on."""
    answer = client.post(reverse(f"plans:{name}", args=args), said, follow=follow)
    assert answer.status_code == 200
    return answer.content.decode()
