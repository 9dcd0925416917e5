"""No bytes end in anything but a Source or a Problem, and no table comes in changed unnoticed."""

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gis import files
from gis.datum import Datum
from gis.errors import Problem
from gis.files import Source
from gis.reproject import parameters
from tests import make_traps
from tests.gis.reading import read
from tests.raw_files import PLACE, packed, point, shapefile

IN_A_FOLDER = [HealthCheck.function_scoped_fixture]
# What stands where a program looks for a length, a count or an end.
TELLING = [b"\0", b"\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\r", b'"', b"<"]


FOUR = "north_m=4000000,east_m=400000,angle_arcsec=0,scale_ppm=0,target=4543"
SEVEN = "dx_m=1,dy_m=2,dz_m=3,rx_arcsec=0,ry_arcsec=0,rz_arcsec=0,scale_ppm=0,rotation={}".format(
    "position-vector"
)


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("traps")
    return [make(folder) for make in make_traps.TRAPS]


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[float, bytes, int]]:
    """Places (as a share of the file), what to write there, and how many bytes to drop for it."""
    piece = st.one_of(st.sampled_from(TELLING), st.binary(max_size=8))
    change = st.tuples(st.floats(0, 1), piece, st.integers(0, 40))
    return draw(st.lists(change, min_size=1, max_size=4))


def changed(content: bytes, how: Sequence[tuple[float, bytes, int]]) -> bytes:
    for share, piece, dropped in how:
        at = int(share * len(content))
        content = content[:at] + piece + content[at + dropped :]
    return content


def is_understood_or_refused(path: Path) -> None:
    with suppress(Problem):
        assert isinstance(read(path), Source)


