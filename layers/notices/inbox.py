"""The notices of whoever asks, and which of them have been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import Actor, subtree
from layers.notices.declared import Kind
from layers.reading.masking import shown
from layers.registry import Registry
from layers.schema.notices import NOTICE_EVENTS, NOTICES
from layers.schema.tables import table

MOST_COUNTED = 100
_EVENT, _NOTICE = NOTICE_EVENTS.c, NOTICES.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice; `title` is None where the reader may not or cannot see what it is about."""

    number: int
    kind: Kind
    layer: str
    feature: int
    title: str | None
    at: datetime
    read_at: datetime | None
    told: Mapping[str, Any]


def listed(  # noqa: PLR0913  what the list depends on
    connection: Connection,
    registry: Registry,
    account: int,
    *,
    limit: int,
    before: int | None = None,
    unread_only: bool = False,
) -> list[Notice]:
    """The notices of an account, the newest first, or those before a number."""
    asked = SELECTED.where(_NOTICE.account == account, _NOTICE.listed).limit(limit)
    if before is not None:
        asked = asked.where(_NOTICE.event < before)
    if unread_only:
        asked = asked.where(_NOTICE.read_at.is_(None))
    return told(connection, registry, connection.execute(asked).all())


def told(connection: Connection, registry: Registry, rows: Sequence[sa.Row[Any]]) -> list[Notice]:
    """The rows as whoever acts in the transaction may read them."""
    titles = titles_of(connection, registry, {(row.layer, row.feature) for row in rows})
    return [
        Notice(
            **{**row._asdict(), "kind": Kind(row.kind)},
            title=titles.get((row.layer, row.feature)),
        )
        for row in rows
    ]


def titles_of(
    connection: Connection, registry: Registry, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """What these features are called, as far as whoever acts may see them."""
    found: dict[tuple[str, int], str] = {}
    for name in sorted({name for name, _ in wanted} & registry.layers.keys()):
        layer = registry.layers[name]
        rows = shown(layer, table(layer))
        title = sa.cast(rows.c[layer.title] if layer.title else sa.null(), sa.Text)
        ids = [feature for of, feature in wanted if of == name]
        named = sa.select(rows.c.id, title.label("title")).where(rows.c.id.in_(ids))
        for row in connection.execute(named):
            found[name, row.id] = row.title or f"#{row.id}"
    return found


def unread(connection: Connection, actor: Actor) -> int:
    """How many somebody has not read; of very many, MOST_COUNTED. For any connection."""
    if actor.account_id is None:
        return 0
    own = (_NOTICE.account == actor.account_id, _NOTICE.listed, _NOTICE.read_at.is_(None))
    within = _EVENT.place.between(*subtree(actor.division))
    some = _JOINED.with_only_columns(_NOTICE.event).where(*own, within).limit(MOST_COUNTED)
    return connection.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0


def mark_read(connection: Connection, account: int, numbers: Sequence[int] | None = None) -> int:
    """Say of these notices, or of all, that they have been read; how many were not before."""
    mine = (_NOTICE.account == account, _NOTICE.listed, _NOTICE.read_at.is_(None))
    chosen = () if numbers is None else (_NOTICE.event.in_(numbers),)
    statement = sa.update(NOTICES).where(*mine, *chosen).values(read_at=sa.func.now())
    return connection.execute(statement).rowcount


_JOINED = sa.select(NOTICES).join(NOTICE_EVENTS, _NOTICE.event == _EVENT.number)
SELECTED: sa.Select[Any] = _JOINED.with_only_columns(
    _EVENT.number,
    _EVENT.kind,
    _EVENT.layer,
    _EVENT.feature,
    _EVENT.at,
    _EVENT.told,
    _NOTICE.read_at,
).order_by(_EVENT.number.desc())
