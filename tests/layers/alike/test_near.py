"""What is likely the same: by kind, metres and days, and never anything foreign."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from pyproj import Geod
from shapely.geometry import Point
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.alike import near
from layers.alike.near import Reach, Spot
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held import policies
from layers.reading import features
from layers.registry import Registry
from tests.factories import LAT, LON
from tests.layers.fields import BLUE_SKY, WEST_STATION, division, plot
from tests.logged import site

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
GEOD = Geod(ellps="WGS84")


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


def _kinds(layer: Layer) -> tuple[str, str]:
    first, second, *_ = layer.field("matter").choices
    return first.value, second.value


def _beside(lon: float, lat: float, metres: float, azimuth: float = 60) -> tuple[float, float]:
    east, north, _ = GEOD.fwd(lon, lat, azimuth, metres)
    return east, north


def _found(connection: Connection, layer: Layer, spot: Spot, within: Reach) -> list[int]:
    return [each.id for each in near.likely(connection, layer, spot, within)]


def test_the_declared_reach_holds_to_the_metre_and_the_day(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    within = near.reach(sites)
    assert sites.logged is not None
    assert within == Reach(sites.logged.near_m, sites.logged.near_days)
    kind, _ = _kinds(sites)
    at = {
        "close": site(conn, registry, *_beside(LON, LAT, within.metres - 0.1), at=NOW),
        "far": site(conn, registry, *_beside(LON, LAT, within.metres + 0.1), at=NOW),
        "old": site(
            conn, registry, LON, LAT, at=NOW - timedelta(days=within.days) - timedelta(seconds=1)
        ),
        "just": site(conn, registry, LON, LAT, at=NOW - timedelta(days=within.days)),
    }
    assert _found(conn, sites, Spot(LON, LAT, NOW, kind), within) == [at["just"], at["close"]]


@pytest.mark.parametrize("azimuth", [0, 45, 90, 135, 180, 225, 270, 315])
@pytest.mark.parametrize("lat", [LAT, 0.0, -53.0, 78.0])
def test_the_distance_is_geodesic_in_every_direction(
    conn: Connection, registry: Registry, sites: Layer, lat: float, azimuth: float
) -> None:
    inside = site(conn, registry, *_beside(LON, lat, 99.9, azimuth), at=NOW)
    site(conn, registry, *_beside(LON, lat, 100.1, azimuth), at=NOW)
    (found,) = near.likely(conn, sites, Spot(LON, lat, NOW, _kinds(sites)[0]), Reach(100, 1))
    assert found.id == inside
    assert found.distance_m == pytest.approx(99.9, abs=0.01)


def test_only_the_same_kind_counts_and_not_itself(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    kind, other = _kinds(sites)
    same = site(conn, registry, LON, LAT, at=NOW, matter=kind)
    site(conn, registry, LON, LAT, at=NOW, matter=other)
    assert _found(conn, sites, Spot(LON, LAT, NOW, kind), Reach(10, 1)) == [same]
    assert _found(conn, sites, Spot(LON, LAT, NOW, kind, feature=same), Reach(10, 1)) == []


def test_what_is_configured_goes_before_what_is_declared(sites: Layer) -> None:
    assert near.reach(sites, {"sites": 75.0}, {"sites": 2.0}) == Reach(75.0, 2.0)
    assert near.reach(sites, {"water": 75.0}) == near.reach(sites)


def test_what_was_not_logged_on_the_spot_counts_by_its_day(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("illegal_structures")
    assert layer.logged is not None
    values = {
        field.name: field.choices[0].value if field.choices else None
        for field in layer.fields
        if field.required
    }
    values |= {"number": "旧档 1", "found_on": (NOW - timedelta(days=100)).date()}
    known = features.insert(conn, layer, values, Point(LON, LAT))
    (found,) = near.likely(conn, layer, Spot(LON, LAT, NOW), near.reach(layer))
    assert (found.id, found.title) == (known, "旧档 1")


def test_what_has_no_position_is_near_to_nothing(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    somewhere = site(conn, registry, LON, LAT, at=NOW, position="field")
    measured = site(conn, registry, LON, LAT, at=NOW)
    spot = Spot(LON, LAT, NOW, _kinds(sites)[0])
    assert _found(conn, sites, spot, Reach(10, 1)) == [measured]
    assert near.of_features(conn, sites, [somewhere, measured], Reach(10, 1)) == {measured: []}


def test_no_more_than_a_few_are_told_the_nearest_first(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    for metres in (9, 3, 7, 1, 8, 2, 6, 5):
        site(conn, registry, *_beside(LON, LAT, metres), at=NOW)
    found = near.likely(conn, sites, Spot(LON, LAT, NOW, _kinds(sites)[0]), Reach(50, 1))
    assert [round(each.distance_m) for each in found] == [1, 2, 3, 5, 6]
    assert len(found) == near.SHOWN


def test_many_are_asked_for_at_once_as_one_by_one(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    ids = [site(conn, registry, *_beside(LON, LAT, 4 * n), at=NOW) for n in range(12)]
    within = Reach(9, 1)
    together = near.of_features(conn, sites, ids, within)
    assert list(together) == ids
    for feature in ids:
        rows = conn.execute(
            sa.text("SELECT st_x(geom), st_y(geom), matter FROM sites WHERE id = :id"),
            {"id": feature},
        ).one()
        spot = Spot(rows[0], rows[1], NOW, rows[2], feature)
        assert near.likely(conn, sites, spot, within) == together[feature]
    assert near.likely_each(conn, sites, [], within) == []


def test_nothing_foreign_is_ever_near(database: Database, registry: Registry, sites: Layer) -> None:
    with database.begin() as connection:
        division(connection, registry, plot(0, 0), BLUE_SKY)
        division(connection, registry, plot(1, 0), WEST_STATION)
        border = plot(0, 0).bounds[2]
        own = site(connection, registry, border - 1e-5, 36.6005, at=NOW)
        foreign = site(connection, registry, border + 1e-5, 36.6005, at=NOW)
    spot = Spot(border, 36.6005, NOW, _kinds(sites)[0])
    for code, seen in ((BLUE_SKY, [own]), (WEST_STATION, [foreign])):
        actor = Actor(None, None, "查", Role.INSPECTOR, code, "test")
        with policies.acting(database, actor).read() as connection:
            assert _found(connection, sites, spot, Reach(50, 1)) == seen
            mine = near.of_features(connection, sites, [own, foreign], Reach(50, 1))
            assert mine == {seen[0]: []}


def test_the_spatial_index_is_asked(database: Database, registry: Registry, sites: Layer) -> None:
    """Also under the rights of a reader, for whom a scan would be the plan otherwise."""
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 100, 100), BLUE_SKY)
        connection.execute(
            sa.text(
                "INSERT INTO sites (number, matter, status, found_on, geom)"
                " SELECT 'n' || n, :matter, 'registered', '2026-11-20',"
                " st_setsrid(st_point(101.80 + random() / 20, 36.60 + random() / 20), 4326)"
                " FROM generate_series(1, 20000) n"
            ),
            {"matter": _kinds(sites)[0]},
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE sites, submissions"))
    actor = Actor(None, None, "查", Role.INSPECTOR, BLUE_SKY, "test")
    with policies.acting(database, actor).read() as connection:
        spot = Spot(101.82, 36.62, NOW, _kinds(sites)[0])
        statement = near._likely(sites)
        values = near._values([spot], Reach(30, 30))
        compiled = statement.compile(connection)
        plan = "\n".join(
            connection.exec_driver_sql(
                f"EXPLAIN {compiled}", compiled.construct_params(values)
            ).scalars()
        )
    assert "sites_geom" in plan, plan
    assert "Seq Scan on sites" not in plan, plan
