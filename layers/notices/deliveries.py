"""Events on their way to webhooks: taken one by one, tried again, given up, sent once more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.people import Actor, Role
from layers.notices import inbox
from layers.notices.declared import Kind
from layers.refusals.notices import UNKNOWN_DELIVERY
from layers.registry import Registry
from layers.schema.notices import DELIVERIES, ERROR_LIMIT, NOTICE_EVENTS, WEBHOOKS

_LONGEST = timedelta(hours=6)
_RANDOM = SystemRandom()
_DELIVERY, _EVENT, _WEBHOOK = DELIVERIES.c, NOTICE_EVENTS.c, WEBHOOKS.c


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is tried, and how long the first pause is; each is twice the last."""

    first: timedelta
    most: int

    def pause(self, tries: int) -> timedelta:
        """How long to wait after so many tries; not all at one moment when a receiver is back."""
        whole: timedelta = min(self.first * 2 ** min(tries - 1, 20), _LONGEST)
        return whole * _RANDOM.uniform(0.75, 1.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery as its admin sees it."""

    number: int
    kind: Kind
    id: UUID
    layer: str
    feature: int
    state: str
    tries: int
    made_at: datetime
    next_at: datetime
    done_at: datetime | None
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One delivery that is about to be tried: where to, what about, and what vouches for it."""

    number: int
    tries: int
    webhook: int
    place: int
    url: str
    keys: tuple[bytes, ...]
    id: UUID
    kind: Kind
    layer: str
    feature: int
    at: datetime
    told: Mapping[str, Any]

    @property
    def reader(self) -> Actor:
        """Whoever looks through the webhook: they see its division and no names."""
        return Actor(None, None, "webhook", Role.VIEWER, f"{self.place:012}", "webhook")


# --- for admins -----------------------------------------------------------------------------------
def listed(
    connection: Connection, webhook: int, *, limit: int, before: int | None = None
) -> list[Delivery]:
    """The deliveries of a webhook, the newest first, or those before a number."""
    asked = _SELECTED.where(_DELIVERY.webhook == webhook).limit(limit)
    if before is not None:
        asked = asked.where(_DELIVERY.number < before)
    rows = connection.execute(asked.order_by(_DELIVERY.number.desc()))
    return [Delivery(**{**row._asdict(), "kind": Kind(row.kind)}) for row in rows]


def send_again(connection: Connection, webhook: int, number: int | None = None) -> int:
    """Send a delivery anew, or all that were given up; how many. Problem(UNKNOWN_DELIVERY)."""
    which = _DELIVERY.state == "dead" if number is None else _DELIVERY.number == number
    anew = {"state": "waiting", "tries": 0, "next_at": sa.func.now(), "done_at": None}
    statement = sa.update(DELIVERIES).where(_DELIVERY.webhook == webhook, which).values(anew)
    count = connection.execute(statement).rowcount
    if number is not None and not count:
        raise Problem(UNKNOWN_DELIVERY, id=number)
    return count


# --- for the worker -------------------------------------------------------------------------------
def take(connection: Connection, busy: Collection[int], patience: Patience) -> Parcel | None:
    """The next one that is due, of a webhook at which nobody is at work. For the owner.

    It is counted, and put off, before it is tried: what a crash interrupts is tried again later.
    """
    due = (
        sa.select(_DELIVERY.number)
        .join(WEBHOOKS, _WEBHOOK.id == _DELIVERY.webhook)
        .where(
            _DELIVERY.state == "waiting",
            _DELIVERY.next_at <= sa.func.now(),
            _DELIVERY.webhook.not_in(busy),
            _WEBHOOK.paused_at.is_(None),
        )
        .order_by(_DELIVERY.next_at, _DELIVERY.number)
        .limit(1)
        .with_for_update(of=DELIVERIES, skip_locked=True)
    )
    number = connection.scalar(due)
    if number is None:
        return None
    row = connection.execute(_PARCEL.where(_DELIVERY.number == number)).one()
    tries = row.tries + 1
    put_off = {"tries": tries, "next_at": sa.func.now() + patience.pause(tries)}
    _set(connection, number, put_off)
    found = row._asdict()
    keys = tuple(key for key in (found.pop("secret"), found.pop("former")) if key)
    return Parcel(**{**found, "tries": tries, "kind": Kind(row.kind)}, keys=keys)


def payload(
    connection: Connection, registry: Registry, parcel: Parcel, site: str | None
) -> dict[str, Any] | None:
    """What is sent, as whoever looks through the webhook may read it now; None if nothing.

    `connection` acts for `parcel.reader`: so nothing is told but what lies on its ground.
    """
    told = {"type": parcel.kind.value, "timestamp": parcel.at.isoformat()}
    if parcel.kind is Kind.PROBE:
        return {**told, "data": {}}
    titles = inbox.titles_of(connection, registry, {(parcel.layer, parcel.feature)})
    title = titles.get((parcel.layer, parcel.feature))
    if title is None:
        return None
    path = f"/collections/{parcel.layer}/items/{parcel.feature}"
    about = {"collection": parcel.layer, "id": parcel.feature, "title": title}
    link = {} if site is None else {"link": f"{site}{path}"}
    return {**told, "data": {**about, **link, **parcel.told}}


def done(connection: Connection, number: int, status: int | None) -> None:
    """The receiver has it. For the owner."""
    values = {"state": "done", "status": status, "error": None, "done_at": sa.func.now()}
    _set(connection, number, values)


def failed(
    connection: Connection,
    parcel: Parcel,
    *,
    status: int | None,
    error: str | None,
    last: bool,
) -> None:
    """The receiver has it not; with `last` it is given up, until an admin sends it again."""
    values: dict[str, Any] = {"status": status, "error": (error or "")[:ERROR_LIMIT] or None}
    if last:
        values |= {"state": "dead", "done_at": sa.func.now()}
    _set(connection, parcel.number, values)


def stop(connection: Connection, webhook: int) -> None:
    """The receiver said that it is gone for good (410): nothing more is sent there."""
    paused = sa.update(WEBHOOKS).where(_WEBHOOK.id == webhook).values(paused_at=sa.func.now())
    connection.execute(paused)


def _set(connection: Connection, number: int, values: Mapping[str, Any]) -> None:
    connection.execute(sa.update(DELIVERIES).where(_DELIVERY.number == number).values(**values))


def _columns(rows: sa.Table, names: Sequence[str]) -> list[sa.Column[Any]]:
    return [rows.c[name] for name in names]


_JOINED = sa.join(DELIVERIES, NOTICE_EVENTS, _DELIVERY.event == _EVENT.number)
_SELECTED = sa.select(
    *_columns(NOTICE_EVENTS, ("kind", "id", "layer", "feature")),
    *_columns(
        DELIVERIES,
        ("number", "state", "tries", "made_at", "next_at", "done_at", "status", "error"),
    ),
).select_from(_JOINED)
_PARCEL = sa.select(
    *_columns(DELIVERIES, ("number", "tries", "webhook")),
    *_columns(WEBHOOKS, ("place", "url", "secret")),
    sa.case((_WEBHOOK.former_until > sa.func.now(), _WEBHOOK.former_secret)).label("former"),
    *_columns(NOTICE_EVENTS, ("id", "kind", "layer", "feature", "at", "told")),
).select_from(_JOINED.join(WEBHOOKS, _WEBHOOK.id == _DELIVERY.webhook))
