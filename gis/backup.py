"""Backups of a whole database, of the private cluster or of a given server alike.

Every function takes a SQLAlchemy or libpq URL. Passwords go to pg_dump and pg_restore through the
environment, never through arguments, which every account of the machine can read.
"""

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection, make_dsn
from sqlalchemy import make_url

from gis.errors import Problem
from gis.postgis import translated
from gis.refusals.database import BACKUP_BROKEN, BACKUP_FAILED
from gis.server import backup_file, database_frame, postgres_binaries, private_files
from gis.server.postgres_binaries import Binaries

# Databases of these names are ours and unfinished: the next run drops what a crash left.
_SCRATCH = "gridfield_scratch_"
_REPLACED = "gridfield_replaced_"
_ONE_AT_A_TIME = "gridfield backup"
_SWITCHES = 5

_COUNTED_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds; tables of extensions are not counted."""

    database: str
    made: datetime
    tables: int
    rows: int


def write(url: str, file: Path) -> None:
    """Back a database up to `file`, which appears whole or not at all, readable by its owner.

    The dump is read back in full before it counts.
    Errors: `DATABASE_UNREACHABLE`, `BACKUP_FAILED`, `POSTGRES_MISSING`.
    """
    database = _database(url)
    with _told(database, "pg_dump"), closing(_connect(url)) as link:
        manifest = {
            "database": database,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "frame": database_frame.read(link),
        }
        tools = _tools(link)
    try:
        part = _part(file)
    except OSError as error:
        raise _failed(database, "pg_dump", error) from error
    try:
        _run(tools, "pg_dump", url, "--format=custom", f"--file={part}")
        _run(tools, "pg_restore", url, "--file=/dev/null", str(part), connects=False)
        backup_file.seal(part, manifest)
        part.replace(file)
        private_files.sync_folder(part.parent)
    except OSError as error:
        raise _failed(database, "pg_dump", error) from error
    finally:
        part.unlink(missing_ok=True)


def verify(url: str, file: Path) -> Contents:
    """Restore a backup into a scratch database of the server, count it, and drop it again.

    Errors: `BACKUP_BROKEN`, `DATABASE_UNREACHABLE`, `BACKUP_FAILED`, `POSTGRES_MISSING`.
    """
    manifest = backup_file.unseal(file)
    with _restored(url, file, manifest) as (_, scratch):
        return _contents(url, scratch, manifest)


def restore(url: str, file: Path) -> Contents:
    """Replace the database of `url` by a backup, whose SQL runs: restore only what you trust.

    The old database serves until the new one is whole; then its connections are cut and the two
    change names in one transaction.
    Errors: as `verify`; the old database is untouched by all of them.
    """
    manifest = backup_file.unseal(file)
    database = _database(url)
    with _restored(url, file, manifest) as (link, scratch):
        contents = _contents(url, scratch, manifest)
        database_frame.apply(link, manifest["frame"], scratch)
        _switch(link, scratch, database)
    return contents


@contextmanager
def _restored(url: str, file: Path, manifest: dict[str, Any]) -> Iterator[tuple[connection, str]]:
    """A scratch database holding the backup, and a connection from which it can be renamed."""
    target = _database(url)
    scratch = f"{_SCRATCH}{secrets.token_hex(6)}"
    neighbour = "template1" if target == "postgres" else "postgres"
    with _told(target, "pg_restore"), closing(_connect(url, neighbour)) as link:
        with link.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (_ONE_AT_A_TIME,))
            _drop_unfinished(link)
            database_frame.make_roles(link, manifest["frame"])
            statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
            cursor.execute(sql.SQL(statement).format(sql.Identifier(scratch)))
        try:
            _fill(_tools(link), url, scratch, file, owners=_is_superuser(link))
            yield link, scratch
        finally:
            _drop_unfinished(link)


def _fill(tools: Binaries, url: str, scratch: str, file: Path, *, owners: bool) -> None:
    options = ["--exit-on-error", "--jobs=2", *(() if owners else ("--no-owner",))]
    try:
        _run(tools, "pg_restore", _renamed(url, scratch), *options, str(file))
    except Problem as problem:
        reason = problem.values["reason"]
        raise Problem(BACKUP_BROKEN, file=file, reason=reason, reason_zh=reason) from problem


def _contents(url: str, scratch: str, manifest: dict[str, Any]) -> Contents:
    with closing(_connect(url, scratch)) as link, link.cursor() as cursor:
        # A dump carries no statistics; without them the first queries would be planned blindly.
        cursor.execute("ANALYZE")
        cursor.execute(_COUNTED_TABLES)
        tables = cursor.fetchall()
        rows = 0
        for table in tables:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table)))
            rows += (cursor.fetchone() or (0,))[0]
    made = datetime.fromisoformat(manifest["made"])
    return Contents(manifest["database"], made, len(tables), rows)


def _switch(link: connection, scratch: str, database: str) -> None:
    replaced = f"{_REPLACED}{secrets.token_hex(6)}"
    names = [sql.Identifier(name) for name in (database, replaced, scratch, database)]
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {};")
        away = rename.format(*names[:2]) if cursor.fetchone() else sql.SQL("")
        # One message is one transaction, and leaves a pool the least time to come back.
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {};"
        message = sql.SQL(cut).format(sql.Literal(database)) + away + rename.format(*names[2:])
        for attempt in range(_SWITCHES):
            try:
                cursor.execute(message)
            except psycopg2.errors.ObjectInUse:
                if attempt + 1 == _SWITCHES:
                    raise
            else:
                return


def _drop_unfinished(link: connection) -> None:
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datdba = current_user::regrole"
            " AND (starts_with(datname, %s) OR starts_with(datname, %s))",
            (_SCRATCH, _REPLACED),
        )
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _is_superuser(link: connection) -> bool:
    return bool(link.info.parameter_status("is_superuser") == "on")


def _tools(link: connection) -> Binaries:
    return postgres_binaries.client(link.server_version // 10_000)


def _part(file: Path) -> Path:
    descriptor, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    os.close(descriptor)
    return Path(name)


def _run(tools: Binaries, program: str, url: str, *options: str, connects: bool = True) -> None:
    parameters = _parameters(url)
    password = parameters.pop("password", None)
    target = [f"--dbname={make_dsn(**parameters)}", "--no-password"] if connects else []
    done = subprocess.run(  # noqa: S603 (our own argument lists, no shell)
        [tools.program(program), *target, *options],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "error:" in line]
        reason = said[0] if said else f"exit {done.returncode}"
        raise _failed(str(parameters.get("dbname")), program, reason)


def _failed(database: str, program: str, reason: object) -> Problem:
    return Problem(BACKUP_FAILED, database=database, program=program, reason=reason)


@contextmanager
def _told(database: str, program: str) -> Iterator[None]:
    try:
        with translated():
            yield
    except psycopg2.Error as error:
        raise _failed(database, program, str(error).strip()) from error


def _connect(url: str, database: str | None = None) -> connection:
    link: connection = psycopg2.connect(**_parameters(_renamed(url, database) if database else url))
    link.autocommit = True
    return link


def _database(url: str) -> str:
    parsed = make_url(url)
    return parsed.database or parsed.username or "postgres"


def _renamed(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _parameters(url: str) -> dict[str, Any]:
    # Bare postgresql:// would name another driver here.
    parsed = make_url(url).set(drivername="postgresql+psycopg2")
    _, parameters = parsed.get_dialect()().create_connect_args(parsed)
    return dict(parameters)
