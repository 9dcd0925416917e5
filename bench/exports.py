"""Exports (T5, T6, T15): ours over HTTP, psql with the same COPY, ogr2ogr and GeoPandas, in turns.

Run: python -m bench.exports [largest] [folder] [repeats]. Points of a hundredth, a tenth and all of
the largest; rights on, a city's reader. Peers write into a file in memory, ours goes to a client
that throws it away, as psql's does. Medians. Peak memory is the serving process's own (Linux) for
ours, and by how much an export raises it; the peers each have a process of their own. Writes
exports.md and exports.json into the folder. Only ratios within one run count.
"""

import http.client
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Figure, note, part
from bench.inspectors import served
from bench.tiles import fill, machine
from gis import copying
from gis.cluster import Cluster
from gis.postgis import Database
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held import policies
from layers.migrate import upgrade
from layers.reading import features
from layers.registry import discover

LAYER, READER = "work_units", "630100000000"

# Ours by GDAL's name, where peers write it too.
DRIVERS = {
    "geojson": "GeoJSON",
    "geojsonl": "GeoJSONSeq",
    "gpkg": "GPKG",
    "fgb": "FlatGeobuf",
    "shp": "ESRI Shapefile",
}
FORMATS = ("geojson", "geojsonl", "csv", "gpkg", "fgb", "shp")
_GEOPANDAS = """
import sys, time
from pathlib import Path
import geopandas, sqlalchemy
url, sql, target, driver = sys.argv[1:]
engine = sqlalchemy.create_engine(url)
begin = time.perf_counter()
geopandas.read_postgis(sql, engine, geom_col="geom").to_file(target, driver=driver)
seconds = time.perf_counter() - begin
lines = Path("/proc/self/status").read_text().splitlines()
print(seconds, next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
"""


@dataclass(frozen=True)
class Took:
    """One export: seconds, seconds to the first byte, megabytes, the process's peak and by how much
    it rose."""

    seconds: float
    first: float | None = None
    size_mb: float | None = None
    peak_mb: float | None = None
    rise_mb: float | None = None


@dataclass(frozen=True)
class Line:
    """Medians of one format at one size by one program."""

    points: int
    form: str
    by: str
    took: Took
    runs: tuple[float, ...] = ()  # seconds of each


Program = Callable[[str], Took | None]


# --- ours -----------------------------------------------------------------------------------------
def ours(port: int, secret: str) -> Program:
    """The export over HTTP; the server is this process's only child."""
    pid = int(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()[0])

    def run(form: str) -> Took:
        before = _status(pid, "VmRSS")
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        begin = time.perf_counter()
        seconds, size = _fetched(port, f"/collections/{LAYER}/export?f={form}", secret)
        whole = time.perf_counter() - begin
        peak = _status(pid, "VmHWM")
        return Took(whole, seconds, size / 1e6, peak, peak - before)

    return run


