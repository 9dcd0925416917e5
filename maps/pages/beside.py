"""Pages beside the maps: the data behind them, and what to say when something fails."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gis.errors import Finding, Lang
from layers.declaring.words import Field, Layer, Role
from layers.leaving.exporting import formats
from layers.photos.bringing import Photo
from layers.reading.ordering import Sort
from layers.registry import Registry
from layers.serving.summaries import Summary
from maps import faults, figures, overlay, templating, values
from maps.document import Document, Frame, RenderedPage
from maps.page import policy
from maps.pages import cases as case_page
from maps.pages import duties as duty_pages
from maps.pages import kin
from maps.pages import structures as structure_pages
from maps.pages import tables as table_page
from maps.pages.alike import NOTHING, Alike, given
from maps.pages.cases import Known
from maps.pages.photos import shots
from maps.sight import query
from maps.templating import NOBODY, Visit
from maps.words.wording import words

POLICY = policy()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a layer's features as JSON texts; `first` and `next` are addresses, `on` is the
    past day whose end it shows, `sort` the order in which they are."""

    features: Sequence[str]
    matched: int
    first: str | None = None
    next: str | None = None
    on: date | None = None
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was refused, in the reader's language."""

    status: int
    sentence: str
    findings: Sequence[Finding] = ()
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One feature as text: its id and its values in the order of the fields."""

    id: object
    cells: Sequence[str]


def collections(
    registry: Registry,
    lang: Lang,
    counts: Mapping[str, int],
    *,
    visit: Visit = NOBODY,
) -> str:
    """The list of all layers."""
    layers = registry.layers.values()
    groups = {
        "records_layers": [x for x in layers if x.role is Role.THEMATIC and x.has_shape],
        "register_layers": registry.registers,
        "ground_layers": [x for x in layers if x.role is Role.BASEMAP],
    }
    return _page("collections.html", lang, visit, groups=groups, counts=counts)


def collection(layer: Layer, lang: Lang, summary: Summary, *, visit: Visit = NOBODY) -> str:
    """One layer: its figures, its fields, its downloads."""
    found = [figures.count(layer, summary, lang), *figures.measures(layer, summary, lang)]
    return _page(
        "collection.html",
        lang,
        visit,
        layer=layer,
        figures=found,
        sources=summary.sources,
        formats=tuple(formats(layer)),
    )


def queryables(layer: Layer, lang: Lang, *, visit: Visit = NOBODY) -> str:
    """The fields that a filter may name."""
    return _page("queryables.html", lang, visit, layer=layer)


def _begun(layer: Layer, visit: Visit) -> str:
    """What a new record of the table already has: where one record's are listed, that it is its."""
    asked = visit.query.get(layer.parent.field) if layer.parent else None
    return query({layer.parent.field: asked}) if layer.parent and isinstance(asked, str) else ""


def items(layer: Layer, lang: Lang, listing: Listing, *, visit: Visit = NOBODY) -> str:
    """A page of features as a table."""
    rows = list(_rows(layer, listing.features, lang))
    return _page(
        "items.html",
        lang,
        visit,
        layer=layer,
        listing=listing,
        rows=rows,
        on=listing.on,
        columns=table_page.columns(layer, lang, visit.query, listing.sort),
        controls=table_page.controls(layer, lang, visit.query, listing.sort),
        any=table_page.ANY,
        formats=tuple(formats(layer)),
        absent=values.ABSENT,
        begun=_begun(layer, visit),
    )


def item(  # noqa: PLR0913  what a page depends on, all of it named by the caller
    layer: Layer,
    lang: Lang,
    feature: str,
    *,
    on: date | None = None,
    photos: Sequence[Photo] = (),
    alike: Alike = NOTHING,
    case: Known | None = None,
    registry: Registry | None = None,
    visit: Visit = NOBODY,
) -> str:
    """One feature with everything that is known of it, or was at the end of a day."""
    found = json.loads(feature)
    properties = found["properties"]
    named = properties.get(layer.title) if layer.title else None
    title = str(named or f"{layer.label.of(lang)} {found['id']}")
    return _page(
        "item.html",
        lang,
        visit,
        layer=layer,
        title=title,
        rows=[(field, _cell(field, properties, lang)) for field in layer.fields],
        geometry=json.dumps(found["geometry"], ensure_ascii=False),
        view=_view(found["geometry"]),
        id=found["id"],
        on=on,
        duties=duty_pages.of_feature(layer, found["id"], lang, visit=visit),
        # A case shows what was before and what is after side by side.
        shots=list(shots(case_page.others(photos) if case else photos, title, lang)),
        photo_words=words("photos", lang),
        kin=[
            *(kin.links(registry, layer, properties, lang) if registry else ()),
            *structure_pages.links(layer, found["id"], lang),
        ],
        becomes=kin.becoming(registry, layer, found["id"], properties, lang) if registry else None,
        **given(alike, layer.name, lang),
        **(case_page.given(layer, lang, title, case) if case else case_page.NOTHING),
    )


def problem(
    lang: Lang, refusal: Refusal, registry: Registry | None = None, *, visit: Visit = NOBODY
) -> RenderedPage:
    """What a person reads instead of the page that was asked for.

    Findings that have a place are shown on a map, over the ground of the registry if one is given.
    """
    mapped = {n for n, finding in enumerate(refusal.findings) if faults.is_placed(finding)}
    given = {"refusal": refusal, "mapped": mapped, "w": words("pages", lang)}
    document = Document(Frame("problem.html", lang, given, visit))
    if mapped:
        drawn = (faults.drawn(refusal.findings, lang),)
        shown = overlay.Shown(refusal.sentence, drawn, registry=registry)
        overlay.add_map(document, lang, shown)
    page = document.rendered()
    return page if mapped else RenderedPage(page.html, ())


def _page(template: str, lang: Lang, visit: Visit, **given: object) -> str:
    said = words("pages", lang)
    return templating.render(template, lang, visit, w=said, values=values, **given)


def _rows(layer: Layer, features: Sequence[str], lang: Lang) -> Iterator[Row]:
    for text in features:
        feature = json.loads(text)
        cells = [_cell(field, feature["properties"], lang) for field in layer.fields]
        yield Row(feature["id"], cells)


def _cell(field: Field, properties: Mapping[str, object], lang: Lang) -> str:
    return values.shown(field, properties.get(field.name), lang)


def _view(geometry: Mapping[str, object] | None) -> str | None:
    """Where the map has to look, in the form of its address: zoom, latitude, longitude."""
    if geometry is None:
        return None
    places = list(_positions(geometry["coordinates"]))
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    return f"17/{(min(lats) + max(lats)) / 2:.5f}/{(min(lons) + max(lons)) / 2:.5f}"


def _positions(coordinates: object) -> Iterator[tuple[float, float]]:
    match coordinates:
        case [int() | float() as lon, int() | float() as lat, *_]:
            yield lon, lat
        case [*parts]:
            for part in parts:
                yield from _positions(part)
