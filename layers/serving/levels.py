"""Far tiles: points as cells of 64 px, with how many lie in each by the classes that they are drawn
in, and fields as the ground of the divisions that they are of. What is alone there is itself."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from layers.declaring.words import Layer
from layers.held.levels import GRIDS, SIDE_BITS, is_counted
from layers.held.policies import LOW
from layers.held.united import LAST_ZOOMS, is_united
from layers.held.wiring import literal, quoted, written
from layers.schema.levels import CELLS, GROUNDS, STALE_GROUNDS

_LAST_OF_POINTS, _LAST_OF_FIELDS = 13, max(LAST_ZOOMS.values())
FEW = 2000
"""So many points are drawn each by itself however far away they are, lest cells hide what could be
seen. It goes by all that the reader sees of a layer, so that tiles beside each other agree."""
WEIGHT, SUMS, LACKING = "weight", "sums", "lacking"
"""Properties of a cell with several: how many they are, how many of each class (a JSON object,
"" for none), how many are without what each should have."""
_FUNCTION = "gridfield_level_tile_"
_CELL_BITS = 2  # four cells of 64 px along the side of a tile
_EXTENT_BITS = 12  # 4096 units


def reaches(layer: Layer, z: int) -> bool:
    """Whether the layer has a level of detail for a zoom."""
    if is_united(layer):
        return z <= _LAST_OF_FIELDS
    return is_counted(layer) and z <= _LAST_OF_POINTS


def asked(layer: Layer, z: int, x: int, y: int) -> ColumnElement[Any]:
    """The layer of a tile by its level; NULL where each feature is to be drawn by itself."""
    return sa.Function(f"{_FUNCTION}{layer.name}", z, x, y, type_=sa.LargeBinary)


def told(layer: Layer, z: int, x: int, y: int) -> str:
    """The same as SQL."""
    return f"{_FUNCTION}{layer.name}({z}, {x}, {y})"


def function(layer: Layer, rows: sa.FromClause, columns: Sequence[ColumnElement[Any]]) -> str:
    """The function that makes them, which keeps its plan: SQL for `layers.guards`. `columns` of
    `rows` are what is told of a feature that is drawn by itself. It runs with its caller's rights.
    """
    return (
        _of_fields(layer, rows, columns) if is_united(layer) else _of_points(layer, rows, columns)
    )


def _of_points(layer: Layer, rows: sa.FromClause, columns: Sequence[ColumnElement[Any]]) -> str:
    """Each cell is the sum of those of the nearest stored grid, strip by strip."""
    alone = written(
        sa.select(rows.c.id.label("_id"), *columns).where(rows.c.id == sa.column("ids"))
    )
    names = "".join(f", alone.{quoted(column.name)}" for column in columns)
    name = literal(layer.name)
    return f"""
CREATE FUNCTION {_FUNCTION}{layer.name}(tile_z integer, tile_x integer, tile_y integer)
RETURNS bytea LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET jit = off AS $body$
#variable_conflict use_column
DECLARE
  stored CONSTANT integer := (
    SELECT min(grid) FROM unnest(ARRAY{list(GRIDS)}) grid WHERE grid >= tile_z + {_CELL_BITS});
  finer CONSTANT integer := stored - tile_z;
  coarser CONSTANT integer := stored - tile_z - {_CELL_BITS};
  unit CONSTANT double precision := 2.0 ^ ({SIDE_BITS} - tile_z - {_EXTENT_BITS});
  strips CONSTANT integer[] := ARRAY(
    SELECT generate_series(tile_x << finer, ((tile_x + 1) << finer) - 1));
  made bytea;
  seen bigint;
