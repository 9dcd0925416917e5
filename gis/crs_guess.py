"""Believing coordinates that come without a word: which CRS, which datum, how sure, and why.

A guess is for a person to confirm. Ranges tell the kind of a coordinate and, with a zone prefix,
its zone; the central meridian of six-digit eastings, and axes in doubt, only show when the points
are laid over the division they should lie in. Datums do not show at all: CGCS2000, Xian 1980 and
Beijing 1954 differ by less than what any range or coarse outline tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from gis.coordinates import Floats, Move
from gis.crs import parse
from gis.datum import Datum, convert
from gis.errors import Lang
from gis.reproject import find_road

Range = tuple[float, float]

_LON, _LAT = (73.0, 136.0), (3.0, 54.5)  # China with its seas
_NORTHING_M = (3.0e5, 6.1e6)  # the same latitudes in any Gauss-Krüger zone
_THREE_DEGREE_M, _SIX_DEGREE_M = 300_000, 400_000  # how far from the central meridian data may lie
_COARSE_DEG = 1e-3  # outlines may be drawn so coarsely; wrong CRS are kilometres away
_BORDER_DEG = 1e-6  # so that points on the very border count, rounded as they are
_SAMPLE = 2000
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Guess:
    """One reading of coordinates. `swapped`: the first is north (or latitude), the second east.

    `confidence` is from 0 to 1, over all guesses at most 1. `share_inside` is the share of the
    points within the division, None when none was given. Where the grid of a 3° and of a 6° zone
    are one and the same, `crs` is the 3° zone's.
    """

    crs: str  # as `crs.parse` reads it: "EPSG:4522"
    swapped: bool
    confidence: float
    share_inside: float | None
    zh: str
    en: str

    def reason(self, lang: Lang = "zh") -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class DatumCandidate:
    """What follows if points are of `datum`: the share of them within the division, and how far
    on average reading them as WGS 84 would be off."""

    datum: Datum
    share_inside: float
    displacement_m: float


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which coordinates are written in China, and the ranges that tell it."""

    crs: str
    x: Range
    y: Range
    zh: str
    en: str
    either_order: bool = True
    trust: float = 0.95


@dataclass(frozen=True, slots=True)
class _Reading:
    form: _Form
    swapped: bool
    fit: float  # the share of the points within the form's ranges
    inside: float | None = None


def guess(
    x: npt.ArrayLike, y: npt.ArrayLike, division: BaseGeometry | None = None
) -> tuple[Guess, ...]:
    """The CRS that coordinates may be in, the most likely first; none when no form fits.

    `x`, `y`: first and second coordinate as they stand in the file, arrays of one shape, in any
    unit; bounds may be given as two corners. `division`: where the points should lie, in longitude
    and latitude (WGS 84); readings that put none of them there are left out, unless no reading
    puts any there: then all remain, hardly believed.

    >>> [(g.crs, g.swapped) for g in guess([4054354.3, 4055001.0], [34484793.0, 34484999.0])]
    [('EPSG:4522', True)]
    >>> len(guess([484793.0], [4054354.3])), guess([484793.0], [4054354.3])[0].confidence < 0.1
    (21, True)
    >>> guess([484793.0], [4054354.3], shapely.box(101.7, 36.5, 102.0, 36.7))[0].crs
    'EPSG:4543'
    """
    first, second = _sample(x, y)
    if first.size == 0:
        return ()
    readings = list(_fitting(_CHINESE, first, second)) or list(_fitting(_WORLD, first, second))
    if division is None or not readings:
        return _ranked(readings)
    about = shapely.buffer(division, _COARSE_DEG, quad_segs=2)
    laid = [_laid_over(reading, first, second, about) for reading in readings]
    return _ranked([reading for reading in laid if reading.inside] or laid)


