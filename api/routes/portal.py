"""The door: the portal for people, the landing page and its conformance for programs."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api import links, pages
from api.conformance import CLASSES
from api.deps import Ctx, ReaderLang
from api.links import link
from api.media import HTML, JSON, OPENAPI, answers
from api.negotiation import wants_html
from api.parameters import PageParams, Params
from maps.portal import portal as portal_page
from maps.wording import words

router = APIRouter(tags=["Landing page"], default_response_class=Response)


@router.get(
    "/",
    summary="门户，或接口首页 · The portal, or the landing page of the API",
    responses=answers(JSON, HTML),
)
def landing(request: Request, context: Ctx, lang: ReaderLang, _: PageParams) -> Response:
    if not wants_html(request):
        return _landing_page(request, words("frame", lang)["brand"], words("frame", lang)["claim"])
    registry = context.registry
    page = portal_page(
        registry,
        lang,
        context.summaries(registry.layers.values()),
        approval=context.settings.map_approval,
        query=pages.kept_query(request),
    )
    return pages.html(request, page)


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
