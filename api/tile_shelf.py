"""Tiles that were made before: kept in this process, and given again while nothing has changed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.types import Scope

from api.shelf import Shelf
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.freshness.counting import Version
from layers.reading.conditions import Conditions
from layers.serving.tiles import Question

# What an entry takes besides its bytes, roughly.
_ENTRY_BYTES = 1000
# There are few maps, but a query may say the same in many ways.
_ADDRESSES = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """A tile; `zipped` is the same by gzip where that is worth it, `layers` are the names of those
    in it."""

    body: bytes
    zipped: bytes | None
    etag: str
    layers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what its answer depends on besides the data: the ground that whoever asks
    sees, and the role that decides what they are told of it."""

    question: Question
    division: str
    role: str

    @classmethod
    def by(cls, actor: Actor, question: Question) -> "Asked":
        """What somebody asks."""
        return cls(question, actor.division, actor.role.value)


@dataclass(frozen=True, slots=True)
class Meant:
    """What an address of tiles asks for besides the place, once its route has read it."""

    route: Any
    layers: tuple[Layer, ...]
    on: date | None
    within: str | None
    at: date | None
    filters: Conditions = ()


class Understood:
    """What the addresses of this process's tiles mean: all of a map differ in their place alone.

    Changed on the event loop alone, so it needs no lock.
    """

    def __init__(self) -> None:
        self._meant: dict[tuple[str | None, bytes], Meant] = {}

    def get(self, layer: str | None, query: bytes) -> Meant | None:
        """What is meant by a layer in the path and by a query, if it is known."""
        return self._meant.get((layer, query))

    def put(self, scope: Scope, meant: Meant) -> None:
        """Remember what a request has meant."""
        if len(self._meant) >= _ADDRESSES:
            self._meant.clear()
        self._meant[scope["path_params"].get("layer"), scope["query_string"]] = meant


class TileShelf(Shelf[Asked, Kept]):
    """Tiles that were made before, bounded in bytes, and what addresses of tiles mean."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.understood = Understood()

    def keep(self, asked: Asked, version: Version | None, kept: Kept) -> None:
        """Keep a tile."""
        self.put(asked, version, kept, len(kept.body) + len(kept.zipped or b"") + _ENTRY_BYTES)
