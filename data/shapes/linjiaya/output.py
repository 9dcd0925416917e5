"""GeoJSON by RFC 7946: WGS 84, seven decimals, outer rings counter-clockwise."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from linjiaya import people, plan
from linjiaya.features import Features
from linjiaya.network import Coordinates
from linjiaya.registers import Rows

DECIMALS = 7
SOURCE = "合成演示数据"
DESCRIPTION = (
    "合成演示数据：林家崖街道的街道、网格、建筑、人员和记录均为虚构，不代表实际。"
    "Synthetic demo data: streets, fields, buildings, people and records are invented."
)


@cache
def _projection() -> tuple[Transformer, tuple[float, float]]:
    """EPSG:4543 (3° Gauss-Krüger, metres) to degrees, and the origin of the plan in it.

    CGCS2000 counts as WGS 84, as everywhere in this project.
    """
    forward = Transformer.from_crs("EPSG:4490", "EPSG:4543", always_xy=True)
    return Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True), forward.transform(
        *plan.ORIGIN
    )


def degrees(shape: BaseGeometry) -> BaseGeometry:
    """A shape in metres as longitude and latitude, rounded, counter-clockwise."""
    back, (east, north) = _projection()

    def placed(metres: Coordinates) -> Coordinates:
        lon, lat = back.transform(metres[:, 0] + east, metres[:, 1] + north)
        return np.column_stack([lon, lat]).round(DECIMALS)

    return shapely.orient_polygons(shapely.transform(shape, placed))


def _feature(shape: BaseGeometry, properties: dict[str, Any]) -> str:
    geometry = mapping(degrees(shape))
    feature = {
        "type": "Feature",
        "properties": {**properties, "source": SOURCE},
        "geometry": geometry,
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def collection(features: Features) -> str:
    """A FeatureCollection with one feature a line."""
    head = json.dumps(DESCRIPTION, ensure_ascii=False)
    lines = ",\n".join(_feature(shape, properties) for shape, properties in features)
    return f'{{"type":"FeatureCollection","description":{head},"features":[\n{lines}\n]}}\n'


def write_people(rows: list[tuple[str, ...]], folder: Path) -> Path:
    """Write the address book as CSV with a byte order mark: Excel takes it for GBK without."""
    path = folder / "people.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([people.COLUMNS, *rows])
    return path


def write_registers(registers: dict[str, Rows], folder: Path) -> list[Path]:
    """Write one CSV file for each register; every record says that it is invented.

    A step has a source of another kind: the state that it leads from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in registers.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for number, row in enumerate({"source": SOURCE} | row for row in rows):
                if number == 0:
                    writer.writerow(row)
                writer.writerow(map(_cell, row.values()))
        written.append(path)
    return written


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def write(layers: dict[str, Features], folder: Path) -> list[Path]:
    """Write one file for each layer."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, features in layers.items():
        path = folder / f"{name}.geojson"
        path.write_text(collection(features), encoding="utf-8", newline="\n")
        written.append(path)
    return written
