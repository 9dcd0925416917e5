"""How much of the roads was walked, division by division and period by period, by nobody's name."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.people import EVERYWHERE, subtree
from layers.declaring.walked_steps import Span
from layers.duties.workload import metres
from layers.ground import division_names
from layers.ground.partition import label
from layers.patrols.walked_shares import walked_m
from layers.reading.past import today
from layers.refusals.ground import UNKNOWN_DIVISION
from layers.schema.patrols import PATROL_COVERAGE
from layers.schema.tables import table
from layers.thematic import road_segments

_LENGTHS: Mapping[Span, int] = {"day": 1, "week": 7}
MOST_PERIODS = 60


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week from Monday to Sunday."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Share:
    """Metres walked of so many metres of road."""

    walked_m: float
    total_m: float

    @property
    def of_all(self) -> float:
        """From 0 to 1; 0 where there is no road."""
        return self.walked_m / self.total_m if self.total_m else 0.0


@dataclass(frozen=True, slots=True)
class Road:
    """A road segment with what was walked of it in each period."""

    id: int
    title: str
    place: int
    shares: Sequence[Share]


@dataclass(frozen=True, slots=True)
class Row:
    """A division and all below it."""

    code: str
    name: str
    depth: int
    shares: Sequence[Share]


@dataclass(frozen=True, slots=True)
class Walked:
    """What was walked of the roads of a division and all below it, the last period last."""

    division: str
    span: Span
    periods: Sequence[Period]
    whole: Sequence[Share]
    rows: Sequence[Row]
    roads: Sequence[Road]


def walked(  # noqa: PLR0913  where, when, for whom
    connection: Connection,
    *,
    division: str = EVERYWHERE,
    own: str = EVERYWHERE,
    span: Span = "day",
    on: date | None = None,
    count: int = 7,
) -> Walked:
    """The last `count` periods up to that of the day `on`; Problem(UNKNOWN_DIVISION).

    `own` is the division of whoever asks, which need not be stored.
    """
    names = division_names.below(connection, division)
    if not names and division not in (EVERYWHERE, own):
        raise Problem(UNKNOWN_DIVISION, code=division)
    periods = list(_periods(span, on or today(connection), count))
    roads = list(_roads(connection, division, span, periods))
    sums = _sums(roads, len(periods))
    rows = [Row(each.code, each.name, each.depth, sums[each.code]) for each in names]
    return Walked(division, span, periods, _added(roads, len(periods)), rows, roads)


def _periods(span: Span, on: date, count: int) -> Iterator[Period]:
    length = _LENGTHS[span]
    last = on - timedelta(days=on.weekday()) if span == "week" else on
    for n in reversed(range(count)):
        first = last - timedelta(days=n * length)
        yield Period(first, first + timedelta(days=length - 1))


def _roads(
    connection: Connection, division: str, span: Span, periods: Sequence[Period]
) -> Iterator[Road]:
    """Every road segment of the division, those first of which least was walked in the end."""
    rows, sums = table(road_segments.LAYER), PATROL_COVERAGE
    length = metres(rows)
    firsts = [period.first for period in periods]
    here = (sums.c.road == rows.c.id, sums.c.span == span, sums.c.first.in_(firsts))
    statement = (
        sa.select(
            rows.c.id,
            label(road_segments.LAYER, rows),
            rows.c.place,
            length,
            sums.c.first,
            walked_m(sums, length),
        )
        .select_from(rows.outerjoin(sums, sa.and_(*here)))
        .where(rows.c.place.between(*subtree(division)))
        .order_by(rows.c.id)
    )
    facts: dict[int, tuple[str, int, float]] = {}
    found: dict[int, dict[date, float]] = defaultdict(dict)
    for road, title, place, total, first, walked_there in connection.execute(statement):
        facts[road] = (title, place, total)
        found[road][first] = walked_there
    made = (
        Road(road, title, place, [Share(found[road].get(first, 0.0), total) for first in firsts])
        for road, (title, place, total) in facts.items()
    )
    yield from sorted(made, key=lambda road: (road.shares[-1].of_all, road.id))


def _sums(roads: Sequence[Road], count: int) -> Mapping[str, Sequence[Share]]:
    """By the code of a division, what was walked in it and all below it."""
    by_code: dict[str, list[Road]] = defaultdict(list)
    for road in roads:
        for code in division_names.upwards(road.place):
            by_code[code].append(road)
    none = _added((), count)
    return defaultdict(lambda: none, {code: _added(some, count) for code, some in by_code.items()})


def _added(roads: Sequence[Road], count: int) -> list[Share]:
    return [
        Share(
            sum(road.shares[n].walked_m for road in roads),
            sum(road.shares[n].total_m for road in roads),
        )
        for n in range(count)
    ]
