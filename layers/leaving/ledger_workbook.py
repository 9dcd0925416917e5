"""A 台账 as it is printed, signed and passed on: titles merged over it, borders, a landscape page.

What is written comes back by an ordinary import as it was: the headings are the fields' labels,
merged cells are repeated (`gis.formats.ledger`), and what is not printed stands beside the page.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import ceil
from typing import Any

import shapely
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from layers.declaring.words import SOURCE, Field, Layer, Type
from layers.leaving import sheet_rows, workbook

MOST = 10_000
"""So many records a printed ledger has at most; who wants more wants a table."""

_TITLE, _SUBTITLE, _UPPER, _LOWER = 1, 2, 3, 4
_MERGED = 12  # rows at most, for the name to stand on every page
_ON_A4 = 14  # columns; with more the page is A3
_PAPER = {"A3": "8", "A4": "9"}
_WIDTHS = (6, 24)
_MEASURED = 200
_ROOM = 1.08  # letters of the body's size in a unit of width
_LINE_HEIGHT, _MOST_LINES = 14, 12  # points of a line; Excel shows no row of many more
_ORDINAL, _PHOTOS, _BESIDE = "序号", "照片", "存档（不打印）"
_SHOT = ("整改前", "整改后")
_LINE = Side(style="thin", color="808080")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_BODY, _LINKED = (
    Font(name="宋体", size=10),
    Font(name="宋体", size=10, color="0B5394", underline="single"),
)
_BOLD = Font(name="宋体", size=10, bold=True)
_SHADE = PatternFill("solid", start_color="EDEDED")
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TEXT = Alignment(horizontal="left", vertical="center", wrap_text=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: its values in the order of the layer's fields, where it lies (WKB), and how
    many photographs there are of before and of after."""

    id: int
    values: Sequence[object]
    geometry: bytes | None
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above: whose ledger of what it is, and as of which day. `address` is the page of
    a record by its id, where records have one."""

    title: str
    division: str
    day: date
    address: Callable[[int], str] | None = None


def write(layer: Layer, heading: Heading, entries: Sequence[Entry]) -> bytes:
    """The workbook. Records of one unit stand together, and its name is merged over them."""
    book = Workbook()
    sheet = book.active
    sheet.title = workbook.sheet_title(heading.title)
    table = _Table(layer, heading, sheet, entries)
    ordered = sorted(entries, key=table.unit_of)
    table.head(len(ordered))
    table.body(ordered)
    table.foot()
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class _Table:
    """One sheet while it is filled; columns are counted from 1."""

    def __init__(
        self, layer: Layer, heading: Heading, sheet: Any, entries: Sequence[Entry]
    ) -> None:
        self.layer, self.heading, self.sheet = layer, heading, sheet
        workflow = layer.workflow
        aside = _unprinted(layer, entries)
        self.printed = [f for f in layer.fields if f.name not in aside]
        self.beside = [f for f in layer.fields if f.name in aside]
        self.order = {field.name: n for n, field in enumerate(layer.fields)}
        self.unit = workflow.unit if workflow else None
        self.last = 1 + len(self.printed) + len(_SHOT)
        self.prose = {n for n, f in enumerate(self.printed, start=2) if _is_prose(f, layer)}
        self.row = _LOWER

    def unit_of(self, entry: Entry) -> tuple[bool, str]:
        """What records are ordered by: those of no unit come last, the order stays otherwise."""
        unit = entry.values[self.order[self.unit]] if self.unit else None
        return unit is None, str(unit or "")

    def head(self, count: int) -> None:
        """The titles and the headings, with what Excel repeats on every page."""
        day = self.heading.day
        told = f"填报单位：{self.heading.division}　　截至：{day.year}年{day.month}月{day.day}日"
        self._banner(_TITLE, self.heading.title, Font(name="方正小标宋简体", size=20), 36)
        self._banner(_SUBTITLE, f"{told}　　共 {count} 件", Font(name="楷体", size=12), 22)
        titles = [_ORDINAL, *(field.label.zh for field in self.printed)]
        for column, title in enumerate(titles, start=1):
            self._title(column, title)
        self._group(len(titles) + 1, _PHOTOS, _SHOT)
        beside = [*(f.label.zh for f in self.beside), *sheet_rows.place_heading(self.layer)]
        self._group(self.last + 1, _BESIDE, beside)
        self._page()

    def body(self, entries: Sequence[Entry]) -> None:
        """The records, one row each."""
        for number, entry in enumerate(entries, start=1):
            self.row += 1
            for column, value in enumerate(self._cells(number, entry), start=1):
                self._cell(self.row, column, value)
            if self.heading.address:
                self._link(entry, self.heading.address(entry.id))
        self._merge(entries)
        self._size()

    def foot(self) -> None:
        """The line for signatures, which no import takes for a record."""
        row = self.row + 1
        for column, said in ((1, "填表人："), (self.last // 2, "审核人：")):
            self.sheet.cell(row, column, said).font = _BODY
        self.sheet.print_area = f"A1:{get_column_letter(self.last)}{row}"

    def _cells(self, number: int, entry: Entry) -> Iterator[object]:
        yield number
        for field in self.printed:
            yield self._value(field, entry)
        yield from (entry.before or None, entry.after or None)
        for field in self.beside:
            yield self._value(field, entry)
        if entry.geometry is not None:
            yield from sheet_rows.place(self.layer, shapely.from_wkb(entry.geometry))

    def _value(self, field: Field, entry: Entry) -> object:
        return sheet_rows.cell(field, entry.values[self.order[field.name]])

    def _cell(self, row: int, column: int, value: object) -> None:
        cell = self.sheet.cell(row, column)
        workbook.put(cell, value)
        cell.font, cell.border = _BODY, _BOX
        cell.alignment = _TEXT if column in self.prose else _MIDDLE

    def _link(self, entry: Entry, address: str) -> None:
        title = self.layer.title
        shown = next((n for n, f in enumerate(self.printed, start=2) if f.name == title), None)
        if shown is not None and entry.values[self.order[self.printed[shown - 2].name]]:
            cell = self.sheet.cell(self.row, shown)
            cell.hyperlink, cell.font = address, _LINKED

    def _merge(self, entries: Sequence[Entry]) -> None:
        """One cell for the records of one unit."""
        names = [field.name for field in self.printed]
        if self.unit not in names:
            return
        column, row = names.index(self.unit) + 2, _LOWER + 1
        for (nobody, _), group in groupby(entries, self.unit_of):
            size = len(list(group))
            for first in range(row, row + size, _MERGED) if not nobody else ():
                last = min(first + _MERGED, row + size) - 1
                if last > first:
                    self._merged(first, column, last, column)
            row += size

    def _banner(self, row: int, text: str, font: Font, height: int) -> None:
        cell = self.sheet.cell(row, 1)
        workbook.put(cell, text)
        cell.font, cell.alignment = font, Alignment(horizontal="center", vertical="center")
        self.sheet.row_dimensions[row].height = height
        self._merged(row, 1, row, self.last)

    def _title(self, column: int, title: str, row: int = _UPPER, last: int = _LOWER) -> None:
        for each in range(row, last + 1):
            cell = self.sheet.cell(each, column)
            cell.font, cell.border, cell.fill, cell.alignment = _BOLD, _BOX, _SHADE, _MIDDLE
        self.sheet.cell(row, column, title)
        if last > row:
            self._merged(row, column, last, column)

    def _group(self, column: int, title: str, titles: Sequence[str]) -> None:
        """Names under a common one; one name alone has none above it."""
        if len(titles) == 1:
            self._title(column, titles[0])
            return
        for place, name in enumerate(titles, start=column):
            self._title(place, title if place == column else "", last=_UPPER)
            self._title(place, name, row=_LOWER)
        if titles:
            self._merged(_UPPER, column, _UPPER, column + len(titles) - 1)

    def _merged(self, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)

    def _size(self) -> None:
        """Columns as wide as their texts, and rows as high as these wrap in them."""
        widths: list[int] = []
        for cells in self.sheet.iter_cols(min_row=_LOWER, max_row=min(self.row, _MEASURED)):
            upper = self.sheet.cell(_UPPER, cells[0].column).value
            single = upper if cells[0].value is None else None
            widest = max(map(_cell_width, [*(cell.value for cell in cells), single]))
            widths.append(min(max(widest + 2, _WIDTHS[0]), _WIDTHS[1]))
            letter = get_column_letter(cells[0].column)
            self.sheet.column_dimensions[letter].width = widths[-1]
        for cells in self.sheet.iter_rows(min_row=_LOWER + 1, max_row=self.row):
            lines = max(
                ceil(_cell_width(cell.value) / (width * _ROOM))
                for cell, width in zip(cells[: self.last], widths, strict=False)
            )
            height = _LINE_HEIGHT * min(lines, _MOST_LINES) + 4
            self.sheet.row_dimensions[cells[0].row].height = height

    def _page(self) -> None:
        sheet = self.sheet
        sheet.freeze_panes = sheet.cell(_LOWER + 1, 3)
        sheet.print_title_rows = f"{_UPPER}:{_LOWER}"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _PAPER["A4" if self.last <= _ON_A4 else "A3"]
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_options.horizontalCentered = True
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom = 0.6, 0.7


def _unprinted(layer: Layer, entries: Sequence[Entry]) -> set[str]:
    """The fields that nobody reads on paper: codes, where the data came from, the case before, and
    what no record of this ledger has."""
    known = [name for name in (layer.workflow and layer.workflow.previous,) if name]
    codes = [each.name for each in layer.fields if each.code or each == SOURCE]
    empty = [
        each.name
        for n, each in enumerate(layer.fields)
        if entries and all(entry.values[n] is None for entry in entries)
    ]
    return {*known, *codes, *empty}


def _is_prose(field: Field, layer: Layer) -> bool:
    """Whether a column holds sentences, which read better from the left."""
    short = field.choices or field.pattern or field.personal or field.name == layer.title
    return field.type is Type.TEXT and not short


def _cell_width(value: object) -> int:
    """How many Latin letters a cell is wide; a day takes ten."""
    match value:
        case None:
            return 0
        case date():
            return 10
        case _:
            return workbook.width(str(value), most=_MOST_LINES * _WIDTHS[1])
