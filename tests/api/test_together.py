"""What many ask for at once is answered in one go, and each is told what is theirs."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.together import Together
from tests.loops import run


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


class Doubling:
    """Work that notes what it was given, and waits for a word before it answers."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.begun, self.word = threading.Event(), threading.Event()

    def __call__(self, asked: Sequence[int]) -> list[int]:
        self.goes.append(list(asked))
        self.begun.set()
        self.word.wait(10)
        if -1 in asked:
            raise ValueError("not that")
        return [2 * each for each in asked]


async def _begun(work: Doubling) -> None:
    await asyncio.to_thread(work.begun.wait, 10)


def test_what_comes_meanwhile_is_answered_in_one_go_each_with_its_own(
    threads: ThreadPoolExecutor,
) -> None:
    work = Doubling()
    together = Together(work, threads, most=3)

    async def ask() -> list[int]:
        first = asyncio.create_task(together.ask(1))
        await _begun(work)
        others = [asyncio.create_task(together.ask(n)) for n in range(2, 7)]
        await asyncio.sleep(0)  # all have asked
        work.word.set()
        return await asyncio.gather(first, *others)

    assert run(ask) == [2, 4, 6, 8, 10, 12]
    assert work.goes == [[1], [2, 3, 4], [5, 6]]


def test_whoever_finds_nothing_under_way_waits_for_nobody(threads: ThreadPoolExecutor) -> None:
    work = Doubling()
    work.word.set()
    together = Together(work, threads, most=3)
    assert [run(together.ask, n) for n in (1, 2)] == [2, 4]  # each on a loop of its own
    assert work.goes == [[1], [2]]


def test_a_go_that_fails_tells_its_own_and_no_others(threads: ThreadPoolExecutor) -> None:
    work = Doubling()
    together = Together(work, threads, most=2)

    async def ask() -> list[int | BaseException]:
        first = asyncio.create_task(together.ask(1))
        await _begun(work)
        others = [asyncio.create_task(together.ask(n)) for n in (2, -1, 4)]
        await asyncio.sleep(0)
        work.word.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    one, two, failed, four = run(ask)
    assert (one, four) == (2, 8)
    assert isinstance(two, ValueError)
    assert isinstance(failed, ValueError)


def test_whoever_goes_away_keeps_nobody_from_an_answer(threads: ThreadPoolExecutor) -> None:
    work = Doubling()
    together = Together(work, threads, most=3)

    async def ask() -> int:
        gone = asyncio.create_task(together.ask(1))
        await _begun(work)
        waiting = asyncio.create_task(together.ask(2))
        await asyncio.sleep(0)
        gone.cancel()
        work.word.set()
        return await waiting

    assert run(ask) == 4


def test_two_goes_are_under_way_at_once_where_that_is_allowed(threads: ThreadPoolExecutor) -> None:
    both = threading.Barrier(2, timeout=10)

    def work(asked: Sequence[int]) -> Sequence[int]:
        both.wait()
        return asked

    together = Together(work, threads, most=1, goes=2)

    async def ask() -> list[int]:
        return list(await asyncio.gather(together.ask(1), together.ask(2)))

    assert run(ask) == [1, 2]
