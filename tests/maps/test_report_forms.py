"""A report with hostile texts, written in every form: they stay texts, and the numbers agree."""

import html
import io
import json
import re
import zipfile
from datetime import date
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from lxml import etree

from api.members.reports import members
from layers.declaring.labels import Label
from layers.declaring.period import parse
from layers.ground.division_names import DivisionName
from layers.reporting import paper, sheets
from layers.reporting.report import (
    Column,
    Dot,
    Report,
    Row,
    Sketch,
    Told,
    ToldSection,
    ToldTable,
    Value,
)
from maps import report_file
from maps.pages import reports as report_page

HOSTILE = (
    '=HYPERLINK("http://evil.example/",1)',
    "</td></table><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% for x in y %}${7*7}",
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "]]>&amp;<w:p/>",
    "a\x00b\x0b\x1f\ufffe",
    "\u202egnp.exe",
    "\ud800",
    "字" * 3000,
    "line\r\nbreak\ttab",
)
CELLS = Value(1480.5, "/collections/sites/items?filter=a"), Value(None)


def report(text: str) -> Report:
    label = Label(text, text)
    told = Told(name="x", label=label, unit=label, value=CELLS[0], to_date=Value(7))
    table = ToldTable(
        name="t",
        label=label,
        head=label,
        columns=(Column("a", label, label, charted=True), Column("b", label, label)),
        rows=(Row(label, CELLS), Row(label, CELLS, depth=1)),
        total=Row(label, CELLS),
    )
    section = ToldSection(
        name="s",
        label=label,
        figures=(told,),
        tables=(table,),
        sketch=Sketch(label, 360.0, 200.0, ("M0 0L1 1Z",), (Dot(1.0, 2.0, 3), Dot(4.0, 5.0, 60))),
        notes=(label,),
    )
    return Report(
        period=parse("2017-07"),
        division="630102007000",
        division_name=label,
        made_on=date(2017, 8, 1),
        sections=(section,),
    )


class _Seen(HTMLParser):
    """The tags of a page, its texts, and what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.running: list[str] = []
        self.texts = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.running += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        self.texts += data


def seen(page: str) -> _Seen:
    parser = _Seen()
    parser.feed(page)
    return parser


def page(found: Report) -> str:
    choice = report_page.Choice(
        [DivisionName("630102007000", "街道", 0)], found.division, date(2017, 8, 1)
    )
    return report_page.report("zh", found, choice)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_shows_it_as_text(text: str) -> None:
    plain, hostile = seen(page(report("林家崖"))), seen(page(report(text)))
    assert hostile.tags == plain.tags
    assert hostile.running == []
    assert "1,480.5" in hostile.texts
    if "{{" in text:
        assert text in hostile.texts


@pytest.mark.parametrize("text", HOSTILE)
def test_a_file_that_opens_from_disk_shows_it_as_text(text: str) -> None:
    plain = seen(report_file.statistics(report("林家崖"), "zh"))
    hostile = seen(report_file.statistics(report(text), "zh"))
    assert hostile.tags == plain.tags
    assert hostile.running == []


def test_a_file_that_opens_from_disk_asks_for_nothing() -> None:
    text = html.unescape(report_file.statistics(report("林家崖"), "zh"))
    assert not re.findall(r"""(?:src|href)=["'](?!#)[^"']*""", text.partition("<script>")[0])
    assert "default-src 'none'" in text
    assert "data-chart" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_has_no_formula(text: str) -> None:
    content = sheets.write(report(text), "zh", "http://127.0.0.1")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert 1480.5 in [cell.value for cell in cells]
    links = {cell.hyperlink.target for cell in cells if cell.hyperlink}
    assert links == {f"http://127.0.0.1{CELLS[0].records}"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_paper_is_sound_xml(text: str) -> None:
    content = paper.write(report(text), "zh")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
    found = docx.Document(io.BytesIO(content))
    assert len(found.tables) == 2
    assert "1,480.5" in [
        cell.text for table in found.tables for row in table.rows for cell in row.cells
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_json_says_it_as_it_is(text: str) -> None:
    said = json.loads(json.dumps(members(report(text), "zh")))
    assert said["sections"][0]["figures"][0]["label"] == text
    assert said["sections"][0]["figures"][0]["value"] == 1480.5
