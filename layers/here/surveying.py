"""Where very many points lie: the ground around them is read once and searched in memory.

The database answers for one point within milliseconds and for a million within minutes; this takes
a second to read a city's fields and microseconds for a point. Both give the same answers: what the
search in memory cannot tell for sure (`gis.ground`), it asks the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from gis.ground import NOTHING, Floats, Ground, Indices, Nearest, Points, Shapes
from layers.declaring.words import Layer
from layers.here.situating import AT_HAND_M, situate
from layers.here.spots import BORDER_M, KINDS, Beside, Spots, Within
from layers.reading.past import stored_on
from layers.schema.tables import SRID
from layers.thematic import courtyards, divisions, grid_fields, road_segments, work_units

# From here on it pays to read the ground.
MANY = 20_000
# Beyond these degrees nobody is; a box there would reach around the pole or the date line.
_FARTHEST = (179.0, 80.0)
_BAND_DEG = 0.2
# What is read around the points; what might be nearer from farther away is asked for.
_MARGIN_DEG = 0.02
_MARGIN_M = _MARGIN_DEG * 110_000 * 0.17  # the cosine at the farthest latitude


@dataclass(frozen=True, slots=True)
class _Read:
    """Features of one layer: their ids, or of divisions their codes, and shapes."""

    ids: Indices
    shapes: Shapes


def survey(connection: Connection, lonlats: Floats, on: date | None = None) -> Spots:
    """Where these WGS 84 points (degrees, shape (n, 2)) lie, as `situate` tells it."""
    if len(lonlats) < MANY:
        return situate(connection, lonlats, on)
    spots = Spots.of([], len(lonlats))
    for band in _bands(lonlats):
        here = lonlats[band]
        if len(band) < MANY or (np.abs(here) > _FARTHEST).any():
            spots = spots.with_others(band, situate(connection, here, on))
        else:
            spots = spots.with_others(band, _searched(connection, here, on))
    return spots


def _bands(lonlats: Floats) -> Iterator[Indices]:
    """Positions of the points of each band of latitude, neighbours next to one another."""
    band = np.floor(lonlats[:, 1] / _BAND_DEG)
    order = np.lexsort((lonlats[:, 0], np.floor(lonlats[:, 1] * 250), band))
    ends = np.flatnonzero(np.diff(band[order])) + 1
    yield from np.split(order, ends)


def _searched(connection: Connection, lonlats: Floats, on: date | None) -> Spots:
    corners = (*(lonlats.min(axis=0) - _MARGIN_DEG), *(lonlats.max(axis=0) + _MARGIN_DEG))
    box = sa.func.st_makeenvelope(*map(float, corners), SRID)

    def read(layer: Layer, key: str = "id") -> _Read:
        rows = stored_on(layer, on)
        inside = rows.c.geom.op("&&")(box)
        known = sa.select(rows.c[key], sa.cast(rows.c.geom, sa.Text)).where(inside)
        found = connection.execute(known).all()
        shapes = shapely.from_wkb([bytes.fromhex(text) for _, text in found])
        # A division's code is a number too.
        return _Read(np.array([int(n) for n, _ in found], np.int64), np.asarray(shapes, object))

    points, doubtful = Points(lonlats), np.zeros(len(lonlats), dtype=bool)
    fields, lost = _fields(read(grid_fields.LAYER), points, doubtful)
    beside = {
        "nearest": lost,
        "road": _nearest(read(road_segments.LAYER), points, doubtful),
        "courtyard": _at_hand(read(courtyards.LAYER), points, doubtful),
        "unit": _at_hand(read(work_units.LAYER), points, doubtful),
    }
    spots = Spots(
        _places(read(divisions.LAYER, "code"), points), fields, {k: beside[k] for k in KINDS}
    )
    asked = np.flatnonzero(doubtful)
    return spots.with_others(asked, situate(connection, lonlats[asked], on))


def _fields(read: _Read, points: Points, doubtful: NDArray[np.bool_]) -> tuple[Within, Beside]:
    """The fields of each point, and the nearest of those that lie in none."""
    ground = Ground(read.shapes, points)
    pairs = ground.touching(BORDER_M)
    doubtful |= ground.doubtful
    is_lost = np.ones(len(points), dtype=bool)
    is_lost[pairs.points] = False
    lost = np.flatnonzero(is_lost)
    nearest, beside = Beside.none(len(points)), np.zeros(len(lost), dtype=bool)
    found = _nearest(read, points.some(lost), beside)
    nearest.ids[lost], nearest.metres[lost] = found.ids, found.metres
    doubtful[lost] |= beside
    return Within(pairs.points, read.ids[pairs.shapes], pairs.metres), nearest


def _nearest(read: _Read, points: Points, doubtful: NDArray[np.bool_]) -> Beside:
    ground = Ground(read.shapes, points)
    found = ground.nearest(read.ids)
    doubtful |= ground.doubtful | (found.metres > _MARGIN_M)
    return _beside(read, found)


def _at_hand(read: _Read, points: Points, doubtful: NDArray[np.bool_]) -> Beside:
    ground = Ground(read.shapes, points)
    found = ground.at_hand(read.ids, AT_HAND_M)
    doubtful |= ground.doubtful
    return _beside(read, found)


def _beside(read: _Read, found: Nearest) -> Beside:
    ids = np.full(len(found.shapes), NOTHING)
    known = found.shapes != NOTHING
    ids[known] = read.ids[found.shapes[known]]
    return Beside(ids, found.metres)


def _places(read: _Read, points: Points) -> Indices:
    """The code of the smallest division with each point, as `whereabouts.division_at` has it."""
    pairs = Ground(read.shapes, points).having()
    codes = read.ids[pairs.shapes]
    depths = np.array([len(str(code).rstrip("0")) for code in read.ids.tolist()], np.int64)
    order = np.lexsort((codes, -depths[pairs.shapes], pairs.points))
    having, firsts = np.unique(pairs.points[order], return_index=True)
    places = np.zeros(len(points), dtype=np.int64)
    places[having] = codes[order[firsts]]
    return places
