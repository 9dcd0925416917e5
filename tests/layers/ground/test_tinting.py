"""Neighbouring fields of different leaders never share a tint while there are tints left."""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from layers.declaring.words import TINTS
from layers.ground.tinting import colour, retint
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import geometry, record


def _tints(conn: Connection, registry: Registry) -> list[tuple[str | None, int | None]]:
    rows = table(registry.layer("grid_fields"))
    return [
        tuple(r) for r in conn.execute(sa.select(rows.c.leader, rows.c.tint).order_by(rows.c.id))
    ]


def test_one_leader_has_one_tint_and_neighbours_another(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    for n, leader in enumerate(["甲", "甲", "乙", "丙", "甲", None]):
        features.insert(conn, layer, record(layer, n, leader=leader), geometry(layer, n))
    retint(conn, layer)
    found = _tints(conn, registry)
    tint = dict(found)
    assert len({t for who, t in found if who == "甲"}) == 1
    assert len({tint["甲"], tint["乙"], tint["丙"]}) == 3  # 乙 and 丙 touch, 甲 touches both
    assert tint[None] is None


def test_a_change_of_leader_changes_the_tint(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    ids = [
        features.insert(conn, layer, record(layer, n, leader=who), geometry(layer, n))
        for n, who in enumerate("甲乙")
    ]
    features.replace(conn, layer, ids[1], record(layer, 1, leader="甲"), geometry(layer, 1))
    retint(conn, layer)
    assert len({t for _, t in _tints(conn, registry)}) == 1
    features.replace(conn, layer, ids[1], record(layer, 1, leader=None), geometry(layer, 1))
    retint(conn, layer)
    assert _tints(conn, registry)[1] == (None, None)


@given(st.sets(st.tuples(st.integers(0, 20), st.integers(0, 20))))
def test_no_border_joins_equal_tints_where_the_tints_suffice(pairs: set[tuple[int, int]]) -> None:
    borders = [(f"{a:02}", f"{b:02}") for a, b in pairs if a < b]
    tints = colour([f"{n:02}" for n in range(21)], borders)
    degree = {v: sum(v in pair for pair in borders) for v in tints}
    for one, other in borders:
        if max(degree[one], degree[other]) < len(TINTS):
            assert tints[one] != tints[other]
