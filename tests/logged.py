"""Records from phones, stored without one: for tests of what becomes of them."""

import hashlib
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from shapely.geometry import Point
from sqlalchemy.engine import Connection

from gis.clock import day_of
from layers.reading import features
from layers.registry import Registry
from layers.schema.submissions import SUBMISSIONS
from layers.schema.tables import table


def site(
    connection: Connection,
    registry: Registry,
    lon: float,
    lat: float,
    *,
    at: datetime | None = None,
    **given: object,
) -> int:
    """A site that was logged on the spot; the feature's id."""
    layer, at = registry.layer("sites"), at or datetime.now(UTC)
    number = str(given.pop("number", f"点位 {uuid.uuid4().hex[:8]}"))
    position = given.pop("position", "measured")
    values = {
        "matter": layer.field("matter").choices[0].value,
        "status": "registered",
        "found_on": day_of(at),
        "number": number,
        **given,
    }
    feature = features.insert(connection, layer, values, Point(lon, lat))
    body = number.encode()
    rows = table(layer)
    place = sa.select(rows.c.place).where(rows.c.id == feature).scalar_subquery()
    connection.execute(
        sa.insert(SUBMISSIONS)
        .inline()
        .values(
            uuid=uuid.uuid4(),
            layer=layer.name,
            feature=feature,
            place=place,
            sha256=hashlib.sha256(body).digest(),
            body=body,
            captured_at=at,
            datum="wgs84",
            position=position,
            field=given.get("field"),
        )
    )
    return feature
