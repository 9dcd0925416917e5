"""Where the numbers of a file lie: their CRS, their axes, their datum, each with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gis import crs as crs_policy
from gis import crs_guess
from gis.belief import Basis, Hints
from gis.coordinates import Floats, move_geometries
from gis.datum import Datum, convert, convert_geometries
from gis.errors import Finding, Problem
from gis.formats.rawtable import RawTable
from gis.geometry import Findings, Geometries, force_2d, looks_like_lonlat
from gis.refusals.coordinates import (
    CRS_MISFIT,
    DATUM_CONVERTED,
    DATUM_NEEDS_LONLAT,
    DATUM_OVERRIDDEN,
)
from gis.refusals.files import AXES_SWAPPED, CRS_ASSUMED, CRS_GUESSED, CRS_OVERRIDDEN, FILE_CRS
from gis.reproject import Applied, FourParameters, HelmertParameters, geometries_to_wgs84

_LON_LAT = crs_policy.parse("EPSG:4326")
# Web maps draw in it, and what is drawn on a Chinese one has that map's datum.
_WEB_MERCATOR = crs_policy.parse("EPSG:3857")
_GUESSES_SHOWN = 5
_TELLING = 1000
_NAMES = {Datum.WGS84: "WGS 84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Geometries in longitude and latitude, degrees, WGS 84, and how they came there.

    The other fields are those of `gis.belief.Belief`; `notes` is what a person should know.
    """

    geometries: Geometries
    crs: str
    crs_basis: Basis
    datum: Datum
    datum_basis: Basis
    operation: Mapping[str, Any] | None
    notes: Findings
    reading: "Reading"
    north_first: bool


class Reading(NamedTuple):
    """The CRS that the numbers are taken for, None for a local grid with parameters."""

    crs: CRS | None
    basis: Basis
    notes: Findings = ()


class _Datum(NamedTuple):
    datum: Datum
    basis: Basis
    notes: Findings = ()


def locate(
    name: str,
    raw: RawTable,
    hints: Hints,
    within: BaseGeometry | None,
    *,
    after: Located | None = None,
) -> Located:
    """The geometries of a table, heights dropped, where `raw` and `hints` say they are.

    `within` is the ground that they should lie in (longitude and latitude, EPSG:4326); it decides
    between guesses. Coordinates that can only be north before east are swapped. What follows in
    the same file `after` others is read as they were, wherever it then lies. Problems: FILE_CRS
    and CRS_MISFIT with the guesses as findings (CRS_GUESSED), CRS_UNKNOWN, BAD_PARAMETER,
    DATUM_NEEDS_LONLAT and those of `gis.reproject.find_road`.
    """
    given = force_2d(raw.geometries)
    if after is None:
        reading = _reading(name, given, raw, hints, within)
        north_first = _north_first(given, reading.crs, hints.parameters, within)
    else:
        reading, north_first = after.reading, after.north_first
    ordered = _swapped(given) if north_first else given
    lonlat, applied = geometries_to_wgs84(ordered, reading.crs, hints.parameters)
    if after is None and not looks_like_lonlat(lonlat):
        guesses = list(_guessed(given, within))
        raise Problem(CRS_MISFIT, findings=guesses, name=name, crs=applied.source)
    found = _datum(lonlat, reading, raw.datum, hints.datum)
    if found.datum is not Datum.WGS84:
        lonlat = convert_geometries(lonlat, found.datum, Datum.WGS84)
    swapped = (Finding(AXES_SWAPPED),) if north_first else ()
    return Located(
        geometries=lonlat,
        crs=applied.source,
        crs_basis=reading.basis,
        datum=found.datum,
        datum_basis=found.basis,
        operation=_operation(reading.crs, applied, found.datum),
        notes=(*reading.notes, *swapped, *found.notes),
        reading=reading,
        north_first=north_first,
    )


# --- the CRS ------------------------------------------------------------------------------------
def _reading(
    name: str, geometries: Geometries, raw: RawTable, hints: Hints, within: BaseGeometry | None
) -> Reading:
    """The person's word, the file's word, or what the numbers say."""
    if hints.crs:
        return _told(hints.crs, raw.crs)
    stated = crs_policy.described(raw.crs)
    if stated is not None and stated.is_projected:
        return Reading(stated, Basis.STATED)
    if not _may_be_lonlat(geometries):
        if isinstance(hints.parameters, FourParameters):
            return Reading(None, Basis.TOLD)
        raise Problem(FILE_CRS, findings=list(_guessed(geometries, within)), name=name)
    if stated is not None or raw.datum is not None:
        return Reading(stated or _LON_LAT, Basis.STATED)
    return Reading(_LON_LAT, Basis.ASSUMED, (Finding(CRS_ASSUMED),))


def _told(code: str, found: str | None) -> Reading:
    given = crs_policy.named(code)
    words = {"found": crs_policy.said(found), "given": crs_policy.brief(given)}
    differ = found is not None and words["found"] != words["given"]
    return Reading(given, Basis.TOLD, (Finding(CRS_OVERRIDDEN, values=words),) if differ else ())


