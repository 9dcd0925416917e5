"""Findings as a set to draw: one class for each rule, small places with a ring around them."""

from collections.abc import Mapping, Sequence

from gis.errors import Finding, Lang, Rule
from gis.geojson import to_rfc7946
from gis.refusals.coverage import (
    COVERAGE_DUPLICATE,
    COVERAGE_GAP,
    COVERAGE_OUTSIDE,
    COVERAGE_OVERLAP,
    COVERAGE_SLIVER_GAP,
    COVERAGE_SLIVER_OVERLAP,
    COVERAGE_UNCOVERED,
)
from layers.declaring.words import Label, Paint, Shape
from layers.refusals.ground import (
    CODE_MISPLACED,
    CODE_ORDER,
    CODE_UNKNOWN,
    PART_INVALID,
    PART_UNOWNED,
)
from maps.drawing import Drawn, DrawnClass, Pattern
from maps.words.wording import words

# Neither light nor dark, so that lines read on paper and at night.
_RED, _BLUE, _AMBER, _VIOLET, _GREY = "#D13B4A", "#3F7CC4", "#B9770E", "#A157BD", "#77828E"
# What lacks ground is red and hatched one way, what has too much of it blue and the other way.
_KNOWN: Mapping[Rule, tuple[Label, Paint, Pattern]] = {
    COVERAGE_GAP: (Label("空隙", "Gap"), Paint(_RED, Shape.TRIANGLE), "hatch"),
    COVERAGE_SLIVER_GAP: (Label("狭缝", "Thin gap"), Paint(_RED, Shape.CIRCLE), "dashed"),
    COVERAGE_UNCOVERED: (Label("未覆盖", "Not covered"), Paint(_AMBER, Shape.TRIANGLE), "hatch"),
    COVERAGE_OVERLAP: (Label("重叠", "Overlap"), Paint(_BLUE, Shape.SQUARE), "counterhatch"),
    COVERAGE_SLIVER_OVERLAP: (
        Label("细条重叠", "Thin overlap"),
        Paint(_BLUE, Shape.CIRCLE),
        "dotted",
    ),
    COVERAGE_DUPLICATE: (Label("重复", "Duplicate"), Paint(_VIOLET, Shape.SQUARE), "cross"),
    COVERAGE_OUTSIDE: (Label("出界", "Outside"), Paint(_VIOLET, Shape.DIAMOND), "hatch"),
    PART_INVALID: (Label("图形无效", "Invalid"), Paint(_AMBER, Shape.DIAMOND), "cross"),
    PART_UNOWNED: (Label("无人负责", "Nobody's"), Paint(_AMBER, Shape.CIRCLE), "dashed"),
    CODE_MISPLACED: (Label("编码不符", "Code misplaced"), Paint(_GREY, Shape.SQUARE), "hatch"),
    CODE_UNKNOWN: (Label("编码不明", "Code unknown"), Paint(_GREY, Shape.DIAMOND), "cross"),
    CODE_ORDER: (Label("编号次序", "Numbering"), Paint(_GREY, Shape.CIRCLE), "outline"),
}
_OTHERS: Sequence[tuple[Paint, Pattern]] = (
    (Paint(_GREY, Shape.DIAMOND), "outline"),
    (Paint(_GREY, Shape.CIRCLE), "dashed"),
    (Paint(_GREY, Shape.SQUARE), "dotted"),
)


def drawn(findings: Sequence[Finding], lang: Lang, *, ids: Sequence[str] | None = None) -> Drawn:
    """The findings that have a geometry; `ids` name all of them, by default their places from 1."""
    names = ids or [str(place) for place in range(1, len(findings) + 1)]
    placed = [(f, name) for f, name in zip(findings, names, strict=True) if is_placed(f)]
    rules = sorted({f.rule for f, _ in placed}, key=_order)
    return Drawn(
        "faults",
        words("overlay", lang)["faults"],
        [_class(rule, place, lang) for place, rule in enumerate(rules)],
        data={
            "type": "FeatureCollection",
            "features": [_feature(f, name, lang) for f, name in placed],
        },
        ringed=True,
    )


def is_placed(finding: Finding) -> bool:
    """Whether a finding can be drawn."""
    return finding.geometry is not None and not finding.geometry.is_empty


def label(rule: Rule, lang: Lang) -> str:
    """The rule in a word or two; its sentence without values where there are none."""
    if rule in _KNOWN:
        return _KNOWN[rule][0].of(lang)
    return (rule.zh if lang == "zh" else rule.en).format_map(_Blanks())


def sign(rule: Rule) -> tuple[Paint, Pattern]:
    """How the places of a rule are drawn."""
    return _KNOWN[rule][1:] if rule in _KNOWN else _OTHERS[0]


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _order(rule: Rule) -> tuple[int, str]:
    known = list(_KNOWN)
    return (known.index(rule) if rule in _KNOWN else len(known), rule.slug)


def _class(rule: Rule, place: int, lang: Lang) -> DrawnClass:
    paint, pattern = _KNOWN[rule][1:] if rule in _KNOWN else _OTHERS[place % len(_OTHERS)]
    return DrawnClass(rule.slug, label(rule, lang), paint, pattern)


def _title(finding: Finding, lang: Lang) -> str:
    name = label(finding.rule, lang)
    area = finding.values.get("area")
    return f"{name} {area} m²" if area else name


def _feature(finding: Finding, name: str, lang: Lang) -> dict[str, object]:
    assert finding.geometry is not None  # noqa: S101  only what is placed comes here
    place, sentence = finding.place(lang), finding.sentence(lang)
    properties = {
        "class": finding.rule.slug,
        "title": place or _title(finding, lang),
        "text": "\n".join(part for part in (sentence, finding.suggestion(lang)) if part),
        "row": finding.row,
    }
    return {
        "type": "Feature",
        "id": name,
        "geometry": to_rfc7946(finding.geometry),
        "properties": properties,
    }
