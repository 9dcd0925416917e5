"""Patrols as they are read: whose, when, how far, and their ways as GeoJSON."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.geojson import DECIMALS
from layers.declaring.people import subtree
from layers.duties import persons
from layers.duties.persons import Holder
from layers.refusals.patrols import UNKNOWN_PATROL
from layers.schema.accounts import PERSONS
from layers.schema.patrols import PATROL_POINTS, PATROL_STRETCHES, PATROLS

_MISSING_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol:
    """One patrol. `account` is whose it is and `person` who that is, where it is known; `announced`
    is how many batches there are by what the phone says, `batches` how many have come."""

    uuid: UUID
    account: int
    person: Holder | None
    place: int
    started_at: datetime
    stopped_at: datetime | None
    kept_until: datetime
    announced: int | None
    batches: int
    points: int
    left_out: int
    gaps: int
    walked_m: float
    ridden_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which patrols are listed: those that began on a day, of a division and all below it, the
    newest first; `after` is the last of the page before."""

    on: date | None = None
    division: str | None = None
    after: UUID | None = None
    limit: int = 100


_OWN = tuple(PATROLS.c[name] for name in Patrol.__slots__ if name != "person")
_FROM = PATROLS.outerjoin(PERSONS, PERSONS.c.id == PATROLS.c.person)


def listing(connection: Connection, query: Query) -> list[Patrol]:
    """The patrols that whoever acts may see: their own, and those of the ground they oversee."""
    rows = PATROLS.c
    wanted: list[ColumnElement[bool]] = []
    if query.on is not None:
        wanted.append(sa.cast(rows.started_at, sa.Date) == query.on)
    if query.division is not None:
        wanted.append(rows.place.between(*subtree(query.division)))
    if query.after is not None:
        last = sa.select(rows.started_at, rows.uuid).where(rows.uuid == query.after)
        wanted.append(sa.tuple_(rows.started_at, rows.uuid) < last.scalar_subquery())
    statement = sa.select(*_OWN, *persons.COLUMNS).select_from(_FROM).where(*wanted)
    newest = statement.order_by(rows.started_at.desc(), rows.uuid.desc())
    return [_patrol(row) for row in connection.execute(newest.limit(query.limit))]


def get(connection: Connection, uuid: UUID) -> Patrol:
    """The patrol of that id; Problem(UNKNOWN_PATROL) where nobody may see one."""
    statement = sa.select(*_OWN, *persons.COLUMNS).select_from(_FROM)
    found = connection.execute(statement.where(PATROLS.c.uuid == uuid)).one_or_none()
    if found is None:
        raise Problem(UNKNOWN_PATROL, id=uuid)
    return _patrol(found)


def _patrol(row: Sequence[Any]) -> Patrol:
    names = [column.name for column in _OWN]
    values, person = row[: len(names)], row[len(names) :]
    who = None if person[0] is None else persons.holder(person)
    return Patrol(**dict(zip(names, values, strict=True)), person=who)


def missing(connection: Connection, patrol: Patrol) -> list[int]:
    """The first of the batches that should have come by now and have not."""
    rows = PATROL_POINTS.c
    came = sa.select(rows.seq).where(rows.patrol == patrol.uuid)
    last = (
        patrol.announced
        or sa.select(sa.func.max(rows.seq)).where(rows.patrol == patrol.uuid).scalar_subquery()
    )
    seq = sa.func.generate_series(1, last).column_valued("seq")
    absent = sa.select(seq).where(seq.not_in(came)).order_by(seq).limit(_MISSING_LISTED)
    return list(connection.scalars(absent))


# --- ways -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a way in one kind; `geometry` is a LineString of RFC 7946."""

    patrol: UUID
    kind: str
    since: datetime
    until: datetime
    metres: float
    geometry: Mapping[str, Any]


def stretches(
    connection: Connection, patrols: Collection[UUID], *, coarse_deg: float = 0.0
) -> list[Stretch]:
    """The ways of some patrols from their beginnings on, as far as they may be seen; simplified
    where they are only looked at from afar."""
    rows = PATROL_STRETCHES.c
    line: ColumnElement[Any] = rows.geom
    if coarse_deg:
        line = sa.func.st_simplify(line, coarse_deg, sa.true())  # a line stays one
    shape = sa.cast(sa.func.st_asgeojson(line, DECIMALS), sa.JSON)
    statement = sa.select(rows.patrol, rows.kind, rows.since, rows.until, rows.metres, shape)
    wanted = statement.where(rows.patrol.in_(list(patrols)))
    ordered = wanted.order_by(rows.patrol, rows.since, rows.number)
    return [Stretch(*row) for row in connection.execute(ordered)]
