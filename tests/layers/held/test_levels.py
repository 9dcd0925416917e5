"""What the cells of far zooms hold is what a recount of the rows says, whatever is done to them."""

import math
import random
from collections import Counter
from collections.abc import Iterable
from threading import Thread

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.arriving import batches
from layers.arriving.importing import Options, load
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.words import Layer
from layers.held import levels
from layers.held.policies import acting
from layers.reading import features
from layers.registry import Registry
from layers.schema.levels import CELLS
from layers.schema.tables import table
from tests.factories import LAT, LON, geometry, record
from tests.layers.incoming import ordinary

Key = tuple[str, int, int, int, int, str | None]
_EACH = (CELLS.c.layer, CELLS.c.grid, CELLS.c.x, CELLS.c.y, CELLS.c.place, CELLS.c["class"])
_EXACT = tuple(sa.func.sum(CELLS.c[name]) for name in ("features", "lacking", "ids"))
_ROUNDED = tuple(sa.func.sum(CELLS.c[name]) for name in ("eastings", "southings"))


# --- counting again -------------------------------------------------------------------------------
def recounted(connection: Connection, layers: Iterable[Layer]) -> dict[Key, list[float]]:
    """The same sums, of the rows themselves and by another arithmetic."""
    found: dict[Key, list[float]] = {}
    for layer in filter(levels.is_counted, layers):
        rows, style = table(layer), layer.style
        lon, lat = sa.func.st_x(rows.c.geom), sa.func.st_y(rows.c.geom)
        for row in connection.execute(sa.select(rows, lon.label("lon"), lat.label("lat"))):
            values = row._mapping
            east = (values["lon"] + 180) / 360
            turn = math.log(math.tan(math.pi / 4 + math.radians(values["lat"]) / 2))
            south = (1 - turn / math.pi) / 2
            lacks = bool(style.alert_without) and values[str(style.alert_without)] is None
            told = (1, int(lacks), values["id"], east * 2**31, south * 2**31)
            for grid in levels.GRIDS:
                cell = int(east * 2**grid), int(south * 2**grid)
                class_ = values[style.by] if style.by else None
                key = layer.name, grid, *cell, values["place"], class_
                held = found.setdefault(key, [0] * 5)
                found[key] = [a + b for a, b in zip(held, told, strict=True)]
    return found


def stored(connection: Connection) -> dict[Key, list[float]]:
    sums = sa.select(*_EACH, *_EXACT, *_ROUNDED).group_by(*_EACH)
    rows = connection.execute(sums.having(sa.func.sum(CELLS.c.features) != 0))
    return {tuple(row[:6]): [float(each) for each in row[6:]] for row in rows}


def holds(connection: Connection, registry: Registry) -> int:
    """How many features the cells were found to tell of truly."""
    found, wanted = stored(connection), recounted(connection, registry.layers.values())
    assert found.keys() == wanted.keys()
    for key, sums in wanted.items():
        assert found[key][:3] == sums[:3], key
        assert found[key][3:] == pytest.approx(sums[3:], abs=2 * sums[0])
    # What is left of cells that hold nothing any more is nothing.
    rest = sa.select(*_EXACT, *_ROUNDED).group_by(*_EACH)
    empty = rest.having(sa.func.sum(CELLS.c.features) == 0)
    assert all(not any(row) for row in connection.execute(empty))
    return int(sum(sums[0] for sums in wanted.values())) // len(levels.GRIDS)


# --- changing -------------------------------------------------------------------------------------
def put(connection: Connection, layer: Layer, n: int, chance: random.Random) -> int:
    """A point, some with what all should have, in any of the classes, somewhere in the county."""
    style = layer.style
    given: dict[str, object] = {}
    if style.by:
        given[style.by] = chance.choice(layer.field(style.by).choices).value
    if style.alert_without and chance.random() < 0.5:
        given[style.alert_without] = None
    shape = sa.func.st_setsrid(sa.func.st_makepoint(*_spot(chance)), 4326)
    made = features.insert(connection, layer, record(layer, n, **given), geometry(layer, n))
    rows = table(layer)
    connection.execute(sa.update(rows).where(rows.c.id == made).values(geom=shape))
    return made


def _spot(chance: random.Random) -> tuple[float, float]:
    return LON + chance.uniform(-0.3, 0.3), LAT + chance.uniform(-0.3, 0.3)


