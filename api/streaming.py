"""Answers that are sent while they are made, and stop being made when nobody listens."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus

import anyio
import anyio.to_thread
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gis.stopping import Interrupted, Switch
from layers.leaving.exporting import Outflow

# A reader that takes nothing for so long holds a database connection for nothing.
STALL_S = 60.0


_log = logging.getLogger("gridfield")


class Streamed(Response):
    """Sends what flows out of a source, and ends its work when the reader hangs up.

    The first piece is made before the answer begins, so that a failure is still an error. One that
    comes later cuts the answer off: without its last chunk or all of its bytes nobody takes it for
    whole (docs/decisions/0033).
    """

    def __init__(
        self,
        source: AbstractContextManager[Outflow],
        switch: Switch,
        *,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        self.status_code = HTTPStatus.OK
        self.media_type = media_type
        self.background = None
        self.init_headers(headers)
        self._source = source
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, receive)
            try:
                await self._answer(scope, send)
            except TimeoutError:  # the server cuts the connection of an answer without an end
                _log.warning("%s: the reader took nothing for %g s", scope["path"], STALL_S)
            except Interrupted:
                _log.info("%s: the reader hung up", scope["path"])
            except Exception as error:
                fault = error
            tasks.cancel_scope.cancel()
        if fault is not None:
            raise fault

    async def _watch(self, receive: Receive) -> None:
        """End the work when the reader has gone, or the server goes."""
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._switch.throw)

    async def _answer(self, scope: Scope, send: Send) -> None:
        """Whatever happens the source is closed, on its own connection too."""
        flowing = _Flowing(self._source)
        try:
            first, length = await anyio.to_thread.run_sync(flowing.begin)
            if length is not None:
                self.headers["content-length"] = str(length)
            await _patiently(send, {**_START, "headers": self.raw_headers})
            piece = None if scope.get("head") else first
            while piece is not None:
                await _patiently(send, {**_BODY, "body": piece, "more_body": True})
                piece = await anyio.to_thread.run_sync(flowing.next)
            await _patiently(send, {**_BODY, "body": b"", "more_body": False})
        except BaseException as error:
            await _closed(flowing, error)
            raise
        await _closed(flowing, None)


_START = {"type": "http.response.start", "status": HTTPStatus.OK}
_BODY = {"type": "http.response.body"}


class _Flowing:
    """A source that is entered, emptied and left by one thread after another."""

    def __init__(self, source: AbstractContextManager[Outflow]) -> None:
        self._source = source
        self._pieces: Iterator[bytes] = iter(())
        self._entered = False

    def begin(self) -> tuple[bytes | None, int | None]:
        """The first piece, if there is any, and the length of the whole where it is known."""
        flow = self._source.__enter__()
        self._entered = True
        self._pieces = iter(flow.pieces)
        return self.next(), flow.length

    def next(self) -> bytes | None:
        return next(self._pieces, None)

    def end(self, error: BaseException | None) -> None:
        if self._entered:
            self._source.__exit__(type(error) if error else None, error, None)


async def _closed(flowing: _Flowing, error: BaseException | None) -> None:
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(flowing.end, error)


async def _patiently(send: Send, message: Message) -> None:
    with anyio.fail_after(STALL_S):
        await send(message)