def datum_candidates(
    lon: npt.ArrayLike, lat: npt.ArrayLike, division: BaseGeometry
) -> tuple[DatumCandidate, ...]:
    """What each datum would mean for points, in the order of `Datum`; nothing is decided.

    `lon`, `lat`: degrees, arrays of one shape; `division`: longitude and latitude, WGS 84. Points
    that are not finite do not count. Near a border, or with a division drawn coarsely, shares that
    differ little prove nothing: let a person decide, or use a control point.

    >>> found = datum_candidates([101.8318], [36.6198], shapely.box(101.8, 36.6, 101.9, 36.7))
    >>> [(c.datum.value, c.share_inside, round(c.displacement_m)) for c in found]
    [('wgs84', 1.0, 0), ('gcj02', 1.0, 163), ('bd09', 1.0, 976)]
    """
    lon, lat = _sample(lon, lat)
    with_border = shapely.buffer(division, _BORDER_DEG, quad_segs=2)
    return tuple(_datum_candidate(datum, lon, lat, with_border) for datum in Datum)


def _datum_candidate(
    datum: Datum, lon: Floats, lat: Floats, division: BaseGeometry
) -> DatumCandidate:
    if lon.size == 0:
        return DatumCandidate(datum, 0.0, 0.0)
    true_lon, true_lat = convert(lon, lat, datum, Datum.WGS84)
    _, _, off_m = _GEOD.inv(lon, lat, true_lon, true_lat)
    share = _share_inside(division, true_lon, true_lat)
    return DatumCandidate(datum, share, float(np.mean(off_m)))


