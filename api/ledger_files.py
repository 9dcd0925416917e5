"""The ledger as a file: the cases of a list as a 台账 that is printed and imported again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.context import Context
from api.refusals import LEDGER_LONG
from gis.clock import today
from gis.errors import Problem
from layers.cases import listing as case_listing
from layers.cases.evidence import PASSES_FOR
from layers.cases.listing import Query
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.here.whereabouts import division_named
from layers.leaving import ledger_workbook
from layers.leaving.ledger_workbook import MOST, Entry, Heading
from layers.reading.past import rows_on
from layers.schema.photos import PHOTO_LINKS


@dataclass(frozen=True, slots=True)
class Made:
    """The workbook, what it is called, and how many records it tells of."""

    content: bytes
    title: str
    rows: int


def made(
    context: Context, actor: Actor, layer: Layer, wanted: Query, address: Callable[[int], str]
) -> Made:
    """The workbook of the cases of a layer that are asked for; Problem(LEDGER_LONG)."""
    with context.database.read() as connection:
        reader = case_listing.reader(connection, context.registry, actor)
        ids = case_listing.ids(connection, reader, wanted, layer.name, MOST + 1)
        if len(ids) > MOST:
            raise Problem(LEDGER_LONG, limit=MOST)
        entries = _entries(connection, layer, ids)
        division = wanted.division or actor.division
        named = division_named(connection, division) or division
    theme = context.registry.theme("ledger")
    title = theme.label.zh if layer.name in theme.subjects else f"{layer.label.zh}台账"
    heading = Heading(title, named, today(), address)
    return Made(ledger_workbook.write(layer, heading, entries), f"{named}{title}", len(entries))


def _entries(connection: Connection, layer: Layer, ids: Sequence[int]) -> list[Entry]:
    rows = rows_on(layer, None)
    fields = (rows.c[each.name] for each in layer.fields)
    shape = sa.func.st_asbinary(rows.c.geom) if layer.has_shape else sa.null()
    statement = sa.select(rows.c.id, *fields, shape).where(rows.c.id.in_(ids))
    found = {row[0]: row for row in connection.execute(statement)}
    before = _photos(connection, layer, ids, PASSES_FOR["before"])
    after = _photos(connection, layer, ids, ("after",))
    return [
        Entry(
            number,
            found[number][1:-1],
            None if found[number][-1] is None else bytes(found[number][-1]),
            before.get(number, 0),
            after.get(number, 0),
        )
        for number in ids
        if number in found
    ]


def _photos(
    connection: Connection, layer: Layer, ids: Sequence[int], roles: Sequence[str]
) -> Mapping[int, int]:
    links = PHOTO_LINKS.c
    mine = (links.layer == layer.name, links.feature.in_(ids), links.role.in_(roles), links.held)
    counted = sa.select(links.feature, sa.func.count()).where(*mine).group_by(links.feature)
    return {row[0]: row[1] for row in connection.execute(counted)}
