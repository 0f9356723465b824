"""Many desks want the same time at the same moment, by the calendar's dialog: one has it, the others are told so.

A day's run has 32 desks and one slot of each kind; `script/test --long` has 64 desks and two hundred slots.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

import pytest

from clinic.models import Practitioner, Room
from patients.models import Patient
from plans.models import Appointment
from plans.rules.states import AppointmentPurpose, AppointmentState
from tests.cast import Cast, open_clinic
from tests.journeys.rush import Answer, Desk, Web, rush

pytestmark = pytest.mark.django_db(transaction=True)

MINUTES = 45
Form = tuple[str, dict[str, str]]
TOLD = re.compile(
    r"^(Dr \S+( \d+)? is busy \d\d:\d\d–\d\d:\d\d on .+: choose another time or person\."
    r"|This time was taken a moment ago: choose another time or person\."
    r"|Room \d+ is taken \d\d:\d\d–\d\d:\d\d on .+: choose another room or time\."
    r"|The room was taken a moment ago: choose another room or time\."
    r"|.+ has another appointment \d\d:\d\d–\d\d:\d\d on .+\."
    r"|The patient was booked elsewhere at this time a moment ago\."
    r"|Somebody else was changing the same at this moment: please send it again\.)$"
)


class Clinic:
    """A clinic of today with as many desks, patients and practitioners as want one time."""

    def __init__(self, together: int) -> None:
        self.cast: Cast = open_clinic(now=datetime.now(UTC), keys=())
        self.desks = [Desk(number, self.cast.here) for number in range(together)]
        self.people = [self.cast.patient(f"P{number}") for number in range(together)]
        self.doctors = Practitioner.objects.bulk_create(
            Practitioner(location=self.cast.here, name=f"Dr {number}") for number in range(together)
        )
        self.rooms = self.cast.rooms

    def form(self, who: Patient, starts: datetime, doctor: Practitioner, room: Room | None) -> Form:
        local = starts.astimezone(self.cast.here.zone)
        said = {
            "practitioner": str(doctor.pk),
            "room": str(room.pk) if room else "",
            "day": local.date().isoformat(),
            "minutes": str(MINUTES),
            "time": f"{local:%H:%M}",
            "patient": str(who.pk),
            "what": AppointmentPurpose.CONSULTATION.value,
            "token": str(uuid4()),
        }
        return "/desk/new/", said

    def slot(self, number: int) -> datetime:
        """Five on a day, far enough from each other."""
        return self.cast.at(self.cast.today + timedelta(days=2 + number // 5), 9 + 2 * (number % 5))


def same_practitioner(clinic: Clinic, starts: datetime) -> list[Form]:
    return [clinic.form(who, starts, clinic.doctors[0], None) for who in clinic.people]


def same_room(clinic: Clinic, starts: datetime) -> list[Form]:
    pairs = zip(clinic.people, clinic.doctors, strict=True)
    return [clinic.form(who, starts, doctor, clinic.rooms[0]) for who, doctor in pairs]


def same_patient(clinic: Clinic, starts: datetime) -> list[Form]:
    return [clinic.form(clinic.people[0], starts, doctor, None) for doctor in clinic.doctors]


def one_minute_of_overlap(clinic: Clinic, starts: datetime) -> list[Form]:
    """Half of them from eleven, half of them from one minute before those would end."""
    later = starts + timedelta(minutes=MINUTES - 1)
    return [
        clinic.form(who, later if place % 2 else starts, clinic.doctors[0], clinic.rooms[0])
        for place, who in enumerate(clinic.people)
    ]


def back_to_back(clinic: Clinic, starts: datetime) -> list[Form]:
    """Half of them from eleven, half of them from when those end: both can be had."""
    later = starts + timedelta(minutes=MINUTES)
    return [
        clinic.form(who, later if place % 2 else starts, clinic.doctors[0], clinic.rooms[0])
        for place, who in enumerate(clinic.people)
    ]


KINDS: dict[Callable[[Clinic, datetime], list[Form]], int] = {
    same_practitioner: 1,
    same_room: 1,
    same_patient: 1,
    one_minute_of_overlap: 1,
    back_to_back: 2,
}


def contend(folder: Path, database_url: str, *, together: int, rounds: int) -> None:
    clinic = Clinic(together)
    answers: list[Answer] = []
    began, number = time.monotonic(), 0
    with Web(folder, database_url) as web:
        for _ in range(rounds):
            for kind, winners in KINDS.items():
                starts = clinic.slot(number)
                got = rush(clinic.desks, web.port, kind(clinic, starts))
                judge(kind.__name__, got, winners, starts)
                answers += got
                number += 1
    took, waits = time.monotonic() - began, sorted(one.seconds for one in answers)
    print(
        f"\n{number} slots, {len(answers):,} requests in {took:.0f} s: median {median(waits):.2f} s, "
        f"95 % {waits[len(waits) * 95 // 100]:.2f} s, longest {waits[-1]:.2f} s"
    )
    assert Appointment.objects.count() == sum(KINDS.values()) * rounds
    assert "Traceback" not in web.said, web.said[-3000:]


def judge(kind: str, got: list[Answer], winners: int, starts: datetime) -> None:
    assert {one.status for one in got} == {200}, Counter((one.status, one.sentence) for one in got)
    won = [one for one in got if one.won]
    assert len(won) == winners, (kind, Counter(one.sentence for one in got))
    for one in got:
        assert one.won or TOLD.match(one.sentence), one
    made = Appointment.objects.select_related("changed_by").filter(
        starts__gte=starts, starts__lt=starts + timedelta(minutes=2 * MINUTES)
    )
    assert [row.state for row in made] == [AppointmentState.BOOKED] * winners
    # Whoever was told "booked" is who has it.
    assert {f"desk{one.number}" for one in won} == {row.changed_by.username for row in made}
    if kind == "back_to_back":
        assert {one.number % 2 for one in won} == {0, 1}
        assert made[0].ends == made[1].starts


def test_of_many_desks_one_has_the_time(tmp_path: Path, database_url: str) -> None:
    contend(tmp_path, database_url, together=32, rounds=1)


@pytest.mark.long
def test_two_hundred_times_sixty_four_desks_one_has_the_time(tmp_path: Path, database_url: str) -> None:
    contend(tmp_path, database_url, together=64, rounds=40)
