"""What the database holds about duties: SQL for `layers.guards`.

No duty is without its target or elsewhere; both, and the people, are shown within a reader's
ground; nobody but the owner changes them (`layers.duties.appointing`).
"""

from collections.abc import Iterable, Iterator

from layers.declaring.duties import TARGETS
from layers.declaring.words import Layer
from layers.held.policies import LOW, readable, within
from layers.held.wiring import Schemas, function, trigger
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.duties import DUTIES, DUTIES_VERSIONS

_NEED_TARGETS = """
DECLARE
  wanted record;
  held bigint;
  elsewhere boolean;
BEGIN
  FOR wanted IN
    SELECT layer, count(DISTINCT feature) AS features, array_agg(DISTINCT feature) AS ids
    FROM written
    WHERE TG_OP = 'INSERT' OR valid_to IS NULL OR valid_to > current_date
    GROUP BY layer
  LOOP
    -- Held, so that whoever deletes a target, or gives it another place, can see the duty.
    EXECUTE format(
      'SELECT count(*) FROM (SELECT FROM %I WHERE id = ANY ($1) ORDER BY id FOR SHARE) t',
      wanted.layer
    ) INTO held USING wanted.ids;
    IF held < wanted.features THEN
      RAISE EXCEPTION 'a duty needs a target that exists in %', wanted.layer
        USING ERRCODE = 'foreign_key_violation';
    END IF;
    EXECUTE format(
      'SELECT count(*) > 0 FROM written w JOIN %I t ON t.id = w.feature
       WHERE w.layer = $1 AND t.place <> w.place', wanted.layer
    ) INTO elsewhere USING wanted.layer;
    IF elsewhere THEN
      RAISE EXCEPTION 'a duty lies where its target in % lies', wanted.layer
        USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END
"""
# Planned anew each time: a plan made for one row would be used for a million. Counted, since for
# EXISTS the planner hopes to find one soon, and goes through all pairs where there is none.
_GO_WITH_TARGET = """
DECLARE
  moved boolean;
BEGIN
  EXECUTE 'SELECT count(*) > 0 FROM new_rows n JOIN old_rows o USING (id)
           WHERE n.place <> o.place' INTO moved;
  IF moved THEN
    EXECUTE $sql$
      UPDATE duties d SET place = n.place FROM new_rows n
      WHERE d.layer = $1 AND d.feature = n.id AND d.place <> n.place
    $sql$ USING TG_TABLE_NAME::text;
  END IF;
  RETURN NULL;
END
"""
# Where a duty lies is no change of it: all that it was goes with it.
_TAKE_HISTORY_ALONG = """
DECLARE
  concerned bigint[];
BEGIN
  EXECUTE $sql$
    WITH gone AS (
      UPDATE duties_versions v SET place = n.place FROM new_rows n JOIN old_rows o USING (id)
      WHERE n.place <> o.place AND v.id = n.id
      RETURNING v._change
    )
    SELECT array_agg(DISTINCT _change) FROM gone
  $sql$ INTO concerned;
  UPDATE changes c SET places = v.places
  FROM (SELECT _change, array_agg(DISTINCT place) AS places FROM duties_versions
        WHERE _change = ANY (concerned) GROUP BY _change) v
  WHERE c.number = v._change;
  RETURN NULL;
END
"""
_END_WITH_TARGET = """
DECLARE
  back bigint;
  -- As text: a name compares by another collation than that of the index.
  target text := TG_TABLE_NAME;
BEGIN
  EXECUTE format('SELECT place FROM %I WHERE id = $1', TG_TABLE_NAME) INTO back USING OLD.id;
  IF back IS NOT NULL THEN
    UPDATE duties SET place = back
    WHERE layer = target AND feature = OLD.id AND place <> back;
    RETURN NULL;
  END IF;
  DELETE FROM duties
  WHERE layer = target AND feature = OLD.id AND valid_from >= current_date;
  UPDATE duties SET valid_to = current_date, ended_reason = '对象已删除 · target deleted'
  WHERE layer = target AND feature = OLD.id
    AND (valid_to IS NULL OR valid_to > current_date);
  RETURN NULL;
END
"""


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for duties, and for the features of these layers."""
    yield function("gridfield_duty_targets", _NEED_TARGETS, schemas)
    for event in ("insert", "update"):
        yield trigger(
            f"gridfield_duty_targets_{event}",
            f"AFTER {event.upper()}",
            DUTIES.name,
            "gridfield_duty_targets",
            referencing="NEW TABLE AS written",
        )
    yield function("gridfield_duty_history", _TAKE_HISTORY_ALONG, schemas)
    yield _on_update("gridfield_duty_history", DUTIES.name)
    yield function("gridfield_duty_place", _GO_WITH_TARGET, schemas)
    yield function("gridfield_duty_end", _END_WITH_TARGET, schemas)
    for layer in layers:
        if layer.name in TARGETS:
            yield _on_update("gridfield_duty_place", layer.name)
            yield _at_the_end(layer)
    yield from _rights()


def _on_update(name: str, rows: str) -> str:
    both = "NEW TABLE AS new_rows OLD TABLE AS old_rows"
    return trigger(name, "AFTER UPDATE", rows, name, referencing=both)


def _at_the_end(layer: Layer) -> str:
    """Features that exchange their keys leave the table and come back under their ids."""
    name = "gridfield_duty_end"
    return trigger(name, "AFTER DELETE", layer.name, name, deferred=True)


def _rights() -> Iterator[str]:
    """Duties are seen where they lie; people by a duty or an account that is seen."""
    for rows in (DUTIES, DUTIES_VERSIONS):
        yield from readable(rows.name, within("place"))
    of_ground = within("division::bigint")
    yield from readable(ACCOUNTS.name, of_ground, ["person_id", "division"])
    known = " OR ".join(
        f"EXISTS (SELECT FROM {rows.name} k WHERE k.person_id = {PERSONS.name}.id)"
        for rows in (DUTIES, ACCOUNTS)
    )
    # Who is known nowhere yet is for those who see everything.
    seen = f"({LOW}) = 0 OR {known}"
    yield from readable(PERSONS.name, seen, ["id", "name", "unit", "post", "phone"])
