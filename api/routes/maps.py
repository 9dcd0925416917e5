"""Thematic maps: a small page without data, its figures, and the assets of all pages."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api import pages
from api.caching import tagged
from api.context import Context
from api.deps import Ctx, ReaderLang
from api.extent import union
from api.media import HTML, JSON, answers
from api.parameters import Asked, AskedFigures, AskedPage, Past, Waiting, Within
from api.refusals import NO_SUCH_PAGE
from gis.errors import Lang, Problem
from layers.declaring.words import Theme
from layers.here.whereabouts import division_named
from layers.reading.features import BBox
from layers.reading.past import past_day, today
from layers.serving.summaries import Summary
from maps import assets
from maps import style as drawing
from maps.page import policy, render
from maps.pages.portal import synthetic
from maps.sight import Sight

router = APIRouter(tags=["Maps"], default_response_class=Response)

_FOREVER = "public, max-age=31536000, immutable"
_KEPT = "private, max-age=31536000, immutable"
_BY = Field(None, max_length=40, description="着色依据 · What the map is coloured by.")


class AskedMap(AskedPage):
    """What a thematic map takes."""

    by: str | None = _BY
    on: Past = None
    waiting: Waiting = None
    division: Within = None


class AskedLegend(AskedFigures):
    """What its figures take."""

    by: str | None = _BY
    waiting: Waiting = None


class AskedFields(Asked):
    """What the words of its fields take; `v` names the very state that the map was made with."""

    by: str | None = _BY
    lang: Lang | None = None
    v: str | None = Field(None, max_length=40, description="版本 · Which state of it is meant.")


@router.get("/maps/{theme}", summary="专题地图 · A thematic map", responses=answers(HTML))
def thematic_map(
    request: Request,
    context: Ctx,
    theme: str,
    lang: ReaderLang,
    asked: Annotated[AskedMap, Query()],
) -> Response:
    chosen = context.registry.theme(theme, asked.by)
    sight = _sight(context, asked)
    drawn = context.registry.drawn(chosen)
    summaries = context.summaries(drawn, on=sight.on, within=sight.division)
    page = render(
        chosen,
        context.registry,
        lang,
        # Before anything was recorded, the map still opens where the ground is.
        bounds=_first_view(summaries, chosen) or _first_view(context.summaries(drawn), chosen),
        approval=context.settings.map_approval,
        synthetic=synthetic(summaries.values()),
        visit=pages.visit_of(request),
        sight=sight,
    )
    return pages.html(request, page.html, policy=policy(page.script_hashes))


@router.get(
    "/maps/{theme}/summary",
    summary="图例里的数字 · The figures behind a map's legend",
    responses=answers(JSON),
)
def map_summary(
    request: Request, context: Ctx, theme: str, asked: Annotated[AskedLegend, Query()]
) -> Response:
    drawn = context.registry.drawn(context.registry.theme(theme, asked.by))
    summaries = context.summaries(drawn, on=asked.on, within=asked.place, at=asked.waiting)
    # A tally names whoever its figures are of.
    context.note_map(layer for layer in drawn if summaries[layer.name].tallies)
    found = {name: asdict(figures) for name, figures in summaries.items()}
    return tagged(request, JSONResponse({"layers": found}))


@router.get(
    "/maps/{theme}/fields",
    summary="地图要素的字段名和取值 · What the fields of a map's features are called",
    responses=answers(JSON),
)
def map_fields(
    request: Request,
    context: Ctx,
    theme: str,
    lang: ReaderLang,
    asked: Annotated[AskedFields, Query()],
) -> Response:
    told = drawing.fields(context.registry.theme(theme, asked.by), context.registry, lang)
    response = JSONResponse({"layers": told})
    if asked.v == drawing.version(told):  # another state has another address
        response.headers["cache-control"] = _KEPT
    return tagged(request, response)


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


def _sight(context: Context, asked: AskedMap) -> Sight:
    with context.database.read() as connection:
        on, code = past_day(connection, asked.on), asked.division
        named = None if code is None else division_named(connection, code)
        return Sight(on=on, division=code, named=named, today=today(connection), at=asked.waiting)


def _first_view(summaries: Mapping[str, Summary], theme: Theme) -> BBox | None:
    """Around the theme's own features; around the ground while it has none."""
    own = union(summaries[name].bounds for name in theme.subjects)
    return own or union(found.bounds for found in summaries.values())
