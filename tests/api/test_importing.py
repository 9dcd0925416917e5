"""Files into layers: the dialogue as a browser without scripts leads it, and one call."""

import csv
import io
import json
import os
import stat
import time
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from pyproj import Geod
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.uploads import drafts
from gis import streams
from gis.datum import Datum, convert
from gis.postgis import Database
from layers.arriving import importing
from layers.reading.features import insert
from layers.registry import Registry
from tests import raw_files as make_traps
from tests.api.conftest import BASE
from tests.api.import_form import PAGE, bring, opened
from tests.api.test_editing import feature
from tests.api.test_hostile import CORPUS
from tests.factories import grid_code, record
from tests.layers import fields

CASES = "/collections/illegal_structures/items"
SURVEYED = "编号,状态,lon_wgs84,lat_wgs84\nA1,已拆除,101.82,36.62\nA2,线索登记,101.83,36.62\n"
UNSAID = SURVEYED.replace("_wgs84", "")
ONE_BAD = SURVEYED + "A3,不知道,101.84,36.62\n"
COURTYARD = "名称,管理方式,lon_wgs84,lat_wgs84\n一号院,无物业,101.8,36.6\n"
GEOD = Geod(ellps="WGS84")


def stored(client: TestClient, layer: str = "illegal_structures") -> list[dict[str, Any]]:
    found = client.get(f"/collections/{layer}/items?limit=1000").json()
    features: list[dict[str, Any]] = found["features"]
    return features


def packed(*paths: Path) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    return content.getvalue()


def shapefile(path: Path) -> bytes:
    return packed(*(part for part in sorted(path.parent.iterdir()) if part.stem == path.stem))


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


# --- one call for programs ------------------------------------------------------------------------
def test_an_import_is_all_or_nothing(client: TestClient, registry: Registry) -> None:
    layer = registry.layer("illegal_structures")
    good, bad = feature(layer), feature(layer, 1, storeys="many")
    content = json.dumps({"type": "FeatureCollection", "features": [good, bad]})
    refused = client.post(
        "/collections/illegal_structures/import", files={"file": ("案件.geojson", content)}
    )
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    (finding,) = refused.json()["findings"]
    assert (finding["row"], finding["column"], finding["rule"]) == (2, "storeys", "value-type")
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 0


def test_an_import_takes_its_options(client: TestClient, registry: Registry) -> None:
    address = "/collections/illegal_structures/import"
    csv = "no,状态,lon,lat\nA1,已拆除,101.82,36.62\nA2,线索登记,101.83,36.62\n"
    files = {"file": ("a.csv", csv)}
    options: dict[str, Any] = {"map": ["number=no", "status=状态"]}
    tried = client.post(address, files=files, data=options | {"dry_run": "true"})
    assert tried.status_code == 200, tried.text
    assert (tried.json()["new"], tried.json()["dry_run"]) == (2, True)
    assert client.post(address, files=files, data=options).json()["new"] == 2
    again = client.post(address, files=files, data=options)
    assert again.status_code == 422
    assert {f["rule"] for f in again.json()["findings"]} == {"value-exists"}
    skipped = client.post(address, files=files, data=options | {"on_conflict": "skip"})
    assert (skipped.json()["new"], skipped.json()["skipped"]) == (0, 2)
    updated = client.post(address, files=files, data=options | {"on_conflict": "update"})
    assert (updated.json()["updated"], updated.json()["unchanged"]) == (0, 2)
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 2


