"""A report as it was found: values alone, which every form of it shows alike."""

import re
from dataclasses import dataclass
from datetime import date

from gis.errors import Lang
from layers.declaring.labels import Label
from layers.declaring.period import Period
from layers.duties.persons import Holder

# What XML cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HEADING = (
    Label("指标", "Figure"),
    Label("单位", "Unit"),
    Label("本期", "Period"),
    Label("今年累计", "Year to date"),
    Label("上年同期", "Year before"),
)
"""What stands over the figures, in every form."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number, None where there is nothing to tell, and the address of the records it sums."""

    amount: float | None
    records: str | None = None


NOTHING = Value(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One figure: of the period, from the first day of the year on, and of the same period of the
    year before."""

    name: str
    label: Label
    unit: Label
    value: Value
    to_date: Value = NOTHING
    year_before: Value = NOTHING

    @property
    def values(self) -> tuple[Value, Value, Value]:
        """All of them, as they stand beside one another."""
        return self.value, self.to_date, self.year_before


@dataclass(frozen=True, slots=True)
class Column:
    """What stands in a column of a table; `charted` ones are drawn as well."""

    name: str
    label: Label
    unit: Label
    charted: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: what it is of, and a value for each column; `depth` in a tree of rows."""

    title: Label
    values: tuple[Value, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTable:
    """A table of a section; `total` closes it where its columns can be summed."""

    name: str
    label: Label
    head: Label
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """Its rows, and what closes them."""
        return (*self.rows, *((self.total,) if self.total else ()))

    @property
    def is_charted(self) -> bool:
        """Whether a chart of it tells anything."""
        return len(self.rows) > 1 and any(
            row.values[n].amount
            for row in self.rows
            for n, column in enumerate(self.columns)
            if column.charted
        )


@dataclass(frozen=True, slots=True)
class Dot:
    """So many records at one place of a small map."""

    x: float
    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Sketch:
    """A small map: outlines as SVG paths and the records over them, in a box of this size."""

    label: Label
    width: float
    height: float
    outlines: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSection:
    """What was found of one matter; `people` are those whom it names."""

    name: str
    label: Label
    figures: tuple[Told, ...]
    tables: tuple[ToldTable, ...] = ()
    sketch: Sketch | None = None
    people: tuple[Holder, ...] = ()
    notes: tuple[Label, ...] = ()

    def figure(self, name: str) -> Told:
        """The figure of that name; `KeyError` when there is none."""
        for each in self.figures:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is told of a division and all below it, made on the day `made_on`."""

    period: Period
    division: str
    division_name: Label
    made_on: date
    sections: tuple[ToldSection, ...]

    def section(self, name: str) -> ToldSection:
        """The section of that name; `KeyError` when there is none."""
        for each in self.sections:
            if each.name == name:
                return each
        raise KeyError(name)

    def title(self, lang: Lang) -> str:
        """What stands over it, in one line."""
        subject, period = self.titles(lang)
        return f"{subject}{period}" if lang == "zh" else f"{subject}, {period}"

    def titles(self, lang: Lang) -> tuple[str, str]:
        """The same in two: what it is about, and the period."""
        period, name = self.period.title(lang), self.division_name.of(lang)
        if lang == "en":
            return f"{name}: report on the fields of responsibility", period
        return f"{name}网格责任田工作情况报告", f"（{period}）"


def written(amount: float | None) -> str:
    """A number as people read it, in every form alike: at most two decimals, thousands apart.

    >>> written(1234.0), written(93.72), written(None)
    ('1,234', '93.72', '—')
    """
    if amount is None:
        return "—"
    text = f"{amount:,.2f}"
    return text.rstrip("0").rstrip(".")


def legal(text: str) -> str:
    """The text without what XML cannot hold."""
    return _ILLEGAL.sub("�", text)


def headed(label: Label, unit: Label, lang: Lang) -> str:
    """What stands over a column of numbers."""
    return f"{label.zh}（{unit.zh}）" if lang == "zh" else f"{label.en} ({unit.en})"
