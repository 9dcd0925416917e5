"""Rows of a ledger that say no place: each is put on a point of the field, else of the division,
that it names, and says so. What was drawn or measured is never mistaken for such a point.

Which layers take such rows is declared: `Logged.placed_by` names the field that tells.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Finding
from gis.geojson import DECIMALS
from layers.arriving.examining import Draft
from layers.declaring.logged import BY_DIVISION, BY_FIELD
from layers.declaring.words import Layer
from layers.refusals.imports import PLACE_BY_GROUND, PLACE_UNKNOWN, PLACE_UNTOLD
from layers.schema.tables import table
from layers.thematic import divisions, grid_fields

# What a row may name, the closest first.
_GROUNDS = ((BY_FIELD, grid_fields.LAYER), (BY_DIVISION, divisions.LAYER))
_NEAR_DEG = 10.0**-DECIMALS


@dataclass(frozen=True, slots=True)
class Spot:
    """A point that stands for a piece of ground; `code` is that of the field or the division."""

    by: str
    code: str
    point: BaseGeometry


@dataclass(frozen=True, slots=True)
class _Stored:
    """Where a record is, and by what that is known."""

    point: BaseGeometry
    by: str | None


def may_lack_place(layer: Layer) -> bool:
    """Whether a file's rows may come without a place."""
    return bool(layer.logged and layer.logged.placed_by)


def place(connection: Connection, draft: Draft) -> Sequence[Finding]:
    """Put the rows without a place where they can be put, and refuse the others; what to note."""
    told_by = draft.layer.logged and draft.layer.logged.placed_by
    if not told_by:
        return ()
    unread = {finding.row for finding in draft.source.findings}
    missing = shapely.is_missing(draft.geometries) | shapely.is_empty(draft.geometries)
    rows = [int(n) + 1 for n in np.flatnonzero(missing) if int(n) + 1 not in unread]
    stored = _stored(connection, draft, told_by, rows)
    marks = _marks(draft, told_by, stored)
    draft.geometries = draft.geometries.copy()
    placed: dict[str, int] = {}
    for row, found in _spots(connection, draft, rows, stored):
        if isinstance(found, Finding):
            draft.add([found])
            continue
        draft.geometries[row - 1] = found.point
        marks[row - 1] = found.by or None
        if found.by:
            placed[found.by] = placed.get(found.by, 0) + 1
            _answer(draft, row, found)
    draft.columns[told_by] = marks
    if not placed:
        return ()
    counts = {"fields": placed.get(BY_FIELD, 0), "divisions": placed.get(BY_DIVISION, 0)}
    return (Finding(PLACE_BY_GROUND, values=counts),)


def redrawn(
    connection: Connection,
    layer: Layer,
    feature: int,
    values: Mapping[str, object],
    geometry: BaseGeometry | None,
) -> Mapping[str, object]:
    """The values of a record that is edited: where it is moved, its place is known by nothing but
    whoever moved it."""
    told_by = layer.logged and layer.logged.placed_by
    if not told_by or not values.get(told_by) or geometry is None:
        return values
    rows = table(layer)
    before = connection.scalar(sa.select(_wkb(rows.c.geom)).where(rows.c.id == feature))
    if before is None or _same(_read(before), geometry):
        return values
    return {**values, told_by: None}


# --- what is on record ----------------------------------------------------------------------------
def _stored(
    connection: Connection, draft: Draft, told_by: str, missing: Sequence[int]
) -> Mapping[object, _Stored]:
    """By their keys, the records of the rows without a place, and all whose place is no more than
    that of a field; as far as whoever acts sees them."""
    (key,) = draft.layer.key
    rows = table(draft.layer)
    keys = draft.columns.get(key, [])
    lacking = [str(keys[row - 1]) for row in missing if keys]
    known = sa.select(
        rows.c[key].label("key"), rows.c[told_by].label("by"), _wkb(rows.c.geom)
    ).where(
        sa.or_(
            rows.c[told_by].is_not(None),
            rows.c[key] == sa.any_(sa.literal(lacking, sa.ARRAY(sa.Text))),
        )
    )
    found = connection.execute(known)
    return {row.key: _Stored(_read(row.wkb), row.by) for row in found}


