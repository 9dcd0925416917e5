"""The coverage of duties as a workbook: the figures, the divisions, the people, the details."""

from collections.abc import Iterator, Sequence

from gis.errors import Lang
from layers.declaring.words import Label
from layers.duties.coverage import Coverage, Figure
from layers.leaving import workbook
from layers.leaving.workbook import Sheet

_SHEETS = (
    Label("概况", "Summary"),
    Label("各区划", "Divisions"),
    Label("人员", "People"),
    Label("明细", "Details"),
)
_FIGURES = (
    Label("指标", "Figure"),
    Label("数值", "Value"),
    Label("总数", "Total"),
    Label("单位", "Unit"),
    Label("占比 %", "Share %"),
)
_PEOPLE = (
    Label("姓名", "Name"),
    Label("单位", "Unit"),
    Label("职务", "Post"),
    Label("网格", "Fields led"),
    Label("户数", "Households"),
    Label("路段（米）", "Road (m)"),
    Label("未结案件", "Open cases"),
    Label("联点单位", "Units"),
    Label("超出", "Outside the limits"),
)
_DETAILS = (
    Label("指标", "Figure"),
    Label("图层", "Layer"),
    Label("编号", "Id"),
    Label("名称", "Name"),
    Label("区划", "Division"),
    Label("数值", "Amount"),
)
_CODE = (Label("区划代码", "Code"), Label("名称", "Name"))
EXCESS = {
    "fields": Label("网格多", "fields"),
    "households": Label("户数多", "households"),
    "metres": Label("路段长", "road metres"),
    "cases": Label("案件多", "open cases"),
    "few_units": Label("单位少", "too few units"),
    "many_units": Label("单位多", "too many units"),
}


def write(coverage: Coverage, lang: Lang) -> bytes:
    """The workbook in a reader's language."""
    parts = (
        (_heading(_FIGURES, lang), (_summed(figure, lang) for figure in coverage.figures)),
        (_divisions_heading(coverage, lang), _divisions(coverage)),
        (_heading(_PEOPLE, lang), _people(coverage, lang)),
        (_heading(_DETAILS, lang), _details(coverage, lang)),
    )
    return workbook.write(
        Sheet(title.of(lang), heading, rows)
        for title, (heading, rows) in zip(_SHEETS, parts, strict=True)
    )


def _heading(labels: Sequence[Label], lang: Lang) -> list[str]:
    return [label.of(lang) for label in labels]


def _summed(figure: Figure, lang: Lang) -> tuple[object, ...]:
    share = round(100 * figure.share, 1)
    value, total = round(figure.value, 1), round(figure.total, 1)
    return (figure.label.of(lang), value, total, figure.unit.of(lang), share)


def _divisions_heading(coverage: Coverage, lang: Lang) -> list[str]:
    heading = _heading(_CODE, lang)
    for figure in _by_division(coverage):
        heading += [figure.label.of(lang), f"{_FIGURES[2].of(lang)}（{figure.unit.of(lang)}）"]
    return heading


def _divisions(coverage: Coverage) -> Iterator[tuple[object, ...]]:
    for row in coverage.rows:
        pairs = (row.figures[figure.name] for figure in _by_division(coverage))
        yield (row.code, row.name, *(round(number, 1) for pair in pairs for number in pair))


def _by_division(coverage: Coverage) -> list[Figure]:
    names = coverage.rows[0].figures if coverage.rows else {}
    return [figure for figure in coverage.figures if figure.name in names]


def _people(coverage: Coverage, lang: Lang) -> Iterator[tuple[object, ...]]:
    for load in coverage.loads:
        person = load.person
        amounts = (load.fields, load.households, round(load.metres, 1), load.cases, load.units)
        excess = "、".join(EXCESS[name].of(lang) for name in load.excess)
        yield (person.name, person.unit, person.post, *amounts, excess)


def _details(coverage: Coverage, lang: Lang) -> Iterator[tuple[object, ...]]:
    for figure in coverage.figures:
        for item in figure.items:
            place = f"{item.place:012}" if item.place else ""
            amount = round(item.amount, 1)
            yield (figure.label.of(lang), figure.layer, item.id, item.title, place, amount)
