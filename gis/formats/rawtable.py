"""What every reader of files returns, before anybody asks what the columns mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis.datum import Datum
from gis.errors import Finding, Problem
from gis.formats.encoding import Encoding
from gis.geometry import Geometries
from gis.limits import Limits
from gis.refusals.files import COLUMN_RENAMED, FILE_UNREADABLE
from gis.refusals.values import BAD_PARAMETER


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Columns as they came, each as long as `geometries`; `crs` as the file states it.

    `findings` name rows whose geometry could not be read (and is None), `notes` what the reader
    of the report should know. `encoding` is what the texts were believed to be in, None where the
    format leaves no choice. `datum` is what a heading names, `heading` the row that it is in
    (from 1), `part` the sheet or layer that was read, one of `parts`.
    """

    columns: Mapping[str, Sequence[object]]
    geometries: Geometries
    crs: str | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    encoding: Encoding | None = None
    datum: Datum | None = None
    part: str | None = None
    parts: tuple[str, ...] = ()
    heading: int | None = None


def unreadable(name: str, reason_zh: str, reason: str) -> Problem:
    """The Problem of a file that is not what its ending says."""
    return Problem(FILE_UNREADABLE, name=name, reason_zh=reason_zh, reason=reason)


def bad_heading(row: int, last: int) -> Problem:
    """The Problem of a person's word that the heading is in a row where there is none."""
    return Problem(
        BAD_PARAMETER,
        name="heading",
        reason_zh=f"第 {row} 行没有表头，表格到第 {last} 行为止",
        reason=f"there is no heading in row {row}, the last row is {last}",
    )


def check_columns(name: str, columns: Sequence[str], rows: int, limits: Limits) -> None:
    """Refuse headings that repeat, and a table of more columns or cells than the caller takes.

    A file with one property per feature must not become a square.
    """
    limits.check_columns(len(columns))
    limits.check_cells(len(columns) * rows)
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
