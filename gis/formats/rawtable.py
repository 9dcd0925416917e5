"""What every reader of files returns, before anybody asks what the columns mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis.errors import COLUMN_RENAMED, FILE_TOO_LARGE, FILE_UNREADABLE, Finding, Problem
from gis.formats.encoding import Encoding
from gis.geometry import Geometries

# More columns than any ledger has; a file with one property per feature must not become a square.
COLUMN_LIMIT = 1000


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Columns as they came, each as long as `geometries`; `crs` as the file states it.

    `findings` name rows whose geometry could not be read (and is None), `notes` what the reader
    of the report should know. `encoding` is what the texts were believed to be in, None where the
    format leaves no choice.
    """

    columns: Mapping[str, Sequence[object]]
    geometries: Geometries
    crs: str | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    encoding: Encoding | None = None


def unreadable(name: str, reason_zh: str, reason: str) -> Problem:
    """The Problem of a file that is not what its ending says."""
    return Problem(FILE_UNREADABLE, name=name, reason_zh=reason_zh, reason=reason)


def too_many_rows(limit: int) -> Problem:
    """The Problem of a file with more rows than the caller takes."""
    return Problem(FILE_TOO_LARGE, limit=f"{limit:,} 行 / rows")


def check_columns(name: str, columns: Sequence[str]) -> None:
    """Refuse headings that repeat or are too many to be a table's."""
    if len(columns) > COLUMN_LIMIT:
        raise unreadable(
            name, f"列数超过 {COLUMN_LIMIT}", f"it has more than {COLUMN_LIMIT} columns"
        )
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            raise unreadable(name, f"有两列都叫“{column}”", f"two columns are called {column!r}")
        seen.add(column)


def distinct(names: Sequence[str]) -> list[str]:
    """The names, with a number where one is empty or repeats another.

    >>> distinct(["name", "name", "", "name_2"])
    ['name', 'name_3', 'field', 'name_2']
    """
    given = set(names)
    chosen: dict[str, None] = {}
    for name in names:
        choice, number = name or "field", 1
        while choice in chosen or (choice != name and choice in given):
            number += 1
            choice = f"{name or 'field'}_{number}"
        chosen[choice] = None
    return list(chosen)


def renamed(found: Sequence[str], columns: Sequence[str]) -> list[Finding]:
    """A note for each column that `distinct` has given another name."""
    pairs = zip(found, columns, strict=True)
    return [Finding(COLUMN_RENAMED, None, c, {"found": f}) for f, c in pairs if f != c]
