"""Illegal structures: what stands of them in a period, and the procedure against one."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.engine import Connection

from api import ids, links, pages
from api.deps import Ctx, ReaderLang
from api.media import HTML, JSON, answers
from api.members import structures as structure_members
from api.negotiation import wants_html
from api.parameters import MAX_ID, AskedPage, Within
from gis.errors import Problem
from layers.calendar import workdays
from layers.declaring import period
from layers.declaring.people import EVERYWHERE
from layers.declaring.period import Period
from layers.ground import division_names
from layers.reading.past import today
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.structures import dossier, look_back, stock
from layers.structures.stock import Stock
from layers.thematic import illegal_structures
from maps.pages import structures as structure_pages

Part = Literal["opening", "added", "demolished", "corrected", "remaining"]
router = APIRouter(tags=["Structures"], default_response_class=Response)


class AskedStock(AskedPage):
    """Of which time and which ground."""

    period: str | None = Field(
        None,
        max_length=40,
        description="2017-07、2017-Q3、2017 或 起/止日期，默认今年以来 · A month, a quarter, a "
        "year or first/last day; this year so far unless told.",
    )
    place: Within = None


class AskedShares(AskedStock):
    """And how much of it at once."""

    limit: int = Field(100, ge=1, le=1000, description="每页处数 · Structures on a page.")
    after: int = Field(0, ge=0, le=MAX_ID, description="本页之前的编号 · The id before this page.")


class AskedDossier(AskedPage):
    """Under which policy the lawful day is counted."""

    policy: str | None = Field(
        None,
        max_length=40,
        description="强制拆除的口径，见 demolition.toml · A policy of forced demolition.",
    )


@router.get(
    "/structures",
    summary="违法建设存量：存量 + 新增 − 拆除 = 剩余 · What stands of illegal structures",
    responses=answers(JSON, HTML),
)
def of_period(
    request: Request, context: Ctx, lang: ReaderLang, asked: Annotated[AskedStock, Query()]
) -> Response:
    with context.database.read() as connection:
        now = today(connection)
        wanted = _period(connection, asked)
        within = asked.place or EVERYWHERE
        whole = stock.of(connection, wanted.first, wanted.last, within)
        parts = _parts(connection, wanted, within)
        due = look_back.due(connection, now, within)
    if wants_html(request):
        visit = pages.visit_of(request)
        page = structure_pages.stock(wanted, whole, parts, due, lang, within=within, visit=visit)
        return pages.html(request, page)
    found: dict[str, Any] = {
        "period": wanted.name,
        **structure_members.stock(whole),
        "divisions": [
            {"division": code, "name": name, **structure_members.stock(part)}
            for code, name, part in parts
        ],
        "lookBacks": [structure_members.due(each) for each in due],
        "links": links.self_links(request, JSON),
    }
    return JSONResponse(found)


def _parts(connection: Connection, wanted: Period, within: str) -> list[tuple[str, str, Stock]]:
    """Every division of a subtree with its name and figures, each with all below it."""
    names = {each.code: each.name for each in division_names.below(connection, within)}
    found = stock.by_division(connection, wanted.first, wanted.last, names)
    return [(code, names[code], each) for code, each in found.items()]


@router.get(
    "/structures/stock/{part}",
    summary="存量各部分由哪些违法建设组成 · The structures that a part of the stock sums up",
    responses=answers(JSON, HTML),
)
def of_part(
    request: Request,
    context: Ctx,
    part: Part,
    lang: ReaderLang,
    asked: Annotated[AskedShares, Query()],
) -> Response:
    with context.database.read() as connection:
        wanted = _period(connection, asked)
        within = asked.place or EVERYWHERE
        first, last = wanted.first, wanted.last
        whole = getattr(stock.of(connection, first, last, within), part)
        found = stock.shares(
            connection, part, first, last, within, after=asked.after, most=asked.limit + 1
        )
    shown, more = found[: asked.limit], len(found) > asked.limit
    following = links.here(request, after=shown[-1].id) if more else None
    if wants_html(request):
        visit = pages.visit_of(request)
        page = structure_pages.part(
            wanted, part, whole, shown, lang, within=within, following=following, visit=visit
        )
        return pages.html(request, page)
    further = [{"href": following, "rel": "next", "type": JSON}] if following else []
    members = {
        "period": wanted.name,
        "part": part,
        **structure_members.amount(whole),
        "structures": [structure_members.share(each) for each in shown],
        "links": [*links.self_links(request, JSON), *further],
    }
    return JSONResponse(members)


def _period(connection: Connection, asked: AskedStock) -> Period:
    if asked.period:
        return period.parse(asked.period)
    now = today(connection)
    return Period(now, now).year_to_date


@router.get(
    "/structures/{structure}",
    summary="一处违法建设的法律时限与案卷 · The procedure against one structure",
    responses=answers(JSON, HTML),
)
def of_structure(
    request: Request,
    context: Ctx,
    structure: str,
    lang: ReaderLang,
    asked: Annotated[AskedDossier, Query()],
) -> Response:
    absent = Problem(UNKNOWN_FEATURE, layer=illegal_structures.LAYER.name, id=structure)
    feature_id = ids.read(structure, absent)
    with context.database.read() as connection:
        calendar = workdays.calendar(connection)
        found = dossier.of(connection, feature_id, calendar, policy=asked.policy or None)
    if wants_html(request):
        visit = pages.visit_of(request)
        return pages.html(request, structure_pages.dossier(found, feature_id, lang, visit=visit))
    members = structure_members.dossier(found, lang)
    return JSONResponse({**members, "links": links.self_links(request, JSON)})
