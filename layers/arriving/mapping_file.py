"""How the columns and values of somebody else's table become ours: a file in TOML, written once.

    [columns]                # field = column of the file
    number = "unique_key"
    [constants]              # field = what every row has
    origin = "hotline"
    [values.status]          # of a field: value of the file = our value; "*" is every other one
    Closed = "cleared"
    "*" = "rectifying"
    [days]                   # fields whose column has a time of day: the day alone is taken
    fields = ["found_on"]

What it says nothing of is matched by name as always, and a value that it does not know stays as it
is, to be refused with its row.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.errors import Problem
from gis.files import Source
from layers.declaring.words import Layer
from layers.refusals.imports import COLUMN_UNKNOWN
from layers.refusals.reports import MAPPING_FILE

LARGEST_BYTES = 1024 * 1024
_ANY = "*"
_TABLES = frozenset({"columns", "constants", "values", "days"})
# A day, and behind it a time: as ISO 8601 and most exports write them.
_TIMED = r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T\s].*$"

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What a mapping file says of a layer's fields."""

    columns: Texts
    constants: Texts
    values: Mapping[str, Texts]
    days: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that it speaks of."""
        return tuple(dict.fromkeys((*self.columns, *self.constants, *self.values, *self.days)))


def parse(layer: Layer, content: bytes, name: str) -> Rewriting:
    """What the file says; Problem(MAPPING_FILE) with what is wrong with it."""
    if len(content) > LARGEST_BYTES:
        raise _wrong(name, "it is larger than 1 MB", "超过 1 MB")
    try:
        found = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(name, f"it is no TOML: {error}", f"不是 TOML：{error}") from None
    unknown = found.keys() - _TABLES
    if unknown:
        names = ", ".join(sorted(unknown))
        raise _wrong(name, f"there is no table {names}", f"没有名为 {names} 的表")
    values = _table(found.get("values", {}), name)
    said = Rewriting(
        columns=_texts(found.get("columns", {}), name),
        constants=_texts(found.get("constants", {}), name),
        values={each: _texts(table, name) for each, table in values.items()},
        days=_names(_table(found.get("days", {}), name).get("fields", []), name),
    )
    _check_fields(layer, said, name)
    return said


def rewrite(source: Source, said: Rewriting) -> tuple[Source, Texts]:
    """The file as the mapping reads it, and the column of each field that it speaks of.

    A column that feeds one field is rewritten in its place; for others there is a further one.
    Problem(COLUMN_UNKNOWN) for a column that the file has not.
    """
    frame, used = source.frame.copy(), {}
    for name in said.fields:
        if name in said.constants:
            used[name] = _free(frame, name)
            frame[used[name]] = said.constants[name]
            continue
        column = said.columns.get(name, name)
        if column not in source.columns:
            raise Problem(COLUMN_UNKNOWN, name=column, present=", ".join(source.columns))
        used[name] = column
        if name in said.values or name in said.days:
            used[name] = _target(frame, said, name, column)
            frame[used[name]] = _rewritten(source.frame[column], said, name)
    further = tuple(each for each in used.values() if each not in source.columns)
    columns = (*source.columns, *dict.fromkeys(further))
    ordered: gpd.GeoDataFrame = frame[[*columns, frame.geometry.name]]
    return replace(source, frame=ordered, columns=columns), used


def _target(frame: pd.DataFrame, said: Rewriting, name: str, column: str) -> str:
    """Where the rewritten values go: back into their column, if no other field reads it."""
    readers = [each for each in said.fields if said.columns.get(each, each) == column]
    return column if readers == [name] else _free(frame, name)


def _free(frame: pd.DataFrame, name: str) -> str:
    """A heading that the file does not have."""
    while name in frame.columns:
        name += "'"
    return name


def _rewritten(column: "pd.Series[Any]", said: Rewriting, name: str) -> "pd.Series[Any]":
    if name in said.days:
        texts = column.astype("string").str.replace(_TIMED, r"\1", regex=True)
        column = texts.astype(object).where(texts.notna(), None)
    known = said.values.get(name)
    if known is None:
        return column
    values = [_value(known, value) for value in column]
    return pd.Series(values, index=column.index, dtype=object)


def _value(known: Texts, value: object) -> object:
    """What a cell means; an empty one means nothing, whatever else is said."""
    if value is None or value != value or value == "":  # noqa: PLR0124  NaN is not itself
        return None
    text = str(value).strip()
    return known.get(text, known.get(_ANY, value))


# --- reading the file -----------------------------------------------------------------------------
def _check_fields(layer: Layer, said: Rewriting, name: str) -> None:
    names = {field.name for field in layer.fields}
    missing = ", ".join(each for each in said.fields if each not in names)
    if missing:
        reason = f"{layer.name} has no field {missing}"
        raise _wrong(name, reason, f"{layer.label.zh}没有字段 {missing}")
    twice = ", ".join(each for each in said.constants if each in {*said.columns, *said.values})
    if twice:
        reason = f"{twice} has a constant and a column"
        raise _wrong(name, reason, f"{twice} 既有固定值又有列")


def _table(found: object, name: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise _wrong(name, "columns, constants, values and days are tables", "各部分应为表")
    return found


def _texts(found: object, name: str) -> Texts:
    table = _table(found, name)
    return dict(_pairs(table, name))


def _pairs(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict | list):
            raise _wrong(name, f"{key} is no text", f"{key} 不是文字")
        yield key, str(value)


def _names(found: object, name: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _wrong(name, "days.fields is a list of fields", "days.fields 应为字段列表")
    return tuple(found)


def _wrong(name: str, reason: str, reason_zh: str) -> Problem:
    return Problem(MAPPING_FILE, name=name[-40:], reason=reason, reason_zh=reason_zh)
