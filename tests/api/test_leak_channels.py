"""Side doors: what one may change, tried so that it would tell of foreign ground or reach it.

Each is tried with the neighbours in the database and without them. What is left open by decision
(docs/decisions/0010) is shown here too, so that it grows no wider.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from api.settings import Settings
from gis.cluster import Cluster
from layers.declaring.words import Layer
from layers.registry import Registry
from tests.api import leak_reading
from tests.api.leak_ground import Ground, State, grown
from tests.api.leak_places import (
    FAR_MARK,
    NOTHING_THERE,
    OWN_NAME,
    SIBLING,
    STREET,
    community,
    traces,
    values_at,
)
from tests.factories import LAT, LON

_GEOJSON, _MERGE = "application/geo+json", "application/merge-patch+json"
# The own community from its western edge into the neighbours', and what is theirs alone.
_ACROSS = shapely.box(LON + 0.009, LAT + 0.001, LON + 0.012, LAT + 0.01)
_THEIRS = shapely.box(LON + 0.0101, LAT, LON + 0.0299, LAT + 0.01)
_EVERYTHING = shapely.box(LON, LAT, LON + 0.06, LAT + 0.02)


@pytest.fixture(scope="module")
def ground(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory, registry: Registry
) -> Iterator[Ground]:
    """Of its own: some of what is tried here is allowed, and stays."""
    home = tmp_path_factory.mktemp("channels") / "home"
    with ExitStack() as stack:
        yield grown(
            cluster,
            template,
            Settings(home=home, upload_limit_mb=3, patrol_days=30),
            registry,
            stack,
        )


def sent(
    ground: Ground,
    state: State,
    who: str,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    kind: str = _GEOJSON,
) -> httpx2.Response:
    headers = {**ground.askers[who].headers, "content-type": kind}
    content = None if body is None else json.dumps(body, default=str)
    return state.client.request(method, path, content=content, headers=headers)


def alike(ground: Ground, who: str, method: str, path: str, **told: Any) -> httpx2.Response:
    """The answer, which is the same with the neighbours and without them and tells nothing."""
    asker = ground.askers[who]
    lone = ground.without_foreign(asker)
    alone, among = (
        sent(ground, state, who, method, path, **told) for state in (lone, ground.whole)
    )
    assert leak_reading.stable(alone) == leak_reading.stable(among), (alone.text, among.text)
    assert not traces(ground.foreign(asker)).search(leak_reading.text(among)), among.text
    return among


def seen(ground: Ground, who: str, layer: str = "work_units") -> int:
    """How many features somebody sees."""
    found = sent(ground, ground.whole, who, "GET", f"/collections/{layer}/items?limit=1")
    return int(found.json()["numberMatched"])


def _field(layer: Layer, n: int, shape: BaseGeometry) -> dict[str, Any]:
    values = {k: v for k, v in values_at(layer, community("own"), n).items() if v is not None}
    return {"type": "Feature", "geometry": mapping(shape), "properties": values}


def _division(code: str, level: str, shape: BaseGeometry) -> dict[str, Any]:
    values = {"code": code, "level": level, "name": "新区划"}
    return {"type": "Feature", "geometry": mapping(shape), "properties": values}


# --- ground ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [_ACROSS, _THEIRS, _EVERYTHING])
@pytest.mark.parametrize("who", ["own-leader", "own-admin"])
def test_a_field_on_foreign_ground_is_refused_before_it_meets_the_fields_there(
    ground: Ground, registry: Registry, who: str, shape: BaseGeometry
) -> None:
    """Or the gate would tell how far they reach."""
    body = _field(registry.layer("grid_fields"), 180, shape)
    refused = alike(ground, who, "POST", "/collections/grid_fields/items", body=body)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-permitted")
    assert "geometry" not in refused.text


def test_a_field_is_not_stretched_over_foreign_ground(ground: Ground) -> None:
    path = f"/collections/grid_fields/items/{ground.numbers['own']['grid_fields'][1]}"
    east = shapely.box(LON + 0.005, LAT, LON + 0.0195, LAT + 0.01)
    body = {"geometry": mapping(east)}
    refused = alike(ground, "own-leader", "PATCH", path, body=body, kind=_MERGE)
    assert refused.status_code == 403


@pytest.mark.parametrize("who", ["own-leader", "own-admin", "street-admin"])
def test_nobody_annexes_by_drawing_the_bounds_of_the_own_ground(ground: Ground, who: str) -> None:
    before = seen(ground, who), seen(ground, who, "grid_fields")
    asker = ground.askers[who]
    part = "near" if asker.division == STREET else "own"
    path = f"/collections/divisions/items/{ground.numbers[part]['divisions'][0]}"
    body = {"geometry": mapping(_EVERYTHING)}
    refused = alike(ground, who, "PATCH", path, body=body, kind=_MERGE)
    assert refused.status_code == 403
    assert (seen(ground, who), seen(ground, who, "grid_fields")) == before


def test_nobody_annexes_by_a_new_division_under_the_own_code(ground: Ground) -> None:
    before = seen(ground, "street-admin")
    foreign = shapely.box(LON + 0.0201, LAT, LON + 0.03, LAT + 0.012)
    body = _division("630102007009", "community", foreign)
    path = "/collections/divisions/items"
    assert alike(ground, "street-admin", "POST", path, body=body).status_code == 403
    assert seen(ground, "street-admin") == before
    content = f'code,name,level,wkt\n630102007009,x,community,"{foreign.wkt}"'
    for state in (ground.without_foreign(ground.askers["street-admin"]), ground.whole):
        state.client.post(
            "/collections/divisions/import",
            files={"file": ("divisions.csv", content)},
            headers=dict(ground.askers["street-admin"].headers),
        )
    assert seen(ground, "street-admin") == before


def test_who_has_no_stored_ground_draws_none_on_that_of_others(
    ground: Ground, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    body = _field(layer, 181, _THEIRS)
    body["properties"] |= {"division": NOTHING_THERE, "code": f"{NOTHING_THERE}181"}
    path = "/collections/grid_fields/items"
    refused = sent(ground, ground.whole, "newcomer", "POST", path, body=body)
    assert refused.status_code == 403
    assert not traces(("own", "near", "far")).search(leak_reading.text(refused))


def test_a_street_divides_its_own_ground_as_before(ground: Ground) -> None:
    inside = shapely.box(LON + 0.011, LAT + 0.0105, LON + 0.012, LAT + 0.0115)
    body = _division("630102007008", "community", inside)
    made = sent(
        ground, ground.whole, "street-admin", "POST", "/collections/divisions/items", body=body
    )
    assert made.status_code == 201, made.text


# --- names ----------------------------------------------------------------------------------------
def test_a_name_means_nobody_who_is_known_elsewhere_alone(
    ground: Ground, registry: Registry
) -> None:
    """Liaison leaders are told by their names within a street; who asks reaches not so far."""
    road = ground.numbers["own"]["road_segments"][1]
    with ground.whole.database.read() as connection:
        statement = sa.text(
            "SELECT p.name FROM duties d JOIN persons p ON p.id = d.person_id"
            " WHERE d.layer = 'road_segments' AND d.place = :place AND d.role = 'liaison_leader'"
        )
        (known, *_) = connection.scalars(statement, {"place": int(SIBLING)}).all()
    body = {"properties": {"liaison_leader": known}}
    path = f"/collections/road_segments/items/{road}"
    done = sent(ground, ground.whole, "own-leader", "PATCH", path, body=body, kind=_MERGE)
    assert done.status_code == 200, done.text
    told = sent(
        ground, ground.whole, "own-leader", "GET", f"/duties?layer=road_segments&feature={road}"
    )
    (person,) = {
        duty["person"]["id"] for duty in told.json()["duties"] if duty["person"]["name"] == known
    }
    assert person not in ground.numbers["near"]["persons"], "the neighbours' own"


@pytest.mark.parametrize("role", ["own-viewer", "own-inspector"])
@pytest.mark.parametrize(
    "asked",
    [
        "leader={name}",
        "filter=leader='{name}'",
        "filter=leader LIKE '{start}%'",
        "filter=leader > '{start}'",
        "filter=CASEI(leader) = CASEI('{name}')",
        "filter=leader IN ('{name}')",
    ],
)
def test_a_filter_does_not_tell_the_name_that_the_answer_hides(
    ground: Ground, role: str, asked: str
) -> None:
    with ground.whole.database.read() as connection:
        own = sa.text("SELECT leader FROM grid_fields WHERE id = :id")
        name = connection.scalar(own, {"id": ground.numbers["own"]["grid_fields"][0]})
    assert str(name).startswith(OWN_NAME)
    other = f"{OWN_NAME}无此人"
    answers = []
    for guess in (str(name), other):
        query = asked.format(name=guess, start=guess[:-1])
        found = sent(ground, ground.whole, role, "GET", f"/collections/grid_fields/items?{query}")
        answers.append((found.status_code, found.json().get("numberMatched")))
    right, wrong = answers
    if ">" in asked:  # an order of masks says nothing of the names behind them
        assert right[0] == wrong[0] == 200
    else:
        assert right == wrong


# --- open by decision -----------------------------------------------------------------------------
def test_a_taken_key_tells_that_it_is_taken_and_nothing_else(ground: Ground) -> None:
    with ground.whole.database.read() as connection:
        theirs = sa.text("SELECT name FROM work_units WHERE name LIKE :mark ORDER BY id LIMIT 1")
        name = str(connection.scalar(theirs, {"mark": f"{FAR_MARK}%"}))
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [LON + 0.003, LAT + 0.003]},
        "properties": {"name": name, "kind": "school"},
    }
    path = "/collections/work_units/items"
    refused = sent(ground, ground.whole, "own-leader", "POST", path, body=body)
    assert refused.status_code == 422
    told = leak_reading.text(refused).replace(name, "")
    assert not traces(("near", "far")).search(told)
