"""Makes every trap of the files that come in China.

`python -m tests.make_traps FOLDER` writes them all, to be looked at or sent through the import.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests import shapefile_traps, table_traps
from tests.raw_files import PLACE, PLACE_4522, point, shapefile

__all__ = ["PLACE", "PLACE_4522", "TRAPS", "point", "shapefile"]

TRAPS: Sequence[Callable[[Path], Path]] = (
    shapefile_traps.gbk_without_cpg,
    shapefile_traps.gbk_with_lying_cpg,
    shapefile_traps.utf8_with_lying_cpg,
    shapefile_traps.values_cut_inside_a_letter,
    shapefile_traps.names_cut_inside_a_letter,
    shapefile_traps.names_twice,
    shapefile_traps.long_text,
    shapefile_traps.ring_reversed,
    shapefile_traps.hole_same_turning,
    shapefile_traps.both_counter_clockwise,
    shapefile_traps.ring_unclosed,
    shapefile_traps.bow_tie,
    shapefile_traps.null_shapes,
    shapefile_traps.gauss_kruger_without_prj,
    shapefile_traps.gauss_kruger_swapped,
    shapefile_traps.wgs84_label_over_gcj02,
    shapefile_traps.cgcs2000_in_gauss_kruger,
    shapefile_traps.prj_in_gbk,
    shapefile_traps.prj_of_xian_1980,
    shapefile_traps.prj_of_another_zone,
    shapefile_traps.prj_empty,
    shapefile_traps.prj_of_no_crs,
    shapefile_traps.cpg_with_mark,
    shapefile_traps.chinese_in_one_field,
    shapefile_traps.deleted_row,
    shapefile_traps.table_of_another_file,
    shapefile_traps.without_dbf,
    shapefile_traps.points_with_heights,
    shapefile_traps.zip_in_capitals,
    shapefile_traps.two_shapefiles_in_a_zip,
    shapefile_traps.zip_with_names_in_gbk,
    table_traps.csv_in_gbk,
    table_traps.csv_in_gbk_with_the_mark_of_utf8,
    table_traps.csv_with_titles,
    table_traps.csv_swapped,
    table_traps.survey_points,
    table_traps.csv_in_bd09,
    table_traps.geojson_in_gbk,
    table_traps.geojson_mixed,
    table_traps.csv_in_degrees_minutes_seconds,
    table_traps.ledger_in_excel,
    table_traps.ledger_in_degrees_minutes_seconds,
    table_traps.ledger_below_a_title,
    table_traps.ledger_of_phone_points,
    table_traps.kml,
    table_traps.kml_in_gbk,
    table_traps.kmz,
    table_traps.kmz_in_a_folder,
    table_traps.kml_of_an_app,
)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for make in TRAPS:
        sys.stdout.write(f"{make(target).name}: {make.__doc__}\n")
