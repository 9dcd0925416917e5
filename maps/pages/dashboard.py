"""The leader's dashboard: figures with links to their cases, charts with their tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from gis.errors import Lang
from layers.cases.listing import ANY, Row
from layers.declaring.escalation import LABELS, Level
from layers.duties.coverage import PEOPLE
from layers.ground.division_names import DivisionName
from layers.reporting.cadence import Beat
from layers.reporting.dashboard import LEDGER, Dashboard, Flow, Leading
from layers.structures.stock import Amount
from maps import templating
from maps.figures import number
from maps.pages.case_parts import Due, due, state_label
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_LEADERS_SHOWN = 12
_FLOW = ("received", "due", "closed", "in_time", "struck_off")


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the day; `alarming` where it ought to be none."""

    label: str
    value: int
    address: str
    alarming: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart's table, and where its cases are."""

    label: str
    value: int
    address: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of this month and the last; `drawn` are cases, what is not are shares."""

    label: str
    now: float | None
    before: float | None
    change: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of something has somebody who answers for it."""

    label: str
    covered: float
    total: float
    missing: float
    unit: str

    @property
    def share(self) -> float:
        """In percent."""
        return round(100 * self.covered / self.total, 1) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Late:
    """A case that is late: its page, what it is about, until when it was due."""

    title: str
    address: str
    kind: str
    unit: str | None
    state: str
    due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the page shows: the figures, the cases that are late the longest, the divisions that
    can be chosen, and what the present one is called."""

    found: Dashboard
    late: Sequence[Row]
    divisions: Sequence[DivisionName]
    name: str


def page(lang: Lang, board: Board, *, visit: Visit = NOBODY) -> str:
    """The page."""
    found, said = board.found, words("dashboard", lang)
    return templating.render(
        "dashboard.html",
        lang,
        visit,
        said=said,
        board=board,
        found=found,
        text=said["text"].format(division=board.name, day=found.on.isoformat()),
        tiles=list(_tiles(found, said)),
        levels=list(_levels(found, lang)),
        states=list(_states(found, lang)),
        late=[_late(row, found, lang) for row in board.late],
        all_late=_ledger(found, tab="late"),
        compared=list(_compared(found, said)),
        month_note=_month_note(found, said),
        covered=list(_covered(found, lang)),
        leading=list(islice(found.leading, _LEADERS_SHOWN)),
        leaders_note=said["leaders_note"].format(count=min(_LEADERS_SHOWN, len(found.leading))),
        beats=[beat for beat in found.beats if beat.is_short],
        months=_months(found.beats),
        stock=list(_stock(found, said)),
        report=f"/reports/{found.on:%Y-%m}?{urlencode({'division': found.division})}",
        coverage=f"/duties/coverage?{urlencode({'division': found.division})}",
        in_limit=_in_limit,
    )


def _ledger(found: Dashboard, **asked: str) -> str:
    return f"/ledger?{urlencode({**asked, 'division': found.division})}"


def _records(found: Dashboard, wanted: str) -> str:
    """Where the cases are of which a CQL2 text is true."""
    asked = {"filter": wanted, "place": found.division}
    return f"/collections/{LEDGER.name}/items?{urlencode(asked)}"


def _tiles(found: Dashboard, said: dict[str, str]) -> Iterator[Tile]:
    standing, day = found.standing, found.on.isoformat()
    came = _ledger(found, tab="all", state=ANY, since=day, until=day)
    went = _records(found, f"case_closed_on = DATE('{day}')")
    due_now = _records(found, f"case_due_on = DATE('{day}') AND case_is_open = TRUE")
    hung = _records(found, "case_hung_until IS NOT NULL AND case_is_open = TRUE")
    yield Tile(said["received"], found.today.received, came)
    yield Tile(said["struck_off"], found.today.struck_off, went)
    yield Tile(said["due_today"], standing.due, due_now)
    yield Tile(said["open"], standing.open, _ledger(found, tab="all"))
    yield Tile(said["late"], standing.late, _ledger(found, tab="late"), alarming=standing.late > 0)
    yield Tile(said["hanging"], standing.hanging, hung)


def _levels(found: Dashboard, lang: Lang) -> Iterator[Bar]:
    for level in Level:
        address = _ledger(found, tab="all", level=level.value)
        yield Bar(LABELS[level].of(lang), found.standing.levels[level], address)


def _states(found: Dashboard, lang: Lang) -> Iterator[Bar]:
    for name, count in found.standing.states.items():
        address = _ledger(found, tab="all", state=f"{LEDGER.name}:{name}")
        yield Bar(state_label(LEDGER, name, lang), count, address)


def _late(row: Row, found: Dashboard, lang: Lang) -> Late:
    kind = LEDGER.workflow and LEDGER.workflow.kind
    named = {each.value: each.label for each in LEDGER.field(kind).choices} if kind else {}
    label = named.get(row.kind or "")
    return Late(
        title=row.title,
        address=f"/collections/{row.layer}/items/{row.id}",
        kind=label.of(lang) if label else "",
        unit=row.unit,
        state=state_label(LEDGER, row.state, lang),
        due=due(row.level, row.due_at, row.hung_until, lang, today=found.on, is_open=row.is_open),
    )


# --- the month ------------------------------------------------------------------------------------
def _compared(found: Dashboard, said: dict[str, str]) -> Iterator[Compared]:
    (_, now), (_, before) = found.months
    for name in _FLOW:
        label = said["due_figure" if name == "due" else name]
        this, last = getattr(now, name), getattr(before, name)
        change = f"{this - last:+d}" if this != last else "0"
        yield Compared(label, this, last, change, drawn=True)
    for name in ("closed", "in_time"):
        this, last = _share(now, name), _share(before, name)
        change = "—" if this is None or last is None else f"{this - last:+.1f}"
        told = said["points"].format(count=change) if change != "—" else change
        yield Compared(said[f"{name}_rate"], this, last, told, drawn=False)


def _share(flow: Flow, name: str) -> float | None:
    part: int = getattr(flow, name)
    return 100 * part / flow.due if flow.due else None


def _month_note(found: Dashboard, said: dict[str, str]) -> str:
    (month, _), (before, _) = found.months
    return said["month_note"].format(
        first=month.first.isoformat(),
        last=month.last.isoformat(),
        before_first=before.first.isoformat(),
        before_last=before.last.isoformat(),
    )


# --- duties, months, structures -------------------------------------------------------------------
def _covered(found: Dashboard, lang: Lang) -> Iterator[Covered]:
    said = words("dashboard", lang)
    for figure in found.coverage.figures:
        if figure.layer != PEOPLE:
            label = said[f"cover_{figure.name}"]
            covered, unit = figure.total - figure.value, figure.unit.of(lang)
            yield Covered(label, covered, figure.total, figure.value, unit)


def _in_limit(leading: Leading) -> int:
    return leading.open - leading.late


def _months(beats: Sequence[Beat]) -> int:
    """Of how many months something was looked at: none where nothing has to happen here."""
    return len({beat.month for beat in beats})


def _stock(found: Dashboard, said: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    stock = found.stock
    for name in ("opening", "added", "removed", "remaining"):
        amount: Amount = getattr(stock, name)
        yield said[name], number(amount.count), number(float(amount.area_m2))
