"""Far tiles of many points: cells that say how many, exactly, and of the reader's ground alone."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.words import Layer
from layers.held.policies import acting
from layers.reading import features
from layers.registry import Registry
from layers.serving import levels, tiles
from layers.serving.tiles import Question
from tests.factories import LAT, LON, geometry, record
from tests.layers.serving.test_tiles import _address, _read

MANY = levels.FEW + 100
_ADD = sa.text("""
INSERT INTO work_units (name, kind, liaison_leader, geom)
SELECT '单位' || n, (ARRAY['school', 'hospital'])[1 + n % 2], CASE WHEN n % 3 = 0 THEN '张三' END,
  ST_SetSRID(ST_MakePoint(:lon + (n % 50) * 0.004, :lat + (n / 50) * 0.004), 4326)
FROM generate_series(1, :many) n
""")


@pytest.fixture
def units(registry: Registry) -> Layer:
    return registry.layer("work_units")


@pytest.fixture
def crowded(database: Database) -> Database:
    """More units than are drawn singly, on 50 columns some 400 m apart."""
    with database.begin() as connection:
        connection.execute(_ADD, {"lon": LON, "lat": LAT, "many": MANY})
    return database


def reader(database: Database, division: str = EVERYWHERE) -> Database:
    return acting(database, Actor(None, None, "v", Role.VIEWER, division, "test"))


def told(
    database: Database, registry: Registry, layer: Layer, z: int, folder: Path, **narrowed: Any
) -> Iterator[dict[str, Any]]:
    """The features of all tiles of a zoom on which the units lie."""
    (west, south), (east, north) = (
        _address(z, LON + 0.004 * column, LAT + 0.004 * row) for column, row in ((0, 0), (50, 43))
    )
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            question = Question((layer,), z, x, y, **narrowed)
            body, _ = tiles.made(database, question, registry.layers)
            if body:
                yield from _read(body, layer.name, folder)


@pytest.mark.parametrize("zoom", [0, 5, 8, 9, 10, 11, 12, 13])
def test_cells_count_every_feature_once(
    crowded: Database, registry: Registry, units: Layer, tmp_path: Path, zoom: int
) -> None:
    found = list(told(reader(crowded), registry, units, zoom, tmp_path))
    assert sum(each.get("weight") or 1 for each in found) == MANY
    classes, lacking = Counter[str](), 0
    for each in found:
        if not each.get("weight"):
            classes[each["kind"]] += 1
            lacking += not each.get("liaison_leader")
            continue
        sums = each["sums"] if isinstance(each["sums"], dict) else json.loads(each["sums"])
        assert sum(sums.values()) == each["weight"] > 1
        assert not each.get("name")
        classes.update(sums)
        lacking += each.get("lacking") or 0
    assert classes == {"school": MANY // 2, "hospital": MANY // 2}
    assert lacking == MANY - MANY // 3


def test_from_near_by_each_is_itself(crowded: Database, registry: Registry, units: Layer) -> None:
    question = Question((units,), 14, *_address(14, LON + 0.02, LAT + 0.02))
    body, _ = tiles.made(reader(crowded), question, registry.layers)
    with reader(crowded).read() as connection:
        each = tiles.tile(connection, [units], question.z, question.x, question.y)
    assert body == each != b""


def test_what_is_alone_in_its_cell_is_itself(
    crowded: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    with crowded.begin() as connection:
        alone = features.insert(connection, units, record(units), geometry(units))
        moved = "UPDATE work_units SET geom = ST_Translate(geom, -1, 0) WHERE id = :id"
        connection.execute(sa.text(moved), {"id": alone})
    for zoom in (8, 12):
        question = Question((units,), zoom, *_address(zoom, LON - 1, LAT))
        body, _ = tiles.made(reader(crowded), question, registry.layers)
        (found,) = _read(body, units.name, tmp_path)
        assert found["mvt_id"] == alone
        assert found["name"] == record(units)["name"]
        assert not found.get("weight")


def test_few_are_drawn_singly_however_far_away(
    database: Database, registry: Registry, units: Layer
) -> None:
    with database.begin() as connection:
        connection.execute(_ADD, {"lon": LON, "lat": LAT, "many": levels.FEW})
    for zoom in (5, 12):
        question = Question((units,), zoom, *_address(zoom, LON, LAT))
        body, _ = tiles.made(reader(database), question, registry.layers)
        with reader(database).read() as connection:
            assert body == tiles.tile(connection, [units], zoom, question.x, question.y)


def test_what_was_written_is_counted_at_once(
    crowded: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    def counted() -> tuple[int, object]:
        question = Question((units,), 6, *_address(6, LON, LAT))
        body, state = tiles.made(reader(crowded), question, registry.layers)
        sources = tiles.sources(question, registry.layers)
        assert sources is not None
        found: list[dict[str, Any]] = _read(body, units.name, tmp_path)
        return sum(each.get("weight") or 1 for each in found), state.of(sources)

    before, version = counted()
    with crowded.begin() as connection:
        connection.execute(sa.text("DELETE FROM work_units WHERE id % 10 = 0"))
        gone = MANY - (connection.scalar(sa.text("SELECT count(*) FROM work_units")) or 0)
    after, newer = counted()
    assert (before - after, gone > 0) == (gone, True)
    assert newer != version


def test_of_another_ground_nothing_is_counted(
    crowded: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    """A community's reader sees few of the many: those, each by itself."""
    divisions = registry.layer("divisions")
    with crowded.begin() as connection:
        features.insert(connection, divisions, record(divisions), geometry(divisions))
        features.insert(connection, units, record(units), geometry(units))
    own = str(record(divisions)["code"])
    with reader(crowded, own).read() as connection:
        names = set(connection.scalars(sa.text("SELECT name FROM work_units")))
    found = list(told(reader(crowded, own), registry, units, 11, tmp_path))
    assert {each["name"] for each in found} == names
    assert 0 < len(found) < MANY


