"""CSV tables with longitude and latitude or with WKT, and texts that no spreadsheet will run."""

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from gis.belief import Hints
from gis.errors import Finding, Problem
from gis.formats import places
from gis.formats.encoding import Encoding
from gis.formats.headings import where
from gis.formats.rawtable import (
    RawTable,
    bad_heading,
    check_columns,
    distinct,
    renamed,
    unreadable,
)
from gis.formats.text import belief, decoded, no_letters, opened, reached
from gis.limits import Limits
from gis.refusals.files import CSV_HEADING

# The byte order mark is what makes Excel read UTF-8.
BOM = codecs.BOM_UTF8
_HEADING_WITHIN = 30  # rows
_LOOKED_AT = 20_000  # characters
_DELIMITERS = ",\t;"

# A spreadsheet takes a cell that begins so for a formula. The quotes before it keep escaping
# reversible: each text has exactly one escaped form.
RUNS = r"'*[=+\-@\t\r]"
"""What such a cell begins with, as a regular expression for Python and for PostgreSQL."""
SUSPECT = "'=+-@\t\r"
"""The characters that it may begin with."""
_RUNS = re.compile(RUNS)
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")

# A polygon's WKT is longer than the module's default of 131,072 characters.
csv.field_size_limit(sys.maxsize)


