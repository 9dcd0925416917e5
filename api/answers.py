"""Who answers for a point, said in one sentence."""

from collections.abc import Mapping
from typing import Any

from gis.errors import Lang
from layers.responsibility import Answer

_FIELD = {
    "inside": {
        "zh": "在网格“{name}”内，网格长：{leader}",
        "en": "Inside “{name}”, grid leader: {leader}",
    },
    "border": {
        "zh": "在网格边界上：{names}",
        "en": "On the border of {names}",
    },
    "overlap": {
        "zh": "几个网格在此重叠：{names}",
        "en": "Fields overlap here: {names}",
    },
    "outside": {
        "zh": "不在任何网格内；最近的网格是“{name}”，相距 {metres:.0f} 米",
        "en": "In no field; the nearest is “{name}”, {metres:.0f} m away",
    },
}
_NO_FIELDS = {"zh": "不在任何网格内", "en": "In no field"}
_ROAD = {
    "zh": "；最近的路段是“{name}”，联点领导：{leader}，相距 {metres:.0f} 米",
    "en": "; the nearest road segment is “{name}”, liaison leader: {leader}, {metres:.0f} m away",
}
_NOBODY = {"zh": "无", "en": "nobody"}
_STOP = {"zh": "。", "en": "."}


def sentence(answer: Answer, lang: Lang) -> str:
    """The answer as a person would give it."""
    return _said_of_fields(answer, lang) + _said_of_road(answer.road, lang) + _STOP[lang]


def _said_of_fields(answer: Answer, lang: Lang) -> str:
    first = answer.fields[0] if answer.fields else answer.nearest
    if first is None:
        return _NO_FIELDS[lang]
    return _FIELD[answer.status][lang].format(
        name=first["name"],
        names=("、" if lang == "zh" else ", ").join(_named(f, lang) for f in answer.fields),
        leader=first["leader"] or _NOBODY[lang],
        metres=first.get("distance_m", 0.0),
    )


def _named(field: Mapping[str, Any], lang: Lang) -> str:
    return f"{field['name']}({field['leader'] or _NOBODY[lang]})"


def _said_of_road(road: Mapping[str, Any] | None, lang: Lang) -> str:
    if road is None:
        return ""
    leader = road["liaison_leader"] or _NOBODY[lang]
    return _ROAD[lang].format(name=road["name"], leader=leader, metres=road["distance_m"])
