"""That something was logged is announced when it is committed: SQL for `layers.guards`.

The word says nothing itself: whoever hears it looks with the rights of whoever they look for.
"""

from collections.abc import Iterator

from layers.held.wiring import Schemas, function, literal, trigger
from layers.schema.submissions import SUBMISSIONS

CHANNEL = "gridfield_logged"
_CALLED = "gridfield_announce"


def statements(schemas: Schemas) -> Iterator[str]:
    """The trigger that announces what is stored; once, however many rows a transaction stores."""
    body = f"BEGIN PERFORM pg_notify({literal(CHANNEL)}, ''); RETURN NULL; END"
    yield function(_CALLED, body, schemas)
    yield trigger(_CALLED, "AFTER INSERT", SUBMISSIONS.name, _CALLED)
