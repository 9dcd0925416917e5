"""The rows of a file in a table of the transaction: compared with what is stored, then stored.

Every step is a statement over whole tables, so that a million rows need no round trips.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from geoalchemy2 import Geometry as GeometryColumn
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from gis.errors import Problem
from gis.geojson import DECIMALS
from gis.geometry import Geometries
from gis.postgis import copy_columns, copy_rows
from gis.refusals.database import NOT_PERMITTED
from gis.region import Flags
from layers.arriving.examination import GONE_LISTED, GoneFeature
from layers.arriving.examining import Advance, Draft, shown
from layers.declaring.words import Geometry, Layer
from layers.held import placing
from layers.held.policies import unrestricted
from layers.keeping import states as case_states
from layers.schema.tables import SRID, key_expressions, table

_CHUNK_ROWS = 1000
_CONTROL_POINTS = 2000
# A layer's name begins with a letter, so that these hide no layer of the same name.
_TEMPORARY = sa.MetaData()
_AS_LONG_AS_THE_TRANSACTION: dict[str, Any] = {
    "prefixes": ["TEMPORARY"],
    "postgresql_on_commit": "DROP",
}

MET = sa.Table(
    "_met",
    _TEMPORARY,
    sa.Column("row", sa.Integer),
    sa.Column("id", sa.BigInteger),
    sa.Column("differs", sa.Boolean),
    **_AS_LONG_AS_THE_TRANSACTION,
)
"""Rows of the file whose key a stored feature has."""

GONE = sa.Table("_gone", _TEMPORARY, sa.Column("id", sa.BigInteger), **_AS_LONG_AS_THE_TRANSACTION)
"""Stored features that the file lacks."""

WRITES = sa.Table(
    "_writes",
    _TEMPORARY,
    sa.Column("row", sa.Integer),
    sa.Column("id", sa.BigInteger),
    sa.Column("fresh", sa.Boolean),
    **_AS_LONG_AS_THE_TRANSACTION,
)
"""Rows of the file that are stored, and the feature that each becomes."""


@dataclass(frozen=True, slots=True)
class Met:
    """A row whose key is stored, the feature that has it, and whether they differ."""

    row: int
    id: int
    differs: bool


def lock(connection: Connection, layer: Layer) -> None:
    """Keep other writers of the layer out until this transaction ends; readers go on reading."""
    connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
    name = connection.dialect.identifier_preparer.format_table(table(layer))
    connection.execute(sa.text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))


# --- what comes, what is there, what is missing ---------------------------------------------------
def receive(connection: Connection, draft: Draft, advance: Advance) -> None:
    """COPY the rows whose key is known into a table of this transaction, numbered as in the file.

    Refused rows come along without their geometry: their keys tell that they are not gone.
    """
    prepare(connection, draft.layer)
    bring(connection, draft, advance)


def prepare(connection: Connection, layer: Layer) -> None:
    """Make the tables of this transaction that a file's rows come into."""
    staged(layer).create(connection)
    create(connection, MET)


def bring(connection: Connection, draft: Draft, advance: Advance, *, before: int = 0) -> None:
    """COPY a piece of a file after `prepare`, so many of its rows having come before."""
    names = ["id", *_brought(draft.layer, draft.columns)]
    copy_columns(connection, staged(draft.layer).name, names, _chunks(draft, advance, before))


def _brought(layer: Layer, names: Iterable[str]) -> list[str]:
    """The columns that a file brings with these fields: its shapes too, where there are any."""
    return [*names, *(["geom"] if layer.has_shape else [])]


def create(connection: Connection, temporary: sa.Table) -> None:
    """Make a table of this transaction, one without geometry.

    GeoAlchemy2 takes the columns out of a table while `Table.create` runs, so that two requests
    could not make the same one at the same time.
    """
    connection.execute(CreateTable(temporary))


def staged(layer: Layer) -> sa.Table:
    """The rows of the file, `id` being their number in it (from 1)."""
    rows = table(layer)
    return sa.Table(
        "_arrivals",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(field.name, rows.c[field.name].type) for field in layer.fields),
        *([_shape()] if layer.has_shape else []),
        **_AS_LONG_AS_THE_TRANSACTION,
    )


