"""A workflow applied: nothing happens that is not declared, and nothing without its evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from gis.clock import BEIJING, day_of, today
from gis.errors import Problem, Rule
from layers.cases import applying as cases
from layers.cases import taking as case_taking
from layers.cases.applying import Attempted
from layers.declaring.people import Role
from layers.declaring.words import Layer
from layers.declaring.workflow import Clock, Transition
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.cases import (
    CASE_CONTINUED,
    CASE_DAY,
    CASE_DOCUMENT,
    CASE_FIELD,
    CASE_MOVED,
    CASE_PHOTO,
    CASE_REASON,
    CASE_REFUSED,
    CASE_ROLE,
    CASE_SAME_PERSON,
    CASE_UNANSWERED,
    CASE_UNSERVED,
    UNKNOWN_TRANSITION,
    UNKNOWN_WORKFLOW,
)
from layers.refusals.values import VALUE_MISSING
from layers.registry import Registry, discover
from tests.layers import casework
from tests.layers.casework import Case, asked, opened, somebody, stored, take

LAYERS = [layer for layer in discover().layers.values() if layer.workflow]
STEPS = [
    pytest.param(layer, each, id=f"{layer.name}-{each.name}")
    for layer in LAYERS
    for each in cases.flow_of(layer).transitions
]


@pytest.fixture(autouse=True)
def without_rules_of_single_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs more than the declaration has tests of its own."""
    nothing: Mapping[str, Any] = MappingProxyType(dict.fromkeys(case_taking.CHECKS, lambda *_: ()))
    monkeypatch.setattr(case_taking, "CHECKS", nothing)


def waiting(
    conn: Connection, registry: Registry, layer: Layer, each: Transition, state: str
) -> int:
    """A case in a state, in which whatever a transition answers has been asked by somebody."""
    feature = opened(conn, layer, state)
    if each.answers:
        question = cases.flow_of(layer).transition(each.answers)
        take(conn, registry, somebody(conn, question.roles[0]), layer, feature, question.name)
    return feature


# --- the declaration ------------------------------------------------------------------------------
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_state_can_be_reached_and_left_until_it_is_closed(layer: Layer) -> None:
    flow = cases.flow_of(layer)
    states = {choice.value for choice in layer.field(flow.status).choices}
    assert flow.reachable == states
    for state in states:
        found, last = {state}, {state}
        while last:
            last = {move.target for move in flow.moves if move.source in last} - found
            found |= last
        assert found & set(flow.closed), f"{state} is a dead end"


# --- every step -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("layer", "each"), STEPS)
def test_a_step_leads_where_it_is_declared_to_lead(
    conn: Connection, registry: Registry, layer: Layer, each: Transition
) -> None:
    flow = cases.flow_of(layer)
    for state in each.sources:
        feature = waiting(conn, registry, layer, each, state)
        before = stored(conn, layer, feature)
        actor = somebody(conn, each.roles[0], name="办理人")
        applied = take(conn, registry, actor, layer, feature, each.name)
        after = stored(conn, layer, feature)
        step = after.steps[-1]
        expected = state if each.target is None or each.again else each.target
        assert after.record[flow.status] == after.case["state"] == step["target"] == expected
        assert step["ordinal"] == applied.ordinal == len(before.steps) + 1
        assert (step["transition"], step["source"]) == (each.name, state)
        assert (step["account"], step["person"]) == (actor.account_id, actor.person_id)
        assert after.case["is_open"] == (expected not in flow.closed)
        assert all(after.record[name] == today() for name in each.stamps)
        assert all(after.record[name] == "办理人" for name in each.signs)
        assert all(after.record[name] is None for name in each.empties)
        assert step["due_before"] == before.case["due_at"]
        assert step["due_after"] == after.case["due_at"]
        assert (applied.created is not None) == (each.again is not None)


@pytest.mark.parametrize(("layer", "each"), STEPS)
def test_from_every_other_state_it_is_refused_and_nothing_changes(
    conn: Connection, registry: Registry, layer: Layer, each: Transition
) -> None:
    flow = cases.flow_of(layer)
    actor = somebody(conn, each.roles[0])
    for state in sorted(flow.states - set(each.sources)):
        feature = opened(conn, layer, state)
        assert refused(conn, registry, actor, layer, feature, each, {}) == [CASE_MOVED]


@pytest.mark.parametrize(("layer", "each"), STEPS)
def test_nobody_of_another_role_takes_it(
    conn: Connection, registry: Registry, layer: Layer, each: Transition
) -> None:
    for role in set(Role) - set(each.roles):
        feature = opened(conn, layer, each.sources[0])
        actor = somebody(conn, role)
        assert refused(conn, registry, actor, layer, feature, each, {}) == [CASE_ROLE]


