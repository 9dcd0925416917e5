"""`gridfield layers` and `gridfield export`."""

import json
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api import settings as configuration
from api import terminal
from api.days import day
from api.excerpts import excerpt
from api.runtime import open_database
from gis.errors import Lang
from gis.postgis import Database
from layers.declaring.words import Field, Layer
from layers.leaving import exporting
from layers.leaving.exporting import FORMATS
from layers.reading import reading_log
from layers.reading.features import Excerpt
from layers.reading.masking import personal
from layers.reading.past import past_day
from layers.reading.reading_log import Reading
from layers.registry import discover

_ENDINGS = " ".join(form.ending for form in FORMATS.values())


class Profile(StrEnum):
    """For whom a file is."""

    INTERNAL = "internal"
    PUBLIC = "public"


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


def export(
    layer: LayerName,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=f"格式看后缀 · format by ending: {_ENDINGS}")
    ],
    bbox: Annotated[
        str | None,
        typer.Option(metavar="W,S,E,N", help="经纬度范围 · only what meets this box, degrees"),
    ] = None,
    *,
    where: Annotated[
        str | None, typer.Option(metavar="CQL2", help="条件 · only what fulfils this condition")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="那一天结束时的情况 · as it was on that day")
    ] = None,
    profile: Annotated[
        Profile,
        typer.Option(help="public：不含个人信息和地址 · without personal values and addresses"),
    ] = Profile.INTERNAL,
) -> None:
    """把一个图层写成文件 · Write a layer to a file.

    例 · Example: gridfield export grid_fields 网格.gpkg --bbox 101.80,36.60,101.84,36.64
    """
    settings = configuration.load()
    found = discover().layer(layer)
    # What is wrongly asked for need not wait for the database.
    format_name = exporting.format_named(file.name)
    exporting.form(format_name, found)
    wanted = excerpt(
        found,
        bbox=bbox,
        condition=where,
        on=None if on is None else day(on),
        public=profile is Profile.PUBLIC,
    )
    with open_database(settings) as database:
        with database.read() as connection:
            wanted = replace(wanted, on=past_day(connection, wanted.on))
        if personal(found) and not wanted.public:
            _note(database, found, wanted, format_name)
        notes = exporting.write(database, found, file, wanted)
    if notes:
        terminal.show_findings(notes, settings.lang)
    terminal.say(settings.lang, f"已写入 {file.name}", f"Wrote {file.name}")


def _note(database: Database, layer: Layer, wanted: Excerpt, format_name: str) -> None:
    rows = exporting.count(database, layer, wanted)
    readings = [Reading("gridfield export", layer.name, rows, format_name)] if rows else []
    reading_log.note(database, readings)


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
