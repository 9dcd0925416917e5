"""The addresses to which events of a division are sent, in its admins' hands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.people import Actor, reaches, subtree
from layers.held import policies
from layers.notices.declared import SENT, Kind
from layers.refusals.notices import UNKNOWN_WEBHOOK, WEBHOOK_REFUSED
from layers.schema.notices import DELIVERIES, NAME_LIMIT, NOTICE_EVENTS, WEBHOOKS

FORMER_VALID = timedelta(hours=24)
_COLUMNS = WEBHOOKS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody says of a webhook."""

    name: str
    url: str
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook as its admin sees it; `waiting` and `dead` are its deliveries."""

    id: int
    division: str
    name: str
    url: str
    kinds: tuple[str, ...]
    made_at: datetime
    paused_at: datetime | None
    waiting: int
    dead: int


def listed(connection: Connection) -> list[Webhook]:
    """Those of the ground of whoever acts."""
    rows = connection.execute(_SELECTED.order_by(_COLUMNS.id))
    return [_webhook(row) for row in rows]


def get(connection: Connection, webhook: int) -> Webhook:
    """One of them; Problem(UNKNOWN_WEBHOOK) also for one that is another division's."""
    row = connection.execute(_SELECTED.where(_COLUMNS.id == webhook)).one_or_none()
    if row is None:
        raise Problem(UNKNOWN_WEBHOOK, id=webhook)
    return _webhook(row)


def add(connection: Connection, actor: Actor, draft: Draft, division: str, secret: bytes) -> int:
    """A new one, for events of a division; its id. Problem(WEBHOOK_REFUSED)."""
    _check(draft)
    if not (division.isascii() and division.isdigit() and len(division) == 12):
        raise _refused("a division code has twelve digits", "区划代码为 12 位数字")
    if not reaches(actor.division, division):
        raise _refused("the division is not on your ground", "区划不在您的辖区内")
    low, high = subtree(division)
    values = {**_values(draft), "place": low, "place_to": high, "secret": secret}
    made = sa.insert(WEBHOOKS).values(values).returning(_COLUMNS.id)
    return int(connection.scalar(made) or 0)


def change(connection: Connection, webhook: int, draft: Draft) -> None:
    """Another name, address or choice of kinds. Problems: UNKNOWN_WEBHOOK, WEBHOOK_REFUSED."""
    _check(draft)
    _set(connection, webhook, **_values(draft))


def pause(connection: Connection, webhook: int) -> None:
    """Send nothing until it is resumed; what happens meanwhile is not sent later either."""
    _set(connection, webhook, paused_at=sa.func.now())


def resume(connection: Connection, webhook: int) -> None:
    """Send again, what was still waiting first."""
    _set(connection, webhook, paused_at=None)


def renew(connection: Connection, webhook: int, secret: bytes) -> None:
    """Sign with another secret, and for a day with the former one as well."""
    get(connection, webhook)
    with policies.unrestricted(connection):  # who acts may write a secret and not read one
        until = sa.func.now() + FORMER_VALID
        former = {"former_secret": _COLUMNS.secret, "former_until": until}
        _set(connection, webhook, **former, secret=secret)


def remove(connection: Connection, webhook: int) -> None:
    """Take it away with its deliveries; Problem(UNKNOWN_WEBHOOK)."""
    gone = connection.execute(sa.delete(WEBHOOKS).where(_COLUMNS.id == webhook))
    if not gone.rowcount:
        raise Problem(UNKNOWN_WEBHOOK, id=webhook)


def probe(connection: Connection, webhook: int) -> None:
    """Send an event that says nothing, to see whether it arrives; Problem(UNKNOWN_WEBHOOK)."""
    found = get(connection, webhook)
    with policies.unrestricted(connection):  # nobody but the owner says what happened
        event = {
            "kind": Kind.PROBE.value,
            "layer": "",
            "feature": 0,
            "place": int(found.division),
            "at": sa.func.now(),
            "key": sa.func.concat("probe:", sa.cast(sa.func.gen_random_uuid(), sa.Text)),
        }
        made = sa.insert(NOTICE_EVENTS).values(event).returning(NOTICE_EVENTS.c.number)
        delivery = {"webhook": webhook, "event": connection.scalar(made)}
        connection.execute(sa.insert(DELIVERIES).values(delivery))


def _set(connection: Connection, webhook: int, **values: object) -> None:
    statement = sa.update(WEBHOOKS).where(_COLUMNS.id == webhook).values(**values)
    if not connection.execute(statement).rowcount:
        raise Problem(UNKNOWN_WEBHOOK, id=webhook)


def _values(draft: Draft) -> dict[str, object]:
    kinds = [kind.value for kind in Kind if kind.value in draft.kinds]
    return {"name": draft.name.strip(), "url": draft.url, "kinds": kinds}


def _check(draft: Draft) -> None:
    name = draft.name.strip()
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        reason = f"it wants a name of at most {NAME_LIMIT} characters"
        raise _refused(reason, f"需要名称，最长 {NAME_LIMIT} 个字符")
    if not draft.kinds or set(draft.kinds) - set(SENT):
        raise _refused("it wants kinds of events that there are", "请选择要推送的事件")


def _refused(reason: str, reason_zh: str) -> Problem:
    return Problem(WEBHOOK_REFUSED, reason=reason, reason_zh=reason_zh)


def _webhook(row: sa.Row[Any]) -> Webhook:
    found = row._asdict()
    division = f"{found.pop('place'):012}"
    return Webhook(**{**found, "kinds": tuple(found["kinds"])}, division=division)


def _count(state: str) -> sa.ScalarSelect[int]:
    of_it = (DELIVERIES.c.webhook == _COLUMNS.id, DELIVERIES.c.state == state)
    return sa.select(sa.func.count()).select_from(DELIVERIES).where(*of_it).scalar_subquery()


_SELECTED: sa.Select[Any] = sa.select(
    *(_COLUMNS[name] for name in ("id", "place", "name", "url", "kinds", "made_at", "paused_at")),
    _count("waiting").label("waiting"),
    _count("dead").label("dead"),
)
