"""A stream ends with its reader: whoever hangs up or falls asleep holds nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from api import streaming
from api.streaming import Streamed
from gis.stopping import Interrupted, Switch
from layers.leaving.exporting import Outflow
from tests.loops import run

SCOPE = {"type": "http", "path": "/export", "asgi": {"spec_version": "2.3"}}
WAITS_S = 30.0


class Pieces:
    """A source that notes how much was taken from it and whether it was let go."""

    def __init__(self, *, length: int | None = None, fails_at: int = -1) -> None:
        self.switch = Switch()
        self.taken = 0
        self.closed = False
        self._length, self._fails_at = length, fails_at

    @contextmanager
    def source(self) -> Iterator[Outflow]:
        try:
            yield Outflow(self._pieces(), self._length)
        finally:
            self.closed = True

    def _pieces(self) -> Iterator[bytes]:
        while self._length is None or self.taken * 100 < self._length:
            self.switch.check()
            if self.taken == self._fails_at:
                raise ZeroDivisionError
            self.taken += 1
            yield b"x" * 100


class Waiting(Pieces):
    """One that works on its first piece until it is ended."""

    def _pieces(self) -> Iterator[bytes]:
        ended = threading.Event()
        with self.switch.ending(ended.set):
            assert ended.wait(WAITS_S)
        raise Interrupted
        yield b""


def streamed(pieces: Pieces) -> Streamed:
    return Streamed(pieces.source(), pieces.switch, media_type="text/csv", headers={})


async def _still_there() -> dict[str, Any]:
    await anyio.sleep_forever()
    raise AssertionError


async def _gone() -> dict[str, Any]:
    return {"type": "http.disconnect"}


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
    assert all(message.get("more_body", True) for message in sent)


def test_a_reader_that_hangs_up_before_anything_came_ends_the_work() -> None:
    pieces, sent = Waiting(), []

    async def send(message: Any) -> None:
        sent.append(message)

    run(streamed(pieces), SCOPE, _gone, send)
    assert pieces.closed
    assert sent == []


def test_a_server_that_stops_ends_the_work() -> None:
    pieces = Waiting()

    async def send(_: Any) -> None:
        raise AssertionError

    async def stopped() -> None:
        with anyio.move_on_after(0.05):
            await streamed(pieces)(SCOPE, _still_there, send)

    run(stopped)
    assert pieces.closed


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


@pytest.mark.parametrize("fails_at", [0, 3])
def test_a_source_that_fails_makes_no_answer_or_half_of_one(fails_at: int) -> None:
    pieces, sent = Pieces(fails_at=fails_at), []

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        run(streamed(pieces), SCOPE, _still_there, send)
    assert pieces.closed
    assert len(sent) == (fails_at + 1 if fails_at else 0)
    assert all(message.get("more_body", True) for message in sent)


@pytest.mark.parametrize("length", [None, 300])
def test_a_length_that_is_known_is_said(length: int | None) -> None:
    pieces, sent = Pieces(length=length), []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 4 and length is None:
            pieces.switch.throw()

    run(streamed(pieces), SCOPE, _still_there, send)
    said = dict(sent[0]["headers"]).get(b"content-length")
    assert said == (None if length is None else b"300")
    assert sum(len(message.get("body", b"")) for message in sent) == 300
    assert sent[-1]["more_body"] == (length is None)


def test_head_takes_nothing_more() -> None:
    pieces, sent = Pieces(), []

    async def send(message: Any) -> None:
        sent.append(message)

    run(streamed(pieces), {**SCOPE, "head": True}, _still_there, send)
    assert (pieces.taken, pieces.closed) == (1, True)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
