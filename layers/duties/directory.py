"""The address book (通讯录): who answers here, and how to reach them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from gis.formats.rawtable import RawTable
from layers.declaring import codes
from layers.declaring.people import Actor, subtree
from layers.declaring.rights import Right, allowed
from layers.declaring.words import Code
from layers.duties import persons
from layers.held import policies
from layers.refusals.duties import (
    PERSON_AMBIGUOUS,
    PERSON_DETAIL,
    PERSON_GUARDED,
    PERSON_UNMENTIONED,
    UNKNOWN_PERSON,
)
from layers.refusals.imports import COLUMN_MISSING
from layers.schema.accounts import ACCOUNTS, PERSONS, TEXT_LIMIT
from layers.schema.duties import DUTIES

DETAILS = ("unit", "post", "phone")
_TITLES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "姓名", "名字", "人员", "负责人", "联系人"),
    "unit": ("unit", "单位", "工作单位", "所在单位", "部门"),
    "post": ("post", "职务", "职位", "岗位"),
    "division": ("division", "区划代码", "区划"),
    "phone": ("phone", "电话", "手机", "联系电话", "手机号", "手机号码", "联系方式", "电话号码"),
}
# In which column a row's fault is; whatever else is wrong is its code.
_AT_FAULT = {
    PERSON_DETAIL: "phone",
    PERSON_UNMENTIONED: "name",
    PERSON_AMBIGUOUS: "name",
    PERSON_GUARDED: "name",
}
# As people write numbers: +86 138 0000 0000, 0971-8123456 转 12.
_PHONE = re.compile(r"\+?[0-9][0-9 ()（）-]{2,28}(转\s?[0-9]{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Somebody who is known within a reader's ground, and how many duties they have there.

    `amendable` says whether the reader may change the details. A number may open an account
    (`layers.admission.signing_in.by_identity`), so those of somebody with an account are for its
    admins.
    """

    id: int
    name: str
    unit: str | None
    post: str | None
    phone: str | None
    duties: int
    amendable: bool


@dataclass(slots=True)
class Brought:
    """What came of a list: how many people have other details now, how many had them already,
    and the rows that name nobody or somebody unknown."""

    changed: int = 0
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)


def listed(connection: Connection, actor: Actor, *, limit: int, after: int = 0) -> list[Listed]:
    """The people with a duty or an account within the actor's ground, by id."""
    with policies.unrestricted(connection):
        found = connection.execute(
            _people(actor, subtree(actor.division)).where(PERSONS.c.id > after).limit(limit)
        )
        return [Listed(**row) for row in found.mappings()]


def get(connection: Connection, actor: Actor, person_id: int) -> Listed:
    """One of them; Problem(UNKNOWN_PERSON) also for somebody who is known elsewhere alone."""
    with policies.unrestricted(connection):
        row = (
            connection.execute(
                _people(actor, subtree(actor.division)).where(PERSONS.c.id == person_id)
            )
            .mappings()
            .first()
        )
    if row is None:
        raise Problem(UNKNOWN_PERSON, id=person_id)
    return Listed(**row)


def amend(
    connection: Connection, actor: Actor, person_id: int, details: Mapping[str, str | None]
) -> Listed:
    """Give somebody other details; empty ones are taken away.

    Problems: UNKNOWN_PERSON, PERSON_GUARDED, PERSON_DETAIL for a number that is none or a text
    too long.
    """
    _check_amendable(get(connection, actor, person_id))
    checked = {name: checked_detail(name, details[name]) for name in DETAILS if name in details}
    with policies.unrestricted(connection):
        if checked:
            connection.execute(
                sa.update(PERSONS).where(PERSONS.c.id == person_id).values(**checked)
            )
    return get(connection, actor, person_id)


def checked_detail(name: str, value: str | None) -> str | None:
    """A unit, post or phone as it is stored; Problem(PERSON_DETAIL)."""
    text = " ".join((value or "").split())
    if not text:
        return None
    fits = len(text) <= TEXT_LIMIT and text.isprintable()
    if not fits or (name == "phone" and not _PHONE.fullmatch(text)):
        raise Problem(PERSON_DETAIL, value=text[:60], limit=TEXT_LIMIT)
    return text


