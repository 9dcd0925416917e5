"""A workflow applied: who may take which step of a case now, and taking it.

A step is one change: what is given, the state, the limit and the row that tells of it are stored
together or not at all. The database holds the same once more (`layers.held.cases`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.calendar import workdays
from layers.calendar.workdays import Calendar
from layers.cases import evidence as case_evidence
from layers.cases import steps as case_steps
from layers.cases.evidence import Facts
from layers.cases.taking import REASON_LIMIT, Applied, Attempted, Taking
from layers.declaring.people import Actor
from layers.declaring.rights import ROLE_LABELS
from layers.declaring.words import Layer
from layers.declaring.workflow import Transition, Workflow
from layers.held.policies import unrestricted
from layers.photos import bringing as photos
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.cases import (
    CASE_MOVED,
    CASE_REFUSED,
    CASE_ROLE,
    UNKNOWN_TRANSITION,
    UNKNOWN_WORKFLOW,
)
from layers.registry import Registry
from layers.schema.cases import CASES
from layers.schema.tables import table

__all__ = [
    "REASON_LIMIT",
    "Applied",
    "Attempted",
    "Option",
    "Situation",
    "apply",
    "case",
    "flow_of",
    "hold",
    "situation",
]


@dataclass(frozen=True, slots=True)
class Option:
    """A step that may be taken from where a case is, and what keeps whoever asks from it."""

    transition: Transition
    target: str
    missing: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """Where a case is: its row of `cases`, its record, and the steps open to whoever asks."""

    case: sa.Row[Any]
    values: Mapping[str, Any]
    options: tuple[Option, ...]


def flow_of(layer: Layer) -> Workflow:
    """The workflow of a layer; Problem(UNKNOWN_WORKFLOW) where it has none."""
    if layer.workflow is None:
        raise Problem(UNKNOWN_WORKFLOW, layer=layer.name)
    return layer.workflow


def situation(
    connection: Connection, registry: Registry, actor: Actor, layer: Layer, feature: int
) -> Situation:
    """What whoever asks may do now. Problem(UNKNOWN_FEATURE), Problem(UNKNOWN_WORKFLOW)."""
    flow = flow_of(layer)
    _require_seen(connection, layer, feature)
    with unrestricted(connection):
        facts = case_evidence.gather(connection, registry, layer, feature)
    possible = flow.possible(facts.state, actor.role)
    options = (_option(registry, facts, each, actor) for each in possible if _arises(facts, each))
    return Situation(facts.case, facts.values, tuple(options))


def _option(registry: Registry, facts: Facts, each: Transition, actor: Actor) -> Option:
    against = tuple(case_evidence.missing(registry, facts, each, actor))
    return Option(each, case_steps.target(each, facts.state, facts.steps), against)


def _arises(facts: Facts, each: Transition) -> bool:
    """An answer where something was asked, a new beginning where there is none yet."""
    if each.answers and not case_steps.waits(facts.flow, facts.steps, each.answers):
        return False
    return not (each.again and facts.continued)


def hold(connection: Connection, layer: Layer, feature: int) -> None:
    """Keep other transactions from changing a record until this one has ended.

    Problem(UNKNOWN_FEATURE) for one that whoever acts does not see.
    """
    _require_seen(connection, layer, feature)
    rows = table(layer)
    held = sa.select(rows.c.id).where(rows.c.id == feature).with_for_update()
    with unrestricted(connection):  # who may take a step need not be one who may edit
        found = connection.scalar(held)
    if found is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)


def _require_seen(connection: Connection, layer: Layer, feature: int) -> None:
    rows = table(layer)
    if connection.scalar(sa.select(rows.c.id).where(rows.c.id == feature)) is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)


# --- taking a step --------------------------------------------------------------------------------
def apply(  # noqa: PLR0913, PLR0917  who does what to which, and when
    connection: Connection,
    registry: Registry,
    actor: Actor,
    layer: Layer,
    feature: int,
    attempted: Attempted,
    *,
    calendar: Calendar | None = None,
    now: datetime | None = None,
) -> Applied:
    """Take a step of a case, in the connection's transaction; whoever calls rolls back when it
    raises.

    Problems: UNKNOWN_FEATURE, UNKNOWN_WORKFLOW, UNKNOWN_TRANSITION, CASE_ROLE, CASE_MOVED for a
    case that is in another state by now, and CASE_REFUSED with everything that is missing or wrong.
    """
    transition = _wanted(flow_of(layer), layer, attempted.transition)
    hold(connection, layer, feature)
    photos.attach(connection, layer, feature, attempted.photos)
    known = calendar or workdays.calendar(connection)
    with unrestricted(connection):
        facts = case_evidence.gather(connection, registry, layer, feature)
        _require_possible(facts, transition, actor)
        taking = Taking(registry, facts, transition, actor, known, now or datetime.now(UTC))
        given, findings = taking.checked(attempted)
        findings += case_evidence.missing(registry, facts, transition, actor)
        if not findings:
            findings += taking.objections(connection, given, attempted.reason)
        if findings:
            raise _refused(facts, transition, findings)
        return taking.write(connection, given, attempted.reason)


def _wanted(flow: Workflow, layer: Layer, name: str) -> Transition:
    try:
        return flow.transition(name)
    except KeyError:
        raise Problem(UNKNOWN_TRANSITION, layer=layer.name, name=name) from None


def _require_possible(facts: Facts, transition: Transition, actor: Actor) -> None:
    step: dict[str, Any] = {"step": transition.label.en, "step_zh": transition.label.zh}
    if actor.role not in transition.roles:
        role = ROLE_LABELS[actor.role]
        raise Problem(CASE_ROLE, role=role.en, role_zh=role.zh, **step)
    if facts.state not in transition.sources:
        choices = facts.layer.field(facts.flow.status).choices
        label = next(x.label for x in choices if x.value == facts.state)
        raise Problem(CASE_MOVED, title=facts.title, state=label.en, state_zh=label.zh, **step)


def _refused(facts: Facts, transition: Transition, findings: Sequence[Finding]) -> Problem:
    return Problem(
        CASE_REFUSED,
        findings=findings,
        title=facts.title,
        step=transition.label.en,
        step_zh=transition.label.zh,
        count=len(findings),
    )


# --- lists ----------------------------------------------------------------------------------------
def case(connection: Connection, layer: Layer, feature: int) -> sa.Row[Any]:
    """The row of a case that whoever asks may see; Problem(UNKNOWN_FEATURE)."""
    flow_of(layer)
    rows = CASES.c
    which = (rows.layer == layer.name, rows.feature == feature)
    found = connection.execute(sa.select(CASES).where(*which)).first()
    if found is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)
    return found
