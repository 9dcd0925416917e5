"""The triggers that keep the history: SQL for `layers.guards`.

Each statement's rows become versions, set by set, and one change; when the transaction commits,
its changes join the chain. The chain is locked only then, so that a long import stops nobody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from layers.declaring.words import Layer
from layers.held.wiring import Schemas, function, literal, quoted, trigger
from layers.schema import duties as duty_tables
from layers.schema.versions import CHANGES, LINEAGE, SUFFIX

# The key of the lock on the end of the chain: "chain" as a number, within this database.
CHAIN_LOCK = 0x63_6861_696E
ADOPTER = "gridfield_record_adopt"
# Of every table of versions; `_to` and `place` are set later.
_FIXED = ("id", "_number", "_operation", "_from", "_change", "_digest")
# Less than this goes over a border by the rounding of coordinates.
_MOVED_M2 = 1

# Fields without a value leave no trace, so that a layer may gain fields.
_DIGEST = (
    "sha256(convert_to(jsonb_build_array({layer}, {id}, {number}, {operation}, {change},"
    " extract(epoch FROM {since}), jsonb_strip_nulls({fields}))::text, 'UTF8') || {shape})"
)
# To its last bit.
_WKB = "ST_AsBinary(geom, 'NDR')"
_SEALED = (
    "sha256(convert_to(jsonb_build_array({0}.number, {0}.transaction, extract(epoch FROM {0}.at),"
    " {0}.account, {0}.source, {0}.label, {0}.layer, {0}.operation, {0}.rows,"
    " encode({0}.rows_digest, 'hex'), {0}.link, encode({0}.previous, 'hex'))::text, 'UTF8'))"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A table whose rows have versions: by `fields`, and by `geom` where it has one."""

    name: str
    fields: tuple[str, ...]
    has_shape: bool

    @property
    def versions(self) -> str:
        """The name of the table with the versions."""
        return f"{self.name}{SUFFIX}"

    @property
    def columns(self) -> tuple[str, ...]:
        """What tells one version from the next."""
        return (*self.fields, *(["geom"] if self.has_shape else []))

    def compared(self, row: str) -> str:
        """The columns of an alias, such that two rows differ in them or not."""
        # A geometry by its bytes: those that cover the same ground are equal to PostGIS.
        exact = [*map(quoted, self.fields), *(["geom::bytea"] if self.has_shape else [])]
        return ", ".join(f"{row}.{column}" for column in exact)

    @property
    def shape(self) -> str:
        """What of the geometry goes into the digest, as SQL."""
        return _WKB if self.has_shape else "''::bytea"


DUTIES = Recorded(
    duty_tables.DUTIES.name,
    tuple(c.name for c in duty_tables.DUTIES.columns if c.name not in {"id", "place"}),
    has_shape=False,
)


def of_layer(layer: Layer) -> Recorded:
    """A layer's table as one with versions."""
    fields = tuple(field.name for field in layer.fields)
    return Recorded(layer.name, fields, has_shape=layer.has_shape)


def recorded(layers: Iterable[Layer]) -> list[Recorded]:
    """Every table that has versions: those of the layers, and the duties."""
    return [*map(of_layer, layers), DUTIES]


def version_digest(rows: Recorded) -> str:
    """The digest of a row of the versions, as SQL over its columns."""
    fields = ", ".join(map(quoted, rows.fields))
    named = f"(SELECT to_jsonb(_f) FROM (SELECT {fields}) _f)"
    return _digest(literal(rows.name), named, rows.shape)


def seal(row: str) -> str:
    """The digest of a row of `changes`, as SQL over a variable or alias."""
    return _SEALED.format(row)


def _digest(
    layer: str, fields: str, shape: str, operation: str = "_operation", change: str = "_change"
) -> str:
    return _DIGEST.format(
        layer=layer,
        id="id",
        number="_number",
        operation=operation,
        change=change,
        since="_from",
        fields=fields,
        shape=shape,
    )


