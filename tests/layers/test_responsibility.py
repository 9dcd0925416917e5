"""Who answers for a point, and how plainly doubt is said."""

import pyproj
import pytest
import shapely
from sqlalchemy.engine import Connection

from layers import features
from layers.registry import Registry
from layers.responsibility import at
from tests.factories import LAT, LON, geometry, record

MIDDLE = (LON + 0.0005, LAT + 0.0005)
METRE_LON = 1 / 89_500  # at this latitude


@pytest.fixture
def two_fields(conn: Connection, registry: Registry) -> Connection:
    fields, roads = registry.layer("grid_fields"), registry.layer("road_segments")
    for n in range(2):
        features.insert(conn, fields, record(fields, n, leader=f"网格长{n}"), geometry(fields, n))
        features.insert(conn, roads, record(roads, n), geometry(roads, n))
    return conn


def test_inside_a_field_its_leader_answers(two_fields: Connection) -> None:
    answer = at(two_fields, *MIDDLE)
    assert answer.status == "inside"
    assert [field["leader"] for field in answer.fields] == ["网格长0"]
    assert answer.nearest is None


@pytest.mark.parametrize("metres", [0, 0.3, -0.3])
def test_on_a_border_both_neighbours_are_named(two_fields: Connection, metres: float) -> None:
    answer = at(two_fields, LON + 0.001 + metres * METRE_LON, LAT + 0.0005)
    assert answer.status == "border"
    assert [field["leader"] for field in answer.fields] == ["网格长0", "网格长1"]


@pytest.mark.parametrize("metres", [2, -2])
def test_two_metres_from_a_border_is_inside(two_fields: Connection, metres: float) -> None:
    assert at(two_fields, LON + 0.001 + metres * METRE_LON, LAT + 0.0005).status == "inside"


def test_the_outer_edge_is_a_border_too(two_fields: Connection) -> None:
    answer = at(two_fields, LON, LAT + 0.0005)
    assert (answer.status, len(answer.fields)) == ("border", 1)


def test_outside_every_field_the_nearest_is_named_with_its_distance(
    two_fields: Connection,
) -> None:
    answer = at(two_fields, LON - 0.01, LAT + 0.0005)
    assert (answer.status, answer.fields) == ("outside", ())
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(LON - 0.01, LAT + 0.0005, LON, LAT + 0.0005)
    assert answer.nearest is not None
    assert answer.nearest["leader"] == "网格长0"
    assert answer.nearest["distance_m"] == pytest.approx(metres, abs=0.02)


def test_two_fields_over_one_point_are_an_overlap(
    two_fields: Connection, registry: Registry
) -> None:
    fields = registry.layer("grid_fields")
    shape = shapely.box(LON, LAT, LON + 0.002, LAT + 0.002)
    features.insert(two_fields, fields, record(fields, 7), shape)
    answer = at(two_fields, *MIDDLE)
    assert (answer.status, len(answer.fields)) == ("overlap", 2)


def test_the_nearest_road_is_nearest_in_metres_not_in_degrees(
    conn: Connection, registry: Registry
) -> None:
    roads = registry.layer("road_segments")
    north, east = 0.00100, 0.00115  # 111 m and 103 m: degrees and metres disagree
    for n, point in enumerate([(LON, LAT + north), (LON + east, LAT)]):
        line = shapely.LineString([point, (point[0] + 1e-6, point[1] + 1e-6)])
        features.insert(conn, roads, record(roads, n, name=f"路{n}"), line)
    road = at(conn, LON, LAT).road
    assert road is not None
    assert road["name"] == "路1"


def test_an_empty_district_is_said_plainly(conn: Connection) -> None:
    answer = at(conn, *MIDDLE)
    assert (answer.status, answer.fields, answer.nearest, answer.road) == (
        "outside",
        (),
        None,
        None,
    )
