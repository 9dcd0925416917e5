"""What was logged already and is likely the same, asked before a record is sent."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from api.answers import in_wgs84
from api.deps import Ctx
from api.media import JSON, answers
from api.parameters import AskedPlainly
from gis.datum import Datum
from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers.alike import near
from layers.alike.near import Spot
from layers.declaring.words import Layer

router = APIRouter(tags=["Field"], default_response_class=Response)

_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


class AskedNear(AskedPlainly):
    """A record that is still to be sent."""

    layer: str = Field(description="图层 · The layer that it is for.")
    lon: float = Field(
        ge=-180, le=180, allow_inf_nan=False, description="经度 · Longitude in degrees."
    )
    lat: float = Field(
        ge=-90, le=90, allow_inf_nan=False, description="纬度 · Latitude in degrees."
    )
    at: AwareDatetime | None = Field(
        None,
        ge=_FIRST,
        le=_LAST,
        description="采集时间，默认现在 · When it was captured; now unless told.",
    )
    kind: str | None = Field(
        None,
        description="事项等类别的值 · The value of the field that says what kind of thing it is.",
    )
    datum: Literal["wgs84", "gcj02", "bd09"] = Field(
        "wgs84", description="坐标的基准 · What the coordinates refer to."
    )


@router.get(
    "/field/near",
    summary="可能已有人上报的同一件事 · What is likely the same and was logged already",
    responses=answers(JSON),
)
def likely_the_same(context: Ctx, asked: Annotated[AskedNear, Query()]) -> Response:
    layer = context.registry.layer(asked.layer)
    kind = _kind(layer, asked.kind)
    ((lon, lat),) = in_wgs84([(asked.lon, asked.lat)], Datum(asked.datum))
    spot = Spot(lon, lat, asked.at or datetime.now(UTC), kind)
    with context.database.read() as connection:
        found = near.likely(connection, layer, spot, context.reach(layer))
    context.note("near", layer, len(found), "json")
    return JSONResponse({"near": [each.members() for each in found]})


def _kind(layer: Layer, told: str | None) -> str | None:
    """The kind of thing, where the layer has kinds; Problem(BAD_PARAMETER)."""
    if layer.logged is None:
        raise _wrong("layer", "nothing is logged there on the spot", "这个图层不在现场上报")
    if layer.logged.kind is None:
        return None
    known = [choice.value for choice in layer.field(layer.logged.kind).choices]
    if told not in known:
        raise _wrong("kind", "it is no kind of this layer", "不是该图层的类别")
    return told


def _wrong(name: str, reason: str, reason_zh: str) -> Problem:
    return Problem(BAD_PARAMETER, name=name, reason=reason, reason_zh=reason_zh)
