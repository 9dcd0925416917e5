"""The one place that checks a value against its declared field, for files and for HTTP alike."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache

import numpy as np

from gis.errors import Finding, Rule
from layers.declaring import codes, sequence
from layers.declaring.words import Code, Field, Layer, Type
from layers.refusals.values import (
    PROPERTY_UNKNOWN,
    VALUE_CHOICE,
    VALUE_CONTROL,
    VALUE_LENGTH,
    VALUE_MISSING,
    VALUE_PATTERN,
    VALUE_RANGE,
    VALUE_TYPE,
)

# NUL and lone surrogates cannot be stored; the others cannot leave again as XML (KML, XLSX).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"([+-]?[0-9]{1,40})(?:\.0*)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(
    r"""(?: (?P<y>[0-9]{4}) (?P<s>[-/.]) (?P<m>[0-9]{1,2}) (?P=s) (?P<d>[0-9]{1,2})
        |   (?P<y2>[0-9]{4}) \s*年\s* (?P<m2>[0-9]{1,2}) \s*月\s* (?P<d2>[0-9]{1,2}) \s*日?
        |   (?P<y3>[0-9]{4}) (?P<m3>[0-9]{2}) (?P<d3>[0-9]{2}) )
        (?: [T\s] 0?0:00 (?: :00 (?:\.0+)? )? Z? )?""",  # midnight: how formats write a bare date
    re.VERBOSE,
)
_TRUE, _FALSE = frozenset({"是", "true", "yes", "1"}), frozenset({"否", "false", "no", "0"})
# Chinese input methods type ０–９, ａ–ｚ and ／ as easily as their ASCII twins.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_INT8 = (-(2**63), 2**63 - 1)
# From here on a double no longer tells neighbouring integers apart, so it is not the number meant.
_EXACT_FLOAT = 2.0**53


class Refused(Exception):
    """A value that its field does not take: the rule and what its sentence needs."""

    def __init__(self, rule: Rule, **values: object) -> None:
        super().__init__(rule.slug)
        self.rule = rule
        self.values = values


@dataclass(frozen=True, slots=True)
class Record:
    """Typed values by field name and what was refused; `values` lacks the refused fields."""

    values: Mapping[str, object]
    findings: tuple[Finding, ...]


def check(layer: Layer, properties: Mapping[str, object]) -> Record:
    """Check one record, its properties under the names of the fields; absent ones are None.

    Where nothing is refused, what codes say of other fields is filled in
    (`layers.declaring.codes.derived`).
    """
    values: dict[str, object] = {}
    findings = [
        Finding(PROPERTY_UNKNOWN, column=name, values={"name": name})
        for name in properties
        if name not in {field.name for field in layer.fields}
    ]
    for field in layer.fields:
        try:
            values[field.name] = parse(field, properties.get(field.name))
        except Refused as refused:
            findings.append(Finding(refused.rule, column=field.name, values=refused.values))
    columns: codes.Columns = {name: [value] for name, value in values.items()}
    if not findings:
        columns = codes.derived(layer, columns)
    findings += [finding for _, finding in codes.agree(layer, columns)]
    findings += [finding for _, finding in sequence.agree(layer, columns)]
    return Record({name: column[0] for name, column in columns.items()}, tuple(findings))


def parse_column(
    field: Field, raws: Sequence[object], column: str
) -> tuple[list[object], list[Finding]]:
    """Check a whole column of a file; refused cells are None in the result and have a finding."""
    plain = _plain(field, raws)
    if plain is not None:
        return plain, []
    # Columns repeat themselves. The type is part of the key because 1 == True == 1.0.
    known: dict[tuple[type, object], object] = {}
    values: list[object] = []
    findings: list[Finding] = []
    for row, raw in enumerate(raws, start=1):
        key = (raw.__class__, None if isinstance(raw, list | dict) else raw)
        if key not in known:  # nested JSON suits no field, so that all of it is one
            known[key] = _outcome(field, raw)
        outcome = known[key]
        if isinstance(outcome, Refused):
            findings.append(Finding(outcome.rule, row, column, outcome.values))
            outcome = None
        values.append(outcome)
    return values, findings


def _plain(field: Field, raws: Sequence[object]) -> list[object] | None:
    """The values of a column of ordinary texts, looked at together; None where any is to be looked
    at by itself."""
    if field.type is not Type.TEXT or field.choices or field.code or field.pattern:
        return None
    texts = [raw.strip() or None if isinstance(raw, str) else raw for raw in raws]
    if any(text is not None and text.__class__ is not str for text in texts):
        return None
    there = [text for text in texts if isinstance(text, str)]
    if field.required and len(there) < len(texts):
        return None
    if max(map(len, there), default=0) > field.max_length or _FORBIDDEN.search("\n".join(there)):
        return None
    return texts


def _outcome(field: Field, raw: object) -> object:
    try:
        return parse(field, raw)
    except Refused as refused:
        return refused


def parse(field: Field, raw: object) -> object:
    """The typed value that PostgreSQL stores for `raw`, None for nothing; raises `Refused`."""
    if isinstance(raw, np.generic):
        raw = raw.item()
    if isinstance(raw, str):
        raw = raw.strip()
    # Not equal to itself: NaN and NaT, which is how tables of numbers and dates say nothing.
    if raw is None or raw == "" or raw != raw:  # noqa: PLR0124
        if field.required:
            raise Refused(VALUE_MISSING)
        return None
    return _PARSERS[field.type](field, raw)


# --- text -------------------------------------------------------------------------------------
def _text(field: Field, raw: object) -> str:
    text = _as_text(raw)
    found = _FORBIDDEN.search(text)
    if found:
        raise Refused(VALUE_CONTROL, code=f"{ord(found[0]):04X}")
    if field.choices:
        return _choice(field, text)
    if field.code:
        return _code(field.code, text.translate(_HALF_WIDTH).strip())
    if field.pattern:
        text = text.translate(_HALF_WIDTH).strip()
        # ASCII: \d must not admit the digits of other scripts.
        if not re.fullmatch(field.pattern.regex, text, re.ASCII):
            meaning = field.pattern.meaning
            raise Refused(VALUE_PATTERN, value=text, wanted=meaning.en, wanted_zh=meaning.zh)
    if len(text) > field.max_length:
        raise Refused(VALUE_LENGTH, length=len(text), limit=field.max_length)
    return text


def _as_text(raw: object) -> str:
    """Codes arrive as numbers from tables that think them so: 630102007.0 means 630102007."""
    match raw:
        case str():
            return raw
        case bool():
            raise _no_type(raw, "文字", "text")
        case int():
            return str(_small(raw))
        case float() if raw.is_integer() and abs(raw) < _EXACT_FLOAT:
            return str(int(raw))
        case float() if math.isfinite(raw) and not raw.is_integer():
            return repr(raw)
        case date():
            return raw.isoformat()
        case _:
            raise _no_type(raw, "文字", "text")


def _code(kind: Code, text: str) -> str:
    wrong = codes.check(kind, text)
    if wrong is not None:
        raise Refused(wrong.rule, **wrong.values)
    return text


def _choice(field: Field, text: str) -> str:
    value = _choices(field).get(_loose(text))
    if value is None:
        allowed = ", ".join(f"{c.value} ({c.label.zh})" for c in field.choices)
        raise Refused(VALUE_CHOICE, value=text, allowed=allowed, nearest=_nearest(field, text))
    return value


def _nearest(field: Field, text: str) -> str:
    # Likeness takes time with the square of the length, and nobody means a choice by a page.
    likely = get_close_matches(_loose(text[:100]), _choices(field), n=1, cutoff=0)
    return next(c.label.zh for c in field.choices if c.value == _choices(field)[likely[0]])


@cache
def _choices(field: Field) -> Mapping[str, str]:
    labels = {_loose(c.label.zh): c.value for c in field.choices}
    labels |= {_loose(c.label.en): c.value for c in field.choices}
    # The stored values last: where a label of one is the value of another, the value wins.
    return labels | {_loose(c.value): c.value for c in field.choices}


def _loose(text: str) -> str:
    return text.translate(_HALF_WIDTH).strip().casefold()


# --- numbers, dates, booleans -------------------------------------------------------------------
def _integer(field: Field, raw: object) -> int:
    value = _whole(raw)
    low = max(_INT8[0], field.minimum) if field.minimum is not None else _INT8[0]
    high = min(_INT8[1], field.maximum) if field.maximum is not None else _INT8[1]
    return int(_ranged(value, low, high))


def _whole(raw: object) -> int:
    match raw:
        case bool():
            pass
        case int():
            return _small(raw)
        case float() if raw.is_integer() and abs(raw) <= _EXACT_FLOAT:
            return int(raw)
        case str():
            found = _INTEGER.fullmatch(raw.translate(_HALF_WIDTH))
            if found:
                return int(found[1])
    raise _no_type(raw, "整数", "a whole number")


def _decimal(field: Field, raw: object) -> float:
    value = _number(raw)
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    return float(_ranged(value, low, high))


def _number(raw: object) -> float:
    value = math.nan
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        value = float(_small(raw)) if isinstance(raw, int) else raw
    elif isinstance(raw, str):
        text = raw.translate(_HALF_WIDTH)
        value = float(text) if _DECIMAL.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise _no_type(raw, "数", "a number")
    return value


def _small(number: int) -> int:
    """Python's integers have no end, but none of ours is longer than this."""
    if abs(number) >= 10**40:
        raise Refused(VALUE_RANGE, value="10⁴⁰…", low=_INT8[0], high=_INT8[1])
    return number


