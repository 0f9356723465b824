"""Whose hours are meant: a location's, a practitioner's or a room's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from clinic.models.hours import Closure, SpecialHours
from clinic.models.location import Location
from clinic.models.premises import Practitioner, Room
from clinic.models.staff import Staff
from clinic.rules.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Owner:
    """Neither practitioner nor room: the whole location."""

    location: Location
    practitioner: Practitioner | None = None
    room: Room | None = None

    @classmethod
    def get(cls, key: str, by: Staff) -> Owner:
        """Read it by its key, "practitioner-<id>". DoesNotExist when it is not `by`'s, or no key at all."""
        kind, _, pk = key.partition("-")
        try:
            uuid = UUID(pk)
        except ValueError:
            raise Location.DoesNotExist from None
        if kind == "practitioner":
            person = Practitioner.objects.visible_to(by).select_related("location").get(pk=uuid)
            return cls(person.location, practitioner=person)
        if kind == "room":
            room = Room.objects.visible_to(by).select_related("location").get(pk=uuid)
            return cls(room.location, room=room)
        if kind == "location":
            return cls(Location.objects.visible_to(by).get(pk=uuid))
        raise Location.DoesNotExist

    @classmethod
    def of(cls, row: Closure | SpecialHours) -> Owner:
        return cls(row.location, row.practitioner, row.room)

    @property
    def thing(self) -> Location | Practitioner | Room:
        return self.practitioner or self.room or self.location

    @property
    def key(self) -> str:
        return f"{self.thing._meta.model_name}-{self.thing.pk}"

    @property
    def is_location(self) -> bool:
        return self.practitioner is None and self.room is None

    @property
    def columns(self) -> Mapping[str, Location | Practitioner | Room | None]:
        """What its rows have in the three columns that say whose they are."""
        return {"location": self.location, "practitioner": self.practitioner, "room": self.room}

    @property
    def mine(self) -> Mapping[str, UUID | None]:
        """The same to find them by."""
        return {
            "location_id": self.location.pk,
            "practitioner_id": self.practitioner.pk if self.practitioner else None,
            "room_id": self.room.pk if self.room else None,
        }

    def __str__(self) -> str:
        return str(self.thing)

    def refuse_inactive(self) -> None:
        """Codes: place_closed, not_working, not_used."""
        if not self.location.is_active:
            raise Refusal("place_closed", f"{self.location.name} is closed for good: there is nothing to enter.")
        if self.practitioner and not self.practitioner.is_active:
            raise Refusal("not_working", f"{self.practitioner} does not work here any more: there is nothing to enter.")
        if self.room and not self.room.is_active:
            raise Refusal("not_used", f"{self.room} is not in use any more: there is nothing to enter.")
