"""What every request of one application may use: made once, by whoever composes it."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore

from starlette.requests import HTTPConnection

from api.language import language
from api.metrics import Metrics
from api.settings import Settings
from gis.errors import Lang
from gis.postgis import Database
from layers.declare import Layer
from layers.registry import Registry
from layers.summaries import Summary, summary


@dataclass(frozen=True, slots=True)
class Context:
    """`tile_threads` are apart from the framework's: tiles are many and short. `exports` are the
    places for answers that hold a connection for as long as their reader takes."""

    settings: Settings
    database: Database
    registry: Registry
    metrics: Metrics
    tile_threads: ThreadPoolExecutor
    exports: BoundedSemaphore

    def summaries(self, layers: Iterable[Layer]) -> Mapping[str, Summary]:
        """The figures of some layers by name, all of the same moment."""
        with self.database.read() as connection:
            return {layer.name: summary(connection, layer) for layer in layers}


def context_of(request: HTTPConnection) -> Context:
    """The context of the application that answers this request."""
    context: Context = request.app.state.context
    return context


def lang_of(request: HTTPConnection) -> Lang:
    """The reader's language."""
    return language(request, context_of(request).settings.lang)
