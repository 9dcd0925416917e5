"""What personal values were told unmasked: to whom, when, how, of how many features.

Only added to, by the database's own rules: the application's role may insert and nothing else, in
no other name than that of who acts; the owner may remove what is older than the law wants kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.held.policies import ROLE
from layers.held.wiring import literal, quoted, trigger
from layers.schema.accounts import ACCOUNTS, PERSONAL_READS

KEPT = "6 months"
"""How long nobody may remove a line: 个人信息保护法 and 网络安全法 want six months at least."""

_OWN = "account IS NOT DISTINCT FROM nullif(current_setting('gridfield.account', true), '')::bigint"
# Inline: the role may not read back what was made of a line.
_ADDED = sa.insert(PERSONAL_READS).inline()
_ADDED_ONCE = insert(PERSONAL_READS).inline().on_conflict_do_nothing()
_WRITTEN = ("way", "layer", "rows", "format", "session", "hour")


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer, export or command that told so many features of a layer, in this format."""

    way: str
    layer: str
    rows: int
    format: str


class Hourly:
    """Which layers each session has been noted for in this hour; threads may share one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hour: datetime | None = None
        self._noted: set[tuple[int, str]] = set()

    def hour(self) -> datetime:
        """The hour that it is."""
        return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    def missing(self, hour: datetime, session: int, layers: Iterable[str]) -> list[str]:
        """Those of the layers that are still to be noted for the session."""
        with self._lock:
            if hour != self._hour:
                self._hour, self._noted = hour, set()
            return [name for name in layers if (session, name) not in self._noted]

    def add(self, hour: datetime, session: int, layers: Iterable[str]) -> None:
        """Remember that these have been noted."""
        with self._lock:
            if hour == self._hour:
                self._noted.update((session, name) for name in layers)


def note(database: Database, readings: Sequence[Reading]) -> None:
    """Write down what is about to be told, before it is."""
    if not readings:
        return
    with database.begin() as connection:
        connection.execute(_ADDED, [asdict(reading) for reading in readings])


def note_map(database: Database, hourly: Hourly, session: int, layers: Sequence[str]) -> None:
    """The same of layers on a map: one line for each session, layer and hour, whichever process of
    the server answers. How many features somebody looks at there is not known."""
    hour = hourly.hour()
    missing = hourly.missing(hour, session, layers)
    if not missing:
        return
    own = {"way": "map", "format": "mvt", "session": session, "hour": hour}
    with database.begin() as connection:
        connection.execute(_ADDED_ONCE, [{**own, "layer": name} for name in missing])
    hourly.add(hour, session, missing)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log; `login` is None for the machine itself and for accounts long gone, `rows`
    for maps."""

    at: datetime
    login: str | None
    way: str
    layer: str
    rows: int | None
    format: str


def latest(connection: Connection, *, login: str | None = None, limit: int) -> list[Line]:
    """The last lines of the log, the newest first; of one account where its login is given.

    For the owner of the database, who alone may read it.
    """
    log = PERSONAL_READS.c
    wanted = sa.select(log.at, ACCOUNTS.c.login, log.way, log.layer, log.rows, log.format)
    statement = wanted.outerjoin_from(PERSONAL_READS, ACCOUNTS, ACCOUNTS.c.id == log.account)
    if login is not None:
        statement = statement.where(ACCOUNTS.c.login == login)
    found = connection.execute(statement.order_by(log.number.desc()).limit(limit))
    return [Line(*row) for row in found]


def statements() -> Iterator[str]:
    """Grants, policy and triggers of the table: SQL for `layers.guards`."""
    rows = quoted(PERSONAL_READS.name)
    columns = ", ".join(map(quoted, _WRITTEN))
    yield f"ALTER TABLE {rows} ENABLE ROW LEVEL SECURITY"
    yield f"REVOKE ALL ON {rows} FROM {ROLE}"
    yield f"GRANT INSERT ({columns}) ON {rows} TO {ROLE}"
    yield f"CREATE POLICY gridfield_add ON {rows} FOR INSERT TO {ROLE} WITH CHECK ({_OWN})"
    name, refuse = PERSONAL_READS.name, "gridfield_refuse"
    young = f"OLD.at > now() - interval {literal(KEPT)}"
    yield trigger("gridfield_keep_values", "BEFORE UPDATE", name, refuse)
    yield trigger("gridfield_keep_all", "BEFORE TRUNCATE", name, refuse)
    yield trigger("gridfield_keep_rows", "BEFORE DELETE", name, refuse, row=True, when=young)
