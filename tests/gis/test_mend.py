"""One mend of one fault: only where it fits, only what it says; and a fault in words."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.coverage import check
from gis.errors import Problem
from gis.fault import Action, Fault, Kind, Severity, Suggestion
from gis.geometry import Geometries
from gis.mend import mend
from tests.gis.partitions import UNTIMED, array, only, square


def overlapping() -> tuple[Geometries, Fault]:
    row = array(square(0, 0), square(0.9, 0), square(1.9, 0))
    return row, only(check(row))


def test_a_mend_may_be_another_than_the_suggested_one() -> None:
    row, fault = overlapping()
    assert fault.suggestion == Suggestion(Action.CUT, loses=1)
    after = mend(row, fault, Suggestion(Action.CUT, loses=0))
    assert check(after) == ()
    assert after[0].equals(square(0, 0, 0.9, 1))
    assert after[1] is row[1]


@pytest.mark.parametrize(
    "suggestion",
    [
        Suggestion(Action.NONE),
        Suggestion(Action.CUT),
        Suggestion(Action.CUT, loses=2),
        Suggestion(Action.CUT, loses=1, receives=0),
        Suggestion(Action.FILL, receives=0),
        Suggestion(Action.FILL, loses=0),
        Suggestion(Action.SNAP, loses=1),
    ],
)
def test_a_mend_that_does_not_go_with_the_fault_is_refused(suggestion: Suggestion) -> None:
    row, fault = overlapping()
    with pytest.raises(Problem, match="coverage-mend-refused"):
        mend(row, fault, suggestion)


def test_a_mend_of_polygons_that_have_changed_is_refused() -> None:
    row, fault = overlapping()
    once = mend(row, fault, fault.suggestion)
    for suggestion in (fault.suggestion, Suggestion(Action.CUT, loses=0)):
        with pytest.raises(Problem, match="coverage-mend-refused"):
            mend(once, fault, suggestion)


def test_a_mend_that_would_leave_nothing_is_refused() -> None:
    pair = array(square(0, 0, 3, 3), square(1, 1))
    fault = only(check(pair))
    with pytest.raises(Problem, match="coverage-mend-refused"):
        mend(pair, fault, Suggestion(Action.CUT, loses=1))


def test_a_crumb_that_a_cut_breaks_off_goes_with_it() -> None:
    comb = shapely.union_all(
        [square(0, 0), square(0.9, 0.9, 0.1, 0.1), square(1, 0.995, 0.005, 0.005)]
    )
    pair = array(square(0.9, 0, 0.1, 1), comb)
    fault = only(check(pair))
    after = mend(pair, fault, Suggestion(Action.CUT, loses=1))
    assert after[1].equals(square(0, 0, 0.9, 1))
    kept = mend(pair, fault, Suggestion(Action.CUT, loses=1), tolerance_m2=0)
    assert kept[1].geom_type == "MultiPolygon"


@UNTIMED
@given(st.integers(0, 2**32))
def test_a_mend_leaves_no_hair_between_old_ground_and_new(seed: int) -> None:
    """The new node lies on the edge only to within rounding; the outline must show nothing."""
    slope, begin, end = np.random.default_rng(seed).uniform((-1, 0.1, 0.6), (1, 0.4, 0.9))
    low, high = (101.80, 36.60), (101.81, 36.60 + slope * 0.003)
    lower = shapely.Polygon([(101.80, 36.59), (101.81, 36.59), high, low])
    line = shapely.LineString([low, high])
    notch = [line.interpolate(at, normalized=True).coords[0] for at in (begin, end)]
    top = shapely.Polygon([low, notch[0], (101.805, 36.606), notch[1], high, (101.805, 36.62)])
    fault = only(check([lower, top]))
    after = mend(array(lower, top), fault, Suggestion(Action.FILL, receives=0))
    flank = shapely.LineString([notch[0], (101.805, 36.606), notch[1]])
    outline = lower.length - line.length * (end - begin) + flank.length
    assert after[0].geom_type == "Polygon"
    assert after[0].length == pytest.approx(outline, abs=1e-9)
    assert set(lower.exterior.coords) <= set(after[0].exterior.coords)


# --- words ------------------------------------------------------------------------------------
def test_a_fault_says_what_is_wrong_where_and_how_it_would_be_mended() -> None:
    _, fault = overlapping()
    finding = fault.finding(["甲", "乙", "丙"])
    assert finding.sentence("zh") == "甲, 乙 重叠 992.91 m²（约在 101.8009500, 36.6005000）"
    assert finding.sentence("en").startswith("甲, 乙 overlap by 992.91 m² (near 101.80095")
    assert fault.finding().sentence("en").startswith("#1, #2 overlap")
    assert fault.suggestion.sentence("zh", ["甲", "乙", "丙"]) == "从 乙 中切去"
    assert fault.suggestion.sentence("en") == "cut it from #2"


def test_every_kind_and_action_has_its_sentences() -> None:
    _, fault = overlapping()
    for kind in Kind:
        for lang in ("zh", "en"):
            changed = Fault(kind, fault.geometry, 1, 1, (0, 1), Severity.ERROR, fault.suggestion)
            assert changed.finding().sentence(lang)
    for action in Action:
        assert Suggestion(action, receives=0).sentence("en")