BEGIN
  WITH held AS (
    SELECT c.x >> coarser AS cell_x, c.y >> coarser AS cell_y, c."class",
      sum(c.features)::bigint AS features, sum(c.lacking)::bigint AS lacking,
      sum(c.ids)::bigint AS ids, sum(c.eastings)::bigint AS eastings,
      sum(c.southings)::bigint AS southings
    FROM {CELLS.name} c
    WHERE c.layer = {name} AND c.grid = stored AND c.x = ANY (strips)
      AND c.y BETWEEN tile_y << finer AND ((tile_y + 1) << finer) - 1
    GROUP BY 1, 2, 3 HAVING sum(c.features) > 0
  ),
  cells AS (
    SELECT cell_x, cell_y, sum(features)::bigint AS features, sum(lacking)::bigint AS lacking,
      sum(ids)::bigint AS ids, jsonb_object_agg(coalesce("class", ''), features)::text AS sums,
      floor(sum(eastings) / sum(features) / unit) - (tile_x::bigint << {_EXTENT_BITS}) AS east,
      floor(sum(southings) / sum(features) / unit) - (tile_y::bigint << {_EXTENT_BITS}) AS south
    FROM held GROUP BY cell_x, cell_y
  ),
  drawn AS (
    SELECT alone._id AS id{names},
      CASE WHEN features > 1 THEN features END AS {WEIGHT},
      CASE WHEN features > 1 THEN sums END AS {SUMS},
      CASE WHEN features > 1 THEN nullif(lacking, 0) END AS {LACKING},
      st_makepoint(east, south) AS shape
    FROM cells LEFT JOIN LATERAL ({alone}) alone ON features = 1
    ORDER BY cell_x, cell_y
  )
  SELECT st_asmvt(drawn, {name}, 4096, 'shape', 'id'), (SELECT sum(features) FROM cells)
  INTO made, seen FROM drawn;
  IF coalesce(seen, 0) <= {FEW} THEN
    SELECT sum(c.features) INTO seen FROM {CELLS.name} c
    WHERE c.layer = {name} AND c.grid = {GRIDS[0]};
    IF coalesce(seen, 0) <= {FEW} THEN
      RETURN NULL;
    END IF;
  END IF;
  RETURN coalesce(made, ''::bytea);
END $body$"""


def _alone(rows: sa.FromClause, columns: Sequence[ColumnElement[Any]]) -> str:
    """The feature whose id the sum of ids is."""
    return written(sa.select(rows.c.id.label("_id"), *columns).where(rows.c.id == sa.column("ids")))


def _of_fields(layer: Layer, rows: sa.FromClause, columns: Sequence[ColumnElement[Any]]) -> str:
    """The divisions go by the zoom; a reader of a smaller one has the ground of that one.

    While one of his is still to be united, all is told field by field.
    """
    own = "tint" if layer.style.tints else None
    names = "".join(f", alone.{quoted(c.name)}" for c in columns if c.name != own)
    tint = ", coalesce(alone.tint, place / (10::bigint ^ (12 - wanted))::bigint % 9) AS tint"
    by_zoom = " ".join(f"WHEN tile_z <= {zoom} THEN {depth}" for depth, zoom in LAST_ZOOMS.items())
    name = literal(layer.name)
    return f"""
CREATE FUNCTION {_FUNCTION}{layer.name}(tile_z integer, tile_x integer, tile_y integer)
RETURNS bytea LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET jit = off AS $body$
#variable_conflict use_column
DECLARE
  ground CONSTANT geometry := st_tileenvelope(tile_z, tile_x, tile_y);
  reach CONSTANT geometry := st_tileenvelope(tile_z, tile_x, tile_y, margin => 0.015625);
  digits CONSTANT integer := length(rtrim(coalesce({LOW}, 0)::text, '0'));
  wanted CONSTANT integer := greatest(CASE {by_zoom} END,
    CASE WHEN digits > 9 THEN 12 WHEN digits > 6 THEN 9 ELSE 6 END);
  made bytea;
BEGIN
  IF EXISTS (SELECT FROM {STALE_GROUNDS.name} s WHERE s.layer = {name}) OR coalesce((
    SELECT sum(g.features) FROM {GROUNDS.name} g WHERE g.layer = {name} AND g.depth = 12
  ), 0) <= {FEW} THEN
    RETURN NULL;
  END IF;
  SELECT st_asmvt(drawn, {name}, 4096, 'shape', 'id') INTO made FROM (
    SELECT alone._id AS id{names}{tint if own else ""},
      CASE WHEN features > 1 THEN features END AS {WEIGHT},
      CASE WHEN features > 1 THEN nullif(lacking, 0) END AS {LACKING},
      st_asmvtgeom(g.geom, ground, 4096, 64) AS shape
    FROM {GROUNDS.name} g LEFT JOIN LATERAL ({_alone(rows, columns)}) alone ON features = 1
    WHERE g.layer = {name} AND g.depth = wanted AND g.geom && reach
    ORDER BY g.place
  ) drawn;
  RETURN coalesce(made, ''::bytea);
END $body$"""
