"""The pages of one structure's procedure and of the stock of all structures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from gis.errors import Lang
from layers.declaring.papers import KIND_LABELS, SERVED_LABELS, Paper
from layers.declaring.people import EVERYWHERE
from layers.declaring.period import Period
from layers.declaring.words import Layer
from layers.structures import stock as stock_of
from layers.structures.demolition_policies import policies
from layers.structures.dossier import Dossier
from layers.structures.look_back import Due
from layers.structures.stock import PARTS, Amount, Share, Stock
from layers.thematic import demolitions, illegal_structures
from maps import templating
from maps.templating import NOBODY, Visit
from maps.words.wording import words

Links = list[tuple[str, str]]
FIGURES = ("opening", "added", "removed", "demolished", "corrected", "remaining")
"""The figures of a stock, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as a row of the page."""

    kind: str
    address: str
    paper: Paper
    served_how: str


@dataclass(frozen=True, slots=True)
class StockRow:
    """A division with its figures: of each the count, the area and where its records are."""

    name: str
    figures: Sequence[tuple[str, str, str | None]]


def links(layer: Layer, feature: object, lang: Lang) -> Links:
    """What the page of a structure's record links to, besides what belongs to it."""
    if layer.name != illegal_structures.LAYER.name:
        return []
    return [(words("structures", lang)["law"], f"/structures/{feature}")]


def dossier(found: Dossier, feature: int, lang: Lang, *, visit: Visit = NOBODY) -> str:
    """The page of one structure's procedure."""
    said = words("structures", lang)
    number = str(found.values["number"])
    return templating.render(
        "structure.html",
        lang,
        visit,
        w=words("pages", lang),
        said=said,
        title=said["law_title"].format(number=number),
        number=number,
        record=f"/collections/{illegal_structures.LAYER.name}/items/{feature}?f=html",
        layer=illegal_structures.LAYER,
        found=found,
        state=_choice(illegal_structures.LAYER, "status", found.values["status"], lang),
        documents=[_document(each, paper, lang) for each, paper in found.papers],
        demolitions=[
            (record, _choice(demolitions.LAYER, "way", record["way"], lang))
            for record in found.records
        ],
        total=f"{sum((Decimal(str(each['area_m2'])) for each in found.records), Decimal(0)):f}",
        policies=_others(found, lang),
    )


def stock(  # noqa: PLR0913  what the page depends on
    period: Period,
    whole: Stock,
    divisions: Sequence[tuple[str, str, Stock]],
    due: Sequence[Due],
    lang: Lang,
    *,
    within: str = EVERYWHERE,
    visit: Visit = NOBODY,
) -> str:
    """The page of the stock of a period: one row for each division, after that of the whole."""
    said = words("structures", lang)
    rows = [StockRow(said["total"], _figures(whole, period, within))]
    rows += [StockRow(name, _figures(found, period, code)) for code, name, found in divisions]
    return templating.render(
        "structures.html",
        lang,
        visit,
        w=words("pages", lang),
        said=said,
        title=said["stock_title"].format(period=period.title(lang)),
        period=period,
        names=[said[name] for name in FIGURES],
        rows=rows,
        due=due,
    )


def part(  # noqa: PLR0913  what the page depends on
    period: Period,
    name: str,
    whole: Amount,
    shares: Sequence[Share],
    lang: Lang,
    *,
    within: str = EVERYWHERE,
    following: str | None = None,
    visit: Visit = NOBODY,
) -> str:
    """The page of the structures that a part of a stock sums up."""
    asked = {"period": period.name, "place": within}
    said = words("structures", lang)
    return templating.render(
        "structures_part.html",
        lang,
        visit,
        w=words("pages", lang),
        said=said,
        title=said["part_title"].format(part=said[f"part_{name}"], period=period.title(lang)),
        whole_page=f"/structures?{urlencode(asked)}",
        records=f"/collections/{illegal_structures.LAYER.name}/items",
        whole=_written(whole),
        rows=[(each, f"{each.area_m2.normalize():f}") for each in shares],
        following=following,
    )


def _figures(found: Stock, period: Period, within: str) -> list[tuple[str, str, str | None]]:
    return [
        (
            *_written(getattr(found, name)),
            stock_of.address(name, period, within) if name in PARTS else None,
        )
        for name in FIGURES
    ]


def _written(amount: Amount) -> tuple[str, str]:
    return str(amount.count), f"{amount.area_m2.normalize():f}"


def _document(feature: int, paper: Paper, lang: Lang) -> DocumentRow:
    how = SERVED_LABELS[paper.served_how].of(lang) if paper.served_how else ""
    address = f"/collections/structure_documents/items/{feature}?f=html"
    return DocumentRow(KIND_LABELS[paper.kind].of(lang), address, paper, how)


def _choice(layer: Layer, name: str, value: object, lang: Lang) -> str:
    labels: Mapping[object, str] = {
        choice.value: choice.label.of(lang) for choice in layer.field(name).choices
    }
    return labels.get(value, "")


def _others(found: Dossier, lang: Lang) -> Links:
    """The same under the other policies."""
    mine = found.lawful.policy.name
    return [
        (label.of(lang), "?" + urlencode({"policy": name}))
        for name, label in policies().names.items()
        if name != mine
    ]
