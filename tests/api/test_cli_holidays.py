"""`gridfield holidays`: what the published calendar does not know."""

from datetime import date, datetime

from gis.clock import BEIJING
from layers.calendar.workdays import Calendar
from tests.api.conftest import Run


def test_days_are_told_listed_and_left_to_the_calendar_again(gridfield: Run) -> None:
    told = gridfield("holidays", "set", "2090-01-01", "2090-01-03", "--name", "元旦")
    assert told.returncode == 0
    assert "3" in told.stderr + told.stdout
    gridfield("holidays", "set", "2090-01-07", "--works", "--name", "调休")
    shown = gridfield("holidays", "list").stdout
    assert shown.count("元旦") == 3
    assert "2090-01-07" in shown
    gridfield("holidays", "set", "2090-01-01", "--name", "新年")  # said again, and otherwise
    assert gridfield("holidays", "list").stdout.count("元旦") == 2
    removed = gridfield("holidays", "remove", "2090-01-01", "2090-12-31")
    assert removed.returncode == 0
    assert "2090" not in gridfield("holidays", "list").stdout


def test_days_that_are_none_are_refused(gridfield: Run) -> None:
    backwards = gridfield("holidays", "set", "2090-01-03", "2090-01-01", "--name", "x")
    assert backwards.returncode == 2
    assert "一年以内" in backwards.stderr
    assert gridfield("holidays", "set", "2090-02-30", "--name", "x").returncode == 2
    assert gridfield("holidays", "remove", "1990-01-01", "2090-01-01").returncode == 2


def test_a_year_that_nobody_knows_is_named(gridfield: Run) -> None:
    """The list of the library ends with a year that has been published."""
    listed = gridfield("holidays", "list", lang="en")
    assert listed.returncode == 0

    year = datetime.now(BEIJING).year + 1
    missing = Calendar().unknown([date(year, 1, 1)])
    assert (str(year) in listed.stderr) == bool(missing)
