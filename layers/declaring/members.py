"""Members of a JSON object, read one by one: what is wrong is noted with its place."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from gis.errors import Finding
from layers.declaring import values
from layers.declaring.words import Field, Label
from layers.refusals.submissions import RECORD_MEMBER, RECORD_UNKNOWN_MEMBER

# RFC 3339, which Python's own reader is wider than.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_YEARS = range(1970, 2200)
_LONGEST = 2**63
_NO_LABEL = Label("", "")
_Value = TypeVar("_Value")


class Wrong(Exception):
    """A value that a member cannot have, and why in the two languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Members:
    """An object's members; `path` is where it stands, `findings` what is wrong with all of it."""

    found: Mapping[str, Any]
    path: str = ""
    findings: list[Finding] = field(default_factory=list)

    def only(self, known: Collection[str]) -> None:
        """Note every member that is none of these."""
        for name in self.found.keys() - set(known):
            values = {"name": name}
            self.findings.append(
                Finding(RECORD_UNKNOWN_MEMBER, column=self.at(name), values=values)
            )

    def read(self, name: str, reader: Callable[[Any], _Value]) -> _Value | None:
        """The member as `reader` understands it; None where it is missing, null or wrong."""
        raw = self.found.get(name)
        if raw is None:
            return None
        try:
            return reader(raw)
        except Wrong as wrong:
            self.note(name, wrong.zh, wrong.en)
        except values.Refused as refused:
            at = self.at(name)
            self.findings.append(Finding(refused.rule, column=at, values=refused.values))
        return None

    def need(self, name: str, reader: Callable[[Any], _Value]) -> _Value | None:
        """The same of one that must be there."""
        if self.found.get(name) is None:
            self.note(name, "缺少，不能为空", "is missing")
        return self.read(name, reader)

    def inside(self, name: str) -> "Members | None":
        """The members of an object within this one."""
        inner = self.read(name, an_object)
        return None if inner is None else Members(inner, self.at(name), self.findings)

    def note(self, name: str, zh: str, en: str) -> None:
        """Note what is wrong with a member."""
        told = {"reason": en, "reason_zh": zh}
        self.findings.append(Finding(RECORD_MEMBER, column=self.at(name), values=told))

    def at(self, name: str) -> str:
        """Where a member stands."""
        return f"{self.path}.{name}" if self.path else name


def an_object(raw: Any) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(raw, dict):
        raise Wrong("应为对象", "should be an object")
    return raw


def a_list(raw: Any) -> list[Any]:
    """An array."""
    if not isinstance(raw, list):
        raise Wrong("应为数组", "should be an array")
    return raw


def one_of(*words: str) -> Callable[[Any], str]:
    """One of these words."""

    def reader(raw: Any) -> str:
        if not isinstance(raw, str) or raw not in words:
            listed = " / ".join(words)
            raise Wrong(f"应为 {listed} 之一", f"should be one of {listed}")
        return raw

    return reader


def a_number(low: float, high: float) -> Callable[[Any], float]:
    """A finite number from `low` to `high`."""

    def reader(raw: Any) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not _finite(raw):
            raise Wrong("应为数字", "should be a number")
        if not low <= raw <= high:
            raise Wrong(f"应在 {low:g} 到 {high:g} 之间", f"should be from {low:g} to {high:g}")
        return float(raw)

    return reader


def _finite(number: float) -> bool:
    return abs(number) < _LONGEST if isinstance(number, int) else math.isfinite(number)


def a_count(most: int) -> Callable[[Any], int]:
    """A whole number from 0 to `most`."""

    def reader(raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= most:
            raise Wrong(f"应为 0 到 {most} 的整数", f"should be a whole number from 0 to {most}")
        return raw

    return reader


def a_moment(raw: Any) -> datetime:
    """A moment as RFC 3339 writes it, with its offset from UTC."""
    if isinstance(raw, str) and _MOMENT.fullmatch(raw):
        try:
            found = datetime.fromisoformat(raw.upper())
        except ValueError:
            found = None
        if found is not None and found.year in _YEARS:
            return found
    raise Wrong(
        "应为带时区的时间，如 2026-11-23T09:00:00+08:00",
        "should be a time with its offset, such as 2026-11-23T09:00:00+08:00",
    )


def a_text(longest: int, *, must: bool = False) -> Callable[[Any], str | None]:
    """A text that can be stored; with `must` there is something in it."""
    declared = Field(name="text", label=_NO_LABEL, max_length=longest, required=must)

    def reader(raw: Any) -> str | None:
        if not isinstance(raw, str):
            raise Wrong("应为文字", "should be a text")
        found = values.parse(declared, raw)
        return None if found is None else str(found)

    return reader
