"""A report as the pages show it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from clinic.models import Staff
from patients.queries.patients import patients_visible_to
from patients.rules.import_report import Report


def counts_of(report: Report) -> list[tuple[str, int]]:
    verb = "Registered" if report.written else "Would be registered"
    notes = [
        ("Without a birth date: not told from people of the same name", report.undated),
        ("In a language we write no letters in: they get them in English", report.unspoken),
    ]
    return [
        (verb, report.added),
        ("Known already, left out", report.twins),
        ("Refused", report.faults),
        *[(words, count) for words, count in notes if count],
    ]


def outcome(by: Staff, report: Report) -> dict[str, Any]:
    """What `_import_counts.html` and `_import_rows.html` show."""
    known = patients_visible_to(by).in_bulk([twin.patient_id for twin in report.listed_twins if twin.patient_id])
    twins = [
        {"line": twin.line, "of_line": twin.of_line, "patient": known.get(UUID(twin.patient_id or "0" * 32))}
        for twin in report.listed_twins
    ]
    return {"report": report, "counts": counts_of(report), "twins": twins, "faults": report.listed_faults}
