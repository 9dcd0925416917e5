"""A ledger kept in Excel as a table: titles above it, two rows of headings, merged cells, dates."""

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from openpyxl.utils.datetime import from_excel

from gis.belief import Hints
from gis.errors import Finding
from gis.formats import places, xlsx
from gis.formats.headings import plain, where
from gis.formats.rawtable import (
    RawTable,
    bad_heading,
    check_columns,
    distinct,
    renamed,
    unreadable,
)
from gis.formats.xlsx import Sheet
from gis.limits import Limits
from gis.refusals.files import LEDGER_HEADING, LEDGER_LEFT_OUT, LEDGER_NO_RESULT

_HEADING_WITHIN = 30  # rows
_LONGEST_TITLE = 60
_HEADING_SHARE = 0.6
_NOTES = 20
_EXACT_INTEGER = 2**53

_DATED = re.compile(r"日期|时间|date|年月日", re.IGNORECASE)
_SERIALS = (20_000, 80_000)  # 1954 to 2119, in Excel's days
_DATE = re.compile(
    r"(\d{4})\s*(?:年|[-./])\s*(\d{1,2})\s*(?:月|[-./])\s*(\d{1,2})\s*日?"
    r"(?:[\sT]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_COMPACT_DATE = re.compile(r"(19|20)\d{6}")
# What is no record although it stands in the table's columns.
_AFTERWARDS = re.compile(
    r"(合\s*计|总\s*计|小\s*计|备\s*注|说\s*明|注|填\s*表|制\s*表|审\s*核)人?\s*([:\uff1a].*)?"
)
_NUMBERLIKE = re.compile(r"[\d\s.,:/%+()°′″'\"-]+")

_Rows = Mapping[int, Sequence[object]]


class _Heading(NamedTuple):
    titles: list[str]
    row: int
    last: int


def read(path: Path, *, name: str, hints: Hints, limits: Limits) -> RawTable:
    """The ledger in a sheet of a workbook; columns that say where become geometries.

    Dates are ISO texts, also those kept as text or as Excel's day numbers in a column whose heading
    speaks of a date. Merged cells give their value to each row. Problems: as
    `gis.formats.xlsx.read` and `gis.formats.places.located`.
    """
    found = xlsx.read(path, name=name, sheet=hints.layer, limits=limits)
    heading = _heading(found) if hints.heading is None else _told(found, hints.heading)
    if heading is None:
        raise unreadable(name, "找不到表头", "it has no row of headings")
    filled = _filled(found, heading.last, limits)
    records, notes = _records(filled, heading)
    limits.check_rows(len(records))
    columns, doubled = _columns(heading.titles, records)
    check_columns(name, list(columns), len(records), limits)
    table = places.located(
        columns, name, hints.datum, asked=hints.placed, required=not hints.unplaced
    )
    first = min((number for number in filled if number > heading.last), default=heading.last + 1)
    place = {"sheet": found.title, "row": heading.row, "first": first}
    said = [Finding(LEDGER_HEADING, values=place), *doubled, *notes, *_no_results(found)]
    return replace(
        table,
        notes=(*said, *table.notes),
        part=found.title,
        parts=found.titles,
        heading=heading.row,
    )


def _no_results(sheet: Sheet) -> Iterator[Finding]:
    if sheet.without_result:
        more = "…" if len(sheet.without_result) > _NOTES else ""
        cells = ", ".join(sheet.without_result[:_NOTES]) + more
        yield Finding(LEDGER_NO_RESULT, values={"cells": cells})


# --- the heading --------------------------------------------------------------------------------
def _heading(sheet: Sheet) -> _Heading | None:
    """The first row that names coordinates, else the first with about as many names as any."""
    above = sorted(sheet.rows)[:_HEADING_WITHIN]
    headings = [_with_next(sheet, row) for row in above]
    for heading in headings:
        if where(heading.titles):
            return heading
    counts = [_names(sheet.rows[row]) for row in above]
    enough = max(1, math.ceil(_HEADING_SHARE * max(counts, default=0)))
    return next((h for h, n in zip(headings, counts, strict=True) if n >= enough), None)


def _told(sheet: Sheet, row: int) -> _Heading:
    if row not in sheet.rows:
        raise bad_heading(row, max(sheet.rows, default=0))
    return _with_next(sheet, row)


def _names(row: Sequence[object]) -> int:
    return len({value for value in row if _is_name(value)})


def _is_name(value: object) -> bool:
    if not isinstance(value, str) or len(value) > _LONGEST_TITLE:
        return False
    # 填报单位:… is a form's line above the table.
    return not re.search(r"[:\uff1a]\s*\S", value) and not _NUMBERLIKE.fullmatch(plain(value))


def _with_next(sheet: Sheet, row: int) -> _Heading:
    """The heading that begins in this row: two rows where names stand under a merged group."""
    upper = _titles(sheet.rows[row])
    groups = [m for m in sheet.merged if m.top == m.bottom == row and m.right > m.left]
    lower = _titles(sheet.rows.get(row + 1, []))
    under = {column for m in groups for column in range(m.left - 1, min(m.right, len(lower)))}
    named = {column for column, title in enumerate(lower) if title}
    is_title = len(set(upper) - {""}) == 1  # of the whole table, and no group of its columns
    if is_title or not named or not named <= under or not all(_is_name(lower[n]) for n in named):
        return _Heading(upper, row, _bottom(sheet, row))
    width = max(len(upper), len(lower))
    pairs = zip(*(row + [""] * (width - len(row)) for row in (upper, lower)), strict=True)
    titles = [low or high for high, low in pairs]
    return _Heading(titles, row, row + 1)


def _bottom(sheet: Sheet, row: int) -> int:
    """The last row of headings that are merged downwards."""
    return max([row, *(m.bottom for m in sheet.merged if m.top == row and m.bottom < row + 5)])


def _titles(row: Sequence[object]) -> list[str]:
    return ["" if value is None else " ".join(str(value).split())[:200] for value in row]


# --- the records --------------------------------------------------------------------------------
def _filled(sheet: Sheet, after: int, limits: Limits) -> _Rows:
    """The rows with the value of merged cells in each row that they span, in their first column."""
    rows = {number: list(row) for number, row in sheet.rows.items()}
    cells = 0
    for left, top, _, bottom in sheet.merged:
        if top <= after or top == bottom or left > len(rows.get(top, [])):
            continue
        cells += bottom - top
        limits.check_cells(cells)
        for number in range(top + 1, bottom + 1):
            _put(rows.get(number), left - 1, rows[top][left - 1])
    return rows


def _put(row: list[object] | None, column: int, value: object) -> None:
    if row is not None:
        row += [None] * (column + 1 - len(row))
        row[column] = value


def _records(rows: _Rows, heading: _Heading) -> tuple[list[Sequence[object]], list[Finding]]:
    records: list[Sequence[object]] = []
    notes: list[Finding] = []
    for number in sorted(n for n in rows if n > heading.last):
        row = rows[number]
        if not _is_left_out(row, heading.titles):
            records.append(row)
        elif len(notes) < _NOTES:
            text = " ".join(str(value) for value in row if value is not None)[:60]
            notes.append(Finding(LEDGER_LEFT_OUT, values={"row": number, "text": text}))
    return records, notes


def _is_left_out(row: Sequence[object], titles: Sequence[str]) -> bool:
    """A heading printed again on each page, a sum, or a line for signatures."""
    present = [value for value in row if value is not None]
    if len(present) > 1 and [t for t in _titles(row) if t] == [t for t in titles if t]:
        return True
    is_short = len(present) <= max(3, len(titles) // 3)
    first = present[0] if present else None
    return is_short and isinstance(first, str) and _AFTERWARDS.fullmatch(first) is not None


def _columns(
    titles: Sequence[str], records: Sequence[Sequence[object]]
) -> tuple[Mapping[str, Sequence[object]], list[Finding]]:
    width = max([len(titles), *map(len, records)])
    found = [*titles, *[""] * (width - len(titles))]
    values = [[row[n] if n < len(row) else None for row in records] for n in range(width)]
    kept = [n for n in range(width) if found[n] or any(v is not None for v in values[n])]
    names = distinct([found[n] for n in kept])
    notes = renamed([found[n] for n in kept], names)
    return {
        name: _plain_values(name, values[n]) for n, name in zip(kept, names, strict=True)
    }, notes


# --- the values ---------------------------------------------------------------------------------
def _plain_values(title: str, values: Sequence[object]) -> list[object]:
    plain = [_plain(value) for value in values]
    return [_dated(value) for value in plain] if _DATED.search(title) else plain


def _plain(value: object) -> object:
    match value:
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return str(value)
        case float() if value.is_integer() and abs(value) < _EXACT_INTEGER:
            return int(value)
        case str() if len(value) <= _LONGEST_TITLE and _NUMBERLIKE.fullmatch(plain(value)):
            return plain(value).strip()
        case _:
            return value


def _dated(value: object) -> object:
    """A day number or a text that is a date, as ISO text; anything else as it is."""
    if isinstance(value, int | float) and _SERIALS[0] <= value <= _SERIALS[1]:
        return _plain(from_excel(value))
    if not isinstance(value, str):
        return value
    text = plain(value[:_LONGEST_TITLE])
    if _COMPACT_DATE.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _DATE.fullmatch(text)
    if found is None:
        return value
    year, month, day, hour, minute, second = (part or "0" for part in found.groups())
    iso = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}:{second:0>2}"
    try:
        return _plain(dt.datetime.fromisoformat(iso if found[4] else iso[:10]))
    except ValueError:
        return value
