"""Coordinate systems as a person chooses among them: those of the place, in words."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gis import crs
from gis.errors import Lang, Problem
from layers.declaring.words import Label

_CODE = re.compile(r"EPSG:(\d+)")
# The zones for which EPSG has codes of CGCS2000, by the width of a zone in degrees.
_ZONES = {3: range(25, 46), 6: range(13, 24)}
# (datum, width of the zone, whether eastings begin with the zone) → code of zone z is base + z.
_BASES = {
    ("CGCS2000", 3, False): 4509,
    ("CGCS2000", 3, True): 4488,
    ("CGCS2000", 6, False): 4489,
    ("CGCS2000", 6, True): 4478,
    ("Xian 1980", 3, False): 2345,
    ("Xian 1980", 3, True): 2324,
    ("Beijing 1954", 3, False): 2397,
    ("Beijing 1954", 3, True): 2376,
}
_DATUMS = {
    "CGCS2000": Label("CGCS2000", "CGCS2000"),
    "Xian 1980": Label("西安 80", "Xian 1980"),
    "Beijing 1954": Label("北京 54", "Beijing 1954"),
}
_EVERYWHERE = {
    "EPSG:4326": Label("经纬度 · WGS 84", "Longitude and latitude · WGS 84"),
    "EPSG:4490": Label("经纬度 · CGCS2000", "Longitude and latitude · CGCS2000"),
    "EPSG:3857": Label("Web 墨卡托（网络地图）", "Web Mercator"),
}
# What tells them apart comes first: a phone cuts the end off.
_WITHOUT_ZONE = Label(
    "{datum} · {width}°带 · 无带号（东坐标 6 位）· 中央经线 {meridian}°",
    "{datum} · {width}° · no zone (6-digit eastings) · around {meridian}° E",
)
_WITH_ZONE = Label(
    "{datum} · {width}°带 · 带号 {zone}（东坐标 8 位）· 中央经线 {meridian}°",
    "{datum} · {width}° · zone {zone} (8-digit eastings) · around {meridian}° E",
)


@dataclass(frozen=True, slots=True)
class CrsChoice:
    """One entry of the list: `code` as `gis.crs.named` reads it."""

    code: str
    label: str


def offered(lang: Lang, longitude: float | None, chosen: str = "") -> list[CrsChoice]:
    """What data of a place are likely to be in; `longitude` (degrees) tells the zones.

    `chosen` is in the list whatever it is.
    """
    codes = list(_EVERYWHERE)[:2]
    codes += [] if longitude is None else list(_around(longitude))
    codes += list(_EVERYWHERE)[2:]
    if chosen and chosen not in codes:
        codes.append(chosen)
    return [CrsChoice(code, label(code, lang)) for code in codes]


def label(code: str, lang: Lang) -> str:
    """A CRS in words with its code, as far as we have words for it."""
    said = _EVERYWHERE[code].of(lang) if code in _EVERYWHERE else _zone_label(code, lang)
    said = said or _own_name(code)
    if not said or said == code:
        return code
    return f"{said}（{code}）" if lang == "zh" else f"{said} ({code})"


def _around(longitude: float) -> Iterator[str]:
    for (_, width, _), base in _BASES.items():
        zone = round(longitude / 3) if width == 3 else math.floor(longitude / 6) + 1
        if zone in _ZONES[width]:
            yield f"EPSG:{base + zone}"


def _zone_label(code: str, lang: Lang) -> str:
    found = _CODE.fullmatch(code)
    for (datum, width, prefixed), base in _BASES.items():
        zone = int(found[1]) - base if found else 0
        if zone in _ZONES[width]:
            said = (_WITH_ZONE if prefixed else _WITHOUT_ZONE).of(lang)
            meridian = 3 * zone if width == 3 else 6 * zone - 3
            return said.format(
                datum=_DATUMS[datum].of(lang), width=width, meridian=meridian, zone=zone
            )
    return ""


def _own_name(code: str) -> str:
    try:
        return crs.parse(code).name
    except Problem:
        return ""
