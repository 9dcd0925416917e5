"""Personal values by role in every output, what cannot be asked about them, and who read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.declaring.words import Layer
from layers.keeping import states as case_states
from layers.leaving.exporting import FORMATS, formats
from layers.reading import masking
from layers.reading.masking import mask_name
from layers.registry import Registry
from layers.schema.accounts import PERSONAL_READS
from tests.api.conftest import BASE
from tests.api.leak_reading import text
from tests.api.routing import operations
from tests.api.test_editing import GEOJSON, feature
from tests.factories import LAT, LON
from tests.layers.serving.test_tiles import _address
from tests.people import account, secret

KNOWING = {Role.LEADER, Role.OFFICER, Role.ADMIN}
HTML = {"accept": "text/html"}
# Nobody else here has this given name, and its characters stand nowhere else.
GIVEN = "鱻飝"
SURNAME = "龘"


@dataclass(frozen=True)
class District:
    """One feature of each layer with personal fields, each with a name of its own in it."""

    app: FastAPI
    database: Database
    registry: Registry
    ids: Mapping[str, int]
    headers: Mapping[Role, dict[str, str]]

    @property
    def layers(self) -> list[Layer]:
        return [self.registry.layer(name) for name in self.ids]

    def reads(self) -> list[sa.Row[tuple[object, ...]]]:
        with self.database.read() as connection:
            return list(connection.execute(sa.select(PERSONAL_READS).order_by("number")))


def name_in(field: str, n: int = 0) -> str:
    """The name that stands in a field: every field has another."""
    return f"{SURNAME}{GIVEN}{field}{n}"


@pytest.fixture
def district(
    database: Database, settings: Settings, registry: Registry, client: TestClient
) -> District:
    ids = {}
    for layer in registry.layers.values():
        hidden = [field.name for field in masking.personal(layer)]
        if hidden:
            values = {name: name_in(name) for name in hidden}
            made = client.post(
                f"/collections/{layer.name}/items",
                json=feature(layer, 0, **values),
                headers=GEOJSON,
            )
            assert made.status_code == 201, made.text
            ids[layer.name] = made.json()["id"]
    assert ids
    app = create_app(settings, database=database, registry=registry)
    accounts = {role: account(database, role, EVERYWHERE) for role in Role}
    headers = {
        role: {"authorization": f"Bearer {secret(database, each.id)}"}
        for role, each in accounts.items()
    }
    with database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE personal_reads DISABLE TRIGGER USER"))
        connection.execute(sa.text("TRUNCATE personal_reads"))
        connection.execute(sa.text("ALTER TABLE personal_reads ENABLE TRIGGER USER"))
    return District(app, database, registry, ids, headers)


@pytest.fixture
def web(district: District) -> Iterator[TestClient]:
    with TestClient(district.app, BASE) as client:
        yield client


def tile(zoom: int = 16) -> str:
    col, row = _address(zoom, LON + 0.0002, LAT + 0.0002)
    return f"WebMercatorQuad/{zoom}/{row}/{col}"


def outputs(layer: Layer, feature_id: int) -> Iterator[tuple[str, str]]:
    """Every way by which a feature's values leave, and whether as a page."""
    base = f"/collections/{layer.name}"
    for address in ("items?limit=100", f"items/{feature_id}"):
        yield f"{base}/{address}", "json"
        yield f"{base}/{address}", "html"
    yield f"{base}/items/{feature_id}/history", "json"
    for form in formats(layer):
        yield f"{base}/export?f={form}", "file"
    if {field.name for field in masking.personal(layer)} & {*layer.tile_fields}:
        yield f"{base}/tiles/{tile()}", "tile"
        yield f"/tiles/{tile()}?collections={layer.name}", "tile"


def ask(web: TestClient, address: str, kind: str, headers: Mapping[str, str]) -> httpx2.Response:
    answer = web.get(address, headers={**headers, **(HTML if kind == "html" else {})})
    assert answer.status_code == 200, (address, answer.text)
    return answer


