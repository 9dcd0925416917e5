"""The history of one feature as a person reads it: who, from where, and where its ground went."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.held.policies import unrestricted
from layers.reading import masking
from layers.reading import past as history
from layers.reading.past import FeatureChange
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.tables import IMPORT_BATCHES, versions_table
from layers.schema.versions import LINEAGE


class Passage(StrEnum):
    """How ground passed between a feature and another, told from the side of the feature."""

    SPLIT_FROM = "split_from"
    TOOK_IN = "took_in"
    GAINED = "gained"
    SPLIT_OFF = "split_off"
    MERGED_INTO = "merged_into"
    GAVE = "gave"


@dataclass(frozen=True, slots=True)
class Flow:
    """Ground that came from another feature or went to it; `label` is what people call that."""

    passage: Passage
    other: int
    label: str
    area_m2: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a feature. `author` is as the reader may know them, None where it was nobody
    with an account. `batch` is the import that it belongs to; `is_undo_of_batch`, or that it took
    back. `is_last` says that nothing has changed the feature since."""

    change: FeatureChange
    author: str | None
    batch: int | None
    is_undo_of_batch: bool
    flows: tuple[Flow, ...]
    is_last: bool

    @property
    def can_be_undone(self) -> bool:
        """As far as the feature itself tells; the change may have touched others."""
        return self.is_last and self.batch is None


@dataclass(frozen=True, slots=True)
class _Batches:
    """The imports of a layer by the moment at which they were loaded or undone."""

    loaded: Mapping[datetime, int] = field(default_factory=dict)
    undone: Mapping[datetime, int] = field(default_factory=dict)


def of_feature(connection: Connection, layer: Layer, feature_id: int, actor: Actor) -> list[Entry]:
    """The changes of one feature, the newest first; Problem(UNKNOWN_FEATURE) when it never was."""
    changes = history.of_feature(connection, layer, feature_id)
    names = authors(connection, {c.account for c in changes if c.account}, actor)
    batches = _batches(connection, layer, [change.at for change in changes])
    flows = _flows(connection, layer, feature_id)
    told = [
        Entry(
            change=change,
            author=names.get(change.account) if change.account else None,
            batch=batches.loaded.get(change.at) or batches.undone.get(change.at),
            is_undo_of_batch=change.at not in batches.loaded and change.at in batches.undone,
            flows=tuple(flows.get(change.version, ())),
            is_last=change is changes[-1],
        )
        for change in changes
    ]
    return told[::-1]


def version(connection: Connection, layer: Layer, feature_id: int) -> int:
    """The number of the feature's present version; 0 when the reader sees none."""
    rows = versions_table(layer)
    last = sa.select(sa.func.max(rows.c["_number"])).where(rows.c.id == feature_id)
    return int(connection.scalar(last) or 0)


def numbers(connection: Connection, layer: Layer, feature_id: int) -> frozenset[int]:
    """The numbers of the changes of one feature; Problem(UNKNOWN_FEATURE) when it never was."""
    return frozenset(each.number for each in history.of_feature(connection, layer, feature_id))


def authors(
    connection: Connection, accounts: Collection[int], actor: Actor
) -> dict[int | None, str]:
    """Names by account: whole of those whose division the reader's reaches, else the initial."""
    if not accounts:
        return {}
    statement = (
        sa.select(ACCOUNTS.c.id, PERSONS.c.name, ACCOUNTS.c.division)
        .join(PERSONS, PERSONS.c.id == ACCOUNTS.c.person_id)
        .where(ACCOUNTS.c.id.in_(accounts))
    )
    with unrestricted(connection):  # whom a reader may know is decided right here
        found = connection.execute(statement).all()
    return {
        account: name
        if account == actor.account_id or masking.may_know(actor, int(division))
        else masking.mask_name(name)
        for account, name, division in found
    }


def _batches(connection: Connection, layer: Layer, at: Sequence[datetime]) -> _Batches:
    """What was stored at the same moment as an import was stored in its transaction."""
    rows = IMPORT_BATCHES.c
    statement = sa.select(rows.number, rows.loaded_at, rows.undone_at).where(
        rows.layer == layer.name, sa.or_(rows.loaded_at.in_(at), rows.undone_at.in_(at))
    )
    with unrestricted(connection):  # whoever may read a change may know where it came from
        found = connection.execute(statement).all()
    return _Batches(
        {row.loaded_at: row.number for row in found},
        {row.undone_at: row.number for row in found if row.undone_at},
    )


# --- where ground went ----------------------------------------------------------------------------
def _flows(connection: Connection, layer: Layer, feature_id: int) -> dict[int, list[Flow]]:
    """By version of the feature, what came to it and what went from it then."""
    flows: dict[int, list[Flow]] = {}
    for side in ("child", "parent"):
        for row in connection.execute(_lineage(layer, feature_id, side)):
            passage = _passage(side, fresh=row.number == 1, ended=row.ended)
            flow = Flow(passage, row.other, row.label or str(row.other), row.area_m2)
            # A parent is named by the version that it lost, so the one after it tells of the loss.
            version = row.own if side == "child" else row.own + 1
            flows.setdefault(version, []).append(flow)
    return flows


def _passage(side: str, *, fresh: bool, ended: bool) -> Passage:
    if side == "child":
        if fresh:
            return Passage.SPLIT_FROM
        return Passage.TOOK_IN if ended else Passage.GAINED
    if ended:
        return Passage.MERGED_INTO
    return Passage.SPLIT_OFF if fresh else Passage.GAVE


def _lineage(
    layer: Layer, feature_id: int, side: Literal["child", "parent"]
) -> sa.Select[tuple[int, int, str, float, int, bool]]:
    """`own` version, `other` feature with its label, the child's `number`, and whether the parent
    `ended` there."""
    rows = LINEAGE.c
    another: Literal["child", "parent"] = "parent" if side == "child" else "child"
    versions = masking.shown(layer, versions_table(layer)).alias()
    after = versions_table(layer).alias()
    named = layer.title or next(iter(layer.key), "id")
    label = sa.cast(versions.c[named], sa.Text)
    return (
        sa.select(
            rows[f"{side}_number"].label("own"),
            rows[another].label("other"),
            label.label("label"),
            rows.area_m2,
            rows.child_number.label("number"),
            sa.func.coalesce(after.c["_operation"] == "delete", sa.false()).label("ended"),
        )
        .select_from(LINEAGE)
        .outerjoin(
            versions,
            sa.and_(
                versions.c.id == rows[another],
                versions.c["_number"] == rows[f"{another}_number"],
            ),
        )
        .outerjoin(
            after,
            sa.and_(after.c.id == rows.parent, after.c["_number"] == rows.parent_number + 1),
        )
        .where(rows.layer == layer.name, rows[side] == feature_id)
        .order_by(rows.area_m2.desc())
    )
