"""Who may see and change which rows, held by the database: a role, grants and row-level security.

A transaction that acts for somebody takes the role and says who it is
(`layers.declaring.people.Actor`); without that it sees nothing. The owner of the tables, who
migrates and verifies, sees everything.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Actor, subtree
from layers.declaring.rights import RIGHTS, Right
from layers.declaring.words import Layer
from layers.held.wiring import Schemas, literal, quoted, run
from layers.refusals.history import DATABASE_ROLE_UNFIT
from layers.schema.tables import IMPORT_BATCHES, IMPORT_CHANGES, table, versions_table
from layers.schema.versions import CHANGES, LINEAGE

ROLE = "gridfield_app"
SETTINGS: Mapping[str, str] = MappingProxyType({"max_parallel_workers_per_gather": "0"})
"""What goes with the role: SET ROLE takes no settings over from it. Starting a worker costs more
than it saves on what a page or tile asks."""

# nullif: a setting of an ended transaction is the empty text. Not in a subquery of its own, which
# would be computed once but hides from the planner how many rows a reader may see.
LOW, _HIGH = (
    f"nullif(current_setting('gridfield.{end}', true), '')::bigint" for end in ("lo", "hi")
)
_FIRST, _LAST = subtree(EVERYWHERE)
ALL_PLACES = range(_FIRST, _LAST + 1)
# Changed with every row by triggers of the owner's alone.
_NOT_WRITTEN = frozenset({"place"})
_LOGGER = logging.getLogger(__name__)
_ROLE_STATE = sa.text("""
SELECT rolsuper OR rolbypassrls OR rolcanlogin AS strong,
  EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid
          AND m.member = current_user::regrole) AS member
FROM pg_roles r WHERE rolname = :role
""")
_OVERLAPS = sa.text("""
SELECT p.oid::regprocedure::text AS name, p.proleakproof AS leakproof
FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
WHERE o.oprname = '&&' AND o.oprleft = 'geometry'::regtype AND o.oprright = 'geometry'::regtype
""")


def acting(database: Database, actor: Actor) -> Database:
    """The database as this actor may see and change it."""
    return database.acting({**actor.settings(), **SETTINGS}, role=ROLE)


@contextmanager
def unrestricted(connection: Connection) -> Iterator[None]:
    """Go on as the owner for what concerns the features of all divisions, such as their tints."""
    role = connection.scalar(sa.select(sa.func.current_setting("role")))
    with connection.begin_nested():  # rolling back to it brings the role back too
        _take(connection, "none")
        yield
    _take(connection, str(role))


def reach(connection: Connection) -> range:
    """The places that the rights of whoever acts reach over; all of them when nobody does."""
    low, high = connection.execute(sa.text(f"SELECT {LOW}, {_HIGH}")).one()
    return ALL_PLACES if low is None else range(low, high + 1)


def _take(connection: Connection, role: str) -> None:
    local = True
    connection.execute(sa.select(sa.func.set_config("role", role, local)))


def ensure_role(connection: Connection) -> None:
    """Make the role, and the owner a member of it. Problem(DATABASE_ROLE_UNFIT)."""
    owner = connection.scalar(sa.text("SELECT quote_ident(current_user)"))
    create, grant = f"CREATE ROLE {ROLE} NOLOGIN", f"GRANT {ROLE} TO {owner}"
    found = connection.execute(_ROLE_STATE, {"role": ROLE}).one_or_none()
    if found is None:
        _administer(connection, create)
    elif found.strong:
        mend = f"ALTER ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
        raise _unfit("can pass by row-level security", "能绕过行级权限", mend)
    if found is None or not found.member:
        _administer(connection, grant)


def _administer(connection: Connection, statement: str) -> None:
    try:
        with connection.begin_nested():
            run(connection, statement)
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) != "42501":
            raise
        raise _unfit("is missing", "缺失", f"{statement};") from error


def _unfit(reason: str, reason_zh: str, mend: str) -> Problem:
    return Problem(DATABASE_ROLE_UNFIT, role=ROLE, reason=reason, reason_zh=reason_zh, mend=mend)


def promote(connection: Connection) -> None:
    """Let the spatial index serve readers with rights: only a superuser may say so.

    Without it the answers are the same and tiles slower (docs/decisions/0010).
    """
    overlap = connection.execute(_OVERLAPS).one()
    if overlap.leakproof:
        return
    superuser = connection.scalar(sa.text("SELECT current_setting('is_superuser')")) == "on"
    if superuser:
        run(connection, promotion(overlap.name))
    else:
        _LOGGER.warning("tiles are slower: a superuser should run: %s", promotion(overlap.name))


def promotion(overlap: str) -> str:
    """The statement by which the index may be used before the rights are checked."""
    return f"ALTER FUNCTION {overlap} LEAKPROOF"


def missing_promotion(connection: Connection) -> str | None:
    """The statement that an administrator should run here, if there is one."""
    overlap = connection.execute(_OVERLAPS).one_or_none()
    return None if overlap is None or overlap.leakproof else promotion(overlap.name)


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Grants and policies for the tables of these layers and for their history."""
    yield f"GRANT USAGE ON SCHEMA {schemas.own} TO {ROLE}"
    yield from _of_imports()
    for layer in layers:
        yield from _of_layer(layer)
        yield from readable(versions_table(layer).name, within("place"))
    shown = [c.name for c in CHANGES.columns if c.name not in _COUNTS]
    seen = f"EXISTS (SELECT FROM unnest(places) AS place WHERE {within('place')})"
    yield from readable(CHANGES.name, seen, shown)
    # Both: the id of a neighbour's feature is the neighbour's.
    yield from readable(LINEAGE.name, f"{within('parent_place')} AND {within('child_place')}")


