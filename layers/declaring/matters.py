"""What a site is about: the matter codes in use, read from a file with standard and date."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from layers.declaring.words import Choice, Label

_FILE = Path(__file__).parents[1] / "vocabulary" / "matters.csv"


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of matter by its five digits (class and number of the standard's eleven); in force
    from the day `since` on."""

    standard: str
    since: date
    code: str
    major: str
    label: Label


@cache
def matters() -> tuple[Matter, ...]:
    """All of them, in the order of the file."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Matter(
                standard=row["standard"],
                since=date.fromisoformat(row["since"]),
                code=row["code"],
                major=row["major"],
                label=Label(row["name"], row["name_en"]),
            )
            for row in csv.DictReader(file)
        )


def choices() -> tuple[Choice, ...]:
    """The codes as what a field may say."""
    return tuple(Choice(matter.code, matter.label) for matter in matters())
