"""The recorded past: what a feature was, and who changed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Connection
from sqlalchemy.sql.visitors import replacement_traverse

from gis.errors import Problem
from layers.declaring.people import subtree
from layers.declaring.words import TINTS, Layer
from layers.reading import masking
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.history import DAY_TO_COME
from layers.schema.tables import table, versions_table
from layers.schema.versions import CHANGES

_DECIMALS = 7
Day = date | ColumnElement[date]
"""A day, or a parameter for one: a statement that is kept serves every day."""

_GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class State:
    """A feature at one time: its fields, and its geometry as GeoJSON (WGS 84, seven decimals),
    None in a register."""

    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None


_Was = TypeVar("_Was")


@dataclass(frozen=True, slots=True)
class Change(Generic[_Was]):
    """One change of one thing. `number` is that of the change, which may have touched others.

    `account`, `source` and `label` tell who, from where and in which batch or request. `fields`
    names what differs, with "geometry" for the shape. `before` is None for what is new, or came
    from where the reader may not look, `after` for what went.
    """

    number: int
    version: int
    operation: str
    at: datetime
    account: int | None
    source: str | None
    label: str | None
    before: _Was | None
    after: _Was | None
    fields: tuple[str, ...]


FeatureChange = Change[State]
"""For annotations; a Change is made as one."""


def who_and_when(rows: sa.FromClause) -> list[ColumnElement[Any]]:
    """Of versions joined with their changes: what a Change says whatever it is of."""
    own = {"number": "_change", "version": "_number", "operation": "_operation", "at": "_from"}
    told = (CHANGES.c.account, CHANGES.c.source, CHANGES.c.label)
    return [*(rows.c[column].label(name) for name, column in own.items()), *told]


def changed_by(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The same of one row, for a Change."""
    told = ("number", "version", "operation", "at", "account", "source", "label")
    return {name: row[name] for name in told}


# --- what a feature was ---------------------------------------------------------------------------
def of_feature(connection: Connection, layer: Layer, feature_id: int) -> list[FeatureChange]:
    """The changes of one feature, oldest first; Problem(UNKNOWN_FEATURE) when it never was."""
    rows = masking.shown(layer, versions_table(layer))
    properties = sa.select(*(rows.c[field.name] for field in layer.fields)).correlate(rows)
    statement = (
        sa.select(
            *who_and_when(rows),
            sa.select(sa.func.to_jsonb(sa.text("_f"), type_=sa.JSON))
            .select_from(properties.subquery("_f"))
            .scalar_subquery()
            .label("properties"),
            *_shape(layer, rows),
        )
        .select_from(rows.outerjoin(CHANGES, CHANGES.c.number == rows.c["_change"]))
        .where(rows.c.id == feature_id)
        .order_by(rows.c["_number"])
    )
    found = connection.execute(statement).mappings().all()
    if not found:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)
    return [_change(layer, older, row) for older, row in zip([None, *found], found, strict=False)]


