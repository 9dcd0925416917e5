"""`gridfield check`: what is wrong with a layer that covers ground, and mending it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from api import settings as configuration
from api.members.checks import members
from api.runtime import open_database
from api.terminal import say, show
from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.words import Layer
from layers.ground import topology
from layers.ground.topology import Found, Inspection
from layers.refusals.imports import FILE_UNWRITABLE
from layers.registry import Registry, discover
from maps.faults import label
from maps.words.wording import words

_ALL = "fields"
_HEADING = {
    "zh": ("编号", "种类", "级别", "面积 m²", "位置", "要素", "建议"),
    "en": ("id", "kind", "severity", "area m²", "place", "features", "suggestion"),
}
_FEATURES_SHOWN = 5


def check(
    layer: Annotated[
        str, typer.Argument(metavar="fields", help="fields，或图层名 · fields, or a layer's name")
    ],
    *,
    division: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="只查这个区划及其下级 · this division and all below"),
    ] = None,
    fixes: Annotated[
        list[str] | None,
        typer.Option(
            "--fix", metavar="ID", help="按建议修补这一处，可重复 · mend this one as suggested"
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="带地图的报告 · a report with a map", dir_okay=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """检查空隙、重叠、出界、无人负责和编码 · Find gaps, overlaps and all else that is wrong.

    有错误时退出码为 1；--fix 只执行点名的建议，然后重新检查 · Exit code 1 when there are errors;
    --fix applies the suggestions named, and no others, before the check.

    例 · Example: gridfield check fields --division 630102007000 --report 检查.html
    """
    settings = configuration.load()
    registry, lang = discover(), settings.lang
    chosen, tolerance_m2 = _layer(registry, layer), settings.coverage_tolerance_m2
    with open_database(settings) as database:
        mended = topology.fix(
            database, registry, chosen, fixes or [], division=division, tolerance_m2=tolerance_m2
        )
        with database.read() as connection:
            found = topology.inspect(
                connection, registry, chosen, division=division, tolerance_m2=tolerance_m2
            )
    if report is not None:
        _write(report, found, lang)
    if as_json:
        fixed = [one.id for one in mended]
        typer.echo(json.dumps(members(found, lang) | {"fixed": fixed}, ensure_ascii=False))
    else:
        _show(found, mended, lang)
    raise typer.Exit(1 if found.errors else 0)


def _layer(registry: Registry, name: str) -> Layer:
    """The layer of that name; `fields` is whichever covers ground, as long as only one does."""
    covering = [one for one in registry.layers.values() if one.partition]
    if name != _ALL:
        return registry.layer(name)
    if len(covering) != 1:
        names = ", ".join(one.name for one in covering)
        raise Problem(
            BAD_PARAMETER,
            name=_ALL,
            reason=f"name one of these layers: {names}",
            reason_zh=f"请写明图层：{names}",
        )
    return covering[0]


def _write(path: Path, inspection: Inspection, lang: Lang) -> None:
    from maps.report_file import topology_report  # noqa: PLC0415  Folium takes a second

    try:
        path.write_text(topology_report(inspection, lang), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Problem(FILE_UNWRITABLE, name=path.name, reason=reason) from None


# --- what is said ---------------------------------------------------------------------------------
def _show(inspection: Inspection, mended: Sequence[Found], lang: Lang) -> None:
    for one in mended:
        done = one.suggestion.sentence(lang) if one.suggestion else ""
        say(lang, f"已修补 {one.id}：{done}", f"Mended {one.id}: {done}")
    if inspection.found:
        show(_HEADING[lang], _rows(inspection, lang), err=False)
    name, checked = inspection.layer.label.of(lang), inspection.features
    count, errors = len(inspection.found), inspection.errors
    if count:
        chinese = f"{name}：检查了 {checked} 块，{count} 处问题，其中 {errors} 处是错误"
        english = f"{name}: {checked} checked, {count} faults, {errors} of them errors"
    else:
        chinese = f"{name}：检查了 {checked} 块，没有空隙，没有重叠"
        english = f"{name}: {checked} checked, no gap and no overlap"
    say(lang, chinese, english)


def _rows(inspection: Inspection, lang: Lang) -> Iterator[Sequence[object]]:
    said = words("topology", lang)
    for one in inspection.found:
        ground = one.finding.geometry
        point = None if ground is None else ground.point_on_surface()
        named = [feature.label for feature in one.features]
        more = len(named) - _FEATURES_SHOWN
        yield (
            one.id,
            label(one.finding.rule, lang),
            said[one.severity.value],
            "" if one.area_m2 is None else f"{one.area_m2:.2f}",
            "" if point is None else f"{point.x:.6f} {point.y:.6f}",
            ", ".join(named[:_FEATURES_SHOWN]) + (f" … +{more}" if more > 0 else ""),
            one.suggestion.sentence(lang) if one.suggestion else one.finding.suggestion(lang),
        )
