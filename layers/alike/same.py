"""Records that are the same matter: one stays the main record, the others are told with it.

Said by people, taken back by people, and never deleted; seen by those who see both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.alike.near import Near
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.held.policies import unrestricted
from layers.held.same import LOCK_LAYER
from layers.reading import chronicle
from layers.reading.masking import shown
from layers.refusals.alike import (
    SAME_BEYOND,
    SAME_CHAIN,
    SAME_GONE,
    SAME_MAIN,
    SAME_SELF,
    SAME_TAKEN,
)
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.submissions import LAYER_NOT_LOGGED
from layers.schema.same import SAME_AS
from layers.schema.tables import table

_LOCKED = sa.text(f"SELECT {LOCK_LAYER.format(':layer')}")


@dataclass(frozen=True, slots=True)
class Same:
    """`feature` is the same as the main record `main`; who said so, as far as the reader may know,
    and when."""

    feature: int
    title: str
    main: int
    main_title: str
    at: datetime
    account: int | None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a record is the same as, and what is the same as it; at most one of both."""

    main: Same | None = None
    others: tuple[Same, ...] = ()


ALONE = Standing()


# --- asking ---------------------------------------------------------------------------------------
def standings(
    connection: Connection, layer: Layer, features: Collection[int]
) -> Mapping[int, Standing]:
    """How each of these records stands, as far as whoever asks sees both ends."""
    if layer.logged is None or not features:
        return {}
    found = [
        Same(row.feature, row.title, row.main, row.main_title, row.at, row.account)
        for row in connection.execute(_of_features(layer), {"features": sorted(features)})
    ]
    wanted = frozenset(features)
    known = {each.feature: Standing(main=each) for each in found if each.feature in wanted}
    for each in found:
        if each.main in wanted:
            before = known.get(each.main, ALONE)
            known[each.main] = replace(before, others=(*before.others, each))
    return known


def standing(connection: Connection, layer: Layer, feature: int, actor: Actor) -> Standing:
    """How one record stands, with the names of those who said so."""
    found = standings(connection, layer, [feature]).get(feature, ALONE)
    listed = [*found.others, *([found.main] if found.main else [])]
    accounts = {each.account for each in listed if each.account}
    names = chronicle.authors(connection, accounts, actor)

    def named(each: Same) -> Same:
        return replace(each, author=names.get(each.account))

    main = found.main and named(found.main)
    return Standing(main, tuple(named(each) for each in found.others))


def is_told_elsewhere(layer: Layer, rows: sa.FromClause) -> ColumnElement[bool]:
    """Whether a record is the same as another that whoever asks sees: it is counted there.

    Whose main record is gone, or lies beyond the reader's ground, is counted itself: otherwise
    nobody here would have it.
    """
    words, main = SAME_AS.alias(), table(layer).alias()
    return sa.exists(
        sa.select(sa.literal(1))
        .select_from(words.join(main, main.c.id == words.c.main))
        .where(words.c.layer == layer.name, words.c.feature == rows.c.id)
        .where(words.c.holds, _is_last(words))
        .correlate(rows)
    )


def told_elsewhere(connection: Connection, layer: Layer) -> Sequence[int]:
    """The records of which `is_told_elsewhere` is true, in their order."""
    if layer.logged is None:
        return ()
    rows = SAME_AS.alias("words_of").c
    some = sa.select(rows.feature.label("id")).where(rows.layer == layer.name).distinct().subquery()
    wanted = sa.select(some.c.id).where(is_told_elsewhere(layer, some)).order_by(some.c.id)
    return connection.scalars(wanted).all()


def _is_last(words: sa.FromClause) -> ColumnElement[bool]:
    later = SAME_AS.alias()
    same = sa.and_(later.c.layer == words.c.layer, later.c.feature == words.c.feature)
    after = sa.select(sa.literal(1)).where(same, later.c.number > words.c.number)
    return ~sa.exists(after.correlate(words))


@cache
def _of_features(layer: Layer) -> sa.Select[Any]:
    """What holds of `features` at either end, where both ends are there."""
    rows, main = (shown(layer, table(layer)).alias(name) for name in ("of_feature", "of_main"))
    ids = sa.bindparam("features", type_=sa.ARRAY(sa.BigInteger))
    words = SAME_AS.alias("words")
    return (
        sa.select(words.c.feature, words.c.main, words.c.at, words.c.account)
        .add_columns(_title(layer, rows).label("title"), _title(layer, main).label("main_title"))
        .select_from(
            words.join(rows, rows.c.id == words.c.feature).join(main, main.c.id == words.c.main)
        )
        .where(words.c.layer == layer.name, words.c.holds, _is_last(words))
        .where(sa.or_(words.c.feature == sa.any_(ids), words.c.main == sa.any_(ids)))
        .order_by(words.c.number)
    )


def _title(layer: Layer, rows: sa.FromClause) -> ColumnElement[str]:
    nameless = sa.func.concat("#", rows.c.id, type_=sa.Text)
    named = sa.cast(rows.c[layer.title], sa.Text) if layer.title else sa.null()
    return sa.func.coalesce(named, nameless, type_=sa.Text)


