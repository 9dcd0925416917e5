"""The history read as a queue: what is to be told becomes events, notices and deliveries.

Each batch is one transaction that takes its part of the queue away, so that a crash leaves it as
if it had never begun, and what was told once is not told again: events have keys.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from layers.notices import declared
from layers.notices.audience import About, audience, of_case
from layers.notices.choices import ADDRESS
from layers.notices.declared import Telling
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.cases import STEPS
from layers.schema.duties import DUTIES_VERSIONS
from layers.schema.notices import (
    DELIVERIES,
    NOTICE_CHOICES,
    NOTICE_EVENTS,
    NOTICE_QUEUE,
    NOTICES,
    WEBHOOKS,
)

_AT_ONCE = 100
_LOGGER = logging.getLogger(__name__)
_QUEUE, _CHOICE, _WEBHOOK = NOTICE_QUEUE.c, NOTICE_CHOICES.c, WEBHOOKS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that is told: `key` is what it is about, `told` what is said of it beside."""

    telling: Telling
    about: About
    at: datetime
    key: str
    told: Mapping[str, Any]
    doer: int | None = None


def tell_waiting(connection: Connection, *, mails: bool) -> int:
    """Tell the next of what waits in the queue; how many that were. For the owner.

    With `mails`, those who want some get some.
    """
    # Locked, so that a second worker would take others; one that waits would tell them twice.
    rows = connection.execute(
        sa.select(NOTICE_QUEUE)
        .order_by(_QUEUE.number)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _tell_row(connection, row, mails=mails)
    done = sa.delete(NOTICE_QUEUE).where(_QUEUE.number.in_([row.number for row in rows]))
    connection.execute(done)
    return len(rows)


def _tell_row(connection: Connection, row: sa.Row[Any], *, mails: bool) -> None:
    """One that cannot be told must not keep all others from being told."""
    try:
        with connection.begin_nested():
            happened = _OF_SOURCE[row.source](connection, row)
            if happened is not None:
                tell(connection, happened, mails=mails)
    except (sa.exc.DataError, sa.exc.IntegrityError, LookupError, ValueError):
        _LOGGER.exception("not told: %s of %s %s", row.source, row.layer, row.feature)


def tell(connection: Connection, happened: Happening, *, mails: bool) -> bool:
    """Make the event with its notices and deliveries; whether it had not been told before."""
    about = happened.about
    event = {
        "kind": happened.telling.kind.value,
        **{name: getattr(about, name) for name in ("layer", "feature", "place")},
        **{name: getattr(happened, name) for name in ("at", "key", "told")},
    }
    once = insert(NOTICE_EVENTS).values(event).on_conflict_do_nothing()
    number = connection.scalar(once.returning(NOTICE_EVENTS.c.number))
    if number is None:
        return False
    accounts = audience(connection, about, happened.telling, happened.doer)
    _notify(connection, number, happened.telling.kind.value, accounts, mails=mails)
    _dispatch(connection, number, happened.telling.kind.value, about.place)
    return True


def _notify(
    connection: Connection, event: int, kind: str, accounts: Iterable[int], *, mails: bool
) -> None:
    unlisted, unmailed = (
        sa.func.coalesce(sa.literal(kind) == sa.any_(_CHOICE[name]), sa.false())
        for name in ("unlisted", "unmailed")
    )
    reachable = ADDRESS != ""
    wanted = sa.func.coalesce(_CHOICE.pace, "soon") != "off"
    mailed = sa.and_(sa.literal(mails), reachable, wanted, sa.not_(unmailed))
    told = (
        sa.select(ACCOUNTS.c.id, sa.literal(event), sa.not_(unlisted), mailed)
        .join(PERSONS, PERSONS.c.id == ACCOUNTS.c.person_id)
        .outerjoin(NOTICE_CHOICES, _CHOICE.account == ACCOUNTS.c.id)
        .where(ACCOUNTS.c.id.in_(sorted(accounts)), sa.or_(sa.not_(unlisted), mailed))
    )
    columns = ["account", "event", "listed", "mailed"]
    connection.execute(insert(NOTICES).from_select(columns, told).on_conflict_do_nothing())


def _dispatch(connection: Connection, event: int, kind: str, place: int) -> None:
    """For the webhooks whose division it lies in; what each may tell is looked at on sending."""
    wanting = sa.select(_WEBHOOK.id, sa.literal(event)).where(
        _WEBHOOK.paused_at.is_(None),
        sa.literal(kind) == sa.any_(_WEBHOOK.kinds),
        sa.literal(place).between(_WEBHOOK.place, _WEBHOOK.place_to),
    )
    added = insert(DELIVERIES).from_select(["webhook", "event"], wanting)
    connection.execute(added.on_conflict_do_nothing())


def _step(connection: Connection, row: sa.Row[Any]) -> Happening | None:
    """A step of a case, where it is told to anybody."""
    own = (STEPS.c.layer == row.layer, STEPS.c.feature == row.feature)
    step = connection.execute(
        sa.select(STEPS).where(*own, STEPS.c.ordinal == row.ordinal)
    ).one_or_none()
    if step is None:
        return None
    telling = declared.STEPS.get((step.layer, step.transition))
    about = of_case(connection, row.layer, row.feature)
    if telling is None or about is None or telling.begins != (step.source is None):
        return None
    due = step.due_after and step.due_after.isoformat()
    return Happening(
        telling=telling,
        about=about,
        at=step.at,
        key=f"step:{row.layer}:{row.feature}:{row.ordinal}",
        told={"transition": step.transition, "state": step.target, "due": due},
        doer=step.account,
    )


def _duty(connection: Connection, row: sa.Row[Any]) -> Happening | None:
    """A version of a duty: that it is new, or that it has an end that it had not."""
    duty = DUTIES_VERSIONS.c
    versions = connection.execute(
        sa.select(DUTIES_VERSIONS)
        .where(duty.id == row.feature, duty["_number"].in_([row.ordinal - 1, row.ordinal]))
        .order_by(duty["_number"])
    ).all()
    if not versions:
        return None
    *before, now = versions
    telling = _of_duty(before[0] if before else None, now)
    if telling is None:
        return None
    return Happening(
        telling=telling,
        about=About(layer=now.layer, feature=now.feature, place=now.place, holder=now.person_id),
        at=now._asdict()["_from"],
        key=f"duty:{row.feature}:{row.ordinal}",
        told={
            "role": now.role,
            "from": now.valid_from.isoformat(),
            "to": now.valid_to and now.valid_to.isoformat(),
        },
    )


def _of_duty(before: sa.Row[Any] | None, now: sa.Row[Any]) -> Telling | None:
    if now._asdict()["_operation"] == "delete":
        return declared.RELIEVED
    if before is None or before.person_id != now.person_id:
        return declared.APPOINTED
    ends = now.valid_to is not None and now.valid_to != before.valid_to
    return declared.RELIEVED if ends else None


_OF_SOURCE = {"step": _step, "duty": _duty}
