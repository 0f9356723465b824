"""What is sent of a whole series: one line for each session and review, and whether a mail tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django import forms

from plans.forms.wishes import TokenField, tell_field
from plans.operations.series import Pick
from plans.rules.finder import Vacancy

LEFT_OPEN = ""
MINUTE = 60


class SeriesForm(forms.Form):
    tell = tell_field()
    token = TokenField()


def line_code(subject: UUID, vacancy: Vacancy | None) -> str:
    """One line as it stands in a form: whose it is, and the time chosen for it or that it is left open."""
    if vacancy is None:
        return f"{subject}~"
    times = f"{vacancy.starts.isoformat()}~{vacancy.ends.isoformat()}"
    return f"{subject}~{vacancy.practitioner}~{vacancy.room or ''}~{times}"


def read_lines(codes: Iterable[str]) -> Mapping[UUID, Vacancy | None]:
    """Return what was chosen for each line, None for one left open; what cannot be read was not chosen."""
    found: dict[UUID, Vacancy | None] = {}
    for code in codes:
        try:
            subject, vacancy = _read(code)
        except ValueError:
            continue
        found[subject] = vacancy
    return found


def _read(code: str) -> tuple[UUID, Vacancy | None]:
    subject, *chosen = code.split("~")
    if chosen == [LEFT_OPEN]:
        return UUID(subject), None
    practitioner, room, starts, ends = chosen
    begins, finishes = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    if begins.tzinfo is None or finishes.tzinfo is None or begins >= finishes:
        raise ValueError(code)
    return UUID(subject), Vacancy(UUID(practitioner), UUID(room) if room else None, begins, finishes)


def picks_of(lines: Mapping[UUID, Vacancy | None]) -> list[Pick]:
    return [
        Pick(subject, one.practitioner, one.room, one.starts, int((one.ends - one.starts).total_seconds()) // MINUTE)
        for subject, one in lines.items()
        if one is not None
    ]
