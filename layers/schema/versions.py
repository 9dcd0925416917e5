"""The tables of the history: every version of every feature, and the chain of all changes.

Triggers write them (`layers.held.recording`); nothing else may.
"""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, Identity, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

METADATA = MetaData()
SUFFIX = "_versions"
OPERATIONS = ("insert", "update", "delete")

_SRID = 4326
# Columns of a layer's table that are no record of the district.
_DERIVED = frozenset({"tint"})


def _moment(name: str, *, required: bool) -> Column[object]:
    return Column(name, sa.DateTime(timezone=True), nullable=not required)


def _bytes(name: str, *, required: bool) -> Column[bytes]:
    return Column(name, BYTEA, nullable=not required)


def _operation(table: str, name: str) -> tuple[Column[str], CheckConstraint]:
    named = ", ".join(f"'{operation}'" for operation in OPERATIONS)
    rule = CheckConstraint(
        f"{name} IN ({named})", name=f"{table}{'' if name[0] == '_' else '_'}{name}"
    )
    return Column(name, sa.Text, nullable=False), rule


CHANGES = Table(
    "changes",
    METADATA,
    Column("number", sa.BigInteger, Identity(always=False), primary_key=True),
    Column("transaction", sa.BigInteger, nullable=False),
    _moment("at", required=True),
    Column("account", sa.BigInteger),
    Column("source", sa.Text, nullable=False),
    Column("label", sa.Text),
    Column("layer", sa.Text, nullable=False),
    *_operation("changes", "operation"),
    Column("rows", sa.BigInteger, nullable=False),
    _bytes("rows_digest", required=True),
    Column("places", ARRAY(sa.BigInteger), nullable=False),
    Column("link", sa.BigInteger, unique=True),
    _bytes("previous", required=False),
    _bytes("digest", required=False),
    Index("changes_transaction", "transaction"),
)
"""One row for each statement that changed a layer: who, when, from where, how many rows.

`rows_digest` is that of its versions' digests in the order of their ids, `places` are the divisions
that it touched. `link`, `previous` and `digest` chain it to the change before; they are set when
the transaction commits.
"""

LINEAGE = Table(
    "lineage",
    METADATA,
    Column("layer", sa.Text, primary_key=True),
    Column("parent", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("parent_number", sa.Integer, primary_key=True, autoincrement=False),
    Column("child", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("child_number", sa.Integer, primary_key=True, autoincrement=False),
    _moment("at", required=True),
    Column("change", sa.BigInteger, nullable=False),
    Column("area_m2", sa.Double, nullable=False),
    Column("parent_place", sa.BigInteger, nullable=False),
    Column("child_place", sa.BigInteger, nullable=False),
    Index("lineage_child", "layer", "child"),
)
"""Ground that went from one feature to another: who lost it in which version, and who has it."""

DIVISION_PIECES = Table(
    "division_pieces",
    METADATA,
    Column("division", sa.BigInteger, nullable=False),
    Column("place", sa.BigInteger, nullable=False),
    Column("depth", sa.SmallInteger, nullable=False),
    Column("geom", Geometry("GEOMETRY", srid=_SRID, spatial_index=False), nullable=False),
    # Each row stored is a question to it, which a GiST takes twice as long to answer.
    Index("division_pieces_geom", "geom", postgresql_using="spgist"),
    Index("division_pieces_division", "division"),
)
"""The divisions cut small, so that asking in which one a point lies costs microseconds."""


def beside(rows: Table, metadata: MetaData | None = None) -> Table:
    """The versions of a table's rows: its columns as they became (for a delete: as they were).

    System columns begin with an underscore, which no field can: `_from` and `_to` bound the time
    in which a version held (`_to` is null: it still does), `_change` is the number of its change.
    """
    name = f"{rows.name}{SUFFIX}"
    kept = [column for column in rows.columns if column.name not in {"id", "place"} | _DERIVED]
    spatial = [Index(f"{name}_geom", "geom", "place", postgresql_using="gist")]
    return Table(
        name,
        MetaData() if metadata is None else metadata,
        Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        Column("_number", sa.Integer, primary_key=True, autoincrement=False),
        *(Column(column.name, column.type, nullable=column.name != "geom") for column in kept),
        Column("place", sa.BigInteger, nullable=False),
        *_operation(name, "_operation"),
        _moment("_from", required=True),
        _moment("_to", required=False),
        Column("_change", sa.BigInteger, nullable=False),
        _bytes("_digest", required=True),
        *(spatial if "geom" in rows.c else ()),
        # Versions are stored in the order of their changes, so that this index is next to nothing.
        Index(f"{name}_change", "_change", postgresql_using="brin"),
    )
