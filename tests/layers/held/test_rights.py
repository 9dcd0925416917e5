"""What the database itself lets whom see and change."""

import logging
import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis import files
from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers import guards
from layers.arriving.importing import ImportRefused, load
from layers.changing import editing, undoing
from layers.changing.editing import Changes, Put
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.rights import RIGHTS, Right
from layers.declaring.words import Layer
from layers.held import policies
from layers.held.policies import ROLE, acting
from layers.migrate import upgrade
from layers.reading import features
from layers.reading import past as history
from layers.reading.features import Query
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.history import DATABASE_ROLE_UNFIT
from layers.refusals.imports import FOREIGN_GROUND
from layers.registry import Registry, build
from layers.schema import tables
from layers.schema.tables import table
from layers.serving import tiles
from layers.serving.summaries import summary
from tests.factories import BENCHES, LAT, LON, record

STREET, OTHER_STREET = "630102007000", "630102008000"
WEST, EAST, ABROAD = "630102007001", "630102007002", "630102008001"
# Three communities in a row of three hundredths of a degree, two streets, one district around them.
SPOTS = {WEST: LON + 0.005, EAST: LON + 0.015, ABROAD: LON + 0.025}
NOWHERE = LON + 0.055


def actor(division: str, role: Role = Role.ADMIN) -> Actor:
    return Actor(7, None, "somebody", role, division, "test")


def of(database: Database, division: str, role: Role = Role.ADMIN) -> Database:
    return acting(database, actor(division, role))


def shape(layer: Layer, lon: float, n: int = 0) -> Any:
    """A small geometry of the layer's kind around a spot; None for a register."""
    if not layer.has_shape:
        return None
    spot = shapely.Point(lon + n * 0.0002, LAT + 0.005)
    if layer.geometry.value == "point":
        return spot
    box = shapely.box(spot.x, spot.y, spot.x + 0.0002, spot.y + 0.0001)
    return box if layer.geometry.value == "polygon" else shapely.LineString(box.exterior.coords[:2])


def put_divisions(database: Database, registry: Registry) -> None:
    layer = registry.layer("divisions")
    ground = {
        "630102000000": ("district", LON, LON + 0.05),
        STREET: ("street", LON, LON + 0.02),
        OTHER_STREET: ("street", LON + 0.02, LON + 0.03),
        WEST: ("community", LON, LON + 0.01),
        EAST: ("community", LON + 0.01, LON + 0.02),
        ABROAD: ("community", LON + 0.02, LON + 0.03),
    }
    with database.begin() as connection:
        for n, (code, (level, west, east)) in enumerate(ground.items()):
            values = record(layer, n, code=code, level=level, parent=None)
            features.insert(connection, layer, values, shapely.box(west, LAT, east, LAT + 0.01))


def put(database: Database, layer: Layer, lon: float, n: int, **given: object) -> int:
    with database.begin() as connection:
        return features.insert(connection, layer, record(layer, n, **given), shape(layer, lon, n))


@pytest.fixture
def district(database: Database, registry: Registry) -> Database:
    """One feature of every layer in each community and one outside all divisions."""
    put_divisions(database, registry)
    for layer in records(registry):
        for n, (code, lon) in enumerate(spots(layer).items()):
            own = {layer.division: code or None} if layer.division else {}
            put(database, layer, lon, n, **own)
    return database


def spots(layer: Layer) -> dict[str, float]:
    """Where its features are; what lies nowhere belongs to a division all the same."""
    return {**SPOTS, "": NOWHERE} if layer.has_shape else SPOTS


def records(registry: Registry) -> list[Layer]:
    return [layer for layer in registry.layers.values() if layer.name != "divisions"]


def places(connection: Connection, layer: Layer) -> list[int]:
    return list(connection.scalars(sa.select(table(layer).c.place).order_by(table(layer).c.id)))


# --- places ---------------------------------------------------------------------------------------
def test_a_feature_lies_in_the_deepest_division_around_it(
    district: Database, registry: Registry
) -> None:
    for layer in records(registry):
        with district.read() as connection:
            found = places(connection, layer)
        assert found == [int(code or 0) for code in spots(layer)], layer.name
    units = registry.layer("work_units")
    between = put(district, units, LON + 0.035, 9)  # in the district, in no street
    with district.begin() as connection:
        assert places(connection, units)[-1] == 630102000000
        features.replace(connection, units, between, record(units, 9), shape(units, SPOTS[EAST]))
        assert places(connection, units)[-1] == int(EAST)


