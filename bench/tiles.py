"""Tiles (T1–T3, T15): ours and tipg's over the same tables, in one run.

Run: python -m bench.tiles [points] [folder]. A million points over a city and a tenth as many
fields in its middle; 16 keep-alive connections; rights on, a city's reader. Medians of rounds in
which ours and tipg take turns at the same tiles. What is called uncached is asked of a server that
keeps nothing. Writes tiles.md and tiles.json into the folder. Only ratios within one run count.
"""

import json
import math
import os
import platform
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.inspectors import served
from bench.peers import tipg
from bench.rights import SOUTH, WEST, division_rows, point_rows, polygon_rows, settle
from bench.tiles_client import Answered, ask
from gis.cluster import Cluster
from gis.postgis import Database, copy_rows
from layers import accounts, sessions
from layers.migrate import upgrade
from layers.people import Role
from layers.persons import Person
from layers.sessions import Kind

ROUNDS, CLIENTS, SEED = 5, 16, 7
SIDE = 0.8
"""Degrees: some 70 by 90 km, as Xining is with its counties."""
ZIP = "accept-encoding: gzip"
OURS = "/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}"
PEER = "/collections/public.{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}"
RAW = sa.text("""
EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)
SELECT ST_AsMVT(drawn, 'work_units', 4096, 'shape', 'id') FROM (
  SELECT id, name, kind, liaison_leader,
    ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 256) AS shape
  FROM work_units WHERE geom && ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.0625), 4326)
) drawn
""")
Spot = tuple[int, int, int]


@dataclass(frozen=True)
class Line:
    """One line of the table; `ratio` is ours over the other's, `wanted` what it is to reach."""

    work: str
    ours: float
    other: float | None
    unit: str
    ratio: float | None
    wanted: str
    met: bool
    note: str = ""


