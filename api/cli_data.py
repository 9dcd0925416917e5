"""`gridfield layers`, `gridfield import` and `gridfield export`."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from api import settings as configuration
from api.parameters import box
from api.runtime import open_database
from gis import files
from gis.errors import IMPORT_REFUSED, Finding, Lang, Problem
from gis.files import Hints, Source
from layers import columns, exporting, importing
from layers.declare import Field, Layer
from layers.exporting import FORMATS
from layers.importing import OnConflict, Options, Report
from layers.registry import discover

_FINDINGS_SHOWN = 50
_ENDINGS = " ".join(form.ending for form in FORMATS.values())

LayerName = Annotated[str, typer.Argument(metavar="LAYER", help="图层名 · the layer's name")]


def layers(
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """图层及其字段、单位和可选值 · The layers, their fields, units and choices.

    例 · Example: gridfield layers
    """
    registry = discover()
    if as_json:
        described = [_described(layer) for layer in registry.layers.values()]
        typer.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    lang = configuration.load().lang
    console = Console(soft_wrap=False)
    for layer in registry.layers.values():
        console.print(_layer_table(layer, lang))


def import_file(
    layer: LayerName,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=f"文件 · one of {' '.join(files.formats())}", dir_okay=False
        ),
    ],
    *,
    crs: Annotated[
        str | None, typer.Option(help="坐标系，如 EPSG:4490 · the file's CRS, as EPSG code")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="文字编码，如 GBK · the file's text encoding")
    ] = None,
    part: Annotated[
        str | None,
        typer.Option("--layer", help="文件中有多个图层时取哪个 · which of the file's layers"),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="字段取哪一列 · a field's column"),
    ] = None,
    on_conflict: Annotated[
        OnConflict, typer.Option(help="键已存在时 · when the key is known already")
    ] = "fail",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查，不导入 · check and load nothing")
    ] = False,
) -> None:
    """检查全部记录,全部导入或一条不导 · Check every record, then load all of them or none.

    例 · Example: gridfield import courtyards 楼院.csv --map name=小区 --on-conflict update
    """
    settings = configuration.load()
    lang = settings.lang
    found = discover().layer(layer)
    source = files.read(file, hints=Hints(crs, encoding, part))
    _preview(source, lang)
    options = Options(columns.pairs(mapping or []), on_conflict, dry_run)
    try:
        with open_database(settings) as database, _progress(lang) as progress:
            report = importing.load(database, found, source, options, progress=progress)
    except Problem as problem:
        if problem.rule is not IMPORT_REFUSED:
            raise
        _show_refused(problem, lang)
        raise typer.Exit(1) from None
    _show_report(report, found, lang)


def export(
    layer: LayerName,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=f"格式看后缀 · format by ending: {_ENDINGS}")
    ],
    bbox: Annotated[
        str | None,
        typer.Option(metavar="W,S,E,N", help="经纬度范围 · only what meets this box, degrees"),
    ] = None,
) -> None:
    """把一个图层写成文件 · Write a layer to a file.

    例 · Example: gridfield export grid_fields 网格.gpkg --bbox 101.80,36.60,101.84,36.64
    """
    settings = configuration.load()
    found = discover().layer(layer)
    exporting.format_named(file.name)  # a wrong ending need not wait for the database
    wanted = None if bbox is None else box(bbox)
    with open_database(settings) as database:
        notes = exporting.write(database, found, file, bbox=wanted)
    if notes:
        _error_console().print(_findings_table(notes, settings.lang))
    _say(settings.lang, f"已写入 {file.name}", f"Wrote {file.name}")


# --- layers ---------------------------------------------------------------------------------------
def _layer_table(layer: Layer, lang: Lang) -> Table:
    title = f"{layer.name} · {layer.label.of(lang)} · {layer.geometry.value}"
    table = Table(title=title, title_justify="left", expand=False)
    headings = (
        ("字段", "名称", "类型", "要求") if lang == "zh" else ("field", "name", "type", "rule")
    )
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for field in layer.fields:
        name = field.label.of(lang) + (f"({field.unit.of(lang)})" if field.unit else "")
        table.add_row(field.name, name, field.type.value, "; ".join(_rules(layer, field, lang)))
    return table


def _rules(layer: Layer, field: Field, lang: Lang) -> Iterator[str]:
    zh = lang == "zh"
    if field.name in layer.key:
        yield "键" if zh else "key"
    if field.required:
        yield "必填" if zh else "required"
    if field.choices:
        yield ", ".join(f"{c.value}={c.label.of(lang)}" for c in field.choices)
    if field.pattern:
        yield field.pattern.meaning.of(lang)
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f"{field.minimum:g}"
        high = "" if field.maximum is None else f"{field.maximum:g}"
        yield f"{low}–{high}"
    if field.personal:
        yield "个人信息" if zh else "personal"


def _described(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "label": {"zh": layer.label.zh, "en": layer.label.en},
        "geometry": layer.geometry.value,
        "key": layer.key,
        "fields": [
            {
                "name": field.name,
                "label": {"zh": field.label.zh, "en": field.label.en},
                "aliases": field.aliases,
                "type": field.type.value,
                "unit": field.unit and {"zh": field.unit.zh, "en": field.unit.en},
                "required": field.required,
                "personal": field.personal,
                "choices": {c.value: c.label.zh for c in field.choices},
            }
            for field in layer.fields
        ],
    }


# --- import ---------------------------------------------------------------------------------------
def _preview(source: Source, lang: Lang) -> None:
    rows, crs = len(source.frame), source.crs_found or ("未写明" if lang == "zh" else "not stated")
    shown = ", ".join(_plain(column) for column in source.columns)
    _say(
        lang,
        f"{_plain(source.name)}：{rows} 行，坐标系 {crs}，列：{shown}",
        f"{_plain(source.name)}: {rows} rows, CRS {crs}, columns: {shown}",
        err=True,
    )
    _show_notes(source.notes, lang)


@contextmanager
def _progress(lang: Lang) -> Iterator[importing.Progress]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    shape = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(
        *shape, console=_error_console(), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("检查并导入" if lang == "zh" else "Checking and loading")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show_report(report: Report, layer: Layer, lang: Lang) -> None:
    label = layer.label.of(lang)
    numbers = (report.rows, report.new, report.updated, report.skipped)
    chinese = "{}：{} 行，新增 {}，更新 {}，跳过 {}".format(label, *numbers)
    english = "{}: {} rows, {} new, {} updated, {} skipped".format(label, *numbers)
    if report.ignored:
        left = ", ".join(_plain(column) for column in report.ignored)
        _say(lang, f"未用的列：{left}", f"Columns not used: {left}", err=True)
    if report.dry_run:
        chinese, english = f"试运行，未导入。{chinese}", f"Dry run, nothing loaded. {english}"
    _say(lang, chinese, english)


def _show_refused(problem: Problem, lang: Lang) -> None:
    shown = problem.findings[:_FINDINGS_SHOWN]
    _error_console().print(_findings_table(shown, lang))
    more = len(problem.findings) - len(shown) + problem.suppressed
    if more:
        _say(lang, f"另有 {more} 处", f"and {more} more", err=True)
    typer.echo(_plain(problem.sentence(lang)), err=True)


def _show_notes(notes: Iterable[Finding], lang: Lang) -> None:
    for note in notes:
        typer.echo(_plain(note.sentence(lang)), err=True)


# --- printing -------------------------------------------------------------------------------------
def _findings_table(findings: Iterable[Finding], lang: Lang) -> Table:
    table = Table(expand=False)
    for heading in ("行", "列", "原因") if lang == "zh" else ("row", "column", "reason"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        cells = (str(finding.row or ""), finding.column or "", finding.sentence(lang))
        table.add_row(*(Text(_plain(cell)) for cell in cells))
    return table


def _plain(text: str) -> str:
    """Text from a file without what would steer the terminal or turn its direction."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _error_console() -> Console:
    return Console(stderr=True)


def _say(lang: Lang, chinese: str, english: str, *, err: bool = False) -> None:
    typer.echo(chinese if lang == "zh" else english, err=err)