def test_a_large_file_is_loaded_in_pieces(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LARGE_BYTES", 10)
    monkeypatch.setattr(importing, "load", None)
    address = "/collections/illegal_structures/import"
    done = client.post(address, files={"file": ("a.csv", SURVEYED)})
    assert (done.json()["new"], done.json()["batch"]) == (2, 1), done.text
    refused = client.post(address, files={"file": ("a.csv", ONE_BAD)})
    assert refused.status_code == 422
    assert {f["rule"] for f in refused.json()["findings"]} == {"value-exists", "value-choice"}
    assert len(stored(client)) == 2


@pytest.mark.parametrize(
    ("files", "data", "status"),
    [
        ({}, {}, 400),
        ({"file": ("a.exe", b"MZ")}, {}, 400),
        ({"file": ("", b"x")}, {}, 400),
        ({"file": ("a.geojson", b"")}, {}, 422),
        ({"file": ("a.geojson", b"{")}, {}, 422),
        ({"file": ("a.zip", b"PK\x03\x04")}, {}, 422),
        ({"file": ("a.gpkg", b"SQLite format 3\0" * 9)}, {}, 422),
        ({"file": ("a.csv", b"\xff\xfe\0\0")}, {}, 422),
        ({"file": ("../../etc/passwd.csv", b"a,b\n1,2\n")}, {}, 422),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"map": "x"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"map": "x=y"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"map": "use=y"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"crs": "x"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"on_conflict": "x"}, 400),
        ({"file": ("a.csv", b"number,status,lon,lat\n1,closed,1,2\n")}, {"dry_run": "x"}, 400),
    ],
)
def test_an_import_that_is_none_is_refused(
    client: TestClient, files: Any, data: dict[str, str], status: int
) -> None:
    response = client.post("/collections/illegal_structures/import", files=files, data=data)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert client.get("/collections/illegal_structures/items").json()["numberMatched"] == 0


def test_a_form_that_is_broken_is_refused(client: TestClient) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
        response = client.post(
            "/collections/water/import", content=b"--y\r\nno form", headers={"content-type": kind}
        )
        assert response.status_code == 400


def test_a_program_is_told_what_was_believed_and_what_was_done(client: TestClient) -> None:
    address = "/collections/illegal_structures/import"
    report = client.post(address, files={"file": ("a.csv", UNSAID)}).json()
    figures = ("rows", "new", "updated", "unchanged", "skipped", "refused", "deleted", "batch")
    assert [report[name] for name in figures] == [2, 2, 0, 0, 0, 0, 0, 1]
    assert (report["belief"]["datum"], report["belief"]["datum_basis"]) == ("wgs84", "assumed")
    assert "datum-unsaid" in {note["rule"] for note in report["notes"]}


def test_a_program_says_the_datum_and_loads_what_is_valid(client: TestClient) -> None:
    address = "/collections/illegal_structures/import"
    files = {"file": ("a.csv", ONE_BAD.replace("_wgs84", ""))}
    refused = client.post(address, files=files, data={"datum": "gcj02"})
    (finding,) = refused.json()["findings"]
    assert (refused.status_code, finding["row"], finding["value"]) == (422, 3, "不知道")
    assert finding["suggestion"]
    assert finding["geometry"]["type"] == "Point"
    data = {"datum": "gcj02", "accept_valid": "true"}
    report = client.post(address, files=files, data=data).json()
    assert (report["new"], report["refused"]) == (2, 1)
    lon, lat = stored(client)[0]["geometry"]["coordinates"]
    assert GEOD.inv(lon, lat, 101.82, 36.62)[2] == pytest.approx(163, abs=15)


# --- the dialogue -----------------------------------------------------------------------------
def test_a_file_is_shown_first_and_loaded_only_when_a_person_says_so(client: TestClient) -> None:
    form = client.get("/import", headers=PAGE)
    assert {"layer", "file"} <= {part.split('"')[0] for part in form.text.split('name="')[1:]}
    page = bring(client, "illegal_structures", "案件.csv", SURVEYED)
    assert "案件.csv → 违法建设 · 读到 2 行" in page.read
    assert "2 新增" in page.read
    assert "没有发现问题" in page.read
    assert stored(client) == []
    done = page.press("全部导入")
    assert "第 1 批 已导入" in done.read
    assert [f["properties"]["number"] for f in stored(client)] == ["A1", "A2"]


ADDRESSES = (
    "编号,类别,描述,状态,发现时间,点位,网格\n"
    f"台-1,暴露垃圾,门前堆物,已交办,2017年3月6日,互助中路18号门前,{grid_code(1)}\n"
    "台-2,暴露垃圾,楼道堆物,已交办,2017年3月7日,互助中路20号,\n"
)


