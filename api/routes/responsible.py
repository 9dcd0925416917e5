"""Who answers for this ground: one point, or many at once."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from api import bodies
from api.answers import sentence
from api.bodies import GeoJSONBody
from api.deps import Ctx, ReaderLang
from api.media import GEOJSON, JSON, answers
from api.parameters import Params
from gis.errors import Lang
from layers import responsibility

router = APIRouter(tags=["Responsibility"], default_response_class=Response)

MAX_POINTS = 10_000


class AskedPoint(BaseModel):
    """A place in longitude and latitude (WGS 84)."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lon: float = Field(ge=-180, le=180, description="经度 · Longitude in degrees (WGS 84).")
    lat: float = Field(ge=-90, le=90, description="纬度 · Latitude in degrees (WGS 84).")
    lang: Lang | None = Field(None, description="语句的语言 · The language of the sentence.")


@router.get(
    "/responsible", summary="这里由谁负责 · Who answers for a point", responses=answers(JSON)
)
def responsible(context: Ctx, lang: ReaderLang, asked: Annotated[AskedPoint, Query()]) -> Response:
    with context.database.read() as connection:
        found = _answer(connection, asked.lon, asked.lat, lang)
    return JSONResponse({"lon": asked.lon, "lat": asked.lat, **found})


@router.post(
    "/responsible",
    summary="多个点各由谁负责 · Who answers for each of many points",
    responses=answers(GEOJSON),
    openapi_extra=bodies.documented(bodies.FEATURE_TYPES),
)
def responsible_for_many(context: Ctx, lang: ReaderLang, body: GeoJSONBody, _: Params) -> Response:
    asked = _points(bodies.geojson(body, "FeatureCollection"))
    with context.database.read() as connection:
        answered = [
            {**feature, "properties": _answer(connection, lon, lat, lang)}
            for feature, lon, lat in asked
        ]
    return JSONResponse({"type": "FeatureCollection", "features": answered}, media_type=GEOJSON)


def _answer(connection: Connection, lon: float, lat: float, lang: Lang) -> dict[str, Any]:
    answer = responsibility.at(connection, lon, lat)
    found: dict[str, Any] = jsonable_encoder(asdict(answer))
    return {**found, "message": sentence(answer, lang)}


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
