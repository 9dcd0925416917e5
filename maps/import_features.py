"""The rows of an upload as GeoJSON for the preview map, in WGS 84 and no finer than it can show."""

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gis import geojson
from gis.datum import Datum, convert_geometries
from gis.errors import Lang
from gis.files import Source
from gis.geometry import Geometries
from layers.arriving.examination import Examination, State
from layers.declaring.words import Layer
from maps.words.wording import words

# More than a person looks at and a phone draws at once.
MAPPED = 5000
# About half a metre, in degrees of latitude; only what has many corners needs it.
_FINE_DEG, _MANY_CORNERS = 4.5e-6, 400
_TITLE = 100
# What has to be looked at comes first when not everything can be drawn.
_FIRST = (State.REFUSED, State.CHANGED, State.NEW, State.UNCHANGED, State.KNOWN)

Order = npt.NDArray[np.intp]
Properties = Mapping[str, object]


def of_examination(examination: Examination, lang: Lang) -> bytes:
    """The rows with what would become of them as their class, and what is wrong as their text."""
    said, states = words("import", lang), examination.states
    faults: dict[int, str] = {}
    for finding in examination.findings:
        if finding.row is not None:
            faults.setdefault(finding.row, finding.sentence(lang))
    titled = _titles(examination.layer, examination.source, examination.matched.used, lang)

    def properties(n: int) -> Properties:
        text = faults.get(n + 1, said[f"state_{states[n].value}"])
        return {"class": states[n].value, "title": titled(n), "text": text, "row": n + 1}

    ranks = {state: rank for rank, state in enumerate(_FIRST)}
    order = np.argsort([ranks[state] for state in states], kind="stable")
    return _collection(examination.source.frame.geometry.to_numpy(), order, properties)


def of_candidate(examination: Examination, datum: Datum, lang: Lang) -> bytes:
    """The rows where they would lie if the file, read as WGS 84, were of that datum."""
    source = examination.source
    titled = _titles(examination.layer, source, examination.matched.used, lang)
    name = words("import", lang)[f"datum_{datum.value}"]

    def properties(n: int) -> Properties:
        return {"class": "row", "title": titled(n), "text": name, "row": n + 1}

    read = source.frame.geometry.to_numpy()
    moved = read if datum is Datum.WGS84 else convert_geometries(read, datum, Datum.WGS84)
    return _collection(moved, np.arange(len(read)), properties)


def _titles(
    layer: Layer, source: Source, used: Mapping[str, str], lang: Lang
) -> Callable[[int], str]:
    """What each row is called: its title or, without one, its number."""
    said = words("import", lang)["title_row"]
    column = used.get(layer.title or "")
    named: Sequence[object] = source.frame[column].tolist() if column else ()

    def titled(n: int) -> str:
        own = named[n] if named else None
        return said.format(row=n + 1) if own is None else str(own)[:_TITLE]

    return titled


def _collection(
    geometries: Geometries, order: Order, properties: Callable[[int], Properties]
) -> bytes:
    west, south, east, north = shapely.bounds(geometries).T
    finite = np.isfinite(west + south + east + north)
    chosen = order[finite[order]][:MAPPED]
    drawn = _simplified(geometries[chosen])
    texts = (
        _feature(geometry, properties(int(n))) for n, geometry in zip(chosen, drawn, strict=True)
    )
    return b"".join(geojson.collection(texts))


def _feature(geometry: BaseGeometry, properties: Properties) -> str:
    made = {"type": "Feature", "properties": properties, "geometry": geojson.to_rfc7946(geometry)}
    # Half a surrogate pair may come in a file; it has no UTF-8.
    return json.dumps(made, allow_nan=False).encode("utf-8", "replace").decode()


def _simplified(geometries: Geometries) -> Geometries:
    found = geometries.copy()
    rich = shapely.get_num_coordinates(found) > _MANY_CORNERS
    found[rich] = shapely.simplify(found[rich], _FINE_DEG)
    return found
