"""What opens a gap or an overlap does not pass; what was wrong before and is not worse does."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from gis.measure import drawn_areas_m2
from gis.postgis import Database
from layers.declaring.values import check
from layers.declaring.words import Layer
from layers.ground import gate
from layers.reading import features
from layers.refusals.ground import COVERAGE_OPENED
from layers.registry import Registry, build
from tests.layers.fields import (
    BLUE_SKY,
    WEST_STATION,
    division,
    field,
    plot,
    same_ground,
    values,
)

M2_OF_A_CELL = float(drawn_areas_m2([plot(0, 0)])[0])
NOTHING = np.array([], dtype=object)


@pytest.fixture
def layer(registry: Registry) -> Layer:
    return registry.layer("grid_fields")


@contextmanager
def trying(conn: Connection) -> Iterator[list[Finding]]:
    """What the gate has against the changes; then nothing of them is kept."""
    findings: list[Finding] = []
    savepoint = conn.begin_nested()
    try:
        yield findings
    except Problem as problem:
        savepoint.rollback()
        findings += problem.findings
    else:
        savepoint.commit()


def draw(
    conn: Connection, registry: Registry, drawn: dict[int, BaseGeometry], **asked: object
) -> list[Finding]:
    """Redraw fields through the gate."""
    layer = registry.layer("grid_fields")
    asked = {"tolerance_m2": 0.5, **asked}
    ids, grounds = list(drawn), np.array([*drawn.values()])
    with (
        trying(conn) as findings,
        gate.passing(conn, registry, layer, ids=ids, geometries=grounds, **asked),
    ):
        for feature_id, ground in drawn.items():
            features.redraw(conn, layer, feature_id, ground)
    return findings


def add(
    conn: Connection,
    registry: Registry,
    *grounds: BaseGeometry,
    of: str | None = BLUE_SKY,
    **given: object,
) -> list[Finding]:
    """Store new fields through the gate."""
    layer, coming = registry.layer("grid_fields"), np.array(grounds, dtype=object)
    with (
        trying(conn) as findings,
        gate.passing(conn, registry, layer, ids=[], geometries=coming, tolerance_m2=0.5),
    ):
        for n, ground in enumerate(grounds, start=101):
            field(conn, registry, n, ground, of, **given)
    return findings


def remove(conn: Connection, registry: Registry, *ids: int) -> list[Finding]:
    """Delete fields through the gate."""
    layer = registry.layer("grid_fields")
    with (
        trying(conn) as findings,
        gate.passing(conn, registry, layer, ids=ids, geometries=NOTHING, tolerance_m2=0.5),
    ):
        for feature_id in ids:
            features.delete(conn, layer, feature_id)
    return findings


def rules(findings: Sequence[Finding]) -> list[str]:
    return sorted(finding.rule.slug for finding in findings)


@pytest.fixture
def row(conn: Connection, registry: Registry) -> list[int]:
    """A division of three cells in a row, and the field of each."""
    division(conn, registry, plot(0, 0, 3))
    return [field(conn, registry, n + 1, plot(n, 0)) for n in range(3)]


# --- what does not pass -----------------------------------------------------------------------
def test_an_overlap_is_refused_with_its_ground_and_the_names(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    (finding,) = draw(conn, registry, {row[0]: plot(0, 0, 1.5)})
    assert finding.rule.slug == "coverage-overlap"
    assert "网格001001" in finding.sentence("zh")
    assert "网格001002" in finding.sentence("zh")
    assert finding.values["area_m2"] == pytest.approx(M2_OF_A_CELL / 2, rel=1e-3)
    assert finding.values["ids"] == (row[1], row[0])
    assert same_ground(finding.geometry, plot(1, 0, 0.5))
    assert finding.suggestion("zh")
    assert finding.suggestion("en")


def test_ground_that_is_left_is_refused(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    at_the_end = draw(conn, registry, {row[2]: plot(2, 0, 0.5)})
    assert rules(at_the_end) == ["coverage-uncovered"]
    assert same_ground(at_the_end[0].geometry, plot(2.5, 0, 0.5))
    assert rules(draw(conn, registry, {row[1]: plot(1, 0, 0.5)})) == ["coverage-uncovered"]
    assert rules(remove(conn, registry, row[1])) == ["coverage-uncovered"]


def test_ground_that_is_left_and_enclosed_is_told_once(
    conn: Connection, registry: Registry
) -> None:
    division(conn, registry, plot(0, 0, 3, 3))
    ids = [field(conn, registry, 3 * r + c + 1, plot(c, r)) for r in range(3) for c in range(3)]
    (finding,) = remove(conn, registry, ids[4])
    assert finding.rule.slug == "coverage-gap"
    assert finding.values["area_m2"] == pytest.approx(M2_OF_A_CELL, rel=1e-3)


def test_without_divisions_only_overlaps_and_enclosed_gaps_count(
    conn: Connection, registry: Registry
) -> None:
    ring = [(c, r) for r in range(3) for c in range(3)]
    ids = [field(conn, registry, n + 1, plot(*at)) for n, at in enumerate(ring)]
    assert rules(remove(conn, registry, ids[4])) == ["coverage-gap"]
    assert remove(conn, registry, ids[5]) == []
    assert rules(add(conn, registry, plot(2.5, 0))) == ["coverage-overlap"]


def test_the_last_of_a_ring_encloses_a_gap(conn: Connection, registry: Registry) -> None:
    around = [(c, r) for r in range(3) for c in range(3) if (c, r) not in {(1, 1), (2, 1)}]
    for n, at in enumerate(around):
        field(conn, registry, n + 1, plot(*at))
    assert rules(add(conn, registry, plot(2, 1))) == ["coverage-gap"]
    assert add(conn, registry, plot(2, 1), plot(1, 1)) == []


def test_enclosed_ground_that_other_features_cover_is_no_gap(
    conn: Connection, registry: Registry
) -> None:
    """A division around another whose fields do not meet what changes."""
    field(conn, registry, 1, plot(2, 2), WEST_STATION)
    inner = plot(1, 1, 3, 3).difference(plot(2, 2))
    field(conn, registry, 2, inner, WEST_STATION)
    west = plot(0, 0, 1, 5)
    field(conn, registry, 1, west)
    field(conn, registry, 2, plot(1, 0, 4, 1))
    field(conn, registry, 3, plot(1, 4, 4, 1))
    assert add(conn, registry, plot(4, 1, 1, 3)) == []


# --- what passes ------------------------------------------------------------------------------
def test_a_border_moves_when_both_sides_change_together(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    assert draw(conn, registry, {row[0]: plot(0, 0, 1.5), row[1]: plot(1.5, 0, 0.5)}) == []


def test_a_first_partial_load_opens_nothing(conn: Connection, registry: Registry) -> None:
    division(conn, registry, plot(0, 0, 3, 3))
    assert add(conn, registry, plot(1, 1)) == []


def test_what_was_wrong_and_is_not_worse_is_no_reason(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    layer = registry.layer("grid_fields")
    features.redraw(conn, layer, row[0], plot(0, 0, 1.4))
    features.redraw(conn, layer, row[2], plot(2.3, 0, 0.7))
    assert draw(conn, registry, {row[0]: plot(0, 0, 1.3)}) == []
    assert draw(conn, registry, {row[2]: plot(2.2, 0, 0.8)}) == []
    (worse,) = draw(conn, registry, {row[0]: plot(0, 0, 1.5)})
    assert same_ground(worse.geometry, plot(1.3, 0, 0.2))


def test_a_third_on_ground_shared_by_two_is_worse(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    features.redraw(conn, registry.layer("grid_fields"), row[0], plot(0, 0, 2))
    assert add(conn, registry, plot(1, 0)) != []
    split = {row[0]: plot(0, 0, 1.5)}
    assert draw(conn, registry, split) == []


def test_what_is_within_the_tolerance_or_only_rounding_passes(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    assert draw(conn, registry, {row[0]: plot(0, 0, 1 - 1e-4)}) == []  # 0.9 cm wide, 1 m² long
    wide = 20 / M2_OF_A_CELL
    assert draw(conn, registry, {row[0]: plot(0, 0, 1 - wide)}, tolerance_m2=25) == []
    assert draw(conn, registry, {row[1]: plot(1, 0, 1 - wide)}) != []


def test_pending_ground_is_no_gap(conn: Connection, registry: Registry, row: list[int]) -> None:
    smaller = {row[2]: plot(2, 0, 0.5)}
    assert draw(conn, registry, smaller, pending=[plot(2.5, 0, 0.25)]) != []
    assert draw(conn, registry, smaller, pending=[plot(2.5, 0, 0.5)]) == []


def test_without_gaps_only_overlaps_count(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    assert draw(conn, registry, {row[1]: plot(1, 0, 0.5)}, gaps=False) == []
    assert rules(draw(conn, registry, {row[1]: plot(1, 0, 1.5)}, gaps=False)) == [
        "coverage-overlap"
    ]


def test_holes_of_a_division_are_no_gaps(conn: Connection, registry: Registry) -> None:
    division(conn, registry, plot(0, 0, 3, 3).difference(plot(1, 1)))
    ring = [(c, r) for r in range(3) for c in range(3) if (c, r) != (1, 1)]
    assert add(conn, registry, *(plot(*at) for at in ring)) == []


def test_ground_outside_the_division_may_be_left(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    features.redraw(conn, registry.layer("grid_fields"), row[2], plot(2, 0, 1.5))
    assert draw(conn, registry, {row[2]: plot(2, 0)}) == []


def test_a_layer_without_a_partition_passes_as_it_is(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("buildings")
    with gate.passing(
        conn, registry, layer, ids=[], geometries=np.array([plot(0, 0)]), tolerance_m2=0
    ):
        for n in range(2):
            features.insert(conn, layer, {}, plot(n / 2, 0))


def test_a_registry_without_the_divisions_will_do(conn: Connection, layer: Layer) -> None:
    alone = build([layer])
    assert add(conn, alone, plot(0, 0)) == []
    assert rules(add(conn, alone, plot(0.5, 0), of=None)) == ["coverage-overlap"]


# --- special fields ---------------------------------------------------------------------------
def test_special_fields_lie_over_the_others_only_where_the_division_says_so(
    conn: Connection, registry: Registry
) -> None:
    for code, policy, at in ((BLUE_SKY, "over", 0), (WEST_STATION, None, 10)):
        division(conn, registry, plot(at, 0, 2), code, special_policy=policy)
        for n in range(2):
            field(conn, registry, n + 1, plot(at + n, 0), code)
    school = {"kind": "special"}
    assert add(conn, registry, plot(0.5, 0, 1, 0.5), **school) == []
    assert rules(add(conn, registry, plot(10.5, 0, 1, 0.5), of=WEST_STATION, **school)) == [
        "coverage-overlap",
        "coverage-overlap",
    ]


def test_special_fields_that_lie_over_are_no_cover_and_do_not_share_ground(
    conn: Connection, registry: Registry
) -> None:
    division(conn, registry, plot(0, 0, 2), special_policy="over")
    ids = [field(conn, registry, n + 1, plot(n, 0)) for n in range(2)]
    field(conn, registry, 3, plot(0, 0), kind="special")
    assert rules(remove(conn, registry, ids[0])) == ["coverage-uncovered"]
    assert rules(add(conn, registry, plot(0.5, 0), kind="special")) == ["coverage-overlap"]


# --- two at once ------------------------------------------------------------------------------
def test_two_that_are_each_right_are_not_together_wrong(
    database: Database, registry: Registry, layer: Layer
) -> None:
    """Both see empty ground, and would share it."""
    inside, done = threading.Event(), []

    def second() -> None:
        inside.wait()
        try:
            with (
                database.begin() as connection,
                gate.passing(
                    connection, registry, layer, ids=[], geometries=GROUND, tolerance_m2=0.5
                ),
            ):
                field(connection, registry, 2, plot(0.5, 0))
        except Problem as problem:
            done.append(problem.rule.slug)
        else:
            done.append("stored")

    thread = threading.Thread(target=second)
    thread.start()
    with (
        database.begin() as connection,
        gate.passing(connection, registry, layer, ids=[], geometries=GROUND, tolerance_m2=0.5),
    ):
        inside.set()
        thread.join(0.3)
        assert not done  # it waits
        field(connection, registry, 1, plot(0, 0))
    thread.join()
    assert done == ["coverage-opened"]


GROUND = np.array([plot(0, 0, 1.5)])


def test_findings_get_the_row_of_the_feature_that_they_concern(
    conn: Connection, registry: Registry, row: list[int]
) -> None:
    findings = draw(conn, registry, {row[0]: plot(0, 0, 1.5)})
    problem = Problem(COVERAGE_OPENED, findings=findings, layer="grid_fields", count=1)
    assert [f.row for f in gate.placed(problem, {row[1]: 7}).findings] == [7]
    assert [f.row for f in gate.placed(problem, {row[2]: 7}).findings] == [None]
    assert replace(findings[0], row=7).place("zh") == "第 7 行"


def test_the_values_made_for_these_tests_are_valid(registry: Registry, layer: Layer) -> None:
    assert check(layer, values(1)).findings == ()
