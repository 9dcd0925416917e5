"""Many phones at once: keep-alive connections, each sending one record after the other.

Written against sockets: a client with more comfort costs as much as the server that is measured.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Put:
    """One request."""

    path: str
    token: str
    body: bytes

    def bytes(self, host: str) -> bytes:
        """As it travels."""
        head = (
            f"PUT {self.path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {self.token}\r\n"
            f"content-type: application/geo+json\r\ncontent-length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


@dataclass(frozen=True, slots=True)
class Answered:
    """How long each answer took, in seconds, how all of them took together, and what they were."""

    seconds: Sequence[float]
    whole: float
    statuses: Mapping[int, int]

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.whole

    def quantile(self, part: float) -> float:
        """So much of all answers took no longer, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1e3 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def send(port: int, puts: Sequence[Put], clients: int) -> Answered:
    """Send all of them over so many connections, as quickly as they are answered."""
    return asyncio.run(_send(port, puts, clients))


async def _send(port: int, puts: Sequence[Put], clients: int) -> Answered:
    waiting, seconds, statuses = iter(puts), list[float](), dict[int, int]()
    links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for link in links:
            group.create_task(_one(port, link, waiting, seconds, statuses))
    whole = time.perf_counter() - begin
    for _, writer in links:
        writer.close()
    return Answered(seconds, whole, statuses)


async def _one(
    port: int,
    link: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    waiting: Iterator[Put],
    seconds: list[float],
    statuses: dict[int, int],
) -> None:
    reader, writer = link
    for put in waiting:
        request = put.bytes(f"127.0.0.1:{port}")
        begin = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        await reader.readexactly(length)
        seconds.append(time.perf_counter() - begin)
        status = int(head[9:12])
        statuses[status] = statuses.get(status, 0) + 1
