"""Small pictures of how things are drawn, as SVG with presentation attributes and no inline style.

Colours come from `Paint`, which admits #rrggbb alone; what turns with dark mode is `currentColor`.
"""

from collections.abc import Sequence

from markupsafe import Markup

from layers.declaring.words import Geometry, Layer, Paint, Shape

_WIDTH, _HEIGHT = 26, 18
_SHAPES = {
    Shape.CIRCLE: "M13 3.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11z",
    Shape.SQUARE: "M8 4h10v10h-10z",
    Shape.DIAMOND: "M13 2l7 7l-7 7l-7-7z",
    Shape.TRIANGLE: "M13 2.5l7 12.5h-14z",
}
_HATCHES = {
    "hatch": "M4 15.5l9-13M9 15.5l9-13M14 15.5l9-13",
    "counterhatch": "M4 2.5l9 13M9 2.5l9 13M14 2.5l9 13",
    "cross": "M4 15.5l9-13M13 15.5l9-13M4 2.5l9 13M13 2.5l9 13",
}
_DASHES = {"dashed": "5 3", "dotted": "0.1 4"}
_BOX = "M2.5 2.5h21v13h-21z"
_STROKE = "M3 9h20"


def of(layer: Layer, paint: Paint) -> Markup:
    """The swatch of one class of a layer."""
    if layer.geometry is Geometry.POINT:
        return _svg(symbol(paint))
    if layer.geometry is Geometry.LINE:
        return _svg(_line(paint))
    if layer.style.by is None:
        return _svg(_drawn(_BOX, paint.colour, 2))
    if paint.hatched:
        return drawn(layer.geometry, paint, "cross")
    return _svg(_filled(_BOX, paint.colour, edge=paint.colour, opacity=0.55))


def drawn(geometry: Geometry, paint: Paint, pattern: str) -> Markup:
    """The swatch of a class of a set that is drawn from GeoJSON."""
    if geometry is Geometry.POINT:
        return _svg(symbol(paint))
    if geometry is Geometry.LINE:
        return _svg(_line(paint))
    dashes = _DASHES.get(pattern)
    dash = {"stroke_dasharray": dashes, "stroke_linecap": "round"} if dashes else {}
    edge = _drawn(_BOX, paint.colour, 2, **dash)
    if pattern in _HATCHES:
        return _svg(_drawn(_HATCHES[pattern], paint.colour, 1.3) + edge)
    return _svg(
        _filled(_BOX, paint.colour, edge="none", opacity=0.35) + edge if pattern == "fill" else edge
    )


def ring() -> Markup:
    """A mark around what would be too small to see."""
    return _svg(
        _drawn(_SHAPES[Shape.CIRCLE], "currentColor", 2)
        + _filled("M12 8h2v2h-2z", "currentColor", edge="none")
    )


def symbol(paint: Paint) -> str:
    """A point symbol in a box of 26 by 18, without the `<svg>` around it."""
    return _filled(_SHAPES[paint.shape], paint.colour)


def neighbours(tints: Sequence[str]) -> Markup:
    """Fields of different colours side by side, as in layers whose neighbours differ."""
    step = 21 / len(tints)
    boxes = (f"M{2.5 + i * step:g} 2.5h{step:g}v13h-{step:g}z" for i in range(len(tints)))
    fields = (_filled(box, tint, opacity=0.7) for box, tint in zip(boxes, tints, strict=True))
    return _svg("".join(fields))


def ramp(colours: Sequence[str]) -> Markup:
    """From few to many."""
    step = 21 / len(colours)
    parts = (
        _filled(f"M{2.5 + i * step:g} 2.5h{step:g}v13h-{step:g}z", colour, edge="none")
        for i, colour in enumerate(colours)
    )
    return _svg("".join(parts))


def alert(geometry: Geometry, colour: str) -> Markup:
    """What lacks the field it should have: striped line, hatched field, ringed symbol."""
    if geometry is Geometry.LINE:
        edged = _drawn(_STROKE, colour, 7.5) + _drawn(_STROKE, "#fff", 5)
        return _svg(edged + _drawn(_STROKE, colour, 5, stroke_dasharray="5 3"))
    if geometry is Geometry.POLYGON:
        hatching = _drawn("M5 15.5l9-13M12 15.5l9-13", colour, 1.4)
        return _svg(hatching + _drawn(_BOX, colour, 1.6, stroke_dasharray="4 2.5"))
    return _svg(_drawn(_SHAPES[Shape.CIRCLE], colour, 2.2, stroke_dasharray="3.5 2"))


def outline() -> Markup:
    """A layer that is there for orientation alone."""
    return _svg(_drawn(_BOX, "currentColor", 1, opacity=0.5))


def sizes() -> Markup:
    """Symbols that grow with a number."""
    rings = "M4.5 10.5a2 2 0 1 1 0 4a2 2 0 1 1 0-4zM16.5 3a6 6 0 1 1 0 12a6 6 0 1 1 0-12z"
    return _svg(_drawn(rings, "currentColor", 1.3, opacity=0.75))


def _line(paint: Paint) -> str:
    width = max(2.0, min(paint.width, 6.0))
    casing = _drawn(_STROKE, "currentColor", width + 1.6, opacity=0.35)
    return casing + _drawn(_STROKE, paint.colour, width)


def _filled(shape: str, colour: str, edge: str | None = None, **more: str | float) -> str:
    # White edges are the style sheet's: a page holds a hundred symbols.
    edged: dict[str, str | float] = {"stroke": edge, "stroke_width": 1.2} if edge else {}
    return _path(shape, fill=colour, **edged, **more)


def _drawn(shape: str, colour: str, width: float, **more: str | float) -> str:
    return _path(shape, fill="none", stroke=colour, stroke_width=width, **more)


def _path(shape: str, **attributes: str | float) -> str:
    written = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in attributes.items())
    return f'<path d="{shape}"{written}/>'


def _svg(content: str) -> Markup:
    # Only numbers, constants and #rrggbb colours come in here.
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" aria-hidden="true">{content}</svg>'
    )
