"""`on`: every output as it was at the end of a past day, and `place`: of some ground alone."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from gis.clock import today
from gis.postgis import Database
from layers.declaring.people import Role
from layers.declaring.words import Layer
from layers.leaving.exporting import FORMATS
from layers.registry import Registry
from tests.api.conftest import Run
from tests.api.leak_reading import text
from tests.api.test_editing import GEOJSON, feature
from tests.factories import LAT, LON
from tests.layers.held.test_rights import EAST, SPOTS, WEST, put, put_divisions
from tests.layers.reading.test_past import backdate
from tests.layers.serving.test_tiles import _address
from tests.people import bearer

TODAY = today()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LONG_AGO = date(2017, 6, 30)
HTML = {"accept": "text/html"}
# Characters that stand nowhere else: of a name that was, one that is, and one of what is gone.
THEN, NOW, GONE = "龘昔", "龘今", "龘逝"


@pytest.fixture(params=["grid_fields", "road_segments", "courtyards"])
def changed(
    request: pytest.FixtureRequest, client: TestClient, database: Database, registry: Registry
) -> tuple[Layer, int]:
    """A layer with a feature that was called otherwise yesterday, and lacks one that was there."""
    layer = registry.layer(request.param)
    items = f"/collections/{layer.name}/items"
    made, gone = (
        client.post(items, json=feature(layer, n, name=name), headers=GEOJSON).json()["id"]
        for n, name in enumerate((THEN, GONE))
    )
    backdate(database, layer.name, 1)
    new = feature(layer, 0, name=NOW)
    assert client.put(f"{items}/{made}", json=new, headers=GEOJSON).status_code == 200
    assert client.delete(f"{items}/{gone}").status_code == 204
    return layer, made


def outputs(layer: Layer, feature_id: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address under which the feature's name is told."""
    base = f"/collections/{layer.name}"
    for address in (
        "items",
        f"items/{feature_id}",
        "items?filter=name%20LIKE%20%27%E9%BE%98%25%27",
    ):
        yield f"{base}/{address}", {}
        yield f"{base}/{address}", HTML
    for form in FORMATS:
        yield f"{base}/export?f={form}", {}
    col, row = _address(17, LON + 0.0002, LAT + 0.0002)
    yield f"{base}/tiles/WebMercatorQuad/17/{row}/{col}", {}
    yield f"/tiles/WebMercatorQuad/17/{row}/{col}?collections={layer.name}", {}


def dated(address: str, on: date) -> str:
    return f"{address}{'&' if '?' in address else '?'}on={on}"


def test_every_output_of_a_past_day_is_as_it_was(
    client: TestClient, changed: tuple[Layer, int]
) -> None:
    layer, made = changed
    for address, headers in outputs(layer, made):
        one = f"items/{made}" in address
        now = client.get(address, headers=headers)
        today = client.get(dated(address, TODAY), headers=headers)
        then = client.get(dated(address, YESTERDAY), headers=headers)
        for answer in (now, today):
            found = text(answer)
            assert answer.status_code == 200
            assert NOW in found, address
            assert THEN not in found, address
            assert GONE not in found, address
        found = text(then)
        assert then.status_code == 200
        assert THEN in found, address
        assert NOW not in found, address
        assert one or GONE in found or "/tiles/" in address, address
        assert headers != HTML or YESTERDAY.isoformat() in found
        tags = [answer.headers.get("etag") for answer in (now, then)]
        assert tags == [None, None] or tags[0] != tags[1]


def test_counts_and_figures_are_those_of_the_day(
    client: TestClient, changed: tuple[Layer, int]
) -> None:
    layer, _ = changed
    items = f"/collections/{layer.name}/items"
    summary = "/maps/overview/summary"
    for on, count in ((None, 1), (TODAY, 1), (YESTERDAY, 2), (LONG_AGO, 0)):
        query = "" if on is None else f"?on={on}"
        assert client.get(items + query).json()["numberMatched"] == count
        found = client.get(summary + query).json()["layers"][layer.name]
        assert found["count"] == count
        assert (found["bounds"] is None) is (count == 0)


def test_pages_of_a_past_day_lead_to_one_another(
    client: TestClient, changed: tuple[Layer, int]
) -> None:
    layer, _ = changed
    answer = client.get(f"/collections/{layer.name}/items?limit=1&on={YESTERDAY}").json()
    (following,) = [link["href"] for link in answer["links"] if link["rel"] == "next"]
    assert parse_qs(urlsplit(following).query)["on"] == [YESTERDAY.isoformat()]
    assert GONE in client.get(following).text


def test_what_came_later_was_not_there_and_what_is_gone_was(
    client: TestClient, changed: tuple[Layer, int]
) -> None:
    layer, made = changed
    item = f"/collections/{layer.name}/items/{made}"
    assert client.get(f"{item}?on={LONG_AGO}").status_code == 404
    assert client.get(f"{item}?on={YESTERDAY}").status_code == 200


def test_tile_sets_of_a_past_day_say_so_in_their_addresses(
    client: TestClient, changed: tuple[Layer, int]
) -> None:
    layer, _ = changed
    for base in ("/tiles/WebMercatorQuad", f"/collections/{layer.name}/tiles/WebMercatorQuad"):
        now = client.get(f"{base}?f=tilejson").json()
        then = client.get(f"{base}?f=tilejson&on={YESTERDAY}").json()
        assert then["tiles"][0].endswith(f"?on={YESTERDAY}")
        assert "on=" not in now["tiles"][0]
        assert then["bounds"] != now["bounds"]
        col, row = _address(17, LON + 0.0002, LAT + 0.0002)
        address = then["tiles"][0].format(z=17, y=row, x=col)
        assert THEN in text(client.get(address))
        links = client.get(f"{base}?on={YESTERDAY}").json()["links"]
        for link in links:
            if link["rel"] in {"self", "item", "describedby"}:
                assert f"on={YESTERDAY}" in link["href"]


