"""django-appointment's own answer on the same bookings: run by the Python of an environment of its own.

    PEER-PYTHON peer.py BOOKINGS.json DATABASE     then one line on its input for each thing to do

`any N`, `one N`: the first N slots, whoever has them, or the first person; `all`: every slot. It answers with one line
of JSON: seconds, and the slots as [day, minute, person]. It knows no rooms.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime, timedelta
from datetime import time as clock
from itertools import islice
from pathlib import Path

OPENS, CLOSES, STEP = clock(9), clock(18), 15
WEEKDAYS = range(7)


def main(file: Path, database: Path) -> None:
    # Its loggers write where our answers go.
    answers, sys.stdout = sys.stdout, sys.stderr
    said = json.loads(file.read_text())
    _set_up(database, said["zone"])
    first = date.fromisoformat(said["first"])
    staff, service = _fill(said, first)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        people = staff[:1] if word == "one" else staff
        slots = _slots(people, service, first, said["days"])
        began, worked = time.perf_counter(), time.process_time()
        found = list(slots if word == "all" else islice(slots, int(count)))
        took = {"seconds": time.perf_counter() - began, "worked": time.process_time() - worked}
        rows = [[(one.date() - first).days, one.hour * 60 + one.minute, who] for one, who in found]
        print(json.dumps({**took, "slots": rows}), file=answers, flush=True)


def _set_up(database: Path, zone: str) -> None:
    import django
    from django.conf import settings

    apps = ["auth", "contenttypes", "sessions", "messages", "admin"]
    settings.configure(
        SECRET_KEY="only-for-this-benchmark",
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in apps), "phonenumber_field", "appointment"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(database)}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TIME_ZONE=zone,
        LOGGING_CONFIG=None,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)  # it brings no migrations


def _fill(said: dict, first: date) -> tuple[list, object]:
    from appointment.models import Appointment, AppointmentRequest, Service, StaffMember, WorkingHours
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    client = users.create(username="client")
    service = Service.objects.create(name="Visit", duration=timedelta(minutes=said["minutes"]), price=1)
    staff = []
    for number in range(said["people"]):
        member = StaffMember.objects.create(
            user=users.create(username=f"p{number}", first_name=f"P{number}"), slot_duration=STEP,
            appointment_buffer_time=0, work_on_saturday=True, work_on_sunday=True,
        )  # fmt: skip
        member.services_offered.add(service)
        for day in WEEKDAYS:
            WorkingHours.objects.create(staff_member=member, day_of_week=day, start_time=OPENS, end_time=CLOSES)
        staff.append(member)
    asked = [
        AppointmentRequest(
            date=first + timedelta(days=one["day"]), start_time=_clock(one["minute"]),
            end_time=_clock(one["minute"] + one["minutes"]), service=service, staff_member=staff[one["person"]],
            id_request=str(number),
        )
        for number, one in enumerate(said["bookings"])
    ]  # fmt: skip
    asked = AppointmentRequest.objects.bulk_create(asked, batch_size=500)
    rows = [Appointment(client=client, appointment_request=one, id_request=one.id_request) for one in asked]
    Appointment.objects.bulk_create(rows, batch_size=500)
    return staff, service


def _clock(minute: int) -> clock:
    return clock(*divmod(minute, 60))


def _slots(people: list, service: object, first: date, days: int):  # type: ignore[no-untyped-def]  # the peer's Python
    """As its own page asks: one person and one day at a time."""
    from appointment.services import get_available_slots_for_staff

    for number in range(days):
        day = first + timedelta(days=number)
        found: list[tuple[datetime, int]] = []
        for person in people:
            slots = get_available_slots_for_staff(day, person, day.isoweekday() % 7, service=service)
            found += [(slot, int(person.user.username[1:])) for slot in slots]
        yield from sorted(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