def _shape() -> sa.Column[Any]:
    return sa.Column("geom", GeometryColumn("GEOMETRY", srid=SRID, spatial_index=False))


def _chunks(draft: Draft, advance: Advance, before: int) -> Iterator[list[Sequence[object]]]:
    total = len(draft.geometries)
    keyed = np.array([row not in draft.keyless for row in range(1, total + 1)], dtype=bool)
    stored = np.array([row not in draft.refused for row in range(1, total + 1)], dtype=bool)
    for start in range(0, total, _CHUNK_ROWS):
        chunk = slice(start, min(start + _CHUNK_ROWS, total))
        parts = [column[chunk] for column in draft.columns.values()]
        if draft.layer.has_shape:
            parts.append(_located(draft.geometries[chunk], stored[chunk]))
        numbers = range(before + start + 1, before + chunk.stop + 1)
        yield [list(compress(part, keyed[chunk])) for part in (numbers, *parts)]
        advance(chunk.stop - start)


def _located(geometries: Geometries, stored: Flags) -> list[object]:
    """The geometries as PostGIS reads them, None where a row is not stored."""
    kept = geometries.copy()
    kept[~stored] = None
    texts = shapely.to_wkb(shapely.set_srid(kept, SRID), hex=True, include_srid=True)
    return list(texts)


def meet(connection: Connection, layer: Layer, names: Iterable[str]) -> list[Met]:
    """The rows whose key is stored; they differ in the fields `names` or in their geometry."""
    find_met(connection, layer, names)
    found = connection.execute(sa.select(MET).order_by(MET.c.row))
    return [Met(row, feature, bool(differs)) for row, feature, differs in found]


def find_met(connection: Connection, layer: Layer, names: Iterable[str]) -> None:
    """The same, told to nobody: they are in MET."""
    if not layer.key:
        return
    rows, arrivals = table(layer), staged(layer)
    stored, arrived = keyed(layer, rows), keyed(layer, arrivals)
    differs = [rows.c[name].is_distinct_from(arrivals.c[name]) for name in names]
    if layer.has_shape:
        differs.append(_moved(layer, rows, arrivals))
    statement = (
        sa.select(arrivals.c.id, rows.c.id, sa.or_(sa.false(), *differs))
        .join_from(arrived, stored, same_key(arrived, stored))
        .join(rows, rows.c.id == stored.c.id)
        .join(arrivals, arrivals.c.id == arrived.c.id)
    )
    connection.execute(sa.insert(MET).from_select(["row", "id", "differs"], statement))


def redecided(
    connection: Connection, layer: Layer, names: Collection[str]
) -> Sequence[tuple[int, str]]:
    """The rows that would give a stored case another state, and the fields that say so."""
    rows, arrivals = table(layer), staged(layer)
    found: list[tuple[int, str]] = []
    for name in case_states.guarded(layer):
        if name in names:
            statement = (
                sa.select(MET.c.row)
                .join(rows, rows.c.id == MET.c.id)
                .join(arrivals, arrivals.c.id == MET.c.row)
                .where(MET.c.differs, rows.c[name].is_distinct_from(arrivals.c[name]))
            )
            found += [(row, name) for row in connection.scalars(statement)]
    return found


def outside(
    connection: Connection, layer: Layer, names: Collection[str], own: range
) -> Sequence[int]:
    """The rows that would come to lie outside of `own` places, or whose feature lies there."""
    return connection.scalars(abroad(layer, names, own)).all()


