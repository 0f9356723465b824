"""How somebody looks at the calendar: what the address asks for, and for the rest how they looked last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from clinic.rules.asked import id_in

DAY, WEEK, LIST = "day", "week", "list"
VIEWS = (DAY, WEEK, LIST)
PRACTITIONER, ROOM = "practitioner", "room"
SIDES = (PRACTITIONER, ROOM)
MOST_WHO = 60


@dataclass(frozen=True, slots=True)
class Look:
    """`day` None: today. `location` None: all of the viewer's. `who` empty: all practitioners, or all rooms."""

    view: str = DAY
    day: date | None = None
    location: UUID | None = None
    by: str = PRACTITIONER
    who: tuple[UUID, ...] = ()

    @classmethod
    def read(cls, asked: Mapping[str, Sequence[str]], kept: Mapping[str, Any], *, is_phone: bool) -> Look:
        """What a name is not asked for stays as it was kept; what makes no sense is as if it had not been said.

        The day is never kept. A telephone shows the list unless something else is asked for.
        """
        said = {name: list(values) for name, values in asked.items()}
        before = cls.from_json(kept)
        usual = LIST if is_phone else before.view
        by = _one_of(SIDES, _first(said, "by"), before.by)
        # People are not rooms: whoever turns the columns round begins with all of them.
        who = _ids(said["who"]) if "who" in said else before.who if by == before.by else ()
        location = id_in(_first(said, "location")) if "location" in said else before.location
        if location != before.location and "who" not in said:
            who = ()
        return cls(_one_of(VIEWS, _first(said, "view"), usual), day_of(_first(said, "day")), location, by, who)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Look:
        who = kept.get("who")
        return cls(
            view=_one_of(VIEWS, str(kept.get("view", "")), DAY),
            location=id_in(str(kept.get("location", ""))),
            by=_one_of(SIDES, str(kept.get("by", "")), PRACTITIONER),
            who=_ids([str(one) for one in who]) if isinstance(who, list) else (),
        )

    def to_json(self) -> dict[str, Any]:
        """What is kept: the day is not."""
        return {
            "view": self.view,
            "location": str(self.location or ""),
            "by": self.by,
            "who": [str(one) for one in self.who],
        }

    def ask(self, **changes: Any) -> str:
        """The address's question for this look, with changes. It says everything, so that it can be sent to others."""
        new = replace(self, **changes)
        pairs = [("view", new.view), ("by", new.by), ("location", str(new.location or ""))]
        if new.day:
            pairs.insert(1, ("day", new.day.isoformat()))
        return "?" + urlencode(pairs + ([("who", str(one)) for one in new.who] or [("who", "")]))

    def days(self, today: date) -> tuple[date, ...]:
        """The local days that are shown: one, or Monday to Sunday."""
        day = self.day or today
        if self.view != WEEK:
            return (day,)
        monday = day - timedelta(days=day.weekday())
        return tuple(monday + timedelta(days=number) for number in range(7))

    @property
    def step(self) -> timedelta:
        return timedelta(days=7 if self.view == WEEK else 1)


def day_of(text: str) -> date | None:
    """An address somebody mistyped shows today rather than an error."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _first(said: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(said.get(name, ())), "")


def _one_of(choices: Sequence[str], asked: str, usual: str) -> str:
    return asked if asked in choices else usual


def _ids(texts: Sequence[str]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(found for text in texts[:MOST_WHO] if (found := id_in(text))))
