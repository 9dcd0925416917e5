"""How much of each road was walked on a day or in its week: the one definition of a share."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from layers.declaring.walked_steps import (
    MOST,
    MOST_FROM,
    NONE,
    SOME,
    WHOLE,
    WHOLE_FROM,
    Span,
    names,
)
from layers.duties.workload import metres
from layers.schema.patrols import PATROL_COVERAGE


def first_day(span: Span, day: date | ColumnElement[date]) -> ColumnElement[date]:
    """The day with which the span of a day begins: a week on its Monday."""
    given = sa.cast(day, sa.Date)
    return given if span == "day" else sa.cast(sa.func.date_trunc("week", given), sa.Date)


def walked_m(covered: FromClause, length: ColumnElement[float]) -> ColumnElement[float]:
    """The metres that were walked of a road: none where nothing is known of it, and not more than
    it has today, since it may have been drawn anew."""
    found: ColumnElement[float] = sa.func.coalesce(covered.c.metres, 0.0)
    return sa.func.least(found, length)


def beside(
    rows: FromClause, day: date | ColumnElement[date], *, span: Span
) -> tuple[FromClause, Mapping[str, ColumnElement[Any]]]:
    """The sums of a span for each road of `rows`, to be joined to it, and the computed fields."""
    sums, length = PATROL_COVERAGE.alias("sums"), metres(rows)
    own = (sums.c.road == rows.c.id, sums.c.span == span, sums.c.first == first_day(span, day))
    walked = (
        sa.select(walked_m(sums, length).label("metres"), length.label("length"))
        .select_from(sa.select(sa.literal(1)).subquery("once").outerjoin(sums, sa.and_(*own)))
        .correlate(rows)
        .lateral(f"walked_{span}")
    )
    share = sa.case((walked.c.length > 0, walked.c.metres / walked.c.length), else_=0.0)
    return walked, dict(zip(names(span), (walked.c.metres, 100 * share, step(share)), strict=True))


def step(share: ColumnElement[float]) -> ColumnElement[str]:
    """In which step a share is."""
    found: ColumnElement[str] = sa.case(
        (share >= WHOLE_FROM, WHOLE), (share >= MOST_FROM, MOST), (share > 0, SOME), else_=NONE
    )
    return found
