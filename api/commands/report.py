"""`gridfield report PERIOD`: the report of a period, in the terminal or as a file."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from api import settings as configuration
from api.members.duties import readings
from api.members.reports import members, people
from api.runtime import open_database
from api.terminal import say, show
from gis.errors import Lang, Problem
from gis.refusals.files import FILE_FORMAT
from layers.declaring import period
from layers.declaring.people import EVERYWHERE, SYSTEM
from layers.reading import reading_log
from layers.refusals.imports import FILE_UNWRITABLE
from layers.registry import discover
from layers.reporting import making, paper, sheets
from layers.reporting.report import HEADING, Report, ToldSection, headed, written

Form = Literal["text", "html", "xlsx", "docx", "json"]


def _json(report: Report, lang: Lang) -> bytes:
    return json.dumps(members(report, lang), ensure_ascii=False, indent=2).encode()


def _html(report: Report, lang: Lang) -> bytes:
    from maps.report_file import statistics  # noqa: PLC0415  Folium takes a second

    return statistics(report, lang).encode()


_FORMS: Mapping[str, Callable[[Report, Lang], bytes]] = {
    "html": _html,
    "xlsx": sheets.write,
    "docx": paper.write,
    "json": _json,
}
_BINARY = frozenset({"xlsx", "docx"})


def report(
    named: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD",
            help="统计期 · 2017-07, 2017-Q3, 2017, 2017-01-01/2017-07-20",
        ),
    ],
    *,
    division: Annotated[
        str, typer.Option(metavar="CODE", help="此区划及其下级 · this division and all below")
    ] = EVERYWHERE,
    form: Annotated[Form | None, typer.Option("--format", help="形式 · how it is written")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="写到文件 · to a file"),
    ] = None,
) -> None:
    """一段时间的工作报告：各项指标，每个都是记录之和 · The report of a period: sums over records.

    例 · Example: gridfield report 2017-07 -o 七月.docx
    """
    wanted, chosen = period.parse(named), _form(form, output)
    settings, registry = configuration.load(), discover()
    with open_database(settings) as database:
        with database.read() as connection:
            found = making.report(
                connection,
                registry,
                wanted,
                division=division,
                actor=SYSTEM,
                patrols=settings.patrol_days is not None,
            )
        reading_log.note(database, readings("gridfield report", people(found), chosen))
    if chosen == "text":
        _tell(found, settings.lang)
        return
    content = _FORMS[chosen](found, settings.lang)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    _write(output, content)
    say(settings.lang, f"已写入 {output.name}", f"Wrote {output.name}", err=True)


def _form(form: Form | None, output: Path | None) -> str:
    """As told, else by the file's ending, else for the terminal; a file of bytes needs a name."""
    found = form or (output.suffix.lower().removeprefix(".") if output else "text")
    if (output is not None and found not in _FORMS) or (output is None and found in _BINARY):
        name = output.name[-40:] if output else f"--format {found}"
        raise Problem(FILE_FORMAT, name=name, allowed=" ".join(f".{form}" for form in _FORMS))
    return found


def _tell(found: Report, lang: Lang) -> None:
    typer.echo(found.title(lang))
    for section in found.sections:
        typer.echo(f"\n{section.label.of(lang)}")
        show([label.of(lang) for label in HEADING], _figures(section, lang), err=False)
        for table in section.tables:
            typer.echo(table.label.of(lang))
            heading = [table.head.of(lang)]
            heading += [headed(column.label, column.unit, lang) for column in table.columns]
            rows = [
                ("　" * row.depth + row.title.of(lang), *(written(v.amount) for v in row.values))
                for row in table.all_rows
            ]
            show(heading, rows, err=False)


def _figures(section: ToldSection, lang: Lang) -> Iterator[Sequence[object]]:
    for told in section.figures:
        amounts = (written(value.amount) for value in told.values)
        yield (told.label.of(lang), told.unit.of(lang), *amounts)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Problem(FILE_UNWRITABLE, name=path.name, reason=reason) from None
