"""Who answers for a point: for programs, in one sentence, and line by line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from gis.datum import Datum, convert
from gis.errors import Lang
from layers.here.answering import Answering
from layers.here.responsibility import Answer

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


def in_wgs84(lonlats: Sequence[tuple[float, float]], datum: Datum) -> list[tuple[float, float]]:
    """Longitudes and latitudes of a datum in WGS 84."""
    places = np.asarray(lonlats, dtype=float).reshape(-1, 2)
    lons, lats = convert(places[:, 0], places[:, 1], datum, Datum.WGS84)
    return list(zip(lons.tolist(), lats.tolist(), strict=True))


def sentence(answer: Answer, lang: Lang) -> str:
    """The answer as a person would give it."""
    return _said_of_fields(answer, lang) + _said_of_road(answer.road, lang) + _STOP[lang]


def members(answer: Answer, lang: Lang) -> dict[str, Any]:
    """The answer for a program, with the sentence as `message`."""
    plain = ("status", "fields", "nearest", "road", "division", "courtyard", "unit")
    doubts = [{"type": doubt.rule.slug, "message": doubt.sentence(lang)} for doubt in answer.doubts]
    return {
        **{name: getattr(answer, name) for name in plain},
        "on": answer.on.isoformat(),
        "duties": [_duty(each, lang) for each in answer.duties],
        "doubts": doubts,
        "message": sentence(answer, lang),
    }


def lines(answer: Answer, lang: Lang) -> Iterator[tuple[object, ...]]:
    """Role, feature, name, post, unit and phone of everybody who answers."""
    for each in answer.duties:
        person = each.person
        told = (each.role.label.of(lang), each.title, person.name)
        yield (*told, person.post, person.unit, person.phone)


def _duty(each: Answering, lang: Lang) -> dict[str, Any]:
    return {
        "role": each.role.name,
        "label": each.role.label.of(lang),
        "layer": each.layer,
        "feature": each.feature,
        "title": each.title,
        "person": asdict(each.person),
        "from": each.since.isoformat(),
        "to": each.until and each.until.isoformat(),
        "document": each.document,
    }


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
