"""Photographs: brought once under their own hash, linked to features, told of within one's ground.

The bytes are in the store before a row says so, and the row is committed before anybody is told.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from layers.declaring.words import Layer
from layers.held.photos import LOCK_HASH
from layers.held.policies import reach, unrestricted
from layers.photos import pictures
from layers.photos.pictures import Seen
from layers.photos.store import PhotoStore
from layers.refusals.photos import PHOTO_OTHER, PHOTO_STORE
from layers.schema.photos import OWN_ACCOUNT, PHOTO_LINKS, PHOTO_UPLOADS, PHOTOS

# No upload takes so long from its first row to its last.
_ABANDONED = timedelta(hours=1)
_PIECE = 1 << 20
_LOCKED = sa.text(f"SELECT {LOCK_HASH.format(':sha256')}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is told of a photograph that was brought: `new` by this account, at `received_at`."""

    sha256: str
    bytes: int
    seen: Seen
    received_at: datetime
    new: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A photograph that belongs to a feature, whether its bytes are there yet or not."""

    sha256: str
    role: str = "other"
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of a feature; sizes in pixels, None until it is `held`.

    `taken_at` is what the phone said that linked it.
    """

    sha256: str
    role: str
    taken_at: datetime | None
    held: bool
    media_type: str | None
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A photograph that may be seen; `layer` is that of a feature it shows, None before that."""

    sha256: str
    width: int
    height: int
    layer: str | None


# --- bringing -------------------------------------------------------------------------------------
def receive(
    database: Database, store: PhotoStore, sha256: str, file: BinaryIO, *, pixels: int
) -> Receipt:
    """Take a photograph in under its hash; the same again changes nothing and says so.

    Each step is the same, and takes as long, whether others have brought it or not.
    Problem(PHOTO_OTHER) for other bytes, what `pictures.look` refuses, and Problem(PHOTO_STORE).
    """
    found, size = _digest(file)
    if found != sha256:
        raise Problem(PHOTO_OTHER, found=found)
    seen = pictures.look(file, pixels=pixels)
    file.seek(0)
    content = file.read()
    with database.begin() as connection:
        _announce(connection, sha256, size, seen)
    try:
        with database.begin() as connection:
            connection.execute(_LOCKED, {"sha256": sha256})
            store.keep(sha256, content)
            received_at, new = _own(connection, sha256, size, seen)
    except Problem as problem:
        if problem.rule is PHOTO_STORE:
            with suppress(Problem):  # the sweep tries again
                _forget(database, store, sha256)
        raise
    return Receipt(sha256, size, seen, received_at, new)


def _digest(file: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _announce(connection: Connection, sha256: str, size: int, seen: Seen) -> None:
    """Say that the bytes are about to be stored, so that they are found should it end there."""
    with unrestricted(connection):
        _write(connection, sha256, size, seen, tried_at=sa.func.now())


def _own(connection: Connection, sha256: str, size: int, seen: Seen) -> tuple[datetime, bool]:
    """Say that they are stored, who brought them, and that whoever waited for them has them."""
    ground = reach(connection)
    account = connection.scalar(sa.text(f"SELECT {OWN_ACCOUNT}"))
    rows, links = PHOTO_UPLOADS, PHOTO_LINKS.c
    over = links.place.between(ground[0], ground[-1]) | (links.account == account)
    with unrestricted(connection):
        _write(connection, sha256, size, seen, kept_at=sa.func.now())
        waiting = sa.update(PHOTO_LINKS).where(links.sha256 == sha256, ~links.held, over)
        connection.execute(waiting.values(held=True))
    known = sa.select(rows.c.received_at).where(rows.c.sha256 == sha256)
    before = connection.scalar(known.where(rows.c.account == account))
    if before is not None:
        return before, False
    added = sa.insert(rows).values(sha256=sha256).returning(rows.c.received_at)
    return connection.execute(added).scalar_one(), True


def _write(
    connection: Connection, sha256: str, size: int, seen: Seen, **moment: sa.Function[datetime]
) -> None:
    values = {"sha256": sha256, "bytes": size, **_seen(seen), **moment}
    statement = insert(PHOTOS).values(values)
    again = statement.on_conflict_do_update(index_elements=["sha256"], set_=moment)
    connection.execute(again)


def _seen(seen: Seen) -> dict[str, object]:
    taken = seen.taken
    return {
        "media_type": seen.media_type,
        "width": seen.width,
        "height": seen.height,
        "taken_at": taken.at.isoformat() if taken.at else None,
        "lon": taken.lon,
        "lat": taken.lat,
        "datum": taken.datum,
    }


def sweep(database: Database, store: PhotoStore) -> int:
    """Remove what uploads left that were killed before their end; how many they were.

    For the owner of the database.
    """
    late = PHOTOS.c.tried_at < sa.func.now() - _ABANDONED
    with database.read() as connection:
        wanted = sa.select(PHOTOS.c.sha256).where(PHOTOS.c.kept_at.is_(None), late)
        abandoned = connection.scalars(wanted).all()
    return sum(_forget(database, store, sha256, late) for sha256 in abandoned)


def _forget(
    database: Database, store: PhotoStore, sha256: str, *conditions: sa.ColumnElement[bool]
) -> bool:
    """Remove a photograph that never came to be kept: its bytes, then its row."""
    with database.begin() as connection, unrestricted(connection):
        connection.execute(_LOCKED, {"sha256": sha256})
        unkept = sa.and_(PHOTOS.c.sha256 == sha256, PHOTOS.c.kept_at.is_(None), *conditions)
        if connection.execute(sa.delete(PHOTOS).where(unkept)).rowcount == 0:
            return False
        store.remove(sha256)
    return True


# --- features -------------------------------------------------------------------------------------
def attach(
    connection: Connection, layer: Layer, feature: int, wanted: Sequence[Wanted]
) -> frozenset[str]:
    """Link these to a feature, in their order; the hashes of it whose bytes are held.

    What is linked already stays as it is. Problem(NOT_PERMITTED) for a feature that is none of
    one's own.
    """
    last = sa.func.coalesce(sa.func.max(PHOTO_LINKS.c.ordinal), 0)
    before = sa.select(last).where(*_of(layer, feature)).scalar_subquery()
    lines: dict[str, dict[str, object]] = {}
    for each in wanted:
        line = {**asdict(each), "layer": layer.name, "feature": feature}
        lines.setdefault(each.sha256, {**line, "ordinal": before + len(lines) + 1})
    if lines:
        # Each takes the lock of its hash: in one order, so that no two wait in a ring.
        rows = [lines[sha256] for sha256 in sorted(lines)]
        connection.execute(insert(PHOTO_LINKS).inline().values(rows).on_conflict_do_nothing())
    return held(connection, layer, feature)


def held(connection: Connection, layer: Layer, feature: int) -> frozenset[str]:
    """The hashes of a feature's photographs whose bytes have come."""
    wanted = sa.select(PHOTO_LINKS.c.sha256).where(*_of(layer, feature), PHOTO_LINKS.c.held)
    return frozenset(connection.scalars(wanted))


