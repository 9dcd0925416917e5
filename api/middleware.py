"""What every request passes before any route: small, plain ASGI, each doing one thing."""

import asyncio
import ipaddress
import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.metrics import Metrics
from api.negotiation import VARY
from api.refusals import BODY_TOO_SLOW, CROSS_SITE, FOREIGN_HOST
from gis.errors import Problem
from layers.refusals.asking import BODY_TOO_LARGE

MB = 1_000_000
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_log = logging.getLogger("gridfield")


class Metered:
    """Counts what is answered under the route's pattern, never under the address itself."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            seconds = time.perf_counter() - started
            self.metrics.record(scope["method"], route, status, seconds)


class HeadAsGet:
    """Answers HEAD wherever GET is answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        await self.app({**scope, "method": "GET", "head": True}, receive, without_body)


# A page brings a policy of its own; what is no page may load nothing. Without a word on caching,
# a browser would show yesterday's answer, or the JSON of an address where it wants the page.
_HARDENING = {
    "cache-control": "private, no-cache",
    # A worker obeys the policy of its own script's answer: without connect-src it fetches no tile.
    "content-security-policy": "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Hardened:
    """Headers that keep a browser from doing more with an answer than was meant, or longer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _hardened(message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, hardened)


_RAW = [(name.encode(), value.encode()) for name, value in _HARDENING.items()]


def _hardened(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with those that it lacks; on raw bytes, since all answers pass."""
    found = dict(given)
    whole = [*given, *(each for each in _RAW if each[0] not in found)]
    headers = MutableHeaders(raw=whole)
    if b"json" in found.get(b"content-type", b""):
        headers.setdefault("vary", VARY)
    # What one may know is masked for another, at the same address.
    if b"public" not in found.get(b"cache-control", b""):
        headers.add_vary_header("Cookie, Authorization")
    if "vary" in headers:
        headers["vary"] = _once(headers["vary"])
    return whole


@lru_cache(maxsize=256)
def _once(names: str) -> str:
    """Each name once: some are said by the answer and again by what packed it on its way."""
    return ", ".join(dict.fromkeys(name.strip() for name in names.split(",")))


class Caught:
    """Turns a fault of ours into an answer that names only its number in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            if started:  # cut off, so that nobody takes half an answer for a whole one
                raise
            error_id = secrets.token_hex(4)
            _log.exception("%s %s failed [%s]", scope["method"], scope["path"], error_id)
            response = errors.answer(Request(scope), errors.internal(error_id))
            await response(scope, receive, send)


class KnownHost:
    """Answers only to names of its own: another's name on our address is DNS rebinding."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else "localhost"
        app: ASGIApp = self.app
        if not self._ours(host):
            app = errors.answer(Request(scope), Problem(FOREIGN_HOST, host=host))
        await app(scope, receive, send)

    def _ours(self, host: str) -> bool:
        name = host.lower()
        if not name.endswith("]"):  # [::1] without a port has colons of its own
            name, _, port = name.rpartition(":") if ":" in name else (name, "", "")
            if port and not port.isdecimal():
                return False
        return name in self.names or is_loopback(name.strip("[]"))


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a name or address always means this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class SameSite:
    """Takes changes from our own pages and from programs, not from another site's page: a browser
    sends the user's cookie along, whoever's page it shows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.app
        if scope["type"] == "http" and scope["method"] not in _SAFE and not _own(scope):
            app = errors.answer(Request(scope), Problem(CROSS_SITE))
        await app(scope, receive, send)


def _own(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin is None or origin == f"{scope['scheme']}://{headers.get('host', '')}"


class BodyGuard:
    """Bounds every body in size and in the time it may take to arrive."""

    def __init__(self, app: ASGIApp, limit_of: Callable[[Scope], int], timeout_s: float) -> None:
        self.app = app
        self.limit_of = limit_of
        self.timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit_of(scope)
        app: ASGIApp = self.app
        declared = Headers(scope=scope).get("content-length", "")[:18]
        if declared.isdecimal() and int(declared) > limit:
            app = errors.answer(Request(scope), _too_large(limit))
        await app(scope, _Body(receive, limit, self.timeout_s).receive, send)


class _Body:
    def __init__(self, receive: Receive, limit: int, timeout_s: float) -> None:
        self._receive = receive
        self._limit = limit
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self._size = 0
        self._whole = False

    async def receive(self) -> Message:
        if self._whole:  # only a disconnect is still to come, whenever it likes
            return await self._receive()
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._timeout_s
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            problem = Problem(BODY_TOO_SLOW, seconds=f"{self._timeout_s:g}")
            raise errors.BodyRefused(problem) from None
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise errors.BodyRefused(_too_large(self._limit))
        self._whole = not message.get("more_body", False)
        return message


def _too_large(limit: int) -> Problem:
    return Problem(BODY_TOO_LARGE, limit=f"{limit / MB:g} MB")
