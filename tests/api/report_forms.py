"""What the forms of a report tell, read back, and what the records behind a figure come to."""

import io
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import docx
import openpyxl
from starlette.testclient import TestClient

from layers.reporting.report import written


def total(client: TestClient, address: str, field: str | None) -> float:
    """What the records at an address come to."""
    limit = 1 if field is None else 10_000
    answer = client.get(address, params={**query(address), "limit": limit})
    assert answer.status_code == 200, (address, answer.text)
    found = answer.json()
    if field is None:
        return float(found["numberMatched"])
    assert found["numberMatched"] == found["numberReturned"]
    return sum(each["properties"][field] or 0 for each in found["features"])


def query(address: str) -> dict[str, str]:
    return {name: texts[0] for name, texts in parse_qs(urlsplit(address).query).items()}


def as_written(value: object) -> str:
    return written(value) if isinstance(value, int | float) else str(value or "")


def sheet_cells(content: bytes) -> set[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {as_written(cell) for page in book for row in page.values for cell in row}


def sheet_figures(content: bytes) -> list[list[str]]:
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [
        [as_written(cell) for cell in row[1:]]
        for row in page.iter_rows(min_row=4, values_only=True)
    ]


def paper_cells(content: bytes) -> set[str]:
    tables = docx.Document(io.BytesIO(content)).tables
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


def paper_figures(content: bytes) -> list[list[str]]:
    found = []
    for table in docx.Document(io.BytesIO(content)).tables:
        heading, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        if heading[:2] == ["指标", "单位"]:
            found += rows
    return found


class _Tables(HTMLParser):
    """The texts of the cells of all tables of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def page_tables(text: str) -> list[list[list[str]]]:
    parser = _Tables()
    parser.feed(text)
    return parser.tables


def page_cells(text: str) -> set[str]:
    return {cell.strip() for table in page_tables(text) for row in table for cell in row}


def page_figures(text: str) -> list[list[str]]:
    tables = (table for table in page_tables(text) if table[0][:2] == ["指标", "单位"])
    return [[cell.strip() for cell in row] for table in tables for row in table[1:]]
