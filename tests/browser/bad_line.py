"""A network between a browser and a server that loses, cuts, delays and doubles what it carries.

Not playwright's routes: those answer in the server's place, while here the server has committed and
only its answer is gone. All that happens follows from a seed and from the order of the requests.
"""

import asyncio
import random
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

# How often each happens to a PUT, per thousand.
FATES = {
    "passed on": 430,
    "never sent": 80,
    "cut on the way there": 90,
    "cut on the way back": 100,
    "answer lost": 100,
    "late": 60,
    "later than anybody waits": 20,
    "sent twice": 80,
    "page of a hotel": 15,
    "fault of a proxy": 15,
    "told to come again": 10,
}
LATE_S = 0.3
_HEAD = b"\r\n\r\n"


def _answer(status: str, media_type: str, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n"
    return f"{head}{more}connection: close\r\n\r\n".encode() + body


# What others answer in the server's place.
OTHERS = {
    "page of a hotel": _answer("200 OK", "text/html", b"<!doctype html><title>WiFi</title>"),
    "fault of a proxy": _answer("502 Bad Gateway", "text/html", b"<h1>502</h1>"),
    "told to come again": _answer(
        "503 Service Unavailable", "text/plain", b"", "retry-after: 0\r\n"
    ),
}


@dataclass
class Line:
    """A listening loopback address; what comes in there goes on to `port`, well or badly.

    `own` are pages that it answers itself, by path: media type and body. `patience_s` is how long
    the browser waits for an answer. `calm` carries everything as it is.
    """

    port: int
    seed: int = 1
    own: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    patience_s: float = 2.0
    calm: bool = True
    happened: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self._random = random.Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[object]] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._serve, sock=self._socket, limit=1 << 20)
        server = self._loop.run_until_complete(start)
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)  # else a request may end with the connection that brought it
        task.add_done_callback(self._tasks.discard)
        # Cancelled: the line itself ends while somebody is kept waiting.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(_HEAD)
            method, path = head.split(b" ", 2)[:2]
            body = await reader.readexactly(_length(head))
            known = self.own.get(path.decode().partition("?")[0])
            if known:
                writer.write(_answer("200 OK", *known))
            elif method == b"PUT" and not self.calm:
                writer.write(await self._suffer(head, body))
            else:
                writer.write(await self._passed_on(head, body))
            await writer.drain()
        writer.close()

    async def _suffer(self, head: bytes, body: bytes) -> bytes:
        """What comes back of a request that the line does something to; maybe nothing."""
        fate = self._random.choices(list(FATES), list(FATES.values()))[0]
        share = self._random.random()
        self.happened[fate] += 1
        match fate:
            case "never sent":
                answer = b""
            case "cut on the way there":
                answer = await self._passed_on(head, body[: int(len(body) * share)], whole=False)
            case "cut on the way back":
                answer = await self._passed_on(head, body)
                answer = answer[: int(len(answer) * share)]
            case "answer lost":
                await self._passed_on(head, body)
                answer = b""
            case "sent twice":
                both = (self._passed_on(head, body), self._passed_on(head, body))
                answer = (await asyncio.gather(*both))[int(share * 2)]
            case "late" | "later than anybody waits":
                # The second arrives when the phone has long begun to send it anew.
                await asyncio.sleep(LATE_S * share if fate == "late" else self.patience_s * 1.2)
                answer = await self._passed_on(head, body)
            case _:
                answer = OTHERS.get(fate) or await self._passed_on(head, body)
        return answer

    async def _passed_on(self, head: bytes, body: bytes, *, whole: bool = True) -> bytes:
        """The server's answer, nothing when it is away; without `whole` the connection breaks."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            self.happened["server away"] += 1
            return b""
        try:
            writer.write(_closing(head) + body)
            await writer.drain()
            if not whole:
                # Long enough that the server has begun to read it.
                await asyncio.sleep(0.01)
                writer.transport.abort()
                return b""
            return await reader.read()
        except OSError:
            return b""
        finally:
            writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _closing(head: bytes) -> bytes:
    """The head of a request after which the server closes, so that the answer has an end."""
    lines = head.removesuffix(_HEAD).split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"connection: close"]) + _HEAD