# Planned anew each time: a plan made for one row would be used for a million.
_OF_MANY = f"""
  EXECUTE format($sql$
    WITH came AS (%1$s),
    numbered AS (
      SELECT id, %2$s, coalesce(_last, 0) + 1 AS _number, greatest(now(), _since) AS _from
      FROM came LEFT JOIN (
        SELECT id AS _id, _number AS _last, _from AS _since FROM %3$I WHERE _to IS NULL
      ) w ON _id = id
    ),
    written AS (
      INSERT INTO %3$I (id, %2$s, _number, _operation, _from, _change, _digest)
      SELECT id, %2$s, _number, $1, _from, $2,
        {_digest("$3", "(SELECT to_jsonb(_f) FROM (SELECT %4$s) _f)", "%5$s", "$1", "$2")}
      FROM numbered
      RETURNING id, _number, _from, place, _digest
    ),
    closed AS (
      UPDATE %3$I v SET _to = w._from FROM written w
      WHERE w._number > 1 AND v.id = w.id AND v._number = w._number - 1
    )
    INSERT INTO changes (number, transaction, at, account, source, label, layer, operation,
      rows, rows_digest, places)
    SELECT $2, pg_current_xact_id()::text::bigint, now(),
      nullif(current_setting('gridfield.account', true), '')::bigint,
      coalesce(nullif(current_setting('gridfield.source', true), ''), 'owner'),
      nullif(current_setting('gridfield.label', true), ''),
      $3, $1, count(*), sha256(string_agg(_digest, '' ORDER BY id)), array_agg(DISTINCT place)
    FROM written HAVING count(*) > 0
  $sql$, came, columns, TG_TABLE_NAME || '_versions', fields, TG_ARGV[4])
  USING operation, nextval(pg_get_serial_sequence('changes', 'number')), TG_TABLE_NAME::text;
  RETURN NULL;
END"""

_RECORD = f"""
DECLARE
  operation constant text := TG_ARGV[0];
  columns constant text := TG_ARGV[1];
  fields constant text := TG_ARGV[2];
  came constant text := CASE operation
    WHEN 'insert' THEN 'SELECT * FROM new_rows'
    WHEN 'delete' THEN 'SELECT * FROM old_rows'
    ELSE 'SELECT n.* FROM new_rows n JOIN old_rows o USING (id) WHERE ' || TG_ARGV[3] END;
BEGIN
{_OF_MANY}"""

# A single new row, as an inspector's record is: to plan the statement above takes longer than all
# else that is done for it, and a plan for one row may be kept.
_RECORD_ONE = """
#variable_conflict use_column
DECLARE
  operation constant text := 'insert';
  columns constant text := TG_ARGV[1];
  fields constant text := TG_ARGV[2];
  came constant text := 'SELECT * FROM new_rows';
  the_row {table};
  the_number bigint;
  the_start timestamptz;
  the_change bigint;
  the_digest bytea;
BEGIN
  IF (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 2) few) = 1 THEN
    SELECT * INTO the_row FROM new_rows;
    SELECT _number, _from INTO the_number, the_start
    FROM {versions} WHERE id = the_row.id AND _to IS NULL;
    the_number := coalesce(the_number, 0) + 1;
    the_start := greatest(now(), the_start);
    the_change := nextval(pg_get_serial_sequence('changes', 'number'));
    INSERT INTO {versions} (id, {columns}, _number, _operation, _from, _change, _digest)
    SELECT id, {columns}, _number, 'insert', _from, the_change, {digest}
    FROM (SELECT (the_row).*, the_number AS _number, the_start AS _from) came_alone
    RETURNING _digest INTO the_digest;
    IF the_number > 1 THEN
      UPDATE {versions} SET _to = the_start
      WHERE id = the_row.id AND _number = the_number - 1;
    END IF;
    INSERT INTO changes (number, transaction, at, account, source, label, layer, operation,
      rows, rows_digest, places)
    VALUES (the_change, pg_current_xact_id()::text::bigint, now(),
      nullif(current_setting('gridfield.account', true), '')::bigint,
      coalesce(nullif(current_setting('gridfield.source', true), ''), 'owner'),
      nullif(current_setting('gridfield.label', true), ''),
      {layer}, 'insert', 1, sha256(the_digest), ARRAY[the_row.place]);
    RETURN NULL;
  END IF;
{many}"""