def _ranged(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise Refused(VALUE_RANGE, value=_brief(value), low=_brief(low), high=_brief(high))
    return value


def _brief(number: float) -> str:
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    return f"{number:g}" if isinstance(number, float) else str(number)


def _date(_field: Field, raw: object) -> date:
    match raw:
        case datetime() if raw.time() == time():
            return raw.date()
        case datetime():
            pass  # a time of day would be lost
        case date():
            return raw
        case str():
            found = _DATE.fullmatch(raw.translate(_HALF_WIDTH))
            parts = [int(part) for part in (found.group(*_DATE_PARTS) if found else ()) if part]
            try:
                return date(*parts)
            except (TypeError, ValueError):
                pass
    raise _no_type(raw, "日期(如 2017-07-21)", "a date (such as 2017-07-21)")


_DATE_PARTS = ("y", "m", "d", "y2", "m2", "d2", "y3", "m3", "d3")


def _boolean(_field: Field, raw: object) -> bool:
    match raw:
        case bool():
            return raw
        case int() | float() if raw in (0, 1):
            return bool(raw)
        case str() if (word := _loose(raw)) in _TRUE | _FALSE:
            return word in _TRUE
    raise _no_type(raw, "是或否", "yes or no")


def _no_type(raw: object, wanted_zh: str, wanted: str) -> Refused:
    return Refused(VALUE_TYPE, value=_shown(raw), wanted=wanted, wanted_zh=wanted_zh)


def _shown(raw: object) -> str:
    # repr of an endless integer raises; a nested value says enough by its kind.
    match raw:
        case str() | bool() | float() | date():
            return str(raw)
        case int():
            return str(raw) if abs(raw) < 10**40 else "…"
        case _:
            return type(raw).__name__


_PARSERS: Mapping[Type, Callable[[Field, object], object]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.DATE: _date,
    Type.BOOLEAN: _boolean,
}