# --- saying ---------------------------------------------------------------------------------------
def mark(connection: Connection, layer: Layer, feature: int, main: int) -> bool:
    """Say that a record is the same as the main record `main`; whether that is new.

    Problems LAYER_NOT_LOGGED, UNKNOWN_FEATURE, SAME_SELF, SAME_TAKEN where it is the same as
    another, SAME_CHAIN where that one is none itself, SAME_MAIN where others are the same as it,
    and SAME_BEYOND where that is so with a record that whoever acts does not see.
    """
    _begun(connection, layer, feature, main)
    if feature == main:
        raise Problem(SAME_SELF)
    found = standings(connection, layer, [feature, main])
    own, other = found.get(feature, ALONE), found.get(main, ALONE)
    if own.main and own.main.main == main:
        return False
    _refuse(own, other)
    _let_go(connection, layer, feature, main)
    if _is_bound(connection, layer, feature, main):
        raise Problem(SAME_BEYOND)
    _say(connection, layer, feature, main, holds=True)
    return True


def unmark(connection: Connection, layer: Layer, feature: int, main: int) -> None:
    """Take back that a record is the same as `main`.

    Problems LAYER_NOT_LOGGED, UNKNOWN_FEATURE, and SAME_GONE where that is not (or no more) so.
    """
    _begun(connection, layer, feature, main)
    own = standings(connection, layer, [feature]).get(feature, ALONE).main
    if own is None or own.main != main:
        raise Problem(SAME_GONE, id=feature, main=main)
    _say(connection, layer, feature, main, holds=False)


def _begun(connection: Connection, layer: Layer, *features: int) -> None:
    """One at a time from here on, and both are there."""
    if layer.logged is None:
        raise Problem(LAYER_NOT_LOGGED, layer=layer.name)
    connection.execute(_LOCKED, {"layer": layer.name})
    rows = table(layer)
    seen = set(connection.scalars(sa.select(rows.c.id).where(rows.c.id.in_(features))))
    for feature in features:
        if feature not in seen:
            raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)


def _refuse(own: Standing, other: Standing) -> None:
    """A circle or a chain, as far as whoever acts sees one."""
    if own.main:
        raise Problem(SAME_TAKEN, title=own.main.title, main=own.main.main_title)
    if own.others:
        raise Problem(SAME_MAIN, title=own.others[0].main_title, count=len(own.others))
    if other.main:
        raise Problem(SAME_CHAIN, title=other.main.title, main=other.main.main_title)


def _say(connection: Connection, layer: Layer, feature: int, main: int, *, holds: bool) -> None:
    values = {"layer": layer.name, "feature": feature, "main": main, "holds": holds}
    connection.execute(sa.insert(SAME_AS).inline().values(values))


def _touching(layer: Layer, feature: int, main: int) -> ColumnElement[bool]:
    """What would make a chain of it."""
    words = SAME_AS.c
    own = sa.or_(words.feature.in_([feature, main]), words.main == feature)
    return sa.and_(words.layer == layer.name, own, words.holds, _is_last(SAME_AS))


def _let_go(connection: Connection, layer: Layer, feature: int, main: int) -> None:
    """Take back what binds one of the two to a record that is no more, whoever said so."""
    rows = table(layer)
    ends = sa.select(sa.func.count()).where(rows.c.id.in_([SAME_AS.c.feature, SAME_AS.c.main]))
    gone = ends.correlate(SAME_AS).scalar_subquery() < 2
    bound = sa.select(SAME_AS.c.feature, SAME_AS.c.main).where(_touching(layer, feature, main))
    with unrestricted(connection):
        for each in connection.execute(bound.where(gone)).all():
            _say(connection, layer, each.feature, each.main, holds=False)


def _is_bound(connection: Connection, layer: Layer, feature: int, main: int) -> bool:
    """Whether there is still something, which whoever acts does not see."""
    wanted = sa.exists(sa.select(sa.literal(1)).where(_touching(layer, feature, main)))
    with unrestricted(connection):
        return bool(connection.scalar(sa.select(wanted)))


# --- suggesting -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be said to be the same, and which of them would stay the main one."""

    feature: int
    main: int
    title: str
    main_title: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is likely the same as a record, and what may be said of the two, if anything."""

    near: Near
    pair: Pair | None


def suggestions(
    feature: int, title: str, near: Sequence[Near], known: Mapping[int, Standing]
) -> tuple[Suggestion, ...]:
    """What is likely the same as a record and not said yet, without what is told with another;
    nothing where that is so of the record itself.

    The main record of several stays it, else the one that was there first.
    """
    own = known.get(feature, ALONE)
    if own.main:
        return ()
    said = {each.feature for each in own.others}
    return tuple(
        Suggestion(each, _pair(feature, title, each, known))
        for each in near
        if each.id not in said and known.get(each.id, ALONE).main is None
    )


def _pair(feature: int, title: str, other: Near, known: Mapping[int, Standing]) -> Pair | None:
    own_is_main, is_main = (bool(known.get(n, ALONE).others) for n in (feature, other.id))
    if own_is_main and is_main:
        return None
    if own_is_main or (not is_main and feature < other.id):
        return Pair(other.id, feature, other.title, title)
    return Pair(feature, other.id, title, other.title)


def concerned(features: Iterable[int], near: Mapping[int, Sequence[Near]]) -> set[int]:
    """The records whose standing has to be known to suggest something of these."""
    return {*features, *(each.id for found in near.values() for each in found)}
