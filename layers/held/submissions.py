"""What the database holds about records from phones: SQL for `layers.guards`.

They are only added to, within the own ground and by whoever may log; they are seen where their
feature lies. What was logged gets its number here.
"""

from collections.abc import Iterable, Iterator

from layers.calendar.tables import HOLIDAYS
from layers.declaring.logged import Logged
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.held.policies import ROLE, may, readable, within, writable
from layers.held.wiring import Schemas, function, literal, quoted, trigger
from layers.schema.submissions import SUBMISSIONS

# What the database itself says of a record.
_NOT_GIVEN = frozenset({"number", "transaction", "account", "received_at"})
_DIGITS = 6

_FOLLOW = """
DECLARE
  moved boolean;
BEGIN
  -- Planned anew each time: a plan made for one row would be used for a million.
  EXECUTE 'SELECT count(*) > 0 FROM new_rows n JOIN old_rows o USING (id)
           WHERE n.place <> o.place' INTO moved;
  IF moved THEN
    EXECUTE $sql$
      UPDATE submissions s SET place = n.place FROM new_rows n
      WHERE s.layer = $1 AND s.feature = n.id AND s.place <> n.place
    $sql$ USING TG_TABLE_NAME::text;
  END IF;
  RETURN NULL;
END
"""
# Features that exchange their keys leave the table and come back under their ids, elsewhere maybe.
_COME_BACK = """
DECLARE
  back bigint;
  -- As text: a name compares by another collation than that of the index.
  target text := TG_TABLE_NAME;
BEGIN
  EXECUTE format('SELECT place FROM %I WHERE id = $1', TG_TABLE_NAME) INTO back USING OLD.id;
  UPDATE submissions SET place = back
  WHERE layer = target AND feature = OLD.id AND place <> back;
  RETURN NULL;
END
"""


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for records, and for the layers that they go into."""
    yield function("gridfield_follow", _FOLLOW, schemas)
    yield function("gridfield_come_back", _COME_BACK, schemas)
    for layer in layers:
        if layer.logged:
            yield from _logged(layer, layer.logged)
    yield from _kept()
    yield from _rights()


def _logged(layer: Layer, logged: Logged) -> Iterator[str]:
    both = "NEW TABLE AS new_rows OLD TABLE AS old_rows"
    name = "gridfield_follow"
    yield trigger(name, "AFTER UPDATE", layer.name, name, referencing=both)
    name = "gridfield_come_back"
    yield trigger(name, "AFTER DELETE", layer.name, name, deferred=True)
    name = f"gridfield_number_{layer.name}"
    yield function(name, _numbering(logged), None)
    missing = f"NEW.{quoted(logged.number)} IS NULL"
    yield trigger("gridfield_number", "BEFORE INSERT", layer.name, name, row=True, when=missing)


def _numbering(logged: Logged) -> str:
    """By the feature's own id: no two of a layer are alike, and no counter is waited for."""
    number, day = f"NEW.{quoted(logged.number)}", f"NEW.{quoted(logged.day)}"
    year = f"to_char(coalesce({day}, current_date), 'YYYY')"
    digits = f"lpad(NEW.id::text, greatest({_DIGITS}, length(NEW.id::text)), '0')"
    told = f"concat_ws('-', {literal(logged.prefix)}, {year}, {digits})"
    return f"BEGIN {number} := {told}; RETURN NEW; END"


def _kept() -> Iterator[str]:
    """Nothing of a record changes but where it is seen, and none goes."""
    fixed = ", ".join(quoted(c.name) for c in SUBMISSIONS.columns if c.name != "place")
    for name, event in (
        ("gridfield_keep_values", f"BEFORE UPDATE OF {fixed}"),
        ("gridfield_keep_rows", "BEFORE DELETE"),
        ("gridfield_keep_all", "BEFORE TRUNCATE"),
    ):
        yield trigger(name, event, SUBMISSIONS.name, "gridfield_refuse")


def _rights() -> Iterator[str]:
    name, visible = SUBMISSIONS.name, within("place")
    given = ", ".join(quoted(c.name) for c in SUBMISSIONS.columns if c.name not in _NOT_GIVEN)
    # Not the body: what it says of people is not masked.
    yield from readable(name, visible, [c.name for c in SUBMISSIONS.columns if c.name != "body"])
    yield f"GRANT INSERT ({given}) ON {name} TO {ROLE}"
    yield writable(name, "INSERT", f"{visible} AND {may(Right.LOG)}")
    yield from readable(HOLIDAYS.name, "true")
