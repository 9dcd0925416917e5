"""The ground of a division is that of its fields, whatever is done to them and by how many."""

import random
from collections.abc import Mapping
from threading import Thread

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.arriving import batches
from layers.arriving.importing import Options, load
from layers.declaring.people import Actor, Role
from layers.freshness import counting
from layers.held import united
from layers.held.policies import acting
from layers.registry import Registry
from layers.schema.levels import GROUNDS, STALE_GROUNDS
from layers.schema.tables import table
from tests.layers.casework import settle
from tests.layers.fields import BLUE_SKY, WEST_STATION, division, field, plot
from tests.layers.incoming import ordinary

OTHER = "630103002001"
CODES = (BLUE_SKY, WEST_STATION, OTHER)
_KEPT = sa.select(GROUNDS.c.depth, GROUNDS.c.place, GROUNDS.c.features, GROUNDS.c.lacking)
_STEP_M = {12: 10, 9: 77, 6: 306}  # of the grid that corners go to

Told = Mapping[tuple[int, int], tuple[int, int]]


def recounted(connection: Connection, registry: Registry) -> dict[tuple[int, int], tuple[int, int]]:
    rows = table(registry.layer("grid_fields"))
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for place, leader in connection.execute(sa.select(rows.c.place, rows.c.leader)):
        for depth in (12, 9, 6):
            key = depth, place // 10 ** (12 - depth) * 10 ** (12 - depth)
            count, lacking = found.get(key, (0, 0))
            found[key] = count + 1, lacking + (leader is None)
    return found


def told(connection: Connection) -> Told:
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(_KEPT)}


def marked(connection: Connection) -> set[int]:
    return set(connection.scalars(sa.select(STALE_GROUNDS.c.place)))


def holds(connection: Connection, registry: Registry) -> int:
    """How many divisions were found to be what their fields are."""
    assert not marked(connection)
    assert told(connection) == recounted(connection, registry)
    rows = table(registry.layer("grid_fields"))
    shape = sa.func.st_transform(rows.c.geom, 3857)
    for place, drawn in connection.execute(
        sa.select(rows.c.place, sa.func.st_asbinary(sa.func.st_union(shape))).group_by(rows.c.place)
    ):
        kept = sa.select(sa.func.st_asbinary(GROUNDS.c.geom))
        held = connection.scalar(kept.where(GROUNDS.c.depth == 12, GROUNDS.c.place == place))
        assert held is not None, place
        whole, ground = shapely.from_wkb(bytes(drawn)), shapely.from_wkb(bytes(held))
        assert ground.hausdorff_distance(whole) <= _STEP_M[12]
    return len(told(connection))


