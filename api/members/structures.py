"""Structures for programs: JSON members of their stock and of the procedure against one."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from gis.errors import Finding, Lang
from layers.declaring.papers import Paper
from layers.structures.dossier import Dossier
from layers.structures.lawful import Lawful
from layers.structures.look_back import Due
from layers.structures.stock import Amount, Share, Stock

_FIGURES = ("opening", "added", "removed", "demolished", "corrected", "remaining")


def stock(found: Stock) -> dict[str, Any]:
    """The figures of a period."""
    return {name: amount(getattr(found, name)) for name in _FIGURES}


def amount(found: Amount) -> dict[str, Any]:
    """One of these figures."""
    return {"count": found.count, "areaM2": float(found.area_m2)}


def share(each: Share) -> dict[str, Any]:
    """What one structure is of a part of a stock."""
    return {
        "id": each.id,
        "number": each.number,
        "counted": each.counted,
        "areaM2": float(each.area_m2),
    }


def due(each: Due) -> dict[str, Any]:
    """A structure that is to be looked at again."""
    return {
        "id": each.id,
        "number": each.number,
        "afterDays": each.after_days,
        "on": each.on.isoformat(),
    }


def dossier(found: Dossier, lang: Lang) -> dict[str, Any]:
    """The procedure against a structure; nothing in it is personal."""
    return {
        "number": found.values["number"],
        "status": found.values["status"],
        "track": {"name": found.track.name, "standard": found.track.standard},
        "lawful": _lawful(found.lawful, lang),
        "documents": [_paper(feature, paper) for feature, paper in found.papers],
        "demolitions": [
            {
                "id": each["id"],
                "number": each["number"],
                "way": each["way"],
                "areaM2": each["area_m2"],
                "doneOn": _day(each["done_on"]),
                "whole": each["whole"],
            }
            for each in found.records
        ],
        "warnings": _findings(found.warnings, lang),
        "lookBacks": [due(each) for each in found.look_backs],
    }


def _lawful(found: Lawful, lang: Lang) -> dict[str, Any]:
    return {
        "policy": found.policy.name,
        "since": found.policy.since.isoformat(),
        "earliest": _day(found.earliest),
        "basis": [
            {
                "term": term.name,
                "label": term.label.of(lang),
                "document": term.document,
                "begins": term.begins.isoformat(),
                "ends": term.ends.isoformat(),
                "standard": term.standard,
            }
            for term in found.terms
        ],
        "missing": _findings(found.missing, lang),
        "warnings": _findings(found.warnings, lang),
    }


def _paper(feature: int, paper: Paper) -> dict[str, Any]:
    return {
        "id": feature,
        "number": paper.number,
        "kind": paper.kind.value,
        "datedOn": paper.dated_on.isoformat(),
        "servedHow": paper.served_how.value if paper.served_how else None,
        "servedOn": _day(paper.served_on),
        "deadline": _day(paper.deadline),
        "outcome": paper.outcome.value if paper.outcome else None,
    }


def _findings(findings: Iterable[Finding], lang: Lang) -> list[dict[str, Any]]:
    return [{"rule": each.rule.slug, "detail": each.sentence(lang)} for each in findings]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
