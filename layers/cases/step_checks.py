"""Rules of single steps that a declaration cannot say: by the names in `Transition.checks`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.engine import Connection

from gis.errors import Finding
from layers.calendar.workdays import Calendar
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.structures import case_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody is about to take a step: `values` is the record with what is `given` along with it.

    `reason` is what was written, empty where nothing was. `now` is aware of its zone.
    """

    layer: Layer
    feature: int
    transition: str
    values: Mapping[str, object]
    given: Mapping[str, object]
    reason: str
    now: datetime
    actor: Actor
    calendar: Calendar


Check = Callable[[Connection, Attempt], Iterable[Finding]]
"""What speaks against it; reads as the owner of the database and writes nothing."""

CHECKS: Mapping[str, Check] = MappingProxyType({**case_rules.CHECKS})
