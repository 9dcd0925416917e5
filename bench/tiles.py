"""Tiles (T1–T3, T15): ours and tipg's over the same tables, in one run.

Run: python -m bench.tiles [points] [folder] [rounds]. A million points over a city and a tenth as
many fields in its middle; 16 keep-alive connections; rights on, a city's reader. Medians of rounds
in which ours and tipg take turns at the same tiles. What is called uncached is asked of a server
that keeps nothing. Writes tiles.md and tiles.json into the folder. Only ratios within one run
count.
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
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Figure, note, part
from bench.inspectors import served
from bench.peers import tipg
from bench.rights import SOUTH, WEST, division_rows, point_rows, polygon_rows, settle
from bench.tiles_client import Answered, ask
from gis.cluster import Cluster
from gis.postgis import Database, copy_rows
from layers.admission import accounts, sessions
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.held import levels, united
from layers.migrate import upgrade
from layers.registry import discover

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
    target: str = "T1"
    bound: float | None = None
    peer: str = ""
    judged: tuple[float, ...] = ()

    @property
    def figure(self) -> Figure:
        """As a value; what ours is to be more than begins with ≥."""
        found = Figure(
            target=self.target,
            what=self.work,
            ours=self.ours,
            unit=self.unit,
            peer=self.peer,
            theirs=self.other,
            ratio=self.ratio,
            good="more" if self.wanted.startswith("≥") else "less",
            bound=self.bound,
        )
        return found.over(self.judged) if self.judged else found


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
        layers = discover().layers.values()
        levels.adopt(connection, layers)  # the triggers were off
        united.adopt(connection, layers)
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


def turns(
    ours: Ask, other: Ask, wanted: Sequence[Spot], rounds: int
) -> tuple[list[Answered], list[Answered]]:
    """Rounds of both, after one that fills the caches of the database."""
    ours(wanted[: 4 * CLIENTS], CLIENTS)
    other(wanted[: 4 * CLIENTS], CLIENTS)
    found = [(ours(wanted, CLIENTS), other(wanted, CLIENTS)) for _ in range(rounds)]
    return [one for one, _ in found], [two for _, two in found]


def rates(ours: Ask, other: Ask, work: tuple[int, int, float], rounds: int) -> Iterator[Line]:
    z, count, least = work
    one, two = turns(ours, other, spots(z, count), rounds)
    mine, theirs = (statistics.median(each.rate for each in found) for found in (one, two))
    ratio, p99 = mine / theirs, statistics.median(each.quantile(0.99) for each in one)
    largest = max(max(each.sizes) for each in one) / 1e3
    said = f"p50 {one[0].quantile(0.5):.0f} ms, p99 {p99:.0f} ms, largest tile {largest:.0f} KB"
    target = "T1" if z > 12 else "T2"
    name, wanted, met = f"z{z}, uncached", f"≥ {least:g}×", ratio >= least
    spread = tuple(part([each.rate for each in one], [each.rate for each in two]))
    told = Line(name, mine, theirs, "req/s", ratio, wanted, met, said, target, least)
    yield replace(told, peer="tipg", judged=spread)
    if target == "T2":
        yield from light(f"z{z}", one)


def light(what: str, answered: Sequence[Answered]) -> Iterator[Line]:
    """How long tiles take and how large they are, whoever else makes any."""
    p99s = tuple(each.quantile(0.99) for each in answered)
    p99, largest = statistics.median(p99s), max(max(each.sizes) for each in answered) / 1e3
    line = Line(f"{what}, p99", p99, None, "ms", None, "≤ 60 ms", p99 <= 60, "", "T2", 60)
    yield replace(line, judged=p99s)
    met = largest <= 100
    yield Line(f"{what}, largest tile", largest, None, "KB", None, "≤ 100 KB", met, "", "T2", 100)


def afar(ours: Mapping[str, Ask], rounds: int) -> Iterator[Line]:
    """Zooms at which the peer would take minutes, and fields."""
    for layer, zooms in (("work_units", range(6, 11)), ("grid_fields", range(6, 13))):
        for z in zooms:
            wanted = spots(z, 64)
            ours[layer](wanted, CLIENTS)
            answered = [ours[layer](wanted, CLIENTS) for _ in range(rounds)]
            yield from light(f"{layer}, z{z}", answered)


def over_raw(database: Database, ours: Ask, z: int, rounds: int) -> Iterator[Line]:
    """One client against the statement in the server, by the server's own clock."""
    wanted = spots(z, 40)
    quiet = database.acting({"max_parallel_workers_per_gather": "0", "jit": "off"})
    floor, mine = [], []
    for _ in range(rounds):
        with quiet.read() as connection:
            plans = [connection.scalar(RAW, {"z": z, "x": x, "y": y}) for z, x, y in wanted]
        floor.append(statistics.median(plan[0]["Execution Time"] for plan in plans))
        mine.append(ours(wanted, 1).quantile(0.5))
    p50, raw = statistics.median(mine), statistics.median(floor)
    ratio = p50 / raw
    told = Line(f"z{z}, one client", p50, raw, "ms", ratio, "≤ 1.5× ST_AsMVT", ratio <= 1.5)
    yield replace(told, bound=1.5, peer="ST_AsMVT", judged=tuple(part(mine, floor)))


