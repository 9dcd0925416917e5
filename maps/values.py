"""One value of a feature as a person reads it."""

from gis.errors import Lang
from layers.declaring.words import Field, Type
from maps.words.wording import words

ABSENT = "—"


def shown(field: Field, value: object, lang: Lang) -> str:
    """The value without its unit: a choice by its label, four digits together (GB/T 15835)."""
    if value is None or value == "":
        return ABSENT
    if field.type is Type.BOOLEAN:
        return words("pages", lang)["yes" if value else "no"]
    if isinstance(value, int | float):
        digits = f"{value:,.3f}" if abs(value) >= 10_000 else f"{value:.3f}"
        return digits.rstrip("0").rstrip(".")
    for choice in field.choices:
        if choice.value == value:
            return choice.label.of(lang)
    return str(value)


def heading(field: Field, lang: Lang) -> str:
    """The field's name with its unit."""
    label = field.label.of(lang)
    if field.unit is None:
        return label
    unit = field.unit.of(lang)
    return f"{label}（{unit}）" if lang == "zh" else f"{label} ({unit})"


def limits(field: Field, lang: Lang) -> str:
    """What a value of the field has to keep to, as one sentence; empty when anything goes."""
    said = words("pages", lang)
    if field.choices:
        return said["comma"].join(choice.label.of(lang) for choice in field.choices)
    if field.pattern:
        return field.pattern.meaning.of(lang)
    match field.minimum, field.maximum:
        case None, None:
            return ""
        case low, None:
            return said["at_least"].format(low=f"{low:g}")
        case None, high:
            return said["at_most"].format(high=f"{high:g}")
        case low, high:
            return said["from_to"].format(low=f"{low:g}", high=f"{high:g}")
