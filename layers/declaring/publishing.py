"""What of a layer may leave for everybody: no personal values, no addresses, no exact places."""

from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from layers.declaring.words import Geometry, Layer, Style

# Degrees of longitude and latitude: at least 100 m everywhere south of 60° N.
_CELL_DEG = (0.002, 0.001)


@cache
def published(layer: Layer) -> Layer:
    """The layer with the fields that anybody may have, and nothing that reads the others."""
    fields = tuple(field for field in layer.fields if field.published and not field.personal)
    return replace(
        layer,
        fields=fields,
        key=(),
        title=None,
        style=Style(),
        measures=(),
        partition=None,
        hierarchy=None,
        logged=None,
        workflow=None,
        parent=None,
        in_order=(),
        checks=(),
        becomes=None,
    )


def rows(layer: Layer, stored: sa.FromClause) -> sa.Subquery:
    """Rows with those fields alone, and points moved to the middle of a cell of 100 m or more.

    Lines and areas are the ground that everybody sees; whoever is at a point may be somebody. What
    is asked of these rows is asked of the rounded points, so that no box tells more.
    """
    names = ("id", *(field.name for field in published(layer).fields))
    shape = [_published(layer, stored).label("geom")] if layer.has_shape else []
    return sa.select(*(stored.c[name] for name in names), *shape).subquery(layer.name)


def _published(layer: Layer, stored: sa.FromClause) -> ColumnElement[Any]:
    shape: ColumnElement[Any] = stored.c.geom
    if layer.geometry is Geometry.POINT:
        middle = (side / 2 for side in _CELL_DEG)
        shape = sa.func.st_snaptogrid(shape, *middle, *_CELL_DEG)
    return shape
