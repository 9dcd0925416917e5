"""Changes to single features: several in one transaction, all of them or none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from psycopg2.errors import UniqueViolation
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gis.errors import Finding, Problem
from layers.arriving import unplaced
from layers.declaring.words import Layer
from layers.duties import columns as duty_columns
from layers.ground import gate
from layers.ground.tinting import retint
from layers.keeping import parents
from layers.keeping import states as case_states
from layers.reading import features
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.cases import CASE_BY_TRANSITION
from layers.refusals.ground import COVERAGE_OPENED
from layers.refusals.values import VALUE_EXISTS
from layers.registry import Registry


@dataclass(frozen=True, slots=True)
class Put:
    """A checked record (`layers.declaring.values.check`) that replaces the feature `id`, or is a
    new one.

    Its geometry is None where the layer is a register.
    `row` is its place among those that came together, from 1, where there are several.
    """

    id: int | None
    values: Mapping[str, object]
    geometry: BaseGeometry | None
    row: int | None = None

    @property
    def ground(self) -> BaseGeometry:
        """The geometry of what lies somewhere."""
        if self.geometry is None:
            raise ValueError("a register's record has no ground")
        return self.geometry


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to happen at once: first the deletes, then the puts in their order."""

    puts: Sequence[Put] = ()
    deletes: Sequence[int] = ()


def apply(
    connection: Connection,
    registry: Registry,
    layer: Layer,
    changes: Changes,
    *,
    tolerance_m2: float,
) -> tuple[int, ...]:
    """Make the changes through the gate and return the ids of what was put, in its order.

    Problem(UNKNOWN_FEATURE), Problem(CASE_BY_TRANSITION) for the state of a case,
    Problem(FEATURE_REFUSED) for a key that is taken, and
    Problem(COVERAGE_OPENED), whose findings have the rows of the puts; on any of these the caller
    rolls back.
    """
    ids: list[int] = []
    _keep_states(connection, layer, changes.puts)
    replaced = [put.id for put in changes.puts if put.id is not None]
    drawn = [put.geometry for put in changes.puts if put.geometry is not None]
    coming = np.array(drawn, dtype=object)
    touched = [*replaced, *changes.deletes]
    try:
        with gate.passing(
            connection, registry, layer, ids=touched, geometries=coming, tolerance_m2=tolerance_m2
        ):
            names = duty_columns.remember(connection, layer, replaced)
            moved = _exchanging(connection, layer, changes.puts)
            for feature_id in (*changes.deletes, *moved):
                features.delete(connection, layer, feature_id)
            ids += [_put(connection, layer, put, moved) for put in changes.puts]
    except Problem as problem:
        if problem.rule is not COVERAGE_OPENED:
            raise
        rows = {n: put.row for n, put in zip(ids, changes.puts, strict=True) if put.row}
        raise gate.placed(problem, rows) from None
    puts = dict(zip(ids, changes.puts, strict=True))
    _follow(connection, layer, names, puts)
    if parents.looked_at(layer):
        _refuse(layer, parents.faults(connection, registry, layer, ids), puts)
    retint(connection, layer)
    return tuple(ids)


def _keep_states(connection: Connection, layer: Layer, puts: Sequence[Put]) -> None:
    """A case goes on by its steps (`layers.cases.applying`)."""
    known = {put.id: put for put in puts if put.id is not None}
    records = {feature: put.values for feature, put in known.items()}
    wrong = list(case_states.redecided(connection, layer, records))
    if wrong:
        findings = [replace(finding, row=known[feature].row) for feature, finding in wrong]
        told: dict[str, Any] = dict(findings[0].values)
        raise Problem(CASE_BY_TRANSITION, findings=findings, **told)


def amend(
    connection: Connection, layer: Layer, feature_id: int, values: Mapping[str, object]
) -> None:
    """Change these fields of one feature, whose ground stays as it is.

    Problem(UNKNOWN_FEATURE), Problem(FEATURE_REFUSED) for a name that could be several people's.
    """
    names = duty_columns.remember(connection, layer, [feature_id])
    features.amend(connection, layer, feature_id, values)
    _follow(connection, layer, names, {feature_id: Put(feature_id, values, None)})
    retint(connection, layer)


def _follow(
    connection: Connection, layer: Layer, names: duty_columns.Names, puts: Mapping[int, Put]
) -> None:
    """Let the duties follow the names; a name that could be several people's is refused."""
    _refuse(layer, duty_columns.follow(connection, layer, names, list(puts)).findings, puts)


def _refuse(layer: Layer, wrong: Sequence[tuple[int, Finding]], puts: Mapping[int, Put]) -> None:
    """What is wrong with features, each by its id, is a refusal that names the rows."""
    if wrong:
        findings = [replace(finding, row=puts[feature].row) for feature, finding in wrong]
        raise Problem(FEATURE_REFUSED, findings=findings, layer=layer.name, count=len(findings))


def _exchanging(connection: Connection, layer: Layer, puts: Sequence[Put]) -> frozenset[int]:
    """The features that get other keys, if several do: they may well be one another's.

    Two rows with the same key cannot be in the table even for a moment, so these rows leave it
    and come back under their ids.
    """
    given = {
        put.id: tuple(put.values.get(name) for name in layer.key)
        for put in puts
        if put.id is not None
    }
    known = features.keys(connection, layer, given)
    moved = [feature_id for feature_id, key in known.items() if key != given[feature_id]]
    return frozenset(moved) if len(moved) > 1 else frozenset()


def _put(connection: Connection, layer: Layer, put: Put, moved: Collection[int]) -> int:
    try:
        if put.id is None or put.id in moved:
            return features.insert(connection, layer, put.values, put.geometry, feature_id=put.id)
        values = unplaced.redrawn(connection, layer, put.id, put.values, put.geometry)
        features.replace(connection, layer, put.id, values, put.geometry)
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        raise _taken(layer, put) from error
    return put.id


def _taken(layer: Layer, put: Put) -> Problem:
    """A key that another feature has becomes a refusal that names it."""
    key = " / ".join(str(put.values.get(name)) for name in layer.key)
    finding = Finding(VALUE_EXISTS, put.row, " + ".join(layer.key), {"value": key})
    return Problem(FEATURE_REFUSED, findings=[finding], layer=layer.name, count=1)