def test_a_ledger_of_addresses_lies_in_its_fields_and_leaves_the_rest(
    client: TestClient, database: Database, registry: Registry
) -> None:
    with database.begin() as connection:
        fields.division(connection, registry, fields.plot(0, 0, 4, 4), grid_code(1)[:12])
        layer = registry.layer("grid_fields")
        values = record(layer, 1, code=grid_code(1), division=grid_code(1)[:12])
        insert(connection, layer, values, fields.plot(0, 0, 2, 4))
    page = bring(client, "sites", "台账.csv", ADDRESSES)
    assert "1 行放在网格代表点" in page.read
    assert "没有坐标，也没有说明所属网格或社区" in page.read
    assert not page.values("datum") or page.values("datum") == [""]
    done = page.press("导入没有问题的 1 行")
    assert "1 被拒" in done.read
    (found,) = stored(client, "sites")
    assert (found["properties"]["placed_by"], found["properties"]["field"]) == (
        "field", grid_code(1),
    )  # fmt: skip
    token = page.address.rpartition("/")[2]
    left = client.get(f"/import/drafts/{token}/rest?f=csv").text
    assert "台-2" in left
    assert "互助中路20号" in left
    assert "也没有说明所属网格" in left
    heading, row, *_ = csv.reader(io.StringIO(left.removeprefix("\ufeff")))
    row[heading.index("网格")] = grid_code(1)
    mended = ",".join(heading) + "\n" + ",".join(row) + "\n"
    again = bring(client, "sites", "补.csv", mended)
    assert "1 新增" in again.read


def test_the_second_of_two_clicks_loads_nothing_again(client: TestClient) -> None:
    page = bring(client, "courtyards", "a.csv", COURTYARD)
    first = page.press("全部导入")
    second = page.press("全部导入")
    assert "第 1 批" in first.read
    assert "第 1 批" in second.read
    assert len(stored(client, "courtyards")) == 1
    again = opened(client, client.get(page.address, headers=PAGE))
    assert "第 1 批" in again.read


def test_what_is_loaded_is_what_was_on_the_page(client: TestClient) -> None:
    page = bring(client, "illegal_structures", "a.csv", UNSAID).open(datum="wgs84")
    moved = page.press("全部导入", datum="gcj02")
    assert "您改过上面的选择" in moved.read
    assert moved.values("datum") == ["gcj02"]
    assert stored(client) == []
    assert "第 1 批" in moved.press("全部导入").read


def test_an_open_datum_is_asked_for_and_every_candidate_is_drawn(client: TestClient) -> None:
    page = bring(client, "illegal_structures", "a.csv", UNSAID)
    assert "这些经纬度是从哪里来的？" in page.read
    assert page.values("datum") == []
    assert "先回答经纬度从哪里来" in page.read
    assert not page.enabled("全部导入")
    (frame,) = page.frames
    drawn = client.get(frame, headers=PAGE)
    assert drawn.status_code == 200
    for datum in Datum:
        assert f"candidate={datum.value}" in drawn.text.replace("\\u0026", "&")
        features = client.get(f"{page.address}/features?candidate={datum.value}").json()["features"]
        lon, lat = features[0]["geometry"]["coordinates"]
        assert (features[0]["properties"]["class"], features[0]["properties"]["row"]) == ("row", 1)
        true_lon, true_lat = convert([101.82], [36.62], datum, Datum.WGS84)
        assert GEOD.inv(lon, lat, true_lon[0], true_lat[0])[2] < 0.02  # seven decimals
    refused = client.post(page.address, data={}, headers=PAGE)
    assert refused.status_code == 422
    assert "没有导入" in opened(client, refused).read
    assert stored(client) == []


def test_a_gcj02_file_lands_where_it_truly_is(client: TestClient, database: Database) -> None:
    lon, lat = convert([101.8012345], [36.6098765], Datum.WGS84, Datum.GCJ02)
    csv = f"编号,状态,经度,纬度\nA1,已拆除,{lon[0]!r},{lat[0]!r}\n".replace("np.float64", "")
    page = bring(client, "illegal_structures", "手机.csv", csv.replace("(", "").replace(")", ""))
    page.open(datum="gcj02").press("全部导入")
    with database.read() as connection:
        x, y = connection.exec_driver_sql(
            "SELECT ST_X(geom), ST_Y(geom) FROM illegal_structures"
        ).one()
    assert GEOD.inv(x, y, 101.8012345, 36.6098765)[2] < 1e-6


