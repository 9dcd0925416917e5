"""What dashboard and report count is what a plain recount of the records says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from layers.calendar import workdays
from layers.calendar.workdays import Calendar
from layers.declaring import escalation
from layers.declaring.escalation import LATE, Level
from layers.declaring.people import EVERYWHERE, SYSTEM
from layers.declaring.period import Period
from layers.reading import features
from layers.reading.past import today
from layers.registry import Registry
from layers.reporting import making
from layers.reporting.dashboard import Flow, dashboard, months
from layers.schema.cases import CASES
from layers.schema.tables import SRID, table
from layers.thematic import divisions, sites
from tests.factories import LAT, LON, geometry, record

COMMUNITY, OTHER = "630102007001", "630102007002"
_SUPERVISED = (Level.SUPERVISE, Level.NOTIFY, Level.INTERVIEW)
_ROWS = table(sites.LAYER)

Row = Mapping[str, Any]
Change = tuple[str, int, Any]
"""What is done, to which of the records that are there, and with what."""


@dataclass(frozen=True)
class Life:
    """A record by its days, counted back from today and onwards from the one before."""

    found: int
    filed: int | None
    due: int | None
    cleared: int | None
    hung: bool
    east: bool
    unit: str | None


LIVES = st.builds(
    Life,
    found=st.integers(0, 80) | st.integers(360, 430),
    filed=st.none() | st.integers(0, 9),
    due=st.none() | st.integers(0, 30),
    cleared=st.none() | st.integers(0, 40),
    hung=st.booleans(),
    east=st.booleans(),
    unit=st.sampled_from(("城管中队", "物业公司", None)),
)
CHANGES = st.one_of(
    st.tuples(st.just("many"), st.just(0), st.lists(LIVES, min_size=1, max_size=12)),
    st.tuples(st.just("move"), st.integers(0, 99), st.booleans()),
    st.tuples(st.just("unit"), st.integers(0, 99), st.sampled_from(("环卫所", None))),
    st.tuples(st.just("delete"), st.integers(0, 99), st.none()),
)


@pytest.fixture
def ground(conn: Connection) -> Connection:
    """Two communities beside each other."""
    for n, code in enumerate((COMMUNITY, OTHER)):
        values = record(divisions.LAYER, n, code=code)
        features.insert(conn, divisions.LAYER, values, geometry(divisions.LAYER, n))
    return conn


# --- changing -------------------------------------------------------------------------------------
def spot(n: int, *, east: bool) -> shapely.Point:
    return shapely.Point(LON + 0.001 * east + 0.00001 * (n % 90 + 1), LAT + 0.0005)


def values_of(life: Life, n: int, day: date) -> Mapping[str, object]:
    found = day - timedelta(days=life.found)
    cleared = None if life.cleared is None else found + timedelta(days=life.cleared)
    is_cleared = cleared is not None and cleared <= day
    hung = life.hung and not is_cleared
    empty = {field.name: None for field in sites.LAYER.fields if not field.required}
    return {
        **record(sites.LAYER, n),
        **empty,
        "number": f"案件{n}",
        "status": "cleared" if is_cleared else "hung" if hung else "rectifying",
        "found_on": found,
        "assigned_on": None if life.filed is None else found + timedelta(days=life.filed),
        "due": None if life.due is None else found + timedelta(days=life.due),
        "cleared_on": cleared if is_cleared else None,
        "review_on": day if hung else None,
        "unit": life.unit,
    }


def change(conn: Connection, what: Change, numbered: Callable[[], int], day: date) -> None:
    """One change by one statement, as importers and editors make them."""
    name, which, to = what
    if name == "many":
        numbers = [numbered() for _ in to]
        for n, life in zip(numbers, to, strict=True):
            place = spot(n, east=life.east)
            features.insert(conn, sites.LAYER, values_of(life, n, day), place)
        return
    known = list(conn.scalars(sa.select(_ROWS.c.id).order_by(_ROWS.c.id)))
    if not known:
        return
    chosen = [id_ for id_ in known if id_ % 3 == which % 3] or known[:1]
    if name == "delete":
        conn.execute(sa.delete(_ROWS).where(_ROWS.c.id.in_(chosen)))
    elif name == "unit":
        conn.execute(sa.update(_ROWS).where(_ROWS.c.id.in_(chosen)).values(unit=to))
    else:
        there = from_shape(spot(50, east=to), srid=SRID)
        conn.execute(sa.update(_ROWS).where(_ROWS.c.id.in_(chosen)).values(geom=there))


# --- counting again -------------------------------------------------------------------------------
def within(day: date | None, span: Period) -> bool:
    return day is not None and span.first <= day <= span.last


def limit(row: Row) -> date | None:
    return None if row["status"] == "hung" else row["due"]


def stood(row: Row, day: date) -> bool:
    return row["found_on"] <= day and (row["cleared_on"] is None or row["cleared_on"] > day)


def flow(rows: Sequence[Row], span: Period) -> Flow:
    due = [row for row in rows if within(limit(row), span)]
    closed = [row for row in due if row["cleared_on"] and row["cleared_on"] <= span.last]
    return Flow(
        received=sum(within(row["found_on"], span) for row in rows),
        due=len(due),
        closed=len(closed),
        in_time=sum(row["cleared_on"] <= row["due"] for row in closed),
        struck_off=sum(within(row["cleared_on"], span) for row in rows),
    )


def figures(rows: Sequence[Row], span: Period, calendar: Calendar) -> Mapping[str, int]:
    told, left = flow(rows, span), [row for row in rows if stood(row, span.last)]
    end = escalation.scale(datetime.combine(span.last, time.max, BEIJING), calendar)
    not_closed = [r for r in rows if r["cleared_on"] is None or r["cleared_on"] > span.last]
    return {
        "received": told.received,
        "filed": sum(within(row["assigned_on"], span) for row in rows),
        "due": told.due,
        "closed": told.closed,
        "in_time": told.in_time,
        "struck_off": told.struck_off,
        "open": len(left),
        "hanging": sum(row["review_on"] is not None for row in left),
        "supervised": sum(level(row, end) in _SUPERVISED for row in not_closed),
    }


def level(row: Row, scale: escalation.Scale) -> Level:
    day = limit(row)
    due_at = None if day is None else datetime.combine(day, time(23, 59, 59), BEIJING)
    begun = datetime.combine(row["found_on"], time.min, BEIJING)
    return escalation.level(scale, due_at, begun)


def told_of(conn: Connection, low: int, high: int) -> list[Row]:
    rows = conn.execute(sa.select(_ROWS).where(_ROWS.c.place.between(low, high)))
    return [dict(row) for row in rows.mappings()]


# --- both are the same ----------------------------------------------------------------------------
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lives=st.lists(LIVES, max_size=25), changes=st.lists(CHANGES, max_size=5))
def test_what_is_counted_is_what_is_there(
    ground: Connection, registry: Registry, lives: list[Life], changes: list[Change]
) -> None:
    point, day, numbers = ground.begin_nested(), today(ground), iter(range(10_000))
    try:
        for each in (("many", 0, lives), *changes):
            change(ground, each, lambda: next(numbers), day)
        for division in (EVERYWHERE, COMMUNITY):
            low, high = (0, 10**12) if division == EVERYWHERE else (int(division), int(division))
            rows = told_of(ground, low, high)
            _compare_dashboard(ground, registry, division, rows, day)
            _compare_report(ground, registry, division, rows, months(day)[1])
    finally:
        point.rollback()


def _compare_dashboard(
    conn: Connection, registry: Registry, division: str, rows: Sequence[Row], day: date
) -> None:
    scale = escalation.scale(datetime.now(UTC), workdays.calendar(conn))
    found = dashboard(conn, registry, SYSTEM, division, scale)
    spans = (Period(day, day), *months(day))
    assert [found.today, *(each for _, each in found.months)] == [flow(rows, x) for x in spans]
    open_ = [row for row in rows if row["status"] != "cleared"]
    levels = [level(row, scale) for row in open_]
    standing = found.standing
    assert (standing.open, standing.late) == (len(open_), sum(x in LATE for x in levels))
    assert standing.levels == {each: levels.count(each) for each in Level}
    assert standing.hanging == sum(row["review_on"] is not None for row in open_)
    assert standing.due == sum(limit(row) == day for row in open_)
    for each in found.days:
        one = flow(rows, Period(each.day, each.day))
        assert (each.received, each.struck_off) == (one.received, one.struck_off)


def _compare_report(
    conn: Connection, registry: Registry, division: str, rows: Sequence[Row], span: Period
) -> None:
    section = making.report(conn, registry, span, division=division, actor=SYSTEM).section("cases")
    calendar = workdays.calendar(conn)
    spans = (span, span.year_to_date, span.a_year_before)
    for n, each in enumerate(spans):
        wanted = figures(rows, each, calendar)
        found = {name: section.figure(name).values[n].amount for name in wanted}
        assert found == wanted, each
    for name in ("by_unit", "by_matter"):
        for table_ in (each for each in section.tables if each.name == name):
            _adds_up(table_, [each.name for each in section.figures])


def _adds_up(told: Any, counted: Sequence[str]) -> None:
    """Every record is in one row of a table and in its total."""
    for n, column in enumerate(told.columns):
        if column.name in counted and not column.name.endswith("_rate"):
            amounts = [row.values[n].amount for row in told.rows]
            assert sum(amounts) == told.total.values[n].amount, column.name


@pytest.mark.parametrize(
    "name", ["cases_open", "cases_opened", "cases_filed", "cases_due", "cases_closed"]
)
def test_statistics_find_in_an_index_all_that_they_ask(conn: Connection, name: str) -> None:
    """As the table declares them, so does the database have them."""
    (declared,) = (index for index in CASES.indexes if index.name == name)
    wanted = [*declared.columns.keys(), *declared.dialect_options["postgresql"]["include"]]
    there = sa.inspect(conn).get_indexes("cases")
    (found,) = (index for index in there if index["name"] == name)
    included = found["dialect_options"]["postgresql_include"]
    assert [*found["column_names"], *included] == wanted
