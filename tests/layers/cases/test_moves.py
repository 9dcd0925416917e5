"""At the database, whoever writes: of all that could be said of a case, what is declared and
nothing else goes in."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations, product

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.cases import applying as cases
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.declaring.workflow import Move, Workflow
from layers.registry import discover
from tests.layers import casework
from tests.layers.casework import acting, opened, somebody

LAYERS = [layer for layer in discover().layers.values() if layer.workflow]
NAMES = [layer.name for layer in LAYERS]
# What our own triggers raise: a fault of another kind would prove nothing.
_REFUSED = {"23001", "42501"}
_STEP = sa.text("""
INSERT INTO steps (layer, feature, transition, source, target, place, cycle, at, transaction)
VALUES (:layer, :feature, :transition, :source, :target, 0, 1, now(), 1)
""")


def written(conn: Connection, *statements: tuple[sa.Executable, dict[str, object]]) -> bool:
    """Whether the database takes these, all that it checks at the end included; nothing stays."""
    point = conn.begin_nested()
    try:
        for statement, given in statements:
            conn.execute(statement, given)
        casework.settle(conn)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "pgcode", None) not in _REFUSED:
            raise
        return False
    finally:
        point.rollback()
    return True


def step(layer: Layer, feature: int, move: Move) -> tuple[sa.Executable, dict[str, object]]:
    told = {"transition": move.transition, "source": move.source, "target": move.target}
    return _STEP, {"layer": layer.name, "feature": feature, **told}


def moved(layer: Layer, feature: int, state: str) -> tuple[sa.Executable, dict[str, object]]:
    status = cases.flow_of(layer).status
    update = sa.text(f'UPDATE {layer.name} SET "{status}" = :state WHERE id = :feature')
    return update, {"state": state, "feature": feature}


def others(states: Iterable[str], n: int, count: int) -> list[str]:
    """Some of the states, others for each `n`, so that in the end it was all of them."""
    known = sorted(states)
    return [known[(n + i) % len(known)] for i in range(min(count, len(known)))]


def sayable(flow: Workflow) -> Iterator[Move]:
    """All that is declared, and each transition from each state to where it leads from elsewhere
    and to somewhere else, so that each pair of states is tried as well."""
    for n, (each, source) in enumerate(product(flow.transitions, sorted(flow.states))):
        declared = {move.target for move in flow.moves if move.transition == each.name}
        wild = others(flow.states, n + n // len(flow.states), 1)
        yield from (Move(each.name, source, target) for target in sorted({*declared, *wild}))


@pytest.fixture
def actors(conn: Connection) -> Mapping[Role, Actor]:
    return {role: somebody(conn, role) for role in Role}


@pytest.mark.parametrize("layer", LAYERS, ids=NAMES)
def test_of_all_that_can_be_said_of_a_case_what_is_declared_is_taken(
    conn: Connection, actors: Mapping[Role, Actor], layer: Layer
) -> None:
    flow = cases.flow_of(layer)
    features = {state: opened(conn, layer, state) for state in flow.states}
    tried, taken = set(sayable(flow)), set()
    for move in tried:
        feature = features[move.source]
        with acting(conn, actors[flow.transition(move.transition).roles[0]]):
            if written(conn, step(layer, feature, move), moved(layer, feature, move.target)):
                taken.add(move)
    assert taken == flow.moves
    assert {(move.source, move.target) for move in tried} == {*product(flow.states, repeat=2)}


@pytest.mark.parametrize("layer", LAYERS, ids=NAMES)
def test_a_step_of_a_state_in_which_the_case_is_not_is_refused(
    conn: Connection, actors: Mapping[Role, Actor], layer: Layer
) -> None:
    flow = cases.flow_of(layer)
    features = {state: opened(conn, layer, state) for state in flow.states}
    for n, move in enumerate(sorted(flow.moves, key=str)):
        for here in others(flow.states - {move.source}, n, 2):
            with acting(conn, actors[flow.transition(move.transition).roles[0]]):
                change = moved(layer, features[here], move.target)
                assert not written(conn, step(layer, features[here], move), change), (here, move)


@pytest.mark.parametrize("layer", LAYERS, ids=NAMES)
def test_a_state_follows_its_step_and_no_other(
    conn: Connection, actors: Mapping[Role, Actor], layer: Layer
) -> None:
    """Neither without one, nor to where it did not lead, nor a step whose record stays behind."""
    flow = cases.flow_of(layer)
    features = {state: opened(conn, layer, state) for state in flow.states}
    for source, target in permutations(sorted(flow.states), 2):
        assert not written(conn, moved(layer, features[source], target)), (source, target)
    for n, move in enumerate(sorted(flow.moves, key=str)):
        feature = features[move.source]
        own = step(layer, feature, move)
        with acting(conn, actors[flow.transition(move.transition).roles[0]]):
            assert written(conn, own) == (move.source == move.target), move
            for state in others(flow.states - {move.target}, n, 2):
                assert not written(conn, own, moved(layer, feature, state)), (move, state)


@pytest.mark.parametrize("layer", LAYERS, ids=NAMES)
def test_a_step_is_for_the_roles_that_are_declared(
    conn: Connection, actors: Mapping[Role, Actor], layer: Layer
) -> None:
    flow = cases.flow_of(layer)
    features = {state: opened(conn, layer, state) for state in flow.states}
    for each in flow.transitions:
        move = min((move for move in flow.moves if move.transition == each.name), key=str)
        feature, allowed = features[move.source], set()
        for role, actor in actors.items():
            with acting(conn, actor):
                change = moved(layer, feature, move.target)
                if written(conn, step(layer, feature, move), change):
                    allowed.add(role)
        assert allowed == set(each.roles), move
