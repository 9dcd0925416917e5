"""The time of the place: where a day begins, wherever the server stands."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"
"""The one legal time of the country, as PostgreSQL and the tables of zones name it."""
BEIJING = ZoneInfo(ZONE)
"""The same for moments of ours."""


def local(moment: datetime) -> datetime:
    """The moment in the time of the place.

    >>> from datetime import UTC
    >>> local(datetime(2017, 6, 30, 17, 5, tzinfo=UTC)).isoformat()
    '2017-07-01T01:05:00+08:00'
    """
    return moment.astimezone(BEIJING)


def day_of(moment: datetime) -> date:
    """The day of a moment.

    >>> from datetime import UTC
    >>> day_of(datetime(2017, 6, 30, 17, 5, tzinfo=UTC))
    datetime.date(2017, 7, 1)
    """
    return local(moment).date()


def today() -> date:
    """The day that it is."""
    return datetime.now(BEIJING).date()
