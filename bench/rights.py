"""What rights in the database cost (T10), and what keeping the history costs a load.

Run: python -m bench.rights [points]. A million points and a tenth as many polygons over a city of
10 districts, 100 streets and 2,000 communities. Tile, list and count, each a whole transaction, in
turns by the owner (no rights) and by the reader of a city, a district, a street and a community:
medians and their ratio. The target is at most 1.15.
"""

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.coverage import CELL_DEG, SEED, rings
from bench.figures import Figure, note, part
from gis.cluster import Cluster
from gis.postgis import Database, copy_rows
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held.policies import SETTINGS, acting
from layers.migrate import upgrade
from layers.reading import features
from layers.reading.features import Query
from layers.registry import discover
from layers.schema.tables import SRID, table
from layers.serving import tiles

REPEATS = 21
WEST, SOUTH = 101.8, 36.6
# Districts from west to east, streets from south to north, communities four by five in a street.
DISTRICTS, STREETS, ACROSS, ALONG = 10, 10, 4, 5
READERS = {
    "city": "630100000000",
    "district": "630106000000",
    "street": "630106006000",
    "community": "630106006013",
}
LOADED = 100_000

Work = Callable[[Connection], object]


def communities(lon: np.ndarray, lat: np.ndarray, side: float) -> np.ndarray:
    """The code of the community at each place."""
    east, north = (lon - WEST) / side * DISTRICTS, (lat - SOUTH) / side * STREETS
    district, street = (np.clip(part.astype(int), 0, 9) for part in (east, north))
    across = np.clip(((east - district) * ACROSS).astype(int), 0, ACROSS - 1)
    along = np.clip(((north - street) * ALONG).astype(int), 0, ALONG - 1)
    return 630100000000 + (district + 1) * 10**6 + (street + 1) * 1000 + across * ALONG + along + 1


def division_rows(side: float) -> Iterator[tuple[object, ...]]:
    """The communities themselves."""
    width, height = side / (DISTRICTS * ACROSS), side / (STREETS * ALONG)
    edges = np.meshgrid(np.arange(DISTRICTS * ACROSS), np.arange(STREETS * ALONG))
    west, south = (WEST + edges[0].ravel() * width, SOUTH + edges[1].ravel() * height)
    boxes = shapely.box(west, south, west + width, south + height)
    codes = communities(west + width / 2, south + height / 2, side)
    wkb = shapely.to_wkb(shapely.set_srid(boxes, SRID), hex=True, include_srid=True)
    for code, shape in zip(codes, wkb, strict=True):
        yield code, f"社区 {code}", "community", shape


def point_rows(count: int, side: float) -> Iterator[tuple[object, ...]]:
    random = np.random.default_rng(SEED)
    lon, lat = (edge + random.uniform(0, side, count) for edge in (WEST, SOUTH))
    wkb = shapely.to_wkb(
        shapely.set_srid(shapely.points(lon, lat), SRID), hex=True, include_srid=True
    )
    places = communities(lon, lat, side)
    for n, (shape, place) in enumerate(zip(wkb, places, strict=True)):
        yield f"单位 {n}", "school", shape, place


def polygon_rows(count: int, side: float) -> Iterator[tuple[object, ...]]:
    polygons = shapely.polygons(rings(count, np.random.default_rng(SEED)))
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    wkb = shapely.to_wkb(shapely.set_srid(polygons, SRID), hex=True, include_srid=True)
    places = communities(middle[:, 0], middle[:, 1], side)
    for n, (shape, place) in enumerate(zip(wkb, places, strict=True)):
        leader, tint = f"网格长 {n % 5000}", n % 9
        yield f"{n:015}", f"网格 {n}", "basic", place, leader, shape, tint, place


def fill(database: Database, units: Layer, fields: Layer, points: int) -> float:
    """Load both layers as a restored backup is, without triggers; the side of the city."""
    polygons = points // 10
    side = math.isqrt(polygons) * CELL_DEG
    with database.begin() as connection:
        columns = ["code", "name", "level", "geom"]
        copy_rows(connection, "divisions", columns, division_rows(side))
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        columns = ["code", "name", "kind", "division", "leader", "geom", "tint", "place"]
        copy_rows(connection, fields.name, columns, polygon_rows(polygons, side))
        columns = ["name", "kind", "geom", "place"]
        copy_rows(connection, units.name, columns, point_rows(points, side))
    settle(database)
    return side


