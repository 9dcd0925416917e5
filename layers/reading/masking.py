"""Names and phone numbers for readers who may not have them: enough to recognise, not to use.

Rows are masked where they are selected (`shown`), so that whatever is made of them is: a filter
or a validator cannot tell what the answer hides.
"""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from layers.declaring.people import Actor, Role, subtree
from layers.declaring.words import Field, Layer, Type

# How several names stand in one text.
NAMES_APART = "、"

_KNOWING = frozenset({Role.LEADER, Role.OFFICER, Role.ADMIN})
_HIDDEN = "**"
_SEPARATORS = "、，,;；/／"
# Only ASCII space and the full-width one, so that PostgreSQL and Python see the same.
_SPACE = " \t\r\n\u3000"
_APART = re.compile(rf"[{_SPACE}]*[{_SEPARATORS}][{_SPACE}]*")
_HEAD, _TAIL = 3, 4
_MOBILE_DIGITS = 11
_MOBILE = "^1[0-9]{10}$"

# What a transaction is told of who acts (`layers.declaring.people.Actor.settings`); the machine's
# own acts for nobody. A subquery, so that it is computed once for all rows.
_TOLD = "nullif(current_setting('gridfield.role', true), '')"
MAY_KNOW = sa.literal_column(
    "(SELECT coalesce({}, '{}') IN ({}))".format(
        _TOLD, Role.ADMIN.value, ", ".join(f"'{role.value}'" for role in sorted(_KNOWING))
    ),
    sa.Boolean,
)
"""Whether whoever acts in the transaction may have names and numbers."""


def knows(actor: Actor) -> bool:
    """Whether an actor's role is told names and numbers, within the own division."""
    return actor.role in _KNOWING


def personal(layer: Layer) -> tuple[Field, ...]:
    """The fields of a layer that not everybody may read."""
    return tuple(field for field in (*layer.fields, *layer.computed) if field.personal)


def shown(layer: Layer, rows: sa.FromClause) -> sa.FromClause:
    """Rows of a layer as whoever acts in the transaction may read them: personal values masked.

    Who sees a row at all is row-level security's to say, so that the role decides the rest.
    """
    hidden = veiled(layer, rows)
    if not hidden:
        return rows
    columns = (hidden.get(column.name, column).label(column.name) for column in rows.c)
    return sa.select(*columns).subquery(layer.name)


def veiled(layer: Layer, rows: sa.FromClause) -> Mapping[str, ColumnElement[Any]]:
    """The personal values of rows by the names of their fields, as `shown` has them."""
    return {
        field.name: _veiled(field, rows.c[field.name])
        for field in personal(layer)
        if field.name in rows.c
    }


def _veiled(field: Field, column: ColumnElement[Any]) -> ColumnElement[Any]:
    plain = field.type is Type.TEXT and not (field.choices or field.pattern)
    # A number or a word of a list has no part that tells nothing.
    hidden: ColumnElement[Any] = masked(column) if plain else sa.null()
    return sa.case((MAY_KNOW, column), else_=hidden)


def masked(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text of names or numbers in SQL as `mask_name` and `mask_phone` have it.

    A single name, which is what most are, costs no regular expression.
    """
    bare = sa.func.btrim(text, _SPACE + _SEPARATORS)
    first = sa.func.left(bare, 1, type_=sa.Text)
    mobile = sa.func.concat(sa.func.left(bare, _HEAD), "****", sa.func.right(bare, _TAIL))
    return sa.case(
        (bare == "", ""),
        (sa.func.translate(bare, _SEPARATORS, "") != bare, _each_masked(bare)),
        (sa.and_(first == "1", bare.op("~")(_MOBILE)), mobile),
        else_=first + sa.literal(_HIDDEN),  # not concat(), which makes somebody of nobody
    )


def _each_masked(names: ColumnElement[Any]) -> ColumnElement[Any]:
    between = f"[{_SPACE}]*[{_SEPARATORS}][{_SPACE}{_SEPARATORS}]*"
    apart = sa.func.regexp_replace(names, between, NAMES_APART, "g")
    each = f"([^{NAMES_APART}])[^{NAMES_APART}]*"
    return sa.func.regexp_replace(apart, each, rf"\1{_HIDDEN}", "g")


def may_know(actor: Actor | None, place: int) -> bool:
    """Whether somebody may have the names and numbers of people who answer for a place.

    `place` is a division code as a number, 0 outside all divisions.
    """
    if actor is None or not knows(actor):
        return False
    low, high = subtree(actor.division)
    return low <= place <= high


def names_in(text: str) -> list[str]:
    """The names in a text that may hold several, each once.

    >>> names_in("张三、李四, 张三")
    ['张三', '李四']
    """
    return list(dict.fromkeys(_parts(text)))


def _parts(text: str) -> list[str]:
    return [part for part in _APART.split(text.strip(_SPACE)) if part]


def mask_name(name: str) -> str:
    """The first character of each name; how long it is stays hidden as well.

    >>> mask_name("张三、欧阳海")
    '张**、欧**'
    """
    return NAMES_APART.join(part[0] + _HIDDEN for part in _parts(name))


def mask_phone(phone: str) -> str:
    """The first three and last four digits of a mobile number, the last two of a shorter one.

    >>> mask_phone("13800000001")
    '138****0001'
    >>> mask_phone("0971-8123456")
    '****56'
    """
    digits = re.sub(r"[^0-9]", "", phone)
    if digits.startswith("86") and len(digits) == _MOBILE_DIGITS + 2:
        digits = digits[2:]
    if len(digits) == _MOBILE_DIGITS and digits.startswith("1"):
        return f"{digits[:_HEAD]}****{digits[-_TAIL:]}"
    return f"****{digits[-2:]}" if len(digits) > _TAIL else "****"
