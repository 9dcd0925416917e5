"""`gridfield layers|import|export|batch` as a person runs them: sentences, tables, exit codes."""

import hashlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import shapely
import sqlalchemy as sa

from gis.datum import Datum, convert
from gis.postgis import Database
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import table
from tests.api.conftest import Run
from tests.factories import LAT, LON, geometry, record

HEADING = "楼院名称,管理方式,户数,备注,lon,lat\n"
ROWS = "甲院,无物业,120,x,101.83,36.62\n乙院,居民自管,,y,101.84,36.62\n"


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
    assert "楼院：2 行，新增 2，更新 0，不变 0，跳过 0（第 1 批）" in done.stdout
    assert "楼院.csv：2 行" in done.stderr
    assert "未用的列：备注" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert count(database, registry) == 2
    again = gridfield("import", "courtyards", "楼院.csv", "--on-conflict", "skip", lang="en")
    assert "2 rows, 0 new, 0 updated, 0 unchanged, 2 skipped" in again.stdout
    box = ("--bbox", "101.835,36,102,37")
    for name, options in (("all.geojson", ()), ("east.shp.zip", box)):
        assert gridfield("export", "courtyards", name, *options).returncode == 0
    found = json.loads((tmp_path / "all.geojson").read_text("utf-8"))
    assert [f["properties"]["name"] for f in found["features"]] == ["甲院", "乙院"]
    east = gridfield("import", "courtyards", "east.shp.zip", "--on-conflict", "update")
    assert "1 行，新增 0，更新 0，不变 1" in east.stdout


