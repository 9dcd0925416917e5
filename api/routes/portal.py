"""The door: the portal for people, the landing page and its conformance for programs."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.engine import Connection

from api import links, pages
from api.auth import acting_context, actor_of
from api.conformance import CLASSES
from api.context import Context
from api.deps import ReaderLang
from api.links import link
from api.media import HTML, JSON, OPENAPI, answers
from api.negotiation import wants_html
from api.parameters import PageParams, Params
from api.routes.logged import of_day
from gis import clock
from gis.errors import Lang
from layers.declaring.people import EVERYWHERE, Actor
from layers.declaring.rights import Right, allowed
from layers.duties import places
from layers.duties import records as duty_records
from layers.here.whereabouts import division_named
from layers.reading.past import today
from layers.registry import Registry
from maps.pages.logged import List
from maps.pages.portal import Duty, Own
from maps.pages.portal import portal as portal_page
from maps.words.wording import words

router = APIRouter(tags=["Landing page"], default_response_class=Response)

_SHOWN = 60
_NEWS = 12


@router.get(
    "/",
    summary="门户，或接口首页 · The portal, or the landing page of the API",
    responses=answers(JSON, HTML),
)
def landing(request: Request, lang: ReaderLang, _: PageParams) -> Response:
    if not wants_html(request):
        return _landing_page(request, words("frame", lang)["brand"], words("frame", lang)["claim"])
    context = acting_context(request)
    registry = context.registry
    page = portal_page(
        registry,
        lang,
        context.summaries(registry.layers.values()),
        own=_own(context, actor_of(request), lang),
        logged=_logged(context, actor_of(request), lang),
        approval=context.settings.map_approval,
        visit=pages.visit_of(request),
    )
    return pages.html(request, page)


def _logged(context: Context, actor: Actor, lang: Lang) -> List | None:
    """What came in today, for those who have to do something about it."""
    if not allowed(actor, Right.EDIT):
        return None
    return of_day(context, lang, clock.today(), limit=_NEWS)


def _own(context: Context, actor: Actor, lang: Lang) -> Own:
    """The reader's division by name, and what they answer for today."""
    with context.database.read() as connection:
        division = division_named(connection, actor.division)
        duties = _duties(connection, context.registry, actor, lang)
    if actor.division == EVERYWHERE:
        division = words("portal", lang)["everywhere"]
    return Own(division or actor.division, duties)


def _duties(connection: Connection, registry: Registry, actor: Actor, lang: Lang) -> Sequence[Duty]:
    if actor.person_id is None:
        return ()
    query = duty_records.Query(person=actor.person_id, on=today(connection), limit=_SHOWN)
    found = duty_records.listing(connection, registry, query)
    where = places.of(connection, registry, {(each.layer, each.feature) for each in found})
    return [
        Duty(
            each.role.label.of(lang),
            each.title,
            registry.layer(each.layer).label.of(lang),
            each.valid_from,
            where.get((each.layer, each.feature)),
        )
        for each in found
    ]


@router.get(
    "/conformance",
    summary="符合的标准 · The conformance classes that hold",
    responses=answers(JSON, HTML),
)
def conformance(request: Request, _: Params) -> Response:
    if wants_html(request):
        return pages.own(request, "conformance.html", classes=CLASSES)
    return JSONResponse({"conformsTo": CLASSES, "links": links.self_links(request, JSON)})


def _landing_page(request: Request, title: str, description: str) -> Response:
    found = [
        *links.self_links(request, JSON),
        link(request, "/openapi.json", "service-desc", OPENAPI),
        link(request, "/docs", "service-doc", HTML),
        link(request, "/conformance", "conformance", JSON),
        link(request, "/collections", "data", JSON),
        link(request, "/tiles", links.VECTOR_TILES, JSON),
        link(request, "/tileMatrixSets", links.TILING_SCHEMES, JSON),
    ]
    return JSONResponse({"title": title, "description": description, "links": found})
