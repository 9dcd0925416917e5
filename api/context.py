"""What every request of one application may use: made once, by whoever composes it."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from threading import BoundedSemaphore

from starlette.requests import HTTPConnection

from api.language import language
from api.metrics import Metrics
from api.oidc import Provider
from api.settings import Settings
from gis.errors import Lang
from gis.postgis import Database
from layers import policies, reading_log
from layers.declare import Layer
from layers.history import past_day
from layers.masking import knows, personal
from layers.people import Actor
from layers.reading_log import Hourly, Reading
from layers.registry import Registry
from layers.sessions import Session
from layers.summaries import Summary, summary


@dataclass(frozen=True, slots=True)
class Context:
    """`tile_threads` are apart from the framework's: tiles are many and short, and so are those of
    the door. `exports` are the places for answers that hold a connection for as long as their
    reader takes. `provider` is who else vouches for people, where one is configured. `session` is
    whose request is answered, and `maps_read` what has been noted of the maps they look at."""

    settings: Settings
    database: Database
    registry: Registry
    metrics: Metrics
    tile_threads: ThreadPoolExecutor
    door_threads: ThreadPoolExecutor
    exports: BoundedSemaphore
    provider: Provider | None
    session: Session | None = None
    maps_read: Hourly = field(default_factory=Hourly)

    def acting(self, session: Session) -> "Context":
        """The same for whoever has this session: in their name, and with their rights."""
        database = policies.acting(self.database, session.actor)
        return replace(self, database=database, session=session)

    @property
    def actor(self) -> Actor | None:
        """Who acts; nobody in the context of the application itself."""
        return None if self.session is None else self.session.actor

    def summaries(
        self, layers: Iterable[Layer], *, on: date | None = None, within: str | None = None
    ) -> Mapping[str, Summary]:
        """The figures of some layers by name, all of the same moment: of now, or as at the end of a
        day; of all ground, or within a division. Problem(DAY_TO_COME)."""
        with self.database.read() as connection:
            day = past_day(connection, on)
            return {
                layer.name: summary(connection, layer, on=day, within=within) for layer in layers
            }

    def note(self, way: str, layer: Layer, rows: int, form: str) -> None:
        """Note that whoever acts is being told personal values of so many features, if they are."""
        if rows and self.is_told(layer):
            reading_log.note(self.database, [Reading(way, layer.name, rows, form)])

    def note_map(self, layers: Iterable[Layer]) -> None:
        """Note it of layers on a map, where every look is many tiles: once a session and hour."""
        if self.session is None:
            return
        told = [layer.name for layer in layers if self.is_told(layer)]
        reading_log.note_map(self.database, self.maps_read, self.session.id, told)

    def is_told(self, layer: Layer) -> bool:
        """Whether whoever acts is told the personal values of a layer, and it has some."""
        return self.actor is not None and knows(self.actor) and bool(personal(layer))


def context_of(request: HTTPConnection) -> Context:
    """The context of the application that answers this request."""
    context: Context = request.app.state.context
    return context


def session_of(request: HTTPConnection) -> Session | None:
    """The session that the door found for this request."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def lang_of(request: HTTPConnection) -> Lang:
    """The reader's language."""
    return language(request, context_of(request).settings.lang)
