"""What stands in the way of a step: evidence that is missing, people who have had their turn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.cases import steps as case_steps
from layers.cases.steps import Step
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.declaring.workflow import Documents, Transition, Workflow
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.cases import (
    CASE_CONTINUED,
    CASE_DOCUMENT,
    CASE_PHOTO,
    CASE_SAME_PERSON,
    CASE_UNANSWERED,
    CASE_UNSERVED,
)
from layers.registry import Registry
from layers.schema.cases import CASES
from layers.schema.photos import PHOTO_LABELS, PHOTO_LINKS
from layers.schema.tables import table

PASSES_FOR: Mapping[str, tuple[str, ...]] = MappingProxyType({"before": ("before", "far", "near")})
"""Photographs that stand for others: what was taken when a record was logged shows how it was."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Facts:
    """All that is known of a case: its record as it is stored, its row of `cases`, its steps, the
    roles of its photographs that are here, the kinds of its documents and whether each is served,
    and whether another record follows it."""

    layer: Layer
    flow: Workflow
    feature: int
    values: Mapping[str, Any]
    case: sa.Row[Any]
    steps: Sequence[Step]
    photos: frozenset[str]
    documents: Mapping[str, bool]
    continued: bool

    @property
    def state(self) -> str:
        return str(self.case.state)

    @property
    def title(self) -> str:
        return str(self.case.title)


def gather(connection: Connection, registry: Registry, layer: Layer, feature: int) -> Facts:
    """Everything about a case, as far as whoever asks the database sees it.

    Problem(UNKNOWN_FEATURE).
    """
    flow = layer.workflow
    if flow is None:
        raise ValueError(layer.name)
    rows, cases = table(layer), CASES.c
    row = connection.execute(sa.select(rows).where(rows.c.id == feature)).mappings().first()
    which = (cases.layer == layer.name, cases.feature == feature)
    case = connection.execute(sa.select(CASES).where(*which)).first()
    if row is None or case is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)
    return Facts(
        layer=layer,
        flow=flow,
        feature=feature,
        values=dict(row),
        case=case,
        steps=case_steps.of_case(connection, layer, feature),
        photos=_photos(connection, layer, feature),
        documents=_documents(connection, registry, flow.documents, str(case.title)),
        continued=_continued(connection, layer, flow, str(case.title)),
    )


def _photos(connection: Connection, layer: Layer, feature: int) -> frozenset[str]:
    links = PHOTO_LINKS.c
    mine = sa.and_(links.layer == layer.name, links.feature == feature, links.held)
    return frozenset(connection.scalars(sa.select(links.role).where(mine).distinct()))


def _documents(
    connection: Connection, registry: Registry, kept: Documents | None, title: str
) -> Mapping[str, bool]:
    if kept is None:
        return {}
    rows = table(registry.layer(kept.layer)).c
    served = rows[kept.served_on].is_not(None) if kept.served_on else sa.true()
    statement = sa.select(rows[kept.kind], sa.func.bool_or(served)).where(rows[kept.of] == title)
    found = connection.execute(statement.group_by(rows[kept.kind]))
    return {str(kind): bool(is_served) for kind, is_served in found}


def _continued(connection: Connection, layer: Layer, flow: Workflow, title: str) -> bool:
    if flow.previous is None:
        return False
    following = sa.select(table(layer).c.id).where(table(layer).c[flow.previous] == title)
    return bool(connection.scalar(sa.select(following.exists())))


# --- what is missing ------------------------------------------------------------------------------
def missing(
    registry: Registry, facts: Facts, transition: Transition, actor: Actor
) -> Iterator[Finding]:
    """What speaks against a step, whatever is given with it."""
    yield from _missing_photos(facts, transition)
    yield from _missing_documents(registry, facts, transition)
    yield from _taken_before(facts, transition, actor)
    if transition.answers and not case_steps.waits(facts.flow, facts.steps, transition.answers):
        asked = facts.flow.transition(transition.answers).label
        yield Finding(CASE_UNANSWERED, values={"step": asked.en, "step_zh": asked.zh})
    if transition.again and facts.continued:
        yield Finding(CASE_CONTINUED, values={"title": facts.title})


def _missing_photos(facts: Facts, transition: Transition) -> Iterator[Finding]:
    for role in transition.photos:
        if facts.photos.isdisjoint(PASSES_FOR.get(role, (role,))):
            label = PHOTO_LABELS[role]
            values = {"role": label.en, "role_zh": label.zh}
            yield Finding(CASE_PHOTO, column="photos", values=values)


def _missing_documents(
    registry: Registry, facts: Facts, transition: Transition
) -> Iterator[Finding]:
    kept = facts.flow.documents
    for each in transition.documents if kept else ():
        rule = None if each.kind in facts.documents else CASE_DOCUMENT
        if rule is None and each.served and not facts.documents[each.kind]:
            rule = CASE_UNSERVED
        if rule and kept:
            choices = registry.layer(kept.layer).field(kept.kind).choices
            label = next((x.label for x in choices if x.value == each.kind), None)
            zh, en = (label.zh, label.en) if label else (each.kind, each.kind)
            yield Finding(rule, column="documents", values={"document": en, "document_zh": zh})


def _taken_before(facts: Facts, transition: Transition, actor: Actor) -> Iterator[Finding]:
    """Who has had a hand in it does not judge it."""
    earlier = next((x for x in facts.steps if _own(x, transition, actor)), None)
    if earlier is None and not _is_named(facts, transition, actor):
        return
    step = facts.flow.transition(earlier.transition).label if earlier else transition.label
    values = {
        "step": transition.label.en,
        "step_zh": transition.label.zh,
        "earlier": step.en,
        "earlier_zh": step.zh,
    }
    yield Finding(CASE_SAME_PERSON, values=values)


def _own(step: Step, transition: Transition, actor: Actor) -> bool:
    if step.transition not in transition.other_than:
        return False
    same = step.person is not None and step.person == actor.person_id
    return same or (not step.brought and step.account == actor.account_id)


def _is_named(facts: Facts, transition: Transition, actor: Actor) -> bool:
    """Whether the record names whoever acts as the one who handled it, and nobody else is known to
    have done so: two people of one name are told apart by their steps."""
    if transition.name not in facts.flow.verifying or facts.flow.handler is None:
        return False
    known = any(x.person for x in facts.steps if x.transition in facts.flow.handling)
    return not known and facts.values[facts.flow.handler] == actor.name
