"""Patrols: a phone brings its way in pieces; oneself and those who oversee the ground see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BeforeValidator, Field

from api import bodies, ids, links, pages, patrol_bodies
from api.bodies import JSONBody
from api.context import Context, context_of
from api.days import Day
from api.deps import ActorOf, Ctx, ReaderLang, needs
from api.media import GEOJSON, HTML, JSON, answers
from api.members.patrols import collection, is_own, members, readings
from api.negotiation import VARY, wants_html
from api.parameters import Asked, Params
from api.refusals import PATROLS_OFF
from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.rights import Right
from layers.ground import division_names
from layers.patrols import recording as patrols
from layers.patrols import records as patrol_records
from layers.patrols.records import Patrol, Stretch
from layers.reading import reading_log
from layers.reading.past import today
from layers.refusals.patrols import UNKNOWN_PATROL
from maps.page import policy
from maps.pages import patrols as patrol_pages
from maps.words.wording import words

router = APIRouter(tags=["Patrols"], default_response_class=Response)

# As many ways as a map shows at once.
_PAGE = 50
# Some two metres: of many ways on one map nobody sees less.
_COARSE_DEG = 0.00002


async def _switched_on(request: Request) -> int:
    days = context_of(request).settings.patrol_days
    if days is None:
        raise Problem(PATROLS_OFF)
    return days


Days = Annotated[int, Depends(_switched_on)]
"""For how many days ways are kept; Problem(PATROLS_OFF) where there are no patrols."""
SWITCHED_ON = Depends(_switched_on)
_LOGGING = [needs(Right.LOG), SWITCHED_ON]


def _given(found: Any) -> Any:
    """A form sends its empty fields as well."""
    return None if found == "" else found


class AskedPatrols(Asked):
    """What the list takes."""

    on: Annotated[Day | None, BeforeValidator(_given)] = Field(
        None, description="这一天开始的 · Begun on this day."
    )
    division: Annotated[str | None, BeforeValidator(_given)] = Field(
        None, pattern=r"^[0-9]{12}$", description="此区划及其下级 · In this and all below."
    )
    limit: int = Field(_PAGE, ge=1, le=1000, description="每页条数 · Patrols on a page.")
    after: str | None = Field(
        None, max_length=40, description="上一页最后一次的编号 · The last of the page before."
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, as every answer here needs it."""

    request: Request
    context: Ctx
    actor: ActorOf
    lang: ReaderLang

    def note(self, found: Sequence[Patrol]) -> None:
        """Note that other people's ways are being told."""
        form = "html" if wants_html(self.request) else "json"
        reading_log.note(self.context.database, readings(found, self.actor, form))


AskingOf = Annotated[Asking, Depends()]


