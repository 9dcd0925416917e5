"""Days in the demo's files that are told from the day of loading: D, D-3, D+5."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from gis.clock import BEIJING
from gis.files import Source
from layers.declaring.words import Layer, Type

_TOLD = re.compile(r"D(?P<days>[+-]\d+)?")


def day(text: str, loaded: date) -> date | None:
    """The day that a text tells, None where it tells none.

    >>> day("D-3", date(2026, 11, 23))
    datetime.date(2026, 11, 20)
    """
    found = _TOLD.fullmatch(text)
    return None if found is None else loaded + timedelta(days=int(found["days"] or 0))


def moment(text: str, loaded: datetime) -> datetime:
    """The moment that a text tells: a day, of the calendar or from the loading, and the time.

    What would be later on the day of loading has just happened.
    """
    told, clock = text.split(" ")
    on = day(told, loaded.date()) or date.fromisoformat(told)
    found = datetime.combine(on, time.fromisoformat(clock), BEIJING)
    return min(found, loaded) if on == loaded.date() else found


def dated(source: Source, layer: Layer, loaded: date) -> Source:
    """The same file with the days themselves in the fields of the layer that hold days."""
    frame = source.frame.copy()
    for field in layer.fields:
        if field.type is Type.DATE and field.name in frame.columns:
            frame[field.name] = [_cell(value, loaded) for value in frame[field.name]]
    return replace(source, frame=frame)


def _cell(value: object, loaded: date) -> object:
    told = day(value, loaded) if isinstance(value, str) else None
    return value if told is None else told.isoformat()