def _sample(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    first = np.asarray(x, dtype=np.float64).ravel()
    second = np.asarray(y, dtype=np.float64).ravel()
    finite = np.flatnonzero(np.isfinite(first) & np.isfinite(second))
    if finite.size > _SAMPLE:
        finite = finite[np.linspace(0, finite.size - 1, _SAMPLE).astype(np.intp)]
    return first[finite], second[finite]


def _fitting(forms: tuple[_Form, ...], first: Floats, second: Floats) -> Iterator[_Reading]:
    for form in forms:
        for swapped in (False, True) if form.either_order else (False,):
            x, y = (second, first) if swapped else (first, second)
            fit = float(np.mean(_within(x, form.x) & _within(y, form.y)))
            if fit > 0.5:  # a few stray points, such as 0, 0, shall not hide the rest
                yield _Reading(form, swapped, fit)


def _within(values: Floats, limits: Range) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (values >= limits[0]) & (values <= limits[1])
    return inside


def _laid_over(
    reading: _Reading, first: Floats, second: Floats, division: BaseGeometry
) -> _Reading:
    x, y = (second, first) if reading.swapped else (first, second)
    lon, lat = _move_of(reading.form.crs)(x, y)
    share = _share_inside(division, lon, lat)
    return _Reading(reading.form, reading.swapped, reading.fit, share)


@cache
def _move_of(crs: str) -> Move:
    return find_road(parse(crs)).move


def _share_inside(division: BaseGeometry, lon: Floats, lat: Floats) -> float:
    shapely.prepare(division)
    known = np.isfinite(lon) & np.isfinite(lat)
    inside = shapely.intersects_xy(division, lon[known], lat[known])
    return float(np.count_nonzero(inside) / lon.size)


def _ranked(readings: list[_Reading]) -> tuple[Guess, ...]:
    weights = [r.fit if r.inside is None else r.inside for r in readings]
    total = sum(weights)
    if readings and total == 0:  # all miss the division: what the ranges say, hardly believed
        weights, total = [r.fit for r in readings], 10 * sum(r.fit for r in readings)
    guesses = [_guess(r, w * w / total) for r, w in zip(readings, weights, strict=True)]
    return tuple(sorted(guesses, key=lambda g: (-g.confidence, g.swapped, g.crs)))


def _guess(reading: _Reading, likelihood: float) -> Guess:
    form, zh, en = reading.form, reading.form.zh, reading.form.en
    if reading.swapped:
        zh += "；第一列是北坐标（纬度），第二列是东坐标（经度），需对调"
        en += "; the first column is north (latitude), the second east (longitude)"
    if reading.inside is not None:
        zh += f"；{reading.inside:.0%} 的点落在区划内"
        en += f"; {reading.inside:.0%} of the points lie in the division"
    confidence = form.trust * likelihood
    return Guess(form.crs, reading.swapped, confidence, reading.inside, zh, en)


def _in_zone(zone: int, degrees: int, codes: tuple[int, int, int]) -> _Form:
    epsg, xian, beijing = codes
    meridian = _meridian(zone, degrees)
    middle = zone * 1_000_000 + 500_000
    reach_m = _THREE_DEGREE_M if degrees == 3 else _SIX_DEGREE_M
    return _Form(
        f"EPSG:{epsg}",
        (middle - reach_m, middle + reach_m),
        _NORTHING_M,
        f"横坐标以带号 {zone} 开头：CGCS2000 {degrees}°带高斯投影，中央经线 {meridian}°；"
        f"西安 80（EPSG:{xian}）、北京 54（EPSG:{beijing}）的数值范围相同，由此不能区分",
        f"eastings begin with zone number {zone}: CGCS2000, {degrees}-degree Gauss-Krüger, "
        f"central meridian {meridian}° E; Xian 1980 (EPSG:{xian}) and Beijing 1954 "
        f"(EPSG:{beijing}) look the same by range",
    )


def _around_meridian(zone: int, codes: tuple[int, int, int]) -> _Form:
    epsg, xian, beijing = codes
    meridian = _meridian(zone, 3)
    six = meridian % 6 == 3  # the middle of a 6° zone as well: one grid under two codes
    reach_m = _SIX_DEGREE_M if six else _THREE_DEGREE_M
    same = f"EPSG:{4502 + meridian // 6 - 12}"
    return _Form(
        f"EPSG:{epsg}",
        (500_000 - reach_m, 500_000 + reach_m),
        _NORTHING_M,
        "横坐标没有带号，中央经线未知，"
        f"此处按 CGCS2000 高斯投影、中央经线 {meridian}°"
        + (f"（6°带 {same} 与此相同）" if six else "")
        + f"；西安 80（EPSG:{xian}）、北京 54（EPSG:{beijing}）的数值范围相同，由此不能区分",
        "eastings have no zone number, so the central meridian is unknown; this is CGCS2000 "
        f"Gauss-Krüger around {meridian}° E"
        + (f" (6-degree {same} is the same)" if six else "")
        + f"; Xian 1980 (EPSG:{xian}) and Beijing 1954 (EPSG:{beijing}) look the same by range",
    )


def _meridian(zone: int, degrees: int) -> int:
    return 3 * zone if degrees == 3 else 6 * zone - 3


_LONLAT_ZH = "经纬度（度）；CGCS2000 视同 WGS 84，而 GCJ-02、BD-09 不能由数值范围排除"
_LONLAT_EN = (
    "longitude and latitude in degrees; CGCS2000 counts as WGS 84, and GCJ-02 and BD-09 cannot be "
    "told by range"
)
_CHINESE = (
    _Form("EPSG:4326", _LON, _LAT, f"中国范围内的{_LONLAT_ZH}", f"within China: {_LONLAT_EN}"),
    *(_in_zone(z, 3, (4488 + z, 2324 + z, 2376 + z)) for z in range(25, 46)),
    *(_in_zone(z, 6, (4478 + z, 2314 + z, 21400 + z)) for z in range(13, 24)),
    *(_around_meridian(z, (4509 + z, 2345 + z, 2397 + z)) for z in range(25, 46)),
    _Form(
        "EPSG:3857",
        (8.12e6, 15.15e6),
        (3.3e5, 7.26e6),
        "中国范围内的 Web 墨卡托（米）；是否带 GCJ-02、BD-09 偏移不能由此判断",
        "within China: Web Mercator in metres; whether shifted to GCJ-02 or BD-09 does not show",
        either_order=False,
    ),
)
# Looked at only when nothing Chinese fits.
_WORLD = (
    _Form(
        "EPSG:4326",
        (-180, 180),
        (-90, 90),
        f"中国以外的{_LONLAT_ZH}",
        f"outside China: {_LONLAT_EN}",
        either_order=False,
        trust=0.5,
    ),
)