def of_feature(connection: Connection, layer: Layer, feature: int) -> tuple[Photo, ...]:
    """The photographs of a feature in their order, those that are still to come among them."""
    links, rows = PHOTO_LINKS.c, PHOTOS.c
    kept = sa.and_(rows.sha256 == links.sha256, links.held)
    columns = (links.sha256, links.role, links.taken_at, links.held)
    statement = (
        sa.select(*columns, rows.media_type, rows.width, rows.height)
        .outerjoin_from(PHOTO_LINKS, PHOTOS, kept)
        .where(*_of(layer, feature))
        .order_by(links.ordinal, links.number)
    )
    return tuple(Photo(*row) for row in connection.execute(statement))


def _of(layer: Layer, feature: int) -> tuple[sa.ColumnElement[bool], ...]:
    return PHOTO_LINKS.c.layer == layer.name, PHOTO_LINKS.c.feature == feature


# --- giving out -----------------------------------------------------------------------------------
def find(connection: Connection, sha256: str) -> Kept | None:
    """The photograph, if whoever acts may see it."""
    rows, links = PHOTOS.c, PHOTO_LINKS.c
    shown = sa.select(sa.func.min(links.layer)).where(links.sha256 == sha256, links.held)
    wanted = sa.select(rows.sha256, rows.width, rows.height, shown.scalar_subquery())
    found = connection.execute(wanted.where(rows.sha256 == sha256)).one_or_none()
    return None if found is None else Kept(*found)


def picture(store: PhotoStore, kept: Kept, size: int | None = None) -> tuple[bytes, str]:
    """The bare picture and its media type, whole or with no side longer than `size`.

    Smaller copies are made once. Problem(PHOTO_LOST), Problem(PHOTO_STORE).
    """
    made = None if size is None else store.get_copy(kept.sha256, size)
    if made is not None:
        return made, pictures.media_type(made)
    content, media_type = pictures.given_out(
        BytesIO(store.get(kept.sha256)), pixels=kept.width * kept.height, longest=size
    )
    if size is not None:
        store.keep_copy(kept.sha256, size, content)
    return content, media_type
