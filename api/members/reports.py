"""A report as programs read it."""

from typing import Any

from gis.errors import Lang
from layers.duties.persons import Holder
from layers.reporting.report import Report, Row, Told, ToldSection, ToldTable, Value


def members(report: Report, lang: Lang) -> dict[str, Any]:
    """All that is told, in a reader's language; `records` is where the records of a figure are."""
    period = report.period
    return {
        "title": report.title(lang),
        "period": {
            "name": period.name,
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
        },
        "division": {"code": report.division, "name": report.division_name.of(lang)},
        "made_on": report.made_on.isoformat(),
        "sections": [_section(section, lang) for section in report.sections],
    }


def people(report: Report) -> list[Holder]:
    """Everybody whom it names."""
    return [person for section in report.sections for person in section.people]


def _section(section: ToldSection, lang: Lang) -> dict[str, Any]:
    return {
        "name": section.name,
        "label": section.label.of(lang),
        "figures": [_figure(told, lang) for told in section.figures],
        "tables": [_table(table, lang) for table in section.tables],
        "notes": [note.of(lang) for note in section.notes],
    }


def _figure(told: Told, lang: Lang) -> dict[str, Any]:
    return {
        "name": told.name,
        "label": told.label.of(lang),
        "unit": told.unit.of(lang),
        **_value(told.value),
        "year_to_date": _value(told.to_date),
        "year_before": _value(told.year_before),
    }


def _table(table: ToldTable, lang: Lang) -> dict[str, Any]:
    return {
        "name": table.name,
        "label": table.label.of(lang),
        "columns": [
            {"name": each.name, "label": each.label.of(lang), "unit": each.unit.of(lang)}
            for each in table.columns
        ],
        "rows": [_row(row, lang) for row in table.rows],
        "total": _row(table.total, lang) if table.total else None,
    }


def _row(row: Row, lang: Lang) -> dict[str, Any]:
    return {"title": row.title.of(lang), "values": [_value(value) for value in row.values]}


def _value(value: Value) -> dict[str, Any]:
    return {"value": value.amount, "records": value.records}
