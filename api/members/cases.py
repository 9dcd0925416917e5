"""Cases as JSON: where one is, what may be done, and what was."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.errors import finding_members
from gis.clock import local
from gis.errors import Lang
from layers.cases.applying import Option, Situation
from layers.cases.steps import Step
from layers.declaring import escalation
from layers.declaring.escalation import Scale
from layers.declaring.people import Actor
from layers.declaring.words import Field, Layer
from layers.declaring.workflow import Transition, Workflow
from layers.reading.masking import mask_name, may_know


def situation_members(
    layer: Layer, found: Situation, scale: Scale, actor: Actor, lang: Lang
) -> dict[str, Any]:
    """Where a case is and the steps open to whoever asks."""
    case = found.case
    level = escalation.level(scale, case.due_at, case.begun_at, is_open=case.is_open)
    return {
        "layer": layer.name,
        "id": case.feature,
        "title": case.title,
        "state": _state(layer, case.state, lang),
        "open": case.is_open,
        "cycle": case.cycle,
        "reworks": case.reworks,
        "extensions": case.extensions,
        "due": _moment(case.due_at),
        "level": level.value,
        "hungUntil": case.hung_until and case.hung_until.isoformat(),
        "transitions": [_option(layer, found, each, actor, lang) for each in found.options],
    }


def _option(
    layer: Layer, found: Situation, option: Option, actor: Actor, lang: Lang
) -> dict[str, Any]:
    step = option.transition
    known = may_know(actor, found.case.place)

    def asked(names: Sequence[str], *, required: bool) -> list[dict[str, Any]]:
        fields = (layer.field(name) for name in names)
        values = ((each, found.values[each.name]) for each in fields)
        return [
            _field(each, None if each.personal and not known else value, lang, required=required)
            for each, value in values
        ]

    return {
        "name": step.name,
        "label": step.label.of(lang),
        "target": _state(layer, option.target, lang),
        "asks": asked(step.asks, required=True),
        "may": asked(step.may, required=False),
        "reason": step.reason,
        "photos": list(step.photos),
        "documents": [each.kind for each in step.documents],
        "clock": step.clock and step.clock.value,
        "again": step.again is not None,
        "missing": [finding_members(each, lang) for each in option.missing],
    }


def _field(field: Field, value: object, lang: Lang, *, required: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "label": field.label.of(lang),
        "type": field.type.value,
        "required": required,
        "value": value.isoformat() if hasattr(value, "isoformat") else value,
    }
    if field.choices:
        found["choices"] = [
            {"value": each.value, "label": each.label.of(lang)} for each in field.choices
        ]
    return found


def step_members(
    layer: Layer, flow: Workflow, step: Step, *, known: bool, lang: Lang
) -> Mapping[str, Any]:
    """A step of a case; names are masked for who may not know them."""
    name = step.name and (step.name if known else mask_name(step.name))
    return {
        "ordinal": step.ordinal,
        "transition": {"name": step.transition, "label": _labelled(flow, step.transition, lang)},
        "source": step.source and _state(layer, step.source, lang),
        "target": _state(layer, step.target, lang),
        "at": _moment(step.at),
        "person": {"id": step.person, "name": name} if step.person and name else None,
        "reason": step.reason,
        "dueBefore": _moment(step.due_before),
        "dueAfter": _moment(step.due_after),
        "cycle": step.cycle,
        "given": {
            name: _veiled(layer, name, value, known=known) for name, value in step.given.items()
        },
    }


def _veiled(layer: Layer, name: str, value: object, *, known: bool) -> object:
    declared = {field.name: field for field in layer.fields}.get(name)
    if known or (declared is not None and not declared.personal):
        return value
    return mask_name(value) if isinstance(value, str) else None


def _labelled(flow: Workflow, name: str, lang: Lang) -> str:
    """What a step is called; one that is declared no more has its name."""
    found: Transition | None = next((x for x in flow.transitions if x.name == name), None)
    return found.label.of(lang) if found else name


def _state(layer: Layer, name: str, lang: Lang) -> dict[str, str]:
    choices = layer.field(layer.workflow.status).choices if layer.workflow else ()
    label = next((x.label.of(lang) for x in choices if x.value == name), name)
    return {"name": name, "label": label}


def _moment(moment: Any) -> str | None:
    return local(moment).isoformat() if moment else None
