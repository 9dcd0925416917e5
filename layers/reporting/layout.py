"""The page of an official document, as GB/T 9704-2012 has it: margins, fonts, tables, numbers."""

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from layers.reporting.report import legal

TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
HEAD_FONT, SUBHEAD_FONT = "黑体", "楷体_GB2312"
# 二号, 三号 and 小四 of the standard, in points; 28 points from line to line.
TITLE_PT, BODY_PT, TABLE_PT, LINE_PT = 22, 16, 11, 28
_LATIN_FONT = "Times New Roman"
_PAGE_PT = 14
# What stands in where a font of the standard is not installed.
_STAND_INS = {TITLE_FONT: "宋体", BODY_FONT: "仿宋", HEAD_FONT: "SimHei", SUBHEAD_FONT: "楷体"}
_A4_MM = (210, 297)
_TOP_MM, _BOTTOM_MM, _LEFT_MM, _RIGHT_MM = 37, 35, 28, 26
_FOOTER_MM = 28
_BLACK = RGBColor(0, 0, 0)
_NUMERALS = "一二三四五六七八九十"


def blank(title: str) -> Any:
    """An empty document with the page of the standard; `title` is what readers list it by."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in _A4_MM)
    section.top_margin, section.bottom_margin = Mm(_TOP_MM), Mm(_BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(_LEFT_MM), Mm(_RIGHT_MM)
    section.footer_distance = Mm(_FOOTER_MM)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = legal(title)[:255], "", ""
    document.settings.odd_and_even_pages_header_footer = True
    # Odd pages have their number at the right, even ones at the left.
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    _plain_styles(document)
    _stand_ins(document)
    return document


def paragraph(
    document: Any, text: str, font: str = BODY_FONT, size: float = BODY_PT, style: str = "Normal"
) -> Any:
    """A paragraph of one font."""
    made = document.add_paragraph(style=style)
    _spaced(made, LINE_PT)
    _run(made, text, font, size)
    return made


def grid(
    document: Any,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths_mm: Sequence[float],
    texts: int = 1,
) -> None:
    """A table with lines, its heading on each page; `texts` columns come before numbers."""
    table = document.add_table(rows=1 + len(rows), cols=len(heading))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for number, width in enumerate(widths_mm):
        table.columns[number].width = Mm(width)
    for line, (row, cells) in enumerate(zip(table.rows, (heading, *rows), strict=True)):
        _whole(row, repeated=line == 0)
        for column, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = Mm(widths_mm[column])
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            _cell(cell, text, is_heading=line == 0, is_text=column < texts)


def numeral(number: int) -> str:
    """A number as headings have it: 一, 十二, 二十.

    >>> [numeral(number) for number in (1, 10, 12, 20)]
    ['一', '十', '十二', '二十']
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens - 1]}十"
    return head + (_NUMERALS[ones - 1] if ones else "")


# --- parts ----------------------------------------------------------------------------------------
def _run(paragraph: Any, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(legal(text))
    run.font.size, run.font.name = Pt(size), _LATIN_FONT
    run.font.bold = run.font.italic = False
    run.font.color.rgb = _BLACK
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001  no public way
    fonts.set(qn("w:eastAsia"), font)


def _spaced(paragraph: Any, line_pt: float) -> None:
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line_pt)


def _whole(row: Any, *, repeated: bool) -> None:
    """A row that no page break divides, perhaps one that every page begins with."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001  no public way
    for name in ("w:cantSplit", *(("w:tblHeader",) if repeated else ())):
        properties.append(OxmlElement(name))


def _cell(cell: Any, text: str, *, is_heading: bool, is_text: bool) -> None:
    paragraph = cell.paragraphs[0]
    _run(paragraph, text, HEAD_FONT if is_heading else BODY_FONT, TABLE_PT)
    _spaced(paragraph, TABLE_PT * 1.5)
    if is_heading:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif not is_text:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _page_number(footer: Any, alignment: Any) -> None:
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = alignment
    _run(paragraph, "— ", BODY_FONT, _PAGE_PT)
    _run(paragraph, "", BODY_FONT, _PAGE_PT)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001  no public way
    _run(paragraph, " —", BODY_FONT, _PAGE_PT)


def _plain_styles(document: Any) -> None:
    """The library's template underlines titles; ours has nothing but headings that readers list."""
    for name in ("Title", "Heading 1", "Heading 2"):
        properties = document.styles[name].element.get_or_add_pPr()
        for border in properties.findall(qn("w:pBdr")):
            properties.remove(border)


def _stand_ins(document: Any) -> None:
    """Tell which font is to stand in for one that the reader lacks."""
    related = document.part.rels.values()
    tables = [each for each in related if each.reltype == RELATIONSHIP_TYPE.FONT_TABLE]
    for each in tables:
        part = each.target_part
        fonts = parse_xml(part.blob)
        for name, stand_in in _STAND_INS.items():
            font, other = OxmlElement("w:font"), OxmlElement("w:altName")
            font.set(qn("w:name"), name)
            other.set(qn("w:val"), stand_in)
            font.append(other)
            fonts.append(font)
        part._blob = serialize_part_xml(fonts)  # noqa: SLF001  the library only copies it
