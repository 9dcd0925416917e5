"""The report of a period: each figure is a sum over records, and all forms tell the same."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docx
import openpyxl
import pytest
from starlette.testclient import TestClient

from layers.declaring.people import Role
from layers.reporting.report import written
from layers.reporting.sections import DECLARED
from tests.api.report_forms import (
    page_cells,
    page_figures,
    paper_cells,
    paper_figures,
    query,
    sheet_cells,
    sheet_figures,
    total,
)
from tests.people import bearer

CAMPAIGN = "2017-01-01/2017-07-20"
COMMUNITY = "630102007001"
Report = dict[str, Any]


@pytest.fixture(scope="module")
def report(reader: TestClient) -> Report:
    answer = reader.get(f"/reports/{CAMPAIGN}", params={"f": "json", "lang": "zh"})
    assert answer.status_code == 200, answer.text
    found: Report = answer.json()
    return found


def values(report: Report) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every value with a name of where it stands."""
    for section in report["sections"]:
        for figure in section["figures"]:
            name = f"{section['name']}.{figure['name']}"
            yield name, figure
            yield name, figure["year_to_date"]
            yield name, figure["year_before"]
        for table in section["tables"]:
            for row in (*table["rows"], *([table["total"]] if table["total"] else [])):
                for column, value in zip(table["columns"], row["values"], strict=True):
                    yield f"{section['name']}.{column['name']}", value


def summed_fields() -> Mapping[str, str | None]:
    """By section and figure, the field that it sums; None where it counts."""
    return {f"{s.name}.{f.name}": f.field for s in DECLARED for f in s.figures}


# --- what it sums ---------------------------------------------------------------------------------
def test_every_figure_is_the_sum_of_the_records_that_it_leads_to(
    reader: TestClient, report: Report
) -> None:
    fields, known, followed = summed_fields(), dict[str, float](), 0
    for name, value in values(report):
        address = value["records"]
        if address is None or not address.startswith("/collections/") or name not in fields:
            continue  # nothing to lead to, or a rate of records that are counted elsewhere
        key = f"{name} {address}"
        if key not in known:
            known[key] = total(reader, address, fields[name])
        assert known[key] == pytest.approx(value["value"], abs=0.005), (name, address)
        followed += 1
    assert followed > 300


def test_what_is_no_column_leads_to_its_records_too(reader: TestClient, report: Report) -> None:
    (liaison,) = (each for each in report["sections"] if each["name"] == "liaison")
    figures = {each["name"]: each for each in liaison["figures"]}
    duties = reader.get(figures["leaders"]["records"], headers={"accept": "application/json"})
    people = {duty["person"]["id"] for duty in duties.json()["duties"]}
    assert len(people) == figures["leaders"]["value"]
    units = reader.get(figures["linked"]["records"]).json()["duties"]
    assert len(units) == figures["linked"]["value"]
    coverage = reader.get(figures["without_roads"]["records"]).json()
    told = {each["name"]: each["value"] for each in coverage["figures"]}
    for name in ("units", "roads", "courtyards"):
        assert told[name] == pytest.approx(figures[f"without_{name}"]["value"], abs=0.01)
    in_range = [p for p in coverage["people"] if p["is_liaison"] and 1 <= p["units"] <= 2]
    assert len(in_range) == figures["in_range"]["value"]
    (table,) = liaison["tables"]
    for row in table["rows"]:
        assert (
            len(reader.get(row["values"][0]["records"]).json()["duties"])
            == row["values"][0]["value"]
        )


def test_patrols_are_sums_of_roads_where_they_are_switched_on(
    reader: TestClient, report: Report
) -> None:
    (patrols,) = (each for each in report["sections"] if each["name"] == "patrols")
    figures = {each["name"]: each["value"] for each in patrols["figures"]}
    (roads,) = (each for each in patrols["figures"] if each["name"] == "roads")
    found = reader.get(roads["records"], headers={"accept": "application/json"})
    assert found.status_code == 200, found.text
    assert len(found.json()["roads"]) == figures["roads"] > 0


