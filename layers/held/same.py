"""What the database holds about records that are the same: SQL for `layers.guards`.

A word is only added, by who may edit both and over whose ground both lie; it is seen by those who
see both. What is the same as a main record is none itself: neither chains nor circles.
"""

from collections.abc import Iterable, Iterator

from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.held.policies import ROLE, may, readable, within, writable
from layers.held.wiring import Schemas, function, quoted, trigger
from layers.schema.same import SAME_AS

# "same" as a number: the first half of the key of the lock on one layer.
_LOCK = 0x73_616D_65
LOCK_LAYER = f"pg_advisory_xact_lock({_LOCK}, hashtext({{}}))"
"""One at a time says what is the same in a layer, as SQL."""

_TAKEN = f"DECLARE before same_as; BEGIN PERFORM {LOCK_LAYER.format('NEW.layer')};"
_CHECKED = """
  SELECT * INTO before FROM same_as s
  WHERE s.layer = NEW.layer AND s.feature = NEW.feature ORDER BY s.number DESC LIMIT 1;
  IF NOT NEW.holds THEN
    IF before.holds IS NOT TRUE OR before.main <> NEW.main THEN
      RAISE EXCEPTION 'not the same' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.place := before.place;
    NEW.main_place := before.main_place;
    RETURN NEW;
  END IF;
  -- In one order, so that no two wait in a ring; they stay where they are until this is stored.
  EXECUTE format('SELECT max(place) FILTER (WHERE id = $1), max(place) FILTER (WHERE id = $2)
    FROM (SELECT id, place FROM %I WHERE id IN ($1, $2) ORDER BY id FOR SHARE) f', NEW.layer)
    INTO NEW.place, NEW.main_place USING NEW.feature, NEW.main;
  IF NEW.place IS NULL OR NEW.main_place IS NULL THEN
    RAISE EXCEPTION 'no such feature' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF before.holds OR EXISTS (
    SELECT FROM same_as s WHERE s.layer = NEW.layer AND s.holds
      AND (s.main = NEW.feature OR s.feature = NEW.main)
      AND NOT EXISTS (SELECT FROM same_as later WHERE later.layer = s.layer
        AND later.feature = s.feature AND later.number > s.number)
  ) THEN
    RAISE EXCEPTION 'a chain' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
"""
# Planned anew each time: a plan made for one row would be used for a million.
_FOLLOW = """
DECLARE
  -- As text: a name compares by another collation than that of the index.
  target text := TG_TABLE_NAME;
BEGIN
  IF EXISTS (SELECT FROM same_as WHERE layer = target) THEN
    EXECUTE $sql$
      UPDATE same_as s SET place = n.place FROM new_rows n
      WHERE s.layer = $1 AND s.feature = n.id AND s.place <> n.place
    $sql$ USING target;
    EXECUTE $sql$
      UPDATE same_as s SET main_place = n.place FROM new_rows n
      WHERE s.layer = $1 AND s.main = n.id AND s.main_place <> n.place
    $sql$ USING target;
  END IF;
  RETURN NULL;
END
"""
# Features that exchange their keys leave the table and come back under their ids, elsewhere maybe.
_COME_BACK = """
DECLARE
  back bigint;
  target text := TG_TABLE_NAME;
BEGIN
  EXECUTE format('SELECT place FROM %I WHERE id = $1', TG_TABLE_NAME) INTO back USING OLD.id;
  UPDATE same_as SET place = back
  WHERE layer = target AND feature = OLD.id AND place <> back;
  UPDATE same_as SET main_place = back
  WHERE layer = target AND main = OLD.id AND main_place <> back;
  RETURN NULL;
END
"""
_GIVEN = ("layer", "feature", "main", "holds")
_FOLLOWS = frozenset({"place", "main_place"})


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for what is the same, and for the layers that have it."""
    name = SAME_AS.name
    yield function("gridfield_same", _TAKEN + _CHECKED, schemas)
    yield trigger("gridfield_same", "BEFORE INSERT", name, "gridfield_same", row=True)
    yield function("gridfield_same_follow", _FOLLOW, schemas)
    yield function("gridfield_same_back", _COME_BACK, schemas)
    for layer in layers:
        if layer.logged:
            yield from _followed(layer)
    fixed = ", ".join(quoted(c.name) for c in SAME_AS.columns if c.name not in _FOLLOWS)
    for kept, event in (
        ("gridfield_keep_values", f"BEFORE UPDATE OF {fixed}"),
        ("gridfield_keep_rows", "BEFORE DELETE"),
        ("gridfield_keep_all", "BEFORE TRUNCATE"),
    ):
        yield trigger(kept, event, name, "gridfield_refuse")
    both = f"{within('place')} AND {within('main_place')}"
    yield from readable(name, both)
    yield f"GRANT INSERT ({', '.join(map(quoted, _GIVEN))}) ON {name} TO {ROLE}"
    yield writable(name, "INSERT", f"{both} AND {may(Right.EDIT)}")


def _followed(layer: Layer) -> Iterator[str]:
    """Words lie where their features lie. Not asked of what is added: that has none yet."""
    name, rows = "gridfield_same_follow", "NEW TABLE AS new_rows"
    yield trigger(name, "AFTER UPDATE", layer.name, name, referencing=rows)
    name = "gridfield_same_back"
    yield trigger(name, "AFTER DELETE", layer.name, name, deferred=True)
