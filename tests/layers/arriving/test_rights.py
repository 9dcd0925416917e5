"""What somebody of one division may load and undo, and what they learn of the others by it."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry

from gis.datum import Datum
from gis.errors import Finding, Problem
from gis.files import Source
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.arriving import batches
from layers.arriving.examination import Examination, OnConflict, Options, State
from layers.arriving.importing import examine, load
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.people import EVERYWHERE, Role, subtree
from layers.declaring.words import Layer
from layers.reading import features
from layers.refusals.imports import (
    BATCH_CHANGED_SINCE,
    CODE_UNNUMBERED,
    FOREIGN_GROUND,
    UNKNOWN_BATCH,
)
from layers.refusals.values import VALUE_EXISTS
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import LAT, LON, record
from tests.layers.held.test_rights import (
    ABROAD,
    EAST,
    NOWHERE,
    SPOTS,
    STREET,
    WEST,
    of,
    put,
    put_divisions,
    shape,
)
from tests.layers.incoming import Row, bytes_of, table_file

VALID = Options(accept_valid=True)
UPDATE = Options(on_conflict="update")


@pytest.fixture
def district(database: Database, registry: Registry) -> Database:
    put_divisions(database, registry)
    return database


@pytest.fixture
def units(registry: Registry) -> Layer:
    return registry.layer("work_units")


@pytest.fixture
def fields(registry: Registry) -> Layer:
    return registry.layer("grid_fields")


def source(rows: Sequence[Row], shapes: Sequence[BaseGeometry]) -> Source:
    """A file that leaves no doubt about its datum."""
    texts = [{name: "" if cell is None else cell for name, cell in row.items()} for row in rows]
    return table_file(texts, shapes, datum=Datum.WGS84)


def units_file(units: Layer, lons: Sequence[float], **given: object) -> Source:
    rows = [record(units, n, **given) for n in range(len(lons))]
    return source(rows, [shape(units, lon, n) for n, lon in enumerate(lons)])


def cell(column: int) -> BaseGeometry:
    """A tenth of a community's width: 0–9 are in the west, 10–19 in the east."""
    west = round(LON + column * 0.001, 6)
    return shapely.box(west, LAT, round(west + 0.001, 6), LAT + 0.001)


def field_row(fields: Layer, of_division: str, n: int) -> dict[str, object]:
    code = f"{of_division}{n + 1:03}"
    given = {"code": code, "division": of_division, "kind": "general", "leader": None}
    return {**record(fields, n), **given, "name": f"网格{code[-6:]}"}


def put_field(database: Database, fields: Layer, division: str, n: int, column: int) -> int:
    values = field_row(fields, division, n)
    with database.begin() as connection:
        return features.insert(connection, fields, values, cell(column))


def refused(
    database: Database,
    registry: Registry,
    layer: Layer,
    given: Source,
    options: Options | None = None,
) -> Examination:
    """The examination of a file that a load refuses in the same words; nothing of it is stored."""
    options = options or Options()
    looked = examine(database, registry, layer, given, options)
    assert not looked.loads()
    with pytest.raises(Problem) as caught:
        load(database, registry, layer, given, options)
    assert told(caught.value.findings) == told(looked.findings)
    return looked


def told(findings: Sequence[Finding]) -> list[tuple[int | None, str, str]]:
    return [(finding.row, finding.rule.slug, finding.sentence()) for finding in findings]


def foreign(findings: Sequence[Finding]) -> list[int | None]:
    return [finding.row for finding in findings if finding.rule is FOREIGN_GROUND]


# --- rows of another division ---------------------------------------------------------------------
def test_a_row_on_foreign_ground_is_refused_by_name_in_the_preview_and_the_load(
    district: Database, registry: Registry, units: Layer
) -> None:
    mine = of(district, WEST)
    given = units_file(units, [SPOTS[WEST], SPOTS[EAST], SPOTS[ABROAD], NOWHERE])
    looked = refused(mine, registry, units, given)
    assert foreign(looked.findings) == [2, 3, 4]
    assert looked.findings[0].sentence() == "不在您的辖区内"
    assert looked.findings[0].suggestion()
    assert bytes_of(district, units) == []
    report = load(mine, registry, units, given, VALID)
    assert (report.new, report.refused) == (1, 3)
    assert [row[-2] for row in bytes_of(district, units)] == [int(WEST)]


