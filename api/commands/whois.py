"""`gridfield whois`: who answers for a place, or for each of many."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import shapely
import typer

from api import answers, terminal
from api import settings as configuration
from api.answers import in_wgs84
from api.days import day
from api.members.duties import readings
from api.runtime import open_database
from gis import files
from gis.belief import Hints
from gis.datum import Datum
from gis.errors import Lang, Problem
from gis.postgis import Database
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.people import SYSTEM
from layers.here import responsibility
from layers.here.responsibility import Answer
from layers.reading import reading_log

_AT_ONCE = 10_000
_PEOPLE = {
    "zh": ("职责", "对象", "姓名", "职务", "单位", "电话"),
    "en": ("role", "feature", "name", "post", "unit", "phone"),
}
_MANY = {
    "zh": ("行", "经度", "纬度", "情况", "网格", "网格长", "路段", "联点领导", "相距 m", "存疑"),
    "en": ("row", "lon", "lat", "status", "field", "leader", "road", "liaison", "m", "doubts"),
}
LonLat = tuple[float, float]


def whois(
    lon: Annotated[
        float | None, typer.Argument(min=-180, max=180, metavar="{lon}", help="经度 · longitude")
    ] = None,
    lat: Annotated[
        float | None, typer.Argument(min=-90, max=90, metavar="{lat}", help="纬度 · latitude")
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="POINTS",
            dir_okay=False,
            help="一份点位文件 · a file of points (GeoJSON, CSV …)",
        ),
    ] = None,
    datum: Annotated[
        Datum, typer.Option(help="坐标的基准 · what the coordinates refer to")
    ] = Datum.WGS84,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="哪一天，默认今天 · on which day")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """这里由谁负责，怎么联系 · Who answers for this place, and how to reach them.

    例 · Example: gridfield whois 101.83 36.62 --datum gcj02 --on 2026-05-01

    例 · Example: gridfield whois --file 点位.csv --json
    """
    settings = configuration.load()
    when = None if on is None else day(on)
    points = _points(lon, lat, file, datum)
    with open_database(settings) as database:
        if file is None:
            _tell(next(_answers(database, points, when)), settings.lang, as_json=as_json)
        elif as_json:
            for text in _collection(database, points, when, settings.lang):
                typer.echo(text, nl=False)
        else:
            rows = _rows(database, points, when, settings.lang)
            terminal.show(_MANY[settings.lang], rows, err=False)


def _points(
    lon: float | None, lat: float | None, file: Path | None, datum: Datum
) -> Sequence[LonLat]:
    if file is not None and lon is None:
        return _from_file(file, datum)
    if lon is None or lat is None or file is not None:
        raise Problem(
            BAD_PARAMETER,
            name="lon lat",
            reason="give a longitude and a latitude, or --file",
            reason_zh="请给出经度和纬度，或 --file",
        )
    return in_wgs84([(lon, lat)], datum)


def _from_file(file: Path, datum: Datum) -> Sequence[LonLat]:
    hints = Hints(datum=None if datum is Datum.WGS84 else datum)
    shapes = files.read(file, hints=hints).frame.geometry.to_numpy()
    kinds = shapely.get_type_id(shapes)
    for n, kind in enumerate(kinds.tolist(), start=1):
        if kind != shapely.GeometryType.POINT or shapes[n - 1].is_empty:
            raise Problem(
                BAD_PARAMETER,
                name="file",
                reason=f"row {n} is no point",
                reason_zh=f"第 {n} 行不是点",
            )
    found: list[LonLat] = [(x, y) for x, y in shapely.get_coordinates(shapes).tolist()]
    return found


def _answers(database: Database, points: Sequence[LonLat], on: date | None) -> Iterator[Answer]:
    """What is known of the points; what is told of people is written down before it is."""
    with database.read() as connection:
        found = responsibility.at_each(connection, points, on=on, actor=SYSTEM)
    while part := list(islice(found, _AT_ONCE)):
        told = (term.person for answer in part for term in answer.duties)
        reading_log.note(database, readings("gridfield whois", told, "text"))
        yield from part


# --- one place ------------------------------------------------------------------------------------
def _tell(answer: Answer, lang: Lang, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answers.members(answer, lang), ensure_ascii=False))
        return
    terminal.say(lang, answers.sentence(answer, lang), answers.sentence(answer, lang))
    people = list(answers.lines(answer, lang))
    if people:
        terminal.show(_PEOPLE[lang], people, err=False)
    for doubt in answer.doubts:
        terminal.say(lang, f"注意：{doubt.sentence('zh')}", f"Note: {doubt.sentence('en')}")


# --- many -----------------------------------------------------------------------------------------
def _collection(
    database: Database, points: Sequence[LonLat], on: date | None, lang: Lang
) -> Iterator[str]:
    """A GeoJSON FeatureCollection, a feature a line."""
    yield '{"type":"FeatureCollection","features":[\n'
    for n, (point, answer) in enumerate(
        zip(points, _answers(database, points, on), strict=True), start=1
    ):
        feature: dict[str, Any] = {
            "type": "Feature",
            "id": n,
            "geometry": {"type": "Point", "coordinates": [round(part, 7) for part in point]},
            "properties": answers.members(answer, lang),
        }
        yield ("" if n == 1 else ",\n") + json.dumps(feature, ensure_ascii=False)
    yield "\n]}\n"


def _rows(
    database: Database, points: Sequence[LonLat], on: date | None, lang: Lang
) -> Iterator[Sequence[object]]:
    for n, ((lon, lat), answer) in enumerate(
        zip(points, _answers(database, points, on), strict=True), start=1
    ):
        road = answer.road or {}
        yield (
            n,
            f"{lon:.6f}",
            f"{lat:.6f}",
            answer.status,
            "、".join(str(field["name"]) for field in answer.fields),
            "、".join(str(field["leader"] or "-") for field in answer.fields),
            road.get("name"),
            road.get("liaison_leader"),
            road.get("distance_m"),
            "；".join(doubt.sentence(lang) for doubt in answer.doubts),
        )