def test_a_field_lies_where_its_code_says(district: Database, registry: Registry) -> None:
    fields = registry.layer("grid_fields")
    made = put(district, fields, SPOTS[WEST], 8, division=ABROAD)
    with district.begin() as connection:
        assert places(connection, fields)[-1] == int(ABROAD)
        values = record(fields, 8, division=None)
        features.replace(connection, fields, made, values, shape(fields, SPOTS[EAST], 8))
        assert places(connection, fields)[-1] == int(EAST)


def test_divisions_that_come_later_or_move_place_everything_anew(
    database: Database, registry: Registry
) -> None:
    units = registry.layer("work_units")
    made = put(database, units, SPOTS[EAST], 0)
    with database.read() as connection:
        assert places(connection, units) == [0]
    put_divisions(database, registry)
    with database.read() as connection:
        assert places(connection, units) == [int(EAST)]
    with of(database, EAST).read() as connection:  # who did it can be seen there too
        (change,) = history.of_feature(connection, units, made)
        assert (change.source, change.account) == ("owner", None)
    divisions = registry.layer("divisions")
    rows = table(divisions)
    with database.begin() as connection:
        east = connection.scalar(sa.select(rows.c.id).where(rows.c.code == EAST))
        features.delete(connection, divisions, int(east or 0))
        assert places(connection, units) == [int(STREET)]


def test_a_row_stored_while_divisions_change_has_its_place_too(
    database: Database, registry: Registry
) -> None:
    units = registry.layer("work_units")
    changing = threading.Thread(target=put_divisions, args=(database, registry))
    with database.begin() as connection:
        features.insert(connection, units, record(units), shape(units, SPOTS[EAST]))
        changing.start()
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not connection.scalar(waiting):
            time.sleep(0.01)
    changing.join()
    with database.read() as connection:
        assert places(connection, units) == [int(EAST)]


def test_a_division_of_many_corners_is_asked_in_pieces(
    database: Database, registry: Registry
) -> None:
    divisions, units = registry.layer("divisions"), registry.layer("work_units")
    round_one = shapely.Point(LON, LAT).buffer(0.01, quad_segs=300)
    ground = {WEST: ("community", round_one), STREET: ("street", round_one.buffer(0.01))}
    with database.begin() as connection:
        for code, (level, shape) in ground.items():
            values = record(divisions, code=code, level=level)
            features.insert(connection, divisions, values, shape)
        pieces = connection.scalar(sa.text("SELECT count(*) FROM division_pieces"))
    assert pieces > 10
    for n in range(24):
        angle, reach = n * math.pi / 12, 0.00999 if n % 2 else 0.01001
        lon, lat = LON + reach * math.cos(angle), LAT + reach * math.sin(angle)
        with database.begin() as connection:
            features.insert(connection, units, record(units, n), shapely.Point(lon, lat))
    with database.read() as connection:
        assert places(connection, units) == [int(STREET), int(WEST)] * 12


# --- reading --------------------------------------------------------------------------------------
SEEN = {
    EVERYWHERE: (0, 1, 2, 3),
    "630100000000": (0, 1, 2),
    "630102000000": (0, 1, 2),
    STREET: (0, 1),
    OTHER_STREET: (2,),
    EAST: (1,),
    "630103000000": (),
}


@pytest.mark.parametrize("division", SEEN)
def test_each_reader_sees_own_ground_and_nothing_foreign(
    district: Database, registry: Registry, division: str
) -> None:
    for layer in records(registry):
        with district.read() as connection:
            ids = list(connection.scalars(sa.select(table(layer).c.id).order_by(table(layer).c.id)))
        mine = [ids[n] for n in SEEN[division] if n < len(ids)]
        with of(district, division, Role.VIEWER).read() as connection:
            seen = sa.select(table(layer).c.id).order_by(table(layer).c.id)
            assert list(connection.scalars(seen)) == mine
            assert features.page(connection, layer, Query()).matched == len(mine)
            bbox = (LON - 1, LAT - 1, LON + 1, LAT + 1)
            assert features.page(connection, layer, Query(bbox=bbox)).matched == len(mine)
            assert len(connection.scalars(features.leaving(layer)).all()) == len(mine)
            assert summary(connection, layer).count == len(mine)
            for n, lon in enumerate(SPOTS.values() if layer.has_shape else ()):
                spot = tile_of(lon + n * 0.0002, LAT + 0.005, 17)
                assert bool(tiles.tile(connection, [layer], 17, *spot)) is (n in SEEN[division])
            for feature_id in ids:
                if feature_id in mine:
                    assert history.of_feature(connection, layer, feature_id)
                    continue
                for ask in (features.item, history.of_feature):
                    with pytest.raises(Problem) as caught:
                        ask(connection, layer, feature_id)
                    assert caught.value.rule is UNKNOWN_FEATURE


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    edge = 2**zoom
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return int((lon + 180) / 360 * edge), int((1 - north) / 2 * edge)


