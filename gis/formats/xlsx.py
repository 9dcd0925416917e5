"""One sheet of an XLSX workbook as cells, bounded; formulas are not run, their results are taken.

openpyxl reads the cells as they stream by; it does not tell merged ranges then, nor formulas that
have no result, so these are read from the sheet's XML beside it.
"""

import posixpath
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import range_boundaries

from gis.errors import FILE_LAYERS, FILE_TOO_LARGE, Problem
from gis.formats import archive, ogr, plain_xml
from gis.formats.rawtable import COLUMN_LIMIT, too_many_rows, unreadable

_MEMBERS = 5000  # pictures in the cells are members
_LAST_ROW = 1 << 20  # of Excel
_PEEKED_ROWS = 50
_MOST_CELLS = 5_000_000
_MOST_XML_BYTES = 256 << 20
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


class Range(NamedTuple):
    """Merged cells, rows and columns counted from 1, both ends within."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Cells by row number, only rows that hold any.

    `without_result` names the cells ("C7") whose formula has no result, or that hold an error.
    """

    title: str
    rows: Mapping[int, list[object]]
    merged: Sequence[Range]
    without_result: Sequence[str]


def read(path: Path, *, name: str, sheet: str | None, max_rows: int, max_bytes: int) -> Sheet:
    """The sheet of that title, or the only one that holds anything.

    Dates come as Python's, numbers as int or float, error values and empty texts as None.
    Problems: FILE_UNREADABLE, FILE_LAYERS naming the sheets, FILE_TOO_LARGE.
    """
    with archive.opened(path, name, members=_MEMBERS) as opened:
        _check(opened, name, max_bytes)
        parts = _parts(opened, name)
        title, rows = _cells(path, name, sheet, max_rows)
        if title not in parts:
            return Sheet(title, rows, [], [])
        with opened.open(parts[title]) as stream:
            return Sheet(title, rows, *_beside_cells(stream, name))


def _check(opened: ZipFile, name: str, max_bytes: int) -> None:
    """Bound what unpacks, and let no XML in that declares entities before openpyxl sees it."""
    members = opened.infolist()
    if sum(member.file_size for member in members) > max_bytes:
        raise Problem(FILE_TOO_LARGE, limit=f"{max_bytes >> 20} MB")
    texts = [m for m in members if m.filename.endswith((".xml", ".rels"))]
    if sum(member.file_size for member in texts) > _MOST_XML_BYTES:
        raise Problem(FILE_TOO_LARGE, limit=f"{_MOST_XML_BYTES >> 20} MB")
    for member in texts:
        with opened.open(member) as stream:
            plain_xml.check_prolog(stream, name)


def _parts(opened: ZipFile, name: str) -> Mapping[str, str]:
    """The member of each sheet, by title."""
    targets: dict[str, str] = {}
    titles: dict[str, str] = {}

    def related(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship" and "Id" in attributes:
            target = attributes.get("Target", "")
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", target))[1:]

    def listed(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet" and attributes.get("id") in targets:
            titles[attributes.get("name", "")] = targets[attributes["id"]]

    for member, seen in ((_RELATIONS, related), (_WORKBOOK, listed)):
        if member not in opened.namelist():
            raise unreadable(name, "不是 XLSX 工作簿", "it is no XLSX workbook")
        with opened.open(member) as stream:
            plain_xml.walk(stream, name, seen)
    present = set(opened.namelist())
    return {title: target for title, target in titles.items() if target in present}


def _cells(
    path: Path, name: str, wanted: str | None, max_rows: int
) -> tuple[str, Mapping[int, list[object]]]:
    # openpyxl warns of everything in a workbook that it leaves aside.
    with ogr.WARNINGS_TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                sheet = _chosen(book, name, wanted)
                return str(sheet.title), _rows(sheet, max_rows)
            finally:
                book.close()
        except Problem:
            raise
        except Exception as error:
            # Whatever its parts are made of, from KeyError to ZeroDivisionError: it is no workbook.
            reason = type(error).__name__
            raise unreadable(
                name, f"不是 XLSX 工作簿({reason})", f"it is no XLSX workbook ({reason})"
            ) from None


def _chosen(book: Any, name: str, wanted: str | None) -> Any:
    sheets = {str(s.title): s for s in book.worksheets if s.sheet_state == "visible"}
    for sheet in sheets.values():
        sheet.reset_dimensions()  # they are the file's word, and may lie
    filled = [title for title, sheet in sheets.items() if wanted == title or _holds_any(sheet)]
    if not filled:
        raise unreadable(name, "工作表都是空的", "its sheets are empty")
    if wanted is None and len(filled) == 1:
        return sheets[filled[0]]
    if wanted not in filled:
        raise Problem(FILE_LAYERS, name=name, layers=", ".join(filled))
    return sheets[wanted]


def _holds_any(sheet: Any) -> bool:
    rows = islice(sheet.iter_rows(values_only=True, max_col=COLUMN_LIMIT), _PEEKED_ROWS)
    return any(value is not None for row in rows for value in row)


def _rows(sheet: Any, max_rows: int) -> Mapping[int, list[object]]:
    rows: dict[int, list[object]] = {}
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=COLUMN_LIMIT), 1):
        if number > _LAST_ROW:
            break
        values = [_value(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if values:
            rows[number] = values
            cells += len(values)
        if len(rows) > max_rows + _PEEKED_ROWS:  # titles and headings are no records
            raise too_many_rows(max_rows)
        if cells > _MOST_CELLS:
            raise Problem(FILE_TOO_LARGE, limit=f"{_MOST_CELLS:,} 个单元格 / cells")
    return rows


def _value(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    return None if text in _ERRORS else text or None


def _beside_cells(stream: Any, name: str) -> tuple[list[Range], list[str]]:
    merged: list[Range] = []
    without: list[str] = []
    cell: dict[str, str] = {}

    def started(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "mergeCell":
            merged.extend(_range(attributes.get("ref", "")))
        elif tag == "c":
            cell.clear()
            cell.update(r=attributes.get("r", ""), t=attributes.get("t", ""))
        cell["inside"] = tag
        cell.setdefault(tag, "")

    def wrote(_: str) -> None:
        cell[cell.get("inside", "")] = "written"

    def ended(tag: str) -> None:
        # A formula may well result in an empty text, which is said to be a text ("str").
        no_result = "f" in cell and not cell.get("v") and cell.get("t") != "str"
        if tag == "c" and (no_result or cell.get("t") == "e"):
            without.append(cell.get("r", ""))

    plain_xml.walk(stream, name, started, ended, wrote)
    return merged, without


def _range(reference: str) -> list[Range]:
    try:
        left, top, right, bottom = range_boundaries(reference)
    except (ValueError, TypeError):
        return []
    whole = None not in (left, top, right, bottom)
    return [Range(left, top, right, bottom)] if whole else []
