"""The ledger over five years: dashboard and monthly report of 1,000,000 cases, and of 100,000.

Run: python -m bench.ledger [cases]. A city of 2,000 communities; one case in thirty is still open.
Asked under row-level security as the city's leader and as a community's: the dashboard a hundred
times (p99), the report of last month with its year so far and the year before. Beside them in the
same run the peer: the same statistics of cases as a script makes them, every case read through
SQLAlchemy into pandas; its figures have to be ours. Only ratios within one run count.
"""

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.figures import Figure, note, part
from bench.rights import communities, division_rows
from bench.whois import hexed, spread
from gis.clock import BEIJING
from gis.cluster import Cluster
from gis.postgis import Database, copy_rows
from layers.calendar import workdays
from layers.declaring import escalation
from layers.declaring.people import Actor, Role
from layers.declaring.period import Period, parse
from layers.held.policies import acting
from layers.migrate import upgrade
from layers.registry import Registry, discover
from layers.reporting import making
from layers.reporting.dashboard import dashboard
from layers.reporting.report import Report

YEARS, UNITS, SEED = 5, 40, 11
SIDE_DEG = 0.3
MATTERS = ("06001", "06010", "06013", "06036", "09005", "09006", "09012")
CITY = "630100000000"
ASKED, REPORTS = 100, 3
PANDAS = "peer: statistics of cases by pandas"
# Of what was opened long ago so few are still open; of the last weeks all that are not yet due.
STILL_OPEN, EXTENDED, REWORKED = 0.01, 0.05, 0.07


def cases(count: int, today: date) -> pd.DataFrame:
    """The cases: when each was opened, was due and was closed; NaT for one that is open."""
    random = np.random.default_rng(SEED)
    opened = pd.Timestamp(today) - pd.to_timedelta(random.integers(0, 365 * YEARS, count), "D")
    due = opened + pd.to_timedelta(random.integers(3, 15, count), "D")
    closed = opened + pd.to_timedelta(random.integers(0, 20, count), "D")
    is_open = (closed > pd.Timestamp(today)) | (random.random(count) < STILL_OPEN)
    spots = spread(count, SIDE_DEG, random)
    return pd.DataFrame(
        {
            "opened": opened,
            "due": due,
            "closed": closed.where(~is_open),
            "unit": random.integers(0, UNITS, count),
            "matter": random.integers(0, len(MATTERS), count),
            "extensions": (random.random(count) < EXTENDED).astype(int),
            "reworks": (random.random(count) < REWORKED).astype(int),
            "place": communities(spots[:, 0], spots[:, 1], SIDE_DEG),
            "geom": hexed(shapely.points(spots)),
        }
    )


def fill(database: Database, count: int, today: date) -> None:
    """Load all of it as a restored backup is, without triggers."""
    with database.begin() as connection:
        columns = ["code", "name", "level", "geom"]
        copy_rows(connection, "divisions", columns, division_rows(SIDE_DEG))
    found = cases(count, today)
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        columns = ["id", "number", "matter", "status", "unit", "found_on", "assigned_on", "due"]
        copy_rows(connection, "sites", [*columns, "cleared_on", "geom", "place"], _sites(found))
        columns = ["layer", "feature", "place", "title", "state", "is_open", "kind", "unit"]
        days = ["opened_on", "filed_on", "closed_on", "due_at", "begun_at", "reworks", "extensions"]
        copy_rows(connection, "cases", [*columns, *days], _cases(found))
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def _day(moment: pd.Timestamp) -> date | None:
    return None if pd.isna(moment) else moment.date()


