"""An examination finds everything at once, compares with what is stored, and stores nothing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import Finding, Problem
from gis.postgis import Database
from gis.refusals.coverage import COVERAGE_OVERLAP
from layers.arriving.importing import ImportRefused, Options, State, examine, load
from layers.declaring.words import Layer
from layers.reading import features
from layers.refusals.imports import CODE_UNNUMBERED, COLUMN_MISSING, GONE_KEPT
from layers.refusals.values import (
    VALUE_DUPLICATE,
    VALUE_EXISTS,
    VALUE_MISSING,
    VALUE_RANGE,
    VALUE_TYPE,
)
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import BENCHES, LAT, LON, division_code, geometry, grid_code, record
from tests.layers.incoming import bytes_of, count, ordinary, source, table_file

UPDATE = Options(on_conflict="update")
NEW, CHANGED, UNCHANGED, KNOWN, REFUSED = State


def cell(n: int, m: int = 0, size: float = 0.001) -> shapely.Polygon:
    """A square of a chessboard."""
    west, south = LON + n * size, LAT + m * size
    return shapely.box(west, south, west + size, south + size)


def field(n: int, division: int = 0, **more: object) -> dict[str, object]:
    """A field with little more than it must have."""
    code = f"{division_code(division)}{n + 1:03d}"
    return {"code": code, "name": f"网格{n}", "kind": "general", **more}


def rows_of(findings: Sequence[Finding], rule: object) -> list[int | None]:
    return [finding.row for finding in findings if finding.rule is rule]


# --- one file -------------------------------------------------------------------------------------
def test_all_that_is_wrong_with_a_row_is_said_at_once(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    rows = [
        {"name": None, "management": "无物业", "households": "很多", "built": 1492},
        {"name": "甲院", "management": "无物业", "households": 3},
        {"name": "甲院", "management": "无物业", "built": 1},
    ]
    found = examine(database, registry, layer, source(rows, [None, geometry(layer), None]))
    assert {(f.row, f.rule.slug) for f in found.findings} == {
        (1, "value-missing"),
        (1, "value-type"),
        (1, "value-range"),
        (1, "geometry-missing"),
        (2, "value-duplicate"),
        (3, "value-duplicate"),
        (3, "value-range"),
        (3, "geometry-missing"),
    }
    assert found.states == (REFUSED,) * 3
    assert not found.loads()
    said = {f.rule: f.suggestion() for f in found.findings}
    assert "整数" in said[VALUE_TYPE]
    assert "1800" in said[VALUE_RANGE]
    located = [f.geometry for f in found.findings if f.row == 2]
    assert located == [geometry(layer)]


def test_an_examination_stores_nothing(database: Database, registry: Registry) -> None:
    for layer in registry.layers.values():
        load(database, registry, layer, ordinary(layer, 2))
        before = bytes_of(database, layer)
        found = examine(database, registry, layer, ordinary(layer, 4, source="新"), UPDATE)
        expected = (2, 2) if layer.key else (4, 0)
        assert (found.counts.new, found.counts.changed) == expected
        assert found.loads()
        assert bytes_of(database, layer) == before


def test_a_file_brought_again_says_what_is_new_changed_unchanged_and_gone(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    load(database, registry, layer, ordinary(layer, 4))
    rows = [record(layer, 0), record(layer, 1, source="新"), record(layer, 2), record(layer, 9)]
    shapes = [geometry(layer, n) for n in (0, 1, 7, 9)]
    again = source(rows, shapes)
    found = examine(database, registry, layer, again, UPDATE)
    assert found.states == (UNCHANGED, CHANGED, CHANGED, NEW)
    assert [(gone.key, gone.title) for gone in found.gone] == [("单位名称 3", "单位名称 3")]
    assert found.gone_count == 1
    assert examine(database, registry, layer, again).states == (REFUSED, REFUSED, REFUSED, NEW)
    skipping = Options(on_conflict="skip")
    assert examine(database, registry, layer, again, skipping).states == (KNOWN, KNOWN, KNOWN, NEW)
    report = load(database, registry, layer, again, UPDATE)
    assert (report.new, report.updated, report.unchanged, report.deleted) == (1, 2, 1, 0)
    assert examine(database, registry, layer, again, UPDATE).states == (UNCHANGED,) * 4
    deleted = load(database, registry, layer, again, Options(on_conflict="update", gone="delete"))
    assert (deleted.unchanged, deleted.deleted) == (4, 1)
    assert count(database, layer) == 4


def test_an_unchanged_row_is_not_written(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    load(database, registry, layer, ordinary(layer, 2))
    place = sa.select(sa.literal_column("ctid::text")).select_from(table(layer))
    with database.read() as connection:
        before = connection.scalars(place.order_by(table(layer).c.id)).all()
    rows = [record(layer, 0), record(layer, 1, source="新")]
    load(database, registry, layer, source(rows, [geometry(layer, n) for n in range(2)]), UPDATE)
    with database.read() as connection:
        after = connection.scalars(place.order_by(table(layer).c.id)).all()
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)


def test_the_same_ground_drawn_otherwise_is_unchanged_and_a_centimetre_is_a_change(
    database: Database, registry: Registry
) -> None:
    keyed = registry.layer("divisions")
    row = record(keyed, 0)
    ring = [(LON, LAT), (LON + 0.01, LAT), (LON + 0.01, LAT + 0.01), (LON, LAT + 0.01)]
    load(database, registry, keyed, table_file([row], [shapely.Polygon(ring)]))
    turned = shapely.Polygon([*ring[2:], *ring[:2]][::-1])
    rounded = shapely.Polygon([(LON + 1e-12, LAT), *ring[1:]])
    moved = shapely.Polygon([(LON + 2e-7, LAT), *ring[1:]])
    for shape, state in (
        (turned, UNCHANGED),
        (shapely.MultiPolygon([turned]), UNCHANGED),
        (rounded, UNCHANGED),
        (moved, CHANGED),
    ):
        found = examine(database, registry, keyed, table_file([row], [shape]), UPDATE)
        assert found.states == (state,)


def test_a_layer_without_a_key_knows_nothing_again(database: Database, registry: Registry) -> None:
    with database.begin() as connection:
        table(BENCHES).create(connection)
    load(database, registry, BENCHES, ordinary(BENCHES, 2))
    found = examine(database, registry, BENCHES, ordinary(BENCHES, 2), UPDATE)
    assert found.states == (NEW, NEW)
    assert found.gone_count == 0


# --- what is gone ---------------------------------------------------------------------------------
def test_only_the_files_own_divisions_can_lack_a_field(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    stored = [field(n, division) for division in range(2) for n in range(3)]
    shapes = [cell(n, division) for division in range(2) for n in range(3)]
    load(database, registry, layer, source(stored, shapes))
    found = examine(database, registry, layer, source(stored[:2], shapes[:2]), UPDATE)
    assert [gone.key for gone in found.gone] == [stored[2]["code"]]
    gone = Options(on_conflict="update", gone="delete")
    assert load(database, registry, layer, source(stored[:2], shapes[:2]), gone).deleted == 1
    assert count(database, layer) == 5


def test_a_refused_row_is_not_gone_and_an_unreadable_key_spares_all(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    load(database, registry, layer, ordinary(layer, 3))
    options = Options(on_conflict="update", gone="delete", accept_valid=True)
    rows = [record(layer, 0), record(layer, 1, households="很多")]
    given = source(rows, [geometry(layer, n) for n in range(2)])
    found = examine(database, registry, layer, given, options)
    assert [gone.key for gone in found.gone] == ["楼院名称 2"]
    nameless = [*rows, record(layer, 2, name=None)]
    given = source(nameless, [geometry(layer, n) for n in range(3)])
    report = load(database, registry, layer, given, options)
    assert GONE_KEPT in [note.rule for note in report.notes]
    assert (report.deleted, report.refused) == (0, 2)
    assert count(database, layer) == 3


# --- the gate -------------------------------------------------------------------------------------
def test_an_overlap_is_a_finding_of_both_rows_with_its_ground(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    west, east = cell(0), shapely.box(LON + 0.0009, LAT, LON + 0.002, LAT + 0.001)
    given = source([field(0), field(1), field(2)], [west, east, cell(4)])
    found = examine(database, registry, layer, given)
    overlaps = [f for f in found.findings if f.rule is COVERAGE_OVERLAP]
    assert [f.row for f in overlaps] == [1, 2]
    overlap = shapely.intersection(west, east)
    for finding in overlaps:
        assert finding.geometry is not None
        assert shapely.symmetric_difference(finding.geometry, overlap).area < 1e-12
        assert finding.suggestion()
    assert found.states == (REFUSED, REFUSED, NEW)
    with pytest.raises(ImportRefused) as caught:
        load(database, registry, layer, given)
    assert caught.value.examination.states == found.states
    assert count(database, layer) == 0
    report = load(database, registry, layer, given, Options(accept_valid=True))
    assert (report.new, report.refused) == (1, 2)


def test_a_gap_stops_its_neighbours_and_they_come_in_when_it_is_filled(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    places = [(n, m) for m in range(3) for n in range(5)]
    rows = [field(i) for i in range(len(places))]
    shapes = [cell(n, m) for n, m in places]
    hole = places.index((1, 1))
    lacking = shapes[:hole] + shapes[hole + 1 :], rows[:hole] + rows[hole + 1 :]
    given = source(lacking[1], lacking[0])
    assert not examine(database, registry, layer, given).loads()
    options = Options(accept_valid=True)
    report = load(database, registry, layer, given, options)
    assert 0 < report.refused < 14
    assert report.new + report.refused == 14
    whole = load(database, registry, layer, source(rows, shapes), Options(on_conflict="skip"))
    assert whole.new == report.refused + 1
    assert count(database, layer) == 15


def test_deleting_what_is_gone_passes_the_gate_too(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    places = [(n, m) for m in range(3) for n in range(3)]
    rows, shapes = [field(i) for i in range(9)], [cell(n, m) for n, m in places]
    load(database, registry, layer, source(rows, shapes))
    ring = [i for i in range(9) if i != 4]
    given = source([rows[i] for i in ring], [shapes[i] for i in ring])
    for accept_valid in (False, True):
        options = Options(on_conflict="update", gone="delete", accept_valid=accept_valid)
        assert not examine(database, registry, layer, given, options).loads()
        with pytest.raises(ImportRefused):
            load(database, registry, layer, given, options)
    assert count(database, layer) == 9
    assert load(database, registry, layer, given, UPDATE).unchanged == 8


# --- codes ----------------------------------------------------------------------------------------
def test_a_missing_code_is_proposed_in_reading_order_and_given_when_told(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    load(database, registry, layer, source([field(0)], [cell(0, 5)]))
    division = division_code(0)
    rows = [{"name": f"新{n}", "kind": "general", "division": division} for n in range(3)]
    shapes = [cell(1, 0), cell(0, 0), cell(0, 1)]
    with pytest.raises(Problem) as caught:
        examine(database, registry, layer, source(rows, shapes))
    assert caught.value.rule is COLUMN_MISSING
    blank = [row | {"code": None} for row in rows]
    found = examine(database, registry, layer, source(blank, shapes))
    assert rows_of(found.findings, CODE_UNNUMBERED) == [1, 2, 3]
    assert [f.values["proposed"] for f in found.findings] == [
        f"{division}{n:03d}" for n in (4, 3, 2)
    ]
    report = load(database, registry, layer, source(rows, shapes), Options(number=True))
    assert report.new == 3
    stored = {row[2]: row[1] for row in bytes_of(database, layer)}
    assert stored["新2"] == f"{division}002"
    assert stored["新0"] == f"{division}004"


def test_a_row_that_cannot_be_numbered_says_why(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    rows = [
        {"code": None, "name": "甲", "kind": "general", "division": None},
        {"code": None, "name": "乙", "kind": "general", "division": "630102007000"},
        {"code": grid_code(0), "name": "丙", "kind": "general", "division": division_code(1)},
    ]
    found = examine(
        database, registry, layer, source(rows, [cell(n) for n in range(3)]), Options(number=True)
    )
    assert {(f.row, f.column, f.rule.slug) for f in found.findings} == {
        (1, "code", VALUE_MISSING.slug),
        (2, "code", "code-part"),
        (3, "code", "code-division"),
    }


# --- properties -----------------------------------------------------------------------------------
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_states_are_what_a_dictionary_would_say(
    database: Database, registry: Registry, data: st.DataObject
) -> None:
    layer = registry.layer("work_units")
    names = st.sampled_from("甲乙丙丁戊己庚")
    stored = data.draw(st.dictionaries(names, st.integers(0, 2)), label="stored")
    brought = data.draw(st.dictionaries(names, st.integers(0, 2), min_size=1), label="brought")
    with database.begin() as connection:
        connection.execute(sa.delete(table(layer)))
        for name, n in stored.items():
            features.insert(connection, layer, unit(layer, name, n), geometry(layer, n))
    rows = [unit(layer, name, n) for name, n in brought.items()]
    found = examine(
        database,
        registry,
        layer,
        table_file(rows, [geometry(layer, n) for n in brought.values()]),
        UPDATE,
    )
    expected = [
        NEW if name not in stored else UNCHANGED if stored[name] == n else CHANGED
        for name, n in brought.items()
    ]
    assert list(found.states) == expected
    assert {gone.key for gone in found.gone} == stored.keys() - brought.keys()


def unit(layer: Layer, name: str, n: int) -> dict[str, object]:
    return {**record(layer, n), "name": name}


def test_each_of_many_duplicates_names_another(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    rows = [unit(layer, name, 0) for name in "甲乙甲丙甲"]
    found = examine(database, registry, layer, source(rows, [geometry(layer)] * 5))
    assert [(f.row, f.values["other"]) for f in found.findings] == [(1, 3), (3, 1), (5, 1)]
    assert {f.rule for f in found.findings} == {VALUE_DUPLICATE}
    assert np.count_nonzero([state is NEW for state in found.states]) == 2


def test_a_known_key_suggests_to_update(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    load(database, registry, layer, ordinary(layer, 1))
    (finding,) = examine(database, registry, layer, ordinary(layer, 1)).findings
    assert finding.rule is VALUE_EXISTS
    assert finding.value == "单位名称 0"
    assert "update" in finding.suggestion()


def test_files_may_be_examined_at_the_same_time(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    load(database, registry, layer, ordinary(layer, 3))

    def run(_: int) -> Sequence[State]:
        return examine(database, registry, layer, ordinary(layer, 5), UPDATE).states

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(run, range(24)))
    assert outcomes == [(UNCHANGED,) * 3 + (NEW,) * 2] * 24
