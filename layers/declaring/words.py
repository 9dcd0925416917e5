"""The words of a layer declaration: frozen values, no connections, no callbacks.

One `Layer` is all that the rest of the house asks about a theme of the district: its table,
its API, its tiles, its map, its import and export and its legend follow from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from layers.declaring.dividing import Hierarchy, Level, Partition
from layers.declaring.labels import Label as Label  # noqa: PLC0414  declarations take all words from here
from layers.declaring.logged import Logged
from layers.declaring.relations import Becomes, Parent
from layers.declaring.workflow import Workflow

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")
# `lon`, `lat` and `wkt` head the geometry in CSV files.
SYSTEM_COLUMNS = frozenset({"id", "geom", "place", "tint", "lon", "lat", "wkt"})
TEXT_LIMIT = 10_000
_ITEMS = Label("个", "items")


class Geometry(StrEnum):
    """What shape the features have; the value names it in messages and JSON.

    A layer of NONE is a register: what it records has a division and no place on the map.
    """

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"
    NONE = "none"

    @property
    def accepted(self) -> tuple[str, ...]:
        """The OGC type names that a feature of this kind may have."""
        return {
            Geometry.POINT: ("Point",),
            Geometry.LINE: ("LineString", "MultiLineString"),
            Geometry.POLYGON: ("Polygon", "MultiPolygon"),
            Geometry.NONE: (),
        }[self]


class Type(StrEnum):
    """How a value is stored; a field with choices is TEXT."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a field; files may bring the value or either label."""

    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression the whole value must match, and what it means to a person."""

    regex: str
    meaning: Label


class Code(StrEnum):
    """Codes with parts that mean something; `layers.declaring.codes` knows the parts."""

    DIVISION = "division"
    GRID = "grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One attribute. `unit` is printed behind numbers; `personal` marks data under privacy law.

    `code` says that each part of the value has a meaning that is checked. `duty` names the role
    (`layers.declaring.duties`) whose holders' names stand here. What is not `published`, such as an
    address, is left out of public files, as everything personal is.
    """

    name: str
    label: Label
    type: Type = Type.TEXT
    unit: Label | None = None
    required: bool = False
    personal: bool = False
    published: bool = True
    choices: tuple[Choice, ...] = ()
    pattern: Pattern | None = None
    code: Code | None = None
    duty: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = TEXT_LIMIT
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.name) or self.name in SYSTEM_COLUMNS:
            raise ValueError(f"{self.name!r} cannot name a field")
        if (self.choices or self.pattern) and self.type is not Type.TEXT:
            raise ValueError(f"{self.name}: choices and patterns are for text")
        if self.duty and (self.type is not Type.TEXT or self.required):
            raise ValueError(f"{self.name}: who has a duty is a text, and may be nobody")

    def __hash__(self) -> int:
        return hash((self.name, self.label))  # its choices may be many

    @property
    def names(self) -> tuple[str, ...]:
        """Every column heading under which a file may bring this field."""
        return (self.name, self.label.zh, self.label.en, *self.aliases)


class Shape(StrEnum):
    """Point symbols; status is never told by colour alone."""

    CIRCLE = "circle"
    SQUARE = "square"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"


@dataclass(frozen=True, slots=True)
class Paint:
    """How one class is drawn: `colour` is #rrggbb, `width` the line's width in px at zoom 16.

    What is `hatched` is told apart by more than its colour.
    """

    colour: str
    shape: Shape = Shape.CIRCLE
    width: float = 3.0
    hatched: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.colour):
            raise ValueError(f"{self.colour!r} is no #rrggbb colour")


# Minimum distance under every kind of colour blindness >= 16, worst first.
STATUS_PAINTS = (
    Paint("#B2182B", Shape.TRIANGLE),
    Paint("#F4A736", Shape.DIAMOND),
    Paint("#3B6FB6", Shape.SQUARE),
    Paint("#7FC8A9", Shape.CIRCLE),
    Paint("#8A8F98", Shape.CIRCLE),
)
# Tol's muted scheme: tells nine neighbours apart also for the colour-blind (at half opacity the
# name in the field decides, so a repeated tint is never the only sign).
TINTS = (
    "#88CCEE",
    "#DDCC77",
    "#CC6677",
    "#44AA99",
    "#AA4499",
    "#999933",
    "#6699CC",
    "#EE8866",
    "#AAAA00",
)
# Without the reds, which beside a warning would look like one.
RANK_TINTS = ("#88CCEE", "#DDCC77", "#44AA99", "#AA4499", "#6699CC", "#999933")
WARNING_COLOUR = "#D1495B"
HEAT = ("#FED976", "#FD8D3C", "#E31A1C", "#800026")
"""From few to many; lighter is always less, so that it reads without colours too."""


