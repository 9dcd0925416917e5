"""Whole layers over HTTP: out in every format, in all or nothing, and back again."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from api.app import export_places
from api.settings import Settings
from gis.postgis import Database
from layers.exporting import FORMATS
from layers.registry import Registry
from tests.api.test_editing import feature


@pytest.mark.parametrize("form", FORMATS)
def test_every_layer_leaves_in_every_format(
    reader: TestClient, registry: Registry, form: str
) -> None:
    for layer in registry.layers.values():
        response = reader.get(f"/collections/{layer.name}/export?f={form}&lang=zh")
        assert response.status_code == 200
        assert response.headers["content-type"] == FORMATS[form].media_type
        assert len(response.content) > 200
        named = response.headers["content-disposition"]
        ending = FORMATS[form].ending
        assert f'attachment; filename="{layer.name}{ending}"' in named
        assert unquote(named.split("UTF-8''")[1]) == f"{layer.label.zh}{ending}"


def test_what_left_comes_back_the_same(
    reader: TestClient, client: TestClient, registry: Registry
) -> None:
    for layer in registry.layers.values():
        left = reader.get(f"/collections/{layer.name}/export?f=geojson")
        loaded = client.post(
            f"/collections/{layer.name}/import", files={"file": ("a.geojson", left.content)}
        )
        assert loaded.status_code == 200, loaded.text
        again = client.get(f"/collections/{layer.name}/export?f=geojson").json()
        assert [_without_id(f) for f in again["features"]] == [
            _without_id(f) for f in left.json()["features"]
        ]
        report = loaded.json()
        assert report["rows"] == report["new"] == len(again["features"])


def _without_id(feature: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in feature.items() if key != "id"}


def test_an_export_may_be_cut_to_a_box(reader: TestClient) -> None:
    box = "101.82,36.61,101.83,36.62"
    some = reader.get(f"/collections/buildings/export?bbox={box}").json()["features"]
    listed = reader.get(f"/collections/buildings/items?limit=10000&bbox={box}").json()
    assert [f["id"] for f in some] == [f["id"] for f in listed["features"]]
    assert 0 < len(some) < reader.get("/collections/buildings/items").json()["numberMatched"]


@pytest.mark.parametrize("query", ["f=exe", "f=", "bbox=1", "where=1", "f=csv&f=exe"])
def test_an_export_that_is_none_is_refused(reader: TestClient, query: str) -> None:
    response = reader.get(f"/collections/water/export?{query}")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_exports_hold_no_connection_when_they_are_done_or_given_up(
    reader: TestClient, district: Database, settings: Settings
) -> None:
    for _ in range(3 * export_places(settings)):
        with reader.stream("GET", "/collections/buildings/export?f=geojsonl") as response:
            assert response.status_code == 200
        assert reader.head("/collections/buildings/export?f=geojsonl").status_code == 200
    assert district.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert reader.get("/collections/buildings/export?f=csv").status_code == 200


def test_exports_beyond_their_places_are_told_to_wait(
    reader: TestClient, settings: Settings
) -> None:
    exports = reader.app.state.context.exports  # type: ignore[attr-defined]
    for _ in range(export_places(settings)):
        exports.acquire()
    try:
        response = reader.get("/collections/water/export")
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    finally:
        for _ in range(export_places(settings)):
            exports.release()
    assert reader.get("/collections/water/export").status_code == 200


def test_an_import_is_all_or_nothing(client: TestClient, registry: Registry) -> None:
    layer = registry.layer("illegal_structures")
    good, bad = feature(layer), feature(layer, 1, storeys="many")
    content = json.dumps({"type": "FeatureCollection", "features": [good, bad]})
    refused = client.post(
        "/collections/illegal_structures/import", files={"file": ("案件.geojson", content)}
    )
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    (finding,) = refused.json()["findings"]
    assert (finding["row"], finding["column"], finding["rule"]) == (2, "storeys", "value-type")
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 0


def test_an_import_takes_its_options(client: TestClient, registry: Registry) -> None:
    address = "/collections/illegal_structures/import"
    csv = "no,状态,lon,lat\nA1,已拆除,101.82,36.62\nA2,线索登记,101.83,36.62\n"
    files = {"file": ("a.csv", csv)}
    options: dict[str, Any] = {"map": ["number=no", "status=状态"]}
    tried = client.post(address, files=files, data=options | {"dry_run": "true"})
    assert tried.status_code == 200, tried.text
    assert (tried.json()["new"], tried.json()["dry_run"]) == (2, True)
    assert client.post(address, files=files, data=options).json()["new"] == 2
    again = client.post(address, files=files, data=options)
    assert again.status_code == 422
    assert {f["rule"] for f in again.json()["findings"]} == {"value-exists"}
    skipped = client.post(address, files=files, data=options | {"on_conflict": "skip"})
    assert (skipped.json()["new"], skipped.json()["skipped"]) == (0, 2)
    updated = client.post(address, files=files, data=options | {"on_conflict": "update"})
    assert updated.json()["updated"] == 2
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 2


@pytest.mark.parametrize(
    ("files", "data", "status"),
    [
        ({}, {}, 400),
        ({"file": ("a.exe", b"MZ")}, {}, 400),
        ({"file": ("", b"x")}, {}, 400),
        ({"file": ("a.geojson", b"")}, {}, 422),
        ({"file": ("a.geojson", b"{")}, {}, 422),
        ({"file": ("a.zip", b"PK\x03\x04")}, {}, 422),
        ({"file": ("a.gpkg", b"SQLite format 3\0" * 9)}, {}, 422),
        ({"file": ("a.csv", b"\xff\xfe\0\0")}, {}, 422),
        ({"file": ("../../etc/passwd.csv", b"a,b\n1,2\n")}, {}, 422),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"map": "x"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"map": "x=y"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"map": "use=y"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"crs": "x"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"on_conflict": "x"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"dry_run": "x"}, 400),
    ],
)
def test_an_import_that_is_none_is_refused(
    client: TestClient, files: Any, data: dict[str, str], status: int
) -> None:
    response = client.post("/collections/illegal_structures/import", files=files, data=data)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 0


def test_a_form_that_is_broken_is_refused(client: TestClient) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
        response = client.post(
            "/collections/water/import", content=b"--y\r\nno form", headers={"content-type": kind}
        )
        assert response.status_code == 400


def test_a_person_imports_with_a_form(client: TestClient, shapes: Path) -> None:
    form = client.get("/import", headers={"accept": "text/html"})
    assert form.status_code == 200
    names = set(re.findall(r'name="(\w+)"', form.text))
    assert {"layer", "file", "on_conflict", "dry_run"} <= names

    content = {"file": ("案件.geojson", (shapes / "illegal_structures.geojson").read_bytes())}
    data = {"layer": "illegal_structures", "on_conflict": "fail"}
    tried = client.post("/import", files=content, data=data | {"dry_run": "true"})
    assert tried.status_code == 200, tried.text
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 0
    done = client.post("/import", files=content, data=data)
    assert done.status_code == 200
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 7
    refused = client.post("/import", files=content, data=data)
    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("text/html")
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 7


def test_hostile_words_in_a_form_are_text(client: TestClient) -> None:
    hostile = "<script>{{7*7}}</script>.csv"
    page = client.post(
        "/import",
        files={"file": (hostile, "number,status,lon,lat\n<script>,{{7*7}},1,2\n")},
        data={"layer": "illegal_structures"},
    )
    assert page.status_code == 422
    assert "<script>{{" not in page.text
    lost = client.post("/import", files={"file": ("a.csv", "x")}, data={"layer": hostile})
    assert lost.status_code == 404
    assert "<script>{{" not in lost.text
