"""Who asks: a cookie or a bearer token, looked up once for whatever is not open to all."""

import asyncio
import re
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.context import Context, Knock, context_of, session_of
from api.middleware import is_loopback
from api.negotiation import wants_html
from api.refusals import CROSS_SITE, OTHER_ACCOUNT, PASSWORD_DUE, SIGN_IN_NEEDED
from gis.errors import Problem
from gis.postgis import Database, asked_again
from layers.admission import accounts, sessions
from layers.admission.sessions import LIFETIMES, Device, Kind, Session
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.freshness import counting
from layers.freshness.counting import State

# Nothing of the district's: health, the pages' scripts and styles, what the API says of itself.
_SCRIPTS = r"/assets/.*|/favicon\.ico|/field/manifest\.webmanifest|/field/worker\.js"
_UNASKED = rf"/healthz|/readyz|/openapi\.json|{_SCRIPTS}"
OPEN = re.compile(rf"{_UNASKED}|/docs|/conformance|/problems(/[^/]*)?", re.DOTALL)
# Of the open ones, these are the same for everybody; on the others the menu is the reader's own.
_SAME_FOR_ALL = re.compile(_UNASKED, re.DOTALL)
TILES = re.compile(
    r"(?:/collections/([a-z_]+))?/tiles/WebMercatorQuad/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})"
)
"""The paths of tiles, which are asked for more often than all else."""
_OWN_DOOR = re.compile(r"/auth/.*", re.DOTALL)
ACCOUNT_HEADER = "gridfield-account"
"""The id of the account that a request was made for, long before it could be sent."""
_LANDING = "/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NEXT_LIMIT = 2000
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


# Whoever sits at a machine on which nobody has an account yet could as well make one there.
_KEEPER = Session(
    id=0,
    kind=Kind.BEARER,
    actor=Actor(None, None, "本机", Role.ADMIN, EVERYWHERE, "local"),
    login="",
    must_change=False,
)


class Door:
    """Lets in who has a session, before anything of the request's body is read.

    What is not named open is closed, routes that are still to come among it. Until the first
    account is made, the machine itself needs none.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self.app = app
        self.context = context
        self.claimed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.app
        if scope["type"] == "http" and not _SAME_FOR_ALL.fullmatch(scope["path"]):
            try:
                await self._let_in(scope)
            except Problem as problem:
                app = errors.answer(Request(scope), problem)
        await app(scope, receive, send)

    async def _let_in(self, scope: Scope) -> None:
        request = HTTPConnection(scope)
        session = await self._session(request)
        request.state.session = session
        if session is not None and session.kind is Kind.COOKIE:
            _from_own_page(request)
        if OPEN.fullmatch(scope["path"]) or _OWN_DOOR.fullmatch(scope["path"]):
            return
        if session is None and not (scope["path"] == _LANDING and not wants_html(request)):
            raise Problem(SIGN_IN_NEEDED)
        if session is not None and session.must_change:
            raise Problem(PASSWORD_DUE)
        _of_the_one_meant(request, session)

    async def _session(self, request: HTTPConnection) -> Session | None:
        secret = secret_of(request)
        found = await self._known(request, secret) if secret else None
        if found is not None or not self._keeps(request):
            return found
        # Threads of their own: whoever comes in waits neither for imports nor for tiles.
        loop = asyncio.get_running_loop()
        kept = partial(asked_again, self._keeper)
        return await loop.run_in_executor(self.context.door_threads, kept)

    async def _known(self, request: HTTPConnection, secret: str) -> Session | None:
        """The session; with it comes what the request's route would ask for next."""
        knock = Knock(secret, tells_state=TILES.fullmatch(request.scope["path"]) is not None)
        found, request.state.data = await self.context.door.ask(knock)
        return found

    def _keeper(self) -> Session | None:
        with self.context.database.glance() as connection:
            self.claimed = accounts.has_any(connection)
        return None if self.claimed else _KEEPER

    def _keeps(self, request: HTTPConnection) -> bool:
        return not self.claimed and _from_this_machine(request)


