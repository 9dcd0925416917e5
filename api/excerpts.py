"""Which part of a layer somebody asks for as a file, in words checked."""

from datetime import date

from api import cql2
from api.parameters import box
from layers.declaring.publishing import published
from layers.declaring.words import Layer
from layers.reading.features import Excerpt


def excerpt(  # noqa: PLR0913  what an export takes, all of it named by the caller
    layer: Layer,
    *,
    bbox: str | None = None,
    condition: str | None = None,
    within: str | None = None,
    on: date | None = None,
    public: bool = False,
) -> Excerpt:
    """Problem(BAD_PARAMETER) for a box or a condition that is none; of the public part of a layer
    only what is in it can be asked."""
    asked = published(layer) if public else layer
    return Excerpt(
        bbox=None if bbox is None else box(bbox),
        where=None if condition is None else cql2.where(asked, condition),
        within=within,
        on=on,
        public=public,
    )
