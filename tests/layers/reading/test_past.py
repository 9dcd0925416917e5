"""What was is told, shown on any day and taken back; what was tampered with is found."""

import json
import math
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from gis.clock import today
from gis.errors import Problem, Rule
from gis.postgis import Database
from layers.here import responsibility
from layers.reading import features
from layers.reading import past as history
from layers.reading.features import Excerpt, Query
from layers.reading.verification import verify
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.history import (
    HISTORY_ALTERED,
    HISTORY_CHAIN,
    HISTORY_GAP,
    HISTORY_ORPHANS,
    HISTORY_PERIOD,
    HISTORY_ROWS,
    HISTORY_UNRECORDED,
)
from layers.registry import Registry
from layers.schema.tables import table, versions_table
from layers.serving import tiles
from tests.factories import LAT, LON, geometry, record

TODAY = today()
YESTERDAY = TODAY - timedelta(days=1)


# --- what a feature was ---------------------------------------------------------------------------
def test_the_changes_of_a_feature_are_told_in_order(database: Database, registry: Registry) -> None:
    layer = registry.layer("courtyards")
    phone = database.acting({"gridfield.account": "7", "gridfield.source": "phone"})
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
        features.insert(connection, layer, record(layer, 5), geometry(layer, 5))
    with phone.begin() as connection:
        changed = record(layer, 0, households=99, owner_unit=None)
        features.replace(connection, layer, made, changed, geometry(layer, 1))
    with database.begin() as connection:
        features.delete(connection, layer, made)
    with database.read() as connection:
        came, moved, went = history.of_feature(connection, layer, made)
    assert [c.operation for c in (came, moved, went)] == ["insert", "update", "delete"]
    assert came.before is None
    assert came.after is not None
    assert came.after.properties == record(layer)
    assert moved.before == came.after
    assert (moved.account, moved.source) == (7, "phone")
    assert set(moved.fields) == {"households", "owner_unit", "geometry"}
    assert moved.after is not None
    assert moved.after.properties["households"] == 99
    assert moved.after.geometry["coordinates"] == [LON + 0.001, LAT]
    assert went.before == moved.after
    assert went.after is None


def test_what_never_was_has_no_history(database: Database, registry: Registry) -> None:
    with database.read() as connection, pytest.raises(Problem) as caught:
        history.of_feature(connection, registry.layer("water"), 1)
    assert caught.value.rule is UNKNOWN_FEATURE


# --- a layer at another time ----------------------------------------------------------------------
def backdate(database: Database, layer: str, days: int) -> None:
    """Let all that has been recorded have happened so many days ago, as only a test may."""
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            sa.text(f"UPDATE {layer}_versions SET _from = _from - :d, _to = _to - :d"),
            {"d": timedelta(days=days)},
        )


@pytest.mark.parametrize("name", ["grid_fields", "road_segments", "courtyards"])
def test_pages_items_exports_and_tiles_of_another_day(
    database: Database, registry: Registry, name: str
) -> None:
    layer = registry.layer(name)
    key = layer.key[0]
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
        gone = features.insert(connection, layer, record(layer, 1), geometry(layer, 1))
    backdate(database, name, 1)
    with database.begin() as connection:
        features.replace(connection, layer, made, record(layer, 2), geometry(layer, 2))
        features.delete(connection, layer, gone)
    where = table(layer).c[key] == record(layer, 1)[key]
    box = (LON + 0.0005, LAT, LON + 0.0012, LAT + 0.0001)
    place = _tile(LON, LAT)
    with database.read() as connection:
        then = json.loads(features.item(connection, layer, made, on=YESTERDAY))
        now = json.loads(features.item(connection, layer, made, on=TODAY))
        assert then["properties"][key] == record(layer)[key]
        assert now["properties"] == json.loads(features.item(connection, layer, made))["properties"]
        assert features.page(connection, layer, Query(), on=YESTERDAY).matched == 2
        assert features.page(connection, layer, Query(), on=TODAY).matched == 1
        assert features.page(connection, layer, Query(where=where), on=YESTERDAY).matched == 1
        assert features.page(connection, layer, Query(where=where), on=TODAY).matched == 0
        assert features.page(connection, layer, Query(bbox=box), on=YESTERDAY).matched >= 1
        assert features.page(connection, layer, Query(), on=date(2017, 7, 21)).matched == 0
        exported = connection.scalars(features.leaving(layer, Excerpt(on=YESTERDAY)))
        assert [json.loads(text)["id"] for text in exported] == [made, gone]
        old = tiles.tile(connection, [layer], *place, on=YESTERDAY)
        new = tiles.tile(connection, [layer], *place)
    title = str(record(layer, 1)[layer.title or key]).encode()
    assert title in old
    assert title not in new