def test_changes_and_lineage_of_others_are_not_seen(district: Database, registry: Registry) -> None:
    fields = registry.layer("grid_fields")
    both = shapely.box(LON + 0.008, LAT + 0.008, LON + 0.0099, LAT + 0.009)
    kept = shapely.box(LON + 0.008, LAT + 0.008, LON + 0.009, LAT + 0.009)
    given = shapely.difference(both, kept)
    with district.begin() as connection:
        one = features.insert(connection, fields, record(fields, 20, division=WEST), both)
    with district.begin() as connection:
        features.replace(connection, fields, one, record(fields, 20, division=WEST), kept)
        features.insert(connection, fields, record(fields, 21, division=EAST), given)
    for division, expected in ((STREET, 1), (WEST, 0), (EAST, 0), (ABROAD, 0)):
        with of(district, division).read() as connection:
            found = connection.execute(sa.text("SELECT parent, child FROM lineage")).all()
        assert len(found) == expected, division
    with of(district, ABROAD).read() as connection:
        layers_seen = connection.execute(sa.text("SELECT layer FROM changes")).scalars().all()
    # Its own division and one feature of each other layer.
    assert sorted(layers_seen) == sorted(registry.layers)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT rows FROM changes",
        "SELECT digest FROM changes",
        "SELECT * FROM division_pieces",
        "SELECT * FROM alembic_version",
        "INSERT INTO changes (number) VALUES (1)",
        "UPDATE changes SET account = 1",
        "DELETE FROM work_units_versions",
        "UPDATE work_units_versions SET _to = NULL",
        "UPDATE work_units SET place = 630102008001",
        "UPDATE work_units SET id = 99",
        "INSERT INTO work_units (place) VALUES (1)",
        "TRUNCATE work_units",
        "ALTER TABLE work_units DISABLE ROW LEVEL SECURITY",
        "DROP POLICY gridfield_read ON work_units",
        "SET LOCAL session_replication_role = replica",
        "CREATE TABLE mine (n int)",
    ],
)
def test_the_role_may_do_nothing_that_it_need_not(district: Database, statement: str) -> None:
    with pytest.raises(Problem) as caught, of(district, EVERYWHERE).begin() as connection:
        connection.execute(sa.text(statement))
    assert caught.value.rule is NOT_PERMITTED


def test_without_settings_nothing_is_visible_also_after_somebody_else(
    district: Database, registry: Registry
) -> None:
    alone = Database(district.url, pool_size=1)  # one connection for all of them
    try:
        for settings in ({}, actor(EVERYWHERE).settings(), {}):
            with alone.acting(settings, role=ROLE).read() as connection:
                found = [len(places(connection, layer)) for layer in registry.layers.values()]
            assert any(found) is bool(settings)
        with alone.read() as connection:  # and the role itself is not left behind
            assert connection.scalar(sa.text("SELECT current_user")) != ROLE
    finally:
        alone.close()


# --- changing -------------------------------------------------------------------------------------
MAY_EDIT = {role: Right.EDIT in RIGHTS[role] for role in Role}


