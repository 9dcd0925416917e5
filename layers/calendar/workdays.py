"""On which days people work: the State Council's calendar, and what is known beyond it."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis.errors import Finding
from gis.postgis import Database
from layers.calendar.tables import HOLIDAYS
from layers.refusals.submissions import HOLIDAYS_UNKNOWN

_WEEKEND = 5
_KEPT_S = 60.0
_AHEAD = timedelta(days=45)  # deadlines hardly reach further
_LOGGER = logging.getLogger(__name__)
# Which years the library knows: the last of them grows with its releases, each autumn.
_PUBLISHED = frozenset(day.year for day in chinese_calendar.constants.holidays)


@lru_cache(maxsize=4096)  # of some years
def _published(day: date) -> bool:
    """Whether people work on a day as far as the published calendar knows."""
    if day.year in _PUBLISHED:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _WEEKEND


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days; `own` are days told by the table `holidays`, which go before what is published.

    A year that is neither published nor told has its weekends and no holiday.
    """

    own: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether people work on a day."""
        told = self.own.get(day)
        if told is not None:
            return told
        return _published(day)

    def after(self, day: date, count: int) -> date:
        """The working day so many of them after a day, which is not counted itself."""
        while count:
            day += timedelta(days=1)
            count -= self.works(day)
        return day

    def on_or_after(self, day: date) -> date:
        """The day itself where people work on it, else the next on which they do."""
        return day if self.works(day) else self.after(day, 1)

    def unknown(self, days: Iterable[date]) -> list[Finding]:
        """A warning for each year of these days of which nobody has said the holidays."""
        known = _PUBLISHED | {day.year for day in self.own}
        years = sorted({day.year for day in days} - known)
        return [Finding(HOLIDAYS_UNKNOWN, values={"year": year}) for year in years]


@dataclass(frozen=True, slots=True)
class Told:
    """A day of which somebody has said whether people work on it, and what it is called."""

    day: date
    works: bool
    name: str


def calendar(connection: Connection) -> Calendar:
    """The calendar with the days that are told in the database."""
    return Calendar({each.day: each.works for each in listed(connection)})


def listed(connection: Connection) -> list[Told]:
    """The days that are told in the database, the earliest first."""
    columns = (HOLIDAYS.c.day, HOLIDAYS.c.works, HOLIDAYS.c.name)
    return [Told(*row) for row in connection.execute(sa.select(*columns).order_by(columns[0]))]


def tell(connection: Connection, days: Iterable[Told]) -> int:
    """Say it of these days, whatever was said before; how many they are. For the owner."""
    rows = [asdict(each) for each in days]
    if rows:
        added = insert(HOLIDAYS)
        changed = {name: added.excluded[name] for name in ("works", "name")}
        connection.execute(added.on_conflict_do_update(index_elements=["day"], set_=changed), rows)
    return len(rows)


def forget(connection: Connection, days: Iterable[date]) -> int:
    """Leave these days to the published calendar again; how many were told. For the owner."""
    wanted = HOLIDAYS.c.day == sa.any_(sa.literal(list(days), sa.ARRAY(sa.Date)))
    return connection.execute(sa.delete(HOLIDAYS).where(wanted)).rowcount


def span(first: date, last: date | None) -> list[date]:
    """All days from the first to the last; the first alone without one."""
    count = ((last or first) - first).days + 1
    return [first + timedelta(days=n) for n in range(count)]


class Calendars:
    """The calendar as the database tells it, asked anew after a minute; threads may share one."""

    def __init__(self) -> None:
        self._known = Calendar()
        self._until = 0.0
        self._warned: set[str] = set()

    def now(self, database: Database) -> Calendar:
        """The calendar, at most a minute old; what is missing of it is logged once."""
        if time.monotonic() >= self._until:
            with database.read() as connection:
                self._known = calendar(connection)
                today = connection.scalars(sa.select(sa.func.current_date())).one()
            self._warn(today)
            self._until = time.monotonic() + _KEPT_S
        return self._known

    def _warn(self, today: date) -> None:
        for finding in self._known.unknown([today, today + _AHEAD]):
            sentence = finding.sentence("en")
            if sentence not in self._warned:
                _LOGGER.warning("%s (gridfield holidays)", sentence)
            self._warned.add(sentence)
