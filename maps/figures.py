"""What a layer adds up to, in words and digits that a person reads at a glance."""

from collections.abc import Iterator
from dataclasses import dataclass

from gis.errors import Lang
from layers.declaring.words import Aggregate, Layer, Measure
from layers.serving.summaries import Summary


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name and unit; `alarming` when it counts what ought not to be."""

    label: str
    value: str
    unit: str
    alarming: bool = False


def count(layer: Layer, summary: Summary, lang: Lang) -> Figure:
    """How many features a layer has."""
    return Figure(layer.label.of(lang), number(summary.count), layer.unit.of(lang))


def measures(layer: Layer, summary: Summary, lang: Lang) -> Iterator[Figure]:
    """The declared figures of a layer that has features; what is missing shows when it is."""
    for measure in layer.measures if summary.count else ():
        value = summary.measures.get(measure.name, 0.0)
        missing = measure.aggregate is Aggregate.MISSING
        if value or not missing:
            unit = measure.unit.of(lang) if measure.unit else ""
            yield Figure(measure.label.of(lang), _shown(measure, value), unit, missing)


def number(value: float) -> str:
    """Digits grouped by thousands, at most one decimal: 1,234 and 12.4."""
    return f"{value:,.1f}".removesuffix(".0")


def _shown(measure: Measure, value: float) -> str:
    small_length = measure.aggregate is Aggregate.LENGTH_KM and 0 < value < 1
    return f"{value:.2f}" if small_length else number(value)
