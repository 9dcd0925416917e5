"""What was walked of the roads as a workbook: the divisions, and road by road."""

from collections.abc import Iterator, Sequence

from gis.errors import Lang
from layers.declaring.words import Label
from layers.leaving import workbook
from layers.leaving.workbook import Sheet
from layers.patrols.report import Period, Share, Walked

_SHEETS = (Label("各区划", "Divisions"), Label("各路段", "Roads"))
_CODE = (Label("区划代码", "Code"), Label("名称", "Name"))
_ROAD = (Label("编号", "Id"), Label("路段", "Road"), Label("区划代码", "Division"))
_TOTAL = Label("总长（米）", "Total (m)")
_WALKED = Label("{period} 走到（米）", "{period} walked (m)")
_SHARE = Label("{period} 比例 %", "{period} share %")
_WHOLE = Label("合计", "In all")


def write(found: Walked, lang: Lang) -> bytes:
    """The workbook in a reader's language."""
    divisions = Sheet(
        _SHEETS[0].of(lang), _heading(_CODE, found, lang), list(_divisions(found, lang))
    )
    roads = Sheet(_SHEETS[1].of(lang), _heading(_ROAD, found, lang), list(_roads(found)))
    return workbook.write([divisions, roads])


def named(period: Period) -> str:
    """A day by its date, a week by its first and last."""
    if period.first == period.last:
        return period.first.isoformat()
    return f"{period.first.isoformat()} – {period.last.isoformat()}"


def _heading(own: Sequence[Label], found: Walked, lang: Lang) -> list[str]:
    periods = [
        label.of(lang).format(period=named(period))
        for period in found.periods
        for label in (_WALKED, _SHARE)
    ]
    return [*(label.of(lang) for label in own), _TOTAL.of(lang), *periods]


def _divisions(found: Walked, lang: Lang) -> Iterator[tuple[object, ...]]:
    for row in found.rows:
        yield (row.code, row.name, *_cells(row.shares))
    yield ("", _WHOLE.of(lang), *_cells(found.whole))


def _roads(found: Walked) -> Iterator[tuple[object, ...]]:
    for road in found.roads:
        place = f"{road.place:012}" if road.place else ""
        yield (road.id, road.title, place, *_cells(road.shares))


def _cells(shares: Sequence[Share]) -> Iterator[float]:
    yield round(shares[-1].total_m, 1)
    for share in shares:
        yield from (round(share.walked_m, 1), round(100 * share.of_all, 1))
