"""The page on which a record becomes one of another layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis.errors import Finding, Lang, Problem
from layers.declaring.relations import Becomes
from layers.declaring.words import Layer
from maps import templating, values
from maps.pages import edit_form
from maps.pages.edit_form import Control
from maps.templating import NOBODY, Visit
from maps.words.wording import words


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed: the fields of the new record that are asked for, and where it is."""

    values: Mapping[str, str]
    lon: str = ""
    lat: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A record of `layer` that is to become one of `target`; `problem` is why it has not."""

    layer: Layer
    target: Layer
    rule: Becomes
    id: int
    properties: Mapping[str, object]
    wanted: Wanted
    problem: Problem | None = None

    @property
    def findings(self) -> Sequence[Finding]:
        return self.problem.findings if self.problem else ()


def render(turn: Turn, lang: Lang, *, visit: Visit = NOBODY) -> str:
    """The page."""
    layer, said = turn.layer, words("registers", lang)
    named = turn.properties.get(layer.title) if layer.title else None
    title = str(named or f"{layer.label.of(lang)} {turn.id}")
    target = turn.target.label.of(lang)
    return templating.render(
        "become.html",
        lang,
        visit,
        w=words("pages", lang),
        said=words("edit", lang),
        own=said,
        layer=layer,
        id=turn.id,
        record=title,
        title=said["become_title"].format(title=title, layer=target),
        target=target,
        controls=_asked(turn, lang),
        copied=_copied(turn, lang),
        wanted=turn.wanted,
        problem=turn.problem,
        sentence=turn.problem.sentence(lang) if turn.problem else "",
        others=_others(turn),
    )


def _asked(turn: Turn, lang: Lang) -> list[Control]:
    controls = edit_form.controls(turn.target, lang, turn.wanted.values, turn.findings, is_new=True)
    return [control for control in controls if control.field.name in turn.rule.asks]


def _copied(turn: Turn, lang: Lang) -> list[tuple[str, str]]:
    """What the new record takes over, under the names that it has there."""
    found = []
    for own, theirs in turn.rule.copies:
        shown = values.shown(turn.layer.field(own), turn.properties.get(own), lang)
        found.append((turn.target.field(theirs).label.of(lang), shown))
    return found


def _others(turn: Turn) -> list[Finding]:
    """What is wrong and stands at no control."""
    return [each for each in turn.findings if each.column not in turn.rule.asks]