def test_tables_by_value_add_up_to_the_figure(report: Report) -> None:
    for section in report["sections"]:
        figures = {each["name"]: each["value"] for each in section["figures"]}
        for table in section["tables"]:
            if table["total"] is None or table["name"] == "by_division":
                continue
            for n, column in enumerate(table["columns"]):
                if column["unit"] == "%":
                    continue
                added = sum(row["values"][n]["value"] for row in table["rows"])
                assert added == pytest.approx(figures[column["name"]]), (section, table["name"])


def test_rates_are_of_what_was_due(report: Report) -> None:
    (cases,) = (each for each in report["sections"] if each["name"] == "cases")
    told = {each["name"]: each["value"] for each in cases["figures"]}
    assert told["due"] > 0
    assert told["in_time"] <= told["closed"] <= told["due"]
    assert told["closed_rate"] == round(100 * told["closed"] / told["due"], 2)
    assert told["in_time_rate"] == round(100 * told["in_time"] / told["due"], 2)


# --- every form -----------------------------------------------------------------------------------
def test_workbook_paper_and_page_carry_the_same_numbers(reader: TestClient, report: Report) -> None:
    shown = {written(value["value"]) for _, value in values(report)}
    content = {
        form: reader.get(f"/reports/{CAMPAIGN}", params={"f": form, "lang": "zh"})
        for form in ("xlsx", "docx", "html")
    }
    for form, cells in (
        ("xlsx", sheet_cells(content["xlsx"].content)),
        ("docx", paper_cells(content["docx"].content)),
        ("html", page_cells(content["html"].text)),
    ):
        assert not shown - cells, (form, shown - cells)
    figures = [
        [each["label"], each["unit"], *(written(v["value"]) for v in
         (each, each["year_to_date"], each["year_before"]))]
        for section in report["sections"] for each in section["figures"]
    ]  # fmt: skip
    assert sheet_figures(content["xlsx"].content) == figures
    assert paper_figures(content["docx"].content) == figures
    assert page_figures(content["html"].text) == figures


def test_links_of_the_workbook_lead_to_the_service(reader: TestClient, report: Report) -> None:
    content = reader.get(f"/reports/{CAMPAIGN}", params={"f": "xlsx"}).content
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    links = [cell.hyperlink.target for row in page for cell in row if cell.hyperlink]
    assert links
    assert all(link.startswith("http://127.0.0.1/") for link in links)


def test_a_form_that_an_accept_header_asks_for(reader: TestClient) -> None:
    for accept, media_type in (
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "wordprocess"),
    ):
        answer = reader.get("/reports/2017-07", headers={"accept": accept})
        assert media_type in answer.headers["content-type"]


