"""What time a report is about: how it is written, and what lies beside it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import Problem
from layers.declaring.period import Period, parse
from layers.refusals.reports import BAD_PERIOD

DAYS = st.dates(date(1901, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last", "title"),
    [
        ("2017-07", date(2017, 7, 1), date(2017, 7, 31), "2017年7月"),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), "2016年2月"),
        ("2017-Q3", date(2017, 7, 1), date(2017, 9, 30), "2017年第三季度"),
        ("2017", date(2017, 1, 1), date(2017, 12, 31), "2017年"),
        (
            "2017-01-01/2017-07-20",
            date(2017, 1, 1),
            date(2017, 7, 20),
            "2017年1月1日至2017年7月20日",
        ),
    ],
)
def test_read_as_written(text: str, first: date, last: date, title: str) -> None:
    found = parse(text)
    assert (found.first, found.last, found.name, found.title("zh")) == (first, last, text, title)


@pytest.mark.parametrize(
    "text",
    [
        "", "2017-13", "2017-Q5", "17-07", "2017-07-20", "2017-07-20/2017-07-01", "2017-02-30/2018",
        "2017-02-30/2017-03-01", "0000", "1900", "9999", "２０１７", "2017-07\n",
        "2017/07", "../etc",
    ],
)  # fmt: skip
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(text)
    assert refused.value.rule is BAD_PERIOD


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2017-07", "2016-07"),
        ("2017-02", "2016-02"),  # which has a day more
        ("2016-02", "2015-02"),
        ("2017", "2016"),
        ("2017-Q1", "2016-Q1"),
        ("2016-01-15/2016-02-29", "2015-01-15/2015-02-28"),
        ("2017-01-01/2017-07-20", "2016-01-01/2016-07-20"),
    ],
)
def test_the_same_of_the_year_before(text: str, before: str) -> None:
    assert parse(text).a_year_before.name == before


def test_the_year_to_date() -> None:
    assert parse("2017-07").year_to_date == Period(date(2017, 1, 1), date(2017, 7, 31))


def test_months_of_a_period() -> None:
    found = parse("2017-01-15/2017-03-02").months
    assert [each.name for each in found] == [
        "2017-01-15/2017-01-31",
        "2017-02",
        "2017-03-01/2017-03-02",
    ]


@given(DAYS, DAYS)
def test_every_period_is_read_as_it_is_named(one: date, other: date) -> None:
    period = Period(*sorted((one, other)))
    assert parse(period.name) == period
    assert (
        sum((each.last - each.first).days + 1 for each in period.months)
        == (period.last - period.first).days + 1
    )
