"""The command line: quick help, one sentence for what is wrong, exit codes that mean something."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api import cli
from api.settings import Settings
from gis.postgis import Database

_MODULES_AFTER_HELP = """
import sys
from api.cli import main
try:
    main()
except SystemExit:
    print(sorted(name for name in sys.modules if "." not in name))
"""


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(cli.app, [name, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "Usage" in shown.output
    if name not in ("db", "user"):
        assert f"gridfield {name}" in shown.output


def test_the_help_of_all_imports_none_of_them() -> None:
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            _MODULES_AFTER_HELP,
            "--help",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in cli.COMMANDS:
        assert name in seen
    loaded = seen.rpartition("[")[2]
    for heavy in ("fastapi", "sqlalchemy", "pydantic", "geopandas", "folium", "psycopg2"):
        assert f"'{heavy}'" not in loaded


def test_the_version_is_told(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout.startswith("gridfield 0.")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["serv"], 2, "Did you mean"),
        (["serve", "--port", "70000"], 2, "--port"),
        (["whois", "x", "1"], 2, "{lon}"),
        (["whois", "1", "200"], 2, "{lat}"),
        (["export", "nowhere", "a.csv"], 2, "There is no layer nowhere"),
        (["export", "water", "a.exe"], 2, "Unknown file format"),
        (["import", "water", "nothing.csv"], 1, "nothing.csv"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    ended = run(*arguments, cwd=tmp_path, GRIDFIELD_LANG="en")
    assert ended.returncode == code
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("environment", "toml", "said"),
    [
        ({"GRIDFIELD_WORKERS": "many"}, "", "GRIDFIELD_WORKERS"),
        ({"GRIDFIELD_WORKERS": "0"}, "", "GRIDFIELD_WORKERS"),
        ({"GRIDFIELD_LANG": "fr"}, "", "GRIDFIELD_LANG"),
        ({}, "unheard = 1", "GRIDFIELD_UNHEARD"),
        ({}, "not toml", "gridfield.toml"),
        ({"GRIDFIELD_HOSTS": "not json"}, "", "gridfield.toml"),
    ],
)
def test_a_wrong_setting_is_named(
    tmp_path: Path, environment: dict[str, str], toml: str, said: str
) -> None:
    (tmp_path / "gridfield.toml").write_text(toml)
    ended = run("whois", "101.8", "36.6", cwd=tmp_path, **environment)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_is_down_is_one_sentence(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    ended = run("whois", "101.8", "36.6", cwd=tmp_path, GRIDFIELD_DATABASE_URL=url)
    assert ended.returncode == 1
    assert ended.stderr.startswith("连不上数据库")
    assert "Traceback" not in ended.stderr


def test_whois_answers_like_the_api(district: Database, tmp_path: Path, settings: Settings) -> None:
    url = district.url.replace("+psycopg2", "")
    told = run("whois", "101.83", "36.62", cwd=tmp_path, GRIDFIELD_DATABASE_URL=url)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("在网格")
    far = run("whois", "--json", "-75.5", "36.62", cwd=tmp_path, GRIDFIELD_DATABASE_URL=url)
    found: dict[str, Any] = json.loads(far.stdout)
    assert found["status"] == "outside"