def abroad(layer: Layer, names: Collection[str], own: range) -> sa.Select[int]:
    """The statement that finds these."""
    rows, arrivals, code = table(layer), staged(layer), None
    if layer.division:  # as `write` leaves it
        code = (arrivals if layer.division in names else rows).c[layer.division]
    told: ColumnElement[Any] = arrivals.c["geom" if layer.has_shape else str(layer.belongs)]
    shape = told if layer.has_shape else None
    place, low, high = placing.place_of(shape, code), own.start, own.stop - 1
    strange: ColumnElement[bool] = ~place.between(low, high)
    if layer.division and shape is not None:
        redrawn = sa.func.st_asbinary(shape).is_distinct_from(sa.func.st_asbinary(rows.c.geom))
        strange |= redrawn & placing.strays(shape)
    # What is refused has come without what would say where; what is the same is not written,
    # whatever the last digits of its coordinates.
    comes = sa.and_(told.is_not(None), MET.c.differs.is_not(sa.false()), strange)
    return (
        sa.select(arrivals.c.id)
        .outerjoin_from(arrivals, MET, MET.c.row == arrivals.c.id)
        .outerjoin(rows, rows.c.id == MET.c.id)
        .where(sa.or_(~rows.c.place.between(low, high), comes))
    )


def keyed(layer: Layer, rows: sa.FromClause) -> sa.Subquery:
    """The ids of features and what tells them apart, in a form that can be joined."""
    # IS NOT DISTINCT FROM would be the plain word for keys with gaps, but PostgreSQL cannot hash
    # it. No key is ever the empty text.
    keys = (sa.func.coalesce(key, "") for key in key_expressions(layer))
    labelled = (key.label(f"key{n}") for n, key in enumerate(keys))
    return sa.select(rows.c.id, *labelled).select_from(rows).subquery()


def same_key(one: sa.Subquery, other: sa.Subquery) -> ColumnElement[bool]:
    """Whether two of `keyed` have the same key."""
    return sa.and_(*(a == b for a, b in zip(one.c[1:], other.c[1:], strict=True)))


def _moved(layer: Layer, rows: sa.Table, arrivals: sa.Table) -> ColumnElement[bool]:
    """Whether the geometries differ by more than GeoJSON can tell: a centimetre.

    The same polygon may begin at another point or run the other way around, and one part may
    stand as a multi geometry: formats do so on their own, and it is the same ground.
    """
    bits = (sa.func.st_asbinary(each.c.geom) for each in (rows, arrivals))
    ground = (sa.func.st_asbinary(_ground(layer, each.c.geom)) for each in (rows, arrivals))
    return sa.and_(
        next(bits).is_distinct_from(next(bits)), next(ground).is_distinct_from(next(ground))
    )


def _ground(layer: Layer, geometry: ColumnElement[object]) -> ColumnElement[object]:
    told: ColumnElement[object] = sa.func.st_snaptogrid(geometry, 10.0**-DECIMALS)
    if layer.geometry is Geometry.POINT:
        return told
    whole: ColumnElement[object] = sa.func.st_multi(told)
    # The direction of a line may mean something, the direction of a ring never does.
    return sa.func.st_normalize(whole) if layer.geometry is Geometry.POLYGON else whole


def control_points(connection: Connection, layer: Layer) -> Mapping[int, tuple[float, float]]:
    """Where (longitude, latitude) the features are stored that some rows meet, by row."""
    rows = table(layer)
    centre = sa.func.st_centroid(rows.c.geom)
    statement = (
        sa.select(MET.c.row, sa.func.st_x(centre), sa.func.st_y(centre))
        .join(rows, rows.c.id == MET.c.id)
        .order_by(MET.c.row)
        .limit(_CONTROL_POINTS)
    )
    return {row: (lon, lat) for row, lon, lat in connection.execute(statement)}


def find_gone(connection: Connection, layer: Layer) -> int:
    """How many stored features the file lacks: of its divisions in a partition, else of all."""
    create(connection, GONE)
    if not layer.key:
        return 0
    rows, arrivals = table(layer), staged(layer)
    stored, arrived = keyed(layer, rows), keyed(layer, arrivals)
    statement = (
        sa.select(stored.c.id)
        .outerjoin_from(stored, arrived, same_key(stored, arrived))
        .where(arrived.c.id.is_(None))
    )
    if layer.partition:
        field = layer.partition.field
        met = sa.select(rows.c[field]).join(MET, MET.c.id == rows.c.id)
        covered = sa.union(sa.select(arrivals.c[field]), met).subquery()
        concerned = rows.c[field].in_(sa.select(covered.c[field]))
        statement = statement.join(rows, rows.c.id == stored.c.id).where(concerned)
    return connection.execute(sa.insert(GONE).from_select(["id"], statement)).rowcount


