"""Rows out of PostgreSQL by COPY, while they are taken: PostgreSQL writes the text.

A thread of its own reads what comes, and hands it on in pieces through a short queue: nothing is
held, whatever the size, and whoever takes the pieces slowly slows the server down.
"""

import os
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.stopping import Interrupted, Switch

PLAIN = r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02', ENCODING 'UTF8'"
"""Texts without control characters, as JSON is, leave as they are."""
CSV = "FORMAT csv, ENCODING 'UTF8'"
"""RFC 4180; what is missing is empty."""

# The first piece shall come at once, the others be worth a thread's turn.
_FIRST_BYTES, _MOST_BYTES = 1 << 12, 1 << 18
_WAITING = 4
# Whoever has taken nothing for so long has forgotten the stream.
_FORGOTTEN_S = 120.0
# A server that is there ends a statement in a few milliseconds.
_PATIENCE_S = 1.0


def copied(  # noqa: PLR0913  what, how, until when, and how much at a time
    connection: Connection,
    statement: sa.Select[Any],
    options: str,
    between: bytes,
    switch: Switch,
    *,
    most: int = _MOST_BYTES,
) -> Generator[bytes]:
    """What COPY writes of a statement: rows with `between` between them, but not between pieces,
    which hold about `most` bytes.

    Ended early, by closing or by the switch, the server's work ends too, and the connection with
    it. Raises what the server or the driver raise, and Interrupted: no end without an error is one.
    """
    return _Copy(connection, told(connection, statement, options), most).pieces(between, switch)


def told(connection: Connection, statement: sa.Select[Any], options: str) -> bytes:
    """The COPY of a statement, its values in it as the driver writes them."""
    compiled = statement.compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    text = f"COPY ({compiled}) TO STDOUT WITH ({options})"
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        if not compiled.params:  # the driver reads percent signs only where there are any
            return text.replace("%%", "%").encode()
        whole: bytes = cursor.mogrify(text, compiled.params)
        return whole


@contextmanager
def stoppable(connection: Connection, switch: Switch) -> Iterator[None]:
    """What the connection is asked in the block ends when the switch is thrown."""
    driver: Any = connection.connection.dbapi_connection
    with switch.ending(lambda: _cancel(driver)):
        yield


class _Copy:
    """One COPY on its way. It is the file that the driver writes to, row by row."""

    def __init__(self, connection: Connection, statement: bytes, most: int) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.dbapi_connection
        self._statement = statement
        self._queue: Queue[list[bytes] | None] = Queue(_WAITING)
        self._rows: list[bytes] = []
        self._size, self._full, self._most = 0, _FIRST_BYTES, most
        self._stopped = False
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="copy", daemon=True)

    def pieces(self, between: bytes, switch: Switch) -> Generator[bytes]:
        whole = False
        try:
            with switch.ending(self.stop):
                self._thread.start()
                while (rows := self._queue.get()) is not None:
                    yield between.join(rows)
            self._thread.join()
            if self._fault is not None:
                raise self._fault
            if self._stopped:
                raise Interrupted
            whole = True
        finally:
            if not whole:
                self._let_go()

    def write(self, row: bytes) -> None:
        """Take one row from the driver, with the line feed that ends it."""
        self._rows.append(row[:-1])
        self._size += len(row)
        if self._size >= self._full:
            self._hand_on()
            self._full = min(2 * self._full, self._most)

    def stop(self) -> None:
        """End it, from whatever thread."""
        self._stopped = True
        _cancel(self._driver)
        self._end()

    # --- the thread -------------------------------------------------------------------------------
    def _run(self) -> None:
        try:
            with self._driver.cursor() as cursor:
                cursor.copy_expert(self._statement, self)
            if self._rows:
                self._hand_on()
            self._queue.put(None, timeout=_FORGOTTEN_S)
        except BaseException as fault:
            self._fault = _told(fault)
            self._end()

    def _hand_on(self) -> None:
        if self._stopped:
            raise Interrupted
        try:
            self._queue.put(self._rows, timeout=_FORGOTTEN_S)
        except Full:
            _cut(self._driver)  # a server that waits for its reader hears no cancel
            raise
        self._rows, self._size = [], 0

    def _end(self) -> None:
        """Nothing more comes: what waits is dropped, and whoever takes it is woken."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()
        with suppress(Full):
            self._queue.put_nowait(None)

    # --- the end ----------------------------------------------------------------------------------
    def _let_go(self) -> None:
        if self._thread.is_alive():
            self.stop()
            self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():  # a server that answers nothing
            _cut(self._driver)
            self._thread.join()
        # Pooled again it might meet the cancel of what it did before.
        self._connection.invalidate()


def _told(fault: BaseException) -> BaseException:
    """The driver sometimes has no word for a server that goes away in the midst of a COPY."""
    if isinstance(fault, psycopg2.DatabaseError) and not fault.pgcode:
        lost = psycopg2.OperationalError(str(fault))
        lost.__cause__ = fault
        return lost
    return fault


def _cancel(driver: Any) -> None:
    with suppress(psycopg2.Error):  # a connection that has gone has nothing to end
        driver.cancel()


def _cut(driver: Any) -> None:
    with suppress(OSError, psycopg2.Error), socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
