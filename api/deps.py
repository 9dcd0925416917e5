"""What routes ask for by type. All are coroutines: an ordinary function would cost a thread hop.

A connection is no dependency: a request that held one while it waits for a thread would block
those that hold the threads while they wait for a connection. Routes open their own transaction
in their own thread, and it has ended before there is an answer to send.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from starlette.concurrency import run_in_threadpool

from api import ids
from api.auth import acting_context, actor_of, signed_in
from api.context import Context, context_of, lang_of
from api.refusals import REGISTER_UNMAPPED
from api.uploads import drafts
from api.uploads.drafts import Drafts
from gis.errors import Lang, Problem
from layers.admission.sessions import Session
from layers.declaring.people import Actor
from layers.declaring.rights import ROLE_LABELS, Right, allowed
from layers.declaring.words import Layer
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.people import FORBIDDEN
from layers.submissions import receiving as submissions

_ASKED_S = 1.0


async def _hanging_up(request: Request) -> Callable[[], bool]:
    """Whether whoever asked has gone, to be asked by any thread but that of the event loop."""
    loop = asyncio.get_running_loop()

    def hung_up() -> bool:
        with suppress(TimeoutError):
            asked = asyncio.run_coroutine_threadsafe(request.is_disconnected(), loop)
            return asked.result(timeout=_ASKED_S)
        return False

    return hung_up


HangingUp = Annotated[Callable[[], bool], Depends(_hanging_up)]


async def _application(request: Request) -> Context:
    return context_of(request)


async def _session(request: Request) -> Session:
    return signed_in(request)


async def _actor(request: Request) -> Actor:
    return actor_of(request)


async def _context(request: Request, actor: "ActorOf") -> Context:
    require(actor, Right.READ)
    return acting_context(request)


def needs(right: Right) -> Dependency:
    """A dependency of a route, or of all routes of a router, that asks for this right."""

    async def check(actor: ActorOf) -> None:
        require(actor, right)

    dependency: Dependency = Depends(check)
    return dependency


def require(actor: Actor, right: Right) -> None:
    """Problem(FORBIDDEN) where the actor's role has not this right."""
    if not allowed(actor, right):
        label = ROLE_LABELS[actor.role]
        raise Problem(FORBIDDEN, role=label.en, role_zh=label.zh)


async def _lang(request: Request) -> Lang:
    return lang_of(request)


async def _layer(request: Request, layer: str) -> Layer:
    return context_of(request).registry.layer(layer)


async def _mapped_layer(layer: "LayerOf") -> Layer:
    return mapped(layer)


def mapped(layer: Layer) -> Layer:
    """The layer, if it can be drawn; Problem(REGISTER_UNMAPPED)."""
    if not layer.has_shape:
        raise Problem(REGISTER_UNMAPPED, layer=layer.label.en, layer_zh=layer.label.zh)
    return layer


async def _uploads(request: Request, actor: "ActorOf") -> Drafts:
    return drafts.waiting(context_of(request).settings, actor.account_id)


async def _feature_id(request: Request, layer: "LayerOf", feature_id: str) -> int:
    """By its number, or by the name under which a phone sent it."""
    uuid = ids.uuid(feature_id) if layer.logged else None
    if uuid is not None:
        database = acting_context(request).database
        found = await run_in_threadpool(submissions.feature_of, database, layer, uuid)
        if found is not None:
            return found
    return ids.read(feature_id, Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id))


ActorOf = Annotated[Actor, Depends(_actor)]
SessionOf = Annotated[Session, Depends(_session)]
Ctx = Annotated[Context, Depends(_context)]
Application = Annotated[Context, Depends(_application)]
"""The context without anybody who acts: for what is open to all, and for accounts themselves."""
ReaderLang = Annotated[Lang, Depends(_lang)]
LayerOf = Annotated[Layer, Depends(_layer)]
MappedLayer = Annotated[Layer, Depends(_mapped_layer)]
"""A layer whose features have places; of a register there is no map."""
FeatureId = Annotated[int, Depends(_feature_id)]
Uploads = Annotated[Drafts, Depends(_uploads)]
"""The files that wait for a word of whoever asks, and of nobody else."""