def test_what_cells_cannot_tell_is_told_of_the_rows(
    crowded: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    inside = list(told(reader(crowded), registry, units, 9, tmp_path, within="000000000000"))
    assert len({each["mvt_id"] for each in inside}) == MANY


# --- fields ---------------------------------------------------------------------------------------
_FIELDS = sa.text("""
INSERT INTO grid_fields (code, name, kind, division, leader, geom)
SELECT community || lpad((n / 3)::text, 3, '0'), '网格' || n, 'general', community,
  CASE WHEN n % 5 > 0 THEN '网格长' || n END,
  ST_MakeEnvelope(:lon + (n % 60) * s, :lat + (n / 60) * s, :lon + (n % 60 + 1) * s,
    :lat + (n / 60 + 1) * s, 4326)
FROM generate_series(0, :many - 1) n,
  LATERAL (SELECT (ARRAY['630102007001', '630102007004', '630103002001'])[1 + n % 3] AS community,
    0.003 AS s) each
""")
COMMUNITY, STREET = "630102007001", "630102007000"


@pytest.fixture
def divided(database: Database) -> Database:
    """More fields than are drawn singly, of three communities in two streets and districts."""
    with database.begin() as connection:
        connection.execute(_FIELDS, {"lon": LON, "lat": LAT, "many": MANY})
    return database


@pytest.mark.parametrize(
    ("zoom", "division", "grounds"),
    [
        (12, EVERYWHERE, 3),
        (10, EVERYWHERE, 3),
        (9, EVERYWHERE, 2),
        (7, EVERYWHERE, 2),
        (0, EVERYWHERE, 2),
        (7, "630102000000", None),
    ],
)
def test_fields_from_afar_are_the_ground_of_their_divisions(  # noqa: PLR0917
    divided: Database,
    registry: Registry,
    tmp_path: Path,
    zoom: int,
    division: str,
    grounds: int | None,
) -> None:
    fields = registry.layer("grid_fields")
    question = Question((fields,), zoom, *_address(zoom, LON + 0.001, LAT + 0.001))
    body, _ = tiles.made(reader(divided, division), question, registry.layers)
    found: list[dict[str, Any]] = _read(body, fields.name, tmp_path)
    if grounds is None:  # a district's reader sees two thirds of them, which are few
        assert {each.get("weight") for each in found} == {None}
        return
    assert len(found) == grounds
    assert sum(each["weight"] for each in found) == MANY
    assert sum(each["lacking"] for each in found) == MANY / 5
    assert all(each["tint"] is not None and not each.get("leader") for each in found)


def test_fields_are_themselves_from_near_by_and_while_ground_is_stale(
    divided: Database, registry: Registry
) -> None:
    fields = registry.layer("grid_fields")

    def both(zoom: int) -> tuple[bytes, bytes]:
        question = Question((fields,), zoom, *_address(zoom, LON + 0.001, LAT + 0.001))
        body, _ = tiles.made(reader(divided), question, registry.layers)
        with reader(divided).read() as connection:
            each = tiles.tile(connection, [fields], zoom, question.x, question.y)
        return body, each

    near, each = both(13)
    assert near == each
    far, each = both(11)
    assert far != each
    with divided.begin() as connection:
        mark = "INSERT INTO stale_grounds (layer, place) SELECT 'grid_fields', n"
        connection.execute(sa.text(f"{mark} FROM generate_series(1, 30) n"))
    stale, each = both(11)
    assert stale == each
