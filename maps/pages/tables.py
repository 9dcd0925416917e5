"""What stands around a table of records: headings that sort, and controls that narrow it down."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from gis.errors import Lang
from layers.declaring.words import Layer
from layers.reading.ordering import Sort
from maps import values
from maps.templating import Query
from maps.words.wording import words

ANY = "*"
"""What a form sends where nothing was chosen: no text at all asks for records without a value."""
# More of them would push the table off a phone.
_MOST_CHOOSERS = 3
# What a narrowed table is still about; its pages begin anew.
_KEPT = ("f", "on", "place", "filter", "filter-lang", "limit", "bbox")


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, the address of the table sorted by it, and how it is sorted now."""

    name: str
    heading: str
    address: str
    sorted: Literal["ascending", "descending"] | None


@dataclass(frozen=True, slots=True)
class Chooser:
    """A field with choices of which one may be chosen; `value` is, or ANY."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Controls:
    """What narrows a table down, as it was set; `kept` goes along, and is all when it is cleared.

    `given` are conditions that have no control here, such as those of a link from a report.
    """

    text: str
    choosers: tuple[Chooser, ...]
    orders: tuple[tuple[str, str], ...]
    order: str
    kept: tuple[tuple[str, str], ...]
    cleared: str
    is_set: bool
    given: tuple[tuple[str, str], ...]


def columns(layer: Layer, lang: Lang, query: Query, sort: Sort | None) -> list[Column]:
    """The headings of all fields; a second look at one turns its order around."""
    found = []
    for field in layer.fields:
        mine = sort is not None and sort.field == field.name
        down = mine and sort is not None and sort.descending
        turned = str(Sort(field.name, descending=mine and not down))
        state: Literal["ascending", "descending"] = "descending" if down else "ascending"
        address = _address(query, sortby=turned)
        heading = values.heading(field, lang)
        found.append(Column(field.name, heading, address, state if mine else None))
    return found


def controls(layer: Layer, lang: Lang, query: Query, sort: Sort | None) -> Controls:
    """The controls as the address sets them."""
    choosers = tuple(_choosers(layer, lang, query))
    mine = {"q", "sortby", "after", *(chooser.name for chooser in choosers)}
    kept = tuple((name, _one(query, name)) for name in _KEPT if name in query)
    given = tuple(
        (field.name, _one(query, field.name))
        for field in layer.fields
        if field.name in query and field.name not in mine
    )
    chosen = [chooser for chooser in choosers if chooser.value != ANY]
    return Controls(
        text=_one(query, "q"),
        choosers=choosers,
        orders=tuple(_orders(layer, lang)),
        order=str(sort) if sort else "",
        kept=kept,
        cleared="?" + urlencode([pair for pair in kept if pair[0] != "filter"]),
        is_set=bool(_one(query, "q") or chosen or given or "filter" in query),
        given=given,
    )


def _choosers(layer: Layer, lang: Lang, query: Query) -> Iterator[Chooser]:
    with_choices = [field for field in layer.fields if field.choices and not field.personal]
    for field in with_choices[:_MOST_CHOOSERS]:
        options = tuple((choice.value, choice.label.of(lang)) for choice in field.choices)
        chosen = _one(query, field.name) if field.name in query else ANY
        yield Chooser(field.name, field.label.of(lang), chosen, options)


def _orders(layer: Layer, lang: Lang) -> Iterator[tuple[str, str]]:
    said = words("pages", lang)
    yield "", said["order_own"]
    for field in layer.fields:
        down = Sort(field.name, descending=True)
        for sort, way in ((Sort(field.name), "order_up"), (down, "order_down")):
            yield str(sort), said[way].format(field=field.label.of(lang))


def _address(query: Query, **changed: str) -> str:
    """The same table from its first page, with other words in its address."""
    rest = {name: text for name, text in query.items() if name != "after"}
    return "?" + urlencode({**rest, **changed}, doseq=True)


def _one(query: Mapping[str, object], name: str) -> str:
    found = query.get(name, "")
    return found if isinstance(found, str) else ""
