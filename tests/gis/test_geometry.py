"""What the store refuses of a geometry, one by one and in bulk alike."""

import math

import numpy as np
import pytest
import shapely

from gis.errors import Rule
from gis.geometry import check, check_all, force_2d, looks_like_lonlat
from gis.refusals.values import GEOMETRY_INVALID, GEOMETRY_MISSING, GEOMETRY_OUTSIDE, GEOMETRY_TYPE

EVERY_TYPE = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
with np.errstate(invalid="ignore"):
    WITH_NAN = shapely.from_wkt("LINESTRING (0 0, 1 nan, 2 2)")
CASES: list[tuple[shapely.Geometry | None, Rule | None]] = [
    (shapely.Point(101.83, 36.62), None),
    (shapely.Point(-180, 90), None),
    (shapely.box(0, 0, 1, 1), None),
    (None, GEOMETRY_MISSING),
    (shapely.Point(), GEOMETRY_MISSING),
    (shapely.Polygon(), GEOMETRY_MISSING),
    (shapely.MultiPoint([(1, 2)]), GEOMETRY_TYPE),
    (shapely.GeometryCollection([shapely.Point(1, 2)]), GEOMETRY_TYPE),
    (shapely.LinearRing([(0, 0), (1, 0), (1, 1)]), GEOMETRY_TYPE),
    (shapely.Point(180.0001, 0), GEOMETRY_OUTSIDE),
    (shapely.Point(36.62, 101.83), GEOMETRY_OUTSIDE),
    (shapely.LineString([(0, 0), (484793, 4054354)]), GEOMETRY_OUTSIDE),
    (shapely.Point(math.inf, 0), GEOMETRY_INVALID),
    (WITH_NAN, GEOMETRY_INVALID),
    (shapely.LineString([(1, 1), (1, 1)]), GEOMETRY_INVALID),
    (BOW_TIE, GEOMETRY_INVALID),
    (shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]), GEOMETRY_INVALID),
]


@pytest.mark.parametrize(("geometry", "rule"), CASES, ids=lambda value: str(value)[:40])
def test_a_geometry_is_stored_or_refused_by_name(
    geometry: shapely.Geometry | None, rule: Rule | None
) -> None:
    found = check(geometry, EVERY_TYPE)
    assert (found.rule if found else None) is rule


def test_many_are_refused_as_each_one_is() -> None:
    geometries = np.array([geometry for geometry, _ in CASES], dtype=object)
    found = {position: finding.rule for position, finding in check_all(geometries, EVERY_TYPE)}
    assert found == {n: rule for n, (_, rule) in enumerate(CASES) if rule is not None}


def test_a_refusal_names_the_place() -> None:
    found = check(BOW_TIE, ["Polygon"])
    assert found is not None
    assert "0.5, 0.5" in found.sentence("zh")
    found = check(shapely.Point(36.62, 101.83), ["Point"])
    assert found is not None
    assert "36.62, 101.83" in found.sentence("en")


def test_heights_are_left_aside() -> None:
    flat = force_2d(np.array([shapely.Point(1, 2, 3), None], dtype=object))
    assert shapely.to_wkt(flat[0]) == "POINT (1 2)"
    assert flat[1] is None


def test_one_wrong_row_does_not_make_a_file_of_metres() -> None:
    degrees, metres = shapely.Point(101.83, 36.62), shapely.Point(484793, 4054354)
    assert looks_like_lonlat(np.array([degrees, degrees, metres, None]))
    assert not looks_like_lonlat(np.array([metres, metres, degrees, None]))
    assert looks_like_lonlat(np.array([None, shapely.Point()]))
