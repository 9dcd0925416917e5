"""What the database holds about cases: SQL for `layers.guards`.

No state of a stored record changes without its step in the same transaction, and cases follow from
records and steps, whoever changes them and by what means. Each statement's rows are judged and
followed together, so that an import costs little more.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.engine import Connection

from gis.clock import ZONE
from layers.declaring.words import Layer
from layers.declaring.workflow import Clock, Workflow
from layers.held import steps as step_guards
from layers.held.policies import readable, within
from layers.held.steps import listed, refuse, stepped
from layers.held.wiring import Schemas, function, literal, quoted, run, trigger
from layers.schema.cases import CASES, STEPS
from layers.schema.submissions import SUBMISSIONS
from layers.schema.tables import versions_table

# A chain of records that follow each other is not longer, or it bites its own tail.
_LONGEST_CHAIN = 100
_BOTH = "NEW TABLE AS new_rows OLD TABLE AS old_rows"
_KEPT = "gridfield_case_kept"
# The limit of the record that is being stored (`layers.submissions.storing`), which begins with
# its receipt. Else it would be put right a moment later, and every index of the cases written
# twice.
_DUE = "nullif(current_setting('gridfield.due', true), '')::timestamptz"


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for cases, and for the layers that have some."""
    known = list(layers)
    for layer in known:
        if layer.workflow:
            yield from _of_layer(layer, layer.workflow, schemas)
    yield from _of_records(schemas)
    yield from step_guards.statements(known, schemas)
    yield from readable(CASES.name, within("place"))
    yield function(_KEPT, _REFUSED, schemas)


_REFUSED = """
BEGIN
  RAISE EXCEPTION 'cases follow from records and their steps: % is refused', TG_OP
    USING ERRCODE = 'restrict_violation';
END"""


def adopt(connection: Connection, layers: Iterable[Layer]) -> None:
    """Make all cases anew from records and steps that are there, and keep them from then on."""
    run(connection, f"DELETE FROM {CASES.name}")
    for layer in layers:
        if layer.workflow:
            rows = quoted(layer.name)
            mine = f"(SELECT * FROM {SUBMISSIONS.name} WHERE layer = {literal(layer.name)}) r"
            run(connection, _opened(layer, layer.workflow, f"{rows} n"))
            run(connection, _received(mine))
            run(connection, stepped(layer, layer.workflow, "true"))
    event, directly = "BEFORE INSERT OR UPDATE OR DELETE", "pg_trigger_depth() = 0"
    run(connection, trigger(_KEPT, event, CASES.name, _KEPT, when=directly))


# --- records --------------------------------------------------------------------------------------
def _of_layer(layer: Layer, flow: Workflow, schemas: Schemas) -> Iterator[str]:
    for operation, body, tables in (
        ("insert", _inserting(layer, flow), "NEW TABLE AS new_rows"),
        ("update", _updating(layer, flow), _BOTH),
        ("delete", _deleting(layer), "OLD TABLE AS old_rows"),
    ):
        # Before the history's own trigger, by its name: the last version is still that before.
        name, called = f"gridfield_case_{operation}", f"gridfield_case_{operation}_{layer.name}"
        yield function(called, body, schemas)
        event = f"AFTER {operation.upper()}"
        yield trigger(name, event, layer.name, called, referencing=tables)