def _sites(found: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for n, row in enumerate(found.itertuples(index=False), start=1):
        status = "rectifying" if pd.isna(row.closed) else "cleared"
        days = (_day(row.opened), _day(row.opened), _day(row.due), _day(row.closed))
        yield (
            n,
            f"案件{n}",
            MATTERS[row.matter],
            status,
            f"单位{row.unit}",
            *days,
            row.geom,
            row.place,
        )


def _cases(found: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for n, row in enumerate(found.itertuples(index=False), start=1):
        is_open = pd.isna(row.closed)
        state = "rectifying" if is_open else "cleared"
        day = row.opened.date()
        due = datetime.combine(row.due.date(), datetime.max.time(), BEIJING).replace(microsecond=0)
        begun = datetime.combine(day, datetime.min.time(), UTC)
        yield (
            *("sites", n, row.place, f"案件{n}", state, is_open, MATTERS[row.matter]),
            *(
                f"单位{row.unit}",
                day,
                day,
                _day(row.closed),
                due,
                begun,
                row.reworks,
                row.extensions,
            ),
        )


# --- what is asked --------------------------------------------------------------------------------
def timed(work: Callable[[], object], times: int) -> list[float]:
    """Seconds of each, after one that warms up."""
    work()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return found


def asked_dashboard(database: Database, registry: Registry, actor: Actor) -> None:
    """As the page asks for it."""
    with database.read() as connection:
        scale = escalation.scale(datetime.now(UTC), workdays.calendar(connection))
        dashboard(connection, registry, actor, actor.division, scale)


def asked_report(database: Database, registry: Registry, actor: Actor, period: Period) -> Report:
    """As the page asks for it."""
    with database.read() as connection:
        return making.report(connection, registry, period, division=actor.division, actor=actor)


# --- the peer -------------------------------------------------------------------------------------
_PEER = sa.text("SELECT unit, matter, found_on, due, cleared_on FROM sites")


def peer(connection: Connection, period: Period) -> dict[str, float]:
    """The same statistics by pandas over all cases, by unit and matter too."""
    found = pd.read_sql(_PEER, connection, parse_dates=["found_on", "due", "cleared_on"])
    spans = (period, period.year_to_date, period.a_year_before)
    told = [statistics_of(found, each) for each in spans]
    for by in ("unit", "matter"):
        for _, group in found.groupby(by):
            statistics_of(group, period)
    return told[0]


def statistics_of(found: pd.DataFrame, period: Period) -> dict[str, float]:
    """受理, 应结案, 结案, 按期结案 of a period."""
    first, last = pd.Timestamp(period.first), pd.Timestamp(period.last)
    due = found[found["due"].between(first, last)]
    closed = due[due["cleared_on"] <= last]
    return {
        "received": int(found["found_on"].between(first, last).sum()),
        "due": len(due),
        "closed": len(closed),
        "in_time": int((closed["cleared_on"] <= closed["due"]).sum()),
    }


# --- the run --------------------------------------------------------------------------------------
def measured(cluster: Cluster, registry: Registry, count: int) -> dict[str, list[float]]:
    """Seconds of everything over so many cases, each time that it was asked."""
    name = f"ledger{count}"
    engine = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    database = Database(cluster.url(name))
    try:
        upgrade(database)
        with database.read() as connection:
            today = connection.scalars(sa.select(sa.func.current_date())).one()
            community = connection.scalar(sa.text("SELECT current_database()"))
        fill(database, count, today)
        with database.read() as connection:
            community = str(connection.scalar(sa.text("SELECT min(place) FROM sites")))
        period = parse(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
        found: dict[str, list[float]] = {}
        for who, division in (("city", CITY), ("community", community)):
            actor = Actor(None, None, "bench", Role.LEADER, division, "bench")
            theirs = acting(database, actor)
            found[f"{who}: dashboard p99"] = timed(
                lambda: asked_dashboard(theirs, registry, actor),  # noqa: B023
                ASKED,
            )
            found[f"{who}: report"] = timed(
                lambda: asked_report(theirs, registry, actor, period),  # noqa: B023
                REPORTS,
            )
        city = Actor(None, None, "bench", Role.LEADER, CITY, "bench")
        with acting(database, city).read() as connection:
            told: dict[str, float] = {}
            found[PANDAS] = timed(lambda: told.update(peer(connection, period)), REPORTS)
        section = asked_report(acting(database, city), registry, city, period).section("cases")
        ours = {name: section.figure(name).value.amount for name in told}
        assert ours == told, (ours, told)
        return found
    finally:
        database.close()


def single(name: str, times: Sequence[float]) -> float:
    """The seconds that are told for it."""
    return float(np.percentile(times, 99)) if "p99" in name else statistics.median(times)


def tell(what: str, times: Sequence[float], seconds: float, growth: float) -> None:
    bound = 0.1 if "p99" in what else 3
    figure = Figure(target="T12", what=what, ours=seconds, unit="s", good="less", bound=bound)
    note(replace(figure, growth=growth).over(times))


def main(count: int = 1_000_000) -> None:
    """Print the times of both sizes, and how they grow."""
    registry = discover()
    with tempfile.TemporaryDirectory(prefix="gridfield-bench-", dir="/var/tmp") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the server's own user must reach its folder when root runs this
        cluster = Cluster(home, durable=False)
        with cluster.running():
            small, large = (measured(cluster, registry, size) for size in (count // 10, count))
    print(f"{'':42}{count // 10:>12,}{count:>12,}{'growth':>9}")
    for name, times in large.items():
        before, seconds = single(name, small[name]), single(name, times)
        print(f"{name:42}{before:>10.3f} s{seconds:>10.3f} s{seconds / before:>8.1f}×")
        if name != PANDAS:
            tell(f"{name} of {count:,} cases", times, seconds, math.log10(seconds / before))
    ours, theirs = (large[name] for name in ("city: report", PANDAS))
    ratio = statistics.median(theirs) / statistics.median(ours)
    what = f"city: report of {count:,} cases"
    figure = Figure(target="T12", what=what, ours=statistics.median(ours), unit="s", ratio=ratio)
    figure = replace(figure, peer="statistics by pandas", theirs=statistics.median(theirs))
    note(figure.over(part(theirs, ours)))
    print(f"whole report of the city beside the peer's statistics of cases: {ratio:.1f}× as quick")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