@pytest.mark.parametrize("role", MAY_EDIT)
def test_a_role_changes_what_its_rights_allow(
    district: Database, registry: Registry, role: Role
) -> None:
    units = registry.layer("work_units")
    theirs = of(district, EAST, role)
    with district.read() as connection:
        own = int(
            connection.scalar(sa.select(table(units).c.id).where(table(units).c.place == int(EAST)))
            or 0
        )

    def add(connection: Connection) -> None:
        features.insert(connection, units, record(units, 30), shape(units, SPOTS[EAST]))

    def change(connection: Connection) -> None:
        features.replace(connection, units, own, record(units, 31), shape(units, SPOTS[EAST]))

    def remove(connection: Connection) -> None:
        features.delete(connection, units, own)

    for attempt in (add, change, remove):
        if MAY_EDIT[role]:
            with theirs.begin() as connection:
                attempt(connection)
            continue
        with pytest.raises(Problem) as caught, theirs.begin() as connection:
            attempt(connection)
        assert caught.value.rule in {NOT_PERMITTED, UNKNOWN_FEATURE}
    if MAY_EDIT[role]:
        with of(district, EAST).read() as connection:
            assert history.of_feature(connection, units, own)[-1].account == 7


def test_nobody_puts_or_moves_a_feature_onto_foreign_ground(
    district: Database, registry: Registry
) -> None:
    units, fields = registry.layer("work_units"), registry.layer("grid_fields")
    mine = of(district, STREET)
    own = put(mine, units, SPOTS[WEST], 40)
    coded = put(mine, fields, SPOTS[WEST], 40, division=WEST)

    def put_abroad(connection: Connection) -> None:
        features.insert(connection, units, record(units, 41), shape(units, SPOTS[ABROAD]))

    def put_nowhere(connection: Connection) -> None:
        features.insert(connection, units, record(units, 41), shape(units, NOWHERE))

    def move(connection: Connection) -> None:
        features.replace(connection, units, own, record(units, 40), shape(units, SPOTS[ABROAD]))

    def recode(connection: Connection) -> None:
        values = record(fields, 40, division=ABROAD)
        features.replace(connection, fields, coded, values, shape(fields, SPOTS[WEST]))

    for attempt in (put_abroad, put_nowhere, move, recode):
        with pytest.raises(Problem) as caught, mine.begin() as connection:
            attempt(connection)
        assert caught.value.rule is NOT_PERMITTED
    with mine.begin() as connection:  # within the own street it may move
        features.replace(connection, units, own, record(units, 40), shape(units, SPOTS[EAST]))
        assert places(connection, units)[-1] == int(EAST)


def test_an_undo_needs_rights_over_all_that_it_touches(
    district: Database, registry: Registry
) -> None:
    units = registry.layer("work_units")
    with district.begin() as connection:
        connection.execute(sa.update(table(units)).values(liaison_leader="甲"))
        number = int(connection.scalar(sa.text("SELECT max(number) FROM changes")) or 0)
    for division, role in ((STREET, Role.ADMIN), (EVERYWHERE, Role.VIEWER)):
        with pytest.raises(Problem) as caught, of(district, division, role).begin() as connection:
            undoing.undo(connection, registry, units, number, tolerance_m2=0.5)
        assert caught.value.rule is NOT_PERMITTED
    with of(district, EVERYWHERE).begin() as connection:
        assert undoing.undo(connection, registry, units, number, tolerance_m2=0.5) == 4


def test_an_admin_loads_files_within_the_own_division_only(
    district: Database, registry: Registry, tmp_path: Path
) -> None:
    units = registry.layer("work_units")
    mine = of(district, STREET)
    for name, spots in (("own", [WEST, EAST]), ("all", [WEST, ABROAD])):
        lines = [f"{name}{n},学校,{SPOTS[at]},{LAT + 0.005}" for n, at in enumerate(spots)]
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["name,kind,lon,lat", *lines]), encoding="utf-8")
    assert load(mine, registry, units, files.read(tmp_path / "own.csv")).new == 2
    with pytest.raises(ImportRefused) as caught:
        load(mine, registry, units, files.read(tmp_path / "all.csv"))
    assert [(f.rule, f.row) for f in caught.value.findings] == [(FOREIGN_GROUND, 2)]
    with district.read() as connection:
        assert len(places(connection, units)) == 6


