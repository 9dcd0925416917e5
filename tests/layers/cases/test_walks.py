"""People try whatever they like: what is declared happens, and nothing else does."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.cases import applying as cases
from layers.cases import taking as case_taking
from layers.cases.applying import Attempted
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.declaring.workflow import Transition
from layers.refusals.cases import CASE_MOVED, CASE_REFUSED, CASE_ROLE
from layers.registry import Registry, discover
from layers.schema.tables import table
from tests.layers import casework
from tests.layers.casework import Case, asked, opened, somebody, stored

LAYERS = [layer for layer in discover().layers.values() if layer.workflow]
_ROLES = (Role.INSPECTOR, Role.LEADER, Role.LEADER, Role.OFFICER, Role.ADMIN, Role.ADMIN)


@pytest.fixture(autouse=True)
def without_rules_of_single_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = MappingProxyType(dict.fromkeys(case_taking.CHECKS, lambda *_: ()))
    monkeypatch.setattr(case_taking, "CHECKS", nothing)


@pytest.fixture
def people(conn: Connection) -> list[Actor]:
    return [somebody(conn, role, name=f"人{n}") for n, role in enumerate(_ROLES)]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_only_what_is_declared_happens(
    conn: Connection,
    registry: Registry,
    people: list[Actor],
    layer: Layer,
    data: st.DataObject,
) -> None:
    point = conn.begin_nested()
    try:
        feature = opened(conn, layer, cases.flow_of(layer).initial)
        for _ in range(data.draw(st.integers(3, 10))):
            before = stored(conn, layer, feature)
            actor = data.draw(st.sampled_from(people))
            each = data.draw(_tried(layer, str(before.case["state"])))
            expected = _expected(layer, each, actor, before)
            rule = _attempt(conn, registry, layer, feature, each, actor)
            assert rule == expected, (each.name, actor.role, before.case["state"])
            after = stored(conn, layer, feature)
            assert rule is None or after == before
            _hangs_together(layer, after)
    finally:
        point.rollback()


def _tried(layer: Layer, state: str) -> st.SearchStrategy[Transition]:
    """Mostly what may be taken from a state, or the walk would hardly leave its beginning."""
    flow = cases.flow_of(layer)
    likely = flow.leaving(state) or flow.transitions
    return st.sampled_from(likely) | st.sampled_from(likely) | st.sampled_from(flow.transitions)


def _expected(layer: Layer, each: Transition, actor: Actor, before: Case) -> Any:
    """The rule by which it is refused, by the declaration alone; None where it goes through."""
    if actor.role not in each.roles:
        return CASE_ROLE
    if before.case["state"] not in each.sources:
        return CASE_MOVED
    mine = {step["transition"] for step in before.steps if step["person"] == actor.person_id}
    asked_for = [x["transition"] for x in before.steps]
    answers = {x.name for x in cases.flow_of(layer).transitions if x.answers == each.answers}
    last = [name for name in asked_for if name in {each.answers, *answers}][-1:]
    waits = not each.answers or last == [each.answers]
    begun = each.again is not None and each.name in asked_for
    return CASE_REFUSED if mine & {*each.other_than} or not waits or begun else None


def _attempt(  # noqa: PLR0917
    conn: Connection,
    registry: Registry,
    layer: Layer,
    feature: int,
    each: Transition,
    actor: Actor,
) -> Any:
    with casework.acting(conn, actor):
        casework.bring_photos(conn, layer, feature, each.photos)
    known = set(_kinds_on_record(conn, registry, layer, feature))
    missing = replace(each, documents=tuple(x for x in each.documents if x.kind not in known))
    casework.bring_documents(conn, registry, layer, feature, missing)
    # Each until a later day than the one before: another one would be refused.
    steps = len(stored(conn, layer, feature).steps)
    values = asked(layer, each, casework.LATER + timedelta(days=steps))
    attempted = Attempted(transition=each.name, values=values, reason="理由")
    point = conn.begin_nested()
    try:
        with casework.acting(conn, actor):
            cases.apply(conn, registry, actor, layer, feature, attempted)
        casework.settle(conn)
    except Problem as problem:
        point.rollback()
        casework.nobody(conn)
        return problem.rule
    point.commit()
    return None


def _kinds_on_record(conn: Connection, registry: Registry, layer: Layer, feature: int) -> list[str]:
    """The kinds of documents that a case has already."""
    kept = cases.flow_of(layer).documents
    if kept is None:
        return []
    rows = table(registry.layer(kept.layer)).c
    title = stored(conn, layer, feature).case["title"]
    return list(conn.scalars(sa.select(rows[kept.kind]).where(rows[kept.of] == title)))


def _hangs_together(layer: Layer, found: Case) -> None:
    """The record, the case and the steps say the same, and each step goes on from the last."""
    flow = cases.flow_of(layer)
    state = flow.initial
    for n, step in enumerate(found.steps, 1):
        assert (step["ordinal"], step["source"]) == (n, state)
        state = step["target"]
    assert found.record[flow.status] == found.case["state"] == state
    assert found.case["is_open"] == (state not in flow.closed)
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert before["due_after"] == after["due_before"]
        assert before["at"] <= after["at"]
    names = [step["transition"] for step in found.steps]
    assert found.case["reworks"] == sum(flow.transition(name).rework for name in names)
    if found.steps:
        assert found.case["due_at"] == found.steps[-1]["due_after"]
