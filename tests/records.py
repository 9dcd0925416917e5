"""Records from phones for tests: bodies as the app makes them, and ground for them to lie on."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import shapely

from gis.postgis import Database
from layers.changing import editing
from layers.declaring.words import Layer
from layers.reading import features
from layers.registry import Registry
from tests.factories import LAT, LON

COMMUNITY, NEIGHBOUR = "630102007001", "630102007004"
"""Two communities side by side: the second begins 0.02° to the east of the first."""
INSIDE, ABROAD = (LON + 0.0051, LAT + 0.0051), (LON + 0.0251, LAT + 0.0051)
"""A point in the first field of each."""
FIELD = f"{COMMUNITY}001"
LEADER = "祁生财"
_AT = "2026-11-23T09:00:00+08:00"


def lay_ground(database: Database, registry: Registry) -> None:
    """Two communities with a field each, which covers a part of it; the first has a leader."""
    divisions, fields = registry.layer("divisions"), registry.layer("grid_fields")
    with database.begin() as connection:
        for code, name, west in ((COMMUNITY, "蓝天社区", LON), (NEIGHBOUR, "站西社区", LON + 0.02)):
            values = {
                "code": code,
                "name": name,
                "level": "community",
                "parent": f"{code[:9]}000",
            }
            ground = shapely.box(west, LAT, west + 0.02, LAT + 0.02)
            features.insert(connection, divisions, values, ground)
    for code, west, leader in ((COMMUNITY, LON, LEADER), (NEIGHBOUR, LON + 0.02, "韩志强")):
        values = {
            "code": f"{code}001",
            "name": "第1网格",
            "kind": "general",
            "division": code,
            "leader": leader,
        }
        put = editing.Put(None, values, shapely.box(west, LAT, west + 0.01, LAT + 0.01))
        with database.begin() as connection:
            editing.apply(connection, registry, fields, editing.Changes([put]), tolerance_m2=1.0)


def sha(n: int = 0) -> str:
    """The hash of the n-th photograph."""
    return hashlib.sha256(str(n).encode()).hexdigest()


VALUES: Mapping[str, Mapping[str, Any]] = {
    "sites": {"matter": "06010", "note": "绿化带内有散落垃圾", "origin": "patrol"},
    "illegal_structures": {"address": "蓝天巷", "use": "storage", "storeys": 1},
    "courtyard_works": {"courtyard": "粮站家属院", "work": "rubbish", "rubbish_cleared_t": 2.5},
    "market_inspections": {
        "market": "互助中路农贸市场",
        **dict.fromkeys(
            (
                "public_order",
                "hygiene",
                "sourcing",
                "three_guards",
                "licences",
                "zones",
                "spilling",
                "fire",
                "closing",
                "paving",
            ),
            "ok",
        ),
    },
    "shop_inspections": {
        "shop": "老马拉面馆",
        "hygiene": "fault",
        "greening": "ok",
        "public_order": "not_looked",
    },
}
"""What an inspector enters, by layer."""


def record(layer: Layer | str = "sites", **changed: Any) -> dict[str, Any]:
    """A record that is right; `changed` are members of it, `captured` and `properties` one by
    one."""
    name = layer if isinstance(layer, str) else layer.name
    found: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(INSIDE)},
        "properties": dict(VALUES[name]),
        "captured": {
            "at": _AT,
            "datum": "wgs84",
            "position": "measured",
            "measured": {
                "lon": INSIDE[0],
                "lat": INSIDE[1],
                "accuracy_m": 8.5,
                "readings": 5,
                "at": _AT,
            },
            "clock_offset_s": 0.4,
            "device": "test",
            "app": "1",
        },
        "photos": [
            {"sha256": sha(1), "role": "far", "taken_at": _AT},
            {"sha256": sha(2), "role": "near", "taken_at": None},
        ],
    }
    for member, value in changed.items():
        merged = member in ("captured", "properties") and isinstance(value, dict)
        found[member] = {**found[member], **value} if merged else value
    return found


def in_field(layer: Layer | str = "sites", **changed: Any) -> dict[str, Any]:
    """A record without a position: only its field is known; `changed` are members of `captured`."""
    captured = {"position": "field", "measured": None, "no_fix": "indoors", "field": FIELD}
    return record(layer, geometry=None, captured={**captured, **changed})


def body(found: Mapping[str, Any]) -> bytes:
    """The bytes that are sent."""
    return json.dumps(found, ensure_ascii=False).encode()


def name() -> UUID:
    """A new name."""
    return uuid4()