def _wkb(shape: ColumnElement[object]) -> sa.Label[bytes]:
    return sa.func.st_asbinary(shape, type_=sa.LargeBinary).label("wkb")


def _read(wkb: bytes) -> BaseGeometry:
    shape: BaseGeometry = shapely.from_wkb(bytes(wkb))
    return shape


def _marks(draft: Draft, told_by: str, stored: Mapping[object, _Stored]) -> list[object]:
    """How the place of each row is known: as the file says, else as is stored for a row that lies
    where its record does."""
    given = draft.columns.get(told_by)
    if given is not None:
        return [*given]
    known = (stored.get(key) for key in draft.columns[draft.layer.key[0]])
    pairs = zip(known, draft.geometries, strict=True)
    return [each.by if each and _same(each.point, shape) else None for each, shape in pairs]


def _same(one: BaseGeometry, other: BaseGeometry | None) -> bool:
    return other is not None and not other.is_empty and one.equals_exact(other, _NEAR_DEG)


# --- where rows are put ---------------------------------------------------------------------------
def _spots(
    connection: Connection, draft: Draft, rows: Sequence[int], stored: Mapping[object, _Stored]
) -> Iterable[tuple[int, Spot | Finding]]:
    if not rows:
        return
    keys = draft.columns.get(draft.layer.key[0])
    asked = {row: [*_told(draft, row)] for row in rows}
    known = {
        by: _points(connection, layer, by, (t for a in asked.values() for b, t in a if b == by))
        for by, layer in _GROUNDS
    }
    for row in rows:
        before = stored.get(keys[row - 1]) if keys else None
        if before is not None and before.by is None:
            yield row, Spot("", "", before.point)  # a place that is known is not given up
            continue
        found = (known[by].get(text) for by, text in asked[row])
        spot = next((each for each in found if each is not None), None)
        yield row, spot or _refused(row, [text for _, text in asked[row]])


def _told(draft: Draft, row: int) -> Iterable[tuple[str, str]]:
    """What a row says of where it is, the closest first: by what, and its code or name."""
    logged = draft.layer.logged
    said: list[tuple[str, object]] = []
    if logged is not None and logged.field in draft.columns:
        said.append((BY_FIELD, draft.columns[logged.field][row - 1]))
    for by, layer in _GROUNDS:
        named = (each for each in draft.matched.ignored if "".join(each.split()) in layer.heads)
        said += [(by, draft.source.frame[each].iloc[row - 1]) for each in named]
    texts = ((by, "" if _is_nothing(value) else str(value).strip()) for by, value in said)
    yield from ((by, text) for by, text in texts if text)


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _points(
    connection: Connection, layer: Layer, by: str, texts: Iterable[str]
) -> Mapping[str, Spot]:
    """By code or name, a point within each of these; a name that several have is nobody's."""
    wanted = sorted(set(texts))
    if not wanted:
        return {}
    rows = table(layer)
    listed = sa.any_(sa.literal(wanted, sa.ARRAY(sa.Text)))
    inside = _wkb(sa.func.st_pointonsurface(rows.c.geom))
    statement = sa.select(rows.c.code, rows.c.name, inside).where(
        sa.or_(rows.c.code == listed, rows.c.name == listed)
    )
    found = connection.execute(statement).all()
    named: dict[str, Any] = {}
    for row in found:
        named[row.name] = None if row.name in named else row
    named |= {row.code: row for row in found}
    return {text: Spot(by, row.code, _read(row.wkb)) for text, row in named.items() if row}


def _refused(row: int, texts: Sequence[str]) -> Finding:
    if not texts:
        return Finding(PLACE_UNTOLD, row)
    return Finding(PLACE_UNKNOWN, row, values={"value": " / ".join(texts)[:80]})


def _answer(draft: Draft, row: int, spot: Spot) -> None:
    """Whose row it is follows from the field that it names, in whatever words."""
    logged = draft.layer.logged
    if spot.by != BY_FIELD or logged is None or logged.field is None:
        return
    cells = draft.columns.setdefault(logged.field, [None] * len(draft.geometries))
    if cells[row - 1] is None:
        cells[row - 1] = spot.code
