"""Reports as one file each: they open from disk, ask for nothing and can be printed."""

from collections.abc import Mapping, Sequence

import shapely

from gis.belief import Belief
from gis.errors import Lang
from gis.geojson import to_rfc7946
from layers.arriving import report as listing
from layers.arriving.examination import Examination, Report
from layers.declaring.words import Paint
from layers.ground.topology import Inspection
from layers.reporting.report import Report as Statistics
from maps import crs_choices, faults, overlay
from maps.document import Document, Frame, one_file
from maps.drawing import Drawn, DrawnClass
from maps.pages import reports as report_page
from maps.pages import topology as topology_page
from maps.words.wording import words

_STYLES = ("portal.css", "faults.css")
_CHARTED = ("portal.css", "charts.css", "statistics.css")
_MOST_GROUND = 2000
_FINE_DEG = 1e-5  # about a metre: the ground is there for orientation
_GROUND = Paint("#77828E")


def import_report(examined: Examination | Report, lang: Lang) -> str:
    """What was found in a file that was brought, with a map of the places when there are any.

    It holds the values that were refused and is as confidential as the file itself.
    """
    title = words("report", lang)["import_title"]
    findings, counted = examined.findings, listing.counted(examined)
    given = {
        "title": title,
        **_described(examined, lang),
        "rows": counted["rows"],
        "counted": [(state, count) for state, count in counted.items() if state != "rows"],
        "lines": listing.lines(findings, lang),
        "placed": [faults.is_placed(finding) for finding in findings],
        "notes": examined.notes,
        "states": words("import", lang),
    }
    return _file("report_import.html", lang, given, _places(examined, lang))


def topology_report(inspection: Inspection, lang: Lang) -> str:
    """What is wrong with a coverage, with a map of the places when there are any."""
    title = topology_page.title(inspection.layer.label.of(lang), lang)
    given = {"title": title, "inspection": inspection, **topology_page.listed(inspection, lang)}
    placed = any(faults.is_placed(found.finding) for found in inspection.found)
    drawn = (topology_page.drawn(inspection, lang),) if placed else ()
    return _file("report_topology.html", lang, given, drawn)


def statistics(found: Statistics, lang: Lang) -> str:
    """The report of a period, with its charts; its figures lead nowhere from a file."""
    return one_file(
        "report_statistics.html",
        lang,
        {"said": words("statistics", lang), "linked": False, **report_page.given(lang, found)},
        styles=_CHARTED,
        script="charts.js",
    )


def _file(template: str, lang: Lang, given: Mapping[str, object], drawn: Sequence[Drawn]) -> str:
    around = {**given, "r": words("report", lang), "is_mapped": bool(drawn)}
    document = Document(Frame(template, lang, around, below=_STYLES, inline=True))
    if drawn:
        overlay.add_map(document, lang, overlay.Shown(str(given["title"]), drawn))
    return document.rendered().html


def _described(examined: Examination | Report, lang: Lang) -> dict[str, object]:
    if isinstance(examined, Examination):
        return {
            "layer": examined.layer.label.of(lang),
            "name": examined.source.name,
            "facts": _facts(examined.source.belief, lang),
            "suppressed": examined.suppressed,
            "doubts": examined.doubts,
            "gone": examined.gone,
            "gone_count": examined.gone_count,
            "batch": None,
            "dry_run": True,
        }
    return {
        "layer": examined.layer,
        "name": examined.name,
        "facts": _facts(examined.belief, lang),
        "suppressed": max(0, examined.refused - len({f.row for f in examined.findings})),
        "doubts": (),
        "gone": (),
        "gone_count": 0,
        "batch": examined.batch,
        "dry_run": examined.dry_run,
    }


def _facts(belief: Belief, lang: Lang) -> list[tuple[str, str]]:
    """How the file was understood: the name of each belief, and what was believed."""
    said = words("import", lang)
    found = {
        "encoding": belief.encoding and belief.encoding.upper(),
        "part": belief.part,
        "heading": belief.heading and said["heading_row"].format(row=belief.heading),
        "crs": crs_choices.label(belief.crs, lang),
        "datum": words("overlay", lang)[belief.datum.value],
    }
    return [(said[name], str(value)) for name, value in found.items() if value]


def _places(examined: Examination | Report, lang: Lang) -> tuple[Drawn, ...]:
    if not any(faults.is_placed(finding) for finding in examined.findings):
        return ()
    drawn = faults.drawn(examined.findings, lang)
    ground = _ground(examined, lang) if isinstance(examined, Examination) else ()
    return (*ground, drawn)


def _ground(examined: Examination, lang: Lang) -> tuple[Drawn, ...]:
    """The file's own rows as quiet outlines, unless they are too many for a file that is sent."""
    rows = examined.source.frame.geometry.to_numpy()
    if examined.counts.rows > _MOST_GROUND:
        return ()
    said = words("report", lang)
    outlines = shapely.simplify(rows, _FINE_DEG)
    features = [
        {
            "type": "Feature",
            "geometry": to_rfc7946(outline),
            "properties": {"class": "row", "title": f"{said['row']} {row}", "row": row},
        }
        for row, outline in enumerate(outlines, start=1)
        if outline is not None and not outline.is_empty
    ]
    label = said["ground"]
    classes = (DrawnClass("row", label, _GROUND, "outline"),)
    data = {"type": "FeatureCollection", "features": features}
    return (Drawn("rows", label, classes, data=data, geometry=examined.layer.geometry),)
