"""A desk as a process of its own: `python -m tests.journeys.mover USERNAME NOW`, asked line by line on its input.

`look` answers with the appointment it sees and its version; `move STARTS` moves what it saw last to that time. Every
answer is one line of JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any


def main(username: str, now: datetime) -> None:
    import django

    django.setup()
    from clinic.models import Staff

    person, seen = Staff.objects.get(username=username), {}
    for line in sys.stdin:
        word, _, more = line.strip().partition(" ")
        if word == "look":
            seen = answer = look()
        else:
            answer = move(person, seen, datetime.fromisoformat(more), now)
        print(json.dumps(answer), flush=True)


def look() -> dict[str, Any]:
    from plans.models import Appointment

    row = Appointment.objects.live().get()
    return {"id": str(row.pk), "version": row.version}


def move(person: Any, seen: dict[str, Any], starts: datetime, now: datetime) -> dict[str, Any]:
    from clinic.rules.refusal import Refusal
    from plans.models import Appointment
    from plans.operations.booking import move_appointment

    old = Appointment.objects.get(pk=seen["id"])
    try:
        new = move_appointment(
            appointment_id=old.pk,
            version=seen["version"],
            starts=starts,
            minutes=45,
            practitioner_id=old.practitioner_id,
            room_id=old.room_id,
            reason=f"asked at {person.username}",
            by=person,
            now=now,
        )
    except Refusal as refusal:
        return {"code": refusal.code, "sentence": refusal.sentence}
    return {"id": str(new.pk), "sequence": new.calendar_sequence}


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
