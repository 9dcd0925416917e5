"""What edits and imports leave to the workflow: the state of a case that is stored."""

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding
from layers.declaring.words import Layer
from layers.refusals.cases import CASE_BY_TRANSITION
from layers.schema.cases import STEPS
from layers.schema.tables import table
from layers.schema.versions import CHANGES

Ids = Iterable[int]


def redecided(
    connection: Connection, layer: Layer, puts: Mapping[int, Mapping[str, object]]
) -> Iterator[tuple[int, Finding]]:
    """The features that would be given another state by these records, and the field at fault."""
    names = guarded(layer)
    if not names or not puts:
        return
    rows = table(layer)
    columns = (rows.c.id, *(rows.c[name] for name in names))
    wanted = rows.c.id == sa.any_(sa.literal(list(puts), sa.ARRAY(sa.BigInteger)))
    for feature, *stored in connection.execute(sa.select(*columns).where(wanted)):
        for name, was in zip(names, stored, strict=True):
            if puts[feature].get(name) != was:
                yield feature, fault(layer, name)


def guarded(layer: Layer) -> tuple[str, ...]:
    """The fields of stored records that only steps change; none without a workflow."""
    return layer.workflow.guarded if layer.workflow else ()


def fault(layer: Layer, name: str, row: int | None = None, column: str | None = None) -> Finding:
    """That a field changes by steps alone."""
    label = layer.field(name).label
    values = {"label": label.en, "label_zh": label.zh}
    return Finding(CASE_BY_TRANSITION, row, column or name, values)


def stepped(connection: Connection, layer: Layer, number: int, features: Ids) -> bool:
    """Whether a change of the history was a step of one of these features."""
    if layer.workflow is None:
        return False
    change = sa.select(CHANGES.c.transaction).where(CHANGES.c.number == number).scalar_subquery()
    ids = sa.any_(sa.literal(list(features), sa.ARRAY(sa.BigInteger)))
    which = (STEPS.c.layer == layer.name, STEPS.c.feature == ids, STEPS.c.transaction == change)
    own = sa.select(STEPS.c.ordinal).where(*which, ~STEPS.c.brought)
    return bool(connection.scalar(sa.select(own.exists())))
