"""How the features of a layer divide the ground among themselves, or are divisions of it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Features that cover ground exactly once, division by division.

    `field` holds the code of the division that a feature belongs to, `of` is the layer of these
    divisions. Features whose field `kind` has the value `special` may lie over the others where
    the division's field `special_policy` has the value "over"; elsewhere they are cut out of them.
    """

    field: str
    of: str
    kind: str
    special: str


class Level(StrEnum):
    """The levels of a division that a field of that name may have as choices."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """Divisions within divisions, which their codes say too.

    The field `code` names a division and `parent` the one above it; the choices of the field
    `level` are values of `Level`.
    """

    code: str
    level: str
    parent: str
