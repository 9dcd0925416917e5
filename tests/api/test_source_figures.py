"""What the source reports of its campaign: `gridfield report` prints it, as sums over records.

The figures stand here and in what makes the demo's data, and nowhere in the program.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

import api
from api.cli import main
from gis.postgis import Database
from layers.declaring import period
from layers.declaring.people import SYSTEM
from layers.registry import Registry
from layers.reporting import making
from layers.reporting.report import written
from layers.reporting.sections import DECLARED
from layers.structures import stock
from tests.api.report_forms import page_figures, paper_figures, sheet_figures, total

CAMPAIGN = "2017-01-01/2017-07-20"
Report = dict[str, Any]
# By section and figure, what the Xining Evening News of 21 July 2017 reports.
SUMS = {
    ("structures", "demolished"): 7,
    ("structures", "demolished_area"): 1480,
    ("courtyards", "rubbish"): 130,
    ("courtyards", "piles"): 60,
    ("markets", "barrier_cost"): 120_000,
    ("markets", "paving_area"): 700,
    ("markets", "paving_cost"): 60_000,
    ("meetings", "matters_settled"): 2,
    ("volunteers", "teams"): 11,
    ("volunteers", "people"): 110,
    ("volunteers", "activities"): 200,
    ("volunteers", "hours"): 700,
    ("publicity", "board"): 37,
    ("publicity", "led"): 1600,
    ("publicity", "poster"): 60,
    ("publicity", "message"): 200,
    ("publicity", "questionnaire"): 2000,
    ("publicity", "print"): 700,
    ("publicity", "panel"): 160,
    ("publicity", "banner"): 30,
    ("publicity", "booklet"): 15_000,
    ("publicity", "letter"): 4000,
    ("publicity", "show"): 6,
    ("publicity", "cost"): 98_000,
}
COURTYARDS, MEETINGS = 5, 20
LEADERS = 4
# Those that are nothing else by chance: no limit, no size of a page, no number of a clause.
UNLIKELY = {1480, 15_000, 60_000, 98_000, 120_000}
# Others may be lengths of texts or of sheets elsewhere, but not where figures are made.
TELLING = {37, 60, 110, 130, 160, 700, 1600, 2000, 4000, *UNLIKELY}
MADE_IN = (
    *(f"layers/reporting/{name}.py" for name in (
        "case_sections", "compiling", "conditions", "declared", "further", "making", "report",
        "scope", "sections",
    )),
    "layers/thematic", "layers/structures/stock.py", "layers/duties/coverage.py",
    "layers/reporting/cadence.py", "layers/serving/summaries.py", "api/members/reports.py",
    "api/commands/report.py", "api/routes/reports.py", "maps/pages/reports.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def printed(district: Database, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """What the command writes about the campaign, in each form."""
    folder = tmp_path_factory.mktemp("printed")
    files = {form: folder / f"report.{form}" for form in ("json", "html", "xlsx", "docx")}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        url = district.engine.url.render_as_string(hide_password=False)
        patch.setenv("GRIDFIELD_DATABASE_URL", url)
        patch.setenv("GRIDFIELD_LANG", "zh")
        for path in files.values():
            patch.setattr("sys.argv", ["gridfield", "report", CAMPAIGN, "-o", str(path)])
            with pytest.raises(SystemExit) as ended:
                main()
            assert not ended.value.code
    return files


@pytest.fixture(scope="module")
def report(printed: Mapping[str, Path]) -> Report:
    found: Report = json.loads(printed["json"].read_text("utf-8"))
    assert found["period"] == {"name": CAMPAIGN, "first": "2017-01-01", "last": "2017-07-20"}
    return found


def section(report: Report, name: str) -> Report:
    (found,) = (each for each in report["sections"] if each["name"] == name)
    return dict(found)


def figure(report: Report, of: str, name: str) -> Report:
    (found,) = (each for each in section(report, of)["figures"] if each["name"] == name)
    return dict(found)


def rows(report: Report, of: str, name: str) -> dict[str, list[float]]:
    """The rows of a table: by their titles, the values."""
    (found,) = (each for each in section(report, of)["tables"] if each["name"] == name)
    return {row["title"]: [value["value"] for value in row["values"]] for row in found["rows"]}


# --- what is printed ------------------------------------------------------------------------------
@pytest.mark.parametrize(("of", "name"), SUMS)
def test_the_command_prints_the_figure(report: Report, of: str, name: str) -> None:
    assert figure(report, of, name)["value"] == SUMS[of, name]


def test_five_courtyards_without_management_were_worked_on(report: Report) -> None:
    assert figure(report, "courtyards", "courtyards")["value"] == COURTYARDS
    worked_on = rows(report, "courtyards", "by_courtyard")
    assert len(worked_on) == COURTYARDS
    assert all(works > 0 for works, *_ in worked_on.values())


def test_what_stood_came_and_went_adds_up(report: Report) -> None:
    for opening, added, demolished, corrected, remaining in rows(
        report, "structures", "stock"
    ).values():
        assert opening + added - demolished - corrected == remaining
    counts, areas = rows(report, "structures", "stock").values()
    assert (counts[2], areas[2]) == (
        SUMS["structures", "demolished"], SUMS["structures", "demolished_area"],
    )  # fmt: skip


def test_more_than_twenty_meetings_kept_their_cadence(report: Report) -> None:
    assert figure(report, "meetings", "meetings")["value"] > MEETINGS
    assert rows(report, "meetings", "cadence") == {
        "创城专题推进会": [2, 7, 7, 0],
        "辖区单位联席会": [1, 7, 7, 0],
    }
    assert rows(report, "markets", "cadence") == {"早市联合检查": [2, 7, 7, 0]}


def test_each_leader_has_one_unit_or_two(report: Report) -> None:
    assert figure(report, "liaison", "leaders")["value"] == LEADERS
    assert figure(report, "liaison", "in_range")["value"] == LEADERS
    leaders = rows(report, "liaison", "leaders")
    assert len(leaders) == LEADERS
    assert all(1 <= units <= 2 and metres > 0 for units, metres in leaders.values())


def test_every_form_prints_them(printed: Mapping[str, Path], report: Report) -> None:
    wanted = [
        [each["label"], each["unit"], *(written(value["value"]) for value in
         (each, each["year_to_date"], each["year_before"]))]
        for part in report["sections"] for each in part["figures"]
    ]  # fmt: skip
    assert sheet_figures(printed["xlsx"].read_bytes()) == wanted
    assert paper_figures(printed["docx"].read_bytes()) == wanted
    assert page_figures(printed["html"].read_text("utf-8")) == wanted


def test_the_terminal_prints_them(
    district: Database,
    report: Report,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = district.engine.url.render_as_string(hide_password=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url)
    monkeypatch.setenv("GRIDFIELD_LANG", "zh")
    monkeypatch.setattr("sys.argv", ["gridfield", "report", CAMPAIGN])
    with pytest.raises(SystemExit):
        main()
    lines = {tuple(line.split()[:3]) for line in capsys.readouterr().out.splitlines()}
    for of, name in SUMS:
        told = figure(report, of, name)
        label = told["label"].split()
        assert tuple([*label, told["unit"], written(told["value"])][:3]) in lines, (of, name)


# --- what it sums ---------------------------------------------------------------------------------
@pytest.mark.parametrize(("of", "name"), SUMS)
def test_the_records_behind_its_link_add_up_to_it(
    reader: TestClient, report: Report, of: str, name: str
) -> None:
    (declared,) = (x for s in DECLARED if s.name == of for x in s.figures if x.name == name)
    address = figure(report, of, name)["records"]
    assert total(reader, address, declared.field) == pytest.approx(SUMS[of, name], abs=1e-6)


def test_meetings_and_leaders_are_records_too(reader: TestClient, report: Report) -> None:
    held = figure(report, "meetings", "meetings")
    assert total(reader, held["records"], None) == held["value"]
    asked = figure(report, "liaison", "leaders")["records"]
    duties = reader.get(asked, headers={"accept": "application/json"}).json()["duties"]
    assert len({duty["person"]["id"] for duty in duties}) == LEADERS


def told(report: Report) -> Iterator[tuple[str, Report]]:
    """Every number that a report tells, with where it stands."""
    for part in report["sections"]:
        for each in part["figures"]:
            for value in (each, each["year_to_date"], each["year_before"]):
                yield f"{part['name']}: {each['name']}", value
        for table in part["tables"]:
            for row in (*table["rows"], *([table["total"]] if table.get("total") else [])):
                for value in row["values"]:
                    yield f"{part['name']}: {table['name']}: {row['title']}", value


def test_no_number_is_told_without_its_records(reader: TestClient, report: Report) -> None:
    found = [(where, value) for where, value in told(report) if value["value"] is not None]
    assert [where for where, value in found if not value["records"]] == []
    addresses = {value["records"] for _, value in found}
    assert len(addresses) > len(SUMS)
    for address in addresses:
        answer = reader.get(address, headers={"accept": "application/json"})
        assert answer.status_code == 200, (address, answer.text)


def test_the_stock_is_the_sum_of_its_structures(reader: TestClient, report: Report) -> None:
    (table,) = (t for t in section(report, "structures")["tables"] if t["name"] == "stock")
    counts, areas = (row["values"] for row in table["rows"])
    assert len(counts) == len(stock.PARTS)
    for count, area in zip(counts, areas, strict=True):
        shares = all_shares(reader, count["records"])
        assert count["value"] == sum(each["counted"] for each in shares)
        assert area["value"] == pytest.approx(sum(each["areaM2"] for each in shares), abs=1e-6)
        assert area["records"] == count["records"]


def all_shares(reader: TestClient, address: str) -> list[Report]:
    """The structures of a part of the stock, some at a time."""
    found: list[Report] = []
    following: str | None = f"{address}&limit=3"
    while following:
        page = reader.get(following, headers={"accept": "application/json"}).json()
        found += page["structures"]
        following = next((x["href"] for x in page["links"] if x["rel"] == "next"), None)
    return found


def test_a_rate_leads_to_what_it_is_taken_of(reader: TestClient, report: Report) -> None:
    rate, part, whole = (figure(report, "cases", x) for x in ("closed_rate", "closed", "due"))
    assert rate["records"] == whole["records"]
    assert rate["value"] == pytest.approx(100 * part["value"] / whole["value"], abs=0.005)


def test_without_records_there_are_no_figures(district: Database, registry: Registry) -> None:
    """Were a figure written down anywhere, it would still be told."""
    names = {each.of.name for part in DECLARED for each in part.figures}
    with district.engine.connect() as connection:
        undone = connection.begin()
        for name in sorted(names - {"sites"}):
            connection.execute(sa.delete(sa.table(name)))
        connection.execute(sa.delete(sa.table("duties")))
        found = making.report(connection, registry, period.parse(CAMPAIGN), actor=SYSTEM)
        undone.rollback()
    for of, name in SUMS:
        assert found.section(of).figure(name).value.amount == 0, (of, name)
    assert found.section("meetings").figure("meetings").value.amount == 0
    assert found.section("liaison").figure("leaders").value.amount == 0


# --- where they stand -----------------------------------------------------------------------------
def numbers(source: str) -> set[float]:
    """Every number that a module writes down: as such, or with its digits within a text."""
    found: set[float] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
            continue
        if isinstance(node.value, int | float):
            found.add(float(node.value))
        elif isinstance(node.value, str):
            digits = re.findall(r"\d[\d,_]*", node.value)
            found |= {float(re.sub("[,_]", "", text)) for text in digits}
    return found


def modules(*places: str) -> Iterator[Path]:
    root = Path(api.__file__).parents[1]
    for place in places:
        path = root / place
        found = [path] if path.suffix else sorted(path.rglob("*.py"))
        assert found, place
        yield from (each for each in found if "migrations" not in each.parts)


def test_numbers_are_found_however_they_are_written() -> None:
    source = "def f():\n  '''It was 1,480 m².'''\n  return {'a': [98_000, -120000.0]}, f'{1}37块'"
    assert numbers(source) == {1480, 98_000, 120_000, 1, 37}


def test_no_figure_of_the_source_stands_in_the_program() -> None:
    for path in modules("gis", "layers", "maps", "api"):
        assert not numbers(path.read_text("utf-8")) & UNLIKELY, path
    for path in modules(*MADE_IN):
        assert not numbers(path.read_text("utf-8")) & TELLING, path
