"""What a page showed of an upload, kept beside it for the map on that page.

A page, its map and the map's features are three requests; the file is examined for the first.
"""

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely

from api.refusals import UNKNOWN_DRAFT
from api.uploads.drafts import Draft
from gis.datum import Datum, convert
from gis.errors import Lang, Problem
from layers.arriving.datum_evidence import Candidate
from layers.arriving.examination import Examination
from maps import import_features
from maps.pages.import_draft import Told
from maps.style import Bounds

_PREFIX, _ROWS, _VIEW = "preview-", "rows", "view"


@dataclass(frozen=True, slots=True)
class View:
    """What a map of an upload shows: `candidates` are the datums that are open, none where the
    rows themselves are drawn; `bounds` hold the rows that lie where they should."""

    candidates: tuple[Candidate, ...]
    bounds: Bounds | None


def keep(
    draft: Draft, told: Told, examination: Examination, outside: Sequence[int], lang: Lang
) -> View:
    """Write down what the map will ask for, instead of what an earlier page wrote."""
    for path in draft.folder.glob(f"{_PREFIX}*"):
        path.unlink(missing_ok=True)
    evidence = examination.evidence if examination.doubts else None
    among = evidence.candidates if evidence else ()
    view = View(among, _bounds(examination, outside, [each.datum for each in among]))
    for each in view.candidates:
        body = import_features.of_candidate(examination, each.datum, lang)
        _write(draft, _name(told, lang, each.datum.value), body)
    if not view.candidates:
        body = import_features.of_examination(examination, lang)
        _write(draft, _name(told, lang, _ROWS), body)
    # Written last: whoever finds it finds the others.
    _write(draft, _name(told, lang, _VIEW), json.dumps(asdict(view)).encode())
    return view


def view(draft: Draft, told: Told, lang: Lang) -> View | None:
    """What a page wrote down; None where none with these answers was the last one."""
    body = _read(draft, _name(told, lang, _VIEW))
    if body is None:
        return None
    found: dict[str, Any] = json.loads(body)
    among = (Candidate(**{**each, "datum": Datum(each["datum"])}) for each in found["candidates"])
    return View(tuple(among), found["bounds"] and tuple(found["bounds"]))


def _bounds(
    examination: Examination, outside: Sequence[int], datums: Sequence[Datum]
) -> Bounds | None:
    """West, south, east, north; a row whose coordinates are wrong must not hide the others."""
    geometries = np.delete(
        examination.source.frame.geometry.to_numpy(), np.asarray(outside, dtype=np.intp) - 1
    )
    if not geometries.size:
        return None
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(geometries))
    if not math.isfinite(west + south + east + north):
        return None
    corners = [convert([west, east], [south, north], d, Datum.WGS84) for d in datums]
    lons = np.array([[west, east], *(lon for lon, _ in corners)])
    lats = np.array([[south, north], *(lat for _, lat in corners)])
    return float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max())


def features(draft: Draft, told: Told, lang: Lang, datum: str | None) -> bytes:
    """The rows as GeoJSON, or where a datum would put them; Problem(UNKNOWN_DRAFT)."""
    body = _read(draft, _name(told, lang, datum or _ROWS))
    if body is None:
        raise Problem(UNKNOWN_DRAFT)
    return body


def _name(told: Told, lang: Lang, kind: str) -> str:
    return f"{_PREFIX}{told.digest()}-{lang}-{kind}"


def _write(draft: Draft, name: str, body: bytes) -> None:
    with suppress(FileNotFoundError):  # discarded meanwhile
        draft.folder.joinpath(name).write_bytes(body)


def _read(draft: Draft, name: str) -> bytes | None:
    with suppress(FileNotFoundError):
        return draft.folder.joinpath(name).read_bytes()
    return None
