"""What a layer says of being logged on the spot, by phone."""

from dataclasses import dataclass

BY_FIELD, BY_DIVISION = "field", "division"
"""How the place of a record is known that was neither drawn nor measured: it is a point of the
field, or of the division, in which it lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """How an inspector logs a feature of a layer; names are those of the layer's fields.

    The form asks for `asked`, in this order, and for `photos` pictures at least. All else follows:
    `day` is the day on which it was captured, `number` begins with `prefix` and is given by the
    database, `given` are the values that everything new has, and `result` is what the `checks`
    come to (`layers.declaring.checks`). `field`, `leader` and `due` are where the assignment is
    written too, where the layer has columns for it.

    Likely the same are two records of one `kind` (without one, of the layer) within `near_m`
    metres and `near_days` days. Where there is a field `placed_by`, rows of a file need not say
    where they are: it says BY_FIELD or BY_DIVISION of those that were put on a point of theirs.
    What has `status` in `done` waits for nobody any more.
    """

    asked: tuple[str, ...]
    number: str
    prefix: str
    day: str
    photos: int = 1
    near_m: float = 30.0
    near_days: int = 30
    kind: str | None = None
    given: tuple[tuple[str, str], ...] = ()
    checks: tuple[str, ...] = ()
    result: str | None = None
    field: str | None = None
    leader: str | None = None
    due: str | None = None
    placed_by: str | None = None
    status: str | None = None
    done: tuple[str, ...] = ()

    @property
    def is_journal(self) -> bool:
        """Whether its records tell what was done or seen, and nothing of them stays open."""
        return self.status is None

    @property
    def decided(self) -> tuple[str, ...]:
        """The fields that nobody is asked for."""
        own = (
            self.number, self.day, self.result, self.field, self.leader, self.due, self.placed_by,
        )  # fmt: skip
        return tuple(name for name in (*own, *(name for name, _ in self.given)) if name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every field that is named here."""
        named = (*self.asked, *self.decided, *self.checks, self.kind, self.status)
        return tuple(name for name in named if name)
