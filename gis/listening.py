"""What PostgreSQL passes on by NOTIFY, heard on one connection by one thread."""

import logging
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

_LOGGER = logging.getLogger(__name__)
# A server that went away without a word is noticed after so long.
_PROBE_S = 15.0
_STOP_S = 2.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0


class Listener:
    """Calls `heard`, in its own thread, whenever something may have been announced on a channel.

    Nobody repeats what was said while the connection was away: so `heard` is called once after each
    beginning, too. It comes back by itself when PostgreSQL does.
    """

    def __init__(self, engine: Engine, channel: str, heard: Callable[[], None]) -> None:
        self._engine = engine
        self._channel = channel
        self._heard = heard
        self._ended = threading.Event()
        self._end, self._ending = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name=f"listen {channel}", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Hear nothing any more; the connection is closed as soon as the server lets go of it."""
        self._ended.set()
        self._end.send(b".")
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        with self._end, self._ending:
            self._go_on()

    def _go_on(self) -> None:
        pause = _FIRST_PAUSE_S
        while not self._ended.is_set():
            try:
                with self._connected() as connection:
                    pause = _FIRST_PAUSE_S
                    self._listen(connection)
            except (sa.exc.SQLAlchemyError, psycopg2.Error) as error:
                _LOGGER.warning("not listening, again in %g s: %s", pause, _first_line(error))
                self._ended.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _connected(self) -> Connection:
        """A connection of its own, which the pool does not count."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        return connection

    def _listen(self, connection: Connection) -> None:
        link: Any = connection.connection.dbapi_connection
        channel = connection.dialect.identifier_preparer.quote(self._channel)
        with selectors.DefaultSelector() as waiting, link.cursor() as cursor:
            waiting.register(link, selectors.EVENT_READ)
            waiting.register(self._ending, selectors.EVENT_READ)
            cursor.execute(f"LISTEN {channel}")
            self._heard()
            while True:
                ready = waiting.select(_PROBE_S)
                if self._ended.is_set():
                    return
                if not ready:
                    cursor.execute("SELECT 1")
                link.poll()
                if link.notifies:
                    link.notifies.clear()
                    self._heard()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
