"""Many maps at once: keep-alive connections, each asking for one tile after the other.

Written against sockets: a client with more comfort costs as much as the server that is measured.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Answered:
    """How long each answer took, in seconds, how all took together, their bytes and statuses."""

    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    whole: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.whole

    def quantile(self, part: float) -> float:
        """So much of all answers took no longer, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1e3 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def ask(port: int, paths: Sequence[str], clients: int, *headers: str) -> Answered:
    """Ask for all of them over so many connections, as quickly as they are answered."""
    return asyncio.run(_ask(port, paths, clients, headers))


async def _ask(port: int, paths: Sequence[str], clients: int, headers: Sequence[str]) -> Answered:
    rest = "".join(f"{line}\r\n" for line in (f"host: 127.0.0.1:{port}", *headers))
    requests = iter([f"GET {path} HTTP/1.1\r\n{rest}\r\n".encode() for path in paths])
    links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]
    found, begin = Answered(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for link in links:
            group.create_task(_one(link, requests, found))
    found.whole = time.perf_counter() - begin
    for _, writer in links:
        writer.close()
    return found


async def _one(
    link: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    requests: Iterator[bytes],
    found: Answered,
) -> None:
    reader, writer = link
    for request in requests:
        begin = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = await _body(reader, head)
        found.seconds.append(time.perf_counter() - begin)
        found.sizes.append(size)
        found.statuses[int(head[9:12])] += 1


async def _body(reader: asyncio.StreamReader, head: bytes) -> int:
    if b"\r\ntransfer-encoding: chunked" not in head:
        _, _, after = head.partition(b"\r\ncontent-length:")
        size = int(after.partition(b"\r\n")[0] or 0)
        await reader.readexactly(size)
        return size
    size = 0
    while chunk := int(await reader.readline(), 16):
        await reader.readexactly(chunk + 2)
        size += chunk
    await reader.readline()
    return size
