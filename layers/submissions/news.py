"""What was logged on the spot and came in lately, as far as whoever asks may see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from layers.alike import near, same
from layers.alike.near import Near, Reach
from layers.alike.same import ALONE, Standing, Suggestion
from layers.declaring.words import Layer, Type
from layers.freshness.marks import CURRENT, Mark, log_end
from layers.reading.masking import shown
from layers.registry import Registry
from layers.schema.submissions import SUBMISSIONS
from layers.schema.tables import table
from layers.thematic import grid_fields

_COLUMNS = SUBMISSIONS.c
# Whoever was away for longer looks at the list of the day.
_KEPT: ColumnElement[timedelta] = sa.literal_column("interval '1 day'")
_AT_ONCE = 200
_FIELDS = grid_fields.LAYER

Reaches = Mapping[str, Reach]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A record that came in: `field` and `leader` are who answers there now, by name.

    `kind` is the value of the field that says so, `detail` what the inspector wrote.
    `near` is what is likely the same and not said yet, `standing` what was said of it.
    """

    number: int
    uuid: str
    layer: str
    id: int
    title: str
    kind: str | None
    detail: str | None
    field: str | None
    leader: str | None
    captured_at: datetime
    received_at: datetime
    due: datetime | None
    near: tuple[Suggestion, ...]
    standing: Standing = ALONE

    def members(self) -> dict[str, Any]:
        """For a program."""
        plain = ("number", "uuid", "layer", "id", "title", "field", "leader")
        moments = ("captured_at", "received_at", "due")
        told = {name: getattr(self, name) for name in plain}
        told |= {name: at and at.isoformat() for name in moments for at in [getattr(self, name)]}
        main = self.standing.main
        return {**told, "near": len(self.near), "same_as": main and main.main}


