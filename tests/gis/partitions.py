"""Partitions to check, faults planted in them, and areas measured another way."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import assume, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from shapely.ops import split, substring

from gis.fault import Fault, Kind
from gis.geometry import Geometries
from gis.measure import drawn_areas_m2
from gis.mend import mend

GEOD = Geod(ellps="WGS84")
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
STREETS = SHARED / "boundaries" / "beijing_331_streets_wgs84.geojson"
METRE = 1 / 111_320
# A busy machine is no fault of the code.
UNTIMED = settings(deadline=None)
WEST, SOUTH, EAST, NORTH = 101.80, 36.60, 101.82, 36.62
FRAME = shapely.box(WEST, SOUTH, EAST, NORTH)


def array(*geometries: BaseGeometry | None) -> Geometries:
    return np.array(geometries, dtype=object)


def area_m2(geometry: BaseGeometry) -> float:
    """By pyproj, ring by ring, edges made short: independent of the code under test."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    outer = sum(ring_area_m2(polygon.exterior) for polygon in polygons)
    return outer - sum(ring_area_m2(ring) for polygon in polygons for ring in polygon.interiors)


def ring_area_m2(ring: shapely.LinearRing) -> float:
    lon, lat = shapely.segmentize(shapely.LineString(ring), 1e-4).xy
    return abs(GEOD.polygon_area_perimeter(lon, lat)[0])


def all_mended(polygons: Geometries, faults: tuple[Fault, ...]) -> Geometries:
    for fault in faults:
        polygons = mend(polygons, fault, fault.suggestion)
    return polygons


# --- planting ---------------------------------------------------------------------------------
class Border(NamedTuple):
    """A line between two polygons; `other` is -1 where it is the outline of them all."""

    one: int
    other: int
    line: shapely.LineString


class Planted(NamedTuple):
    kind: Kind
    polygon: int
    ground: BaseGeometry


def borders(polygons: Geometries, frame: BaseGeometry) -> Iterator[Border]:
    """The borders of each polygon with each neighbour and with the outside, where in one piece."""
    tree, outline = shapely.STRtree(polygons), frame.boundary
    pairs = zip(*tree.query(polygons, predicate="touches"), strict=True)
    lines = [(int(i), int(j), polygons[j].boundary) for i, j in pairs if i < j]
    lines += [(i, -1, outline) for i in range(len(polygons))]
    for one, other, boundary in lines:
        common = polygons[one].boundary.intersection(boundary)
        line = shapely.line_merge(common) if "Line" in common.geom_type else common
        if line.geom_type == "LineString" and not line.is_closed:
            yield Border(one, other, line)


def plant(
    polygons: Geometries, frame: BaseGeometry, border: Border, kind: Kind, metres: float
) -> Planted | None:
    """Open or close the ground around the middle of a border; None where there is no room."""
    patch = border.line.interpolate(0.5, normalized=True).buffer(metres * METRE)
    if kind in {Kind.SLIVER_GAP, Kind.SLIVER_OVERLAP}:
        middle = substring(border.line, 0.4, 0.6, normalized=True)
        patch = middle.buffer(metres * METRE, cap_style="flat", join_style="mitre")
    own = polygons[border.one]
    if kind in {Kind.GAP, Kind.SLIVER_GAP, Kind.UNCOVERED}:
        ground, changed = own.intersection(patch), own.difference(patch)
    elif kind is Kind.OUTSIDE:
        ground = patch.difference(frame)
        changed = own.union(ground)
    else:
        ground = polygons[border.other].intersection(patch)
        changed = own.union(ground)
    room = own if border.other < 0 else own.union(polygons[border.other])
    inside = border.other < 0 or room.contains(patch)
    if not (inside and ground.geom_type == changed.geom_type == "Polygon" and changed.is_valid):
        return None
    polygons[border.one] = changed
    return Planted(kind, border.one, ground)


def assert_exactly(faults: tuple[Fault, ...], planted: list[Planted]) -> None:
    assert len(faults) == len(planted)
    for kind, polygon, ground in planted:
        (fault,) = (f for f in faults if polygon in f.polygons and f.geometry.intersects(ground))
        assert fault.kind is kind
        assert fault.area_m2 == pytest.approx(area_m2(ground), rel=0.01)
        common = drawn_areas_m2([fault.geometry.intersection(ground)])[0]
        assert common == pytest.approx(fault.area_m2, rel=0.01)


# --- partitions ---------------------------------------------------------------------------------
def voronoi(random: np.random.Generator, count: int) -> Geometries:
    points = random.uniform((WEST, SOUTH), (EAST, NORTH), (count, 2))
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=FRAME)
    return shapely.intersection(shapely.get_parts(cells), FRAME)


def halves(random: np.random.Generator, count: int) -> Geometries:
    """A box cut again and again: borders end in the middle of other borders' edges."""
    pieces = [FRAME]
    while len(pieces) < count:
        pieces.sort(key=lambda piece: piece.area)
        largest = pieces.pop()
        middle, turn = np.array(largest.centroid.coords[0]), random.uniform(0, np.pi)
        reach = np.array([np.cos(turn), np.sin(turn)])
        pieces += split(largest, shapely.LineString([middle - reach, middle + reach])).geoms
    return array(*pieces)


@st.composite
def partitions(draw: st.DrawFn) -> Geometries:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    cells = draw(st.sampled_from([voronoi, halves]))(random, draw(st.integers(2, 25)))
    if draw(st.booleans()):
        cells = shapely.transform(cells, lambda lonlat: np.round(lonlat, 7))
    assume(shapely.is_valid(cells).all())
    return cells


def square(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    """In a plan of cells of 100 m or so."""
    west, south = WEST + column * 0.001, SOUTH + row * 0.001
    return shapely.box(west, south, west + width * 0.001, south + height * 0.001)


def only(faults: tuple[Fault, ...]) -> Fault:
    (fault,) = faults
    return fault
