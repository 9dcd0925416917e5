"""Query parameters: each is declared, and one that is not declared is refused (OGC 17-069r4 §7)."""

import math
import re
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.days import Day
from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER
from layers.reading.features import BBox

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MAX_LIMIT = 10_000
MAX_ID = 2**63 - 1
# RFC 3339 instants and dates, or an interval of two of them, either end open.
_INSTANT = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?"
_DATETIME = re.compile(rf"{_INSTANT}|({_INSTANT}|\.\.)?/({_INSTANT}|\.\.)?", re.IGNORECASE)


Past = Annotated[
    Day | None,
    Field(
        description="哪一天结束时的情况(2017-06-30)，默认现在 · As at the end of that day; now "
        "unless told.",
    ),
]
Waiting = Annotated[
    Day | None,
    Field(
        description="只要这一天还没有结的案件，按当天的状态(2017-06-30) · Only the cases that "
        "waited on that day, in their state of then.",
    ),
]
Within = Annotated[
    str | None,
    Field(
        pattern=r"^[0-9]{12}$",
        description="12 位区划代码：只要该区划及其下级 · A division code: that and all below it.",
    ),
]


class AskedPlainly(BaseModel):
    """What a resource of one form takes."""

    model_config = ConfigDict(extra="forbid")

    lang: Lang | None = Field(
        None, description="标题和消息的语言 · The language of titles and messages."
    )


class Asked(AskedPlainly):
    """What every other resource takes."""

    f: Literal["json", "html"] | None = Field(
        None, description="答复的形式 · The form of the answer."
    )


class AskedPage(Asked):
    """What a page for people takes: messengers add parameters to the addresses they pass on."""

    model_config = ConfigDict(extra="ignore")


class AskedPast(Asked):
    """What a resource takes that can be looked at as it was."""

    on: Past = None


class AskedItem(AskedPast):
    """What one feature takes; its page says a word of the step that was just taken."""

    done: str | None = Field(
        None, max_length=40, description="刚办的一步，页面据此告知 · The step that was just taken."
    )


class AskedFigures(AskedPast):
    """What a resource takes that adds up what is on some ground."""

    place: Within = None


class AskedItems(BaseModel):
    """What a page of features takes; every further parameter names a field of the layer."""

    model_config = ConfigDict(extra="allow")

    f: Literal["json", "geojson", "html"] | None = Field(
        None, description="答复的形式 · The form of the answer."
    )
    lang: Lang | None = Field(
        None, description="标题和消息的语言 · The language of titles and messages."
    )
    bbox: str | None = Field(
        None, description="西、南、东、北经纬度 · West, south, east, north in degrees (WGS 84)."
    )
    bbox_crs: Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] | None = Field(
        None, alias="bbox-crs"
    )
    crs: Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] | None = Field(
        None, description="答复的坐标系 · The CRS of the answer."
    )
    datetime: str | None = Field(
        None, description="要素没有时间，都符合 · Features have no time of their own: all match."
    )
    on: Past = None
    place: Within = None
    limit: int = Field(
        10,
        ge=1,
        json_schema_extra={"maximum": MAX_LIMIT},
        description="每页要素数 · Features on a page.",
    )
    after: int | None = Field(
        None, ge=0, le=MAX_ID, description="本页之前的编号 · The id before this page."
    )
    q: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[^\x00]*$",  # no text of PostgreSQL holds one
        description="文字里含有 · What one of its texts has in it.",
    )
    sortby: str | None = Field(
        None,
        max_length=60,
        description="按哪个字段排序，前面加 - 为倒序 · The field to sort by, with - the greatest "
        "first.",
    )
    filter: str | None = Field(None, description="CQL2 文本条件 · A condition in CQL2 text.")
    filter_lang: Literal["cql2-text"] | None = Field(None, alias="filter-lang")
    filter_crs: Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] | None = Field(
        None, alias="filter-crs"
    )

    @property
    def fields(self) -> dict[str, str]:
        """The parameters that are not ours: fields with the value that they must have."""
        return self.model_extra or {}


Params = Annotated[Asked, Query()]
OneItemParams = Annotated[AskedItem, Query()]
FiguresParams = Annotated[AskedFigures, Query()]
PageParams = Annotated[AskedPage, Query()]
ItemParams = Annotated[AskedItems, Query()]


def box(text: str) -> BBox:
    """`bbox` as west, south, east, north; heights are read and left aside."""
    try:
        numbers = [float(part) for part in text.split(",", 6)]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise _wrong("bbox", "it wants four or six numbers", "应为四个或六个数")
    half = len(numbers) // 2
    west, south, east, north = *numbers[:2], *numbers[half : half + 2]
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise _wrong(
            "bbox",
            "it wants west,south,east,north in degrees",
            "应为西、南、东、北四个经纬度",
        )
    return west, south, east, north


def check_datetime(text: str) -> None:
    """Refuse what is neither an instant nor an interval; our layers have no time to compare."""
    if not _DATETIME.fullmatch(text) or text in {"/", "../.."}:
        raise _wrong(
            "datetime", "it is no RFC 3339 instant or interval", "不是 RFC 3339 时间或区间"
        )


def _wrong(name: str, reason: str, reason_zh: str) -> Problem:
    return Problem(BAD_PARAMETER, name=name, reason=reason, reason_zh=reason_zh)
