"""A registry in which every text of every declaration is hostile, for whatever layers exist."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from layers.declaring.words import Choice, Field, Label, Layer, Measure, Theme
from layers.declaring.workflow import Workflow
from layers.registry import Registry

CORPUS = (
    "{{7*7}}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% for x in range(9) %}x{% endfor %}",
    "{% raw %}",
    "{# swallowed",
    "#}%}}}",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "</title></bdi></details><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "`${alert(1)}`",
    "&lt;b&gt; &amp; &#123;&#123;7*7&#125;&#125;",
    "\\u003cscript\\u003e \\",
    "line\u2028separator\u2029paragraph\r\nnew line\ttab",
    "%s %(x)s %n {0} {x!r}",
    "\u202eright to left\u2066isolated",
    "control \x01\x08\x0b\x1b\x7f\x85\x9f",
    "lone \ud800 surrogate, nonchar \uffff, astral \U0001f3d8",
    "长" * 10_000,
)


def hostile(registry: Registry, text: str) -> Registry:
    """The same layers and themes, with `text` for every label, unit and choice."""
    layers = {name: _layer(layer, text) for name, layer in registry.layers.items()}
    themes = {name: _theme(theme, text) for name, theme in registry.themes.items()}
    return Registry(layers, themes)


def _layer(layer: Layer, text: str) -> Layer:
    return replace(
        layer,
        label=Label(text, text),
        unit=Label(text, text),
        fields=tuple(_field(field, text, states=_states(layer, field)) for field in layer.fields),
        workflow=layer.workflow and _workflow(layer.workflow, text),
        measures=tuple(_measure(measure, text) for measure in layer.measures),
        hierarchy=None,  # its levels would not be known by these choices
    )


def _states(layer: Layer, field: Field) -> bool:
    """Whether the field's choices are states, which the workflow names too."""
    return layer.workflow is not None and field.name == layer.workflow.status


def _workflow(workflow: Workflow, text: str) -> Workflow:
    steps = (replace(step, label=Label(text, text)) for step in workflow.transitions)
    return replace(workflow, transitions=tuple(steps))


def _field(field: Field, text: str, *, states: bool) -> Field:
    choices = (
        Choice(choice.value if states else f"{n}{text}", Label(text, text))
        for n, choice in enumerate(field.choices)
    )
    pattern = field.pattern and replace(field.pattern, meaning=Label(text, text))
    unit = field.unit and Label(text, text)
    label = Label(text, text)
    return replace(field, label=label, unit=unit, choices=tuple(choices), pattern=pattern)


def _measure(measure: Measure, text: str) -> Measure:
    return replace(measure, label=Label(text, text), unit=Label(text, text))


def _theme(theme: Theme, text: str) -> Theme:
    return replace(theme, label=Label(text, text), summary=Label(text, text))


class Parsed(HTMLParser):
    """A page as a browser sees it: its tags with the names of their attributes, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += ((tag, name, value or "") for name, value in attrs)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def text_of(self, tag: str) -> list[str]:
        return [text for of, text in self.texts if of == tag]


def shown(text: str) -> str:
    """What a page writes for a text: what HTML cannot hold becomes a replacement character."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\uffff]", "\ufffd", text)
