"""`gridfield duty` and `gridfield whois` as a person runs them."""

import json
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
import shapely
import sqlalchemy as sa

from gis.datum import Datum, convert
from gis.postgis import Database
from layers.reading.past import today
from layers.registry import Registry
from layers.schema.accounts import PERSONAL_READS
from tests.api.conftest import Run
from tests.layers import duty_cases, fields

CODE = f"{fields.BLUE_SKY}001"


@pytest.fixture
def field(database: Database, registry: Registry) -> int:
    with database.begin() as connection:
        fields.division(connection, registry, fields.plot(0, 0, 4, 4))
        return fields.field(connection, registry, 1, fields.plot(0, 0), leader=None)


@pytest.fixture
def now(database: Database) -> date:
    with database.read() as connection:
        return today(connection)


def give(gridfield: Run, *more: str, who: str = "祁生财") -> int:
    done = gridfield("duty", "assign", "grid_leader", "grid_fields", CODE, who, *more, "--json")
    assert done.returncode == 0, done.stderr
    number: int = json.loads(done.stdout)[0]["id"]
    return number


def test_a_leader_is_given_handed_over_and_listed(gridfield: Run, field: int, now: date) -> None:
    number = give(gridfield, "--from", str(now - timedelta(days=5)), "--phone", "13897001234")
    done = gridfield("duty", "hand-over", str(number), "韩志强", "--document", "林办〔2026〕7号")
    assert done.returncode == 0
    for text in ("祁生财", "韩志强", "网格长", "网格001001", str(now), "林办〔2026〕7号"):
        assert text in done.stdout
    listed = gridfield("duty", "list", "--role", "grid_leader", "--on", str(now), "--json")
    (duty,) = json.loads(listed.stdout)
    assert (duty["person"]["name"], duty["state"]) == ("韩志强", "current")
    by_feature = gridfield(
        "duty", "list", "--layer", "grid_fields", "--feature", "网格001001", lang="en"
    )
    assert "grid leader" in by_feature.stdout
    again = gridfield("duty", "hand-over", str(number), "马晓燕")
    assert again.returncode == 1
    assert "韩志强" in again.stderr


def test_plans_are_changed_and_withdrawn(gridfield: Run, field: int, now: date) -> None:
    number = give(gridfield, "--from", str(now - timedelta(days=5)))
    later = str(now + timedelta(days=9))
    handed = gridfield("duty", "hand-over", str(number), "韩志强", "--on", later, "--json")
    planned = json.loads(handed.stdout)[1]["id"]
    changed = gridfield("duty", "replace", str(planned), "马晓燕", "--json")
    (duty,) = json.loads(changed.stdout)
    assert (duty["person"]["name"], duty["from"]) == ("马晓燕", later)
    withdrawn = gridfield("duty", "end", str(duty["id"]))
    assert "已撤回" in withdrawn.stdout
    refused = gridfield("duty", "end", str(number))
    assert refused.returncode == 1
    assert "网格长" in refused.stderr
    ended = gridfield("duty", "end", str(number), "--vacant", "--reason", "撤并", "--json")
    assert json.loads(ended.stdout)[0]["ended_reason"] == "撤并"


