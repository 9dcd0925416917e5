"""What one is told: the list, what of it has been read, and what one wants to be told."""

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from api import bodies, ids, links, pages
from api.bodies import FormBody, JSONBody
from api.context import Context, context_of
from api.deps import ActorOf, Ctx, ReaderLang
from api.media import HTML, JSON, answers
from api.negotiation import wants_html
from api.parameters import AskedPage, Params
from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER
from layers.notices import choices, inbox, mails
from layers.notices.choices import Choices
from layers.notices.declared import TOLD
from layers.notices.inbox import Notice
from maps.pages import notices as notice_pages
from maps.pages.notices import Listing, Wanted

router = APIRouter(tags=["Notices"], default_response_class=Response)

_PAGE = 50
_MOST = 1000


class AskedNotices(AskedPage):
    """What the list takes."""

    unread: bool = Field(
        default=False, description="只要未读的 · Only those that have not been read."
    )
    before: int | None = Field(
        None,
        ge=0,
        le=10**ids.MAX_DIGITS,
        description="本页之后的编号 · The number after this page, which goes from new to old.",
    )


class Read(BaseModel):
    """Which notices have been read; all of them when none are named."""

    model_config = ConfigDict(extra="forbid")

    numbers: list[Annotated[int, Field(ge=0, le=10**ids.MAX_DIGITS)]] | None = Field(
        None, max_length=_MOST
    )


class Chosen(BaseModel):
    """What an account wants to be told, whole."""

    model_config = ConfigDict(extra="forbid")

    pace: str
    lang: Lang
    address: str | None = None
    unlisted: list[str] = Field(default_factory=list, max_length=100)
    unmailed: list[str] = Field(default_factory=list, max_length=100)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, as every page here needs it."""

    request: Request
    context: Ctx
    actor: ActorOf
    lang: ReaderLang

    @property
    def account(self) -> int:
        """Whose notices: nobody's where the machine's keeper asks, who has no account."""
        return self.actor.account_id or 0


AskingOf = Annotated[Asking, Depends()]


# --- the list -------------------------------------------------------------------------------------
@router.get("/notices", summary="通知 · What one is told", responses=answers(JSON, HTML))
def list_notices(asking: AskingOf, asked: Annotated[AskedNotices, Query()]) -> Response:
    with asking.context.database.read() as connection:
        found = inbox.listed(
            connection,
            asking.context.registry,
            asking.account,
            limit=_PAGE + 1,
            before=asked.before,
            unread_only=asked.unread,
        )
    shown, more = found[:_PAGE], len(found) > _PAGE
    if wants_html(asking.request):
        return _page(asking, asked, shown, more=more)
    following = [_next(asking.request, shown)] if more else []
    members = {
        "notices": [_member(asking, each) for each in shown],
        "links": [*links.self_links(asking.request, JSON), *following],
    }
    return JSONResponse(members)


@router.patch(
    "/notices",
    summary="标为已读 · Mark as read",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
)
def mark(asking: AskingOf, body: JSONBody, _: Params) -> Response:
    numbers = bodies.model(body, Read).numbers
    with asking.context.database.begin() as connection:
        count = inbox.mark_read(connection, asking.account, numbers)
    return JSONResponse({"read": count})


@router.post("/notices", include_in_schema=False)
def mark_by_form(asking: AskingOf, body: FormBody) -> Response:
    typed = bodies.form(body)
    number = ids.number(typed["number"]) if "number" in typed else None
    if "number" in typed and number is None:
        raise _no_number()
    with asking.context.database.begin() as connection:
        numbers = None if number is None else [number]
        inbox.mark_read(connection, asking.account, numbers)
    back = "/notices?unread=true" if typed.get("unread") else "/notices"
    return RedirectResponse(back, HTTPStatus.SEE_OTHER)


def _page(asking: Asking, asked: AskedNotices, shown: list[Notice], *, more: bool) -> Response:
    narrowed = {"unread": "true"} if asked.unread else {}
    older = urlencode({**narrowed, "before": shown[-1].number}) if more else None
    listing = Listing(notices=shown, unread_only=asked.unread, older=older and f"/notices?{older}")
    visit = pages.visit_of(asking.request)
    text = notice_pages.notices(asking.context.registry, asking.lang, listing, visit=visit)
    return pages.html(asking.request, text)


def _member(asking: Asking, notice: Notice) -> dict[str, Any]:
    told = notice_pages.told(asking.context.registry, asking.lang, notice)
    seen = {"collection": notice.layer, "id": notice.feature} if notice.title else {}
    return {
        "number": notice.number,
        "kind": notice.kind.value,
        "at": notice.at.isoformat(),
        "read": notice.read_at and notice.read_at.isoformat(),
        "title": notice.title,
        **seen,
        "about": told.about,
        "data": notice.told if notice.title else {},
    }


def _next(request: Request, shown: list[Notice]) -> dict[str, str]:
    return {"href": links.here(request, before=shown[-1].number), "rel": "next", "type": JSON}


def _no_number() -> Problem:
    return Problem(
        BAD_PARAMETER, name="number", reason="it is no number of ours", reason_zh="不是编号"
    )


# --- what one wants to be told --------------------------------------------------------------------
@router.get(
    "/notices/choices",
    summary="通知设置 · What one wants to be told",
    responses=answers(JSON, HTML),
)
def get_choices(asking: AskingOf, _: Annotated[AskedPage, Query()]) -> Response:
    if wants_html(asking.request):
        return _choices_page(asking)
    with asking.context.database.read() as connection:
        found = choices.of(connection, asking.account, asking.context.settings.lang)
    return JSONResponse(asdict(found))


@router.put(
    "/notices/choices",
    summary="修改通知设置 · Change what one wants to be told",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
)
def put_choices(asking: AskingOf, body: JSONBody, _: Params) -> Response:
    told = bodies.model(body, Chosen).model_dump()
    chosen = Choices(**{**told, **{n: tuple(told[n]) for n in ("unlisted", "unmailed")}})
    _choose(asking, chosen)
    return JSONResponse(asdict(chosen))


@router.post("/notices/choices", include_in_schema=False)
def save_choices(asking: AskingOf, body: FormBody) -> Response:
    typed = bodies.form(body)
    unticked = {
        way: tuple(kind.value for kind in TOLD if f"{way}:{kind.value}" not in typed)
        for way in ("list", "mail")
    }
    chosen = Choices(
        pace=typed.get("pace", ""),
        lang="en" if typed.get("lang") == "en" else "zh",
        address=typed.get("address", "").strip() or None,
        unlisted=unticked["list"],
        unmailed=unticked["mail"],
    )
    _choose(asking, chosen)
    return _choices_page(asking, saved=True)


def _choose(asking: Asking, chosen: Choices) -> None:
    with asking.context.database.begin() as connection:
        choices.choose(connection, asking.account, chosen)


def _choices_page(asking: Asking, *, saved: bool = False) -> Response:
    context: Context = asking.context
    settings = context.settings
    with context.database.read() as connection:
        found = choices.of(connection, asking.account, asking.lang)
        last = mails.last_of(connection, asking.account)
    with context_of(asking.request).database.read() as connection:
        address = choices.address_of(connection, asking.account)
    dead = last is not None and last.state == "dead"
    wanted = Wanted(
        choices=found,
        address=address,
        minutes=settings.mail_every_minutes if settings.smtp_host else None,
        dead=(last.made_at, last.error or "") if last is not None and dead else None,
        saved=saved,
    )
    visit = pages.visit_of(asking.request)
    return pages.html(asking.request, notice_pages.choices(asking.lang, wanted, visit=visit))
