"""A stream ends with its reader: whoever hangs up or falls asleep holds nothing."""

from collections.abc import Generator
from typing import Any

import anyio
import pytest

from api import streaming
from api.streaming import Streamed
from tests.loops import run

SCOPE = {"type": "http", "path": "/export", "asgi": {"spec_version": "2.3"}}


class Pieces:
    """A source that notes how much was taken from it and whether it was let go."""

    def __init__(self) -> None:
        self.taken = 0
        self.closed = False

    def make(self) -> Generator[bytes]:
        try:
            while True:
                self.taken += 1
                yield b"x" * 100
        finally:
            self.closed = True


def streamed(pieces: Pieces) -> Streamed:
    return Streamed(pieces.make(), media_type="text/csv", headers={})


async def _still_there() -> dict[str, Any]:
    await anyio.sleep_forever()
    raise AssertionError


def test_a_reader_that_hangs_up_ends_the_source() -> None:
    pieces, sent = Pieces(), []

    async def hang_up() -> dict[str, Any]:
        while len(sent) < 5:
            await anyio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        await anyio.sleep(0)

    run(streamed(pieces), SCOPE, hang_up, send)
    assert pieces.closed
    assert 1 < pieces.taken < 1000


def test_a_reader_that_falls_asleep_ends_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STALL_S", 0.05)
    pieces, sent = Pieces(), []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) > 3:
            await anyio.sleep_forever()

    run(streamed(pieces), SCOPE, _still_there, send)
    assert pieces.closed
    assert all(message.get("more_body", True) for message in sent)


def test_a_source_that_fails_at_once_makes_no_answer() -> None:
    def broken() -> Generator[bytes]:
        raise ZeroDivisionError
        yield b""

    with pytest.raises(ZeroDivisionError):
        Streamed(broken(), media_type="text/csv", headers={})


def test_head_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces, sent = Pieces(), []

    async def send(message: Any) -> None:
        sent.append(message)

    run(streamed(pieces), {**SCOPE, "head": True}, _still_there, send)
    assert (pieces.taken, pieces.closed) == (1, True)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
