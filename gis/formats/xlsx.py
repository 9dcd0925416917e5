"""One sheet of an XLSX workbook as cells, bounded; formulas are not run, their results are taken.

openpyxl reads the cells as they stream by; it does not tell merged ranges then, nor formulas that
have no result, so these are read from the sheet's XML beside it.
"""

import posixpath
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import range_boundaries

from gis.errors import Problem
from gis.formats import archive, ogr, plain_xml
from gis.formats.headings import where
from gis.formats.plain_xml import Listener
from gis.formats.rawtable import unreadable
from gis.limits import Limits
from gis.refusals.files import FILE_LAYERS

RETURN = "_x000D_"
"""How a workbook writes a carriage return, which XML would make a line feed."""
_LAST_ROW = 1 << 20  # of Excel
_PEEKED_ROWS = 50
_XML_SHARE = 4  # texts may be this part of the bytes of a workbook, since they are held whole
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
    """Cells by row number, only rows that hold any; `titles` are all visible sheets that do.

    `without_result` names the cells ("C7") whose formula has no result, or that hold an error.
    """

    title: str
    titles: tuple[str, ...]
    rows: Mapping[int, list[object]]
    merged: Sequence[Range]
    without_result: Sequence[str]


def read(path: Path, *, name: str, sheet: str | None, limits: Limits) -> Sheet:
    """The sheet of that title, or the only one that holds anything.

    Dates come as Python's, numbers as int or float, error values and empty texts as None.
    Problems: FILE_UNREADABLE, FILE_LAYERS naming the sheets, FILE_TOO_LARGE.
    """
    with archive.opened(path, name, limits) as opened:
        _check(opened, name, limits)
        parts = _parts(opened, name, limits)
        title, titles, rows = _cells(path, name, sheet, limits)
        if title not in parts:
            return Sheet(title, titles, rows, [], [])
        with opened.open(parts[title]) as stream:
            return Sheet(title, titles, rows, *_beside_cells(stream, name, limits))


def _check(opened: ZipFile, name: str, limits: Limits) -> None:
    """Bound the texts, and let no XML in that declares entities before openpyxl sees it."""
    texts = [m for m in opened.infolist() if m.filename.endswith((".xml", ".rels"))]
    limits.check_bytes(_XML_SHARE * sum(member.file_size for member in texts))
    for member in texts:
        with opened.open(member) as stream:
            plain_xml.check_prolog(stream, name, limits)


def _parts(opened: ZipFile, name: str, limits: Limits) -> Mapping[str, str]:
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
            plain_xml.walk(stream, name, limits, Listener(seen))
    present = set(opened.namelist())
    return {title: target for title, target in titles.items() if target in present}


def _cells(
    path: Path, name: str, wanted: str | None, limits: Limits
) -> tuple[str, tuple[str, ...], Mapping[int, list[object]]]:
    # openpyxl warns of everything in a workbook that it leaves aside.
    with ogr.WARNINGS_TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with path.open("rb") as opened:  # openpyxl would not close what it fails to read
                book = openpyxl.load_workbook(
                    opened, read_only=True, data_only=True, keep_links=False
                )
                filled = _filled(book, wanted)
                title = _chosen(filled, name, wanted)
                return title, tuple(filled), _rows(filled[title], limits)
        except Problem:
            raise
        except Exception as error:
            # Whatever its parts are made of, from KeyError to ZeroDivisionError: it is no workbook.
            reason = type(error).__name__
            raise unreadable(
                name, f"不是 XLSX 工作簿（{reason}）", f"it is no XLSX workbook ({reason})"
            ) from None


def _filled(book: Any, wanted: str | None) -> Mapping[str, Any]:
    """The visible sheets that hold anything near their top, and the wanted one."""
    sheets = {str(s.title): s for s in book.worksheets if s.sheet_state == "visible"}
    for sheet in sheets.values():
        sheet.reset_dimensions()  # they are the file's word, and may lie
    return {t: sheet for t, sheet in sheets.items() if wanted == t or _holds_any(sheet)}


def _chosen(filled: Mapping[str, Any], name: str, wanted: str | None) -> str:
    if not filled:
        raise unreadable(name, "工作表都是空的", "its sheets are empty")
    if wanted is None:
        # Beside a ledger there may be a sheet that explains it.
        located = [title for title in filled if _says_where(filled[title])]
        choice = located if len(located) == 1 else list(filled)
        if len(choice) == 1:
            return choice[0]
    if wanted is None or wanted not in filled:
        raise Problem(FILE_LAYERS, name=name, layers=", ".join(filled), parts=tuple(filled))
    return wanted


def _holds_any(sheet: Any) -> bool:
    return any(value is not None for row in _top(sheet) for value in row)


def _says_where(sheet: Any) -> bool:
    return any(where([str(value) for value in row if value is not None]) for row in _top(sheet))


def _top(sheet: Any) -> Iterator[Sequence[object]]:
    return islice(sheet.iter_rows(values_only=True), _PEEKED_ROWS)


def _rows(sheet: Any, limits: Limits) -> Mapping[int, list[object]]:
    rows: dict[int, list[object]] = {}
    cells = 0
    within = limits.columns + 1
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=within), 1):
        if number > _LAST_ROW:
            break
        values = [_value(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if values:
            rows[number] = values
            cells += len(values)
        limits.check_rows(len(rows) - _PEEKED_ROWS)  # titles and headings are no records
        limits.check_columns(len(values))
        limits.check_cells(cells)
    return rows


def _value(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace(RETURN, "\r").strip()
    return None if text in _ERRORS else text or None


def _beside_cells(stream: Any, name: str, limits: Limits) -> tuple[list[Range], list[str]]:
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

    plain_xml.walk(stream, name, limits, Listener(started, ended, wrote))
    return merged, without


def _range(reference: str) -> list[Range]:
    try:
        left, top, right, bottom = range_boundaries(reference)
    except (ValueError, TypeError):
        return []
    whole = None not in (left, top, right, bottom)
    return [Range(left, top, right, bottom)] if whole else []
