"""Which accounts are meant by the words of the declared table: SQL over accounts and history."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.declaring.people import EVERYWHERE
from layers.declaring.rights import RIGHTS, Right
from layers.ground.division_names import upwards
from layers.notices.declared import Telling, Whom
from layers.reading.masking import names_in
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.cases import CASES, STEPS
from layers.schema.duties import DUTIES, held_on
from layers.schema.submissions import SUBMISSIONS
from layers.schema.tables import table
from layers.thematic import grid_fields

_LEADS = "grid_leader"
_OVERSEEING = [role.value for role, rights in RIGHTS.items() if Right.OVERSEE in rights]
_FIELDS = table(grid_fields.LAYER)
_ACCOUNT = ACCOUNTS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is told, as far as it says who is meant: `holder` is the person of a duty."""

    layer: str
    feature: int
    place: int
    holder: int | None = None
    handler: int | None = None
    handler_name: str | None = None
    leader: str | None = None
    field: str | None = None


def of_case(connection: Connection, layer: str, feature: int) -> About | None:
    """What is known of a case now; None when there is no such case any more."""
    names = ("layer", "feature", "place", "handler", "handler_name", "leader", "field")
    which = (CASES.c.layer == layer, CASES.c.feature == feature)
    row = connection.execute(sa.select(*(CASES.c[n] for n in names)).where(*which)).one_or_none()
    return None if row is None else About(**row._asdict())


def audience(connection: Connection, about: About, telling: Telling, doer: int | None) -> set[int]:
    """The accounts that are told: enabled, not the doer's own, and theirs is the ground."""
    found = _accounts(connection, about, telling.to)
    if not found - {doer}:
        found = _accounts(connection, about, telling.otherwise)
    return found - {doer}


def _accounts(connection: Connection, about: About, whom: Iterable[Whom]) -> set[int]:
    meant = [_MEANT[each](about) for each in whom]
    if not meant:
        return set()
    found = (
        sa.select(_ACCOUNT.id)
        .join(PERSONS, PERSONS.c.id == _ACCOUNT.person_id)
        .where(_reach(about.place), sa.or_(*meant))
    )
    return set(connection.scalars(found))


def _reach(place: int) -> ColumnElement[bool]:
    """That an account may be used, and reaches over a place."""
    around = sorted(upwards(place) | {EVERYWHERE})
    return sa.and_(_ACCOUNT.disabled_at.is_(None), _ACCOUNT.division.in_(around))


def _named(text: str | None) -> ColumnElement[bool]:
    return PERSONS.c.name.in_(names_in(text or ""))


def _handler(about: About) -> ColumnElement[bool]:
    return sa.or_(_named(about.handler_name), _ACCOUNT.person_id == about.handler)


def _leader(about: About) -> ColumnElement[bool]:
    """By duty; by name where the record lies in no field that is known."""
    if about.field is None:
        return _named(about.leader)
    today = sa.func.current_date()
    holders = (
        sa.select(DUTIES.c.person_id)
        .join(_FIELDS, _FIELDS.c.id == DUTIES.c.feature)
        .where(
            DUTIES.c.layer == grid_fields.LAYER.name,
            DUTIES.c.role == _LEADS,
            _FIELDS.c.code == about.field,
            held_on(DUTIES, today),
        )
    )
    return _ACCOUNT.person_id.in_(holders)


def _doer_of(*transitions: str) -> Callable[[About], ColumnElement[bool]]:
    """Who took one of these steps last."""

    def condition(about: About) -> ColumnElement[bool]:
        own = (STEPS.c.layer == about.layer, STEPS.c.feature == about.feature)
        last = (
            sa.select(STEPS.c.account)
            .where(*own, STEPS.c.transition.in_(transitions))
            .order_by(STEPS.c.ordinal.desc())
            .limit(1)
        )
        return _ACCOUNT.id == last.scalar_subquery()

    return condition


def _doers(about: About) -> ColumnElement[bool]:
    own = (STEPS.c.layer == about.layer, STEPS.c.feature == about.feature)
    return _ACCOUNT.id.in_(sa.select(STEPS.c.account).where(*own))


def _reporter(about: About) -> ColumnElement[bool]:
    own = (SUBMISSIONS.c.layer == about.layer, SUBMISSIONS.c.feature == about.feature)
    return _ACCOUNT.id.in_(sa.select(SUBMISSIONS.c.account).where(*own))


def _overseers(about: About) -> ColumnElement[bool]:
    """Not all the way up: those of the deepest division around it that has any."""
    oversees = _ACCOUNT.role.in_(_OVERSEEING)
    others = ACCOUNTS.alias()
    depth = sa.func.length(sa.func.rtrim(others.c.division, "0"))
    deepest = (
        sa.select(sa.func.max(depth))
        .where(
            others.c.disabled_at.is_(None),
            others.c.role.in_(_OVERSEEING),
            others.c.division.in_(sorted(upwards(about.place) | {EVERYWHERE})),
        )
        .scalar_subquery()
    )
    own_depth = sa.func.length(sa.func.rtrim(_ACCOUNT.division, "0"))
    return sa.and_(oversees, own_depth == deepest)


def _holder(about: About) -> ColumnElement[bool]:
    return _ACCOUNT.person_id == about.holder


_MEANT: Mapping[Whom, Callable[[About], ColumnElement[bool]]] = {
    Whom.HANDLER: _handler,
    Whom.LEADER: _leader,
    Whom.ASSIGNER: _doer_of("assign"),
    Whom.ASKER: _doer_of("request_extension"),
    Whom.REPORTER: _reporter,
    Whom.OVERSEERS: _overseers,
    Whom.DOERS: _doers,
    Whom.HOLDER: _holder,
}
