"""Tints for layers whose neighbours must differ: graph colouring over shared borders."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from layers.declaring.words import TINTS, Layer
from layers.held.policies import unrestricted
from layers.schema.tables import table


def retint(connection: Connection, layer: Layer) -> None:
    """Give every value of `style.by` one tint that no touching other value has.

    Runs in the transaction of the change, so that a reader never sees two neighbours alike.
    """
    if layer.style.distinct:
        with unrestricted(connection):  # neighbours may lie in another division
            _retint(connection, layer)


def _retint(connection: Connection, layer: Layer) -> None:
    if layer.style.by is None:
        return
    rows = table(layer)
    by = rows.c[layer.style.by]
    connection.execute(
        sa.update(rows).values(tint=None).where(by.is_(None), rows.c.tint.is_not(None))
    )
    values = connection.scalars(sa.select(by).where(by.is_not(None)).distinct().order_by(by)).all()
    tints = colour(values, _borders(connection, rows, by))
    if not tints:
        return
    # Two arrays: a VALUES of thousands of rows takes SQLAlchemy longer to write than to run.
    chosen = (
        sa.func.unnest(
            sa.literal(list(tints), ARRAY(sa.Text)),
            sa.literal(list(tints.values()), ARRAY(sa.SmallInteger)),
        )
        .table_valued(sa.column("value", sa.Text), sa.column("tint", sa.SmallInteger))
        .render_derived()
    )
    connection.execute(
        sa.update(rows)
        .values(tint=chosen.c.tint)
        .where(by == chosen.c.value, rows.c.tint.is_distinct_from(chosen.c.tint))
    )


def _borders(
    connection: Connection, rows: sa.Table, by: sa.Column[str]
) -> Iterable[tuple[str, str]]:
    other = rows.alias()
    statement = (
        sa.select(by, other.c[by.name])
        .distinct()
        .where(
            by < other.c[by.name],
            rows.c.geom.op("&&")(other.c.geom),
            sa.func.st_intersects(rows.c.geom, other.c.geom),
        )
    )
    return [(a, b) for a, b in connection.execute(statement)]


def colour(values: Iterable[str], borders: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """Welsh-Powell: the value with most neighbours first, each the least used tint left to it."""
    neighbours: dict[str, set[str]] = {value: set() for value in values}
    for one, other in borders:
        neighbours[one].add(other)
        neighbours[other].add(one)
    tints: dict[str, int] = {}
    used = [0] * len(TINTS)
    for value in sorted(neighbours, key=lambda v: (-len(neighbours[v]), v)):
        taken = {tints[n] for n in neighbours[value] if n in tints}
        # More neighbours than tints: the name in the field still tells them apart.
        free = [t for t in range(len(TINTS)) if t not in taken] or list(range(len(TINTS)))
        tints[value] = min(free, key=lambda t: (used[t], t))
        used[tints[value]] += 1
    return tints
