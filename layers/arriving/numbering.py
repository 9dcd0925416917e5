"""Codes for the rows of a file that have none: given where told to, else proposed."""

from collections.abc import Mapping

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.arriving.examining import Draft, numbered
from layers.declaring import codes
from layers.held.policies import reach, unrestricted
from layers.refusals.imports import CODE_UNNUMBERED
from layers.refusals.values import VALUE_MISSING
from layers.schema.tables import table


def number(connection: Connection, draft: Draft) -> None:
    """Settle the rows without a code: give each the first that is free, or say which that is.

    Numbers follow the reading order of the rows in their division, over what it has already.
    """
    name = numbered(draft.layer)
    if name is None or not draft.unnumbered:
        return
    draft.columns.setdefault(name, [None] * len(draft.geometries))
    column = draft.matched.used.get(name, name)
    own = reach(connection)
    for division, rows in _by_division(draft).items():
        draft.unnumbered -= set(rows)
        if division.isdecimal() and int(division) not in own:
            draft.exclude(rows)  # and which codes are free there is not told
            continue
        try:
            proposed = _proposed(connection, draft, name, division, rows)
        except Problem as problem:
            draft.add(Finding(problem.rule, row, column, problem.values) for row in rows)
        else:
            _settle(draft, name, column, proposed)
    draft.add(Finding(VALUE_MISSING, row, column) for row in sorted(draft.unnumbered))


def _settle(draft: Draft, name: str, column: str, proposed: Mapping[int, str]) -> None:
    if not draft.options.number:
        draft.add(
            Finding(CODE_UNNUMBERED, row, column, {"proposed": code})
            for row, code in proposed.items()
        )
        return
    for row, code in proposed.items():
        draft.columns[name][row - 1] = code
    draft.keyless -= proposed.keys()


def _by_division(draft: Draft) -> dict[str, list[int]]:
    """The rows that a code can be found for: their division is said and their ground is sound."""
    partition = draft.layer.partition
    divisions = draft.columns.get(partition.field) if partition else None
    found: dict[str, list[int]] = {}
    for row in sorted(draft.unnumbered) if divisions else ():
        geometry = draft.geometries[row - 1]
        sound = geometry is not None and not geometry.is_empty and shapely.is_valid(geometry)
        if divisions and divisions[row - 1] and sound:
            found.setdefault(str(divisions[row - 1]), []).append(row)
    return found


def _proposed(
    connection: Connection, draft: Draft, name: str, division: str, rows: list[int]
) -> dict[int, str]:
    stored = table(draft.layer).c[name]
    with unrestricted(connection):  # where divisions have changed, another may hold such a code
        taken = set(connection.scalars(sa.select(stored).where(stored.startswith(division))))
    taken |= {str(code) for code in draft.columns[name] if code is not None}
    geometries = draft.geometries[np.array(rows) - 1]
    return dict(zip(rows, codes.propose(taken, division, geometries), strict=True))
