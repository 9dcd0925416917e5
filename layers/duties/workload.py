"""What people answer for, summed over their duties: the one definition of a load."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy import ColumnElement, FromClause

from layers.alike import same
from layers.declaring.duties import ROLES
from layers.declaring.words import Layer
from layers.schema.duties import DUTIES, held_on
from layers.schema.tables import table
from layers.thematic import grid_fields, road_segments, sites, work_units

LED, LIAISON = ROLES["grid_leader"], ROLES["liaison_leader"]


class Workload:
    """The duties of a day with their targets; `amounts` are sums over the rows of a group."""

    def __init__(self, day: date | ColumnElement[date]) -> None:
        self.duties = DUTIES.alias("load")
        self.fields = table(grid_fields.LAYER).alias("load_fields")
        self.roads = table(road_segments.LAYER).alias("load_roads")
        self.in_force = held_on(self.duties, day)
        self._day = day

    @property
    def source(self) -> FromClause:
        """Each duty, and the field or road segment that it is for."""
        fields, roads = self.fields, self.roads
        return self.duties.outerjoin(fields, self._of(grid_fields.LAYER, fields)).outerjoin(
            roads, self._of(road_segments.LAYER, roads)
        )

    @property
    def amounts(self) -> Mapping[str, ColumnElement[Any]]:
        """Fields led with the households and open cases in them, road metres and units as a
        liaison leader."""
        leads = self.duties.c.role == LED.name
        units = self.duties.c.layer == work_units.LAYER.name
        households = sa.func.sum(self.fields.c.households).filter(leads)
        # One road may be somebody's in two roles; its metres count once.
        length = sa.func.sum(metres(self.roads)).filter(self.is_liaison)
        return {
            "fields": sa.func.count().filter(leads),
            "households": sa.func.coalesce(households, 0),
            "metres": sa.func.coalesce(length, 0.0),
            "cases": sa.func.coalesce(sa.func.sum(self._open_cases()).filter(leads), 0),
            "units": sa.func.count().filter(units, self.is_liaison),
        }

    @property
    def is_liaison(self) -> ColumnElement[bool]:
        return self.duties.c.role == LIAISON.name

    def _open_cases(self) -> ColumnElement[int]:
        """How many records of the field's wait for somebody, of those found by the day; several of
        one matter are one."""
        logged, rows = sites.LAYER.logged, table(sites.LAYER)
        assert logged is not None  # noqa: S101  declared so
        is_open = rows.c[str(logged.status)].not_in(logged.done)
        count: ColumnElement[int] = (
            sa.select(sa.func.count())
            .where(rows.c[str(logged.field)] == self.fields.c.code, is_open)
            .where(rows.c[logged.day] <= self._day, ~same.is_told_elsewhere(sites.LAYER, rows))
            .correlate(self.fields)
            .scalar_subquery()
        )
        return count

    def _of(self, layer: Layer, rows: FromClause) -> ColumnElement[bool]:
        return sa.and_(self.duties.c.layer == layer.name, self.duties.c.feature == rows.c.id)


def metres(rows: FromClause) -> ColumnElement[float]:
    """The length of a feature on the ellipsoid."""
    length: ColumnElement[float] = sa.func.st_length(sa.cast(rows.c.geom, Geography))
    return length