def test_a_row_with_the_code_of_another_division_is_refused_wherever_it_lies(
    district: Database, registry: Registry, fields: Layer
) -> None:
    mine = of(district, WEST)
    rows = [field_row(fields, WEST, 0), field_row(fields, EAST, 0)]
    looked = refused(mine, registry, fields, source(rows, [cell(0), cell(1)]))
    assert foreign(looked.findings) == [2]
    assert load(mine, registry, fields, source(rows[:1], [cell(0)])).new == 1
    # With a code of ours on ground that is not.
    astray = refused(mine, registry, fields, source([field_row(fields, WEST, 1)], [cell(11)]))
    assert foreign(astray.findings) == [1]


@pytest.mark.parametrize("on_conflict", ["fail", "skip", "update"])
def test_a_feature_of_another_division_is_not_taken_over_nor_compared(
    district: Database, registry: Registry, units: Layer, on_conflict: OnConflict
) -> None:
    put(district, units, SPOTS[EAST], 0)
    before, mine = bytes_of(district, units), of(district, WEST)
    for lon, given in ((SPOTS[WEST], {}), (SPOTS[EAST], {}), (SPOTS[EAST], {"kind": "other"})):
        options = Options(on_conflict=on_conflict)
        looked = refused(mine, registry, units, units_file(units, [lon], **given), options)
        # The same words whether it differs or not: nothing is to be learnt by trying values.
        assert [finding.rule for finding in looked.findings] == [FOREIGN_GROUND]
        assert looked.states == (State.REFUSED,)
    assert bytes_of(district, units) == before


def test_a_known_feature_is_not_moved_onto_foreign_ground(
    district: Database, registry: Registry, units: Layer
) -> None:
    put(district, units, SPOTS[WEST], 0)
    mine = of(district, WEST)
    looked = refused(mine, registry, units, units_file(units, [SPOTS[EAST]]), UPDATE)
    assert foreign(looked.findings) == [1]
    assert load(of(district, STREET), registry, units, units_file(units, [SPOTS[EAST]]), UPDATE)


def test_what_strays_already_may_be_brought_again_as_it_lies(
    district: Database, registry: Registry, fields: Layer
) -> None:
    put_field(district, fields, WEST, 0, 11)
    mine, row = of(district, WEST), field_row(fields, WEST, 0)
    same = load(mine, registry, fields, source([row], [cell(11)]), UPDATE)
    assert (same.unchanged, same.updated) == (1, 0)
    renamed = source([{**row, "name": "新名"}], [cell(11)])
    assert load(mine, registry, fields, renamed, UPDATE).updated == 1
    astray = refused(mine, registry, fields, source([row], [cell(12)]), UPDATE)
    assert foreign(astray.findings) == [1]


def test_the_preview_knows_where_the_database_will_put_a_row(
    district: Database, registry: Registry, units: Layer
) -> None:
    random = np.random.default_rng(4)
    lons = [*(LON + random.uniform(-0.005, 0.055, 60)), LON, LON + 0.01, LON + 0.02, LON + 0.05]
    spots = [shapely.Point(lon, LAT + 0.005) for lon in lons]
    given = source([record(units, n) for n in range(len(spots))], spots)
    load(district, registry, units, given)
    placed = [row[-2] for row in bytes_of(district, units)]
    with district.begin() as connection:
        connection.execute(sa.delete(table(units)))
    for division in ("630102000000", STREET, WEST, ABROAD, "630103000000", EVERYWHERE):
        low, high = subtree(division)
        expected = [
            n for n, place in enumerate(placed, start=1) if not low <= int(str(place)) <= high
        ]
        looked = examine(of(district, division), registry, units, given, Options())
        assert foreign(looked.findings) == expected, division


def test_what_the_file_lacks_goes_only_from_the_own_division(
    district: Database, registry: Registry, units: Layer
) -> None:
    own = [put(district, units, SPOTS[WEST], n) for n in (0, 1)]
    other = put(district, units, SPOTS[EAST], 2)
    mine, replace = of(district, WEST), Options(on_conflict="update", gone="delete")
    looked = examine(mine, registry, units, units_file(units, [SPOTS[WEST]]), replace)
    assert [gone.id for gone in looked.gone] == own[1:]
    assert looked.counts.gone == 1
    report = load(mine, registry, units, units_file(units, [SPOTS[WEST]]), replace)
    assert report.deleted == 1
    assert [row[0] for row in bytes_of(district, units)] == [own[0], other]


