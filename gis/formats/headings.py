"""Which columns of a table say where, and on what datum, by the many names that they have."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gis.datum import Datum

LON, LAT, WKT = "lon", "lat", "wkt"

# In China's survey books 横坐标 is the easting and called Y, 纵坐标 the northing and called X, so
# that only the numbers tell which of X and Y is the easting.
_PAIRS = (
    (LON, LAT),
    ("经度", "纬度"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("long", "lat"),
    ("东经", "北纬"),
    ("經度", "緯度"),
    ("東經", "北緯"),
    ("经度坐标", "纬度坐标"),
    ("x", "y"),
    ("x坐标", "y坐标"),
    ("坐标x", "坐标y"),
    ("东坐标", "北坐标"),
    ("横坐标", "纵坐标"),
    ("easting", "northing"),
    ("point_x", "point_y"),
)
_DEGREES = (("经度", "纬度"), ("longitude", "latitude"), ("lon", "lat"), ("lng", "lat"))
_TOGETHER = ("经纬度", "坐标", "经纬度坐标", "位置坐标", "coordinates")
_WKTS = (WKT, "geometry", "geom")

# A datum's name, or the CRS of longitudes and latitudes on one that has no public way to WGS 84.
_Named = Datum | str | None
_XIAN_1980, _BEIJING_1954 = "EPSG:4610", "EPSG:4214"
_WORDS: Mapping[Datum | str, str] = {
    Datum.WGS84: r"wgs[-_ ]?(19)?84|cgcs[-_ ]?2000|国家2000|2000国家大地|大地2000",
    Datum.GCJ02: r"gcj[-_ ]?(20)?02|火星|国测局|高德|腾讯|amap|gaode|tencent",
    Datum.BD09: r"bd[-_ ]?09(ll)?|百度|baidu",
    _XIAN_1980: r"(西安|xi'?an)[-_ ]?(19)?80",
    _BEIJING_1954: r"(北京|beijing)[-_ ]?(19)?54",
}
# What people put beside the name of a datum: 高德地图经度, 经度(WGS84坐标系), GCJ02_lng.
_BESIDE = r"(地图|坐标系|坐标(?=[经纬xy]))?"
_NAMED = {named: re.compile(f"({words}){_BESIDE}") for named, words in _WORDS.items()}


class Where(NamedTuple):
    """The columns that say where, by their headings: "points" of two, both "together", or "wkt".

    `datum` or `crs` is what the headings name, None when they name none.
    """

    columns: tuple[str, ...]
    kind: str
    datum: Datum | None = None
    crs: str | None = None


def where(heading: Sequence[str], preferred: Datum | None = None) -> Where | None:
    """The columns that say where, None without such.

    Of several, those of the `preferred` datum come first; without it WGS 84, then what is named.

    >>> found = where(["编号", "经度(GCJ-02)", "纬度(GCJ-02)"])
    >>> found.columns, found.datum.value
    (('经度(GCJ-02)', '纬度(GCJ-02)'), 'gcj02')
    """
    by_named: dict[_Named, dict[str, str]] = defaultdict(dict)
    for title in reversed(heading):
        named, name = _read(title)
        by_named[named][name] = title
    order = (preferred, None, *_WORDS) if preferred else (*Datum, None, *_WORDS)
    for each in order:
        # Asked of every line of a file until one says where: most name no datum at all.
        columns = _of_one(by_named[each]) if each in by_named else None
        if columns and isinstance(each, Datum):
            return Where(*columns, datum=each)
        if columns:
            return Where(*columns, crs=each)
    return None


def plain(text: str) -> str:
    """Full-width digits and signs as ordinary ones.

    >>> plain("１０１．８３，３６．６２")
    '101.83,36.62'
    """
    return unicodedata.normalize("NFKC", text)


def _of_one(named: Mapping[str, str]) -> tuple[tuple[str, ...], str] | None:
    for family in _PAIRS:
        if all(column in named for column in family):
            return tuple(named[column] for column in family), "points"
    prefixed = _prefixed(named)
    if len(prefixed) == 1:
        return prefixed[0], "points"
    for kind, names in (("wkt", _WKTS), ("together", _TOGETHER)):
        for column in names:
            if column in named:
                return (named[column],), kind
    return None


def _prefixed(named: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs such as 点位经度 and 点位纬度; there are two of them where a line begins and ends."""
    return [
        (named[name], named[name[: -len(lon)] + lat])
        for lon, lat in _DEGREES
        for name in named
        if name.endswith(lon) and name[: -len(lon)] + lat in named
    ]


def _read(title: str) -> tuple[_Named, str]:
    """What a heading names, and the rest of it without unit and spaces: 经度(°) is 经度."""
    text = plain(title).casefold()[:100]
    named = next((each for each, words in _NAMED.items() if words.search(text)), None)
    if named is not None:
        text = _NAMED[named].sub("", text)
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|/.*|\s", "", text)
    return named, bare.strip("_-·:.")
