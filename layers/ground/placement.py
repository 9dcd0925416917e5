"""Which division each part of a partition belongs to, and in which it lies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gis.errors import Problem
from gis.geometry import Geometries
from gis.region import Flags
from layers.declaring import codes
from layers.declaring.words import Code
from layers.ground.partition import Division, Parts, Reader
from layers.refusals.ground import UNKNOWN_DIVISION

Scope = frozenset[str] | None
"""The codes of the divisions that are looked at; None for all."""


@dataclass(frozen=True)
class Tree:
    """The stored divisions, and which lies within which by their parents."""

    divisions: Mapping[str, Division]

    @cached_property
    def leaves(self) -> tuple[Division, ...]:
        """The divisions that no other has as its parent."""
        parents = {division.parent for division in self.divisions.values()}
        return tuple(d for code, d in self.divisions.items() if code not in parents)

    def subtree(self, code: str) -> frozenset[str]:
        """The code, and those of all divisions below."""
        return frozenset(n for n in (code, *self.divisions) if self.is_within(n, code))

    def is_within(self, code: str, other: str) -> bool:
        """Whether the first is the second or below it."""
        return other in self._upwards(code)

    def are_related(self, code: str, other: str) -> bool:
        """Whether one is the other or above it."""
        return self.is_within(code, other) or self.is_within(other, code)

    def _upwards(self, code: str | None) -> Iterator[str]:
        seen: set[str] = set()  # what is stored may run in a ring
        while code is not None and code not in seen:
            seen.add(code)
            yield code
            above = self.divisions.get(code)
            code = None if above is None else above.parent


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The parts to be checked, and some around them; those with an invalid geometry are apart.

    For each part: `own`, the ground to keep within, `leaf`, the smallest division that it lies in
    (both None where that is not known), and whether it is one of those that were asked for.
    `frame` is the ground that ought to be covered, empty where no division says so.
    """

    tree: Tree
    parts: Parts
    invalid: Parts
    own: Geometries
    leaf: tuple[Division | None, ...]
    is_member: Flags
    frame: shapely.MultiPolygon


def site(reader: Reader, division: str | None) -> Site:
    """The parts of a division and of those below it; of all, with None.

    Problem(UNKNOWN_DIVISION) when neither is there a division with this code nor a part of it.
    """
    tree = Tree(reader.divisions())
    if division is not None and division not in tree.divisions:
        _refuse_unless_code(division)  # fields may have one that is not stored
    scope = None if division is None else tree.subtree(division)
    parts = _read(reader, tree, scope)
    is_valid = np.asarray(shapely.is_valid(parts.geometries))
    parts, invalid = parts.at(is_valid), parts.at(~is_valid)
    if division is not None and division not in tree.divisions and not parts.rows:
        raise Problem(UNKNOWN_DIVISION, code=division)
    leaf = _leaves(parts, tree)
    homes = (
        tree.divisions.get(row.division or "") or lies_in
        for row, lies_in in zip(parts.rows, leaf, strict=True)
    )
    own: Geometries = np.array([home and home.ground for home in homes], dtype=object)
    return Site(
        tree,
        parts,
        invalid,
        own,
        leaf,
        _members(parts, leaf, scope),
        _frame(parts, leaf, tree, scope),
    )


def _refuse_unless_code(division: str) -> None:
    if codes.check(Code.DIVISION, division) is not None:
        raise Problem(UNKNOWN_DIVISION, code=division)


def _read(reader: Reader, tree: Tree, scope: Scope) -> Parts:
    if scope is None:
        return reader.parts()
    wanted = reader.belongs(scope)
    grounds = [leaf.ground for leaf in tree.leaves if leaf.code in scope]
    if grounds:
        west, south, east, north = shapely.total_bounds(grounds).tolist()
        wanted |= reader.boxed((west, south, east, north))
    return reader.parts(wanted)


def _leaves(parts: Parts, tree: Tree) -> tuple[Division | None, ...]:
    """By a point within each part."""
    grounds = np.array([leaf.ground for leaf in tree.leaves], dtype=object)
    points = shapely.STRtree(shapely.point_on_surface(parts.geometries))
    found: list[Division | None] = [None] * len(parts.rows)
    for n, part in zip(*points.query(grounds, predicate="intersects"), strict=True):
        found[part] = found[part] or tree.leaves[n]
    return tuple(found)


def _members(parts: Parts, leaf: tuple[Division | None, ...], scope: Scope) -> Flags:
    return np.array(
        [
            scope is None or row.division in scope or (lies_in and lies_in.code in scope)
            for row, lies_in in zip(parts.rows, leaf, strict=True)
        ],
        dtype=bool,
    )


def _frame(
    parts: Parts, leaf: tuple[Division | None, ...], tree: Tree, scope: Scope
) -> shapely.MultiPolygon:
    """The leaves that were asked for; when all were, those where somebody has begun."""
    if scope is None:
        begun = {row.division for row in parts.rows} | {at.code for at in leaf if at}
        scope = frozenset(division.code for division in tree.leaves if division.code in begun)
    united = shapely.union_all([at.ground for at in tree.leaves if at.code in scope])
    return shapely.MultiPolygon(list(shapely.get_parts(united)))
