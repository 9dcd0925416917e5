"""Workbooks that open in Excel as they are meant: texts stay texts, and nothing runs."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from gis.formats import xlsx

CELL_LIMIT = 32_767  # characters; Excel takes no more
ROW_LIMIT = 1 << 20
_TITLE_LIMIT = 31
_MEASURED_ROWS = 200
_WIDTHS = (8, 60)
# Excel shows a number of more digits as 6.3E+11, and drops what is beyond fifteen.
_DIGITS_SHOWN = 11
# Excel counts days from here on as the calendar does; what was before it cannot write as a date.
_FIRST_DAY = date(1900, 3, 1)
DAY_FORMAT = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: `rows` are as long as the heading; None is an empty cell."""

    title: str
    heading: Sequence[str]
    rows: Iterable[Sequence[object]]


def write(sheets: Iterable[Sheet]) -> bytes:
    """A workbook of these sheets, headings in bold and kept in view, columns as wide as needed."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_title(text: str) -> str:
    """The text as Excel takes it for the name of a sheet."""
    return re.sub(r"[\\/*?:\[\]]", " ", text)[:_TITLE_LIMIT]


def _fill(page: Any, sheet: Sheet) -> None:
    rows = iter(sheet.rows)
    first = list(islice(rows, _MEASURED_ROWS))
    for n, title in enumerate(sheet.heading, start=1):
        texts = (str(row[n - 1]) for row in first if row[n - 1] is not None)
        widest = max(map(width, chain((title,), texts)))
        page.column_dimensions[get_column_letter(n)].width = min(
            max(widest + 2, _WIDTHS[0]), _WIDTHS[1]
        )
    page.freeze_panes = "A2"
    page.append(_heading(page, sheet.heading))
    for row in chain(first, rows):
        page.append([_cell(page, value) for value in row])


def _heading(page: Any, titles: Sequence[str]) -> Iterator[Any]:
    for title in titles:
        cell = _cell(page, title)
        cell.font = Font(bold=True)
        yield cell


def _cell(page: Any, value: object) -> Any:
    cell = WriteOnlyCell(page)
    put(cell, value)
    if cell.data_type == "s":
        wraps = width(cell.value) > _WIDTHS[1]
        cell.alignment = Alignment(vertical="top", wrap_text=wraps)
    return cell


def put(cell: Any, value: object) -> None:
    """Write a value into a cell so that Excel has it as it is: numbers and days, the rest texts."""
    if value is None:
        return
    if isinstance(value, int | float) and not _is_code(value):
        cell.value = value
        # openpyxl writes sixteen digits; some doubles need seventeen.
        cell._value = repr(value)  # noqa: SLF001
    elif isinstance(value, date) and value >= _FIRST_DAY:
        cell.value = value
        cell.number_format = DAY_FORMAT
    else:
        text = ILLEGAL_CHARACTERS_RE.sub("�", str(value))
        cell.value = text.replace("\r", xlsx.RETURN)[:CELL_LIMIT]
        cell.data_type = "s"  # openpyxl takes what begins with = for a formula
        cell.number_format = "@"


def _is_code(number: float) -> bool:
    # True and False are words here, and a number that Excel cannot hold is a text.
    if isinstance(number, bool):
        return True
    if isinstance(number, int):
        return len(str(abs(number))) > _DIGITS_SHOWN
    return number - number != 0


def width(text: str, most: int = 100) -> int:
    """How many Latin letters a text is wide; a Chinese character takes the place of two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text[:most])
