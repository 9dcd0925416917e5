"""Values that no column holds: what a view declares, as further columns of a layer's rows.

They are computed from what the reader may see, so that a load counts no duty of other ground.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from layers.calendar.workdays import Calendar
from layers.cases import days as case_days
from layers.declaring import walked_steps
from layers.declaring.limits import OVER, STEPS, USUAL
from layers.declaring.words import Layer
from layers.duties.workload import LED, Workload
from layers.patrols import walked_shares
from layers.reading import masking
from layers.reading.conditions import Conditions, fulfilling
from layers.reading.past import stored_on
from layers.schema.duties import DUTIES, held_on
from layers.thematic import grid_fields

_ORDINARY = Calendar()
LOADS = ("fields", "households", "metres", "cases")
"""The measures of a load that a map can be drawn by."""

Beside = tuple[FromClause, Mapping[str, ColumnElement[Any]]]
"""What is joined to each row, and the columns that it gives by the name of a computed field."""
_Source = tuple[frozenset[str], Callable[[FromClause, date | ColumnElement[date]], Beside]]


def drawn_rows(  # noqa: PLR0913  the ways in which a map is narrowed down
    layer: Layer,
    on: date | None = None,
    within: str | None = None,
    at: date | None = None,
    calendar: Calendar = _ORDINARY,
    *,
    filters: Conditions = (),
) -> FromClause:
    """What a map of the layer reads, as `layers.reading.past.rows_on` and with what a view
    computes.

    With `at` only the cases that waited on that day (`layers.cases.days`), in their state of then.
    `calendar` has the working days by which urgency is measured (`layers.cases.days.calendar`);
    `filters` leave those features of the layer that fulfil them.
    """
    return masking.shown(layer, computed_rows(layer, on, within, at, calendar, filters=filters))


def computed_rows(  # noqa: PLR0913  the same
    layer: Layer,
    on: date | None = None,
    within: str | None = None,
    at: date | None = None,
    calendar: Calendar = _ORDINARY,
    *,
    filters: Conditions = (),
) -> FromClause:
    """The same with every value as it is stored, for figures that name nobody."""
    source = rows = fulfilling(
        layer, case_days.waiting(layer, stored_on(layer, on, within), at), filters
    )
    on = at or on
    columns: list[ColumnElement[Any]] = []
    day: date | ColumnElement[date] = sa.func.current_date() if on is None else on
    wanted = {field.name for field in layer.computed}
    levels: _Source = (case_days.LEVELS, partial(case_days.levels, layer, calendar))
    for names, further in (*_SOURCES, levels):
        if wanted & names:
            beside, known = further(rows, day)
            source = source.outerjoin(beside, sa.true())
            columns += [known[name].label(name) for name in sorted(wanted & names)]
    if layer.style.ranked and layer.style.by:
        ranks = _ranks(rows, layer.style.by)
        source = source.outerjoin(ranks, ranks.c.value == rows.c[layer.style.by])
        columns.append(ranks.c.tint)
    if not columns:
        return rows
    return sa.select(*rows.c, *columns).select_from(source).subquery(f"{layer.name}_viewed")


def _ranks(rows: FromClause, by: str) -> sa.Subquery:
    """Each value with its place among all, which is the same in all tiles of one reader.

    In the order of the ids, which tells nothing of a value that is hidden.
    """
    value = rows.c[by]
    place = sa.cast(sa.func.row_number().over(order_by=sa.func.min(rows.c.id)) - 1, sa.Integer)
    each = sa.select(value.label("value"), place.label("tint"))
    return each.where(value.is_not(None)).group_by(value).subquery("ranks")


def _leaders_load(rows: FromClause, day: date | ColumnElement[date]) -> FromClause:
    """All that whoever leads a field answers for; no row where nobody does.

    LATERAL, so that it is computed for the features of a tile alone, and once for each.
    """
    led, load = DUTIES.alias("led"), Workload(day)
    leader = (
        sa.select(led.c.person_id)
        .where(
            led.c.layer == grid_fields.LAYER.name,
            led.c.feature == rows.c.id,
            led.c.role == LED.name,
            held_on(led, day),
        )
        .correlate(rows)
        .scalar_subquery()
    )
    return (
        sa.select(*(load.amounts[name].label(name) for name in LOADS))
        .select_from(load.source)
        .where(load.duties.c.person_id == leader, load.in_force)
        .having(sa.func.count() > 0)
        .correlate(rows)
        .lateral("leaders_load")
    )


def _load(rows: FromClause, day: date | ColumnElement[date]) -> Beside:
    """The load of whoever leads a field, and how it stands to the limit."""
    load = _leaders_load(rows, day)
    amounts = {f"load_{name}": load.c[name] for name in LOADS}
    return load, amounts | {f"level_{name}": _level(load.c[name], name) for name in LOADS}


def _level(amount: ColumnElement[Any], name: str) -> ColumnElement[str]:
    limit = float(getattr(USUAL, name))
    steps = ((amount <= limit * share, step) for step, share in STEPS.items())
    level: ColumnElement[str] = sa.case((amount.is_(None), sa.null()), *steps, else_=OVER)
    return level


_SOURCES: Sequence[_Source] = (
    (frozenset(f"{what}_{name}" for what in ("load", "level") for name in LOADS), _load),
    *(
        (frozenset(walked_steps.names(span)), partial(walked_shares.beside, span=span))
        for span in walked_steps.SPANS
    ),
)
