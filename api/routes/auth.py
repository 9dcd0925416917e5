"""Signing in and out: pages that work without a script."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from api import auth, errors, ids, pages
from api.context import Context, session_of
from api.deps import Application, ReaderLang, SessionOf
from api.media import HTML, JSON, answers
from api.negotiation import wants_html
from api.parameters import PageParams
from api.statuses import status_of
from api.words.auth import words
from gis.errors import Lang, Problem
from layers.admission import accounts, passwords, sessions, sign_in_links, signing_in
from layers.admission.sessions import Kind, Listed, Session
from layers.declaring.people import EVERYWHERE
from layers.declaring.rights import ROLE_LABELS
from layers.refusals.people import UNKNOWN_SESSION

router = APIRouter(prefix="/auth", tags=["Accounts"], default_response_class=Response)

# These pages have no script at all, and no other page may show them in a frame.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class Credentials(BaseModel):
    """What the sign-in page sends."""

    login: str = Field(max_length=passwords.MAXIMUM)
    password: str = Field(max_length=passwords.MAXIMUM)


class NewPassword(BaseModel):
    """What the page for a new password sends; who has none yet sends no present one."""

    current: str = Field("", max_length=passwords.MAXIMUM)
    new: str = Field(max_length=passwords.MAXIMUM)
    again: str = Field(max_length=passwords.MAXIMUM)


class AskedDoor(BaseModel):
    """What the pages for signing in take."""

    model_config = ConfigDict(extra="ignore")

    next: str | None = Field(
        None, description="登录后去的本站地址 · Where to go afterwards, an address of ours."
    )


DoorParams = Annotated[AskedDoor, Query()]


@router.get("/sign-in", include_in_schema=False)
def sign_in_page(
    request: Request, context: Application, lang: ReaderLang, asked: DoorParams
) -> Response:
    wanted = auth.own_path(asked.next)
    if session_of(request) is not None:
        return _gone_to(wanted)
    return _sign_in(request, context, lang, asked)


@router.post("/sign-in", include_in_schema=False)
def sign_in(
    request: Request,
    context: Application,
    lang: ReaderLang,
    asked: DoorParams,
    form: Annotated[Credentials, Form()],
) -> Response:
    device = auth.device_of(request)
    try:
        secret = signing_in.by_password(
            context.database, form.login, form.password, Kind.COOKIE, device
        )
    except Problem as problem:
        if not wants_html(request):
            raise
        return _sign_in(request, context, lang, asked, login=form.login, problem=problem)
    return entered(request, context, secret, auth.own_path(asked.next))


@router.post("/sign-out", summary="退出登录 · End this session", status_code=204)
def sign_out(request: Request, context: Application, _: PageParams) -> Response:
    session = session_of(request)
    if session is not None:
        with context.database.begin() as connection:
            sessions.end(connection, session.id)
    response = _done(request, "/auth/sign-in")
    auth.forget(request, response)
    return response


@router.get("/links/{secret}", include_in_schema=False)
def link_page(
    request: Request, context: Application, lang: ReaderLang, secret: str, asked: DoorParams
) -> Response:
    # Messengers fetch what they preview: looking must not use the link up, the button does.
    with context.database.read() as connection:
        sign_in_links.check(connection, secret)
    return _page(request, lang, "auth_link.html", target=_here(request, asked))


@router.post("/links/{secret}", include_in_schema=False)
def use_link(request: Request, context: Application, secret: str, asked: DoorParams) -> Response:
    entry = signing_in.by_link(context.database, secret, auth.device_of(request))
    return entered(request, context, entry, auth.own_path(asked.next))


@router.get("/password", include_in_schema=False)
def password_page(
    request: Request, context: Application, lang: ReaderLang, session: SessionOf, asked: DoorParams
) -> Response:
    return _PasswordPage(request, context, lang, session, asked).shown()


@router.post("/password", include_in_schema=False)
def change_password(
    request: Request,
    context: Application,
    lang: ReaderLang,
    session: SessionOf,
    *,
    asked: DoorParams,
    form: Annotated[NewPassword, Form()],
) -> Response:
    page = _PasswordPage(request, context, lang, session, asked)
    if form.new != form.again:
        return page.shown(422, words(lang)["different"])
    device = auth.device_of(request)
    try:
        signing_in.change_password(context.database, session, form.current, form.new, device)
    except Problem as problem:
        if not wants_html(request):
            raise
        return page.shown(status_of(problem.rule), problem.sentence(lang))
    return _done(request, auth.own_path(asked.next) if asked.next else "/auth/sessions")


@router.get(
    "/sessions",
    summary="我的账号和登录 · My account and my sessions",
    responses=answers(JSON, HTML),
)
def my_sessions(
    request: Request, context: Application, lang: ReaderLang, session: SessionOf, _: PageParams
) -> Response:
    account_id = _account_id(session)
    with context.database.read() as connection:
        found = sessions.listed(connection, account_id)
    if wants_html(request):
        return _page(
            request,
            lang,
            "auth_sessions.html",
            session=session,
            sessions=found,
            role=ROLE_LABELS[session.actor.role].of(lang),
            everywhere=session.actor.division == EVERYWHERE,
        )
    listed = [_listed(each, session) for each in found]
    return JSONResponse({**_described(session), "sessions": listed})


@router.post("/sessions/revoke", summary="结束其他登录 · End all other sessions", status_code=204)
def revoke_others(
    request: Request, context: Application, session: SessionOf, _: PageParams
) -> Response:
    with context.database.begin() as connection:
        sessions.revoke_all(connection, _account_id(session), keep=session.id)
    return _done(request, "/auth/sessions")


@router.post(
    "/sessions/{session_id}/revoke", summary="结束一个登录 · End one session", status_code=204
)
def revoke(
    request: Request, context: Application, session: SessionOf, session_id: str, _: PageParams
) -> Response:
    number = ids.read(session_id, Problem(UNKNOWN_SESSION))
    with context.database.begin() as connection:
        sessions.revoke(connection, _account_id(session), number)
    return _done(request, "/auth/sessions")


def entered(request: Request, context: Context, secret: str, wanted: str) -> Response:
    """The answer to whoever has just come in: a new secret, whatever the browser had before."""
    former = session_of(request)
    if former is not None:
        with context.database.begin() as connection:
            sessions.end(connection, former.id)
    response = _gone_to(wanted)
    auth.keep(request, response, secret)
    return response


def _sign_in(
    request: Request,
    context: Context,
    lang: Lang,
    asked: AskedDoor,
    *,
    login: str = "",
    problem: Problem | None = None,
) -> Response:
    status = 200 if problem is None else int(status_of(problem.rule))
    said = words(lang)
    provider = context.provider
    return _page(
        request,
        lang,
        "auth_sign_in.html",
        status=status,
        login=login,
        message=problem.sentence(lang) if problem else "",
        target=_here(request, asked),
        provider=said["provider"].format(name=provider.name) if provider else "",
        provider_target=_here(request, asked).replace("/sign-in", "/oidc", 1),
    )


@dataclass(frozen=True, slots=True)
class _PasswordPage:
    request: Request
    context: Context
    lang: Lang
    session: Session
    asked: AskedDoor

    def shown(self, status: int = 200, message: str = "") -> Response:
        """The form, and what was wrong with what it sent."""
        with self.context.database.read() as connection:
            account = accounts.get(connection, self.session.login)
        return _page(
            self.request,
            self.lang,
            "auth_password.html",
            status=status,
            message=message,
            login=account.login,
            has_password=account.has_password,
            due=account.must_change,
            rule=words(self.lang)["password_rule"].format(minimum=passwords.MINIMUM),
            minimum=passwords.MINIMUM,
            target=_here(self.request, self.asked),
        )


def _page(
    request: Request, lang: Lang, template: str, *, status: int = 200, **values: Any
) -> Response:
    headers = {"cache-control": "no-store", "x-frame-options": "DENY"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = errors.CHALLENGE
    return pages.own(
        request, template, status=status, policy=POLICY, headers=headers, w=words(lang), **values
    )


def _here(request: Request, asked: AskedDoor) -> str:
    """This address for the page's own form, with nothing but where to go afterwards."""
    path = quote(request.url.path)
    return (
        path if asked.next is None else f"{path}?{urlencode({'next': auth.own_path(asked.next)})}"
    )


def _done(request: Request, then: str) -> Response:
    return _gone_to(then) if wants_html(request) else Response(status_code=204)


def _gone_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def _account_id(session: Session) -> int:
    account_id = session.actor.account_id
    if account_id is None:
        raise Problem(UNKNOWN_SESSION)
    return account_id


def _described(session: Session) -> dict[str, Any]:
    actor = session.actor
    return {
        "login": session.login,
        "name": actor.name,
        "role": actor.role,
        "division": actor.division,
    }


def _listed(each: Listed, session: Session) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "agent": each.agent,
        "address": each.address,
        "created": each.created_at.isoformat(timespec="seconds"),
        "last_seen": each.last_seen_at.isoformat(timespec="seconds"),
        "current": each.id == session.id,
    }
