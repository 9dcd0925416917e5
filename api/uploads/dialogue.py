"""What a person says of a file, and how far the file is understood with it."""

import math
import unicodedata
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Annotated, Any, BinaryIO, Literal, cast

import numpy as np
import shapely
from fastapi import Form, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from shapely.geometry.base import BaseGeometry

from api import transforms
from api.context import Context
from api.refusals import UNKNOWN_DRAFT
from api.settings import Settings
from api.uploads.course import Following
from api.uploads.drafts import Draft
from gis import files, streams
from gis.belief import Hints
from gis.datum import Datum
from gis.errors import Problem
from gis.files import Source
from gis.refusals.coordinates import DATUM_NEEDS_LONLAT
from gis.refusals.values import BAD_PARAMETER
from gis.streams import Stream
from layers.arriving import columns, datum_evidence, importing, unplaced
from layers.arriving.examination import Gone, OnConflict, Options
from layers.declaring.words import Layer
from layers.refusals.imports import COLUMN_MISSING, COLUMN_UNKNOWN
from maps.pages.import_draft import Seen, Told
from maps.pages.importing import Around

_DatumName = Literal["wgs84", "gcj02", "bd09"]
_OF_COLUMNS = frozenset({BAD_PARAMETER, COLUMN_MISSING, COLUMN_UNKNOWN})


class Answers(BaseModel):
    """The fields of the dialogue's form; an empty one says nothing."""

    model_config = ConfigDict(extra="ignore")

    crs: str | None = Field(None, max_length=40, description="坐标系 · The CRS, an EPSG code.")
    epsg: str | None = Field(
        None, max_length=40, description="另一个 EPSG 编号，优先 · Another, which goes first."
    )
    encoding: str | None = Field(None, max_length=40, description="文字编码 · The encoding.")
    datum: _DatumName | None = Field(
        None, description="经纬度的基准 · What longitudes and latitudes refer to."
    )
    heading: str | None = Field(None, max_length=12, description="表头所在行 · The heading's row.")
    part: str | None = Field(None, max_length=200, description="工作表 · The sheet or layer.")
    transform: str | None = Field(
        None,
        max_length=400,
        description="配置的转换参数名，或参数本身 · Named parameters, or parameters.",
    )
    map: list[str] = Field(
        default_factory=list, max_length=200, description="字段=列名 · field=column"
    )
    on_conflict: OnConflict | None = Field(
        None, description="已有同一条记录时 · When a key is stored already."
    )
    gone: Gone | None = Field(None, description="文件里没有的 · Features that the file lacks.")
    accept_valid: bool = Field(
        default=False, description="只导入没有问题的行 · Load the rows that are in order."
    )
    number: bool = Field(default=False, description="自动编号 · Number rows without a code.")

    @model_validator(mode="before")
    @classmethod
    def _drop_what_is_empty(cls, data: Any) -> Any:
        # A form sends every control, filled or not.
        if not isinstance(data, dict):
            return data
        kept = {name: value for name, value in data.items() if value not in ("", None)}
        if isinstance(kept.get("map"), list):
            kept["map"] = [pair for pair in kept["map"] if pair]
        return kept

    def told(self) -> Told:
        """The same as the pages write it back."""
        choices = {"on_conflict": self.on_conflict, "gone": self.gone}
        return Told(
            crs=_code(self.epsg or self.crs or ""),
            encoding=self.encoding or "",
            datum=self.datum or "",
            heading=unicodedata.normalize("NFKC", self.heading or "").strip(),
            part=self.part or "",
            transform=(self.transform or "").strip(),
            map=tuple(self.map),
            number=self.number,
            **{name: value for name, value in choices.items() if value},
        )


QueryAnswers = Annotated[Answers, Query()]