def test_control_points_answer_for_the_datum(client: TestClient) -> None:
    bring(client, "illegal_structures", "a.csv", SURVEYED).press("全部导入")
    again = bring(client, "illegal_structures", "b.csv", UNSAID)
    assert again.values("datum") == ["wgs84"]
    assert "已有的要素证明了这一点" in again.read
    lon, lat = convert([101.82, 101.83], [36.62, 36.62], Datum.WGS84, Datum.GCJ02)
    moved = f"编号,状态,lon,lat\nA1,已拆除,{lon[0]},{lat[0]}\nA2,线索登记,{lon[1]},{lat[1]}\n"
    doubtful = bring(client, "illegal_structures", "c.csv", moved)
    assert doubtful.values("datum") == []
    assert not doubtful.enabled("全部导入")
    right = doubtful.open(datum="gcj02")
    assert "2 没有变化" in right.read or "2 更新" in right.read


def test_a_gbk_shapefile_without_cpg_is_read_and_may_be_read_otherwise(
    client: TestClient, tmp_path: Path
) -> None:
    fields = [("编号".encode("gbk"), 20), ("状态".encode("gbk"), 20), ("地址".encode("gbk"), 40)]
    row = [text.encode("gbk") for text in ("违建001", "已拆除", "站西社区第一网格")]
    path = make_traps.shapefile(tmp_path / "案件.shp", fields=fields, rows=[row])
    page = bring(client, "illegal_structures", "案件.zip", shapefile(path))
    assert "站西社区第一网格" in page.read
    assert "GB18030" in page.read
    garbled = page.open(encoding="big5")
    assert "站西社区第一网格" not in garbled.read
    assert "站西社区第一网格" in garbled.open(encoding="", datum="wgs84").press(
        "全部导入"
    ).read or (stored(client)[0]["properties"]["address"] == "站西社区第一网格")


def test_coordinates_without_a_crs_are_guessed_and_asked_for(
    client: TestClient, tmp_path: Path
) -> None:
    records = [make_traps.point(*make_traps.PLACE_4522)]
    fields, row = [(b"number", 9), (b"status", 20)], [b"A1", b"demolished"]
    path = make_traps.shapefile(tmp_path / "gk.shp", records=records, fields=fields, rows=[row])
    page = bring(client, "illegal_structures", "gk.zip", shapefile(path))
    assert page.status == 200
    assert "这些坐标是哪一种？" in page.read
    assert "（EPSG:4522）" in page.read
    assert "把握" in page.read
    assert not page.enabled("全部导入")
    chosen = page.open(crs="EPSG:4522")
    assert "1 新增" in chosen.read
    assert "这些经纬度是从哪里来的？" not in chosen.read
    assert page.open(epsg="４５２２").values("crs") == ["EPSG:4522"]
    chosen.press("全部导入")
    lon, lat = stored(client)[0]["geometry"]["coordinates"]
    assert GEOD.inv(lon, lat, *make_traps.PLACE)[2] < 0.02


def test_a_ledger_with_two_sheets_asks_which(client: TestClient) -> None:
    heading: list[object] = ["编号", "状态", "lon_wgs84", "lat_wgs84"]
    content = workbook(
        {
            "一季度": [heading, ["A1", "已拆除", 101.82, 36.62]],
            "二季度": [["违法建设台账"], heading, ["B1", "已拆除", 101.83, 36.62]],
        }
    )
    page = bring(client, "illegal_structures", "台账.xlsx", content)
    assert page.status == 200
    assert "一季度" in page.read
    assert not page.enabled("全部导入")
    second = page.open(part="二季度")
    assert "B1" in second.read
    assert "第 2 行" in second.read
    assert second.press("全部导入").status == 200
    assert [f["properties"]["number"] for f in stored(client)] == ["B1"]


