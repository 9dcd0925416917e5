"""Bring a database to the schema of this version, and write the next migration."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_NEWER
from layers import guards
from layers.registry import discover

# Two servers that start at once must not migrate at once; the number is this project's own.
_LOCK = 0x6772_6964


def upgrade(database: Database) -> None:
    """Migrate to the newest revision, all or nothing; a database of a newer version is refused."""
    with database.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _to_head(connection)
        guards.install(connection, discover())


def revise(database: Database, message: str) -> Path:
    """Write the migration from the newest revision to today's declarations, and name its file.

    The database is an empty one, made for this.
    """
    with database.begin() as connection:
        # Not `upgrade`: what is declared has no table yet that could be guarded.
        config = _to_head(connection)
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        script = command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no revision, or several")
    return Path(script.path)


def _to_head(connection: Connection) -> Config:
    for extension in ("postgis", "btree_gist"):
        connection.execute(sa.text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    config = _config(connection)
    if _found(connection, config) != set(ScriptDirectory.from_config(config).get_heads()):
        guards.remove(connection)
        command.upgrade(config, "head")
    return config


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _found(connection: Connection, config: Config) -> set[str]:
    """The revisions that the database has; Problem(DATABASE_NEWER) when we know one of them not."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return set()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    found = set(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))
    if found - known:
        raise Problem(DATABASE_NEWER, found=", ".join(sorted(found - known)))
    return found
