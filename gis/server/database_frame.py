"""What pg_dump leaves out of a database: the roles it names, its own settings and grants."""

from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection, cursor

# Roles that own or may use something in this database. Superusers come back as ordinary ones.
_ROLES = """
SELECT oid, rolname AS name, rolcanlogin AS login, rolinherit AS inherit, rolbypassrls AS bypassrls
FROM pg_roles
WHERE NOT starts_with(rolname, 'pg_') AND (oid = current_user::regrole OR oid IN (
  SELECT refobjid FROM pg_shdepend JOIN pg_database d ON d.datname = current_database()
  WHERE refclassid = 'pg_authid'::regclass
    AND (dbid = d.oid OR (classid = 'pg_database'::regclass AND objid = d.oid))))
"""
_FRAME = f"""
WITH role AS ({_ROLES})
SELECT
  (SELECT json_agg(to_jsonb(role) - 'oid' ORDER BY name) FROM role) AS roles,
  (SELECT json_agg(json_build_array(g.name, m.name) ORDER BY g.name, m.name)
   FROM pg_auth_members a JOIN role g ON g.oid = a.roleid JOIN role m ON m.oid = a.member
  ) AS members,
  (SELECT json_agg(json_build_object(
     'everywhere', s.setdatabase = 0, 'role', role.name, 'values', s.setconfig))
   FROM pg_db_role_setting s LEFT JOIN role ON role.oid = s.setrole
   WHERE s.setdatabase = d.oid OR (s.setdatabase = 0 AND role.oid IS NOT NULL)) AS settings,
  (SELECT json_agg(json_build_array(a.privilege_type, g.rolname))
   FROM aclexplode(d.datacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee) AS grants
FROM pg_database d WHERE d.datname = current_database()
"""  # noqa: S608 (joins two constants)
_PRIVILEGES = frozenset({"CREATE", "CONNECT", "TEMPORARY"})


def read(link: connection) -> dict[str, Any]:
    """The frame of the database that `link` is connected to, as JSON values."""
    with link.cursor() as rows:
        rows.execute(_FRAME)
        found = rows.fetchone() or ()
    names = ("roles", "members", "settings", "grants")
    return {name: value or [] for name, value in zip(names, found, strict=True)}


def make_roles(link: connection, frame: dict[str, Any]) -> None:
    """Create the roles that this server lacks, without passwords; those it has stay as they are."""
    with link.cursor() as rows:
        rows.execute("SELECT rolname FROM pg_roles")
        present = {name for (name,) in rows.fetchall()}
        missing = {role["name"] for role in frame["roles"]} - present
        for role in frame["roles"]:
            if role["name"] in missing:
                rows.execute(_create_role(role))
        for group, member in frame["members"]:
            if member in missing:
                names = sql.Identifier(group), sql.Identifier(member)
                rows.execute(sql.SQL("GRANT {} TO {}").format(*names))
        for setting in frame["settings"]:
            if setting["everywhere"] and setting["role"] in missing:
                _apply(rows, sql.SQL("ROLE {}").format(sql.Identifier(setting["role"])), setting)


def apply(link: connection, frame: dict[str, Any], database: str) -> None:
    """Give `database` the settings and grants of the frame; the roles must be there."""
    name = sql.Identifier(database)
    with link.cursor() as rows:
        for setting in frame["settings"]:
            if not setting["everywhere"]:
                whom = sql.SQL("DATABASE {}").format(name)
                if setting["role"]:
                    role = sql.Identifier(setting["role"])
                    whom = sql.SQL("ROLE {} IN DATABASE {}").format(role, name)
                _apply(rows, whom, setting)
        if frame["grants"]:
            rows.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        for privilege, grantee in frame["grants"]:
            if privilege in _PRIVILEGES:
                who = sql.Identifier(grantee) if grantee else sql.SQL("PUBLIC")
                what = sql.SQL(privilege)
                rows.execute(sql.SQL("GRANT {} ON DATABASE {} TO {}").format(what, name, who))


def _create_role(role: dict[str, Any]) -> sql.Composed:
    options = ("login", "inherit", "bypassrls")
    words = [word.upper() if role[word] else f"NO{word.upper()}" for word in options]
    return sql.SQL("CREATE ROLE {} {}").format(
        sql.Identifier(role["name"]), sql.SQL(" ".join(words))
    )


def _apply(rows: cursor, whom: sql.Composable, setting: dict[str, Any]) -> None:
    for assignment in setting["values"]:
        key, _, value = assignment.partition("=")
        name = sql.Identifier(*key.split("."))
        # FROM CURRENT keeps lists such as search_path lists: no quoting of ours to get wrong.
        rows.execute("SELECT set_config(%s, %s, false)", (key, value))
        rows.execute(sql.SQL("ALTER {} SET {} FROM CURRENT").format(whom, name))
        rows.execute(sql.SQL("RESET {}").format(name))
