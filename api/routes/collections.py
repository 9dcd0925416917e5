"""OGC API – Features: which layers there are and which fields they have."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api import links, schemas
from api.deps import Ctx, LayerOf, ReaderLang
from api.links import Link, link
from api.media import GEOJSON, HTML, JSON, SCHEMA, answers
from api.negotiation import wants_html
from api.pages import html, visit_of
from api.parameters import CRS84, Params
from gis.errors import Lang
from layers.declaring.words import Layer
from layers.leaving.exporting import formats
from layers.serving.summaries import Summary
from maps.pages import beside as pages

router = APIRouter(tags=["Collections"], default_response_class=Response)


@router.get("/collections", summary="图层 · The layers", responses=answers(JSON, HTML))
def collections(request: Request, context: Ctx, lang: ReaderLang, _: Params) -> Response:
    registry = context.registry
    summaries = context.summaries(registry.layers.values())
    if wants_html(request):
        counts = {name: found.count for name, found in summaries.items()}
        return html(request, pages.collections(registry, lang, counts, visit=visit_of(request)))
    described = [
        _described(request, layer, summaries[layer.name], lang)
        for layer in registry.layers.values()
    ]
    return JSONResponse({"links": links.self_links(request, JSON), "collections": described})


@router.get("/collections/{layer}", summary="一个图层 · One layer", responses=answers(JSON, HTML))
def collection(
    request: Request, context: Ctx, layer: LayerOf, lang: ReaderLang, _: Params
) -> Response:
    found = context.summaries([layer])[layer.name]
    if wants_html(request):
        return html(request, pages.collection(layer, lang, found, visit=visit_of(request)))
    own = links.self_links(request, JSON)
    described = _described(request, layer, found, lang)
    return JSONResponse(described | {"links": [*own, *_links(request, layer, lang)]})


@router.get(
    "/collections/{layer}/queryables",
    summary="可筛选的字段 · The fields that a filter may name",
    responses=answers(SCHEMA, HTML),
)
def queryables(request: Request, layer: LayerOf, lang: ReaderLang, _: Params) -> Response:
    if wants_html(request):
        return html(request, pages.queryables(layer, lang, visit=visit_of(request)))
    address = links.address(request, f"/collections/{layer.name}/queryables")
    return JSONResponse(schemas.queryables(layer, lang, address), media_type=SCHEMA)


@router.get(
    "/collections/{layer}/schema",
    summary="要素的字段 · The fields of a feature",
    responses=answers(SCHEMA),
)
def schema(request: Request, layer: LayerOf, lang: ReaderLang, _: Params) -> Response:
    address = links.address(request, f"/collections/{layer.name}/schema")
    return JSONResponse(schemas.schema(layer, lang, address), media_type=SCHEMA)


def _described(request: Request, layer: Layer, found: Summary, lang: Lang) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": layer.name,
        "title": layer.label.of(lang),
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            link(request, f"/collections/{layer.name}", "self", JSON),
            *_links(request, layer, lang),
        ],
    }
    if found.bounds is not None:
        described["extent"] = {"spatial": {"bbox": [found.bounds], "crs": CRS84}}
    return described


def _links(request: Request, layer: Layer, lang: Lang) -> list[Link]:
    path, title = f"/collections/{layer.name}", layer.label.of(lang)
    return [
        link(request, f"{path}/items", "items", GEOJSON, title),
        link(request, f"{path}/items?f=html", "items", HTML, title),
        link(request, f"{path}/queryables", links.QUERYABLES, SCHEMA),
        link(request, f"{path}/schema", "describedby", SCHEMA),
        *([link(request, f"{path}/tiles", links.VECTOR_TILES, JSON)] if layer.has_shape else []),
        *(
            link(request, f"{path}/export?f={name}", "enclosure", form.media_type, name)
            for name, form in formats(layer).items()
        ),
    ]
