"""A file in pieces comes to the same as the whole of it: the same rows, refusals and history."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry

from gis import files, streams
from gis.belief import Hints
from gis.cluster import Cluster
from gis.errors import Finding, Problem
from gis.geojson import to_rfc7946
from gis.postgis import Database
from layers.arriving import batches, importing, mapping_file, streaming
from layers.arriving.examination import Examination, ImportRefused, OnConflict, Options, State
from layers.declaring.words import Layer
from layers.registry import Registry
from layers.schema.tables import table, versions_table
from tests.cloning import clone
from tests.factories import LAT, LON, geometry, record
from tests.layers.held.test_rights import ABROAD, EAST, NOWHERE, SPOTS, WEST, of, put_divisions
from tests.layers.incoming import Row, bytes_of

PIECE = 3
PLAIN = Options()
UPDATE, SKIP = Options(on_conflict="update"), Options(on_conflict="skip")


@pytest.fixture
def units(registry: Registry) -> Layer:
    return registry.layer("work_units")


@pytest.fixture
def twin(cluster: Cluster, template: str) -> Iterator[Database]:
    """A second database like the first."""
    name = "streamed_twin"
    clone(cluster, name, template)
    database = Database(cluster.url(name))
    yield database
    database.close()
    engine = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def written(
    folder: Path, rows: Sequence[Row], shapes: Sequence[BaseGeometry | None], name: str = "台账"
) -> Path:
    """A file with a feature on each line."""
    path = folder / f"{name}.geojsonl"
    with path.open("w", encoding="utf-8") as file:
        for row, shape in zip(rows, shapes, strict=True):
            drawn = None if shape is None else to_rfc7946(shape)
            feature = {"type": "Feature", "properties": dict(row), "geometry": drawn}
            file.write(json.dumps(feature, default=str, ensure_ascii=False) + "\n")
    return path


def usual(folder: Path, layer: Layer, numbers: Sequence[int], **more: object) -> Path:
    shapes = [geometry(layer, n) if layer.has_shape else None for n in numbers]
    return written(folder, [record(layer, n, **more) for n in numbers], shapes)


def hints(layer: Layer) -> Hints:
    return Hints(placed=layer.has_shape)


def whole(
    database: Database, registry: Registry, layer: Layer, path: Path, options: Options = PLAIN
) -> importing.Report:
    source = files.read(path, hints=hints(layer))
    return importing.load(database, registry, layer, source, options)


def streamed(  # noqa: PLR0917  as the load itself
    database: Database,
    registry: Registry,
    layer: Layer,
    path: Path,
    options: Options = PLAIN,
    progress: importing.Progress | None = None,
) -> importing.Report:
    with streams.opened(path, hints=hints(layer), piece_rows=PIECE) as stream:
        return streaming.load(database, registry, layer, stream, options, progress=progress)


def examined(
    database: Database, registry: Registry, layer: Layer, path: Path, options: Options
) -> tuple[Examination, Examination]:
    """What the whole file would do, and what its pieces would."""
    source = files.read(path, hints=hints(layer))
    one = importing.examine(database, registry, layer, source, options)
    with streams.opened(path, hints=hints(layer), piece_rows=PIECE) as stream:
        return one, streaming.examine(database, registry, layer, stream, options)


def told(findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    return [
        (f.row, f.column, f.rule.slug, dict(f.values), f.geometry and f.geometry.wkt)
        for f in findings
    ]


def same(one: Examination, other: Examination) -> None:
    assert other.counts == one.counts
    assert told(other.findings) == told(one.findings)
    assert other.suppressed == one.suppressed
    assert told(other.notes) == told(one.notes)
    assert other.gone == one.gone
    if not one.counts.refused:  # the places of refused rows tell of no datum
        assert other.evidence == one.evidence
        assert told(other.doubts) == told(one.doubts)
    assert other.states == one.states[: len(other.states)]
    assert other.source.belief == one.source.belief
    assert other.loads() == one.loads()


def history(database: Database, layer: Layer) -> list[tuple[Any, ...]]:
    """The versions of a layer and the changes that made them, without when."""
    versions = table_of_versions = versions_table(layer)
    plain = [c for c in versions.c if c.name not in {"_from", "_to", "_digest", "geom"}]
    if layer.has_shape:
        plain.append(sa.cast(table_of_versions.c.geom, sa.Text))
    changes = sa.text("SELECT number, layer, operation, rows, places, link FROM changes ORDER BY 1")
    with database.read() as connection:
        rows = connection.execute(sa.select(*plain).order_by(versions.c.id, versions.c._number))
        return [*map(tuple, rows), *map(tuple, connection.execute(changes))]


# --- the same as the whole ------------------------------------------------------------------------
def test_every_layer_that_is_taken_gets_the_same_rows_and_history(
    database: Database, twin: Database, registry: Registry, tmp_path: Path
) -> None:
    taken = [each for each in registry.layers.values() if streaming.takes(each, PLAIN)]
    assert len(taken) > 5
    for layer in taken:
        first, second = usual(tmp_path, layer, range(7)), None
        one = whole(database, registry, layer, first)
        other = streamed(twin, registry, layer, first)
        assert other == one, layer.name
        second = usual(tmp_path, layer, range(4, 10), source="新")
        for options in (UPDATE, SKIP) if layer.key else (PLAIN,):
            one = whole(database, registry, layer, second, options)
            assert streamed(twin, registry, layer, second, options) == one, layer.name
        assert bytes_of(twin, layer) == bytes_of(database, layer), layer.name
        assert history(twin, layer) == history(database, layer), layer.name


@pytest.mark.parametrize("conflict", ["fail", "skip", "update"])
@pytest.mark.parametrize("gone", ["keep", "delete"])
def test_what_is_found_is_the_same(
    database: Database,
    registry: Registry,
    tmp_path: Path,
    conflict: OnConflict,
    gone: Any,
) -> None:
    layer = registry.layer("courtyards")
    whole(database, registry, layer, usual(tmp_path, layer, range(6)))
    rows = [record(layer, n, source="新") for n in (0, 7, 8, 9, 8, 8, 10, 11, 2, 3)]
    rows[1]["management"] = "没有这样的"
    rows[7]["built"] = "不是年份"
    shapes = [geometry(layer, n) for n in range(len(rows))]
    shapes[2] = shapely.Point(LON, LAT)
    shapes[9] = shapely.Point(LON, 95)
    path = written(tmp_path, rows, shapes)
    options = Options(on_conflict=conflict, gone=gone)
    one, other = examined(database, registry, layer, path, options)
    assert one.findings
    same(one, other)


def test_a_refused_file_leaves_nothing(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    rows = [record(units, n) for n in range(8)]
    rows[7]["name"] = None
    path = written(tmp_path, rows, [geometry(units, n) for n in range(8)])
    before = bytes_of(database, units), batches_of(database)
    with pytest.raises(ImportRefused) as refused:
        streamed(database, registry, units, path)
    assert [finding.row for finding in refused.value.findings] == [8]
    assert refused.value.findings[0].geometry == geometry(units, 7)
    assert (bytes_of(database, units), batches_of(database)) == before


def test_a_file_that_breaks_off_leaves_nothing(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    path = usual(tmp_path, units, range(8))
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    with pytest.raises(Problem):
        streamed(database, registry, units, path)
    assert bytes_of(database, units) == []


def test_findings_are_bounded_and_counted(
    database: Database, registry: Registry, units: Layer, tmp_path: Path, monkeypatch: Any
) -> None:
    for module in ("examining", "streaming"):
        monkeypatch.setattr(f"layers.arriving.{module}.FINDINGS_LISTED", 4)
    rows = [record(units, n, kind="没有这样的") for n in range(9)]
    path = written(tmp_path, rows, [geometry(units, n) for n in range(9)])
    one, other = examined(database, registry, units, path, PLAIN)
    assert (len(other.findings), other.suppressed) == (4, 5)
    same(one, other)


def test_a_mapping_file_rewrites_every_piece(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    rows = [{"单位": f"单位 {n}", "类": "学堂"} for n in range(7)]
    path = written(tmp_path, rows, [geometry(units, n) for n in range(7)])
    said = mapping_file.parse(
        units,
        '[columns]\nname = "单位"\nkind = "类"\n[values.kind]\n"学堂" = "school"\n'.encode(),
        "m.toml",
    )
    with streams.opened(path, piece_rows=PIECE) as stream:
        report = streaming.load(database, registry, units, stream, rewriting=said)
    assert report.new == 7
    with database.read() as connection:
        kinds = connection.scalars(sa.select(table(units).c.kind)).all()
    assert set(kinds) == {"school"}


# --- rights ---------------------------------------------------------------------------------------
def test_rows_elsewhere_are_refused_alike(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    put_divisions(database, registry)
    spots = [SPOTS[WEST], SPOTS[EAST], SPOTS[ABROAD], NOWHERE, SPOTS[WEST]]
    shapes = [shapely.Point(lon, LAT + 0.005) for lon in spots]
    path = written(tmp_path, [record(units, n) for n in range(5)], shapes)
    whole(database, registry, units, path)
    own = of(database, WEST)
    for conflict in ("fail", "skip", "update"):
        options = Options(on_conflict=conflict)  # type: ignore[arg-type]
        one, other = examined(own, registry, units, path, options)
        assert one.counts.refused
        same(one, other)
    mine = written(tmp_path, [record(units, 9)] * 1, [shapes[0]], "mine")
    report = streamed(own, registry, units, mine)
    assert (report.new, report.batch is not None) == (1, True)


# --- in between -----------------------------------------------------------------------------------
def test_a_load_in_pieces_can_be_undone(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    whole(database, registry, units, usual(tmp_path, units, range(5)))
    before = bytes_of(database, units)
    report = streamed(database, registry, units, usual(tmp_path, units, range(3, 9)), UPDATE)
    assert report.batch is not None
    assert bytes_of(database, units) != before
    batches.undo(database, registry, report.batch)
    assert bytes_of(database, units) == before


def test_progress_only_grows_and_ends_whole(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    steps: list[tuple[int, int | None]] = []
    path = usual(tmp_path, units, range(8))
    streamed(database, registry, units, path, progress=lambda d, t: steps.append((d, t)))
    done = [each for each, _ in steps]
    assert done == sorted(done)
    assert steps[-1] == (8, 8)


def test_whoever_stops_a_load_leaves_nothing(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    def stop(done: int, _: int | None) -> None:
        if done > PIECE:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        streamed(database, registry, units, usual(tmp_path, units, range(8)), progress=stop)
    assert bytes_of(database, units) == []


def test_what_is_divided_or_left_out_is_read_whole(registry: Registry, units: Layer) -> None:
    assert streaming.takes(units, PLAIN)
    assert not streaming.takes(units, Options(accept_valid=True))
    assert not streaming.takes(registry.layer("grid_fields"), PLAIN)
    assert not streaming.takes(registry.layer("sites"), PLAIN)


def test_the_first_rows_are_shown_with_their_states(
    database: Database, registry: Registry, units: Layer, tmp_path: Path
) -> None:
    whole(database, registry, units, usual(tmp_path, units, range(1)))
    path = usual(tmp_path, units, range(8), source="新")
    one, other = examined(database, registry, units, path, UPDATE)
    assert other.evidence is not None
    same(one, other)
    assert other.states == (State.CHANGED, State.NEW, State.NEW)
    assert len(other.source.frame) == PIECE


def batches_of(database: Database) -> int:
    with database.read() as connection:
        return len(batches.listing(connection))
