"""Server-sent events of what is logged: told as it is committed, resumed without loss or doubling.

The rows are read in threads of their own, under the rights of whoever asks, and only as long as
their session holds.
"""

import asyncio
import json
import logging
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import anyio
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from api.auth import still_holds
from api.context import Context
from api.streaming import STALL_S
from gis.errors import Problem
from layers.admission.sessions import Session
from layers.freshness import marks
from layers.freshness.marks import Mark
from layers.submissions import news
from layers.submissions.news import Batch
from layers.thematic import grid_fields

# Proxies give up on what is silent for a minute; a session that has ended is noticed as soon.
HEARTBEAT_S = 10.0
# One look for a burst of records; well within what people take for at once.
_GATHER_S = 0.2
_AGAIN_S = 1.0
_RETRY_MS = 2000
_NAME = "logged"
# No cache keeps it, and no proxy holds it back until there is more.
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads news for one session: `application` is the context of nobody, `context` theirs."""

    application: Context
    context: Context
    session: Session

    async def look(self, mark: Mark | None) -> Batch | None:
        """What is to be told after the mark; None once the session has ended."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.context.streams.threads, self._look, mark)

    def _look(self, mark: Mark | None) -> Batch | None:
        with self.application.database.glance() as connection:
            if not still_holds(connection, self.session):
                return None
        context = self.context
        with context.database.read() as connection:
            batch = news.since(connection, context.registry, mark, context.reaches)
        marks.await_disk(self.application.database, batch.end)
        led = sum(each.leader is not None for _, each in batch.news)
        context.note("events", grid_fields.LAYER, led, "sse")
        return batch


class EventStream(EventSourceResponse):
    """Tells what a reader finds, from its `first` look on, for so many seconds or without an end.

    It ends with the session, and with the server; the browser comes back by itself.
    """

    def __init__(self, reader: Reader, first: Batch, seconds: float | None) -> None:
        super().__init__(_nothing(), headers=_HEADERS)
        self._reader = reader
        self._first = first
        self._failed = False
        self._seconds = math.inf if seconds is None else seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def impatient(message: Message) -> None:
            with anyio.fail_after(STALL_S):
                await send(message)

        if scope.get("head"):
            self._seconds = 0
        streams, account = self._reader.context.streams, self._reader.session.actor.account_id
        with streams.opened(account) as woken:
            self.body_iterator = self._pieces(woken)
            try:
                await super().__call__(scope, receive, impatient)
            except TimeoutError:
                _LOGGER.warning("a listener took nothing for %g s", STALL_S)

    async def _pieces(self, woken: asyncio.Event) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._seconds
        batch: Batch | None = self._first
        yield format_sse_event(retry=_RETRY_MS)
        while batch is not None:
            yield _written(batch)
            if not batch.more and not await self._turn(woken, until):
                return
            batch = await self._looked(batch.mark)

    async def _turn(self, woken: asyncio.Event, until: float) -> bool:
        """Wait for something to look at, or for the next heartbeat; whether to go on at all."""
        loop, streams = asyncio.get_running_loop(), self._reader.context.streams
        left = until - loop.time()
        if left > 0 and not streams.ended:
            pause = _AGAIN_S if self._failed else HEARTBEAT_S
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause, left)):
                    await woken.wait()
                    await asyncio.sleep(0 if streams.ended else _GATHER_S)
            woken.clear()
        return left > 0 and not streams.ended

    async def _looked(self, mark: Mark) -> Batch | None:
        """A look that finds nothing while PostgreSQL is away: it will be back."""
        try:
            found = await self._reader.look(mark)
        except Problem as problem:
            self._failed = True
            _LOGGER.info("nothing to tell: %s", problem.sentence("en"))
            return Batch((), mark, more=False)
        self._failed = False
        return found


def _written(batch: Batch) -> bytes:
    """The events as they are sent; the last word is the mark, which is a heartbeat too."""
    events = (
        format_sse_event(
            event=_NAME, id=str(mark), data_str=json.dumps(each.members(), ensure_ascii=False)
        )
        for mark, each in batch.news
    )
    return b"".join((*events, format_sse_event(comment="", id=str(batch.mark))))


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
