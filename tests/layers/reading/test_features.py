"""Features are read and written through statements that PostGIS turns into RFC 7946."""

import json

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.reading import features
from layers.reading.features import Excerpt, Query
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.registry import Registry
from tests.factories import LAT, LON, geometry, record

HOSTILE = [
    "</script>",
    "{{7*7}}",
    "{% for x in y %}",
    "%s %(a)s",
    "'\"\\",
    "\u202eabc",
    "\u2028",
    "x" * 10_000,
]


def test_a_feature_comes_back_as_it_went_in(conn: Connection, registry: Registry) -> None:
    for layer in registry.layers.values():
        made = features.insert(conn, layer, record(layer), geometry(layer))
        found = json.loads(features.item(conn, layer, made))
        assert found["type"] == "Feature"
        assert found["id"] == made
        assert list(found["properties"]) == [field.name for field in layer.fields]
        expected = {k: str(v) if hasattr(v, "isoformat") else v for k, v in record(layer).items()}
        assert found["properties"] == expected
        if not layer.has_shape:
            assert found["geometry"] is None
            continue
        assert shapely.normalize(shape(found["geometry"])).equals_exact(
            shapely.normalize(geometry(layer)), 1e-9
        )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(conn: Connection, registry: Registry, text: str) -> None:
    layer = registry.layer("courtyards")
    made = features.insert(conn, layer, record(layer, name=text, owner_unit=text), geometry(layer))
    properties = json.loads(features.item(conn, layer, made))["properties"]
    assert properties["name"] == properties["owner_unit"] == text


def test_outer_rings_turn_left_and_coordinates_have_seven_decimals(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("buildings")
    outer = [(101.8, 36.6), (101.8, 36.7), (101.9, 36.7), (101.9, 36.6)]  # clockwise
    hole = [(101.81, 36.61), (101.812345678912, 36.61), (101.82, 36.62)]  # counter-clockwise
    made = features.insert(conn, layer, record(layer), shapely.Polygon(outer, [hole]))
    text = features.item(conn, layer, made)
    rings = json.loads(text)["geometry"]["coordinates"]
    assert shapely.LinearRing(rings[0]).is_ccw
    assert not shapely.LinearRing(rings[1]).is_ccw
    assert [101.8123457, 36.61] in rings[1]
    assert "crs" not in json.loads(text)


def test_pages_follow_each_other_without_gap_or_repeat(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    made = [features.insert(conn, layer, record(layer, n), geometry(layer, n)) for n in range(7)]
    seen: list[int] = []
    after = None
    for expected in (3, 3, 1):
        page = features.page(conn, layer, Query(limit=3, after=after))
        assert page.matched == 7
        assert len(page.features) == expected
        seen += [json.loads(text)["id"] for text in page.features]
        after = page.next_after
    assert after is None
    assert seen == made


def test_a_box_without_area_is_an_exact_question(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    for n in range(3):
        features.insert(conn, layer, record(layer, n), geometry(layer, n))
    inside = (LON + 0.0005, LAT + 0.0005) * 2
    border = (LON + 0.001, LAT + 0.0005) * 2
    assert features.page(conn, layer, Query(bbox=inside)).matched == 1
    assert features.page(conn, layer, Query(bbox=border)).matched == 2
    assert features.page(conn, layer, Query(bbox=(0, 0, 1, 1))).matched == 0


def test_a_box_may_cross_the_antimeridian(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("work_units")
    features.insert(conn, layer, record(layer), shapely.Point(179.5, 0))
    features.insert(conn, layer, record(layer, 1), shapely.Point(-179.5, 0))
    features.insert(conn, layer, record(layer, 2), shapely.Point(0, 0))
    assert features.page(conn, layer, Query(bbox=(179, -1, -179, 1))).matched == 2


def test_replace_overwrites_every_field(conn: Connection, registry: Registry) -> None:
    for layer in registry.layers.values():
        made = features.insert(conn, layer, record(layer), geometry(layer))
        kept = layer.workflow.guarded if layer.workflow else ()
        names = [f.name for f in layer.fields if f.required or f.name in kept]
        needed = {name: record(layer, 3)[name] for name in names}
        features.replace(conn, layer, made, needed, geometry(layer, 3))
        found = json.loads(features.item(conn, layer, made))["properties"]
        told = json.loads(json.dumps(needed, default=str))  # days are texts to JSON
        assert {k: v for k, v in found.items() if v is not None} == told


def test_what_is_not_there_cannot_be_read_changed_or_removed(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer("water")
    made = features.insert(conn, layer, record(layer), geometry(layer))
    features.delete(conn, layer, made)
    for attempt in (
        lambda: features.item(conn, layer, made),
        lambda: features.replace(conn, layer, made, record(layer), geometry(layer)),
        lambda: features.delete(conn, layer, made),
    ):
        with pytest.raises(Problem) as caught:
            attempt()
        assert caught.value.rule is UNKNOWN_FEATURE


def test_a_stream_gives_every_feature_once(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("streets")
    for n in range(25):
        features.insert(conn, layer, record(layer, n), geometry(layer, n))
    ids = [json.loads(text)["id"] for text in conn.scalars(features.leaving(layer))]
    assert len(ids) == len(set(ids)) == 25
    west = conn.scalars(features.leaving(layer, Excerpt(bbox=(LON, LAT, LON + 0.0005, LAT))))
    assert len(list(west)) == 1
