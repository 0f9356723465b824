from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.refusal import Refusal
from plans.rules.gs1 import FNC1, ScannedLot, read_lot_code

TODAY = date(2026, 11, 22)
GTIN = "09506000134352"


def test_a_code_as_people_read_it():
    found = read_lot_code(f"(01){GTIN}(10)EX-2607-A(17)270731", today=TODAY)
    assert found == ScannedLot("EX-2607-A", date(2027, 7, 31), GTIN)


@pytest.mark.parametrize(
    "code",
    [
        f"01{GTIN}17270731" + "10EX-2607-A",
        f"]d201{GTIN}10EX-2607-A{FNC1}17270731",
        f"{FNC1}01{GTIN}10EX-2607-A{FNC1}17270731",
        f"01{GTIN}10EX-2607-A{FNC1}17270731{FNC1}21SERIAL1\r\n",
    ],
)
def test_a_code_as_a_scanner_types_it(code):
    assert read_lot_code(code, today=TODAY) == ScannedLot("EX-2607-A", date(2027, 7, 31), GTIN)


def test_day_zero_is_the_last_of_the_month():
    assert read_lot_code("(10)A(17)280200", today=TODAY).expires_on == date(2028, 2, 29)


@pytest.mark.parametrize(("digits", "year"), [("760101", 2076), ("770101", 1977), ("990101", 1999), ("260101", 2026)])
def test_the_century_is_the_one_within_fifty_years(digits, year):
    assert read_lot_code(f"(10)A(17){digits}", today=TODAY).expires_on == date(year, 1, 1)


def test_a_bare_lot_number_is_a_lot_number():
    assert read_lot_code(" EX-2607-A ", today=TODAY) == ScannedLot("EX-2607-A")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "code_empty"),
        ("  \x1d ", "code_empty"),
        (f"(01){GTIN}(17)270731", "code_no_lot"),
        ("(01)09506000134353(10)A", "code_unreadable"),  # a wrong check digit
        ("(10)A(17)271331", "code_unreadable"),
        ("(10)A(17)2713", "code_unreadable"),
        (f"01{GTIN}9912", "code_unreadable"),
        (f"01{GTIN}1727", "code_unreadable"),
        (f"01{GTIN}10" + "x" * 21, "code_unreadable"),
        ("()", "code_unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(code, why):
    with pytest.raises(Refusal) as refused:
        read_lot_code(code, today=TODAY)
    assert refused.value.code == why
    assert refused.value.sentence.endswith(".")


@given(st.text(max_size=80))
def test_any_text_gives_a_lot_or_a_refusal(code):
    try:
        found = read_lot_code(code, today=TODAY)
    except Refusal:
        return
    assert found.number


lots = st.text("ABCDEFGHIJ0123456789-/.", min_size=1, max_size=20)


@given(lots, st.dates(date(1977, 1, 1), date(2076, 12, 31)))
def test_what_is_printed_is_what_is_read(number, expires):
    scanned = read_lot_code(f"01{GTIN}10{number}{FNC1}17{expires:%y%m%d}", today=TODAY)
    assert (scanned.number, scanned.expires_on, scanned.gtin) == (number, expires, GTIN)
