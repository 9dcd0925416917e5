"""A layer by one declaration has API, tiles, map, import, export and legend at once."""

import json

import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers import guards
from layers.declaring.words import Choice, Field, Geometry, Label, Layer, Style, Type
from layers.leaving.exporting import FORMATS
from layers.registry import build
from layers.schema import tables
from tests.api.conftest import BASE
from tests.api.test_editing import GEOJSON, feature
from tests.api.test_tiles import place
from tests.factories import LAT, LON
from tests.people import bearer

HOSTILE = "</script>{{7*7}}{% raw %}<xss>"
BINS = Layer(
    name="litter_bins",
    label=Label(f"果皮箱{HOSTILE}", f"Litter bins{HOSTILE}"),
    geometry=Geometry.POINT,
    key=("code",),
    title="code",
    fields=(
        Field(name="code", label=Label("编号", "Code"), required=True),
        Field(name="emptied_on", label=Label("清运日期", "Emptied on"), type=Type.DATE),
        Field(
            name="state",
            label=Label(f"状态{HOSTILE}", "State"),
            choices=(
                Choice("good", Label(f"完好{HOSTILE}", "Good")),
                Choice("broken", Label("损坏", "Broken")),
            ),
        ),
    ),
    style=Style(by="state", label="code", tooltip=("code", "state")),
)


@pytest.fixture
def bins(settings: Settings, database: Database) -> TestClient:
    registry = build([BINS])
    with database.begin() as connection:
        tables.metadata(registry).create_all(connection)
        guards.install(connection, registry)
    app = create_app(settings, database=database, registry=registry)
    return TestClient(app, BASE, headers=bearer(database))


def test_one_declaration_is_enough(bins: TestClient) -> None:
    items = f"/collections/{BINS.name}/items"
    assert [c["id"] for c in bins.get("/collections").json()["collections"]] == [BINS.name]
    made = bins.post(items, json=feature(BINS, 1), headers=GEOJSON)
    assert made.status_code == 201, made.text
    filtered = bins.get(items, params={"filter": "state='broken' AND emptied_on > '2017-01-01'"})
    assert filtered.json()["numberMatched"] == 1
    assert bins.get(items, params={"state": "good"}).json()["numberMatched"] == 0
    assert f"/collections/{BINS.name}" in bins.get("/collections?f=html").text

    tile = bins.get(f"/collections/{BINS.name}/tiles/WebMercatorQuad/{place(16, LON + 0.001, LAT)}")
    assert b"litter_bins" in tile.content
    assert b"broken" in tile.content

    for form in FORMATS:
        left = bins.get(f"/collections/{BINS.name}/export?f={form}")
        assert left.status_code == 200, form
        if form in ("geojson", "geojsonl", "gpkg", "csv", "fgb", "shp"):
            again = bins.post(
                f"/collections/{BINS.name}/import",
                files={"file": (f"a{FORMATS[form].ending}", left.content)},
                data={"on_conflict": "update"},
            )
            assert again.status_code == 200, (form, again.text)
            assert (again.json()["new"], again.json()["unchanged"]) == (0, 1), form
    found = bins.get(items).json()["features"]
    assert len(found) == 1
    assert found[0]["properties"] == made.json()["properties"]
    assert shapely.from_geojson(json.dumps(found[0]["geometry"])) == shapely.Point(LON + 0.001, LAT)


@pytest.mark.parametrize("theme", ["overview", BINS.name])
def test_it_has_a_map_with_a_legend_entry_for_each_choice(bins: TestClient, theme: str) -> None:
    page = bins.get(f"/maps/{theme}?lang=en")
    assert page.status_code == 200
    for choice in BINS.field("state").choices:
        assert choice.value in page.text
    bins.post(f"/collections/{BINS.name}/items", json=feature(BINS), headers=GEOJSON)
    figures = bins.get(f"/maps/{theme}/summary").json()["layers"][BINS.name]
    assert figures["classes"] == {"good": 1, "broken": 0}


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/maps/overview",
        "/collections",
        "/collections/litter_bins",
        "/collections/litter_bins/items",
        "/collections/litter_bins/items/1",
        "/collections/litter_bins/queryables",
        "/import",
        "/docs",
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_its_words_are_text_on_every_page(bins: TestClient, address: str, lang: str) -> None:
    bins.post(
        f"/collections/{BINS.name}/items", json=feature(BINS, 0, code=HOSTILE), headers=GEOJSON
    )
    page = bins.get(address, params={"lang": lang}, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "<xss>" not in page.text
    assert HOSTILE not in page.text
    assert "</script>49" not in page.text
    assert "{{7*7}}" not in page.text
