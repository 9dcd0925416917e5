"""One's own writes over a real connection: what was just stored, changed or deleted is seen."""

import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from layers.registry import Registry
from tests.api.test_editing import GEOJSON, feature
from tests.api.test_tiles import place
from tests.factories import LAT
from tests.layers.held.test_rights import SPOTS, WEST

UNITS = "/collections/work_units"
Ask = Callable[..., tuple[int, bytes, Mapping[str, str]]]


def asking(link: http.client.HTTPConnection, headers: Mapping[str, str]) -> Ask:
    """Asks on this connection in somebody's name: status, body and headers come back."""

    def ask(method: str, path: str, body: Any = None, **more: str) -> Any:
        told = {**headers, **GEOJSON, **{name.replace("_", "-"): v for name, v in more.items()}}
        link.request(method, path, body and json.dumps(body), told)
        answer = link.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())

    return ask


def edited(ask: Ask, registry: Registry, n: int, turn: int, see: Ask | None = None) -> list[str]:
    """One feature's life; what was not as it had to be, as it is seen through `see`."""
    see = see or ask
    units = registry.layer("work_units")
    spot = {"type": "Point", "coordinates": [SPOTS[WEST], LAT + 0.005]}
    names = [f"{what}{n}次{turn}的单位" for what in ("新", "改")]
    one = feature(units, n, name=names[0]) | {"geometry": spot}
    status, _, headers = ask("POST", f"{UNITS}/items", one)
    if status != 201:
        return [f"stored: {status}"]
    address = headers["location"].partition("127.0.0.1")[2].partition("/")[2]
    faults = _seen(see, names, (True, False))
    two = feature(units, n, name=names[1]) | {"geometry": spot}
    _, _, now = ask("GET", f"/{address}")
    status, _, _ = ask("PUT", f"/{address}", two, if_match=now["etag"])
    faults += [] if status == 200 else [f"changed: {status}"]
    faults += _seen(see, names, (False, True))
    _, _, now = ask("GET", f"/{address}")
    ask("DELETE", f"/{address}", if_match=now["etag"])
    return faults + _seen(see, names, (False, False))


def _seen(ask: Ask, names: list[str], wanted: tuple[bool, bool]) -> list[str]:
    address = f"{UNITS}/tiles/WebMercatorQuad/{place(15, SPOTS[WEST], LAT + 0.005)}"
    status, body, _ = ask("GET", address)
    faults = [] if status in (200, 204) else [f"tile: {status}"]
    for name, there in zip(names, wanted, strict=True):
        if (name.encode() in body) is not there:
            faults.append(f"tile: {name}")
        _, listed, _ = ask("GET", f"{UNITS}/items?{urlencode({'name': name, 'limit': 1})}")
        if json.loads(listed)["numberMatched"] != there:
            faults.append(f"count: {name}")
    return faults
