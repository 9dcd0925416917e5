"""While the server runs, duties that begin or end by themselves are shown on their day."""

import logging

import anyio
import anyio.to_thread

from api.context import Context
from gis.errors import Problem
from layers.duty_columns import settle_today

_EVERY_S = 60.0
_LOGGER = logging.getLogger(__name__)


async def keep(context: Context) -> None:
    """Look once a minute whether the columns still say who has the duties: it costs one row."""
    while True:
        await anyio.sleep(_EVERY_S)
        try:
            await anyio.to_thread.run_sync(settle_today, context.database, context.registry)
        except Problem as problem:  # the database is away, and will be back
            _LOGGER.warning("the duties of today are not shown yet: %s", problem.sentence("en"))
