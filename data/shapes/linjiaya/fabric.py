"""Which buildings stand on which plot."""

from collections.abc import Callable
from functools import cache

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from linjiaya import buildings as build
from linjiaya import network, plan
from linjiaya.buildings import Building, Rng
from linjiaya.fields import Field, fields, town, unbuilt_borders
from linjiaya.lanes import lanes, outskirts
from linjiaya.network import Street, pieces
from linjiaya.plan import Use

SMALLEST_PLOT_M2 = 250.0
BROAD = ("main", "secondary")


@cache
def all_streets() -> tuple[Street, ...]:
    """Drawn streets, lanes, and lanes of the surroundings."""
    return (*network.streets(), *lanes(), *outskirts()[1])


@cache
def kept_free() -> BaseGeometry:
    """Everything on which nothing is built."""
    strips = [s.kept_free() for s in all_streets()]
    edges = unbuilt_borders().buffer(9)
    return shapely.union_all([*strips, edges, build.water_margin()])


@cache
def broad_fronts() -> BaseGeometry:
    """A thin band along the building lines of broad streets."""
    strips = [s.kept_free() for s in network.streets() if s.road_class in BROAD]
    return shapely.union_all(strips).boundary.buffer(0.6)


@cache
def all_buildings() -> tuple[tuple[str | None, Building], ...]:
    """Every building with the code of its field, None outside."""
    inside = [(f.code, b) for f in fields() for b in field_buildings(f)]
    return (*inside, *((None, b) for b in outer_buildings()))


@cache
def field_buildings(field: Field) -> tuple[Building, ...]:
    """The buildings of one field."""
    rng = field.rng()
    plots = [p for p in pieces(field.shape.difference(kept_free())) if p.area > SMALLEST_PLOT_M2]
    fill = FILLS[field.seed.use]
    largest = max(plots, key=lambda p: p.area)
    found: list[Building] = []
    for plot in plots:
        # An institution stands once, on its field's largest plot.
        one = fill if plot is largest or field.seed.use in REPEATED else slabs
        found += one(plot, rng)
    return tuple(found)


def outer_buildings() -> list[Building]:
    """Buildings of the surroundings, thinning out away from the street 林家崖."""
    rng = np.random.default_rng([plan.SEED, 0])
    found: list[Building] = []
    for block in outskirts()[0]:
        fill = (slabs, slabs, towers, halls)[rng.integers(4)]
        for plot in pieces(block.difference(kept_free()).difference(town().buffer(8))):
            if plot.area > SMALLEST_PLOT_M2 and plot.distance(town()) < 360:
                found += fill(plot, rng)
    near = [(b, b.shape.distance(town())) for b in found]
    return [b for b, away in near if away < 380 and rng.random() > (away / 380) ** 1.5]


def slabs(plot: Polygon, rng: Rng) -> list[Building]:
    """Shops along the broad streets, rows of apartment slabs behind them."""
    storeys = int(rng.choice([5, 6, 6, 6, 7]))
    front = _front(plot, rng)
    rest = _behind(plot, front, 9)
    made: list[Building] = []
    for part in pieces(rest):
        found = build.thinned(
            build.rows(part, build.south_facing(part), build.SLABS, rng), 0.04, rng
        )
        for shape in found:
            long = shape.length > 2 * (12 + 48)
            form = build.stepped(shape, rng) if long and rng.random() < 0.5 else shape
            made.append(Building(form, storeys, dwelling=True))
    return build.apart([*front, *made], plot, 4)


def towers(plot: Polygon, rng: Rng) -> list[Building]:
    """Tower blocks over a line of shops."""
    storeys = int(rng.choice([11, 18, 18, 26, 33]))
    front = _front(plot, rng)
    made: list[Building] = []
    for part in pieces(_behind(plot, front, 14)):
        if part.area < 4_000:
            found = build.rows(part, build.south_facing(part), build.SLABS, rng)
            made += [Building(shape, 6, dwelling=True) for shape in found]
            continue
        found = build.rows(part, build.south_facing(part), build.TOWERS, rng)
        made += [Building(_notched(shape), storeys, dwelling=True) for shape in found]
    return build.apart([*front, *made], plot, 6)


def _notched(shape: Polygon) -> Polygon:
    """A tower's plan: a cross with short arms."""
    a, b, c, d = shapely.get_coordinates(shape)[:4]
    u, v = (b - a) / 4, (d - a) / 5
    ring = [a + u, b - u, b - u + v, b + v, c - v, c - u - v, c - u, d + u, d + u - v, d - v,
            a + v, a + u + v]  # fmt: skip
    return Polygon(ring)


