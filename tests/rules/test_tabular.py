from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.refusal import Refusal
from patients.rules.tabular import Row, open_table, plain_cell

TEXT = "Vorname;Nachname;Geburtsdatum\r\nJürgen;Weiß;31.03.1980\r\nZoë;O’Brien;01.02.1990\r\n"
ROWS = [("Jürgen", "Weiß", "31.03.1980"), ("Zoë", "O’Brien", "01.02.1990")]


def read(source: bytes | str) -> list[Row]:
    with open_table(source if isinstance(source, bytes) else source.encode()) as table:
        return list(table.rows)


def refusal(source: bytes | str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        read(source)
    return refused.value


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
)
def test_the_same_table_is_read_from_every_encoding(content: bytes, encoding: str) -> None:
    with open_table(content) as table:
        assert table.encoding == encoding
        assert table.headers == ("Vorname", "Nachname", "Geburtsdatum")
        assert [row.cells for row in table.rows] == ROWS


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "line", ["名字;姓氏\n一丁;丂七\n" * 3, "الاسم;اللقب\nليلى;حسن\n", "имя;фамилия\nАнна;Каренина\n"]
)
def test_utf_16_without_bom_is_recognised_in_other_scripts(codec: str, line: str) -> None:
    with open_table(line.encode(codec)) as table:
        assert list(table.headers) == line.splitlines()[0].split(";")


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_found_though_cells_hold_the_others(delimiter: str) -> None:
    lines = [["Name", "Note, address; etc"], ["Mei", "5, Hill; Road\t9"], ["Li", "a,b,c,d"]]
    text = "\n".join(delimiter.join(f'"{cell}"' if cell != "Mei" else cell for cell in line) for line in lines)
    with open_table(text.encode()) as table:
        assert table.delimiter == delimiter
        assert [row.cells for row in table.rows] == [tuple(line) for line in lines[1:]]


def test_unquoted_commas_do_not_win_over_semicolons() -> None:
    text = "Name;Notes\n" + "Mei;likes tea, milk, and sugar\n" * 30
    with open_table(text.encode()) as table:
        assert table.delimiter == ";"


def test_excel_may_name_its_delimiter_on_the_first_line() -> None:
    with open_table(b"sep=;\r\nName;City\r\nMei;Jurong\r\n") as table:
        assert (table.headers, table.delimiter) == (("Name", "City"), ";")
        assert list(table.rows) == [Row(3, ("Mei", "Jurong"))]


def test_a_row_knows_the_line_it_starts_on() -> None:
    text = 'Name,Note\r\n\r\nMei,"two\r\nlines, and ""quotes"""\r\n,\r\n   \r\nLi,x\r\n'
    assert read(text) == [Row(3, ("Mei", 'two\r\nlines, and "quotes"')), Row(7, ("Li", "x"))]


def test_old_macintosh_line_ends_are_line_ends() -> None:
    assert read("Name;City\rMei;Jurong\rLi;Bedok\r") == [Row(2, ("Mei", "Jurong")), Row(3, ("Li", "Bedok"))]


def test_a_short_row_is_filled_up_and_empty_cells_beyond_the_header_do_no_harm() -> None:
    assert read("A,B,C\n1\n1,2,3,,\n") == [Row(2, ("1", "", "")), Row(3, ("1", "2", "3"))]


def test_a_row_longer_than_the_header_is_at_fault_and_the_next_one_is_not() -> None:
    long, good = read("Name,City\nMei,Jurong,East\nLi,Bedok\n")
    assert "3 cells but the header 2" in long.fault
    assert good == Row(3, ("Li", "Bedok"))


def test_a_stray_quote_costs_one_row_only() -> None:
    bad, good = read('Name,City\n"Mei"x,Jurong\nLi,Bedok\n')
    assert (bad.line, bool(bad.fault)) == (2, True)
    assert good == Row(3, ("Li", "Bedok"))


