"""Every figure is a sum over records."""

import pyproj
import pytest
from sqlalchemy.engine import Connection

from layers.reading import features
from layers.registry import Registry
from layers.serving.summaries import summary
from tests.factories import LAT, LON, geometry, record


def test_an_empty_layer_adds_up_to_nothing(conn: Connection, registry: Registry) -> None:
    for layer in registry.layers.values():
        found = summary(conn, layer)
        assert (found.count, found.bounds, found.alerts, found.sources) == (0, None, 0, ())
        assert set(found.measures.values()) <= {0.0}
        assert set(found.classes.values()) <= {0}


def test_structures_are_counted_by_status_and_added_by_area(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("illegal_structures")
    for n, (status, area) in enumerate([("demolished", 100.5), ("demolished", 20), ("filed", 7)]):
        values = record(layer, n, status=status, area_measured_m2=area, demolished_area_m2=None)
        features.insert(conn, layer, values, geometry(layer, n))
    found = summary(conn, layer)
    assert found.count == 3
    assert list(found.classes) == [choice.value for choice in layer.field("status").choices]
    counted = {state: count for state, count in found.classes.items() if count}
    assert counted == {"filed": 1, "demolished": 2}
    assert found.measures == {"measured": 127.5, "demolished": 0.0}
    assert found.size_max == 100.5
    assert found.bounds == pytest.approx((LON, LAT, LON + 0.002, LAT))
    assert found.sources == tuple(sorted(record(layer, n)["source"] for n in range(3)))


def test_roads_are_measured_on_the_ellipsoid_and_their_gaps_counted(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("road_segments")
    for n, leader in enumerate(["马国良", "马国良", None]):
        features.insert(conn, layer, record(layer, n, liaison_leader=leader), geometry(layer, n))
    found = summary(conn, layer)
    geod = pyproj.Geod(ellps="WGS84")
    expected = sum(geod.geometry_length(geometry(layer, n)) for n in range(3)) / 1000
    assert found.measures["length"] == pytest.approx(expected, rel=1e-9)
    assert found.measures["leaders"] == 1
    assert found.measures["uncovered"] == found.alerts == 1
