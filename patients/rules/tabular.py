"""Reads a table saved as text (CSV) as clinics really have them, row by row, in constant memory.

UTF-8 and UTF-16 (either way round) with or without BOM, else Windows-1252; cells apart by `;`, `,` or tab.
Every row keeps the line it starts on, so that a person can find it in the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from clinic.rules.refusal import Refusal
from patients.rules.encoding import text_encoding

MOST_COLUMNS = 200
LONGEST_LINE = 1_000_000  # characters; a line beyond it would not be read in constant memory
LONGEST_CELL = 100_000  # characters; below the csv module's own limit, which is shared by the whole process
SAMPLE = 64 * 1024  # characters looked at to find the delimiter

DELIMITERS = ";,\t"
_SEP_LINE = re.compile(r'^"?sep=([;,\t])"?$', re.IGNORECASE)
_LOOKS_LIKE_CONTENT = re.compile(r"@\w+\.\w|^\+?\d[\d ./-]{3,}$")
_GUARDED = re.compile(r"'[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` is where it starts in the file, from 1; `fault` says why it cannot be read, "" if it can."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""


@dataclass(slots=True)
class Table:
    """An open table: headers (unique, never empty) and the rows below them. Use it in a `with`."""

    headers: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str
    delimiter: str
    _file: BinaryIO = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def open_table(source: Path | bytes) -> Table:
    """Open a table. Refusal when it is empty, is not text, has no header row or more than 200 columns.

    Its rows raise a Refusal where the file can no longer be trusted: a NUL, or a quote that is never closed.
    A row that alone is wrong (more cells than the header, a stray quote) comes with its `fault`; empty rows do not.
    """
    file: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    try:
        encoding = text_encoding(file)
        delimiter, preamble = _sniff(_sample(file, encoding))
        records = _records(_lines(_text(file, encoding)), delimiter)
        headers = _headers(records, preamble)
    except BaseException:
        file.close()
        raise
    return Table(headers, _rows(records, len(headers)), encoding, delimiter, file)


def plain_cell(text: str) -> str:
    """Return the cell as it was before an export guarded it from spreadsheets: `'+65 …` was written for `+65 …`."""
    return text[1:] if _GUARDED.match(text) else text


def _text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _sample(file: BinaryIO, encoding: str) -> str:
    text = _text(file, encoding)
    sample = text.read(SAMPLE)
    text.detach()  # or it would close the file when it goes
    return sample


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if "\0" in line:
            raise Refusal("table.nul", f"Line {number} holds a NUL: the file is damaged. Save it again as CSV (UTF-8).")
        if len(line) == LONGEST_LINE:
            raise Refusal("table.long-line", f"Line {number} is a million characters long: this is not a table.")
        yield line


def _records(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    """Yield every record that is not empty."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field larger" in str(error):
                raise _never_closed(start) from error
            yield Row(start, (), "A quote stands in the middle of a cell: double it, or take it out.")
            continue
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise _never_closed(start)
        if any(cell and not cell.isspace() for cell in cells):
            yield Row(start, tuple(cells))


def _never_closed(line: int) -> Refusal:
    return Refusal("table.open-quote", f"A quote is opened in the row at line {line} and never closed.")


def _sniff(sample: str) -> tuple[str, bool]:
    """Return the delimiter, and whether the first line only names it (`sep=;`, as Excel writes)."""
    if named := _SEP_LINE.match(sample.lstrip("\ufeff").split("\n", 1)[0].strip("\r ")):
        return named[1], True
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter)), False


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """How well the delimiter explains the sample: the share of rows as wide as the header, then how wide that is."""
    lines = sample.splitlines(keepends=True)
    if len(sample) == SAMPLE and len(lines) > 1:
        lines.pop()  # cut in the middle
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if any(cells)]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] < 2:
        return 0, 0
    below = widths[1:201]
    alike = sum(width == widths[0] for width in below) / len(below) if below else 1
    return round(alike, 1), widths[0]


def _headers(records: Iterator[Row], preamble: bool) -> tuple[str, ...]:
    first = next(records, None)
    if first and preamble:
        first = next(records, None)
    if first is None:
        raise Refusal("table.empty", "The file is empty.")
    if first.fault:
        raise Refusal("table.no-header", f"The first row cannot be read. {first.fault}")
    cells = [" ".join(cell.lstrip("\ufeff").split()) for cell in first.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise Refusal("table.wide", f"The table has {len(cells)} columns; {MOST_COLUMNS} at most can be read.")
    if not cells or any(_LOOKS_LIKE_CONTENT.search(cell) for cell in cells):
        raise Refusal("table.no-header", "The first row must name the columns: “First name;Last name;Birth date”.")
    return _unique(cells)


def _unique(cells: list[str]) -> tuple[str, ...]:
    headers: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name, again = cell or f"Column {number}", 2
        while name in headers:
            name, again = f"{cell or 'Column'} ({again})", again + 1
        headers.append(name)
    return tuple(headers)


def _rows(records: Iterator[Row], width: int) -> Iterator[Row]:
    """Give every row as many cells as there are headers; one with more content than that is at fault."""
    for row in records:
        cells = row.cells
        if row.fault or len(cells) == width:
            yield row
        elif len(cells) < width:
            yield Row(row.line, cells + ("",) * (width - len(cells)))
        elif any(cells[width:]):
            fault = f"The row has {len(cells)} cells but the header {width}: quote a cell that holds the delimiter."
            yield Row(row.line, cells[:width], fault)
        else:
            yield Row(row.line, cells[:width])