# --- every output ---------------------------------------------------------------------------------
@pytest.mark.parametrize("role", Role)
def test_every_output_shows_names_to_those_who_may_know_them_alone(
    district: District, web: TestClient, role: Role
) -> None:
    for layer in district.layers:
        hidden = {field.name for field in masking.personal(layer)}
        for address, kind in outputs(layer, district.ids[layer.name]):
            found = text(ask(web, address, kind, district.headers[role]))
            wanted = hidden & {*layer.tile_fields} if kind == "tile" else hidden
            for name in wanted:
                if role in KNOWING:
                    assert name_in(name) in found, (address, name)
                else:
                    assert mask_name(name_in(name)) in found, (address, name)
            if role not in KNOWING:
                assert GIVEN not in found, address


def addresses(district: District) -> set[str]:
    """Every address that can be read: of each layer, feature and theme, with a place or without."""
    col, row = _address(16, LON + 0.0002, LAT + 0.0002)
    tile_at = {"z": "16", "row": str(row), "col": str(col)}
    paths = set()
    for method, pattern in operations(district.app.routes):
        if method != "GET" or pattern.startswith(("/auth", "/assets")):
            continue
        for name, number in district.ids.items():
            for theme in district.registry.themes:
                values = {"layer": name, "feature_id": str(number), "theme": theme, **tile_at}
                paths.add(filled(pattern, values))
    point = f"?lon={LON + 0.0002}&lat={LAT + 0.0002}"
    return {path + query for path in paths for query in ("", point)}


def filled(pattern: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR])
def test_no_route_tells_a_name_to_who_may_not_know_it(
    district: District, web: TestClient, role: Role
) -> None:
    shown = 0
    for address in addresses(district):
        for accept in ({}, HTML):
            answer = web.get(address, headers={**district.headers[role], **accept})
            assert GIVEN not in text(answer), (address, answer.status_code)
            shown += answer.status_code == 200
    assert shown > 50


@pytest.mark.parametrize("form", FORMATS)
def test_a_public_file_has_no_personal_column_for_anybody(
    district: District, web: TestClient, form: str
) -> None:
    for layer in district.layers:
        if form not in formats(layer):
            continue
        found = web.get(
            f"/collections/{layer.name}/export?f={form}&profile=public",
            headers=district.headers[Role.ADMIN],
        )
        assert found.status_code == 200
        assert SURNAME not in text(found)
        if form in {"geojson", "csv", "fgb"}:
            for field in masking.personal(layer):
                assert field.name.encode() not in found.content
    assert not district.reads()


# --- what cannot be found out by asking -----------------------------------------------------------
GUESSES = (
    "{field} = '{name}'",
    "{field} LIKE '%{part}%'",
    "{field} LIKE '" + SURNAME + "鱻%'",
    "CASEI({field}) = CASEI('{name}')",
    "{field} IN ('{name}', 'x')",
    "{field} >= '{name}' AND {field} <= '{name}'",
    "{field} BETWEEN '{name}' AND '{name}'",
)


@pytest.mark.parametrize("role", Role)
def test_a_filter_is_no_oracle(district: District, web: TestClient, role: Role) -> None:
    for layer in district.layers:
        for field in masking.personal(layer):
            name = name_in(field.name)
            for guess in GUESSES:
                condition = guess.format(field=field.name, name=name, part=GIVEN)
                for way in ("items?", "export?f=geojson&"):
                    answer = web.get(
                        f"/collections/{layer.name}/{way}filter={quote(condition)}",
                        headers=district.headers[role],
                    )
                    assert answer.status_code == 200, answer.text
                    found = len(answer.json()["features"])
                    assert found == (role in KNOWING), (condition, way)