def test_free_codes_of_another_division_are_not_told(
    district: Database, registry: Registry, fields: Layer
) -> None:
    put_field(district, fields, EAST, 0, 10)
    rows = [{**field_row(fields, division, 1), "code": None} for division in (WEST, EAST)]
    given = source(rows, [cell(0), cell(11)])
    looked = refused(of(district, WEST), registry, fields, given)
    assert [(f.row, f.rule) for f in looked.findings] == [(1, CODE_UNNUMBERED), (2, FOREIGN_GROUND)]
    numbering = Options(number=True, accept_valid=True)
    assert load(of(district, WEST), registry, fields, given, numbering).new == 1


def test_stored_places_of_another_division_prove_no_datum(
    district: Database, registry: Registry, units: Layer
) -> None:
    put(district, units, SPOTS[WEST], 0)
    put(district, units, SPOTS[EAST], 1)
    rows = [{name: record(units, n)[name] for name in ("name", "kind")} for n in (0, 1)]
    spots = [shape(units, lon, n) for n, lon in enumerate((SPOTS[WEST], SPOTS[EAST]))]
    given = table_file(rows, spots)
    for division, known in ((STREET, 2), (WEST, 1), (ABROAD, 0)):
        looked = examine(of(district, division), registry, units, given, UPDATE)
        assert looked.evidence is not None
        assert looked.evidence.known == known


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR, Role.LEADER, Role.OFFICER])
def test_only_an_admin_loads_files(
    district: Database, registry: Registry, units: Layer, role: Role
) -> None:
    with pytest.raises(Problem) as caught:
        load(of(district, WEST, role), registry, units, units_file(units, [SPOTS[WEST]]))
    assert caught.value.rule is NOT_PERMITTED
    assert bytes_of(district, units) == []


# --- the gate -------------------------------------------------------------------------------------
def masked(findings: Sequence[Finding], hidden: Sequence[object]) -> Iterator[str]:
    for finding in findings:
        said = " ".join([finding.sentence(), finding.suggestion(), repr(dict(finding.values))])
        yield from (str(each) for each in hidden if str(each) in said)


def test_a_neighbour_that_is_in_the_way_is_not_named_outside_its_division(
    district: Database, registry: Registry, fields: Layer
) -> None:
    with district.begin() as connection:  # a number that is in no other text
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('grid_fields','id'), 77000)")
        )
    neighbour = put_field(district, fields, EAST, 8, 9)  # beyond its own ground
    row, hidden = field_row(fields, WEST, 0), (neighbour, f"{EAST}009", "网格002009")
    given = source([row], [cell(9)])
    looked = refused(of(district, WEST), registry, fields, given)
    assert any("辖区外" in finding.sentence() for finding in looked.findings)
    assert list(masked(looked.findings, hidden)) == []
    above = refused(of(district, STREET), registry, fields, given)
    assert set(masked(above.findings, hidden))  # who may see it is told
    own = Changes([Put(None, row, cell(9))])
    with pytest.raises(Problem) as caught, of(district, WEST).begin() as connection:
        editing.apply(connection, registry, fields, own, tolerance_m2=0.5)
    assert caught.value.findings
    assert list(masked(caught.value.findings, hidden)) == []


def test_a_row_that_is_somebody_elses_excuses_no_gap(
    district: Database, registry: Registry, fields: Layer
) -> None:
    put_field(district, fields, WEST, 0, 9)
    put_field(district, fields, EAST, 0, 10)
    half = shapely.box(*cell(9).bounds[:2], cell(9).centroid.x, cell(9).bounds[3])
    rows = [field_row(fields, WEST, 0), field_row(fields, EAST, 0)]
    shapes = [half, shapely.difference(shapely.union(cell(9), cell(10)), half)]
    given = source(rows, shapes)
    options = Options(on_conflict="update", accept_valid=True)
    before = bytes_of(district, fields)
    looked = examine(of(district, WEST), registry, fields, given, options)
    assert {f.rule.slug for f in looked.findings if f.row == 1} >= {"coverage-uncovered"}
    assert not looked.loads()
    assert bytes_of(district, fields) == before
    assert load(of(district, STREET), registry, fields, given, options).updated == 2


# --- batches --------------------------------------------------------------------------------------
def loaded(database: Database, registry: Registry, units: Layer, lon: float) -> int:
    report = load(database, registry, units, units_file(units, [lon]), UPDATE, loaded_by="王芳")
    assert report.batch is not None
    return report.batch


def numbers(database: Database) -> list[int]:
    with database.read() as connection:
        return [batch.number for batch in batches.listing(connection)]


