"""Steps of an old ledger are brought in as they were: for cases that are stored as they ended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.cases.applying import flow_of
from layers.declaring.words import Layer
from layers.declaring.workflow import Clock, Move, Workflow
from layers.refusals.cases import CASE_HISTORY
from layers.schema.accounts import PERSONS
from layers.schema.cases import CASES, STEPS

_COPIED = ("transition", "source", "target", "at", "reason", "due_before", "due_after")


def bring(connection: Connection, layer: Layer, rows: Iterable[Mapping[str, Any]]) -> int:
    """Store the steps of cases that took none here, as the owner of the database; how many.

    Each row has the `number` (title) of its case, `transition`, `source`, `target`, `at`, and may
    have `person` (a name), `reason`, `due_before` and `due_after`; those of one case stand together
    and in their order. Problem(CASE_HISTORY) for a step that is none of the workflow's, does not
    follow the one before, or is the last and does not lead to where the case is.
    """
    told = [(number, list(steps)) for number, steps in groupby(rows, key=_number)]
    flow, cases = flow_of(layer), _cases(connection, layer, [number for number, _ in told])
    people = _people(connection, {row.get("person") for _, steps in told for row in steps})
    lines: list[dict[str, Any]] = []
    for number, steps in told:
        case = cases.get(number)
        if case is None:
            raise _wrong(number, 1, "there is no such case", "没有这一件")
        _check(flow, number, str(case.state), steps)
        lines += (_line(layer, case, row, people) for row in steps)
    if lines:  # in their order: the database numbers them
        connection.execute(sa.insert(STEPS).inline(), lines)
    return len(lines)


def _number(row: Mapping[str, Any]) -> str:
    return str(row["number"])


def _cases(
    connection: Connection, layer: Layer, numbers: Sequence[str]
) -> Mapping[str, sa.Row[Any]]:
    """The cases of these numbers, of those alone that only one has."""
    named = CASES.c.title == sa.any_(sa.literal(numbers, sa.ARRAY(sa.Text)))
    found: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in connection.execute(sa.select(CASES).where(CASES.c.layer == layer.name, named)):
        found[str(row.title)].append(row)
    return {title: rows[0] for title, rows in found.items() if len(rows) == 1}


def _check(flow: Workflow, number: str, state: str, rows: list[Mapping[str, Any]]) -> None:
    for ordinal, reason, reason_zh in _faults(flow, state, rows):
        raise _wrong(number, ordinal, reason, reason_zh)


def _faults(
    flow: Workflow, state: str, rows: list[Mapping[str, Any]]
) -> Iterator[tuple[int, str, str]]:
    before: Mapping[str, Any] | None = None
    for ordinal, row in enumerate(rows, 1):
        if Move(row["transition"], row["source"], row["target"]) not in flow.moves:
            yield ordinal, "the workflow has no such step", "流程里没有这一步"
        if before and (row["source"] != before["target"] or row["at"] < before["at"]):
            yield ordinal, "it does not go on from the step before", "与上一步不衔接"
        before = row
    if before and before["target"] != state:
        yield len(rows), f"the case is {state}", f"案件现在的状态是 {state}"


def _wrong(number: str, ordinal: int, reason: str, reason_zh: str) -> Problem:
    return Problem(CASE_HISTORY, number=number, ordinal=ordinal, reason=reason, reason_zh=reason_zh)


def _people(connection: Connection, names: Iterable[object]) -> Mapping[str, int]:
    """Whom each name means, where it can mean but one."""
    rows = PERSONS.c
    known = sa.select(rows.name, sa.func.min(rows.id).label("person")).where(
        rows.name.in_([*filter(None, names)])
    )
    found = connection.execute(known.group_by(rows.name).having(sa.func.count() == 1))
    return {row.name: row.person for row in found}


def _line(
    layer: Layer, case: sa.Row[Any], row: Mapping[str, Any], people: Mapping[str, int]
) -> dict[str, Any]:
    return {
        **{name: row.get(name) for name in _COPIED},
        # One that says nothing of the limit leaves that of the record as it is.
        "due_before": row.get("due_before") or _due(layer, case, row["source"]),
        "due_after": row.get("due_after") or _due(layer, case, row["target"]),
        "layer": layer.name,
        "feature": case.feature,
        "person": people.get(str(row.get("person"))),
        "begun_at": case.begun_at,
        "cycle": case.cycle,
        "brought": True,
    }


def _due(layer: Layer, case: sa.Row[Any], state: str | None) -> datetime | None:
    """Until when a case in a state is to be done, as its record says; None where it hangs."""
    flow = flow_of(layer)
    hung = {each.target for each in flow.transitions if each.clock is Clock.HANG}
    due: datetime | None = case.due_at
    return None if state in hung else due