def bring(connection: Connection, actor: Actor, table: RawTable) -> Brought:
    """Give the people whom a list names the details in it; cells that are empty change nothing.

    The list names people who are known within the actor's ground already, or within the division
    whose code stands in the row: somebody becomes known by a duty. Rows that name nobody known
    or one of several are findings, and nothing of them is stored. Problem(COLUMN_MISSING) without
    a column of names.
    """
    columns = _columns(table)
    brought, known = Brought(), _Known(connection, actor)
    with policies.unrestricted(connection):
        for number, row in enumerate(_rows(table, columns), start=1):
            try:
                changed = _stored(connection, known, row)
            except Problem as problem:
                named = columns.get(_AT_FAULT.get(problem.rule, "division"))
                brought.findings.append(Finding(problem.rule, number, named, problem.values))
            else:
                brought.changed += changed
                brought.unchanged += not changed
    return brought


@dataclass(slots=True)
class _Known:
    """Who is known by a name within the reach of an actor, looked up once for each division."""

    connection: Connection
    actor: Actor
    _found: dict[str | None, dict[str, list[Listed]]] = field(default_factory=dict)

    def called(self, name: str, division: str | None) -> list[Listed]:
        if division not in self._found:
            self._found[division] = self._by_name(division)
        return self._found[division].get(name, [])

    def _by_name(self, division: str | None) -> dict[str, list[Listed]]:
        low, high = subtree(self.actor.division)
        found: dict[str, list[Listed]] = {}
        if division is not None:
            own_low, own_high = _reach(division)
            low, high = max(low, own_low), min(high, own_high)
        for row in self.connection.execute(_people(self.actor, (low, high))).mappings():
            found.setdefault("".join(row["name"].split()), []).append(Listed(**row))
        return found


def _reach(division: str) -> tuple[int, int]:
    wrong = codes.check(Code.DIVISION, division.strip())
    if wrong is not None:
        raise Problem(wrong.rule, **persons.values_of(wrong))
    return subtree(division.strip())


def _stored(connection: Connection, known: _Known, row: Mapping[str, str | None]) -> bool:
    name = "".join((row["name"] or "").split())
    found = known.called(name, row.get("division"))
    if not found:
        raise Problem(PERSON_UNMENTIONED, value=name)
    if len(found) > 1:
        finding = persons.ambiguous(name, [each.id for each in found])
        raise Problem(PERSON_AMBIGUOUS, **persons.values_of(finding))
    given = {
        each: checked_detail(each, told) for each in DETAILS if (told := row.get(each)) is not None
    }
    differing = {
        each: value
        for each, value in given.items()
        if value is not None and value != getattr(found[0], each)
    }
    if differing:
        _check_amendable(found[0])
        statement = sa.update(PERSONS).where(PERSONS.c.id == found[0].id)
        connection.execute(statement.values(**differing))
    return bool(differing)


def _check_amendable(person: Listed) -> None:
    if not person.amendable:
        raise Problem(PERSON_GUARDED, value=person.name)


def _columns(table: RawTable) -> Mapping[str, str]:
    """The column of each detail, and that of the names."""
    plain = {"".join(title.split()).casefold(): title for title in table.columns}
    found = {
        name: next((plain[each] for each in titles if each in plain), None)
        for name, titles in _TITLES.items()
    }
    if found["name"] is None:
        raise Problem(COLUMN_MISSING, name="name", names=", ".join(_TITLES["name"]))
    return {name: title for name, title in found.items() if title is not None}


def _rows(table: RawTable, columns: Mapping[str, str]) -> Iterator[Mapping[str, str | None]]:
    for number in range(len(table.geometries)):
        values = {name: table.columns[title][number] for name, title in columns.items()}
        yield {name: None if value is None else str(value) for name, value in values.items()}


def _people(actor: Actor, reach: tuple[int, int]) -> sa.Select[tuple[object, ...]]:
    there = persons.presence()
    known = sa.select(there.c.person_id).where(there.c.place.between(*reach))
    columns = (*persons.COLUMNS, _duties(reach).label("duties"), _amendable(actor))
    return sa.select(*columns).where(PERSONS.c.id.in_(known)).order_by(PERSONS.c.id)


def _duties(reach: tuple[int, int]) -> sa.ScalarSelect[int]:
    now = sa.func.current_date()
    ends = sa.or_(DUTIES.c.valid_to.is_(None), DUTIES.c.valid_to > now)
    mine = (DUTIES.c.person_id == PERSONS.c.id, DUTIES.c.place.between(*reach))
    held = sa.select(sa.func.count()).where(*mine, DUTIES.c.valid_from <= now, ends)
    return held.correlate(PERSONS).scalar_subquery()


def _amendable(actor: Actor) -> sa.Label[bool]:
    accounts = sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.person_id == PERSONS.c.id)
    if allowed(actor, Right.ADMIN):
        division = sa.cast(ACCOUNTS.c.division, sa.BigInteger)
        accounts = accounts.where(~division.between(*subtree(actor.division)))
    return (~accounts.correlate(PERSONS).exists()).label("amendable")
