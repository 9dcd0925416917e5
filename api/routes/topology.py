"""What is wrong with a layer that covers ground: for programs, on a page, and on its map."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from api import pages
from api.caching import tagged
from api.context import Context
from api.deps import Ctx, LayerOf, ReaderLang, needs
from api.media import HTML, JSON, answers
from api.members.checks import members
from api.negotiation import VARY, wants_html
from api.parameters import Asked, AskedPage
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.ground import topology
from layers.ground.topology import Inspection
from maps.page import policy
from maps.pages import topology as topology_page

router = APIRouter(tags=["Topology"], default_response_class=Response)

_Division = Annotated[
    str | None,
    Field(max_length=40, description="只查这个区划及其下级 · This division and all below it."),
]


class AskedCheck(Asked):
    """What a check takes."""

    division: _Division = None


class AskedCheckPage(AskedPage):
    """What the pages of a check take."""

    division: _Division = None


@router.get(
    "/check/{layer}",
    summary="空隙、重叠和其他问题 · Gaps, overlaps and other faults",
    responses=answers(JSON, HTML),
)
def check(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    lang: ReaderLang,
    asked: Annotated[AskedCheck, Query()],
) -> Response:
    found = _inspected(context, layer, asked.division)
    if not wants_html(request):
        response = JSONResponse(members(found, lang), headers={"vary": VARY})
        return tagged(request, response)
    visit = pages.visit_of(request)
    kept = {"division": asked.division} if asked.division else {}
    source = f"/check/{layer.name}/map?{urlencode(kept | {'embedded': '1'})}"
    page = topology_page.topology(layer, lang, found, map_src=source, visit=visit)
    return pages.html(request, page)


@router.get(
    "/check/{layer}/map",
    summary="问题在地图上的位置 · The faults on a map",
    responses=answers(HTML),
)
def check_map(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    lang: ReaderLang,
    asked: Annotated[AskedCheckPage, Query()],
) -> Response:
    found = _inspected(context, layer, asked.division)
    page = topology_page.topology_map(context.registry, layer, lang, found)
    return pages.html(request, page.html, policy=policy(page.script_hashes))


@router.post(
    "/check/{layer}",
    summary="按建议修补点名的几处 · Mend the faults named, as suggested",
    status_code=HTTPStatus.SEE_OTHER,
    dependencies=[needs(Right.IMPORT)],
)
def fix(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    asked: Annotated[AskedCheckPage, Query()],
    fixes: Annotated[list[str], Form(alias="fix", default_factory=list)],
) -> Response:
    topology.fix(
        context.database,
        context.registry,
        layer,
        fixes,
        division=asked.division,
        tolerance_m2=context.settings.coverage_tolerance_m2,
    )
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/check/{layer.name}{query}", HTTPStatus.SEE_OTHER)


def _inspected(context: Context, layer: Layer, division: str | None) -> Inspection:
    with context.database.read() as connection:
        return topology.inspect(
            connection,
            context.registry,
            layer,
            division=division,
            tolerance_m2=context.settings.coverage_tolerance_m2,
        )
