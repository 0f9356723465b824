"""Registers the people of somebody else's table, or says what would happen if it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.db.models import CharField, DateTimeField, F, Q, UUIDField, Value
from django.db.models.functions import Lower

from clinic.models import AuditLine, Location, Staff
from clinic.operations.audit import allow, record
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Language, Patient
from patients.rules.column_words import Column
from patients.rules.happened import Happened
from patients.rules.identity import DateOrder, KnownPeople
from patients.rules.import_report import OnBad, Report, Tally, Twin
from patients.rules.intake import Candidate, Rejected, place_columns, read_row
from patients.rules.tabular import open_table

BATCH = 1000  # rows looked up and written together

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """A file, which of its columns holds what, and how it writes dates (None: only dates beyond doubt pass)."""

    file: Path
    mapping: Mapping[Column, str]
    date_order: DateOrder | None = None


def check_import(
    *, table: PatientTable, location_id: UUID, by: Staff, now: datetime, progress: Progress = lambda rows: None
) -> Report:
    """Say what the import would do, and do nothing. Refusal when the file is no table or the mapping does not fit.

    `progress` is told how many rows have been read.
    """
    location = _location(location_id, by)
    tally = Tally()
    for _ in _newcomers(table, tally, by=by, today=local_day(now, location.zone), progress=progress):
        pass
    return tally.report(written=False)


def import_patients(
    *,
    table: PatientTable,
    location_id: UUID,
    on_bad: OnBad,
    by: Staff,
    now: datetime,
    progress: Progress = lambda rows: None,
    once: UUID | None = None,
) -> Report:
    """Register everybody new, in one transaction. People known already are left out, so importing again adds nobody.

    That rests on birth dates and e-mail addresses. `once` does not: it names the table, and one that was brought in
    under this name before is refused.

    With all-or-nothing one refused row means that nobody is registered; the report then says `written` False. Raises as
    `check_import`; what is raised half-way undoes everything.
    """
    allow(by, Deed.IMPORT_PATIENTS)
    if once:
        _refuse_twice(once)
    if on_bad is OnBad.ALL_OR_NOTHING:
        # Reading first keeps the database free for others; a bad row then costs nobody anything.
        checked = check_import(table=table, location_id=location_id, by=by, now=now, progress=progress)
        if checked.faults:
            return checked
    location = _location(location_id, by)
    tally = Tally()
    with transaction.atomic():
        for people in _newcomers(table, tally, by=by, today=local_day(now, location.zone), progress=progress):
            _register(people, location, by=by, now=now)
        record(
            Happened.PATIENTS_IMPORTED,
            about=location,
            by=by,
            now=now,
            location=location,
            details={
                "rows": tally.rows,
                "added": tally.added,
                "known": tally.twins,
                "refused": tally.faults,
                **({"table": str(once)} if once else {}),
            },
        )
    return tally.report(written=True)


def _refuse_twice(table: UUID) -> None:
    line = AuditLine.objects.filter(happened=Happened.PATIENTS_IMPORTED, details__table=str(table)).first()
    if line:
        raise Refusal(
            "import.twice",
            f"This table has been brought in already: {line.details['added']:,} registered, "
            f"{line.details['known']:,} known, {line.details['refused']:,} refused.",
        )


def _location(location_id: UUID, by: Staff) -> Location:
    allow(by, Deed.IMPORT_PATIENTS)
    location = Location.objects.visible_to(by).get(pk=location_id)
    if not location.is_active:
        raise Refusal("location.closed", f"{location} is not in use any more: choose another location.")
    return location


def _newcomers(
    table: PatientTable, tally: Tally, *, by: Staff, today: date, progress: Progress
) -> Iterator[list[Candidate]]:
    """Yield, batch by batch, who is in the file and not known yet; count everybody else."""
    seen = KnownPeople()
    with open_table(table.file) as opened:
        places = place_columns(table.mapping, opened.headers)
        while rows := list(islice(opened.rows, BATCH)):
            readings = [read_row(row, places, date_order=table.date_order, today=today) for row in rows]
            candidates = [reading for reading in readings if isinstance(reading, Candidate)]
            registered = _registered(candidates, by)
            for reading in readings:
                if isinstance(reading, Rejected):
                    tally.refuse(reading)
            people = [person for person in candidates if _is_new(person, seen, registered, tally)]
            if people:
                yield people
            progress(tally.rows)


def _is_new(person: Candidate, seen: KnownPeople, registered: KnownPeople, tally: Tally) -> bool:
    name, email, born = person.folded_name, person.email, person.birth_date
    if earlier := seen.find(name=name, email=email, born=born):
        tally.leave_out(Twin(person.line, of_line=int(earlier)))
        return False
    seen.add(str(person.line), name=name, email=email, born=born)
    if known := registered.find(name=name, email=email, born=born):
        tally.leave_out(Twin(person.line, patient_id=known))
        return False
    tally.added += 1
    tally.undated += born is None
    tally.unspoken += person.language not in ("", *Language.values)
    return True


def _registered(candidates: list[Candidate], by: Staff) -> KnownPeople:
    """Return those of the patients `by` may see who could be one of these people."""
    dates = {person.birth_date for person in candidates if person.birth_date}
    names = {person.folded_name for person in candidates}
    addresses = {person.email.casefold() for person in candidates if person.email}
    same_day = Q(birth_date__in=dates) & (Q(folded_name__in=names) | Q(address__in=addresses))
    # Whichever side lacks the birth date, name and address are compared.
    undated = {person.folded_name for person in candidates if person.email and not person.birth_date}
    no_day = Q(folded_name__in=undated) | Q(birth_date=None, folded_name__in=names)
    known = KnownPeople()
    patients = Patient.objects.visible_to(by).annotate(address=Lower("email")).filter(same_day | no_day).order_by()
    for pk, name, email, born in patients.values_list("pk", "folded_name", "email", "birth_date").iterator():
        known.add(str(pk), name=name, email=email, born=born)
    return known


def _register(people: list[Candidate], location: Location, *, by: Staff, now: datetime) -> None:
    patients = [
        Patient(
            first_name=person.first_name,
            last_name=person.last_name,
            folded_name=person.folded_name,
            birth_date=person.birth_date,
            sex=person.sex,
            email=person.email,
            phone=person.phone,
            language=person.language if person.language in Language.values else Language.ENGLISH,
            home_location=location,
            alert=person.alert,
            registered_at=now,
        )
        for person in people
    ]
    Patient.objects.bulk_create(patients)
    _keep_history([patient.pk for patient in patients], by=by, now=now)


def _keep_history(ids: list[UUID], *, by: Staff, now: datetime) -> None:
    """Write the first line of each patient's history inside the database: row by row it would double the time."""
    history = Patient.history.model
    kept = [field.attname for field in history.tracked_fields]
    added = {
        "history_id": F("pk"),  # unique as well: nobody has two first lines
        "history_date": Value(now, output_field=DateTimeField()),
        "history_type": Value("+", output_field=CharField()),
        "history_change_reason": Value("import", output_field=CharField()),
        "history_user_id": Value(by.pk, output_field=UUIDField()),
    }
    rows = Patient.objects.filter(pk__in=ids).order_by().annotate(**added).values_list(*kept, *added)
    select, values = rows.query.sql_with_params()
    columns = ", ".join(connection.ops.quote_name(history._meta.get_field(name).column) for name in (*kept, *added))
    with connection.cursor() as cursor:
        # Names come from the models and values travel as parameters: nothing of the file is in this text.
        cursor.execute(f"INSERT INTO {connection.ops.quote_name(history._meta.db_table)} ({columns}) {select}", values)
