"""Whether the history is what was recorded: every digest and the whole chain, computed again.

The queries name only what is wrong and let the server read the rest. They use none of the
database's own functions, which whoever alters rows could alter too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.engine import Connection

from gis.errors import Finding, Rule
from layers.held import step_chain
from layers.held.recording import Recorded, recorded, seal, version_digest
from layers.held.wiring import quoted
from layers.refusals.history import (
    HISTORY_ALTERED,
    HISTORY_CHAIN,
    HISTORY_GAP,
    HISTORY_ORPHANS,
    HISTORY_PERIOD,
    HISTORY_ROWS,
    HISTORY_STEP,
    HISTORY_STEP_ALTERED,
    HISTORY_UNRECORDED,
)
from layers.registry import Registry
from layers.schema.versions import CHANGES, SUFFIX

FAULTS_LISTED = 1000
_STREAM_ROWS = 1000

_CHAIN = f"""
SELECT number AS change, link, layer FROM (
  SELECT c.*, lag(c.link) OVER chain AS link_before, lag(c.digest) OVER chain AS digest_before
  FROM changes c WINDOW chain AS (ORDER BY c.link)
) c
WHERE link IS NULL OR link <> coalesce(link_before, 0) + 1
  OR previous <> coalesce(digest_before, '') OR digest IS DISTINCT FROM {seal("c")}
ORDER BY link
"""
_ALTERED = """
SELECT id AS feature, _number AS number, _change AS change FROM {versions}
WHERE _digest <> {digest} ORDER BY id, _number
"""
_GAPS = """
SELECT id AS feature, coalesce(before, 0) + 1 AS number FROM (
  SELECT id, _number, lag(_number) OVER (PARTITION BY id ORDER BY _number) AS before
  FROM {versions}
) v
WHERE _number <> coalesce(before, 0) + 1 ORDER BY id, _number
"""
_PERIODS = """
SELECT id AS feature, _number AS number, _change AS change FROM (
  SELECT id, _number, _change, _to, lead(_number) OVER own AS next, lead(_from) OVER own AS since
  FROM {versions} WINDOW own AS (PARTITION BY id ORDER BY _number)
) v
WHERE coalesce(next, _number + 1) = _number + 1 AND _to IS DISTINCT FROM since
ORDER BY id, _number
"""
_ROWS = """
SELECT c.number AS change, c.rows, coalesce(v.found, 0) AS found
FROM changes c LEFT JOIN (
  SELECT _change, count(*) AS found, sha256(string_agg(_digest, '' ORDER BY id)) AS digest
  FROM {versions} GROUP BY _change
) v ON v._change = c.number
WHERE c.layer = :layer AND (v.found, v.digest) IS DISTINCT FROM (c.rows, c.rows_digest)
ORDER BY c.number
"""
_ORPHANS = """
SELECT _change AS change, count(*) AS found FROM {versions}
WHERE NOT EXISTS (SELECT FROM changes c WHERE c.number = _change AND c.layer = :layer)
GROUP BY _change ORDER BY _change
"""
_UNRECORDED = """
SELECT coalesce(l.id, v.id) AS feature
FROM {layer} l FULL JOIN (
  SELECT * FROM {versions} WHERE _to IS NULL AND _operation <> 'delete'
) v ON v.id = l.id
WHERE l.id IS NULL OR v.id IS NULL OR ROW({now}) IS DISTINCT FROM ROW({last})
ORDER BY 1
"""
# The versions are chained, so that a step that moved a case is vouched for by the version that it
# made, and each version that moved one by its step. Before the first step there was no workflow.
_STEPS = """
WITH told AS (
  SELECT s.*, lag(ordinal) OVER own AS before, lag(target) OVER own AS came_from
  FROM steps s WHERE layer = :layer WINDOW own AS (PARTITION BY feature ORDER BY ordinal)
),
moved AS (
  SELECT v.id AS feature, c.transaction, c.at, v.{status} AS target,
    lag(v.{status}) OVER own AS source
  FROM {versions} v JOIN changes c ON c.number = v._change
  WINDOW own AS (PARTITION BY v.id ORDER BY v._number)
)
SELECT feature, ordinal AS number FROM told t
WHERE ordinal <> coalesce(before, 0) + 1
  OR (before IS NOT NULL AND source IS DISTINCT FROM came_from)
  OR (NOT brought AND source <> target AND NOT EXISTS (
    SELECT FROM moved m WHERE m.feature = t.feature AND m.transaction = t.transaction
      AND (m.source, m.target) = (t.source, t.target)))
UNION ALL
SELECT feature, 0 FROM moved m
WHERE source <> target AND at >= (SELECT min(at) FROM told WHERE NOT brought) AND NOT EXISTS (
  SELECT FROM told t WHERE t.feature = m.feature AND t.transaction = m.transaction
    AND (t.source, t.target) = (m.source, m.target))
