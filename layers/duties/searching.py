"""What a map is searched for: features by what they are called, and by who answers for them.

The beginning of a name is found in an index, whatever the reader's rights leave of it; what has the
text further inside is looked for as long as that is quick.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from layers.declaring.duties import ROLES
from layers.declaring.words import Layer
from layers.ground.partition import label
from layers.held.policies import within
from layers.held.wiring import Schemas, literal, quoted
from layers.reading.masking import MAY_KNOW
from layers.schema.accounts import PERSONS
from layers.schema.duties import DUTIES, held_on
from layers.schema.tables import NAMED_LENGTH, name_start, table

TEXT_LIMIT = 80
# So long one waits while typing.
_PATIENCE_MS = 150
_LAST = "\U0010ffff"
_FUNCTION = "gridfield_named_"
# What PostgreSQL says when a statement took too long.
_CANCELLED = "57014"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A feature that was found; `box` is west, south, east, north (WGS 84). `role` and `person` say
    who answers for it, where it was found by that."""

    layer: str
    feature: int
    title: str
    detail: str
    box: tuple[float, float, float, float]
    role: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; `partial` says that there was no time to look further."""

    hits: tuple[Hit, ...]
    partial: bool = False


def search(connection: Connection, layers: Sequence[Layer], text: str, *, limit: int) -> Found:
    """The first features of these layers whose name or code begins with this text, then those
    that somebody of that name answers for, then those whose name has it further inside.

    Names of people are found by whoever may know them.
    """
    wanted = "".join(each for each in text if each.isprintable()).strip()[:TEXT_LIMIT]
    if not wanted:
        return Found(())
    hits = [*_beginning(connection, layers, wanted, limit)]
    if len(hits) < limit:
        hits += _of_people(connection, layers, wanted, limit - len(hits))
    partial = False
    if len(hits) < limit:
        more = _inside(connection, layers, wanted, limit)
        partial, known = more is None, {(hit.layer, hit.feature) for hit in hits}
        hits += [hit for hit in more or () if (hit.layer, hit.feature) not in known]
    return Found(tuple(hits[:limit]), partial)


def statements(layers: Sequence[Layer], schemas: Schemas) -> Iterator[str]:
    """A function for each layer with names that looks them up in their index: SQL for
    `layers.guards`.

    With its owner's rights, since row-level security comes before whatever is not leakproof; it
    tells the ids of the reader's own ground alone, which are then read with the reader's rights.
    """
    for layer in layers:
        if layer.has_shape and name_start(layer) is not None:
            yield _function(layer, schemas)


def _function(layer: Layer, schemas: Schemas) -> str:
    start = f'left({quoted(layer.title or "")}, {NAMED_LENGTH}) COLLATE "C"'
    ours = f"{start} >= wanted AND {start} < wanted || {literal(_LAST)} AND {within('place')}"
    body = f"SELECT id FROM {quoted(layer.name)} WHERE {ours} ORDER BY {start} LIMIT most"  # noqa: S608  of declarations
    return (
        f"CREATE FUNCTION {_FUNCTION}{layer.name}(wanted text, most integer) RETURNS SETOF bigint"
        f" LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schemas.path}"
        f" AS $body$ {body} $body$"
    )


def _beginning(connection: Connection, layers: Sequence[Layer], text: str, limit: int) -> list[Hit]:
    parts = []
    for layer in layers:
        if name_start(layer) is not None:
            function = getattr(sa.func, f"{_FUNCTION}{layer.name}")
            start = text[:NAMED_LENGTH]
            found = (
                function(start, limit).table_valued(sa.column("id", sa.BigInteger)).render_derived()
            )
            parts.append(_described(layer).where(table(layer).c.id.in_(sa.select(found.c.id))))
        coded = _coded(layer, text)
        if coded is not None:
            parts.append(_described(layer).where(coded).limit(limit))
    return _hits(connection, parts, limit)


def _coded(layer: Layer, text: str) -> ColumnElement[bool] | None:
    """Codes that begin with these digits, by the index of the key; comparing is leakproof."""
    codes = [name for name in layer.key if layer.field(name).pattern]
    if not (text.isascii() and text.isdigit()) or len(codes) != 1 or len(layer.key) != 1:
        return None
    code = table(layer).c[codes[0]]
    return sa.and_(code >= text, code <= f"{text}{'9' * 20}")


def _of_people(connection: Connection, layers: Sequence[Layer], text: str, limit: int) -> list[Hit]:
    name = sa.collate(PERSONS.c.name, "C")
    day = sa.func.current_date()
    parts = []
    for layer in layers:
        rows = table(layer)
        held = _described(layer, role=DUTIES.c.role, person=PERSONS.c.name)
        held = held.join(DUTIES, DUTIES.c.feature == rows.c.id).join(
            PERSONS, PERSONS.c.id == DUTIES.c.person_id
        )
        is_theirs = (MAY_KNOW, name >= text, name < text + _LAST, held_on(DUTIES, day))
        parts.append(held.where(DUTIES.c.layer == layer.name, *is_theirs).limit(limit))
    return _hits(connection, parts, limit)


def _inside(
    connection: Connection, layers: Sequence[Layer], text: str, limit: int
) -> list[Hit] | None:
    """None where that takes too long."""
    parts = []
    for layer in layers:
        if name_start(layer) is not None:
            title = table(layer).c[layer.title or ""]
            parts.append(_described(layer).where(sa.func.strpos(title, text) > 0).limit(limit))
    try:
        with connection.begin_nested():
            patience = sa.func.set_config("statement_timeout", str(_PATIENCE_MS), True)  # noqa: FBT003
            connection.execute(sa.select(patience))
            found = _hits(connection, parts, limit)
            connection.execute(sa.text("SET LOCAL statement_timeout TO DEFAULT"))
            return found
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) != _CANCELLED:
            raise
        return None


def _described(
    layer: Layer,
    *,
    role: ColumnElement[str] | None = None,
    person: ColumnElement[str] | None = None,
) -> sa.Select[tuple[object, ...]]:
    rows = table(layer)
    rest = [sa.cast(rows.c[name], sa.Text) for name in layer.key if name != layer.title]
    edges = (
        getattr(sa.func, f"st_{edge}")(rows.c.geom) for edge in ("xmin", "ymin", "xmax", "ymax")
    )
    return sa.select(
        sa.literal(layer.name, sa.Text).label("layer"),
        rows.c.id,
        label(layer, rows).label("title"),
        sa.func.concat_ws(" – ", None, *rest, type_=sa.Text).label("detail"),
        *(edge.label(f"edge_{n}") for n, edge in enumerate(edges)),
        (sa.null() if role is None else role).label("role"),
        (sa.null() if person is None else person).label("person"),
    ).select_from(rows)


def _hits(
    connection: Connection, parts: Sequence[sa.Select[tuple[object, ...]]], limit: int
) -> list[Hit]:
    if not parts:
        return []
    found = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery("found")
    order = (sa.func.length(found.c.title), found.c.title, found.c.layer, found.c.id)
    rows = connection.execute(sa.select(found).order_by(*order).limit(limit)).all()
    return [
        Hit(
            layer=row.layer,
            feature=row.id,
            title=row.title,
            detail=row.detail,
            box=(row.edge_0, row.edge_1, row.edge_2, row.edge_3),
            role=row.role if row.role in ROLES else None,
            person=row.person,
        )
        for row in rows
    ]
