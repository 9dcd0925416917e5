"""Tables follow from the declarations, and the migrations lead to exactly those tables."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_NEWER
from layers import guards
from layers.declaring.words import Field, Layer
from layers.migrate import upgrade
from layers.registry import Registry, build
from layers.schema.tables import metadata, table
from tests.factories import BENCHES, geometry, record


def test_the_migrations_make_what_the_declarations_say(
    cluster: Cluster, database: Database, registry: Registry
) -> None:
    migrated = _schema(database)
    with database.begin() as connection:
        guards.remove(connection)
        metadata(registry).drop_all(connection)
        metadata(registry).create_all(connection)
        guards.install(connection, registry)
    assert _schema(database) == migrated


def _schema(database: Database) -> str:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run(
        ["pg_dump", "--schema-only", "--no-owner", "--exclude-table=alembic_version", url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    dump = re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)
    # A migration can only put a new column last, wherever the declaration has it.
    dump = re.sub(r"(?<=\(\n)[^;]*(?=\n\)(;|\nWITH ))", _sorted, dump)
    return "\n\n\n".join(sorted(dump.split("\n\n\n")))


def _sorted(lines: re.Match[str]) -> str:
    return "\n".join(sorted(line.removesuffix(",") for line in lines[0].split("\n")))


def test_a_layer_cannot_take_the_name_of_a_fixed_table() -> None:
    with pytest.raises(ValueError, match="import_batches"):
        metadata(build([replace(BENCHES, name="import_batches")]))


def test_migrating_twice_changes_nothing(database: Database) -> None:
    before = _schema(database)
    upgrade(database)
    assert _schema(database) == before


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Problem) as caught:
        upgrade(database)
    assert caught.value.rule is DATABASE_NEWER


def test_every_layer_stores_a_full_record(conn: Connection, registry: Registry) -> None:
    for layer in registry.layers.values():
        _insert(conn, layer, record(layer), geometry(layer))
        stored = conn.execute(sa.select(table(layer))).mappings().one()
        assert {name: stored[name] for name in record(layer)} == record(layer)


def test_the_database_itself_holds_the_declared_rules(conn: Connection, registry: Registry) -> None:
    tried = 0
    for layer in registry.layers.values():
        for field in layer.fields:
            if layer.logged and field.name == layer.logged.number:
                continue  # which the database gives
            for broken in _broken(field):
                with pytest.raises(sa.exc.DBAPIError), conn.begin_nested():
                    _insert(conn, layer, record(layer, **{field.name: broken}), geometry(layer))
                tried += 1
    assert tried > 40


def _broken(field: Field) -> list[object]:
    broken: list[object] = []
    if field.required:
        broken.append(None)
    if field.choices or field.pattern:
        broken.append("no such value")
    if field.minimum is not None:
        broken.append(int(field.minimum) - 1)
    if field.maximum is not None:
        broken.append(int(field.maximum) + 1)
    return broken


def test_a_wrong_kind_of_geometry_is_refused(conn: Connection, registry: Registry) -> None:
    layers = list(registry.layers.values())
    layers = [layer for layer in layers if layer.has_shape]
    for layer in layers:
        other = next(one for one in layers if one.geometry is not layer.geometry)
        with pytest.raises(sa.exc.IntegrityError), conn.begin_nested():
            _insert(conn, layer, record(layer), geometry(other))


def test_a_key_is_unique_also_where_parts_of_it_are_missing(
    conn: Connection, registry: Registry
) -> None:
    segments = registry.layer("road_segments")
    values = record(segments, from_place=None, to_place=None)
    _insert(conn, segments, values, geometry(segments))
    with pytest.raises(sa.exc.IntegrityError), conn.begin_nested():
        _insert(conn, segments, values, geometry(segments, 1))


def test_a_key_may_be_as_long_as_its_field(conn: Connection, registry: Registry) -> None:
    courtyards = registry.layer("courtyards")
    long = "".join(chr(0x4E00 + n) for n in range(10_000))
    _insert(conn, courtyards, record(courtyards, name=long), geometry(courtyards))


def _insert(
    conn: Connection, layer: Layer, values: Mapping[str, object], shape: BaseGeometry | None
) -> None:
    drawn = {} if shape is None else {"geom": from_shape(shape, srid=4326)}
    conn.execute(sa.insert(table(layer)).values(**values, **drawn))
