"""What has to happen so many times a month: how often it did, and in which month too seldom."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Finding
from layers.declaring.dividing import Level
from layers.declaring.labels import Label
from layers.declaring.people import EVERYWHERE, subtree
from layers.declaring.period import Period
from layers.declaring.words import Layer
from layers.refusals.registers import CADENCE_MISSED
from layers.registry import Registry
from layers.schema.tables import table
from layers.thematic import divisions

_FILE = Path(__file__).parents[1] / "vocabulary" / "cadences.toml"
# How many digits of a code lie below a division of each level.
_BELOW = {Level.DISTRICT: 6, Level.STREET: 3, Level.COMMUNITY: 0, Level.VILLAGE: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """So many records of a layer at least in each month, from the day `since` on: by the day in
    the field `day`, `among` those with one value, for each division of the level `of` (that has a
    record of the layer `given`)."""

    name: str
    label: Label
    layer: str
    day: str
    of: Level
    least: int
    since: date
    standard: str
    among: tuple[str, str] | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """How often it was in one month and one division; `month` ends with the month, or today."""

    cadence: Cadence
    division: str
    division_name: str
    month: Period
    count: int
    is_over: bool

    @property
    def is_short(self) -> bool:
        """Whether it was, or is so far, too seldom."""
        return self.count < self.cadence.least

    @property
    def is_missed(self) -> bool:
        """Whether it was too seldom, and the month is over."""
        return self.is_over and self.is_short

    def finding(self) -> Finding:
        """The warning of a missed month."""
        values = {
            "label": self.cadence.label.en,
            "label_zh": self.cadence.label.zh,
            "division": self.division_name,
            "month": self.month.first.strftime("%Y-%m"),
            "count": self.count,
            "least": self.cadence.least,
        }
        return Finding(CADENCE_MISSED, column=self.cadence.layer, values=values)


@cache
def cadences() -> tuple[Cadence, ...]:
    """Those of the file; of one name the earliest first."""
    found = tomllib.loads(_FILE.read_text("utf-8"))["cadences"]
    return tuple(sorted(map(_read, found), key=lambda each: each.since))


def _read(entry: Mapping[str, Any]) -> Cadence:
    rest = {name: value for name, value in entry.items() if name not in {"zh", "en", "among"}}
    among = entry.get("among")
    told = None if among is None else (among[0], among[1])
    label = Label(entry["zh"], entry["en"])
    return Cadence(**{**rest, "of": Level(entry["of"])}, label=label, among=told)


def beats(  # noqa: PLR0913  what is looked at, all of it named by the caller
    connection: Connection,
    registry: Registry,
    period: Period,
    *,
    today: date,
    within: str = EVERYWHERE,
    known: Sequence[Cadence] | None = None,
) -> list[Beat]:
    """Each month that has begun, by cadence, division and month, as far as whoever acts sees them.

    Months of which the period has a part count as a whole.
    """
    known = cadences() if known is None else known
    found: list[Beat] = []
    for name in dict.fromkeys(cadence.name for cadence in known):
        same = [cadence for cadence in known if cadence.name == name]
        if same[0].layer in registry.layers:
            found += _beats(connection, registry, _Asked(same, period, today, within))
    return found


def missed(beats: Sequence[Beat]) -> list[Beat]:
    """Those whose month is over and had too few."""
    return [beat for beat in beats if beat.is_missed]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One cadence as it was from time to time, and of when and where."""

    cadences: Sequence[Cadence]
    period: Period
    today: date
    within: str

    def months(self) -> Iterator[tuple[Period, Cadence]]:
        """The months that have begun, each with what was asked of it."""
        for part in self.period.months:
            month = _whole(part)
            asked = [cadence for cadence in self.cadences if cadence.since <= month.first]
            if asked and month.first <= self.today:
                yield month, asked[-1]


def _beats(connection: Connection, registry: Registry, asked: _Asked) -> Iterator[Beat]:
    months = list(asked.months())
    if not months:
        return
    kind = asked.cadences[0]
    layer = registry.layer(kind.layer)
    counts = _counts(connection, layer, kind, Period(months[0][0].first, months[-1][0].last))
    for code, name in _divisions(connection, registry, kind, asked.within):
        for month, cadence in months:
            yield Beat(
                cadence=cadence,
                division=code,
                division_name=name,
                month=month,
                count=counts.get((_ground(int(code), kind.of), month.first), 0),
                is_over=month.last < asked.today,
            )


def _divisions(
    connection: Connection, registry: Registry, cadence: Cadence, within: str
) -> list[tuple[str, str]]:
    rows = table(divisions.LAYER)
    inside = sa.cast(rows.c.code, sa.BigInteger).between(*subtree(within))
    statement = sa.select(rows.c.code, rows.c.name).where(inside, rows.c.level == cadence.of)
    found = [(code, name) for code, name in connection.execute(statement.order_by(rows.c.code))]
    if cadence.given is None:
        return found
    places = table(registry.layer(cadence.given)).c.place
    having = set(connection.scalars(sa.select(_of_ground(places, cadence.of)).distinct()))
    return [(code, name) for code, name in found if _ground(int(code), cadence.of) in having]


def _counts(
    connection: Connection, layer: Layer, cadence: Cadence, period: Period
) -> Mapping[tuple[int, date], int]:
    """How many records, by ground and by the first day of the month."""
    rows = table(layer)
    day = rows.c[cadence.day]
    month = sa.cast(sa.func.date_trunc("month", day), sa.Date)
    ground = _of_ground(rows.c.place, cadence.of)
    wanted: list[ColumnElement[bool]] = [day.between(period.first, period.last)]
    if cadence.among is not None:
        name, value = cadence.among
        wanted.append(rows.c[name] == value)
    statement = sa.select(ground, month, sa.func.count()).where(*wanted).group_by(ground, month)
    return {(at, first): count for at, first, count in connection.execute(statement)}


def _of_ground(place: ColumnElement[int], level: Level) -> ColumnElement[int]:
    # A literal: two parameters would be two expressions to GROUP BY.
    return place // sa.literal_column(str(10 ** _BELOW[level]), sa.BigInteger)


def _ground(place: int, level: Level) -> int:
    return place // int(10 ** _BELOW[level])


def _whole(part: Period) -> Period:
    """The whole month of which a period has a part."""
    (month,) = Period(part.first.replace(day=1), part.last).months
    after = date.fromordinal(month.first.toordinal() + 31).replace(day=1)
    return Period(month.first, date.fromordinal(after.toordinal() - 1))
