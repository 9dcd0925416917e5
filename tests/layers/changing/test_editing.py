"""Several features are changed at once or not at all."""

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.words import Layer
from layers.refusals.asking import FEATURE_REFUSED, UNKNOWN_FEATURE
from layers.refusals.ground import COVERAGE_OPENED
from layers.refusals.values import VALUE_EXISTS
from layers.registry import Registry
from layers.schema.tables import table
from tests.layers.fields import division, field, plot, values


@pytest.fixture
def layer(registry: Registry) -> Layer:
    return registry.layer("grid_fields")


@pytest.fixture
def row(conn: Connection, registry: Registry) -> list[int]:
    division(conn, registry, plot(0, 0, 3))
    return [field(conn, registry, n + 1, plot(n, 0)) for n in range(3)]


def apply(conn: Connection, registry: Registry, changes: Changes) -> tuple[int, ...]:
    layer = registry.layer("grid_fields")
    return editing.apply(conn, registry, layer, changes, tolerance_m2=0.5)


def ids(conn: Connection, layer: Layer) -> list[int]:
    rows = table(layer)
    return list(conn.scalars(sa.select(rows.c.id).order_by(rows.c.id)))


def test_a_field_is_split_and_its_parts_are_merged_again(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    halves = [
        Put(row[0], values(1), plot(0, 0, 0.5)),
        Put(None, values(4), plot(0.5, 0, 0.5)),
    ]
    first, second = apply(conn, registry, Changes(halves))
    assert first == row[0]
    assert ids(conn, layer) == [*row, second]
    merged = Changes([Put(first, values(1), plot(0, 0))], deletes=[second])
    assert apply(conn, registry, merged) == (first,)
    assert ids(conn, layer) == row


def test_a_code_that_is_freed_can_be_given_again_in_the_same_step(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    changes = Changes([Put(None, values(1), plot(0, 0))], deletes=[row[0]])
    (made,) = apply(conn, registry, changes)
    assert made not in row


def test_two_fields_may_exchange_their_codes(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    swapped = [Put(row[0], values(2), plot(0, 0)), Put(row[1], values(1), plot(1, 0))]
    assert apply(conn, registry, Changes(swapped)) == (row[0], row[1])
    rows = table(layer)
    codes = conn.scalars(sa.select(rows.c.code).order_by(rows.c.id)).all()
    assert [code[-3:] for code in codes] == ["002", "001", "003"]


def test_a_refusal_names_the_row_of_what_was_put(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    puts = [
        Put(row[2], values(3), plot(2, 0), row=1),
        Put(row[0], values(1), plot(0, 0, 1.5), row=2),
    ]
    with pytest.raises(Problem) as caught:
        apply(conn, registry, Changes(puts))
    assert caught.value.rule is COVERAGE_OPENED
    assert [finding.row for finding in caught.value.findings] == [2]


def test_a_key_that_is_taken_is_named_with_its_row(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    with pytest.raises(Problem) as caught:
        apply(conn, registry, Changes([Put(None, values(2), plot(5, 0), row=1)]))
    assert caught.value.rule is FEATURE_REFUSED
    (finding,) = caught.value.findings
    assert (finding.rule, finding.row, finding.column) == (VALUE_EXISTS, 1, "code")
    assert values(2)["code"] in finding.sentence("zh")


def test_what_is_not_there_is_not_changed(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    for changes in (Changes([Put(99, values(9), plot(9, 0))]), Changes(deletes=[99])):
        with pytest.raises(Problem) as caught:
            apply(conn, registry, changes)
        assert caught.value.rule is UNKNOWN_FEATURE


def test_neighbours_have_different_tints_afterwards(
    conn: Connection, registry: Registry, layer: Layer
) -> None:
    apply(conn, registry, Changes([Put(None, values(n), plot(n, 0)) for n in range(1, 4)]))
    rows = table(layer)
    tints = conn.scalars(sa.select(rows.c.tint).order_by(rows.c.id)).all()
    assert tints[0] != tints[1] != tints[2]
    assert None not in tints


def test_nothing_to_do_is_no_fault(conn: Connection, registry: Registry) -> None:
    assert apply(conn, registry, Changes()) == ()
    point = shapely.Point(101.82, 36.62)
    bench = Put(None, {"name": "甲院", "management": "none"}, point)
    layer = registry.layer("courtyards")
    made = editing.apply(conn, registry, layer, Changes([bench]), tolerance_m2=0.5)
    assert len(made) == 1
