"""What a draft would store, as sets to draw: one, or one for each datum that it may be in."""

from collections.abc import Callable, Mapping, Sequence

from gis.datum import Datum
from gis.errors import Lang
from layers.arriving.datum_evidence import Candidate
from layers.arriving.examination import State
from layers.declaring.words import Layer, Paint, Shape
from maps.drawing import Drawn, DrawnClass, Pattern
from maps.figures import number
from maps.words.wording import words

_STATES: Mapping[State, tuple[Paint, Pattern]] = {
    State.NEW: (Paint("#1F8F78", Shape.CIRCLE), "fill"),
    State.CHANGED: (Paint("#B9770E", Shape.DIAMOND), "hatch"),
    State.UNCHANGED: (Paint("#77828E", Shape.SQUARE), "outline"),
    State.KNOWN: (Paint("#77828E", Shape.SQUARE), "dotted"),
    State.REFUSED: (Paint("#D13B4A", Shape.TRIANGLE), "cross"),
}
_DATUMS: Mapping[Datum, tuple[Paint, Pattern]] = {
    Datum.WGS84: (Paint("#1F8F78", Shape.CIRCLE, 3), "outline"),
    Datum.GCJ02: (Paint("#D13B4A", Shape.TRIANGLE, 3), "dashed"),
    Datum.BD09: (Paint("#7A6AD8", Shape.DIAMOND, 3), "dotted"),
}


def rows(layer: Layer, lang: Lang, url: str) -> Drawn:
    """The rows of a file by what would become of them: the class is
    `layers.arriving.examination.State`."""
    said = words("overlay", lang)
    classes = [
        DrawnClass(state.value, said[state.value], paint, pattern)
        for state, (paint, pattern) in _STATES.items()
    ]
    return Drawn("rows", said["rows"], classes, url=url, geometry=layer.geometry)


def candidates(
    layer: Layer, lang: Lang, url_of: Callable[[Datum], str], among: Sequence[Candidate]
) -> tuple[Drawn, ...]:
    """The same rows once for each datum, told apart by colour and line, and how far they lie apart.

    The class of every feature is "row".
    """
    return tuple(_candidate(layer, lang, url_of(found.datum), found) for found in among)


def _candidate(layer: Layer, lang: Lang, url: str, found: Candidate) -> Drawn:
    paint, pattern = _DATUMS[found.datum]
    classes = [DrawnClass("row", _apart(found, lang), paint, pattern)]
    label = words("overlay", lang)[found.datum.value]
    return Drawn(found.datum.value, label, classes, url=url, geometry=layer.geometry)


def _apart(found: Candidate, lang: Lang) -> str:
    said = words("overlay", lang)
    label = said["as_written"]
    if found.displacement_m >= 1:
        label = said["apart"].format(metres=number(round(found.displacement_m)))
    if found.share_inside is None:
        return label
    return said["inside"].format(label=label, share=round(100 * found.share_inside))
