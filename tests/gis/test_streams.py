"""A file read in pieces is the file read as a whole, in whatever format it comes."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gis import files, streams
from gis.belief import Basis, Hints
from gis.errors import Problem
from gis.files import Source
from gis.limits import Limits
from gis.refusals.files import FILE_EMPTY, FILE_FORMAT, FILE_UNREADABLE

PIECE = 7
ROWS = 40


def frame(rows: int = ROWS) -> gpd.GeoDataFrame:
    random = np.random.default_rng(7)
    spots = random.uniform((101.7, 36.5), (101.9, 36.7), (rows, 2))
    numbers = [None if n % 9 == 0 else n for n in range(rows)]
    columns = {"name": [f"单位 {n}" for n in range(rows)], "number": numbers}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(spots), crs=4326)


def _ogr(ending: str) -> Callable[[gpd.GeoDataFrame, Path], Path]:
    def write(rows: gpd.GeoDataFrame, folder: Path) -> Path:
        rows.to_file(folder / f"rows{ending}")
        return folder / f"rows{ending}"

    return write


def _geojson(rows: gpd.GeoDataFrame, folder: Path) -> Path:
    path = folder / "rows.geojson"
    path.write_text(rows.to_json(), "utf-8")
    return path


def _lines(rows: gpd.GeoDataFrame, folder: Path) -> Path:
    path = folder / "rows.geojsonl"
    with path.open("w", encoding="utf-8") as file:
        for row in rows.itertuples():
            # What only the last have is a column of all.
            late = {"late": row.Index} if row.Index > len(rows) - 3 else {}
            feature = {
                "type": "Feature",
                "properties": {"name": row.name, **late},
                "geometry": shapely.geometry.mapping(row.geometry),
            }
            file.write(json.dumps(feature, ensure_ascii=False) + "\n\n")
    return path


def _csv(rows: gpd.GeoDataFrame, folder: Path) -> Path:
    path = folder / "rows.csv"
    columns = {"lon": rows.geometry.x, "lat": rows.geometry.y}
    table = pd.DataFrame(rows.drop(columns="geometry")).assign(**columns)
    text = "网格台账\n\n" + table.to_csv(index=False)
    path.write_bytes(text.encode("gb18030"))
    return path


WRITERS: Mapping[str, Callable[[gpd.GeoDataFrame, Path], Path]] = {
    "gpkg": _ogr(".gpkg"),
    "fgb": _ogr(".fgb"),
    "shp": _ogr(".shp"),
    "shp.zip": _ogr(".shp.zip"),
    "geojsonl": _lines,
    "csv": _csv,
    "geojson": _geojson,
}


def pieces(path: Path, rows: int = PIECE, **more: object) -> tuple[streams.Stream, list[Source]]:
    with streams.opened(path, piece_rows=rows, **more) as stream:
        return stream, list(stream.pieces())


def together(found: list[Source]) -> gpd.GeoDataFrame:
    return pd.concat([each.frame for each in found], ignore_index=True)


def cells(column: pd.Series) -> list[object]:
    """What a table of numbers says for nothing is nothing."""
    return [None if value != value else value for value in column]  # noqa: PLR0124


@pytest.mark.parametrize("form", WRITERS)
def test_pieces_are_the_whole(form: str, tmp_path: Path) -> None:
    path = WRITERS[form](frame(), tmp_path)
    whole = files.read(path)
    stream, found = pieces(path)
    sizes = [len(each.frame) for each in found]
    assert sizes == ([ROWS] if form == "geojson" else [7, 7, 7, 7, 7, 5])
    assert {each.columns for each in found} == {whole.columns}
    assert stream.belief == whole.belief
    assert [note.rule for note in stream.notes] == [note.rule for note in whole.notes]
    rows = together(found)
    assert rows.geometry.tolist() == whole.frame.geometry.tolist()
    for column in whole.columns:
        assert cells(rows[column]) == cells(whole.frame[column])


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_without_rows_is_refused(form: str, tmp_path: Path) -> None:
    path = WRITERS[form](frame().head(0), tmp_path)
    with pytest.raises(Problem) as refused:
        pieces(path)
    assert refused.value.rule in {FILE_EMPTY, FILE_UNREADABLE}


def test_deleted_rows_of_a_dbf_are_passed_over(tmp_path: Path) -> None:
    path = WRITERS["shp"](frame(), tmp_path)
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    start, width = (int.from_bytes(content[n : n + 2], "little") for n in (8, 10))
    for row in (3, 4, 20, 39):
        content[start + row * width] = ord("*")
    dbf.write_bytes(bytes(content))
    whole = files.read(path)
    _, found = pieces(path)
    assert len(whole.frame) == ROWS - 4
    assert together(found).geometry.tolist() == whole.frame.geometry.tolist()


def test_ids_with_holes_lose_nothing(tmp_path: Path) -> None:
    path = WRITERS["gpkg"](frame(), tmp_path)
    thinned = pyogrio.read_dataframe(path, where="fid % 3 <> 0", fid_as_index=True)
    other = tmp_path / "thinned.gpkg"
    thinned.reset_index().to_file(other, engine="pyogrio", layer_options={"FID": "fid"})
    _, found = pieces(other)
    assert together(found).geometry.tolist() == thinned.geometry.tolist()


def test_no_number_of_rows_is_too_many(tmp_path: Path) -> None:
    limits = replace(Limits(), rows=10, bytes=1000)
    for form in ("gpkg", "csv", "geojsonl", "shp"):
        path = WRITERS[form](frame(), tmp_path)
        _, found = pieces(path, limits=limits)
        assert sum(len(each.frame) for each in found) == ROWS


def test_a_wrong_row_at_the_end_is_a_row_and_no_file(tmp_path: Path) -> None:
    rows = frame(PIECE + 1)
    rows.loc[PIECE, "geometry"] = shapely.Point(4_000_000, 36.6)
    path = WRITERS["gpkg"](rows, tmp_path)
    stream, found = pieces(path)
    assert found[1].frame.geometry.iloc[0].x == 4_000_000
    assert stream.belief == files.read(path).belief


def test_axes_are_those_of_the_first_piece(tmp_path: Path) -> None:
    rows = frame()
    turned = rows.set_geometry(shapely.points(rows.geometry.y, rows.geometry.x), crs=4326)
    path = WRITERS["csv"](turned, tmp_path)
    _, found = pieces(path)
    np.testing.assert_allclose(together(found).geometry.x, rows.geometry.x)


def test_a_datum_in_doubt_anywhere_is_in_doubt(tmp_path: Path) -> None:
    rows = frame()
    rows.loc[: PIECE - 1, "geometry"] = shapely.Point(10, 50)  # where no datum moves anything
    path = WRITERS["csv"](rows, tmp_path)
    stream, _ = pieces(path)
    assert stream.belief.datum_basis is Basis.ASSUMED
    assert stream.belief == files.read(path).belief


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_letters_of_texts(encoding: str, tmp_path: Path) -> None:
    text = "name,lon,lat\r\n" + "".join(f"林家崖{n},101.8,36.6\r\n" for n in range(20))
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode(encoding))
    stream, found = pieces(path)
    assert together(found)["name"].tolist() == [f"林家崖{n}" for n in range(20)]
    assert stream.belief == files.read(path).belief


def test_bytes_that_are_no_letters_are_refused_with_their_place(tmp_path: Path) -> None:
    good = "name,lon,lat\n" + "林家崖,101.8,36.6\n" * 4000
    path = tmp_path / "rows.csv"
    path.write_bytes(good.encode() + b"\xff\xff,101.8,36.6\n")
    with pytest.raises(Problem) as whole:
        files.read(path, hints=Hints(encoding="utf-8"))
    with pytest.raises(Problem) as streamed:
        pieces(path, rows=1000, hints=Hints(encoding="utf-8"))
    assert streamed.value.sentence("en") == whole.value.sentence("en")


def test_a_quoted_line_feed_at_the_border_of_what_is_looked_at(tmp_path: Path) -> None:
    long = "\n".join("字" * 300 for _ in range(100))
    text = f'name,lon,lat\n"{long}",101.8,36.6\n二\u2028三,101.8,36.6\n'
    path = tmp_path / "rows.csv"
    path.write_text(text, "utf-8", newline="")
    _, found = pieces(path)
    assert together(found)["name"].tolist() == files.read(path).frame["name"].tolist()


def test_an_open_upload_can_be_read(tmp_path: Path) -> None:
    content = io.BytesIO(WRITERS["gpkg"](frame(), tmp_path).read_bytes())
    with streams.opened(content, name="C:\\台账\\rows.gpkg", piece_rows=PIECE) as stream:
        assert stream.name == "rows.gpkg"
        assert stream.rows == ROWS
        assert len(list(stream.pieces())) == 6


def test_only_what_can_be_read_in_pieces_is_large() -> None:
    assert streams.is_large("a.GPKG", 1 << 30)
    assert not streams.is_large("a.gpkg", 1 << 20)
    assert not streams.is_large("a.xlsx", 1 << 30)
    with pytest.raises(Problem) as refused, streams.opened(Path("a.exe")):
        pass
    assert refused.value.rule is FILE_FORMAT
