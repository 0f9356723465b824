"""Finding people: search, pages of a long list, and who might be the same person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from patients.models.patient import PatientQuerySet
from patients.rules.identity import fold_name

PAGE = 25


@dataclass(frozen=True, slots=True)
class PatientLine:
    """`next_at` is the start of the next appointment, `zone` where it is held; None when there is none."""

    patient: Patient
    next_at: datetime | None = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class PatientPage:
    """`after` leads to the next page, "" on the last. `is_all_empty`: nobody is registered yet."""

    lines: tuple[PatientLine, ...]
    after: str
    is_all_empty: bool


def patients_visible_to(by: Staff) -> PatientQuerySet:
    """Return the patients of the viewer's own places. Forbidden without the right to see any."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    return Patient.objects.visible_to(by)


def find_patients(by: Staff, words: str, *, after: str = "", now: datetime) -> PatientPage:
    """Return one page by name of those in whom every word is found: part of a name, an e-mail address, a phone number.

    `after` is what the page before gave: no counting, so a long list stays quick.
    """
    seen = patients_visible_to(by)
    found = seen.page_matching(words, PAGE + 1, _last_shown(seen, after))
    page, more = found[:PAGE], len(found) > PAGE
    starts = _next_appointments(page, now)
    lines = tuple(PatientLine(p, *starts.get(p.pk, ())) for p in page)
    is_empty = not page and not words.strip() and not after
    return PatientPage(lines, page[-1].pk.hex if more else "", is_empty)


def possible_twins(by: Staff, *, first_name: str, last_name: str, birth_date: date | None) -> Sequence[Patient]:
    """Return who has the same name and birth date, to be looked at before somebody is registered twice."""
    if birth_date is None:
        return []
    folded = fold_name(f"{first_name} {last_name}")
    return list(patients_visible_to(by).filter(birth_date=birth_date, folded_name=folded)[:3])


def _last_shown(seen: PatientQuerySet, after: str) -> Patient | None:
    """An id, not a name: addresses of pages end up in logs."""
    try:
        return seen.filter(pk=UUID(hex=after)).first() if after else None
    except ValueError:
        return None


def _next_appointments(page: Sequence[Patient], now: datetime) -> dict[UUID, tuple[datetime, ZoneInfo]]:
    """The next appointment of each. By name: appointments are the business of the package above."""
    rows = apps.get_model("plans", "Appointment")._default_manager.live()
    mine = rows.filter(patient__in=page, starts__gte=now).order_by("-starts")
    found = mine.values_list("patient_id", "starts", "location__time_zone")
    return {patient: (starts, ZoneInfo(zone)) for patient, starts, zone in found}
