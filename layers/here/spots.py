"""Where many points lie, by columns: a million Python objects would cost more than the search."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from gis.ground import NOTHING, Floats, Indices

# A phone cannot tell these apart: within half a metre of a border both neighbours are named.
BORDER_M = 0.5
_AT_ONCE = 10_000
KINDS = ("nearest", "road", "courtyard", "unit")

Fields = tuple[tuple[int, float], ...]
"""Fields with the metres to their borders; equal wherever points lie deep in the same fields."""


class Near(NamedTuple):
    """A feature and its geodesic distance in metres, to the centimetre."""

    id: int
    distance_m: float


@dataclass(slots=True)
class Spot:
    """Where one point lies.

    `fields` are those within BORDER_M with the distance of their border, infinite when the point
    lies deeper inside than that; `nearest` is the nearest where there are none. `place` is the code
    of its smallest division as a number, 0 outside all.
    """

    place: int = 0
    fields: dict[int, float] = field(default_factory=dict)
    nearest: Near | None = None
    road: Near | None = None
    courtyard: Near | None = None
    unit: Near | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """One feature for each point (NOTHING: none) and its metres."""

    ids: Indices
    metres: Floats

    @staticmethod
    def none(count: int) -> "Beside":
        return Beside(np.full(count, NOTHING), np.full(count, np.inf))

    def between(self, first: int, last: int) -> "Column":
        """What these points have."""
        metres = np.round(self.metres[first:last], 2)
        return Column(self.ids[first:last].tolist(), metres.tolist())


class Column(NamedTuple):
    """One feature for each of some points (NOTHING: none) and its metres, to the centimetre."""

    ids: Sequence[int]
    metres: Sequence[float]

    def near(self) -> list[Near | None]:
        """The same, point by point."""
        found = zip(self.ids, self.metres, strict=True)
        return [None if feature == NOTHING else Near(feature, m) for feature, m in found]


class Part(NamedTuple):
    """Some of the points, by columns: code of the division, fields with the distance of their
    borders, and what is beside them by its kind."""

    places: Sequence[int]
    fields: Sequence[Fields]
    beside: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Within:
    """The fields that points lie in or on: one entry for each, sorted by points."""

    points: Indices
    ids: Indices
    edge_m: Floats


@dataclass(frozen=True, slots=True)
class Spots:
    """Where many points lie; each is made a `Spot` when it is come to."""

    places: Indices
    fields: Within
    beside: Mapping[str, Beside]

    @staticmethod
    def of(found: Iterable[Any], count: int) -> "Spots":
        """From rows of point (from 1), kind, feature and metres, as `situating` selects them."""
        rows: dict[str, list[Any]] = defaultdict(list)
        for n, kind, feature, metres in found:
            rows[kind].append((n - 1, feature, metres))
        columns = {kind: _columns(rows[kind]) for kind in ("place", "field", *KINDS)}
        places = np.zeros(count, dtype=np.int64)
        points, codes, _ = columns["place"]
        places[points] = codes
        beside = {}
        for kind in KINDS:
            points, ids, metres = columns[kind]
            beside[kind] = Beside.none(count)
            beside[kind].ids[points] = ids
            beside[kind].metres[points] = metres
        points, ids, edge_m = columns["field"]
        edge_m[edge_m > BORDER_M] = np.inf
        return Spots(places, _sorted(points, ids, edge_m), beside)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Spot]:
        for part in self.parts():
            beside = zip(*(part.beside[kind].near() for kind in KINDS), strict=True)
            for place, fields, near in zip(part.places, part.fields, beside, strict=True):
                yield Spot(place, dict(fields), *near)

    def parts(self) -> Iterator[Part]:
        """All of them in their order, some at a time."""
        for first in range(0, len(self), _AT_ONCE):
            yield self._between(first, min(first + _AT_ONCE, len(self)))

    def _between(self, first: int, last: int) -> Part:
        fields: list[Fields] = [()] * (last - first)
        start, end = np.searchsorted(self.fields.points, (first, last))
        columns = (self.fields.points, self.fields.ids, self.fields.edge_m)
        for n, feature, edge_m in zip(*(c[start:end].tolist() for c in columns), strict=True):
            fields[n - first] += ((feature, edge_m),)
        beside = {kind: self.beside[kind].between(first, last) for kind in KINDS}
        return Part(self.places[first:last].tolist(), fields, beside)

    def features(self, *kinds: str) -> Collection[int]:
        """The ids of all that is beside any of the points in these ways."""
        every = np.unique(np.concatenate([self.beside[kind].ids for kind in kinds]))
        return list(every[every != NOTHING].tolist())

    def with_others(self, points: Indices, others: "Spots") -> "Spots":
        """These, but for some points, which lie as `others` says."""
        places = self.places.copy()
        places[points] = others.places
        kept = ~np.isin(self.fields.points, points)
        fields = _sorted(
            *(
                np.concatenate([mine[kept], theirs])
                for mine, theirs in (
                    (self.fields.points, points[others.fields.points]),
                    (self.fields.ids, others.fields.ids),
                    (self.fields.edge_m, others.fields.edge_m),
                )
            )
        )
        beside = {}
        for kind, mine in self.beside.items():
            beside[kind] = Beside(mine.ids.copy(), mine.metres.copy())
            beside[kind].ids[points] = others.beside[kind].ids
            beside[kind].metres[points] = others.beside[kind].metres
        return replace(self, places=places, fields=fields, beside=beside)


def _columns(rows: Sequence[tuple[int, int, float]]) -> tuple[Indices, Indices, Floats]:
    points, ids, metres = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(points, dtype=np.int64), np.array(ids, dtype=np.int64), np.array(metres, float)


def _sorted(points: Indices, ids: Indices, edge_m: Floats) -> Within:
    order = np.argsort(points, kind="stable")
    return Within(points[order], ids[order], edge_m[order])