# What tells how many rows of other divisions a change had.
_COUNTS = frozenset({"rows", "rows_digest", "places", "link", "previous", "digest"})


def within(column: str) -> str:
    """Whether a place is within the reader's ground, as SQL."""
    return f"{column} BETWEEN {LOW} AND {_HIGH}"


def _of_layer(layer: Layer) -> Iterator[str]:
    name, visible = quoted(layer.name), within("place")
    written = ", ".join(quoted(c.name) for c in table(layer).columns if c.name not in _NOT_WRITTEN)
    changed = ", ".join(
        quoted(c.name) for c in table(layer).columns if c.name not in _NOT_WRITTEN | {"id"}
    )
    yield from readable(layer.name, visible)
    added = f"{visible} AND {may(Right.LOG if layer.logged else Right.EDIT)}"
    yield f"GRANT INSERT ({written}), UPDATE ({changed}), DELETE ON {name} TO {ROLE}"
    editable = f"{visible} AND {may(Right.EDIT)}"
    if layer.hierarchy:  # nobody draws the bounds of the own ground: those are for the level above
        added = editable = f"{visible} AND place > {LOW} AND {may(Right.ADMIN)}"
    yield writable(layer.name, "INSERT", added)
    yield writable(layer.name, "UPDATE", editable)
    yield writable(layer.name, "DELETE", editable)


def _of_imports() -> Iterator[str]:
    """A load belongs to the division of who made it, within which all of its rows lie."""
    batches, changes = IMPORT_BATCHES.name, IMPORT_CHANGES.name
    mine = f"{within('place')} AND {may(Right.IMPORT)}"
    known = "batch IN (SELECT number FROM import_batches)"  # as far as its own policy shows them
    given = ", ".join(c.name for c in IMPORT_BATCHES.columns if c.name not in _NOT_GIVEN)
    yield from readable(batches, mine)
    yield f"GRANT INSERT ({given}), UPDATE (undone_at) ON {batches} TO {ROLE}"
    yield writable(batches, "INSERT", mine)
    yield writable(batches, "UPDATE", mine)
    yield from readable(changes, known)
    yield f"GRANT INSERT ON {changes} TO {ROLE}"
    yield writable(changes, "INSERT", known)


# What the database itself says of a load.
_NOT_GIVEN = frozenset({"number", "loaded_at", "undone_at", "account", "place"})


def may(right: Right) -> str:
    """Whether the role of whoever acts has a right, as SQL."""
    roles = ", ".join(literal(role) for role, rights in RIGHTS.items() if right in rights)
    return f"(SELECT current_setting('gridfield.role', true) IN ({roles}))"


def writable(rows: str, command: str, allowed: str) -> str:
    """The policy under which the role may INSERT, UPDATE or DELETE."""
    policy = f"CREATE POLICY gridfield_{command.lower()} ON {quoted(rows)} FOR {command} TO {ROLE}"
    using = "" if command == "INSERT" else f" USING ({allowed})"
    check = "" if command == "DELETE" else f" WITH CHECK ({allowed})"
    return policy + using + check


def readable(rows: str, visible: str, columns: Iterable[str] = ()) -> Iterator[str]:
    """Let the role read what is visible of a table and nothing else: all columns, or these."""
    named = ", ".join(map(quoted, columns))
    yield f"ALTER TABLE {quoted(rows)} ENABLE ROW LEVEL SECURITY"
    yield f"REVOKE ALL ON {quoted(rows)} FROM {ROLE}"
    yield f"GRANT SELECT {f'({named}) ' if named else ''}ON {quoted(rows)} TO {ROLE}"
    yield f"CREATE POLICY gridfield_read ON {quoted(rows)} FOR SELECT TO {ROLE} USING ({visible})"
