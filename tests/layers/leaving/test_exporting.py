"""Every layer leaves in every format and comes back as it was."""

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry

from gis import files
from gis.belief import Hints
from gis.errors import Problem
from gis.formats import csvfile
from gis.postgis import Database
from gis.refusals.files import FILE_FORMAT, VALUE_ABRIDGED
from layers.arriving.importing import load
from layers.declaring.values import check
from layers.declaring.words import Choice, Field, Geometry, Label, Layer, Type
from layers.leaving import exporting
from layers.leaving.exporting import FORMATS, formats
from layers.reading import features
from layers.reading.features import Excerpt
from layers.refusals.imports import FILE_UNWRITABLE
from layers.registry import Registry, discover
from layers.schema.tables import table
from tests.factories import LAT, LON, geometry, record

HOSTILE = (
    "</script><script>alert(1)</script>",
    "{{7*7}} {% for x in y %}{# c #}",
    "%s %(a)s {0} {a}",
    "'\"\\ \\N \\. `;--",
    "=1+1",
    "'=1+1",
    "''@SUM(A1)",
    "+86 138",
    "-5 米",
    "@home",
    "两行\n三列\t,;\r\n完",
    "\u202eabc\u2066x",
    "中\u2028\u2029\ufeff\u00a0文",
    "e\u0301 é 𠮷 👩‍👩‍👧",
    "NULL",
    "长" * 10_000,
)
EVERYTHING = Layer(
    name="everything",
    label=Label("全部", "Everything"),
    geometry=Geometry.LINE,
    key=("row", "geometry"),
    fields=(
        Field(name="row", label=Label("行", "Row")),
        Field(name="geometry", label=Label("几何", "Geometry")),
        Field(name="column", label=Label("列", "Column"), type=Type.INTEGER),
        Field(name="a_decimal_of_some_kind", label=Label("数一", "D1"), type=Type.DECIMAL),
        Field(name="a_decimal_of_other_kind", label=Label("数二", "D2"), type=Type.DECIMAL),
        Field(name="day", label=Label("日", "Day"), type=Type.DATE),
        Field(name="yes", label=Label("是否", "Yes"), type=Type.BOOLEAN),
        Field(
            name="kind",
            label=Label("类", "Kind"),
            choices=(Choice("a", Label("甲", "First")), Choice("b", Label("乙", "Second"))),
        ),
    ),
)
"""Every type, and names that formats use themselves."""

LAYERS = (*discover().layers.values(), EVERYTHING)
IMPORTED = [name for name in FORMATS if name != "kml"]
HELD = [(layer, name) for layer in LAYERS for name in formats(layer)]
"""Each layer with each format that can hold it."""
Feature = tuple[tuple[tuple[str, object], ...], str]


@pytest.fixture
def everything(database: Database) -> None:
    with database.begin() as connection:
        table(EVERYTHING).create(connection)


def free(layer: Layer) -> list[str]:
    """The fields that hold any text.

    What stands in a column of duties is read as names and comes back as those, and a child names
    its parent.
    """
    parent = layer.parent and layer.parent.field
    ruled = (f for f in layer.fields if f.choices or f.pattern or f.duty or f.name == parent)
    tied = {f.name for f in ruled}
    return [f.name for f in layer.fields if f.type is Type.TEXT and f.name not in tied]


def fill(database: Database, layer: Layer, texts: Sequence[str] = ()) -> None:
    """Ordinary records, one with nothing but what it must have, and one for each text."""
    bare = {f.name: record(layer, 90)[f.name] for f in layer.fields if f.required}
    bare = dict(check(layer, bare).values)  # with what codes say of other fields
    rows = [record(layer, 0), record(layer, 1), bare]
    for n, text in enumerate(texts, start=2):
        rows.append(record(layer, n, **dict.fromkeys(free(layer), text)))
    with database.begin() as connection:
        for n, row in enumerate(rows):
            features.insert(connection, layer, row, geometry(layer, n))


