"""What each role may do, in one table; within which ground is the database's to say."""

from collections.abc import Mapping
from enum import StrEnum

from layers.declaring.people import Actor, Role
from layers.declaring.words import Label


class Right(StrEnum):
    """One thing that an actor may do or not."""

    READ = "read"
    LOG = "log"
    EDIT = "edit"
    APPOINT = "appoint"
    OVERSEE = "oversee"
    IMPORT = "import"
    ADMIN = "admin"


_READING = frozenset({Right.READ})
_LOGGING = _READING | {Right.LOG}
_EDITING = _LOGGING | {Right.EDIT}
# Where people walked is for those who answer for them, and for nobody else.
_LEADING = _EDITING | {Right.APPOINT, Right.OVERSEE}

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: _READING,
    Role.INSPECTOR: _LOGGING,
    Role.LEADER: _LEADING,
    Role.OFFICER: _EDITING,
    Role.ADMIN: _LEADING | {Right.IMPORT, Right.ADMIN},
}

ROLE_LABELS: Mapping[Role, Label] = {
    Role.VIEWER: Label("查看员", "viewer"),
    Role.INSPECTOR: Label("网格员", "inspector"),
    Role.LEADER: Label("网格长", "leader"),
    Role.OFFICER: Label("执法员", "officer"),
    Role.ADMIN: Label("管理员", "admin"),
}


def allowed(actor: Actor, right: Right) -> bool:
    """Whether the actor's role has this right."""
    return right in RIGHTS[actor.role]
