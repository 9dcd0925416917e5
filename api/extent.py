"""The box around several boxes."""

from collections.abc import Iterable

from layers.reading.features import BBox


def union(boxes: Iterable[BBox | None]) -> BBox | None:
    """West, south, east, north of all that are there; None when none is."""
    found = [box for box in boxes if box is not None]
    if not found:
        return None
    wests, souths, easts, norths = zip(*found, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
