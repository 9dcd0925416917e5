"""Thematic maps: a small page without data, its figures, and the assets of all pages."""

from collections.abc import Mapping
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api import pages
from api.caching import tagged
from api.deps import Ctx, ReaderLang
from api.extent import union
from api.media import HTML, JSON, answers
from api.parameters import PageParams, Params
from gis.errors import NO_SUCH_PAGE, Problem
from layers.declare import Theme
from layers.features import BBox
from layers.summaries import Summary
from maps import assets
from maps.page import policy, render
from maps.portal import synthetic

router = APIRouter(tags=["Maps"], default_response_class=Response)

_FOREVER = "public, max-age=31536000, immutable"


@router.get("/maps/{theme}", summary="专题地图 · A thematic map", responses=answers(HTML))
def thematic_map(
    request: Request, context: Ctx, theme: str, lang: ReaderLang, _: PageParams
) -> Response:
    chosen = context.registry.theme(theme)
    summaries = context.summaries(context.registry.drawn(chosen))
    page = render(
        chosen,
        context.registry,
        lang,
        bounds=_first_view(summaries, chosen),
        approval=context.settings.map_approval,
        synthetic=synthetic(summaries.values()),
        query=pages.kept_query(request),
    )
    return pages.html(request, page.html, policy=policy(page.script_hashes))


@router.get(
    "/maps/{theme}/summary",
    summary="图例里的数字 · The figures behind a map's legend",
    responses=answers(JSON),
)
def map_summary(request: Request, context: Ctx, theme: str, _: Params) -> Response:
    drawn = context.registry.drawn(context.registry.theme(theme))
    found = {name: asdict(figures) for name, figures in context.summaries(drawn).items()}
    return tagged(request, JSONResponse({"layers": found}))


@router.get("/assets/{path:path}", summary="网页资源 · A script, a style or a picture of a page")
async def asset(path: str) -> Response:
    found = assets.find(path)
    if found is None:
        raise Problem(NO_SUCH_PAGE, path=f"/assets/{path}")
    return Response(found.body, headers={"cache-control": _FOREVER}, media_type=found.media_type)


@router.get("/favicon.ico", include_in_schema=False)
async def favicon() -> Response:
    found = assets.favicon()
    return Response(
        found.body, headers={"cache-control": "max-age=86400"}, media_type=found.media_type
    )


def _first_view(summaries: Mapping[str, Summary], theme: Theme) -> BBox | None:
    """Around the theme's own features; around the ground while it has none."""
    own = union(summaries[name].bounds for name in theme.subjects)
    return own or union(found.bounds for found in summaries.values())
