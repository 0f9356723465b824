"""What the sender says of a file on its way, as a row keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from plans.models import Upload
from plans.operations.photo_row import PhotoConditions
from plans.rules.states import TakenBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """view_id: where it shall be placed by itself; None waits for a person. captured: taken in the page, so now.
    many: one of a batch, developed by the worker."""

    view_id: UUID | None = None
    conditions: PhotoConditions = field(default_factory=PhotoConditions)
    captured: bool = False
    many: bool = False

    def to_json(self) -> dict[str, Any]:
        nothing = asdict(PhotoConditions())
        said = {name: _plain(value) for name, value in asdict(self.conditions).items() if value != nothing[name]}
        return {
            "view": str(self.view_id) if self.view_id else None,
            "captured": self.captured,
            "many": self.many,
            "conditions": said,
        }


def wish_of(upload: Upload) -> Wish:
    kept = upload.wish
    view = kept.get("view")
    return Wish(
        view_id=UUID(view) if view else None,
        conditions=_conditions(kept.get("conditions", {})),
        captured=bool(kept.get("captured")),
        many=bool(kept.get("many")),
    )


def conditions_of(upload: Upload, said: PhotoConditions | None = None) -> PhotoConditions:
    """What was said last, of a photo taken in the page with the moment it was sent."""
    wish = wish_of(upload)
    conditions = said or wish.conditions
    if wish.captured and conditions.taken_at is None:
        return replace(conditions, taken_at=upload.created_at, taken_by=TakenBy.CAPTURED)
    return conditions


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def _conditions(kept: dict[str, Any]) -> PhotoConditions:
    known = {one.name: kept[one.name] for one in fields(PhotoConditions) if one.name in kept}
    read = {
        "last_dyed_on": date.fromisoformat,
        "taken_at": datetime.fromisoformat,
        "hair_length_cm": Decimal,
        "taken_by": TakenBy,
    }
    return PhotoConditions(**{name: read.get(name, lambda same: same)(value) for name, value in known.items()})  # type: ignore[operator]
