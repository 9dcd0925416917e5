"""OGC API – Tiles: Mapbox vector tiles of one layer or of several in one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.caching import tagged
from api.context import Context
from api.deps import Ctx, LayerOf
from api.media import MVT, answers
from gis.errors import BAD_PARAMETER, NO_SUCH_PAGE, Lang, Problem
from layers import tiles
from layers.declare import Layer
from layers.tiles import MAX_ZOOM

router = APIRouter(tags=["Tiles"], default_response_class=Response)


class AskedTile(BaseModel):
    """What a tile of one layer takes."""

    model_config = ConfigDict(extra="forbid")

    f: Literal["mvt"] | None = Field(None, description="答复的形式 · The form of the answer.")
    lang: Lang | None = Field(None, description="消息的语言 · The language of messages.")


class AskedTiles(AskedTile):
    """What a tile of several layers takes."""

    collections: str | None = Field(
        None, description="图层名，用逗号隔开 · Layer names with commas; all when absent."
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
    request: Request, context: Ctx, place: PlaceOf, asked: Annotated[AskedTiles, Query()]
) -> Response:
    return await _tile(request, context, _chosen(context, asked.collections), place)


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}",
    summary="一个图层的瓦片 · A tile of one layer",
    responses=answers(MVT),
)
async def tile_of_one(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    place: PlaceOf,
    _: Annotated[AskedTile, Query()],
) -> Response:
    return await _tile(request, context, [layer], place)


def _chosen(context: Context, names: str | None) -> Sequence[Layer]:
    known = context.registry.layers
    if names is None:
        return tuple(known.values())
    wanted = dict.fromkeys(names.split(","))
    for name in wanted:
        if name not in known:
            raise Problem(
                BAD_PARAMETER,
                name="collections",
                reason=f"there is no layer {name}",
                reason_zh=f"没有图层 {name}",
            )
    return tuple(known[name] for name in wanted)


async def _tile(
    request: Request, context: Context, layers: Sequence[Layer], place: Place
) -> Response:
    # Threads of their own: behind the framework's, tiles would wait for imports and exports.
    body = await asyncio.get_running_loop().run_in_executor(
        context.tile_threads, _made, context, layers, place
    )
    if not body:
        return Response(status_code=204, headers={"cache-control": "no-cache"})
    return tagged(request, Response(body, media_type=MVT))


def _made(context: Context, layers: Sequence[Layer], place: Place) -> bytes:
    with context.database.read() as connection:
        return tiles.tile(connection, layers, place.z, x=place.col, y=place.row)
