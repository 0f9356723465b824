from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from clinic.models import AuditLine, Location, Staff
from clinic.rules.refusal import Forbidden, Refusal
from patients.models import Patient
from patients.operations.import_patients import PatientTable, check_import, import_patients
from patients.rules.identity import DateOrder
from patients.rules.import_report import OnBad, Report
from patients.rules.intake import guess_mapping
from patients.rules.tabular import open_table

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HEAD = "First name;Last name;Birth date;E-mail;Phone;Language\n"
GOOD = HEAD + "Mei;Tan;31/03/1980;mei@example.org;+65 9123 4567;en\nليلى;حسن;1/2/1990;;;ar\n"
MIXED = GOOD + "Li;Wong;31/02/1980;li@example;;\nAnna;Sørensen;5/6/1970;anna@example.org;;da\n"


def location(name: str = "Riverside") -> Location:
    return Location.objects.create(name=name, time_zone="Asia/Singapore", phone="+65 5550 0100", email="desk@x.test")


@pytest.fixture
def here() -> Location:
    return location()


@pytest.fixture
def desk(here: Location) -> Staff:
    person = Staff.objects.create(username="desk", is_front_desk=True)
    person.locations.add(here)
    return person


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "patients.csv"


def table(file: Path, text: str) -> PatientTable:
    file.write_text(text, encoding="utf-8")
    with open_table(file) as opened:
        return PatientTable(file=file, mapping=guess_mapping(opened.headers), date_order=DateOrder.DMY)


def run(file: Path, text: str, desk: Staff, here: Location, on_bad: OnBad = OnBad.SKIP_BAD) -> Report:
    return import_patients(table=table(file, text), location_id=here.pk, on_bad=on_bad, by=desk, now=NOW)


def test_everybody_in_the_table_becomes_a_patient_of_the_location(file: Path, desk: Staff, here: Location) -> None:
    report = run(file, GOOD, desk, here)
    assert (report.rows, report.added, report.twins, report.faults, report.written) == (2, 2, 0, 0, True)
    mei = Patient.objects.get(first_name="Mei")
    assert (mei.last_name, mei.birth_date, mei.email, mei.phone) == (
        "Tan",
        date(1980, 3, 31),
        "mei@example.org",
        "+6591234567",
    )
    assert (mei.home_location, mei.registered_at, mei.folded_name) == (here, NOW, "mei tan")
    assert Patient.objects.matching("ليلى").get().language == "ar"


def test_each_patient_has_a_history_that_says_who_brought_them_in(file: Path, desk: Staff, here: Location) -> None:
    run(file, GOOD, desk, here)
    for patient in Patient.objects.all():
        line = patient.history.get()
        assert (line.history_type, line.history_user, line.history_date) == ("+", desk, NOW)
        assert line.history_change_reason == "import"
        assert (line.first_name, line.birth_date, line.home_location) == (
            patient.first_name,
            patient.birth_date,
            patient.home_location,
        )
        patient.alert = "latex"
        patient.save()
        assert patient.history.count() == 2


def test_the_import_leaves_one_line_in_the_audit(file: Path, desk: Staff, here: Location) -> None:
    run(file, MIXED, desk, here)
    line = AuditLine.objects.get(happened="patients.imported")
    assert (line.by, line.at, line.location) == (desk, NOW, here)
    assert line.details == {"rows": 4, "added": 3, "known": 0, "refused": 1}


def test_a_dry_run_says_the_same_and_writes_nothing(file: Path, desk: Staff, here: Location) -> None:
    dry = check_import(table=table(file, MIXED), location_id=here.pk, by=desk, now=NOW)
    assert not Patient.objects.exists()
    assert not AuditLine.objects.exists()
    real = run(file, MIXED, desk, here)
    assert (dry.rows, dry.added, dry.faults, dry.listed_faults) == (
        real.rows,
        real.added,
        real.faults,
        real.listed_faults,
    )
    assert (dry.written, real.written) == (False, True)


