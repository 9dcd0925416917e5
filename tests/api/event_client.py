"""Who listens to server-sent events over a real connection, and a real server to listen to."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from api import serving
from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.registry import Registry


@dataclass
class Served:
    """A server that answers in a thread of its own."""

    host: str
    port: int
    server: uvicorn.Server
    thread: threading.Thread

    def end(self) -> float:
        """Ask for the end; how many seconds it took."""
        begin = time.monotonic()
        self.server.should_exit = True
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()
        return time.monotonic() - begin


@contextmanager
def served(
    settings: Settings,
    database: Database,
    registry: Registry,
    replica: Database | None = None,
) -> Iterator[Served]:
    """The application, as `gridfield serve` runs it, on a free port."""
    app = create_app(settings, database=database, registry=registry, replica=replica)
    listener = serving.bind("127.0.0.1", 0)
    server = serving.server(app)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    running = Served("127.0.0.1", listener.getsockname()[1], server, thread)
    try:
        yield running
    finally:
        running.end()
        listener.close()


@dataclass
class Listening:
    """An open stream: `id` is the last that came, as a browser keeps it."""

    response: http.client.HTTPResponse
    id: str = ""
    retry: int | None = None
    _lines: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.response.status

    def problem(self) -> Mapping[str, Any]:
        """What a refusal says."""
        found: Mapping[str, Any] = json.loads(self.response.read())
        return found

    def next(self) -> Mapping[str, Any] | None:
        """The data of the next event; None at the end of the stream. TimeoutError."""
        data: list[str] = []
        while line := self.response.readline().decode():
            name, _, value = line.rstrip("\n").partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                self.id = value
            elif name == "retry":
                self.retry = int(value)
            elif name == "data":
                data.append(value)
            elif not name and not value and data:
                found: Mapping[str, Any] = json.loads("\n".join(data))
                return found
        return None

    def rest(self) -> list[Mapping[str, Any]]:
        """Everything until the end."""
        return list(iter(self.next, None))

    def silent(self, seconds: float) -> bool:
        """Whether nothing but heartbeats comes for so long; nobody listens any more then."""
        assert self.response.fp is not None
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.response.fp.raw._sock.settimeout(left)  # type: ignore[attr-defined]
            try:
                if self.response.readline().startswith(b"data:"):
                    return False
            except TimeoutError:
                break
        return True


@contextmanager
def listening(
    server: Served, headers: Mapping[str, str], *, seen: str | None = None, query: str = ""
) -> Iterator[Listening]:
    """GET /events, from a mark on."""
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=15)) as link:
        mark = {} if seen is None else {"last-event-id": seen}
        link.request(
            "GET", f"/events{query}", headers={"accept": "text/event-stream", **headers, **mark}
        )
        response = link.getresponse()
        found = Listening(response)
        if response.status == 200:
            while not found.retry:  # the first words: it listens
                found.retry = int(response.readline().decode().partition(":")[2].strip() or 0)
        yield found
