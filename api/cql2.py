"""A CQL2 text filter becomes one SQL condition: every name is declared, every value is bound.

The grammar is ours (cql2.lark) because pygeofilter 0.4 reads `a OR b AND c` as `(a OR b) AND c`.
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa
from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError
from lark.tree import Meta
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement

from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers.cases import columns as case_columns
from layers.declaring.words import Layer, Type
from layers.schema.tables import SRID, table

GEOMETRY = "geom"
MAX_LENGTH = 4_000
# Parentheses within one another. SQL is compiled recursively; people stay below five.
MAX_DEPTH = 16

_NUMBERS = frozenset({Type.INTEGER, Type.DECIMAL})
_INT64 = 2**63
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def where(layer: Layer, text: str) -> ColumnElement[bool]:
    """The condition that a filter puts on a layer; Problem(BAD_PARAMETER) says what is wrong."""
    _check_size(text)
    try:
        tree = _parser().parse(text)
        condition: ColumnElement[bool] = _Condition(layer, text).transform(tree)
    except UnexpectedInput as error:
        place = error.pos_in_stream or 0
        near = text[place : place + 20] or "…"
        raise _refusal(
            f"not understood at character {place + 1}: {near}",
            f"第 {place + 1} 个字符处读不懂：{near}",
        ) from error
    except VisitError as error:
        raise error.orig_exc from error
    return condition


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_suffix(".lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True)


def _check_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise _refusal(f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")
    depth = deepest = 0
    for bracket in re.findall(r"[()]", re.sub(r"'[^']*'", "", text)):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise _refusal(f"more than {MAX_DEPTH} brackets deep", f"括号超过 {MAX_DEPTH} 层")
    if "\0" in text:
        raise _refusal("holds a NUL character", "含有空字符")


def _refusal(reason: str, reason_zh: str) -> Problem:
    return Problem(BAD_PARAMETER, name="filter", reason=reason, reason_zh=reason_zh)


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A column or a bound literal; `literal` keeps the text of the latter for a second reading."""

    type: Type
    sql: ColumnElement[Any]
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """The geometry column or a bound geometry."""

    sql: ColumnElement[Any]