def test_a_quote_never_closed_is_refused_with_its_line_and_does_not_swallow_the_rest() -> None:
    assert "at line 3" in refusal('Name,City\nLi,Bedok\n"Mei,Jurong\nTan,Yishun\n').sentence
    assert refusal('Name,City\n"Mei,Jurong\n' + "Tan,Yishun\n" * 50_000).code == "table.open-quote"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.empty"),
        (b"\xef\xbb\xbf", "table.empty"),
        (b" \r\n\r\n", "table.empty"),
        (b";;\n;;\n", "table.empty"),
        (b"PK\x03\x04" + bytes(range(256)), "table.not-text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "table.not-text"),
        (b"%PDF-1.7\n", "table.not-text"),
        (bytes(range(1, 32)) * 20, "table.not-text"),
        (b"Name,City\nMei\0,Jurong\n", "table.nul"),
        (b"Name,City\n" + b"Mei,Jurong\n" * 50_000 + b"L\0i,x\n", "table.nul"),
        (b"Mei;Tan;mei@example.org\nLi;Wong;li@example.org\n", "table.no-header"),
        (b"Mei;Tan;1980-03-31\n", "table.no-header"),
        (b",".join(b"c%d" % n for n in range(201)), "table.wide"),
        (b"Name\n" + b"x" * 1_000_001, "table.long-line"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_workbook_is_told_to_be_saved_as_csv() -> None:
    assert "save it as CSV" in refusal(b"PK\x03\x04....").sentence


def test_200_columns_are_read() -> None:
    with open_table(",".join(f"c{n}" for n in range(200)).encode()) as table:
        assert len(table.headers) == 200


def test_one_broken_byte_in_utf_8_does_not_turn_every_name_into_nonsense() -> None:
    content = b"Name;City\n" + "Zoë;Köln\n".encode() * 20 + b"M\xfcller;Ulm\n" + "Zoë;Köln\n".encode() * 20
    refused = refusal(content)
    assert refused.code == "table.encoding"
    assert "Line 22" in refused.sentence


def test_an_accent_far_into_a_windows_file_is_still_read() -> None:
    content = b"Name;City\n" + b"Mei;Jurong\n" * 60_000 + "Zoë;Köln\n".encode("cp1252")
    with open_table(content) as table:
        assert (table.encoding, list(table.rows)[-1].cells) == ("cp1252", ("Zoë", "Köln"))


def test_headers_are_unique_and_named() -> None:
    with open_table(b"Phone, Phone ,,Name\n1,2,3,4\n") as table:
        assert table.headers == ("Phone", "Phone (2)", "Column 3", "Name")


def test_a_file_is_read_from_disk_and_closed(tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_bytes(TEXT.encode())
    with open_table(file) as table:
        first = next(table.rows)
    assert first.cells == ROWS[0]
    with pytest.raises(ValueError, match="closed"):
        list(table.rows)


@pytest.mark.parametrize(
    ("guarded", "plain"),
    [("'+6591234567", "+6591234567"), ("'=1+1", "=1+1"), ("'-x", "-x"), ("'@a", "@a"), ("'Abd", "'Abd"), ("'", "'")],
)
def test_an_exports_guard_against_formulas_is_taken_off(guarded: str, plain: str) -> None:
    assert plain_cell(guarded) == plain


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=12)


@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3).filter(lambda row: any(c.strip() for c in row)), max_size=8),
    delimiter=st.sampled_from(";,\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_written_as_csv_comes_back(rows: list[list[str]], delimiter: str, encoding: str, end: str) -> None:
    table = [["First", "Last", "Mail"], *rows]
    text = end.join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table)
    assert [list(row.cells) for row in read(text.encode(encoding))] == rows


@given(st.binary(max_size=400))
def test_any_bytes_are_either_read_or_refused(content: bytes) -> None:
    try:
        rows = read(content)
    except Refusal:
        return
    assert all(row.line > 1 for row in rows)
