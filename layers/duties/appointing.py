"""Who may change duties, and how it is done: by the owner, since the role for people may not."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.refusals.database import NOT_PERMITTED
from layers.declaring.people import Role
from layers.declaring.rights import RIGHTS, Right
from layers.held.policies import unrestricted


@contextmanager
def appointing(connection: Connection) -> Iterator[None]:
    """Go on as the owner with what changes duties; Problem(NOT_PERMITTED) for who may not.

    Whether its target is theirs has been asked before, as whoever acts and by the database.
    """
    optional = True
    told = sa.func.current_setting("gridfield.role", optional)
    role = connection.scalar(sa.select(told))
    if role and Right.APPOINT not in RIGHTS[Role(role)]:
        raise Problem(NOT_PERMITTED)
    with unrestricted(connection):
        yield
