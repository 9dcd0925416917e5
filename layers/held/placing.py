"""In which division a feature lies, kept by the database: SQL for `layers.guards`.

A feature belongs to the division that its own field names, else to the deepest stored division
that holds its point on surface, else to the nearest one beside it, else to none (0). What has no
place on the map belongs to the division that it names, or to none.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from layers.declaring.words import Layer
from layers.held.wiring import Schemas, function, literal, lookup, quoted, trigger
from layers.schema.tables import SRID, versions_table
from layers.schema.versions import DIVISION_PIECES
from layers.thematic import divisions

# Small pieces are quick to ask and quick to store; PostGIS' own advice is 50 to 200 vertices.
_PIECE_VERTICES = 64
# A street along the border of all divisions runs outside them by its width: some 50 m.
_BESIDE_DEG = 0.0005
# Where divisions of several levels share a border they are equally near: to 0.1 m.
_EQUALLY_NEAR_DEG = 1e-6
ADOPTER = "gridfield_divide_adopt"
# Writers share it, a change of the map has it alone: or a row stored at the same time would keep a
# place that is no more. "place" as a number, within this database.
_MAP_LOCK = 0x70_6C61_6365
_PLACE_AT = "gridfield_place_at"
_STRAYS = "gridfield_strays"
# Borders are drawn by hand, so a little of a field or a division may lie beyond its own ground.
_ASTRAY = 0.01
_CODE = "^[0-9]{12}$"
REACH = """reach_low CONSTANT bigint
    := coalesce(nullif(current_setting('gridfield.lo', true), '')::bigint, 0);
  reach_high CONSTANT bigint
    := coalesce(nullif(current_setting('gridfield.hi', true), '')::bigint, 999999999999);"""


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions and triggers that give every row of these layers its place."""
    known = list(layers)
    shared = f"BEGIN PERFORM pg_advisory_xact_lock_shared({_MAP_LOCK}); RETURN NULL; END"
    yield function("gridfield_share_map", shared, schemas)
    yield lookup(_PLACE_AT, f"ground {schemas.postgis}.geometry", "bigint", _placing(schemas))
    yield lookup(_STRAYS, f"ground {schemas.postgis}.geometry", "boolean", _straying(schemas))
    yield function("gridfield_locate", _locating(schemas), None)
    for layer in known:
        yield from _placed_on_writing(layer, schemas)
    if divisions.LAYER in known:
        mapped = [layer for layer in known if layer.has_shape]
        yield function("gridfield_divide", _divide(mapped), schemas)
        yield from _divided_on_writing()


def _placing(schemas: Schemas) -> str:
    """Where a geometry lies by the map alone.

    Two statements: most rows need only the first, and preparing both would cost as much again. Of
    the pieces around a spot the deepest is looked at first, which is mostly the last.
    """
    gis, pieces = schemas.postgis, f"{schemas.own}.{DIVISION_PIECES.name}"
    return f"""
DECLARE
  spot CONSTANT {gis}.geometry := {gis}.ST_PointOnSurface(ground);
  found bigint;
BEGIN
  SELECT near.place INTO found
  FROM (SELECT p.place, p.geom FROM {pieces} p WHERE p.geom OPERATOR({gis}.&&) spot
        ORDER BY p.depth DESC, p.place OFFSET 0) near
  WHERE {gis}.ST_Intersects(near.geom, spot) LIMIT 1;
  IF found IS NULL THEN
    SELECT p.place INTO found FROM {pieces} p WHERE {gis}.ST_DWithin(p.geom, spot, {_BESIDE_DEG})
    ORDER BY floor({gis}.ST_Distance(p.geom, spot) / {_EQUALLY_NEAR_DEG}), p.depth DESC, p.place
    LIMIT 1;
  END IF;
  RETURN coalesce(found, 0);
END"""