def repeated(database: Database, ours: Ask, rounds: int) -> Iterator[Line]:
    """One tile again and again, before and after an edit."""
    wanted = spots(14, 1) * 2000
    ours(wanted[:CLIENTS], CLIENTS)
    before = [ours(wanted, CLIENTS).rate for _ in range(rounds)]
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE work_units SET name = name || '改' WHERE id = 1"))
    after = [ours(wanted, CLIENTS).rate for _ in range(rounds)]
    for when, each in (("before", before), ("after", after)):
        work, rate = f"z14, repeated, {when} an edit", statistics.median(each)
        told = Line(work, rate, None, "req/s", None, "≥ 8,000/s", rate >= 8000)
        yield replace(told, target="T3", bound=8000, judged=tuple(each))


# --- the run --------------------------------------------------------------------------------------
@contextmanager
def keeping(megabytes: int) -> Iterator[None]:
    """Servers that are started meanwhile keep so much of tiles."""
    os.environ["GRIDFIELD_TILE_CACHE_MB"] = str(megabytes)
    try:
        yield
    finally:
        del os.environ["GRIDFIELD_TILE_CACHE_MB"]


def measured(home: Path, points: int, python: Path, rounds: int) -> tuple[list[Line], float]:
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
                for work in ((14, 320, 4), (16, 640, 7), (12, 64, 25), (11, 32, 25)):
                    lines += rates(ours, other, work, rounds)
            fields = asking(port, OURS, signed, layer="grid_fields")
            lines += afar({"work_units": ours, "grid_fields": fields}, rounds)
            for z in (14, 16):
                lines += over_raw(database, ours, z, rounds)
            single = statistics.median(ours(spots(16, 200), 1).quantile(0.5) for _ in range(rounds))
        with keeping(64), served(cluster.url(), home) as port:
            lines += repeated(database, asking(port, OURS, signed), rounds)
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
    note(*(line.figure for line in lines))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiles.md").write_text(table)
    found = {"points": points, "machine": machine(), "lines": [asdict(line) for line in lines]}
    (folder / "tiles.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))


def growth(points: int, few: int, small: float, large: float) -> Line:
    exponent = math.log(large / small) / math.log(points / few)
    work = f"z16, one client, growth from {few:,}"
    line = Line(work, exponent, None, "exponent", None, "≤ 0.35", exponent <= 0.35)
    return replace(line, target="T15", bound=0.35)


def main(points: int, folder: Path, rounds: int) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        home = Path(name)
        home.chmod(0o755)  # the server's own user must reach its folder when root runs this
        python = tipg.installed(folder / "peers")
        few = max(1000, points // 100)
        _, small = measured(home / "few", few, python, rounds)
        lines, large = measured(home / "all", points, python, rounds)
    write(folder, points, [*lines, growth(points, few, small, large)])


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
        Path(sys.argv[2] if len(sys.argv) > 2 else "var/bench").absolute(),
        int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS,
    )
