"""The synthetic demo, loaded as any user's files would be."""

from pathlib import Path

from gis import files
from gis.errors import DEMO_MISSING, Problem
from gis.postgis import Database
from layers import directory, importing
from layers.people import SYSTEM
from layers.registry import Registry
from layers.summaries import summary

FOLDER = Path(__file__).parents[1] / "data" / "shapes"


def load(database: Database, registry: Registry) -> tuple[str, str]:
    """Load the demo when every layer is empty; what was done, in Chinese and English."""
    if not _empty(database, registry):
        return "已有数据，不装入演示数据", "There are data already, so the demo is not loaded"
    rows = 0
    for layer in registry.layers.values():
        path = FOLDER / f"{layer.name}.geojson"
        if not path.is_file():
            raise Problem(DEMO_MISSING, place=path)
        rows += importing.load(database, registry, layer, files.read(path)).rows
    with database.begin() as connection:
        directory.bring(connection, SYSTEM, files.table(FOLDER / "people.csv"))
    return (
        f"已装入演示数据 {rows} 条：林家崖街道的网格、人员和案件均为虚构",
        f"Loaded {rows} demo records: the fields, people and cases of 林家崖 are invented",
    )


def _empty(database: Database, registry: Registry) -> bool:
    with database.read() as connection:
        return all(summary(connection, layer).count == 0 for layer in registry.layers.values())
