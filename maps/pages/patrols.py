"""The pages about patrols: the list, one way, and how much of the roads was walked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gis.clock import local
from gis.errors import Lang
from layers.declaring.words import Geometry, Paint
from layers.ground.division_names import DivisionName
from layers.patrols.records import Patrol, Stretch
from layers.patrols.report import Share, Walked
from layers.patrols.workbook import named
from layers.registry import Registry
from layers.walking import Kind
from maps import overlay, templating
from maps.clock import moment_of
from maps.document import Document, Frame, RenderedPage
from maps.drawing import Drawn, DrawnClass, Pattern
from maps.figures import number
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_ROADS_SHOWN = 100
_DRAWN: Sequence[tuple[Kind, Paint, Pattern]] = (
    (Kind.WALKED, Paint("#2A7F62", width=4.0), "fill"),
    (Kind.RIDDEN, Paint("#77828E", width=3.0), "dotted"),
    (Kind.GAP, Paint("#D13B4A", width=2.0), "dashed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of patrols with their ways, and what was asked."""

    patrols: Sequence[Patrol]
    ways: Sequence[Stretch]
    divisions: Sequence[DivisionName]
    division: str
    today: date
    on: date | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One patrol with its way; `missing` are the batches that are still to come."""

    patrol: Patrol
    way: Sequence[Stretch]
    missing: Sequence[int]
    is_own: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A patrol as the list has it."""

    address: str
    who: str
    is_own: bool
    when: str
    walked: str
    ridden: str
    gaps: int
    is_open: bool


def patrols(
    registry: Registry,
    lang: Lang,
    listing: Listing,
    own: frozenset[UUID],
    *,
    visit: Visit = NOBODY,
) -> RenderedPage:
    """The list, and the ways of those on it on one map."""
    said = words("patrols", lang)
    lines = [_line(each, each.uuid in own, lang) for each in listing.patrols]
    given = {"said": said, "listing": listing, "lines": lines, "title": said["title"]}
    return _mapped(registry, lang, "patrols.html", given, listing.ways, visit=visit)


def patrol(registry: Registry, lang: Lang, shown: Shown, *, visit: Visit = NOBODY) -> RenderedPage:
    """One way."""
    said = words("patrols", lang)
    line = _line(shown.patrol, shown.is_own, lang)
    given = {"said": said, "shown": shown, "line": line, "title": line.who}
    return _mapped(registry, lang, "patrol.html", given, shown.way, visit=visit)


def _mapped(  # noqa: PLR0913  a page and its map
    registry: Registry,
    lang: Lang,
    template: str,
    given: dict[str, Any],
    ways: Sequence[Stretch],
    *,
    visit: Visit,
) -> RenderedPage:
    document = Document(Frame(template, lang, given | {"mapped": bool(ways)}, visit))
    if not ways:
        return RenderedPage(document.rendered().html, ())
    shown = overlay.Shown(str(given["title"]), [_drawn(ways, lang)], registry=registry)
    overlay.add_map(document, lang, shown)
    return document.rendered()


def _drawn(ways: Sequence[Stretch], lang: Lang) -> Drawn:
    said = words("patrols", lang)
    classes = [
        DrawnClass(kind.value, said[f"{kind}_kind"], paint, pattern)
        for kind, paint, pattern in _DRAWN
    ]
    features = [_feature(stretch, lang) for stretch in ways]
    return Drawn(
        name="ways",
        label=said["ways"],
        classes=classes,
        data={"type": "FeatureCollection", "features": features},
        geometry=Geometry.LINE,
    )


def _feature(stretch: Stretch, lang: Lang) -> dict[str, object]:
    said = words("patrols", lang)
    since, until = local(stretch.since), local(stretch.until)
    told = {"since": f"{since:%H:%M}", "until": f"{until:%H:%M}"}
    if stretch.kind == Kind.GAP:
        minutes = round((until - since).total_seconds() / 60)
        text = said["minutes"].format(**told, minutes=number(minutes))
    else:
        text = said["stretch"].format(**told, metres=number(round(stretch.metres)))
    properties = {
        "class": stretch.kind,
        "title": said[f"{stretch.kind}_kind"],
        "text": text,
        "row": None,
    }
    return {"type": "Feature", "geometry": stretch.geometry, "properties": properties}


def _line(patrol: Patrol, is_own: bool, lang: Lang) -> Line:  # noqa: FBT001  told by its name
    said = words("patrols", lang)
    somebody = said["somebody"].format(number=patrol.account)
    return Line(
        address=f"/patrols/{patrol.uuid}",
        who=patrol.person.name if patrol.person else somebody,
        is_own=is_own,
        when=_when(patrol.started_at, patrol.stopped_at),
        walked=said["metres"].format(number=number(round(patrol.walked_m))),
        ridden=said["metres"].format(number=number(round(patrol.ridden_m))),
        gaps=patrol.gaps,
        is_open=patrol.stopped_at is None,
    )


def _when(since: datetime, until: datetime | None) -> str:
    began = moment_of(since)
    return began if until is None else f"{began}–{local(until):%H:%M}"


# --- what was walked ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """A share as a page shows it; `is_none`: nobody came by."""

    share: str
    metres: str
    is_none: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A division or a road with its cells; `address` leads to what it is made of."""

    name: str
    address: str
    depth: int
    total: str
    cells: Sequence[Cell]


def walked(
    lang: Lang, found: Walked, divisions: Sequence[DivisionName], *, visit: Visit = NOBODY
) -> str:
    """How much of the roads was walked, division by division and period by period."""
    said = words("walked", lang)
    asked = {"span": found.span, "on": found.periods[-1].last, "count": len(found.periods)}
    return templating.render(
        "walked.html",
        lang,
        visit,
        said=said,
        patrol_words=words("patrols", lang),
        found=found,
        divisions=divisions,
        asked=asked,
        periods=[named(period) for period in found.periods],
        whole=_cells(found.whole, lang),
        total=_metres(found.whole[-1].total_m, lang),
        rows=list(_rows(found, lang)),
        roads=list(_roads(found, lang)),
        unlisted=max(0, len(found.roads) - _ROADS_SHOWN),
    )


def _rows(found: Walked, lang: Lang) -> Iterator[Record]:
    for row in found.rows:
        asked = f"division={row.code}&span={found.span}&count={len(found.periods)}"
        address = f"/patrols/coverage?{asked}&on={found.periods[-1].last}"
        total = _metres(row.shares[-1].total_m, lang)
        yield Record(row.name, address, row.depth, total, _cells(row.shares, lang))


def _roads(found: Walked, lang: Lang) -> Iterator[Record]:
    for road in found.roads[:_ROADS_SHOWN]:
        address = f"/collections/road_segments/items/{road.id}?f=html"
        total = _metres(road.shares[-1].total_m, lang)
        yield Record(road.title, address, 0, total, _cells(road.shares[-1:], lang))


def _cells(shares: Iterable[Share], lang: Lang) -> list[Cell]:
    return [_cell(share, lang) for share in shares]


def _cell(share: Share, lang: Lang) -> Cell:
    # Not rounded up: what is 100 % has been walked.
    percent = int(1000 * share.of_all + 1e-6) / 10
    metres = _metres(share.walked_m, lang)
    return Cell(f"{percent:.1f}".removesuffix(".0") + "%", metres, not share.walked_m)


def _metres(amount: float, lang: Lang) -> str:
    return words("walked", lang)["metres"].format(number=number(round(amount)))
