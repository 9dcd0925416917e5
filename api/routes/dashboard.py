"""The leader's dashboard: what came, what is late, how the month goes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.engine import Connection

from api import pages
from api.context import Context
from api.deps import ActorOf, Ctx, ReaderLang
from api.media import HTML, JSON, answers
from api.members.dashboard import members
from api.members.duties import readings
from api.negotiation import VARY, wants_html
from api.parameters import AskedPage, Within
from api.routes.duty_pages import choices
from layers.cases import listing as case_listing
from layers.cases.listing import Row
from layers.declaring.people import EVERYWHERE
from layers.here.whereabouts import division_named
from layers.reading import reading_log
from layers.reporting import dashboard
from layers.reporting.dashboard import LEDGER, Dashboard
from maps.pages import dashboard as dashboard_page
from maps.pages.dashboard import Board
from maps.words.wording import words

router = APIRouter(tags=["Reports"], default_response_class=Response)

_LATE_SHOWN = 8


class AskedDashboard(AskedPage):
    """What the dashboard takes."""

    division: Within = None


@router.get(
    "/dashboard",
    summary="工作看板：今天、超期、本月 · The leader's dashboard: today, late, this month",
    responses=answers(JSON, HTML),
)
def board(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    lang: ReaderLang,
    asked: Annotated[AskedDashboard, Query()],
) -> Response:
    division = asked.division or actor.division
    with context.database.read() as connection:
        reader = case_listing.reader(connection, context.registry, actor)
        found = dashboard.dashboard(connection, context.registry, actor, division, reader.scale)
        late = _late(connection, reader, division)
        divisions = choices(connection, actor, lang)
        name = division_named(connection, division)
    form = "html" if wants_html(request) else "json"
    _note(context, found, form)
    if form == "json":
        headers = {"vary": VARY, "cache-control": "no-store"}
        return JSONResponse(members(found, late, lang), headers=headers)
    if name is None and division == EVERYWHERE:
        name = words("portal", lang)["everywhere"]
    shown = Board(found=found, late=late, divisions=divisions, name=name or division)
    return pages.html(request, dashboard_page.page(lang, shown, visit=pages.visit_of(request)))


def _late(connection: Connection, reader: case_listing.Reader, division: str) -> Sequence[Row]:
    """The cases that are late the longest."""
    query = case_listing.Query(tab="late", layer=LEDGER.name, division=division, limit=_LATE_SHOWN)
    return case_listing.listing(connection, reader, query).rows


def _note(context: Context, found: Dashboard, form: str) -> None:
    people = [each.load.person for each in found.leading]
    reading_log.note(context.database, readings("dashboard", people, form))