@pytest.mark.parametrize("on", [str(TOMORROW), "2017-13-01", "20170630", "0", "", "yesterday"])
def test_days_to_come_and_nonsense_are_refused(client: TestClient, on: str) -> None:
    col, row = _address(17, LON, LAT)
    for address in (
        "/collections/courtyards/items",
        "/collections/courtyards/items/1",
        "/collections/courtyards/export",
        f"/collections/courtyards/tiles/WebMercatorQuad/17/{row}/{col}",
        f"/tiles/WebMercatorQuad/17/{row}/{col}",
        "/tiles/WebMercatorQuad",
        "/maps/overview",
        "/maps/overview/summary",
    ):
        answer = client.get(f"{address}?on={on}")
        assert answer.status_code == 400, (address, answer.text)
        assert on in answer.json()["detail"] or "on" in answer.json()["detail"]


# --- maps -----------------------------------------------------------------------------------------
def test_a_map_of_a_past_day_says_so_and_keeps_the_day(client: TestClient) -> None:
    page = client.get(f"/maps/fields?on={LONG_AGO}&division={WEST}", headers=HTML).text
    assert "2017-06-30 的情况" in page
    assert (
        f'<input id="gf-day" type="date" name="on" required min="1900-01-01" max="{TODAY}"' in page
    )
    assert f'<input type="hidden" name="division" value="{WEST}">' in page
    # Of data the ground is called otherwise: a field of a layer may be called division.
    told = re.search(r'"asked":\s*(\{[^}]*\})', page)
    assert told is not None
    assert json.loads(told[1]) == {"on": "2017-06-30", "place": WEST}
    for address in ("/tiles/WebMercatorQuad/", "/maps/fields/summary"):
        (said,) = re.findall(rf'"({address}[^"]*)"', page)
        asked = parse_qs(urlsplit(json.loads(f'"{said}"')).query)
        assert (asked["on"], asked["place"]) == (["2017-06-30"], [WEST])
    assert f'href="/maps/courtyards?on=2017-06-30&amp;division={WEST}"' in page
    assert f'<a href="/maps/fields?division={WEST}">' in page
    now = client.get("/maps/fields", headers=HTML).text
    assert "gf-asof" not in now
    assert not re.search(r"[?&;]on=", now)


def test_a_map_of_a_division_names_it_and_shows_nothing_else(
    client: TestClient, database: Database, registry: Registry
) -> None:
    put_divisions(database, registry)
    units = registry.layer("courtyards")
    for n, code in enumerate((WEST, EAST)):
        put(database, units, SPOTS[code], n)
    with database.read() as connection:
        (named,) = connection.exec_driver_sql(
            "SELECT name FROM divisions WHERE code = %s", (WEST,)
        ).one()
    page = client.get(f"/maps/courtyards?division={WEST}", headers=HTML).text
    assert f"<bdi>{named}</bdi>" in page
    found = client.get(f"/maps/courtyards/summary?place={WEST}").json()["layers"]
    assert found[units.name]["count"] == 1
    for place, count in ((WEST, 1), ("630102007000", 2), ("630103000000", 0)):
        items = client.get(f"/collections/{units.name}/items?place={place}").json()
        assert items["numberMatched"] == count
        lines = client.get(f"/collections/{units.name}/export?f=geojsonl&place={place}").text
        assert lines.count("\n") == count
    col, row = _address(14, SPOTS[WEST], LAT + 0.005)
    tile = f"/collections/{units.name}/tiles/WebMercatorQuad/14/{row}/{col}"
    assert len(client.get(f"{tile}?place={WEST}").content) < len(client.get(tile).content)
    # What somebody may not see is no more there for being named.
    theirs = bearer(database, Role.VIEWER, EAST)
    answer = client.get(f"/collections/{units.name}/items?place={WEST}", headers=theirs)
    assert answer.json()["numberMatched"] == 0
    assert (
        named
        not in client.get(f"/maps/courtyards?division={WEST}", headers={**theirs, **HTML}).text
    )


@pytest.mark.parametrize("code", ["63010200700", "x", "6301020070010", "６３０１０２００７００１"])
def test_a_code_that_is_none_is_refused(client: TestClient, code: str) -> None:
    for address in (
        f"/maps/fields?division={code}",
        f"/collections/courtyards/items?place={code}",
        f"/collections/courtyards/export?place={code}",
        f"/tiles/WebMercatorQuad/0/0/0?place={code}",
    ):
        assert client.get(address).status_code == 400


# --- the command line -----------------------------------------------------------------------------
def test_the_command_exports_a_past_day_and_a_condition(
    client: TestClient, changed: tuple[Layer, int], gridfield: Run
) -> None:
    layer, _ = changed
    done = gridfield("export", layer.name, "then.csv", "--on", str(YESTERDAY))
    assert done.returncode == 0, done.stderr
    with open("then.csv", encoding="utf-8") as file:  # noqa: PTH123  in the command's folder
        found = file.read()
    assert THEN in found
    assert GONE in found
    assert NOW not in found
    done = gridfield(
        "export", layer.name, "one.csv", "--on", str(YESTERDAY), "--where", f"name = '{GONE}'"
    )
    assert done.returncode == 0, done.stderr
    with open("one.csv", encoding="utf-8") as file:  # noqa: PTH123
        found = file.read()
    assert GONE in found
    assert THEN not in found
    for wrong in (["--on", str(TOMORROW)], ["--on", "x"], ["--where", "nothing = 1"]):
        done = gridfield("export", layer.name, "wrong.csv", *wrong)
        assert done.returncode == 2, (wrong, done.stderr)
