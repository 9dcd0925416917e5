"""OGC API – Features, part 4: create, replace, update, delete.

Each change is committed before its answer is made, so a failing commit cannot answer 2xx.
"""

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from api import bodies, edits
from api.bodies import GeoJSONBody, MergePatchBody
from api.caching import allowed, etag_of
from api.context import Context
from api.deps import Ctx, FeatureId, LayerOf, needs
from api.links import address
from api.media import GEOJSON, answers
from api.parameters import Params
from api.refusals import CHANGED_MEANWHILE
from api.routes.items import feature_response
from gis.errors import Problem
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.ground import gate
from layers.reading import features

router = APIRouter(
    tags=["Editing"], default_response_class=Response, dependencies=[needs(Right.EDIT)]
)


@router.post(
    "/collections/{layer}/items",
    status_code=201,
    summary="新增要素 · Add a feature",
    responses=answers(GEOJSON, status=201),
    openapi_extra=bodies.documented(bodies.FEATURE_TYPES),
)
def create(
    request: Request, context: Ctx, layer: LayerOf, body: GeoJSONBody, _: Params
) -> Response:
    put = edits.put(layer, bodies.geojson(body, "Feature"))
    with context.database.begin() as connection:
        feature_id, text = _stored(context, connection, layer, put)
    response = _answer(request, layer, feature_id, text, status=201)
    path = f"/collections/{layer.name}/items/{feature_id}"
    response.headers["location"] = address(request, path)
    return response


@router.put(
    "/collections/{layer}/items/{feature_id}",
    summary="替换要素 · Replace a feature",
    responses=answers(GEOJSON),
    openapi_extra=bodies.documented(bodies.FEATURE_TYPES),
)
def replace(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    body: GeoJSONBody,
    _: Params,
) -> Response:
    put = edits.put(layer, bodies.geojson(body, "Feature"), feature_id)
    with context.database.begin() as connection:
        _held(request, connection, layer, feature_id)
        feature_id, text = _stored(context, connection, layer, put)
    return _answer(request, layer, feature_id, text)


@router.patch(
    "/collections/{layer}/items/{feature_id}",
    summary="修改要素的部分内容 · Change some members of a feature (RFC 7396)",
    responses=answers(GEOJSON),
    openapi_extra=bodies.documented(bodies.PATCH_TYPES),
)
def update(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    body: MergePatchBody,
    _: Params,
) -> Response:
    patch = bodies.json_object(body)
    with context.database.begin() as connection:
        held = bodies.json_object(_held(request, connection, layer, feature_id).encode())
        put = edits.put(layer, bodies.merged(held, patch), feature_id)
        feature_id, text = _stored(context, connection, layer, put)
    context.note("edit", layer, 1, "geojson")  # whoever sent a part is told the whole
    return _answer(request, layer, feature_id, text)


@router.delete(
    "/collections/{layer}/items/{feature_id}",
    status_code=204,
    summary="删除要素 · Remove a feature",
)
def delete(
    request: Request, context: Ctx, layer: LayerOf, feature_id: FeatureId, _: Params
) -> Response:
    with context.database.begin() as connection:
        _held(request, connection, layer, feature_id)
        _applied(context, connection, layer, Changes(deletes=[feature_id]))
    return Response(status_code=204)


@router.post(
    "/collections/{layer}/changes",
    summary="一次修改几个要素，全有或全无 · Change several features at once, all or none",
    description=(
        "一个 GeoJSON FeatureCollection：有 id 的要素替换原有的，没有的新增；`delete` 列出要删除的"
        "编号，也可写成 `{id, ifMatch}`；要素可带 `ifMatch`(ETag)。 · A GeoJSON FeatureCollection: "
        "features with an id replace, those without are added; `delete` lists what to remove, each "
        "an id or `{id, ifMatch}`; a feature may have an ETag as `ifMatch`."
    ),
    responses=answers(GEOJSON),
    openapi_extra=bodies.documented(bodies.FEATURE_TYPES),
)
def change(context: Ctx, layer: LayerOf, body: GeoJSONBody, _: Params) -> Response:
    asked = edits.several(layer, bodies.geojson(body, "FeatureCollection"))
    with context.database.begin() as connection:
        gate.lock(connection, layer)
        for feature_id in sorted(asked.touched):  # in one order, so that no two wait in a ring
            etag = etag_of(features.hold(connection, layer, feature_id).encode())
            if asked.etags.get(feature_id, etag) != etag:
                raise Problem(CHANGED_MEANWHILE, layer=layer.name, id=feature_id)
        ids = _applied(context, connection, layer, asked.changes)
        texts = [features.item(connection, layer, feature_id) for feature_id in ids]
    return edits.answer(texts, asked.changes.deletes)


def _held(request: Request, connection: Connection, layer: Layer, feature_id: int) -> str:
    """The feature as it is, kept from others, when it is still the one that the reader saw."""
    gate.lock(connection, layer)
    text = features.hold(connection, layer, feature_id)
    if not allowed(request, etag_of(text.encode())):
        raise Problem(CHANGED_MEANWHILE, layer=layer.name, id=feature_id)
    return text


def _stored(context: Context, connection: Connection, layer: Layer, put: Put) -> tuple[int, str]:
    (feature_id,) = _applied(context, connection, layer, Changes([put]))
    return feature_id, features.item(connection, layer, feature_id)


def _applied(
    context: Context, connection: Connection, layer: Layer, changes: Changes
) -> tuple[int, ...]:
    tolerance_m2 = context.settings.coverage_tolerance_m2
    return editing.apply(connection, context.registry, layer, changes, tolerance_m2=tolerance_m2)


def _answer(
    request: Request, layer: Layer, feature_id: int, text: str, status: int = 200
) -> Response:
    response = feature_response(request, layer, feature_id, text, status)
    response.headers["etag"] = etag_of(text.encode())
    return response
