"""What a patient would like of an appointment: which weekdays, which hours, with whom. Nothing said: anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any
from uuid import UUID

from clinic.rules.wording import list_words

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class Wishes:
    """Empty means anything. The start's local clock is at or after `begins` and before `until`."""

    weekdays: frozenset[int] = frozenset()
    begins: time | None = None
    until: time | None = None
    practitioners: frozenset[UUID] = frozenset()

    @property
    def are_none(self) -> bool:
        return self == Wishes()

    def suit_day(self, day: date) -> bool:
        return not self.weekdays or day.weekday() in self.weekdays

    def suit_clock(self, clock: time) -> bool:
        return (self.begins is None or clock >= self.begins) and (self.until is None or clock < self.until)

    def suit_person(self, practitioner: UUID) -> bool:
        return not self.practitioners or practitioner in self.practitioners

    def with_any_weekday(self) -> Wishes:
        return replace(self, weekdays=frozenset())

    def with_any_hour(self) -> Wishes:
        return replace(self, begins=None, until=None)

    def with_anybody(self) -> Wishes:
        return replace(self, practitioners=frozenset())

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON; `from_json(to_json()) ` is the same wishes."""
        return {
            "weekdays": sorted(self.weekdays),
            "begins": self.begins.isoformat() if self.begins else None,
            "until": self.until.isoformat() if self.until else None,
            "practitioners": sorted(str(one) for one in self.practitioners),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Wishes:
        """Read what `to_json` wrote; what is missing was not wished. TypeError or ValueError when it is not one."""
        begins, until = raw.get("begins"), raw.get("until")
        weekdays = frozenset(int(one) for one in raw.get("weekdays") or ())
        if not weekdays <= set(range(7)):
            raise ValueError("Weekdays are numbered from 0 (Monday) to 6 (Sunday).")
        return cls(
            weekdays=weekdays,
            begins=time.fromisoformat(begins) if begins else None,
            until=time.fromisoformat(until) if until else None,
            practitioners=frozenset(UUID(one) for one in raw.get("practitioners") or ()),
        )

    def in_words(self, names: Mapping[UUID, str]) -> str:
        """Return "Tuesdays and Thursdays, before 12:00, with Dr X", or "any time". `names`: of practitioners."""
        words = [list_words([WEEKDAYS[one] for one in sorted(self.weekdays)]), self._hours()]
        people = sorted(names.get(one, "somebody else") for one in self.practitioners)
        words.append(f"with {' or '.join(people)}" if people else "")
        return ", ".join(filter(None, words)) or "any time"

    def _hours(self) -> str:
        if self.begins and self.until:
            return f"between {self.begins:%H:%M} and {self.until:%H:%M}"
        if self.begins:
            return f"from {self.begins:%H:%M}"
        return f"before {self.until:%H:%M}" if self.until else ""
