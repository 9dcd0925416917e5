"""`gridfield import`: what is believed of a file, what it would do, and then the load."""

import getpass
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Protocol

import typer
from shapely.geometry.base import BaseGeometry

from api import settings as configuration
from api import terminal, transforms
from api.commands.outbox import import_outbox
from api.runtime import open_database
from api.settings import Settings
from api.terminal import say
from api.uploads.preview import preview
from gis import files, streams
from gis.belief import Hints
from gis.datum import Datum
from gis.errors import Lang, Problem
from gis.files import Source
from gis.postgis import Database
from gis.refusals.files import FILE_FORMAT, FILE_UNREADABLE
from gis.streams import Stream
from layers.arriving import (
    columns,
    datum_evidence,
    importing,
    mapping_file,
    rest,
    streaming,
    unplaced,
)
from layers.arriving import report as import_report
from layers.arriving.importing import Examination, Gone, ImportRefused, OnConflict, Options, Report
from layers.arriving.mapping_file import Rewriting
from layers.declaring.words import Layer
from layers.refusals.imports import FILE_UNWRITABLE
from layers.registry import Registry, discover


def _html(examination: Examination, lang: Lang) -> bytes:
    from maps.report_file import import_report as page  # noqa: PLC0415  Folium takes a second

    return page(examination, lang).encode()


def _json(examination: Examination, lang: Lang) -> bytes:
    return json.dumps(
        import_report.members(examination, lang), ensure_ascii=False, indent=2
    ).encode()


_REPORTS: Mapping[str, Callable[[Examination, Lang], bytes]] = {
    ".html": _html,
    ".xlsx": import_report.xlsx,
    ".json": _json,
}


@dataclass(frozen=True, slots=True)
class _Task:
    """What was asked for; `asks` tells whether somebody is there to be asked."""

    settings: Settings
    registry: Registry
    layer: Layer
    file: Path
    hints: Hints
    options: Options
    report: Path | None
    rest: Path
    rewriting: Rewriting | None
    asks: bool

    @property
    def lang(self) -> Lang:
        return self.settings.lang


def import_file(
    context: typer.Context,
    layer: Annotated[
        str | None, typer.Argument(metavar="LAYER", help="图层名 · the layer's name")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help=f"文件 · one of {' '.join(files.formats())}", dir_okay=False
        ),
    ] = None,
    *,
    crs: Annotated[
        str | None, typer.Option(help="坐标系，如 EPSG:4490 · the file's CRS, as EPSG code")
    ] = None,
    datum: Annotated[
        Datum | None, typer.Option(help="经纬度的基准 · what longitudes and latitudes refer to")
    ] = None,
    transform: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|VALUES",
            help="四参数或七参数，或其在配置中的名称 · 4 or 7 parameters to WGS 84, or their name",
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="文字编码，如 GBK · the file's text encoding")
    ] = None,
    heading: Annotated[
        int | None, typer.Option(min=1, help="表头在第几行 · the row that names the columns")
    ] = None,
    part: Annotated[
        str | None,
        typer.Option("--layer", help="文件中有多个图层时取哪个 · which of the file's layers"),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="字段取哪一列 · a field's column"),
    ] = None,
    rewritten_by: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            metavar="FILE.toml",
            dir_okay=False,
            help="列、取值、固定值的对照文件 · a file that maps columns and values, see docs",
        ),
    ] = None,
    on_conflict: Annotated[
        OnConflict, typer.Option(help="键已存在时 · when the key is known already")
    ] = "fail",
    gone: Annotated[
        Gone,
        typer.Option(help="文件中没有的已有要素 · stored features that the file lacks"),
    ] = "keep",
    number: Annotated[
        bool, typer.Option("--number", help="给没有编码的行编号 · give rows without a code one")
    ] = False,
    accept_valid: Annotated[
        bool,
        typer.Option("--accept-valid", help="合格的先导入 · load the good rows, leave the others"),
    ] = False,
    rest_file: Annotated[
        Path | None,
        typer.Option(
            "--rest",
            metavar="FILE",
            help=f"未导入的行写到哪里 · where the others go: {' '.join(rest.ENDINGS)}",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"报告 · the report: {' '.join(_REPORTS)}"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查，不导入 · check and load nothing")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不提问 · ask nothing")] = False,
    outbox: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="手机导出的发件箱，代替图层和文件 · a phone's outbox, instead of LAYER and FILE",
        ),
    ] = None,
    login: Annotated[
        str | None,
        typer.Option("--as", metavar="LOGIN", help="发件箱是谁的 · whose outbox it is"),
    ] = None,
) -> None:
    """检查全部记录，先看后导：全部导入或一条不导 · Check all, show it, then load all or none.

    例 · Example: gridfield import courtyards 楼院.csv --datum gcj02 --on-conflict update
    """
    if outbox is not None or login is not None:
        import_outbox(*_outbox_alone(context, outbox, login))
        return
    if layer is None or file is None:
        raise typer.BadParameter("LAYER FILE")
    settings = configuration.load()
    registry = discover()
    into = registry.layer(layer)
    parameters = transforms.transform(settings, transform)
    task = _Task(
        settings=settings,
        registry=registry,
        layer=into,
        file=file,
        hints=Hints(
            *(crs, encoding, part, datum, parameters, heading),
            placed=into.has_shape,
            unplaced=unplaced.may_lack_place(into),
        ),
        options=Options(
            mapping=columns.pairs(mapping or []),
            on_conflict=on_conflict,
            dry_run=dry_run,
            accept_valid=accept_valid,
            gone=gone,
            number=number,
            tolerance_m2=settings.coverage_tolerance_m2,
        ),
        report=report,
        rest=rest_file or file.with_name(f"{file.name}.rest.xlsx"),
        rewriting=None if rewritten_by is None else _rewriting(into, rewritten_by),
        asks=not yes and sys.stdin.isatty() and sys.stderr.isatty(),
    )
    _check_outputs(task, rest_named=rest_file is not None)
    try:
        with open_database(settings) as database:
            _run(task, database)
    except ImportRefused as refused:
        _show_refused(refused, settings.lang)
        raise typer.Exit(1) from None