def _fetched(port: int, path: str, secret: str) -> tuple[float, int]:
    """Seconds to the first byte of the file, and how many there were."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=3600)
    begin = time.perf_counter()
    line.request("GET", path, headers={"authorization": f"Bearer {secret}"})
    answer = line.getresponse()
    assert answer.status == 200, answer.read()
    size = len(answer.read(1))
    first = time.perf_counter() - begin
    while piece := answer.read(1 << 20):
        size += len(piece)
    line.close()
    return first, size


def _status(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    # One that has just ended has no memory any more.
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0) / 1024


# --- the others -----------------------------------------------------------------------------------
def psql(database: Database, layer: Layer, folder: Path) -> Program:
    """The same statement under the same rights, thrown away."""
    actor = Actor(1, None, "reader", Role.VIEWER, READER, "bench")
    acting = policies.acting(database, actor)
    with acting.read() as connection:
        copy = copying.told(connection, features.leaving(layer), copying.PLAIN).decode()
    settings = "".join(
        f"SELECT set_config('{name}', '{value}', true);" for name, value in acting.settings.items()
    )
    script = folder / "copy.sql"
    script.write_text(f"BEGIN;\n\\o /dev/null\n{settings}\n\\o\n{copy};\nCOMMIT;\n")
    url = database.url.replace("+psycopg2", "")

    def run(form: str) -> Took | None:
        if form != "geojsonl":
            return None
        begin = time.perf_counter()
        with Path("/dev/null").open("wb") as nothing:
            command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-f", str(script), url]
            subprocess.run(command, stdout=nothing, check=True)
        return Took(time.perf_counter() - begin)

    return run


def _columns(layer: Layer) -> str:
    names = ", ".join(field.name for field in layer.fields)
    return f"SELECT id, {names}, geom FROM {layer.name} ORDER BY id"  # noqa: S608  declared names


def ogr2ogr(database: Database, layer: Layer, folder: Path) -> Program:
    def run(form: str) -> Took | None:
        if form not in DRIVERS:
            return None
        target = folder / f"ogr.{form}"
        command = ["ogr2ogr", "-f", DRIVERS[form], str(target), _for_gdal(database)]
        more = ["-lco", "RFC7946=YES"] if form == "geojson" else []
        begin = time.perf_counter()
        done = subprocess.Popen([*command, "-sql", _columns(layer), *more])
        peak = 0.0
        while done.poll() is None:
            peak = max(peak, _status(done.pid, "VmHWM"))
            time.sleep(0.01)
        assert done.returncode == 0
        return Took(time.perf_counter() - begin, None, _emptied(folder), peak)

    return run


def _for_gdal(database: Database) -> str:
    url = sa.make_url(database.url)
    parts = {"host": url.query["host"], "port": url.query["port"], "dbname": url.database}
    return (
        "PG:"
        + " ".join(f"{name}='{value}'" for name, value in parts.items())
        + (f" user='{url.username}'")
    )


def geopandas(database: Database, layer: Layer, folder: Path) -> Program:
    def run(form: str) -> Took | None:
        if form not in DRIVERS:
            return None
        target, driver = str(folder / f"frame.{form}"), DRIVERS[form]
        command = (sys.executable, "-W", "ignore", "-c", _GEOPANDAS)
        done = subprocess.run(
            [*command, database.url, _columns(layer), target, driver],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, peak = map(float, done.stdout.split())
        return Took(seconds, None, _emptied(folder), peak)

    return run


def _emptied(folder: Path) -> float:
    """The megabytes of what was written into the folder, which is gone then."""
    written = [path for path in folder.iterdir() if path.name != "copy.sql"]
    size = sum(path.stat().st_size for path in written)
    for path in written:
        path.unlink()
    return size / 1e6


# --- the run --------------------------------------------------------------------------------------
def medians(took: Sequence[Took]) -> Took:
    found: dict[str, float | None] = {}
    for name in Took.__dataclass_fields__:
        values = [value for each in took if (value := getattr(each, name)) is not None]
        found[name] = statistics.median(values) if values else None
    return Took(**found)  # type: ignore[arg-type]  # seconds are there always


def measured(home: Path, points: int, repeats: int) -> Iterator[Line]:
    cluster, layer = Cluster(home, durable=False), discover().layer(LAYER)
    with cluster.running(), tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        database = Database(cluster.url())
        upgrade(database)
        secret = fill(database, points)
        with served(cluster.url(), home) as port:
            programs: Mapping[str, Program] = {
                "ours": ours(port, secret),
                "psql": psql(database, layer, folder),
                "ogr2ogr": ogr2ogr(database, layer, folder),
                "geopandas": geopandas(database, layer, folder),
            }
            _fetched(port, f"/collections/{LAYER}/export?f=geojson", secret)
            for form in FORMATS:
                yield from _turns(points, form, programs, repeats)
        database.close()


def _turns(points: int, form: str, programs: Mapping[str, Program], repeats: int) -> Iterator[Line]:
    took: dict[str, list[Took]] = {by: [] for by in programs}
    for _ in range(repeats):
        for by, program in programs.items():
            found = program(form)
            if found is not None:
                took[by].append(found)
    for by, each in took.items():
        if each:
            line = Line(points, form, by, medians(each), tuple(run.seconds for run in each))
            print(told(line, line.took), flush=True)
            yield line


# --- what is told ---------------------------------------------------------------------------------
def told(line: Line, mine: Took) -> str:
    took = line.took
    cells = [f"{line.points:,}", line.form, line.by, f"{took.seconds:.2f}"]
    cells.append(f"{took.seconds / mine.seconds:.2f}×")
    cells.append("" if took.first is None else f"{took.first * 1000:.0f}")
    cells += ["" if n is None else f"{n:,.0f}" for n in (took.size_mb, took.peak_mb, took.rise_mb)]
    return f"| {' | '.join(cells)} |"


def growths(lines: Sequence[Line]) -> Mapping[str, float]:
    """The exponent of ours from the smallest to the largest size, by format."""
    own = [line for line in lines if line.by == "ours"]
    few, many = min(line.points for line in own), max(line.points for line in own)
    seconds = {(line.form, line.points): line.took.seconds for line in own}
    return {
        form: math.log(seconds[form, many] / seconds[form, few]) / math.log(many / few)
        for form in FORMATS
        if few != many
    }


# How many times as quick as which program (T5, T6); psql is the floor, of which ours is a multiple.
LEAST = {
    ("geojson", "geopandas"): 10.0,
    ("geojson", "ogr2ogr"): 2.0,
    ("gpkg", "geopandas"): 1.5,
    ("fgb", "geopandas"): 1.5,
}
FLOOR, FIRST_MS, RISE_MB, PEAK_MB, GROWTH = 1.6, 50, 40, 300, 1.05


def figures(lines: Sequence[Line], grown: Mapping[str, float]) -> Iterator[Figure]:
    """Those of the largest size."""
    most = max(line.points for line in lines)
    found = {(line.form, line.by): line for line in lines if line.points == most}
    for (form, by), line in found.items():
        own, what = found[form, "ours"], f"{form} of {most:,}"
        target = "T5" if form in ("geojson", "geojsonl", "csv") else "T6"
        if by == "ours":
            yield from _alone(target, what, form, own.took)
        else:
            yield _beside(target, what, own, line)
    for form, exponent in grown.items():
        what = f"{form} export: growth to {most:,}"
        yield Figure(target="T15", what=what, ours=exponent, unit="", good="less", bound=GROWTH)


def _beside(target: str, what: str, own: Line, other: Line) -> Figure:
    figure = Figure(
        target=target,
        what=what,
        ours=own.took.seconds,
        unit="s",
        peer=other.by,
        theirs=other.took.seconds,
        peak_mb=own.took.peak_mb,
    )
    ratios = part(other.runs, own.runs)
    if other.by != "psql":
        bound = LEAST.get((own.form, other.by))
        figure = replace(figure, ratio=other.took.seconds / own.took.seconds, bound=bound)
        return figure.over(ratios)
    ratio = own.took.seconds / other.took.seconds
    return replace(figure, ratio=ratio, good="less", bound=FLOOR).over([1 / n for n in ratios])


def _alone(target: str, what: str, form: str, took: Took) -> Iterator[Figure]:
    """First byte and memory, which have no peer."""
    figure = Figure(target=target, what=what, ours=0, unit="MB", good="less")
    if form == "geojson" and took.first is not None and took.rise_mb is not None:
        first = f"{what}: first byte"
        yield replace(figure, what=first, ours=took.first * 1e3, unit="ms", bound=FIRST_MS)
        yield replace(figure, what=f"{what}: memory more", ours=took.rise_mb, bound=RISE_MB)
    elif target == "T6" and took.peak_mb is not None:
        yield replace(figure, what=f"{what}: peak memory", ours=took.peak_mb, bound=PEAK_MB)


def write(folder: Path, lines: Sequence[Line]) -> None:
    own = {(line.points, line.form): line.took for line in lines if line.by == "ours"}
    head = (
        "| points | format | by | s | ÷ ours | first byte, ms | MB | peak MB | rise MB |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    rows = [told(line, own[line.points, line.form]) for line in lines]
    grown = growths(lines)
    note(*figures(lines, grown))
    exponents = ", ".join(f"{form} {exponent:.2f}" for form, exponent in grown.items())
    table = "\n".join(["# Exports", "", head, *rows, "", f"Growth exponents: {exponents}", ""])
    print(table)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exports.md").write_text(table)
    found = {"machine": machine(), "growth": grown, "lines": [asdict(line) for line in lines]}
    (folder / "exports.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))


def main(largest: int, folder: Path, repeats: int) -> None:
    lines: list[Line] = []
    for points in (largest // 100, largest // 10, largest):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
            home = Path(name)
            home.chmod(0o755)  # the server's own user must reach its folder when root runs this
            lines += measured(home / "home", points, repeats)
    write(folder, lines)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
        Path(sys.argv[2] if len(sys.argv) > 2 else "var/bench").absolute(),
        int(sys.argv[3]) if len(sys.argv) > 3 else 5,
    )