def settle(database: Database) -> None:
    """Vacuum until index-only scans need no look at the rows, as an hour after a load."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    unseen = sa.text(
        "SELECT count(*) FROM pg_class WHERE relname IN ('work_units', 'grid_fields')"
        " AND relallvisible < 0.99 * relpages"
    )
    with engine.connect() as connection:
        for _ in range(20):
            connection.execute(
                sa.text("VACUUM ANALYZE work_units, grid_fields, divisions, cells, grounds")
            )
            if not connection.scalar(unseen):
                return
            time.sleep(1)  # an older snapshot, such as autovacuum's own, holds it up
    raise RuntimeError("the tables are never all visible")


def works(layer: Layer, side: float) -> dict[str, Work]:
    """What a reader asks, around the middle of the community's reader."""
    lon, lat = WEST + side * (5 + 2.5 / ACROSS) / DISTRICTS, SOUTH + side * (5 + 0.5) / STREETS
    rows = table(layer)

    def tile(zoom: int) -> Work:
        edge = 2**zoom
        north = math.asinh(math.tan(math.radians(lat))) / math.pi
        x, y = int((lon + 180) / 360 * edge), int((1 - north) / 2 * edge)
        return lambda connection: tiles.tile(connection, [layer], zoom, x, y)

    return {
        "tile z16": tile(16),
        "tile z14": tile(14),
        "tile z12": tile(12),
        "list": lambda connection: features.page(connection, layer, Query(limit=100)),
        "count": lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(rows)),
    }


def timed(database: Database, work: Work) -> float:
    start = time.perf_counter()
    with database.read() as connection:
        work(connection)
    return time.perf_counter() - start


def compared(database: Database, reader: Database, work: Work) -> Figure:
    """Seconds with and without rights, taken in turns: medians, and their ratio turn by turn."""
    times = [(timed(database, work), timed(reader, work)) for _ in range(REPEATS)]
    without, with_rights = zip(*times[1:], strict=True)  # the first fills the caches
    ours, theirs = statistics.median(with_rights) * 1e3, statistics.median(without) * 1e3
    figure = Figure(target="T10", what="", ours=ours, unit="ms", peer="without", theirs=theirs)
    figure = replace(figure, ratio=ours / theirs, good="less", bound=1.15)
    return figure.over(part(with_rights, without))


def report_rights(database: Database, layer: Layer, side: float) -> float:
    worst = 0.0
    for name, work in works(layer, side).items():
        told, found = [], []
        for reader, division in READERS.items():
            actor = Actor(None, None, reader, Role.VIEWER, division, "bench")
            # Both without parallel workers: only the rights are to differ.
            owner = database.acting({**actor.settings(), **SETTINGS})
            figure = compared(owner, acting(database, actor), work)
            found.append(figure)
            told.append(
                f"{reader} {figure.theirs:.2f} → {figure.ours:.2f} ms ({figure.ratio:.2f}×)"
            )
        print(f"{layer.name:12} {name:9} {'; '.join(told)}")
        most = max(found, key=lambda each: each.judged)
        note(replace(most, what=f"{layer.name}, {name}, worst of four readers"))
        worst = max(worst, most.judged)
    return worst


def report_history(database: Database, layer: Layer, side: float) -> None:
    """Seconds to store points with places and history, and as a bare table would."""
    seconds = {}
    for guarded in (False, True):
        with database.engine.connect() as connection, connection.begin() as transaction:
            if not guarded:
                connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            connection.execute(sa.text("CREATE TEMPORARY TABLE came (LIKE work_units)"))
            connection.execute(sa.text("ALTER TABLE came ALTER id DROP NOT NULL"))
            columns = ["name", "kind", "geom", "place"]
            rows = ((f"新{row[0]}", *row[1:]) for row in point_rows(LOADED, side))
            copy_rows(connection, "came", columns, rows)
            start = time.perf_counter()
            brought = ", ".join(columns)
            store = f"INSERT INTO {layer.name} ({brought}) SELECT {brought} FROM came"  # noqa: S608
            connection.execute(sa.text(store))
            connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
            seconds[guarded] = time.perf_counter() - start
            transaction.rollback()
    print(
        f"storing {LOADED:,} points: {seconds[False]:.2f} s bare, {seconds[True]:.2f} s with "
        f"places and history ({seconds[True] / seconds[False]:.1f}×)"
    )
    what, ratio = (
        f"storing {LOADED:,} points with places and history",
        seconds[True] / seconds[False],
    )
    figure = Figure(target="T7", what=what, ours=seconds[True], unit="s", good="less")
    note(replace(figure, peer="bare", theirs=seconds[False], ratio=ratio))


def main(points: int) -> None:
    registry = discover()
    units, fields = registry.layer("work_units"), registry.layer("grid_fields")
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)  # the server's own user must reach its folder when root runs this
        cluster = Cluster(Path(home), durable=False)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            side = fill(database, units, fields, points)
            worst = max(report_rights(database, layer, side) for layer in (units, fields))
            print(f"worst ratio {worst:.2f}")
            report_history(database, units, side)
            database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
