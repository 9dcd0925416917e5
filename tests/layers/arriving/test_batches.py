"""Every load is a numbered batch, and undoing it gives back the table to the byte."""

import hashlib

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import Problem
from gis.postgis import Database
from layers.arriving import batches
from layers.arriving.importing import Options, load
from layers.declaring.words import Layer
from layers.ground.tinting import retint
from layers.reading import features
from layers.refusals.ground import COVERAGE_OPENED
from layers.refusals.imports import (
    BATCH_CHANGED_SINCE,
    BATCH_UNDONE,
    KEY_TAKEN_SINCE,
    UNKNOWN_BATCH,
)
from layers.registry import Registry
from layers.schema.tables import IMPORT_BATCHES, table
from tests.factories import LAT, LON, geometry, record
from tests.layers.incoming import bytes_of, ordinary, source, table_file

UPDATE = Options(on_conflict="update")
REPLACE = Options(on_conflict="update", gone="delete")


def loaded(database: Database, registry: Registry, layer: Layer, n: int, **more: object) -> int:
    report = load(database, registry, layer, ordinary(layer, n, **more), UPDATE)
    assert report.batch is not None
    return report.batch


def refusal(database: Database, registry: Registry, number: int) -> Problem:
    with pytest.raises(Problem) as caught:
        batches.undo(database, registry, number)
    return caught.value


def test_a_load_is_a_batch_with_its_file_its_beliefs_and_its_counts(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    loaded(database, registry, layer, 2)
    digest = hashlib.sha256(b"x").hexdigest()
    rows = [record(layer, 0), record(layer, 1, source="新"), record(layer, 2, households="很多")]
    given = table_file(rows, [geometry(layer, n) for n in range(3)], name="楼院.csv")
    report = load(
        database,
        registry,
        layer,
        given,
        Options(on_conflict="update", accept_valid=True),
        loaded_by="王芳",
        sha256=digest,
    )
    assert report.batch == 2
    with database.read() as connection:
        batch = batches.get(connection, 2)
        assert batches.listing(connection) == [batch, batches.get(connection, 1)]
        assert batches.listing(connection, before=2, layer="courtyards")[0].number == 1
        assert batches.listing(connection, layer="water") == []
        with pytest.raises(Problem) as caught:
            batches.get(connection, 3)
    assert caught.value.rule is UNKNOWN_BATCH
    assert (batch.file, batch.sha256, batch.loaded_by) == ("楼院.csv", digest, "王芳")
    counts = (batch.rows, batch.new, batch.changed, batch.unchanged, batch.refused, batch.deleted)
    assert counts == (3, 0, 1, 1, 1, 0)
    assert batch.belief["crs"] == "EPSG:4326"
    assert batch.belief["datum"] == "wgs84"
    assert batch.undone_at is None


def test_what_stores_nothing_is_no_batch(database: Database, registry: Registry) -> None:
    layer = registry.layer("courtyards")
    dry = load(database, registry, layer, ordinary(layer, 2), Options(dry_run=True))
    assert (dry.batch, dry.new) == (None, 2)
    assert loaded(database, registry, layer, 2) is not None
    again = load(database, registry, layer, ordinary(layer, 2), UPDATE)
    assert (again.batch, again.unchanged) == (None, 2)
    with database.read() as connection:
        assert len(batches.listing(connection)) == 1


@pytest.mark.parametrize("name", ["courtyards", "grid_fields", "road_segments", "divisions"])
def test_an_undone_load_leaves_no_trace(database: Database, registry: Registry, name: str) -> None:
    layer = registry.layer(name)
    loaded(database, registry, layer, 4)
    before = bytes_of(database, layer)
    rows = [record(layer, 0), record(layer, 1, source="新"), record(layer, 7)]
    shapes = [geometry(layer, 0), geometry(layer, 1), geometry(layer, 7)]
    report = load(database, registry, layer, source(rows, shapes), REPLACE)
    assert report.batch is not None
    assert report.new == 1
    assert report.updated >= 1
    assert report.deleted >= 1
    assert bytes_of(database, layer) != before
    undone = batches.undo(database, registry, report.batch)
    assert undone.undone_at is not None
    assert bytes_of(database, layer) == before
    assert refusal(database, registry, report.batch).rule is BATCH_UNDONE


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_values_come_back_as_they_were(
    database: Database, registry: Registry, data: st.DataObject
) -> None:
    layer = registry.layer("illegal_structures")
    texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20)
    areas = st.one_of(st.none(), st.just(-0.0), st.floats(0, allow_infinity=False))
    degrees = st.floats(-1e-6, 1e-6)
    with database.begin() as connection:
        connection.execute(sa.delete(table(layer)))
        for n in range(3):
            values = record(layer, n, area_measured_m2=data.draw(areas), use=None)
            values = {**values, "address": data.draw(texts).strip() or None}
            place = shapely.Point(LON + data.draw(degrees), LAT + data.draw(degrees))
            features.insert(connection, layer, values, place)
    before = bytes_of(database, layer)
    report = load(database, registry, layer, ordinary(layer, 2, address="新"), REPLACE)
    assert (report.updated, report.deleted) == (2, 1)
    assert report.batch is not None
    batches.undo(database, registry, report.batch)
    assert repr(bytes_of(database, layer)) == repr(before)  # -0.0 == 0.0, but not in repr


