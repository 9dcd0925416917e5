"""Moments as clocks show them where the records come from, wherever the server stands."""

from datetime import datetime

from gis.clock import local


def moment_of(moment: datetime) -> str:
    """The moment to the minute."""
    return f"{local(moment):%Y-%m-%d %H:%M}"
