"""What a case is known by, as columns beside its record: for statistics, and for filters.

They bear the prefix `case_`, since a record may have a field of the same name. Nothing personal
is among them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.engine import Connection

from gis.clock import ZONE
from layers.alike import same
from layers.declaring.labels import Label
from layers.declaring.people import EVERYWHERE, subtree
from layers.declaring.words import Field, Layer, Type
from layers.schema.cases import CASES
from layers.schema.tables import table

PREFIX = "case_"
DUE = "case_due_on"
"""The day of `due_at`, which is beside it among the `rows`."""
TOLD_ELSEWHERE = "case_told_elsewhere"
"""Whether several records are of this matter and the case is counted with another of them."""
# The one legal time of the country.
_IDS = sa.ARRAY(sa.BigInteger)

_ONE_OF_SEVERAL = Field(
    name=TOLD_ELSEWHERE, label=Label("并入他件", "Told with another case"), type=Type.BOOLEAN
)
_FIELDS = (
    Field(name="case_state", label=Label("办理状态", "State of the case")),
    Field(name="case_is_open", label=Label("未结", "Open"), type=Type.BOOLEAN),
    Field(name="case_kind", label=Label("案件类别", "Kind of case")),
    Field(name="case_unit", label=Label("责任单位", "Responsible unit")),
    Field(name="case_opened_on", label=Label("受理日期", "Received on"), type=Type.DATE),
    Field(name="case_filed_on", label=Label("立案日期", "Filed on"), type=Type.DATE),
    Field(name="case_due_on", label=Label("应结案日期", "Due on"), type=Type.DATE),
    Field(name="case_closed_on", label=Label("结案日期", "Closed on"), type=Type.DATE),
    Field(name="case_hung_until", label=Label("挂账至", "Hung until"), type=Type.DATE),
    Field(name="case_cycle", label=Label("第几轮", "Cycle"), type=Type.INTEGER),
    Field(name="case_reworks", label=Label("返工次数", "Sent back"), type=Type.INTEGER),
    Field(name="case_extensions", label=Label("延期次数", "Extensions"), type=Type.INTEGER),
)


@cache
def fields(layer: Layer) -> Mapping[str, Field]:
    """What can be asked of the cases of a layer, by name; nothing where it has no workflow."""
    if layer.workflow is None:
        return MappingProxyType({})
    own = {"case_state": layer.workflow.status, "case_kind": layer.workflow.kind}
    known = (*_FIELDS, *([_ONE_OF_SEVERAL] if layer.logged else []))
    found = {each.name: _with_choices(each, layer, own.get(each.name)) for each in known}
    return MappingProxyType(found)


def field(layer: Layer, name: str) -> Field:
    """One of them; `KeyError` when there is none of that name."""
    return fields(layer)[name]


def counted(connection: Connection, layers: Iterable[Layer]) -> list[ColumnElement[bool]]:
    """What cases of these layers have to be like so that each matter is one: neither lists nor
    statistics know those that the reader is told of with another."""
    return [
        sa.or_(CASES.c.layer != layer.name, CASES.c.feature != sa.all_(sa.literal(told, _IDS)))
        for layer in layers
        if (told := same.told_elsewhere(connection, layer))
    ]


def rows(connection: Connection, layer: Layer, division: str) -> FromClause:
    """The cases of a layer that the reader sees in a division and all below it."""
    low, high = subtree(division)
    wanted = [CASES.c.layer == layer.name, *counted(connection, [layer])]
    if division != EVERYWHERE:  # the planner need not be told of what leaves out nothing
        wanted.append(CASES.c.place.between(low, high))
    own = (CASES.c.feature.label("id"), CASES.c.place, CASES.c.due_at)
    named = (_expression(name).label(name) for name in fields(layer) if name != TOLD_ELSEWHERE)
    return sa.select(*own, *named).where(*wanted).subquery("cases_of")


def beside(layer: Layer, name: str) -> ColumnElement[Any]:
    """The value of one for each row of the layer's table: NULL for a record without a case."""
    own = table(layer)
    if name == TOLD_ELSEWHERE:
        return same.is_told_elsewhere(layer, own)
    found = sa.select(_expression(name)).where(
        CASES.c.layer == layer.name, CASES.c.feature == own.c.id
    )
    return found.scalar_subquery()


def _expression(name: str) -> ColumnElement[Any]:
    if name == DUE:
        day: ColumnElement[Any] = sa.cast(sa.func.timezone(ZONE, CASES.c.due_at), sa.Date)
        return day
    return CASES.c[name.removeprefix(PREFIX)]


def _with_choices(known: Field, layer: Layer, named: str | None) -> Field:
    """With the words of the layer's own field, where there are such."""
    return replace(known, choices=layer.field(named).choices) if named else known
