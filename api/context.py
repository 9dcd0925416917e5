"""What every request of one application may use: made once, by whoever composes it."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from threading import BoundedSemaphore
from typing import Any, TypeVar

from sqlalchemy.engine import Connection
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from api.language import language
from api.metrics import Metrics
from api.oidc import Provider
from api.settings import Settings
from api.shelf import Shelf
from api.streams import Streams
from api.tile_shelf import TileShelf
from api.together import Together
from gis.errors import Lang, Problem
from gis.postgis import Database
from layers.admission.sessions import Session
from layers.alike import near
from layers.alike.near import Reach
from layers.calendar.workdays import Calendars
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.freshness import counting
from layers.freshness.counting import State
from layers.freshness.replica import Replica
from layers.held import policies
from layers.photos.store import PhotoStore
from layers.reading import reading_log
from layers.reading.conditions import Conditions
from layers.reading.masking import knows, personal
from layers.reading.past import past_of
from layers.reading.reading_log import Hourly, Reading
from layers.refusals.submissions import LAYER_NOT_LOGGED
from layers.registry import Registry
from layers.serving import tiles
from layers.serving.summaries import Summary, summary
from layers.submissions.intake import Arrival
from layers.submissions.receiving import Receipt
from maps.document import RenderedPage

_Answer = TypeVar("_Answer")
# Figures of layers, each of which takes a few hundred bytes.
_SUMS = 2000
# Maps' pages, of some 10 to 30 KB.
_PAGES_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Knock:
    """Who comes in, by their secret, and whether to say at once how far the data have come."""

    secret: str
    tells_state: bool


@dataclass(frozen=True, slots=True)
class Context:
    """`tile_threads` are apart from the framework's: tiles are many and short, and so are those of
    the door. `exports` are the places for answers that hold a connection for as long as their
    reader takes. `provider` is who else vouches for people, where one is configured; `streams` are
    the answers that go on, `photos` is where pictures are kept. `door` finds sessions and `intake`
    stores records, of all who ask at once in one go, as `states` tells them how far the data have
    come; `tiles`, `sums` and `maps` have what was made before. `session` is whose request is
    answered, `maps_read` what has been noted of the maps they look at; `workdays` tells on which
    days people work. `replica` is a second server to read from, where there is one."""

    settings: Settings
    database: Database
    registry: Registry
    metrics: Metrics
    tile_threads: ThreadPoolExecutor
    door_threads: ThreadPoolExecutor
    door: Together[Knock, tuple[Session | None, State | None]]
    intake_threads: ThreadPoolExecutor
    intake: Together[Arrival, Receipt | None]
    states: Together[None, State]
    tiles: TileShelf
    exports: BoundedSemaphore
    provider: Provider | None
    streams: Streams
    photos: PhotoStore
    workdays: Calendars
    replica: Replica | None = None
    session: Session | None = None
    maps_read: Hourly = field(default_factory=Hourly)
    maps: Shelf[Hashable, RenderedPage] = field(default_factory=partial(Shelf, _PAGES_BYTES))
    sums: Shelf[Hashable, Summary] = field(default_factory=partial(Shelf, _SUMS))

    def acting(self, session: Session) -> "Context":
        """The same for whoever has this session: in their name, and with their rights."""
        database = policies.acting(self.database, session.actor)
        replica = self.replica
        if replica is not None:  # what they may see is what the primary knows of them
            replica = replica.over(policies.acting(replica.database, session.actor))
        return replace(self, database=database, replica=replica, session=session)

    def read(self, sources: Iterable[str] | None, work: Callable[[Connection], _Answer]) -> _Answer:
        """What `work` reads, on one snapshot: the replica's where it has these counted tables just
        as they are, else the primary's; `sources` is None for what depends on others as well.

        To be asked once the request has come. What is read to be changed is no question for it.
        """
        if self.replica is not None and sources is not None:
            with self.database.glance() as connection:
                now = counting.state(connection)
            found = self.replica.read(sources, now, work)
            if found is not None:
                return found[0]
        with self.database.read() as connection:
            return work(connection)

    @property
    def actor(self) -> Actor | None:
        """Who acts; nobody in the context of the application itself."""
        return None if self.session is None else self.session.actor

    @property
    def reaches(self) -> Mapping[str, Reach]:
        """Within what records are likely the same, by layer: as configured, else as declared."""
        logged = (layer for layer in self.registry.layers.values() if layer.logged)
        return {layer.name: self.reach(layer) for layer in logged}

    def reach(self, layer: Layer) -> Reach:
        """The same of one layer; Problem(LAYER_NOT_LOGGED)."""
        if layer.logged is None:
            raise Problem(LAYER_NOT_LOGGED, layer=layer.name)
        return near.reach(layer, self.settings.near_m, self.settings.near_days)

    def summaries(
        self,
        layers: Iterable[Layer],
        *,
        on: date | None = None,
        within: str | None = None,
        at: date | None = None,
        filters: Conditions = (),
    ) -> Mapping[str, Summary]:
        """The figures of some layers by name, all of the same moment: of now, or as at the end of a
        day; of all ground, or within a division; with `at` those of cases that waited on that day,
        with `filters` of what fulfils them. Problem(DAY_TO_COME)."""
        with self.database.read() as connection:
            state = counting.state(connection)
            told = {"on": past_of(state.day, on), "within": within, "at": at}
            asked = (connection, state, told)
            return {layer.name: self._summary(layer, filters, *asked) for layer in layers}

    def _summary(
        self,
        layer: Layer,
        filters: Conditions,
        connection: Connection,
        state: State,
        narrowed: Mapping[str, Any],
    ) -> Summary:
        """The figures of one layer, computed unless nothing has changed since they were."""
        told = {**narrowed, "filters": tuple(x for x in filters if x.layer == layer.name)}
        sources = tiles.read_for((layer,), self.registry.layers, **told)
        version = None if sources is None else state.of(sources)
        scope = self.actor and (self.actor.division, self.actor.role)
        own = (layer, scope, *told.values())
        found = self.sums.get(own, version)
        if found is None:
            found = summary(connection, layer, **told)
            self.sums.put(own, version, found, 1)
        return found

    def note(self, way: str, layer: Layer, rows: int, form: str) -> None:
        """Note that whoever acts is being told personal values of so many features, if they are."""
        if rows and self.is_told(layer):
            reading_log.note(self.database, [Reading(way, layer.name, rows, form)])

    def note_photo(self, layer: str | None, form: str) -> None:
        """Note that whoever acts is being shown a photograph; of a layer, or of their own bag."""
        reading_log.note(self.database, [Reading("photo", layer or "photos", 1, form)])

    def note_map(self, layers: Iterable[Layer], filters: Conditions = ()) -> None:
        """Note it of layers on a map, where every look is many tiles: once a session and hour.

        What fulfils a filter on a personal value tells that value, drawn or not.
        """
        if self.session is None:
            return
        told = self._told_by_map(layers, filters)
        reading_log.note_map(self.database, self.maps_read, self.session.id, told)

    def is_map_noted(self, layers: Iterable[Layer], filters: Conditions = ()) -> bool:
        """Whether that has been noted already, so that nothing is left to write."""
        if self.session is None:
            return True
        told = self._told_by_map(layers, filters)
        hourly = self.maps_read
        return not (told and hourly.missing(hourly.hour(), self.session.id, told))

    def _told_by_map(self, layers: Iterable[Layer], filters: Conditions) -> list[str]:
        asked = {each.layer for each in filters if each.personal}
        told = (each for each in layers if _drawn_personal(each) or each.name in asked)
        return [each.name for each in told if self.is_told(each)]

    def is_told(self, layer: Layer) -> bool:
        """Whether whoever acts is told the personal values of a layer, and it has some."""
        return self.actor is not None and knows(self.actor) and bool(personal(layer))


def _drawn_personal(layer: Layer) -> bool:
    """Whether a map's tiles have personal values of a layer: the others stay in its table."""
    return any(field.name in layer.tile_fields for field in personal(layer))


def context_of(request: HTTPConnection) -> Context:
    """The context of the application that answers this request."""
    return context_of_app(request.app)


def context_of_app(app: Starlette) -> Context:
    """The context of an application."""
    context: Context = app.state.context
    return context


def session_of(request: HTTPConnection) -> Session | None:
    """The session that the door found for this request."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def lang_of(request: HTTPConnection) -> Lang:
    """The reader's language."""
    return language(request, context_of(request).settings.lang)