def test_the_value_of_a_parameter_is_no_oracle_and_what_is_shown_can_be_asked_for(
    district: District, web: TestClient
) -> None:
    for layer in district.layers:
        for field in masking.personal(layer):
            name = name_in(field.name)
            for role, value, wanted in (
                (Role.VIEWER, name, 0),
                (Role.VIEWER, mask_name(name), 1),
                (Role.LEADER, name, 1),
                (Role.LEADER, mask_name(name), 0),
            ):
                answer = web.get(
                    f"/collections/{layer.name}/items?{field.name}={quote(value)}",
                    headers=district.headers[role],
                )
                assert answer.json()["numberMatched"] == wanted, (role, value)


@pytest.mark.parametrize("name", ["sites", "volunteer_teams"])
def test_an_order_by_a_name_tells_no_more_than_the_names_do(
    district: District, web: TestClient, name: str
) -> None:
    layer = district.registry.layer(name)
    field = masking.personal(layer)[0].name
    headers = {**district.headers[Role.ADMIN], **GEOJSON}
    stored = feature(layer, 1, **{field: name_in(field, 1)})
    made = web.post(f"/collections/{name}/items", json=stored, headers=headers)
    assert made.status_code == 201, made.text
    first, second = district.ids[name], made.json()["id"]
    for role in Role:
        for sign, sorted_by_name in (("", [first, second]), ("-", [second, first])):
            answer = web.get(
                f"/collections/{name}/items?sortby={sign}{field}", headers=district.headers[role]
            )
            shown = [each["id"] for each in answer.json()["features"]]
            # Who may not know the names sees two equal ones, in the order of their ids.
            assert shown == (sorted_by_name if role in KNOWING else [first, second]), (role, sign)


def test_validators_differ_by_what_is_told_and_by_nothing_that_is_hidden(
    district: District, web: TestClient
) -> None:
    for layer in district.layers:
        item = f"/collections/{layer.name}/items/{district.ids[layer.name]}"
        addresses = [item]
        if {field.name for field in masking.personal(layer)} & {*layer.tile_fields}:
            addresses.append(f"/collections/{layer.name}/tiles/{tile()}")
        before = {(a, r): web.get(a, headers=district.headers[r]) for a in addresses for r in Role}
        # Another name with the same first character: for who may not know it, nothing changes.
        stepped = case_states.guarded(layer)
        other = {
            field.name: name_in(field.name, 0 if field.name in stepped else 1)
            for field in masking.personal(layer)
        }
        stored = feature(layer, 0, **other)
        headers = {**district.headers[Role.ADMIN], **GEOJSON}
        put = web.put(item, json=stored, headers=headers)
        assert put.status_code == 200, put.text
        for (address, role), old in before.items():
            tag = {"if-none-match": old.headers["etag"]}
            new = web.get(address, headers={**district.headers[role], **tag})
            assert new.status_code == (200 if role in KNOWING else 304), (address, role)
            for one in (old, new):
                assert "private" in one.headers["cache-control"]
                assert {"Cookie", "Authorization"} <= set(one.headers["vary"].split(", "))
        for address in addresses:
            knowing = {before[address, r].headers["etag"] for r in KNOWING}
            others = {before[address, r].headers["etag"] for r in Role if r not in KNOWING}
            assert len(knowing) == len(others) == 1
            assert not knowing & others


# --- who read them --------------------------------------------------------------------------------
@pytest.mark.parametrize("role", Role)
def test_each_answer_that_tells_names_is_noted_and_no_other(
    district: District, web: TestClient, role: Role
) -> None:
    for layer in district.layers:
        for address, kind in outputs(layer, district.ids[layer.name]):
            if kind == "tile":
                continue
            before = len(district.reads())
            ask(web, address, kind, district.headers[role])
            new = district.reads()[before:]
            if role not in KNOWING:
                assert not new
                continue
            (line,) = new
            assert (line.layer, line.rows) == (layer.name, 1)
            way = "history" if "history" in address else "export" if "export" in address else "item"
            assert line.way.startswith(way)
            assert line.account is not None
            assert line.format in address or line.format in {"geojson", "html", "json"}
    assert bool(district.reads()) is (role in KNOWING)


