"""Taking a change back: a new change, through the gate, that makes things as they were before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from psycopg2.errors import UniqueViolation
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gis.errors import Problem
from gis.geometry import Geometries
from gis.refusals.database import NOT_PERMITTED
from layers.declaring.words import Layer
from layers.duties import columns as duty_columns
from layers.ground import gate
from layers.ground.tinting import retint
from layers.held.policies import unrestricted
from layers.keeping import states as case_states
from layers.reading import features
from layers.refusals.cases import UNDO_OF_STEP
from layers.refusals.history import CHANGED_SINCE, UNDO_OF_BATCH, UNKNOWN_CHANGE
from layers.registry import Registry
from layers.schema.tables import IMPORT_BATCHES, table, versions_table
from layers.schema.versions import CHANGES


@dataclass(frozen=True, slots=True)
class _Touched:
    """A feature that is to become what it was: `before` numbers that version, 0 if there was none.

    `was` and `is_there`: whether there was such a feature, and whether there is now.
    """

    id: int
    before: int
    was: bool
    is_there: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which features go, come back and change; one that exchanges its key goes and comes back."""

    gone: tuple[int, ...]
    back: tuple[_Touched, ...]
    changed: tuple[_Touched, ...]


def undo(
    connection: Connection, registry: Registry, layer: Layer, number: int, *, tolerance_m2: float
) -> int:
    """Take back what one change did, with all that its transaction did in the layer: a border
    belongs to two features. As a new change; how many features that touched.

    Problems: UNKNOWN_CHANGE; CHANGED_SINCE when a feature has a later version or its key has been
    given away; UNDO_OF_BATCH; UNDO_OF_STEP; NOT_PERMITTED when the actor may not change every
    feature of it; COVERAGE_OPENED of the gate, and a name that could by now be several people's.
    """
    duty_columns.lock(connection, layer)
    numbers = _together(connection, layer, number)
    _refuse_batch(connection, layer, number)
    touched = _touched(connection, layer, numbers, number)
    ids = [each.id for each in touched]
    if case_states.stepped(connection, layer, number, ids):
        raise Problem(UNDO_OF_STEP, number=number)
    duty_columns.lock(connection, layer, ids)
    plan = _plan(connection, layer, touched)
    with gate.passing(
        connection,
        registry,
        layer,
        ids=[each.id for each in touched if each.is_there],
        geometries=_ground(connection, layer, touched),
        tolerance_m2=tolerance_m2,
    ):
        names = duty_columns.remember(connection, layer, ids)
        _carry_out(connection, layer, plan, number)
    for _, finding in duty_columns.follow(connection, layer, names, ids).findings:
        values: dict[str, Any] = dict(finding.values)
        raise Problem(finding.rule, **values)
    retint(connection, layer)
    return len(touched)


# --- what there is to undo ------------------------------------------------------------------------
def _together(connection: Connection, layer: Layer, number: int) -> list[int]:
    """The changes of the layer in the same transaction as this one. Records from phones share a
    transaction with others, and are told apart by their names (`layers.submissions.storing`)."""
    one, other = CHANGES.alias(), CHANGES.alias()
    same = sa.and_(
        other.c.transaction == one.c.transaction,
        other.c.at == one.c.at,  # numbers of transactions begin anew after a restore
        other.c.layer == one.c.layer,
        other.c.label.is_not_distinct_from(one.c.label),
    )
    statement = sa.select(other.c.number).join_from(one, other, same)
    statement = statement.where(one.c.number == number, one.c.layer == layer.name)
    found = list(connection.scalars(statement.order_by(other.c.number)))
    if not found:
        raise Problem(UNKNOWN_CHANGE, layer=layer.name, number=number)
    return found


def _refuse_batch(connection: Connection, layer: Layer, number: int) -> None:
    """What an import stored or its undoing took back has the moment of it."""
    at = sa.select(CHANGES.c.at).where(CHANGES.c.number == number).scalar_subquery()
    batches = IMPORT_BATCHES.c
    mine = sa.or_(batches.loaded_at == at, batches.undone_at == at)
    with unrestricted(connection):  # an import of another division's admin is one all the same
        batch = connection.scalar(
            sa.select(batches.number).where(batches.layer == layer.name, mine).limit(1)
        )
    if batch is not None:
        raise Problem(UNDO_OF_BATCH, number=number, batch=batch)


