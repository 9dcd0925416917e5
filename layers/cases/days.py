"""Cases on a day of their own calendar: which of them waited then, and in which state.

Other than `layers.reading.past`, which tells what the database held on a day, this goes by the days
that the records themselves name: an old ledger that was brought in today has a past here.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.engine import Connection

from gis.clock import BEIJING, ZONE
from layers.calendar import workdays
from layers.calendar.workdays import Calendar
from layers.declaring import escalation
from layers.declaring.escalation import LATE
from layers.declaring.words import Layer
from layers.declaring.workflow import Workflow
from layers.schema.cases import CASES, STEPS

LEVELS = frozenset({"case_level", "in_time"})
"""How urgent a case is, and a word that only those have that are not late."""
# The one legal time of the country.


def waiting(layer: Layer, rows: FromClause, at: date | None) -> FromClause:
    """Of a layer's rows those that were open at the end of the day, with the state of then.

    All rows as they are without a day; those of a layer without a workflow in any case.
    """
    flow = layer.workflow
    if flow is None or at is None:
        return rows
    state = _state_then(layer, flow, rows, at).label(flow.status)
    columns = (state if column.name == flow.status else column for column in rows.c)
    return sa.select(*columns).where(_open_then(flow, rows, at)).subquery(layer.name)


def span(connection: Connection, layer: Layer, rows: FromClause) -> tuple[str, str] | None:
    """The first and the last day on which a case was opened or closed; None without any."""
    flow = layer.workflow
    if flow is None:
        return None
    opened, closed = rows.c[flow.opened], rows.c[flow.closed_on or flow.opened]
    last = sa.func.greatest(sa.func.max(opened), sa.func.max(closed))
    found = connection.execute(sa.select(sa.func.min(opened), last)).one()
    first, final = found
    return None if first is None else (first.isoformat(), final.isoformat())


def _open_then(flow: Workflow, rows: FromClause, at: date) -> ColumnElement[bool]:
    opened = rows.c[flow.opened] <= at
    still = rows.c[flow.status].not_in(flow.closed)
    return opened & (still | (rows.c[flow.closed_on] > at) if flow.closed_on else still)


def _state_then(layer: Layer, flow: Workflow, rows: FromClause, at: date) -> ColumnElement[Any]:
    """Where the last step until then led; before the first of all, where that one came from.

    What has no steps was brought in as it is: closed it was not yet.
    """
    end = sa.func.timezone(ZONE, sa.cast(sa.literal(at + timedelta(days=1)), sa.DateTime))
    own = (STEPS.c.layer == layer.name, STEPS.c.feature == rows.c.id)
    last = sa.select(STEPS.c.target).where(*own, STEPS.c.at < end)
    first = sa.select(STEPS.c.source).where(*own)
    present = rows.c[flow.status]
    return sa.func.coalesce(
        last.order_by(STEPS.c.ordinal.desc()).limit(1).correlate(rows).scalar_subquery(),
        first.order_by(STEPS.c.ordinal).limit(1).correlate(rows).scalar_subquery(),
        sa.case((present.in_(flow.closed), flow.initial), else_=present),
    )


def calendar(connection: Connection, layers: Iterable[Layer]) -> Calendar:
    """The working days by which levels are measured, asked for only where a map shows some."""
    shown = {field.name for layer in layers for field in layer.computed}
    return workdays.calendar(connection) if shown & LEVELS else Calendar()


def levels(
    layer: Layer, known: Calendar, rows: FromClause, day: date | ColumnElement[date]
) -> tuple[FromClause, Mapping[str, ColumnElement[Any]]]:
    """How urgent each case is now, or was at the end of a day by the limit that it has now."""
    now = datetime.now(UTC)
    if isinstance(day, date):
        now = datetime.combine(day, time.max, BEIJING)
    own, flow = CASES.alias("own_case"), layer.workflow
    is_open = rows.c[flow.status].not_in(flow.closed) if flow else own.c.is_open
    beside = (
        sa.select(own.c.due_at, own.c.begun_at, is_open.label("is_open"))
        .where(own.c.layer == layer.name, own.c.feature == rows.c.id)
        .correlate(rows)
        .lateral("limits")
    )
    level = escalation.level_sql(escalation.scale(now, known), beside)
    in_time = sa.case((level.in_([late.value for late in LATE]), sa.null()), else_="yes")
    return beside, {"case_level": level, "in_time": in_time}
