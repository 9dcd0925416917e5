"""OGC API – Features, part 4: create, replace, update, delete.

Each change is committed before its answer is made, so a failing commit cannot answer 2xx.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import shapely
from fastapi import APIRouter, Request, Response
from psycopg2.errors import UniqueViolation
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from api import bodies
from api.bodies import GeoJSONBody, MergePatchBody
from api.caching import allowed, etag_of
from api.deps import Ctx, FeatureId, LayerOf
from api.links import address
from api.media import GEOJSON, answers
from api.parameters import Params
from api.routes.items import feature_response
from gis import geojson, geometry
from gis.errors import CHANGED_MEANWHILE, FEATURE_REFUSED, VALUE_EXISTS, Finding, Problem
from layers import features, values
from layers.declare import Layer

router = APIRouter(tags=["Editing"], default_response_class=Response)


@dataclass(frozen=True, slots=True)
class _Record:
    """A feature that breaks no rule of its layer."""

    values: Mapping[str, object]
    geometry: BaseGeometry


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
    record = _checked(layer, bodies.geojson(body, "Feature"))
    with context.database.begin() as connection:
        with _explained(layer, record):
            feature_id = features.insert(connection, layer, record.values, record.geometry)
        text = features.item(connection, layer, feature_id)
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
    record = _checked(layer, bodies.geojson(body, "Feature"))
    with context.database.begin() as connection:
        _held(request, connection, layer, feature_id)
        text = _replaced(connection, layer, feature_id, record)
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
        record = _checked(layer, bodies.merged(held, patch))
        text = _replaced(connection, layer, feature_id, record)
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
        features.delete(connection, layer, feature_id)
    return Response(status_code=204)


@contextmanager
def _explained(layer: Layer, record: _Record) -> Iterator[None]:
    """A key that another feature has becomes a refusal that names it."""
    try:
        yield
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        taken = " / ".join(str(record.values.get(name)) for name in layer.key)
        finding = Finding(VALUE_EXISTS, column=" + ".join(layer.key), values={"value": taken})
        raise _refused(layer, [finding]) from error


def _checked(layer: Layer, feature: Mapping[str, Any]) -> _Record:
    properties = feature.get("properties")
    if not isinstance(properties, dict | None):
        raise bodies.unreadable("properties is no object", "properties 不是对象")
    record = values.check(layer, properties or {})
    shape, wrong = _shape(layer, feature.get("geometry"))
    findings = [*record.findings, *wrong]
    if findings or shape is None:
        raise _refused(layer, findings)
    return _Record(record.values, shape)


def _shape(layer: Layer, found: object) -> tuple[BaseGeometry | None, list[Finding]]:
    try:
        shape = None if found is None else shapely.force_2d(geojson.parse_geometry(found))
    except Problem as problem:
        return None, [Finding(problem.rule, column="geometry", values=problem.values)]
    wrong = geometry.check(shape, layer.geometry.accepted)
    return shape, [] if wrong is None else [
        Finding(wrong.rule, column="geometry", values=wrong.values)
    ]


def _refused(layer: Layer, findings: list[Finding]) -> Problem:
    return Problem(FEATURE_REFUSED, findings=findings, layer=layer.name, count=len(findings))


def _held(request: Request, connection: Connection, layer: Layer, feature_id: int) -> str:
    """The feature as it is, kept from others, when it is still the one that the reader saw."""
    text = features.hold(connection, layer, feature_id)
    if not allowed(request, etag_of(text.encode())):
        raise Problem(CHANGED_MEANWHILE, layer=layer.name, id=feature_id)
    return text


def _replaced(connection: Connection, layer: Layer, feature_id: int, record: _Record) -> str:
    with _explained(layer, record):
        features.replace(connection, layer, feature_id, record.values, record.geometry)
    return features.item(connection, layer, feature_id)


def _answer(
    request: Request, layer: Layer, feature_id: int, text: str, status: int = 200
) -> Response:
    response = feature_response(request, layer, feature_id, text, status)
    response.headers["etag"] = etag_of(text.encode())
    return response
