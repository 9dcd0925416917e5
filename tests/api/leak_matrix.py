"""What is asked of every route that reads: made from the routes and their parameters themselves.

A route, a part of an address or a parameter that is not known here cannot be asked about, and the
test that walks over all routes fails until somebody has said what to ask.
"""

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI

from api import openapi
from layers.calendar.deadlines import BEIJING
from layers.declaring.duties import ROLES
from layers.declaring.people import EVERYWHERE
from layers.declaring.words import Layer
from layers.registry import Registry
from layers.structures import stock
from tests.api.leak_ground import Ground
from tests.api.leak_places import (
    ABROAD,
    DISTRICT,
    FAR_MARK,
    FIRST_NUMBERS,
    NEAR_MARK,
    NEVER,
    OWN,
    PARTS,
    SIBLING,
    STREET,
    picture,
    record_name,
)
from tests.factories import LAT, LON
from tests.photographs import name_of

Operation = tuple[str, str]

NO_TOKEN = "A" * 43
_ZOOMS = (13, 17)
_TODAY = datetime.now(BEIJING).date()
_JSON = {"content-type": "application/geo+json"}

# Numbers, places and foreign texts in a question.
_SAID = re.compile(rf"[0-9]{{7}}|[0-9]+\.[0-9]+|[{NEAR_MARK}{FAR_MARK}]\w+")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    data: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, str]] | None = None

    def words(self) -> Iterator[str]:
        """What an answer may repeat because the question said it."""
        yield from self.path.split("/")[1:]
        for _, value in self.params:
            condition = value.partition(":")[2]  # a map's page says it without the layer
            for said in filter(None, (value, condition)):
                yield from (said, said.replace(" ", "+"), *_SAID.findall(said))
        yield from (self.data or {}).values()
        for text in ((self.content or b"").decode(), *(text for _, text in self._brought())):
            yield from _SAID.findall(text)

    def _brought(self) -> Sequence[tuple[str, str]]:
        return list((self.files or {}).values())

    def sent(self) -> dict[str, Any]:
        """The arguments of the client's `request`."""
        names = ("method", "params", "content", "data", "files")
        return {"url": self.path, **{name: getattr(self, name) for name in names}}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the values of a parameter may be taken from; `layer` is that of the address."""

    ground: Ground
    registry: Registry
    layer: Layer | None = None


Values = Callable[[Scene], Sequence[str]]


# --- parts of an address --------------------------------------------------------------------------
def _of_each_part(table: str) -> Values:
    """A number of each part, and one that never was."""

    def values(scene: Scene) -> Sequence[str]:
        found = [scene.ground.numbers[part].get(table, ()) for part in PARTS]
        return [*(str(ids[0]) for ids in found if ids), str(NEVER)]

    return values


def _features(scene: Scene) -> Sequence[str]:
    assert scene.layer is not None
    named = [record_name(part) for part in PARTS] if scene.layer.logged else []
    return [*_of_each_part(scene.layer.name)(scene), _gone(scene), *named]


def _gone(scene: Scene) -> str:
    """A foreign feature that is no more, and of which only the history knows."""
    assert scene.layer is not None
    known = scene.ground.numbers["far"][scene.layer.name]
    missing = set(range(FIRST_NUMBERS["far"] + 1, max(known, default=0) + 1)) - set(known)
    return str(min(missing, default=NEVER))


def _changes(scene: Scene) -> Sequence[str]:
    """A change of each of the features that `_features` begins with."""
    assert scene.layer is not None
    return [*map(str, scene.ground.changes[scene.layer.name]), str(NEVER)]


def _tokens(scene: Scene) -> Sequence[str]:
    return [*scene.ground.drafts.values(), NO_TOKEN]


ADDRESSES: Mapping[str, Values] = {
    "layer": lambda scene: [*scene.registry.layers, "nothing"],
    "theme": lambda scene: [*scene.registry.themes, "nothing"],
    "feature_id": _features,
    "duty_id": _of_each_part("duties"),
    "structure": _of_each_part("illegal_structures"),
    # The last is asked about with a period: what all structures of the ground have in theirs.
    "part": lambda _: sorted(stock.PARTS, key="demolished".__eq__),
    "person_id": _of_each_part("persons"),
    "webhook": _of_each_part("webhooks"),
    "delivery": _of_each_part("deliveries"),
    "account_id": _of_each_part("accounts"),
    "change": _changes,
    "number": _of_each_part("import_batches"),
    "token": _tokens,
    "patrol": lambda _: [*map(record_name, PARTS), f"{NEVER:08}-0000-4000-8000-000000000000", "1"],
    "named": lambda _: ["2017", "2017-01-01/2026-12-31", f"{_TODAY:%Y-%m}"],
    "sha256": lambda _: [name_of(picture(part)) for part in PARTS] + [name_of(b"never")],
}
_TILE = ("z", "row", "col")


def _tiles() -> list[tuple[str, str, str]]:
    spots = [place.spot for part in PARTS.values() for place in part]
    found = {_tile(zoom, *spot) for zoom in _ZOOMS for spot in spots}
    return [(str(z), str(row), str(col)) for z, row, col in sorted(found)]


def _tile(zoom: int, lon: float, lat: float) -> tuple[int, int, int]:
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return zoom, int((1 - north) / 2 * 2**zoom), int((lon + 180) / 360 * 2**zoom)


def addresses(scene: Scene, path: str) -> Iterator[tuple[str, Scene]]:
    """The addresses of a route, each with what stands in it."""
    if "{layer}" in path:
        for name in ADDRESSES["layer"](scene):
            layer = scene.registry.layers.get(name)
            if layer is not None:
                own = Scene(scene.ground, scene.registry, layer)
                yield from addresses(own, path.replace("{layer}", name))
            elif path.endswith("{layer}"):
                yield path.replace("{layer}", name), scene
        return
    names = re.findall(r"{(\w+)}", path)
    columns: dict[str, Sequence[str]] = {}
    if set(_TILE) <= set(names):
        columns |= dict(zip(_TILE, zip(*_tiles(), strict=True), strict=True))
    columns |= {name: ADDRESSES[name](scene) for name in names if name not in _TILE}
    # Side by side and not each with each: what belongs together comes first.
    for n in range(max(map(len, columns.values()), default=1)):
        filled = {name: values[n % len(values)] for name, values in columns.items()}
        yield path.format(**filled), scene


# --- parameters -----------------------------------------------------------------------------------
def _box(west: float, east: float) -> str:
    return f"{west},{LAT - 0.01},{east},{LAT + 0.02}"


def _filters(scene: Scene) -> Sequence[str]:
    layer = scene.layer or scene.registry.layers["grid_fields"]
    name = next(f.name for f in layer.fields if not (f.choices or f.pattern or f.code))
    foreign = f"POLYGON(({LON + 0.01} 36,{LON + 0.06} 36,{LON + 0.06} 37,{LON + 0.01} 36))"
    asked = [
        f"{name} LIKE '{FAR_MARK}%' OR {name} LIKE '{NEAR_MARK}%'",
        f"S_INTERSECTS(geometry, {foreign})",
        f"NOT ({name} IS NULL)",
        f"{name} = '' OR 1 = 1",
    ]
    # Maps ask it of one of their layers by name, and so do tiles of a single layer.
    named = asked if scene.layer is None else asked[2:3]
    return [*asked, *(f"{layer.name}:{condition}" for condition in named)]


def _members(scene: Scene) -> Sequence[str]:
    return [str(scene.ground.numbers[part]["grid_fields"][0]) for part in PARTS]


# At so many addresses of a route each form is asked for.
_FORMS_AT = 3
# What an answer is without being asked for a form.
_USUAL = frozenset({"json", "geojson", "mvt"})
_SAYS_HOW = "it says how a file or an answer is written, not what is asked for"


def _divisions(_: Scene) -> Sequence[str]:
    return [OWN, SIBLING, STREET, ABROAD, DISTRICT, EVERYWHERE, "630109001001"]


PARAMETERS: Mapping[str, Values | str] = {
    "lang": _SAYS_HOW,
    "bbox-crs": _SAYS_HOW,
    "crs": _SAYS_HOW,
    "filter-lang": _SAYS_HOW,
    "filter-crs": _SAYS_HOW,
    "epsg": _SAYS_HOW,
    "encoding": _SAYS_HOW,
    "heading": _SAYS_HOW,
    "part": _SAYS_HOW,
    "v": _SAYS_HOW,
    "transform": _SAYS_HOW,
    "map": _SAYS_HOW,
    "changed": _SAYS_HOW,
    "candidate": _SAYS_HOW,
    "datum": lambda _: ["gcj02"],
    "at": lambda _: ["2026-11-01T09:00:00Z"],
    "kind": lambda _: ["06013"],
    # All that there is, and from a moment within what was stored.
    "since": lambda _: ["1:1:", "1:900:5,7", "1:1:~1:9000:~1"],
    "seconds": lambda _: ["0"],
    "bbox": lambda _: [_box(LON + 0.0101, LON + 0.06), _box(LON - 0.01, LON + 0.06)],
    "datetime": lambda _: ["2017-01-01/.."],
    "limit": lambda _: ["1", "10000"],
    "after": lambda _: ["1", str(FIRST_NUMBERS["near"])],
    "before": lambda _: ["2", str(FIRST_NUMBERS["far"])],
    "filter": _filters,
    "collections": lambda scene: [",".join(layer.name for layer in scene.registry.mapped)],
    "division": _divisions,
    "layer": lambda scene: [layer.name for layer in scene.registry.mapped][-2:],
    "feature": _members,
    "person": _of_each_part("persons"),
    "role": lambda _: [next(iter(ROLES))],
    "on": lambda _: [str(_TODAY + timedelta(days=days)) for days in (-70, -1, 30)],
    "households": lambda _: ["0"],
    "metres": lambda _: ["0"],
    "cases": lambda _: ["0"],
    "fields": lambda _: ["0"],
    "least_units": lambda _: ["3"],
    "most_units": lambda _: ["0"],
    "place": _divisions,
    "waiting": lambda _: ["2017-05-01", str(_TODAY)],
    "by": lambda _: ["workload"],
    "theme": lambda scene: [*scene.registry.themes][:2],
    "profile": lambda _: ["public"],
    "q": lambda _: [NEAR_MARK, FAR_MARK, SIBLING, ABROAD, "单位", f"{LON + 0.015}, {LAT + 0.005}"],
    "on_conflict": lambda _: ["update"],
    "gone": lambda _: ["delete"],
    "accept_valid": lambda _: ["true"],
    "number": lambda _: ["true"],
    "draft": _tokens,
    "unread": lambda _: ["true"],
    "done": lambda _: ["accept", "nothing"],
    "size": lambda _: ["160", "480"],
    "span": lambda _: ["week"],
    "count": lambda _: ["1", "30"],
    "policy": lambda _: ["being_built", "never"],
    "sortby": lambda scene: (
        [f"{way}{scene.layer.fields[0].name}" for way in ("", "-")] if scene.layer else []
    ),
    "period": lambda _: ["2017", f"{_TODAY:%Y}"],
}


def _points() -> list[tuple[float, float]]:
    """In own and foreign fields, beside the border on both sides, and in no field."""
    border = LON + 0.01
    lons = (LON + 0.002, border - 1e-6, border, border + 1e-6, LON + 0.015, LON + 0.025, LON + 0.05)
    return [(lon, lat) for lon in lons for lat in (LAT + 0.005, LAT + 0.011)]


_AT = frozenset({"lon", "lat"})


# What a record in the field is asked about with: those of the ground are of this kind and day.
_LOGGED = {"layer": "sites", "kind": "06010", "at": "2026-11-23T09:00:00+08:00"}


def _plain(parameters: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, str]]:
    """The question without anything that need not be said; a place where there can be one."""
    names = {p["name"] for p in parameters}
    needed = {p["name"] for p in parameters if p.get("required")}
    assert needed <= _AT | set(_LOGGED), needed
    given = _LOGGED if needed & set(_LOGGED) else {}
    points = [
        *_points(),
        *((place.spot for part in PARTS.values() for place in part) if given else ()),
    ]
    placed = [{**given, "lon": repr(lon), "lat": repr(lat)} for lon, lat in points]
    return [*([] if needed else [{}]), *(placed if names >= _AT else [])]


def _point_collection() -> bytes:
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": point}}
        for point in _points()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


# --- what is asked --------------------------------------------------------------------------------
# Questions whose text is too long for an address.
READ_BY_POST: Mapping[Operation, Callable[[], bytes]] = {
    ("POST", "/responsible"): _point_collection,
}
# Pages that no document describes, or that take more at an address than programs do.
PAGES: Mapping[Operation, Callable[[Scene], Sequence[Mapping[str, str]]]] = {
    ("GET", "/auth/password"): lambda _: [{}],
    ("GET", "/accounts"): lambda _: [{}],
    ("GET", "/accounts/{account_id}"): lambda _: [{}],
    ("GET", "/collections/{layer}/items/new"): lambda _: [{}],
    ("GET", "/collections/{layer}/items/{feature_id}/edit"): lambda _: [{}],
    ("GET", "/collections/{layer}/items/{feature_id}/become"): lambda _: [{}],
    ("GET", "/reports"): lambda _: [{}, {"year": "2017", "part": "07"}],
    ("GET", "/ledger"): lambda _: [
        {"tab": "all", "state": "*"},
        {"tab": "late", "division": ABROAD},
        {"tab": "all", "leader": FAR_MARK, "unit": FAR_MARK},
        {"tab": "all", "after": f"0~sites~{FIRST_NUMBERS['far']}", "done": "sites:1"},
    ],
    ("GET", "/ledger/workbook"): lambda _: [{"state": "*"}, {"division": ABROAD, "state": "*"}],
    ("GET", "/duties"): lambda _: [{"name": FAR_MARK}, {"name": NEAR_MARK}, {"division": ABROAD}],
    ("GET", "/duties/new"): lambda scene: [
        {"role": role.name, "layer": role.layers[0], "feature": feature}
        for role in ROLES.values()
        for feature in _of_each_part(role.layers[0])(scene)
    ],
}
ALIKE = (
    "it says nothing of the district, the same to everybody: health, the program's own pages, "
    "its description, its catalogue of refusals"
)
OWN_ACCOUNT = "it is about one's own account alone; tests/api/test_auth.py and test_leak_doors.py"
OWN_NOTICES = "it is about one's own notices alone; tests/layers/notices/test_notices.py"
OPEN: Mapping[Operation, str] = {
    ("GET", "/healthz"): ALIKE,
    ("GET", "/readyz"): ALIKE,
    ("GET", "/assets/{path}"): ALIKE,
    ("GET", "/favicon.ico"): ALIKE,
    ("GET", "/field/manifest.webmanifest"): ALIKE,
    ("GET", "/field/worker.js"): ALIKE,
    ("GET", "/openapi.json"): ALIKE,
    ("GET", "/docs"): ALIKE,
    ("GET", "/conformance"): ALIKE,
    ("GET", "/problems"): ALIKE,
    ("GET", "/problems/{slug}"): ALIKE,
    ("GET", "/auth/sign-in"): OWN_ACCOUNT,
    ("POST", "/auth/sign-in"): OWN_ACCOUNT,
    ("POST", "/auth/token"): OWN_ACCOUNT,
    ("POST", "/auth/sign-out"): OWN_ACCOUNT,
    ("GET", "/auth/links/{secret}"): OWN_ACCOUNT,
    ("POST", "/auth/links/{secret}"): OWN_ACCOUNT,
    ("GET", "/auth/oidc"): OWN_ACCOUNT,
    ("GET", "/auth/oidc/callback"): OWN_ACCOUNT,
    ("POST", "/auth/password"): OWN_ACCOUNT,
    ("POST", "/auth/sessions/revoke"): OWN_ACCOUNT,
    ("POST", "/notices"): OWN_NOTICES,
    ("PATCH", "/notices"): OWN_NOTICES,
    ("POST", "/notices/choices"): OWN_NOTICES,
    ("PUT", "/notices/choices"): OWN_NOTICES,
    ("POST", "/import"): "it brings a file of one's own; what becomes of it is asked by its token",
}
"""What nobody searches, each with the reason."""


def described(app: FastAPI) -> Mapping[Operation, Sequence[Mapping[str, Any]]]:
    """The query parameters of every operation in the OpenAPI document."""
    paths = openapi.document(app)["paths"]
    return {
        (method.upper(), path): [p for p in found.get("parameters", ()) if p["in"] == "query"]
        for path, operations in paths.items()
        for method, found in operations.items()
    }


def reading(
    scene: Scene, operation: Operation, parameters: Sequence[Mapping[str, Any]]
) -> Iterator[Ask]:
    """Every way in which this operation is asked."""
    method, path = operation
    body = READ_BY_POST.get(operation)
    content = body() if body else None
    headers = _JSON if body else {}
    found = list(addresses(scene, path))
    for address, _ in found:
        for params in _plain(parameters):
            yield Ask(method, address, tuple(params.items()), headers, content)
    if "{layer}" in path:
        found = [(address, at) for address, at in found if at.layer is not None]
    # What a parameter does does not depend on where it is asked: each at another address.
    turn = itertools.cycle(found)
    plain = _plain(parameters)[0]
    for parameter in parameters:
        for _ in range(min(_FORMS_AT, len(found)) if parameter["name"] == "f" else 1):
            address, at = next(turn)
            for params in _values(at, parameter):
                yield Ask(method, address, tuple({**plain, **params}.items()), headers, content)


def _values(scene: Scene, parameter: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """The parameter with everything that is asked with it."""
    name, schema = parameter["name"], parameter["schema"]
    if name == "f":
        usual = {schema["default"]} if "default" in schema else _USUAL
        yield from ({"f": form} for form in schema["enum"] if form not in usual)
    elif schema.get("type") == "object":  # any field of the layer
        yield from _fields(scene)
    elif name not in _AT:
        values = PARAMETERS.get(name, "nobody has said what")
        yield from [] if isinstance(values, str) else ({name: each} for each in values(scene))


def unknown(operation: Operation, parameters: Sequence[Mapping[str, Any]]) -> set[str]:
    """Parts of the address and parameters of which nobody has said what to ask."""
    parts = set(re.findall(r"{(\w+)}", operation[1])) - set(_TILE) - set(ADDRESSES)
    named = {p["name"] for p in parameters if p["schema"].get("type") != "object"}
    return parts | (named - set(PARAMETERS) - _AT - {"f"})


def _fields(scene: Scene) -> Iterator[Mapping[str, str]]:
    assert scene.layer is not None
    name = next(f.name for f in scene.layer.fields if not (f.choices or f.pattern or f.code))
    for part, mark in (("near", NEAR_MARK), ("far", FAR_MARK)):
        yield {name: f"{mark}{scene.layer.field(name).label.zh} {FIRST_NUMBERS[part]}"}


def opening(scene: Scene, operation: Operation) -> Iterator[Ask]:
    """Every way in which a page is opened."""
    method, path = operation
    for address, at in addresses(scene, path):
        for params in PAGES[operation](at):
            yield Ask(method, address, tuple(params.items()), {"accept": "text/html"})
