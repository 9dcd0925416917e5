"""Own and foreign places for the search for leaks: where they are, and how their records tell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from layers.declaring.words import Geometry, Layer, Type
from tests.factories import LAT, LON, record
from tests.photographs import name_of, photograph

DISTRICT, STREET, OTHER_STREET = "630102000000", "630102007000", "630102008000"
OWN, SIBLING, ABROAD = "630102007001", "630102007002", "630102008001"
NOTHING_THERE = "630102007003"  # a community without any ground
# Surnames that nobody has here and that stay of a masked name: only foreign texts have them. They
# sort by how far they are, as tints are given by name (docs/decisions/0010).
NEAR_MARK, FAR_MARK = "鼂", "龘"
# The surname of everybody who has a duty on the own ground.
OWN_NAME = "岑"
MARKS = {"near": NEAR_MARK, "far": FAR_MARK}
# From here on every number, of whatever it is, belongs to the part of that name.
FIRST_NUMBERS = {"near": 5_200_000, "far": 7_300_000}
NEVER = 999_888  # no feature, duty or person has had it
_INSET = 0.0005


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of ground: its code and level, its box in degrees, where its records lie and what
    their texts are marked with. What has no code lies in no division."""

    code: str | None
    level: str | None
    box: tuple[float, float, float, float]
    spot: tuple[float, float]
    mark: str = ""


def _community(code: str, west: float, mark: str = "") -> Place:
    box = (west, LAT, west + 0.01, LAT + 0.01)
    return Place(code, "community", box, (west + 0.002, LAT + 0.005), mark)


PARTS: Mapping[str, Sequence[Place]] = {
    "own": [_community(OWN, LON)],
    "near": [
        Place(STREET, "street", (LON, LAT, LON + 0.02, LAT + 0.012), (LON, LAT + 0.011), NEAR_MARK),
        _community(SIBLING, LON + 0.01, NEAR_MARK),
    ],
    "far": [
        Place(
            DISTRICT, "district", (LON, LAT, LON + 0.04, LAT + 0.014), (LON, LAT + 0.013), FAR_MARK
        ),
        Place(
            OTHER_STREET,
            "street",
            (LON + 0.02, LAT, LON + 0.03, LAT + 0.012),
            (LON + 0.022, LAT + 0.011),
            FAR_MARK,
        ),
        _community(ABROAD, LON + 0.02, FAR_MARK),
        Place(None, None, (0, 0, 0, 0), (LON + 0.05, LAT + 0.005), FAR_MARK),
    ],
}


def community(part: str) -> Place:
    """The community of a part."""
    return next(place for place in PARTS[part] if place.level == "community")


# Longitudes at which only these parts have anything, beyond any margin around the other ground.
_COORDINATES = {"near": r"101\.83[4-9]\d*", "far": r"101\.84[6-9]\d*|101\.8[5-9]\d*"}


def record_name(part: str) -> str:
    """The name under which a phone sent the record that each part has."""
    return f"{list(PARTS).index(part):08}-0000-4000-8000-000000000000"


def picture(part: str) -> bytes:
    """The photograph that each part has."""
    return photograph(list(PARTS).index(part))


def traces(parts: Sequence[str]) -> re.Pattern[str]:
    """What only stands in an answer that tells of these parts: their marks, their numbers, where
    they are, and what their photographs are called."""
    marks = "".join(MARKS[part] for part in parts if part in MARKS)
    numbers = (rf"(?<![\d.]){FIRST_NUMBERS[p] // 1000}\d{{3}}(?!\d)" for p in parts if p in MARKS)
    places = (rf"(?<!\d)(?:{_COORDINATES[part]})" for part in parts if part in MARKS)
    photos = (name_of(picture(part))[:12] for part in parts if part in MARKS)
    return re.compile("|".join([f"[{marks}]", *numbers, *places, *photos]))


def part_of(number: int) -> str:
    """The part to which a number of anything belongs."""
    return max(
        (part for part in PARTS if FIRST_NUMBERS.get(part, 0) <= number),
        key=lambda part: FIRST_NUMBERS.get(part, 0),
    )


# --- records --------------------------------------------------------------------------------------
def shapes(layer: Layer, place: Place) -> Iterator[BaseGeometry | None]:
    """Where three features of the layer lie; divisions are one, fields cover the place. Those of a
    register lie nowhere and belong to a division."""
    west, south, east, north = place.box
    if not layer.has_shape:
        yield from [None] * 3 if place.code else []
    elif layer.hierarchy:
        yield from [shapely.box(*place.box)] if place.code else []
    elif layer.partition:
        # Apart from the next community's: a tint differs from that of every neighbour, and so is
        # the one thing in which a foreign feature shows (docs/decisions/0010).
        middle = (west + east) / 2
        halves = [(west + _INSET, middle), (middle, east - _INSET)]
        fields = halves if place.level == "community" else []
        yield from (shapely.box(left, south, right, north) for left, right in fields)
    else:
        yield from (_small(layer, place.spot[0] + n * 0.002, place.spot[1]) for n in range(3))


def _small(layer: Layer, lon: float, lat: float) -> BaseGeometry:
    if layer.geometry is Geometry.POINT:
        return shapely.Point(lon, lat)
    if layer.geometry is Geometry.LINE:
        return shapely.LineString([(lon, lat), (lon + 0.0005, lat)])
    return shapely.box(lon, lat, lon + 0.0003, lat + 0.0002)


def values_at(layer: Layer, place: Place, n: int) -> Mapping[str, object]:
    """A record whose every free text has the mark."""
    given: dict[str, object] = {}
    if layer.hierarchy:
        given = {"code": place.code, "level": place.level, "parent": None}
    elif layer.partition:
        given = {layer.partition.field: place.code, layer.partition.kind: "general"}
    elif layer.belongs:
        given = {layer.belongs: place.code}
    values = record(layer, n, **given)
    free = {
        each.name
        for each in layer.fields
        if each.type is Type.TEXT and not (each.choices or each.pattern or each.code)
    }
    named = {
        each.name: f"{place.mark or OWN_NAME}{each.name}{n}"
        for each in layer.fields
        if each.personal
    }
    marked = {
        k: f"{place.mark}{v}" if k in free and v is not None else v for k, v in values.items()
    }
    return marked | named
