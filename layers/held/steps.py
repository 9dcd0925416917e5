"""What the database holds about steps: SQL for `layers.held.cases`.

No step is other than declared, whoever writes it; what can be known of it the database says itself.
"""

from collections.abc import Iterable, Iterator

from layers.declaring.words import Layer
from layers.declaring.workflow import Clock, Transition, Workflow
from layers.held import step_chain
from layers.held.policies import readable, within
from layers.held.wiring import Schemas, function, literal, quoted, trigger
from layers.schema.cases import CASES, STEPS

# To plan takes longer than to find a case and its steps by their key. A plan made while there were
# none yet would read them all for each of thousands.
_KEPT_PLANS = ("plan_cache_mode = force_generic_plan", "enable_seqscan = off")


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for the steps of these layers' cases."""
    for layer in layers:
        if layer.workflow:
            yield from _of_layer(layer, layer.workflow, schemas)
    yield from _told(layers, schemas)
    yield from _kept(schemas)
    yield from step_chain.statements(schemas)
    yield from readable(STEPS.name, within("place"))


def _of_layer(layer: Layer, flow: Workflow, schemas: Schemas) -> Iterator[str]:
    mine = f"NEW.layer = {literal(layer.name)}"
    called = f"gridfield_step_take_{layer.name}"
    yield function(called, _checking(flow), schemas, *_KEPT_PLANS)
    yield trigger(called, "BEFORE INSERT", STEPS.name, called, row=True, when=mine)


