"""The people who answer for some features on a day, and what a reader may see of both."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
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

Described = Mapping[Target, tuple[int, str, dict[str, Any]]]
"""Where each feature is, what it is called, and its properties with `id`."""

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
    terms = _terms(connection, described, on)
    return known(described, terms, layers, on=on, is_today=is_today, actor=actor)


def known(  # noqa: PLR0913  of what, when, for whom
    described: Described,
    found: Iterable[Sequence[Any]],
    layers: Mapping[str, Layer],
    *,
    on: date,
    is_today: bool,
    actor: Actor | None,
) -> Known:
    """The same of features that have been read, and of their terms as `terms_of` selects them."""
    open_to = {target for target, (place, _, _) in described.items() if may_know(actor, place)}
    titles = {target: title for target, (_, title, _) in described.items()}
    terms: dict[Target, list[Answering]] = defaultdict(list)
    for target, term in _answering(found, titles):
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
) -> Described:
    asked: dict[str, object] = {name: sorted(wanted.get(name, ())) for name in layers}
    if on is not None:
        asked["on"] = on
    described = _description(tuple(layers.values()), in_past=on is not None)
    return as_described(connection.execute(described, asked))


def as_described(found: Iterable[Sequence[Any]]) -> Described:
    """From rows as `properties_of` selects them."""
    return {
        (name, feature): (place, title, {"id": feature, **values})
        for name, feature, place, title, values in found
    }


@cache  # to put it together takes longer than to run it
def _description(layers: tuple[Layer, ...], *, in_past: bool) -> sa.CompoundSelect[Any]:
    """Features of these layers; the ids are bound under the names of the layers, a day in the past
    as `on`."""
    on = sa.bindparam("on", type_=sa.Date) if in_past else None
    ids = {layer: sa.bindparam(layer.name, type_=sa.ARRAY(sa.BigInteger)) for layer in layers}
    return sa.union_all(*(properties_of(layer, ids[layer], on) for layer in layers))


def properties_of(layer: Layer, ids: ColumnElement[Any], on: Day | None = None) -> sa.Select[Any]:
    """Layer, id, place, title and properties of the features with these ids (an array)."""
    rows = rows_on(layer, on)
    fields = sa.select(*(rows.c[field.name] for field in layer.fields)).correlate(rows)
    values = sa.select(sa.func.row_to_json(sa.text("f"), type_=sa.JSON)).select_from(
        fields.subquery("f")
    )
    return sa.select(
        sa.literal(layer.name, sa.Text),
        rows.c.id,
        rows.c.place,
        label(layer, rows),
        values.scalar_subquery(),
    ).where(rows.c.id == sa.any_(ids))


def _terms(
    connection: Connection, targets: Collection[Target], on: date
) -> Iterable[Sequence[Any]]:
    """The duties of these features that hold on the day or begin within NOTICE_DAYS."""
    told = {
        "layers": [layer for layer, _ in targets],
        "features": [feature for _, feature in targets],
        "on": on,
    }
    return connection.execute(_terms_statement(), told)


def _answering(
    found: Iterable[Sequence[Any]], titles: Mapping[Target, str]
) -> Iterator[tuple[Target, Answering]]:
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
    layers = sa.bindparam("layers", type_=sa.ARRAY(sa.Text))
    features = sa.bindparam("features", type_=sa.ARRAY(sa.BigInteger))
    return terms_of(layers, features, sa.bindparam("on", type_=sa.Date))


def terms_of(
    layers: ColumnElement[Any], features: ColumnElement[Any], on: ColumnElement[date]
) -> sa.Select[Any]:
    """Role, layer, feature, both days, document and person of the duties of some features (arrays)
    that hold on the day or begin within NOTICE_DAYS."""
    columns = (sa.column("layer", sa.Text), sa.column("feature", sa.BigInteger))
    targets = sa.func.unnest(layers, features).table_valued(*columns, name="targets")
    targets = targets.render_derived()
    own = ("role", "layer", "feature", "valid_from", "valid_to", "document")
    same = sa.and_(DUTIES.c.layer == targets.c.layer, DUTIES.c.feature == targets.c.feature)
    ends_later = sa.or_(DUTIES.c.valid_to.is_(None), DUTIES.c.valid_to > on)
    soon = sa.cast(on, sa.Date) + sa.literal_column(str(NOTICE_DAYS), sa.Integer)
    return (
        sa.select(*(DUTIES.c[name] for name in own), *persons.COLUMNS)
        .select_from(targets)
        .join(DUTIES, same)
        .join(PERSONS, PERSONS.c.id == DUTIES.c.person_id)
        .where(DUTIES.c.valid_from <= soon, ends_later)
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
