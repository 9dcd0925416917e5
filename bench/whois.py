"""Who answers for a point, today and on past days (T8): 100,000 fields with ten versions each.

Run: python -m bench.whois [fields] [points]. A city of 2,000 communities; every field has had ten
versions, one a year, whose borders differ from year to year, and two leaders one after the other;
roads, courtyards and units lie among them. Asked as a city's leader, under row-level security:
single points, each in a transaction of its own, and batches, against geopandas.sjoin of the same
points with the same fields, which knows neither borders nor people nor days. Only ratios within one
run count.
"""

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa

from bench.coverage import CELL_DEG, SEED, rings
from bench.figures import Figure, note
from bench.rights import SOUTH, WEST, communities, division_rows
from gis.cluster import Cluster
from gis.postgis import Database, copy_rows
from layers.declaring.people import Actor, Role
from layers.held.policies import acting
from layers.here.responsibility import at_each, at_once
from layers.here.spots import BORDER_M, Spots
from layers.here.surveying import survey
from layers.migrate import upgrade
from layers.reading.past import today
from layers.schema.tables import SRID

VERSIONS, PEOPLE, SINGLE = 10, 5_000, 1_000
FIRST_YEAR, HANDED_OVER = 2016, date(2022, 5, 1)
ROADS, COURTYARDS, UNITS = 10_000, 2_000, 10_000
LEADER = Actor(None, None, "bench", Role.LEADER, "630100000000", "bench")

LonLats = Sequence[tuple[float, float]]


def hexed(shapes: np.ndarray) -> np.ndarray:
    """As COPY takes geometries."""
    found: np.ndarray = shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True)
    return found


def fields_of(count: int, version: int) -> np.ndarray:
    """The fields as they lay in one version: a partition whose borders move every year."""
    return shapely.polygons(rings(count, np.random.default_rng(SEED + version)))


def field_rows(count: int, version: int, side: float) -> Iterator[tuple[object, ...]]:
    shapes = fields_of(count, version)
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    places = communities(middle[:, 0], middle[:, 1], side)
    for n, (shape, place) in enumerate(zip(hexed(shapes), places, strict=True)):
        yield n + 1, f"{n:015}", f"网格 {n}", "basic", place, f"网格长 {n % PEOPLE}", shape, place


def _year(version: int) -> str:
    return f"{FIRST_YEAR + version}-01-01"


def fill(database: Database, count: int) -> float:
    """Load all of it as a restored backup is, without triggers; the side of the city in degrees."""
    side = math.isqrt(count) * CELL_DEG
    with database.begin() as connection:
        copy_rows(connection, "divisions", ["code", "name", "level", "geom"], division_rows(side))
    columns = ["id", "code", "name", "kind", "division", "leader", "geom", "place"]
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        system = ["_number", "_operation", "_from", "_to", "_change", "_digest"]
        for n in range(1, VERSIONS + 1):
            rows = field_rows(count, n, side)
            until = None if n == VERSIONS else _year(n + 1)
            told = (n, "update" if n > 1 else "insert", _year(n), until, n, r"\x")
            versioned = ((*row, *told) for row in rows)
            copy_rows(connection, "grid_fields_versions", [*columns, *system], versioned)
        copy_rows(connection, "grid_fields", columns, field_rows(count, VERSIONS, side))
        _fill_beside(connection, side)
        _fill_duties(connection)
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    return side


def spread(count: int, side: float, random: np.random.Generator) -> np.ndarray:
    """Places all over the city, but for its ragged edge."""
    found: np.ndarray = random.uniform(CELL_DEG, side - CELL_DEG, (count, 2))
    found += (WEST, SOUTH)
    return found


def _fill_beside(connection: sa.Connection, side: float) -> None:
    """Roads, courtyards and units, each with the one version that it has always had."""
    random = np.random.default_rng(SEED)
    for name, count, columns in (
        ("road_segments", ROADS, {"name": "路段", "road_class": "lane"}),
        ("courtyards", COURTYARDS, {"name": "楼院", "management": "none"}),
        ("work_units", UNITS, {"name": "单位", "kind": "school"}),
    ):
        spots = spread(count, side, random)
        shapes = shapely.points(spots)
        if name == "road_segments":
            shapes = shapely.linestrings(np.stack([spots, spots + CELL_DEG], axis=1))
        places = communities(spots[:, 0], spots[:, 1], side)
        rows = [
            (n + 1, f"{columns['name']} {n}", *list(columns.values())[1:], shape, place)
            for n, (shape, place) in enumerate(zip(hexed(shapes), places, strict=True))
        ]
        plain = ["id", *columns, "geom", "place"]
        copy_rows(connection, name, plain, rows)
        system = ["_number", "_operation", "_from", "_change", "_digest"]
        versioned = ((*row, 1, "insert", _year(1), 1, r"\x") for row in rows)
        copy_rows(connection, f"{name}_versions", [*plain, *system], versioned)


def _fill_duties(connection: sa.Connection) -> None:
    people = "INSERT INTO persons (name) SELECT '网格长 ' || n FROM generate_series(0, :last) n"
    connection.execute(sa.text(people), {"last": PEOPLE - 1})
    terms = sa.text(
        "INSERT INTO duties (person_id, role, layer, feature, place, valid_from, valid_to)"
        " SELECT 1 + (f.id + t.shift) % :people, 'grid_leader', 'grid_fields', f.id, f.place,"
        " t.since, t.until FROM grid_fields f,"
        " (VALUES (1, CAST(:first AS date), CAST(:handed AS date)), (0, :handed, NULL))"
        " t (shift, since, until)"
    )
    told = {"people": PEOPLE, "first": date(FIRST_YEAR + 1, 1, 1), "handed": HANDED_OVER}
    connection.execute(terms, told)
    connection.execute(
        sa.text(
            "INSERT INTO duties (person_id, role, layer, feature, place, valid_from)"
            " SELECT 1 + id % :people, 'liaison_leader', 'road_segments', id, place, :first"
            " FROM road_segments"
        ),
        told,
    )