def test_a_required_column_that_is_missing_is_asked_for(client: TestClient) -> None:
    odd = SURVEYED.replace("状态", "办理情况")
    page = bring(client, "illegal_structures", "a.csv", odd)
    assert page.status == 200
    assert "有必填的字段没有找到对应的列：状态。" in page.read
    assert not page.enabled("全部导入")
    matched = page.open(map=["status=办理情况"])
    assert "2 新增" in matched.read
    matched.press("全部导入")
    assert stored(client)[0]["properties"]["status"] == "demolished"


def test_a_field_may_be_left_out_although_its_column_is_there(client: TestClient) -> None:
    csv = SURVEYED.replace("\n", ",x\n").replace("lat_wgs84,x", "lat_wgs84,地址")
    page = bring(client, "illegal_structures", "a.csv", csv)
    page.open(map=["address="]).press("全部导入")
    assert stored(client)[0]["properties"]["address"] is None


def test_refused_rows_are_shown_left_out_mended_and_brought_again(client: TestClient) -> None:
    page = bring(client, "illegal_structures", "a.csv", ONE_BAD)
    assert "有 1 行有问题" in page.read
    assert not page.enabled("全部导入")
    assert '<td class="cell-bad">' in page.html
    for form, kind in {"html": "text/html", "xlsx": "spreadsheetml", "json": "json"}.items():
        report = client.get(f"{page.address}/report?f={form}")
        assert report.status_code == 200
        assert kind in report.headers["content-type"]
        assert "attachment" in report.headers["content-disposition"]
    done = page.press("导入没有问题的 2 行")
    assert "1 被拒" in done.read
    assert len(stored(client)) == 2
    token = page.address.rpartition("/")[2]
    assert f"/import/drafts/{token}/rest?f=xlsx" in done.html
    rest = client.get(f"/import/drafts/{token}/rest?f=xlsx")
    sheet = load_workbook(BytesIO(rest.content)).active
    heading = [cell.value for cell in sheet[1]]
    sheet.cell(2, heading.index("状态") + 1).value = "已拆除"
    mended = BytesIO()
    sheet.parent.save(mended)
    again = bring(client, "illegal_structures", "补.xlsx", mended.getvalue())
    assert "1 新增" in again.read
    again.press("全部导入")
    assert len(stored(client)) == 3


def test_bringing_a_file_again_shows_what_is_new_changed_unchanged_and_gone(
    client: TestClient,
) -> None:
    three = SURVEYED + "A3,已拆除,101.84,36.62\n"
    bring(client, "illegal_structures", "a.csv", three).press("全部导入")
    newer = SURVEYED.replace("101.83", "101.835") + "A4,已拆除,101.85,36.62\n"
    page = bring(client, "illegal_structures", "b.csv", newer)
    assert "1 新增 1 更新 1 没有变化" in page.read
    assert "系统里有、文件里没有的（1）" in page.read
    classes = {
        f["properties"]["title"]: f["properties"]["class"]
        for f in client.get(f"{page.address}/features").json()["features"]
    }
    assert classes == {"A1": "unchanged", "A2": "changed", "A4": "new"}
    page.open(gone="delete").press("全部导入")
    assert [f["properties"]["number"] for f in stored(client)] == ["A1", "A2", "A4"]


def test_two_drafts_at_once_know_nothing_of_each_other(client: TestClient) -> None:
    one = bring(client, "illegal_structures", "a.csv", UNSAID)
    other = bring(client, "courtyards", "b.csv", COURTYARD)
    assert one.address != other.address
    assert "a.csv" in one.open(datum="bd09").read
    other.press("全部导入")
    assert one.open().values("datum") == []
    assert stored(client) == []


# --- tokens and what lies under them ------------------------------------------------------------
@pytest.mark.parametrize("token", ["x", "%2e%2e%2f", "a" * 43, "é", "A" * 5000])
def test_a_token_of_nobody_is_not_found(client: TestClient, token: str) -> None:
    for path in ("", "/map", "/features", "/report", "/rest"):
        response = client.get(f"/import/drafts/{token}{path}", headers=PAGE)
        assert response.status_code == 404
    assert client.post(f"/import/drafts/{token}", data={}).status_code == 404


