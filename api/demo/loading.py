"""The synthetic demo, loaded as any user's files would be."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from api.demo import days as demo_days
from api.demo import lives as demo_lives
from api.refusals import DEMO_MISSING
from gis import files
from gis.clock import BEIJING
from gis.errors import Problem
from gis.postgis import Database
from layers.arriving import importing
from layers.declaring.people import SYSTEM
from layers.declaring.words import Layer
from layers.duties import directory
from layers.photos.store import PhotoStore
from layers.registry import Registry
from layers.schema.tables import table

FOLDER = Path(__file__).parents[2] / "data" / "shapes"
NOW = FOLDER / "now"
"""Records whose days are told from the day of loading (`api.demo.days`)."""

_BEGUN = date(2017, 1, 1)  # the year of the demo: its people had their duties from then on


def load(
    database: Database, registry: Registry, photos: PhotoStore | None = None
) -> tuple[str, str]:
    """Load the demo when every layer is empty; what was done, in Chinese and English.

    Without a store there are no photographs.
    """
    if not _empty(database, registry):
        return "已有数据，不装入演示数据", "There are data already, so the demo is not loaded"
    loaded = datetime.now(BEIJING)
    rows = sum(_bring(database, registry, layer, loaded.date()) for layer in _in_order(registry))
    with database.begin() as connection:
        directory.bring(connection, SYSTEM, files.table(FOLDER / "people.csv"))
        demo_lives.begin_duties(connection, _BEGUN)
        for folder in (FOLDER, NOW):
            demo_lives.bring_steps(connection, registry, folder / "steps.csv", loaded)
    if photos is not None:
        told = [folder / "photos.csv" for folder in (FOLDER, NOW)]
        demo_lives.bring_photos(database, registry, photos, told, loaded)
    return (
        f"已装入演示数据 {rows} 条：林家崖街道的网格、人员和案件均为虚构",
        f"Loaded {rows} demo records: the fields, people and cases of 林家崖 are invented",
    )


def _in_order(registry: Registry) -> list[Layer]:
    """The ground first, and what belongs to records after them."""

    def depth(layer: Layer) -> int:
        return 0 if layer.parent is None else 1 + depth(registry.layer(layer.parent.layer))

    return sorted(registry.layers.values(), key=depth)


def _bring(database: Database, registry: Registry, layer: Layer, loaded: date) -> int:
    rows = 0
    for path in _files(layer):
        source = files.read(path, hints=files.Hints(placed=layer.has_shape))
        source = demo_days.dated(source, layer, loaded)
        rows += importing.load(database, registry, layer, source).rows
    return rows


def _files(layer: Layer) -> Iterator[Path]:
    """The file of the year, and that of now where a layer has one."""
    name = f"{layer.name}{'.geojson' if layer.has_shape else '.csv'}"
    if not (FOLDER / name).is_file():
        raise Problem(DEMO_MISSING, place=FOLDER / name)
    yield FOLDER / name
    if (NOW / name).is_file():
        yield NOW / name


def _empty(database: Database, registry: Registry) -> bool:
    with database.read() as connection:
        first = (sa.select(table(layer).c.id).limit(1) for layer in registry.layers.values())
        return all(connection.scalar(each) is None for each in first)