def found_sessions(
    database: Database, knocks: Sequence[Knock]
) -> list[tuple[Session | None, State | None]]:
    """The sessions behind some secrets, as they are now, None for what holds no more; for those
    that are told so, how far the data have come."""

    def found() -> list[tuple[Session | None, State | None]]:
        with database.glance() as connection:
            known = sessions.find_all(connection, [knock.secret for knock in knocks])
            telling = any(knock.tells_state for knock in knocks)
            state = counting.current(connection) if telling else None
        return [(each, state) for each in known]

    # Twice is as good as once: nobody is refused because the database has just come back.
    return asked_again(found)


def still_holds(connection: Connection, session: Session) -> bool:
    """Whether a session that was let in would be let in again, as whom it was; for answers that go
    on."""
    if session is _KEEPER:
        return not accounts.has_any(connection)
    return sessions.holds(connection, session)


def _from_this_machine(request: HTTPConnection) -> bool:
    """Whether somebody here asks by an address of the machine itself, and no proxy for another."""
    host = request.url.hostname or ""
    near = request.client is not None and is_loopback(request.client.host) and is_loopback(host)
    return near and not any(name in request.headers for name in _PASSED_ON)


def signed_in(request: HTTPConnection) -> Session:
    """The session of this request; Problem(SIGN_IN_NEEDED) without one."""
    session = session_of(request)
    if session is None:
        raise Problem(SIGN_IN_NEEDED)
    return session


def actor_of(request: HTTPConnection) -> Actor:
    """Who asks; Problem(SIGN_IN_NEEDED) when nobody has signed in."""
    return signed_in(request).actor


def acting_context(request: HTTPConnection) -> Context:
    """The application's context for who asks: its database sees and changes what they may."""
    return context_of(request).acting(signed_in(request))


def secret_of(request: HTTPConnection) -> str | None:
    """The secret that a request brings; a header is meant, a cookie comes by itself."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else None
    return request.cookies.get(cookie_name(request))


def device_of(request: HTTPConnection) -> Device:
    """What the request tells of where it comes from."""
    address = request.client.host if request.client else None
    return Device(agent=request.headers.get("user-agent"), address=address)


def cookie_name(request: HTTPConnection) -> str:
    """Under https a name that neither a neighbouring host nor plain http can set (RFC 6265bis)."""
    return own_name(request, "gridfield")


def own_name(request: HTTPConnection, name: str) -> str:
    """A cookie's name as the scheme allows."""
    return f"__Host-{name}" if is_secure(request) else name


def is_secure(request: HTTPConnection) -> bool:
    """Whether the reader came by https, to us or to a proxy in front of us."""
    return request.url.scheme == "https"


def keep(request: HTTPConnection, response: Response, secret: str) -> None:
    """Give the browser its secret; no script can read it and no other site can send it."""
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LIFETIMES[Kind.COOKIE].whole.total_seconds()),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    _unshared(response.headers)


def forget(request: HTTPConnection, response: Response) -> None:
    """Take the secret from the browser again."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )
    _unshared(response.headers)


def own_path(text: str | None) -> str:
    """Where to go after signing in: an address of ours as it was asked for, else the portal."""
    if text is None or len(text) > _NEXT_LIMIT or not text.isprintable():
        return "/"
    # Browsers read a backslash as a slash, and two slashes as the name of another host.
    if not text.startswith("/") or text.startswith("//") or "\\" in text:
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return text if not (parts.scheme or parts.netloc) else "/"


def _from_own_page(request: HTTPConnection) -> None:
    """Refuse a change that a cookie would vouch for while nothing says whose page it came from.

    Where a browser does say it, `api.middleware.SameSite` has looked.
    """
    told = "origin" in request.headers or "sec-fetch-site" in request.headers
    if request.scope["method"] not in _SAFE and not told:
        raise Problem(CROSS_SITE)


def _of_the_one_meant(request: HTTPConnection, session: Session | None) -> None:
    """Refuse a request that says whose it is when somebody else is signed in.

    On a phone that two people use, what one has logged may still wait when the other comes in.
    """
    meant = request.headers.get(ACCOUNT_HEADER)
    if meant is None or session is None:
        return
    if meant != str(session.actor.account_id):
        raise Problem(OTHER_ACCOUNT)


def _unshared(headers: MutableHeaders) -> None:
    headers["cache-control"] = "no-store"