def stored(database: Database, layer: Layer) -> list[Feature]:
    """Every feature without its id, geometries in normal form, in an order of their own."""
    rows = table(layer)
    names = [field.name for field in layer.fields]
    drawn = sa.func.st_asbinary(rows.c.geom) if layer.has_shape else sa.null()
    statement = sa.select(*(rows.c[name] for name in names), drawn)
    with database.read() as connection:
        found = connection.execute(statement).all()
    return sorted(
        ((tuple(zip(names, row[:-1], strict=True)), shape_of(row[-1])) for row in found),
        key=repr,
    )


def shape_of(wkb: bytes | None) -> str:
    if wkb is None:
        return ""
    shape: BaseGeometry = shapely.from_wkb(bytes(wkb))
    if shapely.get_num_geometries(shape) == 1:
        shape = shapely.get_geometry(shape, 0)  # a container may have made it a multi geometry
    return shapely.to_wkt(shapely.normalize(shape), rounding_precision=9)


def placed(layer: Layer) -> Hints:
    return Hints(placed=layer.has_shape)


def round_trip(database: Database, layer: Layer, path: Path) -> None:
    before = stored(database, layer)
    exporting.write(database, layer, path)
    with database.begin() as connection:
        connection.execute(sa.delete(table(layer)))
    report = load(database, discover(), layer, files.read(path, hints=placed(layer)))
    assert report.new == len(before)
    assert report.ignored == ()
    assert stored(database, layer) == before


@pytest.mark.parametrize(
    ("layer", "format_name"),
    [(layer, name) for layer, name in HELD if name in IMPORTED],
    ids=lambda each: getattr(each, "name", each),
)
def test_what_was_exported_is_imported_again_as_it_was(
    database: Database, everything: None, layer: Layer, format_name: str, tmp_path: Path
) -> None:
    fill(database, layer, HOSTILE)
    round_trip(database, layer, tmp_path / f"out{FORMATS[format_name].ending}")


@pytest.mark.parametrize("format_name", IMPORTED)
def test_numbers_and_dates_at_their_ends_survive(
    database: Database, everything: None, format_name: str, tmp_path: Path
) -> None:
    numbers = (0.1, 1 / 3, -12345678.123456789, 987654321.5, 1e300, 5e-324, -0.5)
    # Beyond 2**53 a column with gaps is read as doubles, so those integers stay by themselves.
    integers = (0, -1, 2**53, -(2**53), None, 7, 8)
    days = (date(1, 1, 1), date(1969, 12, 31), date(9999, 12, 31), None, *[date(2017, 7, 21)] * 3)
    with database.begin() as connection:
        for n, (number, integer, day) in enumerate(zip(numbers, integers, days, strict=True)):
            row = {"row": str(n), "column": integer, "a_decimal_of_some_kind": number, "day": day}
            row |= {"a_decimal_of_other_kind": -number, "yes": (True, False, None)[n % 3]}
            features.insert(connection, EVERYTHING, row, geometry(EVERYTHING, n))
    round_trip(database, EVERYTHING, tmp_path / f"out{FORMATS[format_name].ending}")


@pytest.mark.parametrize("format_name", IMPORTED)
def test_parts_and_holes_survive(
    database: Database, registry: Registry, format_name: str, tmp_path: Path
) -> None:
    layer = registry.layer("buildings")
    holed = shapely.box(LON, LAT, LON + 0.01, LAT + 0.01).difference(
        shapely.box(LON + 0.002, LAT + 0.002, LON + 0.004, LAT + 0.004)
    )
    island = shapely.box(LON + 0.0025, LAT + 0.0025, LON + 0.003, LAT + 0.003)
    parts = shapely.MultiPolygon([holed, island])
    with database.begin() as connection:
        for n, shape in enumerate((parts, holed, island)):
            features.insert(connection, layer, record(layer, n), shape)
    round_trip(database, layer, tmp_path / f"out{FORMATS[format_name].ending}")


