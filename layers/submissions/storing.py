"""How a record from a phone is stored: a function in the database for each layer, as SQL.

To plan such statements takes longer than to carry them out, and a function's plans are kept by the
connection. It runs with the rights of whoever calls it. Another calls them for several records.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from pydantic_core import to_json

from layers.alike import near
from layers.alike.near import Reach, Spot
from layers.declaring.logged import Logged
from layers.declaring.words import Layer
from layers.held.wiring import literal, quoted, type_of
from layers.schema.submissions import SUBMISSIONS
from layers.schema.tables import SRID, table
from layers.submissions import assigning
from layers.submissions.records import Record

# What a record brings, by the columns of `submissions`; the rest is decided where it is stored.
_SENT = (
    "captured_at", "datum", "position", "lon", "lat", "measured_lon", "measured_lat", "accuracy_m",
    "readings", "measured_at", "no_fix", "clock_offset_s", "device", "app", "due",
)  # fmt: skip
_BESIDE = {
    "_uuid": "uuid",
    "_day": "date",
    "_due_on": "date",
    "_lon": "double precision",
    "_lat": "double precision",
    "_field": "text",
    "_kind": "text",
    "_east": "double precision",
    "_north": "double precision",
    "_metres": "double precision",
    "_since": "timestamptz",
    "_until": "timestamptz",
}
_NEAR = {name: f"sent._{name}" for name in ("kind", "since", "until", "metres")}
_OWN = "own_"
# What the functions give, with its types.
_GIVEN = ("feature", "place", "received_at", "code", "name", "leader", "held", "near")
_GIVES = ", ".join(
    f"{name} {kind}"
    for name, kind in zip(
        _GIVEN,
        ("bigint", "bigint", "timestamptz", "text", "text", "text", "text[]", "jsonb"),
        strict=True,
    )
)
# Whoever waits longer for a lock does so alone.
_PATIENCE = "100ms"


def called(layer: Layer) -> str:
    """The function that stores a record of this layer."""
    return f"gridfield_log_{layer.name}"


def statements(layers: Iterable[Layer]) -> Iterator[str]:
    """The functions of all layers that are logged on the spot.

    Each takes what a record brings as JSON and its bytes, and gives one row: `feature`, `place`,
    `received_at`, the `code`, `name` and `leader` of its field, the hashes of photographs that
    are `held`, and what is likely the same, `near`. No row where its field is not there, one
    without a feature where its name is taken.
    """
    logged = [(layer, layer.logged) for layer in layers if layer.logged]
    for layer, how in logged:
        yield _function(layer, how)
    if together := [layer for layer, _ in logged if goes_together(layer)]:
        yield _together(together)


def goes_together(layer: Layer) -> bool:
    """Whether records of this layer may be stored with others in one transaction: those about which
    no trigger looks again when it commits, since by then nobody acts any more."""
    return layer.logged is not None and layer.parent is None and layer.partition is None


def _together(layers: Iterable[Layer]) -> str:
    """The function for several: `nth` are those that it has stored, with what the function of the
    layer gives. Of the others nothing is left, and who sent them is to try alone."""
    each = "\n".join(
        f"""        WHEN {literal(layer.name)} THEN SELECT * INTO {", ".join(_GIVEN)}
          FROM {called(layer)}(records[nth], bodies[nth], hashes[nth]);"""
        for layer in layers
    )
    return f"""
CREATE FUNCTION gridfield_log_together(
  layers text[], actors jsonb[], records jsonb[], bodies bytea[], hashes bytea[]
) RETURNS TABLE (nth integer, {_GIVES})
LANGUAGE plpgsql SET lock_timeout = {literal(_PATIENCE)} AS $body$
#variable_conflict use_variable
BEGIN
  FOR i IN 1 .. cardinality(layers) LOOP
    nth := i;
    BEGIN
      PERFORM set_config(key, value, true) FROM jsonb_each_text(actors[nth]);
      CASE layers[nth]
{each}
      END CASE;
      IF feature IS NULL THEN
        RAISE EXCEPTION 'not stored';
      END IF;
      RETURN NEXT;
    EXCEPTION
      WHEN lock_not_available THEN EXIT;
      WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  -- What is looked at when it commits is looked at in nobody's name.
  PERFORM set_config(key, '', true) FROM jsonb_each_text(actors[1]);
END
$body$"""


def _function(layer: Layer, logged: Logged) -> str:
    # Made for one row, and good for each: the plan would be the same.
    return f"""
CREATE FUNCTION {called(layer)}(record jsonb, bytes bytea, hash bytea)
RETURNS TABLE ({_GIVES}) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $body$
#variable_conflict use_column
DECLARE
  sent record;
  spot geometry;
  box geometry;
  person bigint;
