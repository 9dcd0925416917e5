"""The synthetic demo district: its figures, its topology, and that its script still makes it."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely import STRtree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from layers.declaring import codes
from layers.declaring.values import check
from layers.registry import Registry

SHAPES = Path(__file__).parents[2] / "data" / "shapes"
LAYERS = (
    "divisions",
    "grid_fields",
    "road_segments",
    "work_units",
    "illegal_structures",
    "courtyards",
    "markets",
    "shops",
    "sites",
    "courtyard_works",
    "market_inspections",
    "shop_inspections",
    "streets",
    "buildings",
    "water",
)
REGISTERS = (
    "meetings",
    "decisions",
    "volunteer_teams",
    "volunteer_activities",
    "publicity",
    "campaign_days",
    "funds",
    "market_works",
    "structure_documents",
    "demolitions",
)
CAMPAIGN_END = "2017-07-20"  # the newspaper is of the day after
PERSONS = ("leader", "deputy", "people_lead", "area_lead", "task_lead")
# The published codes at and below 630102007; no other may ever appear.
PUBLISHED = {
    "630102007000": "林家崖街道",
    "630102007001": "蓝天社区",
    "630102007004": "站西社区",
    "630102007202": "林家崖村",
    "630102007203": "路家庄村",
}
WIDTH_M = {"main": 34, "secondary": 24, "branch": 14, "lane": 7}
# Rounding to seven decimals moves a vertex by less than a centimetre.
ROUNDING_M = 0.02
TOUCHING_DEG = 1e-6


@cache
def document(layer: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SHAPES / f"{layer}.geojson").read_text("utf-8"))
    return content


@cache
def rows(register: str, folder: str = ".") -> list[dict[str, str]]:
    with (SHAPES / folder / f"{register}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def geometries(layer: str) -> list[BaseGeometry]:
    return [shape(f["geometry"]) for f in document(layer)["features"]]


def records(layer: str) -> list[dict[str, Any]]:
    return [f["properties"] for f in document(layer)["features"]]


def values(layer: str, field: str) -> list[Any]:
    return [r[field] for r in records(layer)]


@cache
def metres(layer: str) -> list[BaseGeometry]:
    project = Transformer.from_crs("EPSG:4490", "EPSG:4543", always_xy=True)

    def forward(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(project.transform(degrees[:, 0], degrees[:, 1]))

    return [shapely.transform(g, forward) for g in geometries(layer)]


def the_street() -> BaseGeometry:
    return geometries("divisions")[values("divisions", "level").index("street")]


def area_m2(geometry: BaseGeometry) -> float:
    return abs(float(Geod(ellps="WGS84").geometry_area_perimeter(geometry)[0]))


# Form


@pytest.mark.parametrize("layer", LAYERS)
def test_every_file_and_feature_says_that_it_is_synthetic(layer: str) -> None:
    assert "合成" in document(layer)["description"]
    assert "ynthetic" in document(layer)["description"]
    assert set(values(layer, "source")) == {"合成演示数据"}


@pytest.mark.parametrize("layer", LAYERS)
def test_files_follow_rfc_7946(layer: str) -> None:
    content = document(layer)
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    for geometry in geometries(layer):
        assert geometry.is_valid
        assert not geometry.is_empty
        for part in shapely.get_parts(geometry):
            if part.geom_type == "Polygon":
                assert part.exterior.is_ccw
                assert not any(ring.is_ccw for ring in part.interiors)


@pytest.mark.parametrize("layer", LAYERS)
def test_positions_have_at_most_seven_decimals_and_lie_in_xining(layer: str) -> None:
    coordinates = shapely.get_coordinates(geometries(layer))
    assert np.array_equal(coordinates, coordinates.round(7))
    assert (np.abs(coordinates - (101.82, 36.62)) < (0.05, 0.03)).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_properties_are_those_that_the_layer_declares(layer: str, registry: Registry) -> None:
    declared = {field.name: field for field in registry.layer(layer).fields}
    for record in records(layer):
        assert set(record) <= set(declared)
        for name, field in declared.items():
            codes = {choice.value for choice in field.choices}
            value = record.get(name)
            assert value is None or not codes or value in codes
            assert not field.required or value not in {None, ""}


@pytest.mark.parametrize("register", REGISTERS)
def test_every_row_of_a_register_is_what_its_layer_declares(
    register: str, registry: Registry
) -> None:
    for row in rows(register):
        given = {name: text or None for name, text in row.items()}
        assert check(registry.layer(register), given).findings == ()
        assert row["source"] == "合成演示数据"


def test_the_demo_stays_small() -> None:
    sizes = {layer: (SHAPES / f"{layer}.geojson").stat().st_size for layer in LAYERS}
    assert sizes["buildings"] <= 1_500_000
    assert sum(sizes.values()) <= 2_000_000


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_script_makes_the_same_bytes_again(tmp_path: Path, hash_seed: str) -> None:
    command = [sys.executable, str(SHAPES / "make_linjiaya.py"), "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, check=True, timeout=120, env=environment, capture_output=True)
    kept = [path for path in SHAPES.rglob("*") if path.suffix in {".geojson", ".csv"}]
    names = sorted(str(path.relative_to(SHAPES)) for path in kept)
    made = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert made == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (SHAPES / name).read_bytes(), name


# Figures of the source, as sums over records


def test_seven_structures_were_demolished_1480_square_metres() -> None:
    found = records("illegal_structures")
    assert len(found) == len({r["number"] for r in found}) == 7
    assert {r["status"] for r in found} == {"closed"}
    assert sum(r["area_measured_m2"] for r in found) == 1480
    assert sum(r["demolished_area_m2"] for r in found) == 1480
    for record in found:
        assert record["demolished_area_m2"] == record["area_measured_m2"]
        assert date(2017, 3, 1) <= date.fromisoformat(record["found_on"]) <= date(2017, 5, 31)


def test_computed_areas_differ_a_little_and_not_always() -> None:
    found = records("illegal_structures")
    off = [abs(r["area_computed_m2"] / r["area_measured_m2"] - 1) for r in found]
    assert 2 <= sum(share > 0 for share in off) <= 4
    assert max(off) < 0.03


def test_five_courtyards_without_management_130_tonnes_60_piles() -> None:
    found = records("courtyards")
    assert len(found) == len({r["name"] for r in found}) == 5
    assert {r["management"] for r in found} == {"none"}
    assert sum(r["rubbish_cleared_t"] for r in found) == 130
    assert sum(r["piles_cleared"] for r in found) == 60
    assert all(r["fire_equipment"] > 0 and r["sanitation_equipment"] > 0 for r in found)


def test_works_in_courtyards_add_up_to_the_figures_of_the_courtyards() -> None:
    for measure in ("rubbish_cleared_t", "piles_cleared"):
        sums: Counter[str] = Counter()
        for work in records("courtyard_works"):
            sums[work["courtyard"]] += work[measure] or 0
        assert sums == {yard["name"]: yard[measure] for yard in records("courtyards")}


def test_what_was_removed_piece_by_piece_adds_up_to_each_structure() -> None:
    sums: dict[str, float] = defaultdict(float)
    for piece in rows("demolitions"):
        sums[piece["structure"]] += float(piece["area_m2"])
        assert piece["done_on"] <= CAMPAIGN_END
    assert sums == {r["number"]: r["demolished_area_m2"] for r in records("illegal_structures")}


def test_publicity_adds_up_to_what_the_source_reports() -> None:
    sums: Counter[str] = Counter()
    for row in rows("publicity"):
        assert "2017-01-01" <= row["done_on"] <= CAMPAIGN_END
        sums[row["kind"]] += int(row["quantity"])
        sums["yuan"] += int(row["cost_yuan"])
    assert sums == {
        "board": 37,
        "led": 1600,
        "poster": 60,
        "message": 200,
        "questionnaire": 2000,
        "print": 700,
        "panel": 160,
        "banner": 30,
        "booklet": 15_000,
        "letter": 4000,
        "show": 6,
        "yuan": 98_000,
    }


def test_volunteers_add_up_to_what_the_source_reports() -> None:
    teams, activities = rows("volunteer_teams"), rows("volunteer_activities")
    assert len(teams) == 11
    assert sum(int(team["headcount"]) for team in teams) == 110
    assert len(activities) == 200
    assert sum(float(each["hours"]) for each in activities) == 700
    assert {each["team"] for each in activities} == {team["name"] for team in teams}
    assert all("2017-01-01" <= each["held_on"] <= CAMPAIGN_END for each in activities)


def test_the_market_has_its_barrier_and_its_paving() -> None:
    cost: Counter[str] = Counter()
    for work in rows("market_works"):
        cost[work["work"]] += int(work["cost_yuan"])
    paved = sum(int(work["area_m2"] or 0) for work in rows("market_works"))
    assert (cost, paved) == ({"barrier": 120_000, "paving": 60_000}, 700)


def test_meetings_keep_their_cadence_and_two_matters_were_settled() -> None:
    kinds = Counter((row["kind"], row["held_on"][:7]) for row in rows("meetings"))
    for month in range(1, 13):
        assert kinds["promotion", f"2017-{month:02}"] >= 2
        assert kinds["joint", f"2017-{month:02}"] >= 1
    assert sum(row["held_on"] <= CAMPAIGN_END for row in rows("meetings")) > 20
    matters = {row["number"] for row in rows("meetings") if row["kind"] == "matter"}
    settled = [row for row in rows("decisions") if row["meeting"] in matters]
    assert len(settled) == 2
    assert all(row["settled_on"] <= CAMPAIGN_END for row in settled)


def test_what_a_meeting_decided_is_a_case_that_was_struck_off_when_it_was_settled() -> None:
    cases = {record["number"]: record for record in records("sites")}
    became = [row for row in rows("decisions") if row["case"]]
    assert len(became) > 10
    for row in became:
        case = cases[row["case"]]
        assert (case["origin"], case["meeting"]) == ("meeting", row["number"])
        assert (case["status"], case["cleared_on"]) == ("cleared", row["settled_on"])


# The ledger of the year


def test_every_month_has_cases_and_all_of_them_were_struck_off_in_the_year() -> None:
    months = Counter(record["found_on"][:7] for record in records("sites"))
    assert len(months) == 12
    assert min(months.values()) > 10
    assert {record["status"] for record in records("sites")} == {"cleared"}
    assert max(record["cleared_on"] for record in records("sites")) <= "2017-12-31"


def test_nobody_verified_what_they_had_handled() -> None:
    assert all(record["verifier"] != record["handler"] for record in records("sites"))


def test_cases_had_all_that_can_happen_to_one() -> None:
    taken = Counter(step["transition"] for step in rows("steps"))
    for name in ("return", "extend", "reject", "hang", "resume", "recur", "clear"):
        assert taken[name] >= 3, name
    late = sum(record["cleared_on"] > record["due"] for record in records("sites"))
    assert 0.1 < late / len(records("sites")) < 0.25
    again = [record for record in records("sites") if record["previous"]]
    assert len(again) == taken["recur"]


@pytest.mark.parametrize("folder", [".", "now"])
def test_steps_go_on_from_one_another_to_the_state_that_is_told(folder: str) -> None:
    files = [SHAPES / folder / f"{name}.geojson" for name in ("sites", "illegal_structures")]
    told = {
        each["properties"]["number"]: each["properties"]["status"]
        for file in files
        for each in json.loads(file.read_text("utf-8"))["features"]
    }
    state = dict.fromkeys(told, "registered")
    for step in rows("steps", folder):
        assert step["source"] == state[step["number"]]
        state[step["number"]] = step["target"]
    assert state == told


@pytest.mark.parametrize("layer", ["sites", "courtyard_works", "shop_inspections"])
def test_what_was_logged_names_the_field_in_which_it_lies_and_its_leader(layer: str) -> None:
    known = {r["code"]: r["leader"] for r in records("grid_fields")}
    ground = dict(zip(values("grid_fields", "code"), geometries("grid_fields"), strict=True))
    for record, spot in zip(records(layer), geometries(layer), strict=True):
        assert ground[record["field"]].covers(spot)
        assert record["leader"] == known[record["field"]]


def test_the_market_was_inspected_twice_a_month() -> None:
    months = Counter(day[:7] for day in values("market_inspections", "inspected_on"))
    assert set(months.values()) == {2}


def test_four_section_level_leaders_have_one_or_two_units_and_several_segments() -> None:
    units = Counter(values("work_units", "liaison_leader"))
    segments = Counter(values("road_segments", "liaison_leader"))
    assert len(units) == 4
    assert sum(units.values()) == 7
    assert set(units.values()) <= {1, 2}
    assert set(segments) == {*units, None}
    assert all(segments[leader] >= 3 for leader in units)
    assert 2 <= segments[None] <= 8


# Divisions and fields


def test_divisions_are_the_published_ones() -> None:
    found = {r["code"]: r for r in records("divisions")}
    assert {code: r["name"] for code, r in found.items()} == PUBLISHED
    for code, record in found.items():
        street = code == "630102007000"
        assert record["parent"] == ("630102000000" if street else "630102007000")
        expected = "street" if street else "village" if code[9] == "2" else "community"
        assert record["level"] == expected


def test_fields_are_an_exact_partition_of_the_street() -> None:
    fields = geometries("grid_fields")
    assert shapely.coverage_is_valid(fields)
    whole = shapely.coverage_union_all(fields)
    assert whole.equals(the_street())
    assert sum(map(area_m2, fields)) == pytest.approx(area_m2(the_street()), rel=1e-9)


def test_communities_are_an_exact_partition_put_together_from_their_fields() -> None:
    pairs = zip(values("divisions", "code"), geometries("divisions"), strict=True)
    divisions = dict(pairs)
    street = divisions.pop("630102007000")
    assert shapely.coverage_is_valid(list(divisions.values()))
    assert shapely.coverage_union_all(list(divisions.values())).equals(street)
    own: dict[str, list[BaseGeometry]] = defaultdict(list)
    for record, field in zip(records("grid_fields"), geometries("grid_fields"), strict=True):
        own[record["division"]].append(field)
    assert set(own) == set(divisions)
    for code, fields in own.items():
        assert shapely.coverage_union_all(fields).equals(divisions[code])


def test_the_street_and_its_fields_have_sensible_sizes() -> None:
    assert 3e6 < area_m2(the_street()) < 5e6
    assert 38 <= len(geometries("grid_fields")) <= 46
    for field in metres("grid_fields"):
        assert 40_000 < field.area < 180_000
        # A disc has 1, a square 0.79, a ribbon five times as long as wide 0.44.
        assert 4 * np.pi * field.area / field.length**2 > 0.35


def test_codes_number_the_fields_row_by_row_from_the_north_west() -> None:
    found = values("grid_fields", "code")
    assert codes.misnumbered(found, np.array(geometries("grid_fields"))) == []
    for division in set(values("grid_fields", "division")):
        numbers = sorted(int(code[12:]) for code in found if code.startswith(division))
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("layer", LAYERS)
def test_every_code_is_right_and_agrees_with_the_others(layer: str, registry: Registry) -> None:
    for record in records(layer):
        assert check(registry.layer(layer), record).findings == ()


def test_most_inner_borders_run_along_streets() -> None:
    fields = geometries("grid_fields")
    inner = shapely.union_all([f.boundary for f in fields]).difference(
        the_street().boundary.buffer(TOUCHING_DEG)
    )
    streets = shapely.union_all(geometries("streets")).buffer(TOUCHING_DEG)
    assert inner.intersection(streets).length > 0.75 * inner.length


def test_kinds_and_households_are_plausible() -> None:
    found = records("grid_fields")
    kinds = Counter(r["kind"] for r in found)
    assert 2 <= kinds["special"] <= 4
    assert kinds["general"] > kinds["basic"] > 0
    assert all(250 <= r["households"] <= 520 for r in found if r["kind"] == "general")
    inhabited = [r for r in found if r["kind"] != "special"]
    assert all(2.2 < r["population"] / r["households"] < 3.5 for r in inhabited)
    assert len({r["name"] for r in found}) == len(found)


# Persons


def test_every_field_names_all_its_persons() -> None:
    for record in records("grid_fields"):
        for person in PERSONS:
            assert re.fullmatch(r"[\u4e00-\u9fff]{2,5}", record[person]), (record["code"], person)


def test_leaders_answer_for_two_or_three_neighbouring_fields() -> None:
    own: dict[str, list[BaseGeometry]] = defaultdict(list)
    for leader, field in zip(
        values("grid_fields", "leader"), geometries("grid_fields"), strict=True
    ):
        own[leader].append(field)
    assert 14 <= len(own) <= 18
    for leader, fields in own.items():
        assert 2 <= len(fields) <= 3
        assert shapely.coverage_union_all(fields).geom_type == "Polygon", leader


def test_nobody_holds_two_kinds_of_office() -> None:
    offices = [set(values("grid_fields", person)) for person in PERSONS]
    offices.append(set(values("work_units", "liaison_leader")))
    assert len(set().union(*offices)) == sum(map(len, offices))


# Streets, buildings, points


def test_segments_are_unique_and_lie_on_the_street_that_they_name() -> None:
    found = records("road_segments")
    keys = [(r["name"], r["from_place"], r["to_place"]) for r in found]
    assert len(set(keys)) == len(keys)
    assert all(r["from_place"] and r["to_place"] != r["from_place"] for r in found)
    streets = {r["name"]: g for r, g in zip(records("streets"), geometries("streets"), strict=True)}
    for record, segment in zip(found, geometries("road_segments"), strict=True):
        assert streets[record["name"]].buffer(TOUCHING_DEG).covers(segment)
        middle = segment.interpolate(0.5, normalized=True)
        assert middle.distance(the_street()) < 2e-5


def test_the_network_runs_on_beyond_the_border() -> None:
    town = shapely.total_bounds(the_street())
    net = shapely.total_bounds(geometries("streets"))
    assert (np.abs(net - town) > 0.005).all()


def test_buildings_stand_clear_of_streets_waters_borders_and_each_other() -> None:
    buildings = metres("buildings")
    assert 1200 <= len(buildings) <= 2500
    tree = STRtree(buildings)
    surfaces = [
        line.buffer(WIDTH_M[r["road_class"]] / 2, cap_style="flat")
        for r, line in zip(records("streets"), metres("streets"), strict=True)
    ]
    borders = [f.boundary for f in metres("grid_fields")]
    for obstacles in (surfaces, metres("water"), borders):
        assert tree.query(obstacles, predicate="intersects").size == 0
    near = tree.query([b.buffer(-ROUNDING_M) for b in buildings], predicate="intersects")
    assert (near[0] == near[1]).all()
    assert all(1 <= storeys <= 33 for storeys in values("buildings", "storeys"))


def test_points_lie_in_the_street_and_courtyards_and_structures_on_open_ground() -> None:
    houses = STRtree(geometries("buildings"))
    for layer in ("work_units", "illegal_structures", "courtyards"):
        assert all(the_street().contains(p) for p in geometries(layer))
    for layer in ("illegal_structures", "courtyards"):
        assert houses.query(geometries(layer), predicate="intersects").size == 0
    assert houses.query(geometries("work_units"), predicate="within").shape[1] == 7


def test_addresses_name_the_community_in_which_the_structure_stood() -> None:
    communities = dict(zip(values("divisions", "name"), geometries("divisions"), strict=True))
    spots = geometries("illegal_structures")
    for record, spot in zip(records("illegal_structures"), spots, strict=True):
        (name,) = (
            n for n, area in communities.items() if n != "林家崖街道" and area.contains(spot)
        )
        assert record["address"].startswith(name)
