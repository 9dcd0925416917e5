"""Webhooks for admins: where events of the own ground are sent, and what became of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from api import bodies, ids, links, pages
from api.deps import ActorOf, Ctx, ReaderLang, needs
from api.media import FORM, HTML, JSON, answers
from api.negotiation import wants_html
from api.outward import sending, signing
from api.parameters import AskedPage, Params
from api.refusals import WEBHOOK_TARGET, WEBHOOK_URL
from api.statuses import status_of
from gis.errors import Problem
from layers.declaring.rights import Right
from layers.ground import division_names
from layers.ground.division_names import DivisionName
from layers.notices import deliveries, webhooks
from layers.notices.declared import SENT
from layers.notices.deliveries import Delivery
from layers.notices.webhooks import Draft, Webhook
from layers.refusals.notices import UNKNOWN_DELIVERY, UNKNOWN_WEBHOOK, WEBHOOK_REFUSED
from maps.pages import notices as notice_pages
from maps.pages.duties import Form as Filled
from maps.pages.notices import Known
from maps.words.wording import words

router = APIRouter(
    tags=["Webhooks"], default_response_class=Response, dependencies=[needs(Right.ADMIN)]
)

_PAGE = 50
_TEXT_LIMIT = 2000
_TICK = "kind:"
# What is a secret is in no cache.
_HEADERS = {"cache-control": "no-store", "x-frame-options": "DENY"}
_AT_FAULT = {WEBHOOK_URL: "url", WEBHOOK_TARGET: "url", WEBHOOK_REFUSED: ""}

ActionName = Literal["secret", "pause", "resume", "probe", "again_all", "delete"]


class AskedWebhook(AskedPage):
    """What a webhook's page takes."""

    before: int | None = Field(
        None,
        ge=0,
        le=10**ids.MAX_DIGITS,
        description="本页之后的编号 · The delivery after this page, which goes from new to old.",
    )


class Given(BaseModel):
    """What is said of a webhook."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=_TEXT_LIMIT)
    url: str = Field(max_length=_TEXT_LIMIT)
    kinds: list[str] = Field(max_length=100)

    def draft(self) -> Draft:
        """The same for the floor below."""
        return Draft(name=self.name, url=self.url, kinds=self.kinds)


class GivenNew(Given):
    """What is said of a new one, which keeps its division."""

    division: str = Field(max_length=_TEXT_LIMIT)


@dataclass(frozen=True, slots=True)
class Asking:
    """Which admin asks."""

    request: Request
    context: Ctx
    actor: ActorOf
    lang: ReaderLang

    def shown(self, text: str, status: int = HTTPStatus.OK) -> Response:
        """A page in the frame of all."""
        return pages.html(self.request, text, status=status, headers=_HEADERS)


AskingOf = Annotated[Asking, Depends()]


async def _webhook(webhook: str) -> int:
    return ids.read(webhook, Problem(UNKNOWN_WEBHOOK, id=webhook[: ids.MAX_DIGITS]))


async def _delivery(delivery: str) -> int:
    return ids.read(delivery, Problem(UNKNOWN_DELIVERY, id=delivery[: ids.MAX_DIGITS]))


@dataclass(frozen=True, slots=True)
class Brought:
    """What came: as JSON, or from the page's form."""

    said: Mapping[str, Any]
    typed: Mapping[str, str] | None = None

    def given(self, wanted: type[Given]) -> Given:
        """What is said of a webhook; Problem(BODY_UNREADABLE)."""
        return bodies.checked(self.said, wanted)


async def _brought(request: Request) -> Brought:
    body, media_type = await bodies.either(request, (JSON, FORM))
    if media_type == JSON:
        return Brought(bodies.json_object(body))
    typed = bodies.form(body)
    kinds = [kind.value for kind in SENT if f"{_TICK}{kind.value}" in typed]
    texts = {name: text for name, text in typed.items() if not name.startswith(_TICK)}
    return Brought({"name": "", "url": "", **texts, "kinds": kinds}, typed)


BroughtOf = Annotated[Brought, Depends(_brought)]
WebhookId = Annotated[int, Depends(_webhook)]
DeliveryId = Annotated[int, Depends(_delivery)]
_BODY = bodies.documented((JSON,))