def test_a_batch_is_seen_by_admins_of_its_loaders_division_and_above(
    district: Database, registry: Registry, units: Layer
) -> None:
    by_west = loaded(of(district, WEST), registry, units, SPOTS[WEST])
    by_street = loaded(of(district, STREET), registry, units, SPOTS[WEST] + 0.001)
    by_command = loaded(district, registry, units, SPOTS[WEST] + 0.002)
    assert numbers(of(district, WEST)) == [by_west]
    assert numbers(of(district, STREET)) == [by_street, by_west]
    assert numbers(of(district, EVERYWHERE)) == [by_command, by_street, by_west]
    assert numbers(of(district, EAST)) == []
    assert numbers(of(district, WEST, Role.LEADER)) == []
    with of(district, WEST).read() as connection:
        batch = batches.get(connection, by_west)
        assert (batch.loaded_by, batch.account, batch.loader("zh")) == ("王芳", 7, "王芳")
        seen = sa.text("SELECT DISTINCT batch FROM import_changes")
        assert list(connection.scalars(seen)) == [by_west]
    with district.read() as connection:
        told = batches.get(connection, by_command)
    assert (told.account, told.loader("zh"), told.loader("en")) == (
        None,
        "命令行（王芳）",
        "command line (王芳)",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE import_batches SET loaded_by = 'x'",
        "UPDATE import_batches SET place = 0",
        "INSERT INTO import_batches (place) VALUES (0)",
        "INSERT INTO import_batches (account) VALUES (1)",
        "DELETE FROM import_batches",
        "UPDATE import_changes SET after = NULL",
        "DELETE FROM import_changes",
        "INSERT INTO import_changes (batch, feature) VALUES (1, 99)",
    ],
)
def test_the_role_rewrites_no_batch(
    district: Database, registry: Registry, units: Layer, statement: str
) -> None:
    assert loaded(of(district, STREET), registry, units, SPOTS[WEST]) == 1
    with pytest.raises(Problem) as caught, of(district, WEST).begin() as connection:
        connection.execute(sa.text(statement))
    assert caught.value.rule is NOT_PERMITTED


def test_another_division_undoes_nothing_and_the_one_above_does(
    district: Database, registry: Registry, units: Layer
) -> None:
    number = loaded(of(district, WEST), registry, units, SPOTS[WEST])
    before = bytes_of(district, units)
    for database in (of(district, EAST), of(district, WEST, Role.LEADER)):
        with pytest.raises(Problem) as caught:
            batches.undo(database, registry, number)
        assert caught.value.rule is UNKNOWN_BATCH
    assert bytes_of(district, units) == before
    assert batches.undo(of(district, STREET), registry, number).undone_at is not None
    assert bytes_of(district, units) == []


def test_an_undo_leaves_alone_what_has_gone_to_another_division(
    district: Database, registry: Registry, units: Layer
) -> None:
    mine = of(district, WEST)
    number = loaded(mine, registry, units, SPOTS[WEST])
    (feature,) = (int(str(row[0])) for row in bytes_of(district, units))
    with district.begin() as connection:
        values = record(units, 0, name="秘密")
        features.replace(connection, units, feature, values, shape(units, SPOTS[EAST]))
    before = bytes_of(district, units)
    with pytest.raises(Problem) as caught:
        batches.undo(mine, registry, number)
    assert caught.value.rule is BATCH_CHANGED_SINCE
    assert "秘密" not in caught.value.findings[0].sentence()
    assert bytes_of(district, units) == before


def test_who_has_taken_a_key_elsewhere_is_not_told_to_who_undoes(
    district: Database, registry: Registry, units: Layer
) -> None:
    mine = of(district, WEST)
    loaded(mine, registry, units, SPOTS[WEST])
    replace = Options(on_conflict="update", gone="delete")
    rows, spots = [record(units, 5)], [shape(units, SPOTS[WEST], 5)]
    deleted = load(mine, registry, units, source(rows, spots), replace)
    assert (deleted.deleted, deleted.batch) == (1, 2)
    with district.begin() as connection:
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('work_units','id'), 77000)")
        )
    taker = put(district, units, SPOTS[EAST], 0)
    with pytest.raises(Problem) as caught:
        batches.undo(mine, registry, 2)
    assert [finding.rule for finding in caught.value.findings] == [VALUE_EXISTS]
    assert list(masked(caught.value.findings, [taker])) == []