# Statements about many rows are planned anew each time: a plan made for one row would be used for
# a million.
def _inserting(layer: Layer, flow: Workflow) -> str:
    """New records may be in any state; one that comes back is in that in which it went."""
    versions, own = quoted(versions_table(layer).name), literal(layer.name)
    guarded = ", ".join(map(quoted, flow.guarded))
    return f"""
DECLARE
  lowest bigint;
  highest bigint;
BEGIN
  {_opening(layer, flow)}
  SELECT min(id), max(id) INTO lowest, highest FROM new_rows;
  IF NOT EXISTS (SELECT FROM {versions} WHERE id BETWEEN lowest AND highest) THEN
    RETURN NULL;
  END IF;
  IF EXISTS (
    SELECT FROM new_rows n JOIN LATERAL (
      SELECT {guarded} FROM {versions} v WHERE v.id = n.id AND v._operation <> 'delete'
      ORDER BY v._number DESC LIMIT 1
    ) v ON true
    WHERE ROW({_each("n", flow.guarded)}) IS DISTINCT FROM ROW({_each("v", flow.guarded)})
  ) THEN {refuse("a case comes back as it went")}
  END IF;
  {
        _received(
            f"(SELECT * FROM {SUBMISSIONS.name} WHERE layer = {own}"
            f" AND feature IN (SELECT id FROM new_rows)) r"
        )
    };
  {stepped(layer, flow, "s.feature IN (SELECT id FROM new_rows)")};
  UPDATE steps s SET place = n.place FROM new_rows n
  WHERE s.layer = {own} AND s.feature = n.id AND s.place <> n.place;
  RETURN NULL;
END"""


def _updating(layer: Layer, flow: Workflow) -> str:
    values = dict(_columns(layer, flow))
    watched = [name for name in (layer.title, *_used(flow)) if name]
    told = ", ".join(f"{name} = n._{name}" for name in values)
    chosen = ", ".join(f"{value} AS _{name}" for name, value in values.items())
    status, own = quoted(flow.status), literal(layer.name)
    unlike = f"ROW({_each('n', flow.guarded)}) IS DISTINCT FROM ROW({_each('o', flow.guarded)})"
    changed = (
        f"ROW({_each('n', watched)}, n.place) IS DISTINCT FROM ROW({_each('o', watched)}, o.place)"
    )
    alone = f"""
SELECT count(*) > 0 FROM new_rows n JOIN old_rows o USING (id)
WHERE {unlike} AND NOT EXISTS (
  SELECT FROM {STEPS.name} s WHERE s.layer = {own} AND s.feature = n.id AND NOT s.brought
    AND s.transaction = pg_current_xact_id()::text::bigint
    AND s.target = n.{status} AND coalesce(s.source, s.target) = o.{status}
)"""
    follow = f"""
UPDATE {CASES.name} c SET {told}
FROM (SELECT n.id, {chosen} FROM new_rows n JOIN old_rows o USING (id) WHERE {changed}) n
WHERE c.layer = {own} AND c.feature = n.id"""
    moving = f"""
UPDATE {STEPS.name} s SET place = n.place FROM new_rows n JOIN old_rows o USING (id)
WHERE n.place <> o.place AND s.layer = {own} AND s.feature = n.id"""
    return f"""
DECLARE
  alone boolean;
BEGIN
  EXECUTE {_body(alone)} INTO alone;
  IF alone THEN {refuse("the state of a case changes by a step alone")}
  END IF;
  EXECUTE {_body(follow)};
  IF EXISTS (SELECT FROM {STEPS.name} WHERE layer = {own}) THEN
    EXECUTE {_body(moving)};
  END IF;
  RETURN NULL;
END"""


def _deleting(layer: Layer) -> str:
    gone = f"""
DELETE FROM {CASES.name} c USING old_rows o
WHERE c.layer = {literal(layer.name)} AND c.feature = o.id"""
    return f"BEGIN EXECUTE {_body(gone)}; RETURN NULL; END"


def _opening(layer: Layer, flow: Workflow) -> str:
    """The new rows alone are read in one way, however many there are; where some follow other
    records, those have to be looked up."""
    if flow.previous is None:
        return f"{_opened(layer, flow, 'new_rows n')};"
    followed = f"SELECT FROM new_rows WHERE {quoted(flow.previous)} IS NOT NULL"
    return f"""IF EXISTS ({followed}) THEN
    EXECUTE {_body(_opened(layer, flow, "new_rows n"))};
  ELSE
    {_opened(layer, flow, "new_rows n", follows=False)};
  END IF;"""


def _opened(layer: Layer, flow: Workflow, rows: str, *, follows: bool = True) -> str:
    """Cases of records as they stand, whatever steps they took."""
    values = {
        **dict(_columns(layer, flow)),
        "due_at": f"coalesce({_DUE}, {_until(flow)})",
        "begun_at": f"CASE WHEN {_DUE} IS NULL THEN {_morning(flow)} ELSE now() END",
        "cycle": _cycle(layer, flow) if follows else "1",
    }
    return f"""
INSERT INTO {CASES.name} (layer, feature, {", ".join(values)})
SELECT {literal(layer.name)}, n.id, {", ".join(values.values())} FROM {rows}"""


