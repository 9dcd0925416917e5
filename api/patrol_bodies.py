"""What a phone says of a patrol, read from the bytes in which it came."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api import bodies, ids
from api.answers import in_wgs84
from api.refusals import PATROL_VALUE
from gis.datum import Datum
from gis.errors import Problem
from layers.patrols.recording import MOST_BATCHES, Batch, Told
from layers.refusals.asking import BODY_TOO_LARGE
from layers.schema.patrols import TEXT_LIMIT
from layers.walking import Fix

MOST_POINTS = 500
_KIB = 1024
_LIMIT = 256 * _KIB
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
# A phone without a battery is in 1970, and no clock of ours goes beyond.
_YEARS = range(1970, 2101)
_MOST_OFF_S = 4e9


def _moment(found: object) -> datetime:
    if not isinstance(found, str) or not _MOMENT.fullmatch(found):
        raise ValueError("a moment is written 2026-11-23T09:00:00+08:00")
    moment = datetime.fromisoformat(found)
    if moment.year not in _YEARS:
        raise ValueError(f"a year lies between {_YEARS[0]} and {_YEARS[-1]}")
    return moment.astimezone(UTC)


_Moment = Annotated[datetime, BeforeValidator(_moment)]
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Offset = Annotated[_Number, Field(ge=-_MOST_OFF_S, le=_MOST_OFF_S)]
_Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT, pattern=r"^[^\x00-\x1f]*$")]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")

    clock_offset_s: _Offset = 0.0
    """By how many seconds the phone's clock is ahead of the server's."""

    def by_our_clock(self, moment: datetime) -> datetime:
        return moment - timedelta(seconds=self.clock_offset_s)


class _Patrol(_Said):
    started_at: _Moment
    stopped_at: _Moment | None = None
    batches: Annotated[int, Field(strict=True, ge=0, le=MOST_BATCHES)] | None = None
    device: _Text | None = None
    app: _Text | None = None

    @model_validator(mode="after")
    def _ended(self) -> Self:
        if self.batches is not None and self.stopped_at is None:
            raise ValueError("batches are counted when it has ended")
        return self


class _Point(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: _Moment
    lon: Annotated[_Number, Field(ge=-180, le=180)]
    lat: Annotated[_Number, Field(ge=-90, le=90)]
    accuracy_m: Annotated[_Number, Field(ge=0, le=1e6)]


class _Batch(_Said):
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    resumed: Annotated[bool, Field(strict=True)] = False
    points: Annotated[list[_Point], Field(min_length=1, max_length=MOST_POINTS)]


def told(body: bytes) -> Told:
    """The beginning or the end of a patrol."""
    said = bodies.model(_small(body), _Patrol)
    stopped = said.stopped_at and said.by_our_clock(said.stopped_at)
    return Told(
        started_at=said.by_our_clock(said.started_at),
        stopped_at=stopped,
        batches=said.batches,
        device=said.device,
        app=said.app,
        digest=hashlib.sha256(body).digest(),
    )


def batch(seq: str, body: bytes) -> Batch:
    """A batch of positions; `seq` is the number in its address."""
    said = bodies.model(_small(body), _Batch)
    places = in_wgs84([(point.lon, point.lat) for point in said.points], Datum(said.datum))
    fixes = [
        Fix(said.by_our_clock(point.at).timestamp(), lon, lat, point.accuracy_m)
        for point, (lon, lat) in zip(said.points, places, strict=True)
    ]
    return Batch(
        seq=_sequence(seq),
        fixes=fixes,
        datum=said.datum,
        resumed=said.resumed,
        clock_offset_s=said.clock_offset_s,
        digest=hashlib.sha256(body).digest(),
    )


def new_uuid(text: str) -> UUID:
    """The id under which something is stored; Problem(PATROL_VALUE)."""
    found = ids.uuid(text)
    if found is None:
        raise _wrong("uuid", "it is no UUID of version 4 or 7", "不是第 4 或第 7 版的 UUID")
    return found


def _sequence(text: str) -> int:
    found = ids.number(text)
    if found is None or not 1 <= found <= MOST_BATCHES or str(found) != text:
        most = f"1–{MOST_BATCHES}"
        raise _wrong("seq", f"it is no number of {most}", f"应为 {most} 的整数")
    return found


def _small(body: bytes) -> bytes:
    if len(body) > _LIMIT:
        raise Problem(BODY_TOO_LARGE, limit=f"{_LIMIT // _KIB} KiB")
    return body


def _wrong(name: str, reason: str, reason_zh: str) -> Problem:
    return Problem(PATROL_VALUE, name=name, reason=reason, reason_zh=reason_zh)
