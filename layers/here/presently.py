"""Who answers for a point now, by one statement whose plans are kept.

Asked part by part, one point costs seven round trips, and to plan what finds its ground takes
longer than to find it. A function keeps the plans of its statements for each connection, also where
a pool lends connections for one transaction.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ColumnElement

from layers.declaring.words import Layer
from layers.duties import persons
from layers.held.wiring import written
from layers.here.answering import Described, as_described, properties_of, terms_of
from layers.here.situating import NAMES, arrays, situated
from layers.here.spots import Spots
from layers.reading.past import rows_on
from layers.thematic import divisions

_FUNCTION = "gridfield_here"
_SPOT = ("n", "kind", "feature", "metres")
_DAYS = slice(3, 5)  # of the terms' columns: these travel as texts
_Rows = Iterable[list[Any]]


@dataclass(frozen=True, slots=True)
class Present:
    """What one point has today: its ground, what is known of it, the terms of its people as
    `answering.terms_of` selects them, and its division by its code as a number."""

    day: date
    spots: Spots
    described: Described
    terms: _Rows
    divisions: Mapping[int, dict[str, str]]


def statement(lon: float, lat: float) -> str:
    """What asks for a WGS 84 point (degrees); `read` reads its one value.

    Only numbers are in it, so that it can be sent as it stands.
    """
    told = arrays(np.array([(lon, lat)], dtype=float))
    numbers = ", ".join(repr(float(told[name][0])) for name in NAMES)
    return f"SELECT {_FUNCTION}({numbers})"


def read(found: Mapping[str, Any]) -> Present:
    """The answer to such a statement."""
    spots = ((n, kind, feature, float(metres)) for n, kind, feature, metres in found["spots"])
    return Present(
        date.fromisoformat(found["day"]),
        Spots.of(spots, 1),
        as_described(found["features"]),
        [_with_days(term) for term in found["terms"]],
        {int(code): {"code": code, "name": name} for code, name in found["divisions"]},
    )


def _with_days(term: list[Any]) -> list[Any]:
    days = [None if day is None else date.fromisoformat(day) for day in term[_DAYS]]
    return [*term[: _DAYS.start], *days, *term[_DAYS.stop :]]


# --- in the database ------------------------------------------------------------------------------
def statements(layers: Mapping[str, Layer], kinds: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The function, for features of these layers that a point has in these kinds of ways: SQL for
    `layers.guards`. It runs with the rights of whoever calls it."""
    points = (sa.literal_column(f"ARRAY[own_{name}]", sa.ARRAY(sa.Double)) for name in NAMES)
    ground = written(situated(points))
    ids = {name: sa.literal_column(f"of_{name}", sa.ARRAY(sa.BigInteger)) for name in layers}
    features = written(
        sa.union_all(*(properties_of(layer, ids[name]) for name, layer in layers.items()))
    )
    targets = (
        sa.literal_column("own_layers", sa.ARRAY(sa.Text)),
        sa.literal_column("own_features", sa.ARRAY(sa.BigInteger)),
    )
    terms = written(terms_of(*targets, sa.literal_column("CURRENT_DATE", sa.Date)))
    rows = rows_on(divisions.LAYER, None)
    codes: ColumnElement[Any] = sa.literal_column("own_codes", sa.ARRAY(sa.Text))
    named = written(sa.select(rows.c.code, rows.c.name).where(rows.c.code == sa.any_(codes)))
    given = ", ".join(f"own_{name} float8" for name in NAMES)
    declared = "\n  ".join(f"of_{name} bigint[];" for name in layers)
    chosen = "\n  ".join(f"of_{name} := {_having(kinds[name])};" for name in layers)
    yield f"""
CREATE FUNCTION {_FUNCTION}({given}) RETURNS json LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET jit = off AS $body$
#variable_conflict use_column
DECLARE
  {declared}
  own_ns bigint[]; own_kinds text[]; own_ids bigint[]; own_metres float8[];
  own_codes text[]; own_layers text[]; own_features bigint[];
  told_features json; told_terms json; told_divisions json;
BEGIN
  SELECT array_agg(n), array_agg(kind), array_agg(feature), array_agg(metres)
  INTO own_ns, own_kinds, own_ids, own_metres FROM ({ground}) found ({", ".join(_SPOT)});
  {chosen}
  own_codes := ARRAY(SELECT lpad(feature::text, 12, '0') FROM unnest(own_kinds, own_ids)
    given (kind, feature) WHERE kind = 'place' AND feature <> 0);
  SELECT json_agg(json_build_array(layer, id, place, title, properties)),
    array_agg(layer), array_agg(id) INTO told_features, own_layers, own_features
  FROM ({features}) found (layer, id, place, title, properties);
  SELECT json_agg(json_build_array({_numbered(_TERM)})) INTO told_terms
  FROM ({terms}) found ({_numbered(_TERM)});
  SELECT json_agg(json_build_array(code, name)) INTO told_divisions
  FROM ({named}) found (code, name);
  RETURN json_build_object('day', CURRENT_DATE,
    'spots', (SELECT json_agg(json_build_array(n, kind, feature, metres))
      FROM unnest(own_ns, own_kinds, own_ids, own_metres) given (n, kind, feature, metres)),
    'features', coalesce(told_features, '[]'), 'terms', coalesce(told_terms, '[]'),
    'divisions', coalesce(told_divisions, '[]'));
END $body$"""  # noqa: S608  of declared names alone


_TERM = 6 + len(persons.COLUMNS)


def _numbered(count: int) -> str:
    return ", ".join(f"c{n}" for n in range(count))


def _having(kinds: Iterable[str]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    given = "unnest(own_kinds, own_ids) given (kind, feature)"
    return f"ARRAY(SELECT feature FROM {given} WHERE kind IN ({listed}))"  # noqa: S608  ours
