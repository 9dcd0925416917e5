"""What is stored tells the datum of a file, or says that a person has to."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from gis.datum import Datum, convert, convert_geometries
from gis.errors import Problem
from gis.files import Source
from gis.postgis import Database
from layers.arriving import datum_evidence
from layers.arriving.datum_evidence import Candidate, DatumEvidence
from layers.arriving.importing import Options, examine, load
from layers.reading import features
from layers.refusals.imports import DATUM_DOUBTFUL, DATUM_UNSAID
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import LAT, LON, record
from tests.layers.incoming import count, table_file

GEOD = Geod(ellps="WGS84")
UPDATE = Options(on_conflict="update")


def shifted(shapes: Sequence[BaseGeometry], datum: Datum) -> list[BaseGeometry]:
    """The same places as a device of that datum would write them."""
    return list(convert_geometries(np.array(shapes, dtype=object), Datum.WGS84, datum))


def points(n: int, step: float = 0.001) -> list[BaseGeometry]:
    return [shapely.Point(LON + step * i, LAT + step * i) for i in range(n)]


def units(registry: Registry, shapes: Sequence[BaseGeometry], **hints: object) -> Source:
    layer = registry.layer("work_units")
    rows = [{"name": record(layer, n)["name"], "kind": "other"} for n in range(len(shapes))]
    return table_file(rows, shapes, **hints)


def store_division(database: Database, registry: Registry, ground: BaseGeometry) -> None:
    with database.begin() as connection:
        divisions = registry.layer("divisions")
        features.insert(connection, divisions, record(divisions), ground)


def test_gcj02_points_come_in_where_they_are(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    rng = np.random.default_rng(3)
    true = [
        shapely.Point(*place) for place in rng.uniform((101.75, 36.55), (101.9, 36.65), (200, 2))
    ]
    given = units(registry, shifted(true, Datum.GCJ02), datum=Datum.GCJ02)
    assert examine(database, registry, layer, given).doubts == ()
    report = load(database, registry, layer, given)
    assert report.belief.datum is Datum.GCJ02
    rows = table(layer)
    with database.read() as connection:
        places = sa.select(sa.func.st_x(rows.c.geom), sa.func.st_y(rows.c.geom))
        stored = np.array(connection.execute(places.order_by(rows.c.id)).all(), dtype=float)
    _, _, off_m = GEOD.inv(stored[:, 0], stored[:, 1], [p.x for p in true], [p.y for p in true])
    assert np.max(off_m) < 1e-6


def test_an_unsaid_datum_is_a_question_with_its_candidates(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    store_division(database, registry, shapely.box(LON - 0.01, LAT - 0.01, LON + 0.02, LAT + 0.02))
    found = examine(database, registry, layer, units(registry, points(5)))
    assert [doubt.rule for doubt in found.doubts] == [DATUM_UNSAID]
    assert "GCJ-02" in found.doubts[0].sentence()
    assert "--datum" in found.doubts[0].suggestion()
    evidence = found.evidence
    assert evidence is not None
    assert (evidence.known, evidence.confirmed) == (0, None)
    wgs84, gcj02, bd09 = evidence.candidates
    assert (wgs84.displacement_m, wgs84.share_inside) == (0, 1.0)
    assert 150 < gcj02.displacement_m < 180
    assert 900 < bd09.displacement_m < 1050
    assert found.loads()


def test_nothing_is_asked_of_what_is_certain(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    for given in (
        units(registry, points(2), datum=Datum.WGS84),
        units(registry, [shapely.Point(2.35, 48.85), shapely.Point(2.36, 48.85)]),
    ):
        found = examine(database, registry, layer, given)
        assert (found.evidence, found.doubts) == (None, ())


@pytest.mark.parametrize("datum", list(Datum))
def test_features_that_are_stored_already_confirm_or_contradict(
    database: Database, registry: Registry, datum: Datum
) -> None:
    layer = registry.layer("work_units")
    load(database, registry, layer, units(registry, points(10), datum=Datum.WGS84))
    given = units(registry, shifted(points(10), datum))
    found = examine(database, registry, layer, given, UPDATE)
    assert found.evidence is not None
    assert found.evidence.known == 10
    assert found.evidence.confirmed is datum
    if datum is Datum.WGS84:
        assert found.doubts == ()
        return
    assert [doubt.rule for doubt in found.doubts] == [DATUM_DOUBTFUL]
    assert not found.loads()
    with pytest.raises(Problem) as caught:
        load(database, registry, layer, given, UPDATE)
    assert caught.value.rule is DATUM_DOUBTFUL
    assert datum_evidence.NAMES[datum] in caught.value.sentence()
    told = units(registry, shifted(points(10), datum), datum=datum)
    report = load(database, registry, layer, told, UPDATE)
    assert report.updated + report.unchanged == 10


def test_polygons_are_control_points_by_their_centre(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    rows = [record(layer, n, kind="general") for n in range(3)]
    shapes = [shapely.box(LON + 0.01 * n, LAT, LON + 0.01 * n + 0.01, LAT + 0.01) for n in range(3)]
    load(database, registry, layer, table_file(rows, shapes, datum=Datum.WGS84))
    before = count(database, layer)
    found = examine(
        database, registry, layer, table_file(rows, shifted(shapes, Datum.GCJ02)), UPDATE
    )
    assert found.evidence is not None
    assert found.evidence.confirmed is Datum.GCJ02
    assert count(database, layer) == before


def test_a_file_that_lies_inside_only_under_another_datum_is_doubtful(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    store_division(database, registry, shapely.box(LON, LAT, LON + 0.004, LAT + 0.004))
    inside = [shapely.Point(LON + 0.0005 * n, LAT + 0.0005 * n) for n in range(1, 8)]
    given = units(registry, shifted(inside, Datum.BD09))
    found = examine(database, registry, layer, given)
    assert [doubt.rule for doubt in found.doubts] == [DATUM_DOUBTFUL]
    assert "100%" in found.doubts[0].sentence()
    with pytest.raises(Problem) as caught:
        load(database, registry, layer, given)
    assert caught.value.rule is DATUM_DOUBTFUL


def test_the_ground_is_all_stored_divisions(database: Database, registry: Registry) -> None:
    divisions = registry.layer("divisions")
    with database.read() as connection:
        for layer in registry.layers.values():
            assert datum_evidence.ground(connection, registry, layer) is None
    store_division(database, registry, shapely.box(0, 0, 1, 1))
    with database.begin() as connection:
        features.insert(connection, divisions, record(divisions, 1), shapely.box(1, 0, 2, 1))
    with database.read() as connection:
        for layer in registry.mapped:
            found = datum_evidence.ground(connection, registry, layer)
            assert found is not None
            assert found.equals(shapely.box(0, 0, 2, 1))


def test_few_strays_do_not_unmake_a_confirmation() -> None:
    def evidence(*control: int) -> DatumEvidence:
        each = zip(Datum, control, strict=True)
        return DatumEvidence(tuple(Candidate(d, None, 0.0, n) for d, n in each), 10)

    assert evidence(9, 1, 0).confirmed is Datum.WGS84
    assert evidence(5, 5, 0).confirmed is None
    assert evidence(10, 10, 0).confirmed is None
    assert evidence(0, 10, 0).contradicts(Datum.WGS84)
    assert not evidence(0, 10, 0).contradicts(Datum.GCJ02)
    assert not evidence(0, 0, 0).contradicts(Datum.WGS84)


def test_shifting_is_the_inverse_of_reading() -> None:
    lon, lat = convert([LON], [LAT], Datum.WGS84, Datum.GCJ02)
    (shape,) = shifted([shapely.Point(LON, LAT)], Datum.GCJ02)
    assert (shape.x, shape.y) == (lon[0], lat[0])
