"""What is wrong with the records of a partition: owners, codes, order, invalid geometries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis import geometry
from gis.errors import Finding, Rule
from gis.fault import Severity
from layers.declaring import codes
from layers.declaring.words import Code, Field
from layers.ground.partition import Division, Parts, Reader
from layers.ground.placement import Site
from layers.refusals.ground import (
    CODE_MISPLACED,
    CODE_ORDER,
    CODE_UNKNOWN,
    PART_INVALID,
    PART_UNOWNED,
)

_DIVISION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Flaw:
    """One of them; `parts` are those that it is about, `ground` is where they lie."""

    kind: str
    severity: Severity
    rule: Rule
    parts: Parts
    ground: BaseGeometry
    values: Mapping[str, object]

    @property
    def finding(self) -> Finding:
        inside = shapely.point_on_surface(self.ground)
        about = {
            "polygons": ", ".join(self.parts.labels),
            "lon": f"{inside.x:.7f}",
            "lat": f"{inside.y:.7f}",
        }
        return Finding(self.rule, values={**about, **self.values}, geometry=self.ground)


def flaws(reader: Reader, site: Site, misplaced: Mapping[int, Division]) -> Iterator[Flaw]:
    """All of them, among the parts that were asked for."""
    yield from _invalid(site)
    yield from _unowned(reader, site)
    numbered = codes.numbered(reader.layer)
    given = reader.column(numbered, site.parts) if numbered else [None] * len(site.parts.rows)
    texts = [None if code is None else str(code) for code in given]
    yield from _misplaced(reader, site, misplaced, texts)
    yield from _unordered(site, texts)


def _flaw(
    site: Site, positions: list[int], kind: str, severity: Severity, rule: Rule, **values: object
) -> Flaw:
    parts = site.parts.at(np.array(positions))
    return Flaw(kind, severity, rule, parts, shapely.union_all(parts.geometries), values)


def _named(field: Field) -> dict[str, object]:
    return {"column": field.label.en, "column_zh": field.label.zh}


# --- each of them ---------------------------------------------------------------------------------
def _invalid(site: Site) -> Iterator[Flaw]:
    for n, found in geometry.check_all(site.invalid.geometries, ("Polygon", "MultiPolygon")):
        ground = shapely.make_valid(site.invalid.geometries[n])
        parts = site.invalid.at(np.array([n]))
        yield Flaw("invalid", Severity.ERROR, PART_INVALID, parts, ground, found.values)


def _unowned(reader: Reader, site: Site) -> Iterator[Flaw]:
    name = reader.layer.style.alert_without
    if name is None:
        return
    owners = reader.column(name, site.parts)
    for n in np.flatnonzero(site.is_member).tolist():
        if owners[n] is None or owners[n] == "":
            field = _named(reader.layer.field(name))
            yield _flaw(site, [n], "unowned", Severity.WARNING, PART_UNOWNED, **field)


def _misplaced(
    reader: Reader, site: Site, misplaced: Mapping[int, Division], texts: list[str | None]
) -> Iterator[Flaw]:
    """One for each part: its division or its code names another division than where it lies."""
    if not site.tree.divisions:
        return
    belongs = reader.layer.field(reader.partition.field)
    numbered = codes.numbered(reader.layer)
    for n in np.flatnonzero(site.is_member).tolist():
        division, code = site.parts.rows[n].division, _division_of(texts[n])
        stated = site.tree.divisions.get(division or "")
        place = misplaced.get(n) or stated or site.leaf[n]
        if n in misplaced:
            yield _elsewhere(site, n, belongs, division, place)
        elif division is not None and stated is None:
            yield _unheard(site, n, belongs, division)
        elif numbered and code is not None and code not in site.tree.divisions:
            yield _unheard(site, n, reader.layer.field(numbered), texts[n])
        elif numbered and code and place and not site.tree.are_related(code, place.code):
            yield _elsewhere(site, n, reader.layer.field(numbered), texts[n], place)


def _elsewhere(site: Site, n: int, field: Field, value: str | None, place: Division | None) -> Flaw:
    where = "-" if place is None else f"{place.name} {place.code}"
    values = {**_named(field), "value": value, "place": where}
    return _flaw(site, [n], "code-misplaced", Severity.ERROR, CODE_MISPLACED, **values)


def _unheard(site: Site, n: int, field: Field, value: str | None) -> Flaw:
    values = {**_named(field), "value": value}
    return _flaw(site, [n], "code-unknown", Severity.WARNING, CODE_UNKNOWN, **values)


def _unordered(site: Site, texts: list[str | None]) -> Iterator[Flaw]:
    """One for each division, with all its parts that are out of order."""
    wrong: dict[str, list[tuple[int, str]]] = {}
    for n, wanted in codes.misnumbered(texts, site.parts.geometries):
        if site.is_member[n]:
            wrong.setdefault(wanted[:_DIVISION_DIGITS], []).append((n, wanted))
    for code, found in wrong.items():
        first, wanted = found[0]
        stored = site.tree.divisions.get(code)
        values = {
            "polygons": site.parts.rows[first].label,
            "place": f"{stored.name} {code}" if stored else code,
            "count": len(found),
            "found": texts[first],
            "wanted": wanted,
        }
        positions = [n for n, _ in found]
        yield _flaw(site, positions, "code-order", Severity.NOTICE, CODE_ORDER, **values)


def _division_of(code: str | None) -> str | None:
    """The division in a right grid code."""
    if code is None or codes.check(Code.GRID, code) is not None:
        return None
    return code[:_DIVISION_DIGITS]
