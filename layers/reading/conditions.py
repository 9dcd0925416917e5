"""Conditions that narrow a map down: which features of a layer it draws and counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from layers.declaring.words import Layer
from layers.reading import masking


@dataclass(frozen=True, slots=True)
class Condition:
    """What features of a layer must be like: a text that says so, and the same about its table.

    Two of the same layer and text are one, so that they can be part of a key. `personal` says
    that it asks about values which not everybody may read.
    """

    layer: str
    text: str
    where: ColumnElement[bool] = field(compare=False, repr=False)
    personal: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, layer: Layer, text: str, where: ColumnElement[bool]) -> "Condition":
        """The condition of a text; `where` is about the layer's table."""
        names = {each.name for each in masking.personal(layer)}
        asked = (each for each in iterate(where) if _is_of(layer, each))
        return cls(layer.name, text, where, any(each.name in names for each in asked))  # type: ignore[attr-defined]  # a Column


Conditions = tuple[Condition, ...]


def fulfilling(layer: Layer, rows: FromClause, conditions: Iterable[Condition]) -> FromClause:
    """Of a layer's rows those that fulfil what is asked of the layer; all where nothing is.

    Personal values are asked as the reader is told them, else a count would tell what is masked;
    the rows themselves stay as they are stored.
    """
    own = [each.where for each in conditions if each.layer == layer.name]
    if not own:
        return rows
    told = {**rows.c, **masking.veiled(layer, rows)}

    def moved(element: object, **_: object) -> ColumnElement[Any] | None:
        return told[element.name] if _is_of(layer, element) else None  # type: ignore[attr-defined]  # a Column

    wanted = (replacement_traverse(where, {}, moved) for where in own)
    return sa.select(*rows.c).where(*wanted).subquery(layer.name)


def _is_of(layer: Layer, element: object) -> bool:
    """Whether it is a column of the layer's table, in whatever style the layer is drawn."""
    return (
        isinstance(element, sa.Column)
        and isinstance(element.table, sa.Table)
        and element.table.name == layer.name
    )
