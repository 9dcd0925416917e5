"""Records without a place of their own: they belong to a division, and go into CSV files."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]
Rows = list[Row]


def numbered(prefix: str, rows: Iterable[Mapping[str, Any]], digits: int = 3) -> Rows:
    """The rows, each with its number within the year before all else."""
    return [
        {"number": f"{prefix}-2017-{rank:0{digits}d}", **row} for rank, row in enumerate(rows, 1)
    ]
