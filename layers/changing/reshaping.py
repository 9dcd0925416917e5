"""Splitting and merging the features of a layer that covers ground, and drawing them anew.

Each is one change through the gate (`layers.changing.editing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.border import meets
from gis.errors import Problem
from gis.geometry import Geometries
from gis.refusals.coverage import JOIN_REFUSED
from gis.reshape import cut, joined, settled
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring import codes
from layers.declaring.words import Field, Layer, Type
from layers.ground import gate
from layers.ground.partition import Reader
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.ground import UNKNOWN_PARTITION
from layers.registry import Registry
from layers.schema.tables import SRID, table

_COUNTED = frozenset({Type.INTEGER})
_ABOUT_1_CM_DEG = 1e-7


@dataclass(frozen=True, slots=True)
class Split:
    """What became of one feature: the part that kept its id, and the one that is new."""

    kept: int
    made: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A feature that may be taken in, and what people call it."""

    id: int
    label: str


def can_split(layer: Layer) -> bool:
    """Whether a new part can be given a key: its layer has grid codes."""
    return codes.numbered(layer) is not None


def neighbours(
    connection: Connection, registry: Registry, layer: Layer, feature_id: int
) -> tuple[Neighbour, ...]:
    """The features of the same division that have some border in common with this one."""
    reader = Reader(connection, registry, layer)
    (own,) = reader.parts(reader.named([feature_id])).rows or (None,)
    if own is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)
    ground = _stored(connection, layer, feature_id).ground
    west, south, east, north = ground.bounds
    near = reader.parts(reader.boxed((west, south, east, north)) & reader.belongs([own.division]))
    others = near.at(np.array([row.id != feature_id for row in near.rows], dtype=bool))
    beside = meets(ground.boundary, others.geometries)
    return tuple(Neighbour(row.id, row.label) for row in others.at(beside).rows)


def split(  # noqa: PLR0913  one change in its own words
    connection: Connection,
    registry: Registry,
    layer: Layer,
    feature_id: int,
    line: BaseGeometry,
    *,
    tolerance_m2: float,
) -> Split:
    """Cut one feature in two by a line. The larger part keeps id, code and values; the other has
    the first free code of the division, and the values but for those that count.

    Problems: UNKNOWN_PARTITION, UNKNOWN_FEATURE, SPLIT_REFUSED, those of
    `layers.declaring.codes.propose` and of `layers.changing.editing.apply`.
    """
    code = codes.numbered(layer)
    if code is None or layer.partition is None:
        raise Problem(UNKNOWN_PARTITION, layer=layer.name)
    gate.lock(connection, layer)
    whole = _stored(connection, layer, feature_id)
    larger, smaller = cut(whole.ground, line)
    division = str(whole.values[layer.partition.field] or "")
    given = proposed(connection, layer, division, smaller)
    values = {**whole.values, **dict.fromkeys(_counts(layer)), code: given}
    if layer.title and layer.title not in layer.key:
        values[layer.title] = f"{whole.values[layer.title]}（{given[-3:]}）"
    puts = [replace(whole, geometry=larger), Put(None, values, smaller)]
    changes = Changes(puts)
    kept, made = editing.apply(connection, registry, layer, changes, tolerance_m2=tolerance_m2)
    return Split(kept, made)


def merge(  # noqa: PLR0913  one change in its own words
    connection: Connection,
    registry: Registry,
    layer: Layer,
    feature_id: int,
    other: int,
    *,
    tolerance_m2: float,
) -> None:
    """Let one feature take in a neighbour of its division, which goes. It keeps its id, code and
    values; what both have counted is added up.

    Problems: UNKNOWN_PARTITION, UNKNOWN_FEATURE, JOIN_REFUSED, and those of `editing.apply`.
    """
    if layer.partition is None:
        raise Problem(UNKNOWN_PARTITION, layer=layer.name)
    gate.lock(connection, layer)
    own, taken = (_stored(connection, layer, each) for each in (feature_id, other))
    field = layer.partition.field
    if feature_id == other or own.values[field] != taken.values[field]:
        raise Problem(JOIN_REFUSED)
    values = {**own.values, **_added_up(layer, own.values, taken.values)}
    whole = replace(own, values=values, geometry=joined([own.ground, taken.ground]))
    changes = Changes([whole], deletes=[other])
    editing.apply(connection, registry, layer, changes, tolerance_m2=tolerance_m2)


def proposed(connection: Connection, layer: Layer, division: str, ground: BaseGeometry) -> str:
    """The first free code of a division, in a layer that has grid codes."""
    code = codes.numbered(layer)
    if code is None:
        raise Problem(UNKNOWN_PARTITION, layer=layer.name)
    stored = table(layer).c[code]
    taken = connection.scalars(sa.select(stored).where(stored.startswith(division))).all()
    (found,) = codes.propose(taken, division, _one(ground))
    return found


def redrawn(connection: Connection, layer: Layer, put: Put) -> Put:
    """A feature as it came back from a map, on which corners have seven decimals: those that are
    of stored features around there are put where these have them."""
    if put.geometry is None:
        return put
    rows = table(layer)
    west, south, east, north = put.geometry.buffer(_ABOUT_1_CM_DEG).bounds
    box = sa.func.st_makeenvelope(west, south, east, north, SRID)
    statement = sa.select(sa.func.st_asbinary(rows.c.geom)).where(rows.c.geom.op("&&")(box))
    # Its own corners come last, so that they win where two are the same to seven decimals.
    found = connection.execute(statement.order_by(rows.c.id == put.id)).scalars()
    stored = shapely.from_wkb(np.array([bytes(each) for each in found], dtype=object))
    (ground,) = settled(_one(put.geometry), stored)
    return replace(put, geometry=ground)


def moved(connection: Connection, layer: Layer, feature_id: int, ground: BaseGeometry) -> Put:
    """A stored feature with new ground and its own values."""
    return replace(_stored(connection, layer, feature_id), geometry=ground)


def _stored(connection: Connection, layer: Layer, feature_id: int) -> Put:
    """One feature as it is stored, kept from others until the transaction ends."""
    rows = table(layer)
    names = [field.name for field in layer.fields]
    statement = sa.select(sa.func.st_asbinary(rows.c.geom), *(rows.c[name] for name in names))
    found = connection.execute(statement.where(rows.c.id == feature_id)).first()
    if found is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)
    return Put(
        feature_id, dict(zip(names, found[1:], strict=True)), shapely.from_wkb(bytes(found[0]))
    )


def _counts(layer: Layer) -> list[str]:
    """The fields that say how many of something are on the ground: whole numbers that may lack."""
    return [f.name for f in layer.fields if _is_count(f) and not f.required]


def _is_count(field: Field) -> bool:
    return field.type in _COUNTED


def _added_up(
    layer: Layer, one: Mapping[str, object], other: Mapping[str, object]
) -> dict[str, object]:
    """Nothing is known of the whole where nothing is known of a part."""
    sums: dict[str, object] = {}
    for field in filter(_is_count, layer.fields):
        a, b = one[field.name], other[field.name]
        sums[field.name] = a + b if isinstance(a, int) and isinstance(b, int) else None
    return sums


def _one(geometry: BaseGeometry) -> Geometries:
    return np.array([geometry], dtype=object)
