"""The demo clinic's premises, people and stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from clinic.models import Location, Practitioner, Room, Staff, WeeklyHours
from clinic.rules.jurisdictions import Jurisdiction
from plans.models import Lot, LotState, Product
from plans.rules.course import Modality

PASSWORD = "course-demo-2026"  # printed at the start, refused outside DEBUG
LOGINS = (
    ("amara", "Amara", "Novak", "clinician", {"is_clinician": True}),
    ("desk", "Jonas", "Reyes", "front desk", {"is_front_desk": True}),
    ("manager", "Odile", "Tan", "manager", {"is_manager": True}),
    ("karim", "Karim", "Shah", "clinician at the other location", {"is_clinician": True}),
)


@dataclass(frozen=True, slots=True)
class Premises:
    harbour: Location
    garden: Location
    staff: dict[str, Staff]
    practitioners: dict[str, list[Practitioner]]
    rooms: dict[str, list[Room]]
    lots: list[Lot]


def build_premises(today: date) -> Premises:
    harbour = Location.objects.create(
        name="Harbour Street Hair Clinic",
        time_zone="Asia/Singapore",
        address="12 Harbour Street, Singapore",
        phone="+65 6000 0100",
        email="desk@harbour.example.test",
        currency="SGD",
        jurisdiction=Jurisdiction.SG,
    )
    garden = Location.objects.create(
        name="Garden Quarter Hair Clinic",
        time_zone="Africa/Cairo",
        address="4 Garden Square, Cairo",
        phone="+20 2 0000 0200",
        email="desk@garden.example.test",
        currency="EGP",
        jurisdiction=Jurisdiction.EG,
    )
    staff = {name: _staff(name, first, last, roles) for name, first, last, _, roles in LOGINS}
    for name in ("amara", "desk"):
        staff[name].locations.set([harbour])
    staff["manager"].locations.set([harbour, garden])
    staff["karim"].locations.set([garden])
    staff["karim"].is_front_desk = True
    staff["karim"].save()
    practitioners = {
        "harbour": [
            Practitioner.objects.create(location=harbour, staff=staff["amara"], name="Dr Novak"),
            Practitioner.objects.create(location=harbour, name="Nurse Imani"),
        ],
        "garden": [Practitioner.objects.create(location=garden, staff=staff["karim"], name="Dr Shah")],
    }
    rooms = {
        "harbour": [
            Room.objects.create(location=harbour, name=name) for name in ("Blue room", "Green room", "Photo room")
        ],
        "garden": [Room.objects.create(location=garden, name="Room 1")],
    }
    for location in (harbour, garden):
        for weekday in range(7):
            WeeklyHours.objects.create(location=location, weekday=weekday, opens=time(9), closes=time(19))
    return Premises(harbour, garden, staff, practitioners, rooms, _stock(today))


def _staff(name: str, first: str, last: str, roles: dict[str, bool]) -> Staff:
    return Staff.objects.create_user(
        name, f"{name}@harbour.example.test", PASSWORD, first_name=first, last_name=last, is_staff=True, **roles
    )


def _stock(today: date) -> list[Lot]:
    serum = Product.objects.create(
        name="Exosome serum A",
        modality=Modality.EXOSOME,
        maker="Example Biologics",
        donor_source="umbilical cord",
        handling="Frozen at −20 °C, thawed 30 minutes before use.",
    )
    cocktail = Product.objects.create(name="Vitamin cocktail B", modality=Modality.MESOTHERAPY, maker="Example Pharma")
    lots = [
        Lot.objects.create(product=serum, number="EX-2607-A", expires_on=today + timedelta(days=240),
                           received_on=today - timedelta(days=120)),
        Lot.objects.create(product=cocktail, number="VC-118", expires_on=today + timedelta(days=400)),
    ]  # fmt: skip
    Lot.objects.create(product=serum, number="EX-2511-C", expires_on=today - timedelta(days=20))
    Lot.objects.create(
        product=serum,
        number="EX-2606-B",
        expires_on=today + timedelta(days=90),
        state=LotState.QUARANTINED,
        note="Thawed on arrival; waiting for the maker's answer.",
    )
    return lots