def test_tints_differ_also_across_what_a_leader_may_see(
    database: Database, registry: Registry
) -> None:
    put_divisions(database, registry)
    fields = registry.layer("grid_fields")
    west = shapely.box(LON, LAT, LON + 0.01, LAT + 0.01)
    east = shapely.box(LON + 0.01, LAT, LON + 0.02, LAT + 0.01)
    with database.begin() as connection:
        values = record(fields, 0, division=WEST, leader="甲")
        features.insert(connection, fields, values, west)
    with of(database, EAST, Role.LEADER).begin() as connection:
        values = record(fields, 1, division=EAST, leader="乙")
        changes = Changes([Put(None, values, east)])
        editing.apply(connection, registry, fields, changes, tolerance_m2=0.5)
        assert connection.scalar(sa.text("SELECT current_user")) == ROLE
    with database.read() as connection:
        tints = list(connection.scalars(sa.select(table(fields).c.tint)))
    assert len(set(tints)) == 2
    assert None not in tints


# --- a new layer, another server ------------------------------------------------------------------
def test_a_layer_that_only_a_test_declares_is_held_to_the_same_rights(
    district: Database, registry: Registry
) -> None:
    wider = build([*registry.layers.values(), BENCHES])
    with district.begin() as connection:
        tables.metadata(wider).create_all(connection)
        guards.install(connection, wider)
    for n, lon in enumerate(SPOTS.values()):
        put(district, BENCHES, lon, n)
    with of(district, EAST, Role.LEADER).read() as connection:
        assert places(connection, BENCHES) == [int(EAST)]
    with pytest.raises(Problem), of(district, EAST, Role.VIEWER).begin() as connection:
        features.insert(connection, BENCHES, record(BENCHES, 9), shape(BENCHES, SPOTS[EAST]))


@pytest.fixture
def humble(cluster: Cluster) -> Iterator[Database]:
    """A database whose owner is no superuser, as on a server that others administer."""
    admin = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in (
            "CREATE ROLE humble LOGIN CREATEROLE PASSWORD 'x'",
            "CREATE DATABASE humble OWNER humble",
        ):
            connection.execute(sa.text(statement))
    inner = sa.create_engine(cluster.url("humble"), isolation_level="AUTOCOMMIT")
    with inner.connect() as connection:
        connection.execute(sa.text("CREATE EXTENSION postgis"))
    inner.dispose()
    url = sa.make_url(cluster.url("humble", tcp=True)).set(username="humble", password="x")  # noqa: S106
    database = Database(url.render_as_string(hide_password=False))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(sa.text("DROP DATABASE humble WITH (FORCE)"))
        connection.execute(sa.text("DROP ROLE humble"))
    admin.dispose()


def test_an_owner_who_is_no_superuser_has_the_same_rights_and_history(
    humble: Database, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        upgrade(humble)
    assert "LEAKPROOF" in caplog.text
    with humble.read() as connection:
        assert "LEAKPROOF" in (policies.missing_promotion(connection) or "")
    put_divisions(humble, registry)
    units = registry.layer("work_units")
    made = put(of(humble, STREET, Role.LEADER), units, SPOTS[WEST], 0)
    put(humble, units, SPOTS[ABROAD], 1)
    with of(humble, STREET).read() as connection:
        assert len(places(connection, units)) == 1
        bbox = (LON - 1, LAT - 1, LON + 1, LAT + 1)
        assert features.page(connection, units, Query(bbox=bbox)).matched == 1
        assert history.of_feature(connection, units, made)[0].account == 7


def test_a_role_that_passes_by_row_level_security_is_refused(
    database: Database, registry: Registry
) -> None:
    with database.begin() as connection:
        connection.execute(sa.text(f"ALTER ROLE {ROLE} BYPASSRLS"))
        with pytest.raises(Problem) as caught:
            guards.install(connection, registry)
        connection.rollback()
    assert caught.value.rule is DATABASE_ROLE_UNFIT


def test_a_readers_tile_goes_by_the_spatial_index(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO work_units (name, kind, geom)"
                " SELECT i, 'school', ST_SetSRID(ST_Point(101 + random(), 36 + random()), 4326)"
                " FROM generate_series(1, 20000) i"
            )
        )
        connection.execute(sa.text("ANALYZE work_units"))
    box = "ST_MakeEnvelope(101.5, 36.5, 101.52, 36.52, 4326)"
    with of(database, EVERYWHERE).read() as connection:
        explain = sa.text(f"EXPLAIN SELECT id FROM work_units WHERE geom && {box}")
        plan = "\n".join(connection.scalars(explain))
    assert "work_units_geom" in plan
    # The reader's range is part of what the index is asked, not a filter for each row.
    assert "Filter" not in plan, plan
