"""Time limits counted in office hours, working days and days, by the State Council's calendar."""

from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from layers.calendar import deadlines, workdays
from layers.calendar.deadlines import Hours, Limit, Rules, Unit, due
from layers.calendar.tables import HOLIDAYS
from layers.calendar.workdays import Calendar
from layers.declaring import matters
from layers.registry import Registry

PUBLISHED = Calendar()
DAY_HOURS = Hours(date(2000, 1, 1), ((time(9), time(12)), (time(14), time(18))))


def rules(amount: int, unit: Unit, *more: Limit) -> Rules:
    limit = Limit(
        layer="sites", kind=None, amount=amount, unit=unit, since=date(2000, 1, 1), standard="x"
    )
    return Rules((limit, *more), (DAY_HOURS,))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def ends(amount: int, unit: Unit, start: str, calendar: Calendar = PUBLISHED) -> str:
    found = due("sites", None, at(start), calendar, rules(amount, unit))
    assert found is not None
    return f"{found:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-11-23T09:00", 1, "2026-11-24 18:00:00"),  # Monday: the day itself does not count
        ("2026-11-23T23:59", 1, "2026-11-24 18:00:00"),
        ("2026-11-27T10:00", 1, "2026-11-30 18:00:00"),  # over a weekend
        ("2026-11-28T10:00", 1, "2026-11-30 18:00:00"),  # on a Saturday
        ("2026-09-30T10:00", 1, "2026-10-08 18:00:00"),  # the National Day's week
        ("2026-10-09T10:00", 1, "2026-10-10 18:00:00"),  # a Saturday on which people work
        ("2026-11-23T09:00", 5, "2026-11-30 18:00:00"),
    ],
)
def test_working_days_follow_the_published_calendar(start: str, amount: int, end: str) -> None:
    assert ends(amount, Unit.WORKING_DAY, start) == end


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-11-23T09:00", 2, "2026-11-23 11:00:00"),
        ("2026-11-23T09:00", 3, "2026-11-23 12:00:00"),  # to the last minute before noon
        ("2026-11-23T11:00", 2, "2026-11-23 15:00:00"),  # over noon
        ("2026-11-23T12:30", 1, "2026-11-23 15:00:00"),  # at noon nobody works
        ("2026-11-23T03:00", 1, "2026-11-23 10:00:00"),  # before anybody came
        ("2026-11-23T17:00", 2, "2026-11-24 10:00:00"),  # over night
        ("2026-11-23T19:00", 1, "2026-11-24 10:00:00"),
        ("2026-11-27T17:30", 1, "2026-11-30 09:30:00"),  # over a weekend
        ("2026-09-30T17:00", 8, "2026-10-08 18:00:00"),  # over a week of holidays
        ("2026-11-23T09:00", 14, "2026-11-24 18:00:00"),
    ],
)
def test_working_hours_pass_only_while_the_office_is_open(
    start: str, amount: int, end: str
) -> None:
    assert ends(amount, Unit.WORKING_HOUR, start) == end


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-11-23T09:00", 3, "2026-11-26 23:59:59"),
        ("2026-11-25T09:00", 3, "2026-11-30 23:59:59"),  # a Saturday gives way to the Monday
        ("2026-09-25T09:00", 7, "2026-10-08 23:59:59"),  # a holiday to the day after
    ],
)
def test_days_end_at_midnight_and_never_on_a_holiday(start: str, amount: int, end: str) -> None:
    assert ends(amount, Unit.DAY, start) == end


def test_the_clock_of_the_limit_is_that_of_beijing() -> None:
    utc = datetime.fromisoformat("2026-11-22T17:00:00+00:00")  # the 23rd, 01:00
    found = due("sites", None, utc, PUBLISHED, rules(1, Unit.WORKING_DAY))
    assert found == at("2026-11-24T18:00")


