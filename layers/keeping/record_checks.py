"""The rules that a layer names in its `checks`: what its declaration cannot say alone.

Each looks at records that have just been written, within the transaction that wrote them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding
from layers.structures import demolition_rules, document_rules

Ids = Collection[int] | sa.Select[tuple[int]]
Faulty = tuple[int, Finding]
"""A record's id and what is wrong with it; `column` is the field."""

CHECKS: Mapping[str, Callable[[Connection, Ids], Iterable[Faulty]]] = MappingProxyType(
    {
        "documents_in_order": document_rules.faults,
        "demolitions_in_bounds": demolition_rules.faults,
    }
)
