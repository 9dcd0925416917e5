"""The stock of illegal structures and the procedure against one, for programs and people."""

import re
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

HTML = {"accept": "text/html"}
CAMPAIGN = "2017-01-01/2017-07-20"


def of(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def records(client: TestClient) -> list[dict[str, Any]]:
    """The demolitions of the campaign, as the register has them."""
    between = "done_on BETWEEN DATE('2017-01-01') AND DATE('2017-07-20')"
    path = "/collections/demolitions/items"
    found = client.get(path, params={"filter": between, "limit": 100}).json()["features"]
    return [each["properties"] for each in found]


def test_the_stock_of_the_campaign_is_what_the_records_add_up_to(reader: TestClient) -> None:
    found = of(reader, f"/structures?period={CAMPAIGN}")
    taken = records(reader)
    assert found["demolished"]["areaM2"] == sum(each["area_m2"] for each in taken) > 0
    whole = {each["structure"] for each in taken if each["whole"]}
    assert found["demolished"]["count"] == len(whole) > 0
    for each in (found, *found["divisions"]):
        for name in ("count", "areaM2"):
            left = each["opening"][name] + each["added"][name] - each["removed"][name]
            assert left == pytest.approx(each["remaining"][name])


def test_the_communities_and_villages_make_up_their_street(reader: TestClient) -> None:
    found = of(reader, f"/structures?period={CAMPAIGN}")
    street, *parts = found["divisions"]
    assert street["division"].endswith("000")
    for name in ("opening", "added", "removed", "remaining"):
        assert street[name] == found[name]
        total = sum(part[name]["areaM2"] for part in parts)
        assert total == pytest.approx(street[name]["areaM2"])


def test_a_structure_tells_its_lawful_day_with_its_basis(reader: TestClient) -> None:
    (first, *_) = records(reader)
    number = first["structure"]
    items = "/collections/illegal_structures/items"
    (feature,) = of(reader, f"{items}?number={number}")["features"]
    found = of(reader, f"/structures/{feature['id']}")
    assert found["number"] == number
    ends = [each["ends"] for each in found["lawful"]["basis"]]
    if found["lawful"]["earliest"]:
        assert found["lawful"]["earliest"] > max(ends)
    else:
        assert found["lawful"]["missing"]
    assert all(each["standard"] for each in found["lawful"]["basis"])
    pieces = sum(each["areaM2"] for each in found["demolitions"])
    assert pieces == feature["properties"]["demolished_area_m2"]
    other = of(reader, f"/structures/{feature['id']}?policy=being_built")
    assert other["lawful"]["policy"] == "being_built"
    assert "recipient" not in str(found)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/structures/0", 404, "unknown-feature"),
        ("/structures/x", 404, "unknown-feature"),
        ("/structures/9999999999999999999999", 404, "unknown-feature"),
        ("/structures/1?policy=never", 404, "unknown-policy"),
        ("/structures?period=2017-13", 400, "bad-period"),
        ("/structures?place=1", 400, "bad-parameter"),
        ("/structures/stock/nothing", 400, "bad-parameter"),
        ("/structures/stock/added?after=x", 400, "bad-parameter"),
        ("/structures/stock/added?limit=0", 400, "bad-parameter"),
        ("/structures/stock/added?period=2017-13", 400, "bad-period"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    reader: TestClient, path: str, status: int, slug: str
) -> None:
    answer = reader.get(path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_people_read_the_same_as_pages(reader: TestClient, lang: str) -> None:
    page = reader.get(f"/structures?period={CAMPAIGN}&lang={lang}", headers=HTML)
    assert page.status_code == 200
    found = of(reader, f"/structures?period={CAMPAIGN}")
    assert f"{found['demolished']['areaM2']:g}" in page.text
    (address,) = set(re.findall(r'href="(/structures/stock/demolished\?[^"&]*)"', page.text))
    shares = of(reader, address)["structures"]
    part = reader.get(f"{address}&lang={lang}", headers=HTML)
    assert part.status_code == 200
    assert all(each["number"] in part.text for each in shares)
    assert shares
    items = of(reader, "/collections/illegal_structures/items?limit=100")["features"]
    for each in items:
        own = reader.get(f"/structures/{each['id']}?lang={lang}", headers=HTML)
        assert own.status_code == 200
        assert each["properties"]["number"] in own.text
        day = of(reader, f"/structures/{each['id']}")["lawful"]["earliest"]
        assert day is None or (date.fromisoformat(day) and day in own.text)
    record = reader.get(f"/collections/illegal_structures/items/{items[0]['id']}", headers=HTML)
    assert re.search(rf'href="/structures/{items[0]["id"]}"', record.text)
