"""Mails on their way: each account's new notices gathered into one, at its own pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.clock import BEIJING, local
from gis.errors import Lang
from layers.declaring.people import Actor, Role
from layers.notices import inbox
from layers.notices.choices import ADDRESS
from layers.notices.deliveries import Patience
from layers.notices.inbox import Notice
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.notices import ERROR_LIMIT, MAILS, NOTICE_CHOICES, NOTICE_EVENTS, NOTICES

MOST_NAMED = 50
"""So many notices are written out in one mail; of more it says how many."""
PATIENCE = Patience(timedelta(minutes=2), 10)
_DAILY_AT = time(8)
_NOTICE, _MAIL, _CHOICE, _EVENT = NOTICES.c, MAILS.c, NOTICE_CHOICES.c, NOTICE_EVENTS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A mail that is about to be tried: to whom, and as whom they read."""

    number: int
    tries: int
    made_at: datetime
    reader: Actor
    address: str
    lang: Lang


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a mail: the first of the notices, and how many there are in all."""

    notices: Sequence[Notice]
    count: int


def gather(connection: Connection, now: datetime, every: timedelta, limit: int = 50) -> int:
    """Make the mails that are due, one for each account; how many. For the owner.

    Who wants them soon gets the first at once and then one each time that `every` has passed;
    who wants them daily gets them in the morning.
    """
    daily = sa.func.coalesce(_CHOICE.pace, "soon") == "daily"
    morning = _morning(now)
    first = sa.func.min(_EVENT.at)
    last = sa.select(sa.func.max(_MAIL.made_at)).where(_MAIL.account == _NOTICE.account)
    at = last.scalar_subquery()
    due = sa.case(
        (daily, sa.and_(first < morning, sa.or_(at.is_(None), at < morning))),
        else_=sa.or_(at.is_(None), at <= now - every),
    )
    waiting = (
        sa.select(_NOTICE.account)
        .join(NOTICE_EVENTS, _EVENT.number == _NOTICE.event)
        .outerjoin(NOTICE_CHOICES, _CHOICE.account == _NOTICE.account)
        .where(_NOTICE.mailed, _NOTICE.mail.is_(None))
        .group_by(_NOTICE.account, _CHOICE.pace)
        .having(due)
        .limit(limit)
    )
    accounts = connection.scalars(waiting).all()
    for account in accounts:
        made = sa.insert(MAILS).values(account=account, made_at=now).returning(_MAIL.number)
        own = (_NOTICE.account == account, _NOTICE.mailed, _NOTICE.mail.is_(None))
        number = connection.scalar(made)
        connection.execute(sa.update(NOTICES).where(*own).values(mail=number))
    return len(accounts)


def _morning(now: datetime) -> datetime:
    """The last time that it was the hour of the daily mails."""
    here = local(now)
    morning = datetime.combine(here.date(), _DAILY_AT, BEIJING)
    return morning if here >= morning else morning - timedelta(days=1)


def take(connection: Connection, lang: Lang) -> Envelope | None:
    """The next mail that is due; counted, and put off, before it is tried. For the owner.

    `lang` is that of whoever has chosen none.
    """
    due = (
        sa.select(_MAIL.number)
        .where(_MAIL.state == "waiting", _MAIL.next_at <= sa.func.now())
        .order_by(_MAIL.next_at, _MAIL.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    number = connection.scalar(due)
    if number is None:
        return None
    row = connection.execute(_ENVELOPE.where(_MAIL.number == number)).one()
    tries = row.tries + 1
    put_off = {"tries": tries, "next_at": sa.func.now() + PATIENCE.pause(tries)}
    _set(connection, number, put_off)
    reader = Actor(row.account, row.person_id, row.name, Role(row.role), row.division, "mail")
    return Envelope(
        number=number,
        tries=tries,
        made_at=row.made_at,
        reader=reader,
        # Who may not come in any more is told nothing.
        address="" if row.disabled_at else row.address,
        lang=row.lang or lang,
    )


def content(connection: Connection, registry: Registry, envelope: Envelope) -> Content:
    """What is in a mail and has not been read meanwhile; `connection` acts for its reader."""
    own = (_NOTICE.account == envelope.reader.account_id, _NOTICE.mail == envelope.number)
    unread = inbox.SELECTED.where(*own, _NOTICE.read_at.is_(None))
    rows = connection.execute(unread.limit(MOST_NAMED)).all()
    count = connection.scalar(sa.select(sa.func.count()).select_from(unread.subquery())) or 0
    return Content(inbox.told(connection, registry, rows), count)


def done(connection: Connection, number: int) -> None:
    """It was handed over, or there was nothing left to say. For the owner."""
    _set(connection, number, {"state": "done", "error": None, "done_at": sa.func.now()})


def failed(connection: Connection, envelope: Envelope, error: str) -> None:
    """It was not taken; after some tries, or without an address, it is given up. For the owner."""
    values: dict[str, Any] = {"error": error[:ERROR_LIMIT]}
    if envelope.tries >= PATIENCE.most or not envelope.address:
        values |= {"state": "dead", "done_at": sa.func.now()}
    _set(connection, envelope.number, values)


def last_of(connection: Connection, account: int) -> sa.Row[Any] | None:
    """State, error and moment of the last mail to an account, if there was one."""
    named = (_MAIL.state, _MAIL.error, _MAIL.made_at, _MAIL.done_at)
    found: sa.Select[Any] = (
        sa.select(*named).where(_MAIL.account == account).order_by(_MAIL.number.desc())
    )
    return connection.execute(found.limit(1)).one_or_none()


def _set(connection: Connection, number: int, values: dict[str, Any]) -> None:
    connection.execute(sa.update(MAILS).where(_MAIL.number == number).values(**values))


_ENVELOPE = (
    sa.select(
        _MAIL.tries,
        _MAIL.made_at,
        ACCOUNTS.c.id.label("account"),
        *(ACCOUNTS.c[name] for name in ("person_id", "role", "division", "disabled_at")),
        PERSONS.c.name,
        ADDRESS.label("address"),
        _CHOICE.lang,
    )
    .select_from(MAILS)
    .join(ACCOUNTS, ACCOUNTS.c.id == _MAIL.account)
    .join(PERSONS, PERSONS.c.id == ACCOUNTS.c.person_id)
    .outerjoin(NOTICE_CHOICES, _CHOICE.account == _MAIL.account)
)
