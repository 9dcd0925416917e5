"""Division and grid codes: what each part may be, how codes agree, and numbers in reading order.

A division code has 12 digits: 2 province, 2 prefecture, 2 county (GB/T 2260), 3 street (GB/T
10114), 3 community or village (统计用区划代码). A grid code has 3 more, a number within the
community: GB/T 47678.3 (6 county + 3 street + 3 community + 3) and GB/T 34300 (12 + 3) alike.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gis.errors import Finding, Problem
from gis.geometry import Geometries
from gis.reading_order import reading_order
from layers.declaring.dividing import Hierarchy, Level
from layers.declaring.words import Code, Label, Layer
from layers.refusals.codes import (
    CODE_CHARACTER,
    CODE_DIVISION,
    CODE_LENGTH,
    CODE_LEVEL,
    CODE_NUMBER,
    CODE_PARENT,
    CODE_PART,
    CODES_EXHAUSTED,
)

Columns = Mapping[str, Sequence[object]]

_DIVISION_DIGITS, _GRID_DIGITS = 12, 15
_NUMBERS = range(1, 1000)


@dataclass(frozen=True, slots=True)
class Part:
    """The characters `start` to `end` of a code (counted as in a slice) and what is right there."""

    label: Label
    start: int
    end: int
    right: Label

    def of(self, code: str) -> str:
        return code[self.start : self.end]

    def described(self, code: str) -> dict[str, object]:
        """What a sentence about this part of the code needs."""
        return {
            "value": code,
            "first": self.start + 1,
            "last": self.end,
            "part": self.label.en,
            "part_zh": self.label.zh,
            "found": self.of(code),
        }


_PROVINCE = Part(
    Label("省", "province"),
    0,
    2,
    Label(
        "11–15、21–23、31–37、41–46、50–54、61–65、71、81、82 之一",
        "one of 11–15, 21–23, 31–37, 41–46, 50–54, 61–65, 71, 81, 82",
    ),
)
_PREFECTURE = Part(Label("市（州）", "prefecture"), 2, 4, Label("01–99", "01–99"))
_COUNTY = Part(Label("区县", "county"), 4, 6, Label("01–99", "01–99"))
_STREET = Part(Label("街道或乡镇", "street or town"), 6, 9, Label("001–999", "001–999"))
_COMMUNITY = Part(
    Label("社区或村", "community or village"),
    9,
    12,
    Label(
        "001–199（居委会）、200–399（村委会）或 400–599（类似机构）",
        "001–199 (community), 200–399 (village) or 400–599 (similar bodies)",
    ),
)
_NUMBER = Part(Label("网格顺序号", "number of the grid"), 12, 15, Label("001–999", "001–999"))
_DIVISION_PARTS = (_PROVINCE, _PREFECTURE, _COUNTY, _STREET, _COMMUNITY)
_PARTS = {Code.DIVISION: _DIVISION_PARTS, Code.GRID: (*_DIVISION_PARTS, _NUMBER)}
_DIGITS = {Code.DIVISION: _DIVISION_DIGITS, Code.GRID: _GRID_DIGITS}
_KINDS = {
    Code.DIVISION: Label("区划代码", "a division code"),
    Code.GRID: Label("网格编码", "a grid code"),
}
# The 34 provinces, regions and municipalities of GB/T 2260.
_PROVINCES = frozenset(
    str(code)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 82),
    )
    for code in range(first, last + 1)
)
# 东莞, 中山, 儋州, 嘉峪关: cities without counties, whose streets follow "00".
_WITHOUT_COUNTIES = frozenset({"4419", "4420", "4604", "6202"})

_SPREADSHEET_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+|[0-9]+\.0*")
_ZEROS_LOST = Label(
    "表格软件会去掉数字前面的 0：把这一列设为“文本”格式，再重新填写",
    "spreadsheets drop zeros in front: format the column as text and enter the code again",
)
_NUMBER_MISSING = Label(
    "这是区划代码，还缺 3 位网格顺序号",
    "it is a division code; the grid's own 3 digits are missing",
)
_NUMBER_ZERO = Label("从 001 编起", "the first number is 001")
_LOWER_FILLED = Label(
    "其后的部分要填，这里不能全为 0", "they cannot be zeros, since the part after them is filled"
)
_TOO_LONG = Label("与原始资料核对，去掉多余的字符", "compare it with its source and drop the rest")


# --- one code -----------------------------------------------------------------------------------
def check(kind: Code, text: str) -> Finding | None:
    """What is wrong with a code, the first part that is: None when nothing is."""
    if _SPREADSHEET_NUMBER.fullmatch(text):
        return Finding(CODE_NUMBER, values={"value": text})
    return (
        _wrong_character(text)
        or _wrong_length(kind, text)
        or _wrong_part(_PARTS[kind], text, complete=kind is Code.GRID)
    )


def _wrong_character(text: str) -> Finding | None:
    # isdigit alone would admit the digits of other scripts.
    odd = next((n for n, c in enumerate(text) if not (c.isascii() and c.isdigit())), None)
    if odd is None:
        return None
    found = text[odd]
    if found.isspace() or not found.isprintable():
        found = f"U+{ord(found):04X}"
    return Finding(CODE_CHARACTER, values={"value": text, "position": odd + 1, "found": found})


def _wrong_length(kind: Code, text: str) -> Finding | None:
    over = len(text) - _DIGITS[kind]
    if over == 0:
        return None
    hint = _length_hint(kind, text)
    values = {
        "value": text,
        "length": len(text),
        "wanted": _DIGITS[kind],
        "off": f"{over} too many" if over > 0 else f"{-over} too few",
        "off_zh": f"多 {over} 位" if over > 0 else f"少 {-over} 位",
        "kind": _KINDS[kind].en,
        "kind_zh": _KINDS[kind].zh,
        "hint": hint.en,
        "hint_zh": hint.zh,
    }
    return Finding(CODE_LENGTH, values=values)


def _length_hint(kind: Code, text: str) -> Label:
    """The code that was probably meant, else how such a thing comes about."""
    for likely in _completions(kind, text):
        if len(likely) == _DIGITS[kind] and check(kind, likely) is None:
            return Label(f"可能是 {likely}", f"{likely} may be meant")
    if kind is Code.GRID and check(Code.DIVISION, text) is None:
        return _NUMBER_MISSING
    return _ZEROS_LOST if len(text) < _DIGITS[kind] else _TOO_LONG


def _completions(kind: Code, text: str) -> Iterator[str]:
    yield text.lstrip("0")
    if kind is Code.GRID:
        yield text[:_DIVISION_DIGITS] + text[_DIVISION_DIGITS:].rjust(3, "0")
    elif len(text) == _GRID_DIGITS:
        yield text[:_DIVISION_DIGITS]
    elif len(text) in {part.end for part in _DIVISION_PARTS}:
        yield text.ljust(_DIVISION_DIGITS, "0")


def _wrong_part(parts: Sequence[Part], text: str, *, complete: bool) -> Finding | None:
    """The first wrong part; without `complete`, zeros at the end stand for a higher level."""
    for part in parts:
        reason = _reason(part, text, filled=complete or text[part.end :].strip("0") != "")
        if reason is not None:
            values = {
                **part.described(text),
                "reason": reason.en,
                "reason_zh": reason.zh,
                "right": part.right.en,
                "right_zh": part.right.zh,
            }
            return Finding(CODE_PART, values=values)
    return None


def _reason(part: Part, text: str, *, filled: bool) -> Label | None:
    """Why this part is wrong; `filled` tells that it may not be zero."""
    found = part.of(text)
    if part is _PROVINCE and found not in _PROVINCES:
        return Label("没有这个省级代码", "no province has this code")
    if part is _COMMUNITY and found >= "600":
        return Label("600–999 没有分配", "600–999 are not assigned")
    if part is _COUNTY and text[: _PREFECTURE.end] in _WITHOUT_COUNTIES:
        return None
    if filled and not found.strip("0"):
        return _NUMBER_ZERO if part is _NUMBER else _LOWER_FILLED
    return None


# --- codes that speak of each other -----------------------------------------------------------
def level(code: str) -> Level | None:
    """The level of a right division code; None for a prefecture or province."""
    community = int(_COMMUNITY.of(code))
    if community:
        # 400–499 are like communities, 500–599 like villages.
        of_town = community < 200 or 400 <= community < 500
        return Level.COMMUNITY if of_town else Level.VILLAGE
    if int(_STREET.of(code)):
        return Level.STREET
    if int(_COUNTY.of(code)) or code[: _PREFECTURE.end] in _WITHOUT_COUNTIES:
        return Level.DISTRICT
    return None


def parents(code: str) -> tuple[str, ...]:
    """What may stand as the parent of a right division code, the nearest first.

    A district may name its prefecture or its province, the others only what is right above them.
    """
    cuts = (code[: part.end].ljust(_DIVISION_DIGITS, "0") for part in reversed(_DIVISION_PARTS))
    above = tuple(dict.fromkeys(cut for cut in cuts if cut != code))
    return above if level(code) is Level.DISTRICT else above[:1]


def agree(layer: Layer, columns: Columns) -> Iterator[tuple[int, Finding]]:
    """Where the codes of a row contradict one another: the row from 0, and what is wrong.

    `columns` are checked values by field name; `Finding.column` is a field name too. Rows without
    a code and fields without a column are passed over.
    """
    if layer.hierarchy:
        yield from _agree_in_tree(layer, layer.hierarchy, columns)
    own = numbered(layer)
    if own and layer.partition:
        for row, (code, place) in enumerate(_rows(columns, own, layer.partition.field)):
            if code and place and code[:_DIVISION_DIGITS] != place:
                yield row, _elsewhere(own, code, place)


def derived(layer: Layer, columns: Columns) -> Columns:
    """The columns with each empty division of a grid code filled from the code itself."""
    own = numbered(layer)
    if own is None or own not in columns or layer.partition is None:
        return columns
    rows = _rows(columns, own, layer.partition.field)
    filled = [place or (code and code[:_DIVISION_DIGITS]) for code, place in rows]
    return {**columns, layer.partition.field: filled}


def numbered(layer: Layer) -> str | None:
    """The field with the grid code of a layer whose features belong to divisions, if it has one."""
    codes = (name for name in layer.key if layer.field(name).code is Code.GRID)
    return next(codes, None) if layer.partition else None


def _rows(columns: Columns, *names: str) -> Iterator[tuple[str | None, ...]]:
    """The values of some columns side by side; nothing where the first is missing."""
    if names[0] not in columns:
        return
    nothing = [None] * len(columns[names[0]])
    for row in zip(*(columns.get(name, nothing) for name in names), strict=True):
        yield tuple(None if value is None else str(value) for value in row)


def _elsewhere(column: str, code: str, division: str) -> Finding:
    part = next(p for p in _DIVISION_PARTS if p.of(code) != p.of(division))
    values = {
        **part.described(code),
        "division": division,
        "wanted": part.of(division),
        "own": code[:_DIVISION_DIGITS],
    }
    return Finding(CODE_DIVISION, column=column, values=values)


def _agree_in_tree(
    layer: Layer, tree: Hierarchy, columns: Columns
) -> Iterator[tuple[int, Finding]]:
    labels = {choice.value: choice.label for choice in layer.field(tree.level).choices}
    rows = _rows(columns, tree.code, tree.level, tree.parent)
    for row, (code, said, parent) in enumerate(rows):
        found = level(code) if code else None
        if code and said and said != found:
            label = labels[found] if found else Label("省或市（州）", "province or prefecture")
            values = {
                "value": said,
                "level_zh": labels[said].zh,
                "code": code,
                "found": label.en.lower(),
                "found_zh": label.zh,
            }
            yield row, Finding(CODE_LEVEL, column=tree.level, values=values)
        if code and found and parent and parent not in parents(code):
            values = {"value": parent, "code": code, "wanted": " / ".join(parents(code))}
            yield row, Finding(CODE_PARENT, column=tree.parent, values=values)


# --- numbers in reading order -------------------------------------------------------------------
def propose(taken: Collection[str], division: str, geometries: Geometries) -> list[str]:
    """A grid code for each polygon: the first free numbers of the division, in reading order.

    Problems: CODE_PART and its like where the division is no community or village,
    CODES_EXHAUSTED where its numbers do not suffice.
    """
    wrong = check(Code.DIVISION, division) or _wrong_part(_DIVISION_PARTS, division, complete=True)
    if wrong is not None:
        values: dict[str, Any] = dict(wrong.values)
        raise Problem(wrong.rule, **values)
    used = frozenset(taken)
    free = [code for n in _NUMBERS if (code := f"{division}{n:03d}") not in used]
    wanted = len(geometries)
    if wanted > len(free):
        raise Problem(CODES_EXHAUSTED, division=division, free=len(free), wanted=wanted)
    proposed = dict(zip(reading_order(geometries).tolist(), free, strict=False))
    return [proposed[n] for n in range(wanted)]


def misnumbered(codes: Sequence[str | None], geometries: Geometries) -> list[tuple[int, str]]:
    """Which polygons are numbered out of reading order within their division, by index.

    With each comes the code that it would have if the numbers of its division were dealt out anew;
    who would keep its own is not told. Nor is who stands in every longest run of ascending codes,
    so that one number given later in the midst of others does not accuse them all. Gaps in the
    numbers are in order, and what has no right grid code is passed over.
    """
    found: list[tuple[int, str]] = []
    for numbered in _by_division(codes):
        indices = np.array(list(numbered))
        order = indices[reading_order(geometries[indices])].tolist()
        read = [numbered[index] for index in order]
        for index, right, settled in zip(order, sorted(read), _settled(read), strict=True):
            if not settled and numbered[index] != right:
                found.append((index, right))
    return sorted(found)


def _by_division(codes: Sequence[str | None]) -> Iterable[Mapping[int, str]]:
    """The right grid codes by index, those of one division together."""
    found: dict[str, dict[int, str]] = {}
    for index, code in enumerate(codes):
        if code is not None and check(Code.GRID, code) is None:
            found.setdefault(code[:_DIVISION_DIGITS], {})[index] = code
    return found.values()


def _settled(codes: Sequence[str]) -> list[bool]:
    """Which codes every longest ascending run of them holds."""
    numbers = [int(code) for code in codes]
    until = _ascents(numbers)
    since = _ascents([-number for number in reversed(numbers)])[::-1]
    # A code at place k of some longest run, counted from its beginning; 0 where it is in none.
    longest = max(until)
    places = [a if a + b - 1 == longest else 0 for a, b in zip(until, since, strict=True)]
    rivals = Counter(places)
    return [place > 0 and rivals[place] == 1 for place in places]


def _ascents(numbers: Sequence[int]) -> list[int]:
    """The length of the longest ascending run that ends at each number."""
    lowest: list[int] = []  # the lowest number at which a run of each length ends
    lengths = []
    for number in numbers:
        length = bisect_left(lowest, number)
        lowest[length : length + 1] = [number]
        lengths.append(length + 1)
    return lengths