def test_batches_are_undone_from_the_last_to_the_first(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    states = [bytes_of(database, layer)]
    numbers = []
    for n in range(1, 4):
        numbers.append(loaded(database, registry, layer, 2 * n, source=f"第{n}次"))
        states.append(bytes_of(database, layer))
    problem = refusal(database, registry, numbers[0])
    assert problem.rule is BATCH_CHANGED_SINCE
    assert problem.values["count"] == 2
    assert "网格名称 0" in problem.findings[0].sentence()
    for number, state in zip(reversed(numbers), reversed(states[:-1]), strict=True):
        batches.undo(database, registry, number)
        assert bytes_of(database, layer) == state


def test_what_has_changed_since_is_named_and_stays(database: Database, registry: Registry) -> None:
    layer = registry.layer("courtyards")
    number = loaded(database, registry, layer, 3)
    changed, removed, _ = (int(str(row[0])) for row in bytes_of(database, layer))
    with database.begin() as connection:
        features.replace(connection, layer, changed, record(layer, 9), geometry(layer))
        features.delete(connection, layer, removed)
    before = bytes_of(database, layer)
    problem = refusal(database, registry, number)
    assert problem.rule is BATCH_CHANGED_SINCE
    assert [finding.values["id"] for finding in problem.findings] == [changed, removed]
    assert "楼院名称 9" in problem.findings[0].sentence()
    assert bytes_of(database, layer) == before


def test_a_deleted_feature_whose_key_was_given_away_does_not_come_back(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    loaded(database, registry, layer, 2)
    report = load(database, registry, layer, ordinary(layer, 1), REPLACE)
    assert report.deleted == 1
    with database.begin() as connection:
        features.insert(connection, layer, record(layer, 1), geometry(layer))
    assert report.batch is not None
    problem = refusal(database, registry, report.batch)
    assert [finding.rule for finding in problem.findings] == [KEY_TAKEN_SINCE]
    assert "楼院名称 1" in problem.sentence() + problem.findings[0].sentence()


def test_an_undo_may_open_the_gap_that_was_there_before(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    cells = [
        shapely.box(west, south, west + 0.001, south + 0.001)
        for west in (LON, LON + 0.001, LON + 0.002)
        for south in (LAT, LAT + 0.001, LAT + 0.002)
    ]
    with database.begin() as connection:
        for n, shape in enumerate(cells):
            if n != 4:
                features.insert(connection, layer, record(layer, n, kind="general"), shape)
        retint(connection, layer)
    before = bytes_of(database, layer)
    filled = load(database, registry, layer, source([record(layer, 4, kind="general")], [cells[4]]))
    assert filled.batch is not None
    batches.undo(database, registry, filled.batch)
    assert bytes_of(database, layer) == before


def test_ground_that_others_hold_by_now_is_not_taken_back(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    whole = shapely.box(LON, LAT, LON + 0.002, LAT + 0.001)
    half = shapely.box(LON, LAT, LON + 0.001, LAT + 0.001)
    row = record(layer, 0, kind="general")
    load(database, registry, layer, source([row], [whole]))
    shrunk = load(database, registry, layer, source([row], [half]), UPDATE)
    load(
        database,
        registry,
        layer,
        source([record(layer, 1, kind="general")], [shapely.difference(whole, half)]),
    )
    assert shrunk.batch is not None
    before = bytes_of(database, layer)
    assert refusal(database, registry, shrunk.batch).rule is COVERAGE_OPENED
    assert bytes_of(database, layer) == before
    with database.read() as connection:
        undone = sa.select(sa.func.count()).where(IMPORT_BATCHES.c.undone_at.is_not(None))
        assert connection.scalar(undone) == 0
