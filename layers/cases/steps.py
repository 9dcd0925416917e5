"""The steps that cases took, as they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.words import Layer
from layers.declaring.workflow import Clock, Transition, Workflow
from layers.schema.accounts import PERSONS
from layers.schema.cases import STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a case. `person` is who took it, by `name` as far as the reader may see people;
    `given` are the fields that came with it, as JSON has them."""

    ordinal: int
    transition: str
    source: str | None
    target: str
    at: datetime
    account: int | None
    person: int | None
    name: str | None
    reason: str | None
    due_before: datetime | None
    due_after: datetime | None
    begun_at: datetime | None
    cycle: int
    given: Mapping[str, Any]
    brought: bool


_COLUMNS = tuple(name for name in Step.__dataclass_fields__ if name != "name")


def of_case(connection: Connection, layer: Layer, feature: int) -> tuple[Step, ...]:
    """The steps of a case, the first one first."""
    rows = STEPS.c
    statement = (
        sa.select(*(rows[name] for name in _COLUMNS), PERSONS.c.name)
        .outerjoin_from(STEPS, PERSONS, PERSONS.c.id == rows.person)
        .where(rows.layer == layer.name, rows.feature == feature)
        .order_by(rows.ordinal)
    )
    return tuple(Step(**row) for row in connection.execute(statement).mappings())


def waits(flow: Workflow, steps: Sequence[Step], name: str) -> bool:
    """Whether a step of that name has not been answered yet."""
    answers = {each.name for each in flow.transitions if each.answers == name}
    last = next((x.transition for x in reversed(steps) if x.transition in {name, *answers}), None)
    return last == name


def hung(flow: Workflow, steps: Sequence[Step]) -> Step | None:
    """The step by which a case was hung last."""
    hanging = {each.name for each in flow.transitions if each.clock is Clock.HANG}
    return next((each for each in reversed(steps) if each.transition in hanging), None)


def target(transition: Transition, state: str, steps: Sequence[Step]) -> str:
    """The state to which a transition leads from this one."""
    if transition.target is None or transition.again:
        return state
    if transition.back:
        entered = (
            x for x in reversed(steps) if x.target == state and x.source not in (None, state)
        )
        return next((str(each.source) for each in entered), transition.target)
    return transition.target
