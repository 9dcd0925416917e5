"""The report as a workbook, ready to print: all figures on the first sheet, then the tables."""

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gis.errors import Lang
from layers.declaring.labels import Label
from layers.leaving import workbook
from layers.reporting.report import HEADING, Report, ToldSection, ToldTable, Value, headed, legal

_WORK = Label("工作", "Work")
_SUMMARY = Label("汇总", "Summary")
_MADE = Label("制表日期：{day}", "Made on {day}")
_WIDTHS = (18, 30, 10, 14, 14, 14)
_TABLE_WIDTHS = (26, 12)
_TITLE_WIDTH = 62  # the least that a sheet's title has to itself, however few columns there are
_LINK_LIMIT = 2_000  # characters; Excel refuses a longer one with the whole file
_LINE = Side(style="thin", color="FF9AA0A6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FILL = PatternFill("solid", fgColor="FFE9EEF2")
_A4 = 9
_FONT = "Calibri"
_SIZE, _TITLE_SIZE = 11, 16  # points
_LINE_PT = 15.0  # of a line of the ordinary size


def write(report: Report, lang: Lang, base: str | None = None) -> bytes:
    """The workbook; with the address `base` of the service, figures lead to their records."""
    book = Workbook()
    page = book.active
    page.title = _SUMMARY.of(lang)
    _summary(page, report, lang, base)
    for section in report.sections:
        if section.tables:
            _section(
                book.create_sheet(workbook.sheet_title(legal(section.label.of(lang)))),
                report,
                section,
                lang,
                base,
            )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


# --- the figures ----------------------------------------------------------------------------------
def _summary(page: Worksheet, report: Report, lang: Lang, base: str | None) -> None:
    heading = (_WORK, *HEADING)
    _head(page, report, lang, _WIDTHS)
    row = 3
    _heading(page, row, [label.of(lang) for label in heading])
    for section in report.sections:
        first = row + 1
        for told in section.figures:
            row += 1
            texts = (section.label.of(lang), told.label.of(lang), told.unit.of(lang))
            for column, text in enumerate(texts, start=1):
                _write(page.cell(row, column), text)
            for column, value in enumerate(told.values, start=len(texts) + 1):
                _number(page.cell(row, column), value, base)
        if row > first:
            page.merge_cells(start_row=first, end_row=row, start_column=1, end_column=1)
        if row >= first:
            page.cell(first, 1).alignment = Alignment(vertical="center", wrap_text=True)
    _laid_out(page, _WIDTHS, heading=3)


# --- the tables of a section ----------------------------------------------------------------------
def _section(
    page: Worksheet, report: Report, section: ToldSection, lang: Lang, base: str | None
) -> None:
    others = max(len(table.columns) for table in section.tables)
    first, other = _TABLE_WIDTHS
    widths = (max(first, _TITLE_WIDTH - other * others), *([other] * others))
    _head(page, report, lang, widths, section.label.of(lang))
    row = 3
    for table in section.tables:
        cell = page.cell(row, 1)
        _write(cell, table.label.of(lang), boxed=False)
        cell.font = _font(bold=True, size=12)
        _heading(page, row + 1, list(_columns(table, lang)))
        row = _rows(page, row + 2, table, lang, base) + 1
    for note in section.notes:
        _write(page.cell(row, 1), note.of(lang), boxed=False)
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(widths))
        page.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[row].height = _height(note.of(lang), widths)
        row += 1
    _laid_out(page, widths, heading=None)


def _height(text: str, widths: Sequence[float], size: float = _SIZE) -> float:
    """How high a row is, in points, for a text that is wrapped over all columns."""
    wide = workbook.width(text, most=len(text)) * size / _SIZE
    return _LINE_PT * size / _SIZE * math.ceil(wide / sum(widths))


def _columns(table: ToldTable, lang: Lang) -> Iterator[str]:
    yield table.head.of(lang)
    for column in table.columns:
        yield headed(column.label, column.unit, lang)


def _rows(page: Worksheet, row: int, table: ToldTable, lang: Lang, base: str | None) -> int:
    for each in table.all_rows:
        cell = page.cell(row, 1)
        _write(cell, each.title.of(lang))
        cell.alignment = Alignment(indent=each.depth, wrap_text=True, vertical="top")
        for column, value in enumerate(each.values, start=2):
            _number(page.cell(row, column), value, base)
        if each is table.total:
            for column in range(1, len(each.values) + 2):
                page.cell(row, column).font = _font(bold=True)
        row += 1
    return row


# --- cells ----------------------------------------------------------------------------------------
def _head(
    page: Worksheet,
    report: Report,
    lang: Lang,
    widths: Sequence[float],
    subtitle: str | None = None,
) -> None:
    """The title over all columns, and below it whose and when."""
    title = report.title(lang) if subtitle is None else f"{report.title(lang)} · {subtitle}"
    for row, text, size in ((1, title, _TITLE_SIZE), (2, _made(report, lang), 10)):
        cell = page.cell(row, 1)
        _write(cell, text, boxed=False)
        cell.font = _font(bold=row == 1, size=size)
        cell.alignment = Alignment(
            horizontal="center" if row == 1 else "right", vertical="center", wrap_text=True
        )
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(widths))
    page.row_dimensions[1].height = _height(title, widths, _TITLE_SIZE) + _LINE_PT


def _made(report: Report, lang: Lang) -> str:
    return _MADE.of(lang).format(day=report.made_on.isoformat())


def _heading(page: Worksheet, row: int, titles: Sequence[str]) -> None:
    for column, title in enumerate(titles, start=1):
        cell = page.cell(row, column)
        _write(cell, title)
        cell.font = _font(bold=True)
        cell.fill = _FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    page.row_dimensions[row].height = _LINE_PT * 2


def _font(**style: Any) -> Font:
    # Without a name each program would take another one than for the cells around it.
    return Font(name=_FONT, **{"size": _SIZE, **style})


def _write(cell: Any, value: object, *, boxed: bool = True) -> None:
    workbook.put(cell, legal(value) if isinstance(value, str) else value)
    if boxed:
        cell.border = _BOX


def _number(cell: Any, value: Value, base: str | None) -> None:
    _write(cell, "—" if value.amount is None else value.amount)
    cell.alignment = Alignment(horizontal="right", vertical="top")
    if value.amount is None:
        return
    cell.number_format = "#,##0" if isinstance(value.amount, int) else "#,##0.00"
    if base and value.records and len(base + value.records) <= _LINK_LIMIT:
        cell.hyperlink = base + value.records
        cell.font = _font(color="FF0B5394")


def _laid_out(page: Worksheet, widths: Sequence[float], heading: int | None) -> None:
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.page_setup.paperSize = _A4
    page.page_setup.orientation = "landscape" if sum(widths) > 110 else "portrait"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.oddFooter.center.text = "&P / &N"
    if heading is not None:
        page.print_title_rows = f"1:{heading}"
        page.freeze_panes = page.cell(heading + 1, 1)
