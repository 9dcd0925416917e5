"""What narrows a map down, as its addresses say it: `filter=LAYER:CONDITION`, repeatable."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from api import cql2
from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.words import Layer
from layers.reading.conditions import Condition, Conditions

MOST = 20
"""So many conditions: more than a form makes, and few enough to be read at once."""

Filters = Annotated[
    list[str],
    Field(
        default_factory=list,
        max_length=MOST,
        description="只要符合条件的要素：图层名、冒号、CQL2 文本条件，可重复 · "
        "Only the features that fulfil a condition: a layer's name, a colon, CQL2 text; "
        "repeatable (grid_fields:households > 300).",
    ),
]


def read(layers: Iterable[Layer], texts: Sequence[str]) -> Conditions:
    """The conditions that an address names, in one order whatever theirs was.

    Problem(BAD_PARAMETER) says what is wrong: a layer that is not among these, or its condition.
    """
    known = {layer.name: layer for layer in layers}
    found = {_split(known, text) for text in texts}
    return tuple(
        Condition.of(known[name], text, cql2.where(known[name], text))
        for name, text in sorted(found)
    )


def _split(known: Iterable[str], text: str) -> tuple[str, str]:
    name, colon, condition = text.partition(":")
    if not colon:
        raise _wrong("it wants a layer, a colon and a condition", "应为“图层名:条件”")
    if name not in known:
        raise _wrong(f"there is no layer {name} here", f"这里没有图层 {name}")
    return name, condition.strip()


def _wrong(reason: str, reason_zh: str) -> Problem:
    return Problem(BAD_PARAMETER, name="filter", reason=reason, reason_zh=reason_zh)
