"""Every change of every layer becomes versions and a link of the chain, whoever makes it."""

import threading
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_REFUSED
from layers import guards
from layers.declaring.words import Layer
from layers.migrate import _config, upgrade
from layers.reading import features
from layers.reading.verification import verify
from layers.registry import Registry, build
from layers.schema import tables
from layers.schema.tables import table, versions_table
from layers.schema.versions import CHANGES, LINEAGE
from tests.factories import BENCHES, geometry, record


def versions(connection: Connection, layer: Layer) -> list[dict[str, Any]]:
    rows = versions_table(layer)
    statement = sa.select(rows).order_by(rows.c.id, rows.c["_number"])
    return [dict(row) for row in connection.execute(statement).mappings()]


def changes(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute(sa.select(CHANGES).order_by(CHANGES.c.number))
    return [dict(row) for row in found.mappings()]


def test_every_layer_keeps_what_was_inserted_changed_and_deleted(
    database: Database, registry: Registry
) -> None:
    for layer in registry.layers.values():
        with database.begin() as connection:
            made = features.insert(connection, layer, record(layer), geometry(layer))
        with database.begin() as connection:
            features.replace(connection, layer, made, record(layer, 1), geometry(layer, 1))
        with database.begin() as connection:
            features.delete(connection, layer, made)
            first, second, third = versions(connection, layer)
        assert [v["_operation"] for v in (first, second, third)] == ["insert", "update", "delete"]
        assert [v["_number"] for v in (first, second, third)] == [1, 2, 3]
        assert {name: first[name] for name in record(layer)} == record(layer)
        assert {name: second[name] for name in record(layer)} == record(layer, 1)
        assert {name: third[name] for name in record(layer)} == record(layer, 1)
        if layer.has_shape:
            assert shapely.from_wkb(bytes(second["geom"].data)).equals(geometry(layer, 1))
        assert first["_to"] == second["_from"] > first["_from"]
        assert second["_to"] == third["_from"] > second["_from"]
        assert third["_to"] is None
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_a_change_tells_who_from_where_and_in_which_batch(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    given = {"gridfield.account": "7", "gridfield.source": "phone", "gridfield.label": "batch 3"}
    with database.acting(given).begin() as connection:
        features.insert(connection, layer, record(layer), geometry(layer))
    with database.begin() as connection:
        features.insert(connection, layer, record(layer, 1), geometry(layer, 1))
        theirs, ours = changes(connection)
    assert (theirs["account"], theirs["source"], theirs["label"]) == (7, "phone", "batch 3")
    assert (ours["account"], ours["source"], ours["label"]) == (None, "owner", None)
    assert (theirs["layer"], theirs["operation"], theirs["rows"]) == ("courtyards", "insert", 1)


def test_one_statement_is_one_change_and_tints_are_none(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        for n in range(4):  # each insert tints its neighbours anew
            features.insert(connection, layer, record(layer, n), geometry(layer, n))
    with database.begin() as connection:
        rows = table(layer)
        connection.execute(sa.update(rows).values(tint=5))
        connection.execute(sa.update(rows).values(name=rows.c.name))
        connection.execute(sa.update(rows).values(households=12))
        *inserts, update = changes(connection)
        found = versions(connection, layer)
    assert [change["rows"] for change in inserts] == [1, 1, 1, 1]
    assert (update["operation"], update["rows"]) == ("update", 4)
    assert len(found) == 8


def test_the_same_geometry_with_another_start_is_a_change(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("water")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
    turned = shapely.Polygon(
        [*geometry(layer).exterior.coords[1:-1], geometry(layer).exterior.coords[0]]
    )
    with database.begin() as connection:
        features.replace(connection, layer, made, record(layer), turned)
        assert len(versions(connection, layer)) == 2


def test_a_feature_changed_twice_in_a_transaction_was_never_seen_in_between(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
        features.replace(connection, layer, made, record(layer, 1), geometry(layer))
        first, second = versions(connection, layer)
    assert first["_from"] == first["_to"] == second["_from"]
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_what_rolls_back_leaves_nothing(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")

    with pytest.raises(RuntimeError), database.begin() as connection:
        features.insert(connection, layer, record(layer), geometry(layer))
        raise RuntimeError("power cut")
    with database.read() as connection:
        assert versions(connection, layer) == changes(connection) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE work_units_versions SET name = 'other'",
        "UPDATE work_units_versions SET geom = ST_SetSRID(ST_Point(0, 0), 4326)",
        "UPDATE work_units_versions SET _from = now()",
        "UPDATE work_units_versions SET _digest = ''",
        "UPDATE work_units_versions SET _to = now() WHERE _to IS NOT NULL",
        "DELETE FROM work_units_versions",
        "TRUNCATE work_units_versions",
        "UPDATE changes SET account = 1",
        "UPDATE changes SET link = 9",
        "UPDATE changes SET digest = ''",
        "DELETE FROM changes",
        "TRUNCATE changes",
        "DELETE FROM lineage",
        "TRUNCATE work_units",
        "UPDATE work_units SET id = id + 1",
    ],
)
def test_not_even_the_owner_alters_history_by_the_way(
    database: Database, registry: Registry, statement: str
) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
    with database.begin() as connection:
        features.replace(connection, layer, made, record(layer, 1), geometry(layer))
    with pytest.raises(Problem) as caught, database.begin() as connection:
        connection.execute(sa.text(statement))
    assert caught.value.rule is DATABASE_REFUSED
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_transactions_side_by_side_make_one_chain(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
    failed: list[Exception] = []

    def work(own: int) -> None:
        try:
            for n in range(5):
                with database.begin() as connection:
                    number = 100 * own + n
                    features.insert(connection, layer, record(layer, number), geometry(layer, n))
                    features.replace(connection, layer, made, record(layer), geometry(layer, own))
        except Exception as error:  # told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(own,)) for own in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.read() as connection:
        found = verify(connection, registry)
        links = [change["link"] for change in changes(connection)]
    assert found.whole, found.faults
    assert found.links > 30  # every insert, and what was no repetition of the change before
    assert sorted(links) == list(range(1, found.links + 1))


def test_readers_wait_for_no_writer_and_a_long_change_stops_no_other(
    database: Database, registry: Registry
) -> None:
    one, other = registry.layer("work_units"), registry.layer("courtyards")
    with database.begin() as slow:
        features.insert(slow, one, record(one), geometry(one))
        with database.begin() as quick:
            quick.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            features.insert(quick, other, record(other), geometry(other))
        with database.read() as reader:
            reader.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            assert verify(reader, registry).links == 1
    with database.read() as reader:
        assert verify(reader, registry).whole


# --- lineage --------------------------------------------------------------------------------------
def lineage(database: Database) -> set[tuple[int, int, int]]:
    """Parent, child and the ground that went over, in thousands of m²."""
    with database.read() as connection:
        rows = connection.execute(sa.select(LINEAGE.c.parent, LINEAGE.c.child, LINEAGE.c.area_m2))
        return {(row.parent, row.child, round(row.area_m2 / 1000)) for row in rows}


FIELD = shapely.box(101.82, 36.62, 101.821, 36.621)  # 89.5 m by 111 m: 9,930 m²


def test_splitting_merging_and_moving_a_border_keep_the_lineage(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    west, east = (shapely.box(101.82 + w, 36.62, 101.8205 + w, 36.621) for w in (0, 0.0005))
    with database.begin() as connection:
        whole = features.insert(connection, layer, record(layer), FIELD)
    assert lineage(database) == set()
    with database.begin() as connection:  # split
        features.replace(connection, layer, whole, record(layer), west)
        half = features.insert(connection, layer, record(layer, 1), east)
    assert lineage(database) == {(whole, half, 5)}
    wide, narrow = (
        shapely.box(101.82, 36.62, 101.8207, 36.621),
        shapely.box(101.8207, 36.62, 101.821, 36.621),
    )
    with database.begin() as connection:  # the border moves: a fifth of the field
        features.replace(connection, layer, whole, record(layer), wide)
        features.replace(connection, layer, half, record(layer, 1), narrow)
    assert lineage(database) == {(whole, half, 5), (half, whole, 2)}
    with database.begin() as connection:  # merge
        features.delete(connection, layer, half)
        features.replace(connection, layer, whole, record(layer), FIELD)
    assert lineage(database) == {(whole, half, 5), (half, whole, 2), (half, whole, 3)}
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_ground_that_nobody_gains_and_rounding_leave_no_lineage(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        one = features.insert(connection, layer, record(layer), geometry(layer))
        other = features.insert(connection, layer, record(layer, 1), geometry(layer, 1))
    trimmed = shapely.box(101.82, 36.62, 101.8209, 36.621)
    moved = shapely.box(101.8209999, 36.62, 101.822, 36.621)  # a centimetre
    with database.begin() as connection:
        features.replace(connection, layer, one, record(layer), trimmed)
    with database.begin() as connection:
        features.replace(connection, layer, other, record(layer, 1), moved)
    assert lineage(database) == set()


# --- a new layer ----------------------------------------------------------------------------------
@pytest.fixture
def benches(database: Database, registry: Registry) -> Registry:
    """The registry with one layer more, which has rows before it is guarded."""
    wider = build([*registry.layers.values(), BENCHES])
    with database.begin() as connection:
        tables.metadata(wider).create_all(connection)
        connection.execute(
            sa.text(
                "INSERT INTO benches (name, geom) VALUES ('old', 'SRID=4326;POINT(101.8 36.6)')"
            )
        )
        guards.install(connection, wider)
    return wider


def test_a_layer_that_only_a_test_declares_has_a_history_of_its_own(
    database: Database, benches: Registry
) -> None:
    with database.begin() as connection:
        features.insert(connection, BENCHES, record(BENCHES), geometry(BENCHES))
        old, new = versions(connection, BENCHES)
    assert (old["name"], old["_operation"], old["_number"]) == ("old", "insert", 1)
    assert new["name"] == record(BENCHES)["name"]
    with database.read() as connection:
        assert verify(connection, benches).whole


def test_installing_again_touches_nothing(database: Database, registry: Registry) -> None:
    holding = "SELECT oid, xmin FROM pg_trigger WHERE NOT tgisinternal ORDER BY oid"
    with database.read() as connection:
        before = connection.execute(sa.text(holding)).all()
    with database.begin() as busy:  # what an import holds while another process starts
        busy.execute(sa.text("LOCK TABLE work_units IN SHARE ROW EXCLUSIVE MODE"))
        upgrade(database)
    with database.read() as connection:
        assert connection.execute(sa.text(holding)).all() == before
    assert len(before) > 10 * len(registry.layers)


def test_features_older_than_their_history_get_a_first_version(
    database: Database, registry: Registry
) -> None:
    divisions, units = registry.layer("divisions"), registry.layer("work_units")
    with database.begin() as connection:
        guards.remove(connection)
        command.downgrade(_config(connection), "0003")
        for layer in (units, divisions):
            values = {**record(layer), "geom": f"SRID=4326;{geometry(layer).wkt}"}
            connection.execute(sa.insert(sa.table(layer.name, *map(sa.column, values))), values)
    upgrade(database)
    with database.read() as connection:
        assert [change["label"] for change in changes(connection)] == [None, None]
        for layer in (units, divisions):
            (only,) = versions(connection, layer)
            assert (only["_operation"], only["_number"]) == ("insert", 1)
            # The factory's unit stands on the corner of the factory's division.
            assert only["place"] == int(str(record(divisions)["code"]))
        assert verify(connection, registry).whole
