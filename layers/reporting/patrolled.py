"""How much of the roads was walked in a period: sums of roads, which name nobody.

Ways are somebody's and go by their age (`layers.patrols.recording`). What stays are the metres of
each road on each day and in each week, and of these alone is told here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import sqlalchemy as sa

from layers.declaring.labels import Label
from layers.declaring.people import subtree
from layers.declaring.period import Period
from layers.declaring.walked_steps import MOST_FROM, WHOLE_FROM
from layers.duties.workload import metres
from layers.ground import division_names
from layers.patrols.report import MOST_PERIODS
from layers.patrols.walked_shares import walked_m
from layers.reporting.compiling import rounded
from layers.reporting.report import NOTHING, Column, Row, Told, ToldSection, ToldTable, Value
from layers.reporting.scope import Scope
from layers.schema.patrols import PATROL_COVERAGE
from layers.schema.tables import table
from layers.thematic import road_segments

_KM = Label("公里", "km")
_ROADS = Label("段", "segments")
_PERCENT = Label("%", "%")
_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Walked:
    """What was walked of some roads: on how many metres of how many of them, day by day added up
    (`walked_m`), on the best day or in the best week of each (`best_m`), and of how many of them
    most and all."""

    roads: int = 0
    total_m: float = 0.0
    walked_m: float = 0.0
    best_m: float = 0.0
    most: int = 0
    whole: int = 0

    def __add__(self, other: "Walked") -> "Walked":
        return Walked(
            self.roads + other.roads,
            self.total_m + other.total_m,
            self.walked_m + other.walked_m,
            self.best_m + other.best_m,
            self.most + other.most,
            self.whole + other.whole,
        )

    @property
    def share(self) -> float | None:
        """Of all metres of road, those walked; None where there is no road."""
        return 100 * self.best_m / self.total_m if self.total_m else None


_NOTHING = Walked()
_TOLD = (
    ("walked", Label("沿路段步巡", "Walked along roads"), _KM),
    ("roads", Label("责任路段", "Road segments"), _ROADS),
    ("most", Label("走到过半的路段", "Segments walked for the most part"), _ROADS),
    ("whole", Label("走全的路段", "Segments walked from end to end"), _ROADS),
    ("share", Label("路段巡查覆盖率", "Share of the roads that was walked"), _PERCENT),
)
_NOTE = Label(
    "步巡里程为每天走过的路段长度之和；覆盖率及走到过半、走全的路段，按每条路段在统计期内"
    "走得最多的一天或一周计算，路段按现状。只统计路段，不涉及个人。",
    "What was walked is the sum of the days. Shares are those of each segment's best day or week "
    "of the period, of the roads as they are now. Only roads are counted, and nobody is named.",
)


def section(scope: Scope, period: Period) -> ToldSection:
    """What was walked in the period, the year to date and a year before, and in each division."""
    spans = (period, period.year_to_date, period.a_year_before)
    found = [_by_place(scope, span) for span in spans]
    wholes = [sum(places.values(), start=_NOTHING) for places in found]
    lines = [_values(scope, whole, span) for whole, span in zip(wholes, spans, strict=True)]
    return ToldSection(
        name="patrols",
        label=Label("路段巡查", "Patrols of the roads"),
        figures=tuple(_figures(lines)),
        tables=tuple(_tables(scope, period, found[0])),
        notes=(_NOTE,),
    )


def _figures(lines: Sequence[Sequence[Value]]) -> Iterator[Told]:
    for (name, label, unit), *values in zip(_TOLD, *lines, strict=True):
        now, to_date, before = values
        if name == "roads":  # of today, whatever the period
            to_date = before = NOTHING
        yield Told(
            name=name, label=label, unit=unit, value=now, to_date=to_date, year_before=before
        )


def _values(scope: Scope, found: Walked, span: Period, division: str = "") -> tuple[Value, ...]:
    link = _address(span, division or scope.division)
    amounts = (found.walked_m / 1000, found.roads, found.most, found.whole, found.share)
    return tuple(
        Value(None if amount is None else rounded(round(amount, 2)), link) for amount in amounts
    )


def _tables(scope: Scope, period: Period, places: Mapping[int, Walked]) -> Iterator[ToldTable]:
    below = division_names.below(scope.connection, scope.division)
    shown = [each for each in below if each.code != scope.division]
    inside: dict[str, Walked] = defaultdict(Walked)
    for place, walked in places.items():
        for code in division_names.upwards(place):
            inside[code] += walked
    least = min((each.depth for each in shown), default=0)
    rows = tuple(
        Row(
            Label(each.name, each.name),
            _values(scope, inside[each.code], period, each.code),
            each.depth - least,
        )
        for each in shown
        if inside[each.code].roads
    )
    if rows:
        yield ToldTable(
            name="by_division",
            label=Label("各区划路段巡查", "Patrols by division"),
            head=Label("区划", "Division"),
            columns=tuple(Column(name, label, unit) for name, label, unit in _TOLD),
            rows=rows,
        )


def _by_place(scope: Scope, period: Period) -> Mapping[int, Walked]:
    """For each place, what was walked of its roads, as far as the reader sees them."""
    roads, sums = table(road_segments.LAYER), PATROL_COVERAGE
    length = metres(roads)
    walked, is_day = walked_m(sums, length), sums.c.span == "day"
    in_days = sa.and_(is_day, sums.c.first.between(period.first, period.last))
    # A week counts where all of it lies in the period: what was walked before or after would too.
    in_weeks = sa.and_(
        sums.c.span == "week", sums.c.first.between(period.first, period.last - _WEEK)
    )
    each = (
        sa.select(
            roads.c.place,
            length.label("length"),
            sa.func.coalesce(sa.func.sum(walked).filter(is_day), 0.0).label("walked"),
            sa.func.max(walked).label("best"),  # without any sum none was walked
        )
        .select_from(
            roads.outerjoin(sums, sa.and_(sums.c.road == roads.c.id, sa.or_(in_days, in_weeks)))
        )
        .where(roads.c.place.between(*subtree(scope.division)))
        .group_by(roads.c.id)
        .subquery()
    )
    counts = (
        sa.func.count().filter(each.c.best >= share * each.c.length, each.c.best > 0)
        for share in (MOST_FROM, WHOLE_FROM)
    )
    sums_of = (sa.func.sum(each.c[name]) for name in ("length", "walked", "best"))
    statement = sa.select(each.c.place, sa.func.count(), *sums_of, *counts).group_by(each.c.place)
    return {row[0]: Walked(*row[1:]) for row in scope.connection.execute(statement)}


def _address(period: Period, division: str) -> str | None:
    """Where the days of the period are, or its weeks where it has too many days."""
    days = (period.last - period.first).days + 1
    monday = period.first - timedelta(days=period.first.weekday())
    weeks = (period.last - monday).days // 7 + 1
    count, span = (days, "day") if days <= MOST_PERIODS else (weeks, "week")
    if count > MOST_PERIODS:
        return None
    asked = {"division": division, "span": span, "on": period.last.isoformat(), "count": count}
    return f"/patrols/coverage?{urlencode(asked)}"
