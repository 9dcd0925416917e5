"""The steps of cases as links of the history's chain: SQL for `layers.guards`.

Steps are only added, so that they need no versions: each has a digest of its own, and the steps of
one statement are one change, whose row has the digest of theirs and is chained like any other.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.held.wiring import Schemas, function, quoted, run, trigger
from layers.schema.cases import STEPS
from layers.schema.versions import CHANGES

NAME = STEPS.name
FOLLOWS = frozenset({"place", "change", "digest"})
"""What of a step is no part of what was done."""
ROWS_DIGEST = "sha256(string_agg(digest, '' ORDER BY layer COLLATE \"C\", feature, ordinal))"
"""The digest of the steps of one change, as SQL over their rows."""
_NUMBERED = "gridfield.step_change"


def digest(row: str, change: str) -> str:
    """The digest of a step, as SQL over a variable or alias."""
    told = [f"'{c.name}', {_told(row, c)}" for c in STEPS.columns if c.name not in FOLLOWS]
    fields = ", ".join((*told, f"'change', {change}"))
    # Columns without a value leave no trace, so that steps may gain columns.
    return f"sha256(convert_to(jsonb_strip_nulls(jsonb_build_object({fields}))::text, 'UTF8'))"


def _told(row: str, column: sa.Column[object]) -> str:
    value = f"{row}.{quoted(column.name)}"
    if isinstance(column.type, sa.DateTime):
        return f"extract(epoch FROM {value})"  # whatever the session's time zone is
    return f"{value}::text" if isinstance(column.type, sa.JSON) else value


_NEXT = f"nextval(pg_get_serial_sequence('{CHANGES.name}', 'number'))"
_NUMBER = f"""
BEGIN
  PERFORM set_config('{_NUMBERED}', {_NEXT}::text, true);
  RETURN NULL;
END"""
_WRITTEN = f"""
BEGIN
  NEW.change := current_setting('{_NUMBERED}')::bigint;
  NEW.digest := {digest("NEW", "NEW.change")};
  RETURN NEW;
END"""
# One change for the steps of a relation.
_CHANGE = f"""
INSERT INTO {CHANGES.name} (number, transaction, at, account, source, label, layer, operation,
  rows, rows_digest, places)
SELECT change, pg_current_xact_id()::text::bigint, now(),
  nullif(current_setting('gridfield.account', true), '')::bigint,
  coalesce(nullif(current_setting('gridfield.source', true), ''), 'owner'),
  nullif(current_setting('gridfield.label', true), ''),
  '{NAME}', 'insert', count(*), {ROWS_DIGEST}, array_agg(DISTINCT place)
FROM {{rows}} GROUP BY change"""
_CHAINED = f"BEGIN {_CHANGE.format(rows='new_rows')}; RETURN NULL; END"
# Where a step lies is no change of it: it goes with its record.
_FOLLOWED = f"""
BEGIN
  UPDATE {CHANGES.name} c SET places = s.places
  FROM (
    SELECT change, array_agg(DISTINCT place) AS places FROM {NAME}
    WHERE change = ANY (ARRAY(SELECT DISTINCT change FROM new_rows)) GROUP BY change
  ) s
  WHERE c.number = s.change AND c.places IS DISTINCT FROM s.places;
  RETURN NULL;
END"""


def statements(schemas: Schemas) -> Iterator[str]:
    """Functions and triggers by which steps are chained, and stay as they were."""
    exact = "extra_float_digits = 1"
    for name, event, body, row, referencing in (
        ("gridfield_step_number", "BEFORE INSERT", _NUMBER, False, ""),
        # After all that writes a step, by its name.
        ("gridfield_step_written", "BEFORE INSERT", _WRITTEN, True, ""),
        ("gridfield_step_chained", "AFTER INSERT", _CHAINED, False, "NEW TABLE AS new_rows"),
        ("gridfield_step_followed", "AFTER UPDATE", _FOLLOWED, False, "NEW TABLE AS new_rows"),
    ):
        yield function(name, body, schemas, exact)
        yield trigger(name, event, NAME, name, row=row, referencing=referencing)
    once = "BEFORE UPDATE OF change, digest"
    when = "OLD.digest IS NOT NULL"
    yield trigger("gridfield_keep_once", once, NAME, "gridfield_refuse", row=True, when=when)


def adopt(connection: Connection) -> None:
    """One change for the steps that are older than their chain."""
    older = sa.select(STEPS.c.ordinal).where(STEPS.c.digest.is_(None)).exists()
    if not connection.scalar(sa.select(older)):
        return
    run(connection, "SET LOCAL extra_float_digits = 1")
    number = int(connection.scalars(sa.select(sa.text(_NEXT))).one())
    run(
        connection,
        f"UPDATE {NAME} s SET change = {number}, digest = {digest('s', str(number))}"
        " WHERE digest IS NULL",
    )
    run(connection, _CHANGE.format(rows=f"(SELECT * FROM {NAME} WHERE change = {number}) s"))