def escape(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it; `unescape` undoes.

    >>> escape("=1+1"), unescape("'=1+1")
    ("'=1+1", '=1+1')
    """
    return f"'{text}" if _RUNS.match(text) else text


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def write(columns: Sequence[str], chunks: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """A CSV file in UTF-8 with a byte order mark, one piece for the heading and for each chunk.

    None is an empty cell; texts are escaped, numbers and dates are not.
    """
    yield heading(columns)
    for chunk in chunks:
        yield _lines([[_cell(value) for value in row] for row in chunk])


def heading(columns: Sequence[str]) -> bytes:
    """How such a file begins."""
    return BOM + _lines([columns])


def _cell(value: object) -> object:
    return escape(value) if isinstance(value, str) else value


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def read(content: bytes, *, name: str, hints: Hints, limits: Limits) -> RawTable:
    """A CSV file as a table of texts, empty cells as None, geometries from lon/lat or WKT columns.

    Without a word of `hints` the bytes are believed to be UTF-8, UTF-16 after a byte order mark,
    or GBK, and the heading is the first of the first rows that names coordinates, else the first
    row. Problem(FILE_UNREADABLE) for other bytes, for a row that is longer than the heading and
    for columns that say no place.
    """
    text, believed = decoded(content, name, hints.encoding)
    rows = _parsed(text, name, limits)
    row = _heading_row(rows, hints.heading)
    heading = [title.strip() for title in rows[row - 1]] if rows else []
    records = [r for r in rows[row:] if any(r)]
    limits.check_rows(len(records))
    filled = [_filled(record, len(heading), n, name) for n, record in enumerate(records, 1)]
    columns, doubled = _columns(heading, filled)
    check_columns(name, list(columns), len(records), limits)
    table = places.located(
        columns, name, hints.datum, asked=hints.placed, required=not hints.unplaced
    )
    above = [Finding(CSV_HEADING, values={"row": row})] if row > 1 else []
    notes = (*belief(believed), *above, *doubled, *table.notes)
    return replace(table, encoding=believed, heading=row, notes=notes)


def pieces(path: Path, *, name: str, hints: Hints, limits: Limits, rows: int) -> Iterator[RawTable]:
    """The same of a file, in tables of at most so many `rows`; none of the whole is held.

    Columns without a heading are those that hold something in the first of them.
    """
    text, believed = opened(path, hints.encoding)
    with text:
        try:
            yield from _pieces(_Lines(text, name), believed, name, hints, limits, rows)
        except UnicodeError as error:
            raise no_letters(name, hints.encoding or believed.name, reached(text, error)) from None


def _pieces(  # noqa: PLR0913, PLR0917  of what, and how it is read
    lines: "_Lines", believed: Encoding, name: str, hints: Hints, limits: Limits, rows: int
) -> Iterator[RawTable]:
    head = list(islice(lines, hints.heading or _HEADING_WITHIN))
    row = _heading_row(head, hints.heading)
    heading = [title.strip() for title in head[row - 1]] if head else []
    limits.check_columns(len(heading))
    records = (r for r in chain(head[row:], lines) if any(r))
    above = [Finding(CSV_HEADING, values={"row": row})] if row > 1 else []
    kept: Sequence[int] | None = None
    before = 0
    while piece := list(islice(records, rows)):
        numbered = enumerate(piece, before + 1)
        filled = [_filled(record, len(heading), n, name) for n, record in numbered]
        columns, doubled = _columns(heading, filled, kept)
        kept = _used(heading, filled) if kept is None else kept
        check_columns(name, list(columns), len(piece), limits)
        table = places.located(
            columns, name, hints.datum, asked=hints.placed, required=not hints.unplaced
        )
        notes = (*belief(believed), *above, *doubled, *table.notes)
        yield replace(table, encoding=believed, heading=row, notes=notes)
        before += len(piece)


class _Lines:
    """The rows of a table while its text is read, the blank ones as well."""

    def __init__(self, text: TextIO, name: str) -> None:
        start = text.read(_LOOKED_AT)
        # Its last line may go on behind what was looked at.
        whole = chain(io.StringIO(start + text.readline(), newline=""), text)
        self._reader = csv.reader(whole, delimiter=_delimiter(start), strict=True)
        self._name = name

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        try:
            return next(self._reader)
        except csv.Error as error:
            raise _no_csv(self._name, self._reader.line_num, error) from None


def _no_csv(name: str, line: int, error: csv.Error) -> Problem:
    return unreadable(name, f"第 {line} 行不是 CSV", f"line {line} is not CSV: {error}")


def _columns(
    heading: Sequence[str],
    records: Sequence[Sequence[str | None]],
    used: Sequence[int] | None = None,
) -> tuple[Mapping[str, Sequence[object]], list[Finding]]:
    kept = _used(heading, records) if used is None else used
    found = [heading[n] for n in kept]
    names = distinct(found)
    values = {c: [record[n] for record in records] for c, n in zip(names, kept, strict=True)}
    return values, renamed(found, names)


def _used(heading: Sequence[str], records: Sequence[Sequence[str | None]]) -> Sequence[int]:
    """Spreadsheets write commas where there is neither a heading nor a value."""
    told = enumerate(heading)
    return [n for n, title in told if title or any(record[n] for record in records)]


def _heading_row(rows: Sequence[Sequence[str]], told: int | None) -> int:
    """Counted from 1. People put titles above a table before they save it as CSV."""
    if told is not None:
        if not 0 < told <= len(rows):
            raise bad_heading(told, len(rows))
        return told
    first = (n for n, row in enumerate(rows[:_HEADING_WITHIN], 1) if where(row))
    return next(first, 1)


def _parsed(text: str, name: str, limits: Limits) -> list[list[str]]:
    """All rows, the blank ones as well, for a row's number to be that of its line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            limits.check_cells(cells)
            limits.check_rows(len(rows) - _HEADING_WITHIN)
            rows.append(row)
    except csv.Error as error:
        raise _no_csv(name, reader.line_num, error) from None
    return rows


def _delimiter(text: str) -> str:
    """With which the heading says where, or else falls into most parts: a spreadsheet's "Unicode
    text" has tabs, for instance."""
    lines = text[:_LOOKED_AT].splitlines()[:_HEADING_WITHIN]
    saying = (d for d in _DELIMITERS if any(where(line.split(d)) for line in lines))
    first = next((line for line in lines if line.strip()), "")
    return next(saying, max(_DELIMITERS, key=first.count))


def _filled(row: list[str], width: int, number: int, name: str) -> list[str | None]:
    if len(row) > width and any(row[width:]):
        raise unreadable(
            name,
            f"第 {number} 行有 {len(row)} 个值，表头只有 {width} 列",
            f"row {number} has {len(row)} values, the heading {width}",
        )
    cells: list[str | None] = [unescape(cell) or None for cell in row[:width]]
    return cells + [None] * (width - len(cells))
