"""What was pulled down, held against what was measured and what the law allowed on that day."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from gis.errors import Finding
from layers.calendar import workdays
from layers.calendar.workdays import Calendar
from layers.declaring.papers import Paper
from layers.refusals.structures import DEMOLISHED_TOO_MUCH, DEMOLISHED_TOO_SOON
from layers.schema.tables import table
from layers.structures import document_rules, lawful
from layers.structures.demolition_policies import Policies, policies
from layers.thematic import demolitions, illegal_structures

Ids = Collection[int] | sa.Select[tuple[int]]
FORCED = "forced"
_NOON = time(12)
Fault = tuple[int, Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demolition:
    """One record of pulling a structure down, wholly or in part."""

    id: int
    way: str
    area_m2: float
    done_on: date
    started_at: str | None = None
    ended_at: str | None = None
    reason: str | None = None

    @property
    def begins(self) -> datetime:
        return self._at(self.started_at or self.ended_at)

    @property
    def ends(self) -> datetime:
        return self._at(self.ended_at or self.started_at)

    def _at(self, told: str | None) -> datetime:
        # Where nobody said when, it was by day.
        moment = time.fromisoformat(told) if told else _NOON
        return datetime.combine(self.done_on, moment, BEIJING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A structure as it is on record, with all that was pulled down of it and its documents."""

    number: str
    found_on: date | None
    measured_m2: float | None
    records: Sequence[Demolition]
    papers: Sequence[Paper]


def faults(connection: Connection, ids: Ids) -> Iterator[Fault]:
    """What is wrong with these records; none of a structure that is not on record."""
    rows = table(demolitions.LAYER)
    written = set(connection.scalars(sa.select(rows.c.id).where(rows.c.id.in_(ids))))
    structures = list(_standing(connection, ids))
    calendar = workdays.calendar(connection) if structures else Calendar()
    for each in structures:
        yield from against(each, written, calendar, policies())


def against(
    structure: Standing, written: Collection[int], calendar: Calendar, known: Policies
) -> Iterator[Fault]:
    """What speaks against what was written of a structure; a written reason answers for all but
    what cannot have been."""
    new = [each for each in structure.records if each.id in written]
    for each in new:
        if structure.found_on and each.done_on < structure.found_on:
            values = {"value": each.done_on, "parent": structure.number}
            told = values | {"found": structure.found_on}
            yield each.id, Finding(DEMOLISHED_TOO_SOON, column="done_on", values=told)
    unexplained = [each for each in new if not each.reason]
    yield from _too_much(structure, unexplained, known)
    forced = [each for each in unexplained if each.way == FORCED]
    allowed = lawful.earliest(structure.papers, calendar, known=known) if forced else None
    for each in forced:
        if allowed:
            said = lawful.objections(each.begins, each.ends, allowed, calendar, known)
            for finding in islice(said, 1):
                told = dict(finding.values)
                yield each.id, Finding(finding.rule, column="done_on", values=told)


def _too_much(
    structure: Standing, unexplained: Sequence[Demolition], known: Policies
) -> Iterator[Fault]:
    """More than was measured and than the tolerance explains, and no reason given for it."""
    if not unexplained or structure.measured_m2 is None:
        return
    total = sum(Decimal(str(each.area_m2)) for each in structure.records)
    allowed = Decimal(str(structure.measured_m2)) * (1 + Decimal(str(known.area_tolerance)))
    if total > allowed:
        last = max(unexplained, key=lambda each: (each.done_on, each.id))
        values = {"parent": structure.number, "value": f"{total:f}"}
        told = values | {"measured": f"{structure.measured_m2:g}"}
        yield last.id, Finding(DEMOLISHED_TOO_MUCH, column="area_m2", values=told)


def _standing(connection: Connection, ids: Ids) -> Iterator[Standing]:
    rows, whole = table(demolitions.LAYER), table(illegal_structures.LAYER)
    touched = sa.select(rows.c.structure).where(rows.c.id.in_(ids), rows.c.structure.is_not(None))
    records: dict[str, list[Demolition]] = defaultdict(list)
    for row in connection.execute(sa.select(rows).where(rows.c.structure.in_(touched))):
        records[row.structure].append(_record(row))
    papers = document_rules.papers_of(connection, touched)
    columns = (whole.c.number, whole.c.found_on, whole.c.area_measured_m2)
    for number, found_on, measured in connection.execute(
        sa.select(*columns).where(whole.c.number.in_(list(records)))
    ):
        yield Standing(
            number=number,
            found_on=found_on,
            measured_m2=measured,
            records=records[number],
            papers=[paper for _, paper in papers.get(number, ())],
        )


def _record(row: sa.Row[Any]) -> Demolition:
    return Demolition(
        id=row.id,
        way=row.way,
        area_m2=row.area_m2,
        done_on=row.done_on,
        started_at=row.started_at,
        ended_at=row.ended_at,
        reason=row.reason,
    )
