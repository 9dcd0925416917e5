"""Levels of detail: how many points lie in each cell of the far zooms, kept by every statement that
changes one; SQL for `layers.guards`.

A statement adds what its rows were and what they became; nothing is looked up and nothing waited
for, so that many may write at once. Whoever reads adds up all rows of a cell: it is exact at once,
for the writer too.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.words import Geometry, Layer
from layers.held.policies import readable, within
from layers.held.wiring import Schemas, function, literal, quoted, run, trigger
from layers.schema.levels import CELLS

GRIDS = (11, 13, 15)
"""Those that are stored; what is shown is a sum of the nearest finer one."""
SIDE_BITS = 31
"""The world is 2³¹ wide and high."""
_FOLD, _NAME = "gridfield_fold_cells", "gridfield_level"
# "cells" as a number, within this database.
_FOLD_LOCK = 0x63_656C_6C73
# So many new rows are worth folding; whether there are is looked up by one statement in so many.
_MANY, _ONE_IN = 1000, 32
_KEY = 'layer, grid, x, y, place, "class"'
_SUMS = ("features", "lacking", "ids", "eastings", "southings")
_STORED = ", ".join(f"({grid})" for grid in GRIDS)
_WORLD = 2**SIDE_BITS
_EAST = f"floor((st_x(geom) + 180) / 360 * {_WORLD})::bigint"
_SOUTH = f"floor((1 - asinh(tan(radians(st_y(geom)))) / pi()) / 2 * {_WORLD})::bigint"


def is_counted(layer: Layer) -> bool:
    """Whether the layer's points are counted: drawn each by itself, in classes that are few."""
    by = layer.style.by
    plain = not layer.style.heat and not layer.style.tints
    return layer.geometry is Geometry.POINT and plain and not (by and layer.field(by).personal)


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """The triggers that count and the function that folds; each reads what lies on its ground."""
    yield _folding(schemas)
    yield from readable(CELLS.name, within("place"))
    for layer in layers:
        if is_counted(layer):
            name = f"{_NAME}_{layer.name}"
            yield function(name, _counting(layer), schemas)
            for event, came in (
                ("insert", "NEW TABLE AS new_rows"),
                ("update", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
                ("delete", "OLD TABLE AS old_rows"),
            ):
                when = f"AFTER {event.upper()}"
                yield trigger(f"{_NAME}_{event}", when, layer.name, name, referencing=came)


def adopt(connection: Connection, layers: Iterable[Layer]) -> None:
    """Count everything anew, as the layers are declared now; for the owner."""
    run(connection, f"TRUNCATE {CELLS.name}")
    for layer in filter(is_counted, layers):
        run(connection, _added(layer, (quoted(layer.name), 1), is_new=False))


def fold(connection: Connection) -> None:
    """Make one row of those that tell of the same; no sum changes. Where another is at it, it is
    left to that one."""
    connection.execute(sa.text(f"SELECT {_FOLD}()"))


def _counting(layer: Layer) -> str:
    came, went = ("new_rows", 1), ("old_rows", -1)
    return f"""
BEGIN
  CASE TG_OP
    WHEN 'INSERT' THEN {_added(layer, came)};
    WHEN 'DELETE' THEN {_added(layer, went)};
    ELSE {_added(layer, came, went)};
  END CASE;
  IF random() * {_ONE_IN} < 1
    AND (SELECT count(*) FROM (SELECT FROM {CELLS.name} WHERE is_new LIMIT {_MANY}) few) = {_MANY}
  THEN
    PERFORM {_FOLD}();
  END IF;
  RETURN NULL;
END"""


def _added(layer: Layer, *parts: tuple[str, int], is_new: bool = True) -> str:
    """The statement that adds what rows bring (1) or take away (-1), in each grid."""
    rows = " UNION ALL ".join(f"SELECT {_told(layer, sign)} FROM {name}" for name, sign in parts)
    sums = ", ".join(f"sum(sign * {name})" for name in _SUMS)
    named, changed = ", ".join(_SUMS), " OR ".join(f"sum(sign * {name}) <> 0" for name in _SUMS)
    return f"""INSERT INTO {CELLS.name} ({_KEY}, {named}, is_new)
    SELECT {literal(layer.name)}, grid, eastings >> ({SIDE_BITS} - grid) AS x,
      southings >> ({SIDE_BITS} - grid) AS y, place, "class", {sums}, {is_new}
    FROM ({rows}) each_row, (VALUES {_STORED}) grids (grid)
    WHERE southings BETWEEN 0 AND {_WORLD - 1} AND eastings BETWEEN 0 AND {_WORLD - 1}
    GROUP BY grid, x, y, place, "class" HAVING {changed}"""


def _told(layer: Layer, sign: int) -> str:
    style = layer.style
    by = quoted(style.by) if style.by else "NULL::text"
    lacks = f"({quoted(style.alert_without)} IS NULL)::int" if style.alert_without else "0"
    return (
        f'{sign} AS sign, place, {by} AS "class", 1 AS features, {lacks} AS lacking, id AS ids,'
        f" {_EAST} AS eastings, {_SOUTH} AS southings"
    )


def _folding(schemas: Schemas) -> str:
    """Rows that another transaction has taken away already are passed over: it has their sum."""
    sums, zero = (", ".join(f"{f}({name})" if f else name for name in _SUMS) for f in ("sum", ""))
    left = " OR ".join(f"sum({name}) <> 0" for name in _SUMS)
    same = " AND ".join(f"c.{name} = n.{name}" for name in ("layer", "grid", "x", "y"))
    return f"""
CREATE FUNCTION {_FOLD}() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schemas.path} AS $body$
BEGIN
  IF NOT pg_try_advisory_xact_lock({_FOLD_LOCK}) THEN
    RETURN;
  END IF;
  WITH few AS (
    SELECT c.ctid FROM {CELLS.name} c
    JOIN (SELECT DISTINCT layer, grid, x, y FROM {CELLS.name} WHERE is_new) n ON {same}
    FOR UPDATE OF c SKIP LOCKED
  ),
  gone AS (DELETE FROM {CELLS.name} c USING few WHERE c.ctid = few.ctid RETURNING c.*)
  INSERT INTO {CELLS.name} ({_KEY}, {zero}, is_new)
  SELECT {_KEY}, {sums}, false FROM gone GROUP BY {_KEY} HAVING {left};
END $body$"""
