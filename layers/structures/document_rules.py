"""Documents of one structure in the order of the procedure: none before what it rests on."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding
from layers.declaring.papers import AFTER, KIND_LABELS, Kind, Outcome, Paper, Served
from layers.refusals.structures import DOCUMENT_EARLY
from layers.schema.tables import table
from layers.thematic import structure_documents

Ids = Collection[int] | sa.Select[tuple[int]]
Filed = tuple[int, Paper]
"""A document with the id of its record."""


def faults(connection: Connection, ids: Ids) -> Iterator[tuple[int, Finding]]:
    """Documents that came before what they rest on; which of the two was written is to blame."""
    rows = table(structure_documents.LAYER)
    written = set(connection.scalars(sa.select(rows.c.id).where(rows.c.id.in_(ids))))
    touched = sa.select(rows.c.structure).where(rows.c.id.in_(ids), rows.c.structure.is_not(None))
    for filed in papers_of(connection, touched).values():
        for (late, after), (early, paper) in misordered(filed):
            if early in written:
                yield early, _finding(paper, after, paper.dated_on, "dated_on")
            elif late in written:
                yield late, _finding(paper, after, paper.dated_on, _day_field(after))


def papers_of(
    connection: Connection, structures: Collection[str] | sa.Select[tuple[str]]
) -> Mapping[str, Sequence[Filed]]:
    """The documents on record of each of these structures, as far as whoever acts may see them."""
    rows = table(structure_documents.LAYER)
    found: dict[str, list[Filed]] = defaultdict(list)
    wanted = sa.select(rows).where(rows.c.structure.in_(structures)).order_by(rows.c.id)
    for row in connection.execute(wanted):
        found[row.structure].append((row.id, _paper(row)))
    return found


def _paper(row: sa.Row[Any]) -> Paper:
    return Paper(
        kind=Kind(row.kind),
        number=row.number,
        dated_on=row.dated_on,
        served_how=Served(row.served_how) if row.served_how else None,
        served_on=row.served_on,
        deadline=row.deadline,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


def misordered(filed: Sequence[Filed]) -> Iterator[tuple[Filed, Filed]]:
    """A document that should have been there before another, and that other one.

    Of several of its kind one has to be early enough; where there is none, nothing is known.
    """
    for feature, paper in filed:
        for kind in AFTER.get(paper.kind, ()):
            before = [each for each in filed if each[1].kind is kind]
            if before and all(_reached(each) > paper.dated_on for _, each in before):
                yield min(before, key=lambda each: _reached(each[1])), (feature, paper)


def _reached(paper: Paper) -> date:
    return paper.served_on or paper.dated_on


def _day_field(paper: Paper) -> str:
    return "served_on" if paper.served_on else "dated_on"


def _finding(paper: Paper, after: Paper, day: date, column: str) -> Finding:
    label, other = KIND_LABELS[paper.kind], KIND_LABELS[after.kind]
    values = {
        "document": label.en.lower(),
        "document_zh": label.zh,
        "other": other.en.lower(),
        "other_zh": other.zh,
        "value": day,
        "after": _reached(after),
    }
    return Finding(DOCUMENT_EARLY, column=column, values=values)