@v_args(inline=True)
class _Condition(Transformer[Token, Any]):
    """Each rule of the grammar as SQL, from the leaves up."""

    def __init__(self, layer: Layer, text: str) -> None:
        super().__init__()
        self._layer = layer
        self._text = text

    # --- logic
    def any_of(self, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return sa.or_(*conditions)

    def all_of(self, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return sa.and_(*conditions)

    def negated(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return sa.not_(condition)

    def constant(self, token: Token) -> ColumnElement[bool]:
        return sa.true() if token.lower() == "true" else sa.false()

    # --- predicates
    def compared(self, left: Any, sign: Token, right: Any) -> ColumnElement[bool]:
        left, right = _agreed(left, right)
        return _bool(_COMPARISONS[sign](left.sql, right.sql))

    def like(self, value: Any, pattern: Any) -> ColumnElement[bool]:
        _need_text(value, pattern)
        # PostgreSQL refuses a pattern that ends in half an escape.
        if pattern.literal and len(re.findall(r"\\*$", pattern.literal)[0]) % 2:
            raise _refusal("LIKE pattern ends with a backslash", "LIKE 的样式以反斜杠结尾")
        return _bool(value.sql.like(pattern.sql))

    def not_like(self, value: Any, pattern: Any) -> ColumnElement[bool]:
        return sa.not_(self.like(value, pattern))

    def between(self, value: Any, low: Any, high: Any) -> ColumnElement[bool]:
        _, low = _agreed(value, low)
        value, high = _agreed(value, high)
        return _bool(value.sql.between(low.sql, high.sql))

    def not_between(self, value: Any, low: Any, high: Any) -> ColumnElement[bool]:
        return sa.not_(self.between(value, low, high))

    def one_of(self, value: Any, *options: Any) -> ColumnElement[bool]:
        return _bool(value.sql.in_([_agreed(value, option)[1].sql for option in options]))

    def none_of(self, value: Any, *options: Any) -> ColumnElement[bool]:
        return sa.not_(self.one_of(value, *options))

    def missing(self, value: _Scalar | _Shape) -> ColumnElement[bool]:
        return value.sql.is_(None)

    def present(self, value: _Scalar | _Shape) -> ColumnElement[bool]:
        return value.sql.is_not(None)

    def spatial(self, name: Token, left: Any, right: Any) -> ColumnElement[bool]:
        if not (isinstance(left, _Shape) and isinstance(right, _Shape)):
            raise _refusal(f"{name} wants geometries", f"{name} 要的是几何")
        function = getattr(sa.func, name.lower().replace("s_", "st_", 1))
        return _bool(function(left.sql, right.sql, type_=sa.Boolean))

    # --- scalars
    def NUMBER(self, token: Token) -> Token:  # noqa: N802  lark calls it by the terminal's name
        if not math.isfinite(float(token)):
            raise _refusal(f"{token} is too large", f"{token} 过大")
        return token

    def property(self, token: Token) -> _Scalar | _Shape:
        name = token.strip('"')
        columns = table(self._layer).c
        if name == GEOMETRY and self._layer.has_shape:
            return _Shape(columns[GEOMETRY])
        cases = case_columns.fields(self._layer)
        if name in cases:
            return _Scalar(cases[name].type, case_columns.beside(self._layer, name))
        try:
            return _Scalar(self._layer.field(name).type, columns[name])
        except KeyError:
            known = ", ".join((*self._layer.columns, *cases))
            raise _refusal(
                f"{name} is no field; there are {known}", f"没有字段 {name}；有 {known}"
            ) from None

    def text(self, token: Token) -> _Scalar:
        value = _unquoted(token)
        return _Scalar(Type.TEXT, sa.literal(value), literal=value)

    def number(self, token: Token) -> _Scalar:
        value = float(token)
        if token.lstrip("+-").isdigit() and abs(value) < _INT64:
            return _Scalar(Type.INTEGER, sa.literal(int(token)))
        return _Scalar(Type.DECIMAL, sa.literal(value))

    def boolean(self, token: Token) -> _Scalar:
        return _Scalar(Type.BOOLEAN, self.constant(token))

    def date(self, token: Token) -> _Scalar:
        return _dated(_unquoted(token))

    def casei(self, value: Any) -> _Scalar:
        _need_text(value)
        return _Scalar(Type.TEXT, sa.func.lower(value.sql), literal=value.literal)

    # --- geometries
    def bbox(self, *numbers: Token) -> _Shape:
        if len(numbers) not in (4, 6):
            raise _refusal("BBOX wants four or six numbers", "BBOX 要四个或六个数")
        half = len(numbers) // 2
        west, south, *_ = map(float, numbers[:half])
        east, north, *_ = map(float, numbers[half:])
        return _shape(shapely.box(west, south, east, north))

    @v_args(meta=True)
    def wkt(self, meta: Meta, _: list[Any]) -> _Shape:
        try:
            return _shape(shapely.from_wkt(self._text[meta.start_pos : meta.end_pos]))
        except shapely.errors.GEOSException as error:
            raise _refusal("the WKT cannot be read", "WKT 读不懂") from error


def _shape(geometry: BaseGeometry) -> _Shape:
    flat = shapely.force_2d(geometry)
    west, south, east, north = flat.bounds if not flat.is_empty else (math.nan,) * 4
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _refusal(
            "a geometry is empty or no longitude and latitude", "几何为空，或坐标不是经纬度"
        )
    # GEOS raises on an invalid one in the middle of a query.
    if not flat.is_valid:
        reason = shapely.is_valid_reason(flat)
        raise _refusal(f"a geometry is invalid: {reason}", f"几何无效：{reason}")
    return _Shape(sa.func.st_geomfromwkb(sa.literal(shapely.to_wkb(flat)), SRID))


def _agreed(left: Any, right: Any) -> tuple[_Scalar, _Scalar]:
    """Both as scalars of one type; a text beside a date is read as a date."""
    if not (isinstance(left, _Scalar) and isinstance(right, _Scalar)):
        raise _refusal("a geometry cannot be compared with =, < or >", "几何不能用 =、<、> 比较")
    if left.type is Type.DATE and right.literal is not None:
        right = _dated(right.literal)
    elif right.type is Type.DATE and left.literal is not None:
        left = _dated(left.literal)
    if left.type is not right.type and not {left.type, right.type} <= _NUMBERS:
        raise _refusal(
            f"{left.type} and {right.type} cannot be compared",
            f"{left.type} 与 {right.type} 不能比较",
        )
    return left, right


def _need_text(*values: Any) -> None:
    if not all(isinstance(v, _Scalar) and v.type is Type.TEXT for v in values):
        raise _refusal("LIKE and CASEI want text", "LIKE 和 CASEI 要的是文字")


def _dated(text: str) -> _Scalar:
    try:
        return _Scalar(Type.DATE, sa.literal(date.fromisoformat(text)))
    except ValueError:
        raise _refusal(
            f"{text!r} is no date like 2017-07-21", f"“{text}”不是日期（2017-07-21）"
        ) from None


def _unquoted(token: Token) -> str:
    return re.sub(r"''|\\'", "'", token[1:-1])


def _bool(condition: Any) -> ColumnElement[bool]:
    return sa.type_coerce(condition, sa.Boolean)