@dataclass(frozen=True, slots=True)
class Batch:
    """News in the order of their numbers, each with the mark of whoever has read up to it.

    `mark` is that of whoever has read all of them; `more` says that there are more at once. It may
    be told when the disk has the log up to `end` (`marks.await_disk`).
    """

    news: Sequence[tuple[Mark, News]]
    mark: Mark
    more: bool
    end: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The last of what came in on a day, the newest first, and how many there were in all.

    Whoever has read it goes on from `mark`, once the disk has the log up to `end`.
    """

    on: date
    news: Sequence[News]
    count: int
    mark: Mark
    end: str


def since(connection: Connection, registry: Registry, mark: Mark | None, reaches: Reaches) -> Batch:
    """What is to be told to whoever has read up to a mark; for a transaction on one snapshot.

    What came in more than a day ago is passed over. Whoever has no mark yet gets one.
    """
    if mark is None:
        now = Mark(str(connection.scalar(sa.select(CURRENT))))
        return Batch((), now, more=False, end=log_end(connection))
    current = mark.current or str(connection.scalar(sa.select(CURRENT)))
    lately = _COLUMNS.received_at > sa.func.now() - _KEPT
    ahead = mark.ahead(_COLUMNS.transaction, _COLUMNS.number)
    rows = _rows(connection, _SELECTED.where(ahead, lately).order_by(_COLUMNS.number))
    whole = len(rows) < _AT_ONCE
    marks = [Mark(mark.seen, current, row.number) for row in rows]
    if whole and rows:
        marks[-1] = Mark(current)
    last = marks[-1] if rows else Mark(current)
    by_number = dict(zip((row.number for row in rows), marks, strict=True))
    told = _told(connection, registry, rows, reaches)
    # Beyond an older snapshot there may be what has become visible since.
    more = not whole or mark.current is not None
    found = [(by_number[each.number], each) for each in told]
    return Batch(found, last, more, log_end(connection))


def of_day(  # noqa: PLR0913  what the list depends on
    connection: Connection,
    registry: Registry,
    on: date,
    reaches: Reaches,
    *,
    limit: int,
    before: int | None = None,
) -> Day:
    """What came in on a day, the newest first, or those before a number."""
    begin = datetime.combine(on, time.min, BEIJING)
    within = sa.and_(
        _COLUMNS.received_at >= begin, _COLUMNS.received_at < begin + timedelta(days=1)
    )
    count = connection.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS).where(within))
    page = _SELECTED.where(within).order_by(_COLUMNS.number.desc()).limit(limit)
    if before is not None:
        page = page.where(_COLUMNS.number < before)
    rows = connection.execute(page).all()
    mark = Mark(str(connection.scalar(sa.select(CURRENT))))
    found = _told(connection, registry, rows, reaches)
    return Day(on, found, count or 0, mark, log_end(connection))


def _rows(connection: Connection, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    return connection.execute(statement.limit(_AT_ONCE)).all()


def _told(
    connection: Connection, registry: Registry, rows: Sequence[sa.Row[Any]], reaches: Reaches
) -> list[News]:
    """The rows whose features are still there, in their order."""
    fields = _fields(connection, [row.field for row in rows if row.field])
    features: dict[tuple[str, int], sa.Row[Any]] = {}
    alike: dict[tuple[str, int], Sequence[Near]] = {}
    known: dict[str, Mapping[int, Standing]] = {}
    for name in dict.fromkeys(row.layer for row in rows):
        layer = registry.layers.get(name)
        if layer is None or layer.logged is None:
            continue
        ids = [row.feature for row in rows if row.layer == name]
        found = connection.execute(_features(layer, ids))
        features |= {(name, each.id): each for each in found}
        within = reaches.get(name) or near.reach(layer)
        found_near = near.of_features(connection, layer, ids, within)
        alike |= {(name, feature): each for feature, each in found_near.items()}
        concerned = same.concerned(ids, found_near)
        known[name] = same.standings(connection, layer, concerned)
    keys = [(row, (row.layer, row.feature)) for row in rows]
    return [
        _news(row, features[key], fields.get(row.field), alike.get(key, ()), known[row.layer])
        for row, key in keys
        if key in features
    ]


def _news(
    row: sa.Row[Any],
    feature: sa.Row[Any],
    field: sa.Row[Any] | None,
    alike: Sequence[Near],
    known: Mapping[int, Standing],
) -> News:
    title = feature.title or f"#{row.feature}"
    return News(
        number=row.number,
        uuid=str(row.uuid),
        layer=row.layer,
        id=row.feature,
        title=title,
        kind=feature.kind,
        detail=feature.detail,
        field=field and field.name,
        leader=field and field.leader,
        captured_at=row.captured_at,
        received_at=row.received_at,
        due=row.due,
        near=same.suggestions(row.feature, title, alike, known),
        standing=known.get(row.feature, ALONE),
    )


def _features(layer: Layer, ids: Sequence[int]) -> sa.Select[Any]:
    """What is said of some features, as whoever asks may read it."""
    rows = shown(layer, table(layer))

    def text(name: str | None) -> ColumnElement[str]:
        return sa.cast(rows.c[name] if name else sa.null(), sa.Text)

    kind = layer.logged.kind if layer.logged else None
    return sa.select(
        rows.c.id,
        text(layer.title).label("title"),
        text(kind).label("kind"),
        text(_detail(layer)).label("detail"),
    ).where(rows.c.id.in_(ids))


def _detail(layer: Layer) -> str | None:
    """The field in which an inspector said in own words what it is, if there is one."""
    asked = (layer.field(name) for name in layer.logged.asked) if layer.logged else ()
    free = (field.name for field in asked if field.type is Type.TEXT and not field.choices)
    return next(free, None)


def _fields(connection: Connection, codes: Iterable[str]) -> Mapping[str, sa.Row[Any]]:
    """Name and leader of the fields with these codes."""
    wanted = set(codes)
    if not wanted:
        return {}
    rows = shown(_FIELDS, table(_FIELDS))
    named: sa.Select[Any] = sa.select(rows.c.code, rows.c.name, rows.c.leader)
    return {row.code: row for row in connection.execute(named.where(rows.c.code.in_(wanted)))}


_SELECTED: sa.Select[Any] = sa.select(
    _COLUMNS.number,
    _COLUMNS.uuid,
    _COLUMNS.layer,
    _COLUMNS.feature,
    _COLUMNS.captured_at,
    _COLUMNS.received_at,
    _COLUMNS.field,
    _COLUMNS.due,
)