def test_refused_rows_are_named_with_line_and_reasons(file: Path, desk: Staff, here: Location) -> None:
    (fault,) = run(file, MIXED, desk, here).listed_faults
    assert fault.line == 4
    assert [sentence.split(":")[0] for sentence in fault.sentences] == ["Birth date", "E-mail address"]


def test_all_or_nothing_registers_nobody_while_a_row_is_refused(file: Path, desk: Staff, here: Location) -> None:
    report = run(file, MIXED, desk, here, OnBad.ALL_OR_NOTHING)
    assert (report.added, report.faults, report.written) == (3, 1, False)
    assert not Patient.objects.exists()
    assert not AuditLine.objects.exists()


def test_all_or_nothing_registers_all_when_no_row_is_refused(file: Path, desk: Staff, here: Location) -> None:
    assert run(file, GOOD, desk, here, OnBad.ALL_OR_NOTHING).written
    assert Patient.objects.count() == 2


def test_importing_again_adds_nobody(file: Path, desk: Staff, here: Location) -> None:
    run(file, GOOD, desk, here)
    report = run(file, GOOD, desk, here)
    assert (report.added, report.twins) == (0, 2)
    assert {twin.patient_id for twin in report.listed_twins} == {
        str(pk) for pk in Patient.objects.values_list("pk", flat=True)
    }
    assert Patient.objects.count() == 2


def test_a_table_named_once_is_not_brought_in_again_even_when_nobody_in_it_can_be_recognised(
    file: Path, desk: Staff, here: Location
) -> None:
    undated = table(file, HEAD + "Mei;Tan;;;;\n")
    name = uuid4()

    def bring_in(once: UUID | None) -> Report:
        return import_patients(table=undated, location_id=here.pk, on_bad=OnBad.SKIP_BAD, by=desk, now=NOW, once=once)

    assert bring_in(name).added == 1
    with pytest.raises(Refusal, match="already: 1 registered, 0 known, 0 refused"):
        bring_in(name)
    assert Patient.objects.count() == 1
    assert bring_in(uuid4()).added == 1


@pytest.mark.parametrize(
    ("row", "is_known"),
    [
        ("MEI;tan;31/3/1980;;;", True),
        ("Amelia;Ong;31/3/1980;Mei@Example.org;;", True),
        ("Mei;Tan;30/3/1980;mei@example.org;;", False),
        ("Mei;Tan;;MEI@example.org;;", True),
        ("Mei;Tan;;;;", False),
        ("Li;Tan;31/3/1980;li@example.org;;", False),
    ],
)
def test_somebody_registered_already_is_recognised(
    row: str, is_known: bool, file: Path, desk: Staff, here: Location
) -> None:
    run(file, GOOD, desk, here)
    report = run(file, HEAD + row + "\n", desk, here)
    assert report.twins == is_known


def test_somebody_twice_in_the_table_is_registered_once(file: Path, desk: Staff, here: Location) -> None:
    report = run(file, GOOD + "Meí;TAN;31/3/1980;;;\n", desk, here)
    assert [(twin.line, twin.of_line) for twin in report.listed_twins] == [(4, 2)]
    assert Patient.objects.count() == 2


def test_a_patient_of_another_location_is_not_given_away(file: Path, desk: Staff, here: Location) -> None:
    elsewhere = location("Hillside")
    Patient.objects.create(
        first_name="Mei", last_name="Tan", birth_date=date(1980, 3, 31), home_location=elsewhere, registered_at=NOW
    )
    assert run(file, GOOD, desk, here).twins == 0


def test_a_batch_border_loses_nobody(file: Path, desk: Staff, here: Location) -> None:
    rows = "".join(f"P{n}x;Tan;1/1/1980;p{n}@example.org;;\n" for n in range(2001))
    told: list[int] = []
    report = import_patients(
        table=table(file, HEAD + rows),
        location_id=here.pk,
        on_bad=OnBad.SKIP_BAD,
        by=desk,
        now=NOW,
        progress=told.append,
    )
    assert (report.added, Patient.objects.count(), Patient.history.count()) == (2001, 2001, 2001)
    assert told == [1000, 2000, 2001]