@pytest.mark.parametrize(
    "arguments",
    [
        ("assign", "king", "grid_fields", CODE, "祁生财"),
        ("assign", "grid_leader", "nowhere", CODE, "祁生财"),
        ("assign", "grid_leader", "grid_fields", "没有", "祁生财"),
        ("assign", "grid_leader", "grid_fields", CODE, "#99"),
        ("assign", "grid_leader", "grid_fields", CODE, "祁生财", "--from", "5月1日"),
        ("hand-over", "99", "祁生财"),
        ("end", "x"),
        ("list", "--division", "x"),
        ("coverage", "--division", "999999999999"),
    ],
)
def test_wrong_use_is_one_sentence(gridfield: Run, field: int, arguments: tuple[str, ...]) -> None:
    done = gridfield("duty", *arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_coverage_is_a_table_and_a_workbook(gridfield: Run, field: int, tmp_path: Path) -> None:
    done = gridfield("duty", "coverage", "--xlsx", "任职.xlsx")
    assert done.returncode == 0
    assert "无网格长的网格" in done.stdout
    assert openpyxl.load_workbook(tmp_path / "任职.xlsx").sheetnames[1] == "各区划"
    found = json.loads(gridfield("duty", "coverage", "--json", lang="en").stdout)
    assert found["figures"][0]["ids"] == [field]
    missing = gridfield("duty", "coverage", "--xlsx", "no/such/folder.xlsx")
    assert missing.returncode == 1


def test_every_command_has_an_example(gridfield: Run) -> None:
    for command in ("list", "assign", "hand-over", "replace", "end", "coverage"):
        done = gridfield("duty", command, "--help")
        assert done.returncode == 0
        assert "gridfield duty" in done.stdout


# --- whois ----------------------------------------------------------------------------------------
def test_whois_names_people_to_call_and_doubts(
    gridfield: Run, field: int, now: date, database: Database
) -> None:
    with database.begin() as connection:
        duty_cases.backdate(connection, 5, "grid_fields", "divisions")
    bare = gridfield("whois", "101.8005", "36.6005")
    assert "没有网格长" in bare.stdout
    give(gridfield, "--phone", "13897001234", "--post", "社区副主任")
    done = gridfield("whois", "101.8005", "36.6005")
    for text in ("祁生财", "13897001234", "社区副主任", "网格长：祁生财"):
        assert text in done.stdout
    yesterday = gridfield("whois", "101.8005", "36.6005", "--on", str(now - timedelta(days=1)))
    assert "网格长：无" in yesterday.stdout


def test_whois_takes_the_coordinates_of_phones(gridfield: Run, field: int) -> None:
    (lon,), (lat,) = convert([101.8005], [36.6005], Datum.WGS84, Datum.GCJ02)
    done = gridfield("whois", str(lon), str(lat), "--datum", "gcj02", "--json")
    assert json.loads(done.stdout)["status"] == "inside"
    assert json.loads(gridfield("whois", str(lon), str(lat), "--json").stdout)["status"] == (
        "outside"
    )


def test_whois_answers_for_a_file(gridfield: Run, field: int, tmp_path: Path) -> None:
    give(gridfield)
    tmp_path.joinpath("点位.csv").write_text("lon,lat\n101.8005,36.6005\n101.9,36.6005\n")
    done = gridfield("whois", "--file", "点位.csv")
    assert "祁生财" in done.stdout
    collection = json.loads(gridfield("whois", "--file", "点位.csv", "--json").stdout)
    statuses = [feature["properties"]["status"] for feature in collection["features"]]
    assert statuses == ["inside", "outside"]
    point = shapely.to_geojson(shapely.Point(101.8005, 36.6005))
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{point}}}'
    tmp_path.joinpath("点位.geojson").write_text(
        f'{{"type":"FeatureCollection","features":[{feature}]}}'
    )
    alone = json.loads(gridfield("whois", "101.8005", "36.6005", "--json").stdout)
    found = json.loads(gridfield("whois", "--file", "点位.geojson", "--json").stdout)
    assert found["features"][0]["properties"] == alone


@pytest.mark.parametrize(
    "arguments",
    [(), ("101.8",), ("101.8", "36.6", "--file", "x.csv"), ("101.8", "36.6", "--on", "x")],
)
def test_whois_wants_one_place_or_a_file(
    gridfield: Run, field: int, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = gridfield("whois", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_lines_in_a_file_of_points_are_refused(gridfield: Run, field: int, tmp_path: Path) -> None:
    shape = shapely.to_geojson(shapely.LineString([(1, 2), (3, 4)]))
    line = f'{{"type":"Feature","properties":{{}},"geometry":{shape}}}'
    tmp_path.joinpath("x.geojson").write_text(f'{{"type":"FeatureCollection","features":[{line}]}}')
    done = gridfield("whois", "--file", "x.geojson")
    assert done.returncode == 2
    assert "第 1 行" in done.stderr


def test_what_the_machine_is_told_of_people_is_noted(
    gridfield: Run, field: int, database: Database
) -> None:
    give(gridfield)
    commands = (
        ("duty", "list"),
        ("duty", "coverage", "--json"),
        ("whois", "101.8005", "36.6005"),
    )
    for command in commands:
        assert gridfield(*command).returncode == 0
    with database.read() as connection:
        rows = connection.execute(sa.select(PERSONAL_READS).order_by(PERSONAL_READS.c.number)).all()
    assert [row.way for row in rows] == [
        "gridfield duty list",
        "gridfield duty coverage",
        "gridfield whois",
    ]
    assert {(row.account, row.layer, row.rows) for row in rows} == {(None, "persons", 1)}
