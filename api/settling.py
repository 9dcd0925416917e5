"""What a running server does by itself, once a minute."""

import logging
from collections.abc import Callable, Sequence

import anyio
import anyio.to_thread

from api.context import Context
from gis import aside
from gis.errors import Problem
from layers.duties.columns import settle_today
from layers.patrols import walked
from layers.photos import bringing as photos

_EVERY_S = 60.0
_LOGGER = logging.getLogger(__name__)


def _show_duties(context: Context) -> None:
    """Duties that begin or end by themselves are shown on their day: looking costs one row."""
    settle_today(context.database, context.registry)


def _sweep_photos(context: Context) -> None:
    """What uploads left that were killed before their end."""
    photos.sweep(context.database, context.photos)


def _sweep_files(_: Context) -> None:
    """What exports left that were killed while they were made."""
    aside.sweep()


def _forget_ways(context: Context) -> None:
    """The ways of patrols that are no longer kept; what was walked of the roads stays."""
    walked.sweep(context.database, context.settings.patrol_days)


# Each with what the log says when it cannot be done.
_TASKS: Sequence[tuple[Callable[[Context], None], str]] = (
    (_show_duties, "the duties of today are not shown yet"),
    (_sweep_photos, "what broken uploads left is still there"),
    (_sweep_files, "what broken exports left is still there"),
    (_forget_ways, "the ways of old patrols are still there"),
)


async def keep(context: Context) -> None:
    """Do all of it again and again, in the name of nobody."""
    while True:
        await anyio.sleep(_EVERY_S)
        for task, undone in _TASKS:
            try:
                await anyio.to_thread.run_sync(task, context)
            except Problem as problem:  # the database is away, and will be back
                _LOGGER.warning("%s: %s", undone, problem.sentence("en"))