@pytest.mark.parametrize(
    ("layer", "format_name"), HELD, ids=lambda each: getattr(each, "name", each)
)
def test_gdal_reads_what_came_out(
    database: Database, everything: None, layer: Layer, format_name: str, tmp_path: Path
) -> None:
    fill(database, layer, HOSTILE[:-1])
    path = tmp_path / f"out{FORMATS[format_name].ending}"
    exporting.write(database, layer, path)
    opened = f"/vsizip/{path}" if format_name == "shp" else str(path)
    done = subprocess.run(
        # Left alone, GDAL takes a heading above nothing but texts for a record.
        ["ogrinfo", "-ro", "-al", "-so", "--config", "OGR_XLSX_HEADERS", "FORCE", opened],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert f"Feature Count: {len(HOSTILE) + 2}\n" in done.stdout.decode()
    assert done.stderr == b""


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_layer_without_features_is_a_file_without_features(
    database: Database, registry: Registry, format_name: str, tmp_path: Path
) -> None:
    path = tmp_path / f"out{FORMATS[format_name].ending}"
    exporting.write(database, registry.layer("grid_fields"), path)
    assert path.exists()
    if format_name == "geojson":
        assert json.loads(path.read_text()) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_stream_and_a_file_are_the_same(
    database: Database, registry: Registry, format_name: str, tmp_path: Path
) -> None:
    layer = registry.layer("courtyards")
    fill(database, layer)
    path = tmp_path / f"out{FORMATS[format_name].ending}"
    exporting.write(database, layer, path)
    streamed = b"".join(exporting.stream(database, layer, format_name))
    if format_name in {"geojson", "geojsonl", "csv", "fgb", "kml"}:
        assert streamed == path.read_bytes()
    else:  # these carry the time of writing
        assert len(streamed) == path.stat().st_size


def test_a_box_exports_what_meets_it(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    layer = registry.layer("grid_fields")
    fill(database, layer)
    box = (LON + 0.0001, LAT, LON + 0.0002, LAT + 0.0001)
    for form in FORMATS.values():
        if form.ending != ".kml":
            path = tmp_path / f"out{form.ending}"
            exporting.write(database, layer, path, Excerpt(bbox=box))
            assert len(files.read(path).frame) == 1


@pytest.mark.parametrize("format_name", ["geojson", "geojsonl", "csv"])
def test_texts_stream_in_pieces_that_grow(
    database: Database, registry: Registry, format_name: str
) -> None:
    layer = registry.layer("work_units")
    rows = table(layer)
    with database.begin() as connection:
        point = sa.func.st_setsrid(sa.func.st_point(LON, LAT), 4326)
        number = sa.func.generate_series(1, 2500).column_valued("n")
        connection.execute(
            sa.insert(rows).from_select(
                ["name", "kind", "geom"],
                sa.select(sa.cast(number, sa.Text), sa.literal("school"), point),
            )
        )
    pieces = list(exporting.stream(database, layer, format_name))
    assert 3 <= len(pieces) <= 12
    assert len(pieces[0]) < 8192 < max(map(len, pieces))
    whole = b"".join(pieces)
    assert whole.count(b"school") == 2500
    if format_name == "geojsonl":
        lines = whole.splitlines()
        assert json.loads(lines[-1])["properties"]["name"] == "2500"


NUMBERS = (0.1, 1 / 3, -0.5, 2.0, 1e14, 123456789.125, 1e-7, 1e20, 1e300, 5e-324, -0.0, None)
COORDINATES = (101.82, 36.62), (102.0, 36.0), (100.1 + 0.7, 1 / 3), (-179.5, 0.001), (1e-7, -12.0)


def test_postgresql_writes_a_csv_file_as_python_would(database: Database, everything: None) -> None:
    # Within a metre of the equator or of Greenwich the two write an exponent differently.
    shapes = [shapely.LineString([at, (0.5, 7)]) for at in COORDINATES[:-1]]
    shapes.append(shapely.MultiLineString([[(0, 0), (1, 1.25)], [(2, 2), (3, 3)]]))
    with database.begin() as connection:
        for n in range(60):
            row = {
                "row": str(n),
                "geometry": HOSTILE[n % len(HOSTILE)],
                "column": (None, 0, -(2**53))[n % 3],
                "a_decimal_of_some_kind": NUMBERS[n % len(NUMBERS)],
                "day": (None, date(1, 1, 1), date(9999, 12, 31))[n % 3],
                "yes": (True, False, None)[n % 3],
                "kind": (None, "a", "b")[n % 3],
            }
            features.insert(connection, EVERYTHING, row, shapes[n % len(shapes)])
    assert b"".join(exporting.stream(database, EVERYTHING, "csv")) == as_python(
        database, EVERYTHING
    )


def test_postgresql_writes_points_as_python_would(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        for n, at in enumerate(COORDINATES):
            features.insert(connection, layer, record(layer, n), shapely.Point(at))
    assert b"".join(exporting.stream(database, layer, "csv")) == as_python(database, layer)


def as_python(database: Database, layer: Layer) -> bytes:
    """A layer as a CSV file that Python's own module and GEOS write."""
    rows = table(layer)
    names = [field.name for field in layer.fields]
    points = layer.geometry is Geometry.POINT
    statement = sa.select(*(rows.c[name] for name in names), sa.func.st_asbinary(rows.c.geom))
    with database.read() as connection:
        found = connection.execute(statement.order_by(rows.c.id)).all()
    lines = []
    for *values, wkb in found:
        shape = shapely.from_wkb(bytes(wkb))
        text = shapely.to_wkt(shape, rounding_precision=17)
        lines.append([*values, *((shape.x, shape.y) if points else (text,))])
    return b"".join(csvfile.write([*names, *(("lon", "lat") if points else ("wkt",))], [lines]))


def test_csv_is_for_excel_and_runs_nothing_there(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    layer = registry.layer("work_units")
    fill(database, layer, HOSTILE)
    path = tmp_path / "out.csv"
    exporting.write(database, layer, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["lon"] for row in rows[:2]] == ["101.82", "101.821"]
    cells = [row[name] for row in rows for name in ("name", "kind", "liaison_leader", "source")]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    assert any(cell == "'=1+1" for cell in cells)
    assert any(cell == "''=1+1" for cell in cells)


def test_a_shapefile_says_what_it_could_not_hold_and_has_it_all_the_same(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    layer = registry.layer("illegal_structures")
    fill(database, layer, ["备" * 120])
    path = tmp_path / "out.shp.zip"
    notes = exporting.write(database, layer, path)
    assert {note.rule for note in notes} == {VALUE_ABRIDGED}
    assert {(note.row, note.column) for note in notes} == {(4, name) for name in free(layer)}
    assert {"number", "address", "party", "source"} <= set(free(layer))
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        # No moment is in it: equal content makes equal bytes, and an ETag holds.
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("illegal_structures.cpg") == b"UTF-8"
        fields = archive.read("fields.csv").decode("utf-8-sig")
    assert {"illegal_structures.shp", "illegal_structures.prj", "values.csv"} <= names
    short = dict(csv.reader(io.StringIO(fields)))
    assert short["area_measu"] == "area_measured_m2"
    assert all(len(column.encode()) <= 10 and column.isascii() for column in short)


def test_a_file_appears_whole_or_not_at_all(
    database: Database, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = registry.layer("courtyards")
    fill(database, layer)
    path = tmp_path / "out.geojson"
    path.write_text("older")

    def broken(*_: object, **__: object) -> Iterator[bytes]:
        yield b"half"
        raise Problem(FILE_UNWRITABLE, name="x", reason="y")

    monkeypatch.setattr(exporting, "stream", broken)
    with pytest.raises(Problem):
        exporting.write(database, layer, path)
    assert path.read_text() == "older"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.geojson"]


def test_what_cannot_be_written_is_one_clear_problem(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    layer = registry.layer("courtyards")
    with pytest.raises(Problem) as caught:
        exporting.write(database, layer, tmp_path / "missing" / "out.csv")
    assert caught.value.rule is FILE_UNWRITABLE
    with pytest.raises(Problem) as caught:
        exporting.write(database, layer, tmp_path / "out.docx")
    assert caught.value.rule is FILE_FORMAT
    with pytest.raises(Problem) as caught:
        exporting.stream(database, layer, "docx")
    assert caught.value.rule is FILE_FORMAT
