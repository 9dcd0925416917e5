"""Answers that go on: who listens, and the one connection on which all of them are woken."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy.engine import Engine

from api.refusals import TOO_MANY_STREAMS
from gis.errors import Problem
from gis.listening import Listener

# A browser has six connections to a server at most, and other things to ask for.
MOST_EACH = 4
_MOST = 1000
# A look takes a few milliseconds, and comes once for a burst of records.
THREADS = 2


class Streams:
    """The open streams of this process. But for `heard`, everything is for the event loop alone.

    PostgreSQL is listened to from the first stream on.
    """

    def __init__(self, engine: Engine, channel: str) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")
        self.ended = False
        self._engine = engine
        self._channel = channel
        self._woken: set[asyncio.Event] = set()
        self._of_account: Counter[int | None] = Counter()
        self._listener: Listener | None = None

    @contextmanager
    def opened(self, account_id: int | None) -> Iterator[asyncio.Event]:
        """A place for a stream of this account: an event that is set whenever it is worth a look.

        Problem(TOO_MANY_STREAMS) when the account has as many as it may have.
        """
        if self._of_account[account_id] >= MOST_EACH or len(self._woken) >= _MOST:
            raise Problem(TOO_MANY_STREAMS, most=MOST_EACH)
        woken = asyncio.Event()
        self._of_account[account_id] += 1
        self._woken.add(woken)
        self._listen()
        try:
            yield woken
        finally:
            self._woken.remove(woken)
            self._of_account[account_id] -= 1

    def end(self) -> None:
        """Let every stream come to its end: the server stops."""
        self.ended = True
        self._wake()

    def close(self) -> None:
        """Stop listening."""
        self.end()
        if self._listener is not None:
            self._listener.stop()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _listen(self) -> None:
        if self._listener is None:
            loop = asyncio.get_running_loop()
            self._listener = Listener(self._engine, self._channel, lambda: self._hear(loop))
            self._listener.start()

    def _hear(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for woken in self._woken:
            woken.set()
