"""Thematic maps: a small page without data, its figures, and the assets of all pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from api import pages
from api.caching import tagged
from api.context import Context
from api.deps import Ctx, ReaderLang
from api.extent import union
from api.filters import Filters, read
from api.media import HTML, JSON, answers
from api.parameters import Asked, AskedFigures, AskedPage, Past, Waiting, Within, box
from api.refusals import NO_SUCH_PAGE
from gis.errors import Lang, Problem
from layers.declaring.duties import ROLES
from layers.declaring.words import Layer, Role, Theme
from layers.duties import searching
from layers.duties.searching import Hit
from layers.here.whereabouts import division_named
from layers.reading import reading_log
from layers.reading.conditions import Conditions
from layers.reading.features import BBox
from layers.reading.masking import knows
from layers.reading.past import past_day, today
from layers.reading.reading_log import Reading
from layers.schema.accounts import PERSONS
from layers.serving.summaries import Summary, in_sight
from maps import assets, narrowing
from maps import style as drawing
from maps.document import RenderedPage
from maps.page import policy, render
from maps.pages import narrowing as narrowing_page
from maps.pages.portal import synthetic
from maps.sight import Sight
from maps.sight import query as query_of
from maps.templating import Visit

router = APIRouter(tags=["Maps"], default_response_class=Response)

_FOREVER = "public, max-age=31536000, immutable"
_KEPT = "private, max-age=31536000, immutable"
# As many as are read at one glance, also on a phone.
_HITS = 8
_BY = Field(None, max_length=40, description="着色依据 · What the map is coloured by.")


class AskedMap(AskedPage):
    """What a thematic map takes."""

    by: str | None = _BY
    on: Past = None
    waiting: Waiting = None
    division: Within = None
    filter: Filters


class AskedLegend(AskedFigures):
    """What its figures take."""

    by: str | None = _BY
    waiting: Waiting = None
    filter: Filters


class AskedSight(AskedLegend):
    """What is in sight of."""

    bbox: str = Field(
        "-180,-90,180,90",
        description="西、南、东、北经纬度 · West, south, east, north in degrees (WGS 84).",
    )


class AskedSearch(Asked):
    """What a search on a map takes."""

    q: str = Field(
        "",
        max_length=searching.TEXT_LIMIT,
        pattern=r"^[^\x00]*$",
        description="名称、编码的开头，或责任人姓名 · "
        "How a name or a code begins, or a person's name.",
    )


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
    drawn = context.registry.drawn(chosen)
    query = request.query_params.multi_items()
    shorter = narrowing.without_blanks(drawn, query)
    if shorter is not None:  # what a form sends is longer than what it says
        return RedirectResponse(f"/maps/{theme}{query_of(shorter)}", HTTPStatus.SEE_OTHER)
    narrowed = _narrowed(drawn, query)
    sight = replace(_sight(context, asked), narrowing=narrowed)
    summaries = context.summaries(drawn, on=sight.on, within=sight.division)
    # Before anything was recorded, the map still opens where the ground is.
    bounds = _first_view(summaries, chosen) or _first_view(context.summaries(drawn), chosen)
    visit = pages.visit_of(request, told=False)
    page = _page(context, chosen, lang, visit, sight, bounds, synthetic(summaries.values()))
    return pages.html(request, page.html, policy=policy(page.script_hashes))


def _narrowed(drawn: Sequence[Layer], query: narrowing.Pairs) -> narrowing.Narrowing:
    """What is wrong is said by the page, not by its tiles: what names no layer here as well."""
    narrowed = narrowing.read(drawn, query)
    given = [text for name, text in query if name == narrowing.GIVEN and text.strip()]
    read(drawn, [*given, *(text for _, text in narrowed.of_data)])
    return narrowed


@router.get(
    "/maps/{theme}/filter",
    summary="专题地图的筛选表单 · The form that narrows a thematic map down",
    responses=answers(HTML),
)
def map_filter(
    request: Request,
    context: Ctx,
    theme: str,
    lang: ReaderLang,
    asked: Annotated[AskedMap, Query()],
) -> Response:
    chosen = context.registry.theme(theme, asked.by)
    drawn, query = context.registry.drawn(chosen), request.query_params.multi_items()
    subjects = [layer for layer in reversed(drawn) if layer.name in chosen.subjects]
    form = narrowing_page.page(
        chosen,
        subjects,
        lang,
        query,
        _narrowed(drawn, query),
        knows=context.actor is not None and knows(context.actor),
        visit=pages.visit_of(request),
    )
    return pages.html(request, form)


@router.get(
    "/maps/{theme}/search",
    summary="在图上查找 · What of a map is called so, or is answered for by somebody of that name",
    responses=answers(JSON),
)
def map_search(
    context: Ctx, theme: str, lang: ReaderLang, asked: Annotated[AskedSearch, Query()]
) -> Response:
    registry = context.registry
    drawn = registry.drawn(registry.theme(theme))
    with context.database.read() as connection:
        found = searching.search(connection, drawn[::-1], asked.q, limit=_HITS)
    named = [hit for hit in found.hits if hit.person is not None]
    if named:  # nobody is told a name before that is written down
        reading = Reading("search", PERSONS.name, len(named), "json")
        reading_log.note(context.database, [reading])
    hits = [_hit(hit, registry.layers[hit.layer], lang) for hit in found.hits]
    told = {"hits": hits, "partial": found.partial}
    return JSONResponse(told, headers={"cache-control": "private, no-store"})


def _hit(hit: Hit, layer: Layer, lang: Lang) -> dict[str, object]:
    who = {"role": ROLES[hit.role].label.of(lang), "person": hit.person} if hit.role else {}
    return {
        "layer": hit.layer,
        "label": layer.label.of(lang),
        "id": hit.feature,
        "title": hit.title,
        "detail": hit.detail,
        "bbox": hit.box,
        **who,
    }


@router.get(
    "/maps/{theme}/summary",
    summary="图例里的数字 · The figures behind a map's legend",
    responses=answers(JSON),
)
def map_summary(
    request: Request, context: Ctx, theme: str, asked: Annotated[AskedLegend, Query()]
) -> Response:
    drawn = context.registry.drawn(context.registry.theme(theme, asked.by))
    filters = read(drawn, asked.filter)
    on, at = asked.on, asked.waiting
    summaries = context.summaries(drawn, on=on, within=asked.place, at=at, filters=filters)
    _note_figures(context, drawn, summaries, filters)
    found = {name: asdict(figures) for name, figures in summaries.items()}
    return tagged(request, JSONResponse({"layers": found}))


@router.get(
    "/maps/{theme}/in-sight",
    summary="图例里视野内的数字 · How much of a map lies in a box",
    responses=answers(JSON),
)
def map_in_sight(context: Ctx, theme: str, asked: Annotated[AskedSight, Query()]) -> Response:
    drawn = context.registry.drawn(context.registry.theme(theme, asked.by))
    filters, seen = read(drawn, asked.filter), box(asked.bbox)
    found = {}
    with context.database.read() as connection:
        on = past_day(connection, asked.on)
        told = {"on": on, "at": asked.waiting}
        for layer in drawn:
            if layer.role is not Role.BASEMAP:  # no legend tells of it
                found[layer.name] = in_sight(
                    connection, layer, seen, **told, within=asked.place, filters=filters
                )
    asks = {each.layer for each in filters if each.personal}
    told_of = [x for x in drawn if x.name in asks and found[x.name].count]
    context.note_map(told_of, filters)
    body = {"layers": {name: asdict(figures) for name, figures in found.items()}}
    return JSONResponse(body, headers={"cache-control": "private, no-store"})


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


def _page(  # noqa: PLR0917  what a page depends on, and nothing else
    context: Context,
    theme: Theme,
    lang: Lang,
    visit: Visit,
    sight: Sight,
    bounds: BBox | None,
    is_synthetic: bool,
) -> RenderedPage:
    """The page, made unless it was made before: Folium takes longer than all else of the answer."""
    query = tuple((k, v if isinstance(v, str) else tuple(v)) for k, v in visit.query.items())
    by = theme.view and theme.view.name
    own = (theme.name, by, lang, query, visit.rights, sight, bounds, is_synthetic)
    made = context.maps.get(own, ())
    if made is None:
        made = render(
            theme,
            context.registry,
            lang,
            bounds=bounds,
            approval=context.settings.map_approval,
            synthetic=is_synthetic,
            visit=visit,
            sight=sight,
        )
        context.maps.put(own, (), made, len(made.html))
    return made


def _note_figures(
    context: Context,
    drawn: Iterable[Layer],
    summaries: Mapping[str, Summary],
    filters: Conditions,
) -> None:
    """A tally names whoever its figures are of; a count tells who fulfils a filter on names."""
    asked = {each.layer for each in filters if each.personal}
    found = ((layer, summaries[layer.name]) for layer in drawn)
    told = (x for x, own in found if own.tallies or (x.name in asked and own.count))
    context.note_map(told, filters)


def _sight(context: Context, asked: AskedMap) -> Sight:
    with context.database.read() as connection:
        on, code = past_day(connection, asked.on), asked.division
        named = None if code is None else division_named(connection, code)
        return Sight(on=on, division=code, named=named, today=today(connection), at=asked.waiting)


def _first_view(summaries: Mapping[str, Summary], theme: Theme) -> BBox | None:
    """Around the theme's own features; around the ground while it has none."""
    own = union(summaries[name].bounds for name in theme.subjects)
    return own or union(found.bounds for found in summaries.values())