def _tile(lon: float, lat: float) -> tuple[int, int, int]:
    """The tile of zoom 16 that holds a point."""
    edge = 2**16
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return 16, int((lon + 180) / 360 * edge), int((1 - north) / 2 * edge)


def test_who_answered_on_a_past_day(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer, name="甲"), geometry(layer))
    backdate(database, "grid_fields", 1)
    with database.begin() as connection:
        features.replace(connection, layer, made, record(layer, name="乙"), geometry(layer))
    spot = (LON + 0.0005, LAT + 0.0005)
    with database.read() as connection:
        past = responsibility.at(connection, *spot, on=YESTERDAY)
        assert [field["name"] for field in past.fields] == ["甲"]
        assert responsibility.at(connection, *spot).fields[0]["name"] == "乙"
        assert responsibility.at(connection, *spot, on=date(2017, 7, 21)).status == "outside"


def test_a_day_ends_by_the_clock_of_the_session(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        features.insert(connection, layer, record(layer), geometry(layer))
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        # 16:30 UTC on the 1st is half past midnight on the 2nd in Xining.
        connection.execute(sa.text("UPDATE work_units_versions SET _from = '2026-11-01 16:30+00'"))
    with database.begin() as connection:
        for zone, expected in (("UTC", 1), ("Asia/Shanghai", 0)):
            connection.execute(sa.text(f"SET LOCAL timezone = '{zone}'"))
            found = features.page(connection, layer, Query(), on=date(2026, 11, 1))
            assert found.matched == expected, zone


# --- tampering ------------------------------------------------------------------------------------
@pytest.fixture
def recorded(database: Database, registry: Registry) -> Database:
    """Four courtyards in four changes, two of them changed once more."""
    layer = registry.layer("courtyards")
    for n in range(4):
        with database.begin() as connection:
            made = features.insert(connection, layer, record(layer, n), geometry(layer, n))
            assert made == n + 1
    for n in range(2):
        with database.begin() as connection:
            features.replace(connection, layer, n + 1, record(layer, n + 4), geometry(layer, n))
    with database.read() as connection:
        found = verify(connection, registry)
        assert found.whole
        assert (found.links, found.versions) == (6, 6)
    return database


V = "courtyards_versions"
SWAP_ROWS = f"""
UPDATE {V} SET id = id + 10 WHERE id IN (3, 4);
UPDATE {V} SET id = 17 - id WHERE id IN (13, 14)"""
SWAP_CHANGES = """
UPDATE changes SET link = NULL WHERE number IN (2, 3);
UPDATE changes SET link = 5 - number WHERE number IN (2, 3)"""
INSERT = f"""
INSERT INTO {V} (id, _number, name, management, geom, place, _operation, _from, _change, _digest)
SELECT 9, 1, name, management, geom, place, _operation, _from, _change, _digest
FROM {V} WHERE id = 4"""
TAMPERED: Mapping[str, tuple[str, Rule, Mapping[str, object]]] = {
    "a value": (
        f"UPDATE {V} SET households = 1000 WHERE id = 2 AND _number = 1",
        HISTORY_ALTERED,
        {"layer": "courtyards", "feature": 2, "number": 1, "change": 2},
    ),
    "a value taken away": (
        f"UPDATE {V} SET owner_unit = NULL WHERE id = 4",
        HISTORY_ALTERED,
        {"feature": 4, "number": 1},
    ),
    "a geometry by its last bit": (
        f"UPDATE {V} SET geom = ST_Translate(geom, 2e-14, 0) WHERE id = 3",
        HISTORY_ALTERED,
        {"feature": 3, "number": 1, "change": 3},
    ),
    "when it began": (
        f"UPDATE {V} SET _from = _from - interval '1 microsecond' WHERE id = 1 AND _number = 2",
        HISTORY_ALTERED,
        {"feature": 1, "number": 2, "change": 5},
    ),
    "when it ended": (
        f"UPDATE {V} SET _to = _to + interval '1 day' WHERE id = 1 AND _number = 1",
        HISTORY_PERIOD,
        {"feature": 1, "number": 1},
    ),
    "a removed row": (f"DELETE FROM {V} WHERE id = 3", HISTORY_ROWS, {"change": 3, "found": 0}),
    "a removed first row": (
        f"DELETE FROM {V} WHERE id = 1 AND _number = 1",
        HISTORY_GAP,
        {"feature": 1, "number": 1},
    ),
    "a removed change": ("DELETE FROM changes WHERE number = 3", HISTORY_CHAIN, {"change": 4}),
    "a removed change's rows": (
        "DELETE FROM changes WHERE number = 3",
        HISTORY_ORPHANS,
        {"change": 3, "found": 1},
    ),
    "the last change": (
        "DELETE FROM changes WHERE number = 6",
        HISTORY_ORPHANS,
        {"change": 6, "found": 1},
    ),
    "who did it": (
        "UPDATE changes SET account = 8 WHERE number = 2",
        HISTORY_CHAIN,
        {"change": 2, "link": 2},
    ),
    "a swapped pair of changes": (
        SWAP_CHANGES,
        HISTORY_CHAIN,
        {"change": 3, "link": 2},
    ),
    "a swapped pair of rows": (
        SWAP_ROWS,
        HISTORY_ALTERED,
        {"feature": 3, "number": 1},
    ),
    "an inserted row": (
        INSERT,
        HISTORY_ALTERED,
        {"feature": 9, "number": 1},
    ),
    "the layer itself": (
        "UPDATE courtyards SET households = 5 WHERE id = 4",
        HISTORY_UNRECORDED,
        {"feature": 4},
    ),
    "a row out of the layer": (
        "DELETE FROM courtyards WHERE id = 2",
        HISTORY_UNRECORDED,
        {"feature": 2},
    ),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_what_was_tampered_with_is_found_and_located(
    recorded: Database, registry: Registry, kind: str
) -> None:
    statement, rule, place = TAMPERED[kind]
    with recorded.begin() as connection:
        # What someone with all rights over the server would do to get by the triggers.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for part in statement.split(";"):
            connection.execute(sa.text(part))
    with recorded.read() as connection:
        found = verify(connection, registry)
    assert not found.whole
    told = [fault.values for fault in found.faults if fault.rule is rule]
    assert any(place.items() <= values.items() for values in told), found.faults
    for fault in found.faults:
        assert fault.sentence("zh") != fault.sentence("en")


def test_a_row_altered_with_its_own_digest_is_found_by_its_change(
    recorded: Database, registry: Registry
) -> None:
    rows = versions_table(registry.layer("courtyards"))
    with recorded.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        digest = sa.select(rows.c["_digest"]).where(rows.c.id == 3).scalar_subquery()
        connection.execute(sa.update(rows).values(_digest=digest).where(rows.c.id == 4))
    with recorded.read() as connection:
        found = verify(connection, registry)
    assert {fault.rule for fault in found.faults} == {HISTORY_ALTERED, HISTORY_ROWS}


def test_the_head_tells_a_chain_that_was_written_anew(
    recorded: Database, registry: Registry
) -> None:
    with recorded.read() as connection:
        before = verify(connection, registry)
    with recorded.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.text(f"DELETE FROM {V} WHERE _change = 6"))
        connection.execute(sa.text(f"UPDATE {V} SET _to = NULL WHERE id = 2 AND _number = 1"))
        connection.execute(sa.text("DELETE FROM changes WHERE number = 6"))
        rows, first = table(registry.layer("courtyards")), record(registry.layer("courtyards"), 1)
        connection.execute(sa.update(rows).values(**first).where(rows.c.id == 2))
    with recorded.read() as connection:
        after = verify(connection, registry)
    assert after.whole  # nothing within the database can tell
    assert (after.links, before.links) == (5, 6)
    assert after.head != before.head