def halls(plot: Polygon, rng: Rng) -> list[Building]:
    """Workshops and stores."""
    made = build.thinned(build.rows(plot, build.south_facing(plot), build.HALLS, rng), 0.12, rng)
    return build.apart([Building(s, int(rng.integers(1, 3))) for s in made], plot, 6)


def village(plot: Polygon, rng: Rng) -> list[Building]:
    """Farmhouses in rows along the lanes."""
    lots = build.thinned(build.rows(plot, build.along(plot), build.FARMS, rng), 0.1, rng)
    made = [build.farmhouse(lot, rng) for lot in lots]
    floors = rng.choice([1, 1, 2, 2, 3], len(made)).tolist()
    houses = [Building(s, n, dwelling=True) for s, n in zip(made, floors, strict=True)]
    return build.apart(houses, plot, 0.8)


def school(plot: Polygon, rng: Rng) -> list[Building]:
    """Classrooms round a court, a gymnasium, open ground for sport."""
    angle = build.south_facing(plot)
    court = build.boxes(plot, angle, (-78, 8, -18, 22), (-78, -38, -64, 22), (-78, -38, -18, -24))
    hall = build.boxes(plot, angle, (-70, 40, -26, 66))
    made = [Building(court, 4), Building(hall, 2)]
    return build.apart([*made, *_front(plot, rng)], plot, 12)


def hospital(plot: Polygon, rng: Rng) -> list[Building]:
    """Wards in the form of an H, outpatients in front, service buildings behind."""
    angle = build.south_facing(plot)
    wards = build.boxes(plot, angle, (-46, 8, 46, 24), (-10, -22, 10, 8), (-46, -38, 46, -22))
    clinic = build.boxes(plot, angle, (-34, -82, 34, -58))
    service = build.boxes(plot, angle, (-60, 46, -28, 60))
    kitchen = build.boxes(plot, angle, (64, 2, 110, 16))
    annex = build.boxes(plot, angle, (66, -58, 108, -42), (92, -58, 108, -18))
    shapes = [(wards, 11), (clinic, 5), (annex, 6), (service, 3), (kitchen, 2)]
    made = [Building(shape, n) for shape, n in shapes]
    return build.apart([*made, *_front(plot, rng)], plot, 8)


def market(plot: Polygon, rng: Rng) -> list[Building]:
    """Long market halls behind shops."""
    front = _front(plot, rng)
    rest = _behind(plot, front, 12)
    angle = build.south_facing(plot)
    made = [s for part in pieces(rest) for s in build.rows(part, angle, build.STALLS, rng)]
    return build.apart([*front, *(Building(s, 1) for s in made)], plot, 6)


def station(plot: Polygon, _rng: Rng) -> list[Building]:
    """The station along the railway, offices and a post hall beside the square."""
    angle = (build.along(plot) + 90) % 180 - 90
    hall = build.boxes(plot, angle, (-92, 8, 92, 40), (-24, 2, 24, 46))
    west = build.boxes(plot, angle, (-232, 10, -128, 30))
    east = build.boxes(plot, angle, (126, 8, 206, 28))
    bus = build.boxes(plot, angle, (-214, -34, -140, -12))
    post = build.boxes(plot, angle, (140, -40, 196, -18))
    made = [(hall, 3), (west, 4), (east, 3), (bus, 2), (post, 5)]
    return build.apart([Building(shape, n) for shape, n in made], plot, 6)


def _front(plot: Polygon, rng: Rng) -> list[Building]:
    shapes = build.frontage(plot, broad_fronts(), rng)
    floors = rng.choice([2, 3, 3, 4, 6], len(shapes)).tolist()
    front = [Building(s, n) for s, n in zip(shapes, floors, strict=True)]
    return build.apart(front, plot, 3)


def _behind(plot: Polygon, front: list[Building], distance_m: float) -> BaseGeometry:
    taken = shapely.union_all([b.shape for b in front])
    return plot.difference(taken.buffer(distance_m, quad_segs=2))


Fill = Callable[[Polygon, Rng], list[Building]]
FILLS: dict[Use, Fill] = {
    "slabs": slabs,
    "towers": towers,
    "halls": halls,
    "village": village,
    "school": school,
    "hospital": hospital,
    "market": market,
    "station": station,
}
REPEATED: tuple[Use, ...] = ("slabs", "towers", "halls", "village", "market")