# --- looking --------------------------------------------------------------------------------------
@router.get(
    "/webhooks",
    summary="推送地址 · The webhooks of one's ground",
    responses=answers(JSON, HTML),
)
def list_webhooks(asking: AskingOf, _: Annotated[AskedPage, Query()]) -> Response:
    if wants_html(asking.request):
        ticked = {f"{_TICK}{kind.value}": "true" for kind in SENT}
        return _list_page(asking, Filled("new", {"division": asking.actor.division, **ticked}))
    with asking.context.database.read() as connection:
        found = webhooks.listed(connection)
    members = {
        "webhooks": [_member(each) for each in found],
        "links": links.self_links(asking.request, JSON),
    }
    return JSONResponse(members)


def _list_page(asking: Asking, form: Filled, status: int = HTTPStatus.OK) -> Response:
    with asking.context.database.read() as connection:
        found = webhooks.listed(connection)
    divisions, visit = _divisions(asking), pages.visit_of(asking.request)
    text = notice_pages.webhooks(asking.lang, found, form, divisions, visit=visit)
    return asking.shown(text, status)


@router.get(
    "/webhooks/{webhook}",
    summary="一个推送地址和它的发送记录 · One webhook and its deliveries",
    responses=answers(JSON, HTML),
)
def show_webhook(
    asking: AskingOf, webhook: WebhookId, asked: Annotated[AskedWebhook, Query()]
) -> Response:
    if wants_html(asking.request):
        return _webhook_page(asking, webhook, asked.before)
    with asking.context.database.read() as connection:
        found = webhooks.get(connection, webhook)
        listed = deliveries.listed(connection, webhook, limit=_PAGE + 1, before=asked.before)
    shown = listed[:_PAGE]
    following = [_next(asking.request, shown)] if len(listed) > _PAGE else []
    members = {
        **_member(found),
        "deliveries": [_delivered(each) for each in shown],
        "links": [*links.self_links(asking.request, JSON), *following],
    }
    return JSONResponse(members)


def _webhook_page(
    asking: Asking,
    webhook: int,
    before: int | None = None,
    *,
    form: Filled | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    with asking.context.database.read() as connection:
        found = webhooks.get(connection, webhook)
        listed = deliveries.listed(connection, webhook, limit=_PAGE + 1, before=before)
    shown = listed[:_PAGE]
    stored = {"name": found.name, "url": found.url}
    stored |= {f"{_TICK}{kind}": "true" for kind in found.kinds}
    known = Known(
        webhook=found,
        deliveries=shown,
        names={each.code: each.name for each in _divisions(asking)},
        form=form or Filled("change", stored),
        older=f"?before={shown[-1].number}" if len(listed) > _PAGE else None,
    )
    visit = pages.visit_of(asking.request)
    return asking.shown(notice_pages.webhook(asking.lang, known, visit=visit), status)


def _divisions(asking: Asking) -> Sequence[DivisionName]:
    everywhere = words("webhooks", asking.lang)["everywhere"]
    with asking.context.database.read() as connection:
        return division_names.choices(connection, asking.actor.division, everywhere)


# --- changing -------------------------------------------------------------------------------------
@router.post(
    "/webhooks",
    summary="新建推送地址 · A new webhook; its secret is told this once",
    status_code=HTTPStatus.CREATED,
    responses=answers(JSON, status=HTTPStatus.CREATED),
    openapi_extra=_BODY,
)
def add_webhook(asking: AskingOf, brought: BroughtOf, _: Params) -> Response:
    secret = signing.new_secret()
    try:
        given = brought.given(GivenNew)
        sending.poster(asking.context.settings).check(given.url)
        with asking.context.database.begin() as connection:
            division = str(getattr(given, "division", ""))
            number = webhooks.add(connection, asking.actor, given.draft(), division, secret)
    except Problem as problem:
        form = _refused(asking, brought, problem, "new")
        return _list_page(asking, form, status_of(problem.rule))
    if brought.typed is not None:
        return _secret_page(asking, number, secret)
    told = {"id": number, "secret": signing.shown(secret)}
    headers = {**_HEADERS, "location": f"/webhooks/{number}"}
    return JSONResponse(told, HTTPStatus.CREATED, headers)


@router.put(
    "/webhooks/{webhook}",
    summary="修改推送地址 · Change a webhook",
    responses=answers(JSON),
    openapi_extra=_BODY,
)
@router.post("/webhooks/{webhook}", include_in_schema=False)
def change_webhook(asking: AskingOf, webhook: WebhookId, brought: BroughtOf, _: Params) -> Response:
    try:
        given = brought.given(Given)
        sending.poster(asking.context.settings).check(given.url)
        with asking.context.database.begin() as connection:
            webhooks.change(connection, webhook, given.draft())
    except Problem as problem:
        form = _refused(asking, brought, problem, "change")
        return _webhook_page(asking, webhook, form=form, status=status_of(problem.rule))
    return _answered(asking, webhook, brought.typed is not None)


def _refused(asking: Asking, brought: Brought, problem: Problem, name: str) -> Filled:
    """The form with what is wrong in it; the problem itself where no form was sent."""
    if brought.typed is None or problem.rule not in _AT_FAULT:
        raise problem
    sentence = problem.sentence(asking.lang)
    return Filled(name, brought.typed, {_AT_FAULT[problem.rule]: sentence})


@router.delete("/webhooks/{webhook}", summary="删除推送地址 · Take a webhook away")
def delete_webhook(asking: AskingOf, webhook: WebhookId, _: Params) -> Response:
    with asking.context.database.begin() as connection:
        webhooks.remove(connection, webhook)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/webhooks/{webhook}/{action}",
    summary="换密钥、暂停、恢复、测试、重发、删除 · New secret, pause, resume, test, send again",
    responses=answers(JSON),
)
def act(asking: AskingOf, webhook: WebhookId, action: ActionName, _: Params) -> Response:
    by_page = wants_html(asking.request)
    if action == "secret":
        return _renewed(asking, webhook, by_page=by_page)
    with asking.context.database.begin() as connection:
        webhooks.get(connection, webhook)
        _ACTIONS[action](connection, webhook)
    if action == "delete":
        return RedirectResponse("/webhooks", HTTPStatus.SEE_OTHER)
    return _answered(asking, webhook, by_page)


