"""CQL2 text: the filter means what the standard says, and refuses the rest in one sentence."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient

from api import cql2
from gis.errors import Problem
from layers.declaring.words import Field, Geometry, Label, Layer, Type
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import table
from tests import factories

STRUCTURES = "/collections/illegal_structures/items"
Row = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("storeys = 1", lambda p: p["storeys"] == 1),
        ("storeys<>1", lambda p: p["storeys"] != 1),
        ("area_measured_m2 >= 200.5", lambda p: p["area_measured_m2"] >= 200.5),
        ("area_measured_m2 < +3e2", lambda p: p["area_measured_m2"] < 300),
        (
            "storeys=1 OR storeys=2 AND status='closed'",
            lambda p: p["storeys"] == 1 or (p["storeys"] == 2 and p["status"] == "closed"),
        ),
        (
            "(storeys=1 OR storeys=2) AND status='closed'",
            lambda p: p["storeys"] in (1, 2) and p["status"] == "closed",
        ),
        (
            "not (storeys = 1 and status = 'closed')",
            lambda p: not (p["storeys"] == 1 and p["status"] == "closed"),
        ),
        (
            "NOT storeys=1 AND status='closed'",
            lambda p: p["storeys"] != 1 and p["status"] == "closed",
        ),
        ("status IN ('closed', 'filed')", lambda p: p["status"] in ("closed", "filed")),
        ("status not in ('closed')", lambda p: p["status"] != "closed"),
        (
            "area_measured_m2 BETWEEN 100 AND 250 AND storeys = 1",
            lambda p: 100 <= p["area_measured_m2"] <= 250 and p["storeys"] == 1,
        ),
        (
            "area_measured_m2 NOT BETWEEN 100 AND 250",
            lambda p: not 100 <= p["area_measured_m2"] <= 250,
        ),
        ("demolished_area_m2 IS NULL", lambda p: p["demolished_area_m2"] is None),
        ("demolished_area_m2 IS NOT NULL", lambda p: p["demolished_area_m2"] is not None),
        ("number LIKE '%1'", lambda p: p["number"].endswith("1")),
        ("CASEI(number) LIKE casei('%A%')", lambda p: "a" in p["number"].lower()),
        ("found_on >= DATE('2017-04-01')", lambda p: p["found_on"] >= "2017-04-01"),
        ("found_on < '2017-04-01'", lambda p: p["found_on"] < "2017-04-01"),
        (
            "area_measured_m2 = demolished_area_m2",
            lambda p: p["area_measured_m2"] == p["demolished_area_m2"],
        ),
        ('"storeys" = 1', lambda p: p["storeys"] == 1),
        ("TRUE", lambda _: True),
        ("FALSE OR storeys = 1", lambda p: p["storeys"] == 1),
        ("status\n=\t'closed'", lambda p: p["status"] == "closed"),
        ("address = 'It''s; DROP TABLE water --'", lambda _: False),
        ("address = 'a\\'b'", lambda _: False),
    ],
)
def test_a_filter_keeps_what_it_says(
    reader: TestClient, text: str, meant: Callable[[Row], bool]
) -> None:
    whole = reader.get(f"{STRUCTURES}?limit=10000").json()["features"]
    wanted = [f["id"] for f in whole if meant(f["properties"])]
    response = reader.get(STRUCTURES, params={"filter": text, "limit": 10000})
    assert response.status_code == 200, response.text
    assert [f["id"] for f in response.json()["features"]] == wanted


def test_a_filter_knows_places(reader: TestClient) -> None:
    feature = reader.get(STRUCTURES).json()["features"][0]
    lon, lat = feature["geometry"]["coordinates"]
    box = shapely.box(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4)
    west, south, east, north = box.bounds
    for text in (
        f"S_INTERSECTS(geom, POINT({lon} {lat}))",
        f"s_within(geom,{box.wkt})",
        f"S_CONTAINS({shapely.multipolygons([box]).wkt}, geom)",
        f"S_INTERSECTS(geom, BBOX({west},{south},{east},{north}))",
        f"S_INTERSECTS(geom, BBOX({west},{south},0,{east},{north},9))",
        f"NOT S_DISJOINT(geom, POINT({lon} {lat} 5))",
    ):
        found = reader.get(STRUCTURES, params={"filter": text}).json()
        assert feature["id"] in [f["id"] for f in found["features"]], text
        assert found["numberMatched"] < 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "character 1"),
        ("storeys =", "not understood"),
        ("storeys = 1)", "character 12"),
        ("storeys = '", "character 11"),
        ("nofield = 1", "nofield is no field"),
        ("id = 1", "id is no field"),
        ("storeys = 'x'", "cannot be compared"),
        ("storeys = TRUE", "cannot be compared"),
        ("geom = 1", "cannot be compared"),
        ("storeys LIKE '1%'", "want text"),
        ("number LIKE 'a\\'", "backslash"),
        ("found_on = 'yesterday'", "no date"),
        ("found_on = DATE('2017-02-30')", "no date"),
        ("storeys = 1e999", "too large"),
        ("S_INTERSECTS(storeys, POINT(1 2))", "wants geometries"),
        ("S_INTERSECTS(geom, POINT(500 2))", "longitude"),
        ("S_INTERSECTS(geom, POLYGON((0 0,1 1,0 1,1 0,0 0)))", "invalid"),
        ("S_INTERSECTS(geom, POLYGON((0 0,1 1)))", "WKT"),
        ("S_INTERSECTS(geom, POINT(1e999 2))", "too large"),
        ("S_INTERSECTS(geom, BBOX(1,2,3))", "BBOX"),
        ("storeys + 1 = 2", "not understood"),
        ("pg_sleep(10) = 1", "not understood"),
        ("number = 'a\0b'", "NUL"),
        ("(" * 17 + "TRUE" + ")" * 17, "brackets"),
        ("TRUE OR " * 1000 + "TRUE", "4000"),
        ("storeys = 1; DROP TABLE water", "not understood"),
    ],
)
def test_a_filter_that_is_none_is_refused(reader: TestClient, text: str, said: str) -> None:
    response = reader.get(STRUCTURES, params={"filter": text, "lang": "en"})
    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-parameter")
    assert said in response.json()["detail"]


def test_the_longest_and_deepest_filters_that_are_allowed_work(reader: TestClient) -> None:
    deep = "(" * cql2.MAX_DEPTH + "TRUE" + ")" * cql2.MAX_DEPTH
    nested = "NOT (" * cql2.MAX_DEPTH + "TRUE" + ")" * cql2.MAX_DEPTH
    wide = "TRUE" + " OR TRUE" * ((cql2.MAX_LENGTH - 4) // 8)
    many = "status IN (" + ",".join(["'x'"] * 900) + ")"
    for text in (deep, nested, wide, many):
        response = reader.get(STRUCTURES, params={"filter": text})
        assert response.status_code == 200, response.text


def test_a_filter_and_its_language_may_be_named(reader: TestClient) -> None:
    asked = {"filter": "storeys=1", "filter-lang": "cql2-text"}
    assert reader.get(STRUCTURES, params=asked).status_code == 200
    assert reader.get(STRUCTURES, params=asked | {"filter-lang": "cql2-json"}).status_code == 400


NUMBERS = Layer(
    name="numbers",
    label=Label("数", "Numbers"),
    geometry=Geometry.POINT,
    fields=(
        Field(name="a", label=Label("甲", "A"), type=Type.INTEGER),
        Field(name="b", label=Label("乙", "B"), type=Type.INTEGER),
    ),
)


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, Callable[[Row], bool]]:
    """A random condition as CQL2 writes it and as Python means it; brackets only where needed."""

    def comparison() -> tuple[str, str]:
        sign, meant = draw(st.sampled_from([("=", "=="), ("<>", "!="), ("<", "<"), (">=", ">=")]))
        name, value = draw(st.sampled_from("ab")), draw(st.integers(0, 3))
        return f"{name}{sign}{value}", f"({name} {meant} {value})"

    def condition(depth: int) -> tuple[str, str]:
        kind = draw(
            st.sampled_from(["plain", "and", "or", "not", "brackets"][: 1 if depth == 0 else 5])
        )
        if kind == "plain":
            return comparison()
        inner, meant = condition(depth - 1)
        if kind == "brackets":
            return f"({inner})", f"({meant})"
        if kind == "not":
            return f"NOT ({inner})", f"(not ({meant}))"
        other, other_meant = condition(depth - 1)
        return f"{inner} {kind.upper()} {other}", f"{meant} {kind} {other_meant}"

    text, meant = condition(4)
    return text, lambda row: bool(eval(meant, {}, row))  # noqa: S307  made a few lines above


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(condition=conditions())
def test_operators_bind_as_in_the_standard(
    numbers: Connection, condition: tuple[str, Callable[[Row], bool]]
) -> None:
    text, meant = condition
    rows = table(NUMBERS)
    found = numbers.execute(sa.select(rows.c.a, rows.c.b).where(cql2.where(NUMBERS, text)))
    wanted = {(a, b) for a in range(4) for b in range(4) if meant({"a": a, "b": b})}
    assert {(a, b) for a, b in found} == wanted


@pytest.fixture
def numbers(conn: Connection) -> Connection:
    table(NUMBERS).create(conn)
    for a in range(4):
        for b in range(4):
            features.insert(conn, NUMBERS, {"a": a, "b": b}, factories.geometry(NUMBERS))
    return conn


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="()'\"\\,.=<>+-*/%_ abgeomtRUENOTIL019\n\0名", max_size=60))
def test_any_text_is_understood_or_refused(registry: Registry, text: str) -> None:
    with suppress(Problem):
        cql2.where(registry.layer("water"), text)
