"""CSV tables with longitude and latitude or with WKT, and texts that no spreadsheet will run."""

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from gis.errors import ENCODING_BELIEVED, Finding
from gis.formats import places
from gis.formats.encoding import GB, Encoding, Text, insisted, judge, named
from gis.formats.rawtable import RawTable, check_columns, too_many_rows, unreadable

# The byte order mark is what makes Excel read UTF-8.
BOM = codecs.BOM_UTF8
_MARKS = {BOM: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_JUDGED_LINES = 10_000

# A spreadsheet takes a cell that begins so for a formula. The quotes before it keep escaping
# reversible: each text has exactly one escaped form.
_RUNS = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")

# A polygon's WKT is longer than the module's default of 131,072 characters.
csv.field_size_limit(sys.maxsize)


def escape(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it; `unescape` undoes.

    >>> escape("=1+1"), unescape("'=1+1")
    ("'=1+1", '=1+1')
    """
    return f"'{text}" if _RUNS.match(text) else text


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def write(columns: Sequence[str], chunks: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """A CSV file in UTF-8 with a byte order mark, one piece for the heading and for each chunk.

    None is an empty cell; texts are escaped, numbers and dates are not.
    """
    yield BOM + _lines([columns])
    for chunk in chunks:
        yield _lines([[_cell(value) for value in row] for row in chunk])


def _cell(value: object) -> object:
    return escape(value) if isinstance(value, str) else value


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def read(content: bytes, *, name: str, encoding: str | None, max_rows: int) -> RawTable:
    """A CSV file as a table of texts, empty cells as None, geometries from lon/lat or WKT columns.

    `encoding` is a name that Python knows; without it the bytes are believed to be UTF-8, UTF-16
    after a byte order mark, or GBK. Problem(FILE_UNREADABLE) for other bytes, for a row that is
    longer than the heading and for columns that say no place.
    """
    text, believed = _decoded(content, name, encoding)
    heading, rows = _parsed(text, name, max_rows)
    check_columns(name, heading)
    columns = {title: [row[i] for row in rows] for i, title in enumerate(heading)}
    table = places.located(columns, name)
    return replace(table, encoding=believed, notes=(*_belief(believed), *table.notes))


def _decoded(content: bytes, name: str, encoding: str | None) -> tuple[str, Encoding]:
    if encoding:
        believed: Encoding | None = insisted(named(encoding))
    else:
        believed = _by_mark(content) or judge(_strange_lines(content))
    try:
        if believed is not None:
            return content.decode(believed.name).removeprefix("\ufeff"), believed
        content.decode("utf-8")  # for the place of the error
    except UnicodeDecodeError as error:
        said = encoding or (believed.name if believed else "UTF-8")
        raise unreadable(
            name,
            f"第 {error.start} 字节不是 {said};可用 --encoding 指明编码",
            f"byte {error.start} is not {said}; give --encoding",
        ) from None
    raise AssertionError("UTF-8 is an encoding that judge knows")


def _by_mark(content: bytes) -> Encoding | None:
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return Encoding(name, "有字节顺序标记", "it has a byte order mark", certain=True)
    return None


def _strange_lines(content: bytes) -> Iterator[Text]:
    lines = (line for line in io.BytesIO(content) if not line.isascii())
    return (Text(line) for line in islice(lines, _JUDGED_LINES))


def _belief(encoding: Encoding) -> Iterator[Finding]:
    if encoding.name == GB or not encoding.certain:
        values = {"name": encoding.name, "reason_zh": encoding.zh, "reason": encoding.en}
        yield Finding(ENCODING_BELIEVED, values=values)


def _parsed(text: str, name: str, max_rows: int) -> tuple[list[str], list[list[str | None]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [title.strip() for title in next(reader, [])]
        rows: list[list[str | None]] = []
        for row in reader:
            if not any(row):
                continue
            if len(rows) == max_rows:
                raise too_many_rows(max_rows)
            rows.append(_filled(row, len(heading), len(rows) + 1, name))
    except csv.Error as error:
        line = reader.line_num
        raise unreadable(
            name, f"第 {line} 行不是 CSV", f"line {line} is not CSV: {error}"
        ) from None
    return heading, rows


def _filled(row: list[str], width: int, number: int, name: str) -> list[str | None]:
    if len(row) > width and any(row[width:]):
        raise unreadable(
            name,
            f"第 {number} 行有 {len(row)} 个值,表头只有 {width} 列",
            f"row {number} has {len(row)} values, the heading {width}",
        )
    cells: list[str | None] = [unescape(cell) or None for cell in row[:width]]
    return cells + [None] * (width - len(cells))
