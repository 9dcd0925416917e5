"""A small picture for each theme, drawn from the geometry and the paints of its layers.

An invented patch of ground, the same for every theme; what is drawn on it follows from the
declarations, so that a later layer has its picture too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from markupsafe import Markup

from layers.declaring.words import WARNING_COLOUR, Geometry, Layer, Theme
from layers.registry import Registry
from maps.style import classes, drawn_as
from maps.swatch import symbol

Point = tuple[float, float]

# Bends of the street corners, in px: a ground of straight lines looks invented.
_BENDS = (3, -5, 6, 0, -6, 4, -2, 5, -3, 7, -4, 2, 6, -6, 1, -3)
# Which tint stands on which block, row by row; equal neighbours are one leader's ground.
_TINTS = ((0, 0, 1, 1, 2, 2, 3), (3, 4, 4, 1, 5, 5, 7), (3, 6, 6, 6, 0, 0, 7))


@dataclass(frozen=True, slots=True)
class Ground:
    """A patch of streets and blocks: how many of them, and how much of it is in the picture."""

    columns: int
    rows: int
    width: int
    height: int

    def corner(self, column: int, row: int) -> Point:
        bend = _BENDS[(column * 5 + row * 3) % len(_BENDS)]
        return (62 * column - 11 * row + bend - 44, 60 * row - 7 * column + bend * 0.8 - 10)

    def block(self, column: int, row: int) -> Sequence[Point]:
        steps = ((0, 0), (1, 0), (1, 1), (0, 1))
        return [self.corner(column + right, row + down) for right, down in steps]

    def blocks(self) -> Iterator[tuple[int, int]]:
        return ((column, row) for row in range(self.rows) for column in range(self.columns))

    def middles(self) -> Iterator[Point]:
        """The middles of the blocks that are wholly in the picture."""
        for column, row in self.blocks():
            corners = self.block(column, row)
            x, y = (sum(axis) / len(corners) for axis in zip(*corners, strict=True))
            inside = _MARGIN < x < self.width - _MARGIN and _MARGIN < y < self.height - _MARGIN
            if inside:
                yield x, y

    def along(self, row: int) -> Sequence[Point]:
        """The street that runs above a row of blocks."""
        return [self.corner(column, row) for column in range(self.columns + 1)]

    def across(self, column: int) -> Sequence[Point]:
        """The street that runs left of a column of blocks."""
        return [self.corner(column, row) for row in range(self.rows + 1)]


CARD = Ground(columns=8, rows=5, width=380, height=130)
WIDE = Ground(columns=15, rows=6, width=780, height=130)
HERO = Ground(columns=12, rows=9, width=560, height=290)
_MARGIN = 18  # a symbol nearer to the edge would be cut


def motif(theme: Theme, registry: Registry, ground: Ground = CARD) -> Markup:
    """The picture of a theme as inline SVG; surfaces that turn with dark mode carry classes."""
    drawn = [(layer, drawn_as(layer, theme)) for layer in registry.drawn(theme)]
    subjects = [layer for layer, role in drawn if role == "subject"]
    areas, lines, points = (
        [layer for layer in subjects if layer.geometry is kind]
        for kind in (Geometry.POLYGON, Geometry.LINE, Geometry.POINT)
    )
    # Themes of points alone would all look the same if they began at the same block.
    first = list(registry.themes).index(theme.name)
    parts = [
        *_streets(ground),
        *(_fields(layer, ground) for layer in areas if layer.style.by),
        *(_outlines(ground) for _, role in drawn if role == "context"),
        *(_boundary(layer, ground) for layer in areas if not layer.style.by),
        *(_roads(layer, ground) for layer in lines),
        *_points(points, ground, first),
    ]
    return _svg("".join(parts), ground)


def _streets(ground: Ground) -> Iterator[str]:
    streets = [ground.along(row) for row in range(1, ground.rows)]
    streets += [ground.across(column) for column in range(1, ground.columns)]
    return (f'<path class="motif-street" d="{_d(street)}"/>' for street in streets)


def _fields(layer: Layer, ground: Ground) -> str:
    colours = layer.style.tints or [paint.colour for _, _, paint in classes(layer)]
    return "".join(
        f'<path class="motif-field" d="{_d(ground.block(column, row))}z"'
        f' fill="{colours[_tint(column, row) % len(colours)]}"/>'
        for column, row in ground.blocks()
    )


def _tint(column: int, row: int) -> int:
    again, place = divmod(column, len(_TINTS[0]))
    return _TINTS[row % len(_TINTS)][place] + 2 * again + 3 * (row // len(_TINTS))


def _outlines(ground: Ground) -> str:
    return "".join(
        f'<path class="motif-outline" d="{_d(ground.block(column, row))}z"/>'
        for column, row in ground.blocks()
    )


def _boundary(layer: Layer, ground: Ground) -> str:
    ((_, _, paint),) = classes(layer)
    edge = [*ground.across(3)[:3], *ground.along(2)[4:]]
    return f'<path class="motif-boundary" d="{_d(edge)}" stroke="{paint.colour}"/>'


def _roads(layer: Layer, ground: Ground) -> str:
    roads = [ground.along(1), ground.across(2), ground.across(5), ground.along(3)]
    paints = [paint for _, _, paint in classes(layer)]
    # The widest last, so that it runs through at the crossings.
    written = [
        f'<path class="motif-casing" d="{_d(road)}" stroke-width="{paint.width + 1.6:g}"/>'
        f'<path class="motif-road" d="{_d(road)}" stroke="{paint.colour}"'
        f' stroke-width="{paint.width:g}"/>'
        for road, paint in reversed(list(zip(roads, cycle(paints), strict=False)))
    ]
    if layer.style.alert_without:
        gap = ground.along(2)[3:5]
        written.append(f'<path class="motif-gap" d="{_d(gap)}" stroke="{WARNING_COLOUR}"/>')
    return "".join(written)


def _points(layers: Sequence[Layer], ground: Ground, first: int) -> Iterator[str]:
    middles, step = list(ground.middles()), max(len(layers), 2)
    for place, layer in enumerate(layers):
        # Each layer has blocks of its own, else one would cover the other.
        own = middles[(first + place) % step :: step]
        paints = cycle(paint for _, _, paint in classes(layer))
        scales = cycle((1.8, 1.2, 1.5) if layer.style.size_by else (1.4,))
        for middle, paint, scale in zip(own, paints, scales, strict=False):
            yield _symbol(middle, scale, symbol(paint))


def _symbol(middle: Point, scale: float, content: str) -> str:
    x, y = middle[0] - 13 * scale, middle[1] - 9 * scale
    return f'<g transform="translate({x:.1f} {y:.1f}) scale({scale:g})">{content}</g>'


def _d(points: Sequence[Point]) -> str:
    first, *others = (f"{x:.4g} {y:.4g}" for x, y in points)
    return f"M{first}" + "".join(f"L{place}" for place in others)


def _svg(content: str, ground: Ground) -> Markup:
    # Numbers, constants and the #rrggbb colours of paints.
    return Markup(  # noqa: S704
        f'<svg class="motif" viewBox="0 0 {ground.width} {ground.height}"'
        f' preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
        f"{content}</svg>"
    )
