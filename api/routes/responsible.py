"""Who answers for this ground: one point, or many at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import answers as answering
from api import bodies
from api.bodies import GeoJSONBody
from api.context import Context
from api.days import Day
from api.deps import ActorOf, Ctx, ReaderLang
from api.media import GEOJSON, JSON, answers
from api.members.duties import readings
from gis.datum import Datum
from gis.errors import Lang
from layers.declaring.people import Actor
from layers.here import responsibility
from layers.here.responsibility import Answer
from layers.reading import reading_log

router = APIRouter(tags=["Responsibility"], default_response_class=Response)

MAX_POINTS = 10_000


class AskedDay(BaseModel):
    """What both questions take."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    on: Day | None = Field(None, description="哪一天，默认今天 · On which day; today unless told.")
    # Not the enumeration itself: the OpenAPI document would keep it apart from the parameter.
    datum: Literal["wgs84", "gcj02", "bd09"] = Field(
        "wgs84", description="坐标的基准 · What the coordinates refer to."
    )
    lang: Lang | None = Field(None, description="语句的语言 · The language of the sentence.")


class AskedPoint(AskedDay):
    """A place in longitude and latitude."""

    lon: float = Field(ge=-180, le=180, description="经度 · Longitude in degrees.")
    lat: float = Field(ge=-90, le=90, description="纬度 · Latitude in degrees.")


@router.get(
    "/responsible", summary="这里由谁负责 · Who answers for a point", responses=answers(JSON)
)
def responsible(
    context: Ctx, actor: ActorOf, lang: ReaderLang, asked: Annotated[AskedPoint, Query()]
) -> Response:
    ((lon, lat),) = answering.in_wgs84([(asked.lon, asked.lat)], Datum(asked.datum))
    answer = responsibility.at_once(context.database, lon, lat, on=asked.on, actor=actor)
    _note(context, [answer])
    found = answering.members(answer, lang)
    return JSONResponse({"lon": asked.lon, "lat": asked.lat, **found})


@router.post(
    "/responsible",
    summary="多个点各由谁负责 · Who answers for each of many points",
    responses=answers(GEOJSON),
    openapi_extra=bodies.documented(bodies.FEATURE_TYPES),
)
def responsible_for_many(
    context: Ctx,
    actor: ActorOf,
    lang: ReaderLang,
    body: GeoJSONBody,
    asked: Annotated[AskedDay, Query()],
) -> Response:
    points = _points(bodies.geojson(body, "FeatureCollection"))
    found = _answers(context, actor, asked, [(lon, lat) for _, lon, lat in points])
    answered = [
        {**feature, "properties": answering.members(answer, lang)}
        for (feature, _, _), answer in zip(points, found, strict=True)
    ]
    return JSONResponse({"type": "FeatureCollection", "features": answered}, media_type=GEOJSON)


def _answers(
    context: Context, actor: Actor, asked: AskedDay, lonlats: Sequence[tuple[float, float]]
) -> list[Answer]:
    points = answering.in_wgs84(lonlats, Datum(asked.datum))
    with context.database.read() as connection:
        found = list(responsibility.at_each(connection, points, on=asked.on, actor=actor))
    _note(context, found)
    return found


def _note(context: Context, found: Iterable[Answer]) -> None:
    """What is about to be told of people is written down before it is."""
    told = (term.person for answer in found for term in answer.duties)
    reading_log.note(context.database, readings("responsible", told, "json"))


def _points(collection: Mapping[str, Any]) -> list[tuple[dict[str, Any], float, float]]:
    features = collection.get("features")
    if not isinstance(features, list) or len(features) > MAX_POINTS:
        raise bodies.unreadable(
            f"features must be a list of at most {MAX_POINTS}",
            f"features 应为列表，最多 {MAX_POINTS} 个",
        )
    return [_point(feature, number) for number, feature in enumerate(features, start=1)]


def _point(feature: object, number: int) -> tuple[dict[str, Any], float, float]:
    match feature:
        case {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [int() | float() as lon, int() | float() as lat, *_],
            } as geometry,
            **rest,
        } if -180 <= lon <= 180 and -90 <= lat <= 90:
            kept = {"id": rest["id"]} if "id" in rest else {}
            return {"type": "Feature", **kept, "geometry": geometry}, float(lon), float(lat)
    raise bodies.unreadable(
        f"feature {number} is no point in longitude and latitude",
        f"第 {number} 个要素不是经纬度点",
    )