def spots(z: int, count: int) -> list[Spot]:
    """Different tiles all over the city, in no order; all there are where there are fewer."""
    west, north = _cell(z, WEST + SIDE / 50, SOUTH + SIDE * 0.98)
    east, south = _cell(z, WEST + SIDE * 0.98, SOUTH + SIDE / 50)
    every = [(z, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    random.Random(SEED + z).shuffle(every)  # noqa: S311  the same ones in every run
    return (every * math.ceil(count / len(every)))[:count]


def _cell(z: int, lon: float, lat: float) -> tuple[int, int]:
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return int((lon + 180) / 360 * 2**z), int((1 - north) / 2 * 2**z)


def fill(database: Database, points: int) -> str:
    """The data; the secret of a city's reader."""
    with database.begin() as connection:
        copy_rows(connection, "divisions", ["code", "name", "level", "geom"], division_rows(SIDE))
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        columns = ["code", "name", "kind", "division", "leader", "geom", "tint", "place"]
        copy_rows(connection, "grid_fields", columns, polygon_rows(points // 10, SIDE))
        columns = ["name", "kind", "geom", "place"]
        copy_rows(connection, "work_units", columns, point_rows(points, SIDE))
    settle(database)
    with database.begin() as connection:
        made = accounts.create(
            connection, Person(name="查看员"), "reader", Role.VIEWER, "630100000000"
        )
        return sessions.issue(connection, made.id, Kind.BEARER)


# --- works ----------------------------------------------------------------------------------------
Ask = Callable[[Sequence[Spot], int], Answered]


def asking(port: int, pattern: str, *headers: str, layer: str = "work_units") -> Ask:
    def ask_for(wanted: Sequence[Spot], clients: int) -> Answered:
        paths = [pattern.format(layer=layer, z=z, x=x, y=y) for z, x, y in wanted]
        found = ask(port, paths, clients, ZIP, *headers)
        assert not found.statuses.keys() - {200, 204}, found.statuses
        return found

    return ask_for


def turns(ours: Ask, other: Ask, wanted: Sequence[Spot]) -> tuple[list[Answered], list[Answered]]:
    """Rounds of both, after one that fills the caches of the database."""
    ours(wanted[: 4 * CLIENTS], CLIENTS)
    other(wanted[: 4 * CLIENTS], CLIENTS)
    found = [(ours(wanted, CLIENTS), other(wanted, CLIENTS)) for _ in range(ROUNDS)]
    return [one for one, _ in found], [two for _, two in found]


def rates(ours: Ask, other: Ask, z: int, count: int, least: float) -> Iterator[Line]:
    one, two = turns(ours, other, spots(z, count))
    mine, theirs = (statistics.median(each.rate for each in found) for found in (one, two))
    ratio, p99 = mine / theirs, statistics.median(each.quantile(0.99) for each in one)
    largest = max(max(each.sizes) for each in one) / 1e3
    note = f"p50 {one[0].quantile(0.5):.0f} ms, p99 {p99:.0f} ms, largest tile {largest:.0f} KB"
    yield Line(
        f"z{z}, uncached", mine, theirs, "req/s", ratio, f"≥ {least:g}×", ratio >= least, note
    )


def over_raw(database: Database, ours: Ask, z: int) -> Iterator[Line]:
    """One client against the statement in the server, by the server's own clock."""
    wanted = spots(z, 40)
    quiet = database.acting({"max_parallel_workers_per_gather": "0", "jit": "off"})
    floor, mine = [], []
    for _ in range(ROUNDS):
        with quiet.read() as connection:
            plans = [connection.scalar(RAW, {"z": z, "x": x, "y": y}) for z, x, y in wanted]
        floor.append(statistics.median(plan[0]["Execution Time"] for plan in plans))
        mine.append(ours(wanted, 1).quantile(0.5))
    p50, raw = statistics.median(mine), statistics.median(floor)
    ratio = p50 / raw
    yield Line(f"z{z}, one client", p50, raw, "ms", ratio, "≤ 1.5× ST_AsMVT", ratio <= 1.5)


def repeated(database: Database, ours: Ask) -> Iterator[Line]:
    """One tile again and again, before and after an edit."""
    wanted = spots(14, 1) * 2000
    ours(wanted[:CLIENTS], CLIENTS)
    before = statistics.median(ours(wanted, CLIENTS).rate for _ in range(ROUNDS))
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE work_units SET name = name || '改' WHERE id = 1"))
    after = statistics.median(ours(wanted, CLIENTS).rate for _ in range(ROUNDS))
    for when, rate in (("before", before), ("after", after)):
        work = f"z14, repeated, {when} an edit"
        yield Line(work, rate, None, "req/s", None, "≥ 8,000/s", rate >= 8000)


# --- the run --------------------------------------------------------------------------------------
@contextmanager
def keeping(megabytes: int) -> Iterator[None]:
    """Servers that are started meanwhile keep so much of tiles."""
    os.environ["GRIDFIELD_TILE_CACHE_MB"] = str(megabytes)
    try:
        yield
    finally:
        del os.environ["GRIDFIELD_TILE_CACHE_MB"]


def measured(home: Path, points: int, python: Path) -> tuple[list[Line], float]:
    """The lines of one size, and the median of a single z16 tile for the growth."""
    cluster = Cluster(home, durable=False)
    with cluster.running():
        database = Database(cluster.url())
        upgrade(database)
        signed = f"authorization: Bearer {fill(database, points)}"
        lines: list[Line] = []
        with keeping(0), served(cluster.url(), home) as port:
            ours = asking(port, OURS, signed)
            with tipg.served(python, cluster.url(tcp=True)) as peer_port:
                other = asking(peer_port, PEER)
                for z, count, least in ((14, 320, 4), (16, 640, 7), (12, 64, 25), (11, 32, 25)):
                    lines += rates(ours, other, z, count, least)
            for z in (14, 16):
                lines += over_raw(database, ours, z)
            single = statistics.median(ours(spots(16, 200), 1).quantile(0.5) for _ in range(ROUNDS))
        with keeping(64), served(cluster.url(), home) as port:
            lines += repeated(database, asking(port, OURS, signed))
        database.close()
    return lines, single


def told(line: Line) -> str:
    other = "–" if line.other is None else f"{line.other:,.1f}"
    ratio = "–" if line.ratio is None else f"{line.ratio:.2f}"
    met = "met" if line.met else "**missed**"
    figures = f"{line.ours:,.1f} | {other} | {line.unit} | {ratio}"
    return f"| {line.work} | {figures} | {line.wanted} | {met} | {line.note} |"


def machine() -> Mapping[str, object]:
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()}


def write(folder: Path, points: int, lines: Sequence[Line]) -> None:
    head = "| work | ours | other | unit | ratio | target | | |\n|---|---|---|---|---|---|---|---|"
    table = "\n".join([f"# Tiles, {points:,} points", "", head, *map(told, lines), ""])
    print(table)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiles.md").write_text(table)
    found = {"points": points, "machine": machine(), "lines": [asdict(line) for line in lines]}
    (folder / "tiles.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))


def growth(points: int, few: int, small: float, large: float) -> Line:
    exponent = math.log(large / small) / math.log(points / few)
    work = f"z16, one client, growth from {few:,}"
    return Line(work, exponent, None, "exponent", None, "≤ 0.35", exponent <= 0.35)


def main(points: int, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        home = Path(name)
        home.chmod(0o755)  # the server's own user must reach its folder when root runs this
        python = tipg.installed(folder / "peers")
        few = max(1000, points // 100)
        _, small = measured(home / "few", few, python)
        lines, large = measured(home / "all", points, python)
    write(folder, points, [*lines, growth(points, few, small, large)])


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
        Path(sys.argv[2] if len(sys.argv) > 2 else "var/bench").absolute(),
    )
