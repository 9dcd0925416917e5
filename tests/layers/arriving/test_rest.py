"""The rows left out, as a file: mended and brought again it completes the set."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
import shapely

from gis import files
from gis.belief import Basis
from gis.errors import Problem
from gis.files import Source
from gis.postgis import Database
from gis.refusals.files import FILE_FORMAT
from layers.arriving import rest
from layers.arriving.importing import Examination, Options, examine, load
from layers.refusals.imports import REST_TOO_LONG
from layers.registry import Registry
from tests.factories import LAT, LON, geometry, grid_code, record
from tests.layers.incoming import bytes_of, source, table_file

VALID = Options(accept_valid=True)


def again(content: bytes, ending: str) -> Source:
    return files.read(io.BytesIO(content), name=f"rest{ending}")


def cells(content: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [tuple(row) for row in book.active.iter_rows(values_only=True)]


def examined(database: Database, registry: Registry, name: str = "courtyards") -> Examination:
    layer = registry.layer(name)
    rows = [
        {"name": "甲", "management": "无物业", "households": "3"},
        {"name": "乙", "management": "无", "households": "很多"},
        {"name": "=1+1", "management": "没有的", "households": "007"},
    ]
    shapes = [geometry(layer, n) for n in range(3)]
    return examine(database, registry, layer, table_file(rows, shapes), VALID)


@pytest.mark.parametrize("ending", rest.ENDINGS)
@pytest.mark.parametrize("name", ["courtyards", "grid_fields", "road_segments"])
def test_the_rest_brought_again_completes_the_set(
    database: Database, registry: Registry, name: str, ending: str
) -> None:
    layer = registry.layer(name)
    rows = [{**record(layer, n, source="原样")} for n in range(4)]
    shapes = [geometry(layer, n) for n in range(4)]
    broken = [rows[0], {**rows[1], "source": "x" * 10_001}, rows[2], {**rows[3], layer.key[0]: ""}]
    given = table_file(broken, shapes, datum="wgs84")
    found = examine(database, registry, layer, given, VALID)
    content = rest.write(found, ending, "zh")
    assert load(database, registry, layer, given, VALID).new == 2
    back = again(content, ending)
    assert len(back.frame) == 2
    assert [shapely.to_wkb(shape) for shape in back.frame.geometry] == [
        shapely.to_wkb(shape) for shape in shapes[1::2]
    ]
    if ending != ".geojson":
        assert back.belief.datum_basis is Basis.STATED
    refused = examine(database, registry, layer, back, VALID)
    assert refused.counts.refused == 2
    frame = back.frame.copy()
    frame.loc[0, "source"] = "原样"
    frame.loc[1, layer.key[0]] = rows[3][layer.key[0]]
    mended = replace(back, frame=frame)
    assert load(database, registry, layer, mended, VALID).new == 2
    stored = bytes_of(database, layer)
    key = next(n for n, field in enumerate(layer.fields, 1) if field.name == layer.key[0])
    assert sorted(str(row[key]) for row in stored) == sorted(str(r[layer.key[0]]) for r in rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_row_says_what_is_wrong_with_it(
    database: Database, registry: Registry, lang: Any
) -> None:
    found = examined(database, registry)
    reasons = rest.REASONS.of(lang)
    rows = list(csv.DictReader(io.StringIO(rest.write(found, ".csv", lang).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert list(rows[0]) == ["name", "management", "households", "lon_wgs84", "lat_wgs84", reasons]
    assert "很多" in rows[0][reasons]
    assert "households" in rows[0][reasons]
    assert "management" in rows[1][reasons]
    assert "households" not in rows[1][reasons]
    document = json.loads(rest.write(found, ".geojson", lang))
    assert [f["properties"][reasons] for f in document["features"]] == [r[reasons] for r in rows]


def test_a_workbook_keeps_texts_texts_and_runs_nothing(
    database: Database, registry: Registry
) -> None:
    content = rest.write(examined(database, registry), ".xlsx", "zh")
    heading, _, row = cells(content)
    assert heading[:3] == ("name", "management", "households")
    assert row[:3] == ("=1+1", "没有的", "007")
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page["A3"].data_type == "s"
    assert page["C3"].number_format == "@"
    assert page.freeze_panes == "A2"
    written = rest.write(examined(database, registry), ".csv", "zh").decode("utf-8-sig")
    assert "'=1+1" in written


def test_codes_stay_codes(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    rows = [{"code": int(grid_code(0)), "name": "甲", "kind": "没有"}]
    found = examine(database, registry, layer, source(rows, [geometry(layer)]), VALID)
    (_, row) = cells(rest.write(found, ".xlsx", "zh"))
    assert row[0] == grid_code(0)


def test_the_reasons_of_an_earlier_time_are_replaced(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    once = again(rest.write(examined(database, registry), ".csv", "zh"), ".csv")
    found = examine(database, registry, layer, once, VALID)
    assert rest.REASONS.zh in found.matched.ignored
    twice = again(rest.write(found, ".csv", "zh"), ".csv")
    assert twice.columns == once.columns
    assert len(twice.frame) == 2


def test_rows_without_a_readable_place_come_without_one(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    rows = [{"name": "甲", "management": "无物业"}] * 2
    found = examine(database, registry, layer, source(rows, [None, shapely.box(0, 0, 1, 1)]), VALID)
    for ending in rest.ENDINGS:
        assert rest.write(found, ending, "en")
    document = json.loads(rest.write(found, ".geojson", "en"))
    assert [f["geometry"] and f["geometry"]["type"] for f in document["features"]] == [
        None,
        "Polygon",
    ]


def test_a_geometry_that_no_cell_holds_is_refused_and_goes_elsewhere(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    round_ = shapely.Point(LON, LAT).buffer(0.01, quad_segs=400)
    rows = [{"code": grid_code(0), "name": "甲", "kind": "没有"}]
    found = examine(database, registry, layer, table_file(rows, [round_]), VALID)
    with pytest.raises(Problem) as caught:
        rest.write(found, ".xlsx", "zh")
    assert caught.value.rule is REST_TOO_LONG
    back = again(rest.write(found, ".csv", "zh"), ".csv")
    assert back.frame.geometry.iloc[0].equals_exact(round_, 0)
    with pytest.raises(Problem) as caught:
        rest.write(found, ".docx", "zh")
    assert caught.value.rule is FILE_FORMAT
