"""Layer → GeoAlchemy2 table. The database holds the declaration's rules a second time."""

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry as GeometryColumn
from sqlalchemy import CheckConstraint, Column, ColumnElement, Identity, Index, MetaData
from sqlalchemy.dialects.postgresql import JSON, JSONB

from layers.calendar import tables as holiday_tables
from layers.declaring.words import Field, Layer, Type
from layers.registry import Registry
from layers.schema import accounts as account_tables
from layers.schema import cases as case_tables
from layers.schema import duties as duty_tables
from layers.schema import levels as level_tables
from layers.schema import moves, versions
from layers.schema import notices as notice_tables
from layers.schema import patrols as patrol_tables
from layers.schema import photos as photo_tables
from layers.schema import same as same_tables
from layers.schema import submissions as submission_tables

SRID = 4326
NAMED_LENGTH = 40
"""So much of a name is in its index; a b-tree entry holds 2,704 bytes and a name may be longer."""

_TYPES: dict[Type, type[sa.types.TypeEngine[Any]]] = {
    Type.TEXT: sa.Text,
    Type.INTEGER: sa.BigInteger,
    Type.DECIMAL: sa.Double,
    Type.DATE: sa.Date,
    Type.BOOLEAN: sa.Boolean,
}

_FIXED = MetaData()

IMPORT_BATCHES = sa.Table(
    "import_batches",
    _FIXED,
    Column("number", sa.BigInteger, Identity(always=True), primary_key=True),
    Column("layer", sa.Text, nullable=False),
    Column("file", sa.Text, nullable=False),
    Column("sha256", sa.Text),
    Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    Column("loaded_by", sa.Text, nullable=False),
    Column(
        "account",
        sa.BigInteger,
        server_default=sa.text("nullif(current_setting('gridfield.account', true), '')::bigint"),
    ),
    Column(
        "place",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text(
            "coalesce(nullif(current_setting('gridfield.lo', true), ''), '0')::bigint"
        ),
    ),
    Column("belief", JSONB, nullable=False),
    *(
        Column(count, sa.BigInteger, nullable=False)
        for count in ("rows", "new", "changed", "unchanged", "skipped", "refused", "deleted")
    ),
    Column("undone_at", sa.DateTime(timezone=True)),
    Index("import_batches_layer", "layer", "number"),
)
"""Every load that stored something: `account` is whose it was (NULL: the command line's), by the
name in `loaded_by`, and `place` is the division that this account was of, as a number."""