def test_an_upload_lies_in_a_private_folder_and_goes_after_a_day(
    client: TestClient, settings: Settings
) -> None:
    page = bring(client, "illegal_structures", "../../etc/x.csv", SURVEYED)
    folder = settings.home / "uploads" / page.address.rpartition("/")[2]
    assert (
        stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    )
    assert {"file", "draft.json"} <= {path.name for path in folder.iterdir()}
    assert "x.csv" in page.read
    assert "etc" not in page.read
    old = time.time() - drafts.LIFE_S - 60
    os.utime(folder / "file", (old, old))
    assert client.get(page.address, headers=PAGE).status_code == 404
    bring(client, "illegal_structures", "b.csv", SURVEYED)
    assert not folder.exists()


def test_a_load_leaves_nothing_of_the_file(client: TestClient, settings: Settings) -> None:
    page = bring(client, "illegal_structures", "a.csv", SURVEYED)
    folder = settings.home / "uploads" / page.address.rpartition("/")[2]
    page.press("全部导入")
    assert not (folder / "file").exists()
    discarded = bring(client, "illegal_structures", "a.csv", UNSAID)
    client.post(f"{discarded.address}/discard")
    assert not (settings.home / "uploads" / discarded.address.rpartition("/")[2]).exists()


def test_uploads_together_are_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    kept = drafts.Drafts(tmp_path / "uploads", room=2500, account=1)
    staged = [kept.stage(BytesIO(b"x" * 1000), layer="a", name=f"{n}.csv") for n in range(2)]
    os.utime(staged[0].file, (time.time() - 60,) * 2)
    newest = kept.stage(BytesIO(b"x" * 1000), layer="a", name="2.csv")
    assert not staged[0].folder.exists()
    assert kept.find(newest.token).name == "2.csv"


def test_another_process_finds_the_draft(
    client: TestClient, settings: Settings, database: Database, registry: Registry
) -> None:
    page = bring(client, "illegal_structures", "a.csv", SURVEYED)
    app, mine = create_app(settings, database=database, registry=registry), client.headers
    with TestClient(app, BASE, headers={"authorization": mine["authorization"]}) as other:
        found = opened(other, other.get(page.address, headers=PAGE))
        assert "第 1 批" in found.press("全部导入").read


# --- loads ------------------------------------------------------------------------------------
def test_loads_are_listed_and_undone(client: TestClient) -> None:
    assert "还没有导入过" in opened(client, client.get("/import/batches", headers=PAGE)).read
    bring(client, "illegal_structures", "一.csv", SURVEYED).press("全部导入")
    more = SURVEYED.replace("A1", "B1").replace("A2", "B2")
    bring(client, "illegal_structures", "二.csv", more).press("全部导入")
    listed = client.get("/import/batches").json()
    assert [batch["number"] for batch in listed["batches"]] == [2, 1]
    assert len(listed["batches"][0]["sha256"]) == 64
    assert client.get("/import/batches?layer=courtyards").json()["batches"] == []
    assert client.get("/import/batches?layer=none").status_code == 404
    assert "二.csv" in opened(client, client.get("/import/batches", headers=PAGE)).read
    undone = opened(client, client.post("/import/batches/2/undo", headers=PAGE))
    assert "第 2 批 已撤销" in undone.read
    assert [f["properties"]["number"] for f in stored(client)] == ["A1", "A2"]
    assert client.get("/import/batches/2").json()["undone_at"]
    twice = client.post("/import/batches/2/undo", headers=PAGE)
    assert (twice.status_code, "已经撤销过" in twice.text) == (409, True)
    program = client.post("/import/batches/2/undo")
    assert program.headers["content-type"] == "application/problem+json"


