"""Moments as clocks show them where the records come from, wherever the server stands."""

from datetime import datetime

from layers.deadlines import BEIJING


def local(moment: datetime) -> datetime:
    """The moment in the time of the place."""
    return moment.astimezone(BEIJING)


def day_of(moment: datetime) -> str:
    """Its day."""
    return local(moment).date().isoformat()


def moment_of(moment: datetime) -> str:
    """The moment to the minute."""
    return f"{local(moment):%Y-%m-%d %H:%M}"
