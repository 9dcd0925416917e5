"""What places and history cost an import (T7): the whole load, with and without them.

Run: python -m bench.imports [fields] [points] [repeats]. Fields with grid leaders, 300 to a
community, ten communities to a street; then points all over them; each from a GeoPackage: compared,
through the gate, stored, tinted, their duties followed, kept as a batch. Every load goes into a
database of its own, copied from one that has the divisions, and they are run in turns: medians, and
their ratio to the load into tables without triggers. Only ratios within one run count.
"""

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from bench.coverage import CELL_DEG, SEED, rings
from bench.figures import Figure, note, part
from bench.rights import SOUTH, WEST
from gis import files
from gis.cluster import DATABASE, Cluster
from gis.files import Source
from gis.postgis import Database
from layers.arriving.importing import load
from layers.migrate import upgrade
from layers.registry import Registry, discover

REPEATS = 3
FIELDS_EACH, TOGETHER, LEADERS = 300, 10, 4000
COPY = "copy"
# Which triggers of the layer's table are left on: their names, as a regular expression.
GUARDS: Mapping[str, str] = {
    "bare": "^$",
    "places": "^gridfield_(place|share_map)$",
    "history": "^gridfield_record_",
    "all": "",
}
_OTHERS = sa.text(
    "SELECT quote_ident(tgname) FROM pg_trigger"
    " WHERE tgrelid = to_regclass(:layer) AND NOT tgisinternal AND tgname !~ :kept"
)


def ground(count: int) -> tuple[np.ndarray, np.ndarray]:
    """An exact partition into irregular fields, and the code of the community of each."""
    shapes = np.asarray(shapely.polygons(rings(count, np.random.default_rng(SEED))))
    side, across = math.isqrt(count), math.ceil(math.sqrt(count / FIELDS_EACH))
    rows, columns = np.divmod(np.arange(len(shapes)), side)
    community = columns * across // side * across + rows * across // side
    street, number = np.divmod(community, TOGETHER)
    district, in_district = np.divmod(street, TOGETHER)
    codes = 630100000000 + (district + 1) * 10**6 + (in_district + 1) * 10**3 + number + 1
    return shapes, codes


def divisions(shapes: np.ndarray, codes: np.ndarray) -> gpd.GeoDataFrame:
    """The communities, streets and districts that these fields are."""
    found = {}
    for level, divisor in (("community", 1), ("street", 10**3), ("district", 10**6)):
        above = codes // divisor * divisor
        for code in np.unique(above):
            found[str(code)] = level, shapely.coverage_union_all(shapes[above == code])
    levels, whole = zip(*found.values(), strict=True)
    columns = {"code": list(found), "name": list(found), "level": levels}
    return gpd.GeoDataFrame(columns, geometry=list(whole), crs=4326)


def fields(shapes: np.ndarray, codes: np.ndarray) -> gpd.GeoDataFrame:
    numbers = pd.Series(codes).groupby(codes).cumcount() + 1
    columns = {
        "code": [f"{code}{number:03d}" for code, number in zip(codes, numbers, strict=True)],
        "name": [f"网格 {n}" for n in range(len(codes))],
        "kind": "basic",
        "division": codes.astype(str),
        "leader": [f"网格长 {n % LEADERS}" for n in range(len(codes))],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def points(count: int, side: float) -> gpd.GeoDataFrame:
    random = np.random.default_rng(SEED)
    spots = random.uniform((WEST, SOUTH), (WEST + side, SOUTH + side), (count, 2))
    columns = {"name": [f"单位 {n}" for n in range(count)], "kind": "school"}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(spots), crs=4326)


def read(frame: gpd.GeoDataFrame, folder: Path, name: str) -> Source:
    """As it comes from a file."""
    path = folder / f"{name}.gpkg"
    frame.to_file(path)
    return files.read(path)


@contextmanager
def copied(cluster: Cluster) -> Iterator[Database]:
    """A copy of the database with the divisions, gone when the block ends."""
    admin = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {COPY} TEMPLATE {DATABASE}"))
        database = Database(cluster.url(COPY))
        try:
            yield database
        finally:
            database.close()
            connection.execute(sa.text(f"DROP DATABASE {COPY} WITH (FORCE)"))
    admin.dispose()


def leave_on(database: Database, layer: str, kept: str) -> None:
    """Switch off the triggers of a layer's table, but for these."""
    with database.begin() as connection:
        for name in connection.scalars(_OTHERS, {"layer": layer, "kept": kept}).all():
            connection.execute(sa.text(f"ALTER TABLE {layer} DISABLE TRIGGER {name}"))


def timed(
    cluster: Cluster, registry: Registry, sources: Mapping[str, Source], kept: str
) -> list[float]:
    """Seconds for each of the layers, one after the other."""
    seconds = []
    with copied(cluster) as database:
        for name, source in sources.items():
            leave_on(database, name, kept)
            start = time.perf_counter()
            report = load(database, registry, registry.layer(name), source)
            seconds.append(time.perf_counter() - start)
            if report.refused or report.new != len(source.frame):
                raise RuntimeError(f"{name}: {report.new} of {len(source.frame)} rows came in")
    return seconds


def measure(
    cluster: Cluster, registry: Registry, sources: Mapping[str, Source], repeats: int
) -> None:
    times: dict[str, list[list[float]]] = {guards: [] for guards in GUARDS}
    for _ in range(repeats):
        for guards, kept in GUARDS.items():
            times[guards].append(timed(cluster, registry, sources, kept))
    medians = {
        guards: [statistics.median(column) for column in zip(*each, strict=True)]
        for guards, each in times.items()
    }
    for n, (name, source) in enumerate(sources.items()):
        bare = medians["bare"][n]
        told = [
            f"{guards} {each[n]:.2f} s ({each[n] / bare:.2f}×)" for guards, each in medians.items()
        ]
        print(f"{len(source.frame):,} {name}: {', '.join(told)}", flush=True)
        whole, least = ([each[n] for each in times[guards]] for guards in ("all", "bare"))
        what = f"{len(source.frame):,} {name} imported, with places and history"
        figure = Figure(target="T7", what=what, ours=medians["all"][n], unit="s", good="less")
        figure = replace(
            figure, peer="without triggers", theirs=bare, ratio=medians["all"][n] / bare
        )
        note(figure.over(part(whole, least)))


def main(field_count: int, point_count: int, repeats: int) -> None:
    registry = discover()
    shapes, codes = ground(field_count)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        folder.chmod(0o755)  # the server's own user must reach its folder when root runs this
        sources = {
            "grid_fields": read(fields(shapes, codes), folder, "fields"),
            "work_units": read(
                points(point_count, math.isqrt(field_count) * CELL_DEG), folder, "points"
            ),
        }
        cluster = Cluster(folder / "home", durable=False)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            whole = read(divisions(shapes, codes), folder, "divisions")
            load(database, registry, registry.layer("divisions"), whole)
            database.close()
            measure(cluster, registry, sources, repeats)


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:4]]
    main(*(given + [20_000, 200_000, REPEATS][len(given) :]))