def refused(  # noqa: PLR0917
    conn: Connection,
    registry: Registry,
    actor: Any,
    layer: Layer,
    feature: int,
    each: Transition,
    given: Mapping[str, object],
    reason: str = "理由",
) -> list[Rule]:
    """Try a step that is refused; the rules that speak against it. Nothing has changed."""
    before = stored(conn, layer, feature)
    attempted = Attempted(transition=each.name, values=given, reason=reason)
    with pytest.raises(Problem) as found, conn.begin_nested(), casework.acting(conn, actor):
        cases.apply(conn, registry, actor, layer, feature, attempted)
    casework.nobody(conn)
    assert stored(conn, layer, feature) == before
    rules = [finding.rule for finding in found.value.findings]
    assert (found.value.rule is CASE_REFUSED) == bool(rules)
    return rules or [found.value.rule]


@pytest.mark.parametrize(("layer", "each"), STEPS)
def test_each_thing_that_is_missing_keeps_it_from_happening(
    conn: Connection, registry: Registry, layer: Layer, each: Transition
) -> None:
    actor = somebody(conn, each.roles[0])

    def attempt(**without: Any) -> list[Rule]:
        feature = waiting(conn, registry, layer, each, each.sources[0])
        with casework.acting(conn, actor):
            roles = tuple(x for x in each.photos if x != without.get("photo"))
            casework.bring_photos(conn, layer, feature, roles)
        wanted = replace(
            each, documents=tuple(x for x in each.documents if x != without.get("document"))
        )
        served = without.get("served", True)
        casework.bring_documents(conn, registry, layer, feature, wanted, served=served)
        given = {k: v for k, v in asked(layer, each).items() if k != without.get("value")}
        given |= without.get("besides", {})
        return refused(
            conn, registry, actor, layer, feature, each, given, without.get("reason", "理由")
        )

    for name in each.asks:
        assert attempt(value=name) == [VALUE_MISSING]
    for role in each.photos:
        assert attempt(photo=role) == [CASE_PHOTO]
    for document in each.documents:
        assert attempt(document=document) == [CASE_DOCUMENT]
    if unserved := [each for each in each.documents if each.served]:
        assert attempt(served=False) == [CASE_UNSERVED] * len(unserved)
    if each.reason:
        assert attempt(reason=" \n") == [CASE_REASON]
    assert attempt(reason="长" * 2001) == [CASE_REASON]
    assert attempt(besides={"number": "x", "nothing": 1}) == [CASE_FIELD, CASE_FIELD]
    if each.clock in (Clock.EXTEND, Clock.HANG):
        (day,) = (name for name in each.asks if layer.field(name).type == "date")
        assert attempt(besides={day: "2017-01-01"}) == [CASE_DAY]


@pytest.mark.parametrize(("layer", "each"), [x for x in STEPS if x.values[1].other_than])
def test_who_has_had_a_hand_in_it_does_not_judge_it(
    conn: Connection, registry: Registry, layer: Layer, each: Transition
) -> None:
    flow = cases.flow_of(layer)
    for earlier in (flow.transition(name) for name in each.other_than):
        roles = [role for role in earlier.roles if role in each.roles]
        actor = somebody(conn, roles[0])
        feature = opened(conn, layer, earlier.sources[0])
        take(conn, registry, actor, layer, feature, earlier.name)
        state = str(stored(conn, layer, feature).case["state"])
        # Whoever else has brought it to where it may be judged.
        for name in _way(layer, state, each.sources[0]):
            take(
                conn, registry, somebody(conn, flow.transition(name).roles[0]), layer, feature, name
            )
        with casework.acting(conn, actor):
            casework.bring_photos(conn, layer, feature, each.photos)
        casework.bring_documents(conn, registry, layer, feature, each)
        assert CASE_SAME_PERSON in refused(
            conn, registry, actor, layer, feature, each, asked(layer, each)
        )
        again = replace(actor, account_id=somebody(conn, roles[0]).account_id)
        assert CASE_SAME_PERSON in refused(
            conn, registry, again, layer, feature, each, asked(layer, each)
        ), "a person with two accounts is one person"


def _way(layer: Layer, source: str, target: str) -> list[str]:
    """The names of steps that lead from one state to another, the fewest."""
    flow = cases.flow_of(layer)
    ways: dict[str, list[str]] = {source: []}
    last = [source]
    while target not in ways:
        last = [move.target for state in last for move in _leaving(layer, state, ways)]
        assert last, f"no way from {source} to {target}"
    assert flow.states >= set(ways)
    return ways[target]


