"""How a tile is answered: made, or given again, as whoever asks may see it."""

import asyncio
import gzip
from collections.abc import Sequence
from functools import partial

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.auth import TILES
from api.caching import etag_of, names
from api.context import Context
from api.media import MVT
from api.tile_shelf import Asked, Kept, Meant
from gis.errors import Problem
from gis.postgis import Database, asked_again
from layers.admission.sessions import Session
from layers.declaring.rights import Right, allowed
from layers.declaring.words import Layer
from layers.freshness import counting
from layers.freshness.counting import State, Version
from layers.reading.past import past_of
from layers.serving import tiles
from layers.serving.tiles import MAX_ZOOM, Question

# Less is not worth the while, to us or to the line.
_ZIPPED_BYTES = 500
# Of as many people their context is at hand.
_SESSIONS = 1000
_KEPT_BY_NOBODY = "private, no-cache"


class TileWay:
    """Answers tiles whose address differs from one that its route has read in the place alone.

    The framework takes several times as long to find and call a route as it takes to find a tile.
    Whatever is not as expected goes on to the route.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self.app = app
        self.context = context
        self._acting: dict[Session, Context] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.app
        if scope["type"] == "http" and scope["method"] == "GET":
            app = await self._answered(scope) or app
        await app(scope, receive, send)

    async def _answered(self, scope: Scope) -> Response | None:
        path, session = TILES.fullmatch(scope["path"]), scope.get("state", {}).get("session")
        if path is None or session is None or not allowed(session.actor, Right.READ):
            return None
        meant = self.context.tiles.understood.get(path[1], scope["query_string"])
        z, row, col = (int(path[n]) for n in (2, 3, 4))
        if meant is None or z > MAX_ZOOM or max(row, col) >= 1 << z:
            return None
        scope["route"] = meant.route  # what is counted by `api.middleware.Metered`
        try:
            return await answered(self._of(session), meant, (z, col, row), HTTPConnection(scope))
        except Problem as problem:
            return errors.answer(Request(scope), problem)

    def _of(self, session: Session) -> Context:
        """The context for a session, which is the same as long as the session is."""
        known = self._acting.get(session)
        if known is None:
            if len(self._acting) >= _SESSIONS:
                self._acting.clear()
            known = self._acting[session] = self.context.acting(session)
        return known


async def answered(
    context: Context, meant: Meant, place: tuple[int, int, int], request: HTTPConnection
) -> Response:
    """The answer to whoever acts in the context."""
    state = await _state(context, request)
    on = past_of(state.day, meant.on)
    question = Question(meant.layers, *place, on, meant.within, meant.at, meant.filters)
    kept = await _kept(context, question, state)
    if not kept.body:
        return Response(status_code=204, headers={"cache-control": _KEPT_BY_NOBODY})
    told = {"etag": kept.etag, "cache-control": _KEPT_BY_NOBODY, "vary": "Accept-Encoding"}
    if names(request.headers.get("if-none-match", ""), kept.etag, weak=True):
        return Response(status_code=304, headers=told)
    if kept.zipped is None or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(kept.body, media_type=MVT, headers=told)
    return Response(kept.zipped, media_type=MVT, headers=told | {"content-encoding": "gzip"})


async def _state(context: Context, request: HTTPConnection) -> State:
    """How far the data had come when the session was found, which is after the request had."""
    found: State | None = getattr(request.state, "data", None)
    return found or await context.states.ask(None)


async def _kept(context: Context, question: Question, state: State) -> Kept:
    """The tile, made now unless nothing has changed since it was.

    `state` was asked for after the request had come, so that nothing is missed that had been
    committed before.
    """
    if context.actor is None:
        raise RuntimeError("a tile is asked for by somebody")
    own = Asked.by(context.actor, question)
    sources = tiles.sources(question, context.registry.layers)
    kept = context.tiles.get(own, None if sources is None else state.of(sources))
    if kept is not None and context.is_map_noted(_told(own, kept), question.filters):
        return kept
    # Threads of their own: behind the framework's, tiles would wait for imports and exports.
    answering = partial(_noted, context, own, sources, kept, state)
    return await asyncio.get_running_loop().run_in_executor(context.tile_threads, answering)


def _noted(
    context: Context,
    own: Asked,
    sources: Sequence[str] | None,
    kept: Kept | None,
    now: State,
) -> Kept:
    """The tile, once it is noted who is told names by it."""
    if kept is None:
        version, kept = _made(context, own.question, sources, now)
        context.tiles.keep(own, version, kept)
    context.note_map(_told(own, kept), own.question.filters)
    return kept


def _made(
    context: Context, question: Question, sources: Sequence[str] | None, now: State
) -> tuple[Version | None, Kept]:
    make = partial(tiles.made, question=question, declared=context.registry.layers)
    found_there = context.replica and context.replica.told(sources, now, make)
    body, state = found_there or make(context.database)
    # An MVT layer begins with its name; what is not in the tile has told nothing.
    found = frozenset(each.name for each in question.layers if each.name.encode() in body)
    version = None if sources is None else state.of(sources)
    zipped = gzip.compress(body, 1, mtime=0) if len(body) >= _ZIPPED_BYTES else None
    return version, Kept(body, zipped, etag_of(body), found)


def _told(own: Asked, kept: Kept) -> Sequence[Layer]:
    return [layer for layer in own.question.layers if layer.name in kept.layers]


def states(database: Database, asked: Sequence[None]) -> list[State]:
    """How far the data have come, once for all who ask."""

    def now() -> State:
        with database.glance() as connection:
            return counting.current(connection)

    return [asked_again(now)] * len(asked)
