"""`gridfield people …`: the address book of those who answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api import settings as configuration
from api import terminal
from api.runtime import open_database
from api.terminal import say
from gis import files
from gis.errors import Finding, Lang
from layers.declaring.people import SYSTEM
from layers.duties import directory
from layers.duties.directory import Listed
from layers.reading import reading_log
from layers.reading.reading_log import Reading
from layers.schema.accounts import PERSONS

people_app = typer.Typer(
    no_args_is_help=True,
    help="通讯录 · The people who answer.",
    epilog="例 · Example: gridfield people import 通讯录.xlsx",
)

_PAGE = 1000
_HEADING = {
    "zh": ("编号", "姓名", "单位", "职务", "电话", "任职数"),
    "en": ("id", "name", "unit", "post", "phone", "duties"),
}


@people_app.command("list", epilog="例 · Example: gridfield people list")
def list_people() -> None:
    """列出有任职或账号的人 · List everybody with a duty or an account."""
    settings = configuration.load()
    found: list[Listed] = []
    with open_database(settings) as database, database.read() as connection:
        while page := directory.listed(
            connection, SYSTEM, limit=_PAGE, after=found[-1].id if found else 0
        ):
            found += page
        reading = Reading("gridfield people list", PERSONS.name, len(found), "text")
        reading_log.note(database, [reading] if found else [])
    terminal.show(_HEADING[settings.lang], map(_row, found), err=False)


@people_app.command("set", epilog="例 · Example: gridfield people set 12 --phone 13800000001")
def set_details(
    person: Annotated[int, typer.Argument(metavar="ID", help="人员编号 · the person's id")],
    *,
    unit: Annotated[str | None, typer.Option(help="单位 · unit")] = None,
    post: Annotated[str | None, typer.Option(help="职务 · post")] = None,
    phone: Annotated[str | None, typer.Option(help="电话 · phone")] = None,
) -> None:
    """改单位、职务、电话，空值表示去掉 · Change details; an empty one is taken away."""
    told = {"unit": unit, "post": post, "phone": phone}
    settings = configuration.load()
    with open_database(settings) as database, database.begin() as connection:
        given = {name: value for name, value in told.items() if value is not None}
        changed = directory.amend(connection, SYSTEM, person, given)
    terminal.show(_HEADING[settings.lang], [_row(changed)], err=False)


@people_app.command("import", epilog="例 · Example: gridfield people import 通讯录.xlsx")
def import_list(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="XLSX / CSV：姓名、单位、职务、电话")
    ],
) -> None:
    """按姓名补上单位、职务、电话，有错的行不改 · Add details by name; rows with faults do nothing.

    有退回的行时退出码为 1 · Exit 1 when a row was refused.
    """
    settings = configuration.load()
    table = files.table(file)
    with open_database(settings) as database, database.begin() as connection:
        brought = directory.bring(connection, SYSTEM, table)
    _tell(brought.findings, settings.lang)
    counts = (brought.changed, brought.unchanged, len(brought.findings))
    say(
        settings.lang,
        "更新 {} 人，没有变化 {} 人，退回 {} 行".format(*counts),
        "{} people changed, {} were so already, {} rows refused".format(*counts),
    )
    raise typer.Exit(1 if brought.findings else 0)


def _tell(findings: Sequence[Finding], lang: Lang) -> None:
    for finding in findings:
        typer.echo(f"{finding.place(lang)}  {finding.sentence(lang)}", err=True)


def _row(each: Listed) -> tuple[object, ...]:
    return (each.id, each.name, each.unit or "", each.post or "", each.phone or "", each.duties)
