"""Two areas of one structure: told apart where noise does not explain it, never overwritten."""

import math

import numpy as np
import pytest
import shapely

from layers.refusals.structures import AREAS_DIFFER
from layers.structures.area import noise_m2, warning


@pytest.mark.parametrize(
    ("measured", "computed", "told"),
    [
        (100.0, 100.0, False),
        (100.0, 112.0, False),  # half a metre at each corner explains some 14 m²
        (100.0, 120.0, True),
        (411.0, 404.2, False),
        (411.0, 350.0, True),
        (0.0, 0.0, False),
        (0.0, 5.0, True),
        (None, 5.0, False),
        (100.0, None, False),
    ],
)
def test_only_what_noise_does_not_explain_is_told(
    measured: float | None, computed: float | None, *, told: bool
) -> None:
    found = warning(measured, computed)
    assert (found is not None) == told
    if found:
        assert found.rule is AREAS_DIFFER
        assert f"{measured:g}" in found.sentence()


def test_a_better_position_leaves_less_to_explain() -> None:
    assert warning(100.0, 104.0, accuracy_m=0.05) is not None
    assert warning(100.0, 104.0, accuracy_m=5.0) is None


def test_the_noise_is_that_of_outlines_with_noisy_corners() -> None:
    generator = np.random.default_rng(7)
    side, sigma = 15.0, 0.5
    corners = np.array([(0, 0), (side, 0), (side, side), (0, side)])
    drawn = corners + generator.normal(0, sigma, (20_000, 4, 2))
    areas = shapely.area(shapely.polygons(drawn))
    assert noise_m2(side**2) == pytest.approx(2 * np.std(areas), rel=0.03)
    assert math.isfinite(noise_m2(0.0))