BEGIN
  SELECT * INTO sent FROM jsonb_to_record(record) AS ({_columns(layer, logged)});
  -- What is changed afterwards in the transaction is labelled with the record's name.
  PERFORM set_config('gridfield.label', 'record ' || sent._uuid, true),
    set_config('gridfield.due', coalesce(sent.due::text, ''), true);
  near := '[]';
  IF sent._lon IS NOT NULL THEN
    spot := ST_SetSRID(ST_Point(sent._lon, sent._lat), {SRID});
    box := ST_MakeEnvelope(sent._lon - sent._east, sent._lat - sent._north,
      sent._lon + sent._east, sent._lat + sent._north, {SRID});
    near := ({near.members_sql(layer, {"spot": "spot", "box": "box", **_NEAR})});
    box := ST_Expand(spot, {assigning.BORDER_DEG});
    {assigning.AT_SPOT}
    INTO code, name, leader, person;
  ELSE
    {assigning.IN_FIELD}
    INTO code, name, leader, person, spot;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  {_inserted(layer, logged)}
  PERFORM set_config('gridfield.due', '', true);
  INSERT INTO submissions (uuid, layer, feature, place, sha256, body, field, person, near,
    {", ".join(_SENT)})
  VALUES (sent._uuid, {literal(layer.name)}, feature, place, hash, bytes, code, person, near,
    {", ".join(f"sent.{name}" for name in _SENT)})
  ON CONFLICT (uuid) DO NOTHING RETURNING submissions.received_at INTO received_at;
  IF NOT FOUND THEN
    feature := NULL;
    RETURN NEXT;
    RETURN;
  END IF;
  IF record ? 'photos' THEN
    -- Each takes the lock of its hash: in one order, so that no two records wait in a ring.
    WITH linked AS (
      INSERT INTO photo_links (layer, feature, sha256, role, ordinal, taken_at)
      SELECT {literal(layer.name)}, feature, p.sha256, p.role, p.ordinal, p.taken_at
      FROM jsonb_to_recordset(record -> 'photos')
        AS p (sha256 text, role text, ordinal integer, taken_at timestamptz) ORDER BY p.sha256
      RETURNING sha256, held
    )
    SELECT array_agg(linked.sha256) INTO held FROM linked WHERE linked.held;
  END IF;
  RETURN NEXT;
END
$body$"""


def _columns(layer: Layer, logged: Logged) -> str:
    """What is read from the JSON, with its types."""
    sent = {name: type_of(SUBMISSIONS.c[name]) for name in _SENT}
    own = {f"{_OWN}{name}": type_of(table(layer).c[name]) for name in _given(logged)}
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in {**sent, **_BESIDE, **own}.items())


def _given(logged: Logged) -> tuple[str, ...]:
    """The fields whose values come with the record, or that everything new has."""
    told = (*logged.asked, *(name for name, _ in logged.given), logged.result)
    return tuple(dict.fromkeys(name for name in told if name))


def _inserted(layer: Layer, logged: Logged) -> str:
    decided = {
        logged.day: "sent._day",
        logged.field: "code",
        logged.leader: "leader",
        logged.due: "sent._due_on",
    }
    own = {name: f"sent.{quoted(_OWN + name)}" for name in _given(logged)}
    own |= {name: value for name, value in decided.items() if name}
    rows = quoted(layer.name)
    return f"""
  INSERT INTO {rows} ({", ".join(map(quoted, own))}, geom)
  VALUES ({", ".join(own.values())}, spot)
  RETURNING {rows}.id, {rows}.place INTO feature, place;"""


def values(record: Record, due: datetime | None, day: date, within: Reach) -> dict[str, object]:
    """What the function of the record's layer is told, as JSON has it."""
    captured, measured = record.captured, record.captured.measured
    lon, lat = captured.lonlat or (None, None)
    own = {f"{_OWN}{name}": value for name, value in record.values.items()}
    told: dict[str, object] = {
        **own,
        "captured_at": captured.at,
        "datum": captured.datum.value,
        "position": captured.position,
        "lon": lon,
        "lat": lat,
        "measured_lon": measured and measured.lon,
        "measured_lat": measured and measured.lat,
        "accuracy_m": measured and measured.accuracy_m,
        "readings": measured and measured.readings,
        "measured_at": measured and measured.at,
        "no_fix": captured.no_fix,
        "clock_offset_s": captured.clock_offset_s,
        "device": captured.device,
        "app": captured.app,
        "due": due,
        "_uuid": record.uuid,
        "_day": day,
        "_due_on": due and due.date(),
    }
    told |= _placed(record, within)
    if record.photos:
        told["photos"] = [
            {"sha256": each.sha256, "role": each.role, "ordinal": n, "taken_at": each.taken_at}
            for n, each in enumerate(record.photos, start=1)
        ]
    return told


def as_json(told: Mapping[str, object]) -> str:
    """The same as text: moments and days as ISO 8601 has them."""
    return to_json(told).decode()


def _placed(record: Record, within: Reach) -> dict[str, object]:
    if record.lonlat is None:  # its point is that of its field
        return {"_field": record.captured.field}
    lon, lat = record.lonlat
    spot = Spot(lon, lat, record.captured.at, record.kind)
    window = {f"_{name}": value for name, value in near.window(spot, within).items()}
    return {"_lon": lon, "_lat": lat, **window}