def test_a_patch_of_nothing_is_a_read(district: District, web: TestClient) -> None:
    headers = {**district.headers[Role.LEADER], "content-type": "application/merge-patch+json"}
    for layer in district.layers:
        before = len(district.reads())
        item = f"/collections/{layer.name}/items/{district.ids[layer.name]}"
        answer = web.patch(item, json={}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert GIVEN in answer.text
        assert [(line.way, line.layer) for line in district.reads()[before:]] == [
            ("edit", layer.name)
        ]


def test_a_map_is_noted_once_for_session_layer_and_hour(
    district: District, web: TestClient, settings: Settings
) -> None:
    drawn = [
        layer.name
        for layer in district.layers
        if {field.name for field in masking.personal(layer)} & {*layer.tile_fields}
    ]
    for role in (Role.LEADER, Role.ADMIN, Role.VIEWER):
        for zoom in (14, 15, 16):
            ask(web, f"/tiles/{tile(zoom)}", "tile", district.headers[role])
    assert sorted((x.way, x.layer) for x in district.reads()) == sorted(
        ("map", name) for name in drawn for _ in range(2)
    )
    # Another process of the server knows nothing of it, but the database does.
    other = create_app(settings, database=district.database, registry=district.registry)
    with TestClient(other, BASE) as again:
        ask(again, f"/tiles/{tile()}", "tile", district.headers[Role.LEADER])
    assert len(district.reads()) == 2 * len(drawn)


def test_an_empty_answer_tells_nothing(district: District, web: TestClient) -> None:
    headers = district.headers[Role.ADMIN]
    for layer in district.layers:
        if layer.has_shape:  # a box meets every record of a register
            web.get(f"/collections/{layer.name}/items?bbox=1,1,2,2", headers=headers)
            web.get(f"/collections/{layer.name}/export?bbox=1,1,2,2", headers=headers)
        web.get(f"/collections/{layer.name}/items/999999", headers=headers)
        web.get(f"/collections/{layer.name}/tiles/WebMercatorQuad/16/0/0", headers=headers)
    assert not district.reads()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM personal_reads",
        "UPDATE personal_reads SET rows = 1",
        "DELETE FROM personal_reads",
        "TRUNCATE personal_reads",
        "INSERT INTO personal_reads (way, layer, format, account) VALUES ('x', 'x', 'x', 1)",
        "INSERT INTO personal_reads (way, layer, format, at) VALUES ('x', 'x', 'x', now())",
    ],
)
def test_the_log_is_only_added_to_and_in_ones_own_name(
    district: District, web: TestClient, statement: str
) -> None:
    ask(web, "/collections/grid_fields/items", "json", district.headers[Role.ADMIN])
    theirs = district.database.acting(
        {"gridfield.account": "7", "gridfield.role": "admin"}, role="gridfield_app"
    )
    with pytest.raises(Exception, match="not-permitted"), theirs.begin() as connection:
        connection.execute(sa.text(statement))
    if statement[0] in "UDT":
        with pytest.raises(sa.exc.DBAPIError, match="history is kept"):  # noqa: SIM117
            with district.database.engine.begin() as connection:
                connection.execute(sa.text(statement))
    assert len(district.reads()) == 1


def test_what_is_older_than_the_law_wants_may_be_removed(
    district: District, web: TestClient
) -> None:
    with district.database.begin() as connection:
        for months in (1, 7):
            connection.execute(
                sa.text(
                    "INSERT INTO personal_reads (at, way, layer, format)"
                    f" VALUES (now() - interval '{months} months', 'x', 'x', 'x')"
                )
            )
        gone = sa.text("DELETE FROM personal_reads WHERE at < now() - interval '6 months'")
        assert connection.execute(gone).rowcount == 1