def _columns(layer: Layer, flow: Workflow) -> Iterator[tuple[str, str]]:
    """The columns of a case that say what its record says, as SQL over a row `n`."""
    state = f"n.{quoted(flow.status)}"
    yield "place", "n.place"
    yield "title", f"n.{quoted(str(layer.title))}"
    yield "state", state
    yield "is_open", f"{state} NOT IN ({listed(flow.closed)})"
    for column, name in (
        ("kind", flow.kind),
        ("unit", flow.unit),
        ("field", flow.field),
        ("leader", flow.leader),
        ("handler_name", flow.handler),
        ("opened_on", flow.opened),
        ("filed_on", flow.filed),
        ("closed_on", flow.closed_on),
        ("hung_until", flow.review),
    ):
        if name:
            yield column, f"n.{quoted(name)}"


def _used(flow: Workflow) -> tuple[str, ...]:
    named = (
        flow.status, flow.kind, flow.unit, flow.field, flow.leader, flow.handler, flow.opened,
        flow.filed, flow.closed_on, flow.review,
    )  # fmt: skip
    return tuple(dict.fromkeys(name for name in named if name))


def _day(name: str) -> str:
    return f"n.{quoted(name)}"


def _morning(flow: Workflow) -> str:
    """When the day begins on which the record was opened."""
    return f"{_day(flow.opened)}::timestamp AT TIME ZONE '{ZONE}'"


def _until(flow: Workflow) -> str:
    """To the end of the day that the record says; what hangs has no limit."""
    if flow.due is None:
        return "NULL::timestamptz"
    end = f"({_day(flow.due)} + 1)::timestamp AT TIME ZONE '{ZONE}' - interval '1 second'"
    hanging = [each.target for each in flow.transitions if each.clock is Clock.HANG and each.target]
    if not hanging:
        return end
    return f"CASE WHEN n.{quoted(flow.status)} NOT IN ({listed(hanging)}) THEN {end} END"


def _cycle(layer: Layer, flow: Workflow) -> str:
    """How many records follow each other up to this one."""
    if flow.previous is None:
        return "1"
    previous, title = quoted(flow.previous), quoted(str(layer.title))
    return f"""CASE WHEN n.{previous} IS NULL THEN 1 ELSE (
  WITH RECURSIVE chain AS (
    SELECT n.{previous} AS before, 2 AS links
    UNION ALL
    SELECT p.{previous}, chain.links + 1
    FROM chain JOIN {quoted(layer.name)} p ON md5(p.{title}) = md5(before) AND p.{title} = before
    WHERE p.{previous} IS NOT NULL AND chain.links < {_LONGEST_CHAIN}
  ) SELECT max(links) FROM chain) END"""


# --- records from phones --------------------------------------------------------------------------
def _of_records(schemas: Schemas) -> Iterator[str]:
    """The limit of what was logged ends at a moment, where its own column has a day."""
    body = f"BEGIN {_received('came r')}; RETURN NULL; END"
    name = "gridfield_case_received"
    yield function(name, body, schemas)
    referencing = "NEW TABLE AS came"
    yield trigger(name, "AFTER INSERT", SUBMISSIONS.name, name, referencing=referencing)


def _received(rows: str) -> str:
    return f"""
UPDATE {CASES.name} c SET due_at = r.due, begun_at = r.received_at FROM {rows}
WHERE c.layer = r.layer AND c.feature = r.feature AND r.due IS NOT NULL
  AND (c.due_at, c.begun_at) IS DISTINCT FROM (r.due, r.received_at)"""


# --- fragments ------------------------------------------------------------------------------------
def _body(statement: str) -> str:
    return f"$sql$ {statement} $sql$"


def _each(row: str, names: Sequence[str]) -> str:
    return ", ".join(f"{row}.{quoted(name)}" for name in names)