async def form_answers(  # noqa: PLR0913  one argument for each field of the form
    *,
    crs: Annotated[str | None, Form(max_length=40)] = None,
    epsg: Annotated[str | None, Form(max_length=40)] = None,
    encoding: Annotated[str | None, Form(max_length=40)] = None,
    datum: Annotated[_DatumName | None, Form()] = None,
    heading: Annotated[str | None, Form(max_length=12)] = None,
    part: Annotated[str | None, Form(max_length=200)] = None,
    transform: Annotated[str | None, Form(max_length=400)] = None,
    mapping: Annotated[
        list[str], Form(alias="map", default_factory=list, description="字段=列名 · field=column")
    ],
    on_conflict: Annotated[OnConflict | None, Form()] = None,
    gone: Annotated[Gone | None, Form()] = None,
    accept_valid: Annotated[bool, Form()] = False,
    number: Annotated[bool, Form()] = False,
) -> Answers:
    """The answers of a form that may hold a file as well."""
    return Answers(
        crs=crs,
        epsg=epsg,
        encoding=encoding,
        datum=datum,
        heading=heading,
        part=part,
        transform=transform,
        map=mapping,
        on_conflict=on_conflict,
        gone=gone,
        accept_valid=accept_valid,
        number=number,
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads and examines files for one layer; `ground` is where its features should lie."""

    context: Context
    layer: Layer
    ground: BaseGeometry | None

    def look(
        self,
        draft: Draft,
        told: Told,
        *,
        accept_valid: bool = False,
        following: Following | None = None,
    ) -> Seen:
        """How far an upload is understood; what stops it is a question to whoever brought it.

        Interrupted where it is followed and nobody wants it any more.
        """
        try:
            with _opened(draft) as content:
                source = self.read(content, draft.name, told)
        except Problem as problem:
            if problem.rule is DATUM_NEEDS_LONLAT:  # said before the CRS was mended
                told = replace(told, datum="")
                return self.look(draft, told, accept_valid=accept_valid, following=following)
            if problem.rule is UNKNOWN_DRAFT:
                raise
            return Seen(told, trouble=problem)
        told = told.fitting(self.layer, source.columns)
        try:
            examination = importing.examine(
                self.context.database,
                self.context.registry,
                self.layer,
                source,
                self.options(told, accept_valid=accept_valid),
                progress=following.enter("checking") if following else None,
                switch=following.switch if following else None,
            )
        except Problem as problem:
            if problem.rule not in _OF_COLUMNS:
                raise
            return Seen(told, source, trouble=problem)
        return Seen(told, source, examination)

    def read(self, content: BinaryIO, name: str, told: Told) -> Source:
        """The file as it is understood with what was said."""
        limits = self.context.settings.limits
        return files.read(
            content, name=name, hints=self._hints(told), limits=limits, within=self.ground
        )

    def stream(self, content: BinaryIO, name: str, told: Told) -> AbstractContextManager[Stream]:
        """The same in pieces, for a file that is large."""
        limits = self.context.settings.limits
        return streams.opened(
            content, name=name, hints=self._hints(told), limits=limits, within=self.ground
        )

    def _hints(self, told: Told) -> Hints:
        return replace(
            _hints(told, self.context.settings),
            placed=self.layer.has_shape,
            unplaced=unplaced.may_lack_place(self.layer),
        )

    def options(self, told: Told, *, accept_valid: bool, dry_run: bool = False) -> Options:
        """How to load, as it was said."""
        return Options(
            mapping=columns.pairs(told.map),
            on_conflict=cast("OnConflict", told.on_conflict),
            dry_run=dry_run,
            accept_valid=accept_valid,
            gone=cast("Gone", told.gone),
            number=told.number,
            tolerance_m2=self.context.settings.coverage_tolerance_m2,
        )

    def around(self, seen: Seen) -> Around:
        """What is known beside the file of the place where its features lie, or ought to."""
        transforms = tuple(self.context.settings.transforms)
        if self.ground is not None:
            return Around(transforms, self.ground.centroid.x, _outside(seen.source, self.ground))
        if seen.source is None:
            return Around(transforms)
        west, _, east, _ = seen.source.frame.total_bounds
        middle = (west + east) / 2
        return Around(transforms, middle if math.isfinite(middle) else None)


def reader_of(context: Context, layer: Layer) -> Reader:
    """The reader for one layer as the ground is now."""
    with context.database.read() as connection:
        ground = datum_evidence.ground(connection, context.registry, layer)
    return Reader(context, layer, ground)


def _outside(source: Source | None, ground: BaseGeometry) -> Sequence[int]:
    """The rows of features that do not even touch the ground."""
    if source is None:
        return ()
    shapely.prepare(ground)
    geometries = source.frame.geometry.to_numpy()
    off = ~shapely.intersects(ground, geometries) & ~shapely.is_missing(geometries)
    return [int(n) + 1 for n in np.flatnonzero(off)]


def _opened(draft: Draft) -> BinaryIO:
    try:
        return draft.file.open("rb")
    except FileNotFoundError:
        raise Problem(UNKNOWN_DRAFT) from None


def _hints(told: Told, settings: Settings) -> Hints:
    return Hints(
        crs=told.crs or None,
        encoding=told.encoding or None,
        layer=told.part or None,
        datum=Datum(told.datum) if told.datum else None,
        parameters=transforms.transform(settings, told.transform),
        heading=_row(told.heading) if told.heading else None,
    )


def _row(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise Problem(
        BAD_PARAMETER,
        name="heading",
        reason_zh="应为表头所在的行号，从 1 数起",
        reason="it wants the number of the heading's row, counted from 1",
    )


def _code(text: str) -> str:
    """A code as the pages list it: 4543, epsg:4543 and ４５４３ are EPSG:4543."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return f"EPSG:{plain}" if plain.isdecimal() else plain
