"""How the database's own functions and triggers are written, and taken away again."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # sqlalchemy's
PREFIX = "gridfield_"
_DROPS = """
SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND starts_with(t.tgname, :prefix)
  AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE starts_with(p.polname, :prefix) AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT format('DROP FUNCTION %s', p.oid::regprocedure)
FROM pg_proc p
WHERE starts_with(p.proname, :prefix) AND p.pronamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True, slots=True)
class Schemas:
    """Where our own tables are and where PostGIS is, as SQL writes them."""

    own: str
    postgis: str

    @property
    def path(self) -> str:
        """A search path on which a caller's temporary table passes for none of ours."""
        return ", ".join(dict.fromkeys((self.own, self.postgis, "pg_temp")))


def quoted(name: str) -> str:
    """An identifier; declared names may be words of SQL."""
    return f'"{name}"'


def literal(text: str) -> str:
    """A text constant: DDL takes no bound values."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def written(statement: sa.SelectBase) -> str:
    """A statement as the body of a function has it: its values are constants."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
    return str(compiled)


def type_of(column: ColumnElement[Any]) -> str:
    """The type of a column, as SQL writes it."""
    return str(column.type.compile(_DIALECT))


def function(name: str, body: str, schemas: Schemas | None, *settings: str) -> str:
    """A trigger function with its owner's rights, whoever's change fires it.

    Without `schemas`, the body itself must say of every name where it belongs.
    """
    path = (f"search_path = {schemas.path}",) if schemas else ()
    given = "".join(f" SET {setting}" for setting in (*path, *settings))
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER{given}"
        f" AS $body$ {body} $body$"
    )


def lookup(name: str, argument: str, returns: str, body: str) -> str:
    """A function that only reads, with its caller's rights; of every name it says where it is."""
    return (
        f"CREATE FUNCTION {name}({argument}) RETURNS {returns} LANGUAGE plpgsql STABLE"
        f" AS $body$ {body} $body$"
    )


def trigger(  # noqa: PLR0913 (the parts of the statement)
    name: str,
    event: str,
    rows: str,
    called: str,
    *arguments: str,
    referencing: str = "",
    row: bool = False,
    when: str = "",
    deferred: bool = False,
) -> str:
    """CREATE TRIGGER for an event on a table, calling a function of ours."""
    parts = [
        f"CREATE {'CONSTRAINT ' if deferred else ''}TRIGGER {name} {event} ON {quoted(rows)}",
        "DEFERRABLE INITIALLY DEFERRED" if deferred else "",
        f"REFERENCING {referencing}" if referencing else "",
        f"FOR EACH {'ROW' if row or deferred else 'STATEMENT'}",
        f"WHEN ({when})" if when else "",
        f"EXECUTE FUNCTION {called}({', '.join(map(literal, arguments))})",
    ]
    return " ".join(part for part in parts if part)


def run(connection: Connection, statement: str) -> None:
    """Run DDL as it stands: its percent signs and colons stand for nothing."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def unwire(connection: Connection) -> None:
    """Take away every trigger, policy and function of ours, so that tables may change."""
    for statement in connection.scalars(sa.text(_DROPS), {"prefix": PREFIX}).all():
        run(connection, statement)