def test_a_kinds_own_limit_goes_before_that_of_all_and_a_later_one_before_an_earlier() -> None:
    def limit(kind: str | None, amount: int, since: date) -> Limit:
        unit = Unit.WORKING_DAY
        return Limit(layer="sites", kind=kind, amount=amount, unit=unit, since=since, standard="x")

    known = Rules(
        (
            limit(None, 9, date(2020, 1, 1)),
            limit("06010", 2, date(2020, 1, 1)),
            limit("06010", 1, date(2026, 7, 1)),
        ),
        (DAY_HOURS,),
    )

    def amount(kind: str | None, on: date) -> int | None:
        found = known.limit("sites", kind, on)
        return found.amount if found else None

    assert amount("06010", date(2026, 6, 30)) == 2
    assert amount("06010", date(2026, 7, 1)) == 1
    assert amount("06011", date(2026, 7, 1)) == 9
    assert amount(None, date(2026, 7, 1)) == 9
    assert amount("06010", date(2019, 12, 31)) is None
    assert known.limit("water", None, date(2026, 7, 1)) is None


def test_what_has_no_limit_has_no_deadline() -> None:
    assert due("water", None, at("2026-11-23T09:00"), PUBLISHED) is None


def test_days_told_in_the_table_go_before_the_calendar(conn: Connection) -> None:
    conn.execute(
        sa.insert(HOLIDAYS),
        [
            {"day": date(2026, 11, 24), "works": False, "name": "停工"},
            {"day": date(2026, 11, 28), "works": True, "name": "调休"},
        ],
    )
    told = workdays.calendar(conn)
    assert ends(1, Unit.WORKING_DAY, "2026-11-23T09:00", told) == "2026-11-25 18:00:00"
    assert ends(1, Unit.WORKING_DAY, "2026-11-27T09:00", told) == "2026-11-28 18:00:00"


def test_a_year_that_nobody_knows_is_warned_of_until_it_is_told() -> None:
    far = date(2090, 5, 1)  # a Monday
    assert PUBLISHED.works(far)
    assert not PUBLISHED.works(far + timedelta(days=5))
    (finding,) = PUBLISHED.unknown([date(2026, 1, 1), far, far])
    assert "2090" in finding.sentence("zh")
    told = Calendar({date(2090, 5, 1): False})
    assert not told.works(far)
    assert told.unknown([far]) == []


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2026, 6, 1)),  # noqa: DTZ001  made aware below
    amount=st.integers(1, 60),
    unit=st.sampled_from(Unit),
)
def test_a_deadline_comes_after_its_beginning_on_a_working_day(
    start: datetime, amount: int, unit: Unit
) -> None:
    begun = start.replace(tzinfo=BEIJING)
    found = due("sites", None, begun, PUBLISHED, rules(amount, unit))
    later = due("sites", None, begun, PUBLISHED, rules(amount + 1, unit))
    assert found is not None
    assert later is not None
    assert begun.replace(microsecond=0) < found <= later
    assert PUBLISHED.works(found.date())
    if unit is Unit.WORKING_HOUR:
        assert any(opens <= found.time() <= closes for opens, closes in DAY_HOURS.spans)


def test_the_limits_of_the_file_are_of_layers_and_kinds_that_there_are(registry: Registry) -> None:
    known = deadlines.rules()
    codes = {matter.code for matter in matters.matters()}
    for limit in known.limits:
        logged = registry.layer(limit.layer).logged
        assert logged is not None
        assert limit.kind is None or (logged.kind == "matter" and limit.kind in codes)
        assert limit.amount > 0
        assert limit.standard
    for hours in known.hours:
        edges = [edge for span in hours.spans for edge in span]
        assert edges == sorted(set(edges))
    assert known.limit("sites", "06010", date(2026, 11, 23))


def test_matters_are_each_there_once_with_standard_and_date() -> None:
    found = matters.matters()
    assert len({(matter.standard, matter.code) for matter in found}) == len(found) > 30
    for matter in found:
        assert matter.label.zh
        assert matter.label.en
        assert matter.since == date(2026, 7, 1)
