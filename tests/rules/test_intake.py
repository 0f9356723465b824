from __future__ import annotations

from datetime import date

import pytest

from clinic.rules.refusal import Refusal
from patients.rules.column_words import Column
from patients.rules.identity import DateOrder
from patients.rules.intake import Candidate, Rejected, guess_mapping, place_columns, read_row
from patients.rules.tabular import Row

TODAY = date(2026, 11, 22)
ALL = list(Column)
PLACES = {column: place for place, column in enumerate(ALL)}


def read(order: DateOrder | None = None, **cells: str) -> Candidate | Rejected:
    texts = {"first_name": "Mei", "last_name": "Tan"} | cells
    return read_row(Row(7, tuple(texts.get(column, "") for column in ALL)), PLACES, date_order=order, today=TODAY)


def reasons(**cells: str) -> list[tuple[str, Column | None]]:
    rejected = read(**cells)
    assert isinstance(rejected, Rejected)
    return [(reason.code, reason.column) for reason in rejected.reasons]


@pytest.mark.parametrize(
    "headers",
    [
        ["First name", "Last name", "Date of birth", "E-mail", "Mobile", "Language", "Gender", "Allergies"],
        ["FIRST_NAME", "surname", "DOB", "email_address", "Phone No.", "locale", "sex", "alert"],
        [
            "Patient First Name",
            "Patient's surname",
            "Birth date (d/m/y)",
            "Contact e-mail",
            "hp",
            "Lang",
            "Sex",
            "Alerts",
        ],
        ["Vorname", "Name", "Geb.-Datum", "E-Mail-Adresse", "Telefon", "Sprache", "Geschlecht", "Hinweis"],
        ["Prénom", "Nom de famille", "Né(e) le", "Courriel", "Téléphone", "Langue", "Sexe", "Alertes"],
        ["Nombre", "Apellidos", "Fecha de nacimiento", "Correo electrónico", "Móvil", "Idioma", "Sexo", "Alergias"],
        ["الاسم الأول", "اسم العائلة", "تاريخ الميلاد", "البريد الإلكتروني", "رقم الهاتف", "اللغة", "الجنس", "حساسية"],
    ],
)
def test_headers_in_five_languages_are_understood(headers: list[str]) -> None:
    assert guess_mapping(headers) == dict(zip(ALL, headers, strict=True))


def test_a_mobile_is_preferred_to_a_telephone() -> None:
    assert guess_mapping(["First name", "Telephone", "Mobile"])[Column.PHONE] == "Mobile"


@pytest.mark.parametrize(
    "header", ["Mother's e-mail", "Emergency contact phone", "First visit", "Last seen", "Name", "GP name"]
)
def test_a_column_about_something_else_is_not_taken(header: str) -> None:
    assert guess_mapping([header]) == {}


def test_columns_are_placed() -> None:
    mapping = {Column.FIRST_NAME: "Vorname", Column.EMAIL: "Mail"}
    assert place_columns(mapping, ["Mail", "x", "Vorname"]) == {Column.FIRST_NAME: 2, Column.EMAIL: 0}


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({Column.FIRST_NAME: "First"}, "mapping.unknown"),
        ({Column.FIRST_NAME: "Vorname", Column.LAST_NAME: "Vorname"}, "mapping.twice"),
        ({Column.EMAIL: "Mail"}, "mapping.name"),
    ],
)
def test_an_impossible_mapping_is_refused(mapping: dict[Column, str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        place_columns(mapping, ["Mail", "Vorname"])
    assert refused.value.code == code


def test_a_whole_row_becomes_a_candidate_in_stored_form() -> None:
    candidate = read(
        first_name=" Anne \n Marie ",
        last_name="O’Brien",
        birth_date="31/3/1980",
        email="Anne@Example.ORG",
        phone="'+65 9123 4567",
        language="Deutsch",
        sex="w",
        alert="latex",
    )
    born = date(1980, 3, 31)
    assert candidate == Candidate(
        7, "Anne Marie", "O’Brien", born, "Anne@example.org", "+6591234567", "de", "female", "latex"
    )


@pytest.mark.parametrize(
    ("text", "code"), [("en", "en"), ("EN-gb", "en"), ("ar_EG", "ar"), ("العربية", "ar"), ("中文", "zh"), ("", "")]
)
def test_a_language_is_known_by_code_or_name(text: str, code: str) -> None:
    candidate = read(language=text)
    assert isinstance(candidate, Candidate)
    assert candidate.language == code


@pytest.mark.parametrize("name", ["李", "محمد", "நளினி", "D'Arcy-Smith", "=Mei", "علی\u200cرضا", "O’" + "x" * 98])
def test_a_name_in_any_script_is_kept(name: str) -> None:
    candidate = read(first_name=name)
    assert isinstance(candidate, Candidate)
    assert candidate.first_name == name


def test_marks_that_only_steer_drawing_are_left_out() -> None:
    candidate = read(first_name="\u202bليلى\u202c", last_name="\ufeffTan\u200e")
    assert isinstance(candidate, Candidate)
    assert (candidate.first_name, candidate.last_name) == ("ليلى", "Tan")


def test_an_only_name_stands_as_the_first_name() -> None:
    assert read(first_name="", last_name="Suharto") == Candidate(7, "Suharto", "")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"first_name": "", "last_name": " "}, [("name.missing", None)]),
        ({"first_name": "x" * 101}, [("name", Column.FIRST_NAME)]),
        ({"first_name": "Me\x07i"}, [("name", Column.FIRST_NAME)]),
        ({"first_name": "???", "last_name": "123"}, [("name", Column.FIRST_NAME), ("name", Column.LAST_NAME)]),
        ({"birth_date": "1/2/1980"}, [("birth-date", Column.BIRTH_DATE)]),
        ({"email": "mei", "phone": "x"}, [("email", Column.EMAIL), ("phone", Column.PHONE)]),
        ({"language": "klingon!"}, [("language", Column.LANGUAGE)]),
        ({"sex": "?"}, [("sex", Column.SEX)]),
        ({"alert": "x" * 201}, [("alert", Column.ALERT)]),
    ],
)
def test_a_row_is_refused_with_every_reason_at_once(
    cells: dict[str, str], expected: list[tuple[str, Column | None]]
) -> None:
    assert reasons(**cells) == expected


def test_a_declared_order_settles_the_birth_date() -> None:
    candidate = read(DateOrder.MDY, birth_date="1/2/1980")
    assert isinstance(candidate, Candidate)
    assert candidate.birth_date == date(1980, 1, 2)


def test_a_row_at_fault_says_so() -> None:
    rejected = read_row(Row(9, (), "Too long."), PLACES, date_order=None, today=TODAY)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.reasons[0].sentence) == (9, "Too long.")
