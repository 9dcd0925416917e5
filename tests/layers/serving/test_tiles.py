"""Tiles are read back by GDAL's own MVT driver."""

import json
import subprocess
from pathlib import Path

import pyproj
import pytest
from sqlalchemy.engine import Connection

from layers.ground.tinting import retint
from layers.reading import features
from layers.registry import Registry
from layers.serving.tiles import tile
from tests.factories import LAT, LON, geometry, record

_MERCATOR = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
_WORLD_M = 40_075_016.68557849


def _address(z: int, lon: float, lat: float) -> tuple[int, int]:
    east, north = _MERCATOR.transform(lon, lat)
    side = _WORLD_M / 2**z
    return int((east + _WORLD_M / 2) / side), int((_WORLD_M / 2 - north) / side)


def _read(content: bytes, layer: str, folder: Path) -> list[dict[str, object]]:
    """The features of a layer, by GDAL apart: ours has no MVT driver (gis/formats/ogr.py)."""
    file = folder / "tile.pbf"
    file.write_bytes(content)
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(file), layer]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return [feature["properties"] for feature in json.loads(done.stdout)["features"]]


def test_every_layer_is_in_one_tile_with_the_fields_its_style_reads(
    conn: Connection, registry: Registry, tmp_path: Path
) -> None:
    layers = list(registry.mapped)
    made = {
        layer.name: features.insert(conn, layer, record(layer), geometry(layer)) for layer in layers
    }
    for layer in layers:
        retint(conn, layer)
    content = tile(conn, layers, 15, *_address(15, LON, LAT))
    for layer in layers:
        found = _read(content, layer.name, tmp_path)
        assert [feature.pop("mvt_id") for feature in found] == [made[layer.name]]
        wanted = {*layer.tile_fields, *(["tint"] if layer.style.distinct else [])}
        assert set(found[0]) == wanted
        for name in layer.tile_fields:
            assert str(found[0][name]) == str(record(layer)[name])


def test_a_place_without_features_is_an_empty_tile(conn: Connection, registry: Registry) -> None:
    assert tile(conn, list(registry.mapped), 15, 0, 0) == b""


def test_a_layer_stays_out_below_its_zoom(conn: Connection, registry: Registry) -> None:
    buildings = registry.layer("buildings")
    features.insert(conn, buildings, record(buildings), geometry(buildings))
    lowest = buildings.style.min_zoom
    assert lowest > 1
    assert tile(conn, [buildings], lowest, *_address(lowest, LON, LAT))
    assert tile(conn, [buildings], lowest - 1, *_address(lowest - 1, LON, LAT)) == b""


def test_a_symbol_at_the_seam_is_in_both_tiles(conn: Connection, registry: Registry) -> None:
    units = registry.layer("work_units")
    x, y = _address(16, LON, LAT)
    seam_m = x * _WORLD_M / 2**16 - _WORLD_M / 2
    lon, _ = _MERCATOR.transform(seam_m, 0, direction="INVERSE")
    features.insert(conn, units, record(units), geometry(units).__class__(lon + 1e-6, LAT))
    assert tile(conn, [units], 16, x, y)
    assert tile(conn, [units], 16, x - 1, y)


def test_equal_data_makes_equal_bytes(conn: Connection, registry: Registry) -> None:
    fields = registry.layer("grid_fields")
    for n in range(20):
        features.insert(conn, fields, record(fields, n), geometry(fields, n))
    address = (14, *_address(14, LON, LAT))
    assert tile(conn, [fields], *address) == tile(conn, [fields], *address)


@pytest.mark.parametrize(
    ("z", "x", "y"), [(0, 0, 0), (1, 1, 0), (22, 0, 0), (22, 4194303, 4194303)]
)
def test_the_edges_of_the_world_have_tiles(
    conn: Connection, registry: Registry, z: int, x: int, y: int
) -> None:
    units = registry.layer("work_units")
    features.insert(conn, units, record(units), geometry(units))
    assert bool(tile(conn, [units], z, x, y)) is (z <= 1)
