"""The responsibility fields: faces of the dividing lines, one for each seed of the plan."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely import Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from gis.reading_order import reading_order
from linjiaya import network, plan
from linjiaya.plan import Seed


@dataclass(frozen=True)
class Field:
    """One field in metres, with its 15-digit code."""

    code: str
    number: int
    seed: Seed
    shape: Polygon

    def rng(self) -> np.random.Generator:
        """Random numbers of this field alone, so that a change elsewhere leaves it as it is.

        They hang on its place in the plan: what stands on it does not move when it is renumbered.
        """
        own = [seed for seed in plan.SEEDS if seed.division == self.seed.division]
        place = own.index(self.seed) + 1
        return np.random.default_rng([plan.SEED, int(f"{self.seed.division}{place:03d}")])


@cache
def fields() -> tuple[Field, ...]:
    """All fields by code."""
    shapes = _shapes()
    found = [f for division in sorted(shapes) for f in _numbered(division, shapes[division])]
    return tuple(found)


def _shapes() -> dict[str, list[tuple[Seed, Polygon]]]:
    lines = [s.line for s in network.streets() if s.divides]
    faces = network.faces([*lines, *network.limits()])
    tree = STRtree(faces)
    taken: dict[int, Seed] = {}
    shapes: dict[str, list[tuple[Seed, Polygon]]] = {}
    for seed in plan.SEEDS:
        (face,) = tree.query(Point(network.bent((seed.at,))[0]), predicate="within")
        if face in taken:
            message = f"seeds {taken[face].at} and {seed.at} lie in one face"
            raise ValueError(message)
        taken[face] = seed
        shapes.setdefault(seed.division, []).append((seed, faces[face]))
    return shapes


def _numbered(division: str, shapes: list[tuple[Seed, Polygon]]) -> list[Field]:
    """From west to east within a row, the rows from north to south."""
    order = reading_order(np.array([shape for _, shape in shapes]))
    ordered = enumerate((shapes[at] for at in order), start=1)
    return [Field(f"{division}{n:03d}", n, seed, shape) for n, (seed, shape) in ordered]


@cache
def town() -> Polygon:
    """The whole street 林家崖 in metres."""
    whole = shapely.coverage_union_all([f.shape for f in fields()])
    (shape,) = network.pieces(whole)
    return shape


@cache
def unbuilt_borders() -> BaseGeometry:
    """Borders that follow no street: railway, cliff, middle of the waters."""
    return shapely.union_all(network.limits())
