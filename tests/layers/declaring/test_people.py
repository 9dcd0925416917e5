"""Codes of divisions as ranges, and what the database is told of an actor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.declaring.people import EVERYWHERE, SYSTEM, Actor, Role, subtree
from layers.declaring.rights import RIGHTS, Right, allowed


@pytest.mark.parametrize(
    ("division", "low", "high"),
    [
        ("630102007000", 630102007000, 630102007999),
        ("630102007001", 630102007001, 630102007001),
        ("630102007200", 630102007200, 630102007200),
        ("630102000000", 630102000000, 630102999999),
        ("630102010000", 630102010000, 630102010999),
        ("630100000000", 630100000000, 630199999999),
        ("630000000000", 630000000000, 639999999999),
        (EVERYWHERE, 0, 999999999999),
    ],
)
def test_a_division_reaches_over_all_below_it(division: str, low: int, high: int) -> None:
    assert subtree(division) == (low, high)


@pytest.mark.parametrize(
    "division", ["", "6301", "63010200700x", "６３０１０２００７０００", "6" * 13]
)
def test_what_is_no_code_is_no_ground(division: str) -> None:
    with pytest.raises(ValueError, match="twelve digits"):
        subtree(division)


@given(st.from_regex(r"\A[0-9]{12}\Z"))
def test_a_division_lies_within_its_own_ground_and_below_its_parent(division: str) -> None:
    low, high = subtree(division)
    assert low == int(division) <= high
    street_low, street_high = subtree(division[:9] + "000")
    assert street_low <= low
    assert high <= street_high


def test_the_database_is_told_who_acts() -> None:
    actor = Actor(7, 3, "张三", Role.LEADER, "630102007001", "cookie")
    assert actor.settings() == {
        "gridfield.lo": "630102007001",
        "gridfield.hi": "630102007001",
        "gridfield.role": "leader",
        "gridfield.account": "7",
        "gridfield.source": "cookie",
    }
    assert SYSTEM.settings()["gridfield.account"] == ""


def test_every_role_reads_and_only_some_change() -> None:
    assert RIGHTS.keys() == set(Role)
    may = {
        right: {role for role in Role if allowed(Actor(1, 1, "", role, EVERYWHERE, ""), right)}
        for right in Right
    }
    assert may[Right.READ] == set(Role)
    assert may[Right.EDIT] == {Role.LEADER, Role.OFFICER, Role.ADMIN}
    assert may[Right.IMPORT] == may[Right.ADMIN] == {Role.ADMIN}
