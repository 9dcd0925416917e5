"""The tables of the patrols: who walked where, and what of the roads was walked by anybody."""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import ARRAY

from layers.walking import Kind

METADATA = MetaData()

TEXT_LIMIT = 200
_SRID = 4326


def _setting(name: str) -> sa.TextClause:
    return sa.text(f"nullif(current_setting('gridfield.{name}', true), '')::bigint")


def _moment(name: str, *, required: bool = True, now: bool = False) -> Column[object]:
    default = sa.func.now() if now else None
    kind = sa.DateTime(timezone=True)
    return Column(name, kind, nullable=not required, server_default=default)


def _count(name: str) -> Column[object]:
    return Column(name, sa.Integer, nullable=False, server_default="0")


def _metres(name: str) -> Column[object]:
    return Column(name, sa.Double, nullable=False, server_default="0")


def _patrol(*, key: bool) -> Column[object]:
    own = ForeignKey("patrols.uuid", ondelete="CASCADE")
    return Column("patrol", sa.Uuid, own, primary_key=key, nullable=False)


PATROLS = Table(
    "patrols",
    METADATA,
    Column("uuid", sa.Uuid, primary_key=True),
    Column("account", sa.BigInteger, nullable=False, server_default=_setting("account")),
    Column("person", sa.BigInteger),
    Column("place", sa.BigInteger, nullable=False, server_default=_setting("lo")),
    Column("place_to", sa.BigInteger, nullable=False, server_default=_setting("hi")),
    _moment("received_at", now=True),
    _moment("started_at"),
    _moment("stopped_at", required=False),
    _moment("kept_until"),
    Column("start_sha256", sa.LargeBinary, nullable=False),
    Column("stop_sha256", sa.LargeBinary),
    Column("announced", sa.Integer),
    Column("device", sa.Text),
    Column("app", sa.Text),
    _count("batches"),
    _count("points"),
    _count("left_out"),
    _count("gaps"),
    _metres("walked_m"),
    _metres("ridden_m"),
    CheckConstraint("stopped_at >= started_at", name="patrols_order"),
    CheckConstraint(
        f"char_length(device) <= {TEXT_LIMIT} AND char_length(app) <= {TEXT_LIMIT}",
        name="patrols_texts",
    ),
    Index("patrols_account", "account", "started_at"),
    Index("patrols_place", "place", "started_at"),
    Index("patrols_kept", "kept_until"),
)
"""One row a patrol: whose it is, within which ground (from `place` to `place_to`) it counts, until
when it is kept, and what it came to. `announced` is how many batches the phone says there are."""

PATROL_POINTS = Table(
    "patrol_points",
    METADATA,
    _patrol(key=True),
    Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    _moment("received_at", now=True),
    Column("sha256", sa.LargeBinary, nullable=False),
    Column("datum", sa.Text, nullable=False),
    Column("resumed", sa.Boolean, nullable=False),
    Column("clock_offset_s", sa.Double, nullable=False),
    _count("points"),
    _count("inaccurate"),
    _count("clock"),
    _count("close"),
    *(
        Column(name, ARRAY(sa.Double), nullable=False)
        for name in ("at", "lon", "lat", "accuracy_m")
    ),
    CheckConstraint("seq > 0", name="patrol_points_seq"),
    CheckConstraint(
        "cardinality(at) = points AND cardinality(lon) = points"
        " AND cardinality(lat) = points AND cardinality(accuracy_m) = points",
        name="patrol_points_number",
    ),
)
"""One row a batch, since it is written once, read whole and deleted whole: the positions that were
kept (WGS 84; `at` in seconds since 1970 by the server's clock), and how many were left out."""

PATROL_STRETCHES = Table(
    "patrol_stretches",
    METADATA,
    _patrol(key=True),
    _moment("since"),
    Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _moment("until"),
    Column("day", sa.Date, nullable=False),
    Column("kind", sa.Text, nullable=False),
    _metres("metres"),
    Column("geom", Geometry("LINESTRING", srid=_SRID, spatial_index=False), nullable=False),
    CheckConstraint(
        "kind IN ({})".format(", ".join(f"'{kind}'" for kind in Kind)),
        name="patrol_stretches_kind",
    ),
    Index("patrol_stretches_geom", "geom", postgresql_using="gist"),
    Index("patrol_stretches_day", "day"),
)
"""The way between the positions: as far as it was walked, ridden or not known in one piece. What is
a gap has a straight line, and nobody is said to have been there."""

PATROL_COVERAGE = Table(
    "patrol_coverage",
    METADATA,
    Column("span", sa.Text, primary_key=True),
    Column("first", sa.Date, primary_key=True),
    Column("road", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("place", sa.BigInteger, nullable=False),
    _metres("metres"),
    Column("settled", sa.Boolean, nullable=False, server_default=sa.false()),
    Column("covered", Geometry("GEOMETRY", srid=_SRID, spatial_index=False)),
    CheckConstraint("span IN ('day', 'week')", name="patrol_coverage_span"),
    CheckConstraint("metres >= 0", name="patrol_coverage_metres"),
    Index("patrol_coverage_road", "road", "span", "first"),
)
"""How many metres of a road were walked on a day, or in the week that begins with it, by anybody.

`covered` is the ground beside the road that this was on, of days alone and for as long as ways of
its week are kept; a day of which one has been deleted by its age is `settled`, so that its sum
stays. `place` is that of the road."""