def _told(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Cases follow their steps: once for all those that came together."""
    body = "".join(_following(each, each.workflow) for each in layers if each.workflow)
    name = "gridfield_step_told"
    body = f"DECLARE one bigint; BEGIN {body} RETURN NULL; END"
    yield function(name, body, schemas, *_KEPT_PLANS)
    yield trigger(name, "AFTER INSERT", STEPS.name, name, referencing="NEW TABLE AS came")


def _checking(flow: Workflow) -> str:
    """A step is one of those declared, from the state in which the case is, by one who may; what
    can be known is written by the database."""
    return f"""
DECLARE
  here cases;
  last steps;
  rule record;
  lo constant bigint := coalesce(nullif(current_setting('gridfield.lo', true), '')::bigint, -1);
  hi constant bigint := coalesce(nullif(current_setting('gridfield.hi', true), '')::bigint, -1);
BEGIN
  SELECT * INTO here FROM cases WHERE layer = NEW.layer AND feature = NEW.feature FOR UPDATE;
  IF here.layer IS NULL THEN {refuse("there is no such case")}
  END IF;
  SELECT * INTO last FROM steps WHERE layer = NEW.layer AND feature = NEW.feature
  ORDER BY ordinal DESC LIMIT 1;
  NEW.ordinal := coalesce(last.ordinal, 0) + 1;
  NEW.place := here.place;
  NEW.transaction := pg_current_xact_id()::text::bigint;
  SELECT * INTO rule FROM (VALUES {", ".join(_rules(flow))})
    rules (transition, source, target, roles, others)
  WHERE rules.transition = NEW.transition AND rules.source IS NOT DISTINCT FROM NEW.source
    AND rules.target = NEW.target;
  IF rule.transition IS NULL THEN {refuse("this is no step of the workflow")}
  END IF;
  IF NEW.brought THEN
    IF last.ordinal IS NOT NULL AND (NEW.source IS DISTINCT FROM last.target OR NEW.at < last.at)
      OR NEW.at > now() THEN {refuse("this step does not follow the one before")}
    END IF;
    RETURN NEW;
  END IF;
  IF here.state IS DISTINCT FROM coalesce(NEW.source, NEW.target)
    OR (NEW.source IS NULL AND last.ordinal IS NOT NULL) THEN
    {refuse("the case is in another state")}
  END IF;
  NEW.at := greatest(now(), last.at);
  NEW.account := nullif(current_setting('gridfield.account', true), '')::bigint;
  NEW.person := (SELECT person_id FROM accounts WHERE id = NEW.account);
  NEW.due_before := here.due_at;
  NEW.cycle := here.cycle;
  IF NOT coalesce(current_setting('gridfield.role', true) = ANY (rule.roles), false)
    OR here.place NOT BETWEEN lo AND hi OR EXISTS (
      SELECT FROM steps s
      WHERE s.layer = NEW.layer AND s.feature = NEW.feature AND s.transition = ANY (rule.others)
        AND (s.person = NEW.person OR NOT s.brought AND s.account IS NOT DISTINCT FROM NEW.account)
    ) THEN
    RAISE EXCEPTION 'this step is not for whoever takes it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END"""


def _rules(flow: Workflow) -> Iterator[str]:
    for each in flow.transitions:
        own = {(move.source, move.target) for move in flow.moves if move.transition == each.name}
        for source, target in sorted(own):
            yield _rule(each, literal(source), target)
        if each.again and each.target:
            yield _rule(each, "NULL", each.target)


def _rule(each: Transition, source: str, target: str) -> str:
    # What begins again is for anybody who may say so, and by no other.
    others = each.other_than if source != "NULL" else ()
    return (
        f"({literal(each.name)}, {source}, {literal(target)},"
        f" ARRAY[{listed(each.roles)}]::text[], ARRAY[{listed(others)}]::text[])"
    )


def _following(layer: Layer, flow: Workflow) -> str:
    """One case after the other, each by its key: how many there are the planner cannot know."""
    own, values = literal(layer.name), _told_of(flow)
    return f"""
FOR one IN SELECT DISTINCT feature FROM came WHERE layer = {own} ORDER BY feature LOOP
  UPDATE {CASES.name} SET ({", ".join(values)}) = (
    SELECT {", ".join(values.values())} FROM {STEPS.name} WHERE layer = {own} AND feature = one
  ) WHERE layer = {own} AND feature = one;
END LOOP;"""


def stepped(layer: Layer, flow: Workflow, which: str) -> str:
    """What steps say of their cases, of all those that fulfil a condition."""
    values = _told_of(flow)
    chosen = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return f"""
UPDATE {CASES.name} c SET {", ".join(f"{name} = t.{name}" for name in values)}
FROM (
  SELECT s.feature, {chosen} FROM {STEPS.name} s
  WHERE s.layer = {literal(layer.name)} AND {which} GROUP BY s.feature
) t
WHERE c.layer = {literal(layer.name)} AND c.feature = t.feature"""


def _told_of(flow: Workflow) -> dict[str, str]:
    """The limit, who, how often and since when: columns of a case as aggregates of its steps."""
    counted = {
        "reworks": [each.name for each in flow.transitions if each.rework],
        "extensions": [each.name for each in flow.transitions if each.clock is Clock.EXTEND],
    }
    people = {"handler": flow.handling, "verifier": flow.verifying}
    closed = f"target IN ({listed(flow.closed)}) AND source IS DISTINCT FROM target"
    return {
        "due_at": _last("due_after"),
        "begun_at": _last("begun_at"),
        "cycle": _last("cycle"),
        "entered_at": "max(at) FILTER (WHERE source IS DISTINCT FROM target)",
        "closed_at": f"max(at) FILTER (WHERE {closed})",
        **{name: _last("person", _among(names)) for name, names in people.items()},
        **{name: f"count(*) FILTER (WHERE {_among(x)})" for name, x in counted.items()},
    }


def _last(column: str, which: str = "true") -> str:
    return f"(array_agg({column} ORDER BY ordinal DESC) FILTER (WHERE {which}))[1]"


def _among(names: Iterable[str]) -> str:
    known = sorted(names)
    return f"transition IN ({listed(known)})" if known else "false"


def _kept(schemas: Schemas) -> Iterator[str]:
    """Nothing of a step changes but where it is seen, none goes, and the last told the truth."""
    fixed = ", ".join(quoted(c.name) for c in STEPS.columns if c.name not in step_chain.FOLLOWS)
    for name, event in (
        ("gridfield_keep_values", f"BEFORE UPDATE OF {fixed}"),
        ("gridfield_keep_rows", "BEFORE DELETE"),
        ("gridfield_keep_all", "BEFORE TRUNCATE"),
    ):
        yield trigger(name, event, STEPS.name, "gridfield_refuse")
    name = "gridfield_step_held"
    yield function(name, _HELD, schemas)
    yield trigger(name, "AFTER INSERT", STEPS.name, name, deferred=True)


_HELD = """
BEGIN
  IF EXISTS (
    SELECT FROM cases c WHERE c.layer = NEW.layer AND c.feature = NEW.feature AND c.state <> (
      SELECT s.target FROM steps s WHERE s.layer = c.layer AND s.feature = c.feature
      ORDER BY s.ordinal DESC LIMIT 1
    )
  ) THEN
    RAISE EXCEPTION 'the record is not in the state to which its last step led'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END"""


def refuse(sentence: str) -> str:
    """The statement by which a trigger refuses."""
    return f"RAISE EXCEPTION {literal(sentence)} USING ERRCODE = 'restrict_violation';"


def listed(names: Iterable[str]) -> str:
    """Words of a declaration as a list of constants."""
    return ", ".join(map(literal, names))
