"""Days of a record that may not go backwards, as its layer declares (`Layer.in_order`)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from gis.errors import Finding
from layers.declaring.words import Layer
from layers.refusals.structures import DATES_ORDER

Columns = Mapping[str, Sequence[object]]


def agree(layer: Layer, columns: Columns) -> Iterator[tuple[int, Finding]]:
    """What goes backwards in typed columns of equal length: which row, and what of it.

    A day that is not known says nothing, and a column that is not there neither.
    """
    for names in layer.in_order:
        known = [name for name in names if name in columns]
        for row, days in enumerate(zip(*(columns[name] for name in known), strict=True)):
            for (first, early), (last, late) in combinations(zip(known, days, strict=True), 2):
                if isinstance(early, date) and isinstance(late, date) and late < early:
                    yield row, _finding(layer, first, early, last, late)
                    break


def _finding(layer: Layer, first: str, early: date, last: str, late: date) -> Finding:
    label = layer.field(first).label
    values = {"value": late, "other": label.en.lower(), "other_zh": label.zh, "before": early}
    return Finding(DATES_ORDER, column=last, values=values)
