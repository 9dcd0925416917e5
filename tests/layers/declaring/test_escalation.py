"""How urgent a case is: the same to the function and to the database."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from layers.calendar.workdays import Calendar
from layers.declaring import escalation
from layers.declaring.escalation import LABELS, LATE, Level, Thresholds
from layers.schema.cases import CASES

CALENDAR = Calendar()
# A Wednesday, at noon.
NOW = datetime(2017, 7, 19, 12, tzinfo=BEIJING)


def at(day: int, month: int = 7, hour: int = 18) -> datetime:
    return datetime(2017, month, day, hour, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("due", "begun", "expected"),
    [
        (None, at(1), Level.NONE),
        (at(31), at(1), Level.GREEN),
        (at(20), None, Level.GREEN),
        # Of ten days two are left.
        (at(21, hour=12), at(11, hour=12), Level.YELLOW),
        (at(21, hour=12), at(11, hour=13), Level.GREEN),
        (at(19, hour=12), at(1), Level.YELLOW),
        (at(19, hour=11), at(1), Level.RED),
        # The 15th and 16th are a weekend: on the 19th it is late since three working days.
        (at(14), at(1), Level.RED),
        (at(13), at(1), Level.SUPERVISE),
        (at(10), at(1), Level.SUPERVISE),
        (at(7), at(1), Level.NOTIFY),
        (at(27, month=6), at(1, month=6), Level.INTERVIEW),
        (at(28, month=6), at(1, month=6), Level.NOTIFY),
    ],
)
def test_a_case_is_as_urgent_as_it_is_late(
    due: datetime | None, begun: datetime | None, expected: Level
) -> None:
    scale = escalation.scale(NOW, CALENDAR)
    assert escalation.level(scale, due, begun) is expected
    assert escalation.level(scale, due, begun, is_open=False) is Level.NONE


def test_a_holiday_is_no_day_of_delay() -> None:
    scale = escalation.scale(NOW, Calendar({date(2017, 7, 18): False}))
    assert escalation.level(scale, at(13), at(1)) is Level.RED


def test_thresholds_apply_from_their_day_on() -> None:
    (first, *_) = escalation.thresholds()
    strict = Thresholds(
        since=date(2018, 1, 1),
        standard="x",
        yellow_percent=50,
        supervise_days=0,
        notify_days=1,
        interview_days=2,
    )
    for year, expected in ((2017, Level.GREEN), (2018, Level.YELLOW)):
        now = datetime(year, 7, 19, 12, tzinfo=BEIJING)
        scale = escalation.scale(now, CALENDAR, (first, strict))
        due, begun = now + timedelta(days=4), now - timedelta(days=5)
        assert escalation.level(scale, due, begun) is expected


def test_every_level_has_its_words() -> None:
    assert set(LABELS) == set(Level)
    assert [each for each in Level if each.is_late] == list(LATE)


_MOMENTS = st.none() | st.integers(-100_000, 60_000).map(lambda n: NOW + timedelta(minutes=n))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(st.tuples(_MOMENTS, _MOMENTS, st.booleans()), min_size=1, max_size=20))
def test_the_database_says_the_same(conn: Connection, cases: list[tuple[object, ...]]) -> None:
    """Around the borders of each level too."""
    scale = escalation.scale(NOW, CALENDAR)
    borders = (scale.now, scale.supervise, scale.notify, scale.interview)
    moments = [b + timedelta(microseconds=n) for b in borders for n in (-1, 0, 1)]
    told = [*cases, *((due, due - timedelta(days=9), True) for due in moments)]
    rows = sa.values(
        sa.column("n", sa.Integer),
        sa.column("due_at", CASES.c.due_at.type),
        sa.column("begun_at", CASES.c.begun_at.type),
        sa.column("is_open", sa.Boolean),
        name="rows",
    ).data([(n, *row) for n, row in enumerate(told)])
    statement = sa.select(escalation.level_sql(scale, rows)).order_by(rows.c.n)
    assert conn.scalars(statement).all() == [
        escalation.level(scale, due, begun, is_open=is_open).value  # type: ignore[arg-type]  # as drawn
        for due, begun, is_open in told
    ]
