"""The page 「谁负责」: what it answers to whom, with and without a script, by place and by name."""

import json
import re
from html import unescape
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from gis.datum import Datum, convert
from gis.postgis import Database
from layers.declaring.people import Role
from layers.schema.accounts import PERSONAL_READS
from tests.people import bearer

PAGE = {"accept": "text/html"}
DISTRICT = "630102000000"


@pytest.fixture(scope="module")
def fields(reader: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get("/collections/grid_fields/items?limit=10000").json()[
        "features"
    ]
    return found


def inner_point(feature: dict[str, Any]) -> tuple[float, float]:
    point = shapely.from_geojson(json.dumps(feature["geometry"])).representative_point()
    return point.x, point.y


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


def answer(client: TestClient, **query: str | float) -> str:
    response = client.get("/here/answer", params=query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-store"
    return response.text


def test_the_answer_is_that_of_responsible(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    for feature in fields[:12]:
        lon, lat = inner_point(feature)
        read = text_of(answer(reader, lon=lon, lat=lat))
        found = reader.get("/responsible", params={"lon": lon, "lat": lat}).json()
        for told in (*found["fields"], found["road"]):
            assert told["name"] in read
        for duty in found["duties"]:
            assert duty["label"] in read
            assert duty["person"]["name"] in read
        for doubt in found["doubts"]:
            assert doubt["message"] in read
        assert f"相距 {round(found['road']['distance_m']):,} 米" in read or "就在这里" in read


def test_the_page_has_the_answer_without_a_script(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    lon, lat = inner_point(fields[0])
    page = reader.get("/here", params={"lon": lon, "lat": lat}, headers=PAGE)
    assert page.status_code == 200
    assert fields[0]["properties"]["leader"] in text_of(page.text)
    assert answer(reader, lon=lon, lat=lat).strip() in page.text
    assert '<form class="gf-ask" id="here-ask" action="/here" method="get"' in page.text
    asked = reader.get("/here", headers=PAGE)
    assert "这块地，谁负责？" in text_of(asked.text)


def test_a_border_names_both_and_says_so(reader: TestClient, fields: list[dict[str, Any]]) -> None:
    lon, lat = fields[0]["geometry"]["coordinates"][0][0]
    found = reader.get("/responsible", params={"lon": lon, "lat": lat}).json()
    read = text_of(answer(reader, lon=lon, lat=lat))
    assert len(found["fields"]) > 1
    for field in found["fields"]:
        assert field["name"] in read
    assert found["doubts"][0]["message"] in read


def test_outside_the_nearest_field_is_named(reader: TestClient) -> None:
    read = text_of(answer(reader, lon=101.7, lat=36.62, lang="en"))
    assert "This lies in no field" in read
    assert "Nearest field" in read
    assert "This lies in no field and no division" in read


def test_another_day_is_said_to_be_one(reader: TestClient, fields: list[dict[str, Any]]) -> None:
    lon, lat = inner_point(fields[0])
    found = answer(reader, lon=lon, lat=lat, on="2001-01-01")
    read = text_of(found)
    assert "2001-01-01 的情况" in read
    assert fields[0]["properties"]["leader"] not in read
    assert 'data-on="2001-01-01"' in found
    assert "的情况" not in text_of(answer(reader, lon=lon, lat=lat, on=""))


def test_coordinates_of_a_phones_map_are_taken_for_what_they_are(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    lon, lat = inner_point(fields[0])
    (there_lon,), (there_lat,) = convert([lon], [lat], Datum.WGS84, Datum.GCJ02)
    found = answer(reader, lon=there_lon, lat=there_lat, datum="gcj02")
    assert fields[0]["properties"]["name"] in text_of(found)
    told = re.search(r'data-lon="([^"]+)" data-lat="([^"]+)"', found)
    assert told is not None
    assert [float(x) for x in told.groups()] == pytest.approx([lon, lat], abs=1e-8)


def test_a_place_is_found_by_its_name_its_code_and_by_coordinates(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    field = fields[0]
    properties = field["properties"]
    lon, lat = inner_point(field)
    for text in (properties["code"], f"{lon:.7f}, {lat:.7f}", f" {lat:.7f}，{lon:.7f} "):
        read = text_of(answer(reader, q=text))
        assert properties["name"] in read, text
        assert properties["leader"] in read, text
    listed = answer(reader, q="社区第")
    assert "只列出最接近的 12 处" in listed
    assert listed.count('<li><a href="/here?lon=') == 12
    roads = reader.get("/collections/road_segments/items?limit=10000").json()["features"]
    name = roads[0]["properties"]["name"]
    assert name in text_of(answer(reader, q=name[:2]))
    # Latin letters as they come, wildcards as they stand.
    for text in ("100%", "_", "没有这个地方", "\\", "'; DROP TABLE duties; --"):
        assert "没有找到" in text_of(answer(reader, q=text)), text


def test_where_a_name_leads_is_the_place_itself(reader: TestClient) -> None:
    listed = answer(reader, q="第1网格")
    links = re.findall(r'<a href="(/here\?lon=[^"]+)"><bdi>([^<]+)</bdi>', listed)
    assert links
    for address, name in links:
        page = reader.get(unescape(address), headers=PAGE)
        assert f"<h2><bdi>{name}</bdi></h2>" in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"lon": "181", "lat": "1"},
        {"lon": "nan", "lat": "1"},
        {"lon": "x", "lat": "1"},
        {"lon": "1", "lat": "1", "on": "yesterday"},
        {"lon": "1", "lat": "1", "datum": "utm"},
        {"q": "x" * 81},
    ],
)
def test_what_is_no_question_is_refused(reader: TestClient, query: dict[str, str]) -> None:
    refused = reader.get("/here/answer", params=query)
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/bad-parameter")
    page = reader.get("/here", params=query, headers=PAGE)
    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("text", ["\0", "\x01\x02", "\u202e", "<b>", "{{7*7}}", "%", "   "])
def test_any_text_is_a_name_at_most(reader: TestClient, text: str) -> None:
    found = answer(reader, q=text)
    assert "<b>" not in found
    assert "49" not in text_of(found)


def test_a_number_is_a_link_for_who_may_know_it_and_masked_for_others(
    reader: TestClient, district: Database, fields: list[dict[str, Any]]
) -> None:
    feature = next(f for f in fields if f["properties"]["leader"])
    lon, lat = inner_point(feature)
    leader = feature["properties"]["leader"]
    known = reader.get("/responsible", params={"lon": lon, "lat": lat}).json()["duties"]
    number = next(x["person"]["phone"] for x in known if x["role"] == "grid_leader")
    for role, may in ((Role.LEADER, True), (Role.OFFICER, True), (Role.VIEWER, False)):
        headers = bearer(district, role, DISTRICT)
        found = reader.get("/here/answer", params={"lon": lon, "lat": lat}, headers=headers).text
        assert (leader in found) is may
        assert (f'href="tel:{number}"' in found) is may
        assert ("tel:" in found) is may
        assert (number in found) is may
        if not may:
            assert f"{leader[0]}**" in found
            assert "****" in found
            assert "姓名和电话不完整显示" in found


def test_what_lies_elsewhere_is_neither_found_nor_answered_for(
    reader: TestClient, district: Database, fields: list[dict[str, Any]]
) -> None:
    codes = sorted({feature["properties"]["division"] for feature in fields})
    own = bearer(district, Role.LEADER, codes[0])
    foreign = next(f for f in fields if f["properties"]["division"] == codes[-1])
    lon, lat = inner_point(foreign)
    name, leader = (foreign["properties"][x] for x in ("name", "leader"))
    place = reader.get("/here/answer", params={"lon": lon, "lat": lat}, headers=own).text
    assert name not in place
    assert leader not in text_of(place)
    for text in (name, foreign["properties"]["code"]):
        found = reader.get("/here/answer", params={"q": text}, headers=own).text
        assert "没有找到" in text_of(found)


def test_a_look_at_people_is_noted(
    reader: TestClient, district: Database, fields: list[dict[str, Any]]
) -> None:
    lon, lat = inner_point(fields[0])
    counted = sa.select(sa.func.count()).where(PERSONAL_READS.c.way == "here")

    def noted() -> int:
        with district.read() as connection:
            return int(connection.scalar(counted) or 0)

    before = noted()
    answer(reader, lon=lon, lat=lat)
    assert noted() == before + 1
    viewer = bearer(district, Role.VIEWER, DISTRICT)
    reader.get("/here/answer", params={"lon": lon, "lat": lat}, headers=viewer)
    assert noted() == before + 1, "nothing was told unmasked"


def test_nobody_is_answered_without_signing_in(reader: TestClient) -> None:
    unknown = {"authorization": "Bearer none"}
    refused = reader.get("/here/answer", params={"lon": 1, "lat": 1}, headers=unknown)
    assert refused.status_code == 401
    page = reader.get("/here?lon=1&lat=2", headers=unknown | PAGE, follow_redirects=False)
    assert page.headers["location"] == "/auth/sign-in?next=%2Fhere%3Flon%3D1%26lat%3D2"


def test_before_anything_is_recorded_the_page_is_there(client: TestClient) -> None:
    page = client.get("/here?lon=101.8&lat=36.6", headers=PAGE)
    assert page.status_code == 200
    assert "这里不属于任何责任田" in text_of(page.text)
