"""What routes ask for by type. All are coroutines: an ordinary function would cost a thread hop.

A connection is no dependency: a request that held one while it waits for a thread would block
those that hold the threads while they wait for a connection. Routes open their own transaction
in their own thread, and it has ended before there is an answer to send.
"""

from typing import Annotated

from fastapi import Depends, Request

from api.context import Context, context_of, lang_of
from gis.errors import UNKNOWN_FEATURE, Lang, Problem
from layers.declare import Layer

_MAX_DIGITS = 18


async def _context(request: Request) -> Context:
    return context_of(request)


async def _lang(request: Request) -> Lang:
    return lang_of(request)


async def _layer(request: Request, layer: str) -> Layer:
    return context_of(request).registry.layer(layer)


async def _feature_id(layer: str, feature_id: str) -> int:
    # What is no number of ours names nothing, it is not a wrong parameter.
    if not (feature_id.isascii() and feature_id.isdigit() and len(feature_id) <= _MAX_DIGITS):
        raise Problem(UNKNOWN_FEATURE, layer=layer, id=feature_id)
    return int(feature_id)


Ctx = Annotated[Context, Depends(_context)]
ReaderLang = Annotated[Lang, Depends(_lang)]
LayerOf = Annotated[Layer, Depends(_layer)]
FeatureId = Annotated[int, Depends(_feature_id)]