def test_a_large_file_comes_in_pieces_with_the_same_words(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    filler = "乙" * (9 << 20)
    (tmp_path / "楼院.csv").write_text(HEADING + ROWS.replace(",x,", f",{filler},"), "utf-8")
    dry = gridfield("import", "courtyards", "楼院.csv", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert count(database, registry) == 0
    done = gridfield("import", "courtyards", "楼院.csv", "--report", "报告.html")
    assert "楼院：2 行，新增 2，更新 0，不变 0，跳过 0（第 1 批）" in done.stdout
    assert "楼院.csv：2 行" in done.stderr
    assert (tmp_path / "报告.html").exists()
    again = gridfield("import", "courtyards", "楼院.csv")
    assert again.returncode == 1
    assert "甲院" in again.stderr
    assert count(database, registry) == 2


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
        (("import", "courtyards", "楼院.csv", "--datum", "mars"), 2, "mars"),
        (("import", "courtyards", "楼院.csv", "--transform", "nobody"), 2, "没有名为"),
        (("import", "courtyards", "楼院.csv", "--report", "a.pdf"), 2, "a.pdf"),
        (("import", "courtyards", "楼院.csv", "--rest", "a.docx"), 2, "a.docx"),
        (("import", "courtyards", "楼院.csv", "--gone", "maybe"), 2, "maybe"),
        (("import", "courtyards", "楼院.csv", "--report", "no/a.json"), 1, "写不了文件 a.json"),
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


# --- before loading -------------------------------------------------------------------------------
def test_the_preview_tells_beliefs_columns_rows_and_what_would_become(
    gridfield: Run, tmp_path: Path
) -> None:
    (tmp_path / "楼院.csv").write_bytes((HEADING + ROWS).encode("gbk"))
    assert gridfield("import", "courtyards", "楼院.csv").returncode == 0
    changed = HEADING + "甲院,无物业,121,x,101.83,36.62\n丙院,无物业,1,x,101.85,36.62\n"
    (tmp_path / "楼院.csv").write_bytes(changed.encode("gbk"))
    done = gridfield("import", "courtyards", "楼院.csv", "--on-conflict", "update", "--dry-run")
    assert done.returncode == 0
    for said in (
        "文字编码 gb18030",
        "坐标系 EPSG:4326（文件没有说明）",
        "坐标基准 WGS 84（文件没有说明）",
        "楼院名称 → 楼院名称",
        "未用的列：备注",
        "甲院",
        "将新增 1，更新 1，不变 0，已有而跳过 0，被拒 0；文件中没有的已有要素 1",
        "文件中没有：乙院",
    ):
        assert said in done.stderr, said
    english = gridfield("import", "courtyards", "楼院.csv", "--dry-run", lang="en")
    assert english.returncode == 1
    assert "choose update" in english.stderr


def test_a_dry_run_of_refused_rows_ends_with_1(gridfield: Run, tmp_path: Path) -> None:
    (tmp_path / "楼院.csv").write_text(HEADING + "甲院,无物业,很多,x,101.83,36.62\n", "utf-8")
    done = gridfield("import", "courtyards", "楼院.csv", "--dry-run")
    assert done.returncode == 1
    assert "“很多”不是整数" in done.stderr


def test_a_datum_that_is_told_is_converted_and_one_that_is_not_is_shown(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    lon, lat = (each.item() for each in convert(101.83, 36.62, Datum.WGS84, Datum.GCJ02))
    (tmp_path / "楼院.csv").write_text(f"{HEADING}甲院,无物业,1,x,{lon!r},{lat!r}\n", "utf-8")
    unsaid = gridfield("import", "courtyards", "楼院.csv", "--dry-run")
    for said in ("GCJ-02", "BD-09", "163 m", "--datum"):
        assert said in unsaid.stderr
    assert gridfield("import", "courtyards", "楼院.csv", "--datum", "gcj02").returncode == 0
    rows = table(registry.layer("courtyards"))
    with database.read() as connection:
        places = sa.select(sa.func.st_x(rows.c.geom), sa.func.st_y(rows.c.geom))
        found = connection.execute(places).one()
    assert found == pytest.approx((101.83, 36.62), abs=1e-11)
    doubtful = gridfield("import", "courtyards", "楼院.csv", "--on-conflict", "update")
    assert doubtful.returncode == 1
    assert "与已有数据不符" in doubtful.stderr


def test_a_person_at_a_terminal_is_asked(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "楼院.csv").write_text(HEADING + ROWS, "utf-8")
    refused = at_terminal(["gcj02", "n"], tmp_path)
    assert "经纬度是哪种坐标" in refused
    assert "导入吗" in refused
    assert count(database, registry) == 0
    at_terminal(["nonsense", "gcj02", "y"], tmp_path)
    assert count(database, registry) == 2
    rows = table(registry.layer("courtyards"))
    with database.read() as connection:
        east = connection.scalar(sa.select(sa.func.max(sa.func.st_x(rows.c.geom))))
    assert east == pytest.approx(101.84 - 0.0018, abs=2e-4)


def at_terminal(answers: list[str], folder: Path) -> str:
    """What the terminal shows while a person answers."""
    ours, theirs = pty.openpty()
    runner = "from api.cli import main; main()"
    command = [sys.executable, "-c", runner, "import", "courtyards", "楼院.csv"]
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # how a terminal ends on Linux
            pass
        child.wait(60)
    os.close(ours)
    return shown.decode("utf-8", "replace")


# --- after loading --------------------------------------------------------------------------------
def test_valid_rows_go_in_and_the_rest_waits_in_a_file(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    bad = "丙院,无物业,很多,x,101.85,36.62\n"
    (tmp_path / "楼院.csv").write_text(HEADING + ROWS + bad, "utf-8")
    done = gridfield("import", "courtyards", "楼院.csv", "--accept-valid")
    assert done.returncode == 0
    assert "未导入 1" in done.stdout
    assert "楼院.csv.rest.xlsx" in done.stderr
    assert count(database, registry) == 2
    spared = gridfield("import", "courtyards", "楼院.csv", "--accept-valid")
    assert spared.returncode == 1
    assert "楼院.csv.rest.xlsx" in spared.stderr
    book = openpyxl.load_workbook(tmp_path / "楼院.csv.rest.xlsx")
    book.active["C2"] = 8
    book.save(tmp_path / "改好.xlsx")
    mended = gridfield("import", "courtyards", "改好.xlsx")
    assert mended.returncode == 0
    assert "坐标基准 WGS 84（文件写明）" in mended.stderr
    assert count(database, registry) == 3
    nothing = gridfield(
        "import", "courtyards", "楼院.csv", "--accept-valid", "--rest", "rest.geojson"
    )
    assert nothing.returncode == 1
    assert not (tmp_path / "rest.geojson").exists()


def test_the_report_is_a_file_in_three_forms(gridfield: Run, tmp_path: Path) -> None:
    (tmp_path / "楼院.csv").write_text(HEADING + "甲院,无物业,很多,x,101.83,36.62\n", "utf-8")
    for ending in ("html", "xlsx", "json"):
        name = f"report.{ending}"
        done = gridfield("import", "courtyards", "楼院.csv", "--report", name)
        assert done.returncode == 1
        assert (tmp_path / name).stat().st_size > 0
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert told["findings"][0]["value"] == "很多"
    assert "很多" in (tmp_path / "report.html").read_text("utf-8")


def test_batches_are_listed_shown_and_undone(
    gridfield: Run, database: Database, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "楼院.csv").write_text(HEADING + ROWS, "utf-8")
    assert gridfield("import", "courtyards", "楼院.csv").returncode == 0
    (listed,) = json.loads(gridfield("batch", "list", "--json").stdout)
    assert (listed["number"], listed["file"], listed["new"]) == (1, "楼院.csv", 2)
    content = (tmp_path / "楼院.csv").read_bytes()
    assert listed["sha256"] == hashlib.sha256(content).hexdigest()
    assert json.loads(gridfield("batch", "show", "1", "--json").stdout) == listed
    assert "楼院.csv" in gridfield("batch", "list", "--layer", "courtyards").stdout
    assert "楼院.csv" in gridfield("batch", "show", "1").stdout
    assert json.loads(gridfield("batch", "list", "--layer", "water", "--json").stdout) == []
    undone = gridfield("batch", "undo", "1")
    assert undone.returncode == 0
    assert "去掉新增的 2 个" in undone.stdout
    assert count(database, registry) == 0
    for arguments, code, said in (
        (("undo", "1"), 1, "已经撤销"),
        (("show", "7"), 2, "没有第 7 批"),
        (("list", "--layer", "nobody"), 2, "没有图层"),
    ):
        done = gridfield("batch", *arguments)
        assert (done.returncode, said in done.stderr) == (code, True)


def test_an_undo_that_cannot_be_names_what_has_changed(gridfield: Run, tmp_path: Path) -> None:
    (tmp_path / "楼院.csv").write_text(HEADING + ROWS, "utf-8")
    gridfield("import", "courtyards", "楼院.csv")
    (tmp_path / "楼院.csv").write_text(HEADING + ROWS.replace("120", "121"), "utf-8")
    gridfield("import", "courtyards", "楼院.csv", "--on-conflict", "update")
    done = gridfield("batch", "undo", "1")
    assert done.returncode == 1
    assert "甲院" in done.stderr


@pytest.mark.parametrize("command", ["layers", "import", "export"])
def test_help_has_an_example(gridfield: Run, command: str) -> None:
    done = gridfield(command, "--help")
    assert done.returncode == 0
    assert f"gridfield {command}" in done.stdout
    assert "Example" in done.stdout


# --- for whom -------------------------------------------------------------------------------------
def test_an_export_of_names_is_noted_and_a_public_one_has_none(
    gridfield: Run, database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        features.insert(connection, layer, record(layer, liaison_leader=None), geometry(layer))
    for arguments in ([], ["--profile", "internal"], ["--profile", "public"]):
        done = gridfield("export", layer.name, "units.csv", *arguments)
        assert done.returncode == 0, done.stderr
        heading = Path("units.csv").read_text(encoding="utf-8-sig").splitlines()[0]
        assert ("liaison_leader" in heading) is ("public" not in arguments)
    assert gridfield("export", layer.name, "none.csv", "--bbox", "1,1,2,2").returncode == 0
    assert gridfield("export", "courtyards", "nobody.csv").returncode == 0
    with database.read() as connection:
        lines = connection.execute(
            sa.text("SELECT way, layer, rows, format, account FROM personal_reads")
        ).all()
    assert lines == [("gridfield export", layer.name, 1, "csv", None)] * 2


def test_a_public_file_tells_neither_addresses_nor_exact_places(
    gridfield: Run, database: Database, registry: Registry
) -> None:
    layer = registry.layer("illegal_structures")
    places = [[LON + 0.0003 + 0.0001 * n, LAT + 0.0003 + 0.0001 * n] for n in range(2)]
    with database.begin() as connection:
        for n in range(2):
            features.insert(connection, layer, record(layer, n), shapely.Point(places[n]))
    done = gridfield("export", layer.name, "public.geojson", "--profile", "public")
    assert done.returncode == 0, done.stderr
    found = json.loads(Path("public.geojson").read_text(encoding="utf-8"))["features"]
    assert all("address" not in feature["properties"] for feature in found)
    assert found[0]["properties"]["number"] == record(layer)["number"]
    (one, other) = (feature["geometry"]["coordinates"] for feature in found)
    assert one == other  # nobody can tell which of the two
    assert one not in places
    # Nor by asking for less and less around it, or for what is left out.
    lon, lat = places[0]
    near = f"{lon - 0.00001},{lat - 0.00001},{lon + 0.00001},{lat + 0.00001}"
    public = ("--profile", "public")
    assert gridfield("export", layer.name, "near.csv", *public, "--bbox", near).returncode == 0
    assert len(Path("near.csv").read_text(encoding="utf-8").splitlines()) == 1
    asked = ("--where", "address LIKE '%'")
    assert gridfield("export", layer.name, "asked.csv", *public, *asked).returncode == 2
