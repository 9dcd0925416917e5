"""Who acts: a role, and the ground that it reaches over."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

EVERYWHERE = "000000000000"
# Where a code of the national statistics may end: province, city, county, street, community.
_LEVELS = (0, 2, 4, 6, 9)


class Role(StrEnum):
    """What a person is here; what each may do stands in `layers.declaring.rights`."""

    VIEWER = "viewer"
    INSPECTOR = "inspector"
    LEADER = "leader"
    OFFICER = "officer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks or changes, in what role and within which division; `source` is the way in."""

    account_id: int | None
    person_id: int | None
    name: str
    role: Role
    division: str
    source: str

    def settings(self) -> Mapping[str, str]:
        """What the database is told of the actor for the length of a transaction."""
        low, high = subtree(self.division)
        return {
            "gridfield.lo": str(low),
            "gridfield.hi": str(high),
            "gridfield.role": self.role.value,
            "gridfield.account": "" if self.account_id is None else str(self.account_id),
            "gridfield.source": self.source,
        }


SYSTEM = Actor(
    account_id=None,
    person_id=None,
    name="system",
    role=Role.ADMIN,
    division=EVERYWHERE,
    source="cli",
)
"""The command line on the machine itself: whoever can run it could read the database's files."""


def reaches(division: str, other: str) -> bool:
    """Whether one division has all of another in it.

    >>> reaches("630102007000", "630102007001"), reaches("630102007001", "630102007000")
    (True, False)
    """
    (low, high), (first, last) = subtree(division), subtree(other)
    return low <= first and last <= high


def subtree(division: str) -> tuple[int, int]:
    """The first and the last code of a division and all below it: a code is its own prefix tree.

    >>> subtree("630102007000")
    (630102007000, 630102007999)
    """
    if not (division.isascii() and division.isdigit() and len(division) == len(EVERYWHERE)):
        raise ValueError("a division code has twelve digits")
    kept = next((n for n in _LEVELS if not division[n:].strip("0")), len(division))
    return int(division), int(division[:kept].ljust(len(division), "9"))
