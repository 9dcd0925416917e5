"""What the check of a partition finds, names and mends."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.fault import Action, Kind, Severity
from gis.geometry import Geometries
from gis.postgis import Database
from layers.declaring import codes
from layers.declaring.words import Layer
from layers.ground import topology
from layers.ground.topology import Found
from layers.reading import features
from layers.refusals.ground import (
    FAULT_UNMENDABLE,
    UNKNOWN_DIVISION,
    UNKNOWN_FAULT,
    UNKNOWN_PARTITION,
)
from layers.registry import Registry, build
from layers.schema.tables import SRID, table
from tests.gis.partitions import METRE, STREETS, Planted, area_m2, borders, plant
from tests.layers.fields import (
    BLUE_SKY,
    STREET,
    WEST_STATION,
    division,
    field,
    plot,
    same_ground,
    values,
)


@pytest.fixture
def layer(registry: Registry) -> Layer:
    return registry.layer("grid_fields")


@pytest.fixture
def street(conn: Connection, registry: Registry) -> list[int]:
    """Two communities of a street, each of three rows of three cells, numbered in reading order."""
    return store_street(conn, registry)


def store_street(conn: Connection, registry: Registry) -> list[int]:
    division(conn, registry, plot(0, 0, 6, 3), STREET)
    division(conn, registry, plot(0, 0, 3, 3), BLUE_SKY, parent=STREET)
    division(conn, registry, plot(3, 0, 3, 3), WEST_STATION, parent=STREET)
    return [
        field(conn, registry, 3 * row + column + 1, plot(west + column, 2 - row), of)
        for of, west in ((BLUE_SKY, 0), (WEST_STATION, 3))
        for row in range(3)
        for column in range(3)
    ]


def found(conn: Connection, registry: Registry, of: str | None = None) -> tuple[Found, ...]:
    layer = registry.layer("grid_fields")
    return topology.inspect(conn, registry, layer, division=of).found


def kinds(conn: Connection, registry: Registry, of: str | None = None) -> list[str]:
    """The kinds without that of numbers out of order."""
    listed = found(conn, registry, of)
    return sorted(one.kind for one in listed if one.kind != "code-order")


def redraw(conn: Connection, registry: Registry, feature_id: int, ground: BaseGeometry) -> None:
    features.redraw(conn, registry.layer("grid_fields"), feature_id, ground)


def change(conn: Connection, registry: Registry, feature_id: int, **changed: object) -> None:
    rows = table(registry.layer("grid_fields"))
    conn.execute(sa.update(rows).values(**changed).where(rows.c.id == feature_id))


# --- a real partition -------------------------------------------------------------------------
@pytest.fixture(scope="module")
def streets() -> Geometries:
    if not STREETS.exists():
        pytest.skip("the 331 streets of ../shared/data are not at hand")
    listed = json.loads(STREETS.read_text(encoding="utf-8"))["features"]
    return np.array([shapely.geometry.shape(one["geometry"]) for one in listed], dtype=object)


def store(conn: Connection, registry: Registry, polygons: Geometries, frame: BaseGeometry) -> None:
    layer = registry.layer("grid_fields")
    division(conn, registry, frame)
    for code, polygon in zip(codes.propose([], BLUE_SKY, polygons), polygons, strict=True):
        features.insert(conn, layer, values(int(code[-3:])), polygon)


def planted(polygons: Geometries, frame: BaseGeometry) -> list[Planted]:
    """Ten faults, each far from the others; the polygons are changed."""
    wanted = [
        (Kind.GAP, 15), (Kind.GAP, 80), (Kind.OVERLAP, 10), (Kind.OVERLAP, 60),
        (Kind.SLIVER_GAP, 0.4), (Kind.SLIVER_GAP, 0.1), (Kind.SLIVER_OVERLAP, 0.4),
        (Kind.SLIVER_OVERLAP, 0.2), (Kind.OUTSIDE, 40), (Kind.UNCOVERED, 40),
    ]  # fmt: skip
    made: list[Planted] = []
    used: list[BaseGeometry] = []
    for border in borders(polygons, frame):
        at_edge = border.other < 0
        fit = [w for w in wanted if at_edge == (w[0] in {Kind.OUTSIDE, Kind.UNCOVERED})]
        near = any(place.dwithin(border.line, 0.01) for place in used)
        if near or not fit or border.line.length < 600 * METRE:
            continue
        if (one := plant(polygons, frame, border, *fit[0])) is not None:
            made.append(one)
            used.append(border.line)
            wanted.remove(fit[0])
    assert wanted == []
    return made


def test_a_real_partition_has_no_fault(
    conn: Connection, registry: Registry, streets: Geometries
) -> None:
    store(conn, registry, streets, shapely.coverage_union_all(streets))
    inspection = topology.inspect(conn, registry, registry.layer("grid_fields"))
    assert (inspection.features, inspection.found, inspection.errors) == (331, (), 0)


def test_ten_planted_faults_are_found_with_their_areas_and_named_ones_are_mended(
    database: Database, registry: Registry, streets: Geometries
) -> None:
    polygons, frame = streets.copy(), shapely.coverage_union_all(streets)
    made = planted(polygons, frame)
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        store(connection, registry, polygons, frame)
    with database.read() as connection:
        listed = found(connection, registry)
    assert sorted(one.kind for one in listed) == sorted(one.kind.value for one in made)
    for one in made:
        (match,) = (f for f in listed if f.finding.geometry.intersects(one.ground))
        assert match.kind == one.kind.value
        assert match.area_m2 == pytest.approx(area_m2(one.ground), rel=0.01)
        assert one.polygon + 1 in {feature.id for feature in match.features}

    mendable = [one for one in listed if one.suggestion]
    assert len(mendable) == 10
    chosen = [one.id for one in mendable[::2]]
    done = topology.fix(database, registry, layer, chosen)
    assert [one.id for one in done] == chosen
    with database.read() as connection:
        left = found(connection, registry)
    assert {one.id for one in left} == {one.id for one in mendable[1::2]}
    topology.fix(database, registry, layer, [one.id for one in left])
    with database.read() as connection:
        assert found(connection, registry) == ()


# --- the ground -------------------------------------------------------------------------------
def test_a_clean_street_has_no_fault(
    conn: Connection, registry: Registry, layer: Layer, street: list[int]
) -> None:
    assert found(conn, registry) == ()
    assert topology.inspect(conn, registry, layer).features == 18
    assert topology.inspect(conn, registry, layer, division=STREET).features == 18
    assert topology.inspect(conn, registry, layer, division=BLUE_SKY).features == 9


def test_each_fault_has_place_area_width_severity_and_a_suggestion(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    redraw(conn, registry, street[0], plot(0, 2, 0.5))
    (one,) = found(conn, registry)
    assert (one.kind, one.severity) == ("uncovered", Severity.ERROR)
    assert one.area_m2 == pytest.approx(area_m2(plot(0.5, 2, 0.5)), rel=1e-6)
    assert one.width_m is not None
    assert same_ground(one.finding.geometry, plot(0.5, 2, 0.5))
    assert [feature.label for feature in one.features][:2] == ["网格001001", "网格001002"]
    assert one.suggestion is not None
    assert (one.suggestion.action, one.suggestion.feature.id) == (Action.FILL, street[0])
    assert one.suggestion.sentence("zh") == one.finding.suggestion("zh") == "并入 网格001001"
    assert one.id.startswith("uncovered-")


def test_ground_outside_the_own_division_is_told_once_also_inside_another(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    redraw(conn, registry, street[2], plot(2, 2, 1.2))
    (one,) = found(conn, registry)
    assert (one.kind, [feature.id for feature in one.features]) == ("outside", [street[2]])
    assert one.suggestion is not None
    assert one.suggestion.action is Action.CUT
    for of in (BLUE_SKY, WEST_STATION, STREET):
        assert [f.id for f in found(conn, registry, of)] == [one.id]


def test_ground_of_another_division_that_nobody_else_covers_is_not_to_be_cut(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    redraw(conn, registry, street[2], plot(2, 2, 1.2))
    redraw(conn, registry, street[9], plot(3.2, 2, 0.8))
    (one,) = found(conn, registry)
    assert (one.kind, one.suggestion) == ("outside", None)


def test_a_gap_is_added_to_a_neighbour_of_its_own_division(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    """The longest border of the gap is with the other division."""
    redraw(conn, registry, street[2], plot(2, 2, 0.9))
    (one,) = found(conn, registry)
    assert one.suggestion is not None
    assert one.suggestion.feature.id == street[2]
    redraw(conn, registry, street[9], plot(3.1, 2, 0.9))
    (across,) = found(conn, registry)
    assert across.suggestion is None


def test_without_divisions_enclosed_gaps_and_overlaps_are_found(
    conn: Connection, registry: Registry, layer: Layer
) -> None:
    ring = [(c, r) for r in (2, 1, 0) for c in range(3) if (c, r) != (1, 1)]
    for n, at in enumerate(ring, start=1):
        field(conn, registry, n, plot(*at))
    field(conn, registry, 9, plot(2.5, 0))
    assert kinds(conn, registry) == ["gap", "overlap"]
    assert kinds(conn, registry, BLUE_SKY) == ["gap", "overlap"]
    alone = topology.inspect(conn, build([layer]), layer)
    assert sorted(one.kind for one in alone.found) == ["gap", "overlap"]


def test_gaps_beside_the_stored_divisions_are_found_too(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    ring = [(c, r) for r in (2, 1, 0) for c in range(3) if (c, r) != (1, 1)]
    for n, (column, row) in enumerate(ring, start=1):
        field(conn, registry, n, plot(20 + column, row), "630102007009")
    listed = found(conn, registry)
    assert sorted({one.kind for one in listed}) == ["code-unknown", "gap"]
    (gap,) = (one for one in listed if one.kind == "gap")
    assert same_ground(gap.finding.geometry, plot(21, 1))


def test_a_division_nobody_has_begun_with_is_only_checked_when_named(
    conn: Connection, registry: Registry
) -> None:
    division(conn, registry, plot(0, 0, 3, 3))
    assert found(conn, registry) == ()
    (one,) = found(conn, registry, BLUE_SKY)
    assert (one.kind, one.features, one.suggestion) == ("uncovered", (), None)
    field(conn, registry, 1, plot(0, 0))
    assert kinds(conn, registry) == ["uncovered"]


def test_holes_of_a_division_are_no_gaps(conn: Connection, registry: Registry) -> None:
    division(conn, registry, plot(0, 0, 3, 3).difference(plot(1, 1)))
    ring = [(c, r) for r in (2, 1, 0) for c in range(3) if (c, r) != (1, 1)]
    for n, at in enumerate(ring, start=1):
        field(conn, registry, n, plot(*at))
    assert found(conn, registry) == ()


def test_special_fields_may_lie_over_the_others_where_the_division_says_so(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    school = field(conn, registry, 10, plot(0.5, 0.5), kind="special")
    assert set(kinds(conn, registry)) == {"overlap"}
    rows = table(registry.layer("divisions"))
    conn.execute(sa.update(rows).values(special_policy="over"))
    assert kinds(conn, registry) == []
    sports = field(conn, registry, 11, plot(0.8, 0.5), kind="special")
    (one,) = (one for one in found(conn, registry) if one.kind == "overlap")
    assert [feature.id for feature in one.features] == [school, sports]
    redraw(conn, registry, street[6], plot(0, 0, 0.6))
    assert kinds(conn, registry) == ["overlap", "uncovered"]


def test_the_same_ground_twice_is_one_duplicate(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    field(conn, registry, 10, plot(2, 0))
    (one,) = found(conn, registry)
    assert (one.kind, one.suggestion) == ("duplicate", None)


# --- the records ------------------------------------------------------------------------------
def test_a_field_that_nobody_answers_for_is_a_warning(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    change(conn, registry, street[3], leader=None)
    (one,) = found(conn, registry)
    assert (one.kind, one.severity) == ("unowned", Severity.WARNING)
    assert "网格长" in one.finding.sentence("zh")
    assert same_ground(one.finding.geometry, plot(0, 1))
    assert found(conn, registry, WEST_STATION) == ()


def test_a_field_that_lies_in_another_division_is_misplaced_and_not_outside(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    change(conn, registry, street[0], code=f"{WEST_STATION}010", division=WEST_STATION)
    (one,) = (one for one in found(conn, registry) if one.kind != "code-order")
    assert (one.kind, one.severity) == ("code-misplaced", Severity.ERROR)
    assert WEST_STATION in one.finding.sentence("zh")
    assert BLUE_SKY in one.finding.sentence("zh")
    assert one.finding.suggestion("zh")


def test_a_code_that_disagrees_with_where_the_field_lies_is_misplaced(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    change(conn, registry, street[0], code=f"{WEST_STATION}010", division=None)
    assert "code-misplaced" in kinds(conn, registry)
    change(conn, registry, street[0], code=f"{BLUE_SKY}001", division=STREET)
    assert found(conn, registry) == ()


def test_a_division_that_is_not_stored_is_a_warning_where_others_are(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    change(conn, registry, street[0], code="630102007009001", division="630102007009")
    (one,) = found(conn, registry)
    assert (one.kind, one.severity) == ("code-unknown", Severity.WARNING)
    conn.execute(sa.delete(table(registry.layer("divisions"))))
    assert "code-unknown" not in kinds(conn, registry)


def test_numbers_out_of_reading_order_are_one_notice_for_a_division(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    for n, code in ((0, "999"), (1, "001"), (0, "002")):
        change(conn, registry, street[n], code=f"{BLUE_SKY}{code}")
    (one,) = found(conn, registry)
    assert (one.kind, one.severity) == ("code-order", Severity.NOTICE)
    assert [feature.id for feature in one.features] == street[:2]
    assert "2 个编码" in one.finding.sentence("zh")


def test_an_invalid_geometry_is_an_error_and_hides_no_gap_behind_it(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    """It cannot come in; but who writes to the database by hand may bring it."""
    bow = "POLYGON((101.8 36.602,101.801 36.603,101.801 36.602,101.8 36.603,101.8 36.602))"
    rows = table(registry.layer("grid_fields"))
    conn.execute(
        sa.update(rows)
        .values(geom=sa.func.st_geomfromtext(bow, SRID))
        .where(rows.c.id == street[0])
    )
    listed = found(conn, registry)
    (invalid,) = (one for one in listed if one.kind == "invalid")
    assert invalid.severity is Severity.ERROR
    assert "网格001001" in invalid.finding.sentence("zh")
    assert all(
        not one.finding.geometry.intersects(shapely.Point(101.8001, 36.6025)) or one is invalid
        for one in listed
    )


# --- asking and mending -----------------------------------------------------------------------
def test_an_id_stays_while_nothing_changes_there(
    conn: Connection, registry: Registry, street: list[int]
) -> None:
    redraw(conn, registry, street[0], plot(0, 2, 0.5))
    (one,) = found(conn, registry)
    redraw(conn, registry, street[17], plot(5, 0, 0.7))
    assert one.id in [other.id for other in found(conn, registry)]
    redraw(conn, registry, street[0], plot(0, 2, 0.6))
    assert one.id not in [other.id for other in found(conn, registry)]


def test_what_cannot_be_asked_is_refused(
    conn: Connection, registry: Registry, layer: Layer, street: list[int]
) -> None:
    for asked, of, rule in (
        (registry.layer("buildings"), None, UNKNOWN_PARTITION),
        (layer, "999999999999", UNKNOWN_DIVISION),
    ):
        with pytest.raises(Problem) as caught:
            topology.inspect(conn, registry, asked, division=of)
        assert caught.value.rule is rule


def stored(database: Database, layer: Layer) -> Sequence[object]:
    rows = table(layer)
    with database.read() as connection:
        return connection.execute(
            sa.select(rows.c.id, rows.c.geom.ST_AsText()).order_by("id")
        ).all()


def test_a_refused_mend_leaves_everything_as_it_was(
    database: Database, registry: Registry, layer: Layer
) -> None:
    with database.begin() as connection:
        ids = store_street(connection, registry)
        redraw(connection, registry, ids[0], plot(0, 2, 0.5))
        redraw(connection, registry, ids[2], plot(2, 2, 0.9))
        redraw(connection, registry, ids[9], plot(3.1, 2, 0.9))
        listed = found(connection, registry)
    (mendable,) = (one for one in listed if one.suggestion)
    (unmendable,) = (one for one in listed if not one.suggestion)
    before = stored(database, layer)
    for wrong, rule in (("gap-0000000000", UNKNOWN_FAULT), (unmendable.id, FAULT_UNMENDABLE)):
        with pytest.raises(Problem) as caught:
            topology.fix(database, registry, layer, [mendable.id, wrong])
        assert caught.value.rule is rule
        assert stored(database, layer) == before
    topology.fix(database, registry, layer, [mendable.id, mendable.id])
    with pytest.raises(Problem, match="unknown-fault"):
        topology.fix(database, registry, layer, [mendable.id])


def test_mends_follow_one_another_on_what_the_one_before_left(
    database: Database, registry: Registry, layer: Layer
) -> None:
    """One field has a gap and an overlap, and another overlaps it elsewhere."""
    with database.begin() as connection:
        ids = store_street(connection, registry)
        redraw(connection, registry, ids[4], plot(0.9, 1, 0.9))
        redraw(connection, registry, ids[7], plot(1, 0, 1, 1.2))
        listed = found(connection, registry)
    assert len(listed) == 3
    topology.fix(database, registry, layer, [one.id for one in listed])
    with database.read() as connection:
        assert found(connection, registry) == ()


def test_ground_that_three_share_is_left_to_one(
    database: Database, registry: Registry, layer: Layer
) -> None:
    with database.begin() as connection:
        for n in range(3):
            field(connection, registry, n + 1, plot(n * 0.4, n * 0.4))
        listed = [one for one in found(connection, registry) if one.kind == "overlap"]
    assert len(listed) == 3
    topology.fix(database, registry, layer, [one.id for one in listed])
    with database.read() as connection:
        assert kinds(connection, registry) == []
