"""回头看: structures that were struck off are looked at again, thirty and ninety days on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import EVERYWHERE, subtree
from layers.schema.tables import table
from layers.structures.demolition_policies import policies
from layers.thematic import illegal_structures

_STRUCK_OFF = "closed"


@dataclass(frozen=True, slots=True)
class Due:
    """A structure, the feature `id`, that is to be looked at again from the day `on`."""

    id: int
    number: str
    after_days: int
    on: date


def due(connection: Connection, today: date, within: str = EVERYWHERE) -> list[Due]:
    """All that are due by a day and have not been looked at, the longest due first."""
    return sorted(_due(connection, today, within), key=lambda each: (each.on, each.id))


def _due(connection: Connection, today: date, within: str) -> Iterator[Due]:
    rows = table(illegal_structures.LAYER).c
    low, high = subtree(within)
    for each in policies().look_backs:
        wait = timedelta(days=each.after_days)
        wanted = sa.select(rows.id, rows.number, rows.closed_on).where(
            rows.status == _STRUCK_OFF,
            rows.place.between(low, high),
            rows[each.field].is_(None),
            rows.closed_on.between(each.since, today - wait),
        )
        for feature, number, closed in connection.execute(wanted):
            yield Due(feature, number, each.after_days, closed + wait)