_SEAL = f"""
DECLARE
  last changes;
  own changes;
BEGIN
  PERFORM pg_advisory_xact_lock({CHAIN_LOCK});
  SELECT * INTO last FROM changes WHERE link IS NOT NULL ORDER BY link DESC LIMIT 1;
  SELECT * INTO own FROM changes WHERE number = NEW.number;
  own.link := coalesce(last.link, 0) + 1;
  own.previous := coalesce(last.digest, '');
  UPDATE changes SET link = own.link, previous = own.previous, digest = {seal("own")}
  WHERE number = own.number;
  RETURN NULL;
END"""

# Ground that a feature had before the transaction and another one has after it. `was` is the last
# version before the transaction, `became` the last one in it.
_TRACE = f"""
DECLARE
  mine bigint[];
BEGIN
  IF EXISTS (SELECT FROM changes c WHERE c.transaction = NEW.transaction AND c.at = NEW.at
             AND c.layer = NEW.layer AND c.number < NEW.number) THEN
    RETURN NULL;
  END IF;
  mine := ARRAY(SELECT c.number FROM changes c WHERE c.transaction = NEW.transaction
                AND c.at = NEW.at AND c.layer = NEW.layer);
  EXECUTE format($sql$
    WITH touched AS (SELECT id, min(_number) - 1 AS before FROM %1$I
                     WHERE _change = ANY ($1) GROUP BY id),
    lost AS MATERIALIZED (
      SELECT was.id, was._number, was.place,
        CASE became._operation WHEN 'delete' THEN was.geom
          ELSE ST_Difference(was.geom, became.geom) END AS geom
      FROM touched t
      JOIN %1$I was ON was.id = t.id AND was._number = t.before
      JOIN %1$I became ON became.id = t.id AND became._to IS NULL
      WHERE was._operation <> 'delete'
        AND (became._operation = 'delete' OR was.geom::bytea <> became.geom::bytea)
        AND ST_IsValid(was.geom) AND ST_IsValid(became.geom)
    ),
    met AS (
      SELECT l.id AS parent, l._number AS parent_number, l.place AS parent_place,
        became.id AS child, became._number AS child_number, became.place AS child_place,
        ST_Area(ST_Intersection(l.geom, CASE WHEN was.id IS NULL THEN became.geom
          ELSE ST_Difference(became.geom, was.geom) END)::geography) AS area_m2
      FROM lost l
      JOIN %1$I became ON became.geom && l.geom AND became.id <> l.id
      JOIN touched t ON t.id = became.id
      LEFT JOIN %1$I was ON was.id = t.id AND was._number = t.before
        AND was._operation <> 'delete'
      WHERE became._to IS NULL AND became._operation <> 'delete'
        AND became._change = ANY ($1)
        AND ST_IsValid(became.geom) AND (was.id IS NULL OR ST_IsValid(was.geom))
    )
    INSERT INTO lineage (layer, parent, parent_number, child, child_number, at, change, area_m2,
      parent_place, child_place)
    SELECT $2, parent, parent_number, child, child_number, $3, $4, area_m2,
      parent_place, child_place
    FROM met WHERE area_m2 > {_MOVED_M2}
  $sql$, NEW.layer || '_versions') USING mine, NEW.layer, NEW.at, NEW.number;
  RETURN NULL;
END"""