ORDER BY 1, 2
"""
# Every step is of a change, by its own digest and by that of all steps of the change.
_STEPS_ALTERED = f"""
SELECT layer, feature, ordinal AS number FROM steps
WHERE digest IS DISTINCT FROM {step_chain.digest("steps", "change")}
ORDER BY layer, feature, ordinal
"""
_STEPS_ROWS = f"""
SELECT c.number AS change, c.layer, c.rows, coalesce(s.found, 0) AS found
FROM changes c LEFT JOIN (
  SELECT change, count(*) AS found, {step_chain.ROWS_DIGEST} AS digest FROM steps GROUP BY change
) s ON s.change = c.number
WHERE c.layer = '{step_chain.NAME}' AND (s.found, s.digest) IS DISTINCT FROM (c.rows, c.rows_digest)
ORDER BY c.number
"""
_STEPS_ORPHANS = f"""
SELECT '{step_chain.NAME}' AS layer, change, count(*) AS found FROM steps
WHERE change IS NOT NULL AND NOT EXISTS (
  SELECT FROM changes c WHERE c.number = change AND c.layer = '{step_chain.NAME}')
GROUP BY change ORDER BY change
"""
_OF_STEPS: tuple[tuple[str, Rule], ...] = (
    (_STEPS_ALTERED, HISTORY_STEP_ALTERED),
    (_STEPS_ROWS, HISTORY_ROWS),
    (_STEPS_ORPHANS, HISTORY_ORPHANS),
)
_OF_A_TABLE: tuple[tuple[str, Rule], ...] = (
    (_ALTERED, HISTORY_ALTERED),
    (_GAPS, HISTORY_GAP),
    (_PERIODS, HISTORY_PERIOD),
    (_ROWS, HISTORY_ROWS),
    (_ORPHANS, HISTORY_ORPHANS),
    (_UNRECORDED, HISTORY_UNRECORDED),
)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read and what is wrong with it; `suppressed` counts faults that are not listed.

    `head` is the digest of the last link. Kept elsewhere, it shows later that nobody wrote the
    whole chain anew: `links` of it must still end in that digest.
    """

    links: int
    versions: int
    head: str | None
    faults: tuple[Finding, ...]
    suppressed: int

    @property
    def whole(self) -> bool:
        return not self.faults


def verify(connection: Connection, registry: Registry) -> Verification:
    """Compute every digest of the history again, as the owner, within one snapshot."""
    # Numbers are written with all their digits, as when they were recorded.
    connection.execute(sa.text("SET LOCAL extra_float_digits = 1"))
    listed: list[Finding] = []
    suppressed = 0
    for finding in _faults(connection, registry):
        if len(listed) < FAULTS_LISTED:
            listed.append(finding)
        else:
            suppressed += 1
    versions = 0
    for rows in recorded(registry.layers.values()):
        counted = sa.select(sa.func.count()).select_from(sa.table(rows.versions))
        versions += connection.scalar(counted) or 0
    end = sa.select(CHANGES.c.link, sa.func.encode(CHANGES.c.digest, "hex")).where(
        CHANGES.c.link.is_not(None)
    )
    links, head = connection.execute(end.order_by(CHANGES.c.link.desc())).first() or (0, None)
    return Verification(links, versions, head, tuple(listed), suppressed)


def _faults(connection: Connection, registry: Registry) -> Iterator[Finding]:
    for row in _stream(connection, _CHAIN):
        yield Finding(HISTORY_CHAIN, column=row["layer"], values=dict(row))
    for rows in recorded(registry.layers.values()):
        for query, rule in _OF_A_TABLE:
            for row in _stream(connection, _about(rows, query), layer=rows.name):
                yield Finding(rule, column=rows.name, values={**row, "layer": rows.name})
    for query, rule in _OF_STEPS:
        for row in _stream(connection, query):
            yield Finding(rule, column=row["layer"], values=dict(row))
    for layer in registry.layers.values():
        if layer.workflow:
            status = quoted(layer.workflow.status)
            query = _STEPS.format(status=status, versions=quoted(f"{layer.name}{SUFFIX}"))
            for row in _stream(connection, query, layer=layer.name):
                values = {**row, "layer": layer.name}
                yield Finding(HISTORY_STEP, column=layer.name, values=values)


def _stream(connection: Connection, query: str, **given: Any) -> Iterator[RowMapping]:
    statement = sa.text(query).bindparams(**{k: v for k, v in given.items() if f":{k}" in query})
    yield from connection.execute(statement.execution_options(yield_per=_STREAM_ROWS)).mappings()


def _about(rows: Recorded, query: str) -> str:
    return query.format(
        versions=quoted(rows.versions),
        layer=quoted(rows.name),
        digest=version_digest(rows),
        now=rows.compared("l"),
        last=rows.compared("v"),
    )
