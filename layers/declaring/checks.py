"""Checklists: one field for each point that is looked at, and what all of them come to."""

from collections.abc import Iterable
from enum import StrEnum

from layers.declaring.words import Choice, Field, Label, Paint, Shape


class Seen(StrEnum):
    """What was found of one point of a checklist."""

    OK = "ok"
    FAULT = "fault"
    NOT_LOOKED = "not_looked"


_CHOICES = (
    Choice(Seen.OK.value, Label("合格", "In order")),
    Choice(Seen.FAULT.value, Label("有问题", "Fault")),
    Choice(Seen.NOT_LOOKED.value, Label("未查", "Not looked at")),
)
RESULT_PAINTS = (
    Paint("#3B6FB6", Shape.CIRCLE),
    Paint("#B2182B", Shape.TRIANGLE),
    Paint("#8A8F98", Shape.SQUARE),
)
"""How a result is drawn, in the order of its choices."""


def check(name: str, zh: str, en: str) -> Field:
    """A point of a checklist."""
    return Field(name=name, label=Label(zh, en), required=True, choices=_CHOICES)


RESULT = check("result", "检查结果", "Result")
"""The field with what the whole list came to."""


def result(found: Iterable[object]) -> Seen:
    """One fault makes a fault; where nothing was looked at, neither was the whole."""
    seen = set(found)
    if Seen.FAULT in seen:
        return Seen.FAULT
    return Seen.OK if Seen.OK in seen else Seen.NOT_LOOKED
