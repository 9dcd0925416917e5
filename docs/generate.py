"""Write the pages that follow from code: `python docs/generate.py`; a test holds them to it.

docs/layers.md from the registry, docs/configuration.md from the settings, docs/errors.md from the
catalogue of rules.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic_core import PydanticUndefined

from api.settings import Settings
from api.statuses import CATALOGUE
from layers.declaring.words import Field, Layer
from layers.declaring.workflow import Transition, Workflow
from layers.registry import discover

HERE = Path(__file__).parent


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "layers.md": "\n".join(_layers()) + "\n",
        "configuration.md": "\n".join(_configuration()) + "\n",
        "errors.md": "\n".join(_errors()) + "\n",
    }


def _layers() -> Iterator[str]:
    yield "# Layers"
    yield "Generated from `layers/thematic/` by `python docs/generate.py`."
    for layer in discover().layers.values():
        yield from _layer(layer)


def _layer(layer: Layer) -> Iterator[str]:
    yield f"\n## {layer.name} · {layer.label.zh} · {layer.label.en}"
    key = " + ".join(layer.key) or "none, every import adds"
    yield f"Geometry: {layer.geometry}. Key: {key}. Role: {layer.role}.\n"
    yield "| field | 名称 | name | type | rules | also read from |"
    yield "|---|---|---|---|---|---|"
    for field in layer.fields:
        cells = (
            field.name,
            field.label.zh,
            field.label.en,
            f"{field.type}{f' ({field.unit.en})' if field.unit else ''}",
            "; ".join(_rules(field)),
            ", ".join(field.aliases),
        )
        yield f"| {' | '.join(cells)} |"
    yield from _relations(layer)
    if layer.workflow:
        yield from _workflow(layer.workflow)


def _relations(layer: Layer) -> Iterator[str]:
    """To whom its records belong, and what they may become."""
    if layer.belongs:
        yield f"\nA register: no places; a record belongs to the division in `{layer.belongs}`."
    if layer.parent:
        said = layer.parent
        yield f"\n`{said.field}` names a record of `{said.layer}` by its `{said.key}`."
    if layer.becomes:
        rule = layer.becomes
        yield f"\nA record may become one of `{rule.layer}`, whose number `{rule.number}` keeps."


def _workflow(flow: Workflow) -> Iterator[str]:
    """Every step of a case: from where to where, by whom, and with what."""
    yield f"\nNew records are `{flow.initial}`; closed: {', '.join(flow.closed)}.\n"
    yield "| step | 名称 | from | to | roles | needs | clock |"
    yield "|---|---|---|---|---|---|---|"
    for each in flow.transitions:
        target = "a new record" if each.again else (each.target or "as it is")
        cells = (
            each.name,
            each.label.zh,
            ", ".join(each.sources),
            f"{target}{', or back' if each.back else ''}",
            ", ".join(each.roles),
            "; ".join(_needs(each)),
            f"{each.clock or ''}{f' ({each.limit})' if each.limit else ''}",
        )
        yield f"| {' | '.join(cells)} |"


def _needs(each: Transition) -> Iterator[str]:
    yield from each.asks
    if each.reason:
        yield "a reason"
    yield from (f"photo {role}" for role in each.photos)
    yield from (f"{x.kind}{' served' if x.served else ''}" for x in each.documents)
    if each.other_than:
        yield f"nobody who has taken {', '.join(each.other_than)}"
    if each.answers:
        yield f"an open {each.answers}"
    yield from each.checks


def _rules(field: Field) -> Iterator[str]:
    if field.required:
        yield "required"
    if field.personal:
        yield "personal"
    if field.pattern:
        yield field.pattern.meaning.en
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f"{field.minimum:g}"
        high = "" if field.maximum is None else f"{field.maximum:g}"
        yield f"{low}–{high}"
    if field.choices:
        yield ", ".join(f"{choice.value} {choice.label.zh}" for choice in field.choices)


def _configuration() -> Iterator[str]:
    yield "# Configuration"
    yield "Generated from `api/settings.py` by `python docs/generate.py`. Each name is an"
    yield "environment variable `GRIDFIELD_<NAME>` or, in lower case and without the prefix, a key"
    yield "of `gridfield.toml` in the working directory; the environment wins.\n"
    yield "| variable | default | meaning |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        yield f"| `GRIDFIELD_{name.upper()}` | {default} | {field.description} |"


def _errors() -> Iterator[str]:
    yield "# Errors"
    yield "Generated from `refusals` of all floors by `python docs/generate.py`."
    yield "The slug is the stable `type` of a problem.\n"
    yield "| slug | 中文 | English |"
    yield "|---|---|---|"
    for _, rule in sorted(CATALOGUE.items()):
        yield f"| {rule.slug} | {rule.zh} | {rule.en} |"


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