_REFUSE = """
BEGIN
  RAISE EXCEPTION '% of % is refused: its history is kept', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END"""


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions and triggers that keep the history of these layers, and keep it from changing."""
    known = list(layers)
    # Numbers are written with all their digits, whatever a session has set.
    yield function("gridfield_record", _RECORD, schemas, "extra_float_digits = 1")
    yield function("gridfield_seal", _SEAL, schemas)
    yield function("gridfield_trace", _TRACE, schemas)
    yield function("gridfield_refuse", _REFUSE, schemas)
    for rows in recorded(known):
        yield function(_one(rows), _record_one(rows), schemas, "extra_float_digits = 1")
        yield from _recorded(rows)
        yield trigger("gridfield_id", "BEFORE UPDATE OF id", rows.name, "gridfield_refuse")
        yield trigger("gridfield_whole", "BEFORE TRUNCATE", rows.name, "gridfield_refuse")
        yield from _kept(rows.versions, (*_FIXED, *rows.columns))
        yield _once(rows.versions, "_to", "OLD._to IS NOT NULL")
    yield from _chained(known)


def partitions(layer: Layer) -> bool:
    """Whether the layer's features divide the ground among themselves."""
    return layer.partition is not None


def _one(rows: Recorded) -> str:
    return f"gridfield_record_new_{rows.name}"


def _record_one(rows: Recorded) -> str:
    named = f"(SELECT to_jsonb(_f) FROM (SELECT {', '.join(map(quoted, rows.fields))}) _f)"
    return _RECORD_ONE.format(
        table=quoted(rows.name),
        versions=quoted(rows.versions),
        columns=", ".join(map(quoted, (*rows.columns, "place"))),
        digest=_digest(literal(rows.name), named, rows.shape, "'insert'::text", "the_change"),
        layer=literal(rows.name),
        many=_OF_MANY,
    )


def _recorded(rows: Recorded) -> Iterator[str]:
    for operation, tables in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ):
        name, event = f"gridfield_record_{operation}", f"AFTER {operation.upper()}"
        yield _recorder(rows, name, event, operation, tables)


def adopter(rows: Recorded) -> str:
    """A passing trigger: what is updated under it is recorded as if it had just come."""
    return _recorder(rows, ADOPTER, "AFTER UPDATE", "insert", "NEW TABLE AS new_rows")


def _recorder(rows: Recorded, name: str, event: str, operation: str, tables: str) -> str:
    return trigger(
        name,
        event,
        rows.name,
        _one(rows) if event == "AFTER INSERT" else "gridfield_record",
        operation,
        ", ".join(map(quoted, (*rows.columns, "place"))),
        ", ".join(map(quoted, rows.fields)),
        f"ROW({rows.compared('n')}) IS DISTINCT FROM ROW({rows.compared('o')})",
        rows.shape,
        referencing=tables,
    )


def _chained(layers: Iterable[Layer]) -> Iterator[str]:
    yield from _kept(
        CHANGES.name,
        [c.name for c in CHANGES.columns if c.name not in {"link", "previous", "digest", "places"}],
    )
    yield _once(CHANGES.name, "link, previous, digest", "OLD.link IS NOT NULL")
    places = {"parent_place", "child_place"}
    yield from _kept(LINEAGE.name, [c.name for c in LINEAGE.columns if c.name not in places])
    traced = ", ".join(literal(layer.name) for layer in layers if partitions(layer))
    if traced:
        yield trigger(
            "gridfield_lineage",
            "AFTER INSERT",
            CHANGES.name,
            "gridfield_trace",
            when=f"NEW.layer IN ({traced})",
            deferred=True,
        )
    yield trigger("gridfield_seal", "AFTER INSERT", CHANGES.name, "gridfield_seal", deferred=True)


def _kept(rows: str, fixed: Iterable[str]) -> Iterator[str]:
    """Nothing of these rows changes but what is left out of `fixed`, and none goes."""
    columns = ", ".join(map(quoted, fixed))
    for name, event in (
        ("gridfield_keep_values", f"BEFORE UPDATE OF {columns}"),
        ("gridfield_keep_rows", "BEFORE DELETE"),
        ("gridfield_keep_all", "BEFORE TRUNCATE"),
    ):
        yield trigger(name, event, rows, "gridfield_refuse")


def _once(rows: str, columns: str, when: str) -> str:
    event = f"BEFORE UPDATE OF {columns}"
    return trigger("gridfield_keep_once", event, rows, "gridfield_refuse", row=True, when=when)
