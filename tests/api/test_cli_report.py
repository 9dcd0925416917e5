"""`gridfield report` as a person runs it: in the terminal, and as a file of each form."""

import io
import json
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
import shapely

from gis.postgis import Database
from layers.reading import features
from layers.registry import Registry
from tests.api.conftest import Run
from tests.layers import fields

COST, BOARDS = 4321.5, 37


@pytest.fixture
def spent(database: Database, registry: Registry) -> None:
    """A street with one entry of publicity in July 2017."""
    layer = registry.layer("publicity")
    values = {
        "number": "宣传-1",
        "kind": "board",
        "done_on": date(2017, 7, 7),
        "quantity": BOARDS,
        "cost_yuan": COST,
        "division": fields.STREET,
    }
    with database.begin() as connection:
        fields.division(connection, registry, shapely.box(101.8, 36.6, 101.9, 36.7), fields.STREET)
        features.insert(connection, layer, values, None)


def test_it_is_told_in_the_terminal(gridfield: Run, spent: None) -> None:
    done = gridfield("report", "2017-07")
    assert done.returncode == 0, done.stderr
    assert "网格责任田工作情况报告（2017年7月）" in done.stdout
    for text in ("宣传教育", "4,321.5", "37", "本期", "今年累计", "上年同期"):
        assert text in done.stdout
    assert "Publicity" in gridfield("report", "2017-07", lang="en").stdout


def test_json_says_the_same(gridfield: Run, spent: None) -> None:
    found = json.loads(gridfield("report", "2017-Q3", "--format", "json").stdout)
    (publicity,) = (each for each in found["sections"] if each["name"] == "publicity")
    told = {each["name"]: each["value"] for each in publicity["figures"]}
    assert (told["board"], told["cost"]) == (BOARDS, COST)
    elsewhere = gridfield("report", "2016", "--format", "json").stdout
    assert json.loads(elsewhere)["sections"][5]["figures"][0]["value"] == 0


def test_files_by_their_ending(gridfield: Run, spent: None, tmp_path: Path) -> None:
    for ending in ("docx", "xlsx", "html", "json"):
        done = gridfield("report", "2017", "-o", str(tmp_path / f"七月.{ending}"))
        assert done.returncode == 0, done.stderr
        assert f"七月.{ending}" in done.stderr
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "七月.xlsx").read_bytes()))
    assert COST in [cell for row in book.worksheets[0].values for cell in row]
    paper = docx.Document(io.BytesIO((tmp_path / "七月.docx").read_bytes()))
    assert "4,321.5" in [c.text for t in paper.tables for r in t.rows for c in r.cells]
    assert "4,321.5" in (tmp_path / "七月.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("2017-13",), 2),
        (("2017", "--format", "docx"), 2),
        (("2017", "-o", "report.pdf"), 2),
        (("2017", "--division", "110101001001"), 2),
    ],
)
def test_wrong_use_is_one_sentence(gridfield: Run, arguments: tuple[str, ...], code: int) -> None:
    done = gridfield("report", *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
