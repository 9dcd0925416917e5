"""Records that belong to others, looked at once they are written: whose they are and where."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Finding
from layers.declaring.relations import Parent
from layers.declaring.words import Layer
from layers.keeping import record_checks
from layers.keeping.record_checks import Faulty, Ids
from layers.refusals.structures import PARENT_ELSEWHERE, PARENT_UNKNOWN
from layers.registry import Registry
from layers.schema.tables import table


def looked_at(layer: Layer) -> bool:
    """Whether anything of the layer's records is looked at only once they are written."""
    return bool(layer.parent or layer.checks)


def faults(connection: Connection, registry: Registry, layer: Layer, ids: Ids) -> list[Faulty]:
    """What is wrong with these records as they stand now, each with the id of the record.

    Whoever acts is told of nothing that lies outside the own division.
    """
    found: list[Faulty] = []
    if layer.parent and layer.parent.layer in registry.layers:
        parent = registry.layer(layer.parent.layer)
        found += _of_parent(connection, _Kin(layer, parent, layer.parent), ids)
    for name in layer.checks:
        found += record_checks.CHECKS[name](connection, ids)
    return found


@dataclass(frozen=True, slots=True)
class _Kin:
    """A layer, the one that its records belong to, and by which fields."""

    child: Layer
    parent: Layer
    said: Parent

    def belongs(self, own: sa.FromClause, theirs: sa.FromClause) -> ColumnElement[bool]:
        """Whether a record belongs to another; by the digest, over which there are indexes."""
        name, key = own.c[self.said.field], theirs.c[self.said.key]
        return (sa.func.md5(name) == sa.func.md5(key)) & (name == key)


def _of_parent(connection: Connection, kin: _Kin, ids: Ids) -> Iterator[Faulty]:
    own, theirs = table(kin.child), table(kin.parent)
    name = own.c[kin.said.field]
    wrong: ColumnElement[bool] = theirs.c.id.is_(None)
    if kin.child.belongs:
        wrong |= (theirs.c.place != own.c.place) & (theirs.c.place != 0)
    statement = (
        sa.select(own.c.id, name, own.c.place, theirs.c.place)
        .outerjoin_from(own, theirs, kin.belongs(own, theirs))
        .where(own.c.id.in_(ids), name.is_not(None), wrong)
    )
    for feature, told, place, lies in connection.execute(statement):
        yield feature, _finding(kin, told, place, lies)


def _finding(kin: _Kin, told: str, place: int, lies: int | None) -> Finding:
    label = kin.parent.label
    if lies is None:
        named = {"value": told, "layer": label.en.lower(), "layer_zh": label.zh}
        return Finding(PARENT_UNKNOWN, column=kin.said.field, values=named)
    values = {"value": f"{place:012d}", "parent": told, "wanted": f"{lies:012d}"}
    return Finding(PARENT_ELSEWHERE, column=kin.child.belongs, values=values)
