"""What is found in memory for very many points is what the database finds for each."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from sqlalchemy.engine import Connection

from gis.ground import PLAIN_M
from gis.postgis import Database
from layers.declaring.people import Actor, Role
from layers.held.policies import acting
from layers.here import surveying
from layers.here.situating import situate
from layers.here.spots import Near, Spot, Spots
from layers.here.surveying import survey
from layers.reading import features
from layers.registry import Registry
from tests.factories import record
from tests.layers import duty_cases as cases
from tests.layers import fields as plots
from tests.layers.duty_cases import day

WEST, SOUTH, SIDE = 101.80, 36.595, 0.012
Survey = Callable[[np.ndarray], Spots]


@pytest.fixture
def town(conn: Connection, registry: Registry) -> Connection:
    build(conn, registry)
    return conn


def build(conn: Connection, registry: Registry) -> None:
    """Slanting fields with a gap and an overlap; crooked roads, courtyards, units, divisions."""
    random = np.random.default_rng(5)
    _divide(conn, registry)
    for n in range(16):
        west, south = WEST + (n % 4) * 0.003, SOUTH + (n // 4) * 0.003
        lean = 0.0007 if n != 9 else 0.0012  # one lies over its neighbour
        ring = [(0, 0), (0.003, 0), (0.003 + lean, 0.003), (lean, 0.003)]
        if n != 6:  # a gap
            shape = shapely.Polygon([(west + x, south + y) for x, y in ring])
            features.insert(conn, registry.layer("grid_fields"), plots.values(n), shape)
    _scatter(conn, registry, random)


def _divide(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("divisions")
    for n, (code, level, east) in enumerate(
        [("630102000000", "district", 0.02), ("630102007000", "street", 0.008)]
    ):
        shape = shapely.box(WEST - 0.001, SOUTH - 0.001, WEST + east, SOUTH + 0.02)
        features.insert(conn, layer, record(layer, n, code=code, level=level, parent=None), shape)


def _scatter(conn: Connection, registry: Registry, random: np.random.Generator) -> None:
    for name, count in (("road_segments", 12), ("courtyards", 30), ("work_units", 30)):
        layer = registry.layer(name)
        for n, spot in enumerate(random.random((count, 2)) * SIDE + (WEST, SOUTH)):
            steps = random.normal(size=(4, 2)).cumsum(axis=0) * 0.001
            is_road = name == "road_segments"
            shape = shapely.LineString(spot + steps) if is_road else shapely.Point(spot)
            features.insert(conn, layer, record(layer, n), shape)


def places(count: int = 3_000) -> np.ndarray:
    random = np.random.default_rng(3)
    spread = random.random((count, 2)) * SIDE * 1.4 + (WEST - 0.002, SOUTH - 0.002)
    # Along one border, within centimetres of it and of the half metre about it.
    along = random.random(count // 4) * 0.003
    off = random.choice([0, 0.49, 0.5, 0.51, 1.0], count // 4) * random.choice([-1, 1], count // 4)
    border = np.stack([WEST + 0.001 + along, np.full(count // 4, SOUTH + 0.003)], axis=1)
    border[:, 1] += off / 110_970
    return np.concatenate([spread, border, [(101.9, 36.9), (0.0, 0.0)]])


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "MANY", 1)
    monkeypatch.setattr(surveying, "_BAND_DEG", 0.007)


def assert_same(found: Spot, expected: Spot) -> None:
    assert found.place == expected.place
    assert found.fields == pytest.approx(expected.fields, abs=PLAIN_M)
    for mine, theirs in zip(_beside(found), _beside(expected), strict=True):
        assert (mine is None) is (theirs is None)
        if mine is not None and theirs is not None and mine.id != theirs.id:
            assert mine.distance_m == theirs.distance_m  # as near to the centimetre
        elif mine is not None and theirs is not None:
            assert mine.distance_m == pytest.approx(theirs.distance_m, abs=0.0101)


def _beside(spot: Spot) -> tuple[Near | None, ...]:
    return spot.nearest, spot.road, spot.courtyard, spot.unit


@pytest.mark.usefixtures("in_memory")
def test_each_point_lies_as_the_database_says(town: Connection) -> None:
    lonlats = places()
    found, expected = list(survey(town, lonlats)), list(situate(town, lonlats))
    for mine, theirs in zip(found, expected, strict=True):
        assert_same(mine, theirs)
    assert {len(spot.fields) for spot in found} == {0, 1, 2, 3}
    for kind in range(4):
        assert any(_beside(spot)[kind] for spot in found)


@pytest.mark.usefixtures("in_memory")
def test_the_past_lies_as_the_database_says(town: Connection, registry: Registry) -> None:
    cases.backdate(town, 30)
    layer = registry.layer("grid_fields")
    first = min(feature for spot in situate(town, places(40)) for feature in spot.fields)
    features.redraw(town, layer, first, shapely.box(101.7, 36.5, 101.701, 36.501))
    on, lonlats = day(town, -3), places(400)
    then, now = list(survey(town, lonlats, on)), list(survey(town, lonlats))
    for mine, theirs in zip(then, situate(town, lonlats, on), strict=True):
        assert_same(mine, theirs)
    assert then != now


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize("division", ["110101000000", "630102007000"])
def test_what_the_reader_may_not_see_is_not_there(
    database: Database, registry: Registry, division: str
) -> None:
    with database.begin() as connection:
        build(connection, registry)
    actor = Actor(None, None, "x", Role.LEADER, division, "test")
    with acting(database, actor).read() as connection:
        lonlats = places(200)
        for found, expected in zip(
            survey(connection, lonlats), situate(connection, lonlats), strict=True
        ):
            assert_same(found, expected)
            assert found.place in {0, 630102007000}


def test_many_go_the_quick_way_and_few_the_plain_one(
    town: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(connection: Connection, lonlats: np.ndarray, on: object) -> Spots:
        asked.append(len(lonlats))
        return situate(connection, lonlats)

    monkeypatch.setattr(surveying, "situate", counted)
    monkeypatch.setattr(surveying, "MANY", 50)
    survey(town, places(30))
    assert asked == [39]
    asked.clear()
    survey(town, np.full((60, 2), (WEST + 0.005, SOUTH + 0.005)))
    assert asked == [0]


def test_no_points_are_nowhere(conn: Connection) -> None:
    assert list(survey(conn, np.empty((0, 2)))) == []
