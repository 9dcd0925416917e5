"""The sections of the report about what has a workflow: cases, and illegal structures."""

from layers.declaring.labels import Label
from layers.reporting.conditions import Condition, Given, MoreThan, NoLater
from layers.reporting.declared import Figure, Rate, Section, Table, Timing
from layers.thematic import demolitions, illegal_structures, sites

_CASES = Label("件", "cases")
M2 = Label("㎡", "m²")
DIVISION = Label("区划", "Division")
BY_DIVISION = Label("按区划", "By division")


def _case(  # noqa: PLR0913  what a figure of cases is, each named
    name: str,
    label: Label,
    day: str,
    *where: Condition,
    timing: Timing = Timing.WITHIN,
    by: str | None = None,
    open_by: str | None = None,
    overdue: str | None = None,
) -> Figure:
    return Figure(
        name=name,
        label=label,
        unit=_CASES,
        of=sites.LAYER,
        day=day,
        timing=timing,
        where=where,
        by=by,
        open_by=open_by,
        overdue=overdue,
        cases=True,
    )


_CASE_COLUMNS = ("received", "filed", "due", "closed", "in_time", "closed_rate", "in_time_rate")

CASES = Section(
    name="cases",
    label=Label("问题整改销号", "Cases put right"),
    note=Label(
        "应结案指整改期限在统计期内的案件；结案、按期结案、返工、延期都是应结案中的案件。"
        "结案率＝结案÷应结案，按期结案率＝按期结案÷应结案。",
        "Cases due are those whose limit lies in the period; closed, closed in time, sent back and "
        "extended are of these. The rates are closed, and closed in time, of those due.",
    ),
    figures=(
        _case("received", Label("受理", "Received"), "case_opened_on"),
        _case("filed", Label("立案", "Filed"), "case_filed_on"),
        _case("due", Label("应结案", "Due"), "case_due_on"),
        _case("closed", Label("结案", "Closed of those due"), "case_due_on", by="case_closed_on"),
        _case(
            "in_time",
            Label("按期结案", "Closed in time"),
            "case_due_on",
            NoLater("case_closed_on", "case_due_on"),
            by="case_closed_on",
        ),
        _case(
            "reworked",
            Label("返工", "Sent back"),
            "case_due_on",
            MoreThan("case_reworks", 0),
        ),
        _case(
            "extended",
            Label("延期", "Extended"),
            "case_due_on",
            MoreThan("case_extensions", 0),
        ),
        _case(
            "supervised",
            Label("督办", "Supervised"),
            "case_due_on",
            timing=Timing.UNTIL,
            open_by="case_closed_on",
            overdue="supervise",
        ),
        _case(
            "hanging",
            Label("挂账", "Hanging"),
            "case_opened_on",
            Given("case_hung_until"),
            timing=Timing.UNTIL,
            open_by="case_closed_on",
        ),
        _case("struck_off", Label("本期销号", "Struck off in the period"), "case_closed_on"),
        _case(
            "open",
            Label("期末未结", "Open at the end"),
            "case_opened_on",
            timing=Timing.UNTIL,
            open_by="case_closed_on",
        ),
    ),
    rates=(
        Rate(name="closed_rate", label=Label("结案率", "Share closed"), part="closed", whole="due"),
        Rate(
            name="in_time_rate",
            label=Label("按期结案率", "Share closed in time"),
            part="in_time",
            whole="due",
        ),
    ),
    tables=(
        Table(
            name="by_unit",
            label=Label("按责任单位", "By responsible unit"),
            head=Label("责任单位", "Responsible unit"),
            by="case_unit",
            figures=_CASE_COLUMNS,
            charted=("due", "closed", "in_time"),
        ),
        Table(
            name="by_matter",
            label=Label("按事项", "By matter"),
            head=Label("事项", "Matter"),
            by="case_kind",
            figures=_CASE_COLUMNS,
            charted=("received",),
        ),
        Table(
            name="by_division",
            label=BY_DIVISION,
            head=DIVISION,
            figures=_CASE_COLUMNS,
            charted=("received", "closed"),
        ),
    ),
    drawn="received",
)

_STRUCTURES = illegal_structures.LAYER.unit


def _structure(name: str, label: Label, day: str) -> Figure:
    return Figure(name=name, label=label, unit=_STRUCTURES, of=illegal_structures.LAYER, day=day)


STRUCTURES = Section(
    name="structures",
    label=Label("违法建设治理", "Illegal structures"),
    figures=(
        _structure("found", Label("新发现", "Found"), "found_on"),
        Figure(
            name="found_area",
            label=Label("新发现面积", "Area found"),
            unit=M2,
            of=illegal_structures.LAYER,
            field="area_measured_m2",
            day="found_on",
        ),
        _structure("filed", Label("立案", "Filed"), "filed_on"),
        _structure("decided", Label("作出决定", "Decided"), "decided_on"),
        _structure("demolished", Label("拆除", "Demolished"), "removed_on"),
        Figure(
            name="demolished_area",
            label=Label("拆除面积", "Area demolished"),
            unit=M2,
            of=demolitions.LAYER,
            field="area_m2",
            day="done_on",
        ),
        Figure(
            name="demolitions",
            label=Label("拆除作业", "Demolitions"),
            unit=demolitions.LAYER.unit,
            of=demolitions.LAYER,
            day="done_on",
        ),
        _structure("struck_off", Label("销号", "Struck off"), "closed_on"),
    ),
    tables=(
        Table(
            name="by_way",
            label=Label("按拆除方式", "By way of demolition"),
            head=Label("拆除方式", "Way"),
            by="way",
            figures=("demolitions", "demolished_area"),
            charted=("demolished_area",),
        ),
        Table(
            name="by_division",
            label=BY_DIVISION,
            head=DIVISION,
            figures=("found", "found_area", "demolished"),
            charted=("found", "demolished"),
        ),
    ),
    drawn="found",
    stock=True,
)
