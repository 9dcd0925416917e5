"""How the columns and values of somebody else's table become ours."""

from pathlib import Path

import pytest

from gis import files
from gis.errors import Problem
from gis.files import Source
from gis.postgis import Database
from layers.arriving import importing, mapping_file
from layers.arriving.importing import ImportRefused, Options
from layers.refusals.imports import COLUMN_UNKNOWN
from layers.refusals.reports import MAPPING_FILE
from layers.refusals.values import VALUE_CHOICE
from layers.registry import Registry

TABLE = """key,kind,opened,shut,lon,lat
1,Pothole,2024-05-27T02:08:51.000,,101.82,36.62
2,Trash,2024/05/26 23:10,2024-05-27 01:00:00,101.83,36.62
3,Noise,2024-05-26,,101.84,36.62
"""
MAPPING = """
[columns]
number = "key"
matter = "kind"
note = "kind"
status = "shut"
found_on = "opened"
cleared_on = "shut"
[constants]
origin = "hotline"
[values.matter]
Pothole = "06013"
"*" = "06010"
[values.status]
"*" = "cleared"
[days]
fields = ["found_on", "cleared_on"]
"""


def read(tmp_path: Path, text: str = TABLE) -> Source:
    file = tmp_path / "requests.csv"
    file.write_text(text, "utf-8")
    return files.read(file)


def told(registry: Registry, text: str) -> mapping_file.Rewriting:
    return mapping_file.parse(registry.layer("sites"), text.encode(), "m.toml")


def test_values_constants_and_days(tmp_path: Path, registry: Registry) -> None:
    source, used = mapping_file.rewrite(read(tmp_path), told(registry, MAPPING))
    column = {name: source.frame[used[name]].tolist() for name in used}
    assert column["matter"] == ["06013", "06010", "06010"]
    assert column["note"] == ["Pothole", "Trash", "Noise"]
    assert column["found_on"] == ["2024-05-27", "2024/05/26", "2024-05-26"]
    assert column["cleared_on"] == [None, "2024-05-27", None]
    assert column["origin"] == ["hotline"] * 3
    assert column["status"] == [None, "cleared", None]
    assert len(set(used.values())) == len(used)
    assert set(used.values()) <= set(source.columns)


def test_loaded_as_it_was_mapped(tmp_path: Path, database: Database, registry: Registry) -> None:
    text = MAPPING.replace('status = "shut"', "").replace('[values.status]\n"*" = "cleared"', "")
    text = text.replace('origin = "hotline"', 'origin = "hotline"\nstatus = "cleared"')
    source, used = mapping_file.rewrite(read(tmp_path), told(registry, text))
    report = importing.load(
        database, registry, registry.layer("sites"), source, Options(mapping=used)
    )
    assert (report.new, report.refused) == (3, 0)


def test_a_value_that_nobody_mapped_is_refused_with_its_row(
    tmp_path: Path, database: Database, registry: Registry
) -> None:
    text = MAPPING.replace('"*" = "06010"\n', "").replace('status = "shut"', "")
    text = text.replace('[values.status]\n"*" = "cleared"', "").replace(
        'origin = "hotline"', 'origin = "hotline"\nstatus = "registered"'
    )
    source, used = mapping_file.rewrite(read(tmp_path), told(registry, text))
    with pytest.raises(ImportRefused) as refused:
        importing.load(database, registry, registry.layer("sites"), source, Options(mapping=used))
    found = [(each.rule, each.row, each.column) for each in refused.value.findings]
    assert found == [(VALUE_CHOICE, 2, used["matter"]), (VALUE_CHOICE, 3, used["matter"])]


def test_a_column_that_the_file_has_not(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(Problem) as refused:
        mapping_file.rewrite(read(tmp_path), told(registry, '[columns]\nnumber = "编号"'))
    assert refused.value.rule is COLUMN_UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "columns = 1",
        "[columns",
        "[surprise]\na = 1",
        '[columns]\nnothing = "key"',
        "[columns]\nnumber = []",
        "[values]\nmatter = 1",
        "[days]\nfields = 1",
        '[columns]\norigin = "a"\n[constants]\norigin = "b"',
        "# " + "x" * mapping_file.LARGEST_BYTES,
    ],
)
def test_a_mapping_that_says_nothing_that_can_be_done(registry: Registry, text: str) -> None:
    with pytest.raises(Problem) as refused:
        told(registry, text)
    assert refused.value.rule is MAPPING_FILE


def test_what_is_no_text(registry: Registry) -> None:
    with pytest.raises(Problem) as refused:
        mapping_file.parse(registry.layer("sites"), b"\xff\xfe", "m.toml")
    assert refused.value.rule is MAPPING_FILE