def _renewed(asking: Asking, webhook: int, *, by_page: bool) -> Response:
    secret = signing.new_secret()
    with asking.context.database.begin() as connection:
        webhooks.renew(connection, webhook, secret)
    if by_page:
        return _secret_page(asking, webhook, secret)
    return JSONResponse({"id": webhook, "secret": signing.shown(secret)}, headers=_HEADERS)


@router.post(
    "/webhooks/{webhook}/deliveries/{delivery}",
    summary="重发一条 · Send one delivery again",
    responses=answers(JSON),
)
def send_again(asking: AskingOf, webhook: WebhookId, delivery: DeliveryId, _: Params) -> Response:
    with asking.context.database.begin() as connection:
        webhooks.get(connection, webhook)
        deliveries.send_again(connection, webhook, delivery)
    return _answered(asking, webhook, wants_html(asking.request))


def _answered(asking: Asking, webhook: int, by_page: bool) -> Response:
    """The page for whoever came from one, else the webhook as it is now."""
    if by_page:
        return RedirectResponse(f"/webhooks/{webhook}", HTTPStatus.SEE_OTHER)
    with asking.context.database.read() as connection:
        return JSONResponse(_member(webhooks.get(connection, webhook)))


def _secret_page(asking: Asking, webhook: int, secret: bytes) -> Response:
    with asking.context.database.read() as connection:
        name = webhooks.get(connection, webhook).name
    visit, key = pages.visit_of(asking.request), signing.shown(secret)
    return asking.shown(notice_pages.secret(asking.lang, name, webhook, key, visit=visit))


_ACTIONS: Mapping[ActionName, Callable[[Connection, int], object]] = {
    "pause": webhooks.pause,
    "resume": webhooks.resume,
    "probe": webhooks.probe,
    "again_all": deliveries.send_again,
    "delete": webhooks.remove,
}


def _member(webhook: Webhook) -> dict[str, Any]:
    told = asdict(webhook)
    for name in ("made_at", "paused_at"):
        told[name] = told[name] and told[name].isoformat()
    return told


def _delivered(delivery: Delivery) -> dict[str, Any]:
    told = asdict(delivery)
    told |= {"id": str(delivery.id), "kind": delivery.kind.value}
    told["collection"] = told.pop("layer")
    for name in ("made_at", "next_at", "done_at"):
        told[name] = told[name] and told[name].isoformat()
    return told


def _next(request: Request, shown: Sequence[Delivery]) -> dict[str, str]:
    return {"href": links.here(request, before=shown[-1].number), "rel": "next", "type": JSON}
