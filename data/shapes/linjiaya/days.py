"""The days on which things were done in the demo's year: the offices' calendar of 2017."""

from collections.abc import Iterator
from datetime import date, timedelta

from chinese_calendar import is_workday

YEAR = 2017
# What is summed in the source's report was done by then: the day before it was printed.
CAMPAIGN_END = date(YEAR, 7, 20)


def after(day: date, count: int) -> date:
    """The working day so many of them after a day, which is not counted itself."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def on_or_after(day: date) -> date:
    """The day itself where offices are open, else the next on which they are."""
    return day if is_workday(day) else after(day, 1)


def on_or_before(day: date) -> date:
    """The day itself where offices are open, else the last on which they were."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def months() -> Iterator[date]:
    """The first day of each month."""
    return (date(YEAR, month, 1) for month in range(1, 13))


def spread(first: date, last: date, count: int) -> list[date]:
    """So many working days from the first to the last, evenly."""
    whole = (last - first).days
    return [on_or_before(first + timedelta(days=whole * n // count)) for n in range(count)]
