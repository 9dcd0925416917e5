"""`gridfield duty …`: who has which duty, giving, handing over and ending them."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.engine import Connection

from api import settings as configuration
from api.days import day
from api.members.duties import coverage_members, duty_members, readings
from api.runtime import open_database
from api.terminal import say, show
from gis.errors import Lang, Problem
from layers.declaring.duties import ROLES, role_named
from layers.declaring.limits import USUAL, Limits
from layers.declaring.people import EVERYWHERE, SYSTEM
from layers.duties import coverage as duty_coverage
from layers.duties import giving as duties
from layers.duties import persons
from layers.duties import records as duty_records
from layers.duties import workbook as duty_workbook
from layers.duties.coverage import Coverage
from layers.duties.giving import Assignment, Target
from layers.duties.persons import Person
from layers.duties.records import Duty, Query, find_target
from layers.reading import reading_log
from layers.reading.past import today
from layers.refusals.imports import FILE_UNWRITABLE
from layers.registry import Registry, discover

_ROLES = " ".join(ROLES)

duty_app = typer.Typer(
    no_args_is_help=True,
    help="任职：列出、指定、交接、结束、缺口 · Who has which duty, and where one is missing.",
    epilog="例 · Example: gridfield duty hand-over 12 韩志强 --on 2026-06-01",
)

DutyId = Annotated[int, typer.Argument(metavar="DUTY", help="任职编号 · the number of the duty")]
WhoText = Annotated[
    str, typer.Argument(metavar="PERSON", help="姓名，或 #人员编号 · a name, or #id of a person")
]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="日期 · YYYY-MM-DD")]
Document = Annotated[
    str | None, typer.Option(metavar="TEXT", help="任命文件 · the appointing document")
]
Division = Annotated[
    str, typer.Option(metavar="CODE", help="此区划及其下级 · this division and all below")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON")]
Unit = Annotated[str | None, typer.Option(help="新人员的单位 · unit of somebody new")]
Post = Annotated[str | None, typer.Option(help="新人员的职务 · post of somebody new")]
Phone = Annotated[str | None, typer.Option(help="新人员的电话 · phone of somebody new")]

_HEADING = {
    "zh": ("编号", "职责", "对象", "姓名", "自", "至", "文件"),
    "en": ("no.", "role", "feature", "name", "from", "to", "document"),
}
_FIGURES = {
    "zh": ("指标", "数值", "总数", "单位", "占比 %"),
    "en": ("figure", "value", "total", "unit", "share %"),
}


@duty_app.command("list", epilog="例 · Example: gridfield duty list --role grid_leader")
def list_duties(
    *,
    layer: Annotated[str | None, typer.Option(metavar="LAYER", help="图层 · of a layer")] = None,
    feature: Annotated[
        str | None, typer.Option(metavar="FEATURE", help="要素：编号、编码或名称 · of a feature")
    ] = None,
    person: Annotated[int | None, typer.Option(help="人员编号 · of a person")] = None,
    role: Annotated[str | None, typer.Option(metavar="ROLE", help=_ROLES)] = None,
    on: On = None,
    division: Division = EVERYWHERE,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="最多几条 · at most")] = 100,
    as_json: AsJson = False,
) -> None:
    """列出任职 · List duties."""
    settings, registry = configuration.load(), discover()
    named = role and role_named(role).name
    chosen = None if layer is None else registry.layer(layer)
    when = None if on is None else day(on)
    with open_database(settings) as database:
        with database.read() as connection:
            target = find_target(connection, chosen, feature) if chosen and feature else None
            query = Query(
                layer=layer,
                feature=target,
                person=person,
                role=named,
                on=when,
                division=division,
                limit=limit,
            )
            found = duty_records.listing(connection, registry, query)
            now = today(connection)
        people, form = [duty.person for duty in found], "json" if as_json else "table"
        reading_log.note(database, readings("gridfield duty list", people, form))
    _print(found, settings.lang, now, as_json=as_json)


@duty_app.command(
    epilog="例 · Example: gridfield duty assign grid_leader grid_fields 630102007001001 祁生财"
)
def assign(
    role: Annotated[str, typer.Argument(metavar="ROLE", help=_ROLES)],
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="图层名 · the layer's name")],
    feature: Annotated[
        str, typer.Argument(metavar="FEATURE", help="编号、编码或名称 · its id, key or title")
    ],
    who: WhoText,
    *,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="自，默认今天 · today unless told")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help="至（当天不再在任） · no longer on it"),
    ] = None,
    document: Document = None,
    vacant: Annotated[
        str | None, typer.Option(metavar="REASON", help="期满后空缺的理由 · why nobody follows")
    ] = None,
    unit: Unit = None,
    post: Post = None,
    phone: Phone = None,
    as_json: AsJson = False,
) -> None:
    """指定任职 · Give somebody a duty."""
    settings, registry = configuration.load(), discover()
    begin, end_ = (None if text is None else day(text) for text in (since, until))
    role_named(role)
    chosen = registry.layer(layer)
    with open_database(settings) as database, database.begin() as connection:
        target = Target(role=role, layer=layer, feature=find_target(connection, chosen, feature))
        person = Person(name=who, unit=unit, post=post, phone=phone)
        new = Assignment(
            role=role,
            layer=layer,
            feature=target.feature,
            person=_person(connection, registry, target, person),
            valid_from=begin or today(connection),
            valid_to=end_,
            document=document,
        )
        made = duties.assign(connection, registry, new, vacant=vacant)
        now = today(connection)
    _print([made], settings.lang, now, as_json=as_json)


@duty_app.command(
    "hand-over", epilog="例 · Example: gridfield duty hand-over 12 韩志强 --on 2026-06-01"
)
def hand_over(
    duty_id: DutyId,
    who: WhoText,
    *,
    on: On = None,
    document: Document = None,
    unit: Unit = None,
    post: Post = None,
    phone: Phone = None,
    as_json: AsJson = False,
) -> None:
    """交接：一人结束的当天另一人开始，可以是将来 · Hand over, on a day that may be to come."""
    settings, registry = configuration.load(), discover()
    when = None if on is None else day(on)
    with open_database(settings) as database, database.begin() as connection:
        duty = duty_records.get(connection, registry, duty_id)
        named = Person(name=who, unit=unit, post=post, phone=phone)
        begun = duties.hand_over(
            connection,
            registry,
            duty_id,
            person=_person(connection, registry, _target(duty), named),
            on=when or today(connection),
            document=document,
        )
        both = [duty_records.get(connection, registry, duty_id), begun]
        now = today(connection)
    _print(both, settings.lang, now, as_json=as_json)


@duty_app.command(epilog="例 · Example: gridfield duty replace 13 --on 2026-07-01")
def replace(
    duty_id: DutyId,
    who: Annotated[
        str | None, typer.Argument(metavar="PERSON", help="改由谁接任 · who begins instead")
    ] = None,
    *,
    on: On = None,
    document: Document = None,
    as_json: AsJson = False,
) -> None:
    """改动尚未开始的任职 · Change who begins what is planned, or on which day."""
    settings, registry = configuration.load(), discover()
    when = None if on is None else day(on)
    with open_database(settings) as database, database.begin() as connection:
        duty = duty_records.get(connection, registry, duty_id)
        person = (
            None if who is None else _person(connection, registry, _target(duty), Person(name=who))
        )
        changed = duties.replace_planned(
            connection, registry, duty_id, person=person, on=when, document=document
        )
        now = today(connection)
    _print([changed], settings.lang, now, as_json=as_json)


@duty_app.command(epilog="例 · Example: gridfield duty end 12 --on 2026-06-01 --reason 调离")
def end(
    duty_id: DutyId,
    *,
    on: On = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="理由 · why")] = None,
    vacant: Annotated[
        bool, typer.Option("--vacant", help="明确留空 · leave it vacant, with a reason")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """结束任职；网格长应交接 · End a duty; that of a grid leader is handed over instead."""
    settings, registry = configuration.load(), discover()
    when = None if on is None else day(on)
    with open_database(settings) as database, database.begin() as connection:
        ended = duties.end(
            connection,
            registry,
            duty_id,
            on=when or today(connection),
            reason=reason,
            vacant=vacant,
        )
        now = today(connection)
    if ended is None and not as_json:
        say(settings.lang, f"已撤回任职 {duty_id}", f"Withdrew the duty {duty_id}")
        return
    _print([] if ended is None else [ended], settings.lang, now, as_json=as_json)


@duty_app.command(epilog="例 · Example: gridfield duty coverage --xlsx 任职.xlsx")
def coverage(
    *,
    division: Division = EVERYWHERE,
    on: On = None,
    fields: Annotated[
        int, typer.Option(min=0, help="一人最多几块网格 · most fields of one person")
    ] = USUAL.fields,
    households: Annotated[
        int, typer.Option(min=0, help="一人最多几户 · most households of one person")
    ] = USUAL.households,
    metres: Annotated[
        float, typer.Option(min=0, help="一人最多几米路段 · most road metres of one person")
    ] = USUAL.metres,
    cases: Annotated[
        int, typer.Option(min=0, help="一人最多几件未结案件 · most open cases of one person")
    ] = USUAL.cases,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", dir_okay=False, help="写成工作簿 · workbook")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """无人负责的网格、路段、单位，负担过重的人 · What nobody answers for, who has too much."""
    settings = configuration.load()
    when = None if on is None else day(on)
    limits = Limits(fields=fields, households=households, metres=metres, cases=cases)
    with open_database(settings) as database:
        with database.read() as connection:
            found = duty_coverage.coverage(
                connection, division=division, limits=limits, on=when, actor=SYSTEM
            )
        if xlsx is not None or as_json:  # the table has figures alone
            people, form = [load.person for load in found.loads], "json" if as_json else "xlsx"
            reading_log.note(database, readings("gridfield duty coverage", people, form))
    if xlsx is not None:
        _write(xlsx, duty_workbook.write(found, settings.lang))
    if as_json:
        typer.echo(json.dumps(coverage_members(found, settings.lang), ensure_ascii=False))
    else:
        show(_FIGURES[settings.lang], _figures(found, settings.lang), err=False)


# --- parts ----------------------------------------------------------------------------------------
def _target(duty: Duty) -> Target:
    return Target(role=duty.role.name, layer=duty.layer, feature=duty.feature)


def _person(connection: Connection, registry: Registry, target: Target, named: Person) -> int:
    number = named.name.removeprefix("#")
    if named.name.startswith("#") and number.isascii() and number.isdigit() and len(number) < 19:
        return persons.get(connection, int(number)).id
    return duties.someone(connection, registry, target, named)


def _print(found: Sequence[Duty], lang: Lang, now: date, *, as_json: bool) -> None:
    if as_json:
        members: list[dict[str, Any]] = [duty_members(duty, lang, now) for duty in found]
        typer.echo(json.dumps(members, ensure_ascii=False, indent=2))
        return
    rows = (
        (
            duty.id,
            duty.role.label.of(lang),
            duty.title,
            f"{duty.person.name} #{duty.person.id}",
            duty.valid_from,
            duty.valid_to,
            duty.document,
        )
        for duty in found
    )
    show(_HEADING[lang], rows, err=False)


def _figures(found: Coverage, lang: Lang) -> list[Sequence[object]]:
    return [
        (
            figure.label.of(lang),
            f"{figure.value:g}",
            f"{figure.total:g}",
            figure.unit.of(lang),
            f"{100 * figure.share:.1f}",
        )
        for figure in found.figures
    ]


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Problem(FILE_UNWRITABLE, name=path.name, reason=reason) from None
