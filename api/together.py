"""What many ask for at once is answered in one go: whatever came while the last go was under way.

Nobody waits for others to come: who finds nothing under way begins at once, alone.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[_Asked, _Told]):
    """Who waits for an answer, and on which event loop."""

    asked: _Asked
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[_Told]"


class Together(Generic[_Asked, _Told]):
    """Answers by `work`, which is given what has come, at most `most` of it, and gives as many
    answers in the same order. `goes` of it may be under way at once, each in one of the `threads`.

    What `work` raises, all of its go are told.
    """

    def __init__(
        self,
        work: Callable[[Sequence[_Asked]], Sequence[_Told]],
        threads: Executor,
        *,
        most: int,
        goes: int = 1,
    ) -> None:
        self._work = work
        self._threads = threads
        self._most = most
        self._idle = goes
        self._lock = Lock()
        self._waiting: deque[_Waiting[_Asked, _Told]] = deque()

    async def ask(self, asked: _Asked) -> _Told:
        """The answer, once the go that it came into has ended."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Told] = loop.create_future()
        with self._lock:
            self._waiting.append(_Waiting(asked, loop, answer))
            begins = self._idle > 0
            self._idle -= begins
        if begins:
            self._threads.submit(self._go_on)
        return await answer

    def _go_on(self) -> None:
        while came := self._next():
            self._go(came)

    def _next(self) -> list[_Waiting[_Asked, _Told]]:
        with self._lock:
            count = min(self._most, len(self._waiting))
            self._idle += not count
            return [self._waiting.popleft() for _ in range(count)]

    def _go(self, came: Sequence[_Waiting[_Asked, _Told]]) -> None:
        found: list[_Told] | BaseException
        try:
            found = list(self._work([each.asked for each in came]))
        except BaseException as error:  # theirs to hear, whatever it is
            found = error
        here = defaultdict(list)
        for n, each in enumerate(came):
            here[each.loop].append((each.answer, n))
        for loop, answers in here.items():
            with suppress(RuntimeError):  # a loop that has ended has nobody waiting
                loop.call_soon_threadsafe(_tell, answers, found)


def _tell(
    answers: Sequence[tuple["asyncio.Future[_Told]", int]], found: list[_Told] | BaseException
) -> None:
    """One call for all of a loop: each would wake it."""
    for answer, n in answers:
        if answer.done():  # whoever asked has gone
            continue
        if isinstance(found, BaseException):
            answer.set_exception(found)
        else:
            answer.set_result(found[n])
