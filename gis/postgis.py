"""The way to PostGIS: one engine, transactions that commit or leave nothing, errors translated."""

import copy
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, TypeVar

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis.clock import ZONE
from gis.errors import Problem
from gis.refusals.database import (
    DATABASE_BUSY,
    DATABASE_REFUSED,
    DATABASE_UNREACHABLE,
    NOT_PERMITTED,
)
from gis.stopping import Interrupted, Switch

_Answer = TypeVar("_Answer")

_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_TO_ESCAPE = re.compile(r"[\\\n\r\t]")
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;"
_HURRIED = "BEGIN; SET LOCAL synchronous_commit = off;"
# What a connection's next statement takes along at its head: settings of a hurried transaction.
_FIRST = "gridfield_first"
# One message. What follows the COMMIT is a transaction by itself, which waits for the disk: it
# writes a word to the log, since one that has written nothing need not wait.
_COMMITTED = sa.text("COMMIT; SELECT pg_logical_emit_message(true, 'gridfield', '')")
# After so long without use a connection may well be dead.
_IDLE_S = 1.0
# Roughly one network write; COPY gains nothing from larger pieces.
_COPY_PIECE_CHARS = 1 << 20


class Database:
    """A PostGIS database and its pool of connections.

    `url` is a SQLAlchemy URL with the driver named (postgresql+psycopg2://…). Threads may share
    one instance; a connection belongs to one thread at a time. With `patience_s`, a server
    whose machine is silent for so long is soon held to be away. Where `url` leads to a pool that
    lends a connection for one transaction, `direct` leads past it.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        patience_s: int | None = None,
        direct: str | None = None,
    ) -> None:
        self.url = url
        self.settings: Mapping[str, str] = MappingProxyType({})
        self.engine = _engine(url, pool_size, patience_s)
        # For what outlives a transaction: to listen, and to hold a lock.
        self.lasting = self.engine if direct is None else _engine(direct, 1, patience_s)
        # Apart, since to change a connection's mode and back costs more than many a statement.
        self._quick = _engine(url, pool_size, patience_s, isolation_level="AUTOCOMMIT")
        sa.event.listen(self._quick, "before_cursor_execute", _begun, retval=True)

    def acting(self, settings: Mapping[str, str], role: str | None = None) -> "Database":
        """The same pool, whose transactions each begin with these settings and in that role.

        They end with the transaction, so that the next user of a connection finds none of them.
        """
        other = copy.copy(self)
        # The role comes last: what it may not set has been set by then.
        last = {} if role is None else {"role": role}
        other.settings = MappingProxyType({**settings, **last})
        return other

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with translated(), _begun_with(self.engine, *_setting(self.settings)) as connection:
            yield connection
            connection.commit()

    @contextmanager
    def hurried(self) -> Iterator[Connection]:
        """As `begin`, for many short transactions that take turns at a lock.

        It is committed, and lets go of its locks, before the disk has it; then waits for the disk
        as any other would, and shares one write with all who wait. When the block has ended the
        disk has it, and nothing of it was told before.
        """
        with translated(), self._quick.connect() as connection:
            noted = connection.info  # kept: a connection that has died has none any more
            try:
                noted[_FIRST] = self.settings
                yield connection
                if noted.pop(_FIRST, None) is None:  # else nothing has been asked
                    connection.execute(_COMMITTED)
            except BaseException:
                noted.pop(_FIRST, None)
                _rolled_back(connection)
                raise

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection on which each statement is a transaction, as whoever owns the database: for
        what is asked before anything else, in one message."""
        with translated(), self._quick.connect() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction on one snapshot; it never waits for a writer."""
        first = _setting(self.settings, _SNAPSHOT)
        with translated(), _begun_with(self.engine, *first) as connection:
            yield connection

    def asked(self, statement: str) -> Any:
        """The one row of a statement that only reads, in one message: a transaction by itself.

        The statement is sent as it stands; nothing from outside may be in it.
        """
        settings = {"transaction_read_only": "on", **self.settings}
        calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
        told = [part for pair in settings.items() for part in pair]

        def ask() -> Any:
            with translated(), self._quick.connect() as connection:
                message = f"SELECT {calls}; {statement.replace('%', '%%')}"
                return connection.exec_driver_sql(message, tuple(told)).one()

        # Twice is as good as once: nobody is refused because the database has just come back.
        return asked_again(ask)

    def ping(self) -> None:
        """Return when the database answers; Problem(DATABASE_UNREACHABLE) when it does not."""
        with self.read() as connection:
            connection.execute(sa.text("SELECT 1"))

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.lasting.dispose()
        self._quick.dispose()


def _engine(url: str, pool_size: int, patience_s: int | None, **mode: str) -> Engine:
    own = sa.make_url(url).query.get("options", "")
    options = f"{own if isinstance(own, str) else ' '.join(own)} -c timezone={ZONE}".strip()
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=patience_s or 10,
        connect_args={
            **_impatient(patience_s),
            "application_name": "gridfield",
            "options": options,
        },
        **mode,
    )

    def left(_: Any, record: Any) -> None:
        record.info["left"] = time.monotonic()

    def taken(link: Any, record: Any, _: Any) -> None:
        """As `pool_pre_ping`, but for what was in use a moment ago, which is most of it."""
        if time.monotonic() - record.info.get("left", math.inf) > _IDLE_S:
            try:
                engine.dialect.do_ping(link)
            except psycopg2.Error as error:
                raise sa.exc.InvalidatePoolError from error

    sa.event.listen(engine, "checkin", left)
    sa.event.listen(engine, "checkout", taken)
    return engine


def _impatient(patience_s: int | None) -> Mapping[str, int]:
    """How a connection is given up: a machine that has lost its power says nothing, which by
    default is noticed after two hours."""
    if patience_s is None:
        return {"connect_timeout": 10}
    return {
        "connect_timeout": patience_s,
        "keepalives_idle": patience_s,
        "keepalives_interval": patience_s,
        "keepalives_count": 2,
        "tcp_user_timeout": 3000 * patience_s,
    }


def _begun(
    connection: Connection,
    cursor: Any,
    statement: str,
    parameters: Any,
    _context: Any,
    _many: bool,  # noqa: FBT001  what SQLAlchemy calls
) -> tuple[str, Any]:
    """The first statement of a hurried transaction begins it, in the same message."""
    settings = connection.info.pop(_FIRST, None)
    if settings is None:
        return statement, parameters
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    first = f"{_HURRIED} SELECT {calls};" if settings else _HURRIED
    told = cursor.mogrify(first, [part for pair in settings.items() for part in pair]).decode()
    if parameters:  # the driver reads percent signs only then
        told = told.replace("%", "%%")
    return told + statement, parameters


def _begun_with(
    engine: Engine, first: sa.TextClause, values: Mapping[str, str], *, again: bool = True
) -> Connection:
    """A connection whose transaction has begun with these words, if there are any.

    One that died since it was last used, as all of them do when the server starts anew, is replaced
    once: nothing has been asked on it yet that could happen twice.
    """
    connection = engine.connect()
    connection.begin()  # said, since what a cursor of the driver's own does begins none here
    if not first.text:
        return connection
    try:
        connection.execute(first, values)
    except BaseException as error:
        connection.close()
        if again and isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
            return _begun_with(engine, first, values, again=False)
        raise
    return connection


def asked_again(ask: Callable[[], _Answer]) -> _Answer:
    """What `ask` returns, which is asked once more when the database went away meanwhile.

    Only for what may happen twice. Problem(DATABASE_UNREACHABLE) when it is still away.
    """
    try:
        return ask()
    except Problem as problem:
        if problem.rule is not DATABASE_UNREACHABLE:
            raise
    return ask()


def _rolled_back(connection: Connection) -> None:
    """End the transaction; a connection that cannot even do that is not used again."""
    if connection.invalidated:  # the server has gone, and the transaction with it
        return
    try:
        connection.execute(sa.text("ROLLBACK"))
    except sa.exc.DBAPIError:
        connection.invalidate()


def _setting(settings: Mapping[str, str], first: str = "") -> tuple[sa.TextClause, dict[str, str]]:
    """What sets them all until the transaction ends, in one message with `first`; its values."""
    if not settings:
        return sa.text(first), {}
    calls = (f"set_config(:name{n}, :value{n}, true)" for n in range(len(settings)))
    values = {f"name{n}": name for n, name in enumerate(settings)}
    values |= {f"value{n}": value for n, value in enumerate(settings.values())}
    return sa.text(f"{first}SELECT {', '.join(calls)}"), values


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into Problems; an error that is our own fault stays as it is."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Problem(DATABASE_BUSY) from error
    except (sa.exc.DBAPIError, psycopg2.Error) as error:
        problem = _problem_of(getattr(error, "orig", error))
        if problem is None:
            raise
        raise problem from error


def _problem_of(error: BaseException | None) -> Problem | None:
    code = getattr(error, "pgcode", None) or ""
    reason = str(error).strip().partition("\n")[0]
    # Class 08, 57P, 53 (no more disk, memory or connections) or no SQLSTATE: nobody can answer.
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) and (
        not code or code[:3] == "57P" or code[:2] in {"08", "53"}
    ):
        return Problem(DATABASE_UNREACHABLE, reason=reason)
    if code in {"57014", "55P03", "40001", "40P01"}:  # cancelled, lock, serialisation, deadlock
        return Problem(DATABASE_BUSY)
    if code == "42501":  # row-level security, or a privilege that a role has not
        return Problem(NOT_PERMITTED)
    # Classes 22 and 23: a value or a rule of the data, which the caller may mend.
    if code[:2] in {"22", "23"}:
        return Problem(DATABASE_REFUSED, reason=reason)
    return None


@contextmanager
def ended_by(connection: Connection, switch: Switch | None) -> Iterator[None]:
    """While the block runs, the switch ends what the server does for it; Interrupted then.

    Thrown while the server is asked nothing it ends nothing: throw it until the block has ended.
    """
    if switch is None:
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    with switch.ending(driver.cancel):
        try:
            yield
        except Exception:
            if switch.thrown:
                raise Interrupted from None
            raise


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """COPY rows into a table or temporary table within the connection's transaction.

    Values are written as text: None is NULL, geometries are hexadecimal EWKB strings. Names must
    come from a declaration; they are quoted, never interpolated raw.
    """
    lines = ("\t".join(map(_copy_text, row)) + "\n" for row in rows)
    _copy(connection, table, columns, _CopySource(lines))


def _copy(
    connection: Connection, table: str, columns: Sequence[str], source: "_CopySource"
) -> None:
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    with raw_cursor(connection) as cursor:
        try:
            cursor.copy_expert(statement, source)
        except psycopg2.Error:
            if source.fault is not None:  # whatever made the rows was not the database
                raise source.fault from None
            raise


def copy_columns(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    chunks: Iterable[Sequence[Sequence[object]]],
) -> None:
    """The same for many rows: each of the chunks has the values of some of them, column by column.

    To look at a column at once takes a third of the time that its cells take one by one.
    """
    texts = ("".join(_copy_lines(chunk)) for chunk in chunks)
    _copy(connection, table, columns, _CopySource(texts))


def _copy_lines(chunk: Sequence[Sequence[object]]) -> Iterator[str]:
    for line in zip(*map(_copy_texts, chunk), strict=True):
        yield "\t".join(line) + "\n"


def _copy_texts(values: Sequence[object]) -> list[str]:
    if _TO_ESCAPE.search("".join(value for value in values if value.__class__ is str)):
        return [_copy_text(value) for value in values]
    return [r"\N" if value is None else str(value) for value in values]


@contextmanager
def raw_cursor(connection: Connection) -> Iterator[Any]:
    """A psycopg2 cursor inside the connection's transaction, for COPY."""
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        yield cursor


class _CopySource:
    """A file of COPY text, put together from its lines while the driver reads it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.fault: BaseException | None = None
        self._lines = iter(lines)
        self._rest = ""

    def read(self, size: int = -1) -> str:
        try:
            return self._read(size)
        except BaseException as fault:
            self.fault = fault
            raise

    def _read(self, size: int) -> str:
        wanted = _COPY_PIECE_CHARS if size < 0 else size
        pieces, length = [self._rest], len(self._rest)
        while length < wanted:
            line = next(self._lines, None)
            if line is None:
                break
            pieces.append(line)
            length += len(line)
        text = "".join(pieces)
        self._rest = text[wanted:]
        return text[:wanted]


def _copy_text(value: object) -> str:
    if value is None:
        return r"\N"
    text = str(value)
    # To look takes a tenth of the time that it takes to translate.
    return text.translate(_COPY_ESCAPES) if _TO_ESCAPE.search(text) else text
