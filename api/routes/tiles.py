"""OGC API – Tiles: Mapbox vector tiles of one layer or of several in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.deps import Ctx, MappedLayer, mapped
from api.filters import Filters, read
from api.media import MVT, answers
from api.parameters import Past, Waiting, Within
from api.refusals import NO_SUCH_PAGE
from api.tile_answers import answered
from api.tile_shelf import Meant
from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.words import Layer
from layers.serving.tiles import MAX_ZOOM

router = APIRouter(tags=["Tiles"], default_response_class=Response)


class AskedTile(BaseModel):
    """What a tile of one layer takes."""

    model_config = ConfigDict(extra="forbid")

    f: Literal["mvt"] | None = Field(None, description="答复的形式 · The form of the answer.")
    lang: Lang | None = Field(None, description="消息的语言 · The language of messages.")
    on: Past = None
    place: Within = None
    filter: Filters


class AskedTiles(AskedTile):
    """What a tile of several layers takes."""

    collections: str | None = Field(
        None, description="图层名，用逗号隔开 · Layer names with commas; all when absent."
    )
    theme: str | None = Field(
        None, max_length=40, description="按这张图的画法 · With what this map draws them by."
    )
    waiting: Waiting = None
    by: str | None = Field(
        None, max_length=40, description="这张图的着色依据 · What that map is coloured by."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """One tile of the pyramid, counted from the north-west."""

    z: int
    row: int
    col: int


async def _place(request: Request, z: int, row: int, col: int) -> Place:
    if not (0 <= z <= MAX_ZOOM and 0 <= row < 2**z and 0 <= col < 2**z):
        raise Problem(NO_SUCH_PAGE, path=request.url.path)
    return Place(z, row, col)


PlaceOf = Annotated[Place, Depends(_place)]


@router.get(
    "/tiles/WebMercatorQuad/{z}/{row}/{col}",
    summary="多个图层的瓦片 · A tile of several layers",
    responses=answers(MVT),
)
async def tile_of_many(
    request: Request,
    context: Ctx,
    place: PlaceOf,
    asked: Annotated[AskedTiles, Query()],
) -> Response:
    return await _tile(request, context, _chosen(context, asked), place, asked)


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}",
    summary="一个图层的瓦片 · A tile of one layer",
    responses=answers(MVT),
)
async def tile_of_one(
    request: Request,
    context: Ctx,
    layer: MappedLayer,
    place: PlaceOf,
    asked: Annotated[AskedTile, Query()],
) -> Response:
    return await _tile(request, context, [layer], place, asked)


def _chosen(context: Context, asked: AskedTiles) -> Sequence[Layer]:
    registry = context.registry
    known = {layer.name: layer for layer in registry.mapped}
    if asked.theme is not None:
        drawn = registry.drawn(registry.theme(asked.theme, asked.by))
        known |= {layer.name: layer for layer in drawn}
    if asked.collections is None:
        return tuple(known.values())
    wanted = dict.fromkeys(asked.collections.split(","))
    for name in wanted:
        if name in registry.layers:
            mapped(registry.layers[name])
        if name not in known:
            raise Problem(
                BAD_PARAMETER,
                name="collections",
                reason=f"there is no layer {name}",
                reason_zh=f"没有图层 {name}",
            )
    return tuple(known[name] for name in wanted)


async def _tile(
    request: Request, context: Context, layers: Sequence[Layer], place: Place, asked: AskedTile
) -> Response:
    at = asked.waiting if isinstance(asked, AskedTiles) else None
    filters = read(layers, asked.filter)
    meant = Meant(request.scope["route"], tuple(layers), asked.on, asked.place, at, filters)
    context.tiles.understood.put(request.scope, meant)
    return await answered(context, meant, (place.z, place.col, place.row), request)
