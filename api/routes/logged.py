"""What was logged on the spot, for people: the list of a day, and the piece that is renewed."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

from api import pages
from api.context import Context, context_of
from api.days import Day
from api.deps import Ctx, ReaderLang
from api.media import HTML, answers
from api.parameters import AskedPage, AskedPlainly
from gis.clock import today
from gis.errors import Lang
from layers.declaring.rights import Right, allowed
from layers.freshness import marks as log
from layers.submissions import news
from layers.thematic import grid_fields
from maps.pages import logged as logged_page
from maps.pages.logged import PAGE, List, Ways, address

router = APIRouter(tags=["Field"], default_response_class=Response)

_MOST = 200


class AskedLogged(AskedPage):
    """Which day, and from where on."""

    on: Day | None = Field(None, description="哪一天，默认今天 · On which day; today unless told.")
    before: int | None = Field(
        None, ge=1, le=2**63 - 1, description="只要这个序号之前的 · Those before this number."
    )


class AskedLatest(AskedPlainly):
    """How many of today."""

    limit: int = Field(PAGE, ge=1, le=_MOST, description="最多几条 · How many at most.")


@router.get(
    "/logged",
    summary="某天的现场上报：页面 · What was logged on a day: the page",
    responses=answers(HTML),
)
def logged(
    request: Request, context: Ctx, lang: ReaderLang, asked: Annotated[AskedLogged, Query()]
) -> Response:
    now = today()
    found = of_day(context, lang, asked.on or now, limit=PAGE, before=asked.before)
    page = logged_page.page(found, lang, _ways(found, asked, now), visit=pages.visit_of(request))
    return pages.html(request, page, headers={"cache-control": "no-store"})


@router.get(
    "/logged/latest",
    summary="今天的现场上报：页面里的列表 · What was logged today: a piece of a page",
    responses=answers(HTML),
)
def latest(
    request: Request, context: Ctx, lang: ReaderLang, asked: Annotated[AskedLatest, Query()]
) -> Response:
    found = of_day(context, lang, today(), limit=asked.limit)
    log.await_disk(context_of(request).database, found.day.end)
    text = logged_page.piece(found, lang)
    return HTMLResponse(text, headers={"cache-control": "no-store", "content-language": lang})


def of_day(
    context: Context, lang: Lang, on: date, *, limit: int, before: int | None = None
) -> List:
    """The list of a day as whoever acts may see it; what it tells of people is noted."""
    with context.database.read() as connection:
        day = news.of_day(
            connection, context.registry, on, context.reaches, limit=limit, before=before
        )
    led = sum(each.leader is not None for each in day.news)
    context.note("logged", grid_fields.LAYER, led, "html")
    marks = context.actor is not None and allowed(context.actor, Right.EDIT)
    now = today()
    return logged_page.listed(context.registry, day, lang, today=now, limit=limit, marks=marks)


def _ways(found: List, asked: AskedLogged, today: date) -> Ways:
    day = found.day.on
    return Ways(
        before=address(day - timedelta(days=1)),
        after=address(day + timedelta(days=1)) if day != today else None,
        newest=None if asked.before is None else address(day),
    )