def change(connection: Connection, layer: Layer, n: int, chance: random.Random) -> None:
    """Anything that may happen to points, of one or of many by one statement."""
    rows, style = table(layer), layer.style
    some = rows.c.id % chance.randint(1, 4) == 0
    shift = sa.func.st_translate(rows.c.geom, *(chance.uniform(-0.1, 0.1) for _ in range(2)))
    kind = chance.choice(("put", "put", "put", "move", "class", "lack", "delete", "fold"))
    if kind == "put":
        put(connection, layer, n, chance)
    elif kind == "move":
        connection.execute(sa.update(rows).where(some).values(geom=shift))
    elif kind == "class" and style.by:
        value = chance.choice(layer.field(style.by).choices).value
        connection.execute(sa.update(rows).where(some).values({style.by: value}))
    elif kind == "lack" and style.alert_without:
        connection.execute(sa.update(rows).where(some).values({style.alert_without: None}))
    elif kind == "delete":
        connection.execute(sa.delete(rows).where(rows.c.id % 7 == chance.randrange(7)))
    elif kind == "fold":
        levels.fold(connection)


# --- both are the same ----------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(6))
def test_cells_hold_what_a_recount_says(conn: Connection, registry: Registry, seed: int) -> None:
    chance = random.Random(seed)
    layers = [registry.layer(name) for name in ("work_units", "markets")]
    for n in range(40):
        change(conn, chance.choice(layers), n, chance)
    assert holds(conn, registry)
    levels.fold(conn)
    assert holds(conn, registry)
    assert not conn.scalar(sa.select(sa.func.count()).where(CELLS.c.is_new))
    levels.adopt(conn, registry.layers.values())
    assert holds(conn, registry)


def test_every_layer_of_points_is_counted(conn: Connection, registry: Registry) -> None:
    counted = [layer for layer in registry.mapped if levels.is_counted(layer)]
    assert len(counted) > 5
    for layer in counted:
        features.insert(conn, layer, record(layer), geometry(layer))
    assert holds(conn, registry) >= len(counted)
    assert {key[0] for key in stored(conn)} >= {layer.name for layer in counted}


def test_a_new_map_of_divisions_moves_what_cells_hold(conn: Connection, registry: Registry) -> None:
    units, divisions = registry.layer("work_units"), registry.layer("divisions")
    for n in range(3):
        features.insert(conn, units, record(units, n), geometry(units, n))
    before = {key[4] for key in stored(conn)}
    features.insert(conn, divisions, record(divisions), geometry(divisions))
    assert {key[4] for key in stored(conn)} != before
    assert holds(conn, registry) == 3


def test_a_load_and_its_undoing_are_counted(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    first = load(database, registry, layer, ordinary(layer, 12), Options())
    again = ordinary(layer, 20, source="新")
    second = load(database, registry, layer, again, Options(on_conflict="update"))
    for batch, left in ((None, 20), (second.batch, 12), (first.batch, 0)):
        if batch is not None:
            batches.undo(database, registry, batch)
        with database.read() as connection:
            assert holds(connection, registry) == left


def test_many_writers_and_folders_lose_no_point(database: Database, registry: Registry) -> None:
    layer, failures = registry.layer("work_units"), list[BaseException]()
    rows = table(layer)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for n in range(25):
                with database.begin() as connection:
                    made = put(connection, layer, 1000 * seed + n, chance)
                with database.begin() as connection:
                    if n % 5 == 4:
                        connection.execute(sa.delete(rows).where(rows.c.id == made))
                    levels.fold(connection)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=write, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with database.read() as connection:
        assert holds(connection, registry) == 8 * 20


def test_a_writer_waits_for_no_other_in_the_same_cell(
    database: Database, registry: Registry
) -> None:
    """While one has counted, and another has folded, and neither has committed."""
    layer = registry.layer("work_units")
    chance = random.Random(1)
    with database.begin() as connection:
        put(connection, layer, 0, chance)
    with database.engine.connect() as early, database.engine.connect() as folding:
        put(early, layer, 1, random.Random(2))
        levels.fold(folding)
        with database.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            put(connection, layer, 2, random.Random(2))
            levels.fold(connection)
            assert holds(connection, registry) == 2
        folding.commit()
        early.commit()
    with database.read() as connection:
        assert holds(connection, registry) == 3


def test_a_reader_is_told_of_no_other_ground(database: Database, registry: Registry) -> None:
    units, divisions = registry.layer("work_units"), registry.layer("divisions")
    own = str(record(divisions)["code"])
    chance = random.Random(3)
    with database.begin() as connection:
        features.insert(connection, divisions, record(divisions), geometry(divisions))
        features.insert(connection, units, record(units), geometry(units))
        for n in range(1, 6):
            put(connection, units, n, chance)
    seen = {}
    for division in (own, EVERYWHERE):
        viewer = Actor(None, None, "v", Role.VIEWER, division, "test")
        with acting(database, viewer).read() as connection:
            counts = Counter[int]()
            for key, sums in stored(connection).items():
                counts[key[4]] += int(sums[0])
            seen[division] = counts
    assert set(seen[own]) == {int(own)}
    assert set(seen[own]) < set(seen[EVERYWHERE])
    assert seen[own][int(own)] == seen[EVERYWHERE][int(own)]