def _shape(layer: Layer, rows: sa.FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The geometry as GeoJSON, and what tells two of them apart."""
    told: ColumnElement[Any] = sa.null()
    mark: ColumnElement[Any] = sa.null()
    if layer.has_shape:
        told = sa.cast(sa.func.st_asgeojson(rows.c.geom, _DECIMALS), sa.JSON)
        mark = sa.func.md5(sa.cast(rows.c.geom, sa.LargeBinary))
    return told.label(_GEOMETRY), mark.label("shape")


def _change(layer: Layer, older: Mapping[Any, Any] | None, row: Mapping[Any, Any]) -> FeatureChange:
    deleted = row["operation"] == "delete"
    known = older is not None and older["operation"] != "delete"
    before = _state(older) if older is not None and known else None
    return Change(
        **changed_by(row),
        before=before,
        after=None if deleted else _state(row),
        fields=_differing(layer, older, row) if older is not None and known else (),
    )


def _state(row: Mapping[Any, Any]) -> State:
    return State(row["properties"], row[_GEOMETRY])


def _differing(layer: Layer, older: Mapping[Any, Any], row: Mapping[Any, Any]) -> tuple[str, ...]:
    if row["operation"] == "delete":
        return ()
    names = (field.name for field in layer.fields)
    changed = [name for name in names if older["properties"][name] != row["properties"][name]]
    return tuple(changed) + ((_GEOMETRY,) if older["shape"] != row["shape"] else ())


# --- a layer at another time ----------------------------------------------------------------------
def rows_on(layer: Layer, on: Day | None, within: str | None = None) -> sa.FromClause:
    """What a reader is shown of a layer: with `on` as it was at the end of that day where the
    records come from, with `within` of that division and all below it.

    Personal values are masked for those who may not know them, so whatever is told of features,
    or asked about them, is to come from here.
    """
    return masking.shown(layer, stored_on(layer, on, within))


def stored_on(layer: Layer, on: Day | None, within: str | None = None) -> sa.FromClause:
    """The same with every value as it is stored, for figures that name nobody."""
    rows = table(layer) if on is None else as_of(layer, end_of(on))
    if within is None:
        return rows
    inside = rows.c.place.between(*subtree(within))
    return sa.select(*rows.c).where(inside).subquery(layer.name)


def past_day(connection: Connection, on: date | None) -> date | None:
    """The day whose end is asked for, None for today; Problem(DAY_TO_COME) for one to come."""
    return None if on is None else past_of(today(connection), on)


def past_of(now: date, on: date | None) -> date | None:
    """The same where it is known which day it is."""
    if on is not None and on > now:
        raise Problem(DAY_TO_COME, day=on.isoformat(), today=now.isoformat())
    return None if on == now else on


def today(connection: Connection) -> date:
    """The day that it is where the records come from."""
    day: date = connection.scalars(sa.select(sa.func.current_date())).one()
    return day


def as_of(layer: Layer, moment: datetime | ColumnElement[datetime]) -> sa.Subquery:
    """What the layer's table held at a moment, with its columns.

    Tints are not recorded: a value has the one that it has today, else one of its own.
    """
    rows = versions_table(layer)
    source: sa.FromClause = rows
    columns: dict[str, ColumnElement[Any]] = dict(rows.c.items())
    if layer.style.distinct and layer.style.by:
        by = rows.c[layer.style.by]
        today = _tints_today(layer, layer.style.by)
        source = rows.outerjoin(today, today.c.value == by)
        own = _own_tint(layer, rows)
        columns["tint"] = sa.cast(sa.func.coalesce(today.c.tint, own), sa.SmallInteger)
    held = (
        rows.c["_operation"] != "delete",
        rows.c["_from"] <= moment,
        sa.or_(rows.c["_to"].is_(None), rows.c["_to"] > moment),
    )
    wanted = (columns[column.name].label(column.name) for column in table(layer).columns)
    return sa.select(*wanted).select_from(source).where(*held).subquery(layer.name)


def _own_tint(layer: Layer, rows: sa.Table) -> ColumnElement[int]:
    """The tint of a value that has none today; of a hidden one it tells nothing."""
    by = str(layer.style.by)
    hashed = sa.func.abs(sa.func.hashtext(rows.c[by])) % len(TINTS)
    if not layer.field(by).personal:
        return hashed
    return sa.case((masking.MAY_KNOW, hashed), else_=rows.c.id % len(TINTS))


def end_of(day: Day) -> ColumnElement[datetime]:
    """The last moment of a day where the records come from."""
    next_day = sa.cast(day, sa.Date) + sa.literal_column("1")
    midnight = sa.cast(next_day, TIMESTAMP(timezone=True))
    last: ColumnElement[datetime] = midnight - sa.text("interval '1 microsecond'")
    return last


def asked_of(where: ColumnElement[bool], layer: Layer, rows: sa.FromClause) -> ColumnElement[bool]:
    """A condition about the layer's table, asked of `rows` instead."""
    own = table(layer)
    if rows is own:
        return where

    def moved(element: object, **_: object) -> ColumnElement[Any] | None:
        theirs = isinstance(element, sa.Column) and element.table is own
        return rows.c[element.name] if theirs else None  # type: ignore[attr-defined]  # a Column

    adapted: ColumnElement[bool] = replacement_traverse(where, {}, moved)
    return adapted


def _tints_today(layer: Layer, by: str) -> sa.Subquery:
    rows = table(layer)
    value = rows.c[by].label("value")
    tint = sa.func.min(rows.c.tint).label("tint")
    return sa.select(value, tint).where(value.is_not(None)).group_by(value).subquery("today")
