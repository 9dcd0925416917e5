"""Every refusal has one shape, in the reader's language, and tells nothing of the inside."""

import logging
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.statuses import CATALOGUE
from gis.postgis import Database
from layers.registry import Registry
from tests.api.conftest import BASE
from tests.people import bearer


def test_a_refusal_is_a_problem_document(reader: TestClient) -> None:
    response = reader.get("/collections/nowhere", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "/problems/unknown-layer",
        "title": "There is no layer …",
        "status": 404,
        "detail": "There is no layer nowhere",
    }


@pytest.mark.parametrize(
    ("address", "headers", "said"),
    [
        ("/collections/x", {}, "没有图层 x"),
        ("/collections/x", {"accept-language": "fr, en;q=0.4, zh;q=0.3"}, "There is no layer x"),
        ("/collections/x", {"accept-language": "zh-TW"}, "没有图层 x"),
        ("/collections/x", {"cookie": "lang=en"}, "There is no layer x"),
        ("/collections/x?lang=zh", {"cookie": "lang=en"}, "没有图层 x"),
        ("/collections/x?lang=xx", {"cookie": "lang=en"}, "There is no layer x"),
        ("/collections/x", {"accept-language": "en;q=nan, ;;;=, zh"}, "没有图层 x"),
    ],
)
def test_the_reader_chooses_the_language(
    reader: TestClient, address: str, headers: dict[str, str], said: str
) -> None:
    assert reader.get(address, headers=headers).json()["detail"] == said


def test_the_type_of_a_problem_leads_to_its_description(reader: TestClient) -> None:
    kind = reader.get("/collections/nowhere").json()["type"]
    assert reader.get(kind).json() == {
        "type": kind,
        "title": "没有图层 …",
        "status": 404,
    }
    assert reader.get("/problems/no-such-slug").status_code == 404


def test_every_problem_is_described(reader: TestClient) -> None:
    described = {problem["type"] for problem in reader.get("/problems").json()["problems"]}
    assert described == {f"/problems/{slug}" for slug in CATALOGUE}


def test_a_browser_gets_a_page(reader: TestClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    response = reader.get("/collections/%3Cscript%3E", headers={"accept": accept})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "<script>" not in response.text.split("<main", 1)[1]
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_an_unknown_address_and_method_have_the_same_shape(reader: TestClient) -> None:
    lost = reader.get("/no/such/page")
    assert (lost.status_code, lost.json()["type"]) == (404, "/problems/no-such-page")
    wrong = reader.post("/collections")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "/problems/wrong-method")
    assert wrong.headers["allow"] == "GET"


def test_a_wrong_parameter_names_its_place_and_rule(reader: TestClient) -> None:
    response = reader.get("/responsible?lon=abc&lat=95&x=1&lang=en")
    assert response.status_code == 400
    found = response.json()
    assert found["type"] == "/problems/bad-parameter"
    assert {(f["column"], f["rule"]) for f in found["findings"]} == {
        ("lon", "bad-parameter"),
        ("lat", "bad-parameter"),
        ("x", "bad-parameter"),
    }
    assert found["detail"] == "The parameter lon is wrong: it is no number"


def test_a_choice_is_told_in_the_words_of_the_reader(reader: TestClient) -> None:
    told = reader.get("/here/answer?lon=1&lat=1&datum=utm&lang=zh").json()["detail"]
    assert told.endswith("应为 'wgs84'、'gcj02'、'bd09' 之一")


@pytest.fixture
def broken(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    app: FastAPI = create_app(settings, database=district, registry=registry)

    @app.get("/broken")
    def _broken() -> None:
        raise ZeroDivisionError("the password is 1234")

    with TestClient(app, BASE, raise_server_exceptions=False) as client:
        client.headers.update(bearer(district))
        yield client


def test_a_fault_of_ours_tells_its_number_alone(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = broken.get("/broken")
    assert response.status_code == 500
    assert "1234" not in response.text
    assert "Traceback" not in response.text
    number = re.search(r"[0-9a-f]{8}", response.json()["detail"])
    assert number
    assert number[0] in caplog.text
    assert "the password is 1234" in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "/readyz",
        "/collections",
        "/collections/water/items",
        "/maps/fields",
        "/tiles/WebMercatorQuad/0/0/0",
    ],
)
def test_a_database_that_is_down_is_503(
    settings: Settings, registry: Registry, address: str
) -> None:
    nobody = Database("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
    with TestClient(create_app(settings, database=nobody, registry=registry), BASE) as client:
        response = client.get(address, headers={"authorization": "Bearer of something"})
        assert client.get("/healthz").status_code == 200
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert response.json()["type"] == "/problems/database-unreachable"
