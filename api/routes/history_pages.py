"""The history of a feature as a page, the shapes of a change on a map, and taking a change back."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from api import ids, pages
from api.context import Context
from api.deps import ActorOf, Ctx, FeatureId, LayerOf, MappedLayer, ReaderLang, needs
from api.media import HTML, JSON, answers
from api.negotiation import wants_html
from api.page_routes import PageRoute
from api.parameters import PageParams, Params
from gis.errors import Lang, Problem
from layers.changing import undoing
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.reading import chronicle
from layers.reading import past as history
from layers.refusals.history import UNKNOWN_CHANGE
from maps.page import policy
from maps.pages import history as history_page

router = APIRouter(tags=["History"], default_response_class=Response)


def gone(request: Request, context: Context, layer: Layer, feature_id: int, lang: Lang) -> Response:
    """The page of a feature that has been deleted; Problem(UNKNOWN_FEATURE) where it never was."""
    with context.database.read() as connection:
        last = history.of_feature(connection, layer, feature_id)[-1]
    page = history_page.gone(layer, lang, feature_id, last, visit=pages.visit_of(request))
    return pages.html(request, page, status=HTTPStatus.GONE)


async def _number(layer: str, change: str) -> int:
    return ids.read(change, Problem(UNKNOWN_CHANGE, layer=layer, number=change))


ChangeNumber = Annotated[int, Depends(_number)]


def timeline(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    lang: ReaderLang,
    actor: ActorOf,
    _: PageParams,
) -> Response:
    with context.database.read() as connection:
        entries = chronicle.of_feature(connection, layer, feature_id, actor)
    context.note("history", layer, 1, "html")
    visit = pages.visit_of(request)
    return pages.html(request, history_page.render(layer, lang, feature_id, entries, visit=visit))


# The same address tells programs the same as JSON (`api.routes.history`).
router.add_api_route(
    "/collections/{layer}/items/{feature_id}/history",
    timeline,
    methods=["GET"],
    include_in_schema=False,
    route_class_override=PageRoute,
)


@router.get(
    "/collections/{layer}/items/{feature_id}/history/{change}/map",
    summary="一次变更前后的图形 · The shapes before and after a change",
    responses=answers(HTML),
)
def change_map(
    request: Request,
    context: Ctx,
    layer: MappedLayer,
    feature_id: FeatureId,
    *,
    change: ChangeNumber,
    lang: ReaderLang,
    _: PageParams,
) -> Response:
    with context.database.read() as connection:
        changes = history.of_feature(connection, layer, feature_id)
    wanted = next((each for each in changes if each.number == change), None)
    if wanted is None:
        raise Problem(UNKNOWN_CHANGE, layer=layer.name, number=change)
    page = history_page.change_map(context.registry, layer, lang, wanted)
    return pages.html(request, page.html, policy=policy(page.script_hashes))


@router.post(
    "/collections/{layer}/items/{feature_id}/history/{change}/undo",
    summary="撤销一次变更，作为新的变更 · Take a change back, as a new change",
    responses=answers(JSON),
    dependencies=[needs(Right.EDIT)],
)
def undo(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    change: ChangeNumber,
    _: Params,
) -> Response:
    tolerance_m2 = context.settings.coverage_tolerance_m2
    with context.database.begin() as connection:
        _of_feature(chronicle.numbers(connection, layer, feature_id), layer, change)
        undone = undoing.undo(
            connection, context.registry, layer, change, tolerance_m2=tolerance_m2
        )
    path = f"/collections/{layer.name}/items/{feature_id}/history"
    if wants_html(request):
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)
    return JSONResponse({"undone": change, "features": undone})


def _of_feature(numbers: frozenset[int], layer: Layer, change: int) -> None:
    if change not in numbers:
        raise Problem(UNKNOWN_CHANGE, layer=layer.name, number=change)
