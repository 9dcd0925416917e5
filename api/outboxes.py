"""A phone's outbox is taken in from a file, through the same functions as from the phone itself.

The same file again changes nothing, and what has come meanwhile over the network is not doubled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api import ids
from api.refusals import OTHER_ACCOUNT, OUTBOX_PHOTO, RECORD_NAME
from gis.errors import Problem
from gis.postgis import Database
from layers.alike.near import Reach
from layers.declaring.people import Actor
from layers.declaring.rights import ROLE_LABELS, Right, allowed
from layers.declaring.words import Layer
from layers.held import policies
from layers.photos import bringing as photos
from layers.photos.store import PhotoStore
from layers.refusals.people import FORBIDDEN
from layers.refusals.submissions import LAYER_NOT_LOGGED
from layers.registry import Registry
from layers.submissions import receiving as submissions
from layers.submissions.outbox_file import Entry, OutboxFile
from layers.submissions.receiving import Receipt, Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Whose records they are, and by what rules they and their photographs are taken."""

    database: Database
    registry: Registry
    actor: Actor
    store: PhotoStore
    reaches: Mapping[str, Reach]
    photo_bytes: int
    photo_pixels: int

    @property
    def own(self) -> Database:
        """The database as the actor may see and change it."""
        return policies.acting(self.database, self.actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one line: `receipt` where its record is here, `new` if it was not before.

    `refused` is why it is not; `photos` counts those that are here, `without` tells why the others
    are not.
    """

    number: int
    title: str = ""
    receipt: Receipt | None = None
    new: bool = False
    refused: Problem | None = None
    photos: int = 0
    without: tuple[Problem, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing of it is missing."""
        return self.refused is None and not self.without


def take_in(way: Way, file: OutboxFile) -> Iterator[Outcome]:
    """Take in record after record, each with its photographs; one that is refused stops none."""
    if not allowed(way.actor, Right.LOG):
        label = ROLE_LABELS[way.actor.role]
        raise Problem(FORBIDDEN, role=label.en, role_zh=label.zh)
    for number, entry in file.entries():
        if isinstance(entry, Problem):
            yield Outcome(number=number, refused=entry)
        else:
            yield _taken(way, file, number, entry)


def _taken(way: Way, file: OutboxFile, number: int, entry: Entry) -> Outcome:
    title = entry.title
    try:
        sent = _sent(way, entry)
        within = way.reaches[sent.layer.name]
        receipt, new = submissions.receive(way.own, way.actor, sent, within=within)
    except Problem as problem:
        return Outcome(number=number, title=title, refused=problem)
    without = tuple(_missing(way, file, receipt))
    here = len(receipt.wanted) - len(without)
    return Outcome(
        number=number, title=title, receipt=receipt, new=new, photos=here, without=without
    )


def _missing(way: Way, file: OutboxFile, receipt: Receipt) -> Iterator[Problem]:
    """Bring the photographs of a record; why those are not here that are not."""
    for sha256 in receipt.wanted:
        try:
            _bring(way, file, sha256, held=sha256 in receipt.held)
        except Problem as problem:
            yield problem


def _sent(way: Way, entry: Entry) -> Sent:
    """What a phone would send; Problem where an address or a sender would be refused."""
    if entry.owner not in (None, way.actor.account_id):
        raise Problem(OTHER_ACCOUNT)
    name = ids.uuid(entry.uuid)
    if name is None:
        raise Problem(RECORD_NAME, name=entry.uuid[:80])
    layer: Layer = way.registry.layer(entry.layer[:80])
    if layer.logged is None:
        raise Problem(LAYER_NOT_LOGGED, layer=layer.name)
    return Sent(layer, name, entry.body)


def _bring(way: Way, file: OutboxFile, sha256: str, *, held: bool) -> None:
    with file.photo(sha256, way.photo_bytes) as content:
        if content is not None:
            photos.receive(way.own, way.store, sha256, content, pixels=way.photo_pixels)
        elif not held:
            raise Problem(OUTBOX_PHOTO, sha256=sha256)
