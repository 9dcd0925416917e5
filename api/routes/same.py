"""Records that are the same matter: asked, said and taken back, by programs and by forms.

What is meant is named by both its ends, so that nobody changes what they have not seen.
"""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Member

from api import bodies, ids, links
from api.bodies import JSONBody
from api.caching import tagged
from api.context import Context
from api.deps import Ctx, FeatureId, LayerOf, needs
from api.media import JSON, answers
from api.parameters import Params
from gis.errors import Problem
from layers.alike import same
from layers.alike.same import Same
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.reading import features
from layers.refusals.asking import UNKNOWN_FEATURE

router = APIRouter(tags=["Field"], default_response_class=Response)

_PATH = "/collections/{layer}/items/{feature_id}/same"
_EDITING = [needs(Right.EDIT)]
_LARGEST_ID = 2**63 - 1


class Said(BaseModel):
    """The record that stays the main one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    main: Annotated[int, Member(ge=0, le=_LARGEST_ID)]


@router.get(
    _PATH,
    summary="与一条记录是同一问题的 · What is the same matter as a record",
    responses=answers(JSON),
)
def same_as(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    _: Params,
) -> Response:
    return tagged(request, JSONResponse(_members(request, context, layer, feature_id)))


@router.post(
    _PATH,
    status_code=HTTPStatus.CREATED,
    summary="标为与另一条是同一问题 · Say that a record is the same matter as another",
    description=(
        '`{"main": 12}`：本记录与 12 是同一问题，12 为主记录。再说一次答 200，什么也不变。 · '
        '`{"main": 12}`: this record is the same matter as 12, which stays the main record. '
        "Said again it answers 200 and changes nothing."
    ),
    responses=answers(JSON, status=HTTPStatus.CREATED) | answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_EDITING,
)
def mark(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    body: JSONBody,
    _: Params,
) -> Response:
    said = bodies.model(body, Said)
    with context.database.begin() as connection:
        new = same.mark(connection, layer, feature_id, said.main)
    status = HTTPStatus.CREATED if new else HTTPStatus.OK
    return JSONResponse(_members(request, context, layer, feature_id), status)


@router.delete(
    _PATH + "/{main}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="撤销“同一问题” · Take back that a record is the same as another",
    dependencies=_EDITING,
)
def unmark(context: Ctx, layer: LayerOf, feature_id: FeatureId, main: str, _: Params) -> Response:
    with context.database.begin() as connection:
        same.unmark(connection, layer, feature_id, _main(layer, main))
    return Response(status_code=HTTPStatus.NO_CONTENT)


# --- forms ----------------------------------------------------------------------------------------
@router.post(_PATH + "/mark", include_in_schema=False, dependencies=_EDITING)
def mark_by_form(
    context: Ctx, layer: LayerOf, feature_id: FeatureId, main: Annotated[str, Form()]
) -> Response:
    with context.database.begin() as connection:
        same.mark(connection, layer, feature_id, _main(layer, main))
    return _see(layer, feature_id)


@router.post(_PATH + "/undo", include_in_schema=False, dependencies=_EDITING)
def unmark_by_form(
    context: Ctx, layer: LayerOf, feature_id: FeatureId, main: Annotated[str, Form()]
) -> Response:
    with context.database.begin() as connection:
        same.unmark(connection, layer, feature_id, _main(layer, main))
    return _see(layer, feature_id)


def _see(layer: Layer, feature_id: int) -> Response:
    path = f"/collections/{layer.name}/items/{feature_id}"
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _main(layer: Layer, text: str) -> int:
    return ids.read(text, Problem(UNKNOWN_FEATURE, layer=layer.name, id=text))


# --- answers --------------------------------------------------------------------------------------
def _members(request: Request, context: Context, layer: Layer, feature_id: int) -> dict[str, Any]:
    assert context.actor is not None  # noqa: S101  nobody unknown comes past the door
    with context.database.read() as connection:
        features.item(connection, layer, feature_id)
        found = same.standing(connection, layer, feature_id, context.actor)
    path = f"/collections/{layer.name}/items/{feature_id}"
    return {
        "main": found.main and _said(found.main, found.main.main, found.main.main_title),
        "same": [_said(each, each.feature, each.title) for each in found.others],
        "links": [
            links.link(request, f"{path}/same", "self", JSON),
            links.link(request, path, "up", "application/geo+json"),
        ],
    }


def _said(found: Same, other: int, title: str) -> dict[str, Any]:
    return {"id": other, "title": title, "at": found.at.isoformat(), "by": found.author}