# --- from a phone ---------------------------------------------------------------------------------
@router.put(
    "/patrols/{patrol}",
    summary="开始或结束巡查 · Begin or end a patrol",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_LOGGING,
)
def tell(
    context: Ctx, actor: ActorOf, days: Days, patrol: str, body: JSONBody, _: Params
) -> Response:
    uuid, told = patrol_bodies.new_uuid(patrol), patrol_bodies.told(body)
    with context.database.begin() as connection:
        is_new = patrols.tell(connection, actor, uuid, told, days=days)
        found = patrol_records.get(connection, uuid)
        missing = patrol_records.missing(connection, found)
    receipt = {**members(found, actor), "missing": missing, "sha256": told.digest.hex()}
    return JSONResponse(receipt, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.put(
    "/patrols/{patrol}/points/{seq}",
    summary="一批位置 · A batch of positions",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_LOGGING,
)
def add_points(context: Ctx, patrol: str, seq: str, body: JSONBody, _: Params) -> Response:
    uuid, batch = patrol_bodies.new_uuid(patrol), patrol_bodies.batch(seq, body)
    with context.database.begin() as connection:
        taken, is_new = patrols.add(connection, uuid, batch, context.settings.walking)
    receipt = {
        "uuid": str(uuid),
        "seq": batch.seq,
        "sha256": batch.digest.hex(),
        "points": taken.points,
        "left_out": {
            "inaccurate": taken.inaccurate,
            "clock": taken.clock,
            "close": taken.close,
        },
    }
    return JSONResponse(receipt, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.delete(
    "/patrols/{patrol}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="删除自己的轨迹 · Delete one's own way",
    dependencies=[SWITCHED_ON],
)
def delete(context: Ctx, patrol: str, _: Params) -> Response:
    _delete(context, patrol)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/patrols/{patrol}/delete", include_in_schema=False, dependencies=[SWITCHED_ON])
def delete_by_form(context: Ctx, patrol: str) -> Response:
    _delete(context, patrol)
    return RedirectResponse("/patrols", HTTPStatus.SEE_OTHER)


def _delete(context: Context, patrol: str) -> None:
    with context.database.begin() as connection:
        patrols.delete(connection, _uuid(patrol))


# --- to look at -----------------------------------------------------------------------------------
@router.get(
    "/patrols",
    summary="巡查：自己的和所管辖区的 · Patrols: one's own and those of the ground one oversees",
    responses=answers(JSON, HTML),
    dependencies=[SWITCHED_ON],
)
def list_patrols(asking: AskingOf, asked: Annotated[AskedPatrols, Query()]) -> Response:
    query = patrol_records.Query(
        on=asked.on, division=asked.division, after=_after(asked), limit=asked.limit + 1
    )
    with asking.context.database.read() as connection:
        found = patrol_records.listing(connection, query)
        shown, more = found[: asked.limit], len(found) > asked.limit
        asking.note(shown)
        if wants_html(asking.request):
            known = [each.uuid for each in shown]
            ways = patrol_records.stretches(connection, known, coarse_deg=_COARSE_DEG)
            everywhere = words("duties", asking.lang)["everywhere"]
            divisions = division_names.choices(connection, asking.actor.division, everywhere)
            listing = patrol_pages.Listing(
                patrols=shown,
                ways=ways,
                divisions=divisions,
                division=asked.division or asking.actor.division,
                today=today(connection),
                on=asked.on,
                following=_following(asking, shown) if more else None,
            )
            return _list_page(asking, listing)
    following = [{"href": _following(asking, shown), "rel": "next", "type": JSON}] if more else []
    told = {
        "patrols": [members(each, asking.actor) for each in shown],
        "links": [*links.self_links(asking.request, JSON), *following],
    }
    return JSONResponse(told, headers={"vary": VARY})


def _list_page(asking: Asking, listing: patrol_pages.Listing) -> Response:
    own = frozenset(each.uuid for each in listing.patrols if is_own(each, asking.actor))
    page = patrol_pages.patrols(
        asking.context.registry, asking.lang, listing, own, visit=pages.visit_of(asking.request)
    )
    return pages.html(asking.request, page.html, policy=policy(page.script_hashes))


def _following(asking: Asking, shown: Sequence[Patrol]) -> str:
    return links.here(asking.request, after=str(shown[-1].uuid))


def _after(asked: AskedPatrols) -> UUID | None:
    if not asked.after:
        return None
    found = ids.uuid(asked.after)
    if found is None:
        reason, reason_zh = "it is no patrol's id", "不是巡查的编号"
        raise Problem(BAD_PARAMETER, name="after", reason=reason, reason_zh=reason_zh)
    return found


@router.get(
    "/patrols/{patrol}",
    summary="一次巡查的轨迹 · The way of a patrol",
    responses=answers(GEOJSON, HTML),
    dependencies=[SWITCHED_ON],
)
def show(asking: AskingOf, patrol: str, _: Params) -> Response:
    with asking.context.database.read() as connection:
        found = patrol_records.get(connection, _uuid(patrol))
        way = patrol_records.stretches(connection, [found.uuid])
        missing = patrol_records.missing(connection, found)
    asking.note([found])
    if not wants_html(asking.request):
        told = collection(found, way, missing, asking.actor)
        return JSONResponse(told, headers={"vary": VARY}, media_type=GEOJSON)
    return _page(asking, found, way, missing)


def _page(
    asking: Asking, found: Patrol, way: Sequence[Stretch], missing: Sequence[int]
) -> Response:
    page = patrol_pages.patrol(
        asking.context.registry,
        asking.lang,
        patrol_pages.Shown(found, way, missing, is_own=is_own(found, asking.actor)),
        visit=pages.visit_of(asking.request),
    )
    return pages.html(asking.request, page.html, policy=policy(page.script_hashes))


def _uuid(text: str) -> UUID:
    found = ids.uuid(text)
    if found is None:
        raise Problem(UNKNOWN_PATROL, id=text)
    return found
