"""The application: routes, middleware and error answers around one context."""

import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from threading import BoundedSemaphore

import anyio.to_thread
from fastapi import FastAPI
from fastapi.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import Scope

from api import __version__, errors, settling
from api.auth import Door, found_sessions
from api.context import Context
from api.media import REFUSALS
from api.metrics import Metrics
from api.middleware import (
    MB,
    BodyGuard,
    Caught,
    Hardened,
    HeadAsGet,
    KnownHost,
    Metered,
    SameSite,
)
from api.oidc import Provider
from api.routes import (
    accounts,
    auth,
    batches,
    becoming,
    cadence,
    cases,
    collections,
    dashboard,
    data,
    duties,
    duty_changes,
    duty_pages,
    edit_pages,
    editing,
    events,
    field,
    here,
    history,
    history_pages,
    importing,
    items,
    ledger,
    logged,
    logging,
    maps,
    near,
    notices,
    oidc,
    operations,
    patrols,
    people,
    photos,
    portal,
    reports,
    responsible,
    same,
    structures,
    tiles,
    tilesets,
    tokens,
    topology,
    walked,
    webhooks,
)
from api.settings import Settings
from api.streams import THREADS as STREAM_THREADS
from api.streams import Streams
from api.tile_answers import TileWay, states
from api.tile_shelf import TileShelf
from api.together import Together
from gis.postgis import Database
from layers.calendar.workdays import Calendars
from layers.freshness.replica import Replica
from layers.photos import store as photo_store
from layers.registry import Registry
from layers.submissions import intake
from layers.submissions.announcing import CHANNEL

_SUBJECTS = (
    logging,  # first, since many ask at once, and a record's name is no number of an item
    auth,
    tokens,
    oidc,
    portal,
    dashboard,
    maps,
    collections,
    edit_pages,  # before the items: "new" is no number of one
    items,
    editing,
    becoming,
    cases,
    history_pages,
    history,
    tiles,
    tilesets,
    data,
    importing,
    batches,
    topology,
    responsible,
    here,
    field,
    events,
    near,
    logged,
    ledger,
    same,
    photos,
    duty_changes,
    duty_pages,
    duties,
    walked,  # before the patrols: "coverage" is no id of one
    patrols,
    people,
    reports,
    cadence,
    structures,
    accounts,
    notices,
    webhooks,
    operations,
)

# A feature of ten thousand corners, and ten thousand points to be answered for.
_BODY_LIMIT = 4 * MB
# A look-up takes less than a millisecond.
_DOOR_THREADS = 2
# Of secrets that are looked up in one statement.
_AT_ONCE = 64
# While the one makes records ready, the database stores those of the other.
_INTAKE_THREADS = 2
_UPLOADS = re.compile(r"/import|/collections/[^/]+/import")
_PHOTOS = re.compile(r"/photos/[^/]+")
# The form of a step: some photographs at once.
_STEPS = re.compile(r"/ledger/[^/]+/[^/]+/[^/]+")
_PHOTOS_OF_A_STEP = 6
_PACKED = (
    "application/flatgeobuf",
    "application/geopackage+sqlite3",
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
)


def create_app(
    settings: Settings,
    *,
    database: Database,
    registry: Registry,
    replica: Database | None = None,
) -> FastAPI:
    """The application over a migrated database and perhaps a replica of it; whoever calls closes
    them."""
    door_threads = ThreadPoolExecutor(_DOOR_THREADS, thread_name_prefix="door")
    intake_threads = ThreadPoolExecutor(_INTAKE_THREADS, thread_name_prefix="intake")
    calendars = Calendars()
    context = Context(
        settings=settings,
        database=database,
        registry=registry if settings.patrol_days else registry.without_optional(),
        metrics=Metrics(),
        tile_threads=ThreadPoolExecutor(tile_threads(settings), thread_name_prefix="tile"),
        door_threads=door_threads,
        door=Together(
            partial(found_sessions, database), door_threads, most=_AT_ONCE, goes=_DOOR_THREADS
        ),
        intake_threads=intake_threads,
        intake=Together(
            partial(logging.taken_in, database, calendars),
            intake_threads,
            most=intake.MOST,
            goes=_INTAKE_THREADS,
        ),
        states=Together(partial(states, database), door_threads, most=_AT_ONCE),
        tiles=TileShelf(settings.tile_cache_mb * MB),
        exports=BoundedSemaphore(export_places(settings)),
        provider=Provider.of(settings),
        streams=Streams(database.lasting, CHANNEL),
        photos=photo_store.opened(settings.photo_place),
        workdays=calendars,
        replica=None if replica is None else Replica(replica),
    )
    app = FastAPI(
        title="Gridfield",
        version=__version__,
        openapi_url=None,  # our own routes serve it, and pages to read it, without a CDN
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        middleware=_middleware(context),
        responses=REFUSALS,
        form_limits={"max_files": 1, "max_fields": 100},
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.context = context
    errors.install(app)
    for subject in _SUBJECTS:
        app.include_router(subject.router)
    return app


def connections(settings: Settings) -> int:
    """How many connections the application can use at once, so that it never waits for one."""
    shorts = _DOOR_THREADS + _INTAKE_THREADS + STREAM_THREADS
    return settings.workers + tile_threads(settings) + export_places(settings) + shorts


def tile_threads(settings: Settings) -> int:
    """Half as many as other requests have: more only contend for the same cores."""
    return max(2, settings.workers // 2)


def export_places(settings: Settings) -> int:
    """How many exports may run at once."""
    return max(1, settings.workers // 2)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    anyio.to_thread.current_default_thread_limiter().total_tokens = context.settings.workers
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(settling.keep, context)
        yield
        tasks.cancel_scope.cancel()
    await anyio.to_thread.run_sync(context.streams.close)
    for threads in (context.tile_threads, context.door_threads, context.intake_threads):
        threads.shutdown(wait=False, cancel_futures=True)


def _middleware(context: Context) -> list[Middleware]:
    settings = context.settings
    return [
        Middleware(HeadAsGet),
        Middleware(Metered, metrics=context.metrics),
        Middleware(Hardened),
        Middleware(Caught),
        Middleware(KnownHost, names=settings.hosts),
        Middleware(SameSite),
        Middleware(Door, context=context),
        Middleware(TileWay, context=context),
        Middleware(
            GZipMiddleware, minimum_size=1000, compresslevel=1, exclude_content_types=_PACKED
        ),
        Middleware(
            BodyGuard, limit_of=_limit_of(settings), timeout_s=float(settings.upload_timeout_s)
        ),
    ]


def _limit_of(settings: Settings) -> Callable[[Scope], int]:
    def limit_of(scope: Scope) -> int:
        path = scope["path"]
        if _UPLOADS.fullmatch(path):
            return settings.upload_limit_mb * MB
        if _STEPS.fullmatch(path):
            return _PHOTOS_OF_A_STEP * settings.photo_limit_mb * MB
        return settings.photo_limit_mb * MB if _PHOTOS.fullmatch(path) else _BODY_LIMIT

    return limit_of
