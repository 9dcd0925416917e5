"""`gridfield batch …`: the loads so far, and undoing one."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from api import settings as configuration
from api import terminal
from api.runtime import open_database
from api.terminal import say
from gis.errors import Lang
from layers.arriving import batches
from layers.arriving.batches import Batch
from layers.registry import discover

batch_app = typer.Typer(
    no_args_is_help=True,
    help="导入批次：列出、查看、撤销 · Imports so far: list, show, undo.",
    epilog="例 · Example: gridfield batch undo 12",
)

Number = Annotated[int, typer.Argument(metavar="N", help="批次号 · the number of the import")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON")]

_HEADING = {
    "zh": ("批次", "时间", "图层", "文件", "导入人", "新增", "更新", "删除", "未导入", "撤销于"),
    "en": ("no.", "time", "layer", "file", "by", "new", "changed", "deleted", "refused", "undone"),
}


@batch_app.command("list", epilog="例 · Example: gridfield batch list --layer courtyards")
def list_batches(
    *,
    layer: Annotated[
        str | None, typer.Option(metavar="LAYER", help="只看一个图层 · of one layer only")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多几批 · at most so many")] = 50,
    as_json: AsJson = False,
) -> None:
    """列出导入批次，新的在前 · List the imports, the newest first."""
    settings = configuration.load()
    if layer is not None:
        discover().layer(layer)
    with open_database(settings) as database, database.read() as connection:
        found = batches.listing(connection, layer=layer, limit=limit)
    if as_json:
        typer.echo(json.dumps([_members(batch) for batch in found], ensure_ascii=False, indent=2))
        return
    rows = (_row(batch, settings.lang) for batch in found)
    terminal.show(_HEADING[settings.lang], rows, err=False)


@batch_app.command(epilog="例 · Example: gridfield batch show 12 --json")
def show(number: Number, *, as_json: AsJson = False) -> None:
    """查看一批导入 · Show one import."""
    settings = configuration.load()
    with open_database(settings) as database, database.read() as connection:
        batch = batches.get(connection, number)
    if as_json:
        typer.echo(json.dumps(_members(batch), ensure_ascii=False, indent=2))
        return
    told = _members(batch) | {"loaded_by": batch.loader(settings.lang)}
    belief = told.pop("belief")
    heading = ("项目", "内容") if settings.lang == "zh" else ("item", "value")
    terminal.show(heading, [*told.items(), *_told(belief)], err=False)


@batch_app.command(epilog="例 · Example: gridfield batch undo 12")
def undo(number: Number) -> None:
    """撤销一批导入，恢复原样 · Undo an import: everything is again as it was before."""
    settings = configuration.load()
    with open_database(settings) as database:
        batch = batches.undo(
            database, discover(), number, tolerance_m2=settings.coverage_tolerance_m2
        )
    _say_undone(batch, settings.lang)


def _say_undone(batch: Batch, lang: Lang) -> None:
    counts = (batch.number, batch.new, batch.changed, batch.deleted)
    say(
        lang,
        "已撤销第 {} 批：去掉新增的 {} 个，恢复更新的 {} 个和删除的 {} 个".format(*counts),
        "Undid import {}: {} new features are gone, {} changed and {} deleted ones are back".format(
            *counts
        ),
    )


def _members(batch: Batch) -> dict[str, Any]:
    undone = batch.undone_at and batch.undone_at.isoformat()
    return asdict(batch) | {"loaded_at": batch.loaded_at.isoformat(), "undone_at": undone}


def _row(batch: Batch, lang: Lang) -> tuple[object, ...]:
    undone = f"{batch.undone_at:%Y-%m-%d %H:%M}" if batch.undone_at else ""
    told = (batch.new, batch.changed, batch.deleted, batch.refused, undone)
    loaded_at, loader = f"{batch.loaded_at:%Y-%m-%d %H:%M}", batch.loader(lang)
    return (batch.number, loaded_at, batch.layer, batch.file, loader, *told)


def _told(belief: dict[str, Any]) -> list[tuple[str, object]]:
    return [(name, value) for name, value in belief.items() if value]