def _leaving(layer: Layer, state: str, ways: dict[str, list[str]]) -> Iterator[Any]:
    flow = cases.flow_of(layer)
    for move in sorted(flow.moves, key=lambda move: (move.transition, move.target)):
        step = flow.transition(move.transition)
        if move.source == state and move.target not in ways and not (step.answers or step.back):
            ways[move.target] = [*ways[state], move.transition]
            yield move


# --- particular ----------------------------------------------------------------------------------
def test_what_is_not_there_has_no_steps(conn: Connection, registry: Registry) -> None:
    sites, streets = registry.layer("sites"), registry.layer("streets")
    admin = somebody(conn, Role.ADMIN)
    feature = opened(conn, sites, "registered")

    def rule(layer: Layer, number: int, name: str) -> Rule:
        with pytest.raises(Problem) as found:
            cases.apply(conn, registry, admin, layer, number, Attempted(transition=name))
        return found.value.rule

    assert rule(sites, feature, "no_such_step") is UNKNOWN_TRANSITION
    assert rule(sites, feature + 1, "assign") is UNKNOWN_FEATURE
    assert rule(streets, feature, "assign") is UNKNOWN_WORKFLOW


class Walk:
    """A site on its way, by people who are each somebody else."""

    def __init__(self, conn: Connection, registry: Registry, **given: object) -> None:
        self.conn, self.registry, self.layer = conn, registry, registry.layer("sites")
        self.feature = opened(conn, self.layer, "registered", **given)
        self.people = {role: somebody(conn, role) for role in Role}
        self.judge = somebody(conn, Role.LEADER, name="核查人")

    def take(self, name: str, role: Role = Role.LEADER, **given: object) -> Case:
        actor = self.judge if role is Role.ADMIN else self.people[role]
        take(self.conn, self.registry, actor, self.layer, self.feature, name, **given)
        return self.now

    @property
    def now(self) -> Case:
        return stored(self.conn, self.layer, self.feature)


def test_a_site_goes_its_whole_way(conn: Connection, registry: Registry) -> None:
    walk = Walk(conn, registry, matter="06013")
    walk.take("assign", unit="城管科", handler="李四")
    due = walk.now.case["due_at"]
    assert due is not None
    assert walk.now.record["due"] == day_of(due)
    for name in ("accept", "start", "report", "request_clearance"):
        walk.take(name, Role.INSPECTOR)
    walk.take("verify", Role.ADMIN)
    rejected = walk.take("reject", Role.ADMIN)
    assert (rejected.case["reworks"], rejected.record["done_on"]) == (1, None)
    walk.take("request_clearance", Role.INSPECTOR)
    walk.take("verify", Role.ADMIN)
    cleared = walk.take("clear", Role.ADMIN)
    case = cleared.case
    assert (case["state"], case["is_open"], case["closed_on"]) == ("cleared", False, today())
    assert (case["handler"], case["verifier"]) == (
        walk.people[Role.INSPECTOR].person_id,
        walk.judge.person_id,
    )
    assert cleared.record["verifier"] == "核查人"
    assert case["closed_at"] == cleared.steps[-1]["at"]
    assert case["due_at"] == due
    assert [step["ordinal"] for step in cleared.steps] == list(range(1, 11))


def test_more_time_is_asked_for_given_by_somebody_else_and_counted(
    conn: Connection, registry: Registry
) -> None:
    walk = Walk(conn, registry)
    walk.take("assign")
    first = walk.now.case["due_at"]
    extend = cases.flow_of(walk.layer).transition("extend")
    judge = walk.judge

    def extended(actor: Any = judge, **given: object) -> list[Rule]:
        values = {**asked(walk.layer, extend), **given}
        return refused(conn, registry, actor, walk.layer, walk.feature, extend, values)

    assert extended() == [CASE_UNANSWERED]
    walk.take("request_extension", extension_to="2999-01-01")
    assert extended(walk.people[Role.LEADER]) == [CASE_SAME_PERSON]
    assert extended(due=walk.now.record["due"].isoformat()) == [CASE_DAY]
    later = walk.now.record["due"] + timedelta(days=3)
    after = walk.take("extend", Role.ADMIN, due=later.isoformat())
    assert after.case["extensions"] == 1
    assert (after.record["due"], after.record["extension_to"]) == (later, None)
    assert after.case["due_at"].astimezone(BEIJING).date() == later
    assert (after.steps[-1]["due_before"], after.steps[-1]["due_after"]) == (
        first,
        after.case["due_at"],
    )
    assert after.case["begun_at"] == after.steps[0]["begun_at"]
    assert extended() == [CASE_UNANSWERED]
    walk.take("request_extension")
    walk.take("refuse_extension", Role.ADMIN)
    assert walk.now.case["extensions"] == 1
    assert walk.now.case["due_at"] == after.case["due_at"]


