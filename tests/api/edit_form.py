"""The pages for editing as a browser fills them in, and fields in a row to be edited."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import httpx2
import shapely
from starlette.testclient import TestClient

HTML = {"accept": "text/html"}
FIELDS = "/collections/grid_fields/items"
YARDS = "/collections/courtyards/items"


def page(client: TestClient, address: str) -> str:
    answer = client.get(address, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


class _Form(HTMLParser):
    """Reads the controls of a page with their values, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.sent[given["name"]] = given["value"]
        elif tag in {"textarea", "select"}:
            self._open = given["name"]
            self.sent[self._open] = ""
        elif tag == "option" and "selected" in given:
            self.sent[self._open] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"textarea", "select"}:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open and self.lasttag == "textarea":
            self.sent[self._open] += data


def form(text: str) -> dict[str, str]:
    """What the form of the page would send, as it stands."""
    parser = _Form()
    parser.feed(text)
    return parser.sent


def send(
    client: TestClient, address: str, sent: Mapping[str, str], lang: str = "zh"
) -> httpx2.Response:
    return client.post(
        f"{address}?lang={lang}", data=dict(sent), headers=HTML, follow_redirects=False
    )


def geojson(ground: shapely.Geometry) -> str:
    return json.dumps(json.loads(shapely.to_geojson(ground)))


def moved(client: TestClient, feature_id: int, ground: shapely.Geometry) -> dict[str, Any]:
    was = client.get(f"{FIELDS}/{feature_id}").json()["geometry"]
    return {"id": feature_id, "geometry": json.loads(geojson(ground)), "was": was}