# No foreign key: batches are never deleted, and it would be looked up for each of a million rows.
IMPORT_CHANGES = sa.Table(
    "import_changes",
    _FIXED,
    Column("batch", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("feature", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("before", JSON),  # not jsonb, whose numbers lose the sign of a zero
    Column("after", sa.Uuid),
)
"""What each batch did to a feature: the row as it was (NULL: new), the digest of what it became
(NULL: deleted)."""


@cache
def table(layer: Layer) -> sa.Table:
    """The table of one layer: `id`, its fields in declared order, `geom` in WGS 84 where its
    features lie somewhere, system columns.

    `place` is the code of the division in which the feature lies, as a number, 0 outside all; a
    trigger sets it (`layers.held.placing`) and row-level security reads it.
    The geometry column admits every type and a CHECK names the accepted ones, so that a Polygon
    that came in goes out as a Polygon and not as a MultiPolygon.
    """
    return sa.Table(
        layer.name,
        MetaData(),
        Column("id", sa.BigInteger, Identity(always=False), primary_key=True),
        *(_column(field) for field in layer.fields),
        *([_shape()] if layer.has_shape else []),
        *([Column("tint", sa.SmallInteger)] if layer.style.distinct else []),
        Column("place", sa.BigInteger, nullable=False, server_default="0"),
        *_rules(layer),
    )


@cache
def versions_table(layer: Layer) -> sa.Table:
    """The table of all versions of a layer's features."""
    return versions.beside(table(layer))


def metadata(registry: Registry) -> MetaData:
    """All tables of a registry, and the fixed ones, in one MetaData for migrations and tests."""
    whole = MetaData()
    fixed = (
        _FIXED,
        account_tables.METADATA,
        case_tables.METADATA,
        duty_tables.METADATA,
        holiday_tables.METADATA,
        level_tables.METADATA,
        moves.METADATA,
        notice_tables.METADATA,
        patrol_tables.METADATA,
        photo_tables.METADATA,
        same_tables.METADATA,
        submission_tables.METADATA,
        versions.METADATA,
    )
    for each in (each for tables in fixed for each in tables.sorted_tables):
        each.to_metadata(whole)
    for layer in registry.layers.values():
        for own in (table(layer), versions_table(layer)):
            if own.name in whole.tables:
                raise ValueError(f"{layer.name}: a table {own.name} is there already")
            own.to_metadata(whole)
    return whole


def key_expressions(layer: Layer) -> list[ColumnElement[str]]:
    """What the unique index over the layer's key holds, and what ON CONFLICT must name.

    Free text goes in by its MD5: a b-tree entry holds 2,704 bytes and a name may be longer.
    """
    return [_key_expression(layer.field(name)) for name in layer.key]


def name_start(layer: Layer) -> ColumnElement[str] | None:
    """What the index over the names of a layer's features holds: their beginnings, in the order of
    their characters; None where nothing on a map has a name that anybody may read."""
    field = layer.field(layer.title) if layer.title and layer.has_shape else None
    if field is None or field.personal or field.choices or field.type is not Type.TEXT:
        return None
    length: ColumnElement[int] = sa.literal_column(str(NAMED_LENGTH))
    return sa.collate(getattr(sa.func, "left")(sa.column(field.name), length), "C")  # noqa: B009


def _key_expression(field: Field) -> ColumnElement[str]:
    column: ColumnElement[str] = sa.column(field.name)
    return column if field.choices or field.pattern else sa.func.md5(column)


def _shape() -> Column[Any]:
    return Column(
        "geom", GeometryColumn("GEOMETRY", srid=SRID, spatial_index=False), nullable=False
    )


def _column(field: Field) -> Column[object]:
    return Column(field.name, _TYPES[field.type](), nullable=not field.required)


def _rules(layer: Layer) -> list[sa.schema.SchemaItem]:
    rules: list[sa.schema.SchemaItem] = [
        *(_shape_rules(layer) if layer.has_shape else ()),
        Index(f"{layer.name}_place", "place"),
    ]
    name = name_start(layer)
    if name is not None:
        rules.append(Index(f"{layer.name}_named", name))
    if layer.logged and layer.logged.field:
        rules.append(Index(f"{layer.name}_of_field", layer.logged.field))
    if layer.parent:  # by the digest: what names a parent may be long
        named = sa.func.md5(sa.column(layer.parent.field))
        rules.append(Index(f"{layer.name}_of_{layer.parent.field}", named))
    for n, days in enumerate(layer.in_order):
        pairs = (sa.column(a) <= sa.column(b) for a, b in combinations(days, 2))
        rules.append(CheckConstraint(sa.and_(*pairs), name=f"{layer.name}_order_{n}"))
    if layer.key:
        rules.append(
            Index(
                f"{layer.name}_key",
                *key_expressions(layer),
                unique=True,
                postgresql_nulls_not_distinct=True,
            )
        )
    for field in layer.fields:
        rule = _field_rule(field)
        if rule is not None:
            rules.append(CheckConstraint(rule, name=f"{layer.name}_{field.name}"))
    return rules


def _shape_rules(layer: Layer) -> Iterator[sa.schema.SchemaItem]:
    accepted: list[ColumnElement[str]] = [
        sa.literal_column(f"'{name.upper()}'") for name in layer.geometry.accepted
    ]
    kind = sa.func.geometrytype(sa.column("geom"))
    yield CheckConstraint(kind.in_(accepted), name=f"{layer.name}_geom_type")
    # With `place` inside, a tile's rows need no further look at the reader's rights; lists and
    # counts take the other (docs/decisions/0010-rights-in-the-database.md).
    yield Index(f"{layer.name}_geom", "geom", "place", postgresql_using="gist")


def _field_rule(field: Field) -> ColumnElement[bool] | None:
    column: ColumnElement[object] = sa.column(field.name)
    parts: list[ColumnElement[bool]] = []
    if field.choices:
        parts.append(column.in_([_literal(choice.value) for choice in field.choices]))
    if field.pattern:
        parts.append(column.op("~")(_literal(f"^(?:{field.pattern.regex})$")))
    if field.minimum is not None:
        parts.append(column >= sa.literal_column(f"{field.minimum:g}"))
    if field.maximum is not None:
        parts.append(column <= sa.literal_column(f"{field.maximum:g}"))
    if field.type is Type.TEXT and not (field.choices or field.pattern):
        parts.append(sa.func.char_length(column) <= sa.literal_column(str(field.max_length)))
    return sa.and_(*parts) if parts else None


def _literal(value: str) -> ColumnElement[str]:
    # DDL takes no bound values; these come from declarations, and quotes are doubled all the same.
    escaped = value.replace("'", "''")
    return sa.literal_column(f"'{escaped}'")
