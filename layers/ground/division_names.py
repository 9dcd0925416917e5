"""The divisions as people choose them: by name, each below the one that it belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import EVERYWHERE, subtree
from layers.schema.tables import table
from layers.thematic import divisions


@dataclass(frozen=True, slots=True)
class DivisionName:
    """One division; `depth` is how many of the listed ones it lies in."""

    code: str
    name: str
    depth: int


def below(connection: Connection, division: str = EVERYWHERE) -> list[DivisionName]:
    """The stored divisions of a subtree, each after the one that it lies in."""
    low, high = subtree(division)
    rows = table(divisions.LAYER)
    inside = sa.cast(rows.c.code, sa.BigInteger).between(low, high)
    statement = sa.select(rows.c.code, rows.c.name).where(inside).order_by(rows.c.code)
    return list(_nested([(row.code, row.name) for row in connection.execute(statement)]))


def choices(connection: Connection, division: str, everywhere: str) -> list[DivisionName]:
    """What somebody of a division may choose: it and all below it.

    Where it is not stored it stands first all the same, by its code or as `everywhere`.
    """
    found = below(connection, division)
    if any(each.code == division for each in found):
        return found
    name = everywhere if division == EVERYWHERE else division
    deeper = (DivisionName(each.code, each.name, each.depth + 1) for each in found)
    return [DivisionName(division, name, 0), *deeper]


def upwards(place: int) -> set[str]:
    """The codes of a division, given as a number, and of all above it."""
    code = f"{place:012}"
    return {code[:digits].ljust(len(code), "0") for digits in (2, 4, 6, 9, 12)}


def _nested(found: Sequence[tuple[str, str]]) -> Iterator[DivisionName]:
    # A code sorts after that of the division it lies in.
    around: list[int] = []
    for code, name in found:
        while around and int(code) > around[-1]:
            around.pop()
        yield DivisionName(code, name, len(around))
        around.append(subtree(code)[1])
