"""What was told long ago and is done with goes, batch by batch. Events stay: they are what keeps
anything from being told twice, and say nothing of people."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Table
from sqlalchemy.engine import Connection

from layers.schema.notices import DELIVERIES, MAILS, NOTICE_EVENTS, NOTICES

BATCH = 5000
_NOTICE, _EVENT, _MAIL, _DELIVERY = NOTICES.c, NOTICE_EVENTS.c, MAILS.c, DELIVERIES.c


def sweep(connection: Connection, before: datetime, batch: int = BATCH) -> int:
    """Delete at most a batch each of the notices that were read before a moment, of the mails and
    of the deliveries that were done with by then; how many in all. For the owner.

    What nobody has read stays, and so does a delivery that was given up: it waits for an admin.
    """
    return sum(
        connection.execute(_deletion(rows, which, batch)).rowcount
        for rows, which in (
            (NOTICES, _over(before)),
            (MAILS, _empty(before)),
            (DELIVERIES, sa.and_(_DELIVERY.state == "done", _DELIVERY.done_at < before)),
        )
    )


def _over(before: datetime) -> ColumnElement[bool]:
    """Notices that were read, or are in no list, and are in no mail that is still to go out."""
    of_event = sa.select(_EVENT.at).where(_EVENT.number == _NOTICE.event).scalar_subquery()
    seen = sa.case((_NOTICE.listed, _NOTICE.read_at), else_=of_event)
    waits = sa.select(_MAIL.number).where(_MAIL.number == _NOTICE.mail, _MAIL.state == "waiting")
    ungathered = sa.and_(_NOTICE.mailed, _NOTICE.mail.is_(None), _NOTICE.read_at.is_(None))
    return sa.and_(seen < before, ~waits.exists(), ~ungathered)


def _empty(before: datetime) -> ColumnElement[bool]:
    """Mails that went out, or were given up, and of which no notice is left."""
    notices = sa.select(_NOTICE.event).where(_NOTICE.mail == _MAIL.number)
    return sa.and_(_MAIL.state != "waiting", _MAIL.made_at < before, ~notices.exists())


def _deletion(rows: Table, which: ColumnElement[bool], batch: int) -> sa.Delete:
    key = list(rows.primary_key.columns)
    some = sa.select(*key).where(which).limit(batch)
    return sa.delete(rows).where(sa.tuple_(*key).in_(some))
