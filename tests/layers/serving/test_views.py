"""What the views of a map compute: for tiles and legends, equal to the database, and no more than
the reader may see."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pyproj
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from layers.cases import days as case_days
from layers.declaring.limits import OVER, STEPS, USUAL
from layers.declaring.people import Actor, Role
from layers.declaring.walked_steps import SPANS, names
from layers.declaring.words import RANK_TINTS, Layer, Style
from layers.held import policies
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import table
from layers.serving.computed import LOADS, drawn_rows
from layers.serving.summaries import Tally, summary
from layers.serving.tiles import tile
from tests.factories import LAT, LON, geometry, record
from tests.layers import duty_cases as cases
from tests.layers import fields

_MERCATOR = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
_WORLD_M = 40_075_016.68557849
_METRES = "SELECT coalesce(sum(st_length(geom::geography)), 0) FROM road_segments WHERE {}"


def drawn(registry: Registry, theme: str, layer: str, by: str | None = None) -> Layer:
    found = {each.name: each for each in registry.drawn(registry.theme(theme, by))}
    return found[layer]


def in_tile(connection: Connection, layer: Layer, folder: Path) -> list[dict[str, Any]]:
    """The features of the layer in a tile around the places of the factories."""
    z = 12
    east, north = _MERCATOR.transform(LON, LAT)
    x, y = (int((_WORLD_M / 2 + way) / _WORLD_M * 2**z) for way in (east, -north))
    file = folder / "tile.pbf"
    file.write_bytes(tile(connection, [layer], z, x, y))
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(file), layer.name]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return [feature["properties"] for feature in json.loads(done.stdout)["features"]]


@pytest.fixture
def roads(conn: Connection, registry: Registry) -> Layer:
    plain = registry.layer("road_segments")
    for n, leader in enumerate(["马国良", "李生芳", None, "马国良", "马晓燕"]):
        features.insert(conn, plain, record(plain, n, liaison_leader=leader), geometry(plain, n))
    return drawn(registry, "liaison", "road_segments")


def test_the_legend_has_the_metres_of_each_leader_and_of_none(
    conn: Connection, roads: Layer
) -> None:
    tallies = summary(conn, roads).tallies
    assert {each.value for each in tallies} == {"马国良", "李生芳", "马晓燕", None}
    for each in tallies:
        whose = "liaison_leader IS NOT DISTINCT FROM :name"
        told = conn.scalar(sa.text(_METRES.format(whose)), {"name": each.value})
        assert each.amount == pytest.approx(told, rel=1e-12)
    assert sum(each.count for each in tallies) == 5
    amounts = [each.amount for each in tallies if each.value]
    assert amounts == sorted(amounts, reverse=True)
    assert tallies[-1].value is None


def test_a_tile_and_the_legend_give_a_leader_one_colour(
    conn: Connection, roads: Layer, tmp_path: Path
) -> None:
    told = {each.value: each.tint for each in summary(conn, roads).tallies}
    assert sorted(tint for tint in told.values() if tint is not None) == [0, 1, 2]
    found = in_tile(conn, roads, tmp_path)
    assert len(found) == 5
    for feature in found:
        assert feature.get("tint") == told[feature.get("liaison_leader")]


def test_who_may_not_know_names_sees_the_same_metres(
    database: Database, registry: Registry
) -> None:
    plain = registry.layer("road_segments")
    with database.begin() as connection:
        for n, leader in enumerate(["马国良", "马晓燕", None]):
            values = record(plain, n, liaison_leader=leader)
            features.insert(connection, plain, values, geometry(plain, n))
    layer = drawn(registry, "liaison", "road_segments")
    with database.read() as connection:
        known = summary(connection, layer).tallies
    viewer = Actor(None, None, "", Role.VIEWER, "000000000000", "test")
    with policies.acting(database, viewer).read() as connection:
        masked = summary(connection, layer).tallies
    # Two of one family name stay two.
    assert [each.value for each in masked] == ["马**", "马**", None]
    assert [_figures(each) for each in masked] == [_figures(each) for each in known]


def _figures(tally: Tally) -> tuple[int | None, int, float]:
    return tally.tint, tally.count, tally.amount


# --- workload -------------------------------------------------------------------------------------
@pytest.fixture
def led(conn: Connection, registry: Registry) -> dict[str, int]:
    """甲 leads five fields of 200 households, 乙 one of 1,400; the seventh has nobody."""
    ids = [
        fields.field(
            conn,
            registry,
            n + 1,
            fields.plot(n, 0),
            leader=None,
            households=1400 if n == 5 else 200,
        )
        for n in range(7)
    ]
    one, two = cases.person(conn, "甲"), cases.person(conn, "乙")
    for n, each in enumerate(ids[:6]):
        who = one if n < 5 else two
        cases.given(conn, registry, "grid_fields", each, who=who)
    # What is planned and what is over is no load.
    cases.given(conn, registry, "grid_fields", ids[6], who=two, since=5)
    return {"甲": ids[0], "乙": ids[5], "": ids[6]}


def loads(
    connection: Connection, registry: Registry, name: str, on: date | None = None
) -> dict[int, tuple[object, object]]:
    rows = drawn_rows(drawn(registry, "workload", "grid_fields", name), on)
    statement = sa.select(rows.c.id, rows.c[f"load_{name}"], rows.c[f"level_{name}"])
    return {each: (amount, level) for each, amount, level in connection.execute(statement)}


def test_a_field_is_coloured_by_all_that_its_leader_answers_for(
    conn: Connection, registry: Registry, led: dict[str, int]
) -> None:
    found = loads(conn, registry, "fields")
    assert found[led["甲"]] == (5, OVER)
    assert found[led["乙"]] == (1, "light")
    assert found[led[""]] == (None, None)
    found = loads(conn, registry, "households")
    assert found[led["甲"]] == (1000, "fair")
    assert found[led["乙"]] == (1400, "full")


def test_the_legend_counts_fields_by_the_level_of_their_leader(
    conn: Connection, registry: Registry, led: dict[str, int]
) -> None:
    found = summary(conn, drawn(registry, "workload", "grid_fields", "fields"))
    assert found.classes == {"light": 1, "fair": 0, "full": 0, OVER: 5}
    assert found.alerts == 1
    assert found.tallies == ()


def test_road_metres_of_a_leader_are_those_of_liaison(
    conn: Connection, registry: Registry, led: dict[str, int]
) -> None:
    plain = registry.layer("road_segments")
    values = record(plain, 0, liaison_leader=None)
    road = features.insert(conn, plain, values, geometry(plain, 0))
    who = cases.terms(conn, registry, "grid_fields", led["乙"])[0].person.id
    cases.given(conn, registry, "road_segments", road, "liaison_leader", who=who)
    told = conn.scalar(sa.text(_METRES.format(f"id = {road}")))
    amount, level = loads(conn, registry, "metres")[led["乙"]]
    assert amount == pytest.approx(told, rel=1e-6)
    assert level == "light"


def test_open_cases_of_a_leader_are_those_of_all_the_fields_led(
    conn: Connection, registry: Registry, led: dict[str, int]
) -> None:
    layer = registry.layer("sites")
    code = conn.scalar(sa.text(f"SELECT code FROM grid_fields WHERE id = {led['甲']}"))
    for n, status in enumerate(["registered"] * 13 + ["cleared"]):
        found = {"field": code, "status": status, "found_on": cases.day(conn)}
        features.insert(conn, layer, record(layer, n, **found), geometry(layer, n))
    found = loads(conn, registry, "cases")
    assert found[led["甲"]] == (13, "full")
    assert found[led["乙"]] == (0, "light")


def test_a_past_day_has_the_duties_of_that_day(
    conn: Connection, registry: Registry, led: dict[str, int]
) -> None:
    layer = drawn(registry, "workload", "grid_fields", "fields")
    day = cases.day(conn, 6)
    # 乙 has two fields by then.
    assert loads(conn, registry, "fields", day)[led[""]] == (2, "light")
    assert summary(conn, layer, on=day).classes["light"] == 2
    assert summary(conn, layer, on=cases.day(conn, -200)).classes["light"] == 0


def test_a_load_counts_what_the_reader_may_see(database: Database, registry: Registry) -> None:
    other = "630102007004"
    with database.begin() as connection:
        who = cases.person(connection, "甲")
        for n in range(5):
            of = fields.BLUE_SKY if n < 2 else other
            plot = fields.plot(n if n < 2 else n + 20, 0)
            number = n + 1 if n < 2 else n
            each = fields.field(connection, registry, number, plot, of, leader=None)
            cases.given(connection, registry, "grid_fields", each, who=who)
    layer = drawn(registry, "workload", "grid_fields", "fields")
    with database.read() as connection:
        assert summary(connection, layer).classes[OVER] == 5
    leader = Actor(None, None, "", Role.LEADER, fields.BLUE_SKY, "test")
    with policies.acting(database, leader).read() as connection:
        assert summary(connection, layer).classes == {"light": 2, "fair": 0, "full": 0, OVER: 0}


# --- declarations ---------------------------------------------------------------------------------
def test_every_view_is_declared_of_what_can_be_computed(registry: Registry) -> None:
    known = {f"{kind}_{name}" for kind in ("load", "level") for name in LOADS}
    known |= {name for span in SPANS for name in names(span)} | case_days.LEVELS
    for theme in registry.themes.values():
        for view in theme.views:
            assert view.layer in theme.subjects
            assert {field.name for field in view.computed} <= known
            layer = drawn(registry, theme.name, view.layer, view.name)
            assert layer.style == view.style
            # A view changes how a layer is drawn, and nothing of how it is stored.
            assert (
                table(layer).columns.keys() == table(registry.layer(view.layer)).columns.keys()
                or registry.layer(view.layer).style.distinct
            )


def test_levels_end_with_the_limit() -> None:
    assert list(STEPS.values()) == sorted(STEPS.values())
    assert max(STEPS.values()) == 1
    assert all(hasattr(USUAL, name) for name in LOADS)


def test_a_map_is_not_drawn_by_what_it_has_not(registry: Registry) -> None:
    for theme, by in (("workload", "age"), ("fields", "fields")):
        with pytest.raises(Problem):
            registry.theme(theme, by)


def test_ranks_and_the_tints_of_neighbours_exclude_one_another() -> None:
    assert Style(by="name", ranked=True).tints == RANK_TINTS
    with pytest.raises(ValueError, match="ranks"):
        Style(ranked=True)
    with pytest.raises(ValueError, match="ranks"):
        Style(by="name", ranked=True, distinct=True)
