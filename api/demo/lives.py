"""What the demo's records went through before they were loaded: duties, steps, photographs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.demo import pictures as demo_pictures
from api.demo.days import moment
from api.demo.pictures import Moment
from gis import files
from gis.postgis import Database
from layers.cases import history as case_history
from layers.declaring.words import Layer
from layers.duties import giving as duties
from layers.photos import bringing as photos
from layers.photos.bringing import Wanted
from layers.photos.store import PhotoStore
from layers.registry import Registry
from layers.schema.tables import table

_MOMENTS = ("at", "due_before", "due_after")
_PIXELS = 1_000_000

Row = Mapping[str, str | None]


def begin_duties(connection: Connection, day: date) -> None:
    """Say that every duty has been had from this day on: a file tells who, and not since when."""
    duties.date_back(connection, day)


def bring_steps(connection: Connection, registry: Registry, path: Path, loaded: datetime) -> None:
    """Give the cases of a file the steps that they took."""
    for name, rows in groupby(lines(path), key=lambda row: row["layer"]):
        told = [_told(row, loaded) for row in rows]
        case_history.bring(connection, registry.layer(str(name)), told)


def _told(row: Row, loaded: datetime) -> Mapping[str, Any]:
    """A row with its moments as such."""
    texts = {name: row[name] for name in _MOMENTS}
    moments = {name: text and moment(text, loaded) for name, text in texts.items()}
    return {**row, **moments}


def bring_photos(
    database: Database,
    registry: Registry,
    store: PhotoStore,
    paths: Sequence[Path],
    loaded: datetime,
) -> None:
    """Draw the pictures of some files, keep each once, and link them to their records."""
    rows = [row for path in paths for row in lines(path)]
    for scene, role in sorted({_scene(row) for row in rows}):
        content = demo_pictures.picture(scene, role)
        name = demo_pictures.digest(content)
        photos.receive(database, store, name, BytesIO(content), pixels=_PIXELS)
    with database.begin() as connection:
        for (layer, feature), wanted in _wanted(connection, registry, rows, loaded).items():
            photos.attach(connection, registry.layer(layer), feature, wanted)


def _wanted(
    connection: Connection, registry: Registry, rows: Sequence[Row], loaded: datetime
) -> Mapping[tuple[str, int], list[Wanted]]:
    found: dict[tuple[str, int], list[Wanted]] = defaultdict(list)
    names = {str(row["layer"]) for row in rows}
    known = {name: _ids(connection, registry.layer(name)) for name in names}
    for row in rows:
        layer, number = str(row["layer"]), str(row["number"])
        taken = moment(str(row["taken_at"]), loaded)
        content = demo_pictures.picture(*_scene(row))
        wanted = Wanted(demo_pictures.digest(content), str(row["role"]), taken)
        found[layer, known[layer][number]].append(wanted)
    return found


def _ids(connection: Connection, layer: Layer) -> Mapping[str, int]:
    rows = table(layer)
    statement = sa.select(rows.c[str(layer.title)], rows.c.id)
    return {str(title): int(id_) for title, id_ in connection.execute(statement)}


def _scene(row: Row) -> tuple[int, Moment]:
    return int(str(row["scene"])), cast("Moment", row["role"])


def lines(path: Path) -> Iterator[Row]:
    """The rows of a table, each text under its heading."""
    raw = files.table(path)
    for number in range(len(raw.geometries)):
        yield {name: _text(values[number]) for name, values in raw.columns.items()}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