@pytest.mark.parametrize("make", make_traps.TRAPS)
def test_a_trap_with_broken_bytes_is_a_source_or_a_problem(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    for part in (path, path.with_suffix(".dbf"), path.with_suffix(".prj")):
        content = part.read_bytes() if part.exists() else b""
        for at in range(0, len(content), max(1, len(content) // 12)):
            part.write_bytes(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])
            is_understood_or_refused(path)
        if content:
            part.write_bytes(content)


@given(st.data(), changes())
@settings(max_examples=150, deadline=None, suppress_health_check=IN_A_FOLDER)
def test_any_change_of_a_file_is_a_source_or_a_problem(
    tmp_path: Path, traps: list[Path], data: st.DataObject, how: list[tuple[float, bytes, int]]
) -> None:
    given_file = data.draw(st.sampled_from(traps))
    beside = [p for p in given_file.parent.iterdir() if p.stem == given_file.stem]
    part = data.draw(st.sampled_from(sorted(beside)))
    for old in tmp_path.iterdir():
        old.unlink()
    for other in beside:
        content = other.read_bytes()
        name = f"a{other.suffix}"
        (tmp_path / name).write_bytes(changed(content, how) if other == part else content)
    is_understood_or_refused(tmp_path / f"a{given_file.suffix}")


@given(st.data(), changes())
@settings(max_examples=100, deadline=None, suppress_health_check=IN_A_FOLDER)
def test_any_change_within_an_archive_is_a_source_or_a_problem(
    tmp_path: Path, traps: list[Path], data: st.DataObject, how: list[tuple[float, bytes, int]]
) -> None:
    archives = [p for p in traps if p.suffix.lower() in {".zip", ".xlsx", ".kmz"}]
    path = data.draw(st.sampled_from(archives))
    with zipfile.ZipFile(path) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    member = data.draw(st.sampled_from(sorted(members)))
    members[member] = changed(members[member], how)
    with suppress(Problem):
        read(packed(members), path.name)


@given(st.sampled_from(files.formats()), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_under_any_ending_is_a_source_or_a_problem(ending: str, text: str) -> None:
    for content in (text, f"lon,lat,{text}\n101.8,36.6,{text}\n", f"<kml>{text}</kml>"):
        with suppress(Problem):
            read(content.encode(), f"a{ending}")


ENCODINGS = ["gbk", "big5", "utf-16", "utf-7", "punycode", "idna", "hz", "cp437", "utf-8-sig"]


@given(
    st.data(),
    st.fixed_dictionaries(
        {},
        optional={
            "crs": st.sampled_from(["4522", "EPSG:4543", "EPSG:2379", "EPSG:4326", "EPSG:4978"]),
            "encoding": st.sampled_from(ENCODINGS),
            "datum": st.sampled_from(Datum),
            "heading": st.sampled_from([1, 2, 10**9]),
            "parameters": st.sampled_from([parameters(SEVEN), parameters(FOUR)]),
            "within": st.just(shapely.box(101.7, 36.5, 102.0, 36.8)),
        },
    ),
)
@settings(max_examples=100, deadline=None)
def test_any_word_of_a_person_about_any_trap_is_a_source_or_a_problem(
    traps: list[Path], data: st.DataObject, hints: dict[str, Any]
) -> None:
    with suppress(Problem):
        read(data.draw(st.sampled_from(traps)), **hints)


# --- tables -------------------------------------------------------------------------------------
LETTERS = st.characters(codec="gb2312", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))
WORDS = st.text(LETTERS, min_size=1, max_size=8)
EVERYDAY = st.sampled_from(["utf-8", "gb18030", "gbk"])


@st.composite
def tables(draw: st.DrawFn, words: st.SearchStrategy[str]) -> list[list[str]]:
    """A heading and rows of texts, as wide as the heading."""
    width = draw(st.integers(1, 3))
    heading = draw(st.lists(words, min_size=width, max_size=width, unique=True))
    row = st.lists(words, min_size=width, max_size=width)
    return [heading, *draw(st.lists(row, min_size=1, max_size=4))]


def is_the_same(source: Source, table: list[list[str]]) -> bool:
    heading, *rows = table
    found = [source.frame[column].tolist() for column in source.columns]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return list(source.columns) == heading and found == columns


@given(tables(WORDS), EVERYDAY, st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=IN_A_FOLDER)
def test_a_dbf_in_any_encoding_is_read_as_it_was_or_doubted(
    tmp_path: Path, table: list[list[str]], encoding: str, said: bool
) -> None:
    heading, *rows = [[text.encode(encoding) for text in row] for row in table]
    assume(all(len(name) <= 10 for name in heading))
    path = shapefile(
        tmp_path / "a.shp",
        records=[point(*PLACE)] * len(rows),
        fields=[(name, 60) for name in heading],
        rows=rows,
        cpg=encoding if said else "",
    )
    source = read(path, encoding=encoding)
    assert is_the_same(source, table)
    believed = read(path)
    assert believed.encoding is not None
    assert is_the_same(believed, table) or not believed.encoding.certain


@given(tables(WORDS), EVERYDAY)
@settings(max_examples=80, deadline=None)
def test_a_csv_in_any_encoding_is_read_as_it_was_or_doubted(
    table: list[list[str]], encoding: str
) -> None:
    heading, *rows = table
    assume(not any(name.casefold() in {"lon", "lat"} for name in heading))
    lines = [[*heading, "lon", "lat"], *([*row, "101.83", "36.62"] for row in rows)]
    quoted = "".join(
        ",".join(f'"{cell}"' for cell in line) + "\r\n" for line in lines if '"' not in str(line)
    )
    assume(quoted.count("\r\n") == len(lines))
    assume(not any(cell.startswith("'") for line in lines for cell in line))
    content = quoted.encode(encoding)
    assert is_the_same(read(content, "a.csv", encoding=encoding), table)
    with suppress(Problem):
        believed = read(content, "a.csv")
        assert believed.encoding is not None
        assert is_the_same(believed, table) or not believed.encoding.certain


TRADITIONAL = st.text(st.characters(codec="big5", min_codepoint=0x4E00), min_size=1, max_size=5)


@given(tables(TRADITIONAL))
@settings(max_examples=30, deadline=None, suppress_health_check=IN_A_FOLDER)
def test_traditional_letters_are_read_when_somebody_says_so(
    tmp_path: Path, table: list[list[str]]
) -> None:
    heading, *rows = [[text.encode("big5") for text in row] for row in table]
    path = shapefile(
        tmp_path / "a.shp",
        records=[point(*PLACE)] * len(rows),
        fields=[(name, 60) for name in heading],
        rows=rows,
    )
    assert is_the_same(read(path, encoding="big5"), table)
    content = io.BytesIO()
    for n, row in enumerate(table):
        text = ",".join([*row, *(["101.83", "36.62"] if n else ["lon", "lat"])])
        content.write(f"{text}\n".encode("big5"))
    assert is_the_same(read(content.getvalue(), "a.csv", encoding="Big5"), table)
