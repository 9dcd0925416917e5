"""For those who run it: health, metrics, the API's own description, the catalogue of refusals."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from api import openapi, pages
from api.context import Context
from api.deps import ActorOf, Application, Ctx, ReaderLang
from api.errors import title
from api.media import HTML, JSON, OPENAPI, PLAIN, answers
from api.negotiation import wants_html
from api.parameters import Params
from api.refusals import NO_SUCH_PAGE
from api.statuses import CATALOGUE, status_of
from gis.errors import Lang, Problem, Rule
from gis.refusals.database import NOT_PERMITTED
from layers.declaring.people import EVERYWHERE

router = APIRouter(tags=["Operations"], default_response_class=Response)

_METRICS = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/healthz", summary="进程是否正常 · Whether the process answers", responses=answers(PLAIN)
)
async def healthz() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get(
    "/readyz", summary="数据库是否可用 · Whether the database answers", responses=answers(PLAIN)
)
def readyz(context: Application) -> PlainTextResponse:
    context.database.ping()
    return PlainTextResponse("ready\n")


@router.get(
    "/metrics",
    summary="运行指标 · Counts and latencies for Prometheus",
    responses=answers(PLAIN),
)
async def metrics(context: Ctx, actor: ActorOf) -> PlainTextResponse:
    if actor.division != EVERYWHERE:  # they count what everybody asks for
        raise Problem(NOT_PERMITTED)
    pool = context.database.engine.pool
    in_use = getattr(pool, "checkedout", lambda: 0)()
    lines = (
        f"# TYPE gridfield_database_connections gauge\ngridfield_database_connections {in_use}\n"
    )
    return PlainTextResponse(context.metrics.text() + lines + _told(context), media_type=_METRICS)


def _told(context: Context) -> str:
    """How often a replica has answered, and how often it was passed by."""
    if context.replica is None:
        return ""
    standing, name = context.replica.standing, "gridfield_replica_questions_total"
    return (
        f"# TYPE {name} counter\n"
        f'{name}{{outcome="answered"}} {standing.answered}\n'
        f'{name}{{outcome="passed"}} {standing.passed}\n'
    )


@router.get("/openapi.json", include_in_schema=False)
def openapi_document(request: Request) -> JSONResponse:
    return JSONResponse(_document(request), media_type=OPENAPI)


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    return pages.own(request, "docs.html", document=_document(request))


@router.get(
    "/problems",
    summary="错误目录 · Every refusal that this service knows",
    responses=answers(JSON, HTML),
)
def problems(request: Request, lang: ReaderLang, _: Params) -> Response:
    described = [_described(rule, lang) for rule in CATALOGUE.values()]
    if wants_html(request):
        return pages.own(request, "problems.html", problems=described)
    return JSONResponse({"problems": described})


@router.get(
    "/problems/{slug}",
    summary="一种错误 · One refusal; the type of a problem leads here",
    responses=answers(JSON, HTML),
)
def problem(request: Request, slug: str, lang: ReaderLang, _: Params) -> Response:
    if slug not in CATALOGUE:
        raise Problem(NO_SUCH_PAGE, path=request.url.path)
    described = _described(CATALOGUE[slug], lang)
    if wants_html(request):
        return pages.own(request, "problems.html", problems=[described])
    return JSONResponse(described)


def _document(request: Request) -> dict[str, Any]:
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = openapi.document(request.app)
    found: dict[str, Any] = state.openapi
    return found


def _described(rule: Rule, lang: Lang) -> dict[str, Any]:
    status = status_of(rule)
    return {
        "type": f"/problems/{rule.slug}",
        "title": title(rule, lang),
        "status": status.value,
    }