def _touched(
    connection: Connection, layer: Layer, numbers: Sequence[int], number: int
) -> list[_Touched]:
    """The features of these changes, all of which the actor must see and nobody have changed."""
    rows = versions_table(layer)
    mine = rows.c["_change"].in_(numbers)
    seen, superseded = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(rows.c["_to"]).filter(~_replaced_within(rows, numbers)),
        ).where(mine)
    ).one()
    if superseded:
        raise Problem(CHANGED_SINCE, number=number, count=superseded)
    if seen != _recorded(connection, numbers):
        raise Problem(NOT_PERMITTED)
    first = (
        sa.select(rows.c.id, (sa.func.min(rows.c["_number"]) - 1).label("before"))
        .where(mine)
        .group_by(rows.c.id)
        .subquery()
    )
    was = rows.alias()
    there = sa.select(table(layer).c.id).where(table(layer).c.id == first.c.id).exists()
    statement = sa.select(
        first.c.id,
        first.c.before,
        sa.func.coalesce(was.c["_operation"] != "delete", sa.false()),
        there,
    ).outerjoin_from(
        first, was, sa.and_(was.c.id == first.c.id, was.c["_number"] == first.c.before)
    )
    return [_Touched(*row) for row in connection.execute(statement.order_by(first.c.id))]


def _replaced_within(rows: sa.Table, numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether it was one of these changes that replaced a version."""
    later = rows.alias()
    return (
        sa.select(later.c.id)
        .where(
            later.c.id == rows.c.id,
            later.c["_number"] == rows.c["_number"] + 1,
            later.c["_change"].in_(numbers),
        )
        .correlate(rows)
        .exists()
    )


def _recorded(connection: Connection, numbers: Sequence[int]) -> int:
    """How many rows these changes had, whoever may see them."""
    with unrestricted(connection):
        rows = sa.select(sa.func.sum(CHANGES.c.rows)).where(CHANGES.c.number.in_(numbers))
        return int(connection.scalar(rows) or 0)


# --- making it as it was --------------------------------------------------------------------------
def _plan(connection: Connection, layer: Layer, touched: Sequence[_Touched]) -> _Plan:
    both = [each for each in touched if each.was and each.is_there]
    moved = _exchanging(connection, layer, both)
    return _Plan(
        gone=tuple(e.id for e in touched if e.is_there and (not e.was or e.id in moved)),
        back=tuple(e for e in touched if e.was and (not e.is_there or e.id in moved)),
        changed=tuple(each for each in both if each.id not in moved),
    )


def _exchanging(connection: Connection, layer: Layer, both: Sequence[_Touched]) -> Collection[int]:
    """The features that get other keys, if several do: they may well be one another's."""
    rows, wanted = versions_table(layer), _versions(both)
    keys = sa.select(rows.c.id, *(rows.c[name] for name in layer.key))
    former = connection.execute(keys.join_from(rows, wanted, _named(rows, wanted)))
    now = features.keys(connection, layer, [each.id for each in both])
    moved = {row[0] for row in former if tuple(row[1:]) != now[row[0]]}
    return moved if len(moved) > 1 else ()


def _carry_out(connection: Connection, layer: Layer, plan: _Plan, number: int) -> None:
    """Each statement must reach all its features: the policies leave out what is not allowed."""
    rows, versions = table(layer), versions_table(layer)
    names = layer.columns
    gone = sa.delete(rows).where(rows.c.id.in_(plan.gone))
    former, wanted = _versions(plan.changed), _versions(plan.back)
    changed = (
        sa.update(rows)
        .values({name: versions.c[name] for name in names})
        .where(rows.c.id == versions.c.id, _named(versions, former))
    )
    brought = sa.select(versions.c.id, *(versions.c[name] for name in names))
    back = sa.insert(rows).from_select(
        ["id", *names], brought.join_from(versions, wanted, _named(versions, wanted))
    )
    for statement, count in (
        (gone, len(plan.gone)),
        (changed, len(plan.changed)),
        (back, len(plan.back)),
    ):
        if count and _executed(connection, statement, number) != count:
            raise Problem(NOT_PERMITTED)


def _executed(
    connection: Connection, statement: sa.Insert | sa.Update | sa.Delete, number: int
) -> int:
    try:
        return connection.execute(statement).rowcount
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        raise Problem(CHANGED_SINCE, number=number, count=1) from error


def _ground(connection: Connection, layer: Layer, touched: Sequence[_Touched]) -> Geometries:
    if layer.partition is None:  # the gate will not look at it
        return np.array([], dtype=object)
    rows, wanted = versions_table(layer), _versions([each for each in touched if each.was])
    statement = sa.select(sa.func.st_asbinary(rows.c.geom)).join_from(
        rows, wanted, _named(rows, wanted)
    )
    found = [bytes(each) for each in connection.scalars(statement)]
    ground: Geometries = shapely.from_wkb(np.array(found, dtype=object))
    return ground


def _versions(touched: Sequence[_Touched]) -> Any:
    """Versions by id and number, as rows to be joined with; two arrays make one short statement."""
    return (
        sa.func.unnest(
            sa.literal([each.id for each in touched], ARRAY(sa.BigInteger)),
            sa.literal([each.before for each in touched], ARRAY(sa.Integer)),
        )
        .table_valued(sa.column("id", sa.BigInteger), sa.column("before", sa.Integer))
        .render_derived()
    )


def _named(rows: sa.Table, wanted: Any) -> ColumnElement[bool]:
    return sa.and_(rows.c.id == wanted.c.id, rows.c["_number"] == wanted.c.before)
