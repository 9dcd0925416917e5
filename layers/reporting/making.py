"""The whole report of a period and a division, for whoever acts."""

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.calendar import workdays
from layers.declaring.labels import Label
from layers.declaring.people import EVERYWHERE, Actor
from layers.declaring.period import Period
from layers.ground import division_names
from layers.here.whereabouts import division_named
from layers.reading.past import today
from layers.refusals.ground import UNKNOWN_DIVISION
from layers.registry import Registry
from layers.reporting import compiling, further, patrolled, sketches
from layers.reporting.report import Report, ToldSection
from layers.reporting.scope import Scope
from layers.reporting.sections import DECLARED

_EVERYWHERE = Label("全部区划", "All divisions")


def report(  # noqa: PLR0913  where, when, for whom
    connection: Connection,
    registry: Registry,
    period: Period,
    *,
    division: str = EVERYWHERE,
    actor: Actor,
    patrols: bool = False,
) -> Report:
    """What is told of a period in a division and all below it; Problem(UNKNOWN_DIVISION).

    Figures are sums over what the reader sees, and name nobody; who is named is named as the
    reader may know them. Of `patrols` is told where they are switched on.
    """
    name = _name(connection, division, actor)
    now = today(connection)
    scope = Scope(connection, division, workdays.calendar(connection), now)
    sections = [*_sections(scope, registry, period, actor)]
    if patrols:
        sections.append(patrolled.section(scope, period))
    return Report(
        period=period,
        division=division,
        division_name=name,
        made_on=now,
        sections=tuple(sections),
    )


def _name(connection: Connection, division: str, actor: Actor) -> Label:
    name = division_named(connection, division)
    if name is not None:
        return Label(name, name)
    if division == EVERYWHERE:
        tops = [each.name for each in division_names.below(connection) if not each.depth]
        return Label(tops[0], tops[0]) if len(tops) == 1 else _EVERYWHERE
    if division != actor.division and not division_names.below(connection, division):
        raise Problem(UNKNOWN_DIVISION, code=division)
    return Label(division, division)


def _sections(
    scope: Scope, registry: Registry, period: Period, actor: Actor
) -> Iterator[ToldSection]:
    beats = further.beats(scope, registry, period)
    for declared in DECLARED:
        found = compiling.section(scope, declared, period)
        found = further.with_cadence(scope, found, declared, period, beats)
        found = further.with_stock(scope, found, declared, period)
        yield sketches.drawn(scope, declared, period, found)
    yield further.liaison(scope, period, actor)
