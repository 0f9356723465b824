"""Finding patients: the databases' indexes say what looking at everybody would say."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.models import Location, Staff
from patients.models import Patient, finding
from patients.operations.patients import PatientDetails, change_patient
from patients.queries.patients import find_patients, patients_visible_to
from patients.rules.identity import fold_name
from patients.rules.search import pieces_of
from tests.operations.letter_cast import NOW, location, patient, staff

pytestmark = pytest.mark.django_db
migration = import_module("patients.migrations.0004_search")
ROADS = pytest.mark.parametrize("many", [0, 3000], ids=["in the order of names", "by the index"])

PARTS = [
    "ann",
    "Müll",
    "ليلى",
    "حسن",
    "王小明",
    "O’Brien",
    "d'A",
    "ß",
    "50%",
    "a_b",
    "x*",
    '"q"',
    "zoë",
    "(al)",
    "nn:m",
    "\\",
]
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(" ".join)
EMAILS = st.sampled_from(["", "ann.m@x.example", "a_b%c@x.example", "o'brien@x.example", "q+1@y.example"])
PHONES = st.sampled_from(["", "+3906551234", "06551234", "+6591234567", "4711"])
TYPED = st.lists(
    st.one_of(
        st.sampled_from(
            [*PARTS, "an", "m", "@x", "06 55", "+65 9123", "551", "4711", "%", "_", "''", "OR", "AND", "NEAR("]
        ),
        st.text(st.sampled_from("anmO'\"%_*^()-:+\\{}9 5ليه王"), max_size=6),
    ),
    max_size=3,
).map(" ".join)


@pytest.fixture
def road(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MANY", many)


def by_looking(people: list[Patient], typed: str) -> set[str]:
    """The plain answer: every text, every piece."""
    return {
        one.first_name
        for one in people
        if all(any(piece in text_of(one) for piece in pieces) for pieces in pieces_of(typed))
    }


def text_of(one: Patient) -> str:
    name = "  ".join(fold_name(f"{one.first_name} {one.last_name}").split())
    return f"  {name}\n  {one.email.lower()}\n  {one.phone.replace('+', '')}"


@ROADS
@settings(max_examples=60)
@given(rows=st.lists(st.tuples(NAMES, EMAILS, PHONES), min_size=1, max_size=6), asked=st.lists(TYPED, max_size=4))
def test_the_index_finds_exactly_whom_looking_at_everybody_finds(
    road: None, many: int, rows: list[tuple[str, str, str]], asked: list[str]
) -> None:
    place = location()
    Patient.objects.all().delete()
    people = [
        Patient(first_name=f"{name} {number}x", email=email, phone=phone, home_location=place, registered_at=NOW)
        for number, (name, email, phone) in enumerate(rows)
    ]
    for one in people:
        one.folded_name = fold_name(one.first_name)
    Patient.objects.bulk_create(people)
    for typed in [*asked, rows[0][0], rows[0][1], rows[0][2]]:
        found = set(Patient.objects.matching(typed).values_list("first_name", flat=True))
        assert found == by_looking(people, typed), typed


@ROADS
@pytest.mark.parametrize(
    "typed", ["\0", "a\0nn", "\ud800", "'; DROP TABLE x; --", '"', '""', "'" * 99, "a" * 5000, "b " * 900]
)
def test_nothing_one_types_breaks_the_search(road: None, many: int, typed: str) -> None:
    patient("Mei")
    assert Patient.objects.matching(typed).count() in (0, 1)


@ROADS
def test_the_search_follows_every_way_of_writing(road: None, many: int) -> None:
    desk, mei = staff("desk", is_front_desk=True), patient("Mei", phone="+6591234567")

    def found(typed: str) -> int:
        return Patient.objects.matching(typed).count()

    details = PatientDetails(first_name="Mei", last_name="Tan", email="other@example.org", phone="+6598887777")
    change_patient(patient_id=mei.pk, details=details, by=desk, now=NOW)
    assert (found("mei@exa"), found("9123 4567"), found("tan other 9888")) == (0, 0, 1)
    Patient.objects.filter(pk=mei.pk).update(email="third@example.org")
    assert (found("other@"), found("third@")) == (0, 1)
    mei.delete()
    assert found("tan") == found("third@") == 0


@ROADS
def test_only_people_of_ones_own_places_are_found(road: None, many: int) -> None:
    patient("Mei")
    elsewhere = staff("far", Location.objects.create(name="Far", time_zone="UTC"), is_front_desk=True)
    boss = Staff.objects.create(username="root", is_superuser=True, is_front_desk=True)
    assert [len(find_patients(who, "mei", now=NOW).lines) for who in (elsewhere, boss)] == [0, 1]


@ROADS
def test_what_was_found_goes_on_page_by_page_by_name(road: None, many: int, django_assert_max_num_queries: Any) -> None:
    desk = staff("desk", is_front_desk=True)
    for number in range(60):
        patient("Same" if number % 2 else f"Other{number:02}", last_name="Name", email=f"p{number}@example.org")
    found, after = [], ""
    while True:
        with django_assert_max_num_queries(4):  # where the last page ended, how common, the page, next appointments
            page = find_patients(desk, "ame p", after=after, now=NOW)
        found += [line.patient for line in page.lines]
        if not (after := page.after):
            break
    assert [one.pk for one in found] == [one.pk for one in sorted(found, key=lambda p: (p.folded_name, p.pk.hex))]
    assert len({one.pk for one in found}) == 60


def test_the_first_page_of_everybody_is_read_in_the_order_of_names() -> None:
    """However many there are: nothing is fetched and sorted to show 25 of them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what it has counted, and here are no rows to count")
    rows = patients_visible_to(staff("desk", is_front_desk=True)).order_by("folded_name", "pk")[:26]
    assert "folded_name" in rows.explain().splitlines()[0]


# -- what keeps it -----------------------------------------------------------------------------------------------------
def test_what_keeps_the_index_is_there() -> None:
    """A migration that rebuilds the table on SQLite takes the triggers with it: make them anew at its end."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'patients_patient'")
            assert set(migration.TRIGGERS) <= {row[0] for row in cursor}
        else:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'patients_by_any_part'")
            assert "gin_trgm_ops" in cursor.fetchone()[0]


def test_who_was_registered_before_there_was_an_index_is_found() -> None:
    patient("Mei", last_name="Tan")
    vendor = connection.vendor
    again = {"sqlite": migration.SQLITE, "postgresql": ["SET CONSTRAINTS ALL IMMEDIATE", *migration.POSTGRESQL]}[vendor]
    with connection.cursor() as cursor:
        for statement in [*migration.UNDO[vendor], *again]:
            cursor.execute(statement)
    patient("Mei", last_name="Lim")
    assert [one.last_name for one in Patient.objects.matching("mei").order_by("folded_name")] == ["Lim", "Tan"]


@pytest.mark.django_db(transaction=True)
def test_the_index_knows_who_is_who_after_the_file_was_put_in_order() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("VACUUM numbers rows anew on SQLite only")
    first, second = patient("Ann"), patient("Bea")
    first.delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    assert list(Patient.objects.matching("bea")) == [second]
    assert not Patient.objects.matching("ann")


def test_the_history_keeps_no_second_copy_of_the_text() -> None:
    mei = patient("Mei")
    version = Patient.history.get(id=mei.pk)
    assert not hasattr(version, "search_text")
    assert version.instance.name == "Mei"
