"""Every bound of `Limits` is obeyed by every reader, and the refusal names it."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from openpyxl import Workbook
from pyogrio.raw import write as ogr_write

from gis import files
from gis.errors import Problem
from gis.files import Limits
from gis.refusals.files import FILE_TOO_LARGE
from tests import shapefile_traps
from tests.gis.reading import read, refusal
from tests.raw_files import PLACE, packed, point, shapefile

ROWS, COLUMNS = 6, 4
HEADING = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One table of six rows and four columns in every format that is read."""
    folder = tmp_path_factory.mktemp("table")
    _texts(folder)
    _workbook(folder / "a.xlsx")
    for ending, driver in ((".gpkg", "GPKG"), (".fgb", "FlatGeobuf")):
        ogr_write(
            str(folder / f"a{ending}"),
            shapely.to_wkb(np.array([shapely.Point(PLACE)] * ROWS)),
            [np.array(["x"] * ROWS, dtype=object)] * COLUMNS,
            HEADING,
            field_mask=[None] * COLUMNS,
            geometry_type="Point",
            crs="EPSG:4326",
            driver=driver,
        )
    fields = [(name.encode(), 5) for name in HEADING]
    rows = [[b"x"] * COLUMNS] * ROWS
    shapefile(folder / "a.shp", records=[point(*PLACE)] * ROWS, fields=fields, rows=rows)
    parts = {f"a{s}": (folder / f"a{s}").read_bytes() for s in (".shp", ".dbf")}
    (folder / "a.zip").write_bytes(packed(parts))
    return folder


def _texts(folder: Path) -> None:
    record = dict.fromkeys(HEADING, "x")
    geometry = {"type": "Point", "coordinates": PLACE}
    feature = {"type": "Feature", "properties": record, "geometry": geometry}
    document = json.dumps({"type": "FeatureCollection", "features": [feature] * ROWS})
    csv = "a,b,lon,lat,c,d\n" + "x,x,101.83,36.62,x,x\n" * ROWS
    data = "".join(f'<Data name="{name}"><value>x</value></Data>' for name in HEADING)
    place = "<Point><coordinates>101.83,36.62</coordinates></Point>"
    mark = f"<Placemark><ExtendedData>{data}</ExtendedData>{place}</Placemark>"
    kml = f"<kml>{mark * ROWS}</kml>"
    contents = {"geojson": document, "json": document, "csv": csv, "txt": csv, "kml": kml}
    contents["geojsonl"] = "\n".join([json.dumps(feature)] * ROWS)
    for ending, text in contents.items():
        (folder / f"a.{ending}").write_text(text)
    (folder / "a.kmz").write_bytes(packed({"doc.kml": kml}))


def _workbook(path: Path) -> None:
    book = Workbook()
    book.active.append([*HEADING, "lon", "lat"])
    for _ in range(ROWS):
        book.active.append([*["x"] * COLUMNS, *PLACE])
    book.save(path)


def file_of(folder: Path, ending: str) -> Path:
    return folder / f"a{ending}"


@pytest.mark.parametrize("ending", files.formats())
def test_rows_columns_cells_and_bytes_bound_every_format(folder: Path, ending: str) -> None:
    path = file_of(folder, ending)
    assert len(read(path, limits=Limits(rows=ROWS, columns=6, cells=100)).frame) == ROWS
    for limits, said in (
        (Limits(rows=ROWS - 1), "5 rows"),
        (Limits(columns=COLUMNS - 1), "3 columns"),
        (Limits(cells=ROWS * COLUMNS - 1), "23 cells"),
        (Limits(bytes=100), "MB"),
    ):
        problem = refusal(path, limits=limits)
        assert problem.rule is FILE_TOO_LARGE
        assert said in problem.sentence("en")
        assert "上限" in problem.sentence("zh")


@pytest.mark.parametrize("ending", [".zip", ".xlsx", ".kmz"])
def test_members_of_every_archive_are_bounded(folder: Path, ending: str) -> None:
    problem = refusal(file_of(folder, ending), limits=Limits(members=0))
    assert problem.rule is FILE_TOO_LARGE
    assert "0 members" in problem.sentence("en")


@pytest.mark.parametrize("ending", [".zip", ".xlsx", ".kmz"])
def test_what_unpacks_beyond_belief_is_refused(folder: Path, ending: str) -> None:
    content = io.BytesIO(file_of(folder, ending).read_bytes())
    with_bomb = _with_member(content, "bomb.dbf", bytes(70 << 20))
    problem = refusal(with_bomb, f"a{ending}")
    assert problem.rule is FILE_TOO_LARGE
    assert "200 times" in problem.sentence("en")
    assert len(read(with_bomb, f"a{ending}", limits=Limits(ratio=10_000)).frame) == ROWS


def _with_member(archive: io.BytesIO, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, content)
    return archive.getvalue()


@pytest.mark.parametrize("ending", [".kml", ".kmz", ".xlsx"])
def test_elements_of_xml_are_bounded(folder: Path, ending: str) -> None:
    problem = refusal(file_of(folder, ending), limits=Limits(elements=10))
    assert problem.rule is FILE_TOO_LARGE
    assert "10 XML elements" in problem.sentence("en")


def test_what_unpacks_counts_and_not_what_is_packed(tmp_path: Path) -> None:
    path = shapefile_traps.zip_in_capitals(tmp_path)
    size = path.stat().st_size
    wide = packed({"a.shp": bytes(size * 2), "a.dbf": bytes(size * 2)})
    assert refusal(wide, "a.zip", limits=Limits(bytes=size * 3)).rule is FILE_TOO_LARGE


def test_an_upload_is_read_no_further_than_its_bound() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return bytes(size)

    stream = Endless()
    with pytest.raises(Problem) as caught:
        files.read(stream, name="a.csv", limits=Limits(bytes=10 << 20))
    assert caught.value.rule is FILE_TOO_LARGE
    assert stream.given <= 12 << 20
