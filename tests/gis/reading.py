"""Reading a file for a test: with hints as words, or for the Problem that it must end in."""

import io
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis import files
from gis.errors import Problem
from gis.files import Hints, Limits, Source
from tests.raw_files import PLACE

_USUAL = Limits()


def read(
    given: Path | bytes,
    name: str | None = None,
    *,
    within: shapely.Geometry | None = None,
    limits: Limits = _USUAL,
    **hints: Any,
) -> Source:
    """The file, `hints` being the fields of `Hints`."""
    opened = io.BytesIO(given) if isinstance(given, bytes) else given
    return files.read(opened, name=name, hints=Hints(**hints), limits=limits, within=within)


def refusal(given: Path | bytes, name: str | None = None, **how: Any) -> Problem:
    """Why the file is refused."""
    with pytest.raises(Problem) as caught:
        read(given, name, **how)
    return caught.value


def rules(source: Source) -> set[str]:
    """The slugs of its notes."""
    return {note.rule.slug for note in source.notes}


def at_place(source: Source, degrees: float = 1e-7) -> bool:
    """Whether every feature that has a place is at PLACE, so near."""
    found = source.frame.geometry.dropna()
    return len(found) > 0 and all(shapely.dwithin(g, shapely.Point(PLACE), degrees) for g in found)
