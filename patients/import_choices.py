"""What was chosen about a table: for which location, which column is what, how dates are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from patients.operations.import_patients import PatientTable
from patients.rules.column_words import Column
from patients.rules.identity import DateOrder


@dataclass(frozen=True, slots=True)
class Choices:
    """Travels between pages in the session, and to the worker in the job's file: so it can be written as JSON."""

    location_id: UUID
    mapping: Mapping[Column, str] = field(default_factory=dict)
    date_order: DateOrder | None = None

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        mapping = {Column(name): header for name, header in kept["mapping"].items()}
        return cls(UUID(kept["location"]), mapping, DateOrder(kept["order"]) if kept["order"] else None)

    def as_json(self) -> dict[str, Any]:
        return {
            "location": str(self.location_id),
            "mapping": {column.value: header for column, header in self.mapping.items()},
            "order": self.date_order or "",
        }

    def with_columns(self, mapping: Mapping[Column, str], date_order: DateOrder | None) -> Self:
        return replace(self, mapping=mapping, date_order=date_order)

    def table(self, file: Path) -> PatientTable:
        return PatientTable(file=file, mapping=self.mapping, date_order=self.date_order)
