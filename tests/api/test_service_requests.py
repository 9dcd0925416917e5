"""A thousand real service requests, imported as cases by a mapping, and counted twice."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from api.cli import main
from gis.cluster import Cluster
from gis.postgis import Database
from layers.declaring.people import SYSTEM
from layers.declaring.period import Period, parse
from layers.registry import Registry
from layers.reporting import making
from layers.reporting.report import Report, ToldTable
from tests.cloning import clone

DATA = Path(__file__).parents[1] / "data"
FILE, MAPPING = DATA / "service_requests.csv", DATA / "service_requests.toml"
PERIODS = ("2024-05", "2024-05-26/2024-05-26", "2024-05-27/2024-05-27", "2024", "2025-05", "2023")


@pytest.fixture(scope="module")
def brought(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with the requests, loaded on the command line as anybody would."""
    name, home = "service_requests", tmp_path_factory.mktemp("requests")
    clone(cluster, name, template)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDFIELD_DATABASE_URL", cluster.url(name))
        patch.setenv("GRIDFIELD_HOME", str(home))
        command = ["import", "sites", str(FILE), "--mapping", str(MAPPING), "--yes"]
        command += ["--accept-valid", "--rest", str(home / "rest.csv")]
        patch.setattr("sys.argv", ["gridfield", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    database = Database(cluster.url(name))
    yield database
    database.close()


@pytest.fixture(scope="module")
def requests() -> pd.DataFrame:
    """Those that lie somewhere, read with pandas and nothing of ours."""
    found = pd.read_csv(FILE, dtype=str)
    found = found[found["latitude"].notna()]
    for name in ("created_date", "closed_date"):
        found[name] = pd.to_datetime(found[name]).dt.normalize()
    return found


def report(database: Database, registry: Registry, period: str) -> Report:
    with database.read() as connection:
        return making.report(connection, registry, parse(period), actor=SYSTEM)


def counted(found: pd.DataFrame, period: Period) -> dict[str, float | None]:
    """The published statistics, independently."""
    first, last = pd.Timestamp(period.first), pd.Timestamp(period.last)
    due = found[found["created_date"].between(first, last)]
    closed = due[due["closed_date"] <= last]
    in_time = closed[closed["closed_date"] <= closed["created_date"]]
    until = found[found["created_date"] <= last]
    return {
        "received": len(due),
        "filed": len(due),
        "due": len(due),
        "closed": len(closed),
        "in_time": len(in_time),
        "struck_off": int(found["closed_date"].between(first, last).sum()),
        "open": int((until["closed_date"].isna() | (until["closed_date"] > last)).sum()),
        "reworked": 0,
        "extended": 0,
        "hanging": 0,
        "closed_rate": round(100 * len(closed) / len(due), 2) if len(due) else None,
        "in_time_rate": round(100 * len(in_time) / len(due), 2) if len(due) else None,
    }


@pytest.mark.parametrize("period", PERIODS)
def test_the_statistics_are_those_of_an_independent_count(
    brought: Database, registry: Registry, requests: pd.DataFrame, period: str
) -> None:
    told = report(brought, registry, period).section("cases")
    for span, values in (
        (parse(period), {each.name: each.value.amount for each in told.figures}),
        (parse(period).year_to_date, {each.name: each.to_date.amount for each in told.figures}),
        (
            parse(period).a_year_before,
            {each.name: each.year_before.amount for each in told.figures},
        ),
    ):
        expected = counted(requests, span)
        assert {name: values[name] for name in expected} == expected


def test_the_tables_are_those_of_an_independent_count(
    brought: Database, registry: Registry, requests: pd.DataFrame
) -> None:
    tables = {
        each.name: each for each in report(brought, registry, "2024-05").section("cases").tables
    }
    assert received(tables["by_unit"]) == requests["agency"].value_counts().to_dict()
    matters = requests["complaint_type"]
    assert received(tables["by_matter"])["机动车乱停放"] == int(
        (matters == "Illegal Parking").sum()
    )
    assert sum(received(tables["by_matter"]).values()) == len(requests)


def received(table: ToldTable) -> dict[str, float | None]:
    return {row.title.zh: row.values[0].amount for row in table.rows}


def test_every_located_request_is_there_and_the_others_are_told(
    brought: Database, requests: pd.DataFrame, tmp_path: Path
) -> None:
    with brought.read() as connection:
        stored = connection.exec_driver_sql(
            "SELECT count(*), count(DISTINCT number) FROM sites WHERE origin = 'hotline'"
        ).one()
    assert tuple(stored) == (len(requests), len(requests))
    assert len(requests) == 988
