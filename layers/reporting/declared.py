"""The words of a report: sections of figures, each a sum over records that it can name."""

from dataclasses import dataclass
from enum import StrEnum

from layers.declaring.labels import Label
from layers.declaring.words import Layer
from layers.reporting.conditions import Condition


class Sum(StrEnum):
    """How records become a figure."""

    COUNT = "count"
    TOTAL = "total"


class Timing(StrEnum):
    """Which records a figure is about: those of the days of a period, or all up to its last."""

    WITHIN = "within"
    UNTIL = "until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A sum over the records of the layer `of`: of the field `field`, or how many there are.

    `day` is the date that has to lie in the period; without one, all records count whatever the
    period. The day `by` has come by the end of the period, `open_by` has not. With `overdue`, `day`
    lies so far before the end of the period that the case has come to this level of escalation.
    `cases` says that the columns are those of the layer's cases (`layers.cases.columns`).
    """

    name: str
    label: Label
    unit: Label
    of: Layer
    field: str | None = None
    day: str | None = None
    timing: Timing = Timing.WITHIN
    where: tuple[Condition, ...] = ()
    by: str | None = None
    open_by: str | None = None
    overdue: str | None = None
    cases: bool = False

    def __post_init__(self) -> None:
        if self.cases and self.found_by is None:
            raise ValueError(f"{self.name}: no day tells which cases it is about")

    @property
    def found_by(self) -> str | None:
        """The day by whose index its cases are found: that on which they were closed for what was
        open, else its own."""
        return self.day if self.open_by is None else self.open_by

    @property
    def sum(self) -> Sum:
        """How its records are summed."""
        return Sum.COUNT if self.field is None else Sum.TOTAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One figure of the same section as a percentage of another."""

    name: str
    label: Label
    part: str
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Some figures of a section for each value of the field `by`; they are of one layer.

    With `division` in place of a field, for each division below the one that is reported on.
    """

    name: str
    label: Label
    head: Label
    figures: tuple[str, ...]
    by: str = ""
    charted: tuple[str, ...] = ()

    @property
    def by_division(self) -> bool:
        """Whether its rows are divisions."""
        return not self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is told of one matter. `drawn` names a figure whose records are put on a small map.

    With `stock` it also tells what stood, came and went (`layers.structures.stock`)."""

    name: str
    label: Label
    figures: tuple[Figure, ...]
    rates: tuple[Rate, ...] = ()
    tables: tuple[Table, ...] = ()
    drawn: str | None = None
    stock: bool = False
    note: Label | None = None

    def __post_init__(self) -> None:
        names = [*(each.name for each in self.figures), *(each.name for each in self.rates)]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two figures share a name")
        asked = [self.drawn] if self.drawn else []
        asked += [name for each in self.rates for name in (each.part, each.whole)]
        asked += [name for table in self.tables for name in table.figures]
        for name in asked:
            if name not in names:
                raise ValueError(f"{self.name}: there is no figure {name}")

    def figure(self, name: str) -> Figure:
        """The figure of that name; `KeyError` when there is none."""
        for each in self.figures:
            if each.name == name:
                return each
        raise KeyError(name)

    def rate(self, name: str) -> Rate | None:
        """The rate of that name, if it is one."""
        return next((each for each in self.rates if each.name == name), None)