def _straying(schemas: Schemas) -> str:
    """Whether ground goes beyond that of whoever acts: beyond the stored division, or, where that
    is not stored, into one of the same level. Whoever acts for nobody or everywhere has no bounds.

    What has its place by a code could lie anywhere else: on ground that is another's to divide.
    """
    gis, pieces = schemas.postgis, f"{schemas.own}.{DIVISION_PIECES.name}"
    shared = f"coalesce(sum({gis}.ST_Area({gis}.ST_Intersection(p.geom, drawn))), 0)"
    met = f"FROM {pieces} p WHERE {gis}.ST_Intersects(p.geom, drawn)"
    return f"""
DECLARE
  {REACH}
  drawn CONSTANT {gis}.geometry := {gis}.ST_MakeValid(ground);
  beyond double precision;
BEGIN
  IF reach_low = 0 THEN
    RETURN false;
  ELSIF EXISTS (SELECT FROM {pieces} p WHERE p.place = reach_low) THEN
    SELECT {gis}.ST_Area(drawn) - {shared} INTO beyond {met} AND p.place = reach_low;
  ELSE
    SELECT {shared} INTO beyond {met} AND p.place NOT BETWEEN reach_low AND reach_high
      AND p.depth >= length(rtrim(reach_low::text, '0'));
  END IF;
  RETURN beyond > {_ASTRAY} * {gis}.ST_Area(drawn);
END"""


def _locating(schemas: Schemas, own: str | None = None) -> str:
    """Set the place by the code in `own`, where one is given and is a code, else by the map.

    Runs for every row: a search path of its own would cost more than the question.
    """
    place, kept = f"{schemas.own}.{_PLACE_AT}(NEW.geom)", ""
    if own:
        # Text that is no code is for the layer's own CHECK to refuse, with its own message.
        place = f"CASE WHEN {own} ~ '{_CODE}' THEN {own}::bigint ELSE {place} END"
        kept = f"""
  IF (TG_OP = 'INSERT' OR NEW.geom::bytea IS DISTINCT FROM OLD.geom::bytea)
    AND {schemas.own}.{_STRAYS}(NEW.geom) THEN
    RAISE EXCEPTION 'beyond the own division' USING ERRCODE = 'insufficient_privilege';
  END IF;"""
    return f"BEGIN NEW.place := {place};{kept} RETURN NEW; END"


def _belonging(code: str) -> str:
    """Set the place of what lies nowhere by the code of its division."""
    place = f"CASE WHEN {code} ~ '{_CODE}' THEN {code}::bigint ELSE 0 END"
    return f"BEGIN NEW.place := {place}; RETURN NEW; END"


