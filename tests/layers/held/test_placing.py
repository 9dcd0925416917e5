"""In which division the database says that a feature lies, whoever stored it and however."""

import threading
import time
from collections.abc import Iterable

import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database, copy_rows
from gis.refusals.database import DATABASE_REFUSED, NOT_PERMITTED
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held import placing
from layers.held.policies import acting
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import SRID, table, versions_table
from tests.factories import LAT, LON, record

DISTRICT, STREET = "630102000000", "630102007000"
WEST, EAST = "630102007001", "630102007002"
LEVELS = {DISTRICT: "district", STREET: "street", WEST: "community", EAST: "community"}
METRE = 1 / 111_320
# The southern border of all divisions.
MIDDLE = LAT + 0.005


def put_divisions(connection: Connection, registry: Registry, **moved: BaseGeometry) -> None:
    """Two communities side by side, which are the whole street and the whole district."""
    layer = registry.layer("divisions")
    west, east = (shapely.box(lon, LAT, lon + 0.01, LAT + 0.01) for lon in (LON, LON + 0.01))
    both = shapely.union(west, east)
    ground = {DISTRICT: both, STREET: both, WEST: west, EAST: east}
    for n, (code, shape) in enumerate(ground.items()):
        values = record(layer, n, code=code, level=LEVELS[code], parent=None)
        features.insert(connection, layer, values, moved.get(LEVELS[code], shape))


def store(connection: Connection, layer: Layer, shapes: Iterable[BaseGeometry]) -> list[int]:
    """Store features by COPY, as psql would; their places."""
    wkb = (shapely.to_wkb(shapely.set_srid(each, SRID), hex=True, include_srid=True)
           for each in shapes)  # fmt: skip
    columns = ["name", "kind", "geom"]
    copy_rows(connection, layer.name, columns, ((f"{n}", "school", g) for n, g in enumerate(wkb)))
    return places(connection, layer)


def places(connection: Connection, layer: Layer) -> list[int]:
    rows = table(layer)
    stored = list(connection.scalars(sa.select(rows.c.place).order_by(rows.c.id)))
    asked = sa.select(placing.place_of(rows.c.geom, None)).order_by(rows.c.id)
    assert list(connection.scalars(asked)) == stored
    return stored


@pytest.mark.parametrize(
    ("lon", "metres", "place"),
    [
        (LON + 0.002, 0, WEST),  # on the border
        (LON + 0.002, 30, WEST),
        (LON + 0.018, 30, EAST),
        (LON + 0.0101, 54, EAST),
        (LON + 0.0099, 54, WEST),
        (LON + 0.002, 57, None),
        (LON + 0.002, 5000, None),
    ],
)
def test_what_lies_beside_all_divisions_is_the_nearest_ones(
    conn: Connection, registry: Registry, lon: float, metres: float, place: str | None
) -> None:
    put_divisions(conn, registry)
    spot = shapely.Point(lon, LAT - metres * METRE)
    assert store(conn, registry.layer("work_units"), [spot]) == [int(place or 0)]


def test_a_street_along_the_border_belongs_to_the_community_beside_it(
    conn: Connection, registry: Registry
) -> None:
    put_divisions(conn, registry)
    streets = registry.layer("streets")
    south = LAT - 20 * METRE
    road = shapely.LineString([(LON + 0.011, south), (LON + 0.019, south)])
    features.insert(conn, streets, record(streets), road)
    assert places(conn, streets) == [int(EAST)]


def test_the_nearest_counts_before_the_deepest_and_a_metre_before_any(
    conn: Connection, registry: Registry
) -> None:
    # The district reaches further south than its communities.
    put_divisions(conn, registry, district=shapely.box(LON, LAT - 40 * METRE, LON + 0.02, LAT))
    spots = [shapely.Point(LON + 0.005, LAT - metres * METRE) for metres in (10, 50)]
    assert store(conn, registry.layer("work_units"), spots) == [int(DISTRICT)] * 2


def test_borders_that_coincide_but_for_rounding_are_equally_near(
    conn: Connection, registry: Registry
) -> None:
    border = LAT - 1e-9
    put_divisions(conn, registry, district=shapely.box(LON, border, LON + 0.02, LAT + 0.01))
    spots = [shapely.Point(LON + 0.005, LAT - metres * METRE) for metres in (11, 23, 37, 49)]
    assert store(conn, registry.layer("work_units"), spots) == [int(WEST)] * 4