def test_what_is_put_off_has_no_limit_until_it_is_taken_up_again(
    conn: Connection, registry: Registry
) -> None:
    walk = Walk(conn, registry)
    walk.take("assign")
    walk.take("accept")
    due = walk.now.case["due_at"]
    review = today() + timedelta(days=30)
    hung = walk.take("hang", review_on=review.isoformat())
    assert (hung.case["state"], hung.case["due_at"]) == ("hung", None)
    assert hung.case["hung_until"] == review
    assert hung.steps[-1]["due_before"] == due
    back = walk.take("resume")
    assert (back.case["state"], back.case["hung_until"]) == ("accepted", None), "where it was"
    assert back.case["due_at"] >= due
    assert back.record["due"] == back.case["due_at"].astimezone(BEIJING).date()


def test_what_was_struck_off_and_comes_back_begins_again_once(
    conn: Connection, registry: Registry
) -> None:
    walk = Walk(conn, registry, address="兰青路")
    layer, first = walk.layer, walk.feature
    walk.take("assign")
    for name in ("accept", "start", "request_clearance"):
        walk.take(name, Role.INSPECTOR)
    for name in ("verify", "clear"):
        walk.take(name, Role.ADMIN)
    title = walk.now.case["title"]
    created = take(conn, registry, walk.people[Role.INSPECTOR], layer, first, "recur").created
    assert created is not None
    assert walk.now.case["state"] == "cleared", "the old one stays closed"
    new = stored(conn, layer, created)
    assert (new.case["state"], new.case["cycle"], new.record["previous"]) == (
        "registered",
        2,
        title,
    )
    assert (new.record["address"], new.record["found_on"]) == (
        "兰青路",
        today(),
    )
    assert new.case["due_at"] is not None
    assert [(x["source"], x["target"]) for x in new.steps] == [(None, "registered")]
    recur = cases.flow_of(layer).transition("recur")
    actor = walk.people[Role.LEADER]
    assert refused(conn, registry, actor, layer, first, recur, {}) == [CASE_CONTINUED]


def test_a_name_in_the_record_is_the_handlers_where_no_step_says_who_it_was(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("sites")
    clear = cases.flow_of(layer).transition("clear")
    feature = opened(conn, layer, "verifying", handler="同一人")
    actor = somebody(conn, Role.LEADER, name="同一人")
    with casework.acting(conn, actor):
        casework.bring_photos(conn, layer, feature, clear.photos)
    assert refused(conn, registry, actor, layer, feature, clear, {}) == [CASE_SAME_PERSON]


def test_a_photograph_that_has_not_come_is_no_evidence(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("sites")
    step = cases.flow_of(layer).transition("request_clearance")
    feature = opened(conn, layer, "rectifying")
    actor = somebody(conn, Role.INSPECTOR)
    attempted = Attempted(
        transition=step.name,
        photos=[case_taking.Wanted("a" * 64, "before"), case_taking.Wanted("b" * 64, "after")],
    )
    with pytest.raises(Problem) as found, conn.begin_nested(), casework.acting(conn, actor):
        cases.apply(conn, registry, actor, layer, feature, attempted)
    assert [finding.rule for finding in found.value.findings] == [CASE_PHOTO, CASE_PHOTO]


def test_what_may_be_done_is_what_can_be_done(conn: Connection, registry: Registry) -> None:
    """Of each step that is offered without anything missing, and of no other, the attempt goes
    through."""
    for layer in LAYERS:
        for state in sorted(cases.flow_of(layer).states):
            for role in (Role.VIEWER, Role.INSPECTOR, Role.ADMIN):
                feature, actor = opened(conn, layer, state), somebody(conn, role)
                with casework.acting(conn, actor):
                    found = cases.situation(conn, registry, actor, layer, feature)
                offered = {option.transition.name for option in found.options if not option.missing}
                assert offered == {
                    each.name
                    for each in cases.flow_of(layer).transitions
                    if _goes(conn, registry, actor, layer, feature, each)
                }, (layer.name, state, role)


def _goes(  # noqa: PLR0917
    conn: Connection, registry: Registry, actor: Any, layer: Layer, feature: int, each: Transition
) -> bool:
    attempted = Attempted(transition=each.name, values=asked(layer, each), reason="理由")
    point = conn.begin_nested()
    try:
        with casework.acting(conn, actor):
            cases.apply(conn, registry, actor, layer, feature, attempted)
    except Problem:
        return False
    else:
        return True
    finally:
        point.rollback()


def test_now_is_when_it_is_taken(conn: Connection, registry: Registry) -> None:
    walk = Walk(conn, registry)
    before = datetime.now(UTC) - timedelta(minutes=5)
    step = walk.take("assign").steps[0]
    assert before < step["at"] < datetime.now(UTC) + timedelta(minutes=5)
