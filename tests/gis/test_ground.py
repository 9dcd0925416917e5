"""Many points against many shapes: the answers of geodesics measured one by one."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gis.ground import NOTHING, PLAIN_M, Ground, Points

GEOD = Geod(ellps="WGS84")
LON, LAT = 101.8, 36.6
STEP = 0.001


def squares(count: int) -> np.ndarray:
    """A row of squares, each the neighbour of the next."""
    return np.array(
        [shapely.box(LON + n * STEP, LAT, LON + (n + 1) * STEP, LAT + STEP) for n in range(count)],
        dtype=object,
    )


def ground(shapes: np.ndarray, *lonlats: tuple[float, float]) -> Ground:
    return Ground(shapes, Points(np.array(lonlats, dtype=float).reshape(-1, 2)))


def told(found: Ground, limit_m: float) -> list[tuple[int, int, float]]:
    pairs = found.touching(limit_m)
    columns = (pairs.points.tolist(), pairs.shapes.tolist(), pairs.metres.tolist())
    return list(zip(*columns, strict=True))


def test_deep_inside_there_is_one_and_its_border_is_far() -> None:
    assert told(ground(squares(3), (LON + 1.5 * STEP, LAT + STEP / 2)), 0.5) == [(0, 1, np.inf)]


@pytest.mark.parametrize("off_m", [-0.3, 0.0, 0.3])
def test_at_a_border_both_are_found_with_its_distance(off_m: float) -> None:
    lon, lat, _ = GEOD.fwd(LON + STEP, LAT + STEP / 2, 90 if off_m >= 0 else 270, abs(off_m))
    found = told(ground(squares(2), (lon, lat)), 0.5)
    assert [shape for _, shape, _ in found] == [0, 1]
    assert [metres for _, _, metres in found] == pytest.approx([abs(off_m)] * 2, abs=1e-4)


def test_outside_within_the_limit_is_found_and_beyond_it_not() -> None:
    spots = [GEOD.fwd(LON, LAT + STEP / 2, 270, metres)[:2] for metres in (0.4, 0.6)]
    assert [(point, shape) for point, shape, _ in told(ground(squares(1), *spots), 0.5)] == [(0, 0)]


def test_a_hole_is_outside() -> None:
    ring = shapely.box(LON, LAT, LON + STEP, LAT + STEP)
    hole = ring.buffer(-STEP / 4, join_style="mitre")
    shapes = np.array([ring.difference(hole)], dtype=object)
    assert told(ground(shapes, (LON + STEP / 2, LAT + STEP / 2)), 0.5) == []


def test_the_last_centimetre_is_doubtful() -> None:
    spots = [GEOD.fwd(LON, LAT + STEP / 2, 270, metres)[:2] for metres in (0.3, 0.495, 0.505, 0.7)]
    asked = ground(squares(1), *spots)
    asked.touching(0.5)
    assert asked.doubtful.tolist() == [False, True, True, False]


def test_near_a_long_edge_is_doubtful() -> None:
    wide = np.array([shapely.box(LON, LAT, LON + 0.2, LAT + STEP)], dtype=object)
    asked = ground(wide, (LON + 0.1, LAT + STEP), (LON + 0.1, LAT + STEP / 2))
    asked.touching(0.5)
    assert asked.doubtful.tolist() == [True, False]


def test_of_two_as_near_the_smaller_id_is_nearest() -> None:
    twice = np.array([squares(1)[0]] * 2, dtype=object)
    asked = ground(twice, (LON - STEP, LAT))
    assert asked.nearest(np.array([8, 5])).shapes.tolist() == [1]


def test_nearest_is_told_in_metres_not_degrees() -> None:
    """A degree of longitude is a fifth shorter here: the nearer in degrees is farther on earth."""
    shapes = np.asarray(shapely.points([(LON + 1.1 * STEP, LAT), (LON, LAT + STEP)]))
    found = ground(shapes, (LON, LAT)).nearest(np.array([1, 2]))
    assert found.shapes.tolist() == [0]
    assert found.metres[0] == pytest.approx(GEOD.inv(LON, LAT, LON + 1.1 * STEP, LAT)[2], abs=1e-4)


def test_at_hand_ends_at_the_limit() -> None:
    spots = [GEOD.fwd(LON, LAT, 270, metres)[:2] for metres in (49.0, 51.0)]
    found = ground(squares(1), *spots).at_hand(np.array([7]), 50.0)
    assert found.shapes.tolist() == [0, NOTHING]


def test_nothing_is_found_among_nothing() -> None:
    none = np.array([], dtype=object)
    asked = ground(none, (LON, LAT))
    assert told(asked, 0.5) == []
    assert len(asked.having().points) == 0
    assert asked.nearest(np.array([], dtype=int)).shapes.tolist() == [NOTHING]
    assert ground(squares(1)).nearest(np.array([1])).shapes.tolist() == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 22.5, 36.6, 52.0]))
def test_as_measured_one_by_one(seed: int, lat: float) -> None:
    """Nearest lines against the least of all distances, on random ground."""
    random = np.random.default_rng(seed)
    starts = random.random((12, 2)) * 0.01 + (LON, lat)
    lines = np.stack([starts, starts + random.normal(size=(12, 2)) * 0.003], axis=1)
    spots = random.random((40, 2)) * 0.01 + (LON, lat)
    shapes, points = np.asarray(shapely.linestrings(lines)), Points(spots)
    found = Ground(shapes, points).nearest(np.arange(12))
    cosine = np.cos(np.radians(spots[:, 1].mean()))
    ends = shapely.get_coordinates(
        shapely.shortest_line(
            shapely.transform(shapes, lambda xy: xy * (cosine, 1))[None, :],
            np.asarray(shapely.points(spots * (cosine, 1)))[:, None],
        )
    ).reshape(40, 12, 2, 2)[:, :, 0] / (cosine, 1)
    each = np.array(
        [
            GEOD.inv(*np.repeat(spot[None], 12, axis=0).T, *near.T)[2]
            for spot, near in zip(spots, ends, strict=True)
        ]
    )
    assert found.metres == pytest.approx(each.min(axis=1), abs=PLAIN_M)
    assert (each[np.arange(40), found.shapes] <= each.min(axis=1) + PLAIN_M).all()