def listed_gone(connection: Connection, layer: Layer) -> tuple[GoneFeature, ...]:
    """The first of the features that `find_gone` found."""
    rows = table(layer)
    keys = [rows.c[name] for name in layer.key]
    title = rows.c[layer.title] if layer.title else sa.null()
    statement = sa.select(rows.c.id, title, *keys).join(GONE, GONE.c.id == rows.c.id)
    found = connection.execute(statement.order_by(rows.c.id).limit(GONE_LISTED))
    return tuple(GoneFeature(id_, shown(key), named or "") for id_, named, *key in found)


# --- storing --------------------------------------------------------------------------------------
def place(
    connection: Connection, layer: Layer, rows: Sequence[int], known: Sequence[Met]
) -> Mapping[int, int]:
    """Decide which feature each of these rows becomes: the one that it meets, or a new one."""
    create(connection, WRITES)
    met = {each.row: each.id for each in known}
    fresh = [row for row in rows if row not in met]
    ids = dict(zip(fresh, _new_ids(connection, layer, len(fresh)), strict=True))
    features = {row: ids[row] if row in ids else met[row] for row in rows}
    lines = ((row, feature, row in ids) for row, feature in features.items())
    copy_rows(connection, WRITES.name, ["row", "id", "fresh"], lines)
    return features


def replaced(connection: Connection, *, deletes: bool) -> list[int]:
    """The stored features that are changed, or with `deletes` removed."""
    changed = sa.select(WRITES.c.id).where(~WRITES.c.fresh)
    return list(
        connection.scalars(sa.union_all(changed, sa.select(GONE.c.id)) if deletes else changed)
    )


def ids_of(connection: Connection, layer: Layer) -> str:
    """The name of the sequence that the layer's ids come from."""
    name = connection.dialect.identifier_preparer.format_table(table(layer))
    return str(connection.scalar(sa.select(sa.func.pg_get_serial_sequence(name, "id"))))


def _new_ids(connection: Connection, layer: Layer, count: int) -> Sequence[int]:
    sequence = ids_of(connection, layer)
    each = sa.func.generate_series(1, count).table_valued()
    with unrestricted(connection):
        return connection.scalars(sa.select(sa.func.nextval(sequence)).select_from(each)).all()


def write(connection: Connection, layer: Layer, names: Sequence[str]) -> None:
    """Store the rows that `place` placed: new features whole, known ones in the fields `names`.

    Problem(NOT_PERMITTED) when whoever acts may not write all of them.
    """
    rows, arrivals = table(layer), staged(layer)
    brought = _brought(layer, names)
    values = [arrivals.c[name] for name in brought]
    fresh = (
        sa.select(WRITES.c.id, *values)
        .join(WRITES, WRITES.c.row == arrivals.c.id)
        .where(WRITES.c.fresh)
        .order_by(WRITES.c.row)
    )
    connection.execute(sa.insert(rows).from_select(["id", *brought], fresh))
    changed = connection.execute(
        sa.update(rows)
        .values({name: arrivals.c[name] for name in brought})
        .where(rows.c.id == WRITES.c.id, WRITES.c.row == arrivals.c.id, ~WRITES.c.fresh)
    )
    known = sa.select(sa.func.count()).where(~WRITES.c.fresh)
    _all_of_them(connection, changed.rowcount, known)


def delete_gone(connection: Connection, layer: Layer) -> None:
    """Remove the features that `find_gone` found; Problem(NOT_PERMITTED) as for `write`."""
    rows = table(layer)
    gone = connection.execute(sa.delete(rows).where(rows.c.id.in_(sa.select(GONE.c.id))))
    _all_of_them(connection, gone.rowcount, sa.select(sa.func.count()).select_from(GONE))


def _all_of_them(connection: Connection, done: int, wanted: sa.Select[int]) -> None:
    # What a policy keeps from being changed or removed is passed over without a word.
    if done != connection.scalar(wanted):
        raise Problem(NOT_PERMITTED)
