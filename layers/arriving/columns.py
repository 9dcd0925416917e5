"""Which column of a file feeds which field: by name, label or alias, however it is written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gis.errors import Problem
from gis.formats.shapefile import NAME_BYTES
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.words import Field, Layer
from layers.refusals.imports import COLUMN_MISSING, COLUMN_UNKNOWN

# A shapefile cuts headings at ten bytes, and Chinese ones were written in either of these.
_CUTTING_ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class Matched:
    """`used` maps field names to columns of the file; `ignored` are the columns left over."""

    used: Mapping[str, str]
    ignored: tuple[str, ...]


def match(
    layer: Layer,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    optional: Collection[str] = (),
) -> Matched:
    """Find each field's column; `mapping` (field → column) goes before any likeness.

    An empty column leaves its field out, whatever is like it.
    Required fields may be without a column where they are `optional`.

    Problems: BAD_PARAMETER for a field that the layer has not, COLUMN_UNKNOWN for a column that
    the file has not, COLUMN_MISSING for a required field that no column feeds.
    """
    told = {_field(layer, name): column for name, column in mapping.items()}
    used = {name: _told(columns, column) for name, column in told.items() if column}
    for likeness in (_by_name, _by_any_name, _by_cut_name):
        for field, column in likeness(layer, columns):
            if field not in told and field not in used and column not in used.values():
                used[field] = column
    _check_required(layer, {*used, *optional})
    ordered = {field.name: used[field.name] for field in layer.fields if field.name in used}
    ignored = tuple(column for column in columns if column not in ordered.values())
    return Matched(ordered, ignored)


def _field(layer: Layer, name: str) -> str:
    names = [field.name for field in layer.fields]
    if name in names:
        return name
    present = ", ".join(names)
    raise Problem(
        BAD_PARAMETER,
        name="map",
        reason_zh=f"没有字段 {name};有:{present}",
        reason=f"there is no field {name}; there are: {present}",
    )


def _told(columns: Sequence[str], wanted: str) -> str:
    found = [column for column in columns if column == wanted] or [
        column for column in columns if _loose(column) == _loose(wanted)
    ]
    if len(found) != 1:
        raise Problem(COLUMN_UNKNOWN, name=wanted, present=", ".join(columns))
    return found[0]


def _by_name(layer: Layer, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    names = {field.name for field in layer.fields}
    return ((column, column) for column in columns if column in names)


def _by_any_name(layer: Layer, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    by_name: dict[str, str] = {}
    for field in layer.fields:
        for name in field.names:
            by_name.setdefault(_loose(name), field.name)
    return ((by_name[_loose(c)], c) for c in columns if _loose(c) in by_name)


def _by_cut_name(layer: Layer, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    fields: dict[str, set[str]] = {}
    for field in layer.fields:
        for cut in _cuts(field):
            fields.setdefault(cut, set()).add(field.name)
    for column in columns:
        found = fields.get(column.casefold(), set())
        if len(found) == 1:  # two fields cut to one name: nobody knows which it was
            yield next(iter(found)), column


def _cuts(field: Field) -> Iterator[str]:
    for name in field.names:
        for encoding in _CUTTING_ENCODINGS:
            encoded = name.encode(encoding)
            if len(encoded) > NAME_BYTES:
                yield encoded[:NAME_BYTES].decode(encoding, "ignore").casefold()


def _loose(name: str) -> str:
    """Case, spaces, underscores and hyphens tell no two headings apart."""
    return "".join(c for c in name.casefold() if not (c.isspace() or c in "_-\ufeff"))


def _check_required(layer: Layer, used: Collection[str]) -> None:
    missing = [field for field in layer.fields if field.required and field.name not in used]
    if missing:
        raise Problem(
            COLUMN_MISSING,
            name=", ".join(field.name for field in missing),
            names="; ".join(", ".join(field.names) for field in missing),
        )


def pairs(texts: Sequence[str]) -> Mapping[str, str]:
    """The mapping that a person writes as "field=column", one text for each pair.

    >>> pairs(["name=楼院 名称"])
    {'name': '楼院 名称'}
    """
    found = {}
    for text in texts:
        name, equals, column = text.partition("=")
        if not equals:
            raise Problem(
                BAD_PARAMETER,
                name="map",
                reason_zh=f"{text} 不是 字段=列名",
                reason=f"{text} is not field=column",
            )
        found[name.strip()] = column.strip()
    return found
