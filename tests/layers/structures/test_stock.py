"""存量 + 新增 − 拆除 = 剩余, for any history, period and division."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from layers.declaring.people import EVERYWHERE
from layers.reading import features
from layers.registry import Registry
from layers.structures import stock
from layers.structures.stock import Amount, Share, Stock
from tests.factories import LAT, LON

_START = date(2017, 1, 1)
_PLACES = ("630102007001", "630102007004", "630102008001")
DAYS = st.integers(0, 400).map(lambda n: _START + timedelta(days=n))
AREAS = st.integers(0, 4000).map(lambda tenths: tenths / 10)


@dataclass(frozen=True)
class Taken:
    """A piece that was pulled down on a day; whether nothing stood any more after it."""

    done_on: date
    area_m2: float
    whole: bool


@dataclass(frozen=True)
class Life:
    """What is on record of one structure."""

    place: str
    found_on: date | None
    measured_m2: float | None
    ended_on: date | None
    taken: tuple[Taken, ...]
    removed_on: date | None = None
    demolished_m2: float | None = None


LIVES = st.builds(
    Life,
    place=st.sampled_from(_PLACES),
    found_on=DAYS | st.none(),
    measured_m2=AREAS | st.none(),
    ended_on=st.none() | DAYS,
    taken=st.lists(st.builds(Taken, DAYS, AREAS, st.booleans()), max_size=3).map(tuple),
    removed_on=st.none() | DAYS,
    demolished_m2=st.none() | AREAS,
)


def store(conn: Connection, registry: Registry, lives: Sequence[Life]) -> None:
    """Put them on record, past all rules: whatever stands in a ledger has to add up."""
    conn.execute(sa.text("DELETE FROM demolitions"))
    conn.execute(sa.text("DELETE FROM illegal_structures"))
    layer, children = registry.layer("illegal_structures"), registry.layer("demolitions")
    conn.execute(sa.text("ALTER TABLE illegal_structures DISABLE TRIGGER USER"))
    for name in (
        "illegal_structures_order_0",
        "illegal_structures_order_1",
        "illegal_structures_order_2",
    ):
        conn.execute(sa.text(f"ALTER TABLE illegal_structures DROP CONSTRAINT IF EXISTS {name}"))
    for n, life in enumerate(lives):
        values = {
            "number": f"违建-{n}",
            "status": "registered",
            "found_on": life.found_on,
            "area_measured_m2": life.measured_m2,
            "ended_on": life.ended_on,
            "removed_on": life.removed_on,
            "demolished_area_m2": life.demolished_m2,
        }
        made = features.insert(conn, layer, values, shapely.Point(LON, LAT))
        moved = sa.text("UPDATE illegal_structures SET place = :place WHERE id = :id")
        conn.execute(moved, {"place": int(life.place), "id": made})
        for i, each in enumerate(life.taken):
            record = {
                "number": f"{n}-{i}",
                "structure": f"违建-{n}",
                "way": "self",
                "division": life.place,
                "done_on": each.done_on,
                "area_m2": each.area_m2,
                "whole": each.whole,
            }
            features.insert(conn, children, record, None)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lives=st.lists(LIVES, max_size=6), days=st.lists(DAYS, min_size=3, max_size=3))
def test_what_stood_and_came_less_what_went_is_what_stands(
    conn: Connection, registry: Registry, lives: list[Life], days: list[date]
) -> None:
    with conn.begin_nested() as attempt:
        store(conn, registry, lives)
        first, middle, last = sorted(days)
        for within in (*_PLACES, "630102007000", EVERYWHERE):
            whole = stock.of(conn, first, last, within)
            assert whole.opening + whole.added - whole.removed == whole.remaining
            assert min(whole.opening.count, whole.remaining.count, whole.removed.count) >= 0
            # Periods that follow one another hand their stock on.
            if middle > first:
                before = stock.of(conn, first, middle - timedelta(days=1), within)
                after = stock.of(conn, middle, last, within)
                assert before.remaining == after.opening
                assert before.opening == whole.opening
                assert after.remaining == whole.remaining
                assert before.added + after.added == whole.added
                assert before.removed + after.removed == whole.removed
        _check_divisions(conn, first, last)
        _check_raw(conn, lives, first, last)
        _check_shares(conn, first, last)
        attempt.rollback()


def _check_divisions(conn: Connection, first: date, last: date) -> None:
    """The parts of a division make up the whole."""
    parts = [stock.of(conn, first, last, place) for place in _PLACES]
    whole = stock.of(conn, first, last)
    for name in ("opening", "added", "demolished", "corrected", "remaining"):
        total = sum((getattr(part, name) for part in parts), start=Amount(0, Decimal(0)))
        assert total == getattr(whole, name)


def _check_raw(conn: Connection, lives: Sequence[Life], first: date, last: date) -> None:
    """What was pulled down in a period is the sum over the records of that period."""
    pieces = [
        Decimal(str(each.area_m2))
        for life in lives
        for each in _pieces(life)
        if first <= each.done_on <= last
    ]
    assert stock.of(conn, first, last).demolished.area_m2 == sum(pieces)


def _check_shares(conn: Connection, first: date, last: date) -> None:
    """What each structure is of a part adds up to the part, page by page and each once."""
    for within in (_PLACES[0], EVERYWHERE):
        whole = stock.of(conn, first, last, within)
        for part in stock.PARTS:
            found: list[Share] = []
            while page := stock.shares(
                conn, part, first, last, within, after=found[-1].id if found else 0, most=2
            ):
                found += page
            assert len({each.id for each in found}) == len(found)
            total = sum((each.area_m2 for each in found), start=Decimal(0))
            assert Amount(sum(each.counted for each in found), total) == getattr(whole, part)


def _pieces(life: Life) -> tuple[Taken, ...]:
    if life.taken or life.removed_on is None:
        return life.taken
    return (Taken(life.removed_on, life.demolished_m2 or 0.0, True),)


def figures(found: Stock) -> dict[str, tuple[int, float]]:
    """The figures as a report prints them."""
    names = ("opening", "added", "removed", "remaining")
    amounts = [getattr(found, name) for name in names]
    return {
        name: (each.count, float(each.area_m2)) for name, each in zip(names, amounts, strict=True)
    }


MARCH, APRIL, MAY = date(2017, 3, 1), date(2017, 4, 1), date(2017, 5, 1)


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        # Found in March, half of it down in April, the rest in May.
        (
            Life(_PLACES[0], MARCH, 100.0, None, (Taken(APRIL, 40, False), Taken(MAY, 60, True))),
            {"opening": (1, 100), "added": (0, 0), "removed": (0, 40), "remaining": (1, 60)},
        ),
        # Less than was measured, yet nothing stands any more.
        (
            Life(_PLACES[0], MARCH, 100.0, None, (Taken(APRIL, 97.5, True),)),
            {"opening": (1, 97.5), "added": (0, 0), "removed": (1, 97.5), "remaining": (0, 0)},
        ),
        # Papers came in April for what was left.
        (
            Life(_PLACES[0], MARCH, 100.0, date(2017, 4, 9), (Taken(APRIL, 30, False),)),
            {"opening": (1, 100), "added": (0, 0), "removed": (1, 100), "remaining": (0, 0)},
        ),
        # An old ledger that has nothing but the day and the area.
        (
            Life(_PLACES[0], APRIL, None, None, (), date(2017, 4, 30), 55.5),
            {"opening": (0, 0), "added": (1, 55.5), "removed": (1, 55.5), "remaining": (0, 0)},
        ),
    ],
)
def test_a_month_of_one_structure(
    conn: Connection, registry: Registry, life: Life, expected: dict[str, tuple[int, float]]
) -> None:
    store(conn, registry, [life])
    assert figures(stock.of(conn, APRIL, date(2017, 4, 30))) == expected
