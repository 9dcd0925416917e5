"""`gridfield layers|import|export` as a person runs them: sentences, tables, exit codes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.cli import main
from gis.postgis import Database
from layers.registry import Registry
from layers.tables import table

HEADING = "楼院名称,管理方式,户数,备注,lon,lat\n"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def gridfield(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs the command line in a folder of its own against the test's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url)

    def run(*arguments: str, lang: str = "zh") -> Done:
        monkeypatch.setenv("GRIDFIELD_LANG", lang)
        monkeypatch.setattr("sys.argv", ["gridfield", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Done(code or 0, *capsys.readouterr())

    return run


def count(database: Database, registry: Registry) -> int:
    with database.read() as connection:
        rows = table(registry.layer("courtyards"))
        return connection.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def test_a_file_goes_in_and_comes_out(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    rows = "甲院,无物业,120,x,101.83,36.62\n乙院,居民自管,,y,101.84,36.62\n"
    (tmp_path / "楼院.csv").write_text(HEADING + rows, "utf-8")
    dry = gridfield("import", "courtyards", "楼院.csv", "--dry-run")
    assert dry.returncode == 0
    assert "试运行" in dry.stdout
    assert count(database, registry) == 0
    done = gridfield("import", "courtyards", "楼院.csv")
    assert done.returncode == 0
    assert "楼院：2 行，新增 2，更新 0，跳过 0" in done.stdout
    assert "楼院.csv：2 行" in done.stderr
    assert "未用的列：备注" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert count(database, registry) == 2
    again = gridfield("import", "courtyards", "楼院.csv", "--on-conflict", "skip", lang="en")
    assert "2 rows, 0 new, 0 updated, 2 skipped" in again.stdout
    box = ("--bbox", "101.835,36,102,37")
    for name, options in (("all.geojson", ()), ("east.shp.zip", box)):
        assert gridfield("export", "courtyards", name, *options).returncode == 0
    found = json.loads((tmp_path / "all.geojson").read_text("utf-8"))
    assert [f["properties"]["name"] for f in found["features"]] == ["甲院", "乙院"]
    east = gridfield("import", "courtyards", "east.shp.zip", "--on-conflict", "update")
    assert "1 行，新增 0，更新 1" in east.stdout


def test_refused_rows_are_a_table_and_exit_1(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    rows = "甲院,无物业,很多,x,101.83,36.62\n乙院,\x1b[31m?,1,y,101.84,36.62\n"
    (tmp_path / "楼院.csv").write_text(HEADING + rows, "utf-8")
    done = gridfield("import", "courtyards", "楼院.csv")
    assert done.returncode == 1
    assert done.stdout == ""
    for said in ("户数", "“很多”不是整数", "管理方式", "2 行中 2 行被拒"):
        assert said in done.stderr
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
    assert count(database, registry) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("import", "nobody", "楼院.csv"), 2, "没有图层 nobody"),
        (("import", "courtyards", "楼院.docx"), 2, "不认识的文件格式"),
        (("import", "courtyards", "没有.csv"), 1, "读不出文件 没有.csv"),
        (("import", "courtyards", "楼院.csv", "--map", "name"), 2, "字段=列名"),
        (("import", "courtyards", "楼院.csv", "--map", "name=无"), 2, "没有列 无"),
        (("import", "courtyards", "楼院.csv", "--map", "nobody=户数"), 2, "没有字段 nobody"),
        (("import", "courtyards", "楼院.csv", "--crs", "wgs84"), 2, "EPSG"),
        (("import", "courtyards", "楼院.csv", "--encoding", "klingon"), 2, "klingon"),
        (("import", "courtyards", "楼院.csv", "--on-conflict", "maybe"), 2, "maybe"),
        (("import", "grid_fields", "楼院.csv"), 1, "缺少必填列 code"),
        (("import", "courtyards"), 2, "FILE"),
        (("export", "nobody", "a.csv"), 2, "没有图层"),
        (("export", "courtyards", "a.docx"), 2, "不认识的文件格式"),
        (("export", "courtyards", "a.csv", "--bbox", "1,2,3"), 2, "bbox"),
        (("export", "courtyards", "nowhere/a.csv"), 1, "写不了文件 a.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_refusal_is_one_sentence_and_an_exit_code(
    gridfield: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "楼院.csv").write_text(HEADING + "甲院,无物业,1,x,101.83,36.62\n", "utf-8")
    (tmp_path / "楼院.docx").write_text("x")
    done = gridfield(*arguments)
    assert said in done.stderr
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_the_layers_are_listed_with_their_fields(gridfield: Run, registry: Registry) -> None:
    done = gridfield("layers")
    assert done.returncode == 0
    for layer in registry.layers.values():
        assert layer.name in done.stdout
        assert layer.label.zh in done.stdout
    listed = json.loads(gridfield("layers", "--json").stdout)
    assert [each["name"] for each in listed] == list(registry.layers)
    fields = {each["name"]: each["fields"] for each in listed}["courtyards"]
    assert fields[4]["name"] == "households"
    assert fields[4]["unit"] == {"zh": "户", "en": "households"}


@pytest.mark.parametrize("command", ["layers", "import", "export"])
def test_help_has_an_example(gridfield: Run, command: str) -> None:
    done = gridfield(command, "--help")
    assert done.returncode == 0
    assert f"gridfield {command}" in done.stdout
    assert "Example" in done.stdout