def strays(geometry: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether ground that has its place by a code lies beyond that of whoever acts."""
    return sa.Function(_STRAYS, geometry, type_=sa.Boolean)


def place_of(
    geometry: ColumnElement[Any] | None, code: ColumnElement[Any] | None
) -> ColumnElement[int]:
    """The place that the triggers would give to a row: by its own code, if it has one, else by the
    map, if it lies anywhere. For rows that are still to be stored."""
    mapped: ColumnElement[int] = sa.literal_column("0", sa.BigInteger)
    if geometry is not None:
        mapped = sa.Function(_PLACE_AT, geometry, type_=sa.BigInteger)
    if code is None:
        return mapped
    return sa.case((code.regexp_match(_CODE), sa.cast(code, sa.BigInteger)), else_=mapped)


def _placed_on_writing(layer: Layer, schemas: Schemas) -> Iterator[str]:
    if not layer.has_shape:
        yield from _placed_by_code(layer, quoted(str(layer.belongs)))
        return
    name, watched = "gridfield_locate", ["geom"]
    if layer.division:
        name, watched = f"gridfield_place_{layer.name}", ["geom", layer.division]
        yield function(name, _locating(schemas, f"NEW.{quoted(layer.division)}"), None)
    event = f"BEFORE INSERT OR UPDATE OF {', '.join(map(quoted, watched))}"
    if layer is not divisions.LAYER:
        yield trigger("gridfield_share_map", event, layer.name, "gridfield_share_map")
    yield trigger("gridfield_place", event, layer.name, name, row=True)


def _placed_by_code(layer: Layer, code: str) -> Iterator[str]:
    name = f"gridfield_place_{layer.name}"
    yield function(name, _belonging(f"NEW.{code}"), None)
    event = f"BEFORE INSERT OR UPDATE OF {code}"
    yield trigger("gridfield_place", event, layer.name, name, row=True)


def adopters(layer: Layer) -> Iterator[str]:
    """A passing trigger: divisions updated under it are cut as if they had just come."""
    if layer is divisions.LAYER:
        yield _divider(ADOPTER, "AFTER UPDATE", "insert", "NEW TABLE AS new_rows")


def _divided_on_writing() -> Iterator[str]:
    for operation, tables in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ):
        name = f"gridfield_divide_{operation}"
        yield _divider(name, f"AFTER {operation.upper()}", operation, tables)


def _divider(name: str, event: str, operation: str, tables: str) -> str:
    rows, called = divisions.LAYER.name, "gridfield_divide"
    return trigger(name, event, rows, called, operation, referencing=tables)


def _divide(layers: Iterable[Layer]) -> str:
    """Cut the divisions that changed anew, and give a place anew to whatever meets them."""
    return f"""
DECLARE
  {REACH}
  changed bigint[];
  ground geometry;
BEGIN
  EXECUTE CASE TG_ARGV[0]
    WHEN 'insert' THEN 'SELECT array_agg(id), ST_Extent(geom)::geometry FROM new_rows'
    WHEN 'delete' THEN 'SELECT array_agg(id), ST_Extent(geom)::geometry FROM old_rows'
    ELSE 'SELECT array_agg(n.id), ST_Extent(ST_Collect(n.geom, o.geom))::geometry
          FROM new_rows n JOIN old_rows o USING (id)
          WHERE (n.code, n.geom::bytea) IS DISTINCT FROM (o.code, o.geom::bytea)'
    END INTO changed, ground;
  IF changed IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock({_MAP_LOCK});
  ground := ST_Expand(ST_SetSRID(ground, {SRID}), {_BESIDE_DEG});
  DELETE FROM division_pieces WHERE division = ANY (changed);
  INSERT INTO division_pieces (division, place, depth, geom)
  SELECT id, code::bigint, length(rtrim(code, '0')), ST_Subdivide(geom, {_PIECE_VERTICES})
  FROM divisions WHERE id = ANY (changed);
  ANALYZE division_pieces;
{"".join(_replaced(layer) for layer in layers)}
  RETURN NULL;
END"""


def _replaced(layer: Layer) -> str:
    """Give the features of a layer, and all their versions, the place that they have now."""
    own, older = quoted(layer.name), quoted(versions_table(layer).name)
    change_places = f"""
  IF FOUND THEN
    UPDATE changes c SET places = v.places
    FROM (SELECT _change, array_agg(DISTINCT place) AS places FROM {older} GROUP BY _change) v
    WHERE c.number = v._change AND c.places IS DISTINCT FROM v.places;
    UPDATE lineage l SET parent_place = p.place, child_place = c.place
    FROM {older} p, {older} c
    WHERE l.layer = {literal(layer.name)} AND p.id = l.parent AND p._number = l.parent_number
      AND c.id = l.child AND c._number = l.child_number
      AND (l.parent_place, l.child_place) IS DISTINCT FROM (p.place, c.place);
  END IF;
"""
    return (
        _located_anew(layer, own, "id") + _located_anew(layer, older, "id, _number") + change_places
    )


def _located_anew(layer: Layer, rows: str, key: str) -> str:
    elsewhere = f"AND {quoted(layer.division)} IS NULL" if layer.division else ""
    same = " AND ".join(f"r.{column} = s.{column}" for column in key.split(", "))
    return f"""
  UPDATE {rows} r SET place = s.place
  FROM (
    SELECT {key}, {_PLACE_AT}(geom) AS place FROM {rows}
    WHERE geom && ground {elsewhere} OFFSET 0
  ) s
  WHERE {same} AND r.place <> s.place AND r.place BETWEEN reach_low AND reach_high;
"""
