"""How records belong to records of another layer, in words that a declaration says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The record to which one belongs: of another `layer`, whose `key` the own `field` holds.

    Nothing belongs to what is not there, and what lies nowhere lies where its parent does. Of each
    pair in `adds` the first is an own field, the second one of the parent: there the database keeps
    the sum over all that belong to it, from the first of them on.
    """

    layer: str
    field: str
    key: str
    adds: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The own fields that are named here."""
        return (self.field, *(own for own, _ in self.adds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Becomes:
    """How a record becomes one of another `layer`, whose number the own field `number` then holds.

    Whoever does it gives the fields `asks` of the new one. Of each pair in `copies` the first is an
    own field, the second the one of the new record that takes its value; `given` are values that
    every new one has.
    """

    layer: str
    number: str
    asks: tuple[str, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    given: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The own fields that are named here."""
        return (self.number, *(own for own, _ in self.copies))
