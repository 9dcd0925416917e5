"""Tiles over HTTP: the right ones, never stale, never beyond the pyramid."""

import math

import pytest
from starlette.testclient import TestClient

from layers.registry import Registry
from tests.api.test_editing import GEOJSON, feature

LON, LAT = 101.828, 36.622


def place(z: int, lon: float = LON, lat: float = LAT) -> str:
    size = 2**z
    col = int((lon + 180) / 360 * size)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * size)
    return f"{z}/{row}/{col}"


def test_a_tile_holds_the_layers_that_are_asked_for(reader: TestClient) -> None:
    address = f"/tiles/WebMercatorQuad/{place(14)}"
    two = reader.get(f"{address}?collections=grid_fields,water")
    assert two.status_code == 200
    assert two.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert two.headers["cache-control"] == "private, no-cache"
    assert b"grid_fields" in two.content
    assert b"water" in two.content
    assert b"buildings" not in two.content
    assert b"buildings" in reader.get(address).content
    one = reader.get(f"/collections/water/tiles/WebMercatorQuad/{place(14)}")
    assert b"water" in one.content
    assert b"grid_fields" not in one.content


def test_a_tile_that_the_reader_has_is_not_sent_again(reader: TestClient) -> None:
    address = f"/tiles/WebMercatorQuad/{place(15)}"
    etag = reader.get(address).headers["etag"]
    again = reader.get(address, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_tile_is_never_stale(client: TestClient, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    address = f"/collections/grid_fields/tiles/WebMercatorQuad/{place(14, 101.8205, 36.6205)}"
    assert client.get(address).status_code == 204
    client.post("/collections/grid_fields/items", json=feature(layer), headers=GEOJSON)
    first = client.get(address)
    assert first.status_code == 200
    client.post("/collections/grid_fields/items", json=feature(layer, 1), headers=GEOJSON)
    second = client.get(address, headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200


def test_where_there_is_nothing_there_is_no_content(reader: TestClient) -> None:
    response = reader.get("/tiles/WebMercatorQuad/14/0/0")
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("0/0/0", 200),
        ("23/0/0", 404),
        ("-1/0/0", 404),
        ("3/8/0", 404),
        ("3/0/8", 404),
        ("3/-1/0", 404),
        ("99999999999999999999/0/0", 404),
        ("22/4194303/4194303", 204),
        ("a/0/0", 400),
        ("1/0/1.5", 400),
        ("1/%00/0", 400),
        (f"1/{'9' * 5000}/0", 400),
    ],
)
def test_beyond_the_pyramid_there_is_nothing(reader: TestClient, where: str, status: int) -> None:
    assert reader.get(f"/tiles/WebMercatorQuad/{where}").status_code == status
    one = reader.get(f"/collections/grid_fields/tiles/WebMercatorQuad/{where}")
    assert one.status_code == (204 if status == 200 else status)  # fields vanish at zoom 0
    assert reader.get(f"/tiles/OtherScheme/{where}").status_code == 404


@pytest.mark.parametrize("names", ["", "x", "water,", "water;water", "water,x", "pg_class", "%00"])
def test_layers_that_do_not_exist_are_refused(reader: TestClient, names: str) -> None:
    response = reader.get(f"/tiles/WebMercatorQuad/0/0/0?collections={names}")
    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-parameter")


def test_a_tile_set_describes_itself(reader: TestClient, registry: Registry) -> None:
    for base in ("", *(f"/collections/{layer.name}" for layer in registry.mapped)):
        (listed,) = reader.get(f"{base}/tiles").json()["tilesets"]
        assert listed["dataType"] == "vector"
        found = reader.get(f"{base}/tiles/WebMercatorQuad").json()
        assert found["tileMatrixSetURI"] == listed["tileMatrixSetURI"]
        template = next(link for link in found["links"] if link["rel"] == "item")
        assert template["templated"] is True
        address = template["href"].format(tileMatrix=0, tileRow=0, tileCol=0)
        assert reader.get(address).status_code in (200, 204)
        corners = found["boundingBox"]
        assert corners["lowerLeft"] <= corners["upperRight"]


def test_of_a_register_there_are_no_tiles(reader: TestClient, registry: Registry) -> None:
    for layer in registry.registers:
        own = f"/collections/{layer.name}/tiles"
        whole = f"/tiles/WebMercatorQuad/0/0/0?collections={layer.name}"
        for address in (own, f"{own}/WebMercatorQuad", f"{own}/WebMercatorQuad/0/0/0", whole):
            refused = reader.get(address)
            assert refused.status_code == 404, address
            assert refused.json()["type"] == "/problems/register-unmapped"


def test_tilejson_names_the_fields_of_each_layer(reader: TestClient, registry: Registry) -> None:
    found = reader.get("/tiles/WebMercatorQuad?f=tilejson").json()
    assert found["tilejson"] == "3.0.0"
    assert {layer["id"] for layer in found["vector_layers"]} == {x.name for x in registry.mapped}
    assert found["tiles"] == ["http://127.0.0.1/tiles/WebMercatorQuad/{z}/{y}/{x}"]
    structures = reader.get("/collections/illegal_structures/tiles/WebMercatorQuad?f=tilejson")
    (layer,) = structures.json()["vector_layers"]
    assert layer["fields"]["area_measured_m2"] == "Number"


def test_the_tiling_is_the_webs(reader: TestClient) -> None:
    found = reader.get("/tileMatrixSets/WebMercatorQuad").json()
    assert len(found["tileMatrices"]) == 23
    zero, one = found["tileMatrices"][:2]
    assert zero["scaleDenominator"] == pytest.approx(559082264.028717)
    assert (one["matrixWidth"], one["cellSize"]) == (2, pytest.approx(zero["cellSize"] / 2))