def test_the_paper_is_laid_out_as_official_papers_are(reader: TestClient) -> None:
    content = reader.get("/reports/2017-07", params={"f": "docx", "lang": "zh"}).content
    found = docx.Document(io.BytesIO(content))
    texts = [paragraph.text for paragraph in found.paragraphs]
    assert texts[0].endswith("网格责任田工作情况报告\n（2017年7月）")
    assert texts[1] == "各有关单位："
    assert re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", texts[-1])
    headings = [p.text for p in found.paragraphs if p.style.name == "Heading 1"]
    assert [text.partition("、")[0] for text in headings[:3]] == ["一", "二", "三"]
    subheads = [p.text for p in found.paragraphs if p.style.name == "Heading 2"]
    assert subheads[0].startswith("（一）")
    (section,) = found.sections
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides if side is not None] == [37, 35, 28, 26]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body, fonts = (
            archive.read(f"word/{name}.xml").decode() for name in ("document", "fontTable")
        )
        footers = "".join(archive.read(n).decode() for n in archive.namelist() if "footer" in n)
    assert body.count("<w:tblHeader/>") == len(found.tables)
    assert footers.count('w:instr="PAGE"') == 2
    for font in ("方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"):
        assert f'w:name="{font}"' in fonts


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_an_office_program_opens_it(reader: TestClient, tmp_path: Path, form: str) -> None:
    office = shutil.which("soffice")
    assert office, "LibreOffice is missing: scripts/setup --with-tests installs it"
    file = tmp_path / f"report.{form}"
    file.write_bytes(reader.get(f"/reports/{CAMPAIGN}", params={"f": form, "lang": "zh"}).content)
    filters = {
        "docx": "txt:Text (encoded):UTF8",
        "xlsx": "csv:Text - txt - csv (StarCalc):44,34,76",
    }
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    subprocess.run(
        [office, "--headless", home, "--convert-to", filters[form], "--outdir", tmp_path, file],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = (tmp_path / f"report.{filters[form][:3]}").read_text("utf-8")
    assert "林家崖街道网格责任田工作情况报告" in text
    assert "拆除面积" in text


# --- who, where and when --------------------------------------------------------------------------
def test_a_division_has_its_own_report(reader: TestClient) -> None:
    asked = {"f": "json", "division": COMMUNITY}
    found = reader.get(f"/reports/{CAMPAIGN}", params=asked).json()
    assert found["division"] == {"code": COMMUNITY, "name": "蓝天社区"}
    for name, value in values(found):
        if value["records"] and value["records"].startswith("/collections/"):
            assert query(value["records"])["place"] == COMMUNITY, name


def test_names_are_masked_for_who_may_not_know_them(reader: TestClient, report: Report) -> None:
    database = reader.app.state.context.database  # type: ignore[attr-defined]
    known = names(report)
    assert known
    assert not any("*" in name for name in known)
    headers = bearer(database, Role.VIEWER)
    found = reader.get(f"/reports/{CAMPAIGN}", params={"f": "json", "lang": "zh"}, headers=headers)
    assert len(names(found.json())) == len(known)
    for form in ("json", "html", "xlsx", "docx"):
        answer = reader.get(f"/reports/{CAMPAIGN}", params={"f": form}, headers=headers)
        text = answer.text if form in ("json", "html") else unzipped(answer.content)
        assert not [name for name in known if name in text], form


def names(report: Report) -> list[str]:
    (liaison,) = (each for each in report["sections"] if each["name"] == "liaison")
    return [row["title"] for table in liaison["tables"] for row in table["rows"]]


def unzipped(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.parametrize("named", ["2017-13", "nothing", "2017-07-20/2017-07-01", "2017/07"])
def test_what_is_no_period_is_refused(reader: TestClient, named: str) -> None:
    answer = reader.get(f"/reports/{named}", params={"f": "json"})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("bad-period")


def test_an_unknown_division_is_refused(reader: TestClient) -> None:
    answer = reader.get("/reports/2017", params={"f": "json", "division": "110101001001"})
    assert answer.status_code == 404


def test_a_period_without_records_is_a_report_all_the_same(reader: TestClient) -> None:
    for form in ("json", "html", "xlsx", "docx"):
        assert reader.get("/reports/1950-02", params={"f": form}).status_code == 200


def test_the_page_to_choose_leads_to_the_report(reader: TestClient) -> None:
    for asked, address in (
        ({"year": "2017", "part": "07", "division": COMMUNITY}, "2017-07"),
        ({"year": "2017", "part": "Q3"}, "2017-Q3"),
        ({"year": "2017", "part": ""}, "2017"),
        ({"first": "2017-01-01", "last": "2017-07-20"}, CAMPAIGN),
    ):
        answer = reader.get("/reports", params=asked, follow_redirects=False)
        assert answer.status_code == 303
        assert urlsplit(answer.headers["location"]).path == f"/reports/{address}"
    page = reader.get("/reports", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "/reports" in page.text
