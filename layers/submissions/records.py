"""A record from a phone as it comes: a GeoJSON Feature, with how it was captured.

Whatever is wrong is told at once, each fault with its place, so that nobody goes from one
to the next.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gis.datum import Datum, convert
from gis.errors import Finding, Problem
from layers.declaring import checks, values
from layers.declaring.logged import Logged
from layers.declaring.members import (
    Members,
    Wrong,
    a_count,
    a_list,
    a_moment,
    a_number,
    a_text,
    an_object,
    one_of,
)
from layers.declaring.words import Layer
from layers.photos.bringing import Wanted
from layers.refusals.asking import BODY_TOO_LARGE, BODY_UNREADABLE
from layers.refusals.submissions import LAYER_NOT_LOGGED, RECORD_DECIDED, RECORD_REFUSED
from layers.refusals.values import PROPERTY_UNKNOWN
from layers.schema.photos import PHOTO_ROLES
from layers.schema.submissions import DATUMS, POSITIONS

LARGEST_BYTES = 256 * 1024
MOST_PHOTOS = 20
_HASH = re.compile(r"[0-9a-f]{64}")
_MEMBERS = ("type", "geometry", "properties", "captured", "photos")
_CAPTURED = (
    "at",
    "datum",
    "position",
    "measured",
    "no_fix",
    "field",
    "clock_offset_s",
    "device",
    "app",
)
_MEASURED = ("lon", "lat", "accuracy_m", "readings", "at")
_PHOTO = ("sha256", "role", "taken_at")
_DEGREES = {"lon": a_number(-180, 180), "lat": a_number(-90, 90)}
_CENTURY_S = 100 * 365.25 * 24 * 3600
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # of a record that is refused
_COORDINATES = (2, 3)  # a height is passed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the device said of its own position, in the datum of the record."""

    lon: float
    lat: float
    accuracy_m: float | None
    readings: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """How a record came about. `said_at` is by the device's clock, which was `clock_offset_s` ahead
    of ours; `lonlat` is where the record is, in `datum`; `field` is the code of one that stands
    for a position."""

    said_at: datetime
    datum: Datum
    position: str
    lonlat: tuple[float, float] | None
    measured: Measured | None
    no_fix: str | None
    field: str | None
    clock_offset_s: float | None
    device: str | None
    app: str | None

    @property
    def at(self) -> datetime:
        """When it was, by our clock."""
        return self.said_at - timedelta(seconds=self.clock_offset_s or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record that breaks no rule of its own. `values` are those that were asked for and those
    that everything new has; `body` are the bytes as they came."""

    uuid: UUID
    layer: Layer
    logged: Logged
    body: bytes
    values: Mapping[str, object]
    captured: Captured
    photos: tuple[Wanted, ...]

    @property
    def sha256(self) -> bytes:
        """The digest of the bytes."""
        return digest(self.body)

    @property
    def kind(self) -> str | None:
        """Of which kind it is, where the layer has kinds."""
        found = self.values.get(self.logged.kind) if self.logged.kind else None
        return None if found is None else str(found)

    @property
    def lonlat(self) -> tuple[float, float] | None:
        """Where it is, in WGS 84."""
        if self.captured.lonlat is None or self.captured.datum is Datum.WGS84:
            return self.captured.lonlat
        lon, lat = convert(*self.captured.lonlat, self.captured.datum, Datum.WGS84)
        return float(lon), float(lat)


def digest(body: bytes) -> bytes:
    """What tells one content from another."""
    return hashlib.sha256(body).digest()


def parse(layer: Layer, uuid: UUID, body: bytes) -> Record:
    """The record that these bytes are.

    Problem(LAYER_NOT_LOGGED), Problem(BODY_TOO_LARGE), Problem(BODY_UNREADABLE), and
    Problem(RECORD_REFUSED) with every rule that it breaks.
    """
    logged = layer.logged
    if logged is None:
        raise Problem(LAYER_NOT_LOGGED, layer=layer.name)
    feature = Members(_loaded(body))
    feature.only(_MEMBERS)
    feature.need("type", one_of("Feature"))
    found = _properties(layer, logged, feature)
    captured = _captured(feature)
    photos = _photos(logged, feature)
    if feature.findings or captured is None:
        count = len(feature.findings)
        raise Problem(RECORD_REFUSED, findings=feature.findings, layer=layer.name, count=count)
    return Record(
        uuid=uuid,
        layer=layer,
        logged=logged,
        body=body,
        values=found,
        captured=captured,
        photos=photos,
    )


def _loaded(body: bytes) -> Mapping[str, Any]:
    if len(body) > LARGEST_BYTES:
        raise Problem(BODY_TOO_LARGE, limit=f"{LARGEST_BYTES // 1024} KiB")
    try:
        found = json.loads(body.decode(), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unreadable("it is not JSON", "不是 JSON") from error
    if not isinstance(found, dict):
        raise _unreadable("it is no JSON object", "不是 JSON 对象")
    return found


def _no_number(constant: str) -> object:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two members with one name nobody knows which was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _unreadable("a name stands twice in an object", "同一个对象里有重名的成员")
    return found


def _unreadable(reason: str, reason_zh: str) -> Problem:
    return Problem(BODY_UNREADABLE, reason=reason, reason_zh=reason_zh)


# --- what was found -------------------------------------------------------------------------------
def _properties(layer: Layer, logged: Logged, feature: Members) -> dict[str, object]:
    given = feature.read("properties", an_object) or {}
    own = Members(given, "properties", feature.findings)
    declared = {field.name for field in layer.fields}
    for name in given.keys() - set(logged.asked):
        rule = RECORD_DECIDED if name in declared else PROPERTY_UNKNOWN
        own.findings.append(Finding(rule, column=own.at(name), values={"name": name}))
    found: dict[str, object] = dict(logged.given)
    for name in logged.asked:
        found[name] = _value(own, layer, name)
    if logged.result:
        found[logged.result] = checks.result(found[name] for name in logged.checks).value
    return found


def _value(own: Members, layer: Layer, name: str) -> object:
    try:
        return values.parse(layer.field(name), own.found.get(name))
    except values.Refused as refused:
        finding = Finding(refused.rule, column=own.at(name), values=refused.values)
        own.findings.append(finding)
        return None


# --- how it was captured --------------------------------------------------------------------------
def _captured(feature: Members) -> Captured | None:
    if feature.found.get("captured") is None:
        feature.note("captured", "缺少，不能为空", "is missing")
    own = feature.inside("captured")
    if own is None:
        return None
    own.only(_CAPTURED)
    said_at = own.need("at", a_moment)
    datum = own.need("datum", one_of(*DATUMS))
    position = own.need("position", one_of(*POSITIONS))
    found = Captured(
        said_at=said_at or _NEVER,
        datum=Datum(datum or Datum.WGS84),
        position=position or "",
        lonlat=feature.read("geometry", _point),
        measured=_measured(own),
        no_fix=own.read("no_fix", a_text(500)),
        field=own.read("field", a_text(15)),
        clock_offset_s=own.read("clock_offset_s", a_number(-_CENTURY_S, _CENTURY_S)),
        device=own.read("device", a_text(500)),
        app=own.read("app", a_text(100)),
    )
    _fits(found, own, has_point=feature.found.get("geometry") is not None)
    return None if own.findings else found


def _fits(captured: Captured, own: Members, *, has_point: bool) -> None:
    """A record lies at a point, measured or set by hand, or else in a field that is named."""
    if captured.position == "field":
        if has_point:
            own.note("position", "有坐标时不能为 field", "is not field where there is a point")
        for name in ("no_fix", "field"):
            if not str(own.found.get(name) or "").strip():
                own.note(name, "没有坐标时必填", "is needed where there is no point")
    elif captured.position and not has_point:
        own.note("position", "没有坐标时应为 field", "is field where there is no point")
    if captured.position == "measured" and own.found.get("measured") is None:
        own.note("measured", "position 为 measured 时必填", "is needed for a measured position")
    if captured.field and captured.position != "field":
        own.note("field", "有坐标时由系统判定", "is decided here where there is a point")


def _point(raw: Any) -> tuple[float, float]:
    members = an_object(raw)
    if members.get("type") != "Point" or members.keys() - {"type", "coordinates"}:
        raise Wrong("应为 GeoJSON Point", "should be a GeoJSON Point")
    numbers = a_list(members.get("coordinates"))
    if len(numbers) not in _COORDINATES:
        raise Wrong("坐标应为 [经度, 纬度]", "coordinates should be [longitude, latitude]")
    lon, lat = (read(number) for read, number in zip(_DEGREES.values(), numbers, strict=False))
    return lon, lat


def _measured(captured: Members) -> Measured | None:
    own = captured.inside("measured")
    if own is None:
        return None
    own.only(_MEASURED)
    lon, lat = (own.need(name, reader) for name, reader in _DEGREES.items())
    return Measured(
        lon=lon or 0.0,
        lat=lat or 0.0,
        accuracy_m=own.read("accuracy_m", a_number(0, 1e7)),
        readings=own.read("readings", a_count(1_000_000)),
        at=own.read("at", a_moment),
    )


# --- its photographs ------------------------------------------------------------------------------
def _photos(logged: Logged, feature: Members) -> tuple[Wanted, ...]:
    listed = feature.read("photos", a_list) or []
    if len(listed) > MOST_PHOTOS:
        feature.note("photos", f"最多 {MOST_PHOTOS} 张", f"are {MOST_PHOTOS} at most")
        return ()
    found = [photo for photo in _each(listed, feature) if photo is not None]
    hashes = {photo.sha256 for photo in found}
    if len(hashes) < len(found):
        feature.note("photos", "同一张照片出现两次", "name a photo twice")
    if len(listed) < logged.photos:
        feature.note("photos", f"至少 {logged.photos} 张", f"are {logged.photos} at least")
    return tuple(found)


def _each(listed: list[Any], feature: Members) -> Iterator[Wanted | None]:
    for n, raw in enumerate(listed):
        place = f"photos[{n}]"
        try:
            own = Members(an_object(raw), place, feature.findings)
        except Wrong as wrong:
            feature.note(place, wrong.zh, wrong.en)
            continue
        own.only(_PHOTO)
        sha256 = own.need("sha256", _hash)
        role = own.need("role", one_of(*PHOTO_ROLES))
        taken_at = own.read("taken_at", a_moment)
        yield Wanted(sha256, role, taken_at) if sha256 and role else None


def _hash(raw: Any) -> str:
    if not isinstance(raw, str) or not _HASH.fullmatch(raw):
        raise Wrong("应为 64 位小写十六进制", "should be 64 hexadecimal digits in lower case")
    return raw
