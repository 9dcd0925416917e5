"""A search on a map: by name, code and person, as far as the reader may see and know."""

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.duties import searching
from layers.reading import features
from layers.registry import Registry
from layers.schema.accounts import PERSONAL_READS
from tests.api.conftest import BASE
from tests.api.test_editing import GEOJSON, feature
from tests.factories import LAT, LON, geometry, record
from tests.layers.held.test_rights import EAST, WEST, put_divisions
from tests.people import bearer

FIELDS, UNITS = "grid_fields", "work_units"


def hits(client: TestClient, text: str, theme: str = "fields") -> list[dict[str, Any]]:
    answer = client.get(f"/maps/{theme}/search", params={"q": text, "lang": "en"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


@pytest.fixture
def field(client: TestClient, registry: Registry) -> int:
    layer = registry.layer(FIELDS)
    made = client.post(
        f"/collections/{FIELDS}/items",
        json=feature(layer, 0, name="互助中路第三网格", leader="马国良"),
        headers=GEOJSON,
    )
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


@pytest.mark.parametrize("text", ["互助中路第三网格", "互助", "  互助 ", "第三", "中路第"])
def test_a_feature_is_found_by_its_name(client: TestClient, field: int, text: str) -> None:
    (hit,) = hits(client, text)
    assert (hit["layer"], hit["id"], hit["title"]) == (FIELDS, field, "互助中路第三网格")
    west, south, east, north = hit["bbox"]
    assert LON <= west < east <= LON + 0.01
    assert LAT <= south < north <= LAT + 0.01


def test_a_feature_is_found_by_the_beginning_of_its_code(
    client: TestClient, registry: Registry, field: int
) -> None:
    code = str(record(registry.layer(FIELDS), 0)["code"])
    for text in (code, code[:9]):
        assert [hit["id"] for hit in hits(client, text)] == [field]
    assert hits(client, code[:-1] + str((int(code[-1]) + 1) % 10)) == []


@pytest.mark.parametrize("text", ["%", "_", "'", "\\", "\U0010ffff", "", "   ", "没有"])
def test_what_is_not_there_is_not_found(client: TestClient, field: int, text: str) -> None:
    assert hits(client, text) == []


def test_who_answers_is_found_by_whoever_may_know(
    client: TestClient,
    database: Database,
    registry: Registry,
    settings: Settings,
    field: int,
) -> None:
    (hit,) = hits(client, "马国")
    assert (hit["id"], hit["person"]) == (field, "马国良")
    with database.read() as connection:
        noted = sa.select(PERSONAL_READS).where(PERSONAL_READS.c.way == "search")
        assert len(connection.execute(noted).all()) == 1
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE) as viewer:
        viewer.headers.update(bearer(database, Role.VIEWER))
        assert hits(viewer, "马国良") == []
        (named,) = hits(viewer, "互助")
        assert "person" not in named
        assert "马" not in str(named)


def test_what_lies_elsewhere_is_not_found(
    client: TestClient, database: Database, registry: Registry, settings: Settings
) -> None:
    put_divisions(database, registry)
    units = registry.layer(UNITS)
    with database.begin() as connection:
        for n, lon in enumerate((LON + 0.005, LON + 0.015)):
            shape = type(geometry(units))(lon, LAT + 0.005)
            features.insert(connection, units, record(units, n, name=f"单位{n}号"), shape)
    found = {}
    for division in (WEST, EAST):
        app = create_app(settings, database=database, registry=registry)
        with TestClient(app, BASE) as own:
            own.headers.update(bearer(database, Role.ADMIN, division))
            found[division] = [
                [hit["title"] for hit in hits(own, text, "liaison")]
                for text in ("单位", "位", "单位0", "单位1")
            ]
    assert found == {
        WEST: [["单位0号"], ["单位0号"], ["单位0号"], []],
        EAST: [["单位1号"], ["单位1号"], [], ["单位1号"]],
    }


def test_a_search_that_takes_too_long_says_that_there_may_be_more(
    client: TestClient, field: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_inside", lambda *_: None)
    answer = client.get("/maps/fields/search", params={"q": "第三"})
    assert answer.json() == {"hits": [], "partial": True}


def test_the_beginning_of_a_name_is_found_in_the_index(database: Database, field: int) -> None:
    plans: list[str] = []
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan TO off"))
        asked = (
            "EXPLAIN SELECT id FROM grid_fields WHERE left(name, 40) COLLATE \"C\" >= '互' "
            'AND left(name, 40) COLLATE "C" < \'互x\' ORDER BY left(name, 40) COLLATE "C"'
        )
        plans += connection.scalars(sa.text(asked))
    assert "grid_fields_named" in "".join(plans)
