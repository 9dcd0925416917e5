"""A layer that covers ground: its features, and the divisions that they belong to, as read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.geometry import Geometries
from layers.declaring.dividing import Partition
from layers.declaring.words import Layer
from layers.reading.features import BBox
from layers.refusals.ground import UNKNOWN_PARTITION
from layers.registry import Registry
from layers.schema.tables import SRID, table

# What `layers.declaring.words.Partition` asks of a layer of divisions.
_POLICY, _OVER = "special_policy", "over"


@dataclass(frozen=True, slots=True)
class Division:
    """A stored division: whether special parts lie over its others, and the ground it owns."""

    code: str
    name: str
    parent: str | None
    has_specials_over: bool
    ground: BaseGeometry


@dataclass(frozen=True, slots=True)
class Part:
    """One feature of a partition: its id, what people call it, and where it belongs.

    `place` is what the policies go by (`layers.held.placing`).
    """

    id: int
    label: str
    division: str | None
    is_special: bool
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Features in the order of their ids, with their geometries (WGS 84) in an array."""

    rows: tuple[Part, ...]
    geometries: Geometries

    def at(self, wanted: NDArray[np.bool_] | NDArray[np.int64]) -> "Parts":
        """Those at some positions, or under a mask."""
        positions = np.arange(len(self.rows))[wanted]
        return Parts(tuple(self.rows[n] for n in positions), self.geometries[positions])

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]

    @property
    def labels(self) -> list[str]:
        return [row.label for row in self.rows]

    def over(self, divisions: Mapping[str, Division]) -> NDArray[np.bool_]:
        """Which of them may lie over others, and so are no cover of their own."""
        owners = (divisions.get(row.division or "") for row in self.rows)
        return np.array(
            [
                row.is_special and owner is not None and owner.has_specials_over
                for row, owner in zip(self.rows, owners, strict=True)
            ],
            dtype=bool,
        )


class Reader:
    """Reads one layer with a partition through a connection.

    Problem(UNKNOWN_PARTITION) when the layer has none.
    """

    def __init__(self, connection: Connection, registry: Registry, layer: Layer) -> None:
        if layer.partition is None:
            raise Problem(UNKNOWN_PARTITION, layer=layer.name)
        self.connection = connection
        self.layer = layer
        self.rows = table(layer)
        self.partition: Partition = layer.partition
        self._of = registry.layers.get(layer.partition.of)

    def parts(self, where: ColumnElement[bool] | None = None) -> Parts:
        """The features that meet a condition, all of them without one."""
        rows = self.rows
        statement = sa.select(
            rows.c.id,
            label(self.layer, rows),
            rows.c[self.partition.field],
            rows.c[self.partition.kind].is_not_distinct_from(self.partition.special),
            rows.c.place,
            sa.func.st_asbinary(rows.c.geom),
        )
        if where is not None:
            statement = statement.where(where)
        found = self.connection.execute(statement.order_by(rows.c.id)).all()
        geometries = shapely.from_wkb(np.array([bytes(row[5]) for row in found], dtype=object))
        return Parts(tuple(Part(*row[:5]) for row in found), np.asarray(geometries, dtype=object))

    def column(self, name: str, parts: Parts) -> Sequence[object]:
        """The values of one field of these features, in their order."""
        statement = sa.select(self.rows.c.id, self.rows.c[name]).where(self.named(parts.ids))
        found = {row.id: row[1] for row in self.connection.execute(statement)}
        return [found[feature_id] for feature_id in parts.ids]

    def named(self, ids: Collection[int]) -> ColumnElement[bool]:
        """Features with these ids."""
        return self.rows.c.id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger)))

    def belongs(self, codes: Collection[str | None]) -> ColumnElement[bool]:
        """Features of these divisions; None stands for those without one."""
        field = self.rows.c[self.partition.field]
        texts = [code for code in codes if code is not None]
        belongs = field == sa.any_(sa.literal(texts, sa.ARRAY(sa.Text)))
        return sa.or_(belongs, field.is_(None)) if None in codes else belongs

    def boxed(self, box: BBox) -> ColumnElement[bool]:
        """Features whose box meets this one (west, south, east, north; by index)."""
        return self.rows.c.geom.op("&&")(sa.func.st_makeenvelope(*box, SRID))

    def divisions(self, codes: Collection[str] | None = None) -> Mapping[str, Division]:
        """The stored divisions by code: all, or those named; without any that is no valid area."""
        if self._of is None or self._of.hierarchy is None:
            return {}
        rows, tree = table(self._of), self._of.hierarchy
        statement = sa.select(
            rows.c[tree.code],
            label(self._of, rows),
            rows.c[tree.parent],
            sa.func.coalesce(rows.c[_POLICY] == _OVER, sa.false()),
            sa.func.st_asbinary(rows.c.geom),
        )
        if codes is not None:
            wanted = sa.literal(list(codes), sa.ARRAY(sa.Text))
            statement = statement.where(rows.c[tree.code] == sa.any_(wanted))
        found = self.connection.execute(statement.order_by(rows.c[tree.code])).all()
        ground = shapely.from_wkb(np.array([bytes(row[4]) for row in found], dtype=object))
        return {
            row[0]: Division(row[0], row[1], row[2], row[3], ground[n])
            for n, row in enumerate(found)
            if ground[n].is_valid
        }


def label(layer: Layer, rows: sa.FromClause) -> ColumnElement[str]:
    """What people call a feature: its title, else its key, else its number."""
    names = [rows.c[name] for name in (layer.title, *layer.key) if name]
    texts = (sa.func.nullif(sa.cast(name, sa.Text), "") for name in names)
    return sa.func.coalesce(*texts, sa.func.concat("#", rows.c.id))
