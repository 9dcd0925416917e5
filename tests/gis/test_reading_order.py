"""Polygons are read as a page is: rows from the north, each row from the west."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.geometry import Geometries
from gis.reading_order import reading_order

# 城东区, Xining.
WEST, NORTH = 101.82, 36.62


def partition(rows: int, columns: int, *, jitter: float = 0.0, seed: int = 0) -> Geometries:
    """Cells of 0.001° row by row from the north-west, their corners moved by a share of that."""
    moved = np.random.default_rng(seed).uniform(-jitter, jitter, (rows + 1, columns + 1, 2))
    down, across = np.mgrid[: rows + 1, : columns + 1]
    corners = np.stack([WEST + 0.001 * (across + moved[..., 0])] * 2, axis=-1)
    corners[..., 1] = NORTH - 0.001 * (down + moved[..., 1])
    rings = [
        [corners[r, c], corners[r + 1, c], corners[r + 1, c + 1], corners[r, c + 1]]
        for r in range(rows)
        for c in range(columns)
    ]
    cells: Geometries = shapely.polygons(rings)
    return cells


def test_a_regular_grid_is_read_row_by_row() -> None:
    assert reading_order(partition(4, 6)).tolist() == list(range(24))


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
def test_so_is_a_grid_with_crooked_borders(seed: int, rows: int, columns: int) -> None:
    cells = partition(rows, columns, jitter=0.15, seed=seed)
    assert reading_order(cells).tolist() == list(range(rows * columns))


@given(st.integers(0, 2**32 - 1), st.permutations(range(20)))
def test_the_order_is_the_same_however_the_polygons_come(seed: int, mixed: list[int]) -> None:
    cells = partition(4, 5, jitter=0.45, seed=seed)
    places = cells[mixed]
    assert shapely.equals_exact(places[reading_order(places)], cells[reading_order(cells)]).all()


@given(st.permutations(range(4)))
def test_shapes_that_stand_at_one_place_have_a_fixed_order_too(mixed: list[int]) -> None:
    nested = np.array([shapely.box(-n, -n, n, n) for n in range(1, 5)])
    found = nested[mixed][reading_order(nested[mixed])]
    assert shapely.equals_exact(found, nested[reading_order(nested)]).all()


def test_degrees_and_metres_give_one_order() -> None:
    cells = partition(5, 5, jitter=0.4, seed=7)
    metres = shapely.transform(cells, lambda lonlat: lonlat * (89_400, 111_000))
    assert reading_order(metres).tolist() == reading_order(cells).tolist()


def test_a_row_ends_half_a_typical_height_below_its_leader() -> None:
    # The second stands 0.4 heights lower than the first, the third 0.6.
    boxes = [shapely.box(2, 10, 3, 11), shapely.box(1, 9.6, 2, 10.6), shapely.box(0, 9.4, 1, 10.4)]
    assert reading_order(np.array(boxes)).tolist() == [1, 0, 2]


@pytest.mark.parametrize("count", [0, 1])
def test_few_polygons_are_in_order(count: int) -> None:
    assert reading_order(partition(1, 1)[:count]).tolist() == list(range(count))
