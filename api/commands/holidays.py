"""`gridfield holidays …`: what the published calendar does not know, or has otherwise."""

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from api import settings as configuration
from api import terminal
from api.runtime import open_database
from api.terminal import say
from gis.clock import today
from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers.calendar import workdays
from layers.calendar.workdays import Calendar, Told

holidays_app = typer.Typer(
    no_args_is_help=True,
    help="节假日和调休，期限按此计算 · Holidays and working weekends, for deadlines.",
    epilog="例 · Example: gridfield holidays set 2027-01-01 2027-01-03 --name 元旦",
)

_HEADING = {"zh": ("日期", "上班", "名称"), "en": ("day", "people work", "name")}
_YES = {"zh": ("否", "是"), "en": ("no", "yes")}
_LONGEST = timedelta(days=366)
_DAY = ["%Y-%m-%d"]
_First = Annotated[datetime, typer.Argument(formats=_DAY, help="第一天 · the first day")]
_Last = Annotated[
    datetime | None,
    typer.Argument(formats=_DAY, help="最后一天 · the last day", show_default=False),
]


@holidays_app.command("list", epilog="例 · Example: gridfield holidays list")
def list_days() -> None:
    """列出已录入的日子，缺少的年份会提示 · List what was told; years that are missing are named."""
    settings = configuration.load()
    with open_database(settings) as database, database.read() as connection:
        found = workdays.listed(connection)
    yes = _YES[settings.lang]
    rows = ((each.day.isoformat(), yes[each.works], each.name) for each in found)
    terminal.show(_HEADING[settings.lang], rows, err=False)
    day = today()
    years = [day, date(day.year + 1, 1, 1)]
    for finding in Calendar({each.day: each.works for each in found}).unknown(years):
        typer.echo(finding.sentence(settings.lang), err=True)


@holidays_app.command(
    "set", epilog="例 · Example: gridfield holidays set 2027-02-05 --works --name 调休"
)
def set_days(
    first: _First,
    last: _Last = None,
    *,
    works: Annotated[bool, typer.Option("--works", help="调休上班 · people work")] = False,
    name: Annotated[str, typer.Option(help="名称 · what it is called")],
) -> None:
    """录入放假或调休上班的日子 · Say that people are off, or work, on these days."""
    days = [Told(day, works, name) for day in _days(first, last)]
    settings = configuration.load()
    with open_database(settings) as database, database.begin() as connection:
        count = workdays.tell(connection, days)
    say(settings.lang, f"已录入 {count} 天", f"{count} days told")


@holidays_app.command("remove", epilog="例 · Example: gridfield holidays remove 2027-01-01")
def remove_days(first: _First, last: _Last = None) -> None:
    """去掉录入的日子，以公布的安排为准 · Leave these days to the published calendar again."""
    settings = configuration.load()
    with open_database(settings) as database, database.begin() as connection:
        count = workdays.forget(connection, _days(first, last))
    say(settings.lang, f"已去掉 {count} 天", f"{count} days removed")


def _days(first: datetime, last: datetime | None) -> list[date]:
    until = last or first
    if not timedelta() <= until - first <= _LONGEST:
        raise Problem(
            BAD_PARAMETER,
            name="LAST",
            reason="it is not within a year after the first",
            reason_zh="最后一天应在第一天之后的一年以内",
        )
    return workdays.span(first.date(), until.date())
