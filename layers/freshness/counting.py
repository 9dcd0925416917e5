"""What a snapshot sees of every table that maps are made of: a count of its changes, and a mark.

Snapshots of one server see ever more of an append-only table, so two that see equally many rows of
a source see the same changes: the count is exact, whatever order transactions commit in. The mark
is made of random numbers, one for each row: a count may come back when a crash takes what was
committed without waiting for the disk, or when a backup is restored; the mark does not.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import visitors

from layers.declaring.words import Layer
from layers.held import united
from layers.held.wiring import Schemas, function, trigger
from layers.schema.cases import STEPS
from layers.schema.duties import DUTIES
from layers.schema.levels import STALE_GROUNDS
from layers.schema.moves import MOVES
from layers.schema.patrols import PATROL_COVERAGE
from layers.schema.same import SAME_AS
from layers.schema.versions import SUFFIX

BESIDE = (DUTIES.name, STEPS.name, PATROL_COVERAGE.name, SAME_AS.name)
"""The counted tables that are no layer's."""
LONG = 256
"""From so many rows on, the table is worth folding."""

Version = tuple[object, ...]
"""What was true of some sources: equal ones mean that nothing of them has changed."""

_MOVED, _STATE = "gridfield_moved", "gridfield_state"
_DAY, _ROWS, _STALE = "", " rows", " stale"  # no names of tables
# A row that another is folding is not waited for: it is counted by whoever has it. Nor is the disk:
# what is lost is done again.
_FOLD = f"""
SELECT set_config('synchronous_commit', 'off', true);
WITH few AS (SELECT ctid FROM {MOVES.name} FOR UPDATE SKIP LOCKED),
gone AS (DELETE FROM {MOVES.name} USING few WHERE moves.ctid = few.ctid RETURNING moves.*)
INSERT INTO {MOVES.name} (source, moves, mark)
SELECT source, sum(moves), bit_xor(mark) FROM gone GROUP BY source
"""


@dataclass(frozen=True, slots=True)
class State:
    """What a snapshot saw: the day that it was, and how far each source had come. `rows` are those
    of the table itself; `stale` says that the ground of some divisions is still to be united."""

    day: date
    rows: int
    sources: Mapping[str, str]
    stale: bool = False

    def of(self, sources: Iterable[str]) -> Version:
        """The version of what is made of these sources on this day."""
        return (self.day, *(self.sources.get(name) for name in sources))


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """The triggers that count, and the function that tells: SQL for `layers.guards`."""
    moves = f"{schemas.own}.{MOVES.name}"
    # Without a search path of its own, which each record would pay for.
    body = f"BEGIN INSERT INTO {moves} (source) VALUES (TG_TABLE_NAME); RETURN NULL; END"
    yield function(_MOVED, body, None)
    for name in (*(layer.name for layer in layers), *BESIDE):
        yield trigger(_MOVED, "AFTER INSERT OR UPDATE OR DELETE", name, _MOVED)
    yield _telling(schemas)


def _telling(schemas: Schemas) -> str:
    """With its owner's rights: how much others change is nobody's to read but the server's own."""
    return f"""
CREATE FUNCTION {_STATE}() RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = {schemas.path} AS $body$
BEGIN RETURN (
  SELECT jsonb_build_object('{_DAY}', current_date, '{_ROWS}', coalesce(sum(n), 0),
      '{_STALE}', EXISTS (SELECT FROM {STALE_GROUNDS.name}))
    || coalesce(jsonb_object_agg(source, told), '{{}}')
  FROM (SELECT source, count(*) AS n, concat(sum(moves), '.', bit_xor(mark)) AS told
        FROM {MOVES.name} GROUP BY source) counted
); END $body$"""


TOLD = f"{_STATE}()"
"""What tells the state in a statement; `read` reads it."""


def read(told: Mapping[str, Any]) -> State:
    """The state that a statement told."""
    known = dict(told)
    day, rows = date.fromisoformat(known.pop(_DAY)), int(known.pop(_ROWS))
    stale = bool(known.pop(_STALE))
    return State(day, rows, known, stale)


def state(connection: Connection) -> State:
    """How far everything had come in the snapshot of the connection's next statement."""
    return read(connection.execute(_ASKED).scalar_one())


_ASKED = sa.text(f"SELECT {TOLD}")


def current(connection: Connection) -> State:
    """The same, and the table is folded where it has grown long, and ground united where it is
    stale: whoever asks next is told so. For the owner."""
    found = state(connection)
    if found.rows > LONG:
        fold(connection)
    if found.stale:
        united.unite(connection)
    return found


def fold(connection: Connection) -> None:
    """Make one row of those of each source, as far as they are committed; for the owner.

    No state changes by it: rows are replaced by their sum in one transaction.
    """
    connection.execute(sa.text(_FOLD))


def sources(statement: sa.ClauseElement, counted: Collection[str]) -> tuple[str, ...] | None:
    """Which of the counted tables a statement reads; None where it reads another one as well.

    The versions of a layer's features change only together with their layer.
    """
    names = {
        each.name.removesuffix(SUFFIX)
        for each in visitors.iterate(statement)
        if isinstance(each, sa.Table)
    }
    return tuple(sorted(names)) if names <= set(counted) else None
