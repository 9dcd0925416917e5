"""Coordinate reference systems: every road in ends at longitude and latitude, WGS 84.

Policy: CGCS2000 (EPSG:4490) is taken as identical to WGS 84 (EPSG:4326), which is true to less
than a metre. A CRS whose datum PROJ would silently equate with WGS 84 is refused.
"""

import math
import re
from functools import lru_cache

from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import Problem
from gis.refusals.coordinates import CRS_UNKNOWN
from gis.refusals.values import BAD_PARAMETER

_CODE = re.compile(
    r"((urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"(?P<authority>EPSG|ESRI|OGC)[:/]([\d.]*[:/])?)?(?P<code>\d{4,6}|CRS84)",
    re.IGNORECASE,
)
_GRID_FILE = re.compile(r"grids=(?!@null\b[^,])|PARAMETERFILE", re.IGNORECASE)
_LONGEST_WKT = 100_000
_SAME_AS_WGS84 = ("4326", "4490")
# The datum as Chinese programs write it beside PROJ's own "China 2000".
_NAMES_OF_CGCS2000 = ("cgcs2000", "china2000", "chinageodeticcoordinatesystem2000")


def named(code: str) -> CRS:
    """The CRS of a code as a person writes it: "EPSG:4490" or "4522".

    Problem(BAD_PARAMETER) when it is none.
    """
    try:
        if _CODE.fullmatch(code.strip()):
            return parse(code)
    except Problem:
        pass
    raise Problem(
        BAD_PARAMETER,
        name="crs",
        reason_zh=f"“{code}”不是 EPSG 坐标系编号",
        reason=f"{code!r} is no EPSG code",
    )


def described(text: str | None) -> CRS | None:
    """The CRS that a file states; None when it states none, or one that is not of the Earth.

    Problem(CRS_UNKNOWN) when the text is no CRS, or would make PROJ open grid files.
    """
    crs = parse(text) if text else None
    return crs if crs is not None and crs.geodetic_crs is not None else None


def parse(text: str) -> CRS:
    """The CRS that a text names: a code, an OGC URN or URL, WKT 1 or 2, or an ESRI .prj.

    Codes are of EPSG ("EPSG:4522" or bare "4522"), ESRI or OGC ("OGC:CRS84"). The result is as
    stated, with its own axes; all of ours reads x before y (GIS order) whatever the axes say.
    PROJ strings, files and WKT that refers to grid files are not read. Problem(CRS_UNKNOWN).

    >>> parse("urn:ogc:def:crs:EPSG::4522").name
    'CGCS2000 / 3-degree Gauss-Kruger zone 34'
    """
    stated = text.strip("\ufeff\0 \t\r\n")
    code = _CODE.fullmatch(stated)
    try:
        if code:
            return _of_code((code["authority"] or "EPSG").upper(), code["code"].upper())
        if "[" in stated and len(stated) <= _LONGEST_WKT and not _GRID_FILE.search(stated):
            return CRS.from_wkt(stated)
    except CRSError:
        pass
    raise Problem(CRS_UNKNOWN, text=stated)


@lru_cache(maxsize=512)
def _of_code(authority: str, code: str) -> CRS:
    return CRS.from_authority(authority, code)


def equivalent(a: CRS, b: CRS) -> bool:
    """Whether coordinates of `a` may be taken as coordinates of `b`, x before y, unchanged.

    True for the same CRS in another spelling, axis order, or with a height beside it (4979, 4480),
    and by our policy where nothing but WGS 84 (4326) and CGCS2000 (4490) tells them apart.

    >>> equivalent(parse("EPSG:4490"), parse("OGC:CRS84")), equivalent(CRS(4490), CRS(4522))
    (True, False)
    """
    a, b = plane(a), plane(b)
    if on_wgs84(a) and on_wgs84(b):
        return _way_of_counting(a) == _way_of_counting(b)
    if of_unknown_datum(a) != of_unknown_datum(b):
        return False
    same_base = a.geodetic_crs is not None and a.geodetic_crs.equals(
        b.geodetic_crs, ignore_axis_order=True
    )
    return a.equals(b, ignore_axis_order=True) or (same_base and counted_alike(a, b))


def counted_alike(a: CRS, b: CRS) -> bool:
    """Whether two CRS have the same units, axes and projection, on whatever datum.

    >>> counted_alike(parse("EPSG:4522"), parse("EPSG:2358"))  # CGCS2000 and Xian 1980, zone 34
    True
    """
    return _way_of_counting(plane(a)) == _way_of_counting(plane(b))


@lru_cache(maxsize=512)
def _way_of_counting(crs: CRS) -> object:
    """What makes coordinates of a datum: units, and the projection with its parameters."""
    units = {round(axis.unit_conversion_factor, 12) for axis in crs.axis_info}
    projection = crs.coordinate_operation
    if projection is None:
        return crs.type_name, units, crs.prime_meridian and crs.prime_meridian.longitude
    parameters = {
        p.name: round(float(p.value) * p.unit_conversion_factor, 10) for p in projection.params
    }
    return units, projection.method_name, parameters


def on_wgs84(crs: CRS) -> bool:
    """Whether the datum is WGS 84 or, by our policy, CGCS2000; for projected CRS as well."""
    base = plane(crs).geodetic_crs
    if base is None or base.datum is None or of_unknown_datum(base):
        return False
    if any(base.equals(_of_code("EPSG", code), ignore_axis_order=True) for code in _SAME_AS_WGS84):
        return True
    name = re.sub(r"^D_|[\W_]", "", base.datum.name).casefold()
    ellipsoid = base.ellipsoid
    return (
        name in _NAMES_OF_CGCS2000
        and ellipsoid is not None
        and ellipsoid.semi_major_metre == 6378137
        and abs(ellipsoid.inverse_flattening - 298.257222101) < 1e-6
    )


def of_unknown_datum(crs: CRS) -> bool:
    """PROJ takes a datum "unknown" for any other on the same ellipsoid."""
    return crs.datum is not None and crs.datum.name.casefold().startswith("unknown")


@lru_cache(maxsize=512)
def plane(crs: CRS) -> CRS:
    """The CRS of x and y alone, without heights and without shift parameters that a file adds."""
    flat = crs.to_2d()
    return flat.source_crs if flat.is_bound and flat.source_crs is not None else flat


@lru_cache(maxsize=128)  # PROJ compares with all that it knows, for half a second
def brief(crs: CRS) -> str:
    """How a CRS is named to people: "EPSG:4522" where it has a code, else its own name."""
    code = _own_code(crs) or crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def _own_code(crs: CRS) -> int | None:
    """The EPSG code that a text states of itself, where it is right; PROJ asks for axes as well."""
    stated = crs.to_json_dict().get("id", {})
    if stated.get("authority") != "EPSG":
        return None
    try:
        return (
            int(stated["code"]) if equivalent(_of_code("EPSG", str(stated["code"])), crs) else None
        )
    except (CRSError, ValueError):
        return None


def said(text: str | None) -> str | None:
    """What a file states about its CRS, brief; its first words when they are no CRS."""
    try:
        crs = described(text)
    except Problem:
        return (text or "")[:60]
    return brief(crs) if crs else None


def in_degrees_from_greenwich(crs: CRS) -> bool:
    """Whether the coordinates are longitude and latitude as everybody counts them."""
    meridian = crs.prime_meridian
    degrees = all(
        math.isclose(axis.unit_conversion_factor, math.radians(1), rel_tol=1e-9)
        for axis in crs.to_2d().axis_info
    )
    return crs.is_geographic and degrees and meridian is not None and meridian.longitude == 0
