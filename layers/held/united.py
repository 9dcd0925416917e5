"""The fields of each division united into one ground for the far zooms; SQL for `layers.guards`.

A statement marks the divisions whose ground it changed, in its own transaction; when that commits,
their ground is united anew, if they are few and nobody else is at it. What stays marked is united
by whoever asks next, and nothing of it is told until then.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.words import Layer
from layers.held.policies import readable, within
from layers.held.wiring import Schemas, function, literal, lookup, quoted, run, trigger
from layers.schema.levels import GROUNDS, STALE_GROUNDS
from layers.schema.moves import MOVES

LAST_ZOOMS = {6: 7, 9: 9, 12: 12}
"""Up to which zoom the ground of a division is told as one, by how many digits its code has."""
AT_ONCE = 20
"""So many divisions are united in one go: some 5 ms each."""
_MANY_MARKS = 1000
_NAME, _UNITE, _WHOLE = "gridfield_ground", "gridfield_unite", "gridfield_whole"
# "ground" as a number, within this database.
_LOCK = 0x67_726F_756E_64
_WORLD_M, _TILE_PX = 40_075_016.6855785, 256
# Corners go to the next crossing of a grid of quarter px, from both sides of a border alike: so
# neighbours keep to each other without knowing of each other.
_FINENESS = 4
_AMOUNTS = ("features", "lacking", "ids")


def is_united(layer: Layer) -> bool:
    """Whether the layer's features divide the ground of divisions among themselves."""
    return layer.partition is not None


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """The triggers that mark and unite; each reads what is of his ground."""
    united = [layer for layer in layers if is_united(layer)]
    yield from readable(GROUNDS.name, within("place"))
    yield from readable(STALE_GROUNDS.name, within("place"))
    gis = schemas.postgis
    named = f"ground {gis}.geometry, finest double precision"
    yield lookup(_WHOLE, named, f"{gis}.geometry", _closing(gis))
    yield _uniting(united, schemas)
    yield function(f"{_UNITE}_soon", _soon(), schemas)
    yield trigger(
        f"{_UNITE}_soon", "AFTER INSERT", STALE_GROUNDS.name, f"{_UNITE}_soon", deferred=True
    )
    for layer in united:
        name = f"{_NAME}_{layer.name}"
        yield function(name, _marking(layer), schemas)
        for event, came in (
            ("insert", "NEW TABLE AS new_rows"),
            ("update", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
            ("delete", "OLD TABLE AS old_rows"),
        ):
            when = f"AFTER {event.upper()}"
            yield trigger(f"{_NAME}_{event}", when, layer.name, name, referencing=came)


def adopt(connection: Connection, layers: Iterable[Layer]) -> None:
    """Unite everything anew, as the layers are declared now; for the owner."""
    run(connection, f"TRUNCATE {GROUNDS.name}, {STALE_GROUNDS.name}")
    for layer in filter(is_united, layers):
        for statement in _united(layer, "true", "true", "true"):
            run(connection, statement)


def unite(connection: Connection) -> None:
    """Unite the ground of some divisions that are marked, if nobody is at it; for the owner."""
    connection.execute(sa.text(f"SELECT {_UNITE}({AT_ONCE})"))


def _lacks(layer: Layer, row: str) -> str:
    field = layer.style.alert_without
    return f"({row}.{quoted(field)} IS NULL)" if field else "false"


def _marking(layer: Layer) -> str:
    """What changes neither ground nor place nor what is lacking, as a tint does, marks nothing.

    A mark of another transaction is none for this one: whoever unites may be taking it away.
    """
    name = literal(layer.name)
    told = {row: f"({row}.geom::bytea, {row}.place, {_lacks(layer, row)})" for row in "no"}
    changed = f"{told['n']} IS DISTINCT FROM {told['o']}"
    mark = f"INSERT INTO {STALE_GROUNDS.name} (layer, place) SELECT {name}, place"
    new = f"""place NOT IN (SELECT s.place FROM {STALE_GROUNDS.name} s
        WHERE s.layer = {name} AND s.xmin = pg_current_xact_id()::xid) GROUP BY place"""
    return f"""
BEGIN
  CASE TG_OP
    WHEN 'INSERT' THEN {mark} FROM new_rows WHERE {new};
    WHEN 'DELETE' THEN {mark} FROM old_rows WHERE {new};
    ELSE {mark} FROM (
      SELECT unnest(ARRAY[n.place, o.place]) AS place FROM new_rows n JOIN old_rows o USING (id)
      WHERE {changed}) moved WHERE {new};
  END CASE;
  RETURN NULL;
END"""


def _soon() -> str:
    """When a transaction commits, unless it is for many divisions: it would keep others waiting."""
    return f"""
BEGIN
  IF (SELECT count(*) < {_MANY_MARKS} AND count(DISTINCT (layer, place)) <= {AT_ONCE}
      FROM (SELECT layer, place FROM {STALE_GROUNDS.name} LIMIT {_MANY_MARKS}) few) THEN
    PERFORM {_UNITE}({AT_ONCE});
  END IF;
  RETURN NULL;
END"""


def _uniting(layers: Iterable[Layer], schemas: Schemas) -> str:
    """Marks are taken away before the ground is looked at: what changes later has marks of its own,
    which stay. With the ground, the version of the layer's tiles changes."""
    each = "".join(_united_some(layer) for layer in layers)
    return f"""
CREATE FUNCTION {_UNITE}(most integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schemas.path} AS $body$
DECLARE
  marked bigint[];
  streets bigint[];
  districts bigint[];
BEGIN
  IF NOT pg_try_advisory_xact_lock({_LOCK}) THEN
    RETURN;
  END IF;
{each}
END $body$"""


def _united_some(layer: Layer) -> str:
    name = literal(layer.name)
    chosen = f"(SELECT place FROM {STALE_GROUNDS.name} WHERE layer = {name} LIMIT most)"
    anew = ";\n    ".join(_united(layer, *(f"{each} = ANY ({named})" for each, named in _MARKED)))
    return f"""
  WITH gone AS (DELETE FROM {STALE_GROUNDS.name} WHERE layer = {name} AND place IN {chosen}
    RETURNING place)
  SELECT array_agg(DISTINCT place), array_agg(DISTINCT place / 1000 * 1000),
    array_agg(DISTINCT place / 1000000 * 1000000) INTO marked, streets, districts FROM gone;
  IF marked IS NOT NULL THEN
    DELETE FROM {GROUNDS.name} WHERE layer = {name} AND (depth = 12 AND place = ANY (marked)
      OR depth = 9 AND place = ANY (streets) OR depth = 6 AND place = ANY (districts));
    {anew};
    INSERT INTO {MOVES.name} (source) VALUES ({name});
  END IF;"""


_MARKED = (
    ("place", "marked"),
    ("place / 1000 * 1000", "streets"),
    ("place / 1000000 * 1000000", "districts"),
)


def _united(layer: Layer, *wanted: str) -> Iterator[str]:
    """The statements that unite fields into communities, those into streets, those into
    districts, of what is `wanted` at each depth."""
    name, rows = literal(layer.name), quoted(layer.name)
    head = f"INSERT INTO {GROUNDS.name} (layer, depth, place, {', '.join(_AMOUNTS)}, geom)"
    yield f"""{head}
    SELECT {name}, 12, place, count(*), count(*) FILTER (WHERE {_lacks(layer, rows)}), sum(id),
      {_one_ground("st_transform(geom, 3857)", 12)}
    FROM {rows} WHERE {wanted[0]} GROUP BY place"""
    sums = ", ".join(f"sum({amount})" for amount in _AMOUNTS)
    for depth, finer, tail, where in ((9, 12, 1000, wanted[1]), (6, 9, 1000000, wanted[2])):
        yield f"""{head}
    SELECT {name}, {depth}, place / {tail} * {tail}, {sums}, {_one_ground("geom", depth)}
    FROM {GROUNDS.name} WHERE layer = {name} AND depth = {finer} AND {where}
    GROUP BY place / {tail} * {tail}"""


def _one_ground(geometry: str, depth: int) -> str:
    pixel = _WORLD_M / _TILE_PX / 2 ** LAST_ZOOMS[depth]
    step = pixel / _FINENESS
    # One alone is not brought to the grid by uniting it.
    united = f"st_reduceprecision(st_union(st_makevalid({geometry}), {step}), {step})"
    return f"{_WHOLE}({united}, {pixel**2})"


def _closing(gis: str) -> str:
    """The ground without holes that are smaller than a pixel: such as open where the corner of one
    field, on a side of another, went to its crossing. Empty where all of it is as small."""
    return f"""
BEGIN RETURN coalesce((
  SELECT {gis}.ST_Collect({gis}.ST_MakePolygon({gis}.ST_ExteriorRing(part.geom), ARRAY(
      SELECT {gis}.ST_ExteriorRing(ring.geom) FROM {gis}.ST_DumpRings(part.geom) ring
      WHERE ring.path[1] > 0 AND {gis}.ST_Area(ring.geom) >= finest)) ORDER BY part.path)
  FROM {gis}.ST_Dump(ground) part WHERE {gis}.ST_Dimension(part.geom) = 2
), {gis}.ST_GeomFromText('POLYGON EMPTY', 3857)); END"""
