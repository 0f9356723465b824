"""Many dispatchers over one table: nothing lost, nothing twice; and a murdered one costs at most one copy."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clinic.models import Location, Practitioner
from patients.models import Patient
from plans.models import Appointment, Reminder
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentPurpose, ReminderState
from tests.operations.letter_cast import DAY, MINUTE, NOW, location

pytestmark = pytest.mark.django_db(transaction=True)

PER_PATIENT = 4


def due_letters(count: int, *, per_patient: int = PER_PATIENT) -> None:
    place = location()
    doctor = Practitioner.objects.get_or_create(location=place, name="Dr Sample")[0]
    patients = Patient.objects.bulk_create(_patient(number, place) for number in range(count // per_patient))
    visits = Appointment.objects.bulk_create(
        _visit(who, place, doctor, NOW + (7 + week) * DAY + n * MINUTE)
        for n, who in enumerate(patients)
        for week in range(per_patient)
    )
    Reminder.objects.bulk_create(_letter(visit) for visit in visits)


def _patient(number: int, place: Location) -> Patient:
    return Patient(
        first_name=f"P{number}",
        folded_name=f"p{number}",
        email=f"p{number}@example.org",
        home_location=place,
        registered_at=NOW,
    )


def _visit(who: Patient, place: Location, doctor: Practitioner, starts: datetime) -> Appointment:
    return Appointment(
        patient=who,
        location=place,
        practitioner=doctor,
        purpose=AppointmentPurpose.CONSULTATION,
        starts=starts,
        ends=starts + MINUTE,
        practitioner_free_at=starts + MINUTE,
        room_free_at=starts + MINUTE,
        booked_at=NOW,
        changed_at=NOW,
    )


def _letter(visit: Appointment) -> Reminder:
    return Reminder(
        kind=LetterKind.APPOINTMENT_BOOKED,
        patient=visit.patient,
        location=visit.location,
        about_id=visit.pk,
        facts=visit.starts.isoformat(),
        due_at=NOW,
        useful_until=visit.starts,
        planned_at=NOW,
    )


class Dispatchers:
    def __init__(self, log: Path, database_url: str) -> None:
        self.log = log
        self.env = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    def start(self, now: datetime, *, threads: int = 2, together: int = 1) -> subprocess.Popen[bytes]:
        words = [self.log, now.isoformat(), str(threads), str(together)]
        command = [sys.executable, "-m", "tests.journeys.dispatcher", *words]
        return subprocess.Popen(command, env=self.env)

    @property
    def sent(self) -> Counter[str]:
        """How often each mail was sent, by its key and the digest of its bytes."""
        return Counter(line.rpartition(" ")[0] for line in self._lines())

    @property
    def senders(self) -> Counter[str]:
        return Counter(line.rpartition(" ")[2] for line in self._lines())

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def dispatchers(tmp_path: Path, database_url: str) -> Dispatchers:
    return Dispatchers(tmp_path / "sent", database_url)


def test_two_dispatchers_with_two_ticks_each_send_twelve_hundred_letters_once(dispatchers: Dispatchers) -> None:
    due_letters(1_200)
    running = [dispatchers.start(NOW, together=2) for _ in range(2)]
    assert [one.wait(300) for one in running] == [0, 0]
    assert len(dispatchers.sent) == 1_200
    assert set(dispatchers.sent.values()) == {1}
    assert len(dispatchers.senders) == 2, "both had a share; how large is up to who gets the lock"
    assert Reminder.objects.filter(state=ReminderState.SENT).count() == 1_200


def test_killed_dispatchers_lose_nothing_and_repeat_at_most_one_letter_each(dispatchers: Dispatchers) -> None:
    due_letters(400, per_patient=1)  # what waits too long goes one letter an hour, which is another promise
    kills = 4
    for turn in range(kills):
        before = dispatchers.sent.total()
        victim = dispatchers.start(NOW + turn * 5 * MINUTE, threads=1)
        until = time.monotonic() + 60
        while dispatchers.sent.total() < before + 40 and time.monotonic() < until:
            time.sleep(0.002)
        assert victim.poll() is None, "it was to be killed in the middle of its work"
        victim.kill()
        victim.wait()
    for turn in range(2):
        assert dispatchers.start(NOW + timedelta(hours=1 + turn)).wait(300) == 0
    letters = {line.split()[0] for line in dispatchers.sent}
    assert len(letters) == 400
    # As many different lines as letters: a second copy has the very same bytes.
    assert len(dispatchers.sent) == 400
    assert dispatchers.sent.total() <= 400 + kills
    assert max(dispatchers.sent.values()) <= 2
    assert Reminder.objects.filter(state=ReminderState.SENT).count() == 400
