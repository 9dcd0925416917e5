"""What a reader narrows a map down to: read from the address of its page, told to its data.

A form's controls are named `LAYER.FIELD`, bounds `LAYER.FIELD.from` and `LAYER.FIELD.to`; they
become conditions in CQL2 text, which the addresses of tiles, figures and lists take.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.words import Field, Layer, Type
from maps import values
from maps.words.wording import words

Pairs = Sequence[tuple[str, str]]
Kind = Literal["ticks", "select", "days", "numbers", "whether", "text"]

GIVEN = "filter"
"""The parameter with conditions as programs and links say them."""
TEXT_LIMIT = 200
_FROM, _TO = ".from", ".to"
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?")
# More choices than these push everything else off a phone.
_MOST_TICKS = 9
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a map is narrowed down to.

    `asked` is what the page's own address says of it, `conditions` are pairs of a layer's name and
    CQL2 text, one for each layer.
    """

    asked: tuple[tuple[str, str], ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()

    @property
    def of_data(self) -> Pairs:
        """The same in the addresses of tiles and figures."""
        return [(GIVEN, f"{layer}:{text}") for layer, text in self.conditions]

    def among(self, layers: Iterable[str]) -> Pairs:
        """What of `asked` is about these layers."""
        names = set(layers)
        return [(name, text) for name, text in self.asked if _layer_of(name, text) in names]


WHOLE = Narrowing()


@dataclass(frozen=True, slots=True)
class Control:
    """One field in the form; `name` is its parameter, `chosen` what is set, `low` and `high` the
    bounds that are."""

    name: str
    heading: str
    kind: Kind
    options: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The controls of one layer, and whether any is set."""

    layer: str
    label: str
    controls: tuple[Control, ...]
    is_set: bool


def read(layers: Iterable[Layer], query: Pairs) -> Narrowing:
    """What an address asks of these layers; Problem(BAD_PARAMETER) for what no form of ours sends.

    What an empty control sends asks for nothing.
    """
    known = {layer.name: layer for layer in layers}
    told = [(name, text.strip()) for name, text in query]
    asked = [(name, text) for name, text in told if text and _layer_of(name, text) in known]
    clauses: dict[str, list[str]] = {}
    for name, layer in known.items():
        own = [*_clauses(layer, asked), *_given(name, asked)]
        if own:
            clauses[name] = own
    conditions = tuple((name, _all_of(own)) for name, own in clauses.items())
    return Narrowing(tuple(asked), conditions)


def without_blanks(layers: Iterable[Layer], query: Pairs) -> Pairs | None:
    """The address without what empty controls have sent; None where there is nothing such."""
    names = {layer.name for layer in layers}
    kept = [(name, text) for name, text in query if text.strip() or _form_layer(name) not in names]
    return kept if len(kept) < len(query) else None


def parts(layers: Iterable[Layer], query: Pairs, lang: Lang, *, knows: bool) -> list[Part]:
    """The form: a part for each layer, with fields of persons only for whoever `knows` them."""
    found = []
    for layer in layers:
        controls = tuple(
            _control(layer, field, query, lang)
            for field in layer.fields
            if field.name != "source" and (knows or not field.personal)
        )
        is_set = any(c.chosen or c.low or c.high for c in controls)
        found.append(Part(layer.name, layer.label.of(lang), controls, is_set))
    return found


def told(layers: Iterable[Layer], narrowing: Narrowing, lang: Lang) -> Iterator[tuple[str, str]]:
    """Each layer that is narrowed down, and to what, in words."""
    said = words("narrowing", lang)
    for layer in layers:
        clauses = list(_told(layer, narrowing.asked, lang))
        clauses += _given(layer.name, narrowing.asked)
        if clauses:
            yield layer.label.of(lang), said["and"].join(clauses)


# --- from controls to conditions ------------------------------------------------------------------
def _clauses(layer: Layer, asked: Pairs) -> Iterator[str]:
    own = [(name, text) for name, text in asked if _form_layer(name) == layer.name]
    for field in layer.fields:
        yield from _clauses_of(field, f"{layer.name}.{field.name}", own)
    fields = {f"{layer.name}.{field.name}" for field in layer.fields}
    for name, _ in own:
        if name.removesuffix(_FROM).removesuffix(_TO) not in fields:
            raise _wrong(name, "there is no such field", "没有这个字段")


def _clauses_of(field: Field, name: str, asked: Pairs) -> Iterator[str]:
    given = _values(asked, name)
    if field.choices and given:
        for text in given:
            if text not in [choice.value for choice in field.choices]:
                raise _wrong(name, f"{text} is none of its values", f"没有取值 {text}")
        yield f"{field.name} IN ({', '.join(map(_quoted, given))})"
    elif field.type is Type.BOOLEAN and given:
        yield f"{field.name} = {'TRUE' if given[-1] == _YES else 'FALSE'}"
    elif field.type is Type.TEXT and given:
        for text in given:
            yield f"CASEI({field.name}) LIKE CASEI({_quoted(f'%{_literally(text)}%')})"
    for end, sign in ((_FROM, ">="), (_TO, "<=")):
        for text in _values(asked, name + end):
            yield f"{field.name} {sign} {_bound(field, name + end, text)}"


def _bound(field: Field, name: str, text: str) -> str:
    if field.type is Type.DATE:
        try:
            return f"DATE('{date.fromisoformat(text).isoformat()}')"
        except ValueError:
            raise _wrong(name, f"{text} is no date like 2017-07-21", f"“{text}”不是日期") from None
    if field.type in {Type.INTEGER, Type.DECIMAL} and _NUMBER.fullmatch(text):
        return text
    raise _wrong(name, f"{text} is no number", f"“{text}”不是数")


def _given(layer: str, asked: Pairs) -> list[str]:
    """The conditions that stand in the address as they are."""
    stood = (text.partition(":") for name, text in asked if name == GIVEN)
    return [condition.strip() for named, _, condition in stood if named == layer]


def _all_of(clauses: Sequence[str]) -> str:
    return clauses[0] if len(clauses) == 1 else " AND ".join(f"({each})" for each in clauses)


def _literally(text: str) -> str:
    """A text in a pattern; a backslash, with which CQL2 could also end a text, is any character."""
    return re.sub(r"([%_])", r"\\\1", text[:TEXT_LIMIT].replace("\\", "\0")).replace("\0", "_")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _layer_of(name: str, text: str) -> str:
    return text.partition(":")[0] if name == GIVEN else _form_layer(name)


def _form_layer(name: str) -> str:
    layer, dot, _ = name.partition(".")
    return layer if dot else ""


def _values(asked: Pairs, name: str) -> list[str]:
    return [text for each, text in asked if each == name]


def _wrong(name: str, reason: str, reason_zh: str) -> Problem:
    return Problem(BAD_PARAMETER, name=name, reason=reason, reason_zh=reason_zh)


# --- the form, and the same in words --------------------------------------------------------------
def _control(layer: Layer, field: Field, query: Pairs, lang: Lang) -> Control:
    name = f"{layer.name}.{field.name}"
    said = words("pages", lang)
    options = tuple((choice.value, choice.label.of(lang)) for choice in field.choices)
    if field.type is Type.BOOLEAN:
        options = ((_YES, said["yes"]), (_NO, said["no"]))
    low, high = ("".join(_values(query, name + end)[-1:]) for end in (_FROM, _TO))
    return Control(
        name=name,
        heading=values.heading(field, lang),
        kind=_kind(field),
        options=options,
        chosen=tuple(text for text in _values(query, name) if text.strip()),
        low=low.strip(),
        high=high.strip(),
        personal=field.personal,
    )


def _kind(field: Field) -> Kind:
    if field.choices:
        return "ticks" if len(field.choices) <= _MOST_TICKS else "select"
    kinds: Mapping[Type, Kind] = {
        Type.DATE: "days",
        Type.INTEGER: "numbers",
        Type.DECIMAL: "numbers",
        Type.BOOLEAN: "whether",
    }
    return kinds.get(field.type, "text")


def _told(layer: Layer, asked: Pairs, lang: Lang) -> Iterator[str]:
    said = words("narrowing", lang)
    for field in layer.fields:
        name, label = f"{layer.name}.{field.name}", field.label.of(lang)
        chosen = _values(asked, name)
        if field.choices and chosen:
            shown = said["or"].join(values.shown(field, text, lang) for text in chosen)
            yield said["is"].format(field=label, values=shown)
        elif field.type is Type.BOOLEAN and chosen:
            shown = words("pages", lang)["yes" if chosen[-1] == _YES else "no"]
            yield said["is"].format(field=label, values=shown)
        else:
            for text in chosen:
                yield said["has"].format(field=label, text=text)
        for end, way in ((_FROM, "from"), (_TO, "to")):
            for text in _values(asked, name + end):
                yield said[way].format(field=label, value=text)