def change(connection: Connection, registry: Registry, n: int, chance: random.Random) -> None:
    rows = table(registry.layer("grid_fields"))
    some = rows.c.id % 3 == chance.randrange(3)
    match chance.choice(("put", "put", "put", "move", "leader", "of", "delete")):
        case "put":
            ground, code = plot(3 * (n % 9), 3 * (n // 9), 3, 3), chance.choice(CODES)
            leader = chance.choice((None, "张三"))
            field(connection, registry, n + 1, ground, code, leader=leader)
        case "move":
            moved = sa.func.st_translate(rows.c.geom, 0.004, 0.002)
            connection.execute(sa.update(rows).where(some).values(geom=moved))
        case "leader":
            connection.execute(sa.update(rows).where(some).values(leader=None))
        case "of":
            connection.execute(sa.update(rows).where(some).values(division=chance.choice(CODES)))
        case "delete":
            connection.execute(sa.delete(rows).where(some))


@pytest.mark.parametrize("seed", range(5))
def test_ground_is_what_the_fields_are(conn: Connection, registry: Registry, seed: int) -> None:
    chance = random.Random(seed)
    for n in range(6):
        field(conn, registry, 900 + n, plot(3 * n, 60, 3, 3), CODES[n % 3])
    for n in range(20):
        change(conn, registry, n, chance)
        if n % 4 == 0:
            settle(conn)
            holds(conn, registry)
    settle(conn)
    assert holds(conn, registry)
    united.adopt(conn, registry.layers.values())
    assert holds(conn, registry)


def test_neighbours_meet_without_gap_or_overlap(conn: Connection, registry: Registry) -> None:
    for n in range(12):
        field(conn, registry, n + 1, plot(3.37 * n, 0, 3.37, 7), CODES[n % 3])
    settle(conn)
    for depth in (12, 9, 6):
        shapes = [
            shapely.from_wkb(bytes(each))
            for each in conn.scalars(
                sa.select(sa.func.st_asbinary(GROUNDS.c.geom)).where(GROUNDS.c.depth == depth)
            )
        ]
        whole = shapely.union_all(shapes)
        assert whole.area == pytest.approx(sum(each.area for each in shapes))
        assert all(each.is_valid for each in shapes)
        assert isinstance(whole, shapely.Polygon)
        assert not whole.interiors


def test_a_hole_is_told_where_it_can_be_seen(conn: Connection, registry: Registry) -> None:
    """A corner that lies on a side opens a speck where it goes to its crossing: that is none."""
    chance = random.Random(2)
    beside = [(3 * n, 3 * n + chance.uniform(1, 2)) for n in range(6)]
    for n, (west, middle) in enumerate(beside):
        field(conn, registry, 3 * n + 1, plot(west, 0, 3, 2.9))
        field(conn, registry, 3 * n + 2, plot(west, 2.9, middle - west, 3))
        field(conn, registry, 3 * n + 3, plot(middle, 2.9, west + 3 - middle, 3))
    for n, side in enumerate(((0, 5.9, 18, 1.1), (0, 7, 1, 2), (2, 7, 16, 2), (0, 9, 18, 1))):
        field(conn, registry, 90 + n, plot(*side))
    settle(conn)
    shape = sa.func.st_asbinary(GROUNDS.c.geom)
    (ground,) = conn.scalars(sa.select(shape).where(GROUNDS.c.depth == 12))
    (told_hole,) = (
        ring
        for part in shapely.get_parts(shapely.from_wkb(bytes(ground)))
        for ring in part.interiors
        if shapely.Polygon(ring).area > 0
    )
    assert shapely.Polygon(told_hole).area == pytest.approx(
        2 * 111 * 139, rel=0.2
    )  # m², as Web Mercator has them


def test_ground_too_small_to_be_seen_is_still_counted(conn: Connection, registry: Registry) -> None:
    field(conn, registry, 1, plot(0.2, 0.2, 0.01, 0.01))
    settle(conn)
    assert told(conn) == recounted(conn, registry) != {}
    assert conn.scalars(sa.select(sa.func.st_isempty(GROUNDS.c.geom))).all() == [True] * 3


def test_what_is_no_ground_marks_nothing(conn: Connection, registry: Registry) -> None:
    field(conn, registry, 1, plot(0, 0, 3, 3))
    settle(conn)
    conn.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
    conn.execute(sa.text("UPDATE grid_fields SET tint = 3, name = name || '改', leader = '李四'"))
    assert not marked(conn)
    conn.execute(sa.text("UPDATE grid_fields SET leader = NULL"))
    assert marked(conn) == {int(BLUE_SKY)}


def test_a_division_is_marked_once_by_a_transaction(database: Database, registry: Registry) -> None:
    """However many of its fields that changes: one with many is still united when it commits."""
    with database.begin() as connection:
        field(connection, registry, 1, plot(0, 0, 3, 3))
        for _ in range(united.AT_ONCE + 5):
            shift = sa.text("UPDATE grid_fields SET geom = ST_Translate(geom, 0.0001, 0)")
            connection.execute(shift)
        marks = sa.select(sa.func.count()).select_from(STALE_GROUNDS)
        assert connection.scalars(marks).one() <= 2  # one of a savepoint
    with database.read() as connection:
        assert holds(connection, registry) == 3


def test_a_load_of_many_divisions_is_united_by_whoever_asks(
    database: Database, registry: Registry
) -> None:
    with database.begin() as connection:
        for n in range(united.AT_ONCE + 5):
            field(connection, registry, n + 1, plot(3 * n, 0, 3, 3), str(630102007001 + n))
    with database.read() as connection:
        assert len(marked(connection)) == united.AT_ONCE + 5
    turns = 0
    while True:
        with database.begin() as connection:
            state = counting.current(connection)
        if not state.stale:
            break
        turns += 1
    assert turns == 2
    with database.read() as connection:
        assert holds(connection, registry) == united.AT_ONCE + 5 + 2


def test_to_unite_is_a_change_of_the_tiles(database: Database, registry: Registry) -> None:
    """Until then they are made of each field."""
    with database.begin() as connection:
        before = counting.state(connection)
        connection.execute(sa.insert(STALE_GROUNDS).values(layer="grid_fields", place=1))
        united.unite(connection)
        after = counting.state(connection)
    assert before.of(["grid_fields"]) != after.of(["grid_fields"])


def test_a_load_and_its_undoing(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    report = load(database, registry, layer, ordinary(layer, 8), Options(accept_valid=True))
    assert report.batch is not None
    batches.undo(database, registry, report.batch)
    with database.begin() as connection:
        counting.current(connection)
    with database.read() as connection:
        assert holds(connection, registry) == 0


def test_many_writers_leave_no_ground_untrue(database: Database, registry: Registry) -> None:
    failures = list[BaseException]()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for n in range(12):
                with database.begin() as connection:
                    ground = plot(3 * n, 3 * seed, 3, 3)
                    field(connection, registry, 20 * seed + n + 1, ground, chance.choice(CODES))
                if n % 3 == 2:
                    with database.begin() as connection:
                        counting.current(connection)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=write, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with database.begin() as connection:
        counting.current(connection)
    with database.read() as connection:
        assert holds(connection, registry)
        assert sum(count for (depth, _), (count, _) in told(connection).items() if depth == 6) == 96


def test_a_reader_is_told_of_no_other_ground(database: Database, registry: Registry) -> None:
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 9, 9))
        for n, code in enumerate(CODES):
            field(connection, registry, n + 1, plot(3 * n, 0, 3, 3), code)
    viewer = Actor(None, None, "v", Role.VIEWER, BLUE_SKY, "test")
    with acting(database, viewer).read() as connection:
        assert told(connection) == {(12, int(BLUE_SKY)): (1, 0)}
    street = Actor(None, None, "v", Role.VIEWER, "630102007000", "test")
    with acting(database, street).read() as connection:
        assert {place for _, place in told(connection)} == {
            int(BLUE_SKY), int(WEST_STATION), 630102007000,
        }  # fmt: skip