class Aggregate(StrEnum):
    """How a measure sums a layer up."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    MISSING = "missing"
    LENGTH_KM = "length_km"
    LENGTH_M = "length_m"


LENGTHS = frozenset({Aggregate.LENGTH_KM, Aggregate.LENGTH_M})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of a layer on cards and reports; `field` is unused for counts and lengths.

    With `among`, a field and one of its values, it is that of the features which have it.
    """

    name: str
    label: Label
    aggregate: Aggregate
    field: str | None = None
    unit: Label | None = None
    among: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a layer is drawn.

    `by` names the field that decides the class: one paint for each of its choices, in their
    order (the status paints when none are given). With `distinct`, `by` is any text field and
    features of one value share a tint that differs from that of every neighbour. With `ranked`,
    the tints go by the order of all values, and the legend names each with its `tally`: what the
    measure adds up to for it, and for features without any.
    `size_by` scales a point's area by a number. `alert_without` names the field whose absence
    is drawn dashed in the warning colour, and `alert_label` what that means where it is more than
    the absence. `label` is written on the map from `label_zoom` on. With `heat` no point is drawn
    but how many are near one another.
    """

    by: str | None = None
    paints: tuple[Paint, ...] = ()
    distinct: bool = False
    ranked: bool = False
    tally: Measure | None = None
    size_by: str | None = None
    alert_without: str | None = None
    alert_label: Label | None = None
    heat: bool = False
    label: str | None = None
    label_zoom: int = 15
    tooltip: tuple[str, ...] = ()
    min_zoom: int = 0

    def __post_init__(self) -> None:
        if self.ranked and (self.distinct or not self.by):
            raise ValueError("ranks are of the values of a field, and no tint of neighbours beside")

    @property
    def tints(self) -> tuple[str, ...]:
        """The colours among which a feature's tint chooses; none where its class decides."""
        if self.ranked:
            return RANK_TINTS
        return TINTS if self.distinct else ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a tile must carry, each once, in a fixed order."""
        wanted = (self.by, self.size_by, self.alert_without, self.label, *self.tooltip)
        return tuple(dict.fromkeys(name for name in wanted if name))


class Role(StrEnum):
    """THEMATIC layers are the district's records; BASEMAP layers are the ground under them."""

    THEMATIC = "thematic"
    BASEMAP = "basemap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One thematic layer. `key` names the fields that identify a feature across imports.

    A feature belongs to the division that the field `division` names; without one, where it lies.
    What has no geometry lies nowhere: a field with a division's code, `belongs`, says whose it is.
    `computed` are values that no column holds (`layers.serving.computed`); only views have some.
    `logged` says how its features are recorded on the spot, where they are, and `workflow` by what
    steps each goes on from there until it is closed.
    Each belongs to its `parent`, where one is declared and named. The days in each row of
    `in_order` do not go backwards, as far as they are known. `checks` are rules that need more
    than the declaration (`layers.keeping.record_checks`). `becomes` is what one of its records may
    be made. `heads` are headings under which rows of other files name one of its features.
    """

    name: str
    label: Label
    geometry: Geometry
    fields: tuple[Field, ...]
    unit: Label = _ITEMS
    key: tuple[str, ...] = ()
    title: str | None = None
    style: Style = Style()
    measures: tuple[Measure, ...] = ()
    role: Role = Role.THEMATIC
    partition: Partition | None = None
    hierarchy: Hierarchy | None = None
    logged: Logged | None = None
    workflow: Workflow | None = None
    computed: tuple[Field, ...] = ()
    belongs: str | None = None
    parent: Parent | None = None
    in_order: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    becomes: Becomes | None = None
    heads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.name):
            raise ValueError(f"{self.name!r} cannot name a layer")
        names = [field.name for field in (*self.fields, *self.computed)]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a field is declared twice")
        for used in self._references():
            if used not in names:
                raise ValueError(f"{self.name}: {used!r} is not one of its fields")
        self._check_paints()
        self._check_levels()
        self._check_shape()
        self._check_workflow()
        if any(self.field(day).type is not Type.DATE for days in self.in_order for day in days):
            raise ValueError(f"{self.name}: only days are in order")

    def _references(self) -> Iterator[str]:
        yield from self.key
        yield from self.style.fields
        yield from (m.field for m in self.measures if m.field)
        yield from (m.among[0] for m in self.measures if m.among)
        if self.title:
            yield self.title
        if self.partition:
            yield from (self.partition.field, self.partition.kind)
        if self.hierarchy:
            yield from (self.hierarchy.code, self.hierarchy.level, self.hierarchy.parent)
        if self.logged:
            yield from self.logged.names
        if self.workflow:
            yield from self.workflow.names
        if self.belongs:
            yield self.belongs
        if self.parent:
            yield from self.parent.names
        if self.becomes:
            yield from self.becomes.names
        for days in self.in_order:
            yield from days

    def _check_paints(self) -> None:
        style = self.style
        if style.by is None or style.tints:
            return
        choices = self.field(style.by).choices
        if not choices:
            raise ValueError(f"{self.name}: {style.by} has no choices to draw by")
        if len(self.paints) < len(choices):
            raise ValueError(f"{self.name}: fewer paints than choices of {style.by}")

    def _check_levels(self) -> None:
        if self.hierarchy is None:
            return
        choices = self.field(self.hierarchy.level).choices
        if not choices or {choice.value for choice in choices} - set(Level):
            raise ValueError(f"{self.name}: {self.hierarchy.level} has choices that are no levels")

    def _check_shape(self) -> None:
        if self.has_shape:
            if self.belongs:
                raise ValueError(f"{self.name}: what lies somewhere belongs where it lies")
            return
        if self.style != Style() or self.partition or self.hierarchy or self.logged:
            raise ValueError(f"{self.name}: nothing of a register is drawn, divided or logged")
        if any(measure.aggregate in LENGTHS for measure in self.measures):
            raise ValueError(f"{self.name}: nothing of a register has a length")
        own = self.field(self.belongs) if self.belongs else None
        if own is None or own.code is not Code.DIVISION or not own.required:
            raise ValueError(f"{self.name}: a register belongs to a division by a required code")

    def _check_workflow(self) -> None:
        if self.workflow is None:
            return
        states = {choice.value for choice in self.field(self.workflow.status).choices}
        if states != self.workflow.states:
            odd = ", ".join(sorted(states ^ self.workflow.states))
            raise ValueError(f"{self.name}: not both states and choices: {odd}")
        if self.title is None:
            raise ValueError(f"{self.name}: a case is told by its title")

    def __hash__(self) -> int:
        return hash(self.name)  # statements are kept by layer: all it has takes a millisecond

    def field(self, name: str) -> Field:
        """The field of that name; `KeyError` when there is none."""
        for field in (*self.fields, *self.computed):
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def has_shape(self) -> bool:
        """Whether its features lie somewhere; a register's do not."""
        return self.geometry is not Geometry.NONE

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a feature's record: its fields in their order, then its shape if any."""
        return (*(field.name for field in self.fields), *(("geom",) if self.has_shape else ()))

    @property
    def division(self) -> str | None:
        """The field with the code of the division that a feature is or belongs to, if any."""
        if self.partition:
            return self.partition.field
        return self.hierarchy.code if self.hierarchy else self.belongs

    @property
    def paints(self) -> tuple[Paint, ...]:
        """The paints of the classes, the default ramp where the style names none."""
        return self.style.paints or STATUS_PAINTS

    @property
    def tile_fields(self) -> tuple[str, ...]:
        """The fields in its vector tiles: what style, label and tooltip read."""
        return tuple(dict.fromkeys((*((self.title,) if self.title else ()), *self.style.fields)))


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to look at a layer on a map, with a style that is not its own, and what it reads
    that is `computed` and in no column (`layers.serving.computed`)."""

    name: str
    label: Label
    layer: str
    style: Style
    computed: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One map: its subjects in drawing order, over context layers drawn as bare outlines.

    Of its `views` one is shown at a time, the one named `by` or else the first. One that is
    `optional` shows what need not be switched on, and is there only where it is.
    """

    name: str
    label: Label
    summary: Label
    subjects: tuple[str, ...]
    context: tuple[str, ...] = ()
    views: tuple[View, ...] = ()
    by: str | None = None
    optional: bool = False

    @property
    def view(self) -> View | None:
        """The view that is shown, if the map has any."""
        return next((view for view in self.views if self.by in (None, view.name)), None)


SOURCE = Field(name="source", label=Label("数据来源", "Data source"), aliases=("来源",))
