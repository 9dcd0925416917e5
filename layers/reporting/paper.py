"""The report as a paper that can be handed in: a DOCX in the layout of official documents."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from gis.errors import Lang
from layers.declaring.labels import Label
from layers.declaring.period import chinese_day
from layers.reporting import layout
from layers.reporting.layout import BODY_PT
from layers.reporting.report import HEADING, Report, Told, ToldSection, ToldTable, headed, written

_WORDS = {
    "to": Label("各有关单位：", "To all concerned:"),
    "opening": Label(
        "现将{period}{division}网格责任田工作情况报告如下。",
        "This is how the work on the fields of responsibility of {division} went in {period}.",
    ),
    "table": Label("表{number}　{section}：{table}", "Table {number}. {section}: {table}"),
    "figures": Label("主要指标", "Figures"),
    "told": Label("{label}{amount}{unit}", "{label}: {amount} {unit}"),
    "compared": Label("（上年同期{amount}{unit}）", " ({amount} {unit} a year before)"),
    "this": Label("本期，", "In the period: "),
    "comma": Label("，", "; "),
    "stop": Label("。", "."),
    "nothing": Label("本期没有记录。", "There are no records of the period."),
}
_TEXT_MM = 156.0
_FIGURE_WIDTHS = (56.0, 22.0, 26.0, 26.0, 26.0)


@dataclass(slots=True)
class _Paper:
    """A document that is being written; `tables` counts its tables."""

    document: Any
    lang: Lang
    tables: int = 0

    def say(self, word: str, **values: object) -> str:
        return _WORDS[word].of(self.lang).format(**values)

    def heading(self, level: int, text: str) -> None:
        font = layout.HEAD_FONT if level == 1 else layout.SUBHEAD_FONT
        made = layout.paragraph(self.document, text, font, style=f"Heading {level}")
        made.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
        made.paragraph_format.keep_with_next = True

    def body(self, text: str, *, indented: bool = True) -> None:
        made = layout.paragraph(self.document, text)
        made.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        made.paragraph_format.first_line_indent = Pt(2 * BODY_PT) if indented else None

    def caption(self, section: ToldSection, name: str) -> None:
        self.tables += 1
        values = {"number": self.tables, "section": section.label.of(self.lang), "table": name}
        text = self.say("table", **values)
        made = layout.paragraph(self.document, text, layout.HEAD_FONT, layout.TABLE_PT + 1)
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraph_format.keep_with_next = True


def write(report: Report, lang: Lang) -> bytes:
    """The paper in a reader's language."""
    paper = _Paper(layout.blank(report.title(lang)), lang)
    title = layout.paragraph(
        paper.document, "\n".join(report.titles(lang)), layout.TITLE_FONT, layout.TITLE_PT, "Title"
    )
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.line_spacing = Pt(layout.LINE_PT + 6)
    title.paragraph_format.space_after = Pt(layout.LINE_PT)
    paper.body(paper.say("to"), indented=False)
    opening = {"period": report.period.title(lang), "division": report.division_name.of(lang)}
    paper.body(paper.say("opening", **opening))
    for number, section in enumerate(report.sections, start=1):
        _section(paper, number, section)
    _signature(paper, report)
    file = io.BytesIO()
    paper.document.save(file)
    return file.getvalue()


def _section(paper: _Paper, number: int, section: ToldSection) -> None:
    is_chinese = paper.lang == "zh"
    mark = f"{layout.numeral(number)}、" if is_chinese else f"{number}. "
    paper.heading(1, mark + section.label.of(paper.lang))
    _sentence(paper, section)
    _figures(paper, section)
    for place, table in enumerate(section.tables, start=1):
        mark = f"（{layout.numeral(place)}）" if is_chinese else f"{number}.{place} "
        paper.heading(2, mark + table.label.of(paper.lang))
        _table(paper, section, table)
    for note in section.notes:
        paper.body(note.of(paper.lang))


def _sentence(paper: _Paper, section: ToldSection) -> None:
    """What the figures say, as a paper says it; what is nought stands in the table alone."""
    told = [_told(paper, each) for each in section.figures if each.value.amount]
    if told:
        paper.body(paper.say("this") + paper.say("comma").join(told) + paper.say("stop"))
    else:
        paper.body(paper.say("nothing"))


def _told(paper: _Paper, told: Told) -> str:
    label, unit = told.label.of(paper.lang), told.unit.of(paper.lang)
    text = paper.say("told", label=label, amount=written(told.value.amount), unit=unit)
    before = told.year_before.amount
    return text + paper.say("compared", amount=written(before), unit=unit) if before else text


def _figures(paper: _Paper, section: ToldSection) -> None:
    lang = paper.lang
    rows = [
        (told.label.of(lang), told.unit.of(lang), *(written(v.amount) for v in told.values))
        for told in section.figures
    ]
    paper.caption(section, paper.say("figures"))
    heading = [label.of(lang) for label in HEADING]
    layout.grid(paper.document, heading, rows, _FIGURE_WIDTHS, texts=2)
    _gap(paper)


def _table(paper: _Paper, section: ToldSection, table: ToldTable) -> None:
    lang = paper.lang
    heading = [table.head.of(lang)]
    heading += [headed(column.label, column.unit, lang) for column in table.columns]
    rows: list[Sequence[str]] = [
        ("　" * row.depth + row.title.of(lang), *(written(value.amount) for value in row.values))
        for row in table.all_rows
    ]
    first = 44.0 if len(table.columns) > 3 else 70.0
    rest = (_TEXT_MM - first) / len(table.columns)
    paper.caption(section, table.label.of(lang))
    layout.grid(paper.document, heading, rows, (first, *([rest] * len(table.columns))))
    _gap(paper)


def _gap(paper: _Paper) -> None:
    layout.paragraph(paper.document, "", size=layout.TABLE_PT)


def _signature(paper: _Paper, report: Report) -> None:
    """Whose paper it is and of which day: two and four characters from the edge."""
    day = report.made_on
    date = chinese_day(day) if paper.lang == "zh" else day.isoformat()
    for text, characters in ((report.division_name.of(paper.lang), 2), (date, 4)):
        made = layout.paragraph(paper.document, text)
        made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        made.paragraph_format.right_indent = Pt(characters * BODY_PT)
