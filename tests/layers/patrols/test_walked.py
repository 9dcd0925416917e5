"""What was walked of a road, against an independent computation on the plane of EPSG:4543."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.held.policies import acting, unrestricted
from layers.patrols import recording as patrols
from layers.reading import features
from layers.thematic import road_segments
from layers.walking import Rules
from tests.factories import LAT, LON, record
from tests.walks import DAYS, LonLat, batch, began, fixes, hours_ago

WALKER = Actor(7, None, "somebody", Role.INSPECTOR, EVERYWHERE, "test")
_PLANE = Transformer.from_crs(4326, 4543, always_xy=True)
_STEP = 0.0004  # some 40 m
_TOLERANCE = 0.005

_cells = st.tuples(st.integers(0, 12), st.integers(0, 8))
_offsets = st.tuples(st.floats(-0.0002, 0.0002), st.floats(-0.0002, 0.0002))


def _place(cell: tuple[int, int], offset: tuple[float, float] = (0.0, 0.0)) -> LonLat:
    return LON + cell[0] * _STEP + offset[0], LAT + cell[1] * _STEP + offset[1]


# What is walked of a road that runs over itself counts once, but twice in its length.
_roads = (
    st.lists(_cells, min_size=2, max_size=4, unique=True)
    .map(lambda cells: [_place(cell) for cell in cells])
    .filter(lambda places: shapely.LineString(places).is_simple)
)
_ways = st.lists(st.builds(_place, _cells, _offsets), min_size=2, max_size=4, unique=True)
_turns = st.lists(st.tuples(_ways, st.integers(0, 2)), min_size=1, max_size=4)


class _Undone(Exception):
    pass


@contextmanager
def _undone(database: Database) -> Iterator[Connection]:
    with suppress(_Undone), acting(database, WALKER).begin() as connection:
        yield connection
        raise _Undone


def _walk(connection: Connection, way: Sequence[LonLat], days: int, size: int) -> None:
    at, patrol = hours_ago(3) - timedelta(days=days), uuid.uuid4()
    some = fixes(way, at)
    patrols.tell(connection, WALKER, patrol, began(at), days=DAYS)
    for n in range(0, len(some), size):
        patrols.add(connection, patrol, batch(n // size + 1, some[n : n + size]), Rules())


def _metres(connection: Connection) -> dict[str, float]:
    found = connection.execute(
        sa.text("SELECT span || first AS key, metres FROM patrol_coverage ORDER BY 1")
    )
    return {row.key: row.metres for row in found}


def _flat(line: Sequence[LonLat]) -> BaseGeometry:
    lons, lats = zip(*line, strict=True)
    east, north = _PLANE.transform(lons, lats)
    return shapely.LineString(list(zip(east, north, strict=True)))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(road=_roads, turns=_turns, size=st.integers(3, 40))
def test_sums_are_right_whoever_walks_and_in_whatever_pieces(
    database: Database,
    road: list[LonLat],
    turns: list[tuple[list[LonLat], int]],
    size: int,
) -> None:
    with _undone(database) as connection:
        roads = road_segments.LAYER
        with unrestricted(connection):
            features.insert(connection, roads, record(roads, 1), shapely.LineString(road))
            total = connection.scalar(
                sa.text("SELECT ST_Length(geom::geography) FROM road_segments")
            )
        flat = _flat(road)
        seen: dict[str, float] = {}
        for way, days in turns:
            _walk(connection, way, days, size)
            now = _metres(connection)
            for key, metres in now.items():
                assert metres <= total * (1 + 1e-9)
                assert metres >= seen.get(key, 0.0)
            assert set(seen) <= set(now)
            seen = now
        found: dict[str, float] = {}
        for key, metres in seen.items():
            found[key[:3]] = found.get(key[:3], 0.0) + metres
        walked_on = {each for _, each in turns}
        by_day = [_expected(flat, [w for w, each in turns if each == day]) for day in walked_on]
        assert found.get("day", 0.0) == pytest.approx(
            sum(by_day) * total / flat.length, abs=_TOLERANCE * total * len(walked_on)
        )


def _expected(road: BaseGeometry, ways: Sequence[Sequence[LonLat]]) -> float:
    # As the phone saw them: it cuts corners.
    seen = [[(fix.lon, fix.lat) for fix in fixes(way, hours_ago(0))] for way in ways]
    ground = shapely.union_all([_flat(line).buffer(15, quad_segs=64) for line in seen])
    return float(road.intersection(ground).length)