def _may_be_lonlat(geometries: Geometries) -> bool:
    return looks_like_lonlat(geometries) or _only_swapped(geometries, _LON_LAT)


def _guesses(
    geometries: Geometries, within: BaseGeometry | None = None
) -> Sequence[crs_guess.Guess]:
    west, south, east, north = shapely.bounds(geometries).T
    return crs_guess.guess((west + east) / 2, (south + north) / 2, within)


def _guessed(geometries: Geometries, within: BaseGeometry | None) -> Iterator[Finding]:
    for guess in _guesses(geometries, within)[:_GUESSES_SHOWN]:
        values = {
            "crs": guess.crs,
            "swapped": guess.swapped,
            "confidence": guess.confidence,
            "share_inside": guess.share_inside,
            "reason_zh": guess.zh,
            "reason": guess.en,
        }
        yield Finding(CRS_GUESSED, values=values)


# --- the axes -----------------------------------------------------------------------------------
def _north_first(
    geometries: Geometries,
    crs: CRS | None,
    parameters: HelmertParameters | None,
    within: BaseGeometry | None,
) -> bool:
    """Whether the numbers can only be of this CRS with north (latitude) as their first."""
    if crs is not None:
        return _only_swapped(geometries, crs)
    if within is None:  # nothing tells the axes of a local grid but the ground it lies on
        return False
    shares = [
        _share_inside(geometries_to_wgs84(each, None, parameters)[0], within)
        for each in (geometries, _swapped(geometries))
    ]
    return shares[0] == 0 < shares[1]


def _only_swapped(geometries: Geometries, crs: CRS) -> bool:
    readings = {
        guess.swapped
        for guess in _guesses(geometries)
        if crs_policy.counted_alike(crs_policy.parse(guess.crs), crs)
    }
    return readings == {True}


def _swapped(geometries: Geometries) -> Geometries:
    turned: Geometries = move_geometries(geometries, lambda x, y: (y, x))
    return turned


def _share_inside(geometries: Geometries, within: BaseGeometry) -> float:
    present = geometries[~shapely.is_missing(geometries)]
    with np.errstate(invalid="ignore"):  # what is no number is nowhere
        return float(np.mean(shapely.intersects(present, within))) if len(present) else 0.0


# --- the datum ----------------------------------------------------------------------------------
def _datum(lonlat: Geometries, reading: Reading, named: Datum | None, told: Datum | None) -> _Datum:
    """What the longitudes and latitudes refer to: as told, as a heading names it, or as labelled.

    A projection is of survey offices, whose datum is certain. Where no datum shifts anything,
    far from China, there is nothing to doubt.
    """
    found = told or named
    if found is not None:
        if found is not Datum.WGS84 and not _in_doubt(reading.crs):
            raise Problem(DATUM_NEEDS_LONLAT, crs=_brief(reading.crs))
        basis = Basis.TOLD if told else Basis.STATED
        return _Datum(found, basis, tuple(_datum_notes(found, named)))
    if not _in_doubt(reading.crs) or not _moves(lonlat):
        return _Datum(Datum.WGS84, Basis.STATED)
    assumed = reading.basis is Basis.ASSUMED
    return _Datum(Datum.WGS84, Basis.ASSUMED if assumed else Basis.LABELLED)


def _in_doubt(crs: CRS | None) -> bool:
    """Whether coordinates of this CRS may be of another datum than it says."""
    return crs is not None and (
        crs_policy.equivalent(crs, _LON_LAT) or crs_policy.equivalent(crs, _WEB_MERCATOR)
    )


def _moves(lonlat: Geometries) -> bool:
    lon, lat = shapely.get_coordinates(lonlat).T
    finite = np.isfinite(lon) & np.isfinite(lat)
    lon, lat = lon[finite], lat[finite]
    # Most files lie in one country as a whole, so that their first points tell.
    return _shifted(lon[:_TELLING], lat[:_TELLING]) or _shifted(lon[_TELLING:], lat[_TELLING:])


def _shifted(lon: Floats, lat: Floats) -> bool:
    there = convert(lon, lat, Datum.BD09, Datum.WGS84)
    return bool((there[0] != lon).any() or (there[1] != lat).any())


def _datum_notes(datum: Datum, named: Datum | None) -> Iterator[Finding]:
    if named is not None and named is not datum:
        words = {"found": _NAMES[named], "given": _NAMES[datum]}
        yield Finding(DATUM_OVERRIDDEN, values=words)
    if datum is not Datum.WGS84:
        yield Finding(DATUM_CONVERTED, values={"datum": _NAMES[datum]})


def _operation(crs: CRS | None, applied: Applied, datum: Datum) -> Mapping[str, Any] | None:
    if datum is not Datum.WGS84:
        steps = f"{applied.operation}; {_NAMES[datum]} to WGS 84 by the inverse of its formula"
        return Applied(applied.source, steps, None).record()
    nothing_done = crs is not None and crs.equals(_LON_LAT, ignore_axis_order=True)
    return None if nothing_done else applied.record()


def _brief(crs: CRS | None) -> str:
    return "—" if crs is None else crs_policy.brief(crs)
