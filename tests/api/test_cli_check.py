"""`gridfield check` as a person runs it: tables, sentences, mends, exit codes."""

import json
from pathlib import Path

import pytest

from gis.postgis import Database
from layers.registry import Registry
from tests.api.conftest import Run
from tests.layers.fields import STREET, division, field, plot


@pytest.fixture
def row(database: Database, registry: Registry) -> list[int]:
    """Three fields in a row; the first leaves half of its cell, the last has no leader."""
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 3), STREET)
        division(connection, registry, plot(0, 0, 3), parent=STREET)
        first = field(connection, registry, 1, plot(0, 0, 0.5))
        second = field(connection, registry, 2, plot(1, 0))
        return [first, second, field(connection, registry, 3, plot(2, 0), leader=None)]


def test_faults_are_a_table_a_sentence_and_an_exit_code(gridfield: Run, row: list[int]) -> None:
    done = gridfield("check", "fields")
    assert done.returncode == 1
    for text in ("uncovered-", "未覆盖", "错误", "4964", "网格001001", "并入", "无人负责", "警告"):
        assert text in done.stdout
    assert "检查了 3 块，2 处问题，其中 1 处是错误" in done.stdout
    english = gridfield("check", "grid_fields", "--division", STREET, lang="en")
    assert "3 checked, 2 faults, 1 of them errors" in english.stdout


def test_a_program_gets_one_object(gridfield: Run, row: list[int]) -> None:
    done = gridfield("check", "fields", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["counts"] == {"uncovered": 1, "unowned": 1}
    assert [one["kind"] for one in found["findings"]] == ["uncovered", "unowned"]
    assert found["findings"][0]["geometry"]["type"] == "Polygon"
    assert found["fixed"] == []


def test_only_what_is_named_is_mended(gridfield: Run, row: list[int]) -> None:
    uncovered, unowned = json.loads(gridfield("check", "fields", "--json").stdout)["findings"]
    refused = gridfield("check", "fields", "--fix", uncovered["id"], "--fix", unowned["id"])
    assert refused.returncode == 1
    assert unowned["id"] in refused.stderr
    unknown = gridfield("check", "fields", "--fix", "gap-0")
    assert unknown.returncode == 2
    assert "gap-0" in unknown.stderr
    assert len(json.loads(gridfield("check", "fields", "--json").stdout)["findings"]) == 2
    done = gridfield("check", "fields", "--fix", uncovered["id"])
    assert done.returncode == 0  # what is left is a warning
    assert f"已修补 {uncovered['id']}" in done.stdout
    assert "1 处问题，其中 0 处是错误" in done.stdout


def test_a_clean_partition_ends_well(gridfield: Run) -> None:
    done = gridfield("check", "fields")
    assert done.returncode == 0
    assert "检查了 0 块，没有空隙，没有重叠" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "buildings"),
        ("check", "nothing"),
        ("check", "fields", "--division", "999999999999"),
        ("check", "fields", "--nonsense"),
    ],
)
def test_wrong_use_is_told_apart_from_faults(gridfield: Run, arguments: tuple[str, ...]) -> None:
    done = gridfield(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_report_is_a_file_that_needs_nothing_else(
    gridfield: Run,
    row: list[int],
    tmp_path: Path,
) -> None:
    done = gridfield("check", "fields", "--report", "检查.html")
    assert done.returncode == 1
    text = (tmp_path / "检查.html").read_text(encoding="utf-8")
    assert "网格001001" in text
    assert "uncovered-" in text
    missing = gridfield("check", "fields", "--report", "no/such/folder.html")
    assert missing.returncode == 1
    assert "folder.html" in missing.stderr


def test_help_has_an_example(gridfield: Run) -> None:
    done = gridfield("check", "--help")
    assert done.returncode == 0
    assert "gridfield check fields" in done.stdout