def test_an_empty_geometry_lies_nowhere_and_none_at_all_is_refused(
    conn: Connection, registry: Registry
) -> None:
    put_divisions(conn, registry)
    assert store(conn, registry.layer("work_units"), [shapely.Point()]) == [0]
    nothing = sa.text("INSERT INTO work_units (name, kind, place) VALUES ('x', 'school', 1)")
    with pytest.raises(sa.exc.IntegrityError):
        conn.execute(nothing)


def test_without_divisions_everything_lies_nowhere(conn: Connection, registry: Registry) -> None:
    assert store(conn, registry.layer("work_units"), [shapely.Point(LON, LAT)]) == [0]


def test_a_place_that_the_writer_names_is_not_believed(
    conn: Connection, registry: Registry
) -> None:
    put_divisions(conn, registry)
    units = registry.layer("work_units")
    spot = f"ST_SetSRID(ST_Point({LON + 0.005}, {MIDDLE}), {SRID})"
    conn.execute(
        sa.text(
            f"INSERT INTO work_units (name, kind, geom, place) VALUES ('x', 'school', {spot}, 7)"
        )
    )
    assert places(conn, units) == [int(WEST)]
    there = "ST_Translate(geom, 0.01, 0)"
    conn.execute(sa.text(f"UPDATE work_units SET place = 7, geom = {there}"))
    assert places(conn, units) == [int(EAST)]


def test_divisions_that_move_under_the_feet_take_what_lies_beside_along(
    conn: Connection, registry: Registry
) -> None:
    units, divisions = registry.layer("work_units"), registry.layer("divisions")
    beside = [shapely.Point(LON + 0.005, LAT - metres * METRE) for metres in (30, 100)]
    assert store(conn, units, beside) == [0, 0]
    put_divisions(conn, registry)
    assert places(conn, units) == [int(WEST), 0]
    rows = table(divisions)
    shift = sa.func.st_translate(rows.c.geom, 0, -80 * METRE)
    conn.execute(sa.update(rows).values(geom=shift))
    assert places(conn, units) == [int(WEST), int(WEST)]
    conn.execute(sa.update(rows).values(code=EAST[:-1] + "9").where(rows.c.code == WEST))
    assert places(conn, units) == [630102007009] * 2
    conn.execute(sa.delete(rows))
    assert places(conn, units) == [0, 0]
    versions = versions_table(units)
    assert set(conn.scalars(sa.select(versions.c.place))) == {0}


def test_who_writes_while_divisions_come_waits_and_then_knows_them(
    database: Database, registry: Registry
) -> None:
    units = registry.layer("work_units")
    found: list[list[int]] = []

    def write() -> None:
        with database.begin() as connection:
            found.append(store(connection, units, [shapely.Point(LON + 0.005, MIDDLE)]))

    writer = threading.Thread(target=write)
    with database.begin() as connection:
        put_divisions(connection, registry)
        writer.start()
        while not connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            time.sleep(0.01)
    writer.join()
    assert found == [[int(WEST)]]


def test_the_policy_judges_what_lies_beside_too(database: Database, registry: Registry) -> None:
    units = registry.layer("work_units")
    with database.begin() as connection:
        put_divisions(connection, registry)
    leader = acting(database, Actor(7, None, "somebody", Role.LEADER, WEST, "test"))
    own, foreign = (shapely.Point(lon, LAT - 20 * METRE) for lon in (LON + 0.005, LON + 0.015))
    with leader.begin() as connection:
        made = features.insert(connection, units, record(units), own)
    with leader.read() as connection:
        assert features.item(connection, units, made)
    with pytest.raises(Problem) as caught, leader.begin() as connection:
        features.replace(connection, units, made, record(units), foreign)
    assert caught.value.rule is NOT_PERMITTED


def test_a_code_that_is_none_is_refused_by_the_field_and_not_by_its_place(
    database: Database, registry: Registry
) -> None:
    fields = registry.layer("grid_fields")
    box = shapely.box(LON, LAT, LON + 0.001, LAT + 0.001)
    values = {**record(fields), "division": "城东"}
    with pytest.raises(Problem) as caught, database.begin() as connection:
        features.insert(connection, fields, values, box)
    assert caught.value.rule is DATABASE_REFUSED
