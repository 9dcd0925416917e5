"""What a report tells of patrols: sums of roads, the right ones, and of nobody."""

from collections.abc import Sequence
from datetime import date

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, SYSTEM, Actor, Role
from layers.declaring.period import parse
from layers.held.policies import acting
from layers.reading import features
from layers.registry import Registry
from layers.reporting import making
from layers.reporting.report import ToldSection
from layers.schema.patrols import PATROL_COVERAGE, PATROLS
from tests.factories import LAT, LON, record
from tests.layers import fields

WEST, EAST, STREET = fields.BLUE_SKY, fields.WEST_STATION, fields.STREET
KM = 0.0111  # so many degrees of longitude are a little less than a kilometre here


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    """A street of two communities: two roads in the west, one in the east."""
    with database.begin() as connection:
        whole = shapely.box(LON, LAT, LON + 0.04, LAT + 0.01)
        fields.division(connection, registry, whole, STREET)
        for code, west in ((WEST, 0.0), (EAST, 0.02)):
            box = shapely.box(LON + west, LAT, LON + west + 0.02, LAT + 0.01)
            fields.division(connection, registry, box, code)
        roads = registry.layer("road_segments")
        for n, west in enumerate((0.001, 0.002, 0.025), 1):
            line = shapely.LineString(
                [(LON + west, LAT + n / 1000), (LON + west + KM, LAT + n / 1000)]
            )
            features.insert(connection, roads, record(roads, n), line)
    return database


def lengths(connection: Connection) -> list[float]:
    found = sa.text("SELECT ST_Length(geom::geography) FROM road_segments ORDER BY id")
    return list(connection.scalars(found))


def walked(connection: Connection, *rows: tuple[str, str, int, float]) -> None:
    """Sums as `layers.patrols.walked` keeps them: span, first day, road and the share of its
    length."""
    known = dict(enumerate(lengths(connection), 1))
    roads = connection.execute(sa.text("SELECT id, place FROM road_segments"))
    places: dict[int, int] = {row.id: row.place for row in roads}
    connection.execute(
        sa.insert(PATROL_COVERAGE),
        [
            {
                "span": span,
                "first": date.fromisoformat(first),
                "road": road,
                "place": places[road],
                "metres": share * known[road],
            }
            for span, first, road, share in rows
        ],
    )


def told(
    database: Database, registry: Registry, period: str, division: str = EVERYWHERE, *, of: Actor
) -> ToldSection:
    with acting(database, of).read() as connection:
        found = making.report(
            connection, registry, parse(period), division=division, actor=of, patrols=True
        )
    return found.section("patrols")


def amounts(section: ToldSection) -> Sequence[float | None]:
    return [each.value.amount for each in section.figures]


def test_days_are_added_up_and_shares_are_of_the_best_day_or_week(
    ground: Database, registry: Registry
) -> None:
    with ground.begin() as connection:
        walked(
            connection,
            # On two days the same half of the first road: a kilometre in all, half of the road.
            ("day", "2017-07-04", 1, 0.5),
            ("day", "2017-07-05", 1, 0.5),
            ("week", "2017-07-03", 1, 0.5),
            # On two days of a week one end of the second road and the other: all of it.
            ("day", "2017-07-11", 2, 0.6),
            ("day", "2017-07-12", 2, 0.6),
            ("week", "2017-07-10", 2, 0.95),
            # A week that is only half in July counts by its days.
            ("day", "2017-07-31", 3, 0.2),
            ("day", "2017-08-01", 3, 0.8),
            ("week", "2017-07-31", 3, 1.0),
        )
        one, two, three = lengths(connection)
    section = told(ground, registry, "2017-07", of=SYSTEM)
    km, roads, most, whole, share = amounts(section)
    assert km == round((one + 1.2 * two + 0.2 * three) / 1000, 2)
    assert (roads, most, whole) == (3, 2, 1)
    expected = 100 * (0.5 * one + 0.95 * two + 0.2 * three) / (one + two + three)
    assert share == pytest.approx(expected, abs=0.01)
    (table,) = section.tables
    rows = {row.title.zh: row.values[1].amount for row in table.rows}
    assert list(rows.values()) == [3, 2, 1]
    later = told(ground, registry, "2017-08", of=SYSTEM)
    assert later.figure("walked").value.amount == round(0.8 * three / 1000, 2)
    assert later.figure("walked").to_date.amount == pytest.approx(
        (one + 1.2 * two + three) / 1000, abs=0.01
    )
    assert told(ground, registry, "2018-07", of=SYSTEM).figure("walked").year_before.amount == km


def test_nothing_walked_is_told_as_such(ground: Database, registry: Registry) -> None:
    assert amounts(told(ground, registry, "2017-07", of=SYSTEM)) == [0, 3, 0, 0, 0]
    with ground.begin() as connection:
        connection.execute(sa.text("DELETE FROM road_segments WHERE place = :east"), {"east": EAST})
    without = told(ground, registry, "2017-07", EAST, of=SYSTEM)
    assert amounts(without) == [0, 0, 0, 0, None]


def test_a_division_has_its_own_roads(ground: Database, registry: Registry) -> None:
    with ground.begin() as connection:
        walked(connection, ("day", "2017-07-04", 1, 1.0), ("day", "2017-07-04", 3, 1.0))
        _, _, three = lengths(connection)
    section = told(ground, registry, "2017-07", EAST, of=SYSTEM)
    assert amounts(section) == [round(three / 1000, 2), 1, 1, 1, 100]
    assert section.tables == ()
    for figure in section.figures:
        assert figure.value.records is not None
        assert f"division={EAST}" in figure.value.records
        assert "count=31" in figure.value.records


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR, Role.LEADER, Role.ADMIN])
def test_it_is_what_the_reader_sees_of_the_roads_and_no_ways(
    ground: Database, registry: Registry, role: Role
) -> None:
    """Of patrols nothing is read: whoever sees a road is told of it, whosever way it was."""
    with ground.begin() as connection:
        walked(connection, ("day", "2017-07-04", 1, 1.0), ("day", "2017-07-04", 3, 1.0))
        one, *_ = lengths(connection)
    reader = Actor(5, None, "读者", role, WEST, "web")
    section = told(ground, registry, "2017-07", WEST, of=reader)
    assert amounts(section)[:2] == [round(one / 1000, 2), 2]
    assert section.people == ()
    assert amounts(told(ground, registry, "2017-07", STREET, of=reader))[1] == 2
    with acting(ground, reader).read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(PATROLS)) == 0


def test_where_patrols_are_off_nothing_is_told_of_them(
    ground: Database, registry: Registry
) -> None:
    with ground.read() as connection:
        found = making.report(connection, registry, parse("2017-07"), actor=SYSTEM)
    assert "patrols" not in {section.name for section in found.sections}


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2017-07", "span=day&on=2017-07-31&count=31"),
        ("2017-01-01/2017-03-01", "span=day&on=2017-03-01&count=60"),
        ("2017-01-01/2017-07-20", "span=week&on=2017-07-20&count=30"),
        ("2017", "span=week&on=2017-12-31&count=53"),
    ],
)
def test_its_link_leads_to_the_days_or_weeks_of_the_period(
    ground: Database, registry: Registry, period: str, expected: str
) -> None:
    for figure in told(ground, registry, period, of=SYSTEM).figures:
        assert figure.value.records == f"/patrols/coverage?division={EVERYWHERE}&{expected}"
    assert (
        told(ground, registry, "2015-01-01/2017-07-20", of=SYSTEM).figures[0].value.records is None
    )