def test_what_cannot_be_told_apart_or_written_to_is_counted(file: Path, desk: Staff, here: Location) -> None:
    report = run(file, HEAD + "Mei;Tan;;;;ms\n", desk, here)
    assert (report.undated, report.unspoken) == (1, 1)
    assert Patient.objects.get().language == "en"


def test_a_file_that_breaks_off_registers_nobody(file: Path, desk: Staff, here: Location) -> None:
    rows = "".join(f"P{n}x;Tan;1/1/1980;;;\n" for n in range(1500))
    with pytest.raises(Refusal, match="never closed"):
        run(file, HEAD + rows + '"open;Tan;;;;\n', desk, here)
    assert not Patient.objects.exists()


@pytest.mark.parametrize("role", ["is_clinician", None])
def test_only_desk_and_manager_may(role: str | None, file: Path, here: Location) -> None:
    person = Staff.objects.create(username="other", **({role: True} if role else {}))
    person.locations.add(here)
    with pytest.raises(Forbidden):
        run(file, GOOD, person, here)
    with pytest.raises(Forbidden):
        check_import(table=table(file, GOOD), location_id=here.pk, by=person, now=NOW)
    assert not Patient.objects.exists()


def test_another_location_is_not_there(file: Path, desk: Staff) -> None:
    with pytest.raises(Location.DoesNotExist):
        run(file, GOOD, desk, location("Hillside"))


def test_a_closed_location_is_refused(file: Path, desk: Staff, here: Location) -> None:
    Location.objects.filter(pk=here.pk).update(is_active=False)
    with pytest.raises(Refusal) as refused:
        run(file, GOOD, desk, here)
    assert refused.value.code == "location.closed"


def command(file: Path, text: str, *more: str) -> tuple[str, int]:
    file.write_text(text, encoding="cp1252" if "cp1252" in more else "utf-8")
    out, code = StringIO(), 0
    try:
        asked = [word for word in more if word != "cp1252"]
        call_command("import_patients", str(file), "--location=Riverside", "--by=desk", *asked, stdout=out, stderr=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return out.getvalue(), code


def test_the_command_registers_and_prints_a_table(file: Path, desk: Staff) -> None:
    said, code = command(file, MIXED, "--skip-bad", "--date-order=dmy")
    assert (code, Patient.objects.count()) == (0, 3)
    assert "line       4  refused: Birth date:" in said
    assert "        3  registered" in said
    assert "1  get their letters in English" in said


def test_the_command_stops_at_a_refused_row_by_default(file: Path, desk: Staff) -> None:
    said, code = command(file, MIXED, "--date-order=dmy")
    assert (code, Patient.objects.count()) == (1, 0)
    assert "Nothing was written" in said


def test_the_command_can_run_dry(file: Path, desk: Staff) -> None:
    said, code = command(file, GOOD, "--dry-run", "--date-order=dmy")
    assert (code, Patient.objects.count()) == (0, 0)
    assert "2  would be registered" in said


def test_the_command_takes_a_mapping(file: Path, desk: Staff) -> None:
    text = "Wer;Was;Wann\nZoë;Weiß;1.2.1980\n"
    chosen = ["--map", "first_name=Wer", "--map", "last_name=Was", "--map", "birth_date=Wann"]
    said, _ = command(file, text, *chosen, "cp1252")
    assert "Read as Windows-1252" in said
    assert Patient.objects.get().name == "Zoë Weiß"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--by=nobody"], "no such staff member"),
        (["--location=Nowhere"], "no such staff member"),
        (["--map", "email=Nothing"], "no column “Nothing”"),
        (["--map", "shoe=Size"], "write field=Header"),
    ],
)
def test_the_command_says_in_one_sentence_what_is_wrong(more: list[str], words: str, file: Path, desk: Staff) -> None:
    with pytest.raises(CommandError, match=words):
        command(file, GOOD, *more)


def test_the_command_says_that_a_file_is_missing(file: Path, desk: Staff) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_patients", str(file), "--location=Riverside", "--by=desk", stdout=StringIO())
