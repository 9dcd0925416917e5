"""OGC API – Tiles: which tiles there are, for programs that find their own way."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import links
from api.context import Context
from api.deps import Ctx, MappedLayer, ReaderLang
from api.extent import union
from api.links import link
from api.media import JSON, MVT
from api.parameters import CRS84, Params, Past, Within
from gis.errors import Lang
from layers.declaring.words import Layer, Type
from layers.held.levels import is_counted
from layers.reading.features import BBox
from layers.serving import levels
from layers.serving.tiles import MAX_ZOOM

router = APIRouter(tags=["Tiles"])

NAME = "WebMercatorQuad"
SCHEME = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{NAME}"
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
_EDGE_M = 20037508.342789244
_TILE_PX = 256
# OGC 17-083r4 §6.2: scale denominators are for pixels of 0.28 mm.
_PIXEL_M = 0.00028
_TILEJSON_TYPES = {Type.INTEGER: "Number", Type.DECIMAL: "Number", Type.BOOLEAN: "Boolean"}
# What cells of several points have instead, in far tiles.
_OF_CELLS = {levels.WEIGHT: "Number", levels.SUMS: "String", levels.LACKING: "Number"}


class AskedTileset(BaseModel):
    """What a tile set takes."""

    model_config = ConfigDict(extra="forbid")

    f: Literal["json", "tilejson"] | None = Field(
        None, description="答复的形式 · The form of the answer."
    )
    lang: Lang | None = Field(
        None, description="标题和消息的语言 · The language of titles and messages."
    )
    on: Past = None
    place: Within = None

    @property
    def kept(self) -> dict[str, str]:
        """What the addresses of tiles take over."""
        told = {"on": self.on and self.on.isoformat(), "place": self.place}
        return {name: value for name, value in told.items() if value}


TilesetParams = Annotated[AskedTileset, Query()]


@router.get("/tiles", summary="全部图层的瓦片集 · The tile sets of all layers")
async def all_tilesets(request: Request, lang: ReaderLang, _: Params) -> JSONResponse:
    return _listed(request, "", _title(lang))


@router.get("/collections/{layer}/tiles", summary="一个图层的瓦片集 · The tile sets of one layer")
async def layer_tilesets(
    request: Request, layer: MappedLayer, lang: ReaderLang, _: Params
) -> JSONResponse:
    return _listed(request, f"/collections/{layer.name}", layer.label.of(lang))


@router.get(f"/tiles/{NAME}", summary="全部图层的瓦片 · The tiles of all layers")
def whole_tileset(
    request: Request, context: Ctx, lang: ReaderLang, asked: TilesetParams
) -> JSONResponse:
    layers = context.registry.mapped
    return _tileset(request, context, layers, _title(lang), asked)


@router.get(
    f"/collections/{{layer}}/tiles/{NAME}", summary="一个图层的瓦片 · The tiles of one layer"
)
def layer_tileset(
    request: Request, context: Ctx, layer: MappedLayer, lang: ReaderLang, asked: TilesetParams
) -> JSONResponse:
    return _tileset(request, context, [layer], layer.label.of(lang), asked)


@router.get("/tileMatrixSets", summary="切片方案 · The tilings")
async def matrix_sets(request: Request, _: Params) -> JSONResponse:
    own = link(request, f"/tileMatrixSets/{NAME}", "self", JSON)
    return JSONResponse({"tileMatrixSets": [{"id": NAME, "uri": SCHEME, "links": [own]}]})


@router.get(f"/tileMatrixSets/{NAME}", summary="网络地图的切片方案 · The tiling of the web's maps")
async def matrix_set(_: Params) -> JSONResponse:
    matrices = [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)]
    return JSONResponse({"id": NAME, "uri": SCHEME, "crs": CRS, "tileMatrices": matrices})


def _title(lang: Lang) -> str:
    return "全部图层" if lang == "zh" else "All layers"


def _listed(request: Request, prefix: str, title: str) -> JSONResponse:
    own = link(request, f"{prefix}/tiles/{NAME}", "self", JSON)
    tileset = {**_head(title), "links": [own]}
    return JSONResponse({"links": links.self_links(request, JSON)[:1], "tilesets": [tileset]})


def _head(title: str) -> dict[str, Any]:
    return {"title": title, "dataType": "vector", "crs": CRS, "tileMatrixSetURI": SCHEME}


def _tileset(
    request: Request,
    context: Context,
    layers: Sequence[Layer],
    title: str,
    asked: AskedTileset,
) -> JSONResponse:
    path = request.url.path
    summaries = context.summaries(layers, on=asked.on, within=asked.place)
    bounds = union(found.bounds for found in summaries.values())
    query = f"?{urlencode(asked.kept)}" if asked.kept else ""
    if asked.f == "tilejson":
        tiles = links.address(request, f"{path}/{{z}}/{{y}}/{{x}}{query}")
        return JSONResponse(_tilejson(layers, title, tiles, bounds))
    template = link(request, f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{query}", "item", MVT)
    found = _head(title) | {
        "layers": [{"id": layer.name, "dataType": "vector"} for layer in layers],
        "links": [
            link(request, f"{path}{query}", "self", JSON),
            link(
                request, f"{path}?{urlencode({'f': 'tilejson', **asked.kept})}", "describedby", JSON
            ),
            link(request, f"/tileMatrixSets/{NAME}", links.TILING_SCHEME, JSON),
            {**template, "templated": True},
        ],
    }
    if bounds:
        west, south, east, north = bounds
        corners = {"lowerLeft": [west, south], "upperRight": [east, north]}
        found["boundingBox"] = {**corners, "crs": CRS84}
    return JSONResponse(found)


def _tilejson(
    layers: Sequence[Layer], title: str, tiles: str, bounds: BBox | None
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": title,
        "tiles": [tiles],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "vector_layers": [_vector_layer(layer) for layer in layers],
    }
    return found | {"bounds": bounds} if bounds else found


def _vector_layer(layer: Layer) -> dict[str, Any]:
    fields = {name: _tilejson_type(layer, name) for name in layer.tile_fields}
    if is_counted(layer):
        fields |= _OF_CELLS
    return {"id": layer.name, "minzoom": layer.style.min_zoom, "fields": fields}


def _tilejson_type(layer: Layer, name: str) -> str:
    return _TILEJSON_TYPES.get(layer.field(name).type, "String")


def _matrix(zoom: int) -> dict[str, Any]:
    size_m = 2 * _EDGE_M / (_TILE_PX << zoom)
    return {
        "id": str(zoom),
        "scaleDenominator": size_m / _PIXEL_M,
        "cellSize": size_m,
        "pointOfOrigin": [-_EDGE_M, _EDGE_M],
        "tileWidth": _TILE_PX,
        "tileHeight": _TILE_PX,
        "matrixWidth": 1 << zoom,
        "matrixHeight": 1 << zoom,
    }
