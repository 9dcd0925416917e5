"""A case on the page of its record: where it stands, what can be done, and what happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from gis.clock import day_of
from gis.errors import Finding, Lang
from layers.cases.applying import Option, Situation
from layers.cases.evidence import PASSES_FOR
from layers.cases.steps import Step
from layers.declaring.words import Field, Layer, Type
from layers.declaring.workflow import Transition, Workflow
from layers.photos.bringing import Photo
from layers.refusals.cases import CASE_PHOTO
from layers.schema.photos import PHOTO_LABELS
from maps import values
from maps.pages.case_parts import Due, about, done, due, state_label
from maps.pages.photos import shots
from maps.words.wording import words

_LINE = 200  # characters that fit into one line of a form


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not carried out: what was typed, and what is wrong with it by field; under
    "" what concerns no field alone."""

    transition: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that the page is told of a case. `properties` is the record as the reader may have it,
    `knows` says that people may be named, `done` names the step that was just taken."""

    situation: Situation
    steps: Sequence[Step]
    level: str
    properties: Mapping[str, object]
    photos: Sequence[Photo]
    etag: str
    today: date
    knows: bool
    refused: Refused | None = None
    done: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a form asks for."""

    name: str
    label: str
    kind: str
    value: str
    needed: bool
    choices: Sequence[tuple[str, str]] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Photographs of a role: how many are there already, and whether one must be added."""

    role: str
    label: str
    there: int
    needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One step that may be taken now; `missing` is what keeps the reader from it."""

    name: str
    label: str
    leads_to: str
    entries: Sequence[Entry]
    reason: Entry | None
    photos: Sequence[Wanted]
    missing: Sequence[str]
    trouble: str
    is_open: bool

    @property
    def is_plain(self) -> bool:
        """Whether one tap is enough."""
        return not (self.entries or self.reason or self.photos or self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One step that was taken."""

    label: str
    state: str
    at: datetime
    who: str
    reason: str
    due: str
    given: Sequence[tuple[str, str]]
    cycle: int
    brought: bool


def given(layer: Layer, lang: Lang, title: str, known: Known) -> dict[str, object]:
    """What the template of a record's page is given, where the record is a case."""
    case, said = known.situation.case, words("ledger", lang)
    counted = (("reworks", case.reworks), ("extensions", case.extensions))
    notes = [said[name].format(count=count) for name, count in counted if count]
    if case.cycle > 1:
        notes.insert(0, said["cycle"].format(count=case.cycle))
    before = [x for x in known.photos if x.role in PASSES_FOR["before"]]
    after = [x for x in known.photos if x.role == "after"]
    return {
        "said": said,
        "case": case,
        "state": state_label(layer, case.state, lang),
        "case_due": _due(known, lang),
        "notes": notes,
        "about": list(about(layer, known.properties, lang)),
        "acts": [_act(layer, option, known, lang) for option in known.situation.options],
        "happened": list(_happenings(layer, known, lang)),
        "before": list(shots(before, title, lang)),
        "after": list(shots(after, title, lang)),
        "etag": known.etag,
        "refused": known.refused,
        "done": _done(layer, known, lang),
        "action": f"/ledger/{layer.name}/{case.feature}",
    }


def others(photos: Sequence[Photo]) -> list[Photo]:
    """The photographs that are neither of before nor of after."""
    compared = {*PASSES_FOR["before"], "after"}
    return [photo for photo in photos if photo.role not in compared]


NOTHING: Mapping[str, object] = MappingProxyType({"case": None})
"""The same for a record that is none."""


def _due(known: Known, lang: Lang) -> Due:
    case = known.situation.case
    return due(
        known.level, case.due_at, case.hung_until, lang, today=known.today, is_open=case.is_open
    )


def _done(layer: Layer, known: Known, lang: Lang) -> str:
    """A word of the step that was just taken; none where what is named is no step."""
    case, flow = known.situation.case, layer.workflow
    is_step = flow is not None and known.done in {each.name for each in flow.transitions}
    return done(layer, case.title, case.state, lang) if is_step else ""


# --- what can be done -----------------------------------------------------------------------------
def _act(layer: Layer, option: Option, known: Known, lang: Lang) -> Act:
    each, said = option.transition, words("ledger", lang)
    refused = known.refused if known.refused and known.refused.transition == each.name else None
    is_same = option.target == known.situation.case.state and not each.again
    target = state_label(layer, option.target, lang)
    return Act(
        name=each.name,
        label=each.label.of(lang),
        leads_to="" if is_same else said["leads_to"].format(state=target),
        entries=[_entry(layer.field(name), each, known, refused, lang) for name in each.fields],
        reason=_reason(refused, said) if each.reason else None,
        photos=[_wanted(role, option.missing, known, lang) for role in each.photos],
        missing=[x.sentence(lang) for x in option.missing if x.rule is not CASE_PHOTO],
        trouble=refused.errors.get("", said["photos_again"] if each.photos else "")
        if refused
        else "",
        is_open=refused is not None,
    )


def _reason(refused: Refused | None, said: Mapping[str, str]) -> Entry:
    typed = refused.values.get("reason", "") if refused else ""
    error = refused.errors.get("reason", "") if refused else ""
    return Entry(
        name="reason", label=said["reason"], kind="prose", value=typed, needed=True, error=error
    )


def _entry(
    asked: Field, each: Transition, known: Known, refused: Refused | None, lang: Lang
) -> Entry:
    present = known.properties.get(asked.name)
    # A masked name must not be sent back as if it were one.
    own = "" if present is None or (asked.personal and not known.knows) else str(present)
    return Entry(
        name=asked.name,
        label=values.heading(asked, lang),
        kind=_kind(asked),
        value=refused.values.get(asked.name, "") if refused else own,
        needed=asked.name in each.asks,
        choices=_choices(asked, lang),
        error=refused.errors.get(asked.name, "") if refused else "",
    )


def _kind(asked: Field) -> str:
    if asked.choices or asked.type is Type.BOOLEAN:
        return "choice"
    kinds = {Type.DATE: "date", Type.INTEGER: "number", Type.DECIMAL: "decimal"}
    short = asked.personal or asked.pattern or asked.code or asked.max_length <= _LINE
    return kinds.get(asked.type, "line" if short else "prose")


def _choices(asked: Field, lang: Lang) -> list[tuple[str, str]]:
    if asked.type is Type.BOOLEAN:
        said = words("pages", lang)
        return [("true", said["yes"]), ("false", said["no"])]
    return [(choice.value, choice.label.of(lang)) for choice in asked.choices]


def _wanted(role: str, missing: Sequence[Finding], known: Known, lang: Lang) -> Wanted:
    label = PHOTO_LABELS[role]
    passing = PASSES_FOR.get(role, (role,))
    there = sum(photo.held and photo.role in passing for photo in known.photos)
    needed = any(x.rule is CASE_PHOTO and x.values.get("role") == label.en for x in missing)
    return Wanted(role, label.of(lang), there, needed)


# --- what happened --------------------------------------------------------------------------------
def _happenings(layer: Layer, known: Known, lang: Lang) -> Iterator[Happened]:
    """The steps, the last one first; what an old ledger does not tell is as it was before."""
    before = (None, *known.steps)
    for step, last in reversed(list(zip(known.steps, before, strict=False))):
        unsaid = step.brought and last is not None and step.due_before is None
        due_before = last.due_after if unsaid and last else step.due_before
        yield _happened(layer, replace(step, due_before=due_before), known, lang)


def _happened(layer: Layer, step: Step, known: Known, lang: Lang) -> Happened:
    said, flow = words("ledger", lang), layer.workflow
    return Happened(
        label=_label(flow, step.transition, lang),
        state="" if step.source == step.target else state_label(layer, step.target, lang),
        at=step.at,
        who=_who(step, said),
        reason=step.reason or "",
        due=_moved(step, said),
        given=list(_told(layer, step, known, lang)),
        cycle=step.cycle,
        brought=step.brought,
    )


def _label(flow: Workflow | None, name: str, lang: Lang) -> str:
    try:
        return flow.transition(name).label.of(lang) if flow else name
    except KeyError:  # a step of an older declaration
        return name


def _who(step: Step, said: Mapping[str, str]) -> str:
    if step.name:
        return step.name
    if step.account:
        return said["somebody"].format(number=step.account)
    return said["brought"] if step.brought else said["machine"]


def _moved(step: Step, said: Mapping[str, str]) -> str:
    before, after = (at and day_of(at).isoformat() for at in (step.due_before, step.due_after))
    if before == after:
        return ""
    key = "due_moved" if before and after else "due_set" if after else "due_lifted"
    return said[key].format(before=before, after=after)


def _told(layer: Layer, step: Step, known: Known, lang: Lang) -> Iterator[tuple[str, str]]:
    """The fields that were given with a step; who may not know people is not told of them."""
    fields = {each.name: each for each in layer.fields}
    for name, value in step.given.items():
        asked = fields.get(name)
        if asked is not None and (known.knows or not asked.personal):
            yield asked.label.of(lang), values.shown(asked, value, lang)
