"""The demo clinic's premises, people and stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic.models import Location, Practitioner, Room, Staff, WeeklyHours
from clinic.operations.hours import add_closure, add_holidays
from clinic.rules.closures import closed_period
from clinic.rules.holidays import country_of, holidays_of
from clinic.rules.jurisdictions import Jurisdiction
from clinic.rules.local_time import local_day
from clinic.rules.opening import ClosureKind
from plans.models import Lot, LotState, Product
from plans.queries.outside_hours import booked_on
from plans.rules.course import Modality

PASSWORD = "course-demo-2026"  # printed at the start, refused outside DEBUG
LOGINS = (
    ("amara", "Amara", "Novak", "clinician", {"is_clinician": True}),
    ("nadia", "Nadia", "Brandt", "second clinician", {"is_clinician": True}),
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
    for name in ("amara", "nadia", "desk"):
        staff[name].locations.set([harbour])
    staff["manager"].locations.set([harbour, garden])
    staff["karim"].locations.set([garden])
    staff["karim"].is_front_desk = True
    staff["karim"].save()
    practitioners = {
        "harbour": [
            Practitioner.objects.create(location=harbour, staff=staff["amara"], name="Dr Novak", buffer_minutes=10),
            Practitioner.objects.create(location=harbour, name="Nurse Imani", buffer_minutes=10),
            Practitioner.objects.create(location=harbour, name="Nurse Tamsin", buffer_minutes=10),
        ],
        "garden": [Practitioner.objects.create(location=garden, staff=staff["karim"], name="Dr Shah")],
    }
    rooms = {
        "harbour": [
            Room.objects.create(location=harbour, name=name, buffer_minutes=5)
            for name in ("Blue room", "Green room", "Photo room")
        ],
        "garden": [Room.objects.create(location=garden, name="Room 1")],
    }
    for location in (harbour, garden):
        for weekday in range(7):
            WeeklyHours.objects.create(location=location, weekday=weekday, opens=time(9), closes=time(19))
    _keep_own_hours(harbour, practitioners["harbour"][2], rooms["harbour"][2])
    return Premises(harbour, garden, staff, practitioners, rooms, _stock(today))


def _keep_own_hours(location: Location, nurse: Practitioner, photo_room: Room) -> None:
    """Whom no story books: a nurse with a lunch break and a Saturday morning, and a room for mornings only."""
    lunch = [(time(9), time(12, 30)), (time(13, 15), time(17, 30))]
    for weekday in range(6):
        for opens, closes in lunch if weekday < 5 else [(time(9), time(13))]:
            WeeklyHours.objects.create(
                location=location, practitioner=nurse, weekday=weekday, opens=opens, closes=closes
            )
        WeeklyHours.objects.create(location=location, room=photo_room, weekday=weekday, opens=time(9), closes=time(13))


def close_coming_days(premises: Premises, *, now: datetime) -> None:
    """When all stories are told: the public holidays of the next months on which nobody is booked, and a leave."""
    manager = premises.staff["manager"]
    for place in (premises.harbour, premises.garden):
        today = local_day(now, place.zone)
        country = country_of(place.jurisdiction)
        known = [one for year in (today.year, today.year + 1) for one in holidays_of(country, year)]
        coming = [one for one in known if today < one.day <= today + timedelta(days=120)]
        booked = booked_on(place, [one.day for one in coming], now=now)
        free = [one for one in coming if not booked[one.day]]
        add_holidays(location_id=place.pk, days=free, by=manager, now=now)
    nurse, zone = premises.practitioners["harbour"][2], premises.harbour.zone
    first = local_day(now, zone) + timedelta(days=12)
    starts, ends = closed_period(first, first + timedelta(days=6), zone, None, None)
    add_closure(whose=f"practitioner-{nurse.pk}", kind=ClosureKind.LEAVE, starts=starts, ends=ends, by=manager, now=now)


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
