"""A record that becomes one of another layer: by a form, and by a call for programs."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from api import bodies, pages
from api.bodies import FormBody, JSONBody
from api.context import Context
from api.deps import Ctx, FeatureId, LayerOf, ReaderLang, needs
from api.links import address
from api.media import JSON, answers
from api.parameters import PageParams, Params
from api.statuses import status_of
from gis.errors import Lang, Problem
from gis.formats.places import coordinate
from gis.refusals.values import GEOMETRY_UNREADABLE
from layers.changing import becoming
from layers.changing.becoming import Made, Point
from layers.declaring.relations import Becomes
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.reading import features
from maps.pages import becoming as becoming_page
from maps.pages.becoming import Turn, Wanted

router = APIRouter(
    tags=["Editing"], default_response_class=Response, dependencies=[needs(Right.EDIT)]
)

_PREFIX = "field."
_TOLD_HERE = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})


class Turned(BaseModel):
    """What the new record is given; without a place it lies in the middle of the division."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Any] = Field(default_factory=dict, max_length=100)
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)


@router.get("/collections/{layer}/items/{feature_id}/become", include_in_schema=False)
def form(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    lang: ReaderLang,
    _: PageParams,
) -> Response:
    return _page(request, context, layer, feature_id, lang, wanted=Wanted({}))


@router.post("/collections/{layer}/items/{feature_id}/become", include_in_schema=False)
def turn_by_form(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    body: FormBody,
    *,
    lang: ReaderLang,
    _: PageParams,
) -> Response:
    rule, _target = becoming.rule_of(layer, context.registry)
    wanted = _typed(rule, bodies.form(body))
    given = {name: text for name, text in wanted.values.items() if text.strip()}
    try:
        made = _turned(context, layer, feature_id, given, _point(wanted))
    except Problem as problem:
        if status_of(problem.rule) not in _TOLD_HERE:
            raise
        return _page(request, context, layer, feature_id, lang, wanted=wanted, problem=problem)
    path = f"/collections/{made.layer.name}/items/{made.id}?f=html"
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


@router.post(
    "/collections/{layer}/items/{feature_id}/turn",
    status_code=HTTPStatus.CREATED,
    summary="转为另一图层的记录，如议定事项转为台账 · Make a record of another layer of it",
    responses=answers(JSON, status=HTTPStatus.CREATED),
    openapi_extra=bodies.documented((JSON,)),
)
def turn(
    request: Request, context: Ctx, layer: LayerOf, feature_id: FeatureId, body: JSONBody, _: Params
) -> Response:
    asked = bodies.model(body, Turned)
    point = None if asked.lon is None or asked.lat is None else (asked.lon, asked.lat)
    made = _turned(context, layer, feature_id, asked.values, point)
    place = address(request, f"/collections/{made.layer.name}/items/{made.id}")
    found = {"layer": made.layer.name, "id": made.id, "number": made.number}
    return JSONResponse(found, HTTPStatus.CREATED, {"location": place})


def _turned(
    context: Context,
    layer: Layer,
    feature_id: int,
    given: Mapping[str, object],
    point: Point | None,
) -> Made:
    with context.database.begin() as connection:
        return becoming.become(
            connection,
            context.registry,
            layer,
            feature_id,
            given,
            point,
            tolerance_m2=context.settings.coverage_tolerance_m2,
        )


def _typed(rule: Becomes, form: Mapping[str, str]) -> Wanted:
    named = {name: form.get(_PREFIX + name, "") for name in rule.asks}
    return Wanted(named, form.get("lon", "").strip(), form.get("lat", "").strip())


def _point(wanted: Wanted) -> Point | None:
    """Where it was said to be, however people write it; Problem(GEOMETRY_UNREADABLE)."""
    if not wanted.lon and not wanted.lat:
        return None
    lon, lat = coordinate(wanted.lon), coordinate(wanted.lat)
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
        reason_zh = "经纬度要两个都填，单位是度"
        raise Problem(GEOMETRY_UNREADABLE, reason_zh=reason_zh, reason="it wants both, in degrees")
    return lon, lat


def _page(
    request: Request,
    context: Context,
    layer: Layer,
    feature_id: int,
    lang: Lang,
    *,
    wanted: Wanted,
    problem: Problem | None = None,
) -> Response:
    rule, target = becoming.rule_of(layer, context.registry)
    with context.database.read() as connection:
        text = features.item(connection, layer, feature_id)
    context.note("item", layer, 1, "html")
    properties = json.loads(text)["properties"]
    turned = Turn(layer, target, rule, feature_id, properties, wanted, problem)
    page = becoming_page.render(turned, lang, visit=pages.visit_of(request))
    status = HTTPStatus.OK if problem is None else status_of(problem.rule)
    return pages.html(request, page, status=status, headers={"cache-control": "no-store"})
