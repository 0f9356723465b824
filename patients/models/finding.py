"""Patients by pieces of their search text, by whichever road is quick for these pieces.

Few are found by the index and sorted. Of many only a page is wanted: they are read in the order of their names until it
is full. The databases cannot tell which of the two it is (SQLite never looks, and PostgreSQL takes it that names with a
piece in common are spread over the whole alphabet), so they are asked first how many there are, up to a limit.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from django.db import connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from patients.rules.search import INDEXED, Pieces

if TYPE_CHECKING:
    from patients.models.patient import PatientQuerySet

MANY = 3000

_FOUND = (
    "SELECT patient_id FROM patients_search_number WHERE number IN "
    "(SELECT rowid FROM patients_search WHERE patients_search MATCH %s)"
)
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM patients_search WHERE patients_search MATCH %s LIMIT %s)"


def matching(patients: PatientQuerySet, wanted: tuple[Pieces, ...]) -> tuple[PatientQuerySet, bool]:
    """Return those in whose text one piece of every word stands, and whether they are few."""
    if not wanted:
        return patients, False
    if connections[patients.db].vendor == "sqlite":
        return _on_sqlite(patients, wanted)
    return patients.filter(_has_all(wanted)), _are_few_on_postgresql(patients, wanted)


def _on_sqlite(patients: PatientQuerySet, wanted: tuple[Pieces, ...]) -> tuple[PatientQuerySet, bool]:
    """By the FTS5 table, which the migration made and its triggers keep."""
    indexed = tuple(word for word in wanted if all(len(piece) >= INDEXED for piece in word))
    if not indexed or not _are_few_on_sqlite(patients.db, asked := _fts(indexed)):
        return patients.filter(_has_all(wanted)), False
    rest = tuple(word for word in wanted if word not in indexed)
    return patients.filter(_has_all(rest), pk__in=RawSQL(_FOUND, (asked,))), True


def _has_all(wanted: tuple[Pieces, ...]) -> Q:
    words = (reduce(or_, (Q(search_text__contains=piece) for piece in word)) for word in wanted)
    return reduce(and_, words, Q())


def _are_few_on_sqlite(database: str, asked: str) -> bool:
    with connections[database].cursor() as cursor:
        cursor.execute(_COUNT, (asked, MANY + 1))
        return int(cursor.fetchone()[0]) <= MANY


def _are_few_on_postgresql(patients: PatientQuerySet, wanted: tuple[Pieces, ...]) -> bool:
    """One or two letters begin so many names that asking costs more than it saves."""
    telling = tuple(word for word in wanted if all(len(piece.strip()) >= INDEXED for piece in word))
    known = patients.model._base_manager.using(patients.db).filter(_has_all(telling))
    return bool(telling) and known[: MANY + 1].count() <= MANY


def _fts(wanted: tuple[Pieces, ...]) -> str:
    """The same question in FTS5's language: a quoted text is that text, whatever it holds."""
    words = (" OR ".join('"' + piece.replace('"', '""') + '"' for piece in word) for word in wanted)
    return " AND ".join(f"({word})" for word in words)
