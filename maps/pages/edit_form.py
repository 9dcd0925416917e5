"""A layer's declared fields as the controls of a form, with what was typed and what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gis.errors import Finding, Lang
from layers.declaring import codes
from layers.declaring.words import Field, Layer, Type
from maps import values
from maps.words.wording import words

GEOMETRY = "geometry"
# Keys of several fields are named together.
_TOGETHER = " + "
_LONG_TEXT = 60
_INPUT_MODES: Mapping[Type, str] = {Type.INTEGER: "numeric", Type.DECIMAL: "decimal"}


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form: the typed text and each sentence on what is wrong with it.

    Numbers are texts too, since a browser drops from a number field what is no number, and nobody
    could see any more what was wrong with it.
    """

    field: Field
    kind: Literal["select", "date", "area", "text"]
    value: str
    heading: str
    hint: str
    options: Sequence[tuple[str, str]]
    mode: str | None
    errors: Sequence[str]

    @property
    def name(self) -> str:
        """Apart from the names of everything else that the form sends."""
        return f"field.{self.field.name}"


def texts(layer: Layer, properties: Mapping[str, object]) -> dict[str, str]:
    """The stored values of a feature as a form shows them."""
    return {field.name: _text(properties.get(field.name)) for field in layer.fields}


def controls(
    layer: Layer,
    lang: Lang,
    typed: Mapping[str, str],
    findings: Sequence[Finding],
    *,
    is_new: bool,
) -> list[Control]:
    """The fields in their order; of what is new, a grid code may be left empty."""
    errors = sentences(findings, lang)
    numbered = codes.numbered(layer) if is_new else None
    return [
        _control(field, lang, typed.get(field.name, ""), errors, numbered=field.name == numbered)
        for field in layer.fields
    ]


def sentences(findings: Sequence[Finding], lang: Lang) -> dict[str, list[str]]:
    """What is wrong, by the field where it stands."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        parts = (finding.sentence(lang), finding.suggestion(lang))
        sentence = words("edit", lang)["and_then"].join(part for part in parts if part)
        for name in (finding.column or "").split(_TOGETHER):
            found.setdefault(name, []).append(sentence)
    return found


def _control(
    field: Field,
    lang: Lang,
    value: str,
    errors: Mapping[str, Sequence[str]],
    *,
    numbered: bool,
) -> Control:
    options = list(_options(field, lang))
    return Control(
        field=field,
        kind=_kind(field, value),
        value=value,
        heading=values.heading(field, lang),
        hint=_hint(field, lang, numbered=numbered),
        options=options,
        mode=_INPUT_MODES.get(field.type),
        errors=errors.get(field.name, ()),
    )


def _kind(field: Field, value: str) -> Literal["select", "date", "area", "text"]:
    if field.choices or field.type is Type.BOOLEAN:
        return "select"
    if field.type is Type.DATE and not _unreadable_date(value):
        return "date"
    return "area" if len(value) > _LONG_TEXT or "\n" in value else "text"


def _unreadable_date(value: str) -> bool:
    """A date field would drop it."""
    try:
        date.fromisoformat(value or "2017-07-21")
    except ValueError:
        return True
    return False


def _options(field: Field, lang: Lang) -> Iterator[tuple[str, str]]:
    if field.type is Type.BOOLEAN:
        said = words("pages", lang)
        yield from (("true", said["yes"]), ("false", said["no"]))
    for choice in field.choices:
        yield choice.value, choice.label.of(lang)


def _hint(field: Field, lang: Lang, *, numbered: bool) -> str:
    said = words("edit", lang)
    if field.duty:
        return said["duty"]
    limits = "" if field.choices else values.limits(field, lang)
    parts = [limits, said["numbered"] if numbered else ""]
    return words("frame", lang)["pause"].join(part for part in parts if part)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
