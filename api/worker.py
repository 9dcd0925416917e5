"""What is told, told: one worker at a time reads the queue, and sends what waits to be sent.

It holds a lock of the database's for as long as its connection lives, so that of many servers one
works, and another goes on when that is killed. It may be killed at any moment itself: everything it
takes is put off before it is tried, in the database, and what it tells has keys.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.outward import sending
from api.outward.sending import House
from gis.errors import Problem
from gis.listening import Listener
from layers.notices import deliveries, lateness, mails, sweeping, telling
from layers.notices.guards import CHANNEL

# "tell" as a number, within this database.
_LOCK = 0x74_656C_6C
_TRY = sa.text("SELECT pg_try_advisory_lock(:key)")
_ALIVE = sa.text("SELECT 1")
_IDLE_S = 1.0
_AGAIN_S = 3.0
_LATE_EVERY_S = 60.0
_SWEEP_EVERY_S = 3600.0
_STOP_S = 2.0
LANES = 4
"""So many webhooks are sent to at a time, each one delivery: one that hangs delays no other."""
CONNECTIONS = LANES + 3
# What goes wrong when the database is away, and will be back.
_AWAY = (Problem, sa.exc.DBAPIError, psycopg2.Error)
_LOGGER = logging.getLogger(__name__)


class Worker:
    """Works in a thread of its own from `start` to `stop`."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._busy: set[int] = set()
        self._posting = threading.Event()
        self._late_at = 0.0
        self._sweep_at = 0.0
        self._lanes: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._listener = Listener(house.database.lasting, CHANNEL, self._woken.set)

    def start(self) -> None:
        """Begin to work, or to wait until no other does."""
        self._listener.start()
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more. What is on its way is not waited for long: it is sent again later."""
        self._ended.set()
        self._woken.set()
        until = time.monotonic() + _STOP_S
        for thread in (self._thread, *self._lanes):
            thread.join(max(0.0, until - time.monotonic()))
        self._listener.stop()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with _alone(self._house) as connection:
                    if connection is not None:
                        self._work(connection)
            except _AWAY as error:
                _LOGGER.warning("nothing is told for now: %s", _first_line(error))
            self._ended.wait(_AGAIN_S)

    def _work(self, lock: Connection) -> None:
        """Round after round, as long as the lock is ours."""
        while not self._ended.is_set():
            self._woken.clear()
            lock.execute(_ALIVE)
            for task in (self._tell, self._tell_late, self._deliver, self._mail, self._sweep):
                _guarded(task)
            self._woken.wait(_IDLE_S)

    def _tell(self) -> None:
        tell(self._house)

    def _tell_late(self) -> None:
        if time.monotonic() >= self._late_at:
            self._late_at = time.monotonic() + _LATE_EVERY_S
            tell_late(self._house)

    def _sweep(self) -> None:
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + _SWEEP_EVERY_S
            sweep(self._house)

    def _deliver(self) -> None:
        while len(self._busy) < LANES:
            with self._house.database.begin() as connection:
                parcel = deliveries.take(connection, set(self._busy), self._house.patience)
            if parcel is None:
                return
            self._busy.add(parcel.webhook)
            webhook = parcel.webhook

            def post(parcel: deliveries.Parcel = parcel, webhook: int = webhook) -> None:
                try:
                    sending.deliver(self._house, parcel)
                finally:
                    self._busy.discard(webhook)

            self._lane(post)

    def _mail(self) -> None:
        """One after the other: there is one server that takes them."""
        house, office = self._house, self._house.office
        if office is None or self._posting.is_set():
            return
        with house.database.begin() as connection:
            mails.gather(connection, datetime.now(UTC), house.every)
            envelope = mails.take(connection, house.lang)
        if envelope is None:
            return
        self._posting.set()

        def post() -> None:
            try:
                sending.mail(house, office, envelope)
            finally:
                self._posting.clear()

        self._lane(post)

    def _lane(self, work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except _AWAY as error:
                _LOGGER.warning("sent, or not: it is tried again: %s", _first_line(error))
            except Exception:
                _LOGGER.exception("not sent")
            finally:
                self._woken.set()

        self._lanes = [each for each in self._lanes if each.is_alive()]
        thread = threading.Thread(target=guarded, name="sending", daemon=True)
        self._lanes.append(thread)
        thread.start()


@contextmanager
def working(house: House) -> Iterator[None]:
    """A worker for as long as the block runs."""
    worker = Worker(house)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def tell(house: House) -> None:
    """Tell all that waits in the queue, batch after batch."""
    told = 1
    while told:
        with house.database.begin() as connection:
            told = telling.tell_waiting(connection, mails=house.mails)


def tell_late(house: House) -> None:
    """Tell of the cases that have come to another level, batch after batch."""
    told = 1
    while told:
        with house.database.begin() as connection:
            told = lateness.tell_late(connection, mails=house.mails)


def sweep(house: House) -> None:
    """Delete what was told long ago and is done with, batch after batch."""
    swept = 1
    while swept:
        with house.database.begin() as connection:
            swept = sweeping.sweep(connection, datetime.now(UTC) - house.kept)


@contextmanager
def _alone(house: House) -> Iterator[Connection | None]:
    """The connection that holds the lock; None while another process has it."""
    connection = house.database.lasting.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()  # its end is the lock's end, and no pool keeps it
    with connection:
        held = connection.scalar(_TRY, {"key": _LOCK})
        yield connection if held else None


def _guarded(task: Callable[[], None]) -> None:
    """A fault of ours in one thing must not keep the others from being done."""
    try:
        task()
    except _AWAY:
        raise
    except Exception:
        _LOGGER.exception("not done; it is tried again")


def _first_line(error: Exception) -> str:
    text = error.sentence("en") if isinstance(error, Problem) else str(error)
    return text.strip().partition("\n")[0]
