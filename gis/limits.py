"""How much of a file from outside is taken in before it is refused."""

from dataclasses import dataclass

from gis.errors import Problem
from gis.refusals.files import FILE_TOO_LARGE


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file; a reader stops at them with Problem(FILE_TOO_LARGE).

    `bytes` of the file and of what it unpacks to; `rows`, `columns` and `cells` of its table;
    `members` of an archive (the pictures of a workbook are members) and `ratio`, how many times
    its size an archive may unpack to, counted beyond the first 64 MB; `elements` of an XML
    document.
    """

    bytes: int = 1 << 30
    rows: int = 1_000_000
    columns: int = 1000
    cells: int = 20_000_000
    members: int = 5000
    ratio: int = 200
    elements: int = 5_000_000

    def check_bytes(self, count: int) -> None:
        if count > self.bytes:
            raise _beyond(self.bytes / (1 << 20), "MB", "MB")

    def check_rows(self, count: int) -> None:
        if count > self.rows:
            raise _beyond(self.rows, "行", "rows")

    def check_columns(self, count: int) -> None:
        if count > self.columns:
            raise _beyond(self.columns, "列", "columns")

    def check_cells(self, count: int) -> None:
        if count > self.cells:
            raise _beyond(self.cells, "个单元格", "cells")

    def check_members(self, count: int) -> None:
        if count > self.members:
            raise _beyond(self.members, "个成员（压缩包）", "members of an archive")

    def check_ratio(self, packed: int, whole: int) -> None:
        """Blank text columns shrink a thousandfold and are honest, so little may be any ratio."""
        if whole > max(_ANY_RATIO_BYTES, packed * self.ratio):
            raise _beyond(self.ratio, "倍压缩比", "times the packed size")

    def check_elements(self, count: int) -> None:
        if count > self.elements:
            raise _beyond(self.elements, "个 XML 元素", "XML elements")


_ANY_RATIO_BYTES = 64 << 20


def _beyond(limit: float, zh: str, en: str) -> Problem:
    said = f"{limit:,.10g}"
    return Problem(FILE_TOO_LARGE, limit=f"{said} {en}", limit_zh=f"{said} {zh}")
