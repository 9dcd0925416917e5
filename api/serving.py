"""The server process: a bound socket first, then answers, and an orderly end whatever happens."""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api import ending
from api.context import context_of_app
from api.middleware import is_loopback
from api.protocol import BoundedProtocol
from api.refusals import NOT_LOOPBACK, PORT_TAKEN
from api.streams import Streams
from gis.errors import Problem

# How long answers under way may take once the end is asked for.
_GRACE_S = 5
_BACKLOG = 256


def bind(host: str, port: int, *, beyond: bool = False) -> socket.socket:
    """A listening socket of this machine; port 0 takes a free one.

    Problem(NOT_LOOPBACK) for an address that others can reach, unless `beyond`: only where an
    admin has an account. Problem(PORT_TAKEN).
    """
    if not (beyond or is_loopback(host)):
        raise Problem(NOT_LOOPBACK, host=host)
    address = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # With the protocol left open, asyncio would not switch Nagle's delay off: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A port whose last connections still linger is free all the same.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Problem(PORT_TAKEN, host=host, port=port, reason=error.strerror) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: FastAPI, listener: socket.socket) -> None:
    """Answer until a signal comes; a second one does not wait for answers under way."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn.error").addFilter(_worth_telling)
    server(app).run(sockets=[listener])


def server(app: FastAPI) -> uvicorn.Server:
    """The server of an application; it ends in order when `should_exit` is set."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http=BoundedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_S,
    )
    return _Server(config, context_of_app(app).streams)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if ending.asked():  # before uvicorn's own handlers were there
            self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.end()  # or they would be waited for
        await super().shutdown(sockets)
        if self.force_exit:  # the one thing that it then leaves out, and would complain about
            await self.lifespan.shutdown()


def _worth_telling(record: logging.LogRecord) -> bool:
    """Answers that were cut off because the end was asked for are no errors."""
    cut_off = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not (cut_off or "graceful shutdown exceeded" in record.msg)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let SIGTERM unwind as Ctrl-C does, and let nothing interrupt the unwinding once it began.

    Whatever the block has open (a private cluster among it) is closed by its own `finally`.
    """
    before = {number: signal.signal(number, ending.once) for number in ending.SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        ending.forget()
        for number, handler in before.items():
            signal.signal(number, handler)
