"""The words of a workflow: how a record goes from being opened until it is closed.

A `Layer` declares one; `layers.cases.applying` applies it and the database holds it
(`layers.held.cases`). Names are those of the layer's fields unless another layer is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from layers.declaring.labels import Label
from layers.declaring.people import Role


class Clock(StrEnum):
    """What a transition does to the time that a case has."""

    ENSURE = "ensure"
    """A limit begins where none runs."""
    START = "start"
    """A limit begins anew, whatever ran before."""
    EXTEND = "extend"
    """A later day, given with the transition, takes the place of the one that was."""
    HANG = "hang"
    """No limit runs while it hangs; the working days that were left are kept."""
    RESUME = "resume"
    """What was left when it was hung runs on from now."""
    STOP = "stop"
    """What was limited has been done: no limit runs until the next begins."""


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document that must be on record, and `served` on whom it concerns where needed."""

    kind: str
    served: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The layer that holds the documents of cases; `of`, `kind` and `served_on` are its fields.

    `of` holds the title (`Layer.title`) of the record that a document belongs to.
    """

    layer: str
    of: str
    kind: str
    served_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How a closed record begins anew: as a new one that is linked to it and takes `copies` over.

    `link` holds the title of the record before.
    """

    link: str
    copies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One step that a case may take from any of its `sources`; without a `target` it stays there.

    Whoever takes it has one of the `roles` and gives what it `asks`, perhaps what else it `may`
    take, a written `reason` where one is needed, and has linked photographs in the roles of
    `photos`; the `documents` are on record. It may be taken by nobody who has taken one of
    `other_than` of this record. With `answers` it can be taken only while a step of that name
    waits for an answer, and answers it.

    Its day is written to the fields that it `stamps`, its doer's name to those that it `signs`,
    and those that it `empties` have no value afterwards. `clock` says what becomes of the limit
    and `limit` which one begins: a `stage` of `vocabulary/time_limits.toml`, or else that of the
    record's kind. `back` leads to the state from which the present one was entered, where that is
    known, and to the `target` elsewhere. `rework` counts: what was done was not good enough.
    `again` closes nothing and opens a new record, whose state is the `target`. `checks` are rules
    that need more than the declaration (`layers.cases.step_checks`).
    """

    name: str
    label: Label
    sources: tuple[str, ...]
    target: str | None = None
    roles: tuple[Role, ...]
    asks: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    reason: bool = False
    photos: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    other_than: tuple[str, ...] = ()
    answers: str | None = None
    stamps: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    clock: Clock | None = None
    limit: str | None = None
    back: bool = False
    rework: bool = False
    again: Again | None = None
    checks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.sources or not self.roles:
            raise ValueError(f"{self.name}: from nowhere, or for nobody")
        if (self.back or self.again) and self.target is None:
            raise ValueError(f"{self.name}: needs a target")
        if self.limit and self.clock not in (Clock.START, Clock.ENSURE):
            raise ValueError(f"{self.name}: only a clock that starts has a limit")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that may be given with it, in their order."""
        return (*self.asks, *self.may)

    @property
    def names(self) -> tuple[str, ...]:
        """Every field of the layer that is named here."""
        again = (self.again.link, *self.again.copies) if self.again else ()
        return (*self.fields, *self.stamps, *self.signs, *self.empties, *again)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can happen: a transition from a state to a state."""

    transition: str
    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """The states of a layer's records, its field `status`, and all that leads from one to another.

    A new record is in the state `initial`; in one of the states `closed` it waits for nobody.
    What a case is known by are fields: the days on which it was `opened`, `filed` and
    `closed_on`, until when it is `due`, when one that hangs is looked at again (`review`), its
    `kind`, `unit`, `field` and `leader`, the name of its `handler`, and the title of the record
    that it follows (`previous`). Lists offer the transitions that are `at_once` for one tap, with
    a reason at most: in the states from which the first of them leads, a case waits for a
    signature.
    """

    status: str
    initial: str
    closed: tuple[str, ...]
    transitions: tuple[Transition, ...]
    opened: str
    filed: str | None = None
    closed_on: str | None = None
    due: str | None = None
    review: str | None = None
    kind: str | None = None
    unit: str | None = None
    field: str | None = None
    leader: str | None = None
    handler: str | None = None
    previous: str | None = None
    documents: Documents | None = None
    at_once: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [each.name for each in self.transitions]
        if len(set(names)) != len(names):
            raise ValueError("two transitions share a name")
        for each in self.transitions:
            for other in (*each.other_than, *([each.answers] if each.answers else [])):
                if other not in names:
                    raise ValueError(f"{each.name}: there is no transition {other}")
            self._check(each)
        if set(self.at_once) - set(names):
            raise ValueError("what is offered for one tap is no transition")
        for name in self.at_once:
            each = self.transition(name)
            if each.asks or each.photos or each.documents or each.checks or each.target is None:
                raise ValueError(f"{name}: needs more than one tap, or leaves the case waiting")

    def _check(self, each: Transition) -> None:
        if each.clock is Clock.EXTEND and (self.due is None or self.due not in each.asks):
            raise ValueError(f"{each.name}: extends until no day")
        if each.documents and self.documents is None:
            raise ValueError(f"{each.name}: no layer holds its documents")
        if each.again and each.again.link != self.previous:
            raise ValueError(f"{each.name}: what is linked to the record before is `previous`")
        if each.again and set(each.sources) - set(self.closed):
            raise ValueError(f"{each.name}: only what is closed begins again")

    def transition(self, name: str) -> Transition:
        """The transition of that name; `KeyError` when there is none."""
        for each in self.transitions:
            if each.name == name:
                return each
        raise KeyError(name)

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """The transitions that a case in this state may take, whoever asks."""
        return tuple(each for each in self.transitions if state in each.sources)

    def possible(self, state: str, role: Role) -> tuple[Transition, ...]:
        """Those of `leaving` that are for this role."""
        return tuple(each for each in self.leaving(state) if role in each.roles)

    @cached_property
    def moves(self) -> frozenset[Move]:
        """All that can happen to a stored record; nothing else can."""
        return frozenset(move for each in self.transitions for move in self._moves(each))

    def _moves(self, each: Transition) -> Iterator[Move]:
        for source in each.sources:
            if each.again or each.target is None:
                yield Move(each.name, source, source)
                continue
            yield Move(each.name, source, each.target)
            if each.back:
                yield from (Move(each.name, source, origin) for origin in self._entered(source))

    def _entered(self, state: str) -> Iterator[str]:
        """The states from which a state is entered."""
        for each in self.transitions:
            if each.target == state and not (each.again or each.back):
                yield from (source for source in each.sources if source != state)

    @property
    def states(self) -> frozenset[str]:
        """Every state that is named."""
        moved = {state for each in self.moves for state in (each.source, each.target)}
        begun = {each.target for each in self.transitions if each.again and each.target}
        return frozenset({self.initial, *self.closed, *moved, *begun})

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The states that a new record can come to."""
        found, last = {self.initial}, {self.initial}
        while last:
            last = {move.target for move in self.moves if move.source in last} - found
            found |= last
        return frozenset(found)

    @property
    def guarded(self) -> tuple[str, ...]:
        """The fields of a stored record that change by transitions alone: its state, its limit,
        and what says who did something when."""
        written = (name for each in self.transitions for name in (*each.stamps, *each.signs))
        own = (self.status, self.due, self.review, self.closed_on, self.previous)
        return tuple(dict.fromkeys(name for name in (*own, *written) if name))

    @property
    def verifying(self) -> frozenset[str]:
        """The transitions by which somebody else than who handled a case closes it."""
        return frozenset(
            each.name
            for each in self.transitions
            if each.other_than and each.target in self.closed and not each.again
        )

    @property
    def unsigned(self) -> frozenset[str]:
        """The states in which a case waits for a signature."""
        return frozenset(self.transition(self.at_once[0]).sources if self.at_once else ())

    @property
    def handling(self) -> frozenset[str]:
        """The transitions that whoever handles a case takes."""
        closing = (each for each in self.transitions if each.name in self.verifying)
        return frozenset(name for each in closing for name in each.other_than)

    @property
    def names(self) -> tuple[str, ...]:
        """Every field of the layer that is named here."""
        own = (
            self.status, self.opened, self.filed, self.closed_on, self.due, self.review, self.kind,
            self.unit, self.field, self.leader, self.handler, self.previous,
        )  # fmt: skip
        asked = (name for each in self.transitions for name in each.names)
        return tuple(dict.fromkeys(name for name in (*own, *asked) if name))