def _outbox_alone(
    context: typer.Context, outbox: Path | None, login: str | None
) -> tuple[Path, str]:
    """An outbox says by itself what everything in it is: no other option may seem to matter."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name for name, source in sources.items() if source and source.name == "COMMANDLINE"}
    if outbox is None or login is None or given != {"outbox", "login"}:
        raise typer.BadParameter("--outbox FILE --as LOGIN")
    return outbox, login


def _check_outputs(task: _Task, *, rest_named: bool) -> None:
    """A file that cannot be written shall not be found out after the work."""
    for path, allowed in ((task.report, _REPORTS), (task.rest, rest.ENDINGS)):
        if path is not None and path.suffix.lower() not in allowed:
            raise Problem(FILE_FORMAT, name=path.name[-40:], allowed=" ".join(allowed))
    if task.options.accept_valid and not rest_named and task.rest.exists():
        # It may be the one that somebody is mending.
        raise Problem(FILE_UNWRITABLE, name=task.rest.name, reason="--rest: it exists")


# --- the course of it ---------------------------------------------------------------------------
def _run(task: _Task, database: Database) -> None:
    brought = _brought(task, database)
    if task.asks or task.options.dry_run:
        examination = _examined(task, brought)
        if task.asks and examination.doubts:
            task = replace(task, hints=replace(task.hints, datum=_asked(task.lang)))
            brought = _brought(task, database)
            examination = _examined(task, brought)
        if task.options.dry_run:
            _write_report(task, examination)
            _show_dry_run(examination, task.lang)
            return
        if examination.loads():
            question = "导入吗？" if task.lang == "zh" else "Load it?"
            typer.confirm(question, abort=True, err=True)
    _load(task, brought)


class _Brought(Protocol):
    """A file that was brought, whole or in pieces."""

    def examine(self, progress: importing.Progress) -> Examination: ...

    def load(self, progress: importing.Progress, seen: Callable[[Examination], None]) -> Report: ...


@dataclass(frozen=True, slots=True)
class _Whole:
    """A file that was read as a whole, and the task with the columns that this means."""

    task: _Task
    database: Database
    source: Source

    def examine(self, progress: importing.Progress) -> Examination:
        task = self.task
        return importing.examine(
            self.database, task.registry, task.layer, self.source, task.options, progress=progress
        )

    def load(self, progress: importing.Progress, seen: Callable[[Examination], None]) -> Report:
        task = self.task
        return importing.load(
            self.database,
            task.registry,
            task.layer,
            self.source,
            task.options,
            progress=progress,
            seen=seen,
            loaded_by=_user(),
            sha256=_sha256(task.file),
        )


@dataclass(frozen=True, slots=True)
class _Streamed:
    """A large file, which is read in pieces, each time anew."""

    task: _Task
    database: Database

    def examine(self, progress: importing.Progress) -> Examination:
        task = self.task
        with self._opened() as stream:
            return streaming.examine(
                self.database,
                task.registry,
                task.layer,
                stream,
                task.options,
                rewriting=task.rewriting,
                progress=progress,
            )

    def load(self, progress: importing.Progress, seen: Callable[[Examination], None]) -> Report:
        task = self.task
        with self._opened() as stream:
            return streaming.load(
                self.database,
                task.registry,
                task.layer,
                stream,
                task.options,
                rewriting=task.rewriting,
                progress=progress,
                seen=seen,
                loaded_by=_user(),
                sha256=_sha256(task.file),
            )

    def _opened(self) -> AbstractContextManager[Stream]:
        task, within = self.task, _ground(self.task, self.database)
        return streams.opened(
            task.file, hints=task.hints, limits=task.settings.limits, within=within
        )


def _brought(task: _Task, database: Database) -> _Brought:
    """The file as it is to be understood: in pieces where it is large."""
    size = task.file.stat().st_size if task.file.exists() else 0
    if streams.is_large(task.file.name, size) and streaming.takes(task.layer, task.options):
        return _Streamed(task, database)
    task, source = _read(task, database)
    return _Whole(task, database, source)


def _ground(task: _Task, database: Database) -> BaseGeometry | None:
    with database.read() as connection:
        return datum_evidence.ground(connection, task.registry, task.layer)


def _rewriting(layer: Layer, file: Path) -> Rewriting:
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Problem(FILE_UNREADABLE, name=file.name, reason=reason, reason_zh=reason) from None
    return mapping_file.parse(layer, content, file.name)


def _read(task: _Task, database: Database) -> tuple[_Task, Source]:
    """The file as it is to be understood, and the task with the columns that this means."""
    within = _ground(task, database)
    source = files.read(task.file, hints=task.hints, limits=task.settings.limits, within=within)
    if task.rewriting is None:
        return task, source
    source, used = mapping_file.rewrite(source, task.rewriting)
    # What is told on the command line goes before what the file says.
    options = replace(task.options, mapping={**used, **task.options.mapping})
    return replace(task, options=options), source


def _examined(task: _Task, brought: _Brought) -> Examination:
    with terminal.progress("检查", "Checking", task.lang) as progress:
        examination = brought.examine(progress)
    preview(examination, task.lang)
    return examination


def _asked(lang: Lang) -> Datum:
    question = "经纬度是哪种坐标" if lang == "zh" else "Which datum are the coordinates of"
    datum: Datum = typer.prompt(f"{question} ({'/'.join(Datum)})", type=Datum, err=True)
    return datum


def _load(task: _Task, brought: _Brought) -> None:
    left_out: list[bytes] = []

    def seen(examination: Examination) -> None:
        if not task.asks:  # who was asked has seen it
            preview(examination, task.lang)
        _write_report(task, examination)
        if examination.counts.refused and examination.loads():
            left_out.append(rest.write(examination, task.rest.suffix.lower(), task.lang))

    with terminal.progress("检查并导入", "Checking and loading", task.lang) as progress:
        report = brought.load(progress, seen)
    _show_report(report, task.layer, task.lang)
    for content in left_out:
        _write(task.rest, content)
        terminal.show_findings(report.findings, task.lang)
        rows, name = report.refused, task.rest.name
        say(
            task.lang,
            f"未导入的 {rows} 行在 {name} 中，坐标是 WGS 84；改好后再导入它，不要加 --datum",
            f"The {rows} rows left out are in {name}, in WGS 84; mend them and import that file, "
            "without --datum",
            err=True,
        )


# --- what is left behind --------------------------------------------------------------------------
def _write_report(task: _Task, examination: Examination) -> None:
    if task.report is not None:
        content = _REPORTS[task.report.suffix.lower()](examination, task.lang)
        _write(task.report, content)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Problem(FILE_UNWRITABLE, name=path.name, reason=reason) from None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return ""


# --- what is said ---------------------------------------------------------------------------------
def _show_report(report: Report, layer: Layer, lang: Lang) -> None:
    label = layer.label.of(lang)
    numbers = (report.rows, report.new, report.updated, report.unchanged, report.skipped)
    chinese = "{}：{} 行，新增 {}，更新 {}，不变 {}，跳过 {}".format(label, *numbers)
    english = "{}: {} rows, {} new, {} updated, {} unchanged, {} skipped".format(label, *numbers)
    if report.refused:
        chinese, english = (
            f"{chinese}，未导入 {report.refused}",
            f"{english}, {report.refused} left",
        )
    if report.deleted:
        chinese = f"{chinese}，删除 {report.deleted}"
        english = f"{english}, {report.deleted} deleted"
    if report.batch is not None:
        chinese, english = (
            f"{chinese}（第 {report.batch} 批）",
            f"{english} (import {report.batch})",
        )
    say(lang, chinese, english)


def _show_dry_run(examination: Examination, lang: Lang) -> None:
    if examination.findings:
        terminal.show_findings(examination.findings, lang, suppressed=examination.suppressed)
    say(lang, "试运行，未导入", "Dry run, nothing loaded")
    if not examination.loads():
        raise typer.Exit(1)


def _show_refused(refused: ImportRefused, lang: Lang) -> None:
    terminal.show_findings(refused.findings, lang, suppressed=refused.suppressed)
    say(lang, refused.sentence("zh"), refused.sentence("en"), err=True)
