"""Imports (T7, T15) from file to committed rows, beside GeoPandas' to_postgis and ogr2ogr.

Run: python -m bench.loads [points] [polygons] [repeats]. Points over a district, of a tenth and all
of their number, and fields that divide it, each in a GeoPackage. Ours checks every value and shape,
gives each row its place and its history and keeps the batch; fields go through the gate besides.
The peers check nothing and keep nothing. Every load is a process of its own with a database of its
own, copied from one that has the divisions; in turns, medians. Peak memory is that process's own
(Linux). Only ratios within one run count.
"""

import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd

from bench.coverage import CELL_DEG
from bench.figures import Figure, note, part
from bench.imports import copied, divisions, fields, ground, points
from bench.imports import read as from_file
from gis.cluster import Cluster
from gis.postgis import Database
from layers.arriving.importing import load
from layers.migrate import upgrade
from layers.registry import discover

REPEATS = 3
MOST_MB = 500.0
_PEAK = """
lines = Path("/proc/self/status").read_text().splitlines()
print(seconds, next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
"""
_OURS = """
import sys, time
from pathlib import Path
from gis import files, streams
from gis.postgis import Database
from layers.arriving import importing, streaming
from layers.registry import discover
url, name, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
database, registry = Database(url), discover()
layer = registry.layer(name)
begin = time.perf_counter()
if streaming.takes(layer, importing.Options()):
    with streams.opened(path) as stream:
        report = streaming.load(database, registry, layer, stream)
else:
    report = importing.load(database, registry, layer, files.read(path))
seconds = time.perf_counter() - begin
assert report.new == report.rows == int(sys.argv[4])
"""
_GEOPANDAS = """
import sys, time
from pathlib import Path
import geopandas, sqlalchemy
url, name, path = sys.argv[1:4]
begin = time.perf_counter()
frame = geopandas.read_file(path)
frame.to_postgis(f"peer_{name}", sqlalchemy.create_engine(url), index=False, chunksize=50_000)
seconds = time.perf_counter() - begin
assert len(frame) == int(sys.argv[4])
"""
# The children's greatest, since this one starts no other.
_OGR2OGR = """
import resource, subprocess, sys, time
import sqlalchemy
url, name, path = sys.argv[1:4]
told = sqlalchemy.make_url(url)
parts = {"dbname": told.database, "user": told.username, "password": told.password,
         "host": told.query.get("host", told.host), "port": told.query.get("port", told.port)}
where = "PG:" + " ".join(f"{key}={value}" for key, value in parts.items() if value)
command = ["ogr2ogr", "-q", "-f", "PostgreSQL", where, path, "-nln", f"peer_{name}"]
begin = time.perf_counter()
subprocess.run([*command, "--config", "PG_USE_COPY", "YES"], check=True)
seconds = time.perf_counter() - begin
print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""
CONTENDERS: Mapping[str, str] = {
    "ours": _OURS + _PEAK,
    "to_postgis": _GEOPANDAS + _PEAK,
    "ogr2ogr": _OGR2OGR,
}


@dataclass(frozen=True, slots=True)
class Load:
    """A file for a layer, and how many times quicker than to_postgis it is to be there."""

    layer: str
    path: Path
    rows: int
    bound: float

    @property
    def what(self) -> str:
        kind = "points" if self.layer == "work_units" else "polygons"
        return f"import of {self.rows:,} {kind}, validated"


def timed(url: str, contender: str, each: Load) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one load in a process of its own."""
    command = [sys.executable, "-c", CONTENDERS[contender], url, each.layer, str(each.path)]
    done = subprocess.run([*command, str(each.rows)], check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def measure(cluster: Cluster, each: Load, repeats: int) -> float:
    """Tell and note how one file fares; the median of our seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    peaks: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(repeats):
        for name in CONTENDERS:
            with copied(cluster) as database:
                took, peak = timed(database.url, name, each)
            seconds[name].append(took)
            peaks[name].append(peak)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    told = [
        f"{name} {medians[name]:.2f} s ({medians[name] / medians['ours']:.2f}×, "
        f"{max(peaks[name]):.0f} MB)"
        for name in CONTENDERS
    ]
    print(f"{each.what}: {', '.join(told)}", flush=True)
    note(*_figures(each, seconds, medians, max(peaks["ours"])))
    return medians["ours"]


def _figures(
    each: Load, seconds: Mapping[str, Sequence[float]], medians: Mapping[str, float], peak: float
) -> list[Figure]:
    ours = Figure(target="T7", what=each.what, ours=medians["ours"], unit="s", peak_mb=peak)
    found = [
        replace(
            ours,
            peer=peer,
            theirs=medians[peer],
            ratio=medians[peer] / medians["ours"],
            bound=bound,
        ).over(part(seconds[peer], seconds["ours"]))
        for peer, bound in (("to_postgis", each.bound), ("ogr2ogr", 1.0))
    ]
    memory = f"peak memory of the {each.what}"
    return [
        *found,
        Figure(target="T7", what=memory, ours=peak, unit="MB", good="less", bound=MOST_MB),
    ]


def growth(small: tuple[int, float], large: tuple[int, float]) -> None:
    """How the seconds grow with the rows, as an exponent (T15)."""
    exponent = math.log(large[1] / small[1]) / math.log(large[0] / small[0])
    what = f"growth of imports, {small[0]:,} to {large[0]:,} points"
    print(f"{what}: exponent {exponent:.2f}", flush=True)
    note(Figure(target="T15", what=what, ours=exponent, unit="", good="less", bound=1.05))


def written(frame: gpd.GeoDataFrame, layer: str, folder: Path, bound: float) -> Load:
    path = folder / f"{layer}-{len(frame)}.gpkg"
    frame.to_file(path)
    return Load(layer, path, len(frame), bound)


def main(point_count: int, polygon_count: int, repeats: int) -> None:
    registry = discover()
    shapes, codes = ground(polygon_count)
    side = math.isqrt(len(shapes)) * CELL_DEG
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        folder.chmod(0o755)  # the server's own user must reach its folder when root runs this
        small = written(points(point_count // 10, side), "work_units", folder, 3.0)
        large = written(points(point_count, side), "work_units", folder, 3.0)
        divided = written(fields(shapes, codes), "grid_fields", folder, 4.0)
        cluster = Cluster(folder / "home", durable=False)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            districts = from_file(divisions(shapes, codes), folder, "divisions")
            load(database, registry, registry.layer("divisions"), districts)
            database.close()
            first = measure(cluster, small, repeats)
            last = measure(cluster, large, repeats)
            growth((small.rows, first), (large.rows, last))
            measure(cluster, divided, repeats)


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:4]]
    main(*(given + [1_000_000, 100_000, REPEATS][len(given) :]))
