"""The ways between the positions of a patrol, each found when the last thing it needs has come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

import shapely
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from sqlalchemy.engine import Connection

from layers.schema.patrols import PATROL_POINTS, PATROL_STRETCHES
from layers.walking import Fix, Kind, Leg, Rules, legs

_SRID = 4326
_DAYS = sa.text("""
SELECT to_timestamp(at)::date
FROM unnest(CAST(:at AS double precision[])) WITH ORDINALITY AS _(at, n) ORDER BY n
""")


@dataclass(frozen=True, slots=True)
class Way:
    """What a batch made known: the numbers of the stretches that were walked, and sums."""

    walked: tuple[int, ...] = ()
    walked_m: float = 0.0
    ridden_m: float = 0.0
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class _Beside:
    """The kept position next to a batch; nobody looked in between where it is `broken`."""

    fix: Fix
    broken: bool


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Legs of one kind on one day, end to end."""

    day: date
    legs: Sequence[Leg]

    @property
    def kind(self) -> Kind:
        return self.legs[0].kind

    @property
    def metres(self) -> float:
        return sum(leg.metres for leg in self.legs)

    @property
    def line(self) -> shapely.LineString:
        fixes = [self.legs[0].since, *(leg.until for leg in self.legs)]
        return shapely.LineString([(fix.lon, fix.lat) for fix in fixes])


def add(  # noqa: PLR0913  what came, where it belongs, and by which rules
    connection: Connection,
    patrol: UUID,
    seq: int,
    kept: Sequence[Fix],
    rules: Rules,
    *,
    resumed: bool,
) -> Way:
    """Store the stretches that a batch makes known, up to its neighbours where those have come."""
    before = _beside(connection, patrol, seq, forward=False)
    after = _beside(connection, patrol, seq, forward=True)
    fixes = [*([before.fix] if before else []), *kept, *([after.fix] if after else [])]
    broken = set()
    if before and (resumed or before.broken):
        broken.add(1)
    if after and (after.broken or (resumed and not kept)):
        broken.add(len(fixes) - 1)
    found = list(_stretches(connection, list(legs(fixes, rules, sorted(broken)))))
    return _store(connection, patrol, found)


def _beside(connection: Connection, patrol: UUID, seq: int, *, forward: bool) -> _Beside | None:
    """The nearest kept position before or after a batch, if all batches up to it are there."""
    rows = PATROL_POINTS.c
    side, order = (rows.seq > seq, rows.seq) if forward else (rows.seq < seq, rows.seq.desc())
    at = 1 if forward else rows.points
    columns = (rows[name][at] for name in ("at", "lon", "lat", "accuracy_m"))
    wanted = sa.select(rows.seq, *columns).where(rows.patrol == patrol, side, rows.points > 0)
    found = connection.execute(wanted.order_by(order).limit(1)).one_or_none()
    if found is None:
        return None
    nearest = int(found[0])
    first, last = (seq + 1, nearest) if forward else (nearest + 1, seq - 1)
    between = rows.seq.between(first, last)
    counted = sa.select(sa.func.count(), sa.func.bool_or(rows.resumed))
    count, broken = connection.execute(counted.where(rows.patrol == patrol, between)).one()
    return _Beside(Fix(*found[1:]), bool(broken)) if count == last - first + 1 else None


def _stretches(connection: Connection, found: Sequence[Leg]) -> Iterator[_Stretch]:
    days = connection.scalars(_DAYS, {"at": [leg.until.at for leg in found]}).all()
    numbered = enumerate(zip(days, found, strict=True))
    # No two gaps are one: each says of its own ends how long nobody looked.
    for key, some in groupby(numbered, key=lambda each: _piece(*each)):
        yield _Stretch(key[0], [leg for _, (_, leg) in some])


def _piece(number: int, dated: tuple[date, Leg]) -> tuple[date, Kind, int]:
    day, leg = dated
    return day, leg.kind, number if leg.kind is Kind.GAP else 0


def _store(connection: Connection, patrol: UUID, found: Sequence[_Stretch]) -> Way:
    if not found:
        return Way()
    rows = PATROL_STRETCHES.c
    last = sa.select(sa.func.coalesce(sa.func.max(rows.number), 0)).where(rows.patrol == patrol)
    first = int(connection.scalar(last) or 0) + 1
    numbered = list(enumerate(found, start=first))
    connection.execute(
        sa.insert(PATROL_STRETCHES),
        [
            {
                "patrol": patrol,
                "number": number,
                "since": _moment(stretch.legs[0].since),
                "until": _moment(stretch.legs[-1].until),
                "day": stretch.day,
                "kind": stretch.kind.value,
                "metres": stretch.metres,
                "geom": from_shape(stretch.line, srid=_SRID),
            }
            for number, stretch in numbered
        ],
    )
    return Way(
        tuple(number for number, stretch in numbered if stretch.kind is Kind.WALKED),
        _metres(found, Kind.WALKED),
        _metres(found, Kind.RIDDEN),
        sum(stretch.kind is Kind.GAP for stretch in found),
    )


def _metres(found: Sequence[_Stretch], kind: Kind) -> float:
    return sum(stretch.metres for stretch in found if stretch.kind is kind)


def _moment(fix: Fix) -> datetime:
    return datetime.fromtimestamp(fix.at, UTC)
