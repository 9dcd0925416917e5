"""Answers that are sent while they are made, and stop being made when nobody listens."""

import logging
from collections.abc import AsyncIterator, Generator, Mapping
from itertools import chain

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

# A reader that takes nothing for so long holds a database connection for nothing.
STALL_S = 60.0


_log = logging.getLogger("gridfield")


class Streamed(StreamingResponse):
    """Sends pieces from a generator and closes it whatever happens, on its own connection too.

    The first piece is made before the answer begins, so that a failure is still an error.
    """

    def __init__(
        self, pieces: Generator[bytes], *, media_type: str, headers: Mapping[str, str]
    ) -> None:
        first = next(pieces, b"")
        super().__init__(chain((first,), pieces), headers=headers, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def impatient(message: Message) -> None:
            with anyio.fail_after(STALL_S):
                await send(message)

        if scope.get("head"):
            self.body_iterator = _nothing()
        try:
            await super().__call__(scope, receive, impatient)
        except TimeoutError:  # the server cuts the connection of an answer without an end
            _log.warning("%s: the reader took nothing for %g s", scope["path"], STALL_S)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._pieces.close)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