# --- asking ---------------------------------------------------------------------------------------
def points(count: int, side: float, seed: int) -> LonLats:
    found = spread(count, side, np.random.default_rng(seed))
    return [(lon, lat) for lon, lat in found.tolist()]


def report_single(database: Database, side: float, now: date) -> None:
    """Each question in a transaction of its own, as a request is."""
    random = np.random.default_rng(SEED)
    back = (now - date(FIRST_YEAR + 1, 1, 2)).days
    for name, days in (("today", None), ("a past day", random.integers(1, back, SINGLE))):
        taken = []
        for n, place in enumerate(points(SINGLE, side, 7)):
            on = None if days is None else now - timedelta(days=int(days[n]))
            start = time.perf_counter()
            answer = at_once(database, *place, on=on, actor=LEADER)
            taken.append(time.perf_counter() - start)
            assert answer.status != "outside"
            assert answer.duties
        cuts = statistics.quantiles(taken[10:], n=100)
        print(f"one point, {name}: p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms")
        for part, taken_ms, bound in (("p50", cuts[49] * 1e3, 2), ("p99", cuts[98] * 1e3, 10)):
            what = f"one point, {name}, {part}, one asker without HTTP"
            figure = Figure(target="T8", what=what, ours=taken_ms, unit="ms", good="less")
            note(replace(figure, bound=bound, runs=SINGLE))


def report_batch(
    database: Database, places: LonLats, on: date | None, frame: gpd.GeoDataFrame
) -> tuple[Figure, Figure]:
    """Where the points lie (fields, division, nearest road, what is at hand), and who answers."""
    lonlats = np.array(places)
    start = time.perf_counter()
    with database.read() as connection:
        spots = survey(connection, lonlats, on)
    where = time.perf_counter() - start
    start = time.perf_counter()
    with database.read() as connection:
        answers = at_each(connection, places, on=on, actor=LEADER)
    told = sum(len(answer.duties) for answer in answers)
    who = time.perf_counter() - start
    start = time.perf_counter()
    geometry = gpd.points_from_xy(lonlats[:, 0], lonlats[:, 1], crs=SRID)
    joined = gpd.sjoin(gpd.GeoDataFrame(geometry=geometry), frame, predicate="within")
    theirs = time.perf_counter() - start
    compare(spots, joined)
    day = "today" if on is None else str(on)
    print(
        f"{len(places):,} points, {day}: where {where:.2f} s ({theirs / where:.2f}× sjoin), "
        f"who {who:.2f} s ({who / len(places) * 1e6:.0f} µs a point, {told:,} duties, "
        f"{theirs / who:.2f}× sjoin); sjoin {theirs:.2f} s",
        flush=True,
    )
    when = "today" if on is None else "a past day"
    one, two = (
        Figure(
            target="T8",
            what=f"{len(places):,} points at once, {what}, {when}",
            ours=seconds,
            unit="s",
            bound=1.5,
            peer="sjoin",
            theirs=theirs,
            ratio=theirs / seconds,
        )
        for what, seconds in (("where they lie", where), ("who answers", who))
    )
    return one, two


def tell(found: Sequence[tuple[int, tuple[Figure, Figure]]]) -> None:
    """The largest batch, and how batches grow (T15)."""
    (few, small), (many, large) = found[0], found[-1]
    for one, two in zip(small, large, strict=True):
        growth = math.log(two.ours / one.ours) / math.log(many / few) if many > few else None
        note(replace(two, growth=growth))
        if growth is not None:
            what = f"{two.what}: growth from {few:,}"
            note(Figure(target="T15", what=what, ours=growth, unit="", good="less", bound=1.05))


def compare(spots: Spots, joined: gpd.GeoDataFrame) -> None:
    """Whether away from the borders, where there is one field, it is the one that sjoin finds."""
    found, count = np.unique(spots.fields.points, return_counts=True)
    plain = np.isin(spots.fields.points, found[count == 1]) & (spots.fields.edge_m > BORDER_M)
    theirs = np.zeros(len(spots), dtype=np.int64)
    theirs[joined.index.to_numpy()] = joined["id"].to_numpy()
    assert (spots.fields.ids[plain] == theirs[spots.fields.points[plain]]).all()
    assert plain.sum() > len(spots) / 2


def main(count: int, most: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)  # the server's own user must reach its folder when root runs this
        cluster = Cluster(Path(home), durable=False)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            start = time.perf_counter()
            count = math.isqrt(count) ** 2
            side = fill(database, count)
            print(
                f"{count:,} fields × {VERSIONS} versions, loaded in "
                f"{time.perf_counter() - start:.0f} s"
            )
            with database.read() as connection:
                now = today(connection)
            reader = acting(database, LEADER)
            report_single(reader, side, now)
            past = date(FIRST_YEAR + VERSIONS // 2, 7, 1)
            for on, version in ((None, VERSIONS), (past, past.year - FIRST_YEAR)):
                ids = {"id": np.arange(1, count + 1)}
                frame = gpd.GeoDataFrame(ids, geometry=fields_of(count, version), crs=SRID)
                tell(
                    [
                        (size, report_batch(reader, points(size, side, size), on, frame))
                        for size in (1_000, 10_000, 100_000, 1_000_000)
                        if size <= most
                    ]
                )
            database.close()


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [100_000, 1_000_000][len(given) :]))
