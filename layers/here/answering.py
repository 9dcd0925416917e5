"""The people who answer for some features on a day, and what a reader may see of both."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.duties import DutyRole, role_named, shown
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.duties import persons
from layers.duties.persons import Holder
from layers.ground.partition import label
from layers.reading.masking import NAMES_APART, mask_name, may_know
from layers.reading.past import Day, rows_on
from layers.schema.accounts import PERSONS
from layers.schema.duties import DUTIES

Target = tuple[str, int]
"""A feature by its layer and id."""

NOTICE_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Somebody who answers for a feature; `until` is the day on which it ends (None: not known)."""

    role: DutyRole
    layer: str
    feature: int
    title: str
    person: Holder
    since: date
    until: date | None
    document: str | None

    def holds(self, day: date) -> bool:
        """Whether the term has this day."""
        return self.since <= day and (self.until is None or self.until > day)


@dataclass(frozen=True, slots=True)
class Known:
    """Features by target: their properties with `id`, what they are called, and the terms that
    hold on the day or begin soon after, by their beginning."""

    features: Mapping[Target, dict[str, Any]]
    titles: Mapping[Target, str]
    terms: Mapping[Target, Sequence[Answering]]


def gather(  # noqa: PLR0913  what, when, for whom
    connection: Connection,
    wanted: Mapping[str, Collection[int]],
    layers: Mapping[str, Layer],
    *,
    on: date,
    ground_of: date | None,
    is_today: bool,
    actor: Actor | None,
) -> Known:
    """What is known of these features on a day, masked where `actor` may not know it.

    The features are those of the end of the day `ground_of`, None for those of now. On another day
    than today, the columns with names say who it is then.
    """
    described = _described(connection, wanted, layers, ground_of)
    open_to = {target for target, (place, _, _) in described.items() if may_know(actor, place)}
    titles = {target: title for target, (_, title, _) in described.items()}
    terms: dict[Target, list[Answering]] = defaultdict(list)
    for target, term in _terms(connection, titles, on):
        shown_as = term.person if target in open_to else term.person.hidden()
        terms[target].append(replace(term, person=shown_as))
    features = {}
    for target, (_, _, values) in described.items():
        layer = layers[target[0]]
        if not is_today:
            values.update(_names_on(layer, terms.get(target, ()), on))
        features[target] = values if target in open_to else _hidden(layer, values)
    return Known(features, titles, terms)


def _described(
    connection: Connection,
    wanted: Mapping[str, Collection[int]],
    layers: Mapping[str, Layer],
    on: date | None,
) -> dict[Target, tuple[int, str, dict[str, Any]]]:
    """Where each feature is, what it is called, and its properties with `id`."""
    asked: dict[str, object] = {name: sorted(wanted.get(name, ())) for name in layers}
    if on is not None:
        asked["on"] = on
    described = _description(tuple(layers.values()), in_past=on is not None)
    found = connection.execute(described, asked)
    return {
        (name, feature): (place, title, {"id": feature, **values})
        for name, feature, place, title, values in found
    }


@cache  # to put it together takes longer than to run it
def _description(layers: tuple[Layer, ...], *, in_past: bool) -> sa.CompoundSelect[Any]:
    """Features of these layers; the ids are bound under the names of the layers, a day in the past
    as `on`."""
    on = sa.bindparam("on", type_=sa.Date) if in_past else None
    return sa.union_all(*(_properties(layer, on) for layer in layers))


def _properties(layer: Layer, on: Day | None) -> sa.Select[Any]:
    rows = rows_on(layer, on)
    fields = sa.select(*(rows.c[field.name] for field in layer.fields)).correlate(rows)
    values = sa.select(sa.func.row_to_json(sa.text("f"), type_=sa.JSON)).select_from(
        fields.subquery("f")
    )
    ids = sa.bindparam(layer.name, type_=sa.ARRAY(sa.BigInteger))
    return sa.select(
        sa.literal(layer.name, sa.Text),
        rows.c.id,
        rows.c.place,
        label(layer, rows),
        values.scalar_subquery(),
    ).where(rows.c.id == sa.any_(ids))


def _terms(
    connection: Connection, titles: Mapping[Target, str], on: date
) -> Iterator[tuple[Target, Answering]]:
    """The duties of these features that hold on the day or begin within NOTICE_DAYS."""
    told = {
        "layers": [layer for layer, _ in titles],
        "features": [feature for _, feature in titles],
        "on": on,
        "soon": on + timedelta(days=NOTICE_DAYS),
    }
    found = connection.execute(_terms_statement(), told)
    for role, layer, feature, since, until, document, *person in found:
        target = (layer, feature)
        yield (
            target,
            Answering(
                role=role_named(role),
                layer=layer,
                feature=feature,
                title=titles[target],
                person=persons.holder(person),
                since=since,
                until=until,
                document=document,
            ),
        )


@cache
def _terms_statement() -> sa.Select[Any]:
    arrays = (
        sa.bindparam("layers", type_=sa.ARRAY(sa.Text)),
        sa.bindparam("features", type_=sa.ARRAY(sa.BigInteger)),
    )
    columns = (sa.column("layer", sa.Text), sa.column("feature", sa.BigInteger))
    targets = sa.func.unnest(*arrays).table_valued(*columns, name="targets").render_derived()
    own = ("role", "layer", "feature", "valid_from", "valid_to", "document")
    same = sa.and_(DUTIES.c.layer == targets.c.layer, DUTIES.c.feature == targets.c.feature)
    ends_later = sa.or_(DUTIES.c.valid_to.is_(None), DUTIES.c.valid_to > sa.bindparam("on"))
    return (
        sa.select(*(DUTIES.c[name] for name in own), *persons.COLUMNS)
        .select_from(targets)
        .join(DUTIES, same)
        .join(PERSONS, PERSONS.c.id == DUTIES.c.person_id)
        .where(DUTIES.c.valid_from <= sa.bindparam("soon"), ends_later)
        .order_by(DUTIES.c.valid_from, DUTIES.c.id)
    )


def _names_on(layer: Layer, terms: Sequence[Answering], on: date) -> dict[str, str | None]:
    """What the columns for duties would have said on a day."""
    found: dict[str, str | None] = {}
    for field, role in shown(layer):
        names = [term.person.name for term in terms if term.role == role and term.holds(on)]
        found[field.name] = NAMES_APART.join(names) or None
    return found


def _hidden(layer: Layer, values: Mapping[str, Any]) -> dict[str, Any]:
    personal = {field.name for field in layer.fields if field.personal}
    return {
        name: mask_name(value) if name in personal and isinstance(value, str) else value
        for name, value in values.items()
    }
