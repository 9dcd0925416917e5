"""Whether every photograph that the database speaks of is still in its store, as it was brought."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.photos.store import PhotoStore
from layers.refusals.photos import PHOTO_LOST
from layers.schema.photos import PHOTO_LINKS, PHOTOS

_LISTED = 100
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Amount:
    """How many photographs there are, and how many bytes they have."""

    photos: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what is lost: the first of `lost` as findings, each with the feature
    that it shows."""

    amount: Amount
    lost: int
    faults: tuple[Finding, ...]


def amount(connection: Connection) -> Amount:
    """What the database says; nothing where it is older than photographs are."""
    if not sa.inspect(connection).has_table(PHOTOS.name):
        return Amount(0, 0)
    total = sa.func.coalesce(sa.func.sum(PHOTOS.c.bytes), 0)
    counted = sa.select(sa.func.count(), total).where(PHOTOS.c.kept_at.is_not(None))
    photos, size = connection.execute(counted).one()
    return Amount(photos, int(size))


def verify(connection: Connection, store: PhotoStore) -> Checked:
    """Read every photograph. For the owner of the database; Problem(PHOTO_STORE)."""
    lost = [sha256 for sha256 in _kept(connection) if not _whole(store, sha256)]
    faults = tuple(_fault(connection, sha256) for sha256 in lost[:_LISTED])
    return Checked(amount(connection), len(lost), faults)


def _kept(connection: Connection) -> Iterator[str]:
    wanted = sa.select(PHOTOS.c.sha256).where(PHOTOS.c.kept_at.is_not(None))
    streamed = wanted.order_by(PHOTOS.c.sha256).execution_options(yield_per=_AT_ONCE)
    yield from connection.scalars(streamed)


def _whole(store: PhotoStore, sha256: str) -> bool:
    try:
        store.get(sha256)
    except Problem as problem:
        if problem.rule is not PHOTO_LOST:
            raise
        return False
    return True


def _fault(connection: Connection, sha256: str) -> Finding:
    links = PHOTO_LINKS.c
    shown = sa.select(links.layer, links.feature).where(links.sha256 == sha256)
    first = connection.execute(shown.order_by(links.number).limit(1)).one_or_none()
    place = None if first is None else f"{first.layer} {first.feature}"
    return Finding(PHOTO_LOST, column=place, values={"sha256": sha256})