def test_an_undo_that_would_lose_later_work_is_refused_on_the_page(client: TestClient) -> None:
    bring(client, "illegal_structures", "一.csv", SURVEYED).press("全部导入")
    found = stored(client)[0]
    client.patch(
        f"{CASES}/{found['id']}",
        content=json.dumps({"properties": {"address": "改过"}}),
        headers={"content-type": "application/merge-patch+json"},
    )
    refused = client.post("/import/batches/1/undo", headers=PAGE)
    assert refused.status_code == 409
    page = opened(client, refused)
    assert "没有撤销" in page.read
    assert "A1" in page.read
    assert len(stored(client)) == 2


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", "9" * 30, "１"])
def test_a_load_of_no_number_is_not_found(client: TestClient, number: str) -> None:
    assert client.get(f"/import/batches/{number}").status_code == 404
    assert client.post(f"/import/batches/{number}/undo").status_code == 404


# --- hostile ----------------------------------------------------------------------------------
def test_hostile_words_in_a_file_are_text(client: TestClient) -> None:
    bad = "<script>{{7*7}}</script>"
    csv = f"编号,状态,{bad},lon_wgs84,lat_wgs84\n{bad},{bad},{bad},101.82,36.62\n"
    page = bring(client, "illegal_structures", f"{bad}.csv", csv)
    assert page.status == 200
    assert "<script>{{" not in page.html
    assert bad in page.read
    frame = client.get(page.frames[0], headers=PAGE)
    assert "<script>{{" not in frame.text
    lost = client.post("/import", files={"file": ("a.csv", "x")}, data={"layer": bad}, headers=PAGE)
    assert lost.status_code == 404
    assert "<script>{{" not in lost.text


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.exe", b"MZ", 400), ("", b"x", 400), ("a.csv", b"", 200), ("a.zip", b"PK\x03\x04", 200)],
)
def test_a_file_that_is_none_is_refused_or_asked_about(
    client: TestClient, name: str, content: bytes, status: int
) -> None:
    files = {"file": (name, content)}
    response = client.post(
        "/import", files=files, data={"layer": "illegal_structures"}, headers=PAGE
    )
    assert response.status_code == status, response.text
    if status == 200:
        assert not opened(client, response).enabled("全部导入")


@pytest.mark.parametrize(
    "query",
    [
        "crs=x",
        "crs=99999",
        "encoding=x",
        "heading=0",
        "heading=x",
        "part=x",
        "transform=x",
        "map=x",
    ],
)
def test_an_answer_that_cannot_be_is_a_question_again(client: TestClient, query: str) -> None:
    page = bring(client, "illegal_structures", "a.csv", SURVEYED)
    response = client.get(f"{page.address}?{query}", headers=PAGE)
    assert response.status_code == 200
    assert "全部导入" in response.text or "先要弄清" in response.text
    assert client.get(f"{page.address}?datum=x", headers=PAGE).status_code == 400


ANSWERS = ("crs", "epsg", "encoding", "datum", "heading", "part", "transform", "map", "gone")


@pytest.mark.parametrize("name", [*ANSWERS, "on_conflict", "accept_valid", "number", "changed"])
def test_no_answer_is_an_error_of_ours(client: TestClient, name: str) -> None:
    page = bring(client, "illegal_structures", "a.csv", SURVEYED)
    for value in CORPUS:
        shown = client.get(page.address, params={name: value}, headers=PAGE)
        assert shown.status_code in (200, 400), value
        posted = client.post(
            f"{page.address}?seen=x", data={name: value}, headers=PAGE, follow_redirects=False
        )
        assert posted.status_code in (303, 400, 422), value
    assert stored(client) == []


def test_many_rows_are_drawn_as_far_as_a_map_can_show(client: TestClient) -> None:
    lines = "\n".join(f"N{n},已拆除,{101.7 + n * 1e-5:.5f},36.62" for n in range(5200))
    page = bring(
        client, "illegal_structures", "a.csv", f"编号,状态,lon_wgs84,lat_wgs84\n{lines}\nX,?,1,1\n"
    )
    assert "地图上只画 5,000 个" in page.read
    drawn = client.get(f"{page.address}/features").json()["features"]
    assert len(drawn) == 5000
    assert drawn[0]["properties"]["class"] == "refused"
    assert np.isfinite([f["geometry"]["coordinates"] for f in drawn]).all()
