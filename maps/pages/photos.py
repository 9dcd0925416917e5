"""The photographs of a feature on its page: small, with what each shows, leading to the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gis.errors import Lang
from layers.photos.bringing import Photo
from layers.photos.pictures import SIZES
from maps.words.photos import ROLES
from maps.words.wording import words

_ON_PAGES = SIZES[:2]


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph; `sources` are addresses with their widths in pixels, none until it is here.

    `width` and `height` are those of the largest of them.
    """

    address: str
    role: str
    alt: str
    taken_at: datetime | None
    sources: Sequence[tuple[str, int]]
    width: int
    height: int

    @property
    def srcset(self) -> str:
        """The addresses as HTML lists them."""
        return ", ".join(f"{address} {width}w" for address, width in self.sources)


def shots(photos: Sequence[Photo], title: str, lang: Lang) -> Iterator[Shot]:
    """What the page of the feature of that title shows."""
    said = words("photos", lang)
    for n, photo in enumerate(photos, start=1):
        role = ROLES[photo.role].of(lang)
        alt = said["alt"].format(title=title, role=role, n=n)
        address = f"/photos/{photo.sha256}"
        width, height = photo.width or 0, photo.height or 0
        scaled = [_scaled(width, height, size) for size in _ON_PAGES] if photo.held else []
        sources = [
            (f"{address}?size={size}", across)
            for size, (across, _) in zip(_ON_PAGES, scaled, strict=False)
        ]
        largest = scaled[-1] if scaled else (0, 0)
        yield Shot(address, role, alt, photo.taken_at, sources, *largest)


def _scaled(width: int, height: int, longest: int) -> tuple[int, int]:
    share = min(1.0, longest / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))
