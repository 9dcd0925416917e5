"""Records from the field (T9): 200 inspectors over HTTP, durably, with field, duty and history.

Run: python -m bench.inspectors [records] [rounds]. A real server process over a cluster that syncs
to disk; 64 and 200 keep-alive connections, one record after the other on each. Beside it in the
same run: (a) the bare INSERT of the same rows, by pgbench, one commit each; (b) the same through
FastAPI and an ORM (`bench.inspectors_orm`), and answers without any work
(`bench.inspectors_nothing`). Five rounds, medians with their spread, after some records that nobody
measures. Only ratios within one run count. At the end every record is there exactly once, with its
feature and its version, and the history's chain is whole.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socket import create_connection, create_server
from statistics import median
from types import ModuleType

import numpy as np
import sqlalchemy as sa

from bench import inspectors_nothing, inspectors_orm
from bench.figures import Figure, note
from bench.inspectors_client import Answered, Put, send
from bench.whois import fill, spread
from gis.cluster import Cluster
from gis.postgis import Database
from gis.server import postgres_binaries
from layers.admission import accounts, sessions
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.migrate import upgrade

FIELDS, INSPECTORS = 10_000, 200
CLIENTS = (64, 200)
SEED = 7
ROUNDS = 5
WARMING = 1000
# The targets of T9.
OVER_ORM, OF_BARE, P99_MS = 4.0, 0.35, 150.0
_MOST = 48  # connections of a server as it comes, but for those that the others hold
MATTERS = ("06001", "06010", "06013", "06036", "09005")


def body(n: int, lon: float, lat: float) -> bytes:
    """A record as the app sends it."""
    at = "2026-11-23T09:00:00+08:00"
    found = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]},
        "properties": {"matter": MATTERS[n % len(MATTERS)], "note": f"垃圾桶满溢 {n}"},
        "captured": {
            "at": at,
            "datum": "wgs84",
            "position": "measured",
            "measured": {"lon": lon, "lat": lat, "accuracy_m": 8.5, "readings": 5, "at": at},
            "clock_offset_s": 0.4,
            "device": "bench",
            "app": "1",
        },
        "photos": [{"sha256": f"{n:064x}", "role": "far", "taken_at": at}],
    }
    return json.dumps(found, ensure_ascii=False).encode()


def puts(count: int, side: float, tokens: Sequence[str], seed: int) -> list[Put]:
    """Records all over the city, each by another of its inspectors."""
    random = np.random.default_rng(seed)
    places = spread(count, side, random)
    return [
        Put(
            f"/collections/sites/items/{uuid.UUID(bytes=random.bytes(16), version=4)}",
            tokens[n % len(tokens)],
            body(n, lon, lat),
        )
        for n, (lon, lat) in enumerate(places.tolist())
    ]


def enlist(database: Database) -> list[str]:
    """Tokens of inspectors, who log all over the city."""
    with database.begin() as connection:
        found = []
        for n in range(INSPECTORS):
            person = Person(name=f"网格员 {n}")
            made = accounts.create(
                connection, person, f"inspector{n}", Role.INSPECTOR, "630100000000"
            )
            found.append(sessions.issue(connection, made.id, Kind.BEARER))
        return found


# --- the server, and the peers --------------------------------------------------------------------
@contextmanager
def served(url: str, home: Path) -> Iterator[int]:
    """`gridfield serve` as a process of its own; its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", "0"],
        env=os.environ | {"GRIDFIELD_DATABASE_URL": url, "GRIDFIELD_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "http://" in line)
        yield int(re.findall(r"http://[^:]+:(\d+)", line)[0])
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def peer(module: ModuleType, *url: str) -> Iterator[int]:
    """Another server, as a process of its own; its port."""
    with create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", module.__name__, str(port), *url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def fill_peer(database: Database, tokens: Sequence[str]) -> None:
    """The same inspectors and fields for the ORM."""
    inspectors_orm.Base.metadata.create_all(database.engine)
    with database.begin() as connection:
        connection.execute(
            sa.insert(inspectors_orm.Account),
            [{"token": token, "name": f"网格员 {n}"} for n, token in enumerate(tokens)],
        )
        connection.execute(
            sa.text("INSERT INTO peer_leaders (id, name) SELECT id, name FROM persons")
        )
        connection.execute(
            sa.text(
                "INSERT INTO peer_fields (code, name, leader_id, geom)"
                " SELECT g.code, g.name, d.person_id, g.geom FROM grid_fields g"
                " JOIN duties d ON d.layer = 'grid_fields' AND d.feature = g.id"
                " WHERE d.valid_to IS NULL"
            )
        )
    analyze(database)


BARE = """
\\set n random(1, 1000000000)
WITH site AS (
  INSERT INTO bare_sites (number, matter, note, status, field, leader, found_on, due, geom, place)
  VALUES (:client_id || '-' || :n || '-' || random(), '06010', '垃圾桶满溢', 'registered',
    '000000000000123', '网格长 1', current_date, current_date,
    ST_SetSRID(ST_Point(101.8 + random() / 10, 36.6 + random() / 10), 4326), 630106006013)
  RETURNING id
)
INSERT INTO bare_submissions (uuid, layer, feature, place, sha256, body, account, captured_at,
  datum, position, lon, lat, measured_lon, measured_lat, accuracy_m, readings, measured_at,
  clock_offset_s, device, app, field, person, due)
SELECT gen_random_uuid(), 'sites', id, 630106006013, sha256('x'), convert_to(repeat('x', 600),
  'UTF8'), 1, now(), 'wgs84', 'measured', 101.8, 36.6, 101.8, 36.6, 8.5, 5, now(), 0.4, 'bench',
  '1', '000000000000123', 1, now() FROM site;
"""


def bare(database: Database, home: Path, clients: int, seconds: int) -> float:
    """Commits a second of the bare rows, into tables with the same columns and indexes alone."""
    with database.begin() as connection:
        for name in ("sites", "submissions"):
            like = f"LIKE {name} INCLUDING INDEXES INCLUDING DEFAULTS INCLUDING IDENTITY"
            connection.execute(sa.text(f"DROP TABLE IF EXISTS bare_{name}"))
            connection.execute(sa.text(f"CREATE TABLE bare_{name} ({like})"))
    script = home / "bare.sql"
    script.write_text(BARE)
    script.chmod(0o644)
    url = database.engine.url
    told = subprocess.run(
        [
            postgres_binaries.server().program("pgbench"),
            *("-n", "-f", str(script), "-M", "prepared", "-c", str(min(clients, _MOST)), "-j", "2"),
            *("-T", str(seconds), "-h", str(url.query["host"]), "-p", str(url.query["port"])),
            *("-U", str(url.username), str(url.database)),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(re.findall(r"tps = ([0-9.]+)", told)[-1])


def analyze(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


# --- what is measured -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Round:
    """The same records through each, one after the other; `floor` and `ceiling` are commits of the
    bare rows and answers without any work, a second."""

    ours: Answered
    orm: Answered
    floor: float
    ceiling: float

    @property
    def figures(self) -> tuple[float, float, float]:
        """Times the ORM, part of the bare INSERT, milliseconds at p99."""
        return self.ours.rate / self.orm.rate, self.ours.rate / self.floor, self.ours.quantile(0.99)


def told(name: str, found: Answered) -> str:
    p50, p99 = found.quantile(0.5), found.quantile(0.99)
    return f"{name} {found.rate:,.0f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms {dict(found.statuses)}"


def compare(clients: int, rounds: Sequence[Round]) -> None:
    for each in rounds:
        print(
            f"{clients} clients: {told('ours', each.ours)}; {told('ORM', each.orm)}; "
            f"bare INSERT {each.floor:,.0f}/s; answers without work {each.ceiling:,.0f}/s"
        )
    over, part, p99 = zip(*(each.figures for each in rounds), strict=True)
    for what, found, wanted, good in (
        ("times the ORM", over, OVER_ORM, median(over) >= OVER_ORM),
        ("of the bare INSERT", part, OF_BARE, median(part) >= OF_BARE),
        ("ms at p99", p99, P99_MS, median(p99) <= P99_MS),
    ):
        spread = f"({min(found):.2f} to {max(found):.2f})"
        verdict = "met" if good else "MISSED"
        print(f"  {median(found):8.2f} {what:20} {spread:20} target {wanted:g}: {verdict}")
    note(*figures(clients, rounds))


def figures(clients: int, rounds: Sequence[Round]) -> Iterator[Figure]:
    """The same as values."""
    over, part, p99 = zip(*(each.figures for each in rounds), strict=True)
    ours, orm = (median(getattr(n, name).rate for n in rounds) for name in ("ours", "orm"))
    what, floor = f"records of {clients} clients", median(each.floor for each in rounds)
    for peer, theirs, ratio, bound in (
        ("an ORM", orm, over, OVER_ORM),
        ("the bare INSERT", floor, part, OF_BARE),
    ):
        figure = Figure(target="T9", what=what, ours=ours, unit="records/s", bound=bound)
        yield replace(figure, peer=peer, theirs=theirs, ratio=median(ratio)).over(ratio)
    figure = Figure(target="T9", what=f"{what}, p99", ours=median(p99), unit="ms", good="less")
    yield replace(figure, bound=P99_MS).over(p99)


def exactly_once(database: Database, sent: Sequence[Put]) -> None:
    """Every record has one submission, one feature and one version, and nothing else is there."""
    names = sorted(uuid.UUID(put.path.rpartition("/")[2]) for put in sent)
    with database.read() as connection:
        found = connection.execute(
            sa.text(
                "SELECT s.uuid, count(*) FROM submissions s JOIN sites f ON f.id = s.feature"
                " JOIN sites_versions v ON v.id = f.id AND v._number = 1 AND v._to IS NULL"
                " WHERE s.layer = 'sites' GROUP BY s.uuid ORDER BY s.uuid"
            )
        ).all()
        assert [row.uuid for row in found] == names, (len(found), len(names))
        assert {row.count for row in found} == {1}
        features = connection.scalar(sa.text("SELECT count(*) FROM sites"))
        links = connection.scalar(
            sa.text("SELECT count(*) FROM changes WHERE layer = 'sites' AND digest IS NULL")
        )
    assert features == len(names)
    assert links == 0, "unchained changes"
    print(f"all {len(names):,} records are there exactly once, each with its feature and version")


def main(records: int, rounds_each: int) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # a disk, not memory
        home = Path(folder)
        home.chmod(0o755)  # the server's own user must reach its folder when root runs this
        cluster = Cluster(home, durable=True)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            side = fill(database, FIELDS)
            tokens = enlist(database)
            fill_peer(database, tokens)
            with (
                served(cluster.url(), home) as own,
                peer(inspectors_orm, cluster.url()) as orm,
                peer(inspectors_nothing) as nothing,
            ):
                # A server that has just started, and tables without a page, are nobody's measure.
                warming = puts(WARMING, side, tokens, SEED)
                for port in (own, orm, nothing):
                    send(port, warming, CLIENTS[0])
                analyze(database)  # as it does by itself within minutes
                sent = list(warming)
                for clients in CLIENTS:
                    rounds = []
                    for n in range(rounds_each):
                        each = puts(records, side, tokens, SEED * clients + n)
                        floor = bare(database, home, clients, 3)
                        rounds.append(
                            Round(
                                *(send(port, each, clients) for port in (own, orm)),
                                floor,
                                send(nothing, each, clients).rate,
                            )
                        )
                        sent += each
                    compare(clients, rounds)
            exactly_once(database, sent)
            database.close()


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [2000, ROUNDS][len(given) :]))
