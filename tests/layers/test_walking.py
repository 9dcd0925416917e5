"""What positions say of a way, without any database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.walking import CLOSE_S, Fault, Fix, Kind, Rules, faults, legs

T0 = 1_795_000_000.0
NOW = T0 + 3600
LON, LAT = 101.82, 36.62
M = 1 / 111_000  # of latitude, near enough


def fix(seconds: float, north_m: float = 0.0, accuracy_m: float = 5.0) -> Fix:
    return Fix(T0 + seconds, LON, LAT + north_m * M, accuracy_m)


def kinds(*fixes: Fix, rules: Rules | None = None, broken: tuple[int, ...] = ()) -> list[Kind]:
    return [leg.kind for leg in legs(fixes, rules or Rules(), broken)]


def test_somebody_on_foot_or_on_a_bicycle_walks() -> None:
    on_foot = [fix(10 * n, 14 * n) for n in range(5)]
    by_bicycle = [fix(10 * n, 50 * n) for n in range(5)]  # 18 km/h
    assert kinds(*on_foot) == [Kind.WALKED] * 4
    assert kinds(*by_bicycle) == [Kind.WALKED] * 4


def test_what_is_quicker_was_ridden() -> None:
    assert kinds(*(fix(10 * n, 110 * n) for n in range(4))) == [Kind.RIDDEN] * 3  # 40 km/h
    slow = Rules(speed_kmh=5)
    assert kinds(fix(0), fix(20, 50), rules=slow) == [Kind.RIDDEN]


def test_a_shaking_position_is_no_ride() -> None:
    assert kinds(fix(0), fix(4, 18)) == [Kind.WALKED]


@pytest.mark.parametrize(
    "after",
    [
        fix(121, 10),  # nobody looked for two minutes
        fix(60, 201),  # too far
        fix(0, 10),  # no time
        fix(-3600, 10),  # a clock that was set back
        fix(86_400, 10),  # and one that was set forward
    ],
)
def test_what_nobody_saw_is_a_gap(after: Fix) -> None:
    assert kinds(fix(0), after) == [Kind.GAP]


def test_after_a_clock_was_changed_the_way_goes_on() -> None:
    set_back = [fix(0), fix(10, 14), fix(-3580, 28), fix(-3570, 42)]
    assert kinds(*set_back) == [Kind.WALKED, Kind.GAP, Kind.WALKED]


def test_a_page_that_was_killed_leaves_a_gap_however_short() -> None:
    assert kinds(fix(0), fix(10, 10), fix(20, 20), broken=(1,)) == [Kind.GAP, Kind.WALKED]


def test_nothing_leads_from_one_position_or_from_none() -> None:
    assert kinds() == kinds(fix(0)) == []


def test_why_a_position_is_left_out() -> None:
    found = faults(
        [
            fix(0),
            fix(1, 1),
            fix(10, 10, accuracy_m=31),
            fix(10, 10),
            fix(-400),
            fix(24 * 3600 + 1),
            fix(3600 + 301),
            fix(20, 20),
        ],
        Rules(),
        T0,
        NOW,
    )
    inaccurate, clock, close = Fault.INACCURATE, Fault.CLOCK, Fault.CLOSE
    assert found == [None, close, inaccurate, None, clock, clock, clock, None]


def test_a_clock_that_was_set_back_is_not_taken_for_positions_too_close() -> None:
    assert faults([fix(600), fix(590)], Rules(), T0, NOW) == [None, None]


_FIXES = st.lists(
    st.builds(
        fix,
        st.floats(-1000, 90_000),
        st.floats(-5000, 5000),
        st.floats(0, 100),
    ),
    max_size=30,
)


@given(_FIXES)
def test_what_is_walked_is_neither_quick_nor_far_nor_long(some: list[Fix]) -> None:
    rules = Rules()
    kept = [x for x, fault in zip(some, faults(some, rules, T0, NOW), strict=True) if not fault]
    found = list(legs(kept, rules))
    assert len(found) == max(0, len(kept) - 1)
    assert all(x.accuracy_m <= rules.accuracy_m for x in kept)
    for leg in found:
        seconds = leg.until.at - leg.since.at
        assert not 0 <= seconds < CLOSE_S
        if leg.kind is Kind.WALKED:
            assert 0 < seconds <= rules.gap_s
            assert leg.metres <= min(rules.gap_m, rules.speed_kmh / 3.6 * seconds + 10)
